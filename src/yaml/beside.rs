//! What is known of only some nodes of a tree, kept beside them so that the others need no room for it.

use crate::yaml::NodeId;

/// A number for each node, 0 for those of which nothing is known. It takes room from the first that it knows of.
#[derive(Clone, Default, Debug)]
pub(super) struct Beside<T>(Vec<T>);

impl<T: Copy + Default + PartialEq> Beside<T> {
    #[inline]
    pub(super) fn get(&self, NodeId(id): NodeId) -> T {
        self.0.get(id as usize).copied().unwrap_or_default()
    }

    #[inline]
    pub(super) fn set(&mut self, NodeId(id): NodeId, value: T) {
        let index = id as usize;
        if let Some(known) = self.0.get_mut(index) {
            *known = value;
        } else if value != T::default() {
            self.0.resize(index, T::default());
            self.0.push(value);
        }
    }

    /// Whether nothing was ever known of any node.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets what is known of all nodes but the first `nodes`.
    pub(super) fn truncate(&mut self, nodes: usize) {
        self.0.truncate(nodes);
    }

    /// The bytes that it holds.
    pub(super) fn memory(&self) -> usize {
        self.0.capacity() * size_of::<T>()
    }
}
