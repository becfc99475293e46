//! The files of `--baseline` and `--write-baseline`.

use std::fs;
use std::path::Path;

use crate::baseline::Baseline;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::settings::Check;
use crate::cli::settings::From;
use crate::report::Report;
use crate::source::Sources;

/// The report without what is known; all of it is, if a new baseline is written.
///
/// # Errors
/// When a file can't be read or written, or is no baseline.
pub(super) fn hold_back(report: Report, check: &Check) -> Result<Report, Failure> {
    let known = check.baseline.as_deref().map(read).transpose()?;
    let Some(path) = &check.new_baseline else {
        let Some(known) = known else { return Ok(report) };
        let compared = known.hold_back(report);
        // Whoever has not looked everywhere can't tell.
        let is_whole = matches!(&check.input.from, From::Paths(paths) if paths.iter().all(|path| path == Path::new(".")))
            && check.policies.only.is_empty()
            && check.policies.skip.is_empty()
            && compared.report.summary.unchecked == 0;
        if compared.gone > 0 && is_whole {
            let entries = if compared.gone == 1 { "entry is" } else { "entries are" };
            let what = format!("{} {entries} about nothing any more: write the baseline anew", compared.gone);
            output::remark(&what);
        }
        return Ok(compared.report);
    };
    let new = Baseline::of(&report);
    fs::write(path, new.text())
        .map_err(|error| Failure::new(format!("baseline `{}` can't be written: {error}", path.display())))?;
    Ok(new.hold_back(report).report)
}

fn read(path: &Path) -> Result<Baseline, Failure> {
    let name = path.display().to_string();
    let told = |what: String| Failure::new(format!("baseline `{name}` can't be read: {what}"));
    let sources = Sources::in_memory();
    let source = sources.read_given(path, &name).map_err(|error| told(error.problem.to_string()))?;
    Baseline::read(sources.get(source).text()).map_err(told)
}
