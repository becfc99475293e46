//! Fields of a mapping as kustomize finds them: the first of a name counts, the others don't exist.

use std::collections::HashMap;

use crate::yaml::Node;

/// With more fields than this, looking through all of them is slower than hashing.
const FEW: usize = 16;

/// The value of the first field of this name.
pub(super) fn first<'a>(mapping: Node<'a>, name: &str) -> Option<Node<'a>> {
    mapping.fields().find(|(key, _)| key.is_text(name)).map(|(_, value)| value)
}

/// The fields of a mapping, quick to find.
pub(super) struct Fields<'a> {
    all: Vec<(Node<'a>, Node<'a>)>,
    places: Option<HashMap<&'a str, usize>>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(mapping: Node<'a>) -> Self {
        let all: Vec<_> = mapping.fields().collect();
        let places = (all.len() > FEW).then(|| {
            // Collecting keeps the last of a name, and the last from behind is the first.
            all.iter().enumerate().rev().map(|(place, (key, _))| (key.text(), place)).collect()
        });
        Self { all, places }
    }

    pub(super) fn all(&self) -> &[(Node<'a>, Node<'a>)] {
        &self.all
    }

    /// The place of the first field of this name.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(name).copied(),
            None => self.all.iter().position(|(key, _)| key.is_text(name)),
        }
    }
}
