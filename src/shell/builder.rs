//! A word while it is read: its parts, and the brackets and braces that may still close.

use std::mem;
use std::ops::Range;

use crate::shell::Part;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::shell::input::Input;
use crate::shell::reader::MAX_DEPTH;

/// A `[` or `{` that may still turn out to be text.
struct Mark {
    /// How many parts stand before it.
    parts: usize,
    at: usize,
    has_comma: bool,
}

/// The parts of a word so far.
#[derive(Default)]
pub(super) struct Builder {
    parts: Vec<Part>,
    /// Text that may go on, in bytes of the input.
    text: String,
    text_range: Range<usize>,
    is_quoted: bool,
    bracket: Option<Mark>,
    braces: Vec<Mark>,
}

impl Builder {
    /// Adds bytes of the input that stand for `text`.
    pub(super) fn text(&mut self, input: &Input, text: &str, range: Range<usize>, quoted: bool) {
        let goes_on = !self.text.is_empty() && self.is_quoted == quoted && self.text_range.end == range.start;
        if !goes_on {
            self.flush(input);
            self.is_quoted = quoted;
            self.text_range = range.clone();
        }
        self.text.push_str(text);
        self.text_range.end = range.end;
    }

    /// Adds an empty pair of quotes: it makes a word of what may expand to nothing.
    pub(super) fn empty(&mut self, input: &Input, at: usize) {
        self.part(input, PartKind::Text(String::new()), at..at, true);
    }

    pub(super) fn part(&mut self, input: &Input, kind: PartKind, range: Range<usize>, quoted: bool) {
        self.flush(input);
        self.parts.push(Part { kind, quoted, range: input.range(range) });
    }

    fn flush(&mut self, input: &Input) {
        if !self.text.is_empty() {
            let kind = PartKind::Text(mem::take(&mut self.text));
            let range = input.range(self.text_range.clone());
            self.parts.push(Part { kind, quoted: self.is_quoted, range });
        }
    }

    /// A `[` outside of quotes.
    pub(super) fn open_bracket(&mut self, input: &Input, at: usize) {
        if self.bracket.is_none() {
            self.flush(input);
            self.bracket = Some(Mark { parts: self.parts.len(), at, has_comma: false });
        }
        self.text(input, "[", at..at + 1, false);
    }

    /// A `]` outside of quotes.
    pub(super) fn close_bracket(&mut self, input: &Input, at: usize) {
        self.text(input, "]", at..at + 1, false);
        let Some(mark) = &self.bracket else { return };
        let within = input.slice(mark.at + 1..at);
        let is_class = within.rfind("[:").is_some_and(|open| within.ends_with(':') && !within[open..].contains(']'));
        if matches!(within, "" | "!" | "^") || is_class {
            return;
        }
        self.collapse(input, mark.parts, mark.at..at + 1, PartKind::Pattern);
    }

    /// A `{` outside of quotes.
    pub(super) fn open_brace(&mut self, input: &Input, at: usize) {
        if self.braces.len() < MAX_DEPTH {
            self.flush(input);
            self.braces.push(Mark { parts: self.parts.len(), at, has_comma: false });
        }
        self.text(input, "{", at..at + 1, false);
    }

    /// A `,` outside of quotes.
    pub(super) fn comma(&mut self, input: &Input, at: usize) {
        if let Some(mark) = self.braces.last_mut() {
            mark.has_comma = true;
        }
        self.text(input, ",", at..at + 1, false);
    }

    /// A `}` outside of quotes.
    pub(super) fn close_brace(&mut self, input: &Input, at: usize) {
        self.text(input, "}", at..at + 1, false);
        let Some(mark) = self.braces.pop() else { return };
        if mark.has_comma || is_sequence(input.slice(mark.at + 1..at)) {
            let strip = |text: String| PartKind::Braces(text[1..text.len() - 1].to_owned());
            self.collapse(input, mark.parts, mark.at..at + 1, strip);
        }
    }

    /// Makes one part of all from `first` on.
    fn collapse(&mut self, input: &Input, first: usize, range: Range<usize>, kind: impl Fn(String) -> PartKind) {
        self.flush(input);
        self.parts.truncate(first);
        self.bracket = self.bracket.take().filter(|mark| mark.parts < first);
        while self.braces.last().is_some_and(|mark| mark.parts >= first) {
            self.braces.pop();
        }
        let text = input.slice(range.clone()).to_owned();
        self.part(input, kind(text), range, false);
    }

    /// The word whose bytes are these.
    pub(super) fn finish(mut self, input: &Input, range: Range<usize>) -> Word {
        self.flush(input);
        let mut parts = self.parts;
        parts.dedup_by(|part, before| {
            let (PartKind::Text(text), PartKind::Text(all)) = (&part.kind, &mut before.kind) else { return false };
            let goes_on = before.quoted == part.quoted && before.range.end == part.range.start;
            if goes_on {
                all.push_str(text);
                before.range.end = part.range.end;
            }
            goes_on
        });
        if parts.iter().all(|part| matches!(&part.kind, PartKind::Text(text) if text.is_empty())) {
            parts.clear();
        }
        Word { parts, range: input.range(range) }
    }
}

/// Whether it is `1..3`, `a..e`, or either with a step.
fn is_sequence(within: &str) -> bool {
    let is_number = |text: &str| {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_letter = |text: &str| text.len() == 1 && text.as_bytes()[0].is_ascii_alphabetic();
    let mut ends = within.split("..");
    let (Some(first), Some(last)) = (ends.next(), ends.next()) else { return false };
    let is_range = (is_number(first) && is_number(last)) || (is_letter(first) && is_letter(last));
    is_range && ends.next().is_none_or(is_number) && ends.next().is_none()
}
