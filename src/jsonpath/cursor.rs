//! A place in the text of a query, and the tokens that can be read there: names, numbers, strings.

use std::ops::Range;

use crate::jsonpath::ast::Literal;
use crate::jsonpath::error::QueryError;

/// The largest number an index may be, in either direction: beyond it, JSON numbers are not exact.
const MAX_INDEX: i64 = (1 << 53) - 1;

pub(super) struct Cursor<'t> {
    text: &'t str,
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Steps over `token` if it is next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), QueryError> {
        if self.eat(token) { Ok(()) } else { Err(self.expected(&format!("`{token}`"))) }
    }

    /// Steps over the characters that fit.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|char| !fits(char)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    pub(super) fn skip_blank(&mut self) {
        self.take_while(|char| matches!(char, ' ' | '\t' | '\n' | '\r'));
    }

    /// A name as it may stand behind a dot; empty if there is none.
    pub(super) fn name(&mut self) -> &'t str {
        if self.peek().is_some_and(is_name_start) { self.take_while(is_name_part) } else { "" }
    }

    /// The error that something else should stand here.
    pub(super) fn expected(&self, what: &str) -> QueryError {
        match self.peek() {
            None => QueryError::new(self.at..self.at, format!("the query ends where {what} is expected")),
            Some(char) => {
                let at = self.at..self.at + char.len_utf8();
                let found = if char.is_control() { char.escape_debug().to_string() } else { char.to_string() };
                QueryError::new(at, format!("expected {what}, found `{found}`"))
            }
        }
    }

    /// An index, or an end or step of a slice.
    pub(super) fn index(&mut self) -> Result<i64, QueryError> {
        let start = self.at;
        self.eat("-");
        self.digits_without_zero()?;
        let at = start..self.at;
        let text = &self.text[at.clone()];
        if text == "-0" {
            return Err(QueryError::new(at, "`-0` is not an index").help("write `0`"));
        }
        match text.parse::<i64>() {
            Ok(index) if (-MAX_INDEX..=MAX_INDEX).contains(&index) => Ok(index),
            _ => Err(QueryError::new(at, format!("an index lies between -{MAX_INDEX} and {MAX_INDEX}"))),
        }
    }

    /// A number to compare with.
    pub(super) fn number(&mut self) -> Result<Literal, QueryError> {
        let start = self.at;
        self.eat("-");
        self.digits_without_zero()?;
        let mut is_int = true;
        if self.eat(".") {
            is_int = false;
            self.digits()?;
        }
        if self.eat("e") || self.eat("E") {
            is_int = false;
            if !self.eat("-") {
                self.eat("+");
            }
            self.digits()?;
        }
        let text = &self.text[start..self.at];
        if is_int && let Ok(int) = text.parse() {
            return Ok(Literal::Int(int));
        }
        let float: f64 = text.parse().expect("the syntax of JSON numbers is part of Rust's");
        if float.is_infinite() {
            return Err(QueryError::new(start..self.at, format!("the number `{text}` is too big")));
        }
        Ok(Literal::Float(float))
    }

    fn digits(&mut self) -> Result<&'t str, QueryError> {
        let digits = self.take_while(|char| char.is_ascii_digit());
        if digits.is_empty() { Err(self.expected("a digit")) } else { Ok(digits) }
    }

    fn digits_without_zero(&mut self) -> Result<(), QueryError> {
        let start = self.at;
        let digits = self.digits()?;
        if digits.len() > 1 && digits.starts_with('0') {
            return Err(QueryError::new(start..self.at, "a number does not start with a zero"));
        }
        Ok(())
    }

    /// A text in single or double quotes.
    pub(super) fn string(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        let quote = self.peek().expect("a string is read where its quote was seen");
        self.at += 1;
        let mut out = String::new();
        loop {
            let plain = self.take_while(|char| char != quote && char != '\\' && char >= ' ');
            out.push_str(plain);
            match self.peek() {
                Some('\\') => out.push(self.escape(quote)?),
                Some(char) if char == quote => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(char) => {
                    let at = self.at..self.at + 1;
                    return Err(QueryError::new(at, "a control character cannot stand in a string")
                        .help(format!("write it as `\\u{:04x}`", u32::from(char))));
                }
                None => {
                    return Err(QueryError::new(start..self.at, "this string has no end")
                        .help(format!("close it with `{quote}`")));
                }
            }
        }
    }

    fn escape(&mut self, quote: char) -> Result<char, QueryError> {
        let start = self.at;
        self.at += 1;
        let char = match self.peek() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(char @ ('/' | '\\')) => char,
            Some(char) if char == quote => char,
            Some('u') => {
                self.at += 1;
                return self.unicode_escape(start);
            }
            other => {
                let at = start..self.at + other.map_or(0, char::len_utf8);
                return Err(QueryError::new(at, "there is no such escape in a string")
                    .help("a backslash itself is written `\\\\`"));
            }
        };
        self.at += 1;
        Ok(char)
    }

    /// The digits behind `\u`, and the second half of a surrogate pair.
    fn unicode_escape(&mut self, start: usize) -> Result<char, QueryError> {
        let first = self.hex(start)?;
        let code = if (0xD800..0xDC00).contains(&first) && self.eat("\\u") {
            let second = self.hex(start)?;
            if (0xDC00..0xE000).contains(&second) {
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            } else {
                first
            }
        } else {
            first
        };
        char::from_u32(code)
            .ok_or_else(|| QueryError::new(start..self.at, "this is half of a surrogate pair, so not a character"))
    }

    fn hex(&mut self, start: usize) -> Result<u32, QueryError> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(digits) = digits else {
            return Err(QueryError::new(start..self.at, "four hexadecimal digits must follow `\\u`"));
        };
        self.at += 4;
        Ok(u32::from_str_radix(digits, 16).expect("four hexadecimal digits fit 32 bits"))
    }

    /// The bytes from `start` to here.
    pub(super) fn since(&self, start: usize) -> Range<usize> {
        start..self.at
    }
}

/// Whether a name behind a dot may start with it.
pub(super) fn is_name_start(char: char) -> bool {
    char.is_ascii_alphabetic() || char == '_' || !char.is_ascii()
}

/// Whether a name behind a dot may go on with it.
pub(super) fn is_name_part(char: char) -> bool {
    is_name_start(char) || char.is_ascii_digit()
}
