//! Whom a host stands for: a Service, by its name and namespace, and the ports that it has.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::facts::existence;
use crate::facts::runs::Piece;
use crate::facts::runs::Symbol;
use crate::facts::runs::Value;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::model::Pod;
use crate::model::Service;
use crate::render::Resource;
use crate::source::Span;
use crate::yaml::Node;

/// What stands for the namespace of a pod that names none.
const OWN: &str = "%";

/// What a host and a port stand for.
#[derive(Clone, Default, Debug)]
pub(super) struct Target {
    /// The host, if all of it is known.
    pub(super) host: Option<String>,
    pub(super) port: Option<String>,
    /// The namespace that the host names, or that of the pod; none if it is not known.
    pub(super) namespace: Option<String>,
    /// The Service, if the host can be one of this cluster.
    pub(super) service: Option<String>,
    /// Where the Service is: as in `existence`.
    pub(super) resolved: Option<&'static str>,
    pub(super) port_state: Option<&'static str>,
    /// `cluster`, `headless`, `external-name`
    pub(super) kind: Option<&'static str>,
    /// Whether it is a Service of the very pod that waits.
    pub(super) is_own: bool,
    /// The Service that this one seems to be called now.
    pub(super) renamed: Option<String>,
}

/// The namespace of a name.
enum Space {
    /// None is written, which means that of the pod.
    Own,
    Named(String),
    /// It is written, but not known.
    Unknown,
}

/// A name of this cluster taken apart.
struct Named {
    service: String,
    namespace: Space,
    /// Whether it is the name of one pod.
    is_pod: bool,
    /// Whether it can be nothing else than a Service.
    is_certain: bool,
}

pub(super) fn of<'a>(
    around: &Surroundings<'a>,
    written: &Written<'a>,
    resource: &Resource,
    pod: Pod<'_>,
    host: Option<&Value>,
    port: Option<&Value>,
) -> Target {
    let own = resource.id.namespace.as_deref();
    let mut target = Target { port: port.and_then(Value::literal), ..Target::default() };
    let Some(host) = host else { return target };
    target.host = host.literal();
    let text = with_namespace(host, own);
    let Some(named) = named(around, &text) else { return target };
    let namespace = match &named.namespace {
        Space::Unknown => {
            target.service = Some(named.service);
            return target;
        }
        Space::Named(namespace) => Some(namespace.as_str()),
        Space::Own => own,
    };
    target.namespace = namespace.map(str::to_owned);
    target.service = Some(named.service.clone());
    let service = existence::service(around, namespace, &named.service);
    target.resolved = existence::of_named_service(around, namespace, &named.service)
        .filter(|&state| state != "missing" || named.is_certain && !around.services.is_empty());
    if let Some(service) = service {
        target.kind = Some(kind(service));
        target.is_own = !named.is_pod && service.selects(pod) && is_alone(around, service);
        target.port_state = target.port.as_deref().and_then(|port| port_state(service, port));
    } else if target.resolved == Some("missing") {
        target.renamed = written.renamed(around, namespace, &named.service);
    }
    target
}

/// The text of a host, with the namespace of the pod filled in where that is asked for.
fn with_namespace(host: &Value, own: Option<&str>) -> String {
    let mut text = String::new();
    for piece in host.pieces() {
        match piece {
            Piece::Text(part, _) => text.push_str(part),
            Piece::Symbol(Symbol::Field(path)) if &**path == "metadata.namespace" => text.push_str(own.unwrap_or(OWN)),
            Piece::Symbol(_) => text.push('?'),
        }
    }
    text
}

