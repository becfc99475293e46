//! Looking names up in lists whose items may not all be known.

use std::collections::HashSet;

use crate::yaml::Node;

/// The names of some things, gathered once.
#[derive(Default)]
pub(super) struct Names<'a> {
    known: HashSet<&'a str>,
    /// Whether there is a name that can't be known.
    open: bool,
}

impl Names<'_> {
    /// Whether one of them is `name`; none if that can't be known.
    pub(super) fn hold(&self, name: Node<'_>) -> Option<bool> {
        if name.is_unknown() {
            None
        } else if self.known.contains(name.text()) {
            Some(true)
        } else {
            (!self.open).then_some(false)
        }
    }
}

impl<'a> FromIterator<Node<'a>> for Names<'a> {
    fn from_iter<I: IntoIterator<Item = Node<'a>>>(nodes: I) -> Self {
        let mut names = Self::default();
        for node in nodes {
            if node.is_unknown() {
                names.open = true;
            } else {
                names.known.insert(node.text());
            }
        }
        names
    }
}

/// The field `key` of each item.
pub(super) fn fields<'a>(items: impl Iterator<Item = Node<'a>>, key: &str) -> impl Iterator<Item = Node<'a>> {
    items.filter_map(move |item| item.get(key))
}
