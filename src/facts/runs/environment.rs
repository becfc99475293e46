//! The variables of a container with their values, as the kubelet makes them: `envFrom`, `env`, Services; and what a
//! reference to one means.
//!
//! Rule: `makeEnvironmentVariables` of the kubelet, Kubernetes 1.36, observed. Variables of the image are not in
//! here: a name that nobody sets may still have a value, and most images set `PATH` and a few more.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::HashMap;

use crate::facts::runs::links;
use crate::facts::runs::links::looks_like_service;
use crate::facts::runs::objects;
use crate::facts::runs::objects::CONFIG_MAP;
use crate::facts::runs::objects::SECRET;
use crate::facts::runs::text::Text;
use crate::facts::runs::value::Symbol;
use crate::facts::runs::value::Value;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_beside;
use crate::facts::surroundings::is_near;
use crate::model::Container;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// How many bytes of values are kept for one container. Linux starts no program with more words and variables, and
/// values made of values could double with each line.
const ROOM: usize = 2 * 1024 * 1024;

/// What a variable takes besides its name and value.
const OVERHEAD: usize = 64;

/// The variables of one container.
pub(in crate::facts) struct Environment<'a> {
    around: &'a Surroundings<'a>,
    resource: &'a Resource,
    pod: Pod<'a>,
    /// Whether Services make variables.
    links: bool,
    /// Whether there may be more names than these.
    open: bool,
    set: BTreeMap<String, Variable<'a>>,
    /// Where `env` has each name.
    entries: HashMap<&'a str, Entry<'a>>,
    /// How many more bytes may be kept.
    room: Cell<usize>,
}

/// Where `env` has a name.
#[derive(Clone, Copy)]
struct Entry<'a> {
    /// The number of the first item with this name.
    first: usize,
    /// The last one, which counts.
    last: Node<'a>,
    /// Whether `envFrom` brings the name too.
    is_from: bool,
}

/// One variable that the manifests set.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Variable<'a> {
    /// Its value, and the scalar that it is written in; where nobody writes it, the item that sets it.
    pub(in crate::facts) text: Text<'a>,
    /// The item of `env` or `envFrom` that sets it.
    pub(in crate::facts) entry: Node<'a>,
}

impl<'a> Environment<'a> {
    /// `complete` says that nobody adds variables that are not written.
    pub(super) fn of(
        around: &'a Surroundings<'a>,
        resource: &'a Resource,
        pod: Pod<'a>,
        container: Container<'a>,
        complete: bool,
    ) -> Self {
        let links = pod.spec.get("enableServiceLinks").and_then(Node::scalar) != Some(Scalar::Bool(false));
        let (set, entries, room) = (BTreeMap::new(), HashMap::new(), Cell::new(ROOM));
        let mut environment = Self { around, resource, pod, links, open: !complete, set, entries, room };
        container.list("envFrom").for_each(|source| environment.add_source(source));
        container.list("env").enumerate().for_each(|(index, entry)| environment.add_entry(index, entry));
        environment
    }

    /// The value of a variable: set in the manifests, or made for a Service of the target. None if neither, which
    /// does not mean that it has none: the image may set it, and see [`Self::may_set`].
    pub(in crate::facts) fn get(&self, name: &str) -> Option<Value> {
        let set = self.set.get(name).map(|variable| variable.text.value());
        set.or_else(|| links::value(self.around, self.namespace(), self.links, name))
    }

    /// Whether something outside of the target may set a variable that [`Self::get`] does not know: an object of
    /// `envFrom` that the target does not have, an operator, or a Service.
    pub(in crate::facts) fn may_set(&self, name: &str) -> bool {
        looks_like_variable(name) && (self.open || (self.links && looks_like_service(name)))
    }

