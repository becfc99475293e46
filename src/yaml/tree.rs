//! The tree itself: a vector of small nodes linked to parent and siblings.
//!
//! A mapping's children are its values; each value knows its key, so a field moves as one thing. A key that
//! is written before its value is no node of the vector, but can be asked like one. A scalar's text is a range
//! of the source it was written in, or of the tree's own `scratch` text where it is not there letter for
//! letter. Reading is done through [`crate::yaml::Node`], linking in `link`.

use std::sync::Arc;

use crate::source::OriginMap;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::beside::Beside;
use crate::yaml::gone::Deletion;
use crate::yaml::gone::Deletions;
use crate::yaml::origin::Origins;
use crate::yaml::places::Places;
use crate::yaml::raw::IN_SCRATCH;
use crate::yaml::raw::IS_LAST;
use crate::yaml::raw::IS_SHIFTED;
use crate::yaml::raw::Key;
use crate::yaml::raw::NONE;
use crate::yaml::raw::Raw;
use crate::yaml::raw::UNKNOWN;

/// How deep collections may be nested. The API server's own limit is far above any real manifest.
pub const MAX_DEPTH: usize = 200;

/// How much a tree may hold.
pub const MAX_TREE_BYTES: usize = 256 << 20;

/// In the id of a node: the key of that node, which is not one itself.
pub(super) const IS_KEY: u32 = 1 << 31;

/// Nodes and where they came from. Made by [`crate::yaml::parse`] for a file, or empty and filled by
/// copying for a rendered target and for facts.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(super) reader: Reader,
    pub(super) nodes: Vec<Raw>,
    pub(super) places: Places,
    pub(super) scratch: String,
    /// Where each text in `scratch` ends, in the order written.
    pub(super) text_ends: Vec<u32>,
    pub(super) scratch_origins: OriginMap,
    pub(super) origins: Origins,
    /// The numbers in `origins` of the chains of writers of the nodes that have one.
    pub(super) chains: Beside<u32>,
    /// The numbers of the ties that scalars are part of; see `tie`.
    pub(super) ties: Beside<u8>,
    pub(super) deletions: Deletions,
}

/// How much a tree held at some time.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Mark {
    nodes: usize,
    scratch: usize,
    texts: usize,
}

impl Tree {
    /// An empty tree whose scalars are typed by the rules of `reader`.
    pub fn new(sources: Arc<Sources>, reader: Reader) -> Self {
        Self {
            reader,
            nodes: Vec::new(),
            places: Places::new(sources),
            scratch: String::new(),
            text_ends: Vec::new(),
            scratch_origins: OriginMap::default(),
            origins: Origins::default(),
            chains: Beside::default(),
            ties: Beside::default(),
            deletions: Deletions::new(),
        }
    }

    /// The texts that the nodes were written in.
    pub fn sources(&self) -> &Arc<Sources> {
        self.places.all()
    }

    /// The rules by which this tree's scalars are typed.
    pub fn reader(&self) -> Reader {
        self.reader
    }

    /// How many nodes were ever made, the detached ones included, and keys only as far as they are nodes.
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
        self.nodes.len() * size_of::<Raw>()
            + self.scratch.len()
            + self.text_ends.len() * size_of::<u32>()
            + self.scratch_origins.memory()
            + self.origins.memory()
            + self.chains.memory()
            + self.ties.memory()
            + self.deletions.len() * size_of::<Deletion>()
    }
}

/// What only this module's own files use.
impl Tree {
    /// Makes room for nodes.
    pub(super) fn reserve(&mut self, nodes: usize) {
        self.nodes.reserve(nodes);
    }

