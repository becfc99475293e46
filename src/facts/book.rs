//! Writing facts down as nodes: each with the span of the text it follows from, and the node of the
//! resource it is about.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::Label;
use crate::facts::Facts;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Style;
use crate::yaml::Tree;

/// The other places of a fact, and how many of them are kept.
const ALSO: &str = "also";
const MAX_ALSO: usize = 20;

/// The facts of a target while they are collected.
pub(super) struct Book {
    tree: Tree,
    about: HashMap<NodeId, NodeId>,
}

impl Facts {
    /// The other places that a fact has to do with, and why these are to be shown.
    pub fn also(&self, node: Node<'_>) -> Vec<Label> {
        if !std::ptr::eq(node.tree(), Arc::as_ptr(&self.tree)) {
            return Vec::new();
        }
        let list = std::iter::successors(Some(node), |node| node.parent()).find_map(|node| node.get(ALSO));
        let label = |item: Node<'_>| Label::new(item.span(), item.get("why").map_or("", Node::text));
        list.into_iter().flat_map(Node::items).map(label).collect()
    }
}

impl Book {
    pub(super) fn new(sources: Arc<Sources>) -> Self {
        Self { tree: Tree::new(sources, Reader::Kustomize), about: HashMap::new() }
    }

    /// An empty mapping about a node of a resource, part of nothing yet.
    pub(super) fn about(&mut self, node: Node<'_>) -> NodeId {
        self.about_part(node, node.span())
    }

    /// A new mapping at the end of the list `key` of `facts`, about a node of a resource.
    pub(super) fn item(&mut self, facts: NodeId, key: &str, about: Node<'_>) -> NodeId {
        self.item_at(facts, key, about, about.span())
    }

    /// The same, about a part of a node's text, such as a line of a script.
    pub(super) fn item_at(&mut self, facts: NodeId, key: &str, about: Node<'_>, span: Span) -> NodeId {
        let list = self.list(facts, key, span);
        let item = self.about_part(about, span);
        self.tree.append(list, item);
        item
    }

    /// A new mapping at the end of the list `key` of `facts`, about the same as another fact and with its span.
    pub(super) fn item_beside(&mut self, facts: NodeId, key: &str, other: NodeId) -> NodeId {
        let span = self.tree.node(other).span();
        let list = self.list(facts, key, span);
        let item = self.tree.mapping(span);
        if let Some(about) = self.about.get(&other).copied() {
            self.about.insert(item, about);
        }
        self.tree.append(list, item);
        item
    }

    /// The list `key` of `facts`, which begins here if it is new.
    fn list(&mut self, facts: NodeId, key: &str, span: Span) -> NodeId {
        let list = self.tree.node(facts).get(key).map(Node::id);
        list.unwrap_or_else(|| {
            let list = self.tree.sequence(span);
            self.tree.append_new_field(facts, key, list, span);
            list
        })
    }

    /// Notes that a fact has to do with another node too, and why that is to be shown: what is missing there as well
    /// is told once.
    pub(super) fn also(&mut self, fact: NodeId, about: Node<'_>, why: &str) {
        let known = self.tree.node(fact).get(ALSO).map_or(0, |list| list.items().count());
        if known < MAX_ALSO {
            let item = self.item(fact, ALSO, about);
            self.text(item, "why", why);
        }
    }

    /// A new mapping as the field `key` of `facts`, about a node of a resource.
    pub(super) fn field(&mut self, facts: NodeId, key: &str, about: Node<'_>) -> NodeId {
        let field = self.about(about);
        self.tree.append_new_field(facts, key, field, about.span());
        field
    }

    /// Writes a text that Plimsoll came up with, such as a verdict.
    pub(super) fn text(&mut self, facts: NodeId, key: &str, text: &str) {
        self.put(facts, key, text, Style::DoubleQuoted);
    }

    /// Writes a text that stands somewhere.
    pub(super) fn text_at(&mut self, facts: NodeId, key: &str, text: &str, span: Span) {
        let value = self.tree.scalar(text, Style::DoubleQuoted, span);
        self.tree.append_new_field(facts, key, value, span);
    }

    /// Notes texts that others are better replaced by, each at the place of those. One that stands nowhere takes all
    /// of them with it.
    pub(super) fn remedies(&mut self, facts: NodeId, remedies: impl Iterator<Item = (Option<Span>, String)>) {
        let placed: Option<Vec<(Span, String)>> = remedies.map(|(span, text)| Some((span?, text))).collect();
        for (span, text) in placed.unwrap_or_default() {
            let list = self.list(facts, "remedies", span);
            let item = self.tree.scalar(&text, Style::DoubleQuoted, span);
            self.tree.append(list, item);
        }
    }

    /// Writes a verdict; none if the repository does not tell.
    pub(super) fn verdict(&mut self, facts: NodeId, key: &str, verdict: Option<&str>) {
        let value = self.put(facts, key, verdict.unwrap_or("unknown"), Style::DoubleQuoted);
        if verdict.is_none() {
            self.tree.mark_unknown(value);
        }
    }

    /// Writes a truth; none if the repository does not tell.
    pub(super) fn flag(&mut self, facts: NodeId, key: &str, truth: Option<bool>) {
        let text = truth.map_or("unknown", |truth| if truth { "true" } else { "false" });
        let value = self.put(facts, key, text, Style::Plain);
        if truth.is_none() {
            self.tree.mark_unknown(value);
        }
    }

    /// Writes a number.
    pub(super) fn number(&mut self, facts: NodeId, key: &str, number: u64) {
        self.put(facts, key, &number.to_string(), Style::Plain);
    }

    /// Writes a list of words, each about the node it comes from if there is one. One that is none is unknown, and
    /// stands there as it is written.
    pub(super) fn words<'a>(
        &mut self,
        facts: NodeId,
        key: &str,
        words: impl Iterator<Item = (Option<&'a str>, Option<Node<'a>>)>,
    ) {
        let own = self.tree.node(facts).span();
        let list = self.tree.sequence(own);
        self.tree.append_new_field(facts, key, list, own);
        for (word, about) in words {
            let span = about.map_or(own, Node::span);
            let written = about.map(Node::text).filter(|text| !text.is_empty());
            let item = self.tree.scalar(word.or(written).unwrap_or("unknown"), Style::DoubleQuoted, span);
            if word.is_none() {
                self.tree.mark_unknown(item);
            }
            if let Some(about) = about {
                self.about.insert(item, about.id());
            }
            self.tree.append(list, item);
        }
    }

    /// Copies a value of the resource, which is what the copy is about; whether it can be known comes along.
    pub(super) fn copy(&mut self, facts: NodeId, key: &str, node: Node<'_>) {
        let copy = self.tree.copy(node, None);
        self.about.insert(copy, node.id());
        self.tree.append_new_field(facts, key, copy, node.span());
    }

    /// What was written so far.
    pub(super) fn node(&self, id: NodeId) -> Node<'_> {
        self.tree.node(id)
    }

    pub(super) fn close(self) -> (Tree, HashMap<NodeId, NodeId>) {
        (self.tree, self.about)
    }

    fn about_part(&mut self, node: Node<'_>, span: Span) -> NodeId {
        let fact = self.tree.mapping(span);
        self.about.insert(fact, node.id());
        fact
    }

    fn put(&mut self, facts: NodeId, key: &str, text: &str, style: Style) -> NodeId {
        let span = self.tree.node(facts).span();
        let value = self.tree.scalar(text, style, span);
        self.tree.append_new_field(facts, key, value, span);
        value
    }
}
