//! The waits of what a container runs.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::facts::runs::Run;
use crate::facts::runs::Script;
use crate::facts::runs::Shell;
use crate::facts::runs::Text;
use crate::facts::runs::Value;
use crate::facts::runs::What;
use crate::facts::scripts::Scripts;
use crate::facts::waits::asked::Asked;
use crate::facts::waits::draft::Draft;
use crate::facts::waits::draft::Effect;
use crate::facts::waits::draft::Fault;
use crate::facts::waits::duration::duration;
use crate::facts::waits::late::Late;
use crate::facts::waits::limits::Limit;
use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::World;
use crate::facts::waits::memory::Given;
use crate::facts::waits::memory::Memory;
use crate::facts::waits::place::Place;
use crate::facts::waits::probe::Known;
use crate::facts::waits::probe::Seen;
use crate::facts::waits::tools;
use crate::model::Role;

/// The shortest sleep that somebody may take for a wait.
const MIN_NAP: u64 = 5;

/// The longest. Whoever sleeps for longer keeps something running.
const MAX_NAP: u64 = 3_600;

/// What stands for a time that nobody knows.
const UNKNOWN_LIMIT: u64 = 60;

/// The waits of a container.
pub(super) fn drafts<'a>(run: &Run<'a>, scripts: &Scripts, memory: &mut Memory<'a>) -> Vec<Draft<'a>> {
    let made = tools::drafts(run);
    if !made.is_empty() {
        return made;
    }
    match &run.what {
        What::Script(script) => {
            let given = Given::of(run, script, limit_of(run, script.invocation.timeout));
            memory.recall(run, &script.text, &given).unwrap_or_else(|| {
                let (drafts, asked) = Following { run, scripts, script }.all();
                memory.keep(&script.text, given, asked, &drafts);
                drafts
            })
        }
        What::Program(_) => of_program(run, scripts),
        What::Unknown => Vec::new(),
    }
}

/// A script that is followed in its container.
struct Following<'r, 'a> {
    run: &'r Run<'a>,
    scripts: &'r Scripts,
    script: &'r Script<'a>,
}

impl<'a> Following<'_, 'a> {
    /// What the script waits for, and what that rests on.
    fn all(&self) -> (Vec<Draft<'a>>, Asked) {
        if self.script.shell != Shell::Unknown {
            let found = self.by(self.script.shell);
            return (found.drafts, found.asked);
        }
        let first = self.by(Shell::Ash);
        // What every shell reads the same way, and where none is asked for, comes to the same.
        let others = [Shell::Dash, Shell::Bash];
        if !first.asks_shell && others.iter().all(|shell| self.tree(*shell) == first.tree) {
            return (first.drafts, first.asked);
        }
        let (mut drafts, mut asked) = (first.drafts, first.asked);
        for other in others.map(|shell| self.by(shell)) {
            both(&mut drafts, other.drafts);
            asked.extend(other.asked);
        }
        (drafts, asked)
    }

    fn tree(&self, shell: Shell) -> Rc<crate::shell::Script> {
        self.scripts.read(self.script.text.as_str(), shell.dialect())
    }

    /// What one shell makes of it.
    fn by(&self, shell: Shell) -> Found<'a> {
        let (run, script) = (self.run, self.script);
        let tree = self.tree(shell);
        let arguments: Vec<Value> = script.arguments.iter().map(Text::value).collect();
        let limit = limit_of(run, script.invocation.timeout);
        let follow = |world: World| {
            let mut machine = Machine::new(run, self.scripts, shell, script.text.clone());
            // A time that nobody knows is over some time.
            machine.deadline = limit.map(|limit| limit.seconds().unwrap_or(UNKNOWN_LIMIT));
            machine.drafts_loops = matches!(world, World::Up);
            machine.world = world;
            let flow = machine.main(&tree, arguments.clone(), script.flags);
            (machine, flow)
        };
        let (machine, _) = follow(World::Up);
        let naps = machine.naps;
        let (mut drafts, mut asked, mut asks_shell) = (machine.drafts, machine.asked, machine.asks_shell);
        if drafts.is_empty() && tree.body.items.len() == 1 {
            drafts.extend(once(run, machine.seen));
        }
        for draft in &mut drafts {
            settle(draft, limit, |keys| {
                let (machine, flow) = follow(World::Without(keys));
                asked.extend(machine.asked);
                asks_shell |= machine.asks_shell;
                match flow {
                    Flow::Next | Flow::Exit | Flow::Return => machine.state.status.holds().map(|holds| !holds),
                    Flow::Stuck | Flow::TimedOut => Some(true),
                    _ => None,
                }
            });
        }
        if drafts.len() > 1 {
            let mut machine = Machine::new(run, self.scripts, shell, script.text.clone());
            machine.late = Some(Late::of(&drafts));
            machine.main(&tree, arguments.clone(), script.flags);
            asked.extend(machine.asked);
            asks_shell |= machine.asks_shell;
            machine.late.iter().for_each(|late| late.tell(&mut drafts));
        }
        if drafts.is_empty() && run.container.role == Role::Init && (MIN_NAP..=MAX_NAP).contains(&naps) {
            drafts.extend(nap(run, &script.text, naps));
        }
        Found { drafts, asked, asks_shell, tree }
    }
}

/// What following a script as one shell came to.
struct Found<'a> {
    drafts: Vec<Draft<'a>>,
    asked: Asked,
    /// Whether it made a difference which shell it is.
    asks_shell: bool,
    tree: Rc<crate::shell::Script>,
}

