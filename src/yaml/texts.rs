//! What scalars and keys say: a range of the source that they were written in, or of the tree's own text.

use std::ops::Range;

use crate::yaml::Kind;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tree;
use crate::yaml::raw::IN_SCRATCH;
use crate::yaml::raw::Raw;
use crate::yaml::tree::IS_KEY;

impl Tree {
    /// The text of a scalar, or none of a collection.
    #[inline]
    pub(super) fn text_of(&self, id: NodeId) -> &str {
        match self.nodes.get(id.0 as usize) {
            Some(raw) if raw.kind() == Kind::Scalar => self.node_text(id, raw),
            Some(_) => "",
            None => self.key_text(NodeId(id.0 & !IS_KEY)),
        }
    }

    /// The text of the key of a value, which has one.
    pub(super) fn key_text(&self, value: NodeId) -> &str {
        let raw = &self.nodes[value.0 as usize];
        match raw.key_node() {
            Some(key) => self.node_text(key, &self.nodes[key.0 as usize]),
            None => self.source_text(value, raw.source, raw.written_key_text()),
        }
    }

    /// The text and style of a key that is only a place before its value.
    pub(super) fn written_key(&self, id: NodeId) -> Option<(&str, Style)> {
        let value = NodeId(id.0 & !IS_KEY);
        let raw = self.nodes.get(value.0 as usize).filter(|raw| value != id && raw.key_node().is_none())?;
        Some((self.source_text(value, raw.source, raw.written_key_text()), raw.written_key_style()))
    }

    pub(super) fn node_text(&self, id: NodeId, raw: &Raw) -> &str {
        if raw.is(IN_SCRATCH) {
            let Range { start, end } = self.scratch_range(raw.last);
            return &self.scratch[start as usize..end as usize];
        }
        self.source_text(id, raw.source, raw.text_start()..raw.last)
    }

    #[inline]
    fn source_text(&self, id: NodeId, source: u16, range: Range<u32>) -> &str {
        &self.places.text(id.0, source)[range.start as usize..range.end as usize]
    }

    /// The bytes of a scalar's text, in the source or in the tree's own text.
    pub(super) fn text_range(&self, raw: &Raw) -> Range<u32> {
        if raw.is(IN_SCRATCH) { self.scratch_range(raw.last) } else { raw.text_start()..raw.last }
    }

    pub(super) fn scratch_range(&self, text: u32) -> Range<u32> {
        let start = text.checked_sub(1).map_or(0, |before| self.text_ends[before as usize]);
        start..self.text_ends[text as usize]
    }

    pub(super) fn scratch_len(&self) -> u32 {
        u32::try_from(self.scratch.len()).expect("a tree's own text is shorter than 4 GiB")
    }

    /// Ends the text that was written to `scratch` since the last, and gives its number.
    pub(super) fn end_text(&mut self) -> u32 {
        self.text_ends.push(self.scratch_len());
        u32::try_from(self.text_ends.len() - 1).expect("a tree has fewer than 2^32 texts")
    }
}
