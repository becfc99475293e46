//! What becomes of the bytes that a value is written with, and of nothing else of the file.

use std::ops::Range;
use std::sync::Arc;

use crate::finding::Action;
use crate::finding::TextEdit;
use crate::fix::kustomization::column;
use crate::fix::kustomization::line_behind;
use crate::source::Source;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Reader;
use crate::yaml::Style;
use crate::yaml::parse;
use crate::yaml::span_within;

/// A text that is put in the place of some bytes.
pub(super) type Replacement = (Range<usize>, String);

/// The bytes that an edit changes, and what they become.
///
/// # Errors
/// When it is written in a way that can't be edited; says why.
pub(super) fn replacement(parsed: &Parsed, source: &Source, edit: &TextEdit) -> Result<Replacement, String> {
    match &edit.action {
        Action::Replace(new) => part(parsed, source, edit.span, new),
        action => whole(parsed, source.text(), edit.span, action),
    }
}

/// What becomes of a value as a whole.
fn whole(parsed: &Parsed, text: &str, span: Span, action: &Action) -> Result<Replacement, String> {
    let stands = |node: &Node<'_>| (node.span().start, node.span().end) == (span.start, span.end);
    let node = find(parsed, stands).ok_or("its text can't be found again")?;
    let whole = span.start as usize..span.end as usize;
    let written = &text[whole.clone()];
    match action {
        Action::Remove => removal(node, text).map(|range| (range, String::new())),
        Action::Add { field, value } => addition(node, text, field, value),
        Action::Quote if node.kind() == Kind::Scalar && node.style() == Style::Plain => {
            Ok((whole, serde_json::Value::from(written).to_string()))
        }
        Action::Unquote if matches!(node.style(), Style::SingleQuoted | Style::DoubleQuoted) => {
            Ok((whole, node.text().to_owned()))
        }
        Action::Trim if node.kind() == Kind::Scalar && written.lines().count() == 1 => {
            Ok((whole, written.replace(node.text(), node.text().trim())))
        }
        _ => Err("it is written in a way that is not edited".to_owned()),
    }
}

/// The first node that is meant, before those that are in it.
pub(super) fn find(parsed: &Parsed, is_meant: impl Fn(&Node<'_>) -> bool) -> Option<Node<'_>> {
    let mut open: Vec<Node<'_>> = parsed.documents.iter().map(|document| parsed.tree.node(document.root)).collect();
    while let Some(node) = open.pop() {
        if is_meant(&node) {
            return Some(node);
        }
        open.extend(node.children());
    }
    None
}

/// A part of a scalar's text, or of a file that is a text as a whole.
fn part(parsed: &Parsed, source: &Source, span: Span, new: &str) -> Result<Replacement, String> {
    const OTHERWISE: &str = "its text is written with escapes or in lines that are joined";

    let text = source.text();
    let range = span.start as usize..span.end as usize;
    let is_yaml = [".yaml", ".yml", ".json"].iter().any(|ending| source.path().ends_with(ending));
    if !is_yaml {
        return Ok((range, new.to_owned()));
    }
    let holds = |node: &Node<'_>| {
        let own = node.span();
        node.kind() == Kind::Scalar && own.start <= span.start && span.start < own.end
    };
    let own = find(parsed, holds).ok_or("its text can't be found again")?;
    let written = &text[range.clone()];
    // Where the very bytes stand in the text of the scalar, so that it is known what that is to become.
    let is_it = |at: &usize| {
        let found = span_within(own, *at..*at + written.len());
        (found.start, found.end) == (span.start, span.end)
    };
    let at = own.text().match_indices(written).map(|(at, _)| at).find(is_it).ok_or(OTHERWISE)?;
    let mut wanted = own.text().to_owned();
    wanted.replace_range(at..at + written.len(), new);
    let mut after = text.to_owned();
    after.replace_range(range.clone(), new);
    let sources = Arc::new(Sources::in_memory());
    let after = parse(&sources, sources.add(source.path(), after), Reader::Kubectl);
    let is_met = find(&after, holds).is_some_and(|node| node.text() == wanted);
    if is_met { Ok((range, new.to_owned())) } else { Err(OTHERWISE.to_owned()) }
}

/// A field more, before the others of a mapping.
fn addition(mapping: Node<'_>, text: &str, field: &str, value: &str) -> Result<Replacement, String> {
    if mapping.get(field).is_some() {
        return Err(format!("`{field}` is there already"));
    }
    let first = mapping.children().next().and_then(Node::key).ok_or("it is empty")?;
    let at = first.span().start as usize;
    if mapping.style() == Style::Flow {
        let quote = if text[at..].starts_with('"') { "\"" } else { "" };
        return Ok((at..at, format!("{quote}{field}{quote}: {value}, ")));
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let indent = " ".repeat(column(text, at));
    // Comments above the first field belong to that. Behind the dash of an item there is no line to begin.
    match mapping.key().map(|key| line_behind(text, key.span().end as usize)) {
        Some(line) if line <= at => Ok((line..line, format!("{indent}{field}: {value}{end}"))),
        _ => Ok((at..at, format!("{field}: {value}{end}{indent}"))),
    }
}

/// The bytes of a field, with its lines where it has lines of its own.
fn removal(node: Node<'_>, text: &str) -> Result<Range<usize>, String> {
    let key = node.key().ok_or("it is an item of a list")?;
    // What an alias stands for is written elsewhere, and what has an anchor may be needed there.
    let is_own = |node: Node<'_>| node.span().start >= key.span().end;
    if !is_own(node) || !node.children().all(is_own) || is_anchored(node, key, text) {
        return Err("it is shared by an anchor".to_owned());
    }
    let mapping = node.parent().ok_or("it is a whole document")?;
    let start = key.span().start as usize;
    let next = mapping.children().skip_while(|child| child.id() != node.id()).nth(1);
    let next = next.and_then(Node::key).map(|key| key.span().start as usize);
    if mapping.children().count() == 1 {
        return Err("nothing would be left of what it is in".to_owned());
    }
    if mapping.style() == Style::Flow {
        let before = mapping.children().take_while(|child| child.id() != node.id()).last();
        return match (next, before) {
            (Some(next), _) => Ok(start..next),
            (None, Some(before)) => Ok(before.span().end as usize..node.span().end as usize),
            (None, None) => Err("nothing would be left of what it is in".to_owned()),
        };
    }
    let own = column(text, start);
    let is_alone = text[start - own..start].bytes().all(|byte| byte == b' ');
    match (is_alone, next) {
        (true, _) => Ok(start - own..end_of(node, text)),
        // The first field of an item stands behind its dash, where the next one takes its place.
        (false, Some(next)) => Ok(start..next),
        (false, None) => Err("it shares its line with something else".to_owned()),
    }
}

/// Whether there is an anchor or an alias between a key and its value.
fn is_anchored(node: Node<'_>, key: Node<'_>, text: &str) -> bool {
    let between = text.get(key.span().end as usize..node.span().start as usize).unwrap_or("*");
    between.lines().any(|line| line.split('#').next().is_some_and(|line| line.contains(['&', '*'])))
}

/// Where the line behind a node begins.
fn end_of(node: Node<'_>, text: &str) -> usize {
    let mut last = node;
    while let Some(child) = last.children().last() {
        last = child;
    }
    let end = (last.span().end as usize).max(node.span().end as usize);
    if text[..end].ends_with('\n') { end } else { line_behind(text, end) }
}
