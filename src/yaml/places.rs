//! The sources that the nodes of one tree were written in, by a number that is small enough for a node.

use std::collections::HashMap;

use crate::source::SourceId;

/// The number of those sources that have none of their own.
const FAR: u16 = u16::MAX;

/// Numbers for the sources of a tree. Nearly all trees have few; beyond what numbers there are, the tree
/// remembers the source of each single node.
#[derive(Clone, Default, Debug)]
pub(super) struct Places {
    sources: Vec<SourceId>,
    numbers: HashMap<SourceId, u16>,
    newest: Option<(SourceId, u16)>,
    far: HashMap<u32, SourceId>,
}

impl Places {
    /// The number for the node `node`, which was written in `source`.
    pub(super) fn number(&mut self, node: u32, source: SourceId) -> u16 {
        if let Some((_, number)) = self.newest.filter(|&(newest, _)| newest == source) {
            return number;
        }
        let next = u16::try_from(self.sources.len()).unwrap_or(FAR);
        let number = if next < FAR {
            *self.numbers.entry(source).or_insert(next)
        } else {
            self.numbers.get(&source).copied().unwrap_or(FAR)
        };
        if number == FAR {
            self.far.insert(node, source);
            return FAR;
        }
        if number == next {
            self.sources.push(source);
        }
        self.newest = Some((source, number));
        number
    }

    /// The source of the node `node`, which has this number.
    pub(super) fn source(&self, node: u32, number: u16) -> SourceId {
        match self.sources.get(usize::from(number)) {
            Some(&source) => source,
            None => self.far[&node],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;
    use crate::source::Sources;

    #[test]
    fn there_may_be_more_sources_than_numbers() {
        let sources = Sources::in_memory();
        let mut places = Places::default();
        let ids: Vec<_> = (0..70_000).map(|_| sources.add("a.yaml", "")).collect();
        let nodes = ids.iter().chain(&ids).zip(0..);
        let numbers: Vec<u16> = nodes.clone().map(|(&source, node)| places.number(node, source)).collect();
        assert!(nodes.zip(numbers).all(|((&source, node), number)| places.source(node, number) == source));
    }
}
