//! What a container runs, as far as `command` and `args` tell: a shell script, or a program with its words.
//!
//! Not a fact by itself. Without `command` the image decides what `args` mean; `args` that start with a
//! shell are taken for a command all the same, because nobody writes them for anything else.

use crate::model::Container;
use crate::yaml::Node;

/// What is run.
pub(super) enum Argv<'a> {
    /// A text for a shell, and whether the shell stops at the first failure (`-e`).
    Script { text: Node<'a>, stops: bool },
    /// A program, its words one node each.
    Words(Vec<Node<'a>>),
}

const SHELLS: [&str; 7] = ["sh", "bash", "ash", "dash", "ksh", "zsh", "mksh"];

/// What a container runs; none if it does not say.
pub(super) fn of(container: Container<'_>) -> Option<Argv<'_>> {
    let has_command = container.list("command").next().is_some();
    let words: Vec<Node<'_>> = container.list("command").chain(container.list("args")).collect();
    let own = &words[wrapper(&words)..];
    match script(own) {
        Some((text, stops)) => Some(Argv::Script { text, stops }),
        None if has_command && !own.is_empty() => Some(Argv::Words(own.to_vec())),
        None => None,
    }
}

/// The last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// How many words at the start only say how the rest is to be run.
fn wrapper(words: &[Node<'_>]) -> usize {
    let word = |index: usize| words.get(index).map_or("", |node: &Node<'_>| node.text());
    let mut at = 0;
    loop {
        match base_name(word(at)) {
            // `timeout [-s SIGNAL] [-k TIME] TIME program …`
            "timeout" => {
                at += 1;
                while word(at).starts_with('-') {
                    at += if matches!(word(at), "-s" | "-k") { 2 } else { 1 };
                }
                at += 1;
            }
            "tini" | "dumb-init" => {
                at += 1;
                while word(at).starts_with('-') {
                    at += 1;
                }
            }
            "busybox" | "exec" | "nohup" => at += 1,
            _ => return at.min(words.len()),
        }
    }
}

/// The text that `sh -c` and its like are given, and whether `-e` is among the options.
fn script<'a>(words: &[Node<'a>]) -> Option<(Node<'a>, bool)> {
    let (shell, mut rest) = words.split_first()?;
    if !SHELLS.contains(&base_name(shell.text())) {
        return None;
    }
    let (mut reads_text, mut stops) = (false, false);
    while let [option, others @ ..] = rest {
        rest = others;
        let Some(flags) = option.text().strip_prefix(['-', '+']).filter(|flags| !flags.is_empty()) else {
            return reads_text.then_some((*option, stops));
        };
        if flags == "-" {
            return rest.first().filter(|_| reads_text).map(|&text| (text, stops));
        }
        if flags.starts_with('-') {
            continue;
        }
        reads_text |= flags.contains('c');
        stops |= flags.contains('e');
        // `-o NAME` takes the next word.
        if let ([name, others @ ..], true) = (rest, flags.ends_with('o')) {
            stops |= name.text() == "errexit";
            rest = others;
        }
    }
    None
}
