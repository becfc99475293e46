//! Copying nodes from one tree to another, with all that is known of where they come from.

use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::ViaId;

impl Tree {
    /// Copies a node of another tree with all below it; spans, writers and texts come along.
    /// The copy is part of nothing. With `via`, every copied node is said to have come through it.
    pub fn copy(&mut self, from: Node<'_>, via: Option<Via>) -> NodeId {
        let via = via.map(|via| self.origins.via(via));
        self.copy_below(from, via)
    }

    /// Copies a node of this very tree with all below it. The copy is part of nothing.
    pub fn copy_within(&mut self, from: NodeId) -> NodeId {
        let id = self.add_like(from, self.chain(from));
        let mut next = self.first_child(from);
        while let Some(child) = next {
            next = self.next_sibling(child);
            let value = self.copy_within(child);
            let has_key = self.copy_written_key(value, &self.raw(child));
            match self.key_of(child).filter(|_| !has_key) {
                Some(key) => {
                    let key = self.copy_within(key);
                    self.append_field(id, key, value);
                }
                None => self.link_last(id.0, value.0),
            }
        }
        id
    }

    fn copy_below(&mut self, from: Node<'_>, via: Option<ViaId>) -> NodeId {
        let chain = self.origins.copy(&from.tree().origins, from.tree().chain(from.id()), from.span(), via);
        let id = self.add_from(from.tree(), from.id(), chain);
        if !from.tree().deletions.is_empty() {
            self.copy_deletions(from, id);
        }
        for child in from.children() {
            let value = self.copy_below(child, via);
            // A key that came through something is told so, which takes a node.
            let has_key = via.is_none() && self.copy_written_key(value, &child.raw());
            match child.key().filter(|_| !has_key) {
                Some(key) => {
                    let key = self.copy_below(key, via);
                    self.append_field(id, key, value);
                }
                None => self.link_last(id.0, value.0),
            }
        }
        id
    }
}
