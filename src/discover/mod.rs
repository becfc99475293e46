//! From a repository to its targets, and the ledger that says what became of every file.
//!
//! A target is what would be deployed as one unit; `render` builds it. Nothing is built here: files
//! are read only to tell what they are and what they refer to.

use crate::diagnostic::Diagnostic;
use crate::source::SourceId;

/// What would be deployed as one unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Its name in reports: the path of its folder or file relative to the root, `.` for the root.
    pub name: String,
    /// How it is built.
    pub kind: TargetKind,
}

/// How a target is built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TargetKind {
    /// A kustomization that no other one uses: the path of its file.
    Kustomization(String),
    /// A Helm chart: the path of its folder.
    Chart(String),
    /// Manifests that nobody builds from: the paths of their files, sorted.
    Manifests(Vec<String>),
    /// A stream of manifests from standard input.
    Stream(SourceId),
}

/// What became of the repository's files.
#[derive(Debug)]
pub struct Discovery {
    /// What is deployed, sorted by name.
    pub targets: Vec<Target>,
    /// Every YAML and JSON file, sorted by path.
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
}

/// What became of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Part of these targets, by name.
    Consumed(Vec<String>),
    /// Meant for a cluster by its look, but nothing deploys it.
    Orphan,
    /// Nothing that a cluster would take.
    NotKubernetes,
    /// Left out by a rule, which is named.
    Ignored(String),
    /// Could not be read or parsed; the diagnostics say why.
    Failed,
}
