//! What is wrong with a query. Not a diagnostic: the query does not know which file it stands in.

use std::fmt;
use std::ops::Range;

/// Why a text is not a query, and where in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueryError {
    /// The bytes of the text that are wrong; empty at the end of a text that stops too early.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do, if that is not plain from the message.
    pub help: Option<String>,
}

impl QueryError {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for QueryError {}
