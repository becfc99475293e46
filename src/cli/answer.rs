//! A report in the format that was asked for, and the exit code that goes with it.

use crate::cli::exit;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::output::WIDTH;
use crate::cli::settings::Check;
use crate::cli::settings::From;
use crate::cli::settings::ReportFormat;
use crate::diagnostic::Severity;
use crate::report;
use crate::report::Report;
use crate::report::Style;

/// Prints `report` and says how the run ends.
///
/// # Errors
/// When the report could not be written.
pub(super) fn answer(report: &Report, check: &Check) -> Result<Exit, Failure> {
    // Where the input could not be read, the report says so itself.
    let is_explained = report.diagnostics.iter().any(|problem| problem.severity == Severity::Error);
    let is_for_nothing = exit::is_empty(report) && !is_explained && !check.allow_empty;
    for (format, file) in &check.reports {
        let text = written(report, *format, check);
        let cannot = |error| Failure::new(format!("`{}` can't be written: {error}", file.display()));
        std::fs::write(file, text).map_err(cannot)?;
    }
    let text = match check.format {
        // "No problems" would be the wrong thing to read.
        ReportFormat::Human if is_for_nothing && report.diagnostics.is_empty() => String::new(),
        ReportFormat::Human => report::human(report, &output::style(check.terminal, &report.sources)),
        format => written(report, format, check),
    };
    output::print(&text)?;
    if is_for_nothing {
        return Ok(output::complain(&Failure::new(nothing(report, check))));
    }
    Ok(exit::of(report, check))
}

/// The report in one of the formats that look the same everywhere.
fn written(report: &Report, format: ReportFormat, check: &Check) -> String {
    match format {
        ReportFormat::Human => report::human(report, &Style::plain(WIDTH)),
        ReportFormat::Json => report::json(report),
        ReportFormat::Sarif => report::sarif(report),
        ReportFormat::Github => report::github(report),
        ReportFormat::Gitlab => report::gitlab(report),
        ReportFormat::Junit => report::junit(report, |severity| exit::is_reached(check.fail_on, severity)),
        ReportFormat::Markdown => report::markdown(report),
    }
}

/// What is said of a stream without manifests.
pub(super) const NOTHING_CAME: &str = "nothing came in on standard input; did the command before the pipe fail?";

/// Why there was nothing to check, most likely.
fn nothing(report: &Report, check: &Check) -> &'static str {
    match check.input.from {
        From::Stream => NOTHING_CAME,
        From::Paths(_) if report.summary.targets == 0 && report.summary.undeployed > 0 => {
            "nothing to check was found: nothing deploys what is here, and `plimsoll targets` says what it is taken for"
        }
        From::Paths(_) if report.summary.targets == 0 => {
            "nothing to check was found: no kustomization, no chart and no manifest"
        }
        From::Paths(_) => "nothing to check was found: what is deployed from here has no resources",
    }
}
