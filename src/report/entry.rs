//! Findings and diagnostics as what they have in common, for formats that make no difference between them.

use std::borrow::Cow;
use std::collections::HashMap;

use sha2::Digest;
use sha2::Sha256;

use crate::diagnostic::Label;
use crate::diagnostic::Severity;
use crate::finding::Occurrence;
use crate::report::Report;
use crate::source::Location;

/// One thing that is told.
pub(super) struct Entry<'r> {
    /// The id of the policy, or the code of the diagnostic.
    pub(super) rule: &'r str,
    pub(super) severity: Severity,
    pub(super) message: &'r str,
    pub(super) help: Option<&'r str>,
    pub(super) location: Location,
    /// Other places, with what is to be said there.
    pub(super) related: Vec<(Location, &'r str)>,
    /// Where it shows; nothing for a diagnostic.
    pub(super) occurrences: &'r [Occurrence],
    /// A name that stays the same when lines move.
    pub(super) fingerprint: Cow<'r, str>,
    /// Whether something could not be checked because of it.
    pub(super) is_unchecked: bool,
}

/// All that is told: the worst first, what could not be checked before what was found, and then by place. Some
/// readers show only the first few.
pub(super) fn entries(report: &Report) -> Vec<Entry<'_>> {
    let sources = &*report.sources;
    let related =
        |labels: &'_ [Label]| -> Vec<Location> { labels.iter().map(|label| sources.location(label.span)).collect() };
    let diagnostics = report.diagnostics.iter().map(|diagnostic| {
        let location = sources.location(diagnostic.primary.span);
        Entry {
            rule: diagnostic.code,
            severity: diagnostic.severity,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            related: told(related(&diagnostic.related), &diagnostic.related),
            occurrences: &[],
            fingerprint: fingerprint(&[diagnostic.code, &location.file, &diagnostic.message]).into(),
            is_unchecked: diagnostic.severity == Severity::Error,
            location,
        }
    });
    let findings = report.findings.iter().map(|finding| Entry {
        rule: &finding.policy,
        severity: finding.severity,
        message: &finding.message,
        help: finding.help.as_deref(),
        location: sources.location(finding.primary.span),
        related: told(related(&finding.related), &finding.related),
        occurrences: &finding.occurrences,
        fingerprint: finding.fingerprint.as_str().into(),
        is_unchecked: false,
    });
    let mut entries: Vec<Entry<'_>> = diagnostics.chain(findings).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.severity));
    // The same may be wrong twice in one file.
    let mut times: HashMap<String, usize> = HashMap::new();
    for entry in &mut entries {
        let count = times.entry(entry.fingerprint.to_string()).or_insert(0);
        *count += 1;
        if *count > 1 {
            entry.fingerprint = format!("{}-{count}", entry.fingerprint).into();
        }
    }
    entries
}

fn told(places: Vec<Location>, labels: &[Label]) -> Vec<(Location, &str)> {
    places.into_iter().zip(labels.iter().map(|label| label.message.as_str())).collect()
}

/// As many hexadecimal digits as that of a finding has.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let start = digest.first_chunk().expect("a digest has 32 bytes");
    format!("{:016x}", u64::from_be_bytes(*start))
}

impl Entry<'_> {
    /// Whether it is about a file as such and no place in it.
    pub(super) fn is_about_whole_file(&self) -> bool {
        is_whole(&self.location)
    }

    /// The resource and the targets it shows in, in words; none for what is about a file.
    pub(super) fn shown_in(&self) -> Option<String> {
        let first = self.occurrences.first()?;
        let more = self.occurrences.len() - 1;
        let others = match more {
            0 => String::new(),
            1 => " and in 1 more place".to_owned(),
            more => format!(" and in {more} more places"),
        };
        Some(format!("{} of `{}`{others}", first.resource, first.target))
    }
}

/// Whether a place is the start of a file and nothing more.
pub(super) fn is_whole(place: &Location) -> bool {
    (place.line, place.column, place.end_line, place.end_column) == (1, 1, 1, 1)
}
