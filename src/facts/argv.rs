//! Which word of `command` and `args` is a script that a shell reads.
//!
//! Not a fact by itself. Without `command` the image decides what `args` mean; `args` that start with a
//! shell are taken for a command all the same, because nobody writes them for anything else.

use crate::model::Container;
use crate::yaml::Node;

const SHELLS: [&str; 7] = ["sh", "bash", "ash", "dash", "ksh", "zsh", "mksh"];

/// The script of a container; none if it has none there.
pub(super) fn script_of(container: Container<'_>) -> Option<Node<'_>> {
    let words: Vec<Node<'_>> = container.list("command").chain(container.list("args")).collect();
    script(&words[wrapper(&words)..])
}

/// The last part of a path.
fn base_name(path: &str) -> &str {
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

/// The text that `sh -c` and its like are given.
fn script<'a>(words: &[Node<'a>]) -> Option<Node<'a>> {
    let (shell, mut rest) = words.split_first()?;
    if !SHELLS.contains(&base_name(shell.text())) {
        return None;
    }
    let mut reads_text = false;
    while let [option, others @ ..] = rest {
        rest = others;
        let Some(flags) = option.text().strip_prefix(['-', '+']).filter(|flags| !flags.is_empty()) else {
            return reads_text.then_some(*option);
        };
        if flags == "-" {
            return rest.first().filter(|_| reads_text).copied();
        }
        if flags.starts_with('-') {
            continue;
        }
        reads_text |= flags.contains('c');
        // `-o NAME` takes the next word.
        if let ([_, others @ ..], true) = (rest, flags.ends_with('o')) {
            rest = others;
        }
    }
    None
}
