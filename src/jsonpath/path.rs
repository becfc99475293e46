//! Where a node is, as text: the normalized path of RFC 9535 §2.7, and a shorter one for people.

use std::fmt::Write as _;

use crate::jsonpath::cursor::is_name_part;
use crate::jsonpath::cursor::is_name_start;
use crate::yaml::Node;

/// One way from a collection into it.
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

/// The normalized path from `top` to `node`: `$['spec']['containers'][0]`. The path of a key is
/// that of its field.
pub fn path_of(node: Node<'_>, top: Node<'_>) -> String {
    let mut path = String::from("$");
    for step in steps(node, top) {
        push_bracketed(&mut path, &step);
    }
    path
}

/// The way from `top` to `node` as people write it, `spec.containers[0].image`, with quotes around
/// the names that need them: `metadata.labels['app.kubernetes.io/name']`. Empty for `top` itself.
pub fn display_path(node: Node<'_>, top: Node<'_>) -> String {
    let mut path = String::new();
    for step in steps(node, top) {
        match step {
            Step::Name(name) if name.starts_with(is_name_start) && name.chars().all(is_name_part) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            _ => push_bracketed(&mut path, &step),
        }
    }
    path
}

fn steps<'a>(node: Node<'a>, top: Node<'a>) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    let mut at = node;
    while at != top
        && let Some(parent) = at.parent()
    {
        steps.push(match at.index() {
            Some(index) => Step::Index(index),
            // A key is part of the mapping too, and has no key of its own.
            None => Step::Name(at.key().unwrap_or(at).text()),
        });
        at = parent;
    }
    steps.reverse();
    steps
}

fn push_bracketed(path: &mut String, step: &Step<'_>) {
    let written = match step {
        Step::Index(index) => write!(path, "[{index}]"),
        Step::Name(name) => {
            path.push_str("['");
            name.chars().for_each(|char| push_escaped(path, char));
            path.write_str("']")
        }
    };
    written.expect("a String takes all that is written to it");
}

fn push_escaped(path: &mut String, char: char) {
    match char {
        '\u{8}' => path.push_str("\\b"),
        '\t' => path.push_str("\\t"),
        '\n' => path.push_str("\\n"),
        '\u{c}' => path.push_str("\\f"),
        '\r' => path.push_str("\\r"),
        '\'' => path.push_str("\\'"),
        '\\' => path.push_str("\\\\"),
        control if control < ' ' => {
            write!(path, "\\u{:04x}", u32::from(control)).expect("a String takes all that is written to it");
        }
        char => path.push(char),
    }
}
