//! Simple commands: assignments, words, and redirections in any order; and `NAME() …`.

use crate::shell::Assignment;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::Dialect;
use crate::shell::Part;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::shell::input::name_length;
use crate::shell::reader::Read;
use crate::shell::reader::Reader;
use crate::shell::word::Place;
use crate::shell::word::text_word;

/// Builtins whose arguments are read like assignments.
const DECLARING: &[&str] = &["export", "readonly", "local", "declare", "typeset"];

/// How long an index of an array may be.
const MAX_INDEX: usize = 256;

/// `NAME=`, `NAME+=` or `NAME[…]=` at the start of a word.
struct Target {
    name: String,
    appends: bool,
    length: usize,
}

impl Reader {
    pub(super) fn simple(&mut self) -> Read<Command> {
        let start = self.input.at;
        let mut assignments = Vec::new();
        let mut words: Vec<Word> = Vec::new();
        let mut redirects = Vec::new();
        let mut end = start;
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
            } else if let Some(target) = if words.is_empty() { self.target() } else { None } {
                assignments.push(self.assignment(target)?);
            } else if words.len() == 1 && assignments.is_empty() && redirects.is_empty() && self.input.sees("(") {
                return self.function_after(start, &words[0]);
            } else if let Some(word) = self.argument(words.first())? {
                words.push(word);
            } else if let Some(operator) = self.operator_of_test(&words) {
                words.push(operator);
            } else {
                break;
            }
            end = self.input.at;
        }
        if end == start {
            return self.unexpected("a command is missing here");
        }
        let range = self.input.range(start..end);
        let is_test = self.is_test(&words) && assignments.is_empty() && words.last().is_some_and(|word| word.is("]]"));
        let kind = if is_test {
            words.pop();
            CommandKind::Test(words.split_off(1))
        } else {
            CommandKind::Simple { assignments, words }
        };
        Ok(Command { kind, redirects, range })
    }

    /// Whether it is the `[[` of BusyBox: a command, but one that may hold `&&` and `||`.
    fn is_test(&self, words: &[Word]) -> bool {
        self.dialect == Dialect::Ash && words.first().is_some_and(|word| word.is("[["))
    }

    fn operator_of_test(&mut self, words: &[Word]) -> Option<Word> {
        let start = self.input.at;
        let is_within = self.is_test(words) && !words.last().is_some_and(|word| word.is("]]"));
        let operator = ["&&", "||"].into_iter().find(|operator| is_within && self.input.eat(operator))?;
        Some(text_word(operator, self.range_from(start)))
    }

    /// The next word of a command, if one is next.
    fn argument(&mut self, program: Option<&Word>) -> Read<Option<Word>> {
        let start = self.input.at;
        let declares = program.is_some_and(|program| DECLARING.iter().any(|name| program.is(name)));
        if let Some(target) = if declares { self.target() } else { None } {
            let assignment = self.assignment(target)?;
            return Ok(Some(self.declared(start, assignment)));
        }
        let word = self.word(Place::Argument)?;
        Ok(if self.input.at == start { None } else { Some(word) })
    }

    /// An assignment as the word that it is as an argument.
    fn declared(&self, start: usize, assignment: Assignment) -> Word {
        let end = assignment.value.range.start;
        let operator = if assignment.appends { "+=" } else { "=" };
        let text = format!("{}{operator}", assignment.name);
        let range = self.input.place(start)..end;
        let mut parts = vec![Part { kind: PartKind::Text(text), quoted: false, range }];
        parts.extend(assignment.value.parts);
        Word { parts, range: self.range_from(start) }
    }

    /// What is assigned to, if an assignment begins here.
    fn target(&self) -> Option<Target> {
        let rest = self.input.rest();
        let length = name_length(rest);
        if length == 0 {
            return None;
        }
        let after = &rest[length..];
        let index = if self.is_bash() { index_length(after) } else { 0 };
        let after = &after[index..];
        let name = rest[..length].to_owned();
        if after.starts_with('=') {
            Some(Target { name, appends: false, length: length + index + 1 })
        } else if after.starts_with("+=") && self.is_bash() {
            Some(Target { name, appends: true, length: length + index + 2 })
        } else {
            None
        }
    }

    fn assignment(&mut self, target: Target) -> Read<Assignment> {
        let start = self.input.at;
        self.input.at += target.length;
        let value = if self.is_bash() && self.input.peek() == Some(b'(') {
            self.within(Self::array)?
        } else {
            self.word(Place::Value)?
        };
        Ok(Assignment { name: target.name, appends: target.appends, value, range: self.range_from(start) })
    }

    /// `(…)` of an array.
    fn array(&mut self) -> Read<Word> {
        let start = self.input.at;
        self.input.at += 1;
        let mut words = Vec::new();
        loop {
            self.skip_lines();
            let at = self.input.at;
            match self.input.peek() {
                None => return Err(self.failure(start, "the `(` of an array is not closed")),
                Some(b')') => break,
                Some(_) => words.push(self.word(Place::Argument)?),
            }
            if self.input.at == at {
                return self.unexpected("this cannot stand in an array");
            }
        }
        self.input.at += 1;
        let range = self.range_from(start);
        let part = Part { kind: PartKind::Array(words), quoted: false, range: range.clone() };
        Ok(Word { parts: vec![part], range })
    }

    /// `NAME() …` whose name has been read.
    fn function_after(&mut self, start: usize, name: &Word) -> Read<Command> {
        self.input.eat("(");
        self.skip_blanks();
        if !self.input.eat(")") {
            return self.unexpected("`(` cannot follow a command");
        }
        let literal = name.literal().filter(|_| name.parts.iter().all(|part| !part.quoted));
        let is_name = |name: &String| self.is_bash() || name_length(name) == name.len();
        match literal.filter(is_name) {
            Some(name) => self.function_body(start, name, self.is_bash()),
            None => Err(self.failure(start, "a function cannot have this name")),
        }
    }

    /// The command that a function is. POSIX asks for a compound one, which not all shells do.
    pub(super) fn function_body(&mut self, start: usize, name: String, is_compound: bool) -> Read<Command> {
        self.skip_lines();
        let body = self.command()?;
        if is_compound && matches!(body.kind, CommandKind::Simple { .. } | CommandKind::Function { .. }) {
            return Err(self.failure(start, "the body of a function is no compound command"));
        }
        let kind = CommandKind::Function { name, body: Box::new(body) };
        Ok(Command { kind, redirects: Vec::new(), range: self.range_from(start) })
    }
}

/// How many bytes an index `[…]` has at the start, if `=` or `+=` follows it.
fn index_length(text: &str) -> usize {
    if !text.starts_with('[') {
        return 0;
    }
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().take(MAX_INDEX) {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            b'\n' => return 0,
            _ => {}
        }
        if depth == 0 {
            let after = &text[at + 1..];
            return if after.starts_with('=') || after.starts_with("+=") { at + 1 } else { 0 };
        }
    }
    0
}
