//! `[[ … ]]` where it is a part of the grammar: its words, and whether they are an expression.

use crate::shell::CommandKind;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::shell::input::ends_word;
use crate::shell::reader::Read;
use crate::shell::reader::Reader;
use crate::shell::word::Place;
use crate::shell::word::text_word;

/// What is no word within `[[ … ]]`.
const OPERATORS: &[&str] = &["&&", "||", "(", ")", "<", ">"];

/// The letters of tests with one operand.
const UNARY: &str = "abcdefghknoprstuvwxzGLNORS";

/// Tests with two operands.
const BINARY: &[&str] =
    &["=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

impl Reader {
    /// After `[[`.
    pub(super) fn test(&mut self) -> Read<CommandKind> {
        let mut words = Vec::new();
        loop {
            self.skip_lines();
            let start = self.input.at;
            if self.input.starts_with("]]") && self.input.byte(start + 2).is_none_or(ends_word) {
                self.input.at += 2;
                if is_expression(&words) {
                    return Ok(CommandKind::Test(words));
                }
                return Err(self.failure(start, "what stands between `[[` and `]]` is no expression"));
            }
            if words.last().and_then(operator) == Some("=~") {
                words.push(self.word(Place::Regex)?);
            } else if let Some(operator) = OPERATORS.iter().find(|operator| self.input.eat(operator)) {
                words.push(text_word(operator, self.range_from(start)));
            } else {
                words.push(self.word(Place::Test)?);
            }
            if self.input.at == start {
                return self.unexpected("`[[` is not closed by `]]`");
            }
        }
    }
}

/// What an unquoted word is, if it could be an operator.
fn operator(word: &Word) -> Option<&str> {
    match word.parts.as_slice() {
        [part] if !part.quoted => match &part.kind {
            PartKind::Text(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Whether operators and operands take turns, parentheses close, and something is asked.
fn is_expression(words: &[Word]) -> bool {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        match words.get(at).map(operator) {
            Some(Some("!")) => at += 1,
            Some(Some("(")) => {
                depth += 1;
                at += 1;
            }
            _ => {
                let Some(length) = operands(&words[at..]) else { return false };
                at += length;
                while depth > 0 && words.get(at).and_then(operator) == Some(")") {
                    depth -= 1;
                    at += 1;
                }
                match words.get(at).map(operator) {
                    None => return depth == 0,
                    Some(Some("&&" | "||")) => at += 1,
                    Some(_) => return false,
                }
            }
        }
    }
}

/// How many words one test has at the start.
fn operands(words: &[Word]) -> Option<usize> {
    let is_operand = |at: usize| words.get(at).is_some_and(|word| !operator(word).is_some_and(is_no_word));
    let unary = |text: &str| text.strip_prefix('-').is_some_and(|letter| letter.len() == 1 && UNARY.contains(letter));
    if !is_operand(0) {
        return None;
    }
    if operator(&words[0]).is_some_and(unary) {
        return is_operand(1).then_some(2);
    }
    match words.get(1).map(operator) {
        Some(Some(text)) if BINARY.contains(&text) => is_operand(2).then_some(3),
        _ => Some(1),
    }
}

fn is_no_word(text: &str) -> bool {
    OPERATORS.contains(&text)
}
