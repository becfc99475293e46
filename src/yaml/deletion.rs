//! What was taken out of mappings and lists, and by whom: so that what is missing can be blamed on somebody.
//!
//! A mark is only asked for where nothing is, so one for what was put back later does no harm.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::source::Span;
use crate::yaml::Gone;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::gone::Deletion;

/// Who took something out, and what was there.
#[derive(Clone, Copy, Debug)]
pub struct Deleted<'a> {
    /// The name of the field, or what the item was known by.
    pub name: &'a str,
    /// How that was done.
    pub how: Gone,
    /// The text that asks for it.
    pub span: Span,
    /// What it came through.
    pub via: &'a Via,
    /// Where the deleted thing was written.
    pub was: Span,
}

impl Tree {
    /// Takes the node known by `key` out of its mapping or list and remembers who asked for that.
    pub fn delete(&mut self, node: NodeId, key: &str, how: Gone, by: Span, via: &Via) {
        if let Some(parent) = self.node(node).parent().map(Node::id) {
            self.mark_deleted(parent, node, key, how, by, via);
        }
        self.detach(node);
    }

    /// Remembers who took a field or an item that is known by `key` out of its mapping or list.
    pub fn mark_deleted(&mut self, from: NodeId, node: NodeId, key: &str, how: Gone, by: Span, via: &Via) {
        let via = self.origins.via(via.clone());
        let was = written_at(self.node(node));
        self.deletions.entry(from.0).or_default().push(Deletion { key: key.to_owned(), how, by, via, was });
    }

    /// Remembers what is in `old` and not in `new`, which takes its place, if it is known who wrote that.
    pub fn mark_replaced(&mut self, old: NodeId, new: NodeId) {
        let written = self.node(new).writers().next().and_then(|writer| Some((writer.span, writer.via?.clone())));
        if let Some((by, via)) = written {
            self.mark_lost(old, new, new, by, &via);
        }
    }

    /// Remembers at `place` what is in `old` and not in `new`.
    pub fn mark_lost(&mut self, old: NodeId, new: NodeId, place: NodeId, by: Span, via: &Via) {
        let (old, new) = (self.node(old), self.node(new));
        if old.kind() == Kind::Scalar || old.children().next().is_none() {
            return;
        }
        let kept: HashMap<&str, Node<'_>> =
            new.children().filter_map(|child| Some((known_by(child)?, child))).collect();
        let (mut lost, mut below) = (Vec::new(), Vec::new());
        for child in old.children() {
            let Some(name) = known_by(child) else { continue };
            match kept.get(name) {
                None => lost.push((child.id(), name.to_owned())),
                Some(other) => below.push((child.id(), other.id())),
            }
        }
        for (node, name) in lost {
            self.mark_deleted(place, node, &name, Gone::Replaced, by, via);
        }
        for (old, new) in below {
            self.mark_lost(old, new, new, by, via);
        }
    }

    /// Takes over the marks of what a node is a copy of, which is in another tree.
    pub(super) fn copy_deletions(&mut self, from: Node<'_>, to: NodeId) {
        let Some(deletions) = from.tree().deletions.get(&from.id().0) else { return };
        for deletion in deletions {
            let via = self.origins.via(from.tree().origins.get(deletion.via).clone());
            self.deletions.entry(to.0).or_default().push(Deletion { via, ..deletion.clone() });
        }
    }
}

impl<'a> Node<'a> {
    /// Who deleted the field or item that was known by `key` here, if somebody did.
    pub fn deleted(self, key: &str) -> Option<Deleted<'a>> {
        self.marks().rev().find(|mark| mark.name == key)
    }

    /// What was deleted here and is not there again, in the order of the deletions.
    pub fn deletions(self) -> Vec<Deleted<'a>> {
        let mut seen: HashSet<&str> = HashSet::new();
        if self.marks().next().is_some() {
            seen.extend(self.children().filter_map(known_by));
        }
        let mut deletions: Vec<_> = self.marks().rev().filter(|mark| seen.insert(mark.name)).collect();
        deletions.reverse();
        deletions
    }

    fn marks(self) -> impl DoubleEndedIterator<Item = Deleted<'a>> {
        let tree = self.tree();
        let marks = tree.deletions.get(&self.id().0).map_or(&[][..], Vec::as_slice);
        marks.iter().map(|Deletion { key, how, by, via, was }| Deleted {
            name: key,
            how: *how,
            span: *by,
            via: tree.origins.get(*via),
            was: *was,
        })
    }

    /// What people call a field or an item by: the key of a field, the name of an item, the text of a plain one.
    pub fn called(self) -> Option<&'a str> {
        known_by(self)
    }
}

fn known_by(node: Node<'_>) -> Option<&str> {
    match (node.key(), node.kind()) {
        (Some(key), _) => Some(key.text()),
        (None, Kind::Scalar) => Some(node.text()),
        (None, Kind::Mapping) => node.get("name").filter(|name| name.kind() == Kind::Scalar).map(Node::text),
        (None, Kind::Sequence) => None,
    }
}

fn written_at(node: Node<'_>) -> Span {
    node.key().unwrap_or(node).span()
}
