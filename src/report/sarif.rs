//! SARIF 2.1.0, the OASIS format for results of static analysis, as GitHub's code scanning reads it.
//!
//! What could not be checked is a result, too, because readers show nothing else; that it is no finding says
//! `executionSuccessful`.

use std::fmt::Write;

use serde_json::Value;
use serde_json::json;

use crate::diagnostic::Severity;
use crate::finding::Occurrence;
use crate::report::Explanation;
use crate::report::Report;
use crate::report::contract::written;
use crate::report::entry::Entry;
use crate::report::entry::entries;
use crate::report::entry::is_whole;
use crate::source::Location;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What paths are relative to: the root of the repository, by the name that GitHub knows.
const ROOT: &str = "%SRCROOT%";
/// How many of the resources that show one defect are named.
const MAX_SHOWN: usize = 20;

/// The report as JSON, with a line break at its end.
pub fn sarif(report: &Report) -> String {
    let entries = entries(report);
    let mut ids: Vec<&str> = entries.iter().map(|entry| entry.rule).collect();
    ids.sort_unstable();
    ids.dedup();
    let rules: Vec<Value> = ids.iter().map(|id| rule(id, report)).collect();
    let index = |entry: &Entry<'_>| ids.binary_search(&entry.rule).unwrap_or_default();
    let results: Vec<Value> = entries.iter().map(|entry| result(entry, index(entry))).collect();
    written(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "plimsoll",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "the root of the repository"}}},
            "invocations": [{"executionSuccessful": report.summary.unchecked == 0}],
            "results": results,
        }],
    }))
}

/// A policy; of the code of a diagnostic only that is known.
fn rule(id: &str, report: &Report) -> Value {
    let Some(policy) = report.explanations.iter().find(|policy| policy.id == id) else {
        return json!({"id": id, "properties": {"tags": ["input"]}});
    };
    let Explanation { summary, description, remediation, references, category, severity, .. } = policy;
    let mut markdown = format!("{description}\n\n**What to do:** {remediation}\n");
    for reference in references {
        let _ = write!(markdown, "\n- <{reference}>");
    }
    let mut told = json!({
        "id": id,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": description},
        "help": {"text": format!("{description}\n\nWhat to do: {remediation}"), "markdown": markdown},
        "defaultConfiguration": {"level": level(*severity)},
        "properties": {"tags": [category], "problem.severity": match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "recommendation",
        }},
    });
    if let Some(reference) = references.first() {
        told["helpUri"] = json!(reference);
    }
    told
}

fn result(entry: &Entry<'_>, rule: usize) -> Value {
    let mut message = entry.message.to_owned();
    if let Some(place) = entry.shown_in() {
        let _ = write!(message, ", in {place}");
    }
    if let Some(help) = entry.help {
        let _ = write!(message, "\nWhat to do: {help}");
    }
    let mut location = json!({"physicalLocation": place(&entry.location)});
    if !entry.occurrences.is_empty() {
        let shown = entry.occurrences.iter().take(MAX_SHOWN);
        location["logicalLocations"] = shown.map(logical).collect();
    }
    let related: Vec<Value> = entry.related.iter().enumerate().map(related).collect();
    json!({
        "ruleId": entry.rule,
        "ruleIndex": rule,
        "level": level(entry.severity),
        // Brackets would make a link, or fail to.
        "message": {"text": message.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")},
        "locations": [location],
        "relatedLocations": related,
        "partialFingerprints": {"plimsoll/v1": entry.fingerprint},
    })
}

fn related((index, (location, said)): (usize, &(Location, &str))) -> Value {
    let mut told = json!({"id": index + 1, "physicalLocation": place(location)});
    if !said.is_empty() {
        told["message"] = json!({"text": said});
    }
    told
}

/// The field of a resource, by the names that people know.
fn logical(occurrence: &Occurrence) -> Value {
    let Occurrence { target, resource, path, .. } = occurrence;
    json!({"fullyQualifiedName": format!("{target}: {resource} {path}").trim_end(), "kind": "object"})
}

fn place(location: &Location) -> Value {
    let Location { line, column, end_line, end_column, .. } = location;
    let region = if is_whole(location) {
        json!({"startLine": 1})
    } else {
        json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column})
    };
    json!({"artifactLocation": {"uri": uri(&location.file), "uriBaseId": ROOT}, "region": region})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A path as a relative reference of RFC 3986.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}
