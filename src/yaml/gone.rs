//! The marks that a tree keeps of what was taken out of it; see `deletion`.

use std::collections::HashMap;

use crate::source::Span;
use crate::yaml::ViaId;

/// The marks of a tree, by the number of the node that they are in.
pub(super) type Deletions = HashMap<u32, Vec<Deletion>>;

/// The mark that a deleted field leaves in its mapping, or an item in its list.
#[derive(Clone, Debug)]
pub(super) struct Deletion {
    /// The name of the field, or what the item is known by.
    pub(super) key: String,
    pub(super) how: Gone,
    pub(super) by: Span,
    pub(super) via: ViaId,
    pub(super) was: Span,
}

/// How something came to be gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gone {
    /// It was taken out.
    Deleted,
    /// It was put elsewhere.
    Moved,
    /// What it was part of was replaced as a whole, and it is not in the new one.
    Replaced,
}

impl Gone {
    /// What to say at the text that asks for it.
    pub fn told(self) -> &'static str {
        match self {
            Self::Deleted => "deleted here",
            Self::Moved => "moved away here",
            Self::Replaced => "left out here",
        }
    }
}
