//! Writing facts down as nodes: each with the span of the text it follows from, and the node of the
//! resource it is about.

use std::collections::HashMap;
use std::sync::Arc;

use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Style;
use crate::yaml::Tree;

/// The facts of a target while they are collected.
pub(super) struct Book {
    tree: Tree,
    about: HashMap<NodeId, NodeId>,
}

impl Book {
    pub(super) fn new(sources: Arc<Sources>) -> Self {
        Self { tree: Tree::new(sources, Reader::Kustomize), about: HashMap::new() }
    }

    /// An empty mapping about a node of a resource, part of nothing yet.
    pub(super) fn about(&mut self, node: Node<'_>) -> NodeId {
        let fact = self.tree.mapping(node.span());
        self.about.insert(fact, node.id());
        fact
    }

    /// A new mapping at the end of the list `key` of `facts`, about a node of a resource.
    pub(super) fn item(&mut self, facts: NodeId, key: &str, about: Node<'_>) -> NodeId {
        let list = self.tree.node(facts).get(key).map(Node::id);
        let list = list.unwrap_or_else(|| {
            let list = self.tree.sequence(about.span());
            self.tree.append_new_field(facts, key, list, about.span());
            list
        });
        let item = self.about(about);
        self.tree.append(list, item);
        item
    }

    /// Writes a text that Plimsoll came up with, such as a verdict.
    pub(super) fn text(&mut self, facts: NodeId, key: &str, text: &str) {
        let span = self.tree.node(facts).span();
        self.put(facts, key, text, Style::DoubleQuoted, span);
    }

    /// Copies a node of a resource; whether its value can be known comes along.
    pub(super) fn copy(&mut self, facts: NodeId, key: &str, node: Node<'_>) {
        let copy = self.tree.copy(node, None);
        self.tree.append_new_field(facts, key, copy, node.span());
    }

    pub(super) fn close(self) -> (Tree, HashMap<NodeId, NodeId>) {
        (self.tree, self.about)
    }

    fn put(&mut self, facts: NodeId, key: &str, text: &str, style: Style, span: Span) {
        let value = self.tree.scalar(text, style, span);
        self.tree.append_new_field(facts, key, value, span);
    }
}
