//! The tree itself: a vector of 40-byte nodes linked to parent, key and next sibling.
//!
//! A mapping's children are its values; each value holds the id of its key node, so a field moves
//! as one thing. A scalar's text is a range of the source it was written in, or of the tree's own
//! `scratch` text where it is not there letter for letter. Reading is done through [`crate::yaml::Node`].

use std::sync::Arc;

use crate::source::OriginMap;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Reader;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::gone::Deletions;
use crate::yaml::origin::Origins;

/// Names one node of one [`Tree`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub(super) u32);

/// How deep collections may be nested. The API server's own limit is far above any real manifest.
pub const MAX_DEPTH: usize = 200;

/// How much a tree may hold.
pub const MAX_TREE_BYTES: usize = 512 << 20;

/// "No node" in the links of a node.
pub(super) const NONE: u32 = u32::MAX;

/// One node. `first` and `last` are the first and last child of a collection, or the start and end
/// of a scalar's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Raw {
    pub(super) kind: Kind,
    pub(super) style: Style,
    pub(super) tag: Tag,
    pub(super) flags: u8,
    pub(super) span: Span,
    pub(super) parent: u32,
    pub(super) key: u32,
    pub(super) next: u32,
    pub(super) first: u32,
    pub(super) last: u32,
    /// The chain of writers in [`Origins`], 0 for "written once, where `span` says".
    pub(super) origin: u32,
}

/// The text is in `scratch`, not in the source.
pub(super) const IN_SCRATCH: u8 = 1;
/// The value can't be known from the repository.
pub(super) const UNKNOWN: u8 = 2;
/// The bits above those are the number of the tie that a scalar is part of; see `tie.rs`.
pub(super) const TIE: u8 = !(IN_SCRATCH | UNKNOWN);

/// Nodes and where they came from. Made by [`crate::yaml::parse`] for a file, or empty and filled by
/// copying for a rendered target and for facts.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(super) sources: Arc<Sources>,
    pub(super) reader: Reader,
    pub(super) nodes: Vec<Raw>,
    pub(super) scratch: String,
    pub(super) scratch_origins: OriginMap,
    pub(super) origins: Origins,
    pub(super) deletions: Deletions,
}

impl Tree {
    /// An empty tree whose scalars are typed by the rules of `reader`.
    pub fn new(sources: Arc<Sources>, reader: Reader) -> Self {
        Self {
            sources,
            reader,
            nodes: Vec::new(),
            scratch: String::new(),
            scratch_origins: OriginMap::default(),
            origins: Origins::default(),
            deletions: Deletions::new(),
        }
    }

    /// The texts that the nodes were written in.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// The rules by which this tree's scalars are typed.
    pub fn reader(&self) -> Reader {
        self.reader
    }

    /// How many nodes were ever made, the detached ones included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether no node was ever made.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether it has grown beyond what any real target needs. Steps that copy ask this, so that a few of them
    /// cannot double it without end.
    pub fn is_too_large(&self) -> bool {
        self.memory() > MAX_TREE_BYTES
    }

    /// The bytes that the tree holds, its sources not counted.
    pub fn memory(&self) -> usize {
        self.nodes.capacity() * size_of::<Raw>() + self.scratch.capacity()
    }

    /// A new scalar that is not part of anything yet. `span` says what caused it.
    pub fn scalar(&mut self, text: &str, style: Style, span: Span) -> NodeId {
        let (first, last) = self.write_scratch(text);
        self.push(Raw { first, last, flags: IN_SCRATCH, ..leaf(Kind::Scalar, style, span) })
    }

    /// A new empty mapping that is not part of anything yet.
    pub fn mapping(&mut self, span: Span) -> NodeId {
        self.push(leaf(Kind::Mapping, Style::Block, span))
    }

    /// A new empty sequence that is not part of anything yet.
    pub fn sequence(&mut self, span: Span) -> NodeId {
        self.push(leaf(Kind::Sequence, Style::Block, span))
    }

    /// Puts `item` behind the last item of a sequence.
    pub fn append(&mut self, sequence: NodeId, item: NodeId) {
        debug_assert_eq!(self.raw(sequence).kind, Kind::Sequence);
        self.link_last(sequence.0, item.0);
    }

    /// Puts the field `key: value` behind the last field of a mapping, which has no such key yet.
    pub fn append_field(&mut self, mapping: NodeId, key: NodeId, value: NodeId) {
        debug_assert_eq!(self.raw(mapping).kind, Kind::Mapping);
        self.raw_mut(value).key = key.0;
        self.raw_mut(key).parent = mapping.0;
        self.link_last(mapping.0, value.0);
    }

