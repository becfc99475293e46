//! The children of a node as a reader sees them for whom the last of duplicate keys counts.
//!
//! That is how `Node::get` picks; wildcards, filters and descendants must not show a value that
//! naming its key would not give.

use std::collections::HashSet;

use crate::yaml::Kind;
use crate::yaml::Node;

/// The items of a sequence, or the values of a mapping that no later field of the same name hides.
pub(super) fn children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut hidden = hidden(node).into_iter().peekable();
    node.children().filter(move |child| hidden.next_if_eq(child).is_none())
}

/// The values of a mapping that a later field hides, in the order written.
fn hidden(node: Node<'_>) -> Vec<Node<'_>> {
    if node.kind() != Kind::Mapping || all_differ_at_a_glance(node) {
        return Vec::new();
    }
    let fields: Vec<_> = node.fields().collect();
    let mut seen = HashSet::with_capacity(fields.len());
    let mut hidden: Vec<_> =
        fields.into_iter().rev().filter(|(key, _)| !seen.insert(key.text())).map(|(_, value)| value).collect();
    hidden.reverse();
    hidden
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
