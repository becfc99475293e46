//! Labels and annotations that kustomize reads and writes anew as a whole, upon which each of them is a text.

use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;

/// Whether all values of a mapping are texts.
pub(super) fn are_texts(map: Node<'_>) -> bool {
    map.children().all(is_text)
}

fn is_text(value: Node<'_>) -> bool {
    matches!(value.scalar(), Some(Scalar::String(_)))
}

/// Makes texts of all values of a mapping: of a scalar as it is written, of anything else an empty one.
pub(super) fn make_texts(tree: &mut Tree, map: NodeId) {
    let values: Vec<NodeId> = tree.node(map).children().filter(|value| !is_text(*value)).map(Node::id).collect();
    for value in values {
        if tree.node(value).kind() == Kind::Scalar {
            tree.restyle(value, Style::DoubleQuoted, Tag::None);
        } else {
            let text = tree.scalar("", Style::DoubleQuoted, tree.node(value).span());
            tree.supersede(value, text);
        }
    }
}
