//! Where the fields of a rendered object come from, told beside the object itself or of one field.

use std::fmt::Write;

use crate::diagnostic::Diagnostic;
use crate::report::clean;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Writer;
use crate::yaml::emit_with_places;

/// How far origins stand from what they are the origins of.
const GAP: usize = 2;
/// Origins stand below each other, unless that would put them further right than this.
const FURTHEST: usize = 72;

/// The objects as `kustomize build` prints them, and behind every value the file and line that set it.
///
/// # Errors
/// When an object has no form that can be printed.
pub fn with_origins<'a>(objects: impl IntoIterator<Item = Node<'a>>) -> Result<String, Box<Diagnostic>> {
    let texts: Result<Vec<String>, _> = objects.into_iter().map(object).collect();
    Ok(texts?.join("---\n"))
}

fn object(root: Node<'_>) -> Result<String, Box<Diagnostic>> {
    let (text, values) = emit_with_places(root)?;
    let mut origins: Vec<(usize, String)> = Vec::new();
    for (node, range) in values {
        // A block begins on the line below its header, and nothing may follow a line of its own.
        let is_block = text[range.clone()].trim_start().starts_with('|');
        let from = if is_block { range.start } else { range.end };
        let end = text[from..].find('\n').map_or(text.len(), |at| from + at);
        origins.push((end, short(node)));
    }
    Ok(beside(&text, &origins))
}

/// A text with a comment at the end of some of its lines.
fn beside(text: &str, comments: &[(usize, String)]) -> String {
    let mut out = String::new();
    let mut start = 0;
    let widths = text.lines().map(|line| line.chars().count()).filter(|&width| width <= FURTHEST);
    let column = widths.max().unwrap_or(0) + GAP;
    let mut comments = comments.iter();
    let mut next = comments.next();
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end_matches('\n').len();
        out.push_str(line.trim_end_matches('\n'));
        if let Some((_, comment)) = next.filter(|(at, _)| *at == end) {
            let width = line.trim_end_matches('\n').chars().count();
            let gap = column.saturating_sub(width).max(GAP);
            write!(out, "{:gap$}# {comment}", "").expect("a text can be written to");
            next = comments.next();
        }
        out.push('\n');
        start += line.len();
    }
    out
}

/// The origin of a value in a few words.
fn short(node: Node<'_>) -> String {
    let sources = node.tree().sources();
    let mut writers = node.writers();
    let Some(last) = writers.next() else { return String::new() };
    let mut told = match parts(node, last).as_slice() {
        [] => place(sources, last.span),
        parts => parts.join(" + "),
    };
    if let Some(via) = last.via {
        write!(told, " via {} {}", via.what, place(sources, via.span)).expect("a text can be written to");
    }
    for earlier in writers {
        write!(told, ", overrides {}", place(sources, earlier.span)).expect("a text can be written to");
    }
    told
}

/// The places that a text was put together from, if they are several.
fn parts(node: Node<'_>, last: Writer<'_>) -> Vec<String> {
    if node.kind() != Kind::Scalar {
        return Vec::new();
    }
    let sources = node.tree().sources();
    let mut places: Vec<String> = Vec::new();
    for (text, span) in node.parts() {
        let place = place(sources, span);
        if !text.is_empty() && !places.contains(&place) {
            places.push(place);
        }
    }
    if places.len() == 1 && places[0] == place(sources, last.span) { Vec::new() } else { places }
}

fn place(sources: &Sources, span: Span) -> String {
    let location = sources.location(span);
    clean(&format!("{}:{}", location.file, location.line))
}

/// Who set a field, and who set it before: a line each, with what was written there.
pub fn blame(title: &str, node: Node<'_>) -> String {
    let sources = node.tree().sources();
    let mut rows: Vec<(String, String)> = Vec::new();
    for (index, writer) in node.writers().enumerate() {
        let role = if index == 0 { "set here" } else { "before that" };
        rows.push((place(sources, writer.span), format!("{role}: {}", line_of(sources, writer.span))));
        if let Some(via) = writer.via {
            rows.push((place(sources, via.span), format!("{}: {}", via.told("through"), line_of(sources, via.span))));
        }
        if index == 0 {
            let own = place(sources, writer.span);
            for part in parts(node, writer).into_iter().filter(|part| *part != own) {
                rows.push((part, "a part of it comes from here".to_owned()));
            }
        }
    }
    rows.dedup();
    format!("{}: {}\n{}", clean(title), clean(&shown(node)), aligned(&rows))
}

fn aligned(rows: &[(String, String)]) -> String {
    let width = rows.iter().map(|(place, _)| place.chars().count()).max().unwrap_or(0);
    rows.iter().map(|(place, what)| format!("  {place:width$}  {}", clean(what)) + "\n").collect()
}

/// Who deleted the field `name` of a mapping.
pub fn blame_deleted(title: &str, mapping: Node<'_>, name: &str) -> String {
    let sources = mapping.tree().sources();
    let Some(writer) = mapping.deleted(name) else { return String::new() };
    let via = writer.via;
    let rows = [
        (place(sources, writer.span), format!("{}: {}", writer.how.told(), line_of(sources, writer.span))),
        (place(sources, via.span), format!("{}: {}", via.told("by"), line_of(sources, via.span))),
    ];
    format!("{}: deleted\n{}", clean(title), aligned(&rows))
}

/// A value in one line.
fn shown(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Scalar => {
            let mut lines = node.text().lines();
            let first = lines.next().unwrap_or_default();
            if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
        }
        Kind::Sequence => format!("a list of {}", node.items().count()),
        Kind::Mapping => format!("{} fields", node.fields().count()),
    }
}

/// The line that a span begins on, as it was written.
fn line_of(sources: &Sources, span: Span) -> String {
    let span = sources.written(span);
    let source = sources.get(span.source);
    let (line, _) = source.lines().position(source.text(), span.start);
    source.lines().range(source.text(), line).map_or_else(String::new, |range| source.text()[range].trim().to_owned())
}
