//! What lies between tokens: blanks, line breaks, comments, and the markers of documents.

use crate::yaml::Comment;
use crate::yaml::scan::Scan;

impl Scan<'_, '_> {
    /// The next byte, 0 at the end of the text.
    pub(super) fn peek(&self) -> u8 {
        self.byte(self.at)
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// How far from the start of its line the next byte is. Only asked where what precedes it in the
    /// line are blanks and dashes.
    pub(super) fn column(&self) -> usize {
        self.at - self.line
    }

    pub(super) fn skip_spaces(&mut self) {
        while self.peek() == b' ' {
            self.at += 1;
        }
    }

    pub(super) fn skip_break(&mut self) {
        self.at += 1;
        self.line = self.at;
    }

    /// Goes to the end of the line, on which nothing but a comment may follow.
    pub(super) fn line_end(&mut self) -> Option<()> {
        while is_blank(self.peek()) {
            self.at += 1;
        }
        match self.peek() {
            b'\n' => Some(()),
            b'#' if self.at > 0 && is_blank(self.byte(self.at - 1)) => {
                self.comment();
                Some(())
            }
            _ => self.is_end().then_some(()),
        }
    }

    /// Goes to the next token, from the start of a line or behind a blank.
    pub(super) fn next_token(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                b' ' => self.at += 1,
                b'\n' => self.skip_break(),
                b'#' => self.comment(),
                b'\t' => self.skip_blank_line()?,
                _ => break,
            }
        }
        let is_odd = self.at == self.line && (self.peek() == b'%' || self.text[self.at..].starts_with("..."));
        (!is_odd).then_some(())
    }

    /// A tab means nothing on a line that has nothing else.
    fn skip_blank_line(&mut self) -> Option<()> {
        while is_blank(self.peek()) {
            self.at += 1;
        }
        (self.peek() == b'\n' || self.is_end()).then_some(())
    }

    fn comment(&mut self) {
        let start = self.at;
        self.at = self.end_of_line();
        let span = self.span(start, self.at);
        self.comments.push(Comment { span });
    }

    /// Where the line ends, its break not counted.
    pub(super) fn end_of_line(&self) -> usize {
        memchr::memchr(b'\n', &self.text.as_bytes()[self.at..]).map_or(self.text.len(), |length| self.at + length)
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Whether the next token is the `---` that starts a document.
    pub(super) fn is_marker(&self) -> bool {
        self.at == self.line
            && self.text[self.at..].starts_with("---")
            && (is_space(self.byte(self.at + 3)) || self.at + 3 == self.text.len())
    }

    pub(super) fn is_document_end(&self) -> bool {
        self.is_end() || self.is_marker()
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Whether what precedes the byte is a whole word. The end of the text counts.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0)
}
