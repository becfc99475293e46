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
                let Place(place) = Place::of(key.text());
                self.0[usize::from(place) / 64] |= 1 << (place % 64);
            }
            if node.kind() != Kind::Scalar {
                open.push(node.children());
            }
        }
    }

    fn may_have(&self, Place(place): Place) -> bool {
        self.0[usize::from(place) / 64] & 1 << (place % 64) != 0
    }
}

/// The bit that stands for a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(u16);

impl Place {
    fn of(name: &str) -> Self {
        let hash = name.bytes().fold(0, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        // The last bytes tell names apart that begin alike, so they must not only be in the upper bits.
        let hash = (hash ^ hash >> 15) as usize % (64 * WORDS);
        Self(u16::try_from(hash).expect("there are few bits"))
    }
}

impl Query {
    /// Whether it may select anything where there are only these names. `$root` has names of its own, of which
    /// nothing is known.
    pub fn may_select(&self, names: &FieldNames, root: &str) -> bool {
        let needed = self.needed.get_or_init(|| needed(&self.segments));
        self.root == root || needed.iter().all(|any| any.iter().any(|&place| names.may_have(place)))
    }
}

/// The names that segments need: of each list one has to be there. The last ones, which are the rarest, come first.
fn needed(segments: &[Segment]) -> Vec<Vec<Place>> {
    let mut all = Vec::new();
    for segment in segments.iter().rev() {
        let name = |selector: &Selector| match selector {
            Selector::Name(name) => Some(Place::of(name)),
            _ => None,
        };
        match (segment.selectors.iter().map(name).collect(), &segment.selectors[..]) {
            (Some(any), _) => all.push(any),
            (None, [Selector::Filter(condition)]) => needed_by(condition, &mut all),
            (None, _) => {}
        }
    }
    all
}

/// The names without which a condition can't hold, as far as it asks for fields of the node at hand.
fn needed_by(condition: &Logical, all: &mut Vec<Vec<Place>>) {
    match condition {
        Logical::And(conditions) => conditions.iter().for_each(|condition| needed_by(condition, all)),
        Logical::Exists(Path { start: Start::Current, segments }) => all.extend(needed(segments)),
        _ => {}
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
