//! Whole numbers as a shell computes them: `$((…))`, `((…))`, `let` and `expr`.

use crate::facts::waits::machine::Machine;
use crate::shell::CommandKind;
use crate::shell::Dialect;

/// Operators of two sides, by how tightly they bind; those first that begin with others.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// How deep parentheses are followed.
const MAX_DEPTH: u32 = 30;

/// A text with a place in it. None everywhere means: not known.
struct Reading<'m, 'r, 'a> {
    machine: &'m mut Machine<'r, 'a>,
    text: Vec<char>,
    at: usize,
    depth: u32,
}

impl Machine<'_, '_> {
    /// The value of an expression; none if it is not known.
    pub(super) fn arithmetic(&mut self, text: &str) -> Option<i64> {
        let expanded = if text.contains(['$', '`']) { self.expanded(text)? } else { text.to_owned() };
        let mut reading = Reading { machine: self, text: expanded.chars().collect(), at: 0, depth: 0 };
        let mut value = 0;
        loop {
            reading.blanks();
            if reading.at < reading.text.len() {
                value = reading.assignment()?;
            }
            reading.blanks();
            if reading.at >= reading.text.len() {
                return Some(value);
            }
            if !reading.eat(",") {
                return None;
            }
        }
    }

    /// The text with what `$` begins filled in.
    fn expanded(&mut self, text: &str) -> Option<String> {
        let dialect = self.shell().dialect();
        let dialect = if dialect == Dialect::Bash { dialect } else { Dialect::Ash };
        let script = self.scripts.read(&format!("\"{text}\""), dialect);
        let [item] = &script.body.items[..] else { return None };
        let CommandKind::Simple { words, .. } = &item.first.commands.first()?.kind else { return None };
        let [word] = &words[..] else { return None };
        let place = self.place.clone();
        self.place.offset = None;
        let value = self.value(word);
        self.place = place;
        value.literal()
    }
}

impl Reading<'_, '_, '_> {
    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(|char| char.is_whitespace()) {
            self.at += 1;
        }
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, char)| self.text.get(self.at + index) == Some(&char))
    }

    fn eat(&mut self, text: &str) -> bool {
        self.blanks();
        let is_it = self.starts_with(text);
        self.at += if is_it { text.chars().count() } else { 0 };
        is_it
    }

    fn name(&mut self) -> Option<String> {
        self.blanks();
        let is_part = |char: &char| char.is_ascii_alphanumeric() || *char == '_';
        let rest = &self.text[self.at..];
        let name: String = rest.iter().take_while(|char| is_part(char)).collect();
        if name.is_empty() || name.starts_with(|char: char| char.is_ascii_digit()) {
            return None;
        }
        self.at += name.chars().count();
        Some(name)
    }

    fn get(&mut self, name: &str) -> Option<i64> {
        let value = self.machine.variable(name);
        let Some(values) = value else { return Some(0) };
        number(&values.first()?.literal()?)
    }

    fn put(&mut self, name: &str, value: i64) -> i64 {
        self.machine.set(name, crate::facts::runs::Value::text(value.to_string(), None));
        value
    }

    fn assignment(&mut self) -> Option<i64> {
        let start = self.at;
        if let Some(name) = self.name() {
            for operator in ["+=", "-=", "*=", "/=", "%="] {
                if self.eat(operator) {
                    let right = self.assignment()?;
                    let left = self.get(&name)?;
                    let value = apply(&operator[..1], left, right)?;
                    return Some(self.put(&name, value));
                }
            }
            self.blanks();
            if self.starts_with("=") && !self.starts_with("==") {
                self.at += 1;
                let value = self.assignment()?;
                return Some(self.put(&name, value));
            }
            self.at = start;
        }
        let condition = self.level(0)?;
        if !self.eat("?") {
            return Some(condition);
        }
        let first = self.assignment()?;
        if !self.eat(":") {
            return None;
        }
        let second = self.assignment()?;
        Some(if condition == 0 { second } else { first })
    }

    fn level(&mut self, level: usize) -> Option<i64> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        'next: loop {
            self.blanks();
            for operator in *operators {
                let is_longer = match *operator {
                    "|" => self.starts_with("||"),
                    "&" => self.starts_with("&&"),
                    "<" => self.starts_with("<<"),
                    ">" => self.starts_with(">>"),
                    _ => false,
                };
                if !is_longer && self.eat(operator) {
                    let right = self.level(level + 1)?;
                    left = apply(operator, left, right)?;
                    continue 'next;
                }
            }
            return Some(left);
        }
    }

    fn unary(&mut self) -> Option<i64> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = self.operand();
        self.depth -= 1;
        value
    }

    fn operand(&mut self) -> Option<i64> {
        for (operator, by) in [("++", 1), ("--", -1)] {
            if self.eat(operator) {
                let name = self.name()?;
                let value = self.get(&name)?.checked_add(by)?;
                return Some(self.put(&name, value));
            }
        }
        if self.eat("!") {
            return Some(i64::from(self.unary()? == 0));
        }
        if self.eat("-") {
            return self.unary()?.checked_neg();
        }
        if self.eat("+") {
            return self.unary();
        }
        if self.eat("(") {
            let value = self.assignment()?;
            return self.eat(")").then_some(value);
        }
        if let Some(name) = self.name() {
            let value = self.get(&name)?;
            for (operator, by) in [("++", 1), ("--", -1)] {
                if self.eat(operator) {
                    self.put(&name, value.checked_add(by)?);
                }
            }
            return Some(value);
        }
        self.blanks();
        let digits: String = self.text[self.at..].iter().take_while(|char| char.is_ascii_alphanumeric()).collect();
        self.at += digits.len();
        number(&digits)
    }
}

/// A number as a shell reads it: none if it is none, and nothing is zero.
pub(super) fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok();
    }
    text.parse().ok()
}

fn apply(operator: &str, left: i64, right: i64) -> Option<i64> {
    Some(match operator {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.checked_shl(u32::try_from(right).ok()?)?,
        ">>" => left.checked_shr(u32::try_from(right).ok()?)?,
        "+" => left.checked_add(right)?,
        "-" => left.checked_sub(right)?,
        "*" => left.checked_mul(right)?,
        "/" => left.checked_div(right)?,
        "%" => left.checked_rem(right)?,
        _ => return None,
    })
}
