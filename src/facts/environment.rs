//! The variables of one container as the kubelet makes them, in order: `envFrom`, those of Services,
//! then `env`, where a later entry may use earlier ones (`makeEnvironmentVariables`, Kubernetes 1.36).
//!
//! Answers of the functions: none for a name that is no variable's, else a state as in `variables`.

use std::collections::HashMap;

use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::facts::surroundings::variable_of;
use crate::kube::ResourceId;
use crate::model::Container;
use crate::model::Pod;
use crate::model::Service;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// What is to be said of a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// One of the states of `variables`.
    Known(&'static str),
    /// The repository does not tell.
    Unknown,
}

/// What a container finds in its environment.
pub(super) struct Environment<'a> {
    around: &'a Surroundings<'a>,
    namespace: Option<&'a str>,
    /// Whether Services make variables.
    links: bool,
    /// The items of `env`.
    pub(super) entries: Vec<Node<'a>>,
    /// Where each name is defined first, and last.
    places: HashMap<&'a str, (usize, usize)>,
    /// What `envFrom` brings, as far as it is known: prefixes, and the mappings whose keys follow them.
    from: Vec<(&'a str, Node<'a>)>,
    /// Whether there may be more names than those.
    open: bool,
}

impl<'a> Environment<'a> {
    pub(super) fn of(
        around: &'a Surroundings<'a>,
        resource: &'a Resource,
        pod: Pod<'_>,
        container: Container<'a>,
        complete: bool,
    ) -> Self {
        let entries: Vec<_> = container.list("env").collect();
        let mut places = HashMap::new();
        for (index, name) in entries.iter().enumerate().filter_map(|(index, entry)| Some((index, entry.get("name")?))) {
            places.entry(name.text()).or_insert((index, index)).1 = index;
        }
        let named = |entry: &Node<'_>| entry.get("name").is_some_and(|name| !name.is_unknown());
        let mut environment = Self {
            around,
            namespace: resource.id.namespace.as_deref(),
            links: pod.spec.get("enableServiceLinks").and_then(Node::scalar) != Some(Scalar::Bool(false)),
            open: !complete || !entries.iter().all(named),
            entries,
            places,
            from: Vec::new(),
        };
        container.list("envFrom").for_each(|source| environment.add_source(source));
        environment
    }

    /// The state of a name in the value of the entry at `index`.
    pub(super) fn before(&self, name: &str, index: usize) -> Option<State> {
        let place = self.places.get(name).copied();
        match (self.state(name, index), place) {
            (Some(State::Known(state @ ("found" | "service"))), _) => Some(State::Known(state)),
            (state, None) => state,
            (_, Some(_)) if self.open || looks_like_service(name) => Some(State::Unknown),
            (_, Some((first, _))) => Some(State::Known(if first == index { "self" } else { "late" })),
        }
    }

    /// The state of a name in command and args.
    pub(super) fn anywhere(&self, name: &str) -> Option<State> {
        self.state(name, usize::MAX)
    }

    /// The state of a name in the command of a probe, for which only entries with a value count.
    pub(super) fn in_probe(&self, name: &str) -> Option<State> {
        // Of several entries with one name the last one counts.
        match self.places.get(name).map(|(_, last)| self.entries[*last]) {
            Some(entry) if entry.get("valueFrom").is_some() => Some(State::Known("empty")),
            Some(_) => Some(State::Known("found")),
            None => (looks_like_variable(name) && self.is_from(name)).then_some(State::Known("verbatim")),
        }
    }

    /// The state of a name in the command of a lifecycle hook, where nothing is expanded.
    pub(super) fn in_hook(&self, name: &str) -> Option<State> {
        let is_defined = self.places.contains_key(name) || self.is_from(name);
        (looks_like_variable(name) && is_defined).then_some(State::Known("verbatim"))
    }

    /// The state of a name for the entry at `index`.
    fn state(&self, name: &str, index: usize) -> Option<State> {
        if self.places.get(name).is_some_and(|(first, _)| *first < index) || self.is_from(name) {
            return Some(State::Known("found"));
        }
        if !looks_like_variable(name) {
            return None;
        }
        if looks_like_service(name) {
            return Some(self.of_services(name));
        }
        Some(if self.open { State::Unknown } else { State::Known("undefined") })
    }

    /// Whether `envFrom` is known to bring this name.
    fn is_from(&self, name: &str) -> bool {
        self.from.iter().any(|(prefix, data)| name.strip_prefix(prefix).is_some_and(|key| data.get(key).is_some()))
    }

    /// Adds what an item of `envFrom` brings, if the target has the object it names.
    fn add_source(&mut self, source: Node<'a>) {
        let Self { around, namespace, .. } = *self;
        let prefix = source.get("prefix");
        let named = [("configMapRef", "ConfigMap"), ("secretRef", "Secret")]
            .into_iter()
            .find_map(|(field, kind)| Some((kind, source.at_path(&[field, "name"])?)));
        let found = named.filter(|(_, name)| !name.is_unknown()).and_then(|(kind, name)| {
            let is_it = |id: &ResourceId| id.kind == kind && id.group().is_empty();
            around.named(name.text()).find(|other| is_near(namespace, other) && is_it(&other.id))
        });
        let Some(object) = found.filter(|_| prefix.is_none_or(|prefix| !prefix.is_unknown())) else {
            self.open = true;
            return;
        };
        let prefix = prefix.map_or("", Node::text);
        for data in ["data", "stringData"].into_iter().filter_map(|field| object.node().get(field)) {
            self.from.push((prefix, data));
        }
    }

    /// The state of a name that is not defined but may be made for a Service.
    fn of_services(&self, name: &str) -> State {
        let mut state = State::Unknown;
        for (service, rest) in self.around.making(name) {
            if !is_near(self.namespace, service.resource) {
                continue;
            }
            match missing(service, rest, self.links) {
                None => return State::Known("service"),
                Some(why) if !self.open && rest.starts_with("SERVICE_") => state = State::Known(why),
                Some(_) => {}
            }
        }
        state
    }
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

/// Whether a name is one that people give to variables and nobody gives to programs.
pub(super) fn looks_like_variable(name: &str) -> bool {
    name.len() > 1
        && !name.starts_with(|char: char| char.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a name may be one that a Service outside of the target makes.
pub(super) fn looks_like_service(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
        || name.ends_with("_PORT")
}
