//! From findings and diagnostics to bytes, one function for each format. Decides nothing.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod examples;
mod terminal;
mod standpoint;
mod excerpt;
mod human;
mod contract;
mod json;
mod entry;
mod sarif;
mod github;
mod gitlab;
mod junit;
mod markdown;
mod facts;
pub mod graph;
mod targets;
mod told;
mod blame;
mod origins;
mod diff;
mod proposal;

pub use diff::diff;
pub use facts::Inferred;
pub use facts::facts_json;
pub use facts::facts_schema;
pub use facts::facts_yaml;
pub use github::github;
pub use gitlab::gitlab;
pub use human::Style;
pub use human::human;
pub use json::json;
pub use json::schema as json_schema;
pub use junit::junit;
pub use markdown::markdown;
pub use proposal::proposal;
pub use proposal::proposal_json;
pub use proposal::proposal_schema;
pub use sarif::sarif;
pub use standpoint::Standpoint;
pub use targets::targets;
pub use targets::targets_json;
pub(crate) use terminal::clean;
pub use told::Teller;

use std::sync::Arc;

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Label;
use crate::diagnostic::Severity;
use crate::finding::Finding;
use crate::finding::Unknown;
use crate::policy::Policy;
use crate::source::Sources;

/// All that a run has to say. Both lists are sorted by place.
#[derive(Debug)]
pub struct Report {
    /// The texts that the spans are in.
    pub sources: Arc<Sources>,
    /// What policies found.
    pub findings: Vec<Finding>,
    /// What could not be checked, and what is odd about the input.
    pub diagnostics: Vec<Diagnostic>,
    /// The run in numbers.
    pub summary: Summary,
    /// The ids of the policies that were about no resource at all.
    pub idle_policies: Vec<String>,
    /// What could not be answered: as many as the summary counts.
    pub unknown: Vec<Unknown>,
    /// The policies that found something.
    pub explanations: Vec<Explanation>,
    /// How many findings were left out, because they are in files that were not asked about.
    pub beside: usize,
}

/// What a policy says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// Its id.
    pub id: String,
    /// The category it belongs to.
    pub category: String,
    /// What it finds, in a few words.
    pub summary: String,
    /// Why that is bad.
    pub description: String,
    /// What to do about it.
    pub remediation: String,
    /// Pages that tell more.
    pub references: Vec<String>,
    /// How bad it is, unless a case says otherwise.
    pub severity: Severity,
}

impl From<&Policy> for Explanation {
    fn from(policy: &Policy) -> Self {
        let rule = policy.rule();
        Self {
            id: policy.id.clone(),
            category: policy.category.clone(),
            summary: rule.summary.clone(),
            description: rule.description.clone(),
            remediation: rule.remediation.clone(),
            references: rule.references.clone(),
            severity: rule.severity,
        }
    }
}

impl Report {
    /// The report of a run that found nothing but these problems.
    pub fn of_problems(diagnostics: Vec<Diagnostic>, sources: Arc<Sources>) -> Self {
        let (findings, idle_policies, unknown, explanations) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let summary = Summary::default();
        Self { sources, findings, diagnostics, summary, idle_policies, unknown, explanations, beside: 0 }.counted()
    }

    /// The report with the findings alone that have to do with some files: a place of theirs is in one of them, or they
    /// show in one of these targets. What could not be checked stays.
    #[must_use]
    pub fn only_about(mut self, files: &[String], targets: &[String]) -> Self {
        let is_in = |label: &Label| {
            let source = self.sources.written(label.span).source;
            files.iter().any(|file| file == self.sources.get(source).path())
        };
        let before = self.findings.len();
        self.findings.retain(|finding| {
            is_in(&finding.primary)
                || finding.related.iter().any(is_in)
                || finding.occurrences.iter().any(|occurrence| targets.contains(&occurrence.target))
        });
        self.beside = before - self.findings.len();
        self.counted()
    }

    /// The report with its findings and diagnostics counted in the summary.
    #[must_use]
    pub fn counted(mut self) -> Self {
        let Summary { errors, warnings, notes, .. } = &mut self.summary;
        (*errors, *warnings, *notes) = (0, 0, 0);
        let is_error = |problem: &&Diagnostic| problem.severity == Severity::Error;
        self.summary.unchecked = self.diagnostics.iter().filter(is_error).count();
        let findings = self.findings.iter().map(|finding| finding.severity);
        for severity in findings.chain(self.diagnostics.iter().map(|problem| problem.severity)) {
            match severity {
                Severity::Error => self.summary.errors += 1,
                Severity::Warning => self.summary.warnings += 1,
                Severity::Note => self.summary.notes += 1,
            }
        }
        self
    }
}

