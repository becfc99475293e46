//! Redirections: `2>&1`, `>>file`, `<<END`.

use crate::shell::Dialect;
use crate::shell::Direction;
use crate::shell::PartKind;
use crate::shell::Redirect;
use crate::shell::Word;
use crate::shell::input::name_length;
use crate::shell::reader::Read;
use crate::shell::reader::Reader;
use crate::shell::word::Place;

/// Operators, those first that begin with others.
const OPERATORS: &[(&str, Direction)] = &[
    ("<<", Direction::Document),
    ("<>", Direction::ReadWrite),
    ("<&", Direction::Duplicate),
    ("<", Direction::Read),
    (">>", Direction::Append),
    (">&", Direction::Duplicate),
    (">|", Direction::Replace),
    (">", Direction::Write),
];

/// The descriptor that bash gives to the first `{NAME}>`.
const FIRST_FREE: u32 = 10;

impl Reader {
    /// The redirections after a compound command.
    pub(super) fn redirects(&mut self) -> Read<Vec<Redirect>> {
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => return Ok(redirects),
            }
        }
    }

    /// The redirection that begins here, if one does.
    pub(super) fn redirect(&mut self) -> Read<Option<Redirect>> {
        let start = self.input.at;
        let may_begin = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'<' | b'>' | b'&' | b'{' | b'\\');
        if !self.input.peek().is_some_and(may_begin) {
            return Ok(None);
        }
        let descriptor = self.descriptor();
        let Some(direction) = self.direction(descriptor.is_some()) else {
            self.input.at = start;
            return Ok(None);
        };
        let written = self.input.slice(start..self.input.at);
        let may_be_file = descriptor.is_none() && written.contains('>');
        // Only this tells `<&` from `>&`.
        let descriptor = descriptor.or(if direction == Direction::Duplicate && !may_be_file { Some(0) } else { None });
        let (direction, target) = match direction {
            Direction::Document => {
                let strips_tabs = self.input.eat("-");
                (direction, self.document(start, strips_tabs)?)
            }
            _ => self.redirect_target(direction, may_be_file)?,
        };
        Ok(Some(Redirect { descriptor, direction, target, range: self.range_from(start) }))
    }

    /// Whether what is next belongs to a redirection of its own.
    pub(super) fn is_descriptor(&mut self) -> bool {
        let start = self.input.at;
        let is_descriptor = self.descriptor().is_some();
        self.input.at = start;
        is_descriptor
    }

    /// Digits, or `{NAME}`, directly before `<` or `>`. Stays if there are none.
    fn descriptor(&mut self) -> Option<u32> {
        let rest = self.input.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let named = rest.strip_prefix('{').filter(|_| self.is_bash()).map_or(0, name_length);
        let is_named = named > 0 && rest[1 + named..].starts_with('}');
        let length = if is_named { named + 2 } else { digits };
        if length == 0 || !rest[length..].starts_with(['<', '>']) {
            return None;
        }
        let descriptor = if is_named { FIRST_FREE } else { rest[..length].parse().ok()? };
        self.input.at += length;
        Some(descriptor)
    }

    fn direction(&mut self, has_descriptor: bool) -> Option<Direction> {
        let is_process =
            self.dialect != Dialect::Posix && (self.input.starts_with("<(") || self.input.starts_with(">("));
        if is_process {
            return None;
        }
        if self.dialect != Dialect::Posix {
            if !has_descriptor && self.is_bash() && self.input.eat("&>>") {
                return Some(Direction::AppendBoth);
            }
            if !has_descriptor && self.input.eat("&>") {
                return Some(Direction::WriteBoth);
            }
            if self.is_bash() && self.input.eat("<<<") {
                return Some(Direction::Text);
            }
        }
        OPERATORS.iter().find(|(operator, _)| self.input.eat(operator)).map(|(_, direction)| *direction)
    }

    /// The file, descriptor or text after an operator.
    fn redirect_target(&mut self, direction: Direction, may_be_file: bool) -> Read<(Direction, Word)> {
        self.skip_blanks();
        let start = self.input.at;
        let target = if self.is_descriptor() { Word::default() } else { self.word(Place::Argument)? };
        if self.input.at == start {
            return self.unexpected("a redirection lacks its file");
        }
        let is_file = direction == Direction::Duplicate && may_be_file && !may_be_descriptor(&target);
        // dash takes it for a descriptor all the same, and fails once it runs.
        if is_file && self.dialect != Dialect::Posix {
            return Ok((Direction::WriteBoth, target));
        }
        Ok((direction, target))
    }
}

/// Whether it is digits or `-`, or is only known once it is expanded.
fn may_be_descriptor(word: &Word) -> bool {
    if word.parts.iter().any(|part| !matches!(part.kind, PartKind::Text(_))) {
        return true;
    }
    let text = word.literal().unwrap_or_default();
    text == "-" || text.strip_suffix('-').unwrap_or(&text).bytes().all(|byte| byte.is_ascii_digit())
}
