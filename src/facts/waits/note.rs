//! Waits as facts.

use std::ops::Range;

use crate::facts::book::Book;
use crate::facts::runs::Run;
use crate::facts::runs::Value;
use crate::facts::runs::What;
use crate::facts::scripts::Scripts;
use crate::facts::surroundings::Surroundings;
use crate::facts::waits::bashisms;
use crate::facts::waits::draft::Draft;
use crate::facts::waits::draft::Effect;
use crate::facts::waits::follow::drafts;
use crate::facts::waits::memory::Memory;
use crate::facts::waits::probe::Proof;
use crate::facts::waits::probe::Seen;
use crate::facts::waits::rights;
use crate::facts::waits::rights::ACCOUNT_FOLDER;
use crate::facts::waits::rights::has_token;
use crate::facts::waits::target;
use crate::facts::waits::target::Target;
use crate::model::Pod;
use crate::model::Role;
use crate::render::Resource;
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
    for run in runs {
        let drafts = drafts(run, &around.scripts, memory);
        bashisms(run, &around.scripts, &drafts, book, facts);
        token_reads(around, resource, pod, run, book, facts);
        for draft in drafts {
            for (index, seen) in draft.seen.iter().enumerate() {
                let target = target::of(around, &memory.written, resource, pod, seen.host.as_ref(), seen.port.as_ref());
                let item = note(run, &draft, seen, &target, index == 0, book, facts);
                rights(around, resource, pod, run, seen, book, item);
            }
        }
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
    let item = book.item_at(facts, "waits", node, seen.span.unwrap_or(node.span()));
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
    let Some((kind, _)) = seen.object.as_ref().filter(|_| !seen.is_other) else { return };
    let own = resource.id.namespace.as_deref();
    let is_own = |namespace: &Value| namespace.literal().is_some_and(|text| own == Some(text.as_str()));
    let rights = rights::of(around, resource, pod, run, kind);
    // Another namespace is another matter, but without a token there is none at all.
    let counts = seen.namespace.as_ref().is_none_or(is_own) || rights == Some("no-token");
    book.verdict(item, "rights", rights.filter(|_| counts));
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
fn bashisms(run: &Run<'_>, scripts: &Scripts, drafts: &[Draft<'_>], book: &mut Book, facts: NodeId) {
    let What::Script(script) = &run.what else { return };
    let Some(node) = script.text.node() else { return };
    let tree = scripts.read(script.text.as_str(), script.shell.dialect());
    let is_told = |range: &Range<usize>| {
        let faulty = drafts.iter().filter(|draft| draft.fault.is_some()).filter_map(|draft| draft.range.as_ref());
        faulty.into_iter().any(|whole| whole.start <= range.start && range.end <= whole.end)
    };
    for found in bashisms::of(&tree.body, script.shell).into_iter().filter(|found| !is_told(&found.range)) {
        let span = script.text.span(found.range.clone()).unwrap_or(node.span());
        let item = book.item_at(facts, "bashisms", node, span);
        book.text(item, "container", run.container.name());
        book.text(item, "shell", script.shell.name());
        book.text(item, "construct", found.construct);
        book.text(item, "effect", found.effect);
        book.flag(item, "inLoop", Some(found.in_loop));
    }
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
