//! What all parts of the reader share: the text, the rules, the problems, and the bounds.

use std::collections::BTreeMap;
use std::mem;
use std::ops::Range;

use crate::shell::Dialect;
use crate::shell::Problem;
use crate::shell::input::Input;

/// How deep commands and expansions may stand within each other.
pub(super) const MAX_DEPTH: usize = 100;

/// How many bytes may be looked at ahead to tell `((` from two parentheses, as a multiple of the script.
const MAX_LOOKAHEAD: usize = 16;

/// Why something could not be followed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) problem: Problem,
}

/// What was read, or why not.
pub(super) type Read<T> = Result<T, Failure>;

/// The text of a here-document.
#[derive(Clone)]
pub(super) struct Body {
    /// In bytes of the text it stands in.
    pub(super) range: Range<usize>,
    /// Where reading goes on.
    pub(super) end: usize,
}

/// A reader at some place of a script.
pub(super) struct Reader {
    pub(super) input: Input,
    pub(super) dialect: Dialect,
    pub(super) problems: Vec<Problem>,
    /// The texts of here-documents by the place of their `<<`. They follow what announces them, so a script that
    /// has some is read twice.
    pub(super) documents: BTreeMap<usize, Body>,
    /// Whether the texts are known from a first reading.
    pub(super) knows_documents: bool,
    /// Whether `{{ … }}` is something that is replaced before a shell sees it.
    pub(super) has_templates: bool,
    depth: usize,
    lookahead: usize,
}

impl Reader {
    pub(super) fn new(text: &str, dialect: Dialect) -> Self {
        Self {
            input: Input::of(text),
            dialect,
            problems: Vec::new(),
            documents: BTreeMap::new(),
            knows_documents: false,
            has_templates: false,
            depth: 0,
            lookahead: text.len().saturating_mul(MAX_LOOKAHEAD),
        }
    }

    pub(super) fn is_bash(&self) -> bool {
        self.dialect == Dialect::Bash
    }

    /// The bytes of the script from `start` to here.
    pub(super) fn range_from(&self, start: usize) -> Range<usize> {
        self.input.range(start..self.input.at)
    }

    /// A failure about the bytes from `start` to here, at least one character if there is one.
    pub(super) fn failure(&self, start: usize, what: &'static str) -> Failure {
        let first = self.input.slice(start..self.input.len()).chars().next().map_or(0, char::len_utf8);
        let end = self.input.at.max(start + first);
        Failure { problem: Problem { range: self.input.range(start..end), what } }
    }

    /// A failure about what is next.
    pub(super) fn unexpected<T>(&self, what: &'static str) -> Read<T> {
        Err(self.failure(self.input.at, what))
    }

    pub(super) fn report(&mut self, failure: Failure) {
        if self.problems.last() != Some(&failure.problem) {
            self.problems.push(failure.problem);
        }
    }

    /// Reads something that stands within something else.
    pub(super) fn within<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth == MAX_DEPTH {
            return self.unexpected("commands or expansions are nested too deep");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads another text, and goes on in this one.
    pub(super) fn elsewhere<T>(&mut self, input: Input, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let outer = mem::replace(&mut self.input, input);
        let result = self.within(read);
        self.input = outer;
        result
    }

    /// How many bytes may still be looked at in vain.
    pub(super) fn may_look_ahead(&self) -> usize {
        self.lookahead
    }

    /// So many bytes were looked at in vain.
    pub(super) fn looked_ahead(&mut self, bytes: usize) {
        self.lookahead = self.lookahead.saturating_sub(bytes);
    }
}
