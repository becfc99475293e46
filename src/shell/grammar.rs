//! Lists, pipelines, and where reading goes on after what could not be followed.

use std::ops::Range;

use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::Dialect;
use crate::shell::Direction;
use crate::shell::Item;
use crate::shell::Join;
use crate::shell::List;
use crate::shell::Pipeline;
use crate::shell::Redirect;
use crate::shell::input::ends_word;
use crate::shell::reader::Failure;
use crate::shell::reader::Read;
use crate::shell::reader::Reader;
use crate::shell::word::text_word;

/// Words that mean something to the shell where a command may begin.
const KEYWORDS: &[&str] =
    &["!", "{", "}", "if", "then", "else", "elif", "fi", "while", "until", "for", "do", "done", "case", "esac", "in"];

/// Those that only bash has. The `[[` of BusyBox is a command like any other.
const BASH_KEYWORDS: &[&str] = &["[[", "]]", "function", "select", "time", "coproc"];

/// Those that BusyBox has.
const ASH_KEYWORDS: &[&str] = &["function"];

/// Keywords that end a list.
const CLOSING: &[&str] = &["in", "}", "then", "else", "elif", "fi", "do", "done", "esac"];

/// What keywords begin with.
const KEYWORD_STARTS: &str = "!{}[]itefwudcs";

/// The longest keyword.
const MAX_KEYWORD: usize = 8;

/// What stands for commands that could not be followed.
pub(super) fn unread(range: Range<usize>) -> Item {
    let command = Command { kind: CommandKind::Unread, redirects: Vec::new(), range };
    Item { first: Pipeline { negated: false, commands: vec![command] }, rest: Vec::new(), background: false }
}

impl Reader {
    /// Everything up to the end of the text.
    pub(super) fn script(&mut self) -> List {
        let mut list = List::default();
        loop {
            self.skip_lines();
            let start = self.input.at;
            if self.input.peek().is_none() {
                return list;
            }
            let item = match self.closing() {
                Some(_) => self.unexpected("this ends what nothing has begun"),
                None => self.item(),
            };
            let item = item.unwrap_or_else(|failure| self.give_up(start, failure));
            list.items.push(item);
        }
    }

