//! Keys that stand twice in one mapping. Which of them counts is up to the reader.

use std::collections::HashMap;

use crate::yaml::Kind;
use crate::yaml::Node;

/// Below this many fields, comparing each with each is quicker than hashing.
const FEW: usize = 12;

/// The fields below `root` that another field of the same mapping repeats: the value of the earlier
/// field and the value of the later one, for each repetition.
pub fn duplicate_keys(root: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    let mut found = Vec::new();
    for mapping in root.descendants().filter(|node| node.kind() == Kind::Mapping) {
        in_mapping(mapping, &mut found);
    }
    found
}

fn in_mapping<'a>(mapping: Node<'a>, found: &mut Vec<(Node<'a>, Node<'a>)>) {
    if mapping.children().nth(FEW).is_none() {
        for (index, (key, value)) in mapping.fields().enumerate() {
            let text = key.text();
            if let Some((_, earlier)) = mapping.fields().take(index).find(|(earlier, _)| earlier.text() == text) {
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