    /// Gives back what there is room for and is not used, if that is worth the copy.
    pub(super) fn shrink(&mut self, worth: usize) {
        if self.nodes.capacity() > worth {
            self.nodes.shrink_to_fit();
            self.scratch.shrink_to_fit();
            self.text_ends.shrink_to_fit();
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { nodes: self.nodes.len(), scratch: self.scratch.len(), texts: self.text_ends.len() }
    }

    /// Forgets everything that was added since.
    pub(super) fn cut(&mut self, mark: Mark) {
        self.nodes.truncate(mark.nodes);
        self.scratch.truncate(mark.scratch);
        self.text_ends.truncate(mark.texts);
        self.chains.truncate(mark.nodes);
        self.ties.truncate(mark.nodes);
    }

    /// A new node without text that is not part of anything yet.
    pub(super) fn add(&mut self, kind: Kind, style: Style, tag: Tag, span: Span) -> NodeId {
        let id = self.next_id();
        let source = self.places.number(id.0, span.source);
        self.nodes.push(Raw::new(kind, style, tag, source, span.start, span.end));
        id
    }

    /// A new scalar whose text begins with the span, or behind its quote, and ends at `end` of the source.
    pub(super) fn add_written(&mut self, end: u32, style: Style, tag: Tag, span: Span) -> NodeId {
        self.add_scalar(style, tag, span, end, 0)
    }

    /// A new scalar with a text that the tree keeps.
    pub(super) fn add_made(&mut self, text: &str, style: Style, tag: Tag, span: Span) -> NodeId {
        self.scratch.push_str(text);
        let text = self.end_text();
        self.add_scalar(style, tag, span, text, IN_SCRATCH)
    }

    fn add_scalar(&mut self, style: Style, tag: Tag, span: Span, last: u32, flag: u8) -> NodeId {
        let id = self.next_id();
        let source = self.places.number(id.0, span.source);
        let mut raw = Raw::new(Kind::Scalar, style, tag, source, span.start, span.end);
        raw.last = last;
        raw.set(flag, true);
        self.nodes.push(raw);
        id
    }

    /// A new node like another of this tree, with nothing in it, that was written as `chain` says.
    pub(super) fn add_like(&mut self, like: NodeId, chain: u32) -> NodeId {
        let id = self.next_id();
        let mut raw = self.raw(like).alone();
        raw.source = self.places.number(id.0, self.span(like).source);
        self.nodes.push(raw);
        self.set_chain(id, chain);
        self.set_tie(id, self.tie_of(like));
        id
    }

    /// A new node like one of another tree, with nothing in it. Its text comes along.
    pub(super) fn add_from(&mut self, from: &Self, like: NodeId, chain: u32) -> NodeId {
        let id = self.next_id();
        let mut raw = from.raw(like).alone();
        raw.source = self.places.number(id.0, from.span(like).source);
        if raw.is(IN_SCRATCH) {
            raw.last = self.copy_text(from, raw.last);
        }
        self.nodes.push(raw);
        self.set_chain(id, chain);
        self.set_tie(id, from.tie_of(like));
        id
    }

    /// Gives a value the key that the value of which it is a copy has, if that key is no node.
    pub(super) fn copy_written_key(&mut self, value: NodeId, from: &Raw) -> bool {
        let is_written = from.has_key() && from.key_node().is_none();
        if is_written {
            self.raw_mut(value).set_key_like(from);
        }
        is_written
    }

    /// Takes a scalar that is the newest node for a key, and it out of the vector if all about it can be
    /// told without.
    pub(super) fn take_key(&mut self, scalar: NodeId) -> Key {
        let key = self.as_key(scalar);
        if matches!(key, Key::Written { .. }) && scalar.0 as usize + 1 == self.nodes.len() {
            self.nodes.pop();
        }
        key
    }

    /// Where a key stands.
    pub(super) fn key_span(&self, key: Key) -> Span {
        match key {
            Key::Written { span, .. } => span,
            Key::Node(id) => self.span(id),
        }
    }

    /// Whether it is a node of the vector. What is none is the key of one.
    #[inline]
    pub(super) fn is_node(&self, id: NodeId) -> bool {
        (id.0 as usize) < self.nodes.len()
    }

    #[inline]
    pub(super) fn raw(&self, id: NodeId) -> Raw {
        self.nodes.get(id.0 as usize).copied().unwrap_or_else(|| self.raw_key(id))
    }

    fn raw_key(&self, id: NodeId) -> Raw {
        let value = &self.nodes[(id.0 & !IS_KEY) as usize];
        value.key_node().map_or_else(|| value.written_key(), |key| self.nodes[key.0 as usize])
    }

    /// What is no node is a key, and so a scalar.
    #[inline]
    pub(super) fn kind(&self, id: NodeId) -> Kind {
        self.nodes.get(id.0 as usize).map_or(Kind::Scalar, Raw::kind)
    }

    /// A node to be changed. A key becomes one for that.
    pub(super) fn raw_mut(&mut self, id: NodeId) -> &mut Raw {
        let id = if self.is_node(id) { id } else { self.key_as_node(NodeId(id.0 & !IS_KEY)) };
        &mut self.nodes[id.0 as usize]
    }

    fn key_as_node(&mut self, value: NodeId) -> NodeId {
        let raw = self.nodes[value.0 as usize];
        raw.key_node().unwrap_or_else(|| {
            let key = self.next_id();
            let mut node = raw.written_key();
            node.source = self.places.number(key.0, self.span(value).source);
            self.nodes.push(node);
            self.nodes[value.0 as usize].set_key_node(key);
            key
        })
    }

    /// The node that a key has become since its id was given, or the id itself.
    pub(super) fn resolved(&self, id: NodeId) -> NodeId {
        if self.is_node(id) {
            return id;
        }
        self.nodes[(id.0 & !IS_KEY) as usize].key_node().unwrap_or(id)
    }

    pub(super) fn span(&self, id: NodeId) -> Span {
        let (id, raw) = match self.nodes.get(id.0 as usize) {
            Some(raw) => (id, *raw),
            None => (self.resolved(id), self.raw_key(id)),
        };
        Span { source: self.places.source(id.0 & !IS_KEY, raw.source), start: raw.start, end: raw.end }
    }

    /// Says how far a collection reaches.
    pub(super) fn set_extent(&mut self, id: NodeId, start: u32, end: u32) {
        self.set_span(id, Span { start, end, ..self.span(id) });
    }

    /// Says that a node stands somewhere else; its key stays where it is, and its text what it is.
    pub(super) fn set_span(&mut self, id: NodeId, span: Span) {
        let key = self.key_of(id).map(|key| self.as_key(key));
        let before = self.span(id);
        if self.kind(id) == Kind::Scalar && before != span && !self.raw(id).is(IN_SCRATCH) {
            let text = self.text_of(id).to_owned();
            self.scratch.push_str(&text);
            let text = self.end_text();
            let raw = self.raw_mut(id);
            raw.last = text;
            raw.set(IN_SCRATCH, true);
        }
        self.raw_mut(id);
        let id = self.resolved(id);
        let source = self.places.number(id.0, span.source);
        let raw = self.raw_mut(id);
        (raw.source, raw.start, raw.end) = (source, span.start, span.end);
        let has_moved = (before.source, before.start) != (span.source, span.start);
        if let Some(key) = key.filter(|_| has_moved) {
            let mapping = NodeId(self.raw(id).parent);
            self.set_key(id, key, mapping);
        }
    }

    /// Makes a scalar the same as another, with its own place in the tree.
    pub(super) fn become_copy(&mut self, id: NodeId, of: NodeId) {
        let raw = self.raw(of);
        self.set_span(id, self.span(of));
        self.raw_mut(id).become_like(&raw);
        self.set_chain(id, self.chain(of));
    }

    /// The key of a value.
    pub(super) fn key_of(&self, id: NodeId) -> Option<NodeId> {
        let raw = self.nodes.get(id.0 as usize).filter(|raw| raw.has_key())?;
        Some(raw.key_node().unwrap_or(NodeId(id.0 | IS_KEY)))
    }

    /// Whether the key of a value is this text. Most that differ do so in what is quick to see of them.
    #[inline]
    pub(super) fn is_keyed(&self, value: NodeId, text: &str) -> bool {
        let raw = self.nodes.get(value.0 as usize);
        raw.is_some_and(|raw| raw.may_have_key(text.as_bytes()) && self.has_key(value, text))
    }

    fn has_key(&self, value: NodeId, text: &str) -> bool {
        let raw = &self.nodes[value.0 as usize];
        if let Some(key) = raw.key_node() {
            // Most that differ do so in length, which is quicker to tell than the text.
            let raw = &self.nodes[key.0 as usize];
            let may_be = raw.kind() != Kind::Scalar || self.text_range(raw).len() == text.len();
            return may_be && self.text_of(key) == text;
        }
        // Bytes are compared without a look at where characters begin.
        let (range, all) = (raw.written_key_text(), self.places.text(value.0, raw.source).as_bytes());
        &all[range.start as usize..range.end as usize] == text.as_bytes()
    }

    #[inline]
    pub(super) fn first_child(&self, id: NodeId) -> Option<NodeId> {
        let raw = self.nodes.get(id.0 as usize).filter(|raw| raw.kind() != Kind::Scalar && raw.last != NONE)?;
        Some(NodeId(self.nodes[raw.last as usize].next))
    }

    /// The item or field behind another one.
    #[inline]
    pub fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        self.nodes.get(id.0 as usize)?.next_sibling()
    }