    /// Commands up to a word or operator that ends them. What cannot be followed is passed over if it begins on a
    /// later line than the list; else whatever the list stands in cannot be followed either.
    pub(super) fn list(&mut self) -> Read<List> {
        let first_line = self.input.lines;
        let mut list = List::default();
        loop {
            self.skip_lines();
            if self.input.peek().is_none() || self.closing().is_some() {
                return Ok(list);
            }
            let start = self.input.at;
            let line = self.input.lines;
            match self.item() {
                Ok(item) => list.items.push(item),
                Err(failure) if line > first_line => {
                    let item = self.give_up(start, failure);
                    list.items.push(item);
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// A list with at least one command.
    pub(super) fn some_list(&mut self) -> Read<List> {
        let list = self.list()?;
        if list.items.is_empty() { self.unexpected("a command is missing here") } else { Ok(list) }
    }

    /// Says what went wrong, and goes to the end of the line.
    fn give_up(&mut self, start: usize, failure: Failure) -> Item {
        self.report(failure);
        self.input.skip_until(|byte| byte == b'\n');
        unread(self.range_from(start))
    }

    /// What ends a list here.
    fn closing(&mut self) -> Option<&'static str> {
        match self.input.peek()? {
            b')' => Some(")"),
            b';' if self.input.sees(";;") || (self.is_bash() && self.input.sees(";&")) => Some(";;"),
            _ => self.keyword().filter(|keyword| CLOSING.contains(keyword)),
        }
    }

    /// The keyword that stands here.
    pub(super) fn keyword(&self) -> Option<&'static str> {
        let rest = self.input.rest();
        if !rest.starts_with(|first: char| KEYWORD_STARTS.contains(first)) {
            return None;
        }
        let ends = |(at, byte): (usize, u8)| ends_word(byte) || (byte == b'\\' && rest[at..].starts_with("\\\n"));
        let length = rest.bytes().enumerate().take(MAX_KEYWORD + 1).position(ends).unwrap_or(rest.len());
        if length == 0 || length > MAX_KEYWORD {
            return None;
        }
        if !rest[length..].trim_start_matches("\\\n").bytes().next().is_none_or(ends_word) {
            return None;
        }
        let is_this = |keyword: &&&str| **keyword == &rest[..length];
        let of_dialect = match self.dialect {
            Dialect::Posix => &[],
            Dialect::Ash => ASH_KEYWORDS,
            Dialect::Bash => BASH_KEYWORDS,
        };
        KEYWORDS.iter().find(is_this).or_else(|| of_dialect.iter().find(is_this)).copied()
    }

    /// Goes past this keyword if it stands here.
    pub(super) fn eat_keyword(&mut self, keyword: &str) -> bool {
        self.skip_lines();
        let is_here = self.keyword() == Some(keyword);
        if is_here {
            self.input.at += keyword.len();
        }
        is_here
    }

    /// Goes past this keyword, which must stand here.
    pub(super) fn expect_keyword(&mut self, keyword: &str, otherwise: &'static str) -> Read<()> {
        if self.eat_keyword(keyword) { Ok(()) } else { self.unexpected(otherwise) }
    }

    /// Pipelines with `&&` and `||`, and the `;` or `&` after them.
    fn item(&mut self) -> Read<Item> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let join = if self.input.eat("&&") {
                Join::And
            } else if self.input.eat("||") {
                Join::Or
            } else {
                break;
            };
            self.skip_lines();
            rest.push((join, self.pipeline()?));
        }
        let last = rest.last().map_or(&first, |(_, pipeline)| pipeline);
        // After `fi`, `done`, `}` and `)` another keyword may follow at once.
        let is_compound = last
            .commands
            .last()
            .is_some_and(|command| command.redirects.is_empty() && !matches!(command.kind, CommandKind::Simple { .. }));
        let background = self.separator(is_compound)?;
        Ok(Item { first, rest, background })
    }

    /// What stands between two commands; whether it is `&`.
    fn separator(&mut self, is_compound: bool) -> Read<bool> {
        match self.input.peek() {
            None | Some(b'\n' | b')') => Ok(false),
            Some(b'&') => {
                self.input.at += 1;
                Ok(true)
            }
            Some(b';') if self.closing().is_some() => Ok(false),
            Some(b';') => {
                self.input.at += 1;
                Ok(false)
            }
            _ if is_compound && self.closing().is_some() => Ok(false),
            _ => self.unexpected("this cannot follow a command"),
        }
    }

    fn pipeline(&mut self) -> Read<Pipeline> {
        let mut negated = false;
        let mut is_timed = false;
        loop {
            match self.keyword() {
                Some("!") if !negated || self.is_bash() => {
                    self.input.at += 1;
                    negated = !negated;
                }
                Some("time") => {
                    self.input.at += 4;
                    self.skip_blanks();
                    if self.input.starts_with("-p ") {
                        self.input.at += 2;
                    }
                    is_timed = true;
                }
                _ => break,
            }
            self.skip_blanks();
        }
        if (negated || is_timed) && self.is_bash() && matches!(self.input.peek(), None | Some(b'\n' | b';')) {
            let nothing = CommandKind::Simple { assignments: Vec::new(), words: Vec::new() };
            let command = Command { kind: nothing, redirects: Vec::new(), range: self.range_from(self.input.at) };
            return Ok(Pipeline { negated, commands: vec![command] });
        }
        let mut commands = vec![self.command()?];
        loop {
            self.skip_blanks();
            let start = self.input.at;
            if self.input.sees("||") || !self.input.eat("|") {
                return Ok(Pipeline { negated, commands });
            }
            if self.is_bash() && self.input.eat("&") {
                let errors = Redirect {
                    descriptor: Some(2),
                    direction: Direction::Duplicate,
                    target: text_word("1", self.range_from(start)),
                    range: self.range_from(start),
                };
                commands.last_mut().expect("there is one").redirects.push(errors);
            }
            self.skip_lines();
            commands.push(self.command()?);
        }
    }
}
