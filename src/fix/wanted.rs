//! Which waits a target lacks: who calls a Service without waiting for it, and whether a wait would do any good.
//!
//! A wait that would never end is refused: for oneself, for a pod that waits for this one, for what is only deployed
//! later, and for what a pod can't reach before its proxy runs.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::config::Check;
use crate::facts::EdgeKind;
use crate::facts::Graph;
use crate::facts::VertexKind;
use crate::fix::Built;
use crate::fix::Choice;
use crate::fix::Confidence;
use crate::fix::Refused;
use crate::fix::Request;
use crate::fix::Settings;
use crate::kube::ResourceId;
use crate::kube::job_path;
use crate::model::Pod;
use crate::model::Service;
use crate::render::Resource;
use crate::source::Span;
use crate::yaml::Node;

/// What makes a mesh put a proxy into a pod that is not up before init containers run.
const MESH: [(&str, &str); 3] =
    [("sidecar.istio.io/inject", "true"), ("linkerd.io/inject", "enabled"), ("linkerd.io/inject", "ingress")];

/// Parts of the names of what takes traces, metrics and logs.
const TELEMETRY: [&str; 16] = [
    "alertmanager",
    "collector",
    "fluentbit",
    "fluentd",
    "grafana",
    "jaeger",
    "loki",
    "metrics",
    "otel",
    "otelcol",
    "prometheus",
    "pushgateway",
    "statsd",
    "tempo",
    "tracing",
    "zipkin",
];

/// A wait for a Service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Wait {
    /// Its name.
    pub(super) service: String,
    /// Its namespace; none for that of the pod, where nobody knows which one that will be.
    pub(super) namespace: Option<String>,
    /// Whether that is the namespace of the pod.
    pub(super) is_near: bool,
    /// The port to ask, by number.
    pub(super) port: u16,
    /// What it is asked.
    pub(super) check: Check,
}

/// A workload of a target, and the waits that it lacks.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    /// The place of the target among those that were built.
    pub(super) target: usize,
    /// The place of the resource in the target.
    pub(super) resource: usize,
    pub(super) waits: Vec<Wait>,
    /// Where the Service of each is named.
    pub(super) spans: Vec<Span>,
}

/// What was found out about one target.
#[derive(Default)]
pub(super) struct Found {
    pub(super) workloads: Vec<Workload>,
    pub(super) refused: Vec<Refused>,
    /// How many workloads wait for all that they call.
    pub(super) settled: usize,
}

/// The waits that a target lacks.
pub(super) fn of(target: usize, built: &Built, request: &Request, settings: &Settings<'_>) -> Found {
    let order = Order::of(built.facts.graph(), &built.resources);
    let services: Vec<Service<'_>> = built.resources.iter().filter_map(Service::of).collect();
    let mut asked = Vec::new();
    for (index, resource) in built.resources.iter().enumerate() {
        let Some(pod) = Pod::of(resource) else { continue };
        let facts = built.facts.of(index);
        for need in needs(resource, facts) {
            let mut chosen = request.choices.iter().filter(|choice| choice.is_for(&resource.id, need.name)).peekable();
            if chosen.peek().is_none() {
                continue;
            }
            let is_named = chosen.any(|choice| *choice != Choice::All);
            let asking = Asking { resource, pod, facts, services: &services, order: &order, settings, built, is_named };
            let waits = asking.waits(&need, request.least);
            asked.push(Asked { index, need, waits });
        }
    }
    let order = order.with(built, &asked);
    let mut found = Found::default();
    let mut settled = BTreeSet::new();
    for Asked { index, need, waits } in asked {
        let resource = &built.resources[index];
        let waits = waits.and_then(|waits| {
            let is_possible =
                if waits.is_empty() { Ok(()) } else { order.may_wait(&resource.id, need.name, need.namespace) };
            is_possible.map(|()| waits)
        });
        match waits {
            Ok(waits) if waits.is_empty() => {
                settled.insert(index);
            }
            Ok(waits) => {
                if found.workloads.last().is_none_or(|last| last.resource != index) {
                    found.workloads.push(Workload { target, resource: index, waits: Vec::new(), spans: Vec::new() });
                }
                if let Some(workload) = found.workloads.last_mut() {
                    workload.spans.extend(waits.iter().map(|_| need.span));
                    workload.waits.extend(waits);
                }
            }
            Err(reason) => found.refused.push(Refused {
                target: built.target.name.clone(),
                resource: resource.id.clone(),
                deed: format!("wait for `{}`", need.name),
                reason,
                span: need.span,
            }),
        }
    }
    let is_changed = |index: &usize| found.workloads.iter().any(|workload| workload.resource == *index);
    found.settled = settled.iter().filter(|index| !is_changed(index)).count();
    found
}

