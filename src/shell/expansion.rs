//! What begins with `$`, backticks, and `<(…)`: parameters, substitutions, arithmetic.

use std::ops::Range;

use crate::shell::Dialect;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::shell::builder::Builder;
use crate::shell::input::Input;
use crate::shell::input::name_length;
use crate::shell::reader::Read;
use crate::shell::reader::Reader;
use crate::shell::word::Place;

/// What may follow a name within `${…}`, the longest first.
const OPERATORS: &[&str] = &[":-", ":=", ":?", ":+", "-", "=", "?", "+", "%%", "%", "##", "#"];

/// What bash adds. BusyBox knows `:` and `/`.
const BASH_OPERATORS: &[&str] = &["//", "/", ":", "^^", "^", ",,", ",", "@"];

/// Operators after which a pattern stands, in which quotes mean what they mean outside of quotes.
const PATTERN_OPERATORS: &[&str] = &["%%", "%", "##", "#", "//", "/", "^^", "^", ",,", ","];

impl Reader {
    /// `$` and what belongs to it.
    pub(super) fn dollar(&mut self, builder: &mut Builder, quoted: bool) -> Read<()> {
        let start = self.input.at;
        self.input.at += 1;
        self.input.skip_continuations();
        let at = self.input.at;
        match self.input.peek() {
            Some(b'(') if self.input.starts_with("((") => {
                return self.arithmetic_or_substitution(builder, start, quoted);
            }
            Some(b'(') => return self.substitution(builder, start, quoted),
            Some(b'{') => return self.parameter(builder, start, quoted),
            Some(b'[') if self.is_bash() => return self.old_arithmetic(builder, start, quoted),
            Some(b'\'') if !quoted && self.dialect != Dialect::Posix => return self.escaped_text(builder, start),
            Some(b'"') if !quoted && self.is_bash() => return self.double_quoted(builder),
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' | b'0'..=b'9') => self.input.at += 1,
            _ => self.input.at += name_length(self.input.rest()),
        }
        let name = self.input.slice(at..self.input.at).to_owned();
        if name.is_empty() {
            builder.text(&self.input, "$", start..start + 1, quoted);
        } else {
            let kind = PartKind::Variable { name, operator: String::new(), operand: None };
            builder.part(&self.input, kind, start..self.input.at, quoted);
        }
        Ok(())
    }

    /// `$(…)`, at its parenthesis.
    fn substitution(&mut self, builder: &mut Builder, start: usize, quoted: bool) -> Read<()> {
        self.input.at += 1;
        let list = self.within(Self::list)?;
        if self.input.peek() != Some(b')') {
            return Err(self.failure(start, "`$(` is not closed"));
        }
        self.input.at += 1;
        builder.part(&self.input, PartKind::Substitution(list), start..self.input.at, quoted);
        Ok(())
    }

    /// `<(…)` and `>(…)`, which nothing quotes.
    pub(super) fn process(&mut self, builder: &mut Builder) -> Read<()> {
        let start = self.input.at;
        self.input.at += 2;
        let list = self.within(Self::list)?;
        if self.input.peek() != Some(b')') {
            return Err(self.failure(start, "`<(` is not closed"));
        }
        self.input.at += 1;
        builder.part(&self.input, PartKind::Process(list), start..self.input.at, false);
        Ok(())
    }

    /// What begins with `$((`: bash takes it for a substitution if it does not end with `))`.
    fn arithmetic_or_substitution(&mut self, builder: &mut Builder, start: usize, quoted: bool) -> Read<()> {
        if let Some(within) = self.arithmetic() {
            let text = self.input.slice(within).to_owned();
            builder.part(&self.input, PartKind::Arithmetic(text), start..self.input.at, quoted);
            Ok(())
        } else {
            self.substitution(builder, start, quoted)?;
            // Only bash takes it for that, but what follows begins there for all.
            if self.is_bash() { Ok(()) } else { Err(self.failure(start, "`$((` is not closed by `))`")) }
        }
    }

    /// At `((`: what is within, if `))` closes it, and goes past it; else stays.
    pub(super) fn arithmetic(&mut self) -> Option<Range<usize>> {
        let start = self.input.at;
        let within = self.balanced(b'(', b')')?;
        // The inner parenthesis must be the last thing in the outer one.
        let is_inner = self.input.byte(within.end - 1) == Some(b')');
        let end = self.input.at;
        self.input.at = start + 1;
        let inner = if is_inner { self.balanced(b'(', b')') } else { None };
        self.input.at = end;
        let inner = inner.filter(|inner| inner.end + 2 == end);
        if inner.is_none() {
            self.input.at = start;
            self.looked_ahead(end - start);
        }
        inner
    }

    /// `$[…]`, at its bracket.
    fn old_arithmetic(&mut self, builder: &mut Builder, start: usize, quoted: bool) -> Read<()> {
        let Some(within) = self.balanced(b'[', b']') else {
            return Err(self.failure(start, "`$[` is not closed"));
        };
        let text = self.input.slice(within).to_owned();
        builder.part(&self.input, PartKind::Arithmetic(text), start..self.input.at, quoted);
        Ok(())
    }

