//! stub
use crate::render::kustomize::{Order, Result, draft::Id, set::Set};
use crate::yaml::Node;
const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
pub(super) fn sort(set: &mut Set, _options: Option<Node<'_>>, order: Order) -> Result<()> {
    if order == Order::Added {
        return Ok(());
    }
    let tree = &set.tree;
    set.drafts.sort_by_cached_key(|draft| {
        let id: Id<'_> = draft.id(tree);
        let rank = FIRST.iter().position(|kind| *kind == id.kind).map_or(
            match id.kind {
                "MutatingWebhookConfiguration" => 1,
                "ValidatingWebhookConfiguration" => 2,
                _ => 0,
            },
            |at| at as i32 - 22,
        );
        let or = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
        (
            rank,
            format!("{}_{}_{}", or(id.group, "~G"), or(id.version, "~V"), or(id.kind, "~K")),
            format!("{}.{}.{}|{}|{}", id.kind, id.version, id.group, or(id.namespace, "~X"), id.name),
        )
    });
    Ok(())
}