/// Whether there is anything that was meant: a workload, a Service, or a call of one.
pub(super) fn is_known(choice: &Choice, built: &Built) -> bool {
    let is_it = |resource: &Resource| match choice {
        Choice::All => true,
        Choice::Workload { kind, name } => resource.id.kind.eq_ignore_ascii_case(kind) && resource.id.name == *name,
        Choice::Service(name) => Service::of(resource).is_some() && resource.id.name == *name,
    };
    let calls = |index: usize| match choice {
        Choice::Service(name) => items(built.facts.of(index), "dependencies").any(|fact| text(fact, "name") == name),
        _ => false,
    };
    *choice == Choice::All || built.resources.iter().any(is_it) || (0..built.resources.len()).any(calls)
}

/// A wait that was asked for, and what becomes of it as far as the pod alone can tell.
struct Asked<'a> {
    index: usize,
    need: Need<'a>,
    /// None if the pod waits already.
    waits: Result<Vec<Wait>, String>,
}

/// A Service that a pod calls.
struct Need<'a> {
    name: &'a str,
    namespace: Option<&'a str>,
    is_near: bool,
    /// The ports that it is called by, as they are written.
    ports: Vec<&'a str>,
    confidence: Confidence,
    resolved: &'a str,
    span: Span,
}

/// The Services that a pod calls, in the order in which they are named.
fn needs<'a>(resource: &'a Resource, facts: Node<'a>) -> Vec<Need<'a>> {
    let mut places: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    let mut needs: Vec<Need<'a>> = Vec::new();
    let own = resource.id.namespace.as_deref();
    for fact in items(facts, "dependencies").filter(|fact| text(*fact, "kind") == "Service") {
        let written = fact.get("namespace").map(Node::text).filter(|text| !text.is_empty());
        let (name, namespace) = (text(fact, "name"), written.or(own));
        let confidence = Confidence::of(text(fact, "confidence"));
        let (Some(confidence), false) = (confidence, name.is_empty()) else { continue };
        let place = *places.entry((name, namespace)).or_insert_with(|| {
            let (resolved, is_near) = (text(fact, "resolved"), namespace == own);
            needs.push(Need { name, namespace, is_near, ports: Vec::new(), confidence, resolved, span: fact.span() });
            needs.len() - 1
        });
        let need = &mut needs[place];
        need.confidence = need.confidence.max(confidence);
        let port = text(fact, "port");
        if !port.is_empty() && !need.ports.contains(&port) {
            need.ports.push(port);
        }
    }
    needs
}

/// One pod that may wait.
struct Asking<'a, 'o> {
    resource: &'a Resource,
    pod: Pod<'a>,
    facts: Node<'a>,
    services: &'a [Service<'a>],
    order: &'o Order<'a>,
    settings: &'o Settings<'o>,
    built: &'a Built,
    /// Whether somebody has asked for this very workload or Service.
    is_named: bool,
}

