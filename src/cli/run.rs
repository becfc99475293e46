//! From settings to the pipeline and back to an answer: one function for each command that needs it.

use serde_json::Value;

use crate::cli::answer::answer;
use crate::cli::exit::Exit;
use crate::cli::output::Failure;
use crate::cli::progress;
use crate::cli::settings::Check;
use crate::cli::settings::Explain;
use crate::cli::settings::ListPolicies;
use crate::cli::settings::Targets;
use crate::cli::settings::TestPolicies;
use crate::report::Report;

/// `plimsoll check`
pub(super) fn check(check: &Check) -> Result<Exit, Failure> {
    let report = progress::during("checking", || report(check))?;
    answer(&report, check)
}

/// Discovers, renders and asks; everything that can be blamed on a file is in the report.
fn report(_: &Check) -> Result<Report, Failure> {
    Err(not_part("check"))
}

/// `plimsoll targets`
pub(super) fn targets(_: &Targets) -> Result<Exit, Failure> {
    Err(not_part("targets"))
}

/// `plimsoll explain ID`
pub(super) fn explain(_: &Explain) -> Result<Exit, Failure> {
    Err(not_part("explain"))
}

/// `plimsoll policies list`
pub(super) fn list_policies(_: &ListPolicies) -> Result<Exit, Failure> {
    Err(not_part("policies list"))
}

/// `plimsoll policies test DIR`
pub(super) fn test_policies(_: &TestPolicies) -> Result<Exit, Failure> {
    Err(not_part("policies test"))
}

/// `plimsoll schema policy`
pub(super) fn policy_schema() -> Result<Value, Failure> {
    Err(not_part("schema policy"))
}

fn not_part(command: &str) -> Failure {
    Failure::new(format!("`plimsoll {command}` is not part of this build"))
}
