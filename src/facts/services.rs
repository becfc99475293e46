//! Services: which pods they select, and whether their named target ports lead anywhere.
//!
//! Facts of a Service with a selector: `pods` says where those it selects are: `target`, `elsewhere` (in
//! another target), `operator` (an operator seems to run them), `cluster` (it is in the cluster's own
//! namespace) or `none`; `selects` lists the first ones that are here; `ports` lists its ports with a named
//! target and the `state` of that name: `found`, `other-protocol`, `init-container` (only an ordinary
//! init container has it, which no endpoint ever uses), `digits` (a number in quotes) or `missing`.
//! Rules: k8s.io/endpointslice `FindPort`, observed with the 1.36 controllers.

use std::collections::BTreeMap;

use crate::facts::Elsewhere;
use crate::facts::book::Book;
use crate::facts::is_complete;
use crate::facts::operators;
use crate::facts::surroundings::Carried;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::kube::ResourceId;
use crate::model::Pod;
use crate::model::Role;
use crate::model::Service;
use crate::model::ServicePort;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// Labels that controllers put on pods, so that no template has them.
const ADDED: [&str; 8] = [
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
    "pod-template-hash",
    "rollouts-pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];

/// Ports of the sidecars that service meshes put into pods.
const INJECTED: [&str; 3] = ["http-envoy-prom", "linkerd-admin", "linkerd-proxy"];

/// Selectors of more labels are not judged: nobody means them.
const MAX_LABELS: usize = 100;

/// How many of the pods that a Service selects are listed.
const MAX_LISTED: usize = 100;

pub(super) fn infer(around: &Surroundings<'_>, resource: &Resource, book: &mut Book, facts: NodeId) {
    let Some(service) = Service::of(resource).filter(|service| !service.is_external_name()) else { return };
    let Some(selector) = service.selector().filter(|selector| selector.children().nth(MAX_LABELS).is_none()) else {
        return;
    };
    let namespace = resource.id.namespace.as_deref();
    let (pods, certain) = selected(around, namespace, selector);
    for (other, _) in pods.iter().take(MAX_LISTED) {
        let item = book.item(facts, "selects", resource.node());
        book.text(item, "kind", &other.id.kind);
        book.text(item, "name", &other.id.name);
    }
    book.verdict(facts, "pods", place(around, namespace, selector, (&pods, certain)));
    for port in service.ports().filter(|_| !pods.is_empty()).take(MAX_LISTED) {
        if let Some(name) = port.target_name() {
            let item = book.item(facts, "ports", name);
            book.copy(item, "targetPort", name);
            book.text(item, "protocol", port.protocol());
            let complete = certain && pods.iter().all(|&(other, pod)| is_complete(other, pod));
            let state = port_state(port, name, pods.iter().map(|(_, pod)| *pod));
            book.verdict(item, "state", state.filter(|&state| complete || state == "found"));
        }
    }
}

/// Where the pods are that have these labels, as the fact `pods` of a Service tells it.
pub(super) fn place_of_pods(
    around: &Surroundings<'_>,
    namespace: Option<&str>,
    selector: Node<'_>,
) -> Option<&'static str> {
    if selector.children().nth(MAX_LABELS).is_some() {
        return None;
    }
    let (pods, certain) = selected(around, namespace, selector);
    place(around, namespace, selector, (&pods, certain))
}

/// The pods of the target that a selector selects, and whether there are no others.
pub(super) fn selected<'a>(
    around: &Surroundings<'a>,
    namespace: Option<&str>,
    selector: Node<'_>,
) -> (Vec<Carried<'a>>, bool) {
    let mut pods = Vec::new();
    // Any label finds the pods that may have all of them; the rarest one finds the fewest others.
    let known = selector.fields().filter(|(key, value)| !ADDED.contains(&key.text()) && !value.is_unknown());
    let rarest = known.min_by_key(|(key, value)| around.count_labelled(key.text(), value.text()));
    let (candidates, mut certain) =
        rarest.map_or((Vec::new(), false), |(key, value)| around.labelled(key.text(), value.text()));
    for (other, pod) in candidates.into_iter().filter(|(other, _)| is_near(namespace, other)) {
        match selects(selector, pod) {
            Some(true) => pods.push((other, pod)),
            Some(false) => {}
            None => certain = false,
        }
    }
    (pods, certain)
}

