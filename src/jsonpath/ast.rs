//! A parsed query as plain data. What the parser lets through is well-typed (RFC 9535 §2.4.3), so
//! the shapes here can't hold anything else: only `match` and `search` are conditions, say.

use crate::jsonpath::pattern::LazyPattern;

use crate::yaml::Scalar;

/// A root and the segments behind it.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) start: Start,
    pub(super) segments: Vec<Segment>,
}

impl Path {
    /// Whether it selects at most one node, whatever the document (RFC 9535 §2.3.5.1).
    pub(super) fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| matches!(segment.single(), Some(Selector::Name(_) | Selector::Index(_))))
    }
}

/// The node that a path starts at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Start {
    /// `@`, the node that a filter is asked about.
    Current,
    /// `$` or `$name`.
    Root(String),
}

/// One step of a path.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Whether it asks all nodes below as well (`..`).
    pub(super) descendant: bool,
    pub(super) selectors: Vec<Selector>,
    /// The byte of the query text that it starts at.
    pub(super) at: usize,
}

impl Segment {
    /// The selector of a child segment that has only one.
    pub(super) fn single(&self) -> Option<&Selector> {
        match self.selectors.as_slice() {
            [selector] if !self.descendant => Some(selector),
            _ => None,
        }
    }
}

/// What a segment selects among the children of a node.
#[derive(Clone, Debug)]
pub(super) enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Filter(Logical),
}

/// A condition.
#[derive(Clone, Debug)]
pub(super) enum Logical {
    Or(Vec<Logical>),
    And(Vec<Logical>),
    Not(Box<Logical>),
    Exists(Path),
    Compare(Comparable, Operator, Comparable),
    /// `match` or `search`, which differ by the anchors of the pattern.
    Matches {
        text: Comparable,
        pattern: Pattern,
    },
}

/// One of the six comparisons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Whatever has at most one value.
#[derive(Clone, Debug)]
pub(super) enum Comparable {
    Literal(Literal),
    /// A singular path.
    Path(Path),
    Length(Box<Comparable>),
    Count(Path),
    Value(Path),
}

/// A value written in the query.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    String(String),
}

impl Literal {
    pub(super) fn scalar(&self) -> Scalar<'_> {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(bool) => Scalar::Bool(*bool),
            Self::Int(int) => Scalar::Int(*int),
            Self::Float(float) => Scalar::Float(*float),
            Self::String(text) => Scalar::String(text),
        }
    }
}

/// The second argument of `match` and `search`.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// Written in the query.
    Literal(LazyPattern),
    /// Found in the document. `whole` says whether all of the text must match.
    Computed { pattern: Comparable, whole: bool },
}
