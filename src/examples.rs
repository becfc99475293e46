//! Policies asked of their own examples: `pass*` must have nothing to report, `fail*` something.
//!
//! An example is a file, checked alone, or a folder, checked as a repository of its own. A file that
//! opens with a comment such as `# kubernetes: 1.33` is checked for that version.

use std::path::Path;
use std::sync::Arc;

use crate::config::Config;
use crate::discover::Discovery;
use crate::discover::Target;
use crate::discover::TargetKind;
use crate::kube::Version;
use crate::policy::PolicyFile;
use crate::policy::Selection;
use crate::policy::load_all;
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
    let config = Config { kubernetes: version(path, &sources), ..Config::default() };
    let selection = Selection { only: vec![file.id.clone()], skip: Vec::new() };
    let policies =
        load_all(&[file], &sources, &config, &selection, &mut problems).expect("the policy itself is selected");
    Ok(crate::check(&files, discover(path), &config, &policies, problems))
}

/// The version of Kubernetes that an example asks for.
fn version(path: &Path, sources: &Sources) -> Version {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let source = sources.read(&name).ok().map(|source| sources.get(source));
    let comment = source.and_then(|source| source.text().lines().next()?.strip_prefix("# kubernetes: "));
    comment.and_then(|version| version.trim().parse().ok()).unwrap_or(Version::LATEST)
}

fn discover(path: &Path) -> Discovery {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let target = Target { name: name.clone(), kind: TargetKind::Manifests(vec![name]) };
    Discovery { targets: vec![target], ledger: Vec::new(), diagnostics: Vec::new() }
}
