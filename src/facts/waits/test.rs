//! What `test`, `[` and `[[` say.
//!
//! What a program told is compared as its author must have meant it: what is asked for is said by something that is
//! there, and not said by something that is not.

use crate::facts::runs::Piece;
use crate::facts::runs::Shell;
use crate::facts::runs::Symbol;
use crate::facts::runs::Value;
use crate::facts::waits::arithmetic::number;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::facts::waits::machine::Status;
use crate::facts::waits::pattern;
use crate::facts::waits::place::Key;
use crate::facts::waits::probe::Seen;
use std::ops::Range;

/// Why `==` says nothing in dash.
const NO_DOUBLE_EQUAL: &str = "`[` of dash has no `==`, so the test fails whatever it compares";

/// Whether something holds; none if that is not known.
type Truth = Option<bool>;

/// A condition that is read from its words.
struct Reading<'m, 'r, 'a> {
    machine: &'m mut Machine<'r, 'a>,
    words: &'m [Value],
    at: usize,
    /// Whether it is `[[`, in which `=` compares with a pattern.
    is_double: bool,
    /// Where the command is.
    range: &'m Range<usize>,
    /// Whether a number was compared with one that nobody knows.
    counts: bool,
}

impl Machine<'_, '_> {
    /// The status of `test` with these words, without the name and a closing bracket.
    pub(super) fn test(&mut self, words: &[Value], is_double: bool, range: &Range<usize>) -> Status {
        let mut reading = Reading { machine: self, words, at: 0, is_double, range, counts: false };
        let truth = if words.is_empty() { Some(false) } else { reading.any() };
        let counts = reading.counts;
        truth.map_or(Status::Unknown { counts }, Status::of)
    }

    /// What a program said of something, if this is nothing else.
    pub(super) fn told(&self, value: &Value) -> Option<(bool, &'static str)> {
        value.pieces().iter().find_map(|piece| match piece {
            Piece::Symbol(symbol) => match self.made_as(symbol) {
                Some(Made::Told { up, program }) => Some((up, program)),
                _ => None,
            },
            Piece::Text(..) => None,
        })
    }

    /// Whether two texts are the same.
    pub(super) fn equal(&mut self, left: &Value, right: &Value, is_pattern: bool) -> Truth {
        let told = self.told(left).map(|told| (told, right)).or(self.told(right).map(|told| (told, left)));
        if let Some(((up, _), other)) = told {
            self.notes.rests_on_output = true;
            self.notes.compares_output = true;
            // Nothing is what is said of what is not there.
            return Some(if other.is_empty() { !up } else { up });
        }
        match (left.literal(), right.literal()) {
            (Some(left), Some(right)) if is_pattern => pattern::matches(&left, &right),
            (Some(left), Some(right)) => Some(left == right),
            // Symbols that come from outside are the same whenever they are asked.
            _ if left == right && !Self::is_made(left) => Some(true),
            // Some text is in it, so it is not empty.
            _ => {
                let has_text = |value: &Value| value.pieces().iter().any(|piece| matches!(piece, Piece::Text(..)));
                let differ = (left.is_empty() && has_text(right)) || (right.is_empty() && has_text(left));
                differ.then_some(false)
            }
        }
    }

    fn is_made(value: &Value) -> bool {
        value.pieces().iter().any(|piece| matches!(piece, Piece::Symbol(Symbol::Made(_))))
    }

    /// Whether a text has anything in it.
    pub(super) fn has_text(&mut self, value: &Value) -> Truth {
        self.equal(value, &Value::default(), false).map(|is_empty| !is_empty)
    }
}