fn place(
    around: &Surroundings<'_>,
    namespace: Option<&str>,
    selector: Node<'_>,
    (pods, certain): (&[Carried<'_>], bool),
) -> Option<&'static str> {
    let alone = !around.inhabited.may_hold(namespace);
    match pods.is_empty() {
        false => Some("target"),
        // Where nothing runs at all, the target is only a part of what is deployed there.
        true if certain && !alone => without_pods(around, namespace, selector),
        true => None,
    }
}

/// Whether every label of the selector is a label of the pod, or will be.
fn selects(selector: Node<'_>, pod: Pod<'_>) -> Option<bool> {
    let mut answer = Some(true);
    for (key, value) in selector.fields().filter(|(key, _)| !ADDED.contains(&key.text())) {
        match pod.label(key.text()) {
            None => return Some(false),
            Some(label) if label.is_unknown() || value.is_unknown() => answer = None,
            Some(label) if label.text() != value.text() => return Some(false),
            Some(_) => {}
        }
    }
    answer
}

/// Where the pods of a selector are that the target does not have.
fn without_pods(around: &Surroundings<'_>, namespace: Option<&str>, selector: Node<'_>) -> Option<&'static str> {
    let known = selector.fields().all(|(_, value)| !value.is_unknown());
    let named_after =
        |id: &ResourceId| selector.fields().any(|(key, value)| operators::may_label(id, key.text(), value.text()));
    if around.elsewhere.has_pods(namespace, selector) {
        Some("elsewhere")
    } else if selector.fields().any(|(key, value)| operators::is_label(key.text(), value.text()))
        || around.operated.iter().any(|other| named_after(&other.id))
    {
        Some("operator")
    } else if namespace == Some("kube-system") {
        Some("cluster")
    } else {
        (known && !around.deploys_more && !around.elsewhere.may_be_inhabited(namespace)).then_some("none")
    }
}

/// The best that any of the pods has to offer for a named target port.
fn port_state<'a>(port: ServicePort<'_>, name: Node<'_>, pods: impl Iterator<Item = Pod<'a>>) -> Option<&'static str> {
    if name.is_unknown() {
        return None;
    }
    if INJECTED.contains(&name.text()) {
        return None;
    }
    if name.text().bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("digits");
    }
    let mut found = Some("missing");
    for container in pods.flat_map(Pod::containers) {
        for candidate in container.ports() {
            let Some(own) = candidate.get("name") else { continue };
            let protocol = candidate.get("protocol").map_or("TCP", Node::text);
            if own.is_unknown() {
                found = None;
            }
            if own.is_unknown() || own.text() != name.text() {
                continue;
            }
            if container.role != Role::Init && protocol == port.protocol() {
                return Some("found");
            } else if container.role != Role::Init {
                found = found.and(Some("other-protocol"));
            } else if found == Some("missing") {
                found = Some("init-container");
            }
        }
    }
    found
}

/// The labels of a pod, as far as they are known.
pub(super) type Labels = BTreeMap<String, String>;

impl Elsewhere {
    /// Notes the labels of the pods of another target's resource.
    pub(super) fn add_pod(&mut self, resource: &Resource) {
        let labels = Pod::of(resource).and_then(|pod| pod.template.at_path(&["metadata", "labels"]));
        let labels = labels.into_iter().flat_map(Node::fields);
        let labels: Labels = labels.map(|(key, value)| (key.text().to_owned(), value.text().to_owned())).collect();
        if !labels.is_empty() {
            for (key, value) in &labels {
                self.by_label.entry((key.clone(), value.clone())).or_default().push(self.pods.len());
            }
            self.pods.push((resource.id.namespace.clone(), labels));
        }
    }

    /// Whether some target has pods with all these labels that may be in this namespace.
    fn has_pods(&self, namespace: Option<&str>, selector: Node<'_>) -> bool {
        let wanted = || selector.fields().filter(|(key, _)| !ADDED.contains(&key.text()));
        let pods =
            |(key, value): (Node<'_>, Node<'_>)| self.by_label.get(&(key.text().to_owned(), value.text().to_owned()));
        let candidates = wanted().map(|label| pods(label).map_or(&[][..], Vec::as_slice)).min_by_key(|pods| pods.len());
        let candidates = candidates.into_iter().flatten();
        candidates.map(|&index| &self.pods[index]).any(|(of, labels)| {
            ResourceId::may_share_namespace(namespace, of.as_deref())
                && wanted().all(|(key, value)| labels.get(key.text()).is_some_and(|label| label == value.text()))
        })
    }
}
