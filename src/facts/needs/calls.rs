//! Which Services the containers of a pod call, by the hosts that their texts name.
//!
//! A name counts only if it is written as an address, and a Service of that name is known; without one it counts
//! if nothing else can be meant: a name below `svc`, or a single label in a URL or in front of a port, in an address that
//! the container is given. The pod's own Services are no dependency: members of a cluster know each other by them.

use std::collections::HashMap;
use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

use crate::facts::book::Book;
use crate::facts::existence;
use crate::facts::needs::hints::Hints;
use crate::facts::needs::hosts;
use crate::facts::needs::hosts::Form;
use crate::facts::needs::hosts::Host;
use crate::facts::needs::hosts::Syntax;
use crate::facts::needs::keys;
use crate::facts::needs::texts;
use crate::facts::needs::texts::Text;
use crate::facts::runs::Run;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_beside;
use crate::facts::surroundings::is_near;
use crate::facts::surroundings::variable_of;
use crate::model::Pod;
use crate::model::Service;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::span_within;

/// How many Services of one pod are listed, and how many hosts are looked at for all pods of a target: the same
/// long file may be mounted into each of them.
const MAX_CALLS: usize = 200;
const MAX_HOSTS: usize = 200_000;

/// How sure it is that the container calls the Service, the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Confidence {
    Certain,
    Likely,
    Possible,
}

/// A namespace that a host name tells.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Namespace {
    /// None: that of the pod.
    Own,
    Named(String),
    /// A variable stands for it.
    Unknown,
}

/// A Service that a container calls.
struct Call<'a, 't> {
    text: &'t Text<'a>,
    host: Host,
    service: String,
    namespace: Namespace,
    port: Option<String>,
    confidence: Confidence,
    state: Option<&'static str>,
}

/// What was found out about one target, so that it is found out once.
#[derive(Default)]
pub(super) struct Known {
    /// The hosts of files, which many pods may have mounted.
    files: HashMap<(usize, NodeId, bool), Rc<[Host]>>,
    states: HashMap<(Option<String>, String), Option<&'static str>>,
    /// How many pods take all keys of an object.
    takers: Option<HashMap<String, usize>>,
    /// How many hosts were looked at.
    looked_at: usize,
    hints: Hints,
}

pub(super) fn infer<'a>(
    around: &Surroundings<'a>,
    resource: &'a Resource,
    (pod, runs): (Pod<'a>, &[Run<'_>]),
    known: &mut Known,
    book: &mut Book,
    facts: NodeId,
) {
    let texts = texts::of_pod(around, resource, pod, runs);
    let variables = texts.iter().filter(|text| matches!(text.place, "env" | "envFrom"));
    let defined: HashSet<&str> = variables.clone().map(|text| &*text.name).collect();
    let ports =
        variables.filter(|text| text.name.ends_with("PORT")).map(|text| (&*text.name, &*text.content)).collect();
    // The host that a certificate is made for is whom others call.
    let makes_certificates = |text: &Text<'_>| text.content.starts_with("--secret-name");
    if texts.iter().any(makes_certificates) {
        return;
    }
    let mut caller = Caller { around, resource, pod, known, defined, ports };
    let mut calls: Vec<Call<'_, '_>> = Vec::new();
    let mut places: HashMap<(String, Namespace, Option<String>), usize> = HashMap::new();
    for text in &texts {
        for call in caller.calls(text) {
            // A Service that is missing has no ports to tell calls apart by.
            let port = call.port.clone().filter(|_| call.state != Some("missing"));
            let key = (call.service.clone(), call.namespace.clone(), port);
            match places.get(&key) {
                Some(&index) if calls[index].confidence <= call.confidence => {}
                Some(&index) => calls[index] = call,
                None if calls.len() < MAX_CALLS => {
                    places.insert(key, calls.len());
                    calls.push(call);
                }
                None => {}
            }
        }
    }
    // Whom else it calls is not known.
    let is_cut_short = caller.known.looked_at >= MAX_HOSTS;
    for call in &calls {
        let item = note(around, resource, call, book, facts);
        if call.state == Some("missing") {
            let namespace = namespace_of(resource, &call.namespace);
            caller.known.hints.note(around, ("Service", namespace.as_deref(), &call.service), book, item);
        }
    }
    if is_cut_short {
        let item = book.item(facts, "dependencies", pod.spec);
        book.text(item, "kind", "Service");
        book.verdict(item, "confidence", None);
        book.verdict(item, "resolved", None);
    }
}

