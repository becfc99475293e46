//! Words: what stands together without a blank, and the quotes in it.

use std::ops::Range;

use crate::shell::Dialect;
use crate::shell::Part;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::shell::builder::Builder;
use crate::shell::input::ends_word;
use crate::shell::input::name_length;
use crate::shell::reader::Read;
use crate::shell::reader::Reader;

/// Where a word stands, which decides about what is special in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// A word of a command, or where a redirection goes.
    Argument,
    /// After `NAME=`, where neither patterns nor braces are expanded, and `~` is after each `:`.
    Value,
    /// What `case` compares.
    Pattern,
    /// Within `[[ … ]]`: parentheses that follow a character belong to the word.
    Test,
    /// After `=~`: they may also begin it.
    Regex,
    /// After `${NAME-`, up to `}`: blanks belong to the word.
    Operand,
}

impl Place {
    fn has_globs(self) -> bool {
        self != Place::Value
    }
}

/// The longest name before `=~`.
const MAX_NAME: usize = 128;

/// What is said about a template that is taken for a word.
pub(super) const TEMPLATE: &str = "a template stands where a shell reads words";

/// The longest `{{ … }}`.
const MAX_TEMPLATE: usize = 1024;

/// A word that a shell would read as this text.
pub(super) fn text_word(text: &str, range: Range<usize>) -> Word {
    let part = Part { kind: PartKind::Text(text.to_owned()), quoted: false, range: range.clone() };
    Word { parts: vec![part], range }
}

/// Whether a run of plain text ends at this byte.
fn is_special(byte: u8) -> bool {
    ends_word(byte)
        || matches!(
            byte,
            b'\\' | b'\'' | b'"' | b'$' | b'`' | b'*' | b'?' | b'[' | b']' | b'{' | b'}' | b',' | b'~' | b':' | b'='
        )
}

impl Reader {
    /// The word that begins here. It is empty if none does.
    pub(super) fn word(&mut self, place: Place) -> Read<Word> {
        let start = self.input.at;
        let mut builder = Builder::default();
        let mut parentheses = 0_usize;
        while let Some(byte) = self.input.peek() {
            let ends = match place {
                Place::Operand => byte == b'}',
                Place::Test | Place::Regex if byte == b'(' && (self.input.at > start || place == Place::Regex) => {
                    parentheses += 1;
                    self.take(&mut builder, 1);
                    continue;
                }
                Place::Test | Place::Regex if parentheses > 0 => {
                    if byte == b')' {
                        parentheses -= 1;
                    }
                    byte == b'\n'
                }
                Place::Regex if byte == b'|' && self.input.byte(self.input.at + 1) != Some(b'|') => false,
                _ => ends_word(byte) && !self.is_process(byte),
            };
            if ends {
                break;
            }
            self.piece(&mut builder, byte, place, start)?;
        }
        Ok(builder.finish(&self.input, start..self.input.at))
    }

    /// Whether `<(` or `>(` begins here.
    fn is_process(&self, byte: u8) -> bool {
        self.dialect != Dialect::Posix
            && matches!(byte, b'<' | b'>')
            && self.input.byte(self.input.at + 1) == Some(b'(')
    }

