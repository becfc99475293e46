//! Variables of shell scripts that Flux takes for its own.
//!
//! With `postBuild` a Kustomization replaces each `${NAME}` in what it deploys: by its own value, by the default behind
//! `:-`, or else by nothing. `$NAME` is left alone, and `$${NAME}` becomes `${NAME}`. What it does to values of the
//! manifest is meant; a variable that the script itself sets, or that the container is given, is none of its affair.
//! Fact of a pod: `filledIn`, each with `container`, `variable`, `set` (`script`, `env`), `defined` (`no`, or unknown),
//! and `by`.

use std::ops::Range;

use crate::facts::book::Book;
use crate::facts::flux::Filling;
use crate::facts::flux::KUSTOMIZATION;
use crate::facts::flux::deploying;
use crate::facts::flux::place;
use crate::facts::runs::Run;
use crate::facts::runs::What;
use crate::facts::surroundings::Surroundings;
use crate::render::Resource;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::span_within;

const SWITCH: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// How much of one script is looked at.
const MAX_TEXT: usize = 1 << 18;

pub(in crate::facts) fn infer(
    around: &Surroundings<'_>,
    resource: &Resource,
    runs: &[Run<'_>],
    book: &mut Book,
    facts: NodeId,
) {
    if around.elsewhere.layers.all.is_empty() {
        return;
    }
    for run in runs {
        let What::Script(script) = &run.what else { continue };
        let Some(node) = script.text.node().filter(|node| node.kind() == Kind::Scalar) else { continue };
        let text = node.text();
        if text.len() > MAX_TEXT || !text.contains("${") || is_switched_off(node) {
            continue;
        }
        let layers = deploying(around, KUSTOMIZATION, &place(around.target, resource));
        let fillings: Vec<&Filling> = layers.iter().filter_map(|layer| layer.filling.as_ref()).collect();
        let Some(layer) = layers.first().filter(|_| fillings.len() == layers.len()) else { return };
        let mut told: Vec<&str> = Vec::new();
        for (name, operator, range) in braced(text) {
            let Some(set) = set(run, text, name, operator) else { continue };
            let is_meant = fillings.iter().any(|filling| filling.variables.iter().any(|own| own == name));
            if told.contains(&name) || (set == "env" && is_meant) {
                continue;
            }
            told.push(name);
            let item = book.item_at(facts, "filledIn", node, span_within(node, range));
            book.text(item, "container", run.container.name());
            book.text(item, "variable", name);
            book.text(item, "set", set);
            let is_open = is_meant || fillings.iter().any(|filling| filling.takes_more);
            book.verdict(item, "defined", (!is_open).then_some("no"));
            book.text(item, "by", &layer.name);
        }
    }
}

/// Whether the object that a text is part of is left as it is.
fn is_switched_off(node: Node<'_>) -> bool {
    let Some(root) = std::iter::successors(Some(node), |node| node.parent()).last() else { return false };
    let says = |field: &str| root.at_path(&["metadata", field]).and_then(|map| map.get(SWITCH));
    ["annotations", "labels"].into_iter().filter_map(says).any(|value| value.is_text("disabled") || value.is_unknown())
}

/// Each `${NAME}` of a text that is not escaped: the name, what follows it, and the bytes up to the end of the name.
fn braced(text: &str) -> impl Iterator<Item = (&str, &str, Range<usize>)> {
    text.match_indices("${").filter_map(move |(at, _)| {
        let dollars = text[..at].bytes().rev().take_while(|byte| *byte == b'$').count();
        let rest = &text[at + 2..];
        let end = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let name = &rest[..end];
        let is_name = name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_');
        (is_name && dollars % 2 == 0).then(|| (name, &rest[end..], at..at + 2 + end))
    })
}

/// Who sets a variable of a script: `script`, `env`; none if nobody does, or if it makes no difference.
fn set(run: &Run<'_>, text: &str, name: &str, operator: &str) -> Option<&'static str> {
    let given = run.environment.variables().find(|(own, _)| *own == name).map(|(_, variable)| variable);
    // `X="${X:-1}"` is the same with what Flux makes of it, unless somebody gives the script an `X`.
    let has_default = operator.starts_with([':', '-', '=']) && !operator.starts_with(":?");
    if assigns(text, name) && (!has_default || given.is_some()) {
        return Some("script");
    }
    let given = given?;
    let is_filled = given.text.node().is_some_and(|value| value.text().contains("${"));
    (!is_filled).then_some("env")
}

/// Whether a script gives a variable a value: `NAME=`, `for NAME`, `read NAME` and the like.
fn assigns(text: &str, name: &str) -> bool {
    const READERS: [&str; 5] = ["for", "read", "getopts", "mapfile", "readarray"];
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.match_indices(name).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + name.len()..]);
        let is_alone = !before.bytes().next_back().is_some_and(|byte| is_word(byte) || b"${-.".contains(&byte));
        if !is_alone || behind.bytes().next().is_some_and(is_word) {
            return false;
        }
        let line = before.rsplit(['\n', ';', '|', '&', '(']).next().unwrap_or_default();
        let first = line.split_whitespace().find(|word| !matches!(*word, "while" | "until" | "do" | "if" | "then"));
        let is_set = behind.starts_with('=') || behind.starts_with("+=");
        let is_start = line.trim().is_empty()
            || line
                .split_whitespace()
                .all(|word| word.chars().all(|char| char.is_ascii_alphabetic() || char == '-') || word.contains('='));
        let is_read = first.is_some_and(|first| READERS.contains(&first.rsplit('=').next().unwrap_or_default()));
        (is_set && !behind.starts_with("==") && is_start) || is_read
    })
}