impl Asking<'_, '_> {
    /// The waits for a Service that it lacks, one for each port; none if it waits already.
    fn waits(&self, need: &Need<'_>, least: Confidence) -> Result<Vec<Wait>, String> {
        let name = need.name;
        let own: Vec<_> = items(self.facts, "waits").filter(|wait| text(*wait, "service") == name).collect();
        if own.iter().any(|wait| text(*wait, "effective") == "yes") {
            return Ok(Vec::new());
        }
        if let Some(&wait) = own.first() {
            let container = text(wait, "container");
            return Err(match text(wait, "effective") {
                "no" => format!("container `{container}` is meant to wait for it and does not: mend that one"),
                _ => format!("container `{container}` may wait for it already"),
            });
        }
        if !self.is_named && is_telemetry(name) {
            return Err(
                "it only takes what others tell about themselves, so nobody needs it to start; name it".to_owned()
            );
        }
        if need.confidence < least {
            return Err(format!("that it is called is only {}; see `--confidence`", need.confidence));
        }
        let service = self.services.iter().find(|service| {
            let id = &service.resource.id;
            id.name == name && ResourceId::may_share_namespace(id.namespace.as_deref(), need.namespace)
        });
        if service.is_some_and(|service| service.is_external_name()) {
            return Err("it is only another name for a host outside of the cluster".to_owned());
        }
        if service.is_none() && need.resolved == "missing" {
            return Err("there is no such Service, so the wait would never end".to_owned());
        }
        if service.is_none() && need.resolved.is_empty() {
            return Err("it can't be known whether there is such a Service".to_owned());
        }
        if let Some(reason) = self.cannot_wait() {
            return Err(reason.to_owned());
        }
        if let Some(mesh) = self.mesh() {
            return Err(format!(
                "`{mesh}` puts a proxy into the pod that is not up before its init containers have run"
            ));
        }
        self.order.comes_later(&self.resource.id, name, need.namespace)?;
        let ports = ports(service.copied(), &need.ports)?;
        let namespace = need.namespace.map(str::to_owned);
        let wait = |port| {
            let check = match self.settings.check(name, port) {
                Check::Http(None) => Check::Http(self.probed(service.copied(), need, port)),
                check => check,
            };
            Wait { service: name.to_owned(), namespace: namespace.clone(), is_near: need.is_near, port, check }
        };
        Ok(ports.into_iter().map(wait).collect())
    }

    /// The path that the kubelet asks for on a port of a Service to see whether its pods are ready.
    fn probed(&self, service: Option<Service<'_>>, need: &Need<'_>, port: u16) -> Option<String> {
        let port = service?.port(&port.to_string())?;
        let target = port.node.get("targetPort").or(port.node.get("port"))?.text();
        let providers = self.order.providers(need.name, need.namespace).iter();
        let ids = providers.map(|provider| &self.order.graph.vertices[*provider].id);
        let pods = ids.filter_map(|id| Pod::of(self.built.resources.iter().find(|resource| resource.id == *id)?));
        let mut containers = pods.flat_map(Pod::containers);
        containers.find_map(|container| {
            let probe = container.node.at_path(&["readinessProbe", "httpGet"])?;
            let asked = probe.get("port")?.text();
            let is_it = |port: Node<'_>| {
                let is = |field: &str, text: &str| port.get(field).is_some_and(|node| node.text() == text);
                (is("name", target) && is("containerPort", asked)) || (is("name", asked) && is("containerPort", target))
            };
            let leads_there = asked == target || container.ports().any(is_it);
            let path = probe.get_str("path").filter(|_| leads_there && probe.get_str("scheme") != Some("HTTPS"))?;
            // It becomes a part of a script.
            match Check::read(&format!("http {path}")) {
                Some(Check::Http(path)) => path,
                _ => None,
            }
        })
    }

    /// Why an init container of this pod could not wait by the name of a Service.
    fn cannot_wait(&self) -> Option<&'static str> {
        let is = |field: &str, text: &str| self.pod.spec.get(field).is_some_and(|value| value.text() == text);
        let has_cluster_dns = match self.pod.spec.get("dnsPolicy").map(Node::text) {
            None | Some("ClusterFirst") => !is("hostNetwork", "true"),
            Some(policy) => policy == "ClusterFirstWithHostNet",
        };
        let system =
            self.pod.spec.at_path(&["nodeSelector", "kubernetes.io/os"]).or(self.pod.spec.at_path(&["os", "name"]));
        let is_job = matches!(self.resource.id.kind.as_str(), "Job" | "CronJob");
        let limit = job_path(self.resource.id.group(), &self.resource.id.kind)
            .and_then(|path| self.resource.node().at_path(path)?.get("backoffLimit"));
        if !has_cluster_dns {
            Some("its pods don't ask the DNS of the cluster, in which alone Services have names")
        } else if system.is_some_and(|system| system.text() == "windows") {
            Some("its pods run on Windows, where there is no such shell")
        } else if is("restartPolicy", "Never") && (!is_job || limit.is_some_and(|limit| limit.text() == "0")) {
            Some("its pods are never started again, so a wait that takes too long ends them for good")
        } else {
            None
        }
    }

    /// The label or annotation that asks a mesh for a proxy.
    fn mesh(&self) -> Option<&'static str> {
        let has = |(key, value): &(&str, &str)| {
            ["labels", "annotations"].iter().any(|field| {
                self.pod.template.at_path(&["metadata", field, key]).is_some_and(|node| node.text() == *value)
            })
        };
        MESH.iter().find(|mesh| has(mesh)).map(|(key, _)| *key)
    }
}

