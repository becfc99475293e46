//! A Service: whom it selects, and by which ports it is reached.

use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Kind;
use crate::yaml::Node;

/// A core/v1 Service.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// The resource.
    pub resource: &'a Resource,
    spec: Node<'a>,
}

/// One item of `spec.ports`.
#[derive(Clone, Copy, Debug)]
pub struct ServicePort<'a> {
    /// The item.
    pub node: Node<'a>,
}

impl<'a> Service<'a> {
    /// The resource as a Service, if it is one.
    pub fn of(resource: &'a Resource) -> Option<Self> {
        let is_service = resource.id.kind == "Service" && resource.id.group().is_empty();
        let spec = resource.node().get("spec").filter(|spec| is_service && spec.kind() == Kind::Mapping)?;
        Some(Self { resource, spec })
    }

    /// The selector with at least one label; none if endpoints are made by somebody else.
    pub fn selector(self) -> Option<Node<'a>> {
        self.spec.get("selector").filter(|selector| selector.children().next().is_some())
    }

    /// Whether it is only another name for a host.
    pub fn is_external_name(self) -> bool {
        self.spec.get_str("type") == Some("ExternalName")
    }

    /// Whether its name leads to the pods themselves.
    pub fn is_headless(self) -> bool {
        self.spec.get("clusterIP").is_some_and(|address| address.text() == "None")
    }

    /// Whether every label of the selector is a label of the pod.
    pub fn selects(self, pod: Pod<'_>) -> bool {
        self.selector().is_some_and(|selector| {
            selector
                .fields()
                .all(|(key, value)| pod.label(key.text()).is_some_and(|label| label.text() == value.text()))
        })
    }

    /// Its ports.
    pub fn ports(self) -> impl Iterator<Item = ServicePort<'a>> {
        self.spec.get("ports").into_iter().flat_map(Node::items).map(|node| ServicePort { node })
    }

    /// The port with this number or name.
    pub fn port(self, number_or_name: &str) -> Option<ServicePort<'a>> {
        self.ports().find(|port| {
            let is = |field| port.node.get(field).is_some_and(|node: Node<'_>| node.text() == number_or_name);
            is("port") || is("name")
        })
    }
}

impl<'a> ServicePort<'a> {
    /// The name of the container port that it leads to, if it leads to a named one.
    pub fn target_name(self) -> Option<Node<'a>> {
        self.node.get("targetPort").filter(|target| target.as_str().is_some())
    }

    /// `TCP` unless another protocol is written.
    pub fn protocol(self) -> &'a str {
        self.node.get("protocol").map_or("TCP", Node::text)
    }
}