/// What two shells make of a script: only what both do is certain.
fn both<'a>(drafts: &mut Vec<Draft<'a>>, others: Vec<Draft<'a>>) {
    let is_it = |one: &Draft<'_>, other: &Draft<'_>| one.seen[0].range == other.seen[0].range;
    for draft in drafts.iter_mut() {
        if !others.iter().any(|other| is_it(draft, other)) {
            (draft.effect, draft.fault) = (Effect::Unknown, None);
        }
    }
    for other in others {
        match drafts.iter_mut().find(|draft| is_it(draft, &other)) {
            None => drafts.push(Draft { effect: Effect::Unknown, fault: None, ..other }),
            Some(own) => agree(own, &other),
        }
    }
}

/// Takes back what another shell does otherwise.
fn agree(own: &mut Draft<'_>, other: &Draft<'_>) {
    if own.effect != other.effect || own.fault != other.fault {
        (own.effect, own.fault) = (Effect::Unknown, None);
    }
    if own.bounded != other.bounded {
        own.bounded = None;
    }
    if own.seconds != other.seconds {
        own.seconds = None;
    }
    if own.fails != other.fails {
        own.fails = None;
    }
    own.shared = own.shared.min(other.shared);
}

/// Finds out how a script ends if what it waits for never comes, and what follows from that.
fn settle(draft: &mut Draft<'_>, limit: Option<Limit>, fails: impl FnOnce(BTreeSet<String>) -> Option<bool>) {
    if draft.bounded == Some(false) {
        return;
    }
    if limit == Some(Limit::Never) {
        draft.seconds = None;
    }
    if draft.fails.is_none() {
        draft.fails = fails(draft.seen.iter().map(|seen| seen.key.2.clone()).collect());
    }
    if draft.fault == Some(Fault::NeverWaits) {
        match draft.fails {
            // The container fails and is started again, which is a way to wait as well.
            Some(true) => (draft.effect, draft.fault) = (Effect::Yes, None),
            Some(false) => {}
            None => (draft.effect, draft.fault) = (Effect::Unknown, None),
        }
        if draft.fault.is_none() {
            draft.reason = None;
        }
    }
}

/// The time that `timeout` gives to the whole; never within if it is not known.
fn limit_of(run: &Run<'_>, timeout: Option<usize>) -> Option<Limit> {
    let word = run.argv.as_ref()?.get(timeout?)?;
    let seconds = word.literal().and_then(duration);
    Some(seconds.map_or(Limit::Never, Limit::Seconds))
}

/// A program that is run without a shell.
fn of_program<'a>(run: &Run<'a>, scripts: &Scripts) -> Vec<Draft<'a>> {
    let Some((first, rest)) = run.argv.as_deref().and_then(<[Text<'a>]>::split_first) else { return Vec::new() };
    let words: Vec<Value> = [first].into_iter().chain(rest).map(Text::value).collect();
    // Programs of the image are named by no word of the manifest; then the last word says more.
    let about = run.argv.iter().flatten().find(|text| text.node().is_some());
    let Some(about) = about else { return Vec::new() };
    let mut machine = Machine::new(run, scripts, Shell::Ash, about.clone());
    let range = 0..about.as_str().len();
    machine.run_words(&words, None, &range);
    let mut drafts = machine.drafts;
    if drafts.is_empty() {
        drafts.extend(once(run, machine.seen));
    }
    if drafts.is_empty() && run.container.role == Role::Init && (MIN_NAP..=MAX_NAP).contains(&machine.naps) {
        drafts.extend(nap(run, about, machine.naps));
    }
    drafts
}

/// Asked once: it fails if nobody is there, and the container is started again until it does not. What also fetches
/// something is no question.
fn once<'a>(run: &Run<'a>, seen: Vec<Seen<'a>>) -> Option<Draft<'a>> {
    let asked: Vec<Seen<'a>> = seen.into_iter().filter(|seen| !seen.taken).collect();
    let [one] = &asked[..] else { return None };
    let fetches = ["curl", "wget", "psql", "mysql", "mc", "kubectl get", "kubectl apply", "oc apply", "oc get"];
    if one.known != Known::Program || run.container.role != Role::Init || fetches.contains(&one.method.as_str()) {
        return None;
    }
    Some(Draft {
        effect: if one.trap.is_some() { Effect::Unknown } else { Effect::Yes },
        seen: asked,
        bounded: Some(true),
        seconds: None,
        fault: None,
        reason: None,
        rests_on_output: false,
        range: None,
        fails: Some(true),
        is_busy: false,
        unlimited: false,
        shared: 0,
    })
}

/// Sleeping for some time, which proves nothing.
fn nap<'a>(run: &Run<'a>, text: &Text<'a>, seconds: u64) -> Option<Draft<'a>> {
    let script = text.as_str();
    let at = script.find("sleep")?;
    let end = script[at..].find(['\n', ';', '&', '|', '#']).map_or(script.len(), |end| at + end);
    let range = at..at + script[at..end].trim_end().len();
    let node = text.node().or(Some(run.container.node))?;
    let place = Place { text: Rc::new(text.clone()), number: 0, offset: Some(0), whole: 0..script.len() };
    let new = Seen::new(&place, range, (0, at, "sleep".to_owned()), "sleep".to_owned());
    let seen = Seen { node: Some(node), taken: true, ..new };
    Some(Draft {
        seen: vec![seen],
        bounded: Some(true),
        seconds: Some(seconds),
        effect: Effect::No,
        fault: None,
        reason: Some("a pause takes as long whether or not anybody is there"),
        rests_on_output: false,
        range: None,
        fails: Some(false),
        is_busy: false,
        unlimited: false,
        shared: 0,
    })
}
