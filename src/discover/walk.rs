//! The walk over the repository: which files there are, and which of them are not to be looked at.
//!
//! It goes folder by folder, those of one depth in parallel, so neither depth nor threads matter.
//! What one machine would see and another would not (`.git/info/exclude`, a user's own ignore file,
//! the folders above the root) plays no part. Links to folders are not followed: what they lead to
//! inside the root is met at its own place.

use std::collections::HashSet;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::Gitignore;
use ignore::gitignore::GitignoreBuilder;
use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::discover::paths;
use crate::source::ItemKind;
use crate::source::Place;
use crate::source::ReadProblem;
use crate::source::Sources;
use crate::source::Span;

/// What the walk met.
#[derive(Default)]
pub(super) struct Walk {
    /// The YAML and JSON files, sorted by path. Folders that `.gitignore` names were not entered.
    pub(super) files: Vec<Found>,
    /// Every file, of any type, that is no link.
    pub(super) real_files: HashSet<String>,
    /// Every folder that was entered; the root is the empty path.
    pub(super) real_folders: HashSet<String>,
    /// The folders that were not entered, each with the rule of a `.gitignore` that says so.
    pub(super) ignored_folders: Vec<(String, String)>,
    /// What could not be read.
    pub(super) problems: Vec<Diagnostic>,
}

impl Walk {
    /// What was met under this very path.
    pub(super) fn file(&self, path: &str) -> Option<&Found> {
        let index = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(&self.files[index])
    }
}

/// One file.
pub(super) struct Found {
    pub(super) path: String,
    /// The rule by which it is not to be looked at.
    pub(super) ignored: Option<String>,
}

/// A folder to be entered.
struct Folder {
    path: String,
    rules: Option<Arc<Rules>>,
    /// The rule of the config that leaves out everything below.
    excluded: Option<String>,
}

/// The patterns of a `.gitignore`, and those of the folders above.
struct Rules {
    folder: String,
    patterns: Gitignore,
    above: Option<Arc<Rules>>,
}

/// Walks the root of `sources`. `exclude` are the patterns of the config.
pub(super) fn walk(sources: &Sources, exclude: &Gitignore) -> Walk {
    let mut walk = Walk::default();
    let mut level = vec![Folder { path: String::new(), rules: None, excluded: None }];
    while !level.is_empty() {
        let entered: Vec<(Walk, Vec<Folder>)> =
            level.par_iter().map(|folder| enter(sources, exclude, folder)).collect();
        walk.real_folders.extend(level.into_iter().map(|folder| folder.path));
        level = Vec::new();
        for (found, folders) in entered {
            walk.files.extend(found.files);
            walk.real_files.extend(found.real_files);
            walk.ignored_folders.extend(found.ignored_folders);
            walk.problems.extend(found.problems);
            level.extend(folders);
        }
    }
    walk.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    walk
}

/// The files of one folder and the folders in it.
fn enter(sources: &Sources, exclude: &Gitignore, folder: &Folder) -> (Walk, Vec<Folder>) {
    let mut walk = Walk::default();
    let mut folders = Vec::new();
    let items = match sources.list(&folder.path) {
        Ok(items) => items,
        Err(problem) => {
            walk.problems.push(unreadable_folder(sources, &folder.path, &problem));
            return (walk, folders);
        }
    };
    let mut rules = folder.rules.clone();
    // Like git, a `.gitignore` that is a link is not obeyed.
    if items.iter().any(|item| item.name == ".gitignore" && item.kind == ItemKind::File) {
        rules = Some(read_rules(sources, &folder.path, rules, &mut walk.problems));
    }
    for item in items.into_iter().filter(|item| item.name != ".git") {
        let path = paths::inside(&folder.path, &item.name);
        let is_folder = item.kind == ItemKind::Folder;
        let by_git = ignored_by_git(rules.as_deref(), &path, is_folder);
        let excluded = || folder.excluded.clone().or_else(|| excluded_by_config(exclude, &path, is_folder));
        match item.kind {
            ItemKind::Folder => match by_git {
                Some(rule) => walk.ignored_folders.push((path, rule)),
                None => folders.push(Folder { excluded: excluded(), path, rules: rules.clone() }),
            },
            ItemKind::File | ItemKind::Link => {
                let ignored = by_git.or_else(excluded);
                let is_other = ignored.is_none() && !paths::is_yaml_or_json(&path);
                if paths::is_yaml_or_json(&path) && !is_link_to_folder(sources, &path, item.kind) {
                    walk.files.push(Found { ignored, path: path.clone() });
                }
                if item.kind == ItemKind::File {
                    walk.real_files.insert(path);
                } else if is_other && matches!(sources.locate(&path), Err(ReadProblem::OutsideRoot)) {
                    walk.problems.push(leads_out(sources, &path));
                }
            }
        }
    }
    (walk, folders)
}

