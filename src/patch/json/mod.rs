//! JSON patches (RFC 6902) as kustomize applies them: to a resource that has become JSON, with the slips of the
//! Go library that it uses (observed with v5.5.0).
//!
//! Nodes are moved, not copied, so what an operation doesn't touch keeps its writers, and what it writes has the
//! patch as its last one. Which resources a patch is meant for is the renderer's affair.

mod text;
mod pointer;
mod equal;
mod operation;

pub use text::JsonPatch;

use crate::diagnostic::Diagnostic;
use crate::patch::json::operation::Patching;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::MAX_TREE_BYTES;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tree;
use crate::yaml::Via;

/// Whether kustomize has notes of its own in the annotations of the object when it patches it. Then there are
/// annotations, whether somebody wrote some or not, and a patch may add to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notes {
    /// The object's name, namespace or kind was changed before, or it was the target of an entry of `patches`, as
    /// it also is when such an entry is applied.
    Some,
    /// Nothing of the kind: `patchesJson6902` on an object that comes straight from a file.
    None,
}

/// Applies a patch to the object `root` of `tree`. What it writes is said to come through `via`.
///
/// The object has gone through JSON afterwards even if the patch has no operation: whole numbers above 2^53 are
/// rounded, and the texts of numbers are those that Go gives them, which shows in annotations.
///
/// # Errors
/// When an operation is not well-formed or does not apply, or the object has no form in JSON. Some of the
/// operations may have been applied then.
pub fn json_patch(
    tree: &mut Tree,
    root: NodeId,
    patch: &JsonPatch,
    notes: Notes,
    via: &Via,
) -> Result<(), Box<Diagnostic>> {
    if notes == Notes::Some {
        make_annotations(tree, root, via);
    }
    let is_read_alike = tree.become_json(root)?;
    let mut patching = Patching { tree, root, patch, via, is_read_alike };
    for operation in patch.operations() {
        patching.apply(operation)?;
        if patching.tree.is_too_large() {
            return Err(too_large(operation.span()));
        }
    }
    let is_read_alike = patching.is_read_alike;
    refuse_large_numbers(tree.node(root), patch)?;
    if is_read_alike { Ok(()) } else { tree.read_json_again(root) }
}

/// What to say of a step that makes more of a target than anybody needs.
pub fn too_large(span: Span) -> Box<Diagnostic> {
    let what = format!("with this the target takes more than {} MiB", MAX_TREE_BYTES >> 20);
    Diagnostic::error("target-too-large", span, what).help("what copies itself doubles with every step").into()
}

/// In JSON, what has no quotes and is no word is a number, even one that our reader takes for a text because no
/// float can hold it. kustomize stumbles over it at the end, if it is still there.
fn refuse_large_numbers(object: Node<'_>, patch: &JsonPatch) -> Result<(), Box<Diagnostic>> {
    let Some(source) = patch.json_source() else { return Ok(()) };
    let is_number = |node: &Node<'_>| node.span().source == source && node.style() == Style::Plain;
    match object.descendants().find(|node| is_number(node) && node.as_str().is_some()) {
        Some(number) => {
            let what = format!("no float of 64 bits can hold the number `{}`", number.text());
            Err(Box::new(Diagnostic::error("json-patch-operation", number.span(), what)))
        }
        None => Ok(()),
    }
}

/// Puts an empty mapping where the annotations should be, if there is none. It is not printed.
fn make_annotations(tree: &mut Tree, root: NodeId, via: &Via) {
    let Some(metadata) = tree.node(root).get("metadata").filter(|metadata| metadata.kind() == Kind::Mapping) else {
        return;
    };
    let (metadata, span) = (metadata.id(), metadata.span());
    let current = tree.node(metadata).get("annotations").map(|annotations| (annotations.id(), annotations.kind()));
    match current {
        Some((_, Kind::Mapping)) => {}
        Some((current, _)) => {
            let made = tree.mapping(span);
            tree.supersede(current, made);
        }
        None => {
            let made = tree.mapping(span);
            let key = tree.new_key("annotations", span, via);
            tree.append_field(metadata, key, made);
        }
    }
}

#[cfg(test)]
mod tests;
