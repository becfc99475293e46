//! Policies asked of their own examples: `pass*` must have nothing to report, `fail*` something.
//!
//! An example is a file, checked alone, or a folder, checked as a repository of its own. A file that
//! opens with a comment such as `# kubernetes: 1.33` is checked for that version.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::discover;
use crate::discover::Discovery;
use crate::discover::Target;
use crate::discover::TargetKind;
use crate::fix;
use crate::kube::Version;
use crate::policy::Policy;
use crate::policy::PolicyFile;
use crate::policy::Selection;
use crate::policy::load_all;
use crate::render;
use crate::report::Report;
use crate::source::Sources;
use crate::source::folder_entries;
use crate::yaml::Files;

/// One example of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    /// A file or a folder.
    pub path: PathBuf,
    /// What must come out.
    pub outcome: Outcome,
}

/// What must come out of an example.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Nothing is found.
    Pass,
    /// Something is found.
    Fail,
}

/// The examples in a folder, sorted by path: what is called `pass…` or `fail…`, snapshots left out.
///
/// # Errors
/// When the folder can't be listed.
pub fn of(folder: &Path) -> std::io::Result<Vec<Example>> {
    let mut examples = Vec::new();
    for path in folder_entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_input = path.is_dir() || path.extension().is_some_and(|ending| ending == "yaml" || ending == "json");
        let outcome = match &*name {
            name if name.starts_with("pass") => Outcome::Pass,
            name if name.starts_with("fail") => Outcome::Fail,
            _ => continue,
        };
        if is_input {
            examples.push(Example { path: path.clone(), outcome });
        }
    }
    Ok(examples)
}

/// Checks the example at `path` with one policy only, whose file has this path and text. The config of
/// a folder is heeded.
///
/// # Errors
/// When the example is not there.
pub fn check(path: &Path, policy: (&str, &str)) -> std::io::Result<Report> {
    Ok(Opened::of(path, policy, BTreeMap::new())?.check())
}

/// Does what the policy knows to do about what it finds in an example, in memory, and checks it again. None if the
/// policy knows nothing to do.
///
/// # Errors
/// When the example is not there.
pub fn check_fixed(path: &Path, policy: (&str, &str)) -> std::io::Result<Option<(fix::Proposal, Report)>> {
    let opened = Opened::of(path, policy, BTreeMap::new())?;
    let repairs = opened
        .policies
        .iter()
        .filter(|policy| policy.rule().fixes_safely().is_some())
        .map(|policy| policy.id.clone())
        .collect();
    let request = fix::Request { repairs, allow_unsafe: true, ..fix::Request::default() };
    if request.repairs.is_empty() {
        return Ok(None);
    }
    let Opened { files, config, discovery, policies, .. } = opened;
    let (proposal, _) = crate::fix(&files, discovery, &config, &policies, &render::Options::default(), &request);
    let texts = proposal.files.iter().map(|file| (file.path.clone(), file.after.clone())).collect();
    let report = Opened::of(path, policy, texts)?.check();
    Ok(Some((proposal, report)))
}

/// An example that has been read, and the policy.
struct Opened {
    files: Files,
    config: Config,
    discovery: Discovery,
    policies: Vec<Policy>,
    problems: Vec<Diagnostic>,
}

impl Opened {
    /// Reads an example, with other texts in the place of some of its files.
    fn of(path: &Path, policy: (&str, &str), texts: BTreeMap<String, String>) -> std::io::Result<Self> {
        let is_folder = path.is_dir();
        let folder = if is_folder { path } else { path.parent().unwrap_or(path) };
        let sources = Arc::new(Sources::below(folder)?.edited(texts));
        let files = Files::new(Arc::clone(&sources));
        let mut problems = Vec::new();
        let mut config = Config { kubernetes: version(path, &sources), ..Config::default() };
        if is_folder && let Some(file) = config::FILE_NAMES.iter().find_map(|name| files.parsed(name).ok()) {
            config = config::read(&file, &mut problems);
        }
        let file = PolicyFile::at(policy.0, sources.add(policy.0, policy.1));
        let selection = Selection { only: vec![file.id.clone()], ..Selection::default() };
        let policies =
            load_all(&[file], &sources, &config, &selection, &mut problems).expect("the policy itself is selected");
        let discovery =
            if is_folder { discover::discover(&files, &config, discover::Options::default()) } else { alone(path) };
        Ok(Self { files, config, discovery, policies, problems })
    }

    fn check(self) -> Report {
        let Self { files, config, discovery, policies, problems } = self;
        crate::check(&files, discovery, &config, &policies, render::Options::default(), problems)
    }
}

/// The version of Kubernetes that a file asks for in its first line.
fn version(path: &Path, sources: &Sources) -> Version {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let source = sources.read(&name).ok().map(|source| sources.get(source));
    let comment = source.and_then(|source| source.text().lines().next()?.strip_prefix("# kubernetes: "));
    comment.and_then(|version| version.trim().parse().ok()).unwrap_or(Version::LATEST)
}

/// A file as the only target.
fn alone(path: &Path) -> Discovery {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let target = Target { name: name.clone(), kind: TargetKind::Manifests(vec![name]) };
    Discovery { targets: vec![target], ..Discovery::default() }
}
