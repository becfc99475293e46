//! Scalars without quotes, in lines and within brackets.

use crate::yaml::Style;
use crate::yaml::scan::Found;
use crate::yaml::scan::Scan;
use crate::yaml::scan::lines::is_blank;
use crate::yaml::scan::lines::is_space;

impl Scan<'_, '_> {
    /// A plain scalar on one line, up to a colon that makes it a key, a comment, or the end of the line.
    pub(super) fn plain_line(&mut self) -> Option<Found> {
        let start = self.at;
        let (first, second) = (self.byte(start), self.byte(start + 1));
        let is_plain = match first {
            b'-' | b'?' | b':' => !is_space(second),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' => false,
            _ => !is_space(first),
        };
        is_plain.then(|| {
            let end = self.plain_words();
            Found { style: Style::Plain, start, end, is_made: false }
        })
    }

    /// Reads words up to what ends a plain scalar in a line, and gives the end of the last.
    fn plain_words(&mut self) -> usize {
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        let mut at = self.at;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'\n' => break,
                b' ' | b'\t' => at += 1,
                b':' if is_space(self.byte(at + 1)) => break,
                b'#' if at > end => break,
                _ => {
                    at += 1;
                    end = at;
                }
            }
        }
        self.at = at;
        end
    }

    /// The rest of a plain scalar that is a value, which may go on for several lines that begin at column
    /// `least` or behind it.
    pub(super) fn plain_value(&mut self, mut found: Found, least: usize) -> Option<Found> {
        while self.peek() == b'\n' {
            let breaks = self.continuation(least)?;
            if breaks == 0 {
                break;
            }
            if !found.is_made {
                self.buffer.clear();
                self.buffer.push_str(&self.text[found.start..found.end]);
                found.is_made = true;
            }
            self.fold(breaks);
            let start = self.at;
            found.end = self.plain_words();
            self.buffer.push_str(&self.text[start..found.end]);
        }
        // A colon here would make a key of what can't be one.
        (self.peek() != b':').then_some(found)
    }

    /// Goes to the next line that continues a plain scalar and says how many line breaks are before it: 0 if
    /// there is no such line.
    fn continuation(&mut self, least: usize) -> Option<usize> {
        let (mut at, mut line, mut breaks) = (self.at, self.line, 0);
        while self.byte(at) == b'\n' {
            (at, line, breaks) = (at + 1, at + 1, breaks + 1);
            while self.byte(at) == b' ' {
                at += 1;
            }
        }
        let (first, second) = (self.byte(at), self.byte(at + 1));
        if first == b'\t' || first == b':' && is_space(second) {
            return None;
        }
        if at - line < least || first == b'#' || at >= self.text.len() {
            return Some(0);
        }
        (self.at, self.line) = (at, line);
        Some(breaks)
    }

    /// What `breaks` line breaks mean within a text that is folded: a space, or one break less.
    pub(super) fn fold(&mut self, breaks: usize) {
        match breaks {
            1 => self.buffer.push(' '),
            _ => self.buffer.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
    }

    /// A plain scalar within brackets, on one line. What comes next must be looked at: it may be that
    /// the scalar would go on in another.
    pub(super) fn plain_in_flow(&mut self) -> Option<Found> {
        let start = self.at;
        let (first, second) = (self.byte(start), self.byte(start + 1));
        let is_plain = match first {
            b'-' => !is_space(second) && !is_flow(second),
            b'?' | b':' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => false,
            _ => !is_space(first) && !is_flow(first),
        };
        if !is_plain {
            return None;
        }
        let mut end = start;
        loop {
            let byte = self.peek();
            match byte {
                b'\n' | 0 => break,
                b':' if is_space(self.byte(self.at + 1)) || is_flow(self.byte(self.at + 1)) => break,
                b'#' if is_blank(self.byte(self.at - 1)) => return None,
                b' ' | b'\t' => self.at += 1,
                _ if is_flow(byte) => break,
                _ => {
                    self.at += 1;
                    end = self.at;
                }
            }
        }
        Some(Found { style: Style::Plain, start, end, is_made: false })
    }
}

fn is_flow(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}
