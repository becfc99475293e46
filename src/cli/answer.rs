//! A report in the format that was asked for, and the exit code that goes with it.

use crate::cli::exit;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::settings::Check;
use crate::cli::settings::Format;
use crate::report;
use crate::report::Report;

/// Prints `report` and says how the run ends.
///
/// # Errors
/// When the report could not be written.
pub(super) fn answer(report: &Report, check: &Check) -> Result<Exit, Failure> {
    let text = match check.format {
        Format::Human => report::human(report, &output::style(check.terminal.color)),
        Format::Json => report::json(report),
    };
    output::print(&text)?;
    // Where the input could not be read, the report says so itself.
    if exit::is_empty(report) && report.diagnostics.is_empty() && !check.allow_empty {
        let nothing = "nothing to check was found: no kustomization, no chart and no manifest";
        return Ok(output::complain(&Failure::new(nothing)));
    }
    Ok(exit::of(report, check))
}
