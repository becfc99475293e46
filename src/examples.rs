//! Policies asked of their own examples: `pass*` must have nothing to report, `fail*` something.
//!
//! An example is a file, checked alone, or a folder, checked as a repository of its own.

use std::path::Path;
use std::sync::Arc;

use crate::config::Config;
use crate::discover::Discovery;
use crate::discover::Target;
use crate::discover::TargetKind;
use crate::policy::PolicyFile;
use crate::policy::Selection;
use crate::policy::load_all;
use crate::render;
use crate::report::Report;
use crate::source::Sources;
use crate::yaml::Files;

/// Checks the example at `path` with one policy only, whose file has this path and text.
///
/// # Errors
/// When the example is not there.
pub fn check(path: &Path, policy: (&str, &str)) -> std::io::Result<Report> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let sources = Arc::new(Sources::below(folder)?);
    let files = Files::new(Arc::clone(&sources));
    let file = PolicyFile::at(policy.0, sources.add(policy.0, policy.1));
    let mut problems = Vec::new();
    let config = Config::default();
    let selection = Selection { only: vec![file.id.clone()], skip: Vec::new() };
    let policies =
        load_all(&[file], &sources, &config, &selection, &mut problems).expect("the policy itself is selected");
    Ok(crate::check(&files, discover(path), &config, &policies, render::Options::default(), problems))
}

fn discover(path: &Path) -> Discovery {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let target = Target { name: name.clone(), kind: TargetKind::Manifests(vec![name]) };
    Discovery { targets: vec![target], ledger: Vec::new(), diagnostics: Vec::new() }
}