/// A run in numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize)]
pub struct Summary {
    /// Files that were read as part of a target.
    pub files: usize,
    /// Targets.
    pub targets: usize,
    /// Resources in all targets.
    pub resources: usize,
    /// Findings and diagnostics that are errors.
    pub errors: usize,
    /// Findings and diagnostics that are warnings.
    pub warnings: usize,
    /// Findings and diagnostics that are notes.
    pub notes: usize,
    /// Diagnostics that are errors: what could not be read, built or judged. They are among the errors too.
    pub unchecked: usize,
    /// Questions of policies that could not be answered from the repository.
    pub unknown: usize,
    /// Findings that an ignore or a baseline holds back.
    pub suppressed: usize,
    /// Files that are meant for a cluster by their look, but that no target uses.
    pub undeployed: usize,
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use insta::with_settings;

    use super::Style;
    use super::examples;
    use super::github;
    use super::gitlab;
    use super::human;
    use super::json;
    use super::junit;
    use super::markdown;
    use super::sarif;
    use crate::diagnostic::Severity;

    /// Compares with `testdata/reports/<name>.snap`.
    fn snapshot(name: &str, written: &str) {
        with_settings!({
            snapshot_path => "../../testdata/reports", prepend_module_to_snapshot => false, omit_expression => true,
        }, { assert_snapshot!(name, written) });
    }

    #[test]
    fn every_example_is_readable() {
        for (name, report) in examples::all() {
            snapshot(&format!("human-{name}"), &human(&report, &Style::plain(100)));
        }
    }

    #[test]
    fn every_example_is_written_in_every_format() {
        for (name, report) in examples::all() {
            snapshot(&format!("sarif-{name}"), &sarif(&report));
            snapshot(&format!("github-{name}"), &github(&report));
            snapshot(&format!("gitlab-{name}"), &gitlab(&report));
            snapshot(&format!("junit-{name}"), &junit(&report, |severity| severity >= Severity::Warning));
            snapshot(&format!("markdown-{name}"), &markdown(&report));
        }
    }

    #[test]
    fn a_narrow_terminal_cuts_lines_of_manifests() {
        snapshot("human-narrow", &human(&examples::long_line(), &Style::plain(50)));
    }

    #[test]
    fn colours_are_added_and_nothing_else() {
        let report = examples::usual();
        let colored = human(&report, &Style { color: true, ..Style::plain(100) });
        snapshot("human-color", &colored.replace('\u{1b}', "␛"));
        let plain = human(&report, &Style::plain(100));
        let mut stripped = colored.split('\u{1b}').map(|part| part.split_once('m').filter(|_| part.starts_with('[')));
        let first = colored.split('\u{1b}').next().unwrap();
        stripped.next();
        assert_eq!(format!("{first}{}", stripped.map(|part| part.unwrap().1).collect::<String>()), plain);
    }

    #[test]
    fn no_report_sends_a_command_to_the_terminal() {
        for (name, report) in examples::all() {
            let written = human(&report, &Style::plain(100));
            let harmful = written.chars().find(|&char| char != '\n' && super::terminal::is_harmful(char));
            assert_eq!(harmful, None, "{name}");
        }
    }

    #[test]
    fn programs_get_the_same_findings() {
        for (name, report) in examples::all() {
            snapshot(&format!("json-{name}"), &json(&report));
        }
    }

    #[test]
    fn no_text_and_no_span_is_too_odd() {
        const PARTS: [&str; 12] = [
            "a",
            "é",
            "あ",
            "\t",
            "\n",
            "\r\n",
            "\r",
            " ",
            "\u{1b}[2J",
            "e\u{301}",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "🚢",
        ];
        // A generator with a fixed start, so that every run sees the same texts.
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        for _ in 0..2_000 {
            let text: String = (0..random(20)).map(|_| PARTS[random(PARTS.len())]).collect();
            let spans = [0; 3].map(|_: u8| (random(text.len() + 2), random(text.len() + 2)));
            for style in [Style::plain(30), Style { color: true, ..Style::plain(0) }] {
                let written = human(&examples::of(&text, spans), &style);
                assert!(
                    written.contains("any text") && !written.contains("Failed to read"),
                    "{text:?} {spans:?}: {written}"
                );
            }
        }
    }
}
