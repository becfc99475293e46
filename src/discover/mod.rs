//! From a repository to its targets, and the ledger that says what became of every file.
//!
//! A target is what would be deployed as one unit; `render` builds it. Nothing is built here: files
//! are read only to tell what they are and what they refer to.

pub(crate) mod paths;
mod walk;
mod look;
mod names;
mod classify;
mod charts;
mod graph;
mod cycle;
mod plain;
mod ledger;
mod narrow;

pub use narrow::narrow;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::discover::charts::Charts;
use crate::discover::classify::Seen;
use crate::discover::classify::Standing;
use crate::discover::classify::Surroundings;
use crate::discover::graph::Graph;
use crate::discover::ledger::Claims;
use crate::discover::plain::Loose;
use crate::discover::walk::Found;
use crate::discover::walk::Walk;
use crate::kustomization;
use crate::source::SourceId;
use crate::source::Sources;
use crate::yaml::Files;

/// What a target is called that comes from standard input, and the file it is made of.
pub const STREAM_NAME: &str = "<stdin>";

/// What is asked of discovery beyond the config.
#[derive(Clone, Copy, Default, Debug)]
pub struct Options {
    /// Whether bases are targets too: every kustomization but the Components.
    pub all_roots: bool,
}

/// Finds the targets below the root of `files`.
pub fn discover(files: &Files, config: &Config, options: Options) -> Discovery {
    let walk = walk::walk(files.sources(), &config.exclude);
    let charts = Charts::among(&walk.files);
    let seen = look_at(files, &walk, &charts);
    let graph = Graph::of(files, &walk, &charts, kustomizations(&seen));
    let mut claims = Claims::of(&graph, &charts, &walk);
    for root in graph.roots(options.all_roots) {
        claims.kustomization(root);
    }
    let inflated: BTreeSet<&str> = graph.units.iter().flat_map(|unit| &unit.charts).map(String::as_str).collect();
    for chart in charts.deployable(files).filter(|chart| options.all_roots || !inflated.contains(chart)) {
        claims.chart(chart);
    }
    let mut diagnostics = walk.problems.clone();
    let loose: Vec<Loose<'_>> = seen.iter().filter_map(|(path, seen)| loose(path, seen, &claims)).collect();
    for group in plain::group(&loose, &config.targets, &mut diagnostics) {
        claims.manifests(group);
    }
    diagnostics.extend(cycle::problems(&graph));
    let (targets, ledger) = claims.settle(&seen);
    for entry in ledger.iter().filter(|entry| entry.fate == Fate::Failed) {
        diagnostics.extend(seen.get(entry.path.as_str()).into_iter().flat_map(|seen| seen.problems.iter().cloned()));
    }
    sort(files.sources(), &mut diagnostics);
    let beside = beside(&ledger);
    Discovery { targets, beside, ledger, diagnostics }
}

/// The manifests that nothing deploys, and what could not be read.
fn beside(ledger: &[Entry]) -> Vec<Target> {
    let is_beside =
        |entry: &&Entry| entry.fate == Fate::Failed || (entry.fate == Fate::Orphan && entry.file == FileKind::Manifest);
    let files: Vec<String> = ledger.iter().filter(is_beside).map(|entry| entry.path.clone()).collect();
    let target = || Target { name: String::new(), kind: TargetKind::Manifests(files.clone()) };
    (!files.is_empty()).then(target).into_iter().collect()
}

/// The one target that a stream of manifests is.
pub fn stream(sources: &Sources, text: impl Into<String>) -> Discovery {
    let source = sources.add(STREAM_NAME, text);
    Discovery {
        targets: vec![Target { name: STREAM_NAME.to_owned(), kind: TargetKind::Stream(source) }],
        beside: Vec::new(),
        ledger: vec![Entry { path: STREAM_NAME.to_owned(), file: FileKind::Manifest, fate: Fate::Consumed(vec![0]) }],
        diagnostics: Vec::new(),
    }
}

/// Looks at every file that is not ignored, and at those of charts only if they may be kustomizations.
fn look_at<'w>(files: &Files, walk: &'w Walk, charts: &Charts) -> BTreeMap<&'w str, Seen> {
    let is_asked = |file: &&Found| {
        file.ignored.is_none()
            && charts.member(&file.path).is_none_or(|member| !member.is_own && is_kustomization_name(&file.path))
    };
    let asked: Vec<&str> = walk.files.iter().filter(is_asked).map(|file| file.path.as_str()).collect();
    let look = |path| (path, classify::classify(files, path, surroundings(path, walk)));
    asked.into_par_iter().map(look).collect()
}

