//! What is known of a wait while it is judged, before anybody asks which Service it is for.

use std::ops::Range;

use crate::facts::waits::probe::Seen;

/// Whether a wait waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    Yes,
    No,
    Unknown,
}

impl Effect {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// What is wrong with a wait that does not do what it is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// It ends at once, whatever is there.
    NeverWaits,
    /// It does not end even when everything is there.
    NeverEnds,
    /// It goes on for as long as what it asks for is there.
    Inverted,
}

impl Fault {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NeverWaits => "never-waits",
            Self::NeverEnds => "never-ends",
            Self::Inverted => "inverted",
        }
    }
}

/// A wait: a loop with all that it asks, or a program that waits by itself.
#[derive(Clone, Debug)]
pub(super) struct Draft<'a> {
    /// What is asked, at least one.
    pub(super) seen: Vec<Seen<'a>>,
    /// Whether it ends some time if what it asks for never comes.
    pub(super) bounded: Option<bool>,
    /// When it ends then, at the latest.
    pub(super) seconds: Option<u64>,
    pub(super) effect: Effect,
    pub(super) fault: Option<Fault>,
    pub(super) reason: Option<&'static str>,
    /// Whether more than the status of what it asks with counts.
    pub(super) rests_on_output: bool,
    /// The bytes of the loop.
    pub(super) range: Option<Range<usize>>,
    /// Whether the script fails when the time is over; none if it can't be told, or is never over.
    pub(super) fails: Option<bool>,
    /// Whether it asks again without a pause.
    pub(super) is_busy: bool,
    /// Whether one question may take as long as it likes.
    pub(super) unlimited: bool,
    /// How many of its seconds are over if those that are waited for before come only at the last moment: several
    /// waits may look at one clock.
    pub(super) shared: u64,
}
