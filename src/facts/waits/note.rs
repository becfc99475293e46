//! Waits as facts.

use crate::facts::book::Book;
use crate::facts::runs::Run;
use crate::facts::runs::Script;
use crate::facts::runs::Value;
use crate::facts::runs::What;
use crate::facts::surroundings::Surroundings;
use crate::facts::waits::alone;
use crate::facts::waits::bashisms;
use crate::facts::waits::bashisms::Bashism;
use crate::facts::waits::draft::Draft;
use crate::facts::waits::draft::Effect;
use crate::facts::waits::follow::drafts;
use crate::facts::waits::memory::Memory;
use crate::facts::waits::mesh;
use crate::facts::waits::object;
use crate::facts::waits::object::Fleeting;
use crate::facts::waits::probe::Proof;
use crate::facts::waits::probe::Seen;
use crate::facts::waits::rights;
use crate::facts::waits::rights::ACCOUNT_FOLDER;
use crate::facts::waits::rights::Request;
use crate::facts::waits::rights::Rights;
use crate::facts::waits::rights::has_token;
use crate::facts::waits::target;
use crate::facts::waits::target::Target;
use crate::model::Pod;
use crate::model::Role;
use crate::render::Resource;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// Writes down what the containers of a pod wait for.
pub(in crate::facts) fn infer<'a>(
    around: &Surroundings<'a>,
    resource: &Resource,
    (pod, runs): (Pod<'a>, &[Run<'a>]),
    memory: &mut Memory<'a>,
    book: &mut Book,
    facts: NodeId,
) {
    let mut waiting = Waiting::default();
    for run in runs {
        let drafts = drafts(run, &around.scripts, memory);
        waiting.add(run, &drafts);
        let is_alone = !drafts.is_empty() && alone::does_nothing_else(run);
        bashisms(run, &drafts, book, facts);
        token_reads(around, resource, pod, run, book, facts);
        for draft in drafts {
            for (index, seen) in draft.seen.iter().enumerate() {
                let target = target::of(around, &memory.written, resource, pod, seen.host.as_ref(), seen.port.as_ref());
                let item = note(run, &draft, seen, &target, index == 0, book, facts);
                rights(around, resource, pod, run, seen, book, item);
                object(around, resource, seen, book, item);
                if is_alone {
                    book.flag(item, "alone", Some(true));
                }
                if alone::has_netcat(run) {
                    book.flag(item, "netcat", Some(true));
                }
                if let Some(redirector) = mesh::redirected_by(pod, run.container) {
                    book.text(item, "redirectedBy", redirector);
                }
            }
        }
    }
    waiting.note(pod, book, facts);
}

/// How long the waits of all init containers take at worst.
#[derive(Default)]
struct Waiting<'a> {
    seconds: u64,
    is_endless: bool,
    /// The longest one.
    longest: Option<(u64, &'a str, Span)>,
}

impl<'a> Waiting<'a> {
    fn add(&mut self, run: &Run<'a>, drafts: &[Draft<'a>]) {
        for draft in drafts.iter().filter(|_| run.container.role == Role::Init) {
            self.is_endless |= draft.bounded != Some(true);
            let Some(seconds) = draft.seconds.filter(|_| draft.effect == Effect::Yes) else { continue };
            self.seconds = self.seconds.saturating_add(seconds.saturating_sub(draft.shared));
            let span = draft.seen.first().and_then(Seen::span).unwrap_or(run.container.node.span());
            if self.longest.is_none_or(|(longest, ..)| longest < seconds) {
                self.longest = Some((seconds, run.container.name(), span));
            }
        }
    }

    fn note(self, pod: Pod<'a>, book: &mut Book, facts: NodeId) {
        let Some((_, container, span)) = self.longest.filter(|_| !self.is_endless) else { return };
        let item = book.item_at(facts, "waiting", pod.spec, span);
        book.text(item, "container", container);
        book.number(item, "seconds", self.seconds);
    }
}

