//! One node in 28 bytes, and how what it is fits into them. What the numbers lead to is the tree's affair.

use std::ops::Range;

use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Style;
use crate::yaml::Tag;

/// Names one node of one [`crate::yaml::Tree`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub(super) u32);

/// "No node" in the links of a node.
pub(super) const NONE: u32 = u32::MAX;

/// The text is the tree's own, not the source's.
pub(super) const IN_SCRATCH: u8 = 1;
/// The value can't be known from the repository.
pub(super) const UNKNOWN: u8 = 2;
/// It is the last child of its parent.
pub(super) const IS_LAST: u8 = 8;
/// Its text does not begin where its style says, because that was changed.
pub(super) const IS_SHIFTED: u8 = 0x80;
/// How its key is kept: not at all, as a place before the value in one of three styles, or as a node.
const KEY_FORM: u8 = 0x70;
const KEY_SHIFT: u8 = 4;
const KEY_IS_PLAIN: u8 = 1 << KEY_SHIFT;
const KEY_IS_NODE: u8 = 4 << KEY_SHIFT;

/// A key with so many bytes, or so many before its value, is a node.
const LONG_KEY: u32 = 1 << 8;
const FAR_KEY: u32 = 1 << 20;
/// So much of the first byte of a key is at hand: enough to see of most that they are another, without their text.
const LOOKS: u32 = 1 << 4;
/// Where in `Raw::key` the bytes from the start of the key to its value are counted.
const BEFORE_SHIFT: u32 = (LONG_KEY * LOOKS).trailing_zeros();

const SCALAR_STYLES: [Style; 5] =
    [Style::Plain, Style::SingleQuoted, Style::DoubleQuoted, Style::Literal, Style::Folded];
const TAGS: [Tag; 10] = [
    Tag::None,
    Tag::NonSpecific,
    Tag::Str,
    Tag::Int,
    Tag::Float,
    Tag::Bool,
    Tag::Null,
    Tag::Binary,
    Tag::Timestamp,
    Tag::Other,
];
const COLLECTION: u8 = 8;
const IS_FLOW: u8 = 2;
const IS_MAPPING: u8 = 1;

/// One node. Siblings form a ring: the one after the last is the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    /// Kind and style in the upper half, the tag in the lower.
    what: u8,
    flags: u8,
    /// The number of its source in the tree.
    pub(super) source: u16,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) parent: u32,
    pub(super) next: u32,
    /// The last child of a collection. For a scalar where its text ends in the source, or the number of its
    /// text among the tree's own.
    pub(super) last: u32,
    key: u32,
}

/// The key of a field that has its value yet to come, or is moved from one value to another.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    /// Its text stands there as it is.
    Written { style: Style, span: Span },
    /// Everything else about it is in a node.
    Node(NodeId),
}

impl Raw {
    /// A node with no links and no text.
    pub(super) fn new(kind: Kind, style: Style, tag: Tag, source: u16, start: u32, end: u32) -> Self {
        let form = match (kind, style) {
            (Kind::Scalar, Style::SingleQuoted) => 1,
            (Kind::Scalar, Style::DoubleQuoted) => 2,
            (Kind::Scalar, Style::Literal) => 3,
            (Kind::Scalar, Style::Folded) => 4,
            (Kind::Scalar, _) => 0,
            (Kind::Sequence, Style::Flow) => COLLECTION | IS_FLOW,
            (Kind::Sequence, _) => COLLECTION,
            (Kind::Mapping, Style::Flow) => COLLECTION | IS_FLOW | IS_MAPPING,
            (Kind::Mapping, _) => COLLECTION | IS_MAPPING,
        };
        let what = form << 4 | tag as u8;
        Self { what, flags: 0, source, start, end, parent: NONE, next: NONE, last: NONE, key: NONE }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.what >> 4 {
            form if form & COLLECTION == 0 => Kind::Scalar,
            form if form & IS_MAPPING == 0 => Kind::Sequence,
            _ => Kind::Mapping,
        }
    }

    pub(super) fn style(&self) -> Style {
        match self.what >> 4 {
            form if form & COLLECTION == 0 => SCALAR_STYLES[usize::from(form)],
            form if form & IS_FLOW == 0 => Style::Block,
            _ => Style::Flow,
        }
    }

    pub(super) fn tag(&self) -> Tag {
        TAGS[usize::from(self.what & 0xf)]
    }

    /// Says how it is to be taken for written. Its text stays what it is.
    pub(super) fn set_style(&mut self, style: Style) {
        let start = self.text_start();
        self.what = Self::new(self.kind(), style, self.tag(), 0, 0, 0).what;
        if self.text_start() != start {
            self.set(IS_SHIFTED, !self.is(IS_SHIFTED));
        }
    }

    pub(super) fn set_tag(&mut self, tag: Tag) {
        self.what = self.what & 0xf0 | tag as u8;
    }

    /// Makes it what another is, in the place where it is.
    pub(super) fn become_like(&mut self, other: &Self) {
        let kept = !(IN_SCRATCH | UNKNOWN | IS_SHIFTED);
        self.flags = self.flags & kept | other.flags & !kept;
        (self.what, self.last) = (other.what, other.last);
    }