impl Reading<'_, '_, '_> {
    fn word(&self, ahead: usize) -> Option<String> {
        self.words.get(self.at + ahead)?.literal()
    }

    fn is(&self, texts: &[&str]) -> bool {
        self.word(0).is_some_and(|word| texts.contains(&word.as_str()))
    }

    fn any(&mut self) -> Truth {
        let mut truth = self.all();
        while self.is(&["-o", "||"]) {
            self.at += 1;
            let other = self.all();
            truth = match (truth, other) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), other) => other,
                (None, _) => None,
            };
        }
        truth
    }

    fn all(&mut self) -> Truth {
        let mut truth = self.not();
        while self.is(&["-a", "&&"]) {
            self.at += 1;
            let other = self.not();
            truth = match (truth, other) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), other) => other,
                (None, _) => None,
            };
        }
        truth
    }

    fn not(&mut self) -> Truth {
        let mut negated = false;
        while self.is(&["!"]) && self.at + 1 < self.words.len() {
            self.at += 1;
            negated = !negated;
        }
        self.one().map(|truth| truth != negated)
    }

    fn one(&mut self) -> Truth {
        if self.is(&["("]) {
            self.at += 1;
            let truth = self.any();
            self.at += usize::from(self.is(&[")"]));
            return truth;
        }
        let operator = self.word(1);
        if let (Some(operator), Some(right)) = (operator, self.words.get(self.at + 2))
            && is_binary(&operator)
        {
            let left = &self.words[self.at];
            self.at += 3;
            return self.binary(left, &operator, right);
        }
        let first = self.words.get(self.at)?;
        if let (Some(operator), Some(operand)) = (first.literal(), self.words.get(self.at + 1)) {
            // What should stand before it is empty, which is an error.
            if is_binary(&operator) {
                self.at += 2;
                return Some(false);
            }
            if operator.len() == 2 && operator.starts_with('-') {
                self.at += 2;
                return self.unary(&operator, operand);
            }
        }
        self.at += 1;
        self.machine.has_text(first)
    }

    fn unary(&mut self, operator: &str, operand: &Value) -> Truth {
        match operator {
            "-n" => self.machine.has_text(operand),
            "-z" => self.machine.has_text(operand).map(|truth| !truth),
            "-e" | "-f" | "-s" | "-r" | "-S" | "-d" | "-x" => self.file(operand),
            _ => None,
        }
    }

    /// A file that somebody else has to make is one more thing to wait for.
    fn file(&mut self, path: &Value) -> Truth {
        let name = path.shown(|_| "?".to_owned());
        let range = self.machine.place.range(self.range);
        let key: Key = (self.machine.place.number, range.start, name);
        let up = self.machine.world.has(&key);
        // Whether it is there is known only of what somebody waits for.
        if self.machine.asking == 0 {
            return None;
        }
        let seen = Seen { asked: true, ..Seen::file(&self.machine.place, range, key) };
        self.machine.seen.push(seen);
        Some(up)
    }

    fn binary(&mut self, left: &Value, operator: &str, right: &Value) -> Truth {
        match operator {
            "==" if !self.is_double && self.machine.shell() == Shell::Dash => {
                self.machine.notes.trap = Some(NO_DOUBLE_EQUAL);
                Some(false)
            }
            "=" | "==" => self.machine.equal(left, right, self.is_double),
            "!=" => self.machine.equal(left, right, self.is_double).map(|truth| !truth),
            "=~" => {
                let (up, _) = self.machine.told(left)?;
                self.machine.notes.rests_on_output = true;
                Some(up)
            }
            _ => self.numbers(left, operator, right),
        }
    }

    fn numbers(&mut self, left: &Value, operator: &str, right: &Value) -> Truth {
        let number = |value: &Value| value.literal().as_deref().and_then(number);
        match (number(left), number(right), self.machine.told(left), self.machine.told(right)) {
            (Some(left), Some(right), ..) => Some(compare(left, operator, right)),
            (_, Some(right), Some((up, program)), _) => {
                self.machine.notes.rests_on_output = true;
                let value = if program == "curl" { if up { 200 } else { 0 } } else { counted(up, operator, right) };
                Some(compare(value, operator, right))
            }
            (_, _, Some((up, _)), _) | (_, _, _, Some((up, _))) => {
                self.machine.notes.rests_on_output = true;
                Some(up == matches!(operator, "-eq" | "-ge" | "-gt"))
            }
            (left, right, ..) => {
                self.counts = left.is_some() || right.is_some();
                None
            }
        }
    }
}

/// A count of what is there that says what the author must have meant.
fn counted(up: bool, operator: &str, than: i64) -> i64 {
    match (up, operator) {
        (false, _) => 0,
        (true, "-gt" | "-le") => than.saturating_add(1),
        (true, "-eq") if than == 0 => 1,
        (true, "-ne" | "-lt") => than.max(1),
        (true, _) => than,
    }
}

fn is_binary(operator: &str) -> bool {
    matches!(operator, "=" | "==" | "!=" | "=~" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "<" | ">")
}

fn compare(left: i64, operator: &str, right: i64) -> bool {
    match operator {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" | "<" => left < right,
        "-le" => left <= right,
        "-gt" | ">" => left > right,
        _ => left >= right,
    }
}
