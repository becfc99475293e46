//! A strategic-merge patch applied to one resource, whose name, kind and namespace it may not change unless
//! that is asked for.

use std::sync::Arc;

use crate::kube::ResourceId;
use crate::patch::MergeEvent;
use crate::patch::Oddity;
use crate::patch::strategic_merge;
use crate::patch::too_large;
use crate::render::account::Away;
use crate::render::account::Dropped;
use crate::render::event::Event;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::set::Looked;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::render::kustomize::texts::are_texts;
use crate::render::kustomize::texts::make_texts;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;
use crate::yaml::Via;

/// Which parts of its identity a patch may change.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Changes {
    /// `allowNameChange`.
    pub(super) name: bool,
    /// `allowKindChange`.
    pub(super) kind: bool,
    /// How the patch was given.
    pub(super) given: Given,
}

/// How a patch was given, which decides how far it is to be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Given {
    /// In `patches`, for the resource that it names itself.
    #[default]
    Named,
    /// In `patchesStrategicMerge`. Its labels and annotations are texts, whatever they look like: nulls don't
    /// delete there.
    Listed,
    /// In `patches`, with a target. Its `apiVersion` is ignored besides.
    Selected,
}

/// The parts of an identity that stay as they are.
const NAMESPACE: &[&str] = &["metadata", "namespace"];
const NAME: &[&str] = &["metadata", "name"];
const KIND: &[&str] = &["kind"];
const API_VERSION: &[&str] = &["apiVersion"];

/// Applies `patch` to a resource, and says whether that has deleted it.
pub(super) fn merge_into(set: &mut Set, index: usize, patch: Node<'_>, changes: Changes, via: &Via) -> Result<bool> {
    let root = set.drafts[index].root;
    let was = place(set.tree.node(root));
    if changes.name || changes.kind {
        set.drafts[index].remember(&set.tree);
    }
    let kept = [
        (NAMESPACE, true),
        (NAME, !changes.name),
        (KIND, !changes.kind),
        (API_VERSION, changes.given == Given::Selected),
    ];
    let kept: Vec<_> = kept
        .into_iter()
        .filter(|(_, is_kept)| *is_kept)
        .map(|(path, _)| (path, set.tree.node(root).at_path(path).map(Node::id)))
        .collect();
    let schema = Arc::clone(&set.schema);
    set.looked = Looked::Read;
    let adapted = adapted(&set.tree, root, patch, changes);
    let patch = adapted.as_ref().map_or(patch, |(tree, root)| tree.node(*root));
    let merged = strategic_merge(&mut set.tree, root, patch, via, &schema)?;
    if set.tree.is_too_large() {
        return Err(too_large(via.span));
    }
    let resource: ResourceId = set.drafts[index].id(&set.tree).into();
    set.events.extend(merged.events.into_iter().map(|event| told(event, &resource, via)));
    let span = patch.get("$patch").map_or_else(|| place(patch), Node::span);
    let dropped = Dropped { id: resource, how: Away::Deleted, span, via: Some(via.clone()), was };
    if merged.deleted {
        let fields: Vec<NodeId> = set.tree.node(root).children().map(Node::id).collect();
        for field in fields {
            set.tree.detach(field);
        }
        set.account.drop(dropped);
        return Ok(true);
    }
    if set.tree.node(root).children().next().is_none() {
        set.account.drop(Dropped { id: Id::of(patch).into(), ..dropped });
        return Ok(true);
    }
    for (path, before) in kept {
        restore(&mut set.tree, root, path, before, patch.span());
    }
    Ok(false)
}

/// What a merge did, for policies.
fn told(event: MergeEvent, resource: &ResourceId, via: &Via) -> Event {
    let name = match event.oddity {
        Oddity::LeakedDirective => "leaked-directive",
        Oddity::ItemWithoutKey => "item-without-key",
        Oddity::Reordered => "order-changed",
        Oddity::ItemDropped => "item-dropped",
        Oddity::ItemRepeated => "item-repeated",
        Oddity::ListReplaced => "list-replaced",
    };
    let has_lost = matches!(event.oddity, Oddity::ItemWithoutKey | Oddity::ListReplaced);
    Event {
        name,
        span: event.span,
        fields: vec![("field", event.field)],
        via: Some(via.clone()),
        lost: if has_lost { event.concerned } else { Vec::new() },
        resource: resource.clone(),
    }
}

/// A copy of a patch that is for the object `target` whatever its own `apiVersion` is, and whose labels and
/// annotations are all texts; if the patch is not so already. Of a patch for the resource that it names, kustomize
/// notes in its annotations what it may change, and makes texts of those.
fn adapted(tree: &Tree, target: NodeId, patch: Node<'_>, changes: Changes) -> Option<(Tree, NodeId)> {
    let version = tree.node(target).get("apiVersion").filter(|_| changes.given == Given::Selected);
    let version = version.filter(|version| patch.get("apiVersion").is_some_and(|own| own.text() != version.text()));
    let is_fine = |map: Node<'_>| map.children().next().is_some() && are_texts(map);
    let names: &[&str] = match changes.given {
        Given::Listed | Given::Selected => &["labels", "annotations"],
        Given::Named if changes.name || changes.kind => &["annotations"],
        Given::Named => return None,
    };
    let mut maps = names.iter().filter_map(|name| patch.at_path(&["metadata", name]));
    if version.is_none() && maps.all(is_fine) {
        return None;
    }
    let mut copied = Tree::new(Arc::clone(tree.sources()), tree.reader());
    let root = copied.copy(patch, None);
    if let (Some(version), Some(own)) = (version, copied.node(root).get("apiVersion").map(Node::id)) {
        let version = copied.copy(version, None);
        copied.supersede(own, version);
    }
    for name in names {
        let Some(map) = copied.node(root).at_path(&["metadata", name]) else { continue };
        let (map, is_empty) = (map.id(), map.children().next().is_none());
        if is_empty {
            copied.detach(map);
        } else {
            make_texts(&mut copied, map);
        }
    }
    Some((copied, root))
}

/// Puts the field at `path` back as it was before the patch.
fn restore(tree: &mut Tree, root: NodeId, path: &[&str], before: Option<NodeId>, by: Span) {
    let now = tree.node(root).at_path(path).map(Node::id);
    let (name, above) = path.split_last().expect("a path has an end");
    match (before, now) {
        (Some(before), Some(now)) if before != now => {
            tree.detach(before);
            tree.replace(now, before);
        }
        (Some(before), None) => {
            tree.detach(before);
            let mut parent = root;
            for key in above {
                let found = tree.node(parent).get(key).map(Node::id);
                parent = found.unwrap_or_else(|| {
                    let new = tree.mapping(by);
                    tree.append_new_field(parent, key, new, by);
                    new
                });
            }
            tree.append_new_field(parent, name, before, by);
        }
        (None, Some(now)) => tree.detach(now),
        (Some(_), Some(_)) | (None, None) => {}
    }
}
