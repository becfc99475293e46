//! What a text holds beside its nodes: its documents and its comments. How they are found is the readers' affair.

use crate::source::Span;
use crate::yaml::NodeId;

/// One document of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Document {
    /// Its top node.
    pub root: NodeId,
}

/// A comment from its `#` to the end of its line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment {
    /// Where it stands.
    pub span: Span,
}
