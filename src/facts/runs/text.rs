//! A text of a manifest as a container gets it: `$(NAME)` filled in, and a way back from each byte of it to
//! the place where it was written.
//!
//! A text may hold what can't be known, and a shell must still be able to read it. There a character of the
//! last private plane stands in for the symbol, which every shell takes for a letter, and [`Text::value_of`]
//! turns it back. A text that has such characters itself has symbols for them, so none can be mistaken.

use std::borrow::Cow;
use std::ops::Range;

use crate::facts::runs::expand::Part;
use crate::facts::runs::expand::read;
use crate::facts::runs::value::Piece;
use crate::facts::runs::value::Symbol;
use crate::facts::runs::value::Value;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::span_within;

/// The first character that stands for a symbol.
const FIRST: u32 = 0x10_0000;
/// How many there are. The two that end the plane are no characters.
const STAND_INS: u32 = 0xFFFE;

/// A text and where it comes from.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Text<'a> {
    /// The scalar it was made from; none if the image says it.
    node: Option<Node<'a>>,
    expanded: Cow<'a, str>,
    /// What it was made of, in order; none if it is the text of the node, or none.
    parts: Vec<Made>,
    symbols: Vec<Symbol>,
}

/// A part of the text, from `at` to the next one.
#[derive(Clone, Debug)]
struct Made {
    at: usize,
    /// The bytes of the node's text that it was made from.
    from: Range<usize>,
    /// Whether those are the very same bytes.
    copied: bool,
    /// Where else what was filled in is written.
    origin: Option<Span>,
}

impl<'a> Text<'a> {
    /// The text of a scalar as it is written. What somebody else fills in is a symbol.
    pub(in crate::facts) fn written(node: Node<'a>) -> Self {
        Self::expanded(node, |_| None, false)
    }

    /// The text of a scalar as the kubelet expands it; `lookup` gives the values of variables, and none for
    /// what stays as it is.
    pub(in crate::facts) fn of_kubelet(node: Node<'a>, lookup: impl Fn(&str) -> Option<Value>) -> Self {
        Self::expanded(node, lookup, true)
    }

    /// A text that the scalar means but does not spell, such as one in base64.
    pub(in crate::facts) fn decoded(node: Node<'a>, text: &str) -> Self {
        let parts = vec![Made { at: 0, from: 0..node.text().len(), copied: false, origin: None }];
        let mut made = Self { node: Some(node), expanded: Cow::Borrowed(""), parts, symbols: Vec::new() };
        made.push(text);
        made
    }

    /// A text that nobody wrote in a manifest.
    pub(in crate::facts) fn of_image(text: String) -> Self {
        Self { node: None, expanded: Cow::Owned(text), parts: Vec::new(), symbols: Vec::new() }
    }

    /// A text of a scalar of which nothing is known.
    pub(in crate::facts) fn unknown(node: Node<'a>, symbol: Symbol) -> Self {
        let mut text = Self::decoded(node, "");
        text.push_symbol(symbol);
        text
    }

    fn expanded(node: Node<'a>, lookup: impl Fn(&str) -> Option<Value>, expands: bool) -> Self {
        let raw = node.text();
        let is_changed = expands && raw.contains('$') || raw.contains(is_stand_in);
        let mut text = Self { node: Some(node), expanded: Cow::Borrowed(raw), parts: Vec::new(), symbols: Vec::new() };
        if !is_changed && !node.is_unknown() && !node.is_null() {
            return text;
        }
        text.expanded = Cow::Owned(String::new());
        for (from, part) in read(node, lookup, expands) {
            match part {
                Part::Copied(from) => text.push_copy(from),
                Part::Value(value) => text.push_value(from, &value),
            }
        }
        text
    }

    /// The part of this text at some bytes, of which a shell makes `made`.
    pub(in crate::facts) fn part(&self, range: Range<usize>, made: &str) -> Self {
        let from = self.back(range.clone());
        let own = self.node.and_then(|node| node.text().get(from.clone())).filter(|own| *own == made);
        let Some(own) = own.filter(|_| self.symbols.is_empty()) else {
            return self.assembled(&[(range, self.meaning(made))]);
        };
        let parts = vec![Made { at: 0, from, copied: true, origin: None }];
        Self { node: self.node, expanded: Cow::Borrowed(own), parts, symbols: Vec::new() }
    }

