//! Resources of random kinds, groups, namespaces and names come out in the order of kustomize.

use std::collections::BTreeSet;
use std::fmt::Write;

use plimsoll::kustomization::SortOrder;
use plimsoll::render::kustomize::sort::SortKey;
use plimsoll::render::kustomize::sort::sorted;

use crate::random::Random;

const RESOURCES: usize = 600;

const VERSIONS: &[&str] = &["v1", "v2", "apps/v1", "apps/v1beta1", "example.com/v1", "a.b/v1", "Z/v1", "zz/v1"];
const KINDS: &[&str] = &[
    "Namespace",
    "Namespace",
    "ConfigMap",
    "Deployment",
    "Pod",
    "Job",
    "CronJob",
    "Thing",
    "thing",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];
const NAMESPACES: &[&str] = &["", "", "default", "a", "a-b", "a.b", "b", "0", "zz"];
const NAMES: &[&str] = &["a", "b", "a-b", "a.b", "0", "A", "aa", "z", "a1", "a10", "a9", "b-c", "longer-name"];

#[test]
fn resources_are_sorted_as_kustomize_sorts_them() {
    compare(1, "sortOptions: {order: legacy}", &SortOrder::Legacy);
}

#[test]
fn own_lists_of_kinds_are_followed_as_kustomize_follows_them() {
    compare(
        2,
        "sortOptions: {order: legacy, legacySortOptions: {orderFirst: [Thing, Pod, Thing, Job], orderLast: [Pod, Namespace]}}",
        &SortOrder::LegacyWith { first: vec!["Thing", "Pod", "Thing", "Job"], last: vec!["Pod", "Namespace"] },
    );
}

fn compare(seed: u64, options: &str, order: &SortOrder<'_>) {
    if crate::kubectl_is_missing() {
        return;
    }
    let mut random = Random::new(seed);
    let mut taken = BTreeSet::new();
    let mut ids: Vec<[&str; 4]> = Vec::new();
    while ids.len() < RESOURCES {
        let id = [random.pick(VERSIONS), random.pick(KINDS), random.pick(NAMESPACES), random.pick(NAMES)];
        // For kustomize an empty namespace is `default`, and it knows that some kinds have none.
        let namespace = if id[2].is_empty() || id[1] != "Pod" { "default" } else { id[2] };
        if taken.insert([id[0], id[1], namespace, id[3]]) {
            ids.push(id);
        }
    }
    let theirs = theirs(&ids, options);
    let keys: Vec<_> = ids.iter().map(|id| key(id)).collect();
    let ours: Vec<_> = sorted(&keys, order).into_iter().map(|place| line(&ids[place])).collect();
    assert_eq!(ours, theirs);
}

fn key<'a>([version, kind, namespace, name]: &[&'a str; 4]) -> SortKey<'a> {
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    SortKey { group, version, kind, namespace, name }
}

fn line([version, kind, namespace, name]: &[&str; 4]) -> String {
    format!("{version} {kind} {namespace}/{name}")
}

fn theirs(ids: &[[&str; 4]], options: &str) -> Vec<String> {
    let mut text = String::new();
    for id in ids {
        let [version, kind, namespace, name] = id;
        writeln!(text, "---\napiVersion: {version}\nkind: {kind}\nmetadata:\n  name: '{name}'").unwrap();
        if !namespace.is_empty() {
            writeln!(text, "  namespace: '{namespace}'").unwrap();
        }
        writeln!(text, "id: {}", line(id)).unwrap();
    }
    let folder = std::env::temp_dir().join(format!("plimsoll-order-{}-{}", std::process::id(), options.len()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("r.yaml"), text).unwrap();
    std::fs::write(folder.join("kustomization.yaml"), format!("resources: [r.yaml]\n{options}\n")).unwrap();
    let output = crate::kustomize().arg(&folder).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("id: ")).map(str::to_owned).collect()
}
