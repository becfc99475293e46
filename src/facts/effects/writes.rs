//! What is said of what a container writes.

use crate::facts::effects::disk::Place;
use crate::facts::effects::machine::Site;

/// What the second and third run do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Second {
    Same,
    Drifts,
    Corrupts,
    Fails,
    Unknown,
}

/// Whether a run that is cut off is made up for by the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Interrupt {
    Safe,
    Unsafe,
    Unknown,
}

/// What is said of one write.
#[derive(Clone)]
pub(super) struct Write<'a> {
    pub(super) site: Site<'a>,
    pub(super) operation: &'static str,
    pub(super) path: String,
    pub(super) place: Option<Place>,
    pub(super) why: &'static str,
    /// What was seen in each world.
    pub(super) seen: Vec<Second>,
    pub(super) cut: Vec<Interrupt>,
}

/// What is said of one container.
pub(super) struct Verdict<'a> {
    pub(super) writes: Vec<Write<'a>>,
    /// None if that can't be told.
    pub(super) idempotent: Option<bool>,
}

impl Write<'_> {
    pub(super) fn second(&self) -> Second {
        let (Some(mildest), Some(worst)) = (self.seen.iter().min(), self.seen.iter().max()) else {
            return Second::Unknown;
        };
        // Where some worlds are fine and others are not nobody can tell.
        match (mildest, worst) {
            (Second::Same, Second::Same) => Second::Same,
            (Second::Same, _) | (_, Second::Unknown) => Second::Unknown,
            (mildest, _) => *mildest,
        }
    }

    pub(super) fn interrupt(&self) -> Interrupt {
        if self.cut.contains(&Interrupt::Unknown) || self.cut.is_empty() {
            return Interrupt::Unknown;
        }
        if self.cut.contains(&Interrupt::Unsafe) { Interrupt::Unsafe } else { Interrupt::Safe }
    }
}
