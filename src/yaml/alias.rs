//! Aliases and merge keys (`<<`), both expanded into copies, as kustomize and kubectl do.
//!
//! A copy keeps the span of the anchor's text and says that it came through the alias. How much a
//! document can grow this way is bounded, so that a billion laughs stay a small joke.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::tree::NONE;
use crate::yaml::tree::Raw;

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

    /// A copy of what the anchor names, for the alias at `span`.
    pub(super) fn expand(&mut self, tree: &mut Tree, anchor: usize, span: Span) -> Result<NodeId, Box<Diagnostic>> {
        let node = *self.anchors.get(&anchor).expect("the parser only gives aliases whose anchor it has seen");
        self.has_merge_key = true;
        let via = tree.origins.via(Via { what: "alias", span });
        self.copy(tree, node, span, via)
    }

    fn copy(
        &mut self,
        tree: &mut Tree,
        node: NodeId,
        span: Span,
        via: super::ViaId,
    ) -> Result<NodeId, Box<Diagnostic>> {
        self.added += 1;
        if self.added > MAX_ALIAS_NODES {
            let what = format!("the aliases of this document add more than {MAX_ALIAS_NODES} nodes to it");
            return Err(Box::new(
                Diagnostic::error("yaml-alias-limit", span, what).help("write the values out, or split the document"),
            ));
        }
        let raw = *tree.raw(node);
        let origin = tree.origins.written(raw.span, Some(via), raw.origin);
        let copy = Raw { parent: NONE, key: NONE, next: NONE, origin, ..raw };
        if raw.kind == Kind::Scalar {
            return Ok(tree.push(copy));
        }
        let id = tree.push(Raw { first: NONE, last: NONE, ..copy });
        let mut child = raw.first;
        while child != NONE {
            let Raw { key, next, .. } = tree.nodes[child as usize];
            let value = self.copy(tree, NodeId(child), span, via)?;
            if key == NONE {
                tree.append(id, value);
            } else {
                let key = self.copy(tree, NodeId(key), span, via)?;
                tree.append_field(id, key, value);
            }
            child = next;
        }
        Ok(id)
    }

    /// Replaces every `<<` below `root` by the fields it stands for. A field written beside it wins,
    /// and of several merged mappings the earlier one.
    pub(super) fn merge_keys(&mut self, tree: &mut Tree, root: NodeId) -> Result<(), Box<Diagnostic>> {
        if !self.has_merge_key && !tree.sources.get(tree.raw(root).span.source).text().contains("<<") {
            return Ok(());
        }
        let mappings = tree.node(root).descendants().filter(|node| node.kind() == Kind::Mapping);
        let mappings: Vec<NodeId> = mappings.map(super::Node::id).collect();
        // From the bottom up, so that what is merged has been merged into before.
        for mapping in mappings.into_iter().rev() {
            while let Some(merge) = merge_field(tree, mapping) {
                self.merge(tree, mapping, merge)?;
            }
        }
        Ok(())
    }

    fn merge(&mut self, tree: &mut Tree, mapping: NodeId, merge: NodeId) -> Result<(), Box<Diagnostic>> {
        let span = tree.raw(merge).span;
        let merged: Vec<NodeId> = match tree.raw(merge).kind {
            Kind::Mapping => vec![merge],
            Kind::Sequence => tree.node(merge).items().map(super::Node::id).collect(),
            Kind::Scalar => Vec::new(),
        };
        if merged.is_empty() || merged.iter().any(|&from| tree.raw(from).kind != Kind::Mapping) {
            let what = "the merge key `<<` needs a mapping or a list of mappings";
            return Err(Box::new(Diagnostic::error("yaml-syntax", span, what)));
        }
        tree.detach(merge);
        for from in merged {
            let fields: Vec<NodeId> = tree.node(from).children().map(super::Node::id).collect();
            for value in fields {
                let key = NodeId(tree.raw(value).key);
                if tree.node(mapping).get(tree.node(key).text()).is_none() {
                    tree.detach(value);
                    tree.raw_mut(key).parent = NONE;
                    tree.append_field(mapping, key, value);
                }
            }
        }
        Ok(())
    }
}

/// The value of a mapping's plain `<<` key.
fn merge_field(tree: &Tree, mapping: NodeId) -> Option<NodeId> {
    let mut fields = tree.node(mapping).fields();
    fields.find(|(key, _)| key.style() == Style::Plain && key.text() == "<<").map(|(_, value)| value.id())
}
