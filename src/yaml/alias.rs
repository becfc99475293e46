//! Aliases and merge keys (`<<`), both expanded into copies, as kustomize and kubectl do.
//!
//! A copy keeps the span of the anchor's text and says that it came through the alias. How much a
//! document can grow this way is bounded, so that a billion laughs stay a small joke.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::MAX_DEPTH;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::ViaId;
use crate::yaml::problem;
use crate::yaml::raw::Key;

/// How many nodes the aliases of one document may add to it.
pub(super) const MAX_ALIAS_NODES: usize = 200_000;

/// The anchors of one document and how much their aliases have added to it.
#[derive(Default)]
pub(super) struct Aliases {
    anchors: HashMap<usize, NodeId>,
    added: usize,
    has_merge_key: bool,
}

impl Aliases {
    pub(super) fn define(&mut self, anchor: usize, node: NodeId) {
        self.anchors.insert(anchor, node);
    }

    /// Remembers that there is something to do for [`Self::merge_keys`].
    pub(super) fn note_merge_key(&mut self) {
        self.has_merge_key = true;
    }

    /// A copy of what the anchor names, for the alias at `span` within the collections `open`.
    pub(super) fn expand(
        &mut self,
        tree: &mut Tree,
        anchor: usize,
        span: Span,
        open: &[(NodeId, Option<Key>)],
    ) -> Result<NodeId, Box<Diagnostic>> {
        let node = *self.anchors.get(&anchor).expect("the parser only gives aliases whose anchor it has seen");
        if open.iter().any(|&(collection, _)| collection == node) {
            let what = "this alias stands within the very value that it names";
            let error =
                Diagnostic::error("yaml-syntax", span, what).help("a value cannot contain itself: write it out");
            return Err(Box::new(error));
        }
        let via = tree.origins.via(Via { what: "alias", span });
        self.copy(tree, node, &Copying { span, via }, open.len())
    }

    fn copy(
        &mut self,
        tree: &mut Tree,
        node: NodeId,
        copying: &Copying,
        depth: usize,
    ) -> Result<NodeId, Box<Diagnostic>> {
        let &Copying { span, via } = copying;
        self.added += 1;
        if self.added > MAX_ALIAS_NODES {
            let what = format!("the aliases of this document add more than {MAX_ALIAS_NODES} nodes to it");
            return Err(Box::new(
                Diagnostic::error("yaml-alias-limit", span, what).help("write the values out, or split the document"),
            ));
        }
        let chain = tree.origins.written(tree.span(node), Some(via), tree.chain(node));
        let id = tree.add_like(node, chain);
        if tree.kind(node) != Kind::Scalar && depth >= MAX_DEPTH {
            return Err(problem::too_deep(span));
        }
        let mut next = tree.first_child(node);
        while let Some(child) = next {
            next = tree.next_sibling(child);
            let value = self.copy(tree, child, copying, depth + 1)?;
            match tree.key_of(child) {
                Some(key) => {
                    let key = self.copy(tree, key, copying, depth + 1)?;
                    tree.append_field(id, key, value);
                }
                None => tree.append(id, value),
            }
        }
        Ok(id)
    }

    /// Replaces every `<<` below `root` by the fields it stands for. A field written beside it wins,
    /// and of several merged mappings the earlier one.
    /// Where a mapping has several, all but the first go to `twice`.
    pub(super) fn merge_keys(
        &self,
        tree: &mut Tree,
        root: NodeId,
        twice: &mut Vec<Span>,
    ) -> Result<(), Box<Diagnostic>> {
        if !self.has_merge_key {
            return Ok(());
        }
        let mappings = tree.node(root).descendants().filter(|node| node.kind() == Kind::Mapping);
        let mappings: Vec<NodeId> = mappings.map(Node::id).collect();
        // From the bottom up, so that what is merged has been merged into before.
        for mapping in mappings.into_iter().rev() {
            let mut keys = tree.node(mapping).fields().map(|(key, _)| key).filter(|key| is_merge_key(*key));
            if keys.next().is_some() {
                twice.extend(keys.map(Node::span));
                let fields = merged_fields(tree.node(mapping))?;
                tree.set_fields(mapping, &fields);
            }
        }
        Ok(())
    }
}

/// What every node of one copy has in common: the alias, and the way to say so.
struct Copying {
    span: Span,
    via: ViaId,
}

fn is_merge_key(key: Node<'_>) -> bool {
    key.style() == Style::Plain && key.text() == "<<"
}

/// The values that a mapping has once its merge keys are replaced by what they stand for.
fn merged_fields(mapping: Node<'_>) -> Result<Vec<NodeId>, Box<Diagnostic>> {
    let (merges, own): (Vec<_>, Vec<_>) = mapping.fields().partition(|&(key, _)| is_merge_key(key));
    let mut seen: HashSet<&str> = own.iter().map(|(key, _)| key.text()).collect();
    let mut fields: Vec<NodeId> = own.iter().map(|(_, value)| value.id()).collect();
    for (_, merge) in merges {
        let from: Vec<Node<'_>> = if merge.kind() == Kind::Mapping { vec![merge] } else { merge.items().collect() };
        if merge.kind() == Kind::Scalar || from.iter().any(|node| node.kind() != Kind::Mapping) {
            let what = "the merge key `<<` needs a mapping or a list of mappings";
            return Err(Box::new(
                Diagnostic::error("yaml-syntax", merge.span(), what)
                    .help("put `<<` in quotes if it is an ordinary key"),
            ));
        }
        for (key, value) in from.into_iter().flat_map(Node::fields) {
            if seen.insert(key.text()) {
                fields.push(value.id());
            }
        }
    }
    Ok(fields)
}
