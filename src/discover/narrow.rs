//! What is asked about of all that was discovered: the targets that some files and folders feed.

use std::collections::HashSet;

use crate::discover::Discovery;
use crate::discover::Entry;
use crate::discover::Fate;
use crate::discover::paths;
use crate::kustomization;
use crate::source::Sources;

/// Keeps the targets that take a file at or below one of these paths.
pub fn narrow(discovery: &mut Discovery, sources: &Sources, asked_paths: &[String]) {
    let is_asked = |file: &str| {
        asked_paths
            .iter()
            .any(|path| file.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    };
    // What a generator takes is no manifest and in no ledger: the kustomization around it is asked about.
    let around: Vec<&String> = asked_paths.iter().filter_map(|path| kustomization_around(discovery, path)).collect();
    let mut asked = vec![false; discovery.targets.len()];
    let is_meant = |path: &String| is_asked(path) || around.contains(&path);
    for entry in discovery.ledger.iter().filter(|entry| is_meant(&entry.path)) {
        if let Fate::Consumed(targets) = &entry.fate {
            for &target in targets {
                asked[target] = true;
            }
        }
    }
    let mut kept = 0..;
    let places: Vec<Option<usize>> =
        asked.iter().map(|&asked| asked.then(|| kept.next().unwrap_or_default())).collect();
    let mut asked = asked.into_iter();
    let (targets, beside): (Vec<_>, Vec<_>) =
        std::mem::take(&mut discovery.targets).into_iter().partition(|_| asked.next().unwrap_or(false));
    discovery.targets = targets;
    discovery.beside.extend(beside);
    discovery.ledger.retain_mut(|entry| match &mut entry.fate {
        Fate::Consumed(targets) => {
            *targets = targets.iter().filter_map(|&target| places[target]).collect();
            !targets.is_empty()
        }
        _ => is_asked(&entry.path),
    });
    discovery.diagnostics.retain(|problem| is_asked(&sources.location(problem.primary.span).file));
}

/// The nearest kustomization in a folder around a path of which the ledger knows nothing.
fn kustomization_around<'d>(discovery: &'d Discovery, path: &str) -> Option<&'d String> {
    let is_below =
        |entry: &&Entry| entry.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if discovery.ledger.iter().any(|entry| is_below(&entry)) {
        return None;
    }
    let known: HashSet<&String> = discovery.ledger.iter().map(|entry| &entry.path).collect();
    paths::ancestors(path).find_map(|folder| {
        let mut files = kustomization::FILE_NAMES.iter().map(|name| paths::inside(folder, name));
        files.find_map(|file| known.get(&file).copied())
    })
}
