//! The Code Quality report of GitLab: a list of issues, each with a fingerprint by which GitLab tells new ones from
//! those that the target branch has.

use serde::Serialize;

use crate::diagnostic::Severity;
use crate::report::Report;
use crate::report::contract::written;
use crate::report::entry::Entry;
use crate::report::entry::entries;

/// One issue, as GitLab's documentation of the format names its fields.
#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'r str,
    fingerprint: &'r str,
    severity: &'static str,
    location: Place<'r>,
}

#[derive(Serialize)]
struct Place<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// The report as JSON, with a line break at its end.
pub fn gitlab(report: &Report) -> String {
    written(&entries(report).iter().map(issue).collect::<Vec<_>>())
}

fn issue<'r>(entry: &'r Entry<'r>) -> Issue<'r> {
    let place = &entry.location;
    Issue {
        description: entry.message.to_owned(),
        check_name: entry.rule,
        fingerprint: &entry.fingerprint,
        severity: match (entry.severity, entry.is_unchecked) {
            (_, true) => "blocker",
            (Severity::Error, _) => "critical",
            (Severity::Warning, _) => "major",
            (Severity::Note, _) => "info",
        },
        location: Place { path: &place.file, lines: Lines { begin: place.line, end: place.end_line } },
    }
}