fn named(around: &Surroundings<'_>, text: &str) -> Option<Named> {
    let text = text.trim_end_matches('.');
    let parts: Vec<&str> = text.split('.').collect();
    let is_label = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let namespace = |part: &str| match part {
        OWN => Space::Own,
        part if is_label(part) => Space::Named(part.to_owned()),
        _ => Space::Unknown,
    };
    match parts[..] {
        [service] if is_label(service) && service != "localhost" => {
            Some(Named { service: service.to_owned(), namespace: Space::Own, is_pod: false, is_certain: true })
        }
        // The name of a pod stands before that of its Service.
        [.., service, space, "svc"] | [.., service, space, "svc", "cluster", "local"] if is_label(service) => {
            Some(Named {
                service: service.to_owned(),
                namespace: namespace(space),
                is_pod: parts[0] != service,
                is_certain: true,
            })
        }
        [service, space] if is_label(service) && is_label(space) => {
            let is_here = existence::service(around, Some(space), service).is_some();
            let is_elsewhere = around.elsewhere.has_service(Some(space), service);
            let is_pod = existence::service(around, None, space).is_some();
            if is_pod && !is_here {
                return Some(Named {
                    service: space.to_owned(),
                    namespace: Space::Own,
                    is_pod: true,
                    is_certain: true,
                });
            }
            (is_here || is_elsewhere).then(|| Named {
                service: service.to_owned(),
                namespace: namespace(space),
                is_pod: false,
                is_certain: false,
            })
        }
        _ => None,
    }
}

fn kind(service: Service<'_>) -> &'static str {
    let spec = service.resource.node().get("spec");
    let publishes = spec.and_then(|spec| spec.get("publishNotReadyAddresses")).map(Node::text);
    if service.is_external_name() {
        "external-name"
    } else if spec.and_then(|spec| spec.get("clusterIP")).is_some_and(|ip| ip.is_text("None")) {
        if publishes == Some("true") { "published" } else { "headless" }
    } else {
        "cluster"
    }
}

/// Whether a Service has no pods but those of one workload.
fn is_alone(around: &Surroundings<'_>, service: Service<'_>) -> bool {
    let Some(selector) = service.selector() else { return false };
    let rarest = selector.fields().min_by_key(|(key, value)| around.count_labelled(key.text(), value.text()));
    let Some((key, value)) = rarest else { return false };
    let (pods, is_all) = around.labelled(key.text(), value.text());
    is_all && pods.into_iter().filter(|(_, pod)| service.selects(*pod)).count() == 1
}

/// How many ports of a Service are looked at.
const MAX_PORTS: usize = 200;

fn port_state(service: Service<'_>, port: &str) -> Option<&'static str> {
    if service.is_external_name() || service.ports().nth(MAX_PORTS).is_some() {
        return None;
    }
    let spec = service.resource.node().get("spec")?;
    let is_headless = spec.get("clusterIP").is_some_and(|ip| ip.is_text("None"));
    if service.ports().filter_map(|port| port.node.get("port")).any(Node::is_unknown) {
        return None;
    }
    let is = |number: Node<'_>| number.text() == port;
    if service.ports().filter_map(|port| port.node.get("port")).any(is) {
        return Some("found");
    }
    // A headless name leads to the pods themselves, on whatever port they listen.
    if is_headless || service.ports().next().is_none() {
        return None;
    }
    let targets = |port: Node<'_>| port.get("targetPort").is_some_and(is);
    if service.ports().any(|port| targets(port.node)) { Some("target-port") } else { Some("missing") }
}

/// The Services of a target by every name that was written for them before others changed it. Made once somebody asks.
#[derive(Default)]
pub(super) struct Written<'a>(OnceCell<HashMap<String, Vec<&'a Resource>>>);

impl<'a> Written<'a> {
    /// How a Service of the target is called now that was written with this name, if there is just one.
    fn renamed(&self, around: &Surroundings<'a>, namespace: Option<&str>, name: &str) -> Option<String> {
        let written = self.0.get_or_init(|| {
            let mut written: HashMap<String, Vec<&'a Resource>> = HashMap::new();
            for resource in around.services.iter().map(|service| service.resource) {
                for name in names(resource) {
                    written.entry(name).or_default().push(resource);
                }
            }
            written
        });
        let mut near = written.get(name)?.iter().filter(|resource| is_near(namespace, resource));
        let first = near.next()?;
        near.next().is_none().then(|| first.id.name.clone())
    }
}

/// What was written as the name of a resource, each once.
fn names(resource: &Resource) -> BTreeSet<String> {
    let Some(node) = resource.node().at_path(&["metadata", "name"]) else { return BTreeSet::new() };
    let sources = node.tree().sources();
    let text = |span: Span| {
        let source = sources.get(span.source).text();
        let written = source.get(span.start as usize..span.end as usize).unwrap_or_default();
        written.trim_matches(['"', '\'']).to_owned()
    };
    node.writers().map(|writer| writer.span).chain(node.composed_of()).map(text).collect()
}
