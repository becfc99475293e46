//! A generated object that takes the place of one that is there already.

use crate::render::kustomize::generator::Behavior;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// Takes over into the generated object `new` what kustomize keeps of `old`, which must not be used any more: its
/// name and namespace, labels and annotations that `new` doesn't have, and, to merge, such data too.
///
/// All else is that of `new`, also the `type` of a Secret. The result needs a name hash only if both did, and the
/// former names that count are those of `old`.
pub fn merge_generated(tree: &mut Tree, old: NodeId, new: NodeId, behavior: Behavior) {
    let metadata = |tree: &Tree, root: NodeId| tree.node(root).get("metadata").map(Node::id);
    if let (Some(before), Some(after)) = (metadata(tree, old), metadata(tree, new)) {
        merge_texts(tree, before, after, "labels");
        merge_texts(tree, before, after, "annotations");
        take_over(tree, before, after, "name");
        take_over(tree, before, after, "namespace");
    }
    if behavior == Behavior::Merge {
        merge_texts(tree, old, new, "data");
        merge_texts(tree, old, new, "binaryData");
    }
}

/// Joins two mappings of texts; what both have is that of `new`. An empty result is left out.
fn merge_texts(tree: &mut Tree, old: NodeId, new: NodeId, field: &str) {
    let mapping = |tree: &Tree, root: NodeId| {
        tree.node(root).get(field).filter(|node| node.kind() == Kind::Mapping).map(Node::id)
    };
    let Some(before) = mapping(tree, old) else {
        if mapping(tree, new).is_some_and(|after| tree.node(after).children().next().is_none()) {
            remove(tree, new, field);
        }
        return;
    };
    if let Some(after) = mapping(tree, new) {
        let fields: Vec<(NodeId, String)> =
            tree.node(after).fields().map(|(key, value)| (value.id(), key.text().to_owned())).collect();
        for (value, name) in fields {
            match tree.node(before).get(&name).map(Node::id) {
                Some(current) => {
                    tree.detach(value);
                    tree.supersede(current, value);
                }
                None => tree.move_field(value, before),
            }
        }
    }
    let values: Vec<NodeId> = tree.node(before).fields().map(|(_, value)| value.id()).collect();
    for &value in &values {
        // The word `null` is a text as a label, and none as data.
        let is_none = tree.node(value).is_null() && matches!(field, "data" | "binaryData");
        tree.unquote_key(value);
        as_text(tree, value, is_none);
    }
    remove(tree, new, field);
    if !values.is_empty() {
        tree.move_field(before, new);
    }
}

/// Puts the field of `old`, or its absence, in the place of that of `new`.
fn take_over(tree: &mut Tree, old: NodeId, new: NodeId, field: &str) {
    remove(tree, new, field);
    let kept = tree.node(old).get(field).filter(|value| !value.is_null() && value.children().next().is_none());
    if let Some(kept) = kept.filter(|kept| kept.kind() == Kind::Scalar && !kept.text().is_empty()).map(Node::id) {
        tree.make_text(kept);
        tree.move_field(kept, new);
    }
}

fn remove(tree: &mut Tree, mapping: NodeId, field: &str) {
    if let Some(value) = tree.node(mapping).get(field).map(Node::id) {
        tree.detach(value);
    }
}

/// Makes a value a text, as kustomize does: whatever was written, or nothing for a collection.
fn as_text(tree: &mut Tree, value: NodeId, is_none: bool) {
    if tree.node(value).kind() == Kind::Scalar && !is_none {
        tree.make_text(value);
        return;
    }
    let span = tree.node(value).span();
    let empty = tree.text_from("", span);
    tree.replace(value, empty);
}
