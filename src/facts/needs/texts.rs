//! The texts that the containers of a pod get to see: variables, words of commands, probes, hooks, and files that
//! ConfigMaps and Secrets of the target are mounted as. As the container gets them, so what is known of variables is
//! filled in.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::facts::needs::commands::Commands;
use crate::facts::needs::commands::Spoken;
use crate::facts::needs::hosts::Syntax;
use crate::facts::needs::operands::Operand;
use crate::facts::needs::operands::operands;
use crate::facts::runs;
use crate::facts::runs::Run;
use crate::facts::runs::interpreter;
use crate::shell::Dialect;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// How many texts of one pod are looked at.
const MAX_TEXTS: usize = 5_000;

/// A text that a container gets to see.
pub(super) struct Text<'a> {
    pub(super) written: runs::Text<'a>,
    /// The variable, file or flag that it is the value of; empty for none.
    pub(super) name: Cow<'a, str>,
    pub(super) syntax: Syntax,
    /// Whether it is the host that a program asks.
    pub(super) is_asked: bool,
    /// The port of the host, where another text tells it.
    pub(super) port: Option<runs::Text<'a>>,
    /// Where the container gets it from, as facts call it.
    pub(super) place: &'static str,
    pub(super) container: &'a str,
    /// The object that all of its keys are taken from, if so: what is not meant for this pod comes along.
    pub(super) taken_whole: Option<&'a str>,
}

/// All texts of a pod, whose containers run what `runs` says.
pub(super) fn of_pod<'a>(runs: &[Run<'a>]) -> Vec<Text<'a>> {
    let mut found = Vec::new();
    for run in runs {
        let mut texts = Texts { run, found: Vec::new() };
        texts.variables();
        let scripts = texts.words();
        texts.handlers();
        texts.files(&scripts);
        found.extend(texts.found);
        found.truncate(MAX_TEXTS);
    }
    found
}

struct Texts<'a, 'b> {
    run: &'b Run<'a>,
    found: Vec<Text<'a>>,
}

impl<'a> Texts<'a, '_> {
    fn add(
        &mut self,
        written: runs::Text<'a>,
        name: Cow<'a, str>,
        syntax: Syntax,
        place: &'static str,
    ) -> Option<&mut Text<'a>> {
        if written.as_str().is_empty() || self.found.len() >= MAX_TEXTS {
            return None;
        }
        let container = self.run.container.name();
        let (is_asked, port, taken_whole) = (false, None, None);
        self.found.push(Text { written, name, syntax, is_asked, port, place, container, taken_whole });
        self.found.last_mut()
    }

    /// `env` and `envFrom`.
    fn variables(&mut self) {
        let environment = &self.run.environment;
        for entry in self.run.container.list("env") {
            let name = entry.get("name").map_or("", Node::text);
            let set = environment.variable(name).filter(|set| set.entry == entry);
            if let Some(set) = set {
                self.variable(Cow::Borrowed(name), &set.text, "env");
            }
        }
        for (name, set) in environment.variables() {
            let object =
                ["configMapRef", "secretRef"].into_iter().find_map(|field| set.entry.at_path(&[field, "name"]));
            let Some(object) = object else { continue };
            if let Some(text) = self.variable(Cow::Owned(name.to_owned()), &set.text, "envFrom") {
                text.taken_whole = Some(object.text());
            }
        }
    }

    fn variable(&mut self, name: Cow<'a, str>, text: &runs::Text<'a>, place: &'static str) -> Option<&mut Text<'a>> {
        let port = name.strip_suffix("HOST").and_then(|start| self.run.environment.variable(&format!("{start}PORT")));
        let port = port.map(|set| set.text.clone());
        let text = self.add(text.clone(), name, of_value(text.as_str()), place)?;
        text.port = port;
        Some(text)
    }

    /// `command` and `args`; tells which scripts were read.
    fn words(&mut self) -> Vec<Node<'a>> {
        let mut commands = Commands::new();
        commands.add_run(self.run);
        let words = |field| self.run.container.list(field).map(move |word| (word.id(), field));
        let places: HashMap<NodeId, &str> = words("args").chain(words("command")).collect();
        self.commands(commands.found, |node| places.get(&node.id()).copied().unwrap_or("file"));
        commands.scripts
    }

    fn commands(&mut self, found: Vec<Spoken<'a>>, place: impl Fn(Node<'_>) -> &'static str) {
        for spoken in found {
            match spoken {
                Spoken::Command(command) => {
                    for Operand { text, option, is_asked, port } in operands(command) {
                        let Some(node) = text.node() else { continue };
                        let syntax = if text.as_str().contains('\n') { Syntax::Document } else { Syntax::Value };
                        if let Some(text) = self.add(text, Cow::Owned(option), syntax, place(node)) {
                            (text.is_asked, text.port) = (is_asked, port);
                        }
                    }
                }
                Spoken::Variable(name, text) => {
                    let Some(node) = text.node() else { continue };
                    self.add(text, Cow::Owned(name), Syntax::Value, place(node));
                }
                Spoken::Document(text) => {
                    let Some(node) = text.node() else { continue };
                    self.add(text, Cow::Borrowed(""), Syntax::Document, place(node));
                }
            }
        }
    }

    /// Probes and hooks.
    fn handlers(&mut self) {
        const HANDLERS: [(&[&str], &str); 5] = [
            (&["livenessProbe"], "probe"),
            (&["readinessProbe"], "probe"),
            (&["startupProbe"], "probe"),
            (&["lifecycle", "postStart"], "hook"),
            (&["lifecycle", "preStop"], "hook"),
        ];
        for (path, place) in HANDLERS {
            let Some(handler) = self.run.container.node.at_path(path) else { continue };
            let words = handler.at_path(&["exec", "command"]).into_iter().flat_map(Node::items);
            let words: Vec<_> = words
                .map(|word| match place {
                    "probe" => runs::Text::of_kubelet(word, |name| self.run.environment.in_command(name)),
                    _ => runs::Text::written(word),
                })
                .collect();
            if !words.is_empty() {
                let mut commands = Commands::new();
                commands.add_words(self.run, words);
                self.commands(commands.found, |_| place);
            }
            for action in ["httpGet", "tcpSocket"] {
                if let Some(host) = handler.at_path(&[action, "host"]) {
                    self.add(runs::Text::written(host), Cow::Borrowed("host"), Syntax::Value, place);
                }
            }
        }
    }

    /// The files that are mounted, but for scripts that were read already.
    fn files(&mut self, read: &[Node<'a>]) {
        for (path, text) in self.run.mounted.files() {
            if text.node().is_some_and(|node| read.contains(&node)) {
                continue;
            }
            let is_named_so = path.rsplit_once('.').is_some_and(|(_, ending)| ending == "sh");
            if is_named_so || interpreter(text.as_str()).is_some() {
                let mut commands = Commands::new();
                commands.add_script(self.run, &text, Dialect::Bash);
                self.commands(commands.found, |_| "file");
            } else {
                let name = path.rsplit('/').next().unwrap_or(path);
                self.add(text, Cow::Borrowed(name), Syntax::File, "file");
            }
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
