//! References that select nothing without anybody saying so: what an autoscaler scales, which pods a disruption
//! budget or a network policy is about, which role a binding gives to whom.
//!
//! Facts: `scales` of an autoscaler, `grants` of a binding, and `subjects[*]` of a binding, each with `kind`, `name`,
//! `namespace` and `resolved`; `covers` of a PodDisruptionBudget or NetworkPolicy that selects some pods: where these are, as in
//! `pods` of a Service.

use crate::facts::book::Book;
use crate::facts::needs::objects::Objects;
use crate::facts::needs::objects::Wanted;
use crate::facts::services;
use crate::facts::surroundings::Surroundings;
use crate::kube::is_cluster_scoped;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::NodeId;

const RBAC: &str = "rbac.authorization.k8s.io";

/// Kinds that are scaled and whose absence can be told, because nobody but their authors makes them.
const SCALED: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"];

/// How many subjects of one binding are listed.
const MAX_SUBJECTS: usize = 200;

pub(super) fn infer(
    around: &Surroundings<'_>,
    resource: &Resource,
    objects: &mut Objects,
    book: &mut Book,
    facts: NodeId,
) {
    let mut aims = Aims { around, resource, objects, book, facts };
    let at = |path: &[&str]| resource.node().at_path(path);
    match (resource.id.group(), resource.id.kind.as_str()) {
        ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject") => {
            aims.scaled(at(&["spec", "scaleTargetRef"]));
        }
        ("autoscaling.k8s.io", "VerticalPodAutoscaler") => aims.scaled(at(&["spec", "targetRef"])),
        ("policy", "PodDisruptionBudget") => aims.covers(at(&["spec", "selector"])),
        ("networking.k8s.io", "NetworkPolicy") => aims.covers(at(&["spec", "podSelector"])),
        (RBAC, "RoleBinding" | "ClusterRoleBinding") => aims.binding(),
        _ => {}
    }
}

struct Aims<'a, 'b> {
    around: &'b Surroundings<'a>,
    resource: &'b Resource,
    objects: &'b mut Objects,
    book: &'b mut Book,
    facts: NodeId,
}

impl Aims<'_, '_> {
    /// What an autoscaler scales.
    fn scaled(&mut self, target: Option<Node<'_>>) {
        let Some((target, name)) = target.and_then(|target| Some((target, target.get("name")?))) else { return };
        let kind = target.get("kind").map_or("Deployment", Node::text);
        let version = target.get("apiVersion").map_or("apps/v1", Node::text);
        let group = version.split_once('/').map_or("", |(group, _)| group);
        // Old manifests name groups that workloads have left since, and nobody minds.
        let group = if SCALED.contains(&kind) { "*" } else { group };
        let namespace = self.resource.id.namespace.as_deref();
        let state = self.objects.place(self.around, Wanted { group, kind, namespace, name });
        let is_told = SCALED.contains(&kind) && group == "*" && is_workload_version(version);
        let state = state.filter(|&state| state != "missing" || (is_told && !self.around.pods().is_empty()));
        let item = self.book.field(self.facts, "scales", name);
        self.book.text(item, "kind", kind);
        self.book.copy(item, "name", name);
        self.book.verdict(item, "resolved", state);
    }

    /// Whom a selector is about that is about some pods only.
    fn covers(&mut self, selector: Option<Node<'_>>) {
        let Some(labels) = selector.and_then(|selector| selector.get("matchLabels")) else { return };
        let expressions = selector.and_then(|selector| selector.get("matchExpressions"));
        if labels.children().next().is_none() {
            return;
        }
        let namespace = self.resource.id.namespace.as_deref();
        let state = services::place_of_pods(self.around, namespace, labels);
        // What expressions leave over of the pods that are there is not asked.
        let asks_more = expressions.is_some_and(|list| list.items().next().is_some());
        let state = state.filter(|&state| !asks_more || state == "none");
        let item = self.book.field(self.facts, "covers", labels);
        self.book.verdict(item, "pods", state);
    }

    fn binding(&mut self) {
        let own = self.resource.id.namespace.as_deref();
        let role = self.resource.node().get("roleRef");
        if let Some((role, name)) = role.and_then(|role| Some((role, role.get("name")?))) {
            let kind = role.get("kind").map_or("", Node::text);
            let state = self.objects.place(self.around, Wanted { group: RBAC, kind, namespace: own, name });
            let item = self.book.field(self.facts, "grants", name);
            self.book.text(item, "kind", kind);
            self.book.copy(item, "name", name);
            if let Some(namespace) = own.filter(|_| !is_cluster_scoped(RBAC, kind)) {
                self.book.text(item, "namespace", namespace);
            }
            let is_known = matches!(kind, "Role" | "ClusterRole");
            self.book.verdict(item, "resolved", state.filter(|_| is_known));
        }
        let subjects = self.resource.node().get("subjects").into_iter().flat_map(Node::items);
        let accounts = subjects.filter(|subject| subject.get_str("kind") == Some("ServiceAccount"));
        for subject in accounts.take(MAX_SUBJECTS) {
            let Some(name) = subject.get("name") else { continue };
            let namespace = subject.get("namespace");
            let of = namespace.map(Node::text).or(own);
            let wanted = Wanted { group: "", kind: "ServiceAccount", namespace: of, name };
            let state = self.objects.place(self.around, wanted);
            let item = self.book.item(self.facts, "subjects", name);
            self.book.text(item, "kind", "ServiceAccount");
            self.book.copy(item, "name", name);
            if let Some(namespace) = namespace {
                self.book.copy(item, "namespace", namespace);
            }
            let is_known = namespace.is_none_or(|namespace| !namespace.is_unknown());
            // What lives in a namespace where the target runs nothing was put there by somebody else.
            let is_strange = !self.around.inhabited.may_hold(of);
            let state = state.filter(|&state| is_known && !(state == "missing" && is_strange));
            self.book.verdict(item, "resolved", state);
        }
    }
}

/// Whether a version is one that workloads have, or had.
fn is_workload_version(version: &str) -> bool {
    matches!(version.split_once('/'), Some(("apps" | "extensions", _)))
}
