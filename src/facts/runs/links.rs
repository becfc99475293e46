//! The variables that the kubelet makes for the Services of a namespace, with their values, and why it makes none.
//!
//! Rule: `pkg/kubelet/envvars` of Kubernetes 1.36, observed. The cluster IP is a symbol that remembers its Service.

use std::sync::Arc;

use crate::facts::runs::value::ServiceName;
use crate::facts::runs::value::Symbol;
use crate::facts::runs::value::Value;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::facts::surroundings::variable_of;
use crate::model::Service;
use crate::model::ServicePort;
use crate::yaml::Node;

/// The value of a variable that a Service of the target makes for what is in `namespace`.
pub(super) fn value(around: &Surroundings<'_>, namespace: Option<&str>, links: bool, name: &str) -> Option<Value> {
    if let Some(end) = name.strip_prefix("KUBERNETES_") {
        // That one is there whatever the pod says.
        return of_api_server(end);
    }
    let mut making = around.making(name).filter(|(service, _)| is_near(namespace, service.resource));
    making.find_map(|(service, end)| missing(service, end, links).is_none().then(|| of_service(service, end))?)
}

fn of_api_server(end: &str) -> Option<Value> {
    let server = ServiceName { namespace: Some("default".to_owned()), name: "kubernetes".to_owned() };
    let address = Value::symbol(Symbol::Address(Arc::new(server)));
    let port = Value::text("443", None);
    match end {
        "SERVICE_HOST" | "PORT_443_TCP_ADDR" => Some(address),
        "SERVICE_PORT" | "SERVICE_PORT_HTTPS" | "PORT_443_TCP_PORT" => Some(port),
        "PORT_443_TCP_PROTO" => Some(Value::text("tcp", None)),
        "PORT" | "PORT_443_TCP" => Some(link("TCP", address, port)),
        _ => None,
    }
}

/// The value of a variable whose name ends so behind the name of the Service.
fn of_service(service: Service<'_>, end: &str) -> Option<Value> {
    let id = &service.resource.id;
    let name = ServiceName { namespace: id.namespace.clone(), name: id.name.clone() };
    let address = || Value::symbol(Symbol::Address(Arc::new(name)));
    let first = service.ports().next();
    match end {
        "SERVICE_HOST" => Some(address()),
        "SERVICE_PORT" => number(first?),
        "PORT" => Some(link(first?.protocol(), address(), number(first?)?)),
        _ if end.starts_with("SERVICE_PORT_") => {
            let of_name = |name: Node<'_>| end.strip_prefix("SERVICE_PORT_") == Some(&variable_of(name.text()));
            number(service.ports().find(|port| port.node.get("name").is_some_and(of_name))?)
        }
        _ => service
            .ports()
            .find_map(|port| {
                let own = format!("PORT_{}_{}", port.node.get("port")?.text(), port.protocol());
                Some((port, end.strip_prefix(&own)?.to_owned()))
            })
            .and_then(|(port, part)| match part.as_str() {
                "" => Some(link(port.protocol(), address(), number(port)?)),
                "_PROTO" => Some(Value::text(port.protocol().to_ascii_lowercase(), None)),
                "_PORT" => number(port),
                "_ADDR" => Some(address()),
                _ => None,
            }),
    }
}

fn number(port: ServicePort<'_>) -> Option<Value> {
    let number = port.node.get("port")?;
    let is_known = !number.is_unknown();
    Some(if is_known {
        Value::text(number.text(), Some(number.span()))
    } else {
        Value::symbol(Symbol::Written(number.span()))
    })
}

fn link(protocol: &str, address: Value, port: Value) -> Value {
    let mut link = Value::text(format!("{}://", protocol.to_ascii_lowercase()), None);
    link.append(address);
    link.push_text(":", None);
    link.append(port);
    link
}

/// Why a Service does not make a variable that ends so behind its own name, if it does not.
pub(super) fn missing(service: Service<'_>, end: &str, links: bool) -> Option<&'static str> {
    let headless = service.resource.node().at_path(&["spec", "clusterIP"]).is_some_and(|ip| ip.text() == "None");
    if headless {
        Some("headless")
    } else if service.is_external_name() {
        Some("external-name")
    } else if !links {
        Some("no-links")
    } else {
        (!makes(service, end)).then_some("no-port")
    }
}

/// Whether a Service makes a variable that ends so behind its own name.
fn makes(service: Service<'_>, end: &str) -> bool {
    let own = ["SERVICE_HOST", "SERVICE_PORT", "PORT"];
    own.contains(&end)
        || service.ports().any(|port| {
            let name = port.node.get("name");
            let named = name.is_some_and(|name| {
                name.is_unknown() || end.strip_prefix("SERVICE_PORT_") == Some(&variable_of(name.text()))
            });
            let address = format!("PORT_{}_{}", port.node.get("port").map_or("", Node::text), port.protocol());
            let part = end.strip_prefix(&address);
            named || part.is_some_and(|part| ["", "_PROTO", "_PORT", "_ADDR"].contains(&part))
        })
}

/// Whether a name may be one that a Service outside of the target makes.
pub(super) fn looks_like_service(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
        || name.ends_with("_PORT")
}
