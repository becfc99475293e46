//! Whether a container asks through the proxy of a service mesh that is not there yet.
//!
//! `istio-init` and `linkerd-init` send what leaves the pod to a proxy. Unless that is a sidecar among the init
//! containers, it only starts with the app, so whatever an init container in between asks over TCP is refused. An
//! injector puts them last for this reason (Istio's `webhook.go`), so only those count that are written in the manifest.

use crate::facts::runs::base_name;
use crate::model::Container;
use crate::model::Pod;
use crate::model::Role;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// Who redirects, the proxy's name, and the user whose traffic is let through.
const MESHES: [(&str, &str, i128); 2] = [("istio-init", "istio-proxy", 1337), ("linkerd-init", "linkerd-proxy", 2102)];

/// Annotations that take something out of the mesh.
const EXCEPTIONS: [&str; 6] = [
    "traffic.sidecar.istio.io/excludeOutboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
    "traffic.sidecar.istio.io/includeOutboundPorts",
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
    "config.linkerd.io/skip-outbound-ports",
    "config.linkerd.io/skip-outbound-subnets",
];

/// The init container that has sent the traffic of this one to a proxy which is not there yet.
pub(super) fn redirected_by<'a>(pod: Pod<'a>, container: Container<'a>) -> Option<&'a str> {
    let annotations = pod.template.at_path(&["metadata", "annotations"]);
    let is_exempt = annotations.is_some_and(|all| EXCEPTIONS.iter().any(|name| all.get(name).is_some()));
    if container.role != Role::Init || is_exempt {
        return None;
    }
    let earlier: Vec<_> = pod.containers().take_while(|other| other.node.id() != container.node.id()).collect();
    MESHES.iter().find_map(|(redirector, proxy, user)| {
        let first = earlier.iter().find(|other| other.role == Role::Init && other.name() == *redirector)?;
        // Whoever redirects only some ports says which, and so does a proxy of another making.
        let words: Vec<&str> = first.list("command").chain(first.list("args")).map(Node::text).collect();
        let has_option = |options: &[&str]| words.iter().any(|word| options.contains(&base_name(word)));
        let is_partial = has_option(&["-o", "-x", "-q", "--outbound-ports-to-ignore", "--subnets-to-ignore"]);
        let has_proxy = pod.containers().any(|other| other.role == Role::App && other.name() == *proxy);
        let runs_as = |node: Node<'a>| node.at_path(&["securityContext", "runAsUser"])?.scalar();
        let is_user = runs_as(container.node).or_else(|| runs_as(pod.spec)) == Some(Scalar::Int(*user));
        (has_proxy && !is_partial && !is_user).then(|| first.name())
    })
}
