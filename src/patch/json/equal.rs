//! Whether a `test` succeeds. The Go library compares scalars by their spelling in JSON, which matters where the
//! patch is JSON itself: `1.0` is not `1` there.

use std::collections::BTreeMap;

use crate::patch::json::JsonPatch;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::json_text;

/// Whether a node of the object is what the patch says. Both may lack a value, and a null is none.
pub(super) fn is_equal(ours: Node<'_>, theirs: Node<'_>, patch: &JsonPatch) -> bool {
    match (ours.kind(), theirs.kind()) {
        (Kind::Scalar, Kind::Scalar) => is_same_scalar(ours, theirs, patch),
        // In a list the library stumbles over a null, even over two.
        (Kind::Sequence, Kind::Sequence) => {
            let mut pairs = ours.items().zip(theirs.items());
            ours.items().count() == theirs.items().count()
                && pairs.all(|(ours, theirs)| !ours.is_null() && !theirs.is_null() && is_equal(ours, theirs, patch))
        }
        (Kind::Mapping, Kind::Mapping) => {
            let theirs: BTreeMap<_, _> =
                theirs.fields().map(|(key, value)| (json_text(key, false).unwrap_or_default(), value)).collect();
            ours.children().count() == theirs.len()
                && ours.fields().all(|(key, value)| {
                    let same = theirs.get(&json_text(key, false).unwrap_or_default());
                    same.is_some_and(|&same| is_equal(value, same, patch))
                })
        }
        _ => false,
    }
}

fn is_same_scalar(ours: Node<'_>, theirs: Node<'_>, patch: &JsonPatch) -> bool {
    if ours.is_null() || theirs.is_null() {
        return ours.is_null() && theirs.is_null();
    }
    spelling(ours, patch).is_some_and(|ours| spelling(theirs, patch).is_some_and(|theirs| ours == theirs))
}

/// A scalar in JSON: as it was written if it comes from this patch and that is JSON, else as Go writes it.
fn spelling(scalar: Node<'_>, patch: &JsonPatch) -> Option<String> {
    let span = scalar.span();
    if patch.json_source() == Some(span.source) {
        let text = scalar.tree().sources().get(span.source).text();
        return text.get(span.start as usize..span.end as usize).map(str::to_owned);
    }
    json_text(scalar, false).ok()
}
