//! Services that a pod waits for: whoever is waited for is needed, also where nothing but the wait names it.

use crate::facts::book::Book;
use crate::facts::needs::meanings::Asker;
use crate::facts::needs::meanings::Meaning;
use crate::facts::needs::meanings::Namespace;
use crate::facts::surroundings::Surroundings;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;

/// How many Services of one pod are listed because it waits for them.
const MAX_WAITED: usize = 200;

/// What a wait tells of the Service that is needed.
struct Waited {
    wait: NodeId,
    service: String,
    namespace: Option<String>,
    container: String,
    port: Option<String>,
    confidence: &'static str,
    state: Option<String>,
}

/// Adds the Services of the waits, which were found before, to those that are called.
pub(super) fn infer(around: &Surroundings<'_>, resource: &Resource, pod: Pod<'_>, book: &mut Book, facts: NodeId) {
    let asker = Asker { around, resource, pod };
    let mut waited: Vec<Waited> = Vec::new();
    let all = book.node(facts);
    for wait in all.get("waits").into_iter().flat_map(Node::items) {
        let Some(new) = of_wait(asker, wait) else { continue };
        let called = all.get("dependencies").into_iter().flat_map(Node::items);
        let mut called = called.filter(|call| call.get_str("kind") == Some("Service"));
        let is_known = called.any(|call| {
            let same =
                call.get("namespace").is_none_or(|of| new.namespace.as_deref().is_none_or(|own| of.is_text(own)));
            same && call.get_str("name") == Some(&*new.service)
        });
        if is_known || waited.len() >= MAX_WAITED {
            continue;
        }
        match waited.iter_mut().find(|other| other.service == new.service && other.namespace == new.namespace) {
            // The first one that tells it surely is shown.
            Some(other) if is_surer(new.confidence, other.confidence) => *other = new,
            Some(_) => {}
            None => waited.push(new),
        }
    }
    for waited in waited {
        note(&waited, book, facts);
    }
}

/// The Service of a wait, unless it is one of the pod itself.
fn of_wait(asker: Asker<'_, '_>, wait: Node<'_>) -> Option<Waited> {
    let service = wait.get("service")?.text();
    let host = wait.get("host").filter(|host| !host.is_unknown()).map_or("", Node::text);
    if service.is_empty() || wait.get("own").and_then(Node::scalar) == Some(Scalar::Bool(true)) {
        return None;
    }
    let namespace = wait.get("namespace").map(|namespace| namespace.text().to_owned());
    let of = namespace.clone().map_or(Namespace::Own, Namespace::Named);
    let meaning = Meaning { service: service.to_owned(), namespace: of, state: None };
    if asker.is_own(&meaning) {
        return None;
    }
    let confidence = match wait.get_str("effective") {
        Some("yes") if host.contains(".svc") => "certain",
        Some("yes") => "likely",
        _ => "possible",
    };
    let state = wait.get("resolved").filter(|state| !state.is_unknown()).map(|state| state.text().to_owned());
    let container = wait.get("container").map_or("", Node::text).to_owned();
    let port = wait.get("port").filter(|port| !port.is_unknown()).map(|port| port.text().to_owned());
    Some(Waited { wait: wait.id(), service: meaning.service, namespace, container, port, confidence, state })
}

fn is_surer(confidence: &str, other: &str) -> bool {
    let place = |confidence: &str| ["certain", "likely", "possible"].iter().position(|known| *known == confidence);
    place(confidence) < place(other)
}

fn note(waited: &Waited, book: &mut Book, facts: NodeId) {
    let item = book.item_beside(facts, "dependencies", waited.wait);
    book.text(item, "kind", "Service");
    book.text(item, "name", &waited.service);
    if let Some(namespace) = &waited.namespace {
        book.text(item, "namespace", namespace);
    }
    book.text(item, "container", &waited.container);
    book.text(item, "place", "wait");
    book.text(item, "evidence", "wait");
    book.text(item, "confidence", waited.confidence);
    book.verdict(item, "resolved", waited.state.as_deref());
    // Whether the Service has it is said of the wait.
    if let Some(port) = &waited.port {
        book.text(item, "port", port);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::facts::of_text;
    use crate::source::Sources;
    use crate::yaml::Node;

    /// The dependencies of a Pod with this init container beside Services `db` and `web`, the latter being its own.
    fn needed(init: &str) -> Vec<String> {
        let service = |name: &str| {
            format!(
                "{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {{selector: {{app: {name}}}, \
                 ports: [{{port: 80}}]}}}}\n---\n"
            )
        };
        let spec = format!("{{initContainers: [{{name: i, {init}}}], containers: [{{name: a, image: x}}]}}");
        let pod = format!("{{apiVersion: v1, kind: Pod, metadata: {{name: p, labels: {{app: web}}}}, spec: {spec}}}");
        let facts = of_text(&Arc::new(Sources::in_memory()), &(service("db") + &service("web") + &pod));
        let items = facts.of(2).get("dependencies").into_iter().flat_map(Node::items);
        let fields = ["name", "evidence", "confidence", "resolved"];
        items.map(|item| fields.map(|field| item.get(field).map_or("", Node::text)).join(" ")).collect()
    }

    #[test]
    fn whoever_is_waited_for_is_needed() {
        let entrypoint = |services: &str| {
            needed(&format!(
                "image: quay.io/airshipit/kubernetes-entrypoint:v1.0.0, command: [kubernetes-entrypoint], \
                 env: [{{name: DEPENDENCY_SERVICE, value: '{services}'}}]"
            ))
        };
        assert_eq!(entrypoint("default:db"), ["db wait certain target"]);
        assert_eq!(entrypoint("default:db,default:gone"), ["db wait certain target", "gone wait certain missing"]);
        assert_eq!(entrypoint("default:web"), [""; 0], "its own");
    }

    #[test]
    fn a_call_tells_more_than_a_wait() {
        let script = "image: busybox:1.36, command: [sh, -c, 'until nc -z db 80; do sleep 1; done']";
        assert_eq!(needed(script), ["db command likely target"]);
    }
}
