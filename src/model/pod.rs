//! A pod, or the template of one, in whatever kind carries it.

use crate::kube::pod_path;
use crate::render::Resource;
use crate::yaml::Kind;
use crate::yaml::Node;

/// A pod or a pod template.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'a> {
    /// The object with the pod's `metadata` and `spec`.
    pub template: Node<'a>,
    /// The pod's `spec`.
    pub spec: Node<'a>,
}

/// What a container is for, which decides when it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Runs to its end before the next one starts.
    Init,
    /// An init container with `restartPolicy: Always`: it stays, and the next one starts once it has started.
    Sidecar,
    /// Runs when all init containers are done.
    App,
}

/// One container of a pod.
#[derive(Clone, Copy, Debug)]
pub struct Container<'a> {
    /// The item of `containers` or `initContainers`.
    pub node: Node<'a>,
    /// What it is for.
    pub role: Role,
}

impl<'a> Pod<'a> {
    /// The pod that a resource carries. Kinds that nobody knows count when they have containers at
    /// `spec.template.spec`, as Argo Rollouts and many operators do.
    pub fn of(resource: &'a Resource) -> Option<Self> {
        let known = pod_path(resource.id.group(), &resource.id.kind);
        let template = resource.node().at_path(known.unwrap_or(&["spec", "template"]))?;
        let spec = template.get("spec").filter(|spec| spec.kind() == Kind::Mapping)?;
        let carries_pod = known.is_some() || spec.get("containers").is_some_and(|list| list.kind() == Kind::Sequence);
        carries_pod.then_some(Self { template, spec })
    }

    /// All containers in the order in which the kubelet starts them.
    pub fn containers(self) -> impl Iterator<Item = Container<'a>> {
        let init = self.list("initContainers").map(|node| {
            let role = if is_sidecar(node) { Role::Sidecar } else { Role::Init };
            Container { node, role }
        });
        init.chain(self.list("containers").map(|node| Container { node, role: Role::App }))
    }

    /// The items of `volumes`.
    pub fn volumes(self) -> impl Iterator<Item = Node<'a>> {
        self.list("volumes")
    }

    /// A label of the pod.
    pub fn label(self, key: &str) -> Option<Node<'a>> {
        self.template.at_path(&["metadata", "labels"])?.get(key)
    }

    fn list(self, field: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.spec.get(field).into_iter().flat_map(Node::items).filter(|node| node.kind() == Kind::Mapping)
    }
}

impl<'a> Container<'a> {
    /// Its name, empty if it has none.
    pub fn name(self) -> &'a str {
        self.node.get("name").map_or("", Node::text)
    }

    /// The items of its `ports`.
    pub fn ports(self) -> impl Iterator<Item = Node<'a>> {
        self.list("ports")
    }

    /// The items of one of its lists.
    pub fn list(self, field: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.node.get(field).into_iter().flat_map(Node::items)
    }
}

/// Whether an item of `initContainers` is a sidecar (KEP-753).
pub fn is_sidecar(init_container: Node<'_>) -> bool {
    init_container.get_str("restartPolicy") == Some("Always")
}
