//! Which names of fields there are below some nodes, so that a query for others need not be walked.
//!
//! A name may seem to be there that is not, never the other way round. Nothing is said about where a name stands.

use crate::jsonpath::Query;
use crate::jsonpath::ast::Logical;
use crate::jsonpath::ast::Path;
use crate::jsonpath::ast::Segment;
use crate::jsonpath::ast::Selector;
use crate::jsonpath::ast::Start;
use crate::yaml::Kind;
use crate::yaml::Node;

const WORDS: usize = 8;

/// How many nodes are looked at. Below more of them any name may be.
const MAX_NODES: usize = 10_000;

/// The names of all fields below some nodes: a bit for each hash of one.
#[derive(Clone, Debug, Default)]
pub struct FieldNames([u64; WORDS]);

impl FieldNames {
    /// Adds the names of all fields below a node.
    pub fn add_below(&mut self, node: Node<'_>) {
        let mut open = vec![node.children()];
        let mut left = MAX_NODES;
        while let Some(siblings) = open.last_mut() {
            let Some(node) = siblings.next() else {
                open.pop();
                continue;
            };
            left -= 1;
            if left == 0 {
                self.0 = [u64::MAX; WORDS];
                return;
            }
            if let Some(key) = node.key() {
                let (word, bit) = place(key.text());
                self.0[word] |= bit;
            }
            if node.kind() != Kind::Scalar {
                open.push(node.children());
            }
        }
    }

    fn may_have(&self, name: &str) -> bool {
        let (word, bit) = place(name);
        self.0[word] & bit != 0
    }
}

/// The word and the bit in it that stand for a name.
fn place(name: &str) -> (usize, u64) {
    // The last bytes tell names apart that begin alike, so they must not be lost to the shift.
    let hash = name.bytes().fold(0, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let hash = hash ^ hash >> 15;
    ((hash >> 6) as usize % WORDS, 1 << (hash % 64))
}

impl Query {
    /// Whether it may select anything where there are only these names. `$root` has names of its own, of which
    /// nothing is known.
    pub fn may_select(&self, names: &FieldNames, root: &str) -> bool {
        self.root == root || may_go(&self.segments, names)
    }
}

fn may_go(segments: &[Segment], names: &FieldNames) -> bool {
    // The last names are the rarest.
    segments.iter().rev().all(|segment| {
        segment.selectors.iter().any(|selector| match selector {
            Selector::Name(name) => names.may_have(name),
            Selector::Filter(condition) => may_hold(condition, names),
            Selector::Wildcard | Selector::Index(_) | Selector::Slice { .. } => true,
        })
    })
}

/// Whether a condition may hold. Only what asks for a field of the node at hand is told.
fn may_hold(condition: &Logical, names: &FieldNames) -> bool {
    match condition {
        Logical::And(all) => all.iter().all(|condition| may_hold(condition, names)),
        Logical::Or(any) => any.iter().any(|condition| may_hold(condition, names)),
        Logical::Exists(Path { start: Start::Current, segments }) => may_go(segments, names),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::FieldNames;
    use crate::jsonpath::Query;
    use crate::jsonpath::tests::read;
    use crate::jsonpath::tests::root;

    fn may_select(query: &str) -> bool {
        let parsed = read("spec: {containers: [{name: a, ports: [{containerPort: 1}]}]}");
        let mut names = FieldNames::default();
        names.add_below(root(&parsed));
        Query::parse(query, &["", "param"]).expect("a query").may_select(&names, "param")
    }

    #[test]
    fn a_query_for_what_is_nowhere_selects_nothing() {
        for query in [
            "$.spec.initContainers[*].name",
            "$.spec.containers[*]..exec",
            "$.spec.containers[?@.restartPolicy].name",
            "$.spec.containers[?@.name && @.restartPolicy]",
            "$.spec['initContainers', 'volumes'][*]",
        ] {
            assert!(!may_select(query), "{query}");
        }
    }

    #[test]
    fn a_query_for_what_is_somewhere_may_select_it() {
        for query in [
            "$.spec.containers[*].name",
            "$..containerPort",
            "$.spec['initContainers', 'containers'][*]",
            "$.spec.containers[?@.name || @.restartPolicy]",
            "$.spec.containers[?!@.restartPolicy]",
            "$.spec.containers[?@.name == 'a' && @.restartPolicy != 'Always']",
            "$.spec.containers[?$.nowhere]",
        ] {
            assert!(may_select(query), "{query}");
        }
    }

    #[test]
    fn nothing_is_said_of_a_root_with_names_of_its_own() {
        assert!(may_select("$param.nowhere"));
    }
}