    /// Reads the next few bytes of a word, outside of quotes.
    fn piece(&mut self, builder: &mut Builder, byte: u8, place: Place, start: usize) -> Read<()> {
        let at = self.input.at;
        match byte {
            b'\\' => self.escape(builder),
            b'\'' => self.single_quoted(builder)?,
            b'"' => self.double_quoted(builder)?,
            b'$' => self.dollar(builder, false)?,
            b'`' => self.backticks(builder, false)?,
            b'<' | b'>' if place != Place::Operand && self.is_process(byte) => self.process(builder)?,
            b'*' | b'?' if place.has_globs() => {
                self.input.at += 1;
                builder.part(&self.input, PartKind::Pattern(char::from(byte).to_string()), at..at + 1, false);
            }
            b'[' if place.has_globs() => {
                self.input.at += 1;
                builder.open_bracket(&self.input, at);
            }
            b']' if place.has_globs() => {
                self.input.at += 1;
                builder.close_bracket(&self.input, at);
            }
            b'{' if self.has_templates && self.template(builder) => {}
            b'{' | b'}' | b',' if place == Place::Argument && self.is_bash() => {
                self.input.at += 1;
                match byte {
                    b'{' => builder.open_brace(&self.input, at),
                    b'}' => builder.close_brace(&self.input, at),
                    _ => builder.comma(&self.input, at),
                }
            }
            b'~' if at == start || self.may_be_home(place, start) => self.home(builder, place),
            _ => {
                let rest = &self.input.rest().as_bytes()[1..];
                let run = rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len());
                self.take(builder, run + 1);
            }
        }
        Ok(())
    }

    /// Adds so many bytes as they are.
    fn take(&mut self, builder: &mut Builder, length: usize) {
        let at = self.input.at;
        builder.text(&self.input, self.input.slice(at..at + length), at..at + length, false);
        self.input.at += length;
    }

    /// A backslash and what follows it.
    fn escape(&mut self, builder: &mut Builder) {
        let at = self.input.at + 1;
        let Some(escaped) = self.input.slice(at..self.input.len()).chars().next() else {
            return self.take(builder, 1);
        };
        let end = at + escaped.len_utf8();
        if escaped != '\n' {
            builder.text(&self.input, self.input.slice(at..end), at..end, true);
        }
        self.input.at = end;
    }

    /// `'…'`
    fn single_quoted(&mut self, builder: &mut Builder) -> Read<()> {
        let start = self.input.at;
        self.input.at += 1;
        self.input.skip_until(|byte| byte == b'\'');
        if self.input.peek().is_none() {
            return Err(self.failure(start, "a single quote is not closed"));
        }
        let within = start + 1..self.input.at;
        if within.is_empty() {
            builder.empty(&self.input, within.start);
        } else {
            builder.text(&self.input, self.input.slice(within.clone()), within, true);
        }
        self.input.at += 1;
        Ok(())
    }

    /// `"…"`
    pub(super) fn double_quoted(&mut self, builder: &mut Builder) -> Read<()> {
        let start = self.input.at;
        self.input.at += 1;
        if self.input.peek() == Some(b'"') {
            builder.empty(&self.input, self.input.at);
        }
        self.within(|reader| reader.quoted_text(builder, Some(b'"')))?;
        if self.input.peek().is_none() {
            return Err(self.failure(start, "a double quote is not closed"));
        }
        self.input.at += 1;
        Ok(())
    }

    /// The text of a here-document.
    pub(super) fn text_of_document(&mut self) -> Read<Word> {
        let mut builder = Builder::default();
        self.quoted_text(&mut builder, None)?;
        Ok(builder.finish(&self.input, 0..self.input.at))
    }

    /// Text in which only `$`, backticks and some backslashes mean something, up to `end` or the end of the text.
    pub(super) fn quoted_text(&mut self, builder: &mut Builder, end: Option<u8>) -> Read<()> {
        let is_operand = end == Some(b'}');
        // To bash single quotes are text here, but what is between them does not end it.
        let mut is_single = false;
        while let Some(byte) = self.input.peek().filter(|byte| is_single || Some(*byte) != end) {
            match byte {
                b'\\' => self.quoted_escape(builder, end),
                b'$' => self.dollar(builder, true)?,
                b'`' => self.backticks(builder, true)?,
                b'"' if is_operand => self.double_quoted(builder)?,
                _ => {
                    is_single ^= byte == b'\'' && is_operand && self.is_bash();
                    let start = self.input.at;
                    self.input.at += 1;
                    self.input.skip_until(|byte| {
                        matches!(byte, b'\\' | b'$' | b'`')
                            || Some(byte) == end
                            || (is_operand && matches!(byte, b'"' | b'\''))
                    });
                    let run = start..self.input.at;
                    builder.text(&self.input, self.input.slice(run.clone()), run, true);
                }
            }
        }
        Ok(())
    }

    /// A backslash between double quotes stays, unless what follows means something there.
    fn quoted_escape(&mut self, builder: &mut Builder, end: Option<u8>) {
        let at = self.input.at;
        self.input.at += 2;
        match self.input.byte(at + 1) {
            Some(b'\n') => {}
            Some(byte)
                if matches!(byte, b'$' | b'`' | b'\\') || Some(byte) == end || (byte == b'"' && end.is_some()) =>
            {
                let text = char::from(byte).to_string();
                builder.text(&self.input, &text, at..at + 2, true);
            }
            _ => {
                self.input.at = at + 1;
                builder.text(&self.input, "\\", at..at + 1, true);
            }
        }
    }

    /// Whether `~` may stand for a home within a word: in an assignment, after `=` and `:`.
    fn may_be_home(&self, place: Place, start: usize) -> bool {
        let before = self.input.byte(self.input.at - 1);
        if !matches!(before, Some(b':' | b'=')) || place == Place::Value {
            return before == Some(b':') && place == Place::Value;
        }
        // bash takes `NAME=~` for an assignment wherever it stands.
        let word = self.input.slice(start..self.input.at);
        let name = name_length(word.get(..MAX_NAME).unwrap_or(word));
        let is_assignment = name > 0 && word[name..].starts_with('=');
        self.is_bash() && place == Place::Argument && is_assignment && (before == Some(b':') || word.len() == name + 1)
    }

    /// `~` or `~name`, which must be followed by the end of a word or of the first folder.
    fn home(&mut self, builder: &mut Builder, place: Place) {
        let start = self.input.at;
        self.input.at += 1;
        self.input.skip_until(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-' | b'.' | b'+'));
        let is_home = match self.input.peek() {
            None | Some(b'/') => true,
            Some(b':') => place == Place::Value || self.is_bash(),
            Some(b'}') => place == Place::Operand,
            Some(byte) => ends_word(byte),
        };
        if is_home {
            let name = self.input.slice(start + 1..self.input.at).to_owned();
            builder.part(&self.input, PartKind::Home(name), start..self.input.at, false);
        } else {
            self.input.at = start;
            self.take(builder, 1);
        }
    }

    /// `{{ … }}` on one line.
    fn template(&mut self, builder: &mut Builder) -> bool {
        let start = self.input.at;
        let rest = self.input.rest();
        if !rest.starts_with("{{") {
            return false;
        }
        let near = &rest.as_bytes()[..rest.len().min(MAX_TEMPLATE)];
        let line = &near[..memchr::memchr(b'\n', near).unwrap_or(near.len())];
        let Some(end) = memchr::memmem::find(line, b"}}") else { return false };
        let within = rest[1..=end].to_owned();
        self.input.at += end + 2;
        let failure = self.failure(start, TEMPLATE);
        self.report(failure);
        builder.part(&self.input, PartKind::Braces(within), start..self.input.at, false);
        true
    }
}
