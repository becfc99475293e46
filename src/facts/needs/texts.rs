//! The texts that the containers of a pod get to see: variables, words of commands, probes, hooks, and files that
//! ConfigMaps and Secrets of the target are mounted as. As written, so nothing in them is expanded.

use std::borrow::Cow;

use crate::facts::needs::hosts::Syntax;
use crate::facts::runs::Run;
use crate::facts::runs::What;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::nearest;
use crate::model::Container;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::decode_base64;

/// How many texts of one pod are looked at.
const MAX_TEXTS: usize = 5_000;

/// A text that a container gets to see.
pub(super) struct Text<'a> {
    /// The scalar that it is written in.
    pub(super) node: Node<'a>,
    pub(super) content: Cow<'a, str>,
    /// The variable, file or flag that it is the value of; empty for none.
    pub(super) name: Cow<'a, str>,
    pub(super) syntax: Syntax,
    /// Where the container gets it from, as facts call it.
    pub(super) place: &'static str,
    pub(super) container: &'a str,
    /// The object that all of its keys are taken from, if so: what is not meant for this pod comes along.
    pub(super) taken_whole: Option<&'a Resource>,
}

/// All texts of a pod, whose containers run what `runs` says.
pub(super) fn of_pod<'a>(
    around: &Surroundings<'a>,
    resource: &'a Resource,
    pod: Pod<'a>,
    runs: &[Run<'_>],
) -> Vec<Text<'a>> {
    let namespace = resource.id.namespace.as_deref();
    let mut texts = Texts { around, namespace, container: "", found: Vec::new() };
    for (container, run) in pod.containers().zip(runs) {
        texts.container = container.name();
        container.list("env").for_each(|entry| texts.variable(entry));
        container.list("envFrom").for_each(|source| texts.variables(source));
        texts.words(container, run);
        texts.handlers(container);
        container.list("volumeMounts").for_each(|mount| texts.files(pod, mount));
    }
    texts.found.truncate(MAX_TEXTS);
    texts.found
}

/// The ConfigMap or Secret of this name, if the target has it.
pub(super) fn object<'a>(
    around: &Surroundings<'a>,
    namespace: Option<&str>,
    kind: &str,
    name: Node<'_>,
) -> Option<&'a Resource> {
    let is_it = |other: &&Resource| other.id.kind == kind && other.id.group().is_empty();
    if name.is_unknown() { None } else { nearest(namespace, around.named(name.text()).filter(is_it)) }
}

struct Texts<'a, 'b> {
    around: &'b Surroundings<'a>,
    namespace: Option<&'b str>,
    container: &'a str,
    found: Vec<Text<'a>>,
}

