//! Which waits a target lacks: who calls a Service without waiting for it, and whether a wait would do any good.
//!
//! A wait that would never end is refused: for oneself, for a pod that waits for this one, for what is only deployed
//! later, and for what a pod can't reach before its proxy runs.

use std::collections::BTreeSet;

use crate::config::Check;
use crate::fix::Built;
use crate::fix::Choice;
use crate::fix::Confidence;
use crate::fix::Refused;
use crate::fix::Request;
use crate::fix::Settings;
use crate::fix::needs::Need;
use crate::fix::needs::items;
use crate::fix::needs::needs;
use crate::fix::needs::ports;
use crate::fix::needs::text;
use crate::fix::order::Order;
use crate::fix::workload::Mending;
use crate::fix::workload::Time;
use crate::fix::workload::Wait;
use crate::fix::workload::Workload;
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

/// What was found out about one target.
#[derive(Default)]
pub(super) struct Found {
    pub(super) workloads: Vec<Workload>,
    pub(super) mendings: Vec<Mending>,
    pub(super) refused: Vec<Refused>,
    /// How many workloads wait for all that they call.
    pub(super) settled: usize,
}

impl Found {
    /// Notes waits that a workload lacks.
    fn add(&mut self, target: usize, index: usize, waits: Vec<Wait>, span: Span) {
        if self.workloads.last().is_none_or(|last| last.resource != index) {
            self.workloads.push(Workload::of(target, index, Vec::new(), Vec::new()));
        }
        if let Some(workload) = self.workloads.last_mut() {
            workload.spans.extend(waits.iter().map(|_| span));
            workload.waits.extend(waits);
        }
    }

    /// Notes a container that is to be mended, once.
    fn mend(&mut self, new: Mending) {
        let is_it = |known: &Mending| known.user.resource == new.user.resource && known.container == new.container;
        if !self.mendings.iter().any(is_it) {
            self.mendings.push(new);
        }
    }

    /// Gives all that wait in one pod their time.
    fn share(&mut self, built: &Built, settings: &Settings<'_>) {
        let mended: Vec<usize> = self.mendings.iter().map(|mending| mending.user.resource).collect();
        let count = |resource: usize| mended.iter().filter(|other| **other == resource).count() as u64;
        let time = |resource: usize| Time::of(&built.resources[resource], built.facts.of(resource), settings);
        for mending in &mut self.mendings {
            let resource = mending.user.resource;
            let is_added = self.workloads.iter().any(|workload| workload.resource == resource);
            mending.user.time = Time { others: count(resource) - 1 + u64::from(is_added), ..time(resource) };
        }
        for workload in &mut self.workloads {
            workload.time = Time { others: count(workload.resource), ..time(workload.resource) };
        }
    }
}

/// The waits that a target lacks.
pub(super) fn of(target: usize, built: &Built, request: &Request, settings: &Settings<'_>) -> Found {
    let asked = asked(built, request, settings);
    // What was asked for may be impossible together though each of it would be possible.
    let mut order = Order::of(built.facts.graph(), &built.resources);
    for Asked { index, name, namespace, .. } in asked.iter().filter(|asked| asked.is_new()) {
        order.add(&built.resources[*index].id, name, *namespace);
    }
    let mut found = Found::default();
    let mut settled = BTreeSet::new();
    for one in asked {
        let resource = &built.resources[one.index];
        let possible = if one.is_new() { order.may_wait(&resource.id, one.name, one.namespace) } else { Ok(()) };
        match possible.and(one.answer) {
            Ok(Answer::Waits) => {
                settled.insert(one.index);
            }
            Ok(Answer::Lacks(waits)) => found.add(target, one.index, waits, one.span),
            Ok(Answer::Bad(bad)) => {
                for bad in bad {
                    found.mend(bad.mending(target, one.index));
                }
            }
            Err(reason) => found.refused.push(Refused {
                target: built.target.name.clone(),
                resource: resource.id.clone(),
                deed: format!("wait for `{}`", one.name),
                reason,
                span: one.span,
            }),
        }
    }
    let changed = || found.workloads.iter().chain(found.mendings.iter().map(|mending| &mending.user));
    settled.retain(|index| !changed().any(|workload| workload.resource == *index));
    found.settled = settled.len();
    found.share(built, settings);
    found
}

