//! Making nodes, and what is part of what. What a change needs to know is asked of [`crate::yaml::Node`] before.

use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::raw::IN_SCRATCH;
use crate::yaml::raw::IS_LAST;
use crate::yaml::raw::Key;
use crate::yaml::raw::NONE;
use crate::yaml::raw::Raw;
use crate::yaml::raw::UNKNOWN;

impl Tree {
    /// A new scalar that is not part of anything yet. `span` says what caused it.
    pub fn scalar(&mut self, text: &str, style: Style, span: Span) -> NodeId {
        self.add_made(text, style, Tag::None, span)
    }

    /// A new empty mapping that is not part of anything yet.
    pub fn mapping(&mut self, span: Span) -> NodeId {
        self.add(Kind::Mapping, Style::Block, Tag::None, span)
    }

    /// A new empty sequence that is not part of anything yet.
    pub fn sequence(&mut self, span: Span) -> NodeId {
        self.add(Kind::Sequence, Style::Block, Tag::None, span)
    }

    /// Puts `item` behind the last item of a sequence.
    pub fn append(&mut self, sequence: NodeId, item: NodeId) {
        debug_assert_eq!(self.kind(sequence), Kind::Sequence);
        self.link_last(sequence.0, item.0);
    }

    /// Puts the field `key: value` behind the last field of a mapping, which has no such key yet. Both are part of
    /// nothing: a field that is there already is moved as one, by [`Self::move_field`].
    pub fn append_field(&mut self, mapping: NodeId, key: NodeId, value: NodeId) {
        debug_assert!(self.is_node(key), "the key of another field is only known by its value");
        self.append_keyed(mapping, self.as_key(key), value);
    }

    /// Takes a field, named by its value, out of its mapping and puts it behind the last field of another, which
    /// has no such key yet.
    pub fn move_field(&mut self, value: NodeId, mapping: NodeId) {
        self.detach(value);
        if let Some(key) = self.raw(value).key_node() {
            self.raw_mut(key).parent = mapping.0;
        }
        self.link_last(mapping.0, value.0);
    }

    /// Appends a field whose key is new text; `span` says what caused it.
    pub fn append_new_field(&mut self, mapping: NodeId, key: &str, value: NodeId, span: Span) {
        let key = self.scalar(key, Style::Plain, span);
        self.append_field(mapping, key, value);
    }

    pub(super) fn append_keyed(&mut self, mapping: NodeId, key: Key, value: NodeId) {
        debug_assert_eq!(self.kind(mapping), Kind::Mapping);
        self.set_key(value, key, mapping);
        self.link_last(mapping.0, value.0);
    }

    /// Takes a node, with its key, out of its parent. It stays in the vector, part of nothing.
    pub fn detach(&mut self, id: NodeId) {
        let Raw { parent, next, .. } = self.raw(id);
        if parent == NONE {
            return;
        }
        let Some(before) = self.before(id.0) else {
            // Its parent was given other children and it was not told.
            self.raw_mut(id).parent = NONE;
            return;
        };
        self.nodes[before as usize].next = next;
        if self.raw(id).is(IS_LAST) {
            let is_only = before == id.0;
            self.nodes[parent as usize].last = if is_only { NONE } else { before };
            self.nodes[before as usize].set(IS_LAST, true);
        }
        let raw = self.raw_mut(id);
        (raw.parent, raw.next) = (NONE, NONE);
        raw.set(IS_LAST, false);
    }

    /// Puts `new`, which is part of nothing, in the place of `old`; a field keeps its key.
    pub fn replace(&mut self, old: NodeId, new: NodeId) {
        let raw = self.raw(old);
        if let Some(before) = self.before(old.0) {
            let next = if raw.next == old.0 { new.0 } else { raw.next };
            self.nodes[before as usize].next = new.0;
            self.nodes[new.0 as usize].next = next;
            self.nodes[new.0 as usize].parent = raw.parent;
            self.nodes[new.0 as usize].set(IS_LAST, raw.is(IS_LAST));
            if raw.is(IS_LAST) {
                self.nodes[raw.parent as usize].last = new.0;
            }
        }
        self.hand_key(old, new);
        let raw = self.raw_mut(old);
        (raw.parent, raw.next) = (NONE, NONE);
        raw.set(IS_LAST, false);
        raw.unset_key();
    }

