//! Copying nodes from one tree to another, with all that is known of where they come from.

use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::ViaId;
use crate::yaml::tree::IN_SCRATCH;
use crate::yaml::tree::NONE;
use crate::yaml::tree::Raw;

impl Tree {
    /// Copies a node of another tree with all below it; spans, writers and texts come along.
    /// The copy is part of nothing. With `via`, every copied node is said to have come through it.
    pub fn copy(&mut self, from: Node<'_>, via: Option<Via>) -> NodeId {
        let via = via.map(|via| self.origins.via(via));
        self.copy_below(from, via)
    }

    /// Copies a node of this very tree with all below it. The copy is part of nothing.
    pub fn copy_within(&mut self, from: NodeId) -> NodeId {
        let raw = *self.raw(from);
        let mut copy = Raw { parent: NONE, key: NONE, next: NONE, ..raw };
        if raw.kind != Kind::Scalar {
            (copy.first, copy.last) = (NONE, NONE);
        }
        let id = self.push(copy);
        let children: Vec<NodeId> = match raw.kind {
            Kind::Scalar => Vec::new(),
            Kind::Sequence | Kind::Mapping => self.node(from).children().map(Node::id).collect(),
        };
        for child in children {
            let key = self.node(child).key().map(Node::id);
            let value = self.copy_within(child);
            match key.map(|key| self.copy_within(key)) {
                Some(key) => self.append_field(id, key, value),
                None => self.append(id, value),
            }
        }
        id
    }

    fn copy_below(&mut self, from: Node<'_>, via: Option<ViaId>) -> NodeId {
        let raw = *from.raw();
        let mut copy = Raw { parent: NONE, key: NONE, next: NONE, ..raw };
        copy.origin = self.origins.copy(&from.tree().origins, raw.origin, raw.span, via);
        if raw.kind == Kind::Scalar {
            if raw.flags & IN_SCRATCH != 0 {
                (copy.first, copy.last) = self.write_scratch(from.text());
                for (start, end, origin) in from.tree().scratch_origins.parts(raw.first, raw.last) {
                    self.scratch_origins.push(copy.first + (start - raw.first), copy.first + (end - raw.first), origin);
                }
            }
            return self.push(copy);
        }
        (copy.first, copy.last) = (NONE, NONE);
        let id = self.push(copy);
        if !from.tree().deletions.is_empty() {
            self.copy_deletions(from, id);
        }
        for child in from.children() {
            let key = child.key().map(|key| self.copy_below(key, via));
            let value = self.copy_below(child, via);
            match key {
                Some(key) => self.append_field(id, key, value),
                None => self.append(id, value),
            }
        }
        id
    }
}