impl<'a> Texts<'a, '_> {
    fn add(
        &mut self,
        node: Node<'a>,
        name: Cow<'a, str>,
        syntax: Syntax,
        place: &'static str,
    ) -> Option<&mut Text<'a>> {
        // Of a text with a variable that somebody else fills in, the rest is known.
        if node.kind() != Kind::Scalar || self.found.len() >= MAX_TEXTS {
            return None;
        }
        let (container, content) = (self.container, Cow::Borrowed(node.text()));
        self.found.push(Text { node, content, name, syntax, place, container, taken_whole: None });
        self.found.last_mut()
    }

    /// An item of `env`.
    fn variable(&mut self, entry: Node<'a>) {
        let name = Cow::Borrowed(entry.get("name").map_or("", Node::text));
        if let Some(value) = entry.get("value") {
            self.add(value, name, of_value(value.text()), "env");
            return;
        }
        for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
            let Some(from) = entry.at_path(&["valueFrom", field]) else { continue };
            let (Some(object_name), Some(key)) = (from.get("name"), from.get("key")) else { continue };
            let Some(object) = object(self.around, self.namespace, kind, object_name) else { continue };
            let wanted = data(object).find(|(own, _, _)| own.text() == key.text());
            if let Some((_, value, encoded)) = wanted {
                self.data(value, encoded, name.clone(), of_value, "env");
            }
        }
    }

    /// An item of `envFrom`.
    fn variables(&mut self, source: Node<'a>) {
        let prefix = source.get("prefix").map_or("", Node::text);
        for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
            let Some(name) = source.at_path(&[field, "name"]) else { continue };
            let Some(object) = object(self.around, self.namespace, kind, name) else { continue };
            for (key, value, encoded) in data(object) {
                let name = Cow::Owned(format!("{prefix}{}", key.text()));
                if let Some(text) = self.data(value, encoded, name, of_value, "envFrom") {
                    text.taken_whole = Some(object);
                }
            }
        }
    }

    /// A value of a ConfigMap or Secret.
    fn data(
        &mut self,
        value: Node<'a>,
        encoded: bool,
        name: Cow<'a, str>,
        syntax: impl Fn(&str) -> Syntax,
        place: &'static str,
    ) -> Option<&mut Text<'a>> {
        let decoded = if encoded { Some(decode_base64(value.text())?) } else { None };
        let syntax = syntax(decoded.as_deref().unwrap_or(value.text()));
        let text = self.add(value, name, syntax, place)?;
        if let Some(decoded) = decoded {
            text.content = Cow::Owned(decoded);
        }
        Some(text)
    }

    /// `command` and `args`.
    fn words(&mut self, container: Container<'a>, run: &Run<'_>) {
        let script = match &run.what {
            What::Script(script) => script.text.node(),
            What::Program(_) | What::Unknown => None,
        };
        let mut flag = "";
        for place in ["command", "args"] {
            for word in container.list(place) {
                let is_script = script == Some(word) || word.text().contains('\n');
                let syntax = if is_script { Syntax::Script } else { Syntax::Value };
                self.add(word, Cow::Borrowed(flag), syntax, place);
                let is_flag = word.text().starts_with('-') && !word.text().contains(['=', ' ']);
                flag = if is_flag { word.text() } else { "" };
            }
        }
    }

    /// Probes and hooks.
    fn handlers(&mut self, container: Container<'a>) {
        const HANDLERS: [(&[&str], &str); 5] = [
            (&["livenessProbe"], "probe"),
            (&["readinessProbe"], "probe"),
            (&["startupProbe"], "probe"),
            (&["lifecycle", "postStart"], "hook"),
            (&["lifecycle", "preStop"], "hook"),
        ];
        for (path, place) in HANDLERS {
            let Some(handler) = container.node.at_path(path) else { continue };
            for word in handler.at_path(&["exec", "command"]).into_iter().flat_map(Node::items) {
                let is_script = word.text().contains([' ', '\n']);
                let syntax = if is_script { Syntax::Script } else { Syntax::Value };
                self.add(word, Cow::Borrowed(""), syntax, place);
            }
            for action in ["httpGet", "tcpSocket"] {
                if let Some(host) = handler.at_path(&[action, "host"]) {
                    self.add(host, Cow::Borrowed("host"), Syntax::Value, place);
                }
            }
        }
    }

    /// The files of a mounted volume.
    fn files(&mut self, pod: Pod<'a>, mount: Node<'a>) {
        let Some(name) = mount.get("name").filter(|name| !name.is_unknown()) else { return };
        let is_it = |volume: &Node<'_>| volume.get("name").is_some_and(|own| own.text() == name.text());
        let Some(volume) = pod.volumes().find(is_it) else { return };
        let projected = volume.at_path(&["projected", "sources"]).into_iter().flat_map(Node::items);
        for source in std::iter::once(volume).chain(projected) {
            for (field, kind) in [("configMap", "ConfigMap"), ("secret", "Secret")] {
                let Some(source) = source.get(field) else { continue };
                let Some(object_name) = source.get("name").or_else(|| source.get("secretName")) else { continue };
                let Some(object) = object(self.around, self.namespace, kind, object_name) else { continue };
                self.mounted(object, source, mount.get("subPath").map(Node::text));
            }
        }
    }

    fn mounted(&mut self, object: &'a Resource, source: Node<'a>, sub_path: Option<&str>) {
        let items: Option<Vec<_>> = source.get("items").map(|items| items.items().collect());
        for (key, value, encoded) in data(object) {
            let path = match &items {
                None => Some(key.text()),
                Some(items) => {
                    let item = items.iter().find(|item| item.get("key").is_some_and(|own| own.text() == key.text()));
                    item.and_then(|item| item.get("path")).map(Node::text)
                }
            };
            let Some(path) = path.filter(|path| sub_path.is_none_or(|only| path.starts_with(only))) else { continue };
            let is_named_so = path.rsplit_once('.').is_some_and(|(_, ending)| ending == "sh");
            let is_shell = |text: &str| is_named_so || text.starts_with("#!");
            let syntax = |text: &str| if is_shell(text) { Syntax::Script } else { Syntax::File };
            self.data(value, encoded, Cow::Borrowed(key.text()), syntax, "file");
        }
    }
}

/// What the value of a variable is: a structured one is read like a file.
fn of_value(text: &str) -> Syntax {
    if text.trim_start().starts_with(['{', '[']) || text.trim_end().contains('\n') {
        Syntax::File
    } else {
        Syntax::Value
    }
}

/// The keys and values of a ConfigMap or Secret, and whether the value is in base64.
pub(super) fn data(object: &Resource) -> impl Iterator<Item = (Node<'_>, Node<'_>, bool)> {
    let is_secret = object.id.kind == "Secret";
    let fields = ["data", "stringData"].into_iter().filter_map(|field| Some((field, object.node().get(field)?)));
    fields.flat_map(move |(field, data)| {
        data.fields().map(move |(key, value)| (key, value, is_secret && field == "data"))
    })
}