    /// The number in [`Origins`] of the chain of writers, 0 for "written once, where its span says".
    pub(super) fn chain(&self, id: NodeId) -> u32 {
        self.chains.get(self.resolved(id))
    }

    pub(super) fn set_chain(&mut self, id: NodeId, chain: u32) {
        if chain != self.chain(id) {
            // What has a chain is a node, also if it was only a key.
            self.raw_mut(id);
            self.chains.set(self.resolved(id), chain);
        }
    }

    pub(super) fn next_id(&self) -> NodeId {
        let id = u32::try_from(self.nodes.len()).ok().filter(|&id| id < IS_KEY);
        NodeId(id.expect("a tree has fewer than 2^31 nodes"))
    }

    /// A scalar as a key: without a node if it is only a text that stands somewhere.
    pub(super) fn as_key(&self, id: NodeId) -> Key {
        let raw = self.raw(id);
        let is_bare = !raw.is(IN_SCRATCH | UNKNOWN | IS_SHIFTED) && raw.tag() == Tag::None && self.chain(id) == 0;
        let is_line = matches!(raw.style(), Style::Plain | Style::SingleQuoted | Style::DoubleQuoted);
        // The text may also be only how the written form begins: `"a\\"` has the text `a\`.
        let is_whole = raw.last + (raw.text_start() - raw.start) == raw.end;
        let is_written = is_bare && is_line && is_whole;
        if is_written { Key::Written { style: raw.style(), span: self.span(id) } } else { Key::Node(self.resolved(id)) }
    }