fn note(
    run: &Run<'_>,
    draft: &Draft<'_>,
    seen: &Seen<'_>,
    target: &Target,
    is_first: bool,
    book: &mut Book,
    facts: NodeId,
) -> NodeId {
    let node = seen.node.unwrap_or(run.container.node);
    let item = book.item_at(facts, "waits", node, seen.span().unwrap_or(node.span()));
    book.text(item, "container", run.container.name());
    let role = match run.container.role {
        Role::Init => "init",
        Role::Sidecar => "sidecar",
        Role::App => "app",
    };
    book.text(item, "role", role);
    book.text(item, "method", &seen.method);
    whom(seen, target, book, item);
    let proves = if draft.effect == Effect::No { Proof::Nothing } else { seen.proves };
    book.text(item, "proves", proves.name());
    book.flag(item, "bounded", draft.bounded);
    if let Some(seconds) = draft.seconds {
        book.number(item, "seconds", seconds);
    }
    book.verdict(item, "effective", Some(draft.effect.name()).filter(|_| draft.effect != Effect::Unknown));
    book.text(item, "reason", &reason(draft, seen));
    if let Some(fault) = draft.fault {
        book.text(item, "fault", fault.name());
        if is_first {
            remedies(run, draft, book, item);
        }
    }
    if draft.bounded == Some(true) {
        book.verdict(item, "afterwards", draft.fails.map(|fails| if fails { "fails" } else { "goes-on" }));
    }
    if let Some(accepts) = seen.accepts.filter(|_| draft.effect != Effect::No && !draft.rests_on_output) {
        book.text(item, "accepts", accepts);
    }
    if draft.is_busy {
        book.flag(item, "busy", Some(true));
    }
    if draft.unlimited {
        book.flag(item, "unlimitedTry", Some(true));
    }
    // What is said of a loop is said once.
    book.flag(item, "first", Some(is_first));
    item
}

/// Whether it may ask the API server.
fn rights(
    around: &Surroundings<'_>,
    resource: &Resource,
    pod: Pod<'_>,
    run: &Run<'_>,
    seen: &Seen<'_>,
    book: &mut Book,
    item: NodeId,
) {
    let Some((kind, name)) = seen.object.as_ref().filter(|_| !seen.is_other) else { return };
    let (name, namespace) = (name.as_ref(), seen.namespace.as_ref());
    let request = Request { method: &seen.method, kind, name, namespace };
    match rights::of(around, resource, pod, run, &request) {
        Some(Rights::Granted) => book.text(item, "rights", "granted"),
        Some(Rights::NoToken) => book.text(item, "rights", "no-token"),
        Some(Rights::Missing { verbs, plural }) => {
            book.text(item, "rights", "missing");
            book.text(item, "lacks", &format!("{verbs} {plural}"));
        }
        None => book.verdict(item, "rights", None),
    }
}

/// Whether the object that it waits for is there, and stays there.
fn object(around: &Surroundings<'_>, resource: &Resource, seen: &Seen<'_>, book: &mut Book, item: NodeId) {
    let Some((kind, Some(name))) = seen.object.as_ref().filter(|_| !seen.is_other) else { return };
    let Some(name) = name.literal().filter(|name| !name.starts_with('-')) else { return };
    let own = resource.id.namespace.as_deref();
    let other = seen.namespace.as_ref().map(Value::literal);
    let namespace = match &other {
        Some(None) => return,
        Some(other) => other.as_deref(),
        None => own,
    };
    // Some wait until it is gone.
    if is_for_deletion(seen) {
        return;
    }
    if let Some(object) = object::find(around, namespace, kind, &name) {
        book.text(item, "objectState", "target");
        if let Some(namespace) = namespace.filter(|space| own != Some(*space)) {
            book.text(item, "objectNamespace", namespace);
        }
        match object::fleeting(object) {
            Some(Fleeting::Hook) => book.text(item, "fleeting", "hook"),
            Some(Fleeting::Seconds(seconds)) => {
                book.text(item, "fleeting", "ttl");
                book.number(item, "objectSeconds", seconds);
            }
            None => {}
        }
    } else if object::is_missing(around, namespace, kind, &name) {
        book.text(item, "objectState", "missing");
    }
}

fn is_for_deletion(seen: &Seen<'_>) -> bool {
    let words = seen.node.map_or("", Node::text).get(seen.range.clone()).unwrap_or_default();
    words.contains("delete")
}

/// What a script reads of a ServiceAccount whose token is not mounted.
fn token_reads(
    around: &Surroundings<'_>,
    resource: &Resource,
    pod: Pod<'_>,
    run: &Run<'_>,
    book: &mut Book,
    facts: NodeId,
) {
    let What::Script(script) = &run.what else { return };
    let text = script.text.as_str();
    let (Some(at), Some(node)) = (text.find(ACCOUNT_FOLDER), script.text.node()) else { return };
    if has_token(around, resource, pod, run) != Some(false) {
        return;
    }
    let rest = &text[at..];
    let end = rest.find(|char: char| !char.is_ascii_alphanumeric() && !"/.-_".contains(char)).unwrap_or(rest.len());
    let span = script.text.span(at..at + end).unwrap_or(node.span());
    let item = book.item_at(facts, "tokenReads", node, span);
    book.text(item, "container", run.container.name());
    book.text(item, "path", &rest[..end]);
}

