//! The order in which kustomize prints resources unless told otherwise: by kind, then by the rest of the
//! id. The order as gathered (`fifo`) needs no code.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::kube::ResourceId;
use crate::kustomization::SortOrder;

/// The kinds that come first when nobody says which.
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

/// The kinds that come last.
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// What is asked of a resource to find its place. What is absent is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SortKey<'a> {
    /// The API group.
    pub group: &'a str,
    /// The version within the group.
    pub version: &'a str,
    /// The kind.
    pub kind: &'a str,
    /// The namespace as written.
    pub namespace: &'a str,
    /// The name.
    pub name: &'a str,
}

impl<'a> From<&'a ResourceId> for SortKey<'a> {
    fn from(id: &'a ResourceId) -> Self {
        Self {
            group: id.group(),
            version: id.version(),
            kind: &id.kind,
            namespace: id.namespace.as_deref().unwrap_or_default(),
            name: &id.name,
        }
    }
}

/// The places of `keys` in the order in which they are printed.
pub fn sorted(keys: &[SortKey<'_>], order: &SortOrder<'_>) -> Vec<usize> {
    let mut places: Vec<usize> = (0..keys.len()).collect();
    let ranks = match order {
        SortOrder::Fifo => return places,
        SortOrder::Legacy => ranks(&FIRST, &LAST),
        SortOrder::LegacyWith { first, last } => ranks(first, last),
    };
    let keys: Vec<Compared> = keys
        .iter()
        .map(|key| Compared {
            rank: ranks.get(key.kind).copied().unwrap_or(UNLISTED),
            gvk: gvk(key.group, key.version, key.kind),
            is_core_namespace: key.kind == "Namespace" && key.group.is_empty(),
            // The bar sorts behind letters and dashes, so the namespace `a-b` comes before `a`.
            name: [or(key.namespace, "~X"), or(key.name, "~N")].join("|"),
        })
        .collect();
    places.sort_by(|&one, &other| keys[one].compare(&keys[other]));
    places
}

/// A resource as it is compared with others.
struct Compared {
    rank: (i8, usize),
    gvk: String,
    is_core_namespace: bool,
    name: String,
}

impl Compared {
    fn compare(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank).then_with(|| self.compare_gvk(other)).then_with(|| self.name.cmp(&other.name))
    }

    /// What is empty sorts behind letters, but not in the group of a Namespace. Where Namespace shares its
    /// rank with kinds that no list names, this exception would make no order, so it is left out; what
    /// kustomize does then depends on how its library happens to sort.
    fn compare_gvk(&self, other: &Self) -> Ordering {
        let is_listed = self.rank != UNLISTED;
        match (self.is_core_namespace, other.is_core_namespace) {
            (true, true) if is_listed => other.gvk.cmp(&self.gvk),
            (true, false) if is_listed => Ordering::Less,
            (false, true) if is_listed => Ordering::Greater,
            _ => self.gvk.cmp(&other.gvk),
        }
    }
}

/// The rank of kinds that no list names.
const UNLISTED: (i8, usize) = (0, 0);

/// The rank of each listed kind, before or behind [`UNLISTED`].
fn ranks<'a>(first: &[&'a str], last: &[&'a str]) -> HashMap<&'a str, (i8, usize)> {
    let first = first.iter().enumerate().map(|(index, kind)| (*kind, (-1, index)));
    let last = last.iter().enumerate().map(|(index, kind)| (*kind, (1, index)));
    first.chain(last).collect()
}

/// What kustomize sorts its own rules by: the usual order, without the exception for Namespaces.
pub(super) fn order_of_kind(group: &str, version: &str, kind: &str) -> (i8, usize, String) {
    let among = |kinds: &[&str]| kinds.iter().position(|known| *known == kind);
    let first = among(&FIRST).map(|place| (-1, place));
    let (half, place) = first.or_else(|| Some((1, among(&LAST)?))).unwrap_or(UNLISTED);
    (half, place, gvk(group, version, kind))
}

/// A kind in one text, in which what is empty sorts behind all letters.
fn gvk(group: &str, version: &str, kind: &str) -> String {
    [or(group, "~G"), or(version, "~V"), or(kind, "~K")].join("_")
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}

#[cfg(test)]
mod tests {
    use super::SortKey;
    use super::sorted;
    use crate::kustomization::SortOrder;

    /// Sorts ids such as `apps/v1 Deployment shop/web`.
    fn order(ids: &[&str], order: &SortOrder<'_>) -> Vec<String> {
        let keys: Vec<_> = ids
            .iter()
            .map(|id| {
                let mut words = id.split(' ');
                let (version, kind, name) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
                let (group, version) = version.split_once('/').unwrap_or(("", version));
                let (namespace, name) = name.split_once('/').unwrap_or(("", name));
                SortKey { group, version, kind, namespace, name }
            })
            .collect();
        sorted(&keys, order).into_iter().map(|place| ids[place].to_owned()).collect()
    }

    #[track_caller]
    fn assert_sorted(ids: &[&str]) {
        let mut given = ids.to_vec();
        given.reverse();
        assert_eq!(order(&given, &SortOrder::Legacy), ids);
    }

    #[test]
    fn kinds_come_in_their_order_and_unlisted_ones_between() {
        assert_sorted(&[
            "v1 Namespace a",
            "v1 ConfigMap a",
            "policy/v1 PodDisruptionBudget a",
            "batch/v1 Job a",
            "example.com/v1 Thing a",
            "v1 Pod a",
            "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration a",
            "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration a",
        ]);
    }

    #[test]
    fn the_namespace_of_the_core_group_is_the_first_of_its_kind() {
        assert_sorted(&["v1 Namespace z", "a.example.com/v1 Namespace a", "b.example.com/v1 Namespace a"]);
        assert_sorted(&["v2 Namespace z", "v1 Namespace z"]);
    }

    #[test]
    fn namespaces_and_names_are_compared_as_one_text() {
        assert_sorted(&["v1 Pod a-b/x", "v1 Pod a/y", "v1 Pod a/z", "v1 Pod b/a", "v1 Pod a"]);
    }

    #[test]
    fn own_lists_replace_the_usual_ones_and_fifo_keeps_all_in_place() {
        let ids = ["v1 Namespace a", "v1 Secret a", "v1 Pod a", "apps/v1 Deployment a"];
        let own = SortOrder::LegacyWith { first: vec!["Pod"], last: vec!["Namespace"] };
        assert_eq!(order(&ids, &own), ["v1 Pod a", "apps/v1 Deployment a", "v1 Secret a", "v1 Namespace a"]);
        assert_eq!(order(&ids, &SortOrder::Fifo), ids);
    }
}