/// What a file lies among, which tells a patch from a broken manifest.
fn surroundings(path: &str, walk: &Walk) -> Surroundings {
    let is_beside = |name: &&str| walk.real_files.contains(&paths::inside(paths::folder(path), name));
    if names::is_part(path) {
        Surroundings::Parts
    } else if kustomization::FILE_NAMES.iter().any(is_beside) {
        Surroundings::Kustomization
    } else {
        Surroundings::Plain
    }
}

fn is_kustomization_name(path: &str) -> bool {
    kustomization::FILE_NAMES.contains(&paths::name(path))
}

fn kustomizations<'s>(seen: &'s BTreeMap<&str, Seen>) -> impl Iterator<Item = &'s str> {
    let is_one = |seen: &Seen| matches!(seen.kind, FileKind::Kustomization | FileKind::Component);
    seen.iter().filter(move |(_, seen)| is_one(seen)).map(|(path, _)| *path)
}

/// A manifest, or what looks like a patch, that nothing has claimed.
fn loose<'s>(path: &'s str, seen: &'s Seen, claims: &Claims<'_>) -> Option<Loose<'s>> {
    let is_candidate = seen.standing == Standing::Deployable || seen.kind == FileKind::Patch;
    let stands_alone = seen.standing == Standing::Deployable;
    (is_candidate && !claims.has(path)).then_some(Loose { path, ids: &seen.ids, stands_alone })
}

/// By path and place, since ids of sources have no order.
fn sort(sources: &Sources, diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_cached_key(|problem| {
        let span = problem.primary.span;
        (sources.get(span.source).path().to_owned(), span.start, span.end, problem.code)
    });
}

/// What would be deployed as one unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Its name in reports: the path of its folder or file relative to the root, `.` for the root.
    /// Manifests beside a kustomization or a chart that does not take them are `folder/*`.
    pub name: String,
    /// How it is built.
    pub kind: TargetKind,
}

/// How a target is built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TargetKind {
    /// A kustomization that no other one uses: the path of its file.
    Kustomization(String),
    /// A Helm chart: the path of its folder, `.` for the root.
    Chart(String),
    /// Manifests that nobody builds from: the paths of their files, sorted. A document of such a file
    /// may be broken; whoever uses the target tells so, from the file's own diagnostics.
    Manifests(Vec<String>),
    /// A stream of manifests from standard input.
    Stream(SourceId),
}

/// What became of the repository's files.
#[derive(Default, Debug)]
pub struct Discovery {
    /// What is deployed, sorted by name. A folder can be a kustomization and a chart, in this order.
    pub targets: Vec<Target>,
    /// What is there beside them, which they may refer to: manifests that nothing deploys, files that could not be
    /// read, and the targets that were not asked for. Nothing is told of it.
    pub beside: Vec<Target>,
    /// Every YAML and JSON file, sorted by path. Of a folder that `.gitignore` names there is the folder,
    /// with a `/` at its end, and what a target consumes.
    pub ledger: Vec<Entry>,
    /// What is wrong with the files as such: cycles, unused Components, what could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// One line of the ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The path relative to the root.
    pub path: String,
    /// What the file is.
    pub file: FileKind,
    /// What became of it.
    pub fate: Fate,
}

/// What a file is, by its name and its content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FileKind {
    /// Kubernetes objects.
    Manifest,
    /// A kustomization file of kind Kustomization, or without a kind.
    Kustomization,
    /// A kustomization file of kind Component.
    Component,
    /// `Chart.yaml`.
    Chart,
    /// A Helm template.
    Template,
    /// Values of a Helm chart.
    Values,
    /// A strategic-merge or JSON patch.
    Patch,
    /// A workflow of a CI system.
    Workflow,
    /// The settings of Plimsoll itself.
    Config,
    /// YAML or JSON that has nothing to do with Kubernetes.
    Other,
    /// No file, but a folder that was not entered.
    Folder,
}

/// What became of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Part of these targets: their places in [`Discovery::targets`], in order.
    Consumed(Vec<usize>),
    /// Meant for a cluster by its look, but nothing deploys it.
    Orphan,
    /// Nothing that a cluster would take.
    NotKubernetes,
    /// Left out by a rule, which is named.
    Ignored(String),
    /// Could not be read or parsed; the diagnostics say why.
    Failed,
}
