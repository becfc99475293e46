//! The objects of a file of resources, or of a patch: read by kustomize's rules, lists of objects taken
//! apart, and what it refuses refused.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::set::place;
use crate::yaml::As;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Parsed;

/// The objects of a parsed text, in the order in which kustomize takes them.
///
/// # Errors
/// When the text could not be parsed, or something in it is no object with a kind and a name.
pub(super) fn of(parsed: &Arc<Parsed>) -> Result<Vec<Node<'_>>> {
    let refused = || parsed.refused(As::Resources);
    if let Some(problem) = parsed.diagnostics.first().cloned().or_else(refused) {
        return Err(Box::new(problem));
    }
    let documents = || parsed.documents.iter().map(|document| parsed.tree.node(document.root));
    let mut waiting: VecDeque<Node<'_>> = VecDeque::new();
    let is_one = parsed.documents.len() == 1;
    for document in documents().filter(|document| !is_nothing(*document)) {
        match document.get("items").filter(|_| is_one && is_plain_list(&document)) {
            Some(items) => waiting.extend(items.items()),
            None => waiting.push_back(document),
        }
    }
    waiting.retain(|object| !is_nothing(*object));
    waiting.iter().try_for_each(|object| need_identity(*object))?;
    let mut objects = Vec::new();
    while let Some(object) = waiting.pop_front() {
        match object.get("items").filter(|_| Id::of_kind(object).kind.ends_with("List")) {
            None => objects.push(object),
            Some(items) if items.is_null() => {}
            Some(items) if items.kind() == Kind::Sequence => {
                for item in items.items().filter(|item| !is_nothing(*item)) {
                    need_identity(item)?;
                    waiting.push_back(item);
                }
            }
            Some(items) => {
                let span = items.key().unwrap_or(items).span();
                return Err(Diagnostic::error("not-a-resource", span, "the `items` of a list must be a list").into());
            }
        }
    }
    Ok(objects)
}

fn is_plain_list(object: &Node<'_>) -> bool {
    matches!(Id::of_kind(*object).kind, "List" | "ResourceList")
}

fn is_nothing(object: Node<'_>) -> bool {
    match object.kind() {
        Kind::Scalar => object.is_null() || object.text().is_empty(),
        Kind::Sequence | Kind::Mapping => object.children().next().is_none(),
    }
}

/// Refuses what has no kind, or no name where its kind needs one.
fn need_identity(object: Node<'_>) -> Result<()> {
    let complain = |what: &str| Err(Diagnostic::error("not-a-resource", place(object), what).into());
    if object.kind() != Kind::Mapping {
        return complain("this document is not a Kubernetes object: it is not a mapping");
    }
    for name in ["apiVersion", "kind", "metadata"] {
        let expected = if name == "metadata" { Kind::Mapping } else { Kind::Scalar };
        if let Some(field) = object.get(name).filter(|field| !field.is_null() && field.kind() != expected) {
            let what =
                format!("the `{name}` of an object must be a {}", if name == "metadata" { "mapping" } else { "text" });
            return Err(Diagnostic::error("not-a-resource", field.key().unwrap_or(field).span(), what).into());
        }
    }
    let id = Id::of(object);
    if id.kind.is_empty() {
        return complain("this object has no `kind`");
    }
    if id.name.is_empty() && !id.kind.ends_with("List") {
        let what = format!("this {} has no `metadata.name`, which kustomize needs", id.kind);
        return Err(Diagnostic::error("nameless-resource", place(object), what).into());
    }
    Ok(())
}
