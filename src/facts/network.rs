//! What init containers change in the network of their pod that they can't change again: rules of iptables, links,
//! addresses and routes.
//!
//! A network namespace lives as long as the sandbox of its pod, or as the node with `hostNetwork`, so a container that
//! runs again finds what it has made before: `iptables -N` and `ip … add` fail, `iptables -A` and `-I` add a second
//! rule (observed). Fact of a pod: `networkWrites`.

use std::ops::Range;

use crate::facts::book::Book;
use crate::facts::runs::Run;
use crate::facts::runs::Script;
use crate::facts::runs::What;
use crate::facts::runs::base_name;
use crate::model::Pod;
use crate::model::Role;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::Item;
use crate::shell::Join;
use crate::shell::List;
use crate::shell::Pipeline;
use crate::shell::read;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;

/// How deep commands within commands are followed.
const MAX_DEPTH: usize = 32;

pub(super) fn infer(pod: Pod<'_>, runs: &[Run<'_>], book: &mut Book, facts: NodeId) {
    let is_of_node = pod.spec.get("hostNetwork").and_then(Node::scalar) == Some(Scalar::Bool(true));
    for run in runs.iter().filter(|run| run.container.role == Role::Init) {
        for (command, second, span) in changes(run) {
            let item = book.item_at(facts, "networkWrites", run.container.node, span);
            book.text(item, "container", run.container.name());
            book.text(item, "command", &command);
            book.text(item, "kept", if is_of_node { "longer" } else { "pod" });
            book.text(item, "secondRun", second.name());
        }
    }
}

/// What a command does that was run before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Second {
    Fails,
    Drifts,
}

impl Second {
    fn name(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Drifts => "drifts",
        }
    }
}

/// The commands that can't be repeated: what they are called, what a second run does, and where they are.
fn changes(run: &Run<'_>) -> Vec<(String, Second, Span)> {
    match &run.what {
        What::Script(script) => of_script(run, script),
        What::Program(invocation) => {
            let argv = run.argv.as_deref().unwrap_or_default();
            let words: Vec<_> = argv.iter().skip(invocation.program).map(|word| word.literal().unwrap_or("")).collect();
            let found = change(&words).zip(argv.get(invocation.program));
            let told = found.map(|((name, second), word)| {
                (name, second, word.span(0..word.as_str().len()).unwrap_or(run.container.node.span()))
            });
            told.into_iter().collect()
        }
        What::Unknown => Vec::new(),
    }
}

fn of_script(run: &Run<'_>, script: &Script<'_>) -> Vec<(String, Second, Span)> {
    let text = script.text.as_str();
    // Reading is dear, and hardly any script has these.
    if !text.contains("iptables") && !text.contains("ip6tables") && !text.contains("ip ") {
        return Vec::new();
    }
    let tree = read(text, script.shell.dialect());
    let mut walk = Walk { found: Vec::new(), stops: script.flags.errexit, is_cleared: false };
    walk.list(&tree.body, true, 0);
    if walk.is_cleared {
        return Vec::new();
    }
    let span = |range: Range<usize>| script.text.span(range).unwrap_or(run.container.node.span());
    walk.found.into_iter().map(|(name, second, range)| (name, second, span(range))).collect()
}

/// A walk over the commands of a script that run whatever others say.
struct Walk {
    found: Vec<(String, Second, Range<usize>)>,
    /// Whether a command that fails ends the script.
    stops: bool,
    /// Whether the script takes away, or asks for, what was there before.
    is_cleared: bool,
}

impl Walk {
    /// `is_last` says that the status of the last command is that of the script.
    fn list(&mut self, list: &List, is_last: bool, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let count = list.items.len();
        for (at, item) in list.items.iter().enumerate() {
            self.item(item, is_last && at + 1 == count, depth);
        }
    }

    fn item(&mut self, item: &Item, is_last: bool, depth: usize) {
        // What stands before `||` may fail, and what stands behind it is only run if that has.
        let has_or = item.rest.iter().any(|(join, _)| *join == Join::Or);
        let pipelines = std::iter::once(&item.first).chain(item.rest.iter().map(|(_, pipeline)| pipeline));
        for (at, pipeline) in pipelines.enumerate() {
            let is_followed = item.rest.get(at).is_some_and(|(join, _)| *join == Join::And);
            let fails = (self.stops || is_last || is_followed) && !has_or;
            self.pipeline(pipeline, has_or, fails, is_last, depth);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, is_guarded: bool, fails: bool, is_last: bool, depth: usize) {
        for command in &pipeline.commands {
            match &command.kind {
                CommandKind::Simple { .. } => self.simple(command, is_guarded, fails),
                CommandKind::Group(list) | CommandKind::Subshell(list) => self.list(list, is_last, depth + 1),
                // Rules are made under conditions that look for them, and for each of a list.
                CommandKind::For { body, .. } => self.list(body, false, depth + 1),
                _ => {}
            }
        }
    }

    fn simple(&mut self, command: &Command, is_guarded: bool, fails: bool) {
        let CommandKind::Simple { words, .. } = &command.kind else { return };
        let words: Vec<String> = words.iter().map(|word| word.literal().unwrap_or_default()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (program, rest) = words.split_first().map_or(("", &[][..]), |(first, rest)| (base_name(first), rest));
        if program == "set" && rest.iter().any(|word| word.starts_with('-') && word.contains('e')) {
            self.stops = true;
        }
        self.is_cleared |= clears(program, rest);
        let Some((name, second)) = change(&words) else { return };
        let is_told = match second {
            Second::Fails => fails,
            Second::Drifts => !is_guarded,
        };
        if is_told {
            self.found.push((name, second, command.range.clone()));
        }
    }
}

fn is_iptables(program: &str) -> bool {
    let family = program.strip_prefix("iptables").or_else(|| program.strip_prefix("ip6tables"));
    family.is_some_and(|rest| matches!(rest, "" | "-legacy" | "-nft"))
}

/// Whether a command makes room for what comes, or looks for it.
fn clears(program: &str, words: &[&str]) -> bool {
    let has = |options: &[&str]| words.iter().any(|word| options.contains(word));
    match program {
        "iptables-restore" | "ip6tables-restore" | "iptables-save" => true,
        "ip" => has(&["del", "delete", "flush"]),
        _ => is_iptables(program) && has(&["-F", "--flush", "-X", "-C", "--check", "-D", "--delete", "-S", "-L"]),
    }
}

/// What a command is called that can't be repeated, and what a second run does.
fn change(words: &[&str]) -> Option<(String, Second)> {
    let (program, rest) = words.split_first()?;
    let program = base_name(program);
    if is_iptables(program) {
        let action =
            rest.iter().find(|word| matches!(**word, "-N" | "--new-chain" | "-A" | "--append" | "-I" | "--insert"))?;
        let second = if matches!(*action, "-N" | "--new-chain") { Second::Fails } else { Second::Drifts };
        return Some((format!("{program} {action}"), second));
    }
    if program != "ip" {
        return None;
    }
    let mut operands = rest.iter().filter(|word| !word.starts_with('-'));
    let (object, verb) = (operands.next()?, operands.next()?);
    let is_known = ["link", "l", "addr", "address", "a", "route", "r", "ro", "tunnel", "rule"].contains(object);
    (is_known && *verb == "add").then(|| (format!("ip {object} add"), Second::Fails))
}