    /// Puts `new`, which is part of nothing, in the place of `old`, and remembers who wrote `old`.
    pub fn supersede(&mut self, old: NodeId, new: NodeId) {
        self.remember(old, new);
        self.replace(old, new);
    }

    /// Gives `new` the key of `old` and remembers who wrote `old`; for [`Self::set_fields`] to link it.
    pub fn succeed(&mut self, old: NodeId, new: NodeId) {
        self.remember(old, new);
        self.hand_key(old, new);
    }

    fn remember(&mut self, old: NodeId, new: NodeId) {
        self.mark_replaced(old, new);
        let (before, after) = (self.chain(old), self.chain(new));
        let chain = self.origins.supersede(before, self.span(old), after, self.span(new));
        self.set_chain(new, chain);
        if self.tie_of(old) != 0 {
            self.pass_tie_on(old, new);
        }
    }

    fn hand_key(&mut self, old: NodeId, new: NodeId) {
        match self.key_of(old) {
            Some(key) => self.set_key(new, self.as_key(key), NodeId(self.raw(old).parent)),
            None => self.raw_mut(new).unset_key(),
        }
    }

    /// Gives a sequence exactly these items, in this order. All are its own or part of nothing.
    pub fn set_items(&mut self, sequence: NodeId, items: &[NodeId]) {
        debug_assert_eq!(self.kind(sequence), Kind::Sequence);
        let mut at = self.first_child(sequence);
        while let Some(child) = at {
            at = self.next_sibling(child);
            let raw = self.raw_mut(child);
            (raw.parent, raw.next) = (NONE, NONE);
        }
        self.raw_mut(sequence).last = NONE;
        for &item in items {
            self.link_last(sequence.0, item.0);
        }
    }

    /// Gives a mapping exactly these fields, named by their values, in this order. Each keeps its key;
    /// what it was a field of before must not be used any more.
    pub fn set_fields(&mut self, mapping: NodeId, values: &[NodeId]) {
        self.raw_mut(mapping).last = NONE;
        for &value in values {
            let raw = self.raw_mut(value);
            (raw.parent, raw.next) = (NONE, NONE);
            if let Some(key) = raw.key_node() {
                self.raw_mut(key).parent = mapping.0;
            }
            self.link_last(mapping.0, value.0);
        }
    }

    /// Gives a scalar a new text made of parts, each with the span it came from.
    pub fn compose(&mut self, scalar: NodeId, parts: &[(impl AsRef<str>, Span)]) {
        debug_assert_eq!(self.kind(scalar), Kind::Scalar);
        for (text, origin) in parts {
            let start = self.scratch_len();
            self.scratch.push_str(text.as_ref());
            self.scratch_origins.push(start, self.scratch_len(), *origin);
        }
        let text = self.end_text();
        let raw = self.raw_mut(scalar);
        raw.last = text;
        raw.set(IN_SCRATCH, true);
    }

    /// Says how a node is to be taken for written, which decides what a scalar means.
    pub fn set_style(&mut self, id: NodeId, style: Style) {
        self.raw_mut(id).set_style(style);
    }

    /// Gives a node another tag.
    pub fn set_tag(&mut self, id: NodeId, tag: Tag) {
        self.raw_mut(id).set_tag(tag);
    }

    /// Says that the value of a scalar can't be known from the repository.
    pub fn mark_unknown(&mut self, scalar: NodeId) {
        self.raw_mut(scalar).set(UNKNOWN, true);
    }
}
