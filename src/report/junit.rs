//! `JUnit`'s XML, which most CI systems can show: a test suite for each file, a test case for each thing that is told.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::diagnostic::Severity;
use crate::report::Report;
use crate::report::entry::Entry;
use crate::report::entry::entries;
use crate::report::terminal::is_harmful;

/// The report as XML. What `fails` says of a severity is a failure, what could not be checked an error, and what is
/// left a test that passed with some output.
pub fn junit(report: &Report, fails: impl Fn(Severity) -> bool) -> String {
    let mut suites: BTreeMap<&str, Vec<&Entry<'_>>> = BTreeMap::new();
    let entries = entries(report);
    for entry in &entries {
        suites.entry(&entry.location.file).or_default().push(entry);
    }
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let all: Vec<&Entry<'_>> = entries.iter().collect();
    let _ = writeln!(text, "<testsuites name=\"plimsoll\"{}>", counts(&all, &fails));
    for (file, entries) in suites {
        let _ = writeln!(text, "  <testsuite name=\"{}\"{}>", escaped(file), counts(&entries, &fails));
        for entry in entries {
            case(&mut text, entry, &fails);
        }
        text.push_str("  </testsuite>\n");
    }
    if entries.is_empty() {
        // Some readers take a report without any test for a broken one.
        text.push_str("  <testsuite name=\"plimsoll\" tests=\"1\" failures=\"0\" errors=\"0\">\n");
        text.push_str("    <testcase classname=\"plimsoll\" name=\"no problems\"/>\n  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn counts(entries: &[&Entry<'_>], fails: &impl Fn(Severity) -> bool) -> String {
    let errors = entries.iter().filter(|entry| entry.is_unchecked).count();
    let failures = entries.iter().filter(|entry| !entry.is_unchecked && fails(entry.severity)).count();
    let tests = entries.len().max(1);
    format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"")
}

fn case(text: &mut String, entry: &Entry<'_>, fails: &impl Fn(Severity) -> bool) {
    let place = &entry.location;
    let name = format!("{} at {}:{}:{}", entry.rule, place.file, place.line, place.column);
    let head = format!("    <testcase classname=\"{}\" name=\"{}\">", escaped(entry.rule), escaped(&name));
    let mut lines = vec![entry.message.to_owned()];
    lines.extend(entry.shown_in().map(|place| format!("in {place}")));
    lines.extend(
        entry.related.iter().map(|(place, what)| format!("{}:{}:{}: {what}", place.file, place.line, place.column)),
    );
    lines.extend(entry.help.map(|help| format!("help: {help}")));
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    let said = lines.join("\n");
    let outcome = match (entry.is_unchecked, fails(entry.severity)) {
        (true, _) => Some("error"),
        (false, true) => Some("failure"),
        (false, false) => None,
    };
    let body = match outcome {
        Some(tag) => {
            let (message, kind) = (escaped(entry.message), escaped(entry.rule));
            format!("<{tag} message=\"{message}\" type=\"{kind}\">{said}</{tag}>")
        }
        None => format!("<system-out>{said}</system-out>"),
    };
    let _ = writeln!(text, "{head}\n      {body}\n    </testcase>");
}

/// A text inside of a tag or of an attribute. What XML has no way to write, and what a terminal may obey, is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            char if is_harmful(char) || matches!(char, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            char => escaped.push(char),
        }
    }
    escaped
}
