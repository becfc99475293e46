//! References `$(NAME)` and double dollars in what the kubelet expands: environment, command, args,
//! exec probes and lifecycle hooks.
//!
//! Facts of a pod: `references` lists them with `container`, `place` (`env`, `command`, `args`,
//! `probe`, `hook`), `variable` and `state`: `found`; `late` (defined later in the list); `self` (in
//! its own definition); `service` (made for a Service of the target); `headless`, `external-name`,
//! `no-links` or `no-port` (why a Service of the target makes no such variable); `undefined`; in a probe `empty`
//! (the variable takes its value `valueFrom`) and in a probe or hook `verbatim` (it is not expanded
//! there). `dollars` lists each `$$` that becomes `$` and seems to mean two, with `container`, `place` and
//! `meaning`: `pid` where a shell would read its own process id, `text` in the middle of a word of `env`. Rules: kubernetes 1.36 kubelet, observed.
//! Names that no variable would have are the shell's affair and not listed.

use std::collections::BTreeSet;

use crate::facts::book::Book;
use crate::facts::expansion::double_dollars;
use crate::facts::expansion::references;
use crate::facts::runs::Run;
use crate::facts::runs::State;
use crate::facts::runs::What;
use crate::model::Container;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::span_within;

/// How many places of one text are looked at.
const MAX_PER_TEXT: usize = 200;

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];
const HOOKS: [&str; 2] = ["postStart", "preStop"];

pub(super) fn infer(runs: &[Run<'_>], book: &mut Book, facts: NodeId) {
    for run in runs {
        let Run { container, environment, .. } = run;
        let container = *container;
        let mut notes = Notes { container, book, facts };
        let script = match &run.what {
            What::Script(script) => script.text.node(),
            What::Program(_) | What::Unknown => None,
        };
        for (index, entry) in container.list("env").enumerate() {
            if let Some(value) = entry.get("value") {
                notes.references(value, "env", |name| environment.before(name, index));
                notes.dollars(value, "env", false);
            }
        }
        for place in ["command", "args"] {
            for word in container.list(place) {
                notes.references(word, place, |name| environment.anywhere(name));
                notes.dollars(word, place, script == Some(word));
            }
        }
        for word in PROBES.iter().flat_map(|probe| exec(container, &[probe])) {
            notes.references(word, "probe", |name| environment.in_probe(name));
        }
        for word in HOOKS.iter().flat_map(|hook| exec(container, &["lifecycle", hook])) {
            notes.references(word, "hook", |name| environment.in_hook(name));
        }
    }
}

fn exec<'a>(container: Container<'a>, path: &[&str]) -> impl Iterator<Item = Node<'a>> + use<'a> {
    let command = container.node.at_path(path).and_then(|handler| handler.at_path(&["exec", "command"]));
    command.into_iter().flat_map(Node::items)
}

/// The facts of one container.
struct Notes<'a, 'b> {
    container: Container<'a>,
    book: &'b mut Book,
    facts: NodeId,
}

impl Notes<'_, '_> {
    /// Notes what a text refers to; `state` gives none for what is no variable.
    fn references(&mut self, text: Node<'_>, place: &str, state: impl Fn(&str) -> Option<State>) {
        let mut seen = BTreeSet::new();
        for (name, range) in references(text.text()).into_iter().take(MAX_PER_TEXT) {
            let Some(state) = state(name).filter(|_| seen.insert(name)) else { continue };
            let item = self.book.item_at(self.facts, "references", text, span_within(text, range));
            self.book.text(item, "variable", name);
            self.book.text(item, "container", self.container.name());
            self.book.text(item, "place", place);
            let state = match state {
                State::Known(state) => Some(state),
                State::Unknown => None,
            };
            self.book.verdict(item, "state", state);
        }
    }

    fn dollars(&mut self, text: Node<'_>, place: &str, is_script: bool) {
        for (range, before, after) in double_dollars(text.text()).into_iter().take(MAX_PER_TEXT) {
            let within = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
            let meaning = match after {
                // Somebody has escaped `$(…)` for the kubelet, or `${…}` for Flux.
                Some('(' | '{') => continue,
                // Before a name, and at the end of a regular expression, these are escapes in a script too.
                _ if is_script && !within(after) && before.is_none_or(is_before_pid) => "pid",
                // In the middle of a word nobody needs an escape; a password may well look so.
                _ if place == "env" && within(before) && within(after) => "text",
                _ => continue,
            };
            let item = self.book.item_at(self.facts, "dollars", text, span_within(text, range));
            self.book.text(item, "meaning", meaning);
            self.book.text(item, "container", self.container.name());
            self.book.text(item, "place", place);
        }
    }
}

/// Whether the process id of a shell may well stand behind this character: `kill $$`, `/tmp/x.$$`.
fn is_before_pid(before: char) -> bool {
    before.is_whitespace() || matches!(before, '.' | '-' | '_' | '/' | '=' | '"' | ':')
}
