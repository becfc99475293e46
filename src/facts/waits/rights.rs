//! Whether a container may ask the API server what it waits for: whether it has a token, and whether a role lets its
//! ServiceAccount look at such objects.
//!
//! Only what the target shows is judged: of an account that is not in it nobody knows what it is bound to elsewhere.

use crate::facts::runs::Run;
use crate::facts::runs::Value;
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

/// The verbs of those who only look.
const LOOKING: [&str; 3] = ["get", "list", "watch"];

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

/// What the API server is asked for.
pub(super) struct Request<'r> {
    /// What asks, such as `kubectl wait`.
    pub(super) method: &'r str,
    /// The kind as `kubectl` is told it.
    pub(super) kind: &'r str,
    /// One object; none for those that a selector finds.
    pub(super) name: Option<&'r Value>,
    /// Another namespace than that of the pod.
    pub(super) namespace: Option<&'r Value>,
}

/// Whether the account of the pod may ask so.
pub(super) enum Rights {
    Granted,
    NoToken,
    /// The verbs that no role grants, and on which resource.
    Missing {
        verbs: String,
        plural: &'static str,
    },
}

/// What a request needs in the end.
struct Needed<'n> {
    group: &'static str,
    plural: &'static str,
    /// The name, if it is one and known.
    name: Option<String>,
    is_named: bool,
    /// The namespace of the objects; none if the pod names none.
    namespace: Option<&'n str>,
    verbs: &'static [&'static str],
}

/// Whether the account of the pod may ask for what a wait asks for; none if that is not known.
pub(super) fn of(
    around: &Surroundings<'_>,
    resource: &Resource,
    pod: Pod<'_>,
    run: &Run<'_>,
    request: &Request<'_>,
) -> Option<Rights> {
    let kind = request.kind.split(['/', ',']).next().unwrap_or_default().to_ascii_lowercase();
    let (_, group, plural) = KINDS.iter().find(|(names, ..)| names.contains(&kind.as_str()))?;
    if run.environment.get("KUBECONFIG").is_some() {
        return None;
    }
    if has_token(around, resource, pod, run) == Some(false) {
        return Some(Rights::NoToken);
    }
    // Somebody else may bind an account that is not here, and more than anybody looks through.
    account(around, resource, pod)?;
    if around.resources.len() > MAX_RESOURCES {
        return None;
    }
    let own = resource.id.namespace.as_deref();
    let other = request.namespace.map(Value::literal);
    let namespace = match &other {
        Some(other) => Some(other.as_deref()?),
        None => own,
    };
    // What is bound in a namespace that is not part of this target is not seen here.
    let is_shown = |space: &str| around.resources.iter().any(|other| other.id.namespace.as_deref() == Some(space));
    if namespace.is_some_and(|space| own != Some(space) && !is_shown(space)) {
        return None;
    }
    let name = request.name.map(Value::literal);
    let is_named = name.as_ref().is_some_and(|name| name.as_ref().is_none_or(|name| !name.starts_with('-')));
    let needed =
        Needed { group, plural, name: name.flatten(), is_named, namespace, verbs: verbs(request.method, is_named) };
    judge(around, resource, account_name(pod)?, &needed)
}

/// The verbs that a program needs: `kubectl wait` and `rollout status` get the object, then list and watch it by its
/// name. Of others than `kubectl` it is only known that they look.
fn verbs(method: &str, is_named: bool) -> &'static [&'static str] {
    let mut words = method.split(' ');
    let (program, verb) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match (program, verb, is_named) {
        ("kubectl" | "oc", "wait" | "rollout", true) => &["get", "list", "watch"],
        ("kubectl" | "oc", "wait" | "rollout", false) => &["list", "watch"],
        ("kubectl" | "oc", _, true) => &["get"],
        ("kubectl" | "oc", _, false) => &["list"],
        _ => &[],
    }
}

fn judge(around: &Surroundings<'_>, resource: &Resource, account: &str, needed: &Needed<'_>) -> Option<Rights> {
    let (mut granted, mut is_known) = (Vec::new(), true);
    for binding in around.resources.iter().filter(|other| binds(other, resource, account, needed)) {
        match grants(around, binding, needed) {
            Some(verbs) => granted.extend(verbs),
            None => is_known = false,
        }
    }
    let has = |verb: &str| granted.iter().any(|own| *own == verb || *own == "*");
    let lacking: Vec<&str> = needed.verbs.iter().copied().filter(|verb| !has(verb)).collect();
    let is_granted = if needed.verbs.is_empty() { LOOKING.into_iter().any(has) } else { lacking.is_empty() };
    if is_granted {
        return Some(Rights::Granted);
    }
    let lacking = if lacking.is_empty() { LOOKING.to_vec() } else { lacking };
    let verbs = match lacking[..] {
        [ref most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => lacking.concat(),
    };
    is_known.then_some(Rights::Missing { verbs, plural: needed.plural })
}

/// Whether a binding is for this account, and for the namespace of the objects.
fn binds(binding: &Resource, resource: &Resource, account: &str, needed: &Needed<'_>) -> bool {
    let own = resource.id.namespace.as_deref();
    let is_binding = binding.id.group() == "rbac.authorization.k8s.io"
        && match binding.id.kind.as_str() {
            "ClusterRoleBinding" => true,
            "RoleBinding" => needed.plural != "nodes" && is_near(needed.namespace, binding),
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

/// What the role of a binding lets one do with such objects; none if the role is not here.
fn grants<'a>(around: &Surroundings<'a>, binding: &'a Resource, needed: &Needed<'_>) -> Option<Vec<&'a str>> {
    let role = binding.node().get("roleRef")?;
    let (kind, name) = (role.get("kind")?, role.get("name")?);
    if name.is_unknown() {
        return None;
    }
    if kind.is_text("ClusterRole") && BUILT_IN.contains(&name.text()) {
        return Some(LOOKING.to_vec());
    }
    let found = around.named(name.text()).find(|other| kind.is_text(&other.id.kind))?;
    // The rules of others are collected by labels.
    if found.node().get("aggregationRule").is_some() {
        return None;
    }
    let items = |rule: Node<'a>, field: &str| rule.get(field).into_iter().flat_map(Node::items);
    let has = |rule: Node<'a>, field: &str, text: &str| {
        items(rule, field).any(|item| item.is_unknown() || item.is_text("*") || item.is_text(text))
    };
    // What is listed by a selector has no name, and so no right that is for names.
    let is_for = |rule: Node<'a>| {
        let mut names = items(rule, "resourceNames").peekable();
        let is_it = |name: Node<'a>| {
            name.is_unknown() || needed.name.as_ref().is_none_or(|own| own.contains('$') || name.is_text(own))
        };
        names.peek().is_none() || (needed.is_named && names.any(is_it))
    };
    let rules = found.node().get("rules").into_iter().flat_map(Node::items);
    let rules = rules.filter(|rule| {
        has(*rule, "apiGroups", needed.group) && has(*rule, "resources", needed.plural) && is_for(*rule)
    });
    // A verb that is filled in may be any.
    let verbs = rules.flat_map(|rule| items(rule, "verbs"));
    Some(verbs.map(|verb| if verb.is_unknown() { "*" } else { verb.text() }).collect())
}
