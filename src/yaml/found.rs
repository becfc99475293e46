//! How a scalar that a reader has found becomes a node. Both readers come here, so that they agree on what is
//! kept as a range of the source, what is copied, and where nothing is said to stand.

use crate::source::Span;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::raw::Key;
use crate::yaml::scalar::is_placeholder;

/// Adds a scalar with the text `text` that stands at `span` of the source `source`.
pub(super) fn scalar(tree: &mut Tree, source: &str, text: &str, style: Style, tag: Tag, span: Span) -> NodeId {
    let quote = usize::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
    let start = span.start as usize + quote;
    let written = source.get(start..start + text.len());
    if written == Some(text) && span.len() as usize >= text.len() + 2 * quote {
        return written_scalar(tree, text, style, tag, span);
    }
    let id = tree.add_made(text, style, tag, span);
    judged(tree, id, text)
}

/// Adds a scalar whose text stands letter for letter at the start of `span`, or behind its quote.
pub(super) fn written_scalar(tree: &mut Tree, text: &str, style: Style, tag: Tag, span: Span) -> NodeId {
    let start = span.start + u32::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
    let end = start + u32::try_from(text.len()).expect("a source is shorter than 4 GiB");
    let id = tree.add_written(end, style, tag, span);
    judged(tree, id, text)
}

/// A key whose text stands letter for letter at `span`, or between its quotes. Only one that could be
/// unknown needs a node.
pub(super) fn written_key(tree: &mut Tree, text: &str, style: Style, span: Span) -> Key {
    if is_placeholder(text) {
        return Key::Node(written_scalar(tree, text, style, Tag::None, span));
    }
    Key::Written { style, span }
}

/// Adds the scalar that stands for nothing at all.
pub(super) fn nothing(tree: &mut Tree, tag: Tag, span: Span) -> NodeId {
    tree.add_made("", Style::Plain, tag, span)
}

fn judged(tree: &mut Tree, id: NodeId, text: &str) -> NodeId {
    if is_placeholder(text) {
        tree.mark_unknown(id);
    }
    id
}

/// Where something empty is said to stand: behind what it is the value of. `start` is before the colon,
/// or at whatever comes next.
pub(super) fn empty_place(source: &str, start: usize) -> usize {
    if source[start..].starts_with(':') { start + 1 } else { source[..start].trim_end().len() }
}

/// The text of a block scalar that ends at `end`, where the end of the file cuts its last line short. kubectl
/// adds the missing line break before it reads, and so do our readers; kustomize does not.
pub(super) fn without_made_up_break<'t>(source: &str, text: &'t str, end: usize, reader: Reader) -> &'t str {
    let last_line = || source.rsplit(['\n', '\r']).next().unwrap_or_default();
    let is_cut = end >= source.len() && reader == Reader::Kustomize && !last_line().trim().is_empty();
    if is_cut { text.strip_suffix('\n').unwrap_or(text) } else { text }
}
