//! References that select nothing without anybody saying so: what an autoscaler scales, which pods a disruption
//! budget or a network policy is about, which role a binding gives to whom.
//!
//! Facts: `scales` of an autoscaler, `grants` of a binding, and `subjects[*]` of a binding, each with `kind`, `name`,
//! `namespace` and `resolved`; `covers` of a PodDisruptionBudget or NetworkPolicy that selects some pods: where these are, as in
//! `pods` of a Service.

use std::sync::Arc;

use crate::facts::book::Book;
use crate::facts::needs::objects::Objects;
use crate::facts::needs::objects::Wanted;
use crate::facts::services;
use crate::facts::surroundings::Surroundings;
use crate::kube::is_cluster_scoped;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Tree;

const RBAC: &str = "rbac.authorization.k8s.io";

/// Kinds that are scaled and whose absence can be told, because nobody but their authors makes them.
const SCALED: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"];

/// How many subjects of one binding are listed.
const MAX_SUBJECTS: usize = 200;

/// How many values of one expression are looked at.
const MAX_VALUES: usize = 200;

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
        let wanted = Wanted { group, kind, namespace, name };
        let state = self.objects.place(self.around, wanted);
        let is_told = SCALED.contains(&kind) && group == "*" && is_workload_version(version);
        let state = state.filter(|&state| state != "missing" || (is_told && !self.around.pods().is_empty()));
        let item = self.book.field(self.facts, "scales", name);
        self.book.text(item, "kind", kind);
        self.book.copy(item, "name", name);
        self.book.verdict(item, "resolved", state);
        self.objects.hint(self.around, wanted, state, self.book, item);
    }

    /// Whom a selector is about that is about some pods only.
    fn covers(&mut self, selector: Option<Node<'_>>) {
        let Some(selector) = selector else { return };
        let labels = selector.get("matchLabels").filter(|labels| labels.children().next().is_some());
        let expressions = selector.get("matchExpressions").into_iter().flat_map(Node::items).collect::<Vec<_>>();
        let one_of = expressions.iter().find(|expression| expression.get_str("operator") == Some("In"));
        let one_of =
            one_of.filter(|one_of| one_of.get("values").is_some_and(|all| all.children().nth(MAX_VALUES).is_none()));
        let Some(about) = labels.or_else(|| one_of?.get("values")) else { return };
        let namespace = self.resource.id.namespace.as_deref();
        let places: Vec<_> = match one_of {
            Some(one_of) => {
                let alternatives = alternatives(labels, *one_of);
                let nodes = alternatives.1.iter().map(|id| alternatives.0.node(*id));
                nodes.map(|labels| services::place_of_pods(self.around, namespace, labels)).collect()
            }
            None => labels.map(|labels| services::place_of_pods(self.around, namespace, labels)).into_iter().collect(),
        };
        let is_none = !places.is_empty() && places.iter().all(|place| *place == Some("none"));
        // What expressions leave over of the pods that are there is not asked.
        let state = match places[..] {
            _ if is_none => Some("none"),
            [place] if expressions.is_empty() => place,
            _ => None,
        };
        let item = self.book.field(self.facts, "covers", about);
        self.book.verdict(item, "pods", state);
    }

    fn binding(&mut self) {
        let own = self.resource.id.namespace.as_deref();
        let role = self.resource.node().get("roleRef");
        if let Some((role, name)) = role.and_then(|role| Some((role, role.get("name")?))) {
            let kind = role.get("kind").map_or("", Node::text);
            let wanted = Wanted { group: RBAC, kind, namespace: own, name };
            let state = self.objects.place(self.around, wanted);
            let item = self.book.field(self.facts, "grants", name);
            self.book.text(item, "kind", kind);
            self.book.copy(item, "name", name);
            if let Some(namespace) = own.filter(|_| !is_cluster_scoped(RBAC, kind)) {
                self.book.text(item, "namespace", namespace);
            }
            let is_known = matches!(kind, "Role" | "ClusterRole");
            let state = state.filter(|_| is_known);
            self.book.verdict(item, "resolved", state);
            self.objects.hint(self.around, wanted, state, self.book, item);
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
            self.objects.hint(self.around, wanted, state, self.book, item);
        }
    }
}

/// The labels that a pod has which one of the values of an expression selects, for each of the values: `labels`, and
/// the value itself.
fn alternatives(labels: Option<Node<'_>>, expression: Node<'_>) -> (Tree, Vec<NodeId>) {
    let mut tree = Tree::new(Arc::clone(expression.tree().sources()), Reader::Kustomize);
    let mut all = Vec::new();
    let key = expression.get("key").map_or("", Node::text);
    for value in expression.get("values").into_iter().flat_map(Node::items) {
        let mapping = tree.mapping(value.span());
        for (own, label) in labels.into_iter().flat_map(Node::fields).chain([(expression, value)]) {
            let name = if own == expression { key } else { own.text() };
            let copy = tree.copy(label, None);
            tree.append_new_field(mapping, name, copy, label.span());
        }
        all.push(mapping);
    }
    (tree, all)
}

/// Whether a version is one that workloads have, or had.
fn is_workload_version(version: &str) -> bool {
    matches!(version.split_once('/'), Some(("apps" | "extensions", _)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::facts::of_text;
    use crate::source::Sources;
    use crate::yaml::Node;

    /// Where the pods are that a budget with this selector is about, beside one pod with `app: web`.
    fn covered(selector: &str) -> Option<String> {
        let pod =
            "{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: [{name: a}]}}";
        let budget = format!(
            "{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: b}}, spec: {{selector: {selector}}}}}"
        );
        let facts = of_text(&Arc::new(Sources::in_memory()), &format!("{pod}\n---\n{budget}"));
        facts.of(1).at_path(&["covers", "pods"]).map(Node::text).map(str::to_owned)
    }

    #[test]
    fn selectors_by_labels_and_expressions() {
        let one_of = |values: &str| format!("{{matchExpressions: [{{key: app, operator: In, values: {values}}}]}}");
        assert_eq!(covered("{matchLabels: {app: web}}").as_deref(), Some("target"));
        assert_eq!(covered("{matchLabels: {app: db}}").as_deref(), Some("none"));
        assert_eq!(covered(&one_of("[db, cache]")).as_deref(), Some("none"));
        assert_eq!(covered(&one_of("[db, web]")).as_deref(), Some("unknown"));
        assert_eq!(covered("{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}"), None);
        assert_eq!(covered("{}"), None);
    }
}
