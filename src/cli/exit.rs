//! The three exit codes, which are the same for every format.

use std::process::ExitCode;

use crate::cli::settings::Check;
use crate::cli::settings::FailOn;
use crate::diagnostic::Severity;
use crate::report::Report;

/// How a run ends. What could not be checked outweighs what was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Exit {
    /// All was checked and nothing is as bad as `--fail-on` says. Code 0.
    Clean,
    /// Something is at least as bad as `--fail-on` says. Code 1.
    Findings,
    /// Something could not be checked, or there was nothing to check. Code 2.
    Unchecked,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Unchecked => 2,
        })
    }
}

/// How the run ends that `report` tells of.
pub(super) fn of(report: &Report, check: &Check) -> Exit {
    let unchecked = report.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if unchecked || (is_empty(report) && !check.allow_empty) {
        return Exit::Unchecked;
    }
    let oddities = report.diagnostics.iter().map(|diagnostic| diagnostic.severity);
    let mut severities = report.findings.iter().map(|finding| finding.severity).chain(oddities);
    if severities.any(|severity| is_reached(check.fail_on, severity)) { Exit::Findings } else { Exit::Clean }
}

/// Whether there was nothing to check: the wrong folder, or a command before the pipe that failed.
pub(super) fn is_empty(report: &Report) -> bool {
    report.summary.resources == 0
}

/// Whether a severity is as bad as `--fail-on` says.
pub(super) fn is_reached(fail_on: FailOn, severity: Severity) -> bool {
    match fail_on {
        FailOn::Error => severity >= Severity::Error,
        FailOn::Warning => severity >= Severity::Warning,
        FailOn::Note => severity >= Severity::Note,
        FailOn::Never => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Exit;
    use super::of;
    use crate::cli::settings::Check;
    use crate::cli::settings::FailOn;
    use crate::diagnostic::Diagnostic;
    use crate::diagnostic::Severity;
    use crate::finding::Finding;
    use crate::report::Report;
    use crate::report::Summary;
    use crate::source::Sources;
    use crate::source::Span;

    fn report(findings: &[Severity], diagnostics: &[Severity]) -> Report {
        let sources = Sources::in_memory();
        let span = Span::whole(sources.add("a.yaml", "a: 1\n"));
        let diagnostic = |&severity: &Severity| Diagnostic { severity, ..Diagnostic::error("code", span, "message") };
        let finding = |&severity: &Severity| Finding {
            policy: "policy".to_owned(),
            severity,
            message: "message".to_owned(),
            help: None,
            fingerprint: "0123456789abcdef".to_owned(),
            primary: diagnostic(&severity).primary,
            related: Vec::new(),
            occurrences: Vec::new(),
            repair: None,
        };
        Report {
            findings: findings.iter().map(finding).collect(),
            diagnostics: diagnostics.iter().map(diagnostic).collect(),
            summary: Summary { targets: 1, resources: 1, ..Summary::default() },
            idle_policies: Vec::new(),
            unknown: Vec::new(),
            explanations: Vec::new(),
            beside: 0,
            sources: Arc::new(sources),
        }
    }

    fn exit(fail_on: FailOn, findings: &[Severity], diagnostics: &[Severity]) -> Exit {
        of(&report(findings, diagnostics), &Check { fail_on, ..Check::example() })
    }

    #[test]
    fn findings_count_from_the_severity_that_was_asked_for() {
        use Severity::Error;
        use Severity::Note;
        use Severity::Warning;
        assert_eq!(exit(FailOn::Error, &[], &[]), Exit::Clean);
        assert_eq!(exit(FailOn::Error, &[Note, Warning], &[]), Exit::Clean);
        assert_eq!(exit(FailOn::Error, &[Note, Error], &[]), Exit::Findings);
        assert_eq!(exit(FailOn::Warning, &[Warning], &[]), Exit::Findings);
        assert_eq!(exit(FailOn::Warning, &[Note], &[]), Exit::Clean);
        assert_eq!(exit(FailOn::Note, &[Note], &[]), Exit::Findings);
        assert_eq!(exit(FailOn::Never, &[Error], &[]), Exit::Clean);
    }

    #[test]
    fn what_could_not_be_checked_outweighs_what_was_found() {
        assert_eq!(exit(FailOn::Error, &[Severity::Error], &[Severity::Error]), Exit::Unchecked);
        assert_eq!(exit(FailOn::Never, &[], &[Severity::Error]), Exit::Unchecked);
    }

    #[test]
    fn an_odd_input_counts_like_a_finding() {
        assert_eq!(exit(FailOn::Error, &[], &[Severity::Warning]), Exit::Clean);
        assert_eq!(exit(FailOn::Warning, &[], &[Severity::Warning]), Exit::Findings);
    }

    #[test]
    fn nothing_to_check_is_not_clean_unless_it_may_be() {
        let mut empty = report(&[], &[]);
        empty.summary.resources = 0;
        assert_eq!(of(&empty, &Check::example()), Exit::Unchecked);
        assert_eq!(of(&empty, &Check { allow_empty: true, ..Check::example() }), Exit::Clean);
    }
}
