//! Named ports of probes and lifecycle hooks, which the kubelet looks up in the same container only.
//!
//! Fact of a pod: `probePorts` lists every port that is given by name, with `container`, `place` (such
//! as `readinessProbe` or `preStop`), `port` and `state`: `found`, `other-container` (another container
//! of the pod has it, `other`), `digits` (a number in quotes, which is no port name) or `missing`.
//! Rule: `pkg/probe/util.go` and the handlers of `pkg/kubelet/lifecycle`, observed with kubelet 1.36.

use std::collections::HashMap;

use crate::facts::book::Book;
use crate::facts::lookup;
use crate::facts::lookup::Names;
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
    let mut owners = HashMap::new();
    for container in pod.containers() {
        for name in lookup::fields(container.ports(), "name").filter(|name| !name.is_unknown()) {
            owners.entry(name.text()).or_insert(container.name());
        }
    }
    for container in pod.containers().filter(|container| container.role != Role::Init) {
        let own: Names<'_> = lookup::fields(container.ports(), "name").collect();
        for path in HANDLERS {
            let handler = container.node.at_path(path);
            let ports = ["httpGet", "tcpSocket"].into_iter().filter_map(|way| handler?.at_path(&[way, "port"]));
            for port in ports.filter(|port| port.as_str().is_some()) {
                let item = book.item(facts, "probePorts", port);
                book.text(item, "container", container.name());
                book.text(item, "place", path.last().unwrap_or(&""));
                book.copy(item, "port", port);
                let other = owners.get(port.text());
                let state = own.hold(port).map(|found| if found { "found" } else { missing(port, other.is_some()) });
                book.verdict(item, "state", state.filter(|&state| complete || state == "found"));
                if let Some(other) = other {
                    book.text(item, "other", other);
                }
            }
        }
    }
}

fn missing(port: Node<'_>, elsewhere: bool) -> &'static str {
    if !port.text().is_empty() && port.text().bytes().all(|byte| byte.is_ascii_digit()) {
        "digits"
    } else if elsewhere {
        "other-container"
    } else {
        "missing"
    }
}