/// A link out of the repository may be to a folder of manifests, which are then not looked at.
fn leads_out(sources: &Sources, path: &str) -> Diagnostic {
    let what = "this link leads out of the repository, so what is behind it was not looked at";
    let problem = Diagnostic::warning("link-outside", Span::whole(sources.add_named(path)), what);
    let help = "check that folder by itself if it is deployed from here, or leave the link out with `exclude`";
    Diagnostic { severity: Severity::Note, ..problem.help(help) }
}

fn is_link_to_folder(sources: &Sources, path: &str, kind: ItemKind) -> bool {
    kind == ItemKind::Link && matches!(sources.locate(path), Ok(Place::Folder(_)))
}

fn read_rules(
    sources: &Sources,
    folder: &str,
    above: Option<Arc<Rules>>,
    problems: &mut Vec<Diagnostic>,
) -> Arc<Rules> {
    let source = sources.read(&paths::inside(folder, ".gitignore")).unwrap_or_else(|error| {
        let source = error.span.source;
        // What is not UTF-8 was read as well as it could be, which is all that patterns need.
        if !matches!(error.problem, ReadProblem::NotText) {
            problems.push(error.into());
        }
        source
    });
    let mut builder = GitignoreBuilder::new("");
    for line in sources.get(source).text().lines() {
        // A pattern that makes no sense ignores nothing, for git as for us.
        let _ = builder.add_line(None, line);
    }
    let patterns = builder.build().unwrap_or_else(|_| Gitignore::empty());
    Arc::new(Rules { folder: folder.to_owned(), patterns, above })
}

/// The pattern that makes git ignore `path`: the innermost `.gitignore` that says anything decides.
fn ignored_by_git(mut rules: Option<&Rules>, path: &str, is_folder: bool) -> Option<String> {
    while let Some(here) = rules {
        let relative = paths::below(path, &here.folder).expect("rules hold below their folder");
        match here.patterns.matched(relative, is_folder) {
            Match::Ignore(glob) => {
                let file = paths::inside(&here.folder, ".gitignore");
                return Some(format!("`{}` in `{file}`", glob.original()));
            }
            Match::Whitelist(_) => return None,
            Match::None => rules = here.above.as_deref(),
        }
    }
    None
}

fn excluded_by_config(exclude: &Gitignore, path: &str, is_folder: bool) -> Option<String> {
    match exclude.matched(path, is_folder) {
        Match::Ignore(glob) => Some(format!("`{}` in `exclude`", glob.original())),
        Match::None | Match::Whitelist(_) => None,
    }
}

fn unreadable_folder(sources: &Sources, folder: &str, problem: &ReadProblem) -> Diagnostic {
    let why = match problem {
        ReadProblem::Io(error) => error.kind().to_string(),
        other => other.to_string(),
    };
    let span = Span::whole(sources.add_named(paths::shown(folder)));
    Diagnostic::error("unreadable-folder", span, format!("what is in this folder cannot be listed: {why}"))
        .help("make it readable, or leave it out with `exclude` in `plimsoll.yaml`")
}