    pub(super) fn set_key(&mut self, value: NodeId, key: Key, mapping: NodeId) {
        let key = match key {
            Key::Written { style, span } => {
                let quote = u32::from(style != Style::Plain);
                let raw = &mut self.nodes[value.0 as usize];
                if self.places.source(value.0, raw.source) == span.source {
                    let text = self.places.text(value.0, raw.source).as_bytes();
                    let text = &text[(span.start + quote) as usize..(span.end - quote) as usize];
                    if raw.set_written_key(style, span.start, span.end, text) {
                        return;
                    }
                }
                self.add_written(span.end - quote, style, Tag::None, span)
            }
            Key::Node(id) => id,
        };
        self.raw_mut(key).parent = mapping.0;
        self.raw_mut(value).set_key_node(key);
    }

    /// The sibling before a node, in a ring: the last before the first. There is none if the node is not
    /// among the children of its parent.
    pub(super) fn before(&self, id: u32) -> Option<u32> {
        let last = self.nodes.get(self.nodes[id as usize].parent as usize)?.last;
        let mut before = last;
        while before != NONE && self.nodes[before as usize].next != id {
            before = self.nodes[before as usize].next;
            if before == last {
                return None;
            }
        }
        (before != NONE).then_some(before)
    }

    pub(super) fn link_last(&mut self, parent: u32, child: u32) {
        debug_assert_eq!(self.nodes[child as usize].parent, NONE, "a node is part of one collection");
        let last = std::mem::replace(&mut self.nodes[parent as usize].last, child);
        let first = if last == NONE {
            child
        } else {
            let last = &mut self.nodes[last as usize];
            last.set(IS_LAST, false);
            std::mem::replace(&mut last.next, child)
        };
        let raw = &mut self.nodes[child as usize];
        (raw.parent, raw.next) = (parent, first);
        raw.set(IS_LAST, true);
    }
}

/// A span of byte offsets.
pub(super) fn at(source: SourceId, start: usize, end: usize) -> Span {
    let offset = |index: usize| u32::try_from(index).expect("a source is shorter than 4 GiB");
    Span { source, start: offset(start), end: offset(end) }
}
