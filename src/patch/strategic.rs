//! Strategic-merge patches as kustomize applies them (kyaml `walk`, observed with v5.5.0).
//!
//! Merging moves nodes, so origins move along: a field that the patch sets is written by the patch,
//! the others keep their writers. Merge keys address an item, they don't write it.

use crate::diagnostic::Diagnostic;
use crate::kube::merge_keys;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;
use crate::yaml::Via;

/// What a patch leaves of the node it was applied to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Merged {
    /// The node, changed in place.
    Kept,
    /// Nothing: the patch says `$patch: delete`.
    Deleted,
}

/// The key of a mapping that says how it is to be applied.
const DIRECTIVE: &str = "$patch";

/// Applies `patch` to the mapping `target` of `tree`. What the patch writes is said to come through `via`.
///
/// # Errors
/// When the patch holds a directive that nobody knows, or a list item without its merge key.
pub fn strategic_merge(tree: &mut Tree, target: NodeId, patch: Node<'_>, via: &Via) -> Result<Merged, Box<Diagnostic>> {
    match directive(patch)? {
        Directive::Delete => return Ok(Merged::Deleted),
        Directive::Replace => {
            let copy = copy_clean(tree, patch, via);
            let children: Vec<NodeId> = tree.node(target).children().map(Node::id).collect();
            for child in children {
                tree.detach(child);
            }
            let fields: Vec<(NodeId, NodeId)> =
                tree.node(copy).fields().map(|(key, value)| (key.id(), value.id())).collect();
            for (key, value) in fields {
                tree.detach(value);
                tree.detach(key);
                tree.append_field(target, key, value);
            }
        }
        Directive::Merge => {
            for (key, value) in patch.fields().filter(|(key, _)| key.text() != DIRECTIVE) {
                merge_field(tree, target, key, value, via)?;
            }
        }
    }
    Ok(Merged::Kept)
}

fn merge_field(
    tree: &mut Tree,
    target: NodeId,
    key: Node<'_>,
    patch: Node<'_>,
    via: &Via,
) -> Result<(), Box<Diagnostic>> {
    let current = tree.node(target).get(key.text()).map(|node| (node.id(), node.kind()));
    match (current, patch.kind()) {
        (Some((current, _)), Kind::Scalar) if patch.is_null() => {
            tree.delete(current, key.text(), key.span(), via);
        }
        (None, Kind::Scalar) if patch.is_null() => {}
        (Some((current, Kind::Mapping)), Kind::Mapping) => {
            if strategic_merge(tree, current, patch, via)? == Merged::Deleted {
                tree.delete(current, key.text(), key.span(), via);
            }
        }
        (Some((current, Kind::Sequence)), Kind::Sequence) => merge_list(tree, current, key.text(), patch, via)?,
        (Some((current, _)), _) => {
            let new = copy_clean(tree, patch, via);
            tree.supersede(current, new);
        }
        (None, Kind::Mapping) if directive(patch)? == Directive::Delete => {}
        (None, _) => {
            let new_key = tree.copy(key, Some(via.clone()));
            let new = copy_clean(tree, patch, via);
            tree.append_field(target, new_key, new);
        }
    }
    Ok(())
}

/// Merges the list in the field `name`, or replaces it where lists of that name don't merge. Items of
/// the patch come first, in its order, then the rest of what was there (observed with v5.5.0).
fn merge_list(tree: &mut Tree, current: NodeId, name: &str, patch: Node<'_>, via: &Via) -> Result<(), Box<Diagnostic>> {
    let has = |key: &str| patch.items().chain(tree.node(current).items()).any(|item| item.get(key).is_some());
    let keys = merge_keys(name, has).filter(|_| patch.items().all(|item| item.kind() == Kind::Mapping));
    let replaces = patch.items().any(|item| item.get_str(DIRECTIVE) == Some("replace"));
    let Some(keys) = keys.filter(|_| !replaces) else {
        let new = copy_clean(tree, patch, via);
        tree.supersede(current, new);
        return Ok(());
    };
    let mut rest: Vec<NodeId> = tree.node(current).items().map(Node::id).collect();
    let mut items = Vec::new();
    for item in patch.items() {
        if keys.iter().all(|key| item.get(key).is_none()) {
            let what = format!("this item of `{name}` has no `{}`, so it says not which item it patches", keys[0]);
            return Err(Box::new(Diagnostic::error("patch-item-without-key", item.span(), what)));
        }
        let same = rest.iter().position(|&id| same_key(tree.node(id), item, keys));
        match (same, directive(item)?) {
            (Some(index), Directive::Delete) => {
                rest.remove(index);
            }
            (None, Directive::Delete) => {}
            (Some(index), _) => {
                let target = rest.remove(index);
                for (key, value) in
                    item.fields().filter(|(key, _)| !keys.contains(&key.text()) && key.text() != DIRECTIVE)
                {
                    merge_field(tree, target, key, value, via)?;
                }
                items.push(target);
            }
            (None, _) => items.push(copy_clean(tree, item, via)),
        }
    }
    items.extend(rest);
    tree.set_items(current, &items);
    Ok(())
}

fn same_key(item: Node<'_>, patch: Node<'_>, keys: &[&str]) -> bool {
    keys.iter().all(|key| match (item.get(key), patch.get(key)) {
        (Some(ours), Some(theirs)) => ours.text() == theirs.text(),
        (None, None) => true,
        _ => false,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

fn directive(patch: Node<'_>) -> Result<Directive, Box<Diagnostic>> {
    let Some(node) = patch.get(DIRECTIVE) else { return Ok(Directive::Merge) };
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

/// A copy of a part of a patch for a place where there is nothing to merge with: directives and
/// nulls have no meaning there and are left out.
fn copy_clean(tree: &mut Tree, patch: Node<'_>, via: &Via) -> NodeId {
    let copy = tree.copy(patch, Some(via.clone()));
    let unwanted: Vec<NodeId> = tree
        .node(copy)
        .descendants()
        .filter(|node| node.key().is_some_and(|key| key.text() == DIRECTIVE || node.is_null()))
        .map(Node::id)
        .collect();
    for node in unwanted {
        tree.detach(node);
    }
    copy
}
