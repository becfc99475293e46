//! Named ports of probes and lifecycle hooks, which the kubelet looks up in the same container only.
//!
//! Fact of a pod: `probePorts` lists every port that is given by name, with `container`, `place` (such
//! as `readinessProbe` or `preStop`), `port` and `state`: `found`, `other-container` (another container
//! of the pod has it, `other`), `digits` (a number in quotes, which is no port name) or `missing`.
//! Rule: `pkg/probe/util.go` and the handlers of `pkg/kubelet/lifecycle`, observed with kubelet 1.36.

use crate::facts::book::Book;
use crate::facts::lookup;
use crate::model::Container;
use crate::model::Pod;
use crate::model::Role;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// Where a container says whom to ask: the path, whose last key names the place.
const HANDLERS: [&[&str]; 5] = [
    &["livenessProbe"],
    &["readinessProbe"],
    &["startupProbe"],
    &["lifecycle", "postStart"],
    &["lifecycle", "preStop"],
];

/// `complete` says that nobody adds to the pod's containers what is not written.
pub(super) fn infer(pod: Pod<'_>, complete: bool, book: &mut Book, facts: NodeId) {
    for container in pod.containers().filter(|container| container.role != Role::Init) {
        for path in HANDLERS {
            let handler = container.node.at_path(path);
            let ports = ["httpGet", "tcpSocket"].into_iter().filter_map(|way| handler?.at_path(&[way, "port"]));
            for port in ports.filter(|port| port.as_str().is_some()) {
                let item = book.item(facts, "probePorts", port);
                book.text(item, "container", container.name());
                book.text(item, "place", path.last().unwrap_or(&""));
                book.copy(item, "port", port);
                let other = owner(pod, port);
                let state = state(container, port, other.is_some()).filter(|&state| complete || state == "found");
                book.verdict(item, "state", state);
                if let Some(other) = other {
                    book.text(item, "other", other.name());
                }
            }
        }
    }
}

fn state(container: Container<'_>, port: Node<'_>, elsewhere: bool) -> Option<&'static str> {
    Some(match lookup::holds(lookup::fields(container.ports(), "name"), port)? {
        true => "found",
        false if !port.text().is_empty() && port.text().bytes().all(|byte| byte.is_ascii_digit()) => "digits",
        false if elsewhere => "other-container",
        false => "missing",
    })
}

/// The first container of the pod that has a port of this name.
fn owner<'a>(pod: Pod<'a>, port: Node<'_>) -> Option<Container<'a>> {
    pod.containers().find(|container| lookup::holds(lookup::fields(container.ports(), "name"), port) == Some(true))
}