struct Caller<'a, 'b> {
    around: &'b Surroundings<'a>,
    resource: &'a Resource,
    pod: Pod<'a>,
    known: &'b mut Known,
    /// The variables that the manifests set.
    defined: HashSet<&'b str>,
    /// The variables that are called like ports, and their values.
    ports: HashMap<&'b str, &'b str>,
}

impl<'a> Caller<'a, '_> {
    fn calls<'t>(&mut self, text: &'t Text<'a>) -> Vec<Call<'a, 't>> {
        let hosts = self.hosts(text);
        let mut calls = Vec::new();
        for host in hosts.iter() {
            if self.known.looked_at >= MAX_HOSTS {
                break;
            }
            self.known.looked_at += 1;
            if hosts::leads_there(&text.content, host, &text.name) {
                calls.extend(self.call(text, host));
            }
        }
        calls
    }

    fn hosts(&mut self, text: &Text<'_>) -> Rc<[Host]> {
        let read = || Rc::from(hosts::in_text(&text.content, text.syntax));
        if text.syntax == Syntax::Value {
            return read();
        }
        let tree = std::ptr::from_ref(text.node.tree()) as usize;
        let key = (tree, text.node.id(), text.syntax == Syntax::File);
        Rc::clone(self.known.files.entry(key).or_insert_with(read))
    }

    fn call<'t>(&mut self, text: &'t Text<'a>, host: &Host) -> Option<Call<'a, 't>> {
        let written = &text.content[host.name.clone()];
        if host.form == Form::Variable {
            return self.by_variable(text, host, written);
        }
        let named = host.key.clone().map_or(&*text.name, |key| &text.content[key]);
        if host.form == Form::Name && !(text.syntax == Syntax::File && host.key.is_none()) && !keys::is_address(named) {
            return None;
        }
        if host.form == Form::Name && text.syntax == Syntax::File && host.key.is_none() {
            return None;
        }
        let readings = readings(written, &self.around.config.cluster_domain);
        let found = readings.iter().find_map(|(service, namespace)| {
            let state = self.state(service, namespace).filter(|&state| state != "missing")?;
            Some((service.clone(), namespace.clone(), Some(state)))
        });
        let port = host.port.clone().map(|port| text.content[port].to_owned());
        let port = port.or_else(|| self.port_beside(text, host));
        let (service, namespace, state) = match found {
            Some(found) => found,
            None => self.without_service(text, host, named, readings)?,
        };
        let own = self.own_service(&service, &namespace);
        if own || (state == Some("target") && self.is_chance(text, host, &service, &namespace, named, port.as_deref()))
        {
            return None;
        }
        let confidence = self.confidence(text, host);
        Some(Call { text, host: host.clone(), service, namespace, port, confidence, state })
    }

    /// A variable that the kubelet makes for a Service.
    fn by_variable<'t>(&mut self, text: &'t Text<'a>, host: &Host, written: &str) -> Option<Call<'a, 't>> {
        let name = written.trim_matches(|char: char| "$(){}".contains(char));
        let own = name.strip_suffix("_SERVICE_HOST").filter(|_| !self.defined.contains(name))?;
        let near = self.around.making(name).map(|(service, _)| service);
        let service = near.into_iter().find(|service| {
            variable_of(&service.resource.id.name) == own
                && is_near(self.resource.id.namespace.as_deref(), service.resource)
        })?;
        let name = service.resource.id.name.clone();
        let port = host.port.clone().map(|port| text.content[port].to_owned());
        let (namespace, state) = (Namespace::Own, Some("target"));
        let is_own = self.own_service(&name, &namespace);
        let confidence = Confidence::Certain;
        (!is_own).then(|| Call { text, host: host.clone(), service: name, namespace, port, confidence, state })
    }

    /// The port that a variable of its own tells: `DB_PORT` beside `DB_HOST`.
    fn port_beside(&self, text: &Text<'_>, host: &Host) -> Option<String> {
        let is_variable = matches!(text.place, "env" | "envFrom") && host.form == Form::Name;
        let start = text.name.strip_suffix("HOST").filter(|_| is_variable)?;
        let port = self.ports.get(format!("{start}PORT").as_str())?;
        port.bytes().all(|byte| byte.is_ascii_digit()).then(|| (*port).to_owned())
    }

    /// Where there is such a Service.
    fn state(&mut self, service: &str, namespace: &Namespace) -> Option<&'static str> {
        let namespace = match namespace {
            Namespace::Own => self.resource.id.namespace.clone(),
            Namespace::Named(name) => Some(name.clone()),
            Namespace::Unknown => None,
        };
        let around = self.around;
        let key = (namespace, service.to_owned());
        *self.known.states.entry(key).or_insert_with_key(|(namespace, service)| {
            existence::of_named_service(around, namespace.as_deref(), service)
                .map(|state| if state == "here" { "target" } else { state })
        })
    }

    /// What is called though no Service of that name is known, if it can be nothing else.
    fn without_service(
        &mut self,
        text: &Text<'_>,
        host: &Host,
        named: &str,
        readings: Vec<(String, Namespace)>,
    ) -> Option<(String, Namespace, Option<&'static str>)> {
        let written = &text.content[host.name.clone()];
        let (service, namespace) = readings.into_iter().next()?;
        if service.contains('$') || is_given_by_cluster(&service, &namespace) {
            return None;
        }
        let below_svc = written.contains(".svc");
        let is_single = namespace == Namespace::Own && matches!(text.place, "env" | "args" | "command");
        let is_address = match host.form {
            Form::Url => keys::is_address(named) || host.port.is_some(),
            Form::HostPort => keys::is_address(named),
            _ => false,
        };
        let is_meant = below_svc || (is_single && is_address && text.syntax != Syntax::File);
        if !is_meant || self.is_alias(&service) || text.name.contains("NO_PROXY") {
            return None;
        }
        let state = self.state(&service, &namespace).filter(|_| namespace != Namespace::Unknown);
        Some((service, namespace, state))
    }

    /// Whether a name is one that the pod itself gives a host, or that every host has.
    fn is_alias(&self, name: &str) -> bool {
        let aliases = self.pod.spec.get("hostAliases").into_iter().flat_map(Node::items);
        let mut names = aliases.filter_map(|alias| alias.get("hostnames")).flat_map(Node::items);
        let is_any_host = name.starts_with("localhost") || matches!(name, "host" | "hostname" | "example" | "metadata");
        let hostname = self.pod.spec.get("hostname").is_some_and(|own| own.text() == name);
        is_any_host || hostname || names.any(|alias| alias.text() == name)
    }

    /// Whether the Service leads to the pod itself, or gives it its name.
    fn own_service(&self, service: &str, namespace: &Namespace) -> bool {
        let governing = self.resource.node().at_path(&["spec", "serviceName"]);
        if governing.is_some_and(|governing| governing.text() == service) {
            return true;
        }
        self.service(service, namespace).is_some_and(|service| service.selects(self.pod))
    }

    fn service(&self, service: &str, namespace: &Namespace) -> Option<Service<'a>> {
        let namespace = namespace_of(self.resource, namespace);
        existence::service(self.around, namespace.as_deref(), service)
    }

    /// Whether a Service has the name by chance: `redis:7` may be an image, and `mysql` a driver.
    fn is_chance(
        &self,
        text: &Text<'_>,
        host: &Host,
        service: &str,
        namespace: &Namespace,
        named: &str,
        port: Option<&str>,
    ) -> bool {
        if host.form != Form::HostPort || keys::is_address(named) {
            return false;
        }
        let Some(service) = self.service(service, namespace) else { return false };
        let known = port.is_none_or(|port| service.port(port).is_some());
        // No version is that high.
        let is_given = matches!(text.place, "args" | "command") && port.is_some_and(|port| port.len() >= 4);
        !known && !is_given && !service.is_headless()
    }

    fn confidence(&mut self, text: &Text<'a>, host: &Host) -> Confidence {
        let by_form = match host.form {
            Form::Domain | Form::Variable => Confidence::Certain,
            Form::Url | Form::HostPort if text.content[host.name.clone()].contains(".svc") => Confidence::Certain,
            Form::Url | Form::HostPort | Form::Command => Confidence::Likely,
            Form::Name => Confidence::Possible,
        };
        let shared = text.taken_whole.is_some_and(|object| self.takers(object) > 1);
        if shared { Confidence::Possible } else { by_form }
    }

    /// How many pods of the target take all keys of an object as variables.
    fn takers(&mut self, object: &Resource) -> usize {
        let around = self.around;
        let takers = self.known.takers.get_or_insert_with(|| {
            let mut takers: HashMap<String, usize> = HashMap::new();
            for (_, pod) in around.pods() {
                let sources = pod.containers().flat_map(|container| container.list("envFrom"));
                let names: HashSet<&str> = sources
                    .filter_map(|source| {
                        let of = |field: &str| source.at_path(&[field, "name"]);
                        of("configMapRef").or_else(|| of("secretRef")).map(Node::text)
                    })
                    .collect();
                #[expect(clippy::iter_over_hash_type, reason = "counts come out the same in any order")]
                for name in names {
                    *takers.entry(name.to_owned()).or_insert(0) += 1;
                }
            }
            takers
        });
        takers.get(&object.id.name).copied().unwrap_or(0)
    }
}

