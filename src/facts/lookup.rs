//! Looking names up in lists whose items may not all be known. None always means "can't be known".

use crate::yaml::Node;

/// Whether one of `names` is `name`.
pub(super) fn holds<'a>(names: impl IntoIterator<Item = Node<'a>>, name: Node<'_>) -> Option<bool> {
    if name.is_unknown() {
        return None;
    }
    let mut found = Some(false);
    for candidate in names {
        if candidate.is_unknown() {
            found = None;
        } else if candidate.text() == name.text() {
            return Some(true);
        }
    }
    found
}

/// The field `key` of each item.
pub(super) fn fields<'a>(items: impl Iterator<Item = Node<'a>>, key: &str) -> impl Iterator<Item = Node<'a>> {
    items.filter_map(move |item| item.get(key))
}
