//! How much one evaluation may do. `$..[?$..x]` on a big document is quadratic, and both may be hostile.

use std::cell::Cell;
use std::fmt;

/// How many steps one evaluation may take. A step is about one node looked at, or 64 bytes of text.
pub const MAX_STEPS: usize = 10_000_000;

/// An evaluation was given up after [`MAX_STEPS`], or for a pattern that is too large; nothing is known of what it would have selected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exhausted;

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it takes more work than the limits allow on this document")
    }
}

impl std::error::Error for Exhausted {}

/// Why an evaluation ends before it has seen everything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// Who asked knows enough.
    Enough,
    /// There are no steps left.
    Exhausted,
}

/// The steps that are left. Shared by all parts of one evaluation, which is why it is a cell.
#[derive(Debug)]
pub struct Work {
    left: Cell<usize>,
}

impl Default for Work {
    fn default() -> Self {
        Self::new()
    }
}

impl Work {
    /// All the steps that one evaluation may take.
    pub fn new() -> Self {
        Self { left: Cell::new(MAX_STEPS) }
    }

    /// Takes steps for as many nodes.
    pub(super) fn spend(&self, steps: usize) -> Result<(), Stop> {
        match self.left.get().checked_sub(steps) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(Stop::Exhausted),
        }
    }

    /// Takes the steps for reading a text.
    pub(super) fn spend_on(&self, text: &str) -> Result<(), Stop> {
        self.spend(1 + text.len() / 64)
    }
}