fn namespace_of(resource: &Resource, namespace: &Namespace) -> Option<String> {
    match namespace {
        Namespace::Own => resource.id.namespace.clone(),
        Namespace::Named(name) => Some(name.clone()),
        Namespace::Unknown => None,
    }
}

/// What every cluster has, or is not deployed with workloads.
fn is_given_by_cluster(service: &str, namespace: &Namespace) -> bool {
    let Namespace::Named(namespace) = namespace else { return service == "kubernetes" };
    let is_cluster = matches!(namespace.as_str(), "kube-system" | "default") && service.starts_with("kube");
    is_cluster || namespace == "kube-system" || namespace.starts_with("openshift-")
}

/// The last labels of names outside of clusters, as far as a namespace may be taken for one.
const PUBLIC: [&str; 32] = [
    "ai", "app", "at", "au", "ca", "ch", "cloud", "co", "com", "de", "dev", "edu", "eu", "fr", "gov", "home", "info",
    "internal", "io", "lan", "local", "me", "net", "nl", "org", "ru", "sh", "svc", "tech", "uk", "us", "xyz",
];

/// What a host name may mean as the name of a Service, the likeliest first. `domain` is that of the cluster.
fn readings(host: &str, domain: &str) -> Vec<(String, Namespace)> {
    // `_grpc._tcp` in front asks for the port too.
    let labels: Vec<&str> = host.split('.').skip_while(|label| label.starts_with('_')).collect();
    let namespace =
        |label: &str| if label.contains('$') { Namespace::Unknown } else { Namespace::Named(label.to_owned()) };
    let is_pod = |label: &str| {
        let number = label.rsplit('-').next().unwrap_or_default();
        label.contains('$') || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let below_svc = |at: usize| {
        let rest = labels[at + 1..].join(".");
        labels[at] == "svc" && (rest.is_empty() || rest == domain || rest.contains('$'))
    };
    match labels.as_slice() {
        [service] => vec![((*service).to_owned(), Namespace::Own)],
        [service, of, _, ..] if below_svc(2) => vec![((*service).to_owned(), namespace(of))],
        [_, service, of, _, ..] if below_svc(3) => vec![((*service).to_owned(), namespace(of))],
        [first, second] => {
            let behind_pod = is_pod(first).then(|| ((*second).to_owned(), Namespace::Own));
            let in_namespace = (!PUBLIC.contains(second)).then(|| ((*first).to_owned(), namespace(second)));
            behind_pod.into_iter().chain(in_namespace).collect()
        }
        [pod, service, of] if is_pod(pod) && !PUBLIC.contains(of) => vec![((*service).to_owned(), namespace(of))],
        _ => Vec::new(),
    }
}

fn note(around: &Surroundings<'_>, resource: &Resource, call: &Call<'_, '_>, book: &mut Book, facts: NodeId) -> NodeId {
    let span = span_of(call.text, &call.host.name);
    let item = book.item_at(facts, "dependencies", call.text.node, span);
    book.text(item, "kind", "Service");
    book.text(item, "name", &call.service);
    if let Some(namespace) = namespace_of(resource, &call.namespace) {
        book.text(item, "namespace", &namespace);
    }
    book.text(item, "container", call.text.container);
    book.text(item, "place", call.text.place);
    book.text(item, "evidence", call.host.form.evidence());
    let confidence = match call.confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    };
    book.text(item, "confidence", confidence);
    book.verdict(item, "resolved", call.state);
    let Some(port) = &call.port else { return item };
    // What another variable tells has no place in this text.
    let span = call.host.port.as_ref().map_or(span, |range| span_of(call.text, range));
    book.text_at(item, "port", port, span);
    let namespace = namespace_of(resource, &call.namespace);
    let service = existence::service(around, namespace.as_deref(), &call.service);
    if let Some(service) = service.filter(|_| call.state == Some("target")) {
        let is_meant = is_beside(namespace.as_deref(), service.resource);
        book.verdict(item, "portState", port_state(service, port).filter(|&state| is_meant || state == "found"));
    }
    item
}

