//! What a host stands for: a Service, in which namespace, and where that is.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::facts::existence;
use crate::facts::needs::hosts::Form;
use crate::facts::needs::hosts::Host;
use crate::facts::needs::hosts::Syntax;
use crate::facts::needs::keys;
use crate::facts::needs::texts::Text;
use crate::facts::runs::Symbol;
use crate::facts::runs::is_stand_in;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::facts::surroundings::variable_of;
use crate::model::Pod;
use crate::model::Service;
use crate::render::Resource;
use crate::yaml::Node;

/// What stands for the namespace of the pod in a host.
const OWN: &str = "%";

/// A namespace that a host name tells.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Namespace {
    /// None: that of the pod.
    Own,
    Named(String),
    /// A variable stands for it.
    Unknown,
}

/// The Service that a host stands for.
pub(super) struct Meaning {
    pub(super) service: String,
    pub(super) namespace: Namespace,
    /// Where it is; none if that can't be known.
    pub(super) state: Option<&'static str>,
}

/// Where Services are, by namespace and name, as far as somebody asked.
pub(super) type States = HashMap<String, HashMap<Option<String>, Option<&'static str>>>;

/// Whose hosts they are.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a, 'b> {
    pub(super) around: &'b Surroundings<'a>,
    pub(super) resource: &'a Resource,
    pub(super) pod: Pod<'a>,
}

impl<'a> Asker<'a, '_> {
    /// What a host in a text means, called `named` there, if it is a Service.
    pub(super) fn meaning(self, text: &Text<'a>, host: &Host, named: &str, states: &mut States) -> Option<Meaning> {
        let written = &text.written.as_str()[host.name.clone()];
        if host.form == Form::Variable {
            return self.by_variable(text, written);
        }
        let readings = readings(&shown(text, written), &self.around.config.cluster_domain);
        for (service, namespace) in &readings {
            if let Some(state) = self.state(service, namespace, states).filter(|&state| state != "missing") {
                return Some(Meaning { service: service.clone(), namespace: namespace.clone(), state: Some(state) });
            }
        }
        self.without_service(text, host, named, readings, states)
    }

    /// A variable that the kubelet makes for a Service.
    fn by_variable(self, text: &Text<'a>, written: &str) -> Option<Meaning> {
        let service = match text.written.symbol(written) {
            Some(Symbol::Address(service)) => {
                let is_it = |own: &&Resource| Service::of(own).is_some();
                self.around.named(&service.name).find(is_it).map(|own| own.id.name.clone())
            }
            Some(_) => None,
            None => {
                let name = written.trim_matches(|char: char| "$(){}".contains(char));
                let own = name.strip_suffix("_SERVICE_HOST")?;
                let mut near = self.around.making(name).map(|(service, _)| service.resource);
                let is_it = |resource: &&Resource| {
                    variable_of(&resource.id.name) == own && is_near(self.resource.id.namespace.as_deref(), resource)
                };
                near.find(is_it).map(|resource| resource.id.name.clone())
            }
        };
        Some(Meaning { service: service?, namespace: Namespace::Own, state: Some("target") })
    }

    /// Where there is such a Service.
    fn state(self, service: &str, namespace: &Namespace, states: &mut States) -> Option<&'static str> {
        let namespace = self.namespace(namespace);
        if let Some(state) = states.get(service).and_then(|states| states.get(&namespace)) {
            return *state;
        }
        let state = existence::of_named_service(self.around, namespace.as_deref(), service);
        states.entry(service.to_owned()).or_default().insert(namespace, state);
        state
    }

    /// What is called though no Service of that name is known, if it can be nothing else.
    fn without_service(
        self,
        text: &Text<'a>,
        host: &Host,
        named: &str,
        readings: Vec<(String, Namespace)>,
        states: &mut States,
    ) -> Option<Meaning> {
        let written = &text.written.as_str()[host.name.clone()];
        let (service, namespace) = readings.into_iter().next()?;
        if service.contains(['$', '%']) || is_given_by_cluster(&service, &namespace) {
            return None;
        }
        let below_svc = written.contains(".svc");
        let is_single = namespace == Namespace::Own && matches!(text.place, "env" | "args" | "command");
        let is_address = match host.form {
            Form::Url => keys::is_address(named) || host.port.is_some(),
            Form::HostPort => keys::is_address(named),
            _ => false,
        };
        let is_meant = below_svc || (is_single && is_address && text.syntax == Syntax::Value);
        if !is_meant || self.is_alias(&service) || text.name.contains("NO_PROXY") {
            return None;
        }
        let state = self.state(&service, &namespace, states).filter(|_| namespace != Namespace::Unknown);
        Some(Meaning { service, namespace, state })
    }

    /// Whether a name is one that the pod itself gives a host, or that every host has.
    fn is_alias(self, name: &str) -> bool {
        let aliases = self.pod.spec.get("hostAliases").into_iter().flat_map(Node::items);
        let mut names = aliases.filter_map(|alias| alias.get("hostnames")).flat_map(Node::items);
        let is_any_host = name.starts_with("localhost") || matches!(name, "host" | "hostname" | "example" | "metadata");
        let hostname = self.pod.spec.get("hostname").is_some_and(|own| own.text() == name);
        is_any_host || hostname || names.any(|alias| alias.text() == name)
    }

    /// Whether the Service leads to the pod itself, or gives it its name.
    pub(super) fn is_own(self, meaning: &Meaning) -> bool {
        let governing = self.resource.node().at_path(&["spec", "serviceName"]);
        if governing.is_some_and(|governing| governing.text() == meaning.service) {
            return true;
        }
        self.service(meaning).is_some_and(|service| service.selects(self.pod))
    }

    /// The very Service, if the target has it.
    pub(super) fn service(self, meaning: &Meaning) -> Option<Service<'a>> {
        let namespace = self.namespace(&meaning.namespace);
        existence::service(self.around, namespace.as_deref(), &meaning.service)
    }

    /// The namespace itself, if it is known.
    pub(super) fn namespace(self, namespace: &Namespace) -> Option<String> {
        match namespace {
            Namespace::Own => self.resource.id.namespace.clone(),
            Namespace::Named(name) => Some(name.clone()),
            Namespace::Unknown => None,
        }
    }
}

/// A host with what is not known of it as `$`, and the namespace of the pod as itself.
fn shown<'t>(text: &Text<'_>, written: &'t str) -> Cow<'t, str> {
    if !written.contains(is_stand_in) {
        return Cow::Borrowed(written);
    }
    let symbol = |symbol: &Symbol| match symbol {
        Symbol::Field(path) if &**path == "metadata.namespace" => OWN.to_owned(),
        _ => "$".to_owned(),
    };
    Cow::Owned(text.written.meaning(written).shown(symbol))
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
    let namespace = |label: &str| match label {
        OWN => Namespace::Own,
        _ if label.contains(['$', '%']) => Namespace::Unknown,
        _ => Namespace::Named(label.to_owned()),
    };
    if let Some((of, service)) = host.split_once('/') {
        return vec![(service.to_owned(), namespace(of))];
    }
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

#[cfg(test)]
mod tests {
    use super::Namespace;
    use super::readings;

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
        assert_eq!(read("web.%.svc"), ["web"]);
        assert_eq!(read("shop/web"), ["web.shop"]);
        for other in ["web.com", "www.example.com", "web.shop.svc.example.com", "a.b.c.d.svc"] {
            assert_eq!(read(other), [""; 0], "{other}");
        }
    }
}
