//! The sources that the nodes of one tree were written in, by a number that is small enough for a node.

use std::collections::HashMap;
use std::sync::Arc;

use crate::source::Source;
use crate::source::SourceId;
use crate::source::Sources;

/// The number of those sources that have none of their own.
pub(super) const FAR: u16 = u16::MAX;

/// Numbers for the sources of a tree. Nearly all trees have few; beyond what numbers there are, the tree
/// remembers the source of each single node. The numbered ones are at hand, because texts are asked for all the time.
#[derive(Clone, Debug)]
pub(super) struct Places {
    all: Arc<Sources>,
    sources: Vec<(SourceId, Arc<Source>)>,
    numbers: HashMap<SourceId, u16>,
    newest: Option<(SourceId, u16)>,
    far: HashMap<u32, SourceId>,
}

impl Places {
    /// Numbers for some of the sources in `all`.
    pub(super) fn new(all: Arc<Sources>) -> Self {
        Self { all, sources: Vec::new(), numbers: HashMap::new(), newest: None, far: HashMap::new() }
    }

    /// All the sources that may be numbered.
    pub(super) fn all(&self) -> &Arc<Sources> {
        &self.all
    }

    /// The source of all nodes, if they have the same.
    pub(super) fn only(&self) -> Option<SourceId> {
        match self.sources.as_slice() {
            [(source, _)] => Some(*source),
            _ => None,
        }
    }

    /// The number for the node `node`, which was written in `source`.
    #[inline]
    pub(super) fn number(&mut self, node: u32, source: SourceId) -> u16 {
        match self.newest {
            Some((newest, number)) if newest == source => number,
            _ => self.find_number(node, source),
        }
    }

    fn find_number(&mut self, node: u32, source: SourceId) -> u16 {
        // The tree of a file has one source and needs no map.
        match self.sources.first() {
            None => {
                self.sources.push((source, self.all.share(source)));
                self.newest = Some((source, 0));
                return 0;
            }
            Some(&(first, _)) => {
                self.numbers.entry(first).or_insert(0);
            }
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
            self.sources.push((source, self.all.share(source)));
        }
        self.newest = Some((source, number));
        number
    }

    /// The source of the node `node`, which has this number.
    #[inline]
    pub(super) fn source(&self, node: u32, number: u16) -> SourceId {
        self.sources.get(usize::from(number)).map_or_else(|| self.far[&node], |&(source, _)| source)
    }

    /// The text of that source.
    #[inline]
    pub(super) fn text(&self, node: u32, number: u16) -> &str {
        match self.sources.get(usize::from(number)) {
            Some((_, source)) => source.text(),
            None => self.far_text(node),
        }
    }

    #[cold]
    fn far_text(&self, node: u32) -> &str {
        self.all.get(self.far[&node]).text()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Places;
    use crate::source::Sources;

    #[test]
    fn there_may_be_more_sources_than_numbers() {
        let sources = Arc::new(Sources::in_memory());
        let mut places = Places::new(Arc::clone(&sources));
        let ids: Vec<_> = (0..70_000).map(|_| sources.add("a.yaml", "")).collect();
        let nodes = ids.iter().chain(&ids).zip(0..);
        let numbers: Vec<u16> = nodes.clone().map(|(&source, node)| places.number(node, source)).collect();
        assert!(nodes.zip(numbers).all(|((&source, node), number)| places.source(node, number) == source));
    }
}
