//! Where a finding is shown: the text that somebody wrote and would have to change.

use std::ops::Range;

use crate::diagnostic::Label;
use crate::discover::STREAM_NAME;
use crate::jsonpath::Exhausted;
use crate::jsonpath::Query;
use crate::policy::condition::Roots;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::span_within;

/// The text to point at for a node that is there: a scalar itself, for a collection its key, and for
/// an item of a list the name by which people know it.
pub(super) fn of_node(node: Node<'_>) -> Span {
    if node.kind() == Kind::Scalar && !node.span().is_empty() {
        return node.span();
    }
    if let Some(key) = node.key() {
        return key.span();
    }
    match node.kind() {
        Kind::Mapping => of_item(node),
        Kind::Sequence => node.items().next().map_or(node.span(), of_node),
        Kind::Scalar => node.span(),
    }
}

/// The text to point at, and what stands there. Where a template's output only knows which file it came
/// from, the label says what the output is.
pub(super) fn label(node: Node<'_>, part: Option<Range<usize>>) -> Label {
    let span = of_part(node, part);
    let sources = node.tree().sources();
    let written = sources.written(span);
    if written == Span::whole(written.source) && !span.is_empty() {
        let output = sources.get(span.source);
        let (line, _) = output.lines().position(output.text(), span.start);
        // Only a stream is there to be looked at by others too.
        let place = if output.path() == STREAM_NAME { format!(" in line {line} of the stream") } else { String::new() };
        let line = output.lines().range(output.text(), line).unwrap_or_default();
        return Label::new(span, format!("rendered as `{}`{place}", output.text()[line].trim()));
    }
    Label::new(span, "")
}

/// The text to point at for a part of a scalar, or for the whole node.
fn of_part(node: Node<'_>, part: Option<Range<usize>>) -> Span {
    match part {
        Some(part) if node.kind() == Kind::Scalar && !part.is_empty() => span_within(node, part),
        _ => of_node(node),
    }
}

fn of_item(item: Node<'_>) -> Span {
    let name = item.get("name").filter(|name| name.kind() == Kind::Scalar && !name.span().is_empty());
    name.or_else(|| item.fields().next().map(|(key, _)| key)).unwrap_or(item).span()
}

/// The node that has to answer for a query that found nothing: the nearest one that is there, and
/// whoever deleted what is missing.
pub(super) fn of_missing<'a>(query: &Query, roots: &Roots<'a>) -> Result<Vec<(Node<'a>, Vec<Label>)>, Exhausted> {
    let reached = query.longest_prefix(&roots.bindings)?;
    let answer = |node: Node<'a>| {
        let deletion = reached.missing_name.and_then(|name| node.deleted(name));
        let label = deletion.map(|deleted| Label::new(deleted.span, deleted.how.told()));
        let via = deletion.map(|deleted| Label::new(deleted.via.span, deleted.via.told("by")));
        (node, label.into_iter().chain(via).collect())
    };
    Ok(reached.nodes.into_iter().map(|selected| answer(selected.node)).collect())
}

/// How the value of a node came to be, as far as the primary place does not show it.
pub(super) fn history(node: Node<'_>) -> Vec<Label> {
    let mut labels = Vec::new();
    for (index, writer) in node.writers().enumerate() {
        if index > 0 {
            labels.push(Label::new(writer.span, "overrides this"));
        }
        if let Some(via) = writer.via {
            labels.push(Label::new(via.span, via.told("through")));
        }
    }
    labels
}
