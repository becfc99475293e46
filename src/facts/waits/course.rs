//! How a loop went when it was followed.

use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Notes;
use crate::facts::waits::machine::Status;

/// How a loop went.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// How often its body was begun.
    pub(super) rounds: u32,
    pub(super) ended: Ended,
    /// Where the script goes on.
    pub(super) flow: Flow,
    pub(super) status: Status,
    /// How long it took.
    pub(super) seconds: u64,
    pub(super) notes: Notes,
}

/// Why a loop ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// Its condition said so, or its list was done.
    Itself,
    /// Its body left it.
    Left,
    /// It never does.
    Never,
    /// Nobody knows: it depends on what can't be known.
    Perhaps,
    /// It was followed for as long as loops are.
    Lost,
}
