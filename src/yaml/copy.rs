//! Copying nodes from one tree to another, with all that is known of where they come from.

use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::ViaId;
use crate::yaml::places::FAR;
use crate::yaml::raw::IN_SCRATCH;
use crate::yaml::raw::NONE;
use crate::yaml::raw::Raw;

impl Tree {
    /// Copies a node of another tree with all below it; spans, writers and texts come along.
    /// The copy is part of nothing. With `via`, every copied node is said to have come through it.
    pub fn copy(&mut self, from: Node<'_>, via: Option<Via>) -> NodeId {
        let run = if via.is_none() { self.copy_run(from) } else { None };
        run.unwrap_or_else(|| {
            let via = via.map(|via| self.origins.via(via));
            self.copy_below(from, via)
        })
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

    /// Does the same in one go, if the other tree has all of it in one piece, from one source, and knows nothing of
    /// it beside. That is so in the trees of most files: only the numbers of nodes differ in the copy.
    fn copy_run(&mut self, from: Node<'_>) -> Option<NodeId> {
        let tree = from.tree();
        let is_bare = tree.chains.is_empty() && tree.ties.is_empty() && tree.deletions.is_empty();
        let source = tree.places.only().filter(|_| is_bare)?;
        let (first, last) = (from.id().0, tree.last_below(from.id()));
        let (written, below) = tree.nodes.get(first as usize..=last as usize)?.split_first()?;
        let mut top = written.alone();
        top.last = written.last;
        let is_inside = |link| link == NONE || (first..=last).contains(&link);
        let leads_inside = |raw: &Raw| raw.links().into_iter().all(is_inside);
        if !(leads_inside(&top) && below.iter().all(leads_inside)) {
            return None;
        }
        let id = self.next_id();
        let source = Some(self.places.number(id.0, source)).filter(|&source| source != FAR)?;
        let copy = |raw: &Raw| raw.relinked(source, |link| link - first + id.0);
        self.nodes.push(copy(&top));
        self.nodes.extend(below.iter().map(copy));
        for index in id.0 as usize..self.nodes.len() {
            if self.nodes[index].is(IN_SCRATCH) {
                self.nodes[index].last = self.copy_text(tree, self.nodes[index].last);
            }
        }
        Some(id)
    }

    /// Takes over one of another tree's own texts, and gives its number.
    pub(super) fn copy_text(&mut self, from: &Self, text: u32) -> u32 {
        let (range, start) = (from.scratch_range(text), self.scratch_len());
        self.scratch.push_str(&from.scratch[range.start as usize..range.end as usize]);
        for (first, last, origin) in from.scratch_origins.parts(range.start, range.end) {
            self.scratch_origins.push(start + (first - range.start), start + (last - range.start), origin);
        }
        self.end_text()
    }

    /// The last child of the last child, and so on down to one that has none.
    fn last_below(&self, NodeId(mut id): NodeId) -> u32 {
        let collection = |id: u32| self.nodes.get(id as usize).filter(|raw| raw.kind() != Kind::Scalar);
        while let Some(raw) = collection(id).filter(|raw| raw.last != NONE) {
            id = raw.last;
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