    /// What the manifests set a variable to.
    pub(in crate::facts) fn variable(&self, name: &str) -> Option<&Variable<'a>> {
        self.set.get(name)
    }

    /// What the manifests set, by name.
    pub(in crate::facts) fn variables(&self) -> impl Iterator<Item = (&str, &Variable<'a>)> {
        self.set.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// What `$(name)` becomes in command and args; none if it stays.
    pub(in crate::facts) fn in_command(&self, name: &str) -> Option<Value> {
        let symbol = || Value::symbol(Symbol::Variable(name.into()));
        match self.get(name) {
            Some(value) => Some(if self.has_room_for(value.len()) { value } else { symbol() }),
            None => self.may_set(name).then(symbol),
        }
    }

    /// The namespace of the pod.
    pub(in crate::facts) fn namespace_value(&self) -> Value {
        self.field("metadata.namespace").map_or_else(Value::symbol, |node| Value::text(node.text(), Some(node.span())))
    }

    fn namespace(&self) -> Option<&'a str> {
        self.resource.id.namespace.as_deref()
    }

    fn set(&mut self, name: String, text: Text<'a>, entry: Node<'a>) {
        if self.has_room_for(OVERHEAD + name.len() + text.as_str().len()) {
            self.set.insert(name, Variable { text, entry });
        } else {
            self.open = true;
        }
    }

    /// Takes so many bytes, if there are so many.
    fn has_room_for(&self, bytes: usize) -> bool {
        let rest = self.room.get().checked_sub(bytes);
        self.room.set(rest.unwrap_or(0));
        rest.is_some()
    }

    /// An item of `envFrom`.
    fn add_source(&mut self, source: Node<'a>) {
        let prefix = source.get("prefix");
        let named = [("configMapRef", CONFIG_MAP), ("secretRef", SECRET)];
        let named = named.into_iter().find_map(|(field, kind)| Some((kind, source.at_path(&[field, "name"])?)));
        let object = named.and_then(|(kind, name)| objects::find(self.around, self.namespace(), kind, name));
        // Another one of its name may be meant.
        self.open |= object.is_some_and(|object| !is_beside(self.namespace(), object));
        let Some(object) = object.filter(|_| prefix.is_none_or(|prefix| !prefix.is_unknown())) else {
            self.open = true;
            return;
        };
        if self.room.get() == 0 {
            return;
        }
        let prefix = prefix.map_or("", Node::text);
        for (key, text) in objects::entries(object, false) {
            self.set(format!("{prefix}{key}"), text, source);
        }
    }

    /// An item of `env`.
    fn add_entry(&mut self, index: usize, entry: Node<'a>) {
        let Some(name) = entry.get("name").filter(|name| !name.is_unknown()) else {
            self.open = true;
            return;
        };
        let is_from = self.set.contains_key(name.text());
        self.entries.entry(name.text()).or_insert(Entry { first: index, last: entry, is_from }).last = entry;
        let is_there = |value: &Node<'_>| value.is_unknown() || !(value.text().is_empty() || value.is_null());
        let value = entry.get("value").filter(is_there);
        let text = match (value, entry.get("valueFrom")) {
            (Some(value), _) => Some(Text::of_kubelet(value, |name| self.in_command(name))),
            (None, Some(from)) if !from.is_null() => self.value_from(entry, from),
            _ => Some(Text::decoded(entry.get("value").unwrap_or(entry), "")),
        };
        if let Some(text) = text {
            self.set(name.text().to_owned(), text, entry);
        }
    }

    /// What `valueFrom` gives; none if it sets nothing.
    fn value_from(&self, entry: Node<'a>, from: Node<'a>) -> Option<Text<'a>> {
        if let Some(path) = from.at_path(&["fieldRef", "fieldPath"]).filter(|path| !path.is_unknown()) {
            return Some(self.field(path.text()).map_or_else(|symbol| Text::unknown(entry, symbol), Text::written));
        }
        if let Some(resource) = from.at_path(&["resourceFieldRef", "resource"]) {
            return Some(Text::unknown(entry, Symbol::Field(resource.text().into())));
        }
        let references = [("configMapKeyRef", CONFIG_MAP), ("secretKeyRef", SECRET)];
        let reference = references.into_iter().find_map(|(field, kind)| Some((kind, from.get(field)?)));
        let unknown = || Some(Text::unknown(entry, Symbol::Written(entry.span())));
        let Some((kind, reference)) = reference else { return unknown() };
        let known = |field| reference.get(field).filter(|node| !node.is_unknown());
        let (Some(name), Some(key)) = (known("name"), known("key")) else { return unknown() };
        let object = objects::find(self.around, self.namespace(), kind, name);
        if let Some(text) = object.and_then(|object| objects::entry(object, key.text(), false)) {
            return Some(text);
        }
        let is_optional = reference.get("optional").and_then(Node::scalar) == Some(Scalar::Bool(true));
        if is_optional && object.is_some() {
            return None;
        }
        Some(Text::unknown(entry, objects::symbol(kind, self.namespace(), name.text(), key.text())))
    }

    /// A field of the pod, if it is written.
    fn field(&self, path: &str) -> Result<Node<'a>, Symbol> {
        let id = &self.resource.id;
        let is_pod = id.kind == "Pod" && id.group().is_empty();
        let of_map = |field: &str| {
            let key = path.strip_prefix("metadata.")?.strip_prefix(field)?.strip_prefix("['")?.strip_suffix("']")?;
            self.pod.template.at_path(&["metadata", field, key])
        };
        let node = match path {
            "metadata.namespace" => self.resource.node().at_path(&["metadata", "namespace"]),
            "metadata.name" if is_pod => self.resource.node().at_path(&["metadata", "name"]),
            "spec.nodeName" => self.pod.spec.get("nodeName"),
            "spec.serviceAccountName" => self.pod.spec.get("serviceAccountName"),
            _ => of_map("labels").or_else(|| of_map("annotations")),
        };
        let node = node.filter(|node| !node.is_unknown() && !node.text().is_empty());
        node.ok_or_else(|| Symbol::Field(path.into()))
    }
}