/// Whom it asks.
fn whom(seen: &Seen<'_>, target: &Target, book: &mut Book, item: NodeId) {
    if seen.host.is_some() {
        book.verdict(item, "host", target.host.as_deref());
    }
    if let Some(namespace) = &target.namespace {
        book.text(item, "namespace", namespace);
    }
    if seen.port.is_some() {
        book.verdict(item, "port", target.port.as_deref());
    }
    if let Some(service) = &target.service {
        book.text(item, "service", service);
        book.verdict(item, "resolved", target.resolved);
        if let Some(kind) = target.kind {
            book.text(item, "serviceKind", kind);
        }
        if seen.port.is_some() && target.kind.is_some() {
            book.verdict(item, "portState", target.port_state);
        }
        if target.is_own {
            book.flag(item, "own", Some(true));
        }
        if let Some(renamed) = &target.renamed {
            book.text(item, "renamed", renamed);
        }
    }
    if let Some((kind, name)) = &seen.object {
        book.text(item, "objectKind", kind);
        if let Some(name) = name {
            book.verdict(item, "object", name.literal().as_deref());
        }
    }
}

/// What a script has that its shell does not know. What is wrong with a wait because of it is told of the wait.
fn bashisms(run: &Run<'_>, drafts: &[Draft<'_>], book: &mut Book, facts: NodeId) {
    let What::Script(script) = &run.what else { return };
    let Some(node) = script.text.node() else { return };
    let is_told = |found: &Bashism| drafts.iter().any(|draft| draft.fault.is_some() && is_within(found, draft));
    for found in foreign(script).filter(|found| !is_told(found)) {
        let span = script.text.span(found.range.clone()).unwrap_or(node.span());
        let item = book.item_at(facts, "bashisms", node, span);
        book.text(item, "container", run.container.name());
        book.text(item, "shell", script.shell.name());
        book.text(item, "construct", found.construct);
        book.text(item, "effect", found.effect);
        book.flag(item, "inLoop", Some(found.in_loop));
        book.remedies(item, found.remedies.into_iter().map(|(range, new)| (script.text.verbatim(range), new)));
    }
}

/// What every shell knows in the place of what only bash does, in a wait that is wrong.
fn remedies(run: &Run<'_>, draft: &Draft<'_>, book: &mut Book, wait: NodeId) {
    let What::Script(script) = &run.what else { return };
    let found = foreign(script).filter(|found| is_within(found, draft));
    let remedies: Vec<_> = found.flat_map(|found| found.remedies).collect();
    book.remedies(wait, remedies.into_iter().map(|(range, new)| (script.text.verbatim(range), new)));
}

fn foreign(script: &Script<'_>) -> impl Iterator<Item = Bashism> {
    bashisms::of(script.text.as_str(), &script.tree.body, script.shell).into_iter()
}

fn is_within(found: &Bashism, draft: &Draft<'_>) -> bool {
    draft.range.as_ref().is_some_and(|whole| whole.start <= found.range.start && found.range.end <= whole.end)
}

/// Why a wait waits or not, in words.
fn reason(draft: &Draft<'_>, seen: &Seen<'_>) -> String {
    use crate::facts::waits::draft::Fault;

    if let Some(reason) = draft.reason {
        return reason.to_owned();
    }
    match (draft.fault, draft.effect) {
        (Some(Fault::NeverWaits), _) => "it ends at the first try, whatever the answer is",
        (Some(Fault::NeverEnds), _) => "its condition fails even if everything is there",
        (Some(Fault::Inverted), _) => "it goes on for as long as what it asks for is there",
        (None, Effect::Unknown) => "what it asks, or what that answers, can't be known",
        (None, _) => match seen.proves {
            Proof::Nothing => "nothing is asked",
            Proof::Name => "it goes on until the name is known to DNS",
            Proof::Port => "it goes on until somebody listens on the port",
            Proof::Protocol => "it goes on until somebody answers",
            Proof::State => "it goes on until what it asks for is there",
        },
    }
    .to_owned()
}
