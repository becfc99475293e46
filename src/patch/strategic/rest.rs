//! Which parts of a target are at rest: a merge that says nothing about them leaves them as they are. This only
//! spares time where many patches change one object; what is not seen to be at rest is walked through.

use crate::kube::MergePlace;
use crate::patch::strategic::field::FEW;
use crate::patch::strategic::field::first;
use crate::patch::strategic::scalar;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Style;
use crate::yaml::Tag;

/// Whether a value of a field is, or a mapping of a list.
pub(super) fn is_at_rest(node: Node<'_>, place: Option<MergePlace<'_>>) -> bool {
    match node.kind() {
        Kind::Scalar => is_certain_text(node) || !node.is_null() && !scalar::needs_quotes(node),
        Kind::Sequence => place.is_none_or(|place| place.merge_keys().is_none()),
        Kind::Mapping => {
            // An object within another that has no schema may be of a kind that has one.
            (place.is_some() || first(node, "apiVersion").is_none())
                && node.children().nth(FEW).is_none()
                && node.fields().enumerate().all(|(index, (key, value))| {
                    let name = key.text();
                    let is_first = node.fields().take(index).all(|(other, _)| !other.is_text(name));
                    let below = || place.and_then(|place| place.field(name));
                    is_first && is_at_rest(value, if value.kind() == Kind::Scalar { None } else { below() })
                })
        }
    }
}

/// Whether a scalar is a text for every reader, which its quotes or first letter tell of most.
pub(super) fn is_certain_text(scalar: Node<'_>) -> bool {
    let starts_no_word = |byte: u8| byte.is_ascii_alphabetic() && !b"yYnNtTfFoO".contains(&byte);
    let is_text = || scalar.text().bytes().next().is_some_and(starts_no_word);
    scalar.kind() == Kind::Scalar && scalar.tag() == Tag::None && (scalar.style() != Style::Plain || is_text())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::is_at_rest;
    use super::is_certain_text;
    use crate::kube::MergeSchema;
    use crate::source::Sources;
    use crate::yaml::Parsed;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    fn parsed(text: &str) -> Parsed {
        let sources = Arc::new(Sources::in_memory());
        parse(&sources, sources.add("a.yaml", text), Reader::Kustomize)
    }

    #[test]
    fn what_a_merge_would_change_is_not_at_rest() {
        for (text, expected) in [
            ("a: b\nc: [1, null, yes]\nd: {e: 1}", true),
            ("a: yes", false),
            ("a:", false),
            ("a: 'yes'", true),
            ("{a: {b: {c: off}}}", false),
            ("a: {apiVersion: v1, kind: List}", false),
        ] {
            let parsed = parsed(text);
            assert_eq!(is_at_rest(parsed.tree.node(parsed.documents[0].root), None), expected, "{text}");
        }
    }

    #[test]
    fn lists_that_merge_are_not_at_rest() {
        let schema = MergeSchema::builtin();
        let spec = schema.object("v1", "Pod").and_then(|place| place.field("spec"));
        for (text, expected) in [("containers: [{name: a}]", false), ("schedulerName: a", true)] {
            let parsed = parsed(text);
            assert_eq!(is_at_rest(parsed.tree.node(parsed.documents[0].root), spec), expected, "{text}");
        }
    }

    #[test]
    fn words_of_old_readers_are_no_certain_texts() {
        for (text, expected) in [("abc", true), ("on", false), ("'on'", true), ("7", false), ("!!int '7'", false)] {
            let parsed = parsed(text);
            assert_eq!(is_certain_text(parsed.tree.node(parsed.documents[0].root)), expected, "{text}");
        }
    }
}
