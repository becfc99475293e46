//! From a byte of a scalar's value to the byte of the source that it was read from, through block
//! indentation, folded lines, quotes and escapes. Not a parser: the value is already known.

use std::ops::Range;

use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tree;
use crate::yaml::raw::IN_SCRATCH;
use crate::yaml::tree::at;

impl Tree {
    /// Where a part of a scalar's text stands letter for letter: in its source, or where the parts
    /// of a composed scalar came from.
    pub(super) fn own_text_span(&self, id: NodeId, range: &Range<usize>) -> Option<Span> {
        let raw = self.raw(id);
        let text = self.text_range(&raw);
        let part = at(self.span(id).source, text.start as usize + range.start, text.start as usize + range.end);
        if !raw.is(IN_SCRATCH) {
            return Some(part);
        }
        // A text that nothing is known of may stand right behind one that was composed.
        self.scratch_origins.parts(text.start, text.end).next()?;
        self.scratch_origins.origin(part)
    }

    /// The parts of a composed scalar's text: the bytes of the text, and where they came from.
    pub(super) fn composed_parts(&self, id: NodeId) -> impl Iterator<Item = (Range<usize>, Span)> {
        let raw = self.raw(id);
        let Range { start: first, end } = if raw.is(IN_SCRATCH) { self.scratch_range(raw.last) } else { 0..0 };
        let within = move |at: u32| (at - first) as usize;
        let parts = self.scratch_origins.parts(first, end);
        parts.map(move |(start, end, origin)| (within(start)..within(end), origin))
    }

    /// The span of one part of a scalar's text where the scalar was composed of several.
    pub(super) fn composed_of(&self, id: NodeId) -> impl Iterator<Item = Span> {
        self.composed_parts(id).map(|(_, origin)| origin)
    }
}

/// The span of the part `range` (bytes) of a scalar's text. For a scalar composed of several parts
/// it is the part's own origin.
pub fn span_within(scalar: Node<'_>, range: Range<usize>) -> Span {
    debug_assert_eq!(scalar.kind(), Kind::Scalar);
    if let Some(span) = scalar.tree().own_text_span(scalar.id(), &range) {
        return span;
    }
    let span = scalar.span();
    let source = scalar.tree().sources().get(span.source).text();
    let written = &source[span.start as usize..span.end as usize];
    let mut walk = Walk::of(scalar, written, indentation(scalar, source));
    let (mut start, mut end) = (written.len(), written.len());
    for (index, char) in scalar.text().char_indices() {
        if index >= range.end {
            break;
        }
        let found = walk.find(char);
        if index >= range.start && start == written.len() {
            start = found.start;
        }
        end = found.end;
    }
    if range.is_empty() || start > end {
        end = start;
    }
    let offset = |index: usize| span.start + u32::try_from(index).expect("a source is shorter than 4 GiB");
    Span { start: offset(start), end: offset(end), ..span }
}

/// Where each line of a scalar's text was written: the bytes of the text, its line break included, and the
/// span in the source. A text that stands in its source letter for letter is one part.
pub fn spans_of_lines(scalar: Node<'_>) -> Vec<(Range<usize>, Span)> {
    let text = scalar.text();
    if let Some(span) = scalar.tree().own_text_span(scalar.id(), &(0..text.len())) {
        return vec![(0..text.len(), span)];
    }
    let span = scalar.span();
    let source = scalar.tree().sources().get(span.source).text();
    let written = &source[span.start as usize..span.end as usize];
    let mut walk = Walk::of(scalar, written, indentation(scalar, source));
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let places: Vec<Range<usize>> = line.chars().map(|char| walk.find(char)).collect();
        let start = places.first().map_or(0, |place| place.start);
        let end = places.last().map_or(start, |place| place.end.max(start));
        let offset = |index: usize| span.start + u32::try_from(index).expect("a source is shorter than 4 GiB");
        lines.push((at..at + line.len(), Span { start: offset(start), end: offset(end), ..span }));
        at += line.len();
    }
    lines
}

/// How far the lines of a block scalar are indented that are none of its value: what its first line has more of
/// in the source than in the value.
fn indentation(scalar: Node<'_>, source: &str) -> usize {
    let span = scalar.span();
    let is_content = |line: &&str| !line.trim().is_empty();
    let Some(first) = scalar.text().lines().find(is_content) else { return 0 };
    let own = first.len() - first.trim_start_matches(' ').len();
    let written = &source[span.start as usize..span.end as usize];
    let body = span.start as usize + header(written);
    let rest = &source[body..span.end as usize];
    let letter = body + rest.len() - rest.trim_start().len();
    let line = source[..letter].rfind('\n').map_or(0, |end| end + 1);
    (letter - line).saturating_sub(own)
}