/// Whether a Service answers at a port; not known where nothing stands between the caller and the pods.
fn port_state(service: Service<'_>, port: &str) -> Option<&'static str> {
    if service.port(port).is_some() {
        return Some("found");
    }
    let mut nodes = service.ports().filter_map(|port| port.node.get("port"));
    if service.is_headless() || service.is_external_name() || nodes.any(Node::is_unknown) {
        return None;
    }
    let mut targets = service.ports().filter_map(|port| port.node.get("targetPort"));
    Some(if targets.any(|target| target.text() == port) { "target-port" } else { "missing" })
}

/// The very letters in the source, or the whole scalar if they are not written there.
fn span_of(text: &Text<'_>, range: &Range<usize>) -> crate::source::Span {
    match &text.content {
        std::borrow::Cow::Borrowed(_) => span_within(text.node, range.clone()),
        std::borrow::Cow::Owned(_) => text.node.span(),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::sync::Arc;

    use super::Namespace;
    use super::readings;
    use crate::facts::of_text;
    use crate::source::Sources;
    use crate::yaml::Node;

    /// Services by name and port, a ConfigMap, and a Deployment `web` whose own Service is `web`.
    fn calls(services: &[(&str, u16)], container: &str) -> Vec<String> {
        let mut text = String::new();
        for (name, port) in services {
            let spec = format!("{{selector: {{app: {name}}}, ports: [{{port: {port}}}]}}");
            writeln!(text, "{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {spec}}}\n---").unwrap();
        }
        let pod = format!("{{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{container}]}}}}");
        write!(text, "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{template: {pod}}}}}")
            .unwrap();
        let sources = Arc::new(Sources::in_memory());
        let facts = of_text(&sources, &text);
        let items = facts.of(services.len()).get("dependencies").into_iter().flat_map(Node::items);
        items.map(shown).collect()
    }

    fn shown(item: Node<'_>) -> String {
        let fields = ["name", "port", "evidence", "confidence", "resolved", "portState"];
        let values = fields.iter().filter_map(|field| item.get(field)).map(Node::text);
        values.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn notations_differ_in_what_they_prove() {
        let services = [("db", 5432), ("cache", 6379), ("web", 80)];
        let found = |env: &str| calls(&services, &format!("{{name: a, env: [{env}]}}"));
        assert_eq!(found("{name: X, value: 'pg://u:p@db:5432/x'}"), ["db 5432 url likely target found"]);
        assert_eq!(found("{name: X, value: 'cache:6379'}"), ["cache 6379 host-port likely target found"]);
        assert_eq!(found("{name: X_HOST, value: db}"), ["db name possible target"]);
        assert_eq!(
            found("{name: X_HOST, value: db}, {name: X_PORT, value: '5432'}"),
            ["db 5432 name possible target found"]
        );
        assert_eq!(found("{name: X, value: 'http://$(DB_SERVICE_HOST)'}"), ["db variable certain target"]);
        assert_eq!(found("{name: X, value: gone.far.svc}"), ["gone domain certain missing"]);
        assert_eq!(found("{name: X_URL, value: 'http://gone:80'}"), ["gone 80 url likely missing"]);
        assert_eq!(found("{name: X, value: 'http://db.${NS}.svc:1'}"), ["db 1 url certain target missing"]);
    }

    #[test]
    fn what_looks_like_a_call_and_is_none() {
        let services = [("db", 5432), ("mysql", 3306), ("web", 80)];
        for env in [
            // Its own Service.
            "{name: X_URL, value: 'http://web:80'}",
            "{name: DB_DRIVER, value: mysql}",
            "{name: DB_USER, value: db}",
            "{name: VERSION, value: 'mysql:8'}",
            "{name: NO_PROXY, value: 'db,mysql:3306'}",
            "{name: KAFKA_ADVERTISED_LISTENERS, value: 'PLAINTEXT://db:5432'}",
            "{name: DB_SERVICE_HOST, value: 10.0.0.1}, {name: X, value: '$(DB_SERVICE_HOST)'}",
            "{name: BUCKET, value: 's3://db/x'}",
            "{name: SITE, value: 'https://db.example.com'}",
        ] {
            assert_eq!(calls(&services, &format!("{{name: a, env: [{env}]}}")), [""; 0], "{env}");
        }
    }

    #[test]
    fn commands_probes_and_flags_call_too() {
        let services = [("db", 5432), ("web", 80)];
        let script = "{name: a, command: [sh, -c, 'until nc -z db 5432; do sleep 1; done']}";
        assert_eq!(calls(&services, script), ["db 5432 command likely target found"]);
        assert_eq!(calls(&services, "{name: a, args: [--db-host, db]}"), ["db name possible target"]);
        let probe = "{name: a, readinessProbe: {exec: {command: [curl, 'db:5432']}}}";
        assert_eq!(calls(&services, probe), ["db 5432 host-port likely target found"]);
        // Whom a certificate is made for calls nobody.
        assert_eq!(calls(&services, "{name: a, args: ['--host=db.x.svc', --secret-name=tls]}"), [""; 0]);
    }

    #[test]
    fn a_host_is_read_from_the_service_on() {
        let read = |host: &str| {
            let all = readings(host, "cluster.local").into_iter();
            let namespace = |namespace| match namespace {
                Namespace::Own => String::new(),
                Namespace::Named(name) => format!(".{name}"),
                Namespace::Unknown => ".?".to_owned(),
            };
            all.map(|(service, of)| service + &namespace(of)).collect::<Vec<_>>()
        };
        assert_eq!(read("web"), ["web"]);
        assert_eq!(read("web.shop"), ["web.shop"]);
        assert_eq!(read("db-0.db"), ["db", "db-0.db"]);
        assert_eq!(read("db-0.db.shop"), ["db.shop"]);
        assert_eq!(read("web.shop.svc"), ["web.shop"]);
        assert_eq!(read("db-0.db.shop.svc.cluster.local"), ["db.shop"]);
        assert_eq!(read("web.$(NS).svc"), ["web.?"]);
        for other in ["web.com", "www.example.com", "web.shop.svc.example.com", "a.b.c.d.svc"] {
            assert_eq!(read(other), [""; 0], "{other}");
        }
    }
}
