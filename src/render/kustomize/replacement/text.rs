//! Texts that are themselves YAML or JSON, read for the paths that lead into them.

use crate::source::OriginMap;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Tree;
use crate::yaml::parse;
use crate::yaml::spans_of_lines;

/// What a text holds.
pub(super) struct Inside {
    /// Its node, which is part of nothing.
    pub(super) root: NodeId,
    /// Whether the text holds comments, which the node does not.
    pub(super) has_comments: bool,
}

/// Reads a scalar's text as YAML; none if it cannot be read. Of several documents the first one counts.
pub(super) fn read(tree: &mut Tree, scalar: NodeId) -> Option<Inside> {
    let node = tree.node(scalar);
    let mut origins = OriginMap::default();
    let offset = |at: usize| u32::try_from(at).expect("a source is shorter than 4 GiB");
    for (range, span) in spans_of_lines(node) {
        origins.push(offset(range.start), offset(range.end), span);
    }
    let source = tree.sources().add_made("<text>", node.text(), origins);
    let parsed = parse(tree.sources(), source, Reader::Kustomize);
    if !parsed.diagnostics.is_empty() {
        return None;
    }
    let root = parsed.tree.node(parsed.documents.first()?.root);
    Some(Inside { root: tree.copy(root, None), has_comments: !parsed.comments.is_empty() })
}
