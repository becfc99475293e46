//! Services: which pods they select, and whether their named target ports lead anywhere.
//!
//! Facts of a Service: `selects` lists the pods; `ports` lists its ports with a named target and the
//! `state` of that name: `found`, `other-protocol`, `init-container` (only an ordinary init container
//! has it, which no endpoint ever uses) or `missing`. A Service whose selector is met by no pod, or
//! that has no selector, says nothing about its ports. Rules: k8s.io/endpointslice `FindPort`, observed
//! with the 1.36 controllers.

use crate::facts::Scope;
use crate::facts::book::Book;
use crate::kube::ResourceId;
use crate::model::Pod;
use crate::model::Role;
use crate::model::Service;
use crate::model::ServicePort;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::NodeId;

pub(super) fn infer(scope: Scope<'_>, resource: &Resource, book: &mut Book, facts: NodeId) {
    let Some(service) = Service::of(resource) else { return };
    if service.selector().is_none() || service.is_external_name() {
        return;
    }
    let mut pods = Vec::new();
    for other in scope.resources {
        let near = ResourceId::may_share_namespace(resource.id.namespace.as_deref(), other.id.namespace.as_deref());
        if let Some(pod) = Pod::of(other).filter(|&pod| near && service.selects(pod)) {
            let item = book.item(facts, "selects", resource.node());
            book.text(item, "kind", &other.id.kind);
            book.text(item, "name", &other.id.name);
            pods.push(pod);
        }
    }
    for port in service.ports().filter(|_| !pods.is_empty()) {
        if let Some(name) = port.target_name() {
            let item = book.item(facts, "ports", name);
            book.copy(item, "targetPort", name);
            book.text(item, "protocol", port.protocol());
            book.text(item, "state", state(port, name, &pods));
        }
    }
}

/// The best that any of the pods has to offer for a named target port.
fn state(port: ServicePort<'_>, name: Node<'_>, pods: &[Pod<'_>]) -> &'static str {
    let mut found = "missing";
    for container in pods.iter().flat_map(|pod| pod.containers()) {
        for candidate in container.ports().filter(|port| port.get("name").is_some_and(|own| own.text() == name.text()))
        {
            if container.role == Role::Init {
                if found == "missing" {
                    found = "init-container";
                }
            } else if candidate.get("protocol").map_or("TCP", Node::text) == port.protocol() {
                return "found";
            } else {
                found = "other-protocol";
            }
        }
    }
    found
}
