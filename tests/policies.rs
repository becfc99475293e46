//! Every built-in policy on its own examples: `testdata/policies/<id>/{pass,fail}*`, a file or a folder each.
//!
//! Only the policy itself is asked. A passing example has nothing to report; what a failing one has is
//! held by the `.snap` beside it.

use std::path::Path;

use libtest_mimic::Arguments;
use libtest_mimic::Failed;
use libtest_mimic::Trial;
use plimsoll::examples;
use plimsoll::examples::Example;
use plimsoll::examples::Outcome;
use plimsoll::policy::BUILTIN;
use plimsoll::report::Style;
use plimsoll::report::human;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policies");
    let mut trials = Vec::new();
    for &(path, text) in BUILTIN {
        let id = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // That there are examples is held by `tests/conventions/`.
        let examples = examples::of(&root.join(&id)).unwrap_or_default();
        let failing: Vec<Example> =
            examples.iter().filter(|example| example.outcome == Outcome::Fail).cloned().collect();
        trials.push(Trial::test(format!("{id}/fix"), move || mends_one(&failing, (path, text))));
        for example in examples {
            let name = example.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            trials.push(Trial::test(format!("{id}/{name}"), move || holds(&example, &name, (path, text))));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn holds(example: &Example, name: &str, policy: (&str, &str)) -> Result<(), Failed> {
    let report = examples::check(&example.path, policy)?;
    let text = human(&report, &Style::plain(100));
    if example.outcome == Outcome::Pass {
        let is_clean = report.findings.is_empty() && report.diagnostics.is_empty();
        return if is_clean { Ok(()) } else { Err(Failed::from(text)) };
    }
    if report.findings.is_empty() {
        return Err(Failed::from(format!("nothing was found\n{text}")));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(example.path.with_file_name(""));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
    is_mended(example, policy)
}

/// After what a policy with a fix does to a failing example, it must find nothing there that it knows to mend, unless
/// it says what it left.
fn is_mended(example: &Example, policy: (&str, &str)) -> Result<(), Failed> {
    let Some((proposal, report)) = examples::check_fixed(&example.path, policy)? else { return Ok(()) };
    let refused: Vec<String> = proposal.refused.iter().map(|refused| refused.reason.clone()).collect();
    let left = report.findings.iter().filter(|finding| finding.repair.is_some()).count();
    if left > proposal.refused.len() {
        let text = human(&report, &Style::plain(100));
        return Err(Failed::from(format!("this is left after the fix: {refused:?}\n{text}")));
    }
    Ok(())
}

/// A policy with a fix must leave nothing to be found in one of its failing examples.
fn mends_one(failing: &[Example], policy: (&str, &str)) -> Result<(), Failed> {
    for example in failing {
        match examples::check_fixed(&example.path, policy)? {
            None => return Ok(()),
            Some((_, report)) if report.findings.is_empty() => return Ok(()),
            Some(_) => {}
        }
    }
    Err(Failed::from("none of the examples is mended as a whole"))
}