    /// Appends a field whose key is new text; `span` says what caused it.
    pub fn append_new_field(&mut self, mapping: NodeId, key: &str, value: NodeId, span: Span) {
        let key = self.scalar(key, Style::Plain, span);
        self.append_field(mapping, key, value);
    }

    /// Takes a node, with its key, out of its parent. It stays in the vector, part of nothing.
    pub fn detach(&mut self, id: NodeId) {
        let Raw { parent, next, .. } = *self.raw(id);
        if parent == NONE {
            return;
        }
        let mut before = NONE;
        let mut at = self.nodes[parent as usize].first;
        while at != id.0 {
            if at == NONE {
                // Its parent was given other children and it was not told.
                self.raw_mut(id).parent = NONE;
                return;
            }
            before = at;
            at = self.nodes[at as usize].next;
        }
        if before == NONE {
            self.nodes[parent as usize].first = next;
        } else {
            self.nodes[before as usize].next = next;
        }
        if next == NONE {
            self.nodes[parent as usize].last = before;
        }
        let raw = self.raw_mut(id);
        raw.parent = NONE;
        raw.next = NONE;
    }

    /// Puts `new`, which is part of nothing, in the place of `old`; a field keeps its key.
    pub fn replace(&mut self, old: NodeId, new: NodeId) {
        let Raw { parent, key, next, .. } = *self.raw(old);
        if parent != NONE {
            let mut at = self.nodes[parent as usize].first;
            if at == old.0 {
                self.nodes[parent as usize].first = new.0;
            } else {
                while self.nodes[at as usize].next != old.0 {
                    at = self.nodes[at as usize].next;
                }
                self.nodes[at as usize].next = new.0;
            }
            if self.nodes[parent as usize].last == old.0 {
                self.nodes[parent as usize].last = new.0;
            }
        }
        let raw = self.raw_mut(new);
        (raw.parent, raw.key, raw.next) = (parent, key, next);
        let raw = self.raw_mut(old);
        (raw.parent, raw.key, raw.next) = (NONE, NONE, NONE);
    }

    /// Puts `new`, which is part of nothing, in the place of `old`, and remembers who wrote `old`.
    pub fn supersede(&mut self, old: NodeId, new: NodeId) {
        self.succeed(old, new);
        self.replace(old, new);
    }

    /// Gives `new` the key of `old` and remembers who wrote `old`; for [`Self::set_fields`] to link it.
    pub fn succeed(&mut self, old: NodeId, new: NodeId) {
        self.mark_replaced(old, new);
        let (before, after) = (*self.raw(old), *self.raw(new));
        let origin = self.origins.supersede(before.origin, before.span, after.origin, after.span);
        let raw = self.raw_mut(new);
        (raw.key, raw.origin) = (before.key, origin);
        if before.flags & TIE != 0 {
            self.pass_tie_on(old, new);
        }
    }

    /// Gives a sequence exactly these items, in this order. All are its own or part of nothing.
    pub fn set_items(&mut self, sequence: NodeId, items: &[NodeId]) {
        debug_assert_eq!(self.raw(sequence).kind, Kind::Sequence);
        let mut at = self.raw(sequence).first;
        while at != NONE {
            let raw = &mut self.nodes[at as usize];
            raw.parent = NONE;
            at = std::mem::replace(&mut raw.next, NONE);
        }
        let raw = self.raw_mut(sequence);
        (raw.first, raw.last) = (NONE, NONE);
        for &item in items {
            self.link_last(sequence.0, item.0);
        }
    }

    /// Gives a mapping exactly these fields, named by their values, in this order. Each keeps its key;
    /// what it was a field of before must not be used any more.
    pub fn set_fields(&mut self, mapping: NodeId, values: &[NodeId]) {
        let raw = self.raw_mut(mapping);
        (raw.first, raw.last) = (NONE, NONE);
        for &value in values {
            let raw = self.raw_mut(value);
            (raw.parent, raw.next) = (NONE, NONE);
            let key = NodeId(raw.key);
            self.append_field(mapping, key, value);
        }
    }

    /// Gives a scalar a new text made of parts, each with the span it came from.
    pub fn compose(&mut self, scalar: NodeId, parts: &[(&str, Span)]) {
        debug_assert_eq!(self.raw(scalar).kind, Kind::Scalar);
        let first = self.scratch_len();
        for &(text, origin) in parts {
            let (start, end) = self.write_scratch(text);
            self.scratch_origins.push(start, end, origin);
        }
        let last = self.scratch_len();
        let raw = self.raw_mut(scalar);
        (raw.first, raw.last) = (first, last);
        raw.flags |= IN_SCRATCH;
    }

