//! Markdown for a comment on a pull request or the summary of a job: a table of what is told. GitHub takes no comment
//! of more than 65 536 characters, so what does not fit is cut, and that is said.
//!
//! Nothing from a manifest is Markdown or HTML here: it stands in code spans, or every character that could mean
//! something is escaped.

use std::fmt::Write;

use crate::diagnostic::Severity;
use crate::report::Report;
use crate::report::clean;
use crate::report::entry::Entry;
use crate::report::entry::entries;
use crate::report::human::counts;

/// How many bytes a comment may have, with some room for what others put around it.
const MAX_BYTES: usize = 60_000;
/// How long one entry may be.
const MAX_ROW: usize = 2_000;

/// The report as Markdown.
pub fn markdown(report: &Report) -> String {
    let mut text = format!("### Plimsoll: {}\n", spans(&counts(report)));
    let entries = entries(report);
    if entries.is_empty() {
        return text;
    }
    text.push_str("\n| | where | what |\n|---|---|---|\n");
    let mut told = 0;
    for row in entries.iter().map(row) {
        if text.len() + row.len() > MAX_BYTES {
            break;
        }
        text.push_str(&row);
        told += 1;
    }
    if told < entries.len() {
        let _ = writeln!(text, "\n{} of {} are shown; the others did not fit.", told, entries.len());
    }
    text
}

fn row(entry: &Entry<'_>) -> String {
    let severity = match entry.severity {
        Severity::Error => "❌ error",
        Severity::Warning => "⚠️ warning",
        Severity::Note => "ℹ️ note",
    };
    let place = &entry.location;
    let file = if entry.is_about_whole_file() { place.file.clone() } else { format!("{}:{}", place.file, place.line) };
    let mut what = format!("**{}**: {}", escaped(entry.rule), spans(entry.message));
    if let Some(place) = entry.shown_in() {
        let _ = write!(what, "<br>in {}", spans(&place));
    }
    for (place, said) in &entry.related {
        let _ = write!(what, "<br>{}: {}", code(&format!("{}:{}", place.file, place.line)), spans(said));
    }
    if let Some(help) = entry.help {
        let _ = write!(what, "<br>*{}*", spans(help));
    }
    let row = format!("| {severity} | {} | {what} |\n", code(&file));
    if row.len() <= MAX_ROW {
        return row;
    }
    // Half of an escape could mean anything.
    format!("| {severity} | {} | **{}**: too long to be shown here |\n", code(&file), escaped(entry.rule))
}

/// A message, in which backticks stand around what comes from manifests.
fn spans(text: &str) -> String {
    let cleaned = clean(text);
    let parts: Vec<&str> = cleaned.split('`').collect();
    // The last part is outside of all spans, unless one has no end.
    let is_span = |index: usize| index % 2 == 1 && index + 1 < parts.len();
    let part = |(index, part): (usize, &&str)| if is_span(index) { code(part) } else { escaped(part) };
    parts.iter().enumerate().map(part).collect()
}

/// Code. What could end it, or a cell of the table, is written as an entity, for which code needs a tag.
fn code(text: &str) -> String {
    let text = clean(text);
    let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '.' | '/' | '-' | '_' | '=' | ':' | ',');
    if !text.is_empty() && text.chars().all(is_plain) {
        return format!("`{text}`");
    }
    let entity = |char: char| {
        if char == ' ' || is_plain(char) && !matches!(char, '_' | ':') {
            char.to_string()
        } else {
            format!("&#{};", u32::from(char))
        }
    };
    format!("<code>{}</code>", text.chars().map(entity).collect::<String>())
}

/// A text without any meaning but its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            // GitHub tells people whose name stands behind the one, and links numbers behind the other.
            '@' | '#' => {
                escaped.push(char);
                escaped.push('\u{200b}');
            }
            '&' | '<' | '>' | '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '|' | '~' | '$' => {
                let _ = write!(escaped, "&#{};", u32::from(char));
            }
            char => escaped.push(char),
        }
    }
    escaped
}
