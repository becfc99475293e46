//! What kind of node a node is, and how it was written. What a scalar means by that is the reader's affair.

/// The three kinds of YAML node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A text, typed by the rules of a reader.
    Scalar,
    /// A list of nodes.
    Sequence,
    /// Pairs of a key and a value, in the order written.
    Mapping,
}

/// How a node was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// A collection in indented lines.
    Block,
    /// A collection in brackets or braces.
    Flow,
}

/// The explicit tag of a node, as far as readers of manifests care.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tag {
    /// No tag.
    None,
    /// `!` alone: kubectl takes the scalar for a text, kustomize does as if there were no tag.
    NonSpecific,
    /// `!!str`
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!binary`
    Binary,
    /// `!!timestamp`
    Timestamp,
    /// Any other tag. It makes a scalar a text and means nothing on a collection.
    Other,
}