    /// At an opening byte: what is within up to the one that closes it, quotes respected, and goes past it; else stays.
    pub(super) fn balanced(&mut self, open: u8, close: u8) -> Option<Range<usize>> {
        let start = self.input.at;
        let most = self.may_look_ahead();
        let mut at = start;
        let mut depth = 0_usize;
        let mut quote = None;
        while let Some(byte) = self.input.byte(at).filter(|_| at - start < most) {
            match byte {
                b'\\' if quote != Some(b'\'') => at += 1,
                b'\'' | b'"' if quote.is_none() => quote = Some(byte),
                _ if quote == Some(byte) => quote = None,
                _ if quote == Some(b'\'') => {}
                _ if byte == open => depth += 1,
                _ if byte == close => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                self.input.at = at;
                return Some(start + 1..at - 1);
            }
        }
        self.looked_ahead(at - start);
        None
    }

    /// Backticks. Their text is read once some backslashes are taken away, so that they nest.
    pub(super) fn backticks(&mut self, builder: &mut Builder, quoted: bool) -> Read<()> {
        let start = self.input.at;
        let mut text = String::new();
        let mut map = Vec::new();
        self.input.at += 1;
        loop {
            let run = self.input.at;
            self.input.skip_until(|byte| matches!(byte, b'\\' | b'`'));
            text.push_str(self.input.slice(run..self.input.at));
            map.extend((run..self.input.at).map(|at| self.input.place(at)));
            match self.input.peek() {
                None => return Err(self.failure(start, "a backtick is not closed")),
                Some(b'`') => break,
                Some(_) => {
                    let is_special = |byte| matches!(byte, b'\\' | b'`' | b'$') || (quoted && byte == b'"');
                    let escaped = self.input.byte(self.input.at + 1).filter(|byte| is_special(*byte));
                    self.input.at += usize::from(escaped.is_some());
                    text.push(char::from(escaped.unwrap_or(b'\\')));
                    map.push(self.input.place(self.input.at));
                    self.input.at += 1;
                }
            }
        }
        map.push(self.input.place(self.input.at));
        self.input.at += 1;
        let list = self.elsewhere(Input::derived(text, map), |reader| {
            let list = reader.list()?;
            if reader.input.peek().is_some() { reader.unexpected("this ends what nothing has begun") } else { Ok(list) }
        })?;
        builder.part(&self.input, PartKind::Substitution(list), start..self.input.at, quoted);
        Ok(())
    }

    /// `${…}`, at its brace.
    fn parameter(&mut self, builder: &mut Builder, start: usize, quoted: bool) -> Read<()> {
        self.input.at += 1;
        let is_length = self.is_length();
        let is_indirect = self.is_bash() && self.input.starts_with("!") && !self.input.starts_with("!}");
        self.input.at += usize::from(is_length || is_indirect);
        let name = self.parameter_name();
        if name.is_empty() {
            return Err(self.failure(start, "`${` is not followed by the name of a variable"));
        }
        let mut operator = if is_length {
            "length"
        } else if is_indirect {
            "!"
        } else {
            ""
        }
        .to_owned();
        let mut operand = None;
        if self.is_bash() && self.input.peek() == Some(b'[') {
            let at = self.input.at;
            let Some(index) = self.balanced(b'[', b']') else {
                return Err(self.failure(at, "`[` is not closed"));
            };
            operator.push_str(self.input.slice(index.start - 1..index.end + 1));
        }
        if self.input.peek() != Some(b'}') {
            let found = self.operator();
            operator.push_str(found);
            operand = Some(Box::new(self.within(|reader| reader.operand(found, quoted))?));
        }
        if self.input.peek() != Some(b'}') {
            return Err(self.failure(start, "`${` is not closed"));
        }
        self.input.at += 1;
        let kind = PartKind::Variable { name, operator, operand };
        builder.part(&self.input, kind, start..self.input.at, quoted);
        Ok(())
    }

    /// Whether `#` asks for a length: then a name follows, and nothing but it.
    fn is_length(&self) -> bool {
        let Some(rest) = self.input.rest().strip_prefix('#') else { return false };
        let name = parameter_name_length(rest);
        match rest.as_bytes().get(name) {
            Some(b'}') => name > 0,
            Some(b'[') => name > 0 && self.is_bash(),
            _ => false,
        }
    }

    fn parameter_name(&mut self) -> String {
        let start = self.input.at;
        self.input.at += parameter_name_length(self.input.rest());
        self.input.slice(start..self.input.at).to_owned()
    }

    /// The operator after a name; empty if it is not known, so that all up to `}` is the operand.
    fn operator(&mut self) -> &'static str {
        let added = match self.dialect {
            Dialect::Posix => &[],
            Dialect::Ash => &BASH_OPERATORS[..3],
            Dialect::Bash => BASH_OPERATORS,
        };
        let mut all = OPERATORS.iter().chain(added);
        let found = all.find(|operator| self.input.starts_with(operator)).copied().unwrap_or("");
        self.input.at += found.len();
        found
    }

    /// What follows the operator, up to `}`.
    fn operand(&mut self, operator: &str, quoted: bool) -> Read<Word> {
        if !quoted || PATTERN_OPERATORS.contains(&operator) {
            return self.word(Place::Operand);
        }
        let start = self.input.at;
        let mut builder = Builder::default();
        self.quoted_text(&mut builder, Some(b'}'))?;
        Ok(builder.finish(&self.input, start..self.input.at))
    }
}

/// How many bytes of a parameter's name are at the start: a name, a number, or one special character.
fn parameter_name_length(text: &str) -> usize {
    match text.as_bytes().first() {
        Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
        Some(b'0'..=b'9') => text.bytes().take_while(u8::is_ascii_digit).count(),
        _ => name_length(text),
    }
}
