//! A word after all expansions.

/// A word as a program gets it.
#[derive(Clone, Debug)]
pub(super) struct Arg {
    pub(super) text: String,
    /// Whether it stands for names of files that nobody here knows; its last name is a pattern.
    pub(super) globs: bool,
}

impl Arg {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), globs: false }
    }
}
