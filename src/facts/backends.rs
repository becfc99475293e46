//! References to Services by name: from Ingresses, from routes of the Gateway API, and from StatefulSets.
//!
//! Facts: `backends` of an Ingress or route lists `service` and `port` (both as written), `state` (see
//! `existence`), `portState` (`found` or `missing` on a Service of the target) and `grant`: whether a
//! route may refer to another namespace, `needless`, `granted` or `missing`. `governing` of a
//! StatefulSet holds `service` and `state`. Rules: Ingress v1, Gateway API v1 `BackendRef` and
//! `ReferenceGrant`, StatefulSet v1.

use crate::facts::Elsewhere;
use crate::facts::book::Book;
use crate::facts::existence;
use crate::facts::lookup;
use crate::facts::lookup::Names;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_beside;
use crate::model::Service;
use crate::render::Resource;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;

const ROUTES: [&str; 5] = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"];

/// The group of routes and of the grants they need.
pub(super) const GATEWAY: &str = "gateway.networking.k8s.io";

/// A Service that something leads to.
struct Backend<'a> {
    service: Node<'a>,
    port: Option<Node<'a>>,
    namespace: Option<Node<'a>>,
}

pub(super) fn infer(around: &Surroundings<'_>, resource: &Resource, book: &mut Book, facts: NodeId) {
    let spec = resource.node().get("spec").filter(|spec| spec.kind() == Kind::Mapping);
    let Some(spec) = spec else { return };
    match (resource.id.group(), resource.id.kind.as_str()) {
        ("networking.k8s.io", "Ingress") => {
            ingress(spec).for_each(|backend| note(around, resource, &backend, book, facts));
        }
        (GATEWAY, kind) if ROUTES.contains(&kind) => {
            route(spec).for_each(|backend| note(around, resource, &backend, book, facts));
        }
        ("apps", "StatefulSet") => {
            let name = spec.get("serviceName").filter(|name| name.as_str().is_some_and(|text| !text.is_empty()));
            if let Some(name) = name {
                let governing = book.field(facts, "governing", name);
                book.copy(governing, "service", name);
                let state = existence::of_service(around, resource.id.namespace.as_deref(), name);
                book.verdict(governing, "state", state);
            }
        }
        _ => {}
    }
}

fn ingress(spec: Node<'_>) -> impl Iterator<Item = Backend<'_>> {
    let rules = spec.get("rules").into_iter().flat_map(Node::items);
    let paths = rules.filter_map(|rule| rule.at_path(&["http", "paths"])).flat_map(Node::items);
    let backends = spec.get("defaultBackend").into_iter().chain(lookup::fields(paths, "backend"));
    backends.filter_map(|backend| {
        let service = backend.get("service")?;
        let port = service.get("port").and_then(|port| port.get("number").or_else(|| port.get("name")));
        // The AWS controller takes such a backend for the name of an annotation.
        let is_annotation = port.is_some_and(|port| port.text() == "use-annotation");
        Some(Backend { service: service.get("name").filter(|_| !is_annotation)?, port, namespace: None })
    })
}

fn route(spec: Node<'_>) -> impl Iterator<Item = Backend<'_>> {
    let rules = spec.get("rules").into_iter().flat_map(Node::items);
    let backends = lookup::fields(rules, "backendRefs").flat_map(Node::items);
    let is_service = |backend: &Node<'_>| {
        let is = |field, text| backend.get(field).is_none_or(|node: Node<'_>| node.text() == text);
        is("kind", "Service") && is("group", "")
    };
    backends.filter(is_service).filter_map(|backend| {
        Some(Backend { service: backend.get("name")?, port: backend.get("port"), namespace: backend.get("namespace") })
    })
}

fn note(around: &Surroundings<'_>, resource: &Resource, backend: &Backend<'_>, book: &mut Book, facts: NodeId) {
    let own = resource.id.namespace.as_deref();
    let namespace = backend.namespace.map_or(own, |namespace| Some(namespace.text()));
    let known = backend.namespace.is_none_or(|namespace| !namespace.is_unknown());
    let item = book.item(facts, "backends", backend.service);
    book.copy(item, "service", backend.service);
    let state = existence::of_service(around, namespace, backend.service).filter(|_| known);
    // A route without any Service beside it is only a part of what is deployed.
    let is_part = || around.services.is_empty();
    let state = state.filter(|&state| state != "missing" || !is_part());
    book.verdict(item, "state", state);
    let service = existence::service(around, namespace, backend.service.text()).filter(|_| state == Some("target"));
    if let Some(port) = backend.port {
        book.copy(item, "port", port);
        // Only a Service that is here shows its ports.
        if let Some(service) = service.filter(|service| !service.is_external_name()) {
            let is_meant = is_beside(namespace, service.resource);
            book.verdict(item, "portState", port_state(service, port).filter(|&state| is_meant || state == "found"));
        }
    }
    if let Some(other) = backend.namespace {
        book.copy(item, "namespace", other);
        book.verdict(item, "grant", grant(around, resource, backend, other).filter(|_| known));
    }
}

/// How many ReferenceGrants of a target, and how many ports of a Service, are looked at for each backend.
const MAX_GRANTS: usize = 200;
const MAX_PORTS: usize = 200;

fn port_state(service: Service<'_>, port: Node<'_>) -> Option<&'static str> {
    if service.ports().nth(MAX_PORTS).is_some() {
        return None;
    }
    let ports: Names<'_> =
        service.ports().flat_map(|port| [port.node.get("port"), port.node.get("name")]).flatten().collect();
    ports.hold(port).map(|found| if found { "found" } else { "missing" })
}

/// Whether the namespace of the backend lets routes of this kind and namespace in.
fn grant(around: &Surroundings<'_>, resource: &Resource, backend: &Backend<'_>, to: Node<'_>) -> Option<&'static str> {
    let from = resource.id.namespace.as_deref()?;
    if from == to.text() {
        return Some("needless");
    }
    let in_target = around.grants.iter().take(MAX_GRANTS).any(|grant| {
        grant.id.namespace.as_deref().is_none_or(|namespace| namespace == to.text())
            && grants(grant.node(), &resource.id.kind, from, backend.service.text())
    });
    let granted = in_target || around.elsewhere.grants(to.text());
    let all_seen =
        around.grants.len() <= MAX_GRANTS && !around.elsewhere.may_have_kind(Some(to.text()), "ReferenceGrant");
    if granted { Some("granted") } else { all_seen.then_some("missing") }
}

/// Whether a ReferenceGrant lets routes of this kind and namespace lead to this Service.
fn grants(grant: Node<'_>, kind: &str, namespace: &str, service: &str) -> bool {
    let list = |field| grant.at_path(&["spec", field]).into_iter().flat_map(Node::items);
    let is =
        |node: Node<'_>, field, text| node.get(field).is_some_and(|value| value.is_unknown() || value.text() == text);
    let from = |from| is(from, "kind", kind) && is(from, "namespace", namespace) && is(from, "group", GATEWAY);
    let to = |to: Node<'_>| is(to, "kind", "Service") && to.get("name").is_none_or(|_| is(to, "name", service));
    list("from").any(from) && list("to").any(to)
}

impl Elsewhere {
    /// Whether some target has a grant in this namespace. What exactly it allows is not asked: it is
    /// not deployed together with the route.
    fn grants(&self, namespace: &str) -> bool {
        self.grants.contains(namespace)
    }
}
