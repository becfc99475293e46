//! The text that is read, and the place in it. It is a script, or what stands in backticks or in a here-document
//! once escapes or tabs are taken away; a map leads from the bytes of that back to those of the script.

use std::ops::Range;

/// A here-document that was announced, and whose text begins at the next line.
pub(super) struct Pending {
    /// Where `<<` stands, in bytes of the script.
    pub(super) announced: usize,
    /// The line that ends it.
    pub(super) delimiter: String,
    /// Whether tabs at the start of lines are taken away.
    pub(super) strips_tabs: bool,
    /// Whether the delimiter is quoted, so that nothing in the text is expanded.
    pub(super) is_plain: bool,
}

/// A text and how far it is read.
#[derive(Default)]
pub(super) struct Input {
    text: String,
    /// For each byte where it stands in the script, and one for the end; empty if the text is the script.
    map: Vec<usize>,
    /// The next byte.
    pub(super) at: usize,
    /// In the order announced.
    pub(super) pending: Vec<Pending>,
    /// How many line ends have been read between commands.
    pub(super) lines: usize,
}

impl Input {
    pub(super) fn of(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// A text made of bytes of another one; `map` says of which, and ends with the end.
    pub(super) fn derived(text: String, map: Vec<usize>) -> Self {
        debug_assert_eq!(text.len() + 1, map.len());
        Self { text, map, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        &self.text[range]
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    /// Where a byte stands in the script.
    pub(super) fn place(&self, at: usize) -> usize {
        self.map.get(at).copied().unwrap_or(at)
    }

    /// Bytes of the script.
    pub(super) fn range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.place(range.start);
        if range.is_empty() { start..start } else { start..self.place(range.end - 1) + 1 }
    }

    pub(super) fn starts_with(&self, what: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(what.as_bytes())
    }

    /// Goes past backslashes before line ends, which a shell does not see.
    pub(super) fn skip_continuations(&mut self) {
        while self.starts_with("\\\n") {
            self.at += 2;
        }
    }

    /// Goes past this operator if it is next.
    pub(super) fn eat(&mut self, operator: &str) -> bool {
        let start = self.at;
        // Most of what is looked for is not there.
        if !self.peek().is_some_and(|byte| byte == b'\\' || operator.as_bytes().first() == Some(&byte)) {
            return false;
        }
        for byte in operator.bytes() {
            self.skip_continuations();
            if self.peek() != Some(byte) {
                self.at = start;
                return false;
            }
            self.at += 1;
        }
        true
    }

    /// Whether this operator is next.
    pub(super) fn sees(&mut self, operator: &str) -> bool {
        let start = self.at;
        let sees = self.eat(operator);
        self.at = start;
        sees
    }

    /// Goes past everything up to one of these bytes, or to the end.
    pub(super) fn skip_until(&mut self, stops: impl Fn(u8) -> bool) {
        let bytes = &self.text.as_bytes()[self.at..];
        self.at += bytes.iter().position(|byte| stops(*byte)).unwrap_or(bytes.len());
    }
}

/// Whether a byte outside of quotes ends a word.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// How many bytes of a name are at the start.
pub(super) fn name_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    if bytes.first().is_some_and(u8::is_ascii_digit) {
        return 0;
    }
    bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(bytes.len())
}