/// Whether a Service takes traces, metrics or logs, by its name.
fn is_telemetry(name: &str) -> bool {
    let is_it = |part: &str| TELEMETRY.contains(&part);
    name.split('-').any(is_it) || name.contains("opentelemetry")
}

/// The numbers to ask a Service by. `asked` are the ports that it is called by.
fn ports(service: Option<Service<'_>>, asked: &[&str]) -> Result<Vec<u16>, String> {
    let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let Some(service) = service else {
        let numbers: Vec<u16> = asked.iter().filter_map(|text| number(text)).collect();
        return if numbers.is_empty() {
            Err("nothing says by which port it is called".to_owned())
        } else {
            Ok(numbers)
        };
    };
    // The name of a headless Service leads to the pods, which know nothing of its ports.
    if service.is_headless() {
        let own =
            || service.ports().filter_map(|port| number(port.node.get("targetPort").or(port.node.get("port"))?.text()));
        let numbers: Vec<u16> = asked.iter().filter_map(|text| number(text)).collect();
        return match (numbers.is_empty(), own().count()) {
            (false, _) => Ok(numbers),
            (true, 1) if service.ports().count() == 1 => Ok(own().collect()),
            _ => Err("it is headless, and nothing says by which port its pods are called".to_owned()),
        };
    }
    let mut numbers = Vec::new();
    let asked_of = |text: &&str| service.port(text).ok_or_else(|| format!("it has no port `{text}`"));
    let found = if asked.is_empty() {
        let tcp: Vec<_> = service.ports().filter(|port| port.protocol() == "TCP").collect();
        if tcp.len() != 1 {
            return Err(format!("it has {} TCP ports, and nothing says by which one it is called", tcp.len()));
        }
        tcp
    } else {
        asked.iter().map(asked_of).collect::<Result<_, _>>()?
    };
    for port in found {
        if port.protocol() != "TCP" {
            return Err(format!("nobody can tell whether anybody listens on a port of {}", port.protocol()));
        }
        let written = port.node.get("port").filter(|node| !node.is_unknown()).and_then(|node| number(node.text()));
        let port = written.ok_or("its port is not known before it is filled in")?;
        if !numbers.contains(&port) {
            numbers.push(port);
        }
    }
    Ok(numbers)
}

/// Who is ready before whom.
struct Order<'a> {
    graph: &'a Graph,
    places: HashMap<(&'a str, &'a str, Option<&'a str>), usize>,
    selected: Vec<Vec<usize>>,
    /// The Services that each workload waits for, by place.
    waits: HashMap<usize, Vec<usize>>,
    /// The workloads without replicas.
    idle: HashSet<usize>,
}