/// The length of the line of a block scalar that says it is one, if that is part of its text.
fn header(written: &str) -> usize {
    let has_header = written.starts_with(['|', '>']);
    let end = written.find('\n').map_or(written.len(), |end| end + 1);
    if has_header { end } else { 0 }
}

/// A walk along the written form of a scalar, one character of its value after the other.
struct Walk<'a> {
    written: &'a str,
    at: usize,
    style: Style,
    /// How far each line of a block scalar is indented.
    indentation: usize,
}

impl<'a> Walk<'a> {
    fn of(scalar: Node<'_>, written: &'a str, indentation: usize) -> Self {
        let style = scalar.style();
        let at = match style {
            Style::SingleQuoted | Style::DoubleQuoted => 1,
            Style::Literal | Style::Folded => header(written),
            _ => 0,
        };
        Self { written, at, style, indentation }
    }

    /// Where the next character of the value was written.
    fn find(&mut self, char: char) -> Range<usize> {
        if char == ' ' {
            self.skip_indentation();
        }
        if char.is_whitespace() {
            // A folded newline was written as a line break and indentation, or not at all.
            return match self.peek() {
                Some(next) if next == char => self.take(char.len_utf8()),
                Some('\r') if char == '\n' => self.take(2.min(self.written.len() - self.at)),
                Some('\\') if self.style == Style::DoubleQuoted => self.escape(),
                _ => self.at..self.at,
            };
        }
        while let Some(next) = self.peek() {
            match next {
                '\\' if self.style == Style::DoubleQuoted => {
                    let escape = self.escape();
                    if !self.written[escape.clone()].ends_with(['\n', '\r']) {
                        return escape;
                    }
                }
                '\'' if self.style == Style::SingleQuoted => return self.take(2),
                next if next == char => return self.take(char.len_utf8()),
                next if next.is_whitespace() => self.at += next.len_utf8(),
                // Only reached where parser and walk disagree; staying keeps the line right.
                _ => break,
            }
        }
        self.at..self.at
    }

    /// Goes on to where the value begins on this line of a block scalar.
    fn skip_indentation(&mut self) {
        let is_block = matches!(self.style, Style::Literal | Style::Folded);
        let before = &self.written[..self.at];
        if is_block && (before.is_empty() || before.ends_with('\n')) {
            let blanks = self.written[self.at..].bytes().take_while(|byte| *byte == b' ').count();
            self.at += blanks.min(self.indentation);
        }
    }

    fn peek(&self) -> Option<char> {
        self.written[self.at..].chars().next()
    }

    fn take(&mut self, length: usize) -> Range<usize> {
        let start = self.at;
        self.at = self.written.floor_char_boundary((start + length).min(self.written.len()));
        start..self.at
    }

    /// Takes a backslash and what belongs to it.
    fn escape(&mut self) -> Range<usize> {
        let next = self.written[self.at + 1..].chars().next();
        self.take(match next {
            Some('x') => 4,
            Some('u') => 6,
            Some('U') => 10,
            Some(char) => 1 + char.len_utf8(),
            None => 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::span_within;
    use crate::source::Sources;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    /// Parses `{a: …}` and says at which `line:column` the first `needle` of the value was written.
    fn place(text: &str, needle: &str) -> String {
        let sources = Arc::new(Sources::in_memory());
        let source = sources.add("a.yaml", text);
        let parsed = parse(&sources, source, Reader::Kubectl);
        let value = parsed.tree.node(parsed.documents[0].root).get("a").unwrap();
        let start = value.text().find(needle).unwrap();
        let span = span_within(value, start..start + needle.len());
        let location = sources.location(span);
        assert_eq!(location.line, location.end_line);
        format!("{}:{}-{}", location.line, location.column, location.end_column)
    }

    #[test]
    fn lines_of_a_literal_block_are_found() {
        let text = "a: |\n  one\n\n  two\n    three é mkdir\n";
        assert_eq!(place(text, "two"), "4:3-6");
        assert_eq!(place(text, "mkdir"), "5:13-18");
        assert_eq!(place(text, "  three"), "5:3-10");
        assert_eq!(place("a: |2\n    one\n   two\n", " two"), "3:3-7");
    }

    #[test]
    fn folded_and_plain_lines_are_found() {
        assert_eq!(place("a: >-\n  one\n  two\n\n  three\n", "three"), "5:3-8");
        assert_eq!(place("a: one\n   two three\n", "three"), "2:8-13");
        assert_eq!(place("a: one two\n", "two"), "1:8-11");
    }

    #[test]
    fn quotes_and_escapes_are_walked_over() {
        assert_eq!(place(r#"a: "x\ty \u00e9 mkdir""#, "mkdir"), "1:17-22");
        assert_eq!(place("a: 'it''s mkdir'", "mkdir"), "1:11-16");
        assert_eq!(place("a: \"one\\\n   two\"", "two"), "2:4-7");
    }
}
