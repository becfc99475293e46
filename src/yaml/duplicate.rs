//! Keys that stand twice in one mapping. Which of them counts is up to the reader.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// Below this many fields, comparing each with each is quicker than hashing.
const FEW: usize = 12;

/// With this factor, the usual fields of the usual objects do not look alike.
const APART: u8 = 55;

/// The fields below `root` that another field of the same mapping repeats: the value of the earlier
/// field and the value of the later one, for each repetition.
pub fn duplicate_keys(root: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    let mut found = Vec::new();
    for mapping in root.descendants().filter(|node| node.kind() == Kind::Mapping) {
        in_mapping(mapping, &mut found);
    }
    found
}

/// Leaves of every field below `root` that stands more than once in its mapping only the last one.
pub fn keep_last_of_duplicates(tree: &mut Tree, root: NodeId) {
    let mut repeated: Vec<NodeId> = Vec::new();
    for (earlier, _) in duplicate_keys(tree.node(root)) {
        repeated.extend(earlier.parent().map(Node::id));
    }
    repeated.dedup();
    for mapping in repeated {
        let mut seen = HashSet::new();
        let fields: Vec<_> = tree.node(mapping).fields().collect();
        let kept = fields.into_iter().rev().filter(|(key, _)| seen.insert(key.text())).map(|(_, value)| value.id());
        let mut kept: Vec<NodeId> = kept.collect();
        kept.reverse();
        tree.set_fields(mapping, &kept);
    }
}

/// The keys of one mapping as they look from afar. Most mappings are seen to repeat none in one pass, which is
/// worth it because every object is looked at several times.
#[derive(Default)]
pub(super) struct Seen(u64);

impl Seen {
    /// Whether the next key looks like one before it.
    pub(super) fn may_repeat(&mut self, key: &str) -> bool {
        let text = key.as_bytes();
        let ends =
            text.first().zip(text.last()).map_or(0, |(first, last)| first.wrapping_mul(APART).wrapping_add(*last));
        let bit = 1 << ((text.len() + usize::from(ends)) % 64);
        let is_known = self.0 & bit != 0;
        self.0 |= bit;
        is_known
    }
}

/// Whether a key of a mapping stands in it twice.
pub(super) fn repeats_a_key(mapping: Node<'_>) -> bool {
    let mut found = Vec::new();
    in_mapping(mapping, &mut found);
    !found.is_empty()
}

fn in_mapping<'a>(mapping: Node<'a>, found: &mut Vec<(Node<'a>, Node<'a>)>) {
    let mut seen = Seen::default();
    if !mapping.fields().any(|(key, _)| seen.may_repeat(key.text())) {
        return;
    }
    if mapping.children().nth(FEW).is_none() {
        for (index, (key, value)) in mapping.fields().enumerate() {
            let text = key.text();
            if let Some((_, earlier)) = mapping.fields().take(index).find(|(earlier, _)| earlier.is_text(text)) {
                found.push((earlier, value));
            }
        }
        return;
    }
    let mut seen: HashMap<&str, Node<'a>> = HashMap::new();
    for (key, value) in mapping.fields() {
        match seen.get(key.text()) {
            Some(&earlier) => found.push((earlier, value)),
            None => {
                seen.insert(key.text(), value);
            }
        }
    }
}
