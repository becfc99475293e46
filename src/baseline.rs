//! What is known and does not block any more: a file of findings and problems that a repository had when it began to be
//! checked, or has agreed to live with. Lines and files may change; what the defect is may not.

use std::collections::HashMap;
use std::collections::HashSet;

use serde::Deserialize;
use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::finding::Finding;
use crate::report::Report;

/// The version of the format.
const VERSION: u32 = 1;

/// What is known.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Baseline {
    version: u32,
    findings: Vec<Known>,
    problems: Vec<Problem>,
}

/// A finding: by its fingerprints; the rest is for those who read the file.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Known {
    policy: String,
    resource: String,
    path: String,
    message: String,
    /// One for each way in which it shows in a target.
    fingerprints: Vec<String>,
}

/// Something that could not be checked.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Problem {
    code: String,
    file: String,
    message: String,
}

/// What became of a report.
#[derive(Debug)]
pub struct Compared {
    /// What is left: findings that are not known, and all problems, of which the known ones are notes.
    pub report: Report,
    /// How many entries of the baseline are about nothing any more.
    pub gone: usize,
}

impl Baseline {
    /// All that a report tells.
    pub fn of(report: &Report) -> Self {
        let mut findings: Vec<Known> = report.findings.iter().map(known).collect();
        findings.sort();
        let is_error = |problem: &&Diagnostic| problem.severity == Severity::Error;
        let mut problems: Vec<Problem> =
            report.diagnostics.iter().filter(is_error).map(|diagnostic| problem(diagnostic, report)).collect();
        problems.sort();
        problems.dedup();
        Self { version: VERSION, findings, problems }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is no baseline, or one of a version to come; says why.
    pub fn read(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match baseline.version {
            VERSION => Ok(baseline),
            other => Err(format!("it is of version {other}, and this Plimsoll knows {VERSION} only")),
        }
    }

    /// As JSON, in an order that makes for small diffs.
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a baseline holds texts and lists only");
        format!("{text}\n")
    }

    /// A report without the findings that are known. Each entry holds back one of them, so that a second defect of
    /// the same kind is told.
    pub fn hold_back(&self, mut report: Report) -> Compared {
        let mut by_fingerprint: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, known) in self.findings.iter().enumerate() {
            for fingerprint in &known.fingerprints {
                by_fingerprint.entry(fingerprint).or_default().push(index);
            }
        }
        let mut used = vec![false; self.findings.len()];
        let mut is_known = |finding: &Finding| {
            let own = finding.occurrences.iter().map(|occurrence| occurrence.fingerprint.as_str());
            let entries = own.filter_map(|fingerprint| by_fingerprint.get(fingerprint)).flatten();
            let free = entries.copied().find(|&index| !used[index]);
            free.inspect(|&index| used[index] = true).is_some()
        };
        let before = report.findings.len();
        report.findings.retain(|finding| !is_known(finding));
        report.summary.suppressed += before - report.findings.len();
        let known: HashSet<&Problem> = self.problems.iter().collect();
        let mut seen: HashSet<Problem> = HashSet::new();
        for index in 0..report.diagnostics.len() {
            let own = problem(&report.diagnostics[index], &report);
            let diagnostic = &mut report.diagnostics[index];
            if diagnostic.severity == Severity::Error && known.contains(&own) {
                diagnostic.severity = Severity::Note;
                diagnostic.message.push_str(" (known)");
                seen.insert(own);
            }
        }
        let gone = used.iter().filter(|used| !**used).count() + self.problems.len() - seen.len();
        Compared { report: report.counted(), gone }
    }
}

fn known(finding: &Finding) -> Known {
    let mut fingerprints: Vec<String> =
        finding.occurrences.iter().map(|occurrence| occurrence.fingerprint.clone()).collect();
    fingerprints.sort();
    fingerprints.dedup();
    let first = finding.occurrences.first();
    Known {
        policy: finding.policy.clone(),
        resource: first.map(|first| first.resource.to_string()).unwrap_or_default(),
        path: first.map(|first| first.path.clone()).unwrap_or_default(),
        message: finding.message.clone(),
        fingerprints,
    }
}

fn problem(diagnostic: &Diagnostic, report: &Report) -> Problem {
    let file = report.sources.location(diagnostic.primary.span).file;
    Problem { code: diagnostic.code.to_owned(), file, message: diagnostic.message.clone() }
}
