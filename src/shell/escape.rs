//! `$'…'`: text with the escapes of C.

use crate::shell::builder::Builder;
use crate::shell::reader::Read;
use crate::shell::reader::Reader;

impl Reader {
    /// `$'…'`, at its quote.
    pub(super) fn escaped_text(&mut self, builder: &mut Builder, start: usize) -> Read<()> {
        self.input.at += 1;
        let within = self.input.at;
        let mut text = String::new();
        loop {
            let run = self.input.at;
            self.input.skip_until(|byte| matches!(byte, b'\'' | b'\\'));
            text.push_str(self.input.slice(run..self.input.at));
            match self.input.peek() {
                None => return Err(self.failure(start, "a single quote is not closed")),
                Some(b'\'') => break,
                Some(_) => {
                    let (char, length) = escape(self.input.rest());
                    text.extend(char);
                    if char.is_none() {
                        text.push_str(self.input.slice(self.input.at..self.input.at + length));
                    }
                    self.input.at += length;
                }
            }
        }
        // The words of a program end at such a byte.
        text.truncate(text.find('\0').unwrap_or(text.len()));
        let range = within..self.input.at;
        self.input.at += 1;
        if text.is_empty() {
            builder.empty(&self.input, range.start);
        } else {
            builder.text(&self.input, &text, range, true);
        }
        Ok(())
    }
}

/// What a backslash and the bytes after it stand for, and how many they are; none if they stand for themselves.
fn escape(text: &str) -> (Option<char>, usize) {
    let Some(kind) = text[1..].chars().next() else { return (None, 1) };
    let plain = match kind {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' | 'E' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' | '\'' | '"' | '?' => kind,
        '0'..='7' => return number(text, 1, 3, 8),
        'x' => return number(text, 2, 2, 16),
        'u' => return number(text, 2, 4, 16),
        'U' => return number(text, 2, 8, 16),
        _ => return (None, 1 + kind.len_utf8()),
    };
    (Some(plain), 2)
}

/// A character by its number. A single byte beyond ASCII is no text, and stands as the sign for that.
fn number(text: &str, start: usize, most: usize, radix: u32) -> (Option<char>, usize) {
    let digits = text[start..].chars().take(most).take_while(|char| char.is_digit(radix)).count();
    let end = start + digits;
    let Ok(value) = u32::from_str_radix(&text[start..end], radix) else { return (None, end) };
    let is_byte = most < 4;
    let char = if is_byte && value > 0x7f { None } else { char::from_u32(value) };
    (Some(char.unwrap_or(char::REPLACEMENT_CHARACTER)), end)
}