    /// Says how a node is to be taken for written, which decides what a scalar means.
    pub fn set_style(&mut self, id: NodeId, style: Style) {
        self.raw_mut(id).style = style;
    }

    /// Gives a node another tag.
    pub fn set_tag(&mut self, id: NodeId, tag: Tag) {
        self.raw_mut(id).tag = tag;
    }

    /// Says that the value of a scalar can't be known from the repository.
    pub fn mark_unknown(&mut self, scalar: NodeId) {
        self.raw_mut(scalar).flags |= UNKNOWN;
    }

    pub(super) fn push(&mut self, raw: Raw) -> NodeId {
        let id =
            u32::try_from(self.nodes.len()).ok().filter(|&id| id != NONE).expect("a tree has fewer than 2^32 nodes");
        self.nodes.push(raw);
        NodeId(id)
    }

    pub(super) fn raw(&self, id: NodeId) -> &Raw {
        &self.nodes[id.0 as usize]
    }

    pub(super) fn raw_mut(&mut self, id: NodeId) -> &mut Raw {
        &mut self.nodes[id.0 as usize]
    }

    pub(super) fn write_scratch(&mut self, text: &str) -> (u32, u32) {
        let start = self.scratch_len();
        self.scratch.push_str(text);
        (start, self.scratch_len())
    }

    fn scratch_len(&self) -> u32 {
        u32::try_from(self.scratch.len()).expect("a tree's own text is shorter than 4 GiB")
    }

    fn link_last(&mut self, parent: u32, child: u32) {
        debug_assert_eq!(self.nodes[child as usize].parent, NONE, "a node is part of one collection");
        let last = std::mem::replace(&mut self.nodes[parent as usize].last, child);
        if last == NONE {
            self.nodes[parent as usize].first = child;
        } else {
            self.nodes[last as usize].next = child;
        }
        self.nodes[child as usize].parent = parent;
    }

    pub(super) fn text_of(&self, raw: &Raw) -> &str {
        let range = raw.first as usize..raw.last as usize;
        if raw.flags & IN_SCRATCH != 0 {
            &self.scratch[range]
        } else {
            &self.sources.get(raw.span.source).text()[range]
        }
    }

    /// Where a part of a scalar's text stands letter for letter: in its source, or where the parts
    /// of a composed scalar came from.
    pub(super) fn own_text_span(&self, raw: &Raw, range: &std::ops::Range<usize>) -> Option<Span> {
        let part = at(raw.span.source, raw.first as usize + range.start, raw.first as usize + range.end);
        if raw.flags & IN_SCRATCH == 0 { Some(part) } else { self.scratch_origins.origin(part) }
    }

    /// The parts of a composed scalar's text: the bytes of the text, and where they came from.
    pub(super) fn composed_parts(&self, raw: &Raw) -> Vec<(std::ops::Range<usize>, Span)> {
        if raw.flags & IN_SCRATCH == 0 {
            return Vec::new();
        }
        let within = |at: u32| (at - raw.first) as usize;
        let parts = self.scratch_origins.parts(raw.first, raw.last);
        parts.map(|(start, end, origin)| (within(start)..within(end), origin)).collect()
    }

    /// The span of one part of a scalar's text where the scalar was composed of several.
    pub(super) fn composed_of(&self, raw: &Raw) -> impl Iterator<Item = Span> {
        let made = if raw.flags & IN_SCRATCH != 0 { raw.first..raw.last } else { 0..0 };
        self.scratch_origins.parts(made.start, made.end).map(|(_, _, origin)| origin)
    }
}

/// A node with no links and no text.
pub(super) fn leaf(kind: Kind, style: Style, span: Span) -> Raw {
    Raw {
        kind,
        style,
        tag: Tag::None,
        flags: 0,
        span,
        parent: NONE,
        key: NONE,
        next: NONE,
        first: NONE,
        last: NONE,
        origin: 0,
    }
}

/// A span that lies nowhere yet, for nodes that take their place from elsewhere.
pub(super) fn at(source: SourceId, start: usize, end: usize) -> Span {
    let offset = |index: usize| u32::try_from(index).expect("a source is shorter than 4 GiB");
    Span { source, start: offset(start), end: offset(end) }
}
