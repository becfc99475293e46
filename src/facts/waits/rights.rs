//! Whether a container may ask the API server what it waits for: whether it has a token, and whether a role lets its
//! ServiceAccount look at such objects.
//!
//! Only what the target shows is judged: of an account that is not in it nobody knows what it is bound to elsewhere.

use crate::facts::runs::Run;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// Where the token of a ServiceAccount and the namespace of the pod are found.
pub(super) const ACCOUNT_FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Roles that every cluster has and that let one look at what pods are made of.
const BUILT_IN: [&str; 4] = ["admin", "cluster-admin", "edit", "view"];

/// How many resources are looked at for bindings.
const MAX_RESOURCES: usize = 5_000;

/// What `kubectl` calls a kind, its group, and its plural.
const KINDS: &[(&[&str], &str, &str)] = &[
    (&["pod", "pods", "po", "container"], "", "pods"),
    (&["service", "services", "svc"], "", "services"),
    (&["endpoints", "ep"], "", "endpoints"),
    (&["configmap", "configmaps", "cm"], "", "configmaps"),
    (&["secret", "secrets"], "", "secrets"),
    (&["node", "nodes", "no"], "", "nodes"),
    (&["persistentvolumeclaim", "persistentvolumeclaims", "pvc"], "", "persistentvolumeclaims"),
    (&["job", "jobs"], "batch", "jobs"),
    (&["cronjob", "cronjobs", "cj"], "batch", "cronjobs"),
    (&["deployment", "deployments", "deploy", "deployment.apps"], "apps", "deployments"),
    (&["statefulset", "statefulsets", "sts", "statefulset.apps"], "apps", "statefulsets"),
    (&["daemonset", "daemonsets", "ds", "daemonset.apps"], "apps", "daemonsets"),
];

/// Whether the pod has a token: none if its account decides that and is not here.
pub(super) fn has_token(around: &Surroundings<'_>, resource: &Resource, pod: Pod<'_>, run: &Run<'_>) -> Option<bool> {
    let mut mounts = run.container.list("volumeMounts").filter_map(|mount| mount.get("mountPath"));
    if mounts.any(|path| path.is_unknown() || path.text().contains("/secrets/")) {
        return Some(true);
    }
    let told = |node: Node<'_>| match node.get("automountServiceAccountToken").and_then(Node::scalar) {
        Some(Scalar::Bool(is_mounted)) => Some(is_mounted),
        _ => None,
    };
    told(pod.spec).or_else(|| account(around, resource, pod).map(|account| told(account.node()).unwrap_or(true)))
}

/// The ServiceAccount of the pod, if it is in the target.
fn account<'a>(around: &Surroundings<'a>, resource: &Resource, pod: Pod<'_>) -> Option<&'a Resource> {
    let name = account_name(pod)?;
    around.named(name).find(|other| {
        other.id.kind == "ServiceAccount"
            && other.id.group().is_empty()
            && is_near(resource.id.namespace.as_deref(), other)
    })
}

fn account_name(pod: Pod<'_>) -> Option<&str> {
    let name = pod.spec.get("serviceAccountName").or_else(|| pod.spec.get("serviceAccount"));
    match name {
        Some(name) if name.is_unknown() => None,
        name => Some(name.map_or("default", Node::text)),
    }
}

/// Whether the account of the pod may look at objects of a kind: `granted`, `missing`, `no-token`, or not known.
pub(super) fn of(
    around: &Surroundings<'_>,
    resource: &Resource,
    pod: Pod<'_>,
    run: &Run<'_>,
    kind: &str,
) -> Option<&'static str> {
    let kind = kind.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let (_, group, plural) = KINDS.iter().find(|(names, ..)| names.contains(&kind.as_str()))?;
    if run.environment.get("KUBECONFIG").is_some() {
        return None;
    }
    if has_token(around, resource, pod, run) == Some(false) {
        return Some("no-token");
    }
    // Somebody else may bind an account that is not here, and more than anybody looks through.
    account(around, resource, pod)?;
    if around.resources.len() > MAX_RESOURCES {
        return None;
    }
    let name = account_name(pod)?;
    let mut is_known = true;
    for binding in around.resources.iter().filter(|other| binds(other, resource, name)) {
        match grants(around, binding, group, plural) {
            Some(true) => return Some("granted"),
            Some(false) => {}
            None => is_known = false,
        }
    }
    is_known.then_some("missing")
}

/// Whether a binding is for this account, in the namespace of the pod or everywhere.
fn binds(binding: &Resource, resource: &Resource, account: &str) -> bool {
    let own = resource.id.namespace.as_deref();
    let is_binding = binding.id.group() == "rbac.authorization.k8s.io"
        && match binding.id.kind.as_str() {
            "ClusterRoleBinding" => true,
            "RoleBinding" => is_near(own, binding),
            _ => false,
        };
    let subjects = binding.node().get("subjects").into_iter().flat_map(Node::items);
    is_binding
        && subjects.into_iter().any(|subject| match subject.get_str("kind") {
            Some("ServiceAccount") => {
                let namespace = subject.get("namespace");
                let is_here =
                    namespace.is_none_or(|space| space.is_unknown() || own.is_none_or(|own| space.is_text(own)));
                is_here && subject.get("name").is_some_and(|name| name.is_unknown() || name.is_text(account))
            }
            Some("Group") => subject.get_str("name").is_some_and(|name| name.starts_with("system:")),
            _ => false,
        })
}

/// Whether the role of a binding lets one get such objects; none if the role is not here.
fn grants(around: &Surroundings<'_>, binding: &Resource, group: &str, plural: &str) -> Option<bool> {
    let role = binding.node().get("roleRef")?;
    let (kind, name) = (role.get("kind")?, role.get("name")?);
    if name.is_unknown() {
        return None;
    }
    if kind.is_text("ClusterRole") && BUILT_IN.contains(&name.text()) {
        return Some(true);
    }
    let found = around.named(name.text()).find(|other| kind.is_text(&other.id.kind))?;
    // The rules of others are collected by labels.
    if found.node().get("aggregationRule").is_some() {
        return None;
    }
    let has = |rule: Node<'_>, field: &str, text: &str| {
        let mut items = rule.get(field).into_iter().flat_map(Node::items);
        items.any(|item| item.is_unknown() || item.is_text("*") || item.is_text(text))
    };
    let mut rules = found.node().get("rules").into_iter().flat_map(Node::items);
    Some(rules.any(|rule| {
        has(rule, "apiGroups", group)
            && has(rule, "resources", plural)
            && ["get", "list", "watch"].iter().any(|verb| has(rule, "verbs", verb))
    }))
}