    pub(super) fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn set(&mut self, flag: u8, value: bool) {
        if value { self.flags |= flag } else { self.flags &= !flag }
    }

    /// The same value, part of nothing and with nothing in it.
    pub(super) fn alone(self) -> Self {
        let flags = self.flags & (IN_SCRATCH | UNKNOWN | IS_SHIFTED);
        let last = if self.kind() == Kind::Scalar { self.last } else { NONE };
        Self { flags, parent: NONE, next: NONE, last, key: NONE, ..self }
    }

    /// The nodes that it leads to: parent, sibling, last child and key.
    pub(super) fn links(&self) -> [u32; 4] {
        let last = if self.kind() == Kind::Scalar { NONE } else { self.last };
        [self.parent, self.next, last, self.key_node().map_or(NONE, |NodeId(key)| key)]
    }

    /// The same where its source and all nodes have other numbers.
    pub(super) fn relinked(self, source: u16, number: impl Fn(u32) -> u32) -> Self {
        let link = |link| if link == NONE { NONE } else { number(link) };
        let last = if self.kind() == Kind::Scalar { self.last } else { link(self.last) };
        let key = self.key_node().map_or(self.key, |NodeId(key)| link(key));
        Self { source, parent: link(self.parent), next: link(self.next), last, key, ..self }
    }

    /// The sibling behind this one.
    pub(super) fn next_sibling(&self) -> Option<NodeId> {
        (self.next != NONE && !self.is(IS_LAST)).then_some(NodeId(self.next))
    }

    /// Where the text of a scalar begins that is the source's.
    pub(super) fn text_start(&self) -> u32 {
        self.start + u32::from(self.is_quoted() != self.is(IS_SHIFTED))
    }

    /// Whether it is in quotes, of either kind.
    fn is_quoted(&self) -> bool {
        matches!(self.what >> 4, 1 | 2)
    }

    pub(super) fn has_key(&self) -> bool {
        self.flags & KEY_FORM != 0
    }

    /// The node of the key, if it has one.
    pub(super) fn key_node(&self) -> Option<NodeId> {
        (self.flags & KEY_FORM == KEY_IS_NODE).then_some(NodeId(self.key))
    }

    pub(super) fn set_key_node(&mut self, NodeId(key): NodeId) {
        self.key = key;
        self.flags = self.flags & !KEY_FORM | KEY_IS_NODE;
    }

    pub(super) fn unset_key(&mut self) {
        self.key = NONE;
        self.flags &= !KEY_FORM;
    }

    /// Keeps the key `text` that stands at `start..end` of the same source, if that can be told from here.
    pub(super) fn set_written_key(&mut self, style: Style, start: u32, end: u32, text: &[u8]) -> bool {
        let (Some(before), length) = (self.start.checked_sub(start), end - start) else { return false };
        let form = match style {
            Style::Plain => 1,
            Style::SingleQuoted => 2,
            Style::DoubleQuoted => 3,
            _ => return false,
        };
        if before >= FAR_KEY || length >= LONG_KEY {
            return false;
        }
        self.key = (before << BEFORE_SHIFT) | (look(text) * LONG_KEY) | length;
        self.flags = self.flags & !KEY_FORM | form << KEY_SHIFT;
        true
    }

    /// Takes over the written key of a copy of this node.
    pub(super) fn set_key_like(&mut self, other: &Self) {
        self.key = other.key;
        self.flags = self.flags & !KEY_FORM | other.flags & KEY_FORM;
    }

    /// The key as a node, if it is kept as a place.
    pub(super) fn written_key(&self) -> Self {
        debug_assert!(self.has_key(), "who asks for a key has not held it while the value lost it");
        let start = self.start - (self.key >> BEFORE_SHIFT);
        let end = start + self.key % LONG_KEY;
        let form = self.written_key_form();
        let quote = u32::from(form > 0);
        Self { what: form << 4, flags: 0, start, end, next: NONE, last: end - quote, key: NONE, ..*self }
    }

    fn written_key_form(&self) -> u8 {
        (self.flags & KEY_FORM).wrapping_shr(u32::from(KEY_SHIFT)).saturating_sub(1)
    }

    /// How the key is written, if it is kept as a place.
    pub(super) fn written_key_style(&self) -> Style {
        SCALAR_STYLES[usize::from(self.written_key_form())]
    }

    /// Whether the key, if there is one, may be this text.
    #[inline]
    pub(super) fn may_have_key(&self, text: &[u8]) -> bool {
        let quotes = match self.flags & KEY_FORM {
            0 => return false,
            KEY_IS_NODE => return true,
            KEY_IS_PLAIN => 0,
            _ => 2,
        };
        (self.key % LONG_KEY) as usize == text.len() + quotes && self.key / LONG_KEY % LOOKS == look(text)
    }

    /// The bytes of the source that are the text of a written key.
    pub(super) fn written_key_text(&self) -> Range<u32> {
        let quote = u32::from(self.flags & KEY_FORM != KEY_IS_PLAIN);
        let start = self.start - (self.key >> BEFORE_SHIFT);
        start + quote..start + self.key % LONG_KEY - quote
    }
}

/// What is kept of the text of a key.
fn look(text: &[u8]) -> u32 {
    text.first().map_or(0, |&byte| u32::from(byte) % LOOKS)
}
