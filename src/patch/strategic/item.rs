//! An item of a list as a merge sees it: what it is, and what it has at the merge keys.

use crate::patch::strategic::field::first;
use crate::yaml::Kind;
use crate::yaml::Node;

/// What kind of item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    Null,
    EmptyMapping,
    Mapping,
    Sequence,
    Scalar,
}

/// The item.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) shape: Shape,
    /// What it has at the merge keys; the item itself in a list of plain values.
    pub(super) values: Vec<Value>,
}

/// What an item has at one merge key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Absent,
    Null(String),
    /// A collection has an empty text.
    Text(String),
}

/// Whether kustomize takes a merged item for none at all.
pub(super) fn is_nothing(node: Node<'_>) -> bool {
    node.is_null() || (node.kind() == Kind::Mapping && node.children().next().is_none())
}

impl Item {
    /// The item with what it has at `keys`, which are none for a list of plain values.
    pub(super) fn of(node: Node<'_>, keys: &[&str]) -> Self {
        let shape = match node.kind() {
            Kind::Scalar if node.is_null() => Shape::Null,
            Kind::Scalar => Shape::Scalar,
            Kind::Sequence => Shape::Sequence,
            Kind::Mapping if node.children().next().is_none() => Shape::EmptyMapping,
            Kind::Mapping => Shape::Mapping,
        };
        let values = if keys.is_empty() {
            vec![Value::of(Some(node))]
        } else {
            keys.iter().map(|key| Value::of(first(node, key))).collect()
        };
        Self { shape, values }
    }

    /// What it is addressed by.
    pub(super) fn row(&self) -> Vec<String> {
        self.values.iter().map(|value| value.address().to_owned()).collect()
    }
}

impl Value {
    fn of(node: Option<Node<'_>>) -> Self {
        match node {
            None => Self::Absent,
            Some(node) if node.is_null() => Self::Null(node.text().to_owned()),
            Some(node) => Self::Text(node.text().to_owned()),
        }
    }

    /// The text that addresses the item. A null does as if it were not there.
    pub(super) fn address(&self) -> &str {
        match self {
            Self::Absent | Self::Null(_) => "",
            Self::Text(text) => text,
        }
    }

    /// The text as written, if there is any value.
    pub(super) fn written(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Null(text) | Self::Text(text) => Some(text),
        }
    }
}
