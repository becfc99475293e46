//! What a made text was made from: a list of ranges, each with the span it came from.
//!
//! A template's output and a scalar composed of several parts are both a text plus such a map.

use crate::source::Span;

/// From ranges of a made text to the spans they came from. Ranges are in order and don't overlap.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct OriginMap {
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Part {
    start: u32,
    end: u32,
    origin: Span,
}

impl OriginMap {
    /// Says that the bytes `start..end`, which lie after all ranges said before, came from `origin`.
    /// When both have the same length the text was copied, and a byte leads to its very own origin.
    pub fn push(&mut self, start: u32, end: u32, origin: Span) {
        debug_assert!(self.parts.last().is_none_or(|last| last.end <= start), "ranges are in order");
        self.parts.push(Part { start, end, origin });
    }

    /// The origin of the start of `span`, widened to the end of `span` where that was copied in one go.
    /// None if nothing was said about that byte.
    pub fn origin(&self, span: Span) -> Option<Span> {
        // A text that begins where a part ends is none of it; a place without length there still is.
        let part = self.part_at(span.start).filter(|part| span.is_empty() || span.start < part.end)?;
        if part.origin.len() != part.end - part.start {
            return Some(part.origin);
        }
        let start = part.origin.start + (span.start - part.start);
        let end = part.origin.start + (span.end.min(part.end) - part.start);
        Some(Span { start, end, ..part.origin })
    }

    /// The parts that lie within the bytes `start..end`.
    pub fn parts(&self, start: u32, end: u32) -> impl Iterator<Item = (u32, u32, Span)> {
        let first = self.parts.partition_point(|part| part.start < start);
        self.parts[first..]
            .iter()
            .take_while(move |part| part.end <= end && part.start < end)
            .map(|part| (part.start, part.end, part.origin))
    }

    /// The bytes that the map holds.
    pub fn memory(&self) -> usize {
        self.parts.len() * size_of::<Part>()
    }

    fn part_at(&self, byte: u32) -> Option<&Part> {
        let after = self.parts.partition_point(|part| part.start <= byte);
        self.parts[..after].last().filter(|part| byte <= part.end)
    }
}
