//! Every policy on its own examples: `testdata/policies/<id>/{pass,fail}*`, a file or a folder each.
//!
//! Only the policy itself is asked. A passing example has nothing to report; what a failing one has is
//! held by the `.snap` beside it.

use std::path::Path;

use plimsoll::policy;
use plimsoll::report::Style;
use plimsoll::report::human;

fn example(path: &Path) -> datatest_stable::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policies");
    let inside = path.strip_prefix(&folder).or_else(|_| path.strip_prefix("testdata/policies"))?;
    let mut steps = inside.components().map(|step| step.as_os_str().to_string_lossy().into_owned());
    let (policy, example) = (steps.next().unwrap(), steps.next().unwrap());
    // A folder is one example: it is run for the first of its files.
    let whole = folder.join(&policy).join(&example);
    if whole.is_dir()
        && path != first_file(&whole)
        && Path::new(env!("CARGO_MANIFEST_DIR")).join(path) != first_file(&whole)
    {
        return Ok(());
    }
    let report = plimsoll::examples::check(&whole, policy_file(&policy))?;
    let text = human(&report, &Style { color: false, width: 100 });
    if example.starts_with("pass") {
        assert!(report.findings.is_empty() && report.diagnostics.is_empty(), "{text}");
        return Ok(());
    }
    assert!(!report.findings.is_empty(), "nothing was found in {example}");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder.join(&policy));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(example.trim_end_matches(".yaml"), text));
    Ok(())
}

/// The path and the text of a built-in policy.
fn policy_file(id: &str) -> (&'static str, &'static str) {
    let is_it = |path: &str| path.ends_with(&format!("/{id}.yaml"));
    *policy::BUILTIN.iter().find(|(path, _)| is_it(path)).expect("examples stand in a folder named after a policy")
}

fn first_file(folder: &Path) -> std::path::PathBuf {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    match files.iter().find(|path| path.is_file()) {
        Some(file) => file.clone(),
        None => first_file(&files[0]),
    }
}

datatest_stable::harness! {
    { test = example, root = "testdata/policies", pattern = r"/(pass|fail)[^/]*(/.*)?\.yaml$" },
}
