//! What a build has done that its resources do not show by themselves: what pieces were put into texts, and which
//! resources are not in the output. For people who ask where something comes from; policies are not asked about it.

use std::collections::HashMap;

use crate::kube::ResourceId;
use crate::source::Span;
use crate::yaml::Via;

/// What is remembered of a build.
#[derive(Clone, Default, Debug)]
pub struct Account {
    pieces: HashMap<Span, Via>,
    dropped: Vec<Dropped>,
}

/// A resource that is not in the output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// What it was called then.
    pub id: ResourceId,
    /// What became of it.
    pub how: Away,
    /// The text that asks for it.
    pub span: Span,
    /// What it came through, if that stands elsewhere.
    pub via: Option<Via>,
    /// Where it was written.
    pub was: Span,
}

/// What became of a resource that is not in the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Away {
    /// A patch has deleted it, or left nothing of it.
    Deleted,
    /// It is for tools and not for the cluster, as one of its annotations says.
    Local,
}

impl Away {
    /// What to say of it.
    pub fn told(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Local => "kept out of the output",
        }
    }
}

impl Account {
    /// Remembers that what is written at `piece` was put into texts, and by what: a `namePrefix`, a `var`.
    pub(super) fn put_in(&mut self, piece: Span, via: Via) {
        self.pieces.insert(piece, via);
    }

    /// Remembers that a resource is not in the output.
    pub(super) fn drop(&mut self, dropped: Dropped) {
        self.dropped.push(dropped);
    }

    /// Takes over what another build has done, which is now part of this one.
    pub(super) fn take_over(&mut self, other: &Self) {
        self.pieces.extend(other.pieces.iter().map(|(span, via)| (*span, via.clone())));
        self.dropped.extend(other.dropped.iter().cloned());
    }

    /// What has put the text that is written at `piece` into others, if something has.
    pub fn piece(&self, piece: Span) -> Option<&Via> {
        self.pieces.get(&piece)
    }

    /// The resources that are not in the output, in the order they went.
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }
}