impl<'a> Order<'a> {
    fn of(graph: &'a Graph, resources: &'a [Resource]) -> Self {
        let mut waits: HashMap<usize, Vec<usize>> = HashMap::new();
        for edge in graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Waits { holds: true }) {
            waits.entry(edge.from).or_default().push(edge.to);
        }
        let key = |id: &'a ResourceId| (id.kind.as_str(), id.name.as_str(), id.namespace.as_deref());
        let places = graph.vertices.iter().enumerate().map(|(place, vertex)| (key(&vertex.id), place)).collect();
        let mut order = Self { graph, places, selected: graph.selected(), waits, idle: HashSet::new() };
        let replicas =
            |resource: &Resource| resource.node().at_path(&["spec", "replicas"]).map(|count| count.text() == "0");
        let idle = resources.iter().filter(|resource| replicas(resource) == Some(true));
        order.idle = idle.filter_map(|resource| order.workload(&resource.id)).collect();
        order
    }

    fn workload(&self, id: &ResourceId) -> Option<usize> {
        self.places.get(&(id.kind.as_str(), id.name.as_str(), id.namespace.as_deref())).copied()
    }

    fn service(&self, name: &str, namespace: Option<&str>) -> Option<usize> {
        [namespace, None].iter().find_map(|namespace| self.places.get(&("Service", name, *namespace)).copied())
    }

    /// The workloads behind a Service of the target.
    fn providers(&self, name: &str, namespace: Option<&str>) -> &[usize] {
        let service = self.service(name, namespace);
        let service = service.filter(|service| self.graph.vertices[*service].kind == VertexKind::Service);
        service.map_or(&[], |service| &self.selected[service])
    }

    /// Complains of a Service whose pods are the workload's own, or only deployed once it is ready.
    fn comes_later(&self, workload: &ResourceId, name: &str, namespace: Option<&str>) -> Result<(), String> {
        let Some(from) = self.workload(workload) else { return Ok(()) };
        let providers = self.providers(name, namespace);
        if providers.contains(&from) {
            return Err("its own pods are behind this Service, which leads to none before they are ready".to_owned());
        }
        let turn = self.graph.vertices[from].turn;
        if !providers.is_empty() && providers.iter().all(|provider| self.idle.contains(provider)) {
            return Err("what is behind it has no replicas, so the wait would never end".to_owned());
        }
        for other in providers.iter().map(|&provider| &self.graph.vertices[provider]) {
            if let (Some(own), Some(later)) = (turn, other.turn)
                && later > own
            {
                return Err(format!("{} is deployed only later ({later}), once this is ready ({own})", other.id));
            }
        }
        Ok(())
    }

    /// Complains of a wait that leads back to where it starts.
    fn may_wait(&self, workload: &ResourceId, name: &str, namespace: Option<&str>) -> Result<(), String> {
        let Some(from) = self.workload(workload) else { return Ok(()) };
        match self.providers(name, namespace).iter().find(|&&provider| self.leads(provider, from)) {
            None => Ok(()),
            Some(&provider) => {
                let other = &self.graph.vertices[provider].id;
                let own = format!("{}/{}", workload.kind.to_lowercase(), workload.name);
                Err(format!("{other} waits for it in turn, or would; `--wait-for {own}` lets only this one wait"))
            }
        }
    }

    /// The same order with the waits that were asked for.
    fn with(mut self, built: &'a Built, asked: &[Asked<'_>]) -> Self {
        for Asked { index, need, waits } in asked {
            if waits.as_ref().is_ok_and(|waits| !waits.is_empty())
                && let Some(from) = self.workload(&built.resources[*index].id)
                && let Some(service) = self.service(need.name, need.namespace)
            {
                self.waits.entry(from).or_default().push(service);
            }
        }
        self
    }

    /// Whether one workload is only ready once another one is.
    fn leads(&self, from: usize, to: usize) -> bool {
        let mut open = vec![from];
        let mut known = vec![from];
        while let Some(workload) = open.pop() {
            if workload == to {
                return true;
            }
            for &service in self.waits.get(&workload).into_iter().flatten() {
                for &next in &self.selected[service] {
                    if !known.contains(&next) {
                        known.push(next);
                        open.push(next);
                    }
                }
            }
        }
        false
    }
}

fn items<'a>(facts: Node<'a>, list: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    facts.get(list).into_iter().flat_map(Node::items)
}

/// What a fact says; nothing where it can't be known.
fn text<'a>(fact: Node<'a>, field: &str) -> &'a str {
    fact.get(field).filter(|value| !value.is_unknown()).map_or("", Node::text)
}
