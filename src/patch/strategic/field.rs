//! Fields of a mapping as kustomize finds them: the first of a name counts, the others don't exist.

use std::collections::HashMap;

use crate::yaml::Node;

/// With more fields than this, looking through all of them is slower than hashing.
pub(super) const FEW: usize = 16;

/// The value of the first field of this name.
pub(super) fn first<'a>(mapping: Node<'a>, name: &str) -> Option<Node<'a>> {
    mapping.fields().find(|(key, _)| key.is_text(name)).map(|(_, value)| value)
}

/// The fields of a mapping, quick to find.
pub(super) struct Fields<'a> {
    all: Vec<(Node<'a>, Node<'a>)>,
    places: Option<HashMap<&'a str, usize>>,
    /// The places of those whose name another before them has.
    repeated: Vec<usize>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(mapping: Node<'a>) -> Self {
        let all: Vec<_> = mapping.fields().collect();
        let mut places = (all.len() > FEW).then(|| HashMap::with_capacity(all.len()));
        let mut repeated = Vec::new();
        for (place, (key, _)) in all.iter().enumerate() {
            let first = match &mut places {
                Some(places) => *places.entry(key.text()).or_insert(place),
                None => all.iter().position(|(other, _)| other.is_text(key.text())).unwrap_or(place),
            };
            if first != place {
                repeated.push(place);
            }
        }
        Self { all, places, repeated }
    }

    pub(super) fn all(&self) -> &[(Node<'a>, Node<'a>)] {
        &self.all
    }

    /// Whether another field of the same name stands before it.
    pub(super) fn is_repeated(&self, place: usize) -> bool {
        self.repeated.binary_search(&place).is_ok()
    }

    /// The place of the first field of this name.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(name).copied(),
            None => self.all.iter().position(|(key, _)| key.is_text(name)),
        }
    }
}
