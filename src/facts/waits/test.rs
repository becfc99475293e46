//! What `test`, `[` and `[[` say.
//!
//! What a program told is compared as its author must have meant it: what is asked for is said by something that is
//! there, and not said by something that is not.

use std::ops::Range;

use crate::facts::runs::Piece;
use crate::facts::runs::Shell;
use crate::facts::runs::Symbol;
use crate::facts::runs::Value;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::facts::waits::machine::Status;
use crate::facts::waits::place::Key;
use crate::facts::waits::probe::Seen;
use crate::shell::Comparison;
use crate::shell::Condition;
use crate::shell::Operator;
use crate::shell::arithmetic::value_of;
use crate::shell::pattern;

/// Why `==` says nothing in dash.
const NO_DOUBLE_EQUAL: &str = "`[` of dash has no `==`, so the test fails whatever it compares";

/// Whether something holds; none if that is not known.
type Truth = Option<bool>;

impl Machine<'_, '_> {
    /// The status of `test` with these words, without the name and a closing bracket.
    pub(super) fn test(&mut self, words: &[Value], is_double: bool, range: &Range<usize>) -> Status {
        let literals: Vec<Option<String>> = words.iter().map(Value::literal).collect();
        let texts: Vec<Option<&str>> = literals.iter().map(Option::as_deref).collect();
        let Some(condition) = Condition::read(&texts) else { return Status::UNKNOWN };
        let mut test = Test { machine: self, words, is_double, range, counts: false };
        let truth = test.holds(&condition);
        let counts = test.counts;
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
            (Some(left), Some(right)) => {
                self.pace.compare_texts(&left, &right, is_pattern);
                if is_pattern { pattern::fits(&right, &left) } else { Some(left == right) }
            }
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

/// A condition and its words.
struct Test<'m, 'r, 'a> {
    machine: &'m mut Machine<'r, 'a>,
    words: &'m [Value],
    /// Whether it is `[[`, in which `=` compares with a pattern.
    is_double: bool,
    /// Where the command is.
    range: &'m Range<usize>,
    /// Whether a number was compared with one that nobody knows.
    counts: bool,
}

impl Test<'_, '_, '_> {
    fn holds(&mut self, condition: &Condition) -> Truth {
        match condition {
            Condition::Nothing | Condition::Refused => Some(false),
            Condition::Text(at) => self.machine.has_text(&self.words[*at]),
            Condition::Unary(letter, at) => self.unary(*letter, &self.words[*at]),
            Condition::Binary(left, operator, right) => self.binary(&self.words[*left], *operator, &self.words[*right]),
            Condition::Not(condition) => self.holds(condition).map(|truth| !truth),
            // Both sides are looked at, because both may be waited for.
            Condition::Both(sides) => match (self.holds(&sides.0), self.holds(&sides.1)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), other) => other,
                (None, _) => None,
            },
            Condition::Either(sides) => match (self.holds(&sides.0), self.holds(&sides.1)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), other) => other,
                (None, _) => None,
            },
        }
    }

    fn unary(&mut self, letter: char, operand: &Value) -> Truth {
        match letter {
            'n' => self.machine.has_text(operand),
            'z' => self.machine.has_text(operand).map(|truth| !truth),
            'e' | 'f' | 's' | 'r' | 'S' | 'd' | 'x' => self.file(operand),
            _ => None,
        }
    }

    /// A file that somebody else has to make is one more thing to wait for.
    fn file(&mut self, path: &Value) -> Truth {
        let name = path.shown(|_| "?".to_owned());
        if name.bytes().any(|byte| byte.is_ascii_digit()) {
            self.machine.pace.is_odd();
        }
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

    fn binary(&mut self, left: &Value, operator: Operator, right: &Value) -> Truth {
        match operator {
            Operator::Same { doubled: true } if !self.is_double && self.machine.shell() == Shell::Dash => {
                self.machine.notes.trap = Some(NO_DOUBLE_EQUAL);
                Some(false)
            }
            Operator::Same { .. } => self.machine.equal(left, right, self.is_double),
            Operator::Differs => self.machine.equal(left, right, self.is_double).map(|truth| !truth),
            Operator::Regex => {
                let (up, _) = self.machine.told(left)?;
                self.machine.notes.rests_on_output = true;
                Some(up)
            }
            Operator::Number(comparison) => self.numbers(left, comparison, right),
            Operator::Other => None,
        }
    }

    fn numbers(&mut self, left: &Value, comparison: Comparison, right: &Value) -> Truth {
        let number = |value: &Value| value.literal().as_deref().and_then(number);
        match (number(left), number(right), self.machine.told(left), self.machine.told(right)) {
            (Some(left), Some(right), ..) => {
                self.machine.pace.compare(left, right);
                Some(comparison.holds(left, right))
            }
            (_, Some(right), Some((up, program)), _) => {
                self.machine.notes.rests_on_output = true;
                self.machine.pace.compare(right, 0);
                let value = if program == "curl" { if up { 200 } else { 0 } } else { counted(up, comparison, right) };
                self.machine.pace.compare(value, right);
                Some(comparison.holds(value, right))
            }
            (_, _, Some((up, _)), _) | (_, _, _, Some((up, _))) => {
                self.machine.notes.rests_on_output = true;
                let is_more = matches!(comparison, Comparison::Equal | Comparison::AtLeast | Comparison::Greater);
                Some(up == is_more)
            }
            (left, right, ..) => {
                self.counts = left.is_some() || right.is_some();
                None
            }
        }
    }
}

/// A number as `test` reads it; nothing is zero.
fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok().or_else(|| value_of(text))
}

/// A count of what is there that says what the author must have meant.
fn counted(up: bool, comparison: Comparison, than: i64) -> i64 {
    match (up, comparison) {
        (false, _) => 0,
        (true, Comparison::Greater | Comparison::AtMost) => than.saturating_add(1),
        (true, Comparison::Equal) if than == 0 => 1,
        (true, Comparison::Unequal | Comparison::Less) => than.max(1),
        (true, _) => than,
    }
}
