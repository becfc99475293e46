//! Scalars in quotes. Most need no change between them; the others are put together in the buffer.

use crate::yaml::Style;
use crate::yaml::scan::Found;
use crate::yaml::scan::Scan;
use crate::yaml::scan::lines::is_blank;

impl Scan<'_, '_> {
    /// A scalar in quotes whose further lines begin at column `least` or behind it. Goes behind the closing quote.
    pub(super) fn quoted(&mut self, least: usize) -> Option<Found> {
        let start = self.at;
        let quote = self.peek();
        let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
        self.at += 1;
        let stop = self.stop(quote)?;
        let is_made = self.byte(stop) != quote || quote == b'\'' && self.byte(stop + 1) == quote;
        if is_made {
            self.put_together(quote, least)?;
        } else {
            self.at = stop + 1;
        }
        Some(Found { style, start, end: self.at, is_made })
    }

    /// The next byte that is not just text.
    fn stop(&self, quote: u8) -> Option<usize> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let stop =
            if quote == b'"' { memchr::memchr3(b'"', b'\\', b'\n', rest) } else { memchr::memchr2(b'\'', b'\n', rest) };
        Some(self.at + stop?)
    }

    fn put_together(&mut self, quote: u8, least: usize) -> Option<()> {
        self.buffer.clear();
        loop {
            let stop = self.stop(quote)?;
            let text = &self.text[self.at..stop];
            match self.byte(stop) {
                b'\n' => {
                    self.buffer.push_str(text.trim_end_matches([' ', '\t']));
                    self.at = stop;
                    let breaks = self.next_line()?;
                    self.fold(breaks);
                    if self.column() < least {
                        return None;
                    }
                }
                b'\\' => {
                    self.buffer.push_str(text);
                    self.at = stop + 1;
                    self.escape()?;
                }
                _ => {
                    self.buffer.push_str(text);
                    self.at = stop + 1;
                    if quote == b'"' || self.peek() != quote {
                        return Some(());
                    }
                    self.buffer.push('\'');
                    self.at += 1;
                }
            }
        }
    }

    /// Goes from a line break to the next line that is not empty, and says how many breaks are before it.
    fn next_line(&mut self) -> Option<usize> {
        let mut breaks = 0;
        while self.peek() == b'\n' {
            breaks += 1;
            self.skip_break();
            self.skip_spaces();
        }
        let rest = &self.text[self.at..];
        let is_marker = self.column() == 0 && (rest.starts_with("---") || rest.starts_with("..."));
        (!is_marker && !is_blank(self.peek())).then_some(breaks)
    }

    /// What a backslash stands for together with what follows it.
    fn escape(&mut self) -> Option<()> {
        let letter = self.peek();
        if letter == b'\n' {
            let breaks = self.next_line()?;
            self.buffer.extend(std::iter::repeat_n('\n', breaks - 1));
            return Some(());
        }
        self.at += 1;
        let char = match letter {
            b'0' => '\0',
            b'a' => '\x07',
            b'b' => '\x08',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\x0b',
            b'f' => '\x0c',
            b'r' => '\r',
            b'e' => '\x1b',
            b' ' | b'"' | b'/' | b'\\' => char::from(letter),
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => self.code(2)?,
            b'u' => self.code(4)?,
            b'U' => self.code(8)?,
            _ => return None,
        };
        self.buffer.push(char);
        Some(())
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let hex = self.text.get(self.at..self.at + digits)?;
        self.at += digits;
        if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        char::from_u32(u32::from_str_radix(hex, 16).ok()?)
    }
}