/// What becomes of each wait that was asked for, as far as its pod alone can tell.
fn asked<'a>(built: &'a Built, request: &Request, settings: &Settings<'_>) -> Vec<Asked<'a>> {
    let order = Order::of(built.facts.graph(), &built.resources);
    let services: Vec<Service<'_>> = built.resources.iter().filter_map(Service::of).collect();
    let mut asked = Vec::new();
    for (index, resource) in built.resources.iter().enumerate() {
        let Some(pod) = Pod::of(resource) else { continue };
        let facts = built.facts.of(index);
        let needs = needs(resource, facts);
        let asking = Asking { resource, pod, facts, services: &services, order: &order, settings, built };
        for need in &needs {
            let mut chosen = request.choices.iter().filter(|choice| choice.is_for(&resource.id, need.name)).peekable();
            if chosen.peek().is_none() {
                continue;
            }
            let is_named = chosen.any(|choice| *choice != Choice::All);
            let answer = asking.answer(need, &needs, request.least, is_named);
            asked.push(Asked { index, name: need.name, namespace: need.namespace, span: need.span, answer });
        }
    }
    asked
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
    name: &'a str,
    namespace: Option<&'a str>,
    span: Span,
    answer: Result<Answer, String>,
}

impl Asked<'_> {
    /// Whether the pod would wait where it did not.
    fn is_new(&self) -> bool {
        matches!(self.answer, Ok(Answer::Lacks(_) | Answer::Bad(_)))
    }
}

/// What is to be done so that a pod waits for a Service.
enum Answer {
    /// Nothing.
    Waits,
    /// These have to be added.
    Lacks(Vec<Wait>),
    /// There are some that are none.
    Bad(Vec<Bad>),
}

/// An init container whose waits are none, and what it should wait for.
struct Bad {
    container: String,
    waits: Vec<(Wait, Span)>,
    image: Option<String>,
    variable: Option<String>,
}

impl Bad {
    fn mending(self, target: usize, resource: usize) -> Mending {
        let (waits, spans) = self.waits.into_iter().unzip();
        let user = Workload::of(target, resource, waits, spans);
        Mending { user, container: self.container, image: self.image, variable: self.variable }
    }
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
}

