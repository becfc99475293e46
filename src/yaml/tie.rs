//! Scalars of one object that are one and the same: whoever changes one of them changes all.
//!
//! kustomize puts the node of a new label into every field that gets it, and later changes happen within that
//! node. So a label that an overlay sets in `metadata` alone is changed in the selectors too, if a base had put it
//! into both at once.

use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// How many ties one object can have. What would be tied beyond that stays apart.
pub const MAX_TIES: u8 = 63;

impl Tree {
    /// Makes scalars of one object one. `number` is not used in that object yet, and at most [`MAX_TIES`].
    pub fn tie(&mut self, scalars: &[NodeId], number: u8) {
        debug_assert!((1..=MAX_TIES).contains(&number));
        for &scalar in scalars {
            self.set_tie(scalar, number);
        }
    }

    /// Makes all scalars at and below a node ones of their own.
    pub fn untie(&mut self, node: NodeId) {
        let all: Vec<NodeId> = self.node(node).descendants().map(Node::id).collect();
        for id in all {
            self.set_tie(id, 0);
        }
    }

    /// The number of the tie that a scalar is part of, 0 for none.
    pub(super) fn tie_of(&self, id: NodeId) -> u8 {
        self.ties.get(self.resolved(id))
    }

    pub(super) fn set_tie(&mut self, id: NodeId, tie: u8) {
        debug_assert!(tie == 0 || self.is_node(id), "only values are tied");
        self.ties.set(id, tie);
    }

    /// Brings a change of a scalar to those that it is tied to.
    pub(super) fn follow_tie(&mut self, changed: NodeId) {
        if self.tie_of(changed) != 0 {
            self.change_tied(changed, changed);
        }
    }

    /// Has `new`, which takes the place of the tied scalar `old`, take its place in the tie too.
    pub(super) fn pass_tie_on(&mut self, old: NodeId, new: NodeId) {
        if self.kind(new) == Kind::Scalar {
            self.set_tie(new, self.tie_of(old));
            self.change_tied(old, new);
        }
    }

    /// Gives the scalars of the object of `old` that are in the tie of `new` the content of `new`.
    fn change_tied(&mut self, old: NodeId, new: NodeId) {
        let mut root = self.node(old);
        while let Some(parent) = root.parent() {
            root = parent;
        }
        let tie = self.tie_of(new);
        let is_tied = |node: &Node<'_>| node.kind() == Kind::Scalar && self.tie_of(node.id()) == tie;
        let tied: Vec<NodeId> = root.descendants().filter(is_tied).map(Node::id).filter(|&id| id != old).collect();
        for id in tied {
            self.become_copy(id, new);
        }
    }
}