    /// A text that is put together from parts of this one, each with its bytes and what became of them.
    pub(in crate::facts) fn assembled(&self, parts: &[(Range<usize>, Value)]) -> Self {
        let mut text =
            Self { node: self.node, expanded: Cow::Owned(String::new()), parts: Vec::new(), symbols: Vec::new() };
        let raw = self.node.map_or("", Node::text);
        for (range, value) in parts {
            let from = self.back(range.clone());
            let own = match value.pieces() {
                [Piece::Text(made, None)] => raw.get(from.clone()).and_then(|raw| kept(raw, made)),
                _ => None,
            };
            match own {
                Some(own) => {
                    for own in own {
                        text.push_copy(from.start + own.start..from.start + own.end);
                    }
                }
                None => text.push_value(from, value),
            }
        }
        text
    }

    /// The text, with stand-ins for what is not known.
    pub(in crate::facts) fn as_str(&self) -> &str {
        &self.expanded
    }

    /// The text, if all of it is known.
    pub(in crate::facts) fn literal(&self) -> Option<&str> {
        self.symbols.is_empty().then_some(&*self.expanded)
    }

    /// The scalar it was made from; none if the image says it.
    pub(in crate::facts) fn node(&self) -> Option<Node<'a>> {
        self.node
    }

    /// All of it as a value.
    pub(in crate::facts) fn value(&self) -> Value {
        self.value_of(&self.expanded, 0..self.expanded.len())
    }

    /// What `part` means, which somebody read at `range` of this text, escapes resolved perhaps.
    pub(in crate::facts) fn value_of(&self, part: &str, range: Range<usize>) -> Value {
        self.value_at(part, self.span(range))
    }

    /// The same, without asking where it is written.
    pub(in crate::facts) fn meaning(&self, part: &str) -> Value {
        self.value_at(part, None)
    }

    fn value_at(&self, part: &str, span: Option<Span>) -> Value {
        if self.symbols.is_empty() {
            return Value::text(part, span);
        }
        let mut value = Value::default();
        let mut rest = part;
        while let Some((before, symbol, after)) = self.next_symbol(rest) {
            value.push_text(before, span);
            value.push_symbol(symbol);
            rest = after;
        }
        value.push_text(rest, span);
        value
    }

    /// Where these bytes of the text were written; what was filled in was written as `$(NAME)`. None if the
    /// image says it.
    pub(in crate::facts) fn span(&self, range: Range<usize>) -> Option<Span> {
        let node = self.node?;
        if node.kind() != Kind::Scalar {
            return Some(node.span());
        }
        let raw = node.text();
        // What others cut out of a text may not be at the ends of its characters any more.
        let back = self.back(range);
        let start = raw.floor_char_boundary(back.start);
        Some(span_within(node, start..raw.ceil_char_boundary(back.end.max(start))))
    }

    /// Where these very bytes were written; none if any of them was filled in or made by the image.
    pub(in crate::facts) fn verbatim(&self, range: Range<usize>) -> Option<Span> {
        let own = self.expanded.get(range.clone())?;
        let is_own = self.node?.text().get(self.back(range.clone())) == Some(own);
        self.span(range).filter(|_| is_own)
    }

    /// Where these bytes were written first: those of a variable where its value is written.
    pub(in crate::facts) fn origin(&self, range: Range<usize>) -> Option<Span> {
        let next = self.parts.partition_point(|part| part.at <= range.start);
        let end = self.parts.get(next).map_or(self.expanded.len(), |part| part.at);
        let origin = next.checked_sub(1).and_then(|index| self.parts[index].origin).filter(|_| range.end <= end);
        origin.or_else(|| self.span(range))
    }

    /// What stands for a symbol at the start of a part of this text.
    pub(in crate::facts) fn symbol(&self, part: &str) -> Option<&Symbol> {
        let first = part.chars().next().filter(|char| is_stand_in(*char))?;
        self.symbols.get((u32::from(first) - FIRST) as usize)
    }

    /// The bytes of the node's text that these bytes of the text come from.
    pub(in crate::facts) fn back(&self, range: Range<usize>) -> Range<usize> {
        if self.parts.is_empty() {
            return range;
        }
        let made = |at: usize| self.parts.partition_point(|part| part.at <= at).checked_sub(1).map(|i| &self.parts[i]);
        let start = made(range.start).map_or(0, |part| {
            if part.copied { (part.from.start + range.start - part.at).min(part.from.end) } else { part.from.start }
        });
        if range.is_empty() {
            return start..start;
        }
        let end = made(range.end - 1).map_or(0, |part| {
            if part.copied { (part.from.start + range.end - part.at).min(part.from.end) } else { part.from.end }
        });
        start..end.max(start)
    }

    /// What comes before the first stand-in, what it stands for, and what comes behind it.
    fn next_symbol<'t>(&self, text: &'t str) -> Option<(&'t str, Symbol, &'t str)> {
        text.char_indices().filter(|(_, char)| is_stand_in(*char)).find_map(|(at, char)| {
            let symbol = self.symbols.get((u32::from(char) - FIRST) as usize)?;
            Some((&text[..at], symbol.clone(), &text[at + char.len_utf8()..]))
        })
    }

    /// Adds bytes of the node's text as they are.
    fn push_copy(&mut self, from: Range<usize>) {
        let raw = self.node.map_or("", Node::text);
        self.parts.push(Made { at: self.expanded.len(), from: from.clone(), copied: true, origin: None });
        self.push(&raw[from]);
    }

    /// Adds what these bytes of the node's text became.
    fn push_value(&mut self, from: Range<usize>, value: &Value) {
        let at = self.expanded.len();
        if value.is_empty() {
            self.parts.push(Made { at, from: from.clone(), copied: false, origin: None });
        }
        for piece in value.pieces() {
            let origin = if let Piece::Text(_, span) = piece { *span } else { None };
            self.parts.push(Made { at: self.expanded.len(), from: from.clone(), copied: false, origin });
            match piece {
                Piece::Text(text, _) => self.push(text),
                Piece::Symbol(symbol) => self.push_symbol(symbol.clone()),
            }
        }
    }

    fn push(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(is_stand_in) {
            let char = rest[at..].chars().next().expect("something was found there");
            self.expanded.to_mut().push_str(&rest[..at]);
            self.push_symbol(Symbol::Letter(char));
            rest = &rest[at + char.len_utf8()..];
        }
        self.expanded.to_mut().push_str(rest);
    }

    fn push_symbol(&mut self, symbol: Symbol) {
        let known = self.symbols.iter().position(|known| *known == symbol);
        let number = known.unwrap_or_else(|| {
            self.symbols.push(symbol);
            self.symbols.len() - 1
        });
        // Texts with more symbols are nobody's; the last ones are then taken for one.
        let number = u32::try_from(number).unwrap_or(u32::MAX).min(STAND_INS - 1);
        self.expanded.to_mut().push(char::from_u32(FIRST + number).expect("a private character"));
    }
}

/// The bytes of `raw` that are left in `made`, if that is what a shell makes of it: backslashes go, the line ends behind
/// them, and tabs in front of a line.
fn kept(raw: &str, made: &str) -> Option<Vec<Range<usize>>> {
    let mut kept: Vec<Range<usize>> = Vec::new();
    let mut rest = made.bytes().peekable();
    let mut is_escaped = false;
    for (at, byte) in raw.bytes().enumerate() {
        if rest.next_if_eq(&byte).is_some() {
            match kept.last_mut().filter(|last| last.end == at) {
                Some(last) => last.end += 1,
                None => kept.push(at..at + 1),
            }
            is_escaped = false;
        } else if byte == b'\\' || byte == b'\t' || (byte == b'\n' && is_escaped) {
            is_escaped = byte == b'\\';
        } else {
            return None;
        }
    }
    rest.peek().is_none().then_some(kept)
}

/// Whether a character of such a text stands for a symbol.
pub(in crate::facts) fn is_stand_in(char: char) -> bool {
    u32::from(char) >= FIRST
}