impl Asking<'_, '_> {
    /// What it takes so that it waits for a Service. `needs` are all that it calls.
    fn answer(&self, need: &Need<'_>, needs: &[Need<'_>], least: Confidence, is_named: bool) -> Result<Answer, String> {
        let name = need.name;
        let own: Vec<_> = items(self.facts, "waits").filter(|wait| text(*wait, "service") == name).collect();
        let is = |wait: Node<'_>, field: &str, expected: &str| text(wait, field) == expected;
        let holds = |wait: Node<'_>| is(wait, "effective", "yes");
        if own.iter().any(|wait| holds(*wait) && (!is(*wait, "bounded", "false") || !is(*wait, "role", "init"))) {
            return Ok(Answer::Waits);
        }
        let (mut bad, mut reasons) = (Vec::<Bad>::new(), Vec::new());
        for &wait in own.iter().filter(|wait| holds(**wait) || is(**wait, "effective", "no")) {
            let container = text(wait, "container");
            let what = if holds(wait) { "waits for it without an end" } else { "is meant to wait for it and does not" };
            match self.bad(container, needs) {
                Ok(found) => bad.push(found),
                Err(reason) => reasons.push(format!("container `{container}` {what}: {reason}")),
            }
        }
        if !bad.is_empty() {
            return Ok(Answer::Bad(bad));
        }
        if let Some(reason) = reasons.into_iter().next() {
            return Err(reason);
        }
        if let Some(&wait) = own.first() {
            return Err(format!("container `{}` may wait for it already", text(wait, "container")));
        }
        if !is_named && is_telemetry(name) {
            return Err(
                "it only takes what others tell about themselves, so nobody needs it to start; name it".to_owned()
            );
        }
        if need.confidence < least {
            return Err(format!("that it is called is only {}; see `--confidence`", need.confidence));
        }
        self.waits(need, &need.ports).map(Answer::Lacks)
    }

    /// What a container that does not wait should wait for.
    ///
    /// # Errors
    /// When it can't be put right by what it runs alone; says why.
    fn bad(&self, container: &str, needs: &[Need<'_>]) -> Result<Bad, String> {
        let is_its = |fact: &Node<'_>| text(*fact, "container") == container;
        let facts: Vec<_> = items(self.facts, "waits").filter(is_its).collect();
        if !facts.iter().all(|fact| text(*fact, "role") == "init") {
            return Err("it is no init container that ends: mend that one".to_owned());
        }
        if !facts.iter().all(|fact| text(*fact, "alone") == "true")
            || items(self.facts, "writes").any(|fact| is_its(&fact))
        {
            return Err("it may do something else, too: mend that one".to_owned());
        }
        let mut waits: Vec<(Wait, Span)> = Vec::new();
        let mut keeps_image = facts.iter().all(|fact| text(*fact, "netcat") == "true");
        for fact in &facts {
            let need = needs.iter().find(|need| need.name == text(*fact, "service"));
            let need = need.ok_or("it waits for something else, too, that is no Service: mend that one")?;
            let port = Some(text(*fact, "port")).filter(|port| !port.is_empty() && text(*fact, "portState") == "found");
            let found = self.waits(need, &port.map_or_else(|| need.ports.clone(), |port| vec![port]))?;
            for mut wait in found {
                let own = match text(*fact, "method") {
                    "pg_isready" => Some(Check::Postgres),
                    "redis-cli" => Some(Check::Redis),
                    _ => None,
                };
                let asks_more = matches!(text(*fact, "proves"), "protocol" | "state");
                match own {
                    Some(check) => (wait.check, keeps_image) = (check, true),
                    None if asks_more => {
                        return Err("it asks for more than whether somebody listens: put an end to its loop".to_owned());
                    }
                    // Whether the image has more than `nc` is not known.
                    None => keeps_image &= wait.check == Check::Tcp,
                }
                if !waits.iter().any(|(known, _)| known.service == wait.service && known.port == wait.port) {
                    waits.push((wait, fact.span()));
                }
            }
        }
        let image = waits.first().map(|(wait, _)| self.settings.image(&wait.check)).unwrap_or_default();
        if waits.iter().any(|(wait, _)| self.settings.image(&wait.check) != image) {
            return Err("no image has the programs for all that it waits for: mend that one".to_owned());
        }
        let node = self.pod.containers().find(|own| own.name() == container).map(|own| own.node);
        let mut env = node.and_then(|node| node.get("env")).into_iter().flat_map(Node::items);
        let is_namespace = |item: &Node<'_>| {
            let path = item.at_path(&["valueFrom", "fieldRef", "fieldPath"]);
            path.is_some_and(|path| path.is_text("metadata.namespace"))
        };
        let variable = env.find(is_namespace).and_then(|item| item.get_str("name")).filter(|name| is_variable(name));
        let is_same = node.and_then(|node| node.get_str("image")) == Some(image);
        Ok(Bad {
            container: container.to_owned(),
            waits,
            image: (!keeps_image && !is_same).then(|| image.to_owned()),
            variable: variable.map(str::to_owned),
        })
    }

    /// The waits for a Service, one for each port. `asked` are the ports that it is called by.
    ///
    /// # Errors
    /// When a wait would do no good; says why.
    fn waits(&self, need: &Need<'_>, asked: &[&str]) -> Result<Vec<Wait>, String> {
        let name = need.name;
        // They become parts of a script.
        if ![Some(name), need.namespace].into_iter().flatten().all(is_dns_name) {
            return Err("its name is none that DNS could know".to_owned());
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
        let ports = ports(service.copied(), asked)?;
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
        let ids = self.order.behind(need.name, need.namespace);
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

/// Whether a shell takes a text for the name of a variable.
fn is_variable(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.starts_with(|first: char| first.is_ascii_digit()) && !name.is_empty() && name.bytes().all(is_part)
}

/// Whether a text may be a name in DNS.
fn is_dns_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    !name.is_empty() && name.bytes().all(is_part)
}
