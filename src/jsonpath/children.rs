//! The children of a node as a reader sees them for whom the last of duplicate keys counts.
//!
//! That is how `Node::get` picks; wildcards, filters and descendants must not show a value that
//! naming its key would not give.

use std::collections::HashSet;

use crate::jsonpath::work::Stop;
use crate::jsonpath::work::Work;
use crate::yaml::Kind;
use crate::yaml::Node;

/// `Node::get`, with every field that is looked at counted as a step.
pub(super) fn member<'a>(work: &Work, node: Node<'a>, name: &str) -> Result<Option<Node<'a>>, Stop> {
    if node.kind() != Kind::Mapping {
        return Ok(None);
    }
    let mut steps = 1;
    let mut found = None;
    for (key, value) in node.fields() {
        steps += 1;
        if key.text() == name {
            found = Some(value);
        }
    }
    work.spend(steps)?;
    Ok(found)
}

/// The items of a sequence, or the values of a mapping that no later field of the same name hides.
/// To count what is taken from it as steps is up to the caller.
pub(super) fn children<'a>(work: &Work, node: Node<'a>) -> Result<impl Iterator<Item = Node<'a>>, Stop> {
    let mut hidden = hidden(work, node)?.into_iter().peekable();
    Ok(node.children().filter(move |child| hidden.next_if_eq(child).is_none()))
}

/// The values of a mapping that a later field hides, in the order written.
fn hidden<'a>(work: &Work, node: Node<'a>) -> Result<Vec<Node<'a>>, Stop> {
    if node.kind() != Kind::Mapping || all_differ_at_a_glance(node) {
        return Ok(Vec::new());
    }
    let fields: Vec<_> = node.fields().collect();
    work.spend(fields.len())?;
    let mut seen = HashSet::with_capacity(fields.len());
    let mut hidden: Vec<_> =
        fields.into_iter().rev().filter(|(key, _)| !seen.insert(key.text())).map(|(_, value)| value).collect();
    hidden.reverse();
    Ok(hidden)
}

/// Whether a few bits of every key tell them all apart, which is so for most mappings and costs a
/// fraction of comparing the keys.
fn all_differ_at_a_glance(mapping: Node<'_>) -> bool {
    let mut seen = [0_u64; 4];
    mapping.fields().all(|(key, _)| {
        let text = key.text().as_bytes();
        let middle = text.get(text.len() / 2).copied().unwrap_or_default();
        let bits = [text.first().copied().unwrap_or_default(), middle, text.last().copied().unwrap_or_default()];
        let mixed = bits.iter().fold(text.len(), |mixed, &byte| mixed.wrapping_mul(31) + usize::from(byte));
        let word = &mut seen[mixed / 64 % 4];
        let bit = 1_u64 << (mixed % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    })
}
