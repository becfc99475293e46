//! The directives of a patch: `$patch`, which is obeyed, and those that kustomize has never learnt.

use crate::diagnostic::Diagnostic;
use crate::patch::strategic::field::first;
use crate::yaml::Kind;
use crate::yaml::Node;

/// The key that says how the mapping or list that it stands in is to be applied.
pub(super) const KEY: &str = "$patch";

/// What `$patch` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Directive {
    Merge,
    Replace,
    Delete,
}

/// The directive of a mapping, if it has one.
pub(super) fn of_mapping(patch: Node<'_>) -> Result<Option<Directive>, Box<Diagnostic>> {
    first(patch, KEY).map(of_value).transpose()
}

/// The directive of a list: that of its first item with one, which must have nothing else.
pub(super) fn of_list(patch: Node<'_>) -> Result<Option<Directive>, Box<Diagnostic>> {
    let value = patch.items().find_map(|item| first(item, KEY).map(|value| (item, value)));
    match value {
        Some((item, value)) if item.children().nth(1).is_none() => of_value(value).map(Some),
        _ => Ok(None),
    }
}

/// The items of a list whose directive was obeyed: without those that give it, and without empty ones.
pub(super) fn items_besides(patch: Node<'_>) -> Vec<Node<'_>> {
    let directive = patch.items().find_map(|item| first(item, KEY)).map(Node::text);
    patch
        .items()
        .filter(|item| match item.kind() {
            Kind::Mapping => item.children().next().is_some() && first(*item, KEY).map(Node::text) != directive,
            _ => !item.is_null(),
        })
        .collect()
}

/// Whether a key is meant as an instruction to a strategic merge.
pub(super) fn is_directive(key: &str) -> bool {
    matches!(key, KEY | "$retainKeys")
        || key.starts_with("$setElementOrder/")
        || key.starts_with("$deleteFromPrimitiveList/")
}

fn of_value(node: Node<'_>) -> Result<Directive, Box<Diagnostic>> {
    match node.text() {
        "merge" => Ok(Directive::Merge),
        "replace" => Ok(Directive::Replace),
        "delete" => Ok(Directive::Delete),
        other => {
            let what = format!("unknown patch directive `$patch: {other}`");
            Err(Box::new(
                Diagnostic::error("patch-directive", node.span(), what).help("use `merge`, `replace` or `delete`"),
            ))
        }
    }
}
