//! Annotations in which kustomize keeps account of a resource, where a file holds them already: they count
//! as if this build had made them, and are never printed.

use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::draft::Former;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// Annotations that are read as notes, or are at least left out of the output.
const NOTES: [&str; 20] = [
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    "config.kubernetes.io/origin",
    "alpha.config.kubernetes.io/transformations",
];

/// A resource that was read from a file, with what its annotations note of it.
pub(super) fn draft_of(tree: &mut Tree, root: NodeId) -> Draft {
    let mut draft = Draft::new(root);
    let Some(annotations) = tree.node(root).at_path(&["metadata", "annotations"]) else { return draft };
    let is_note = |key: Node<'_>| NOTES.contains(&key.text());
    if !annotations.fields().any(|(key, _)| is_note(key)) {
        return draft;
    }
    let list = |name: &str| -> Vec<String> {
        let note = annotations.get(&format!("internal.config.kubernetes.io/{name}"));
        note.map_or_else(Vec::new, |note| note.text().split(',').map(str::to_owned).collect())
    };
    let (kinds, namespaces) = (list("previousKinds"), list("previousNamespaces"));
    let places = kinds.into_iter().zip(namespaces);
    let former = list("previousNames").into_iter().zip(places);
    draft.former = former.map(|(name, (kind, namespace))| Former { kind, namespace, name }).collect();
    draft.prefixes = list("prefixes");
    draft.suffixes = list("suffixes");
    let hash = annotations.get("internal.config.kubernetes.io/needsHashSuffix");
    draft.hash = hash.filter(|hash| hash.is_text("enabled")).map(Node::span);
    let notes: Vec<NodeId> =
        annotations.fields().filter(|(key, _)| is_note(*key)).map(|(_, value)| value.id()).collect();
    for note in notes {
        tree.detach(note);
    }
    draft
}