/// What is to be said of a name that a manifest refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::facts) enum State {
    /// One of the states of `variables`.
    Known(&'static str),
    /// The repository does not tell.
    Unknown,
}

/// What a reference to a name means: none where it is no variable's.
impl Environment<'_> {
    /// In the value of the item of `env` with this number.
    pub(in crate::facts) fn before(&self, name: &str, index: usize) -> Option<State> {
        let entry = self.entries.get(name);
        match (self.state(name, index), entry) {
            (Some(State::Known(state @ ("found" | "service"))), _) => Some(State::Known(state)),
            (state, None) => state,
            (_, Some(_)) if self.open || looks_like_service(name) => Some(State::Unknown),
            (_, Some(entry)) => Some(State::Known(if entry.first == index { "self" } else { "late" })),
        }
    }

    /// In command and args.
    pub(in crate::facts) fn anywhere(&self, name: &str) -> Option<State> {
        self.state(name, usize::MAX)
    }

    /// In the command of a probe, for which only items with a value count.
    pub(in crate::facts) fn in_probe(&self, name: &str) -> Option<State> {
        match self.entries.get(name).map(|entry| entry.last) {
            Some(entry) if entry.get("valueFrom").is_some() => Some(State::Known("empty")),
            Some(_) => Some(State::Known("found")),
            None => (looks_like_variable(name) && self.is_from(name)).then_some(State::Known("verbatim")),
        }
    }

    /// In the command of a lifecycle hook, where nothing is expanded.
    pub(in crate::facts) fn in_hook(&self, name: &str) -> Option<State> {
        let is_defined = self.entries.contains_key(name) || self.is_from(name);
        (looks_like_variable(name) && is_defined).then_some(State::Known("verbatim"))
    }

    /// For the item of `env` with this number.
    fn state(&self, name: &str, index: usize) -> Option<State> {
        if self.entries.get(name).is_some_and(|entry| entry.first < index) || self.is_from(name) {
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
        self.entries.get(name).map_or_else(|| self.set.contains_key(name), |entry| entry.is_from)
    }

    /// Of a name that is not defined but may be made for a Service.
    fn of_services(&self, name: &str) -> State {
        let mut state = State::Unknown;
        let namespace = self.namespace();
        for (service, rest) in self.around.making(name).filter(|(service, _)| is_near(namespace, service.resource)) {
            match links::missing(service, rest, self.links) {
                None => return State::Known("service"),
                Some(why) if !self.open && rest.starts_with("SERVICE_") && is_beside(namespace, service.resource) => {
                    state = State::Known(why);
                }
                Some(_) => {}
            }
        }
        state
    }
}

/// Whether a name is one that people give to variables and nobody gives to programs.
fn looks_like_variable(name: &str) -> bool {
    name.len() > 1
        && !name.starts_with(|char: char| char.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
