//! Kustomizations, built in process: the same bytes as `kustomize build`, and every field knows who set it.
//!
//! `build` holds the order of the build; each of the other files is one step of it. What they do follows
//! kustomize v5.5.0, oddities included, as it was observed.

pub mod sort;
pub mod config;
pub mod crds;
pub mod generator;
pub mod hash;
mod size;
pub mod replacement;
mod origin;
mod texts;
mod draft;
mod requirement;
mod selector;
mod set;
mod called;
mod clones;
mod folder;
mod objects;
mod notes;
mod fields;
mod stems;
mod names;
mod namespace;
mod labels;
mod metadata;
mod images;
mod replicas;
mod values;
mod merge;
mod patches;
mod replacements;
mod generate;
mod helm;
mod plugins;
mod vars;
mod references;
mod finish;
mod bases;
mod build;

pub use bases::Bases;

use std::sync::Arc;

use regex::Regex;
use regex::RegexBuilder;

use crate::diagnostic::Diagnostic;
use crate::kube::ResourceId;
use crate::kustomization::Version;
use crate::render::Rendered;
use crate::render::Resource;
use crate::render::event;
use crate::yaml::Files;

type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// How much memory the automaton of one pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// What may be asked of a build beyond its files.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Options {
    /// Whose behaviour is followed.
    pub version: Version,
    /// Whether files may lie outside of the folder of their kustomization (`LoadRestrictionsNone`).
    pub files_anywhere: bool,
    /// The order of the output where the kustomization does not say.
    pub order: Order,
    /// Whether everything gets the label that says who made it.
    pub managed_by: bool,
    /// Whether the `helm` program may be run for `helmCharts`.
    pub allow_helm: bool,
}

/// The order of resources in the output.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Order {
    /// By kind, as things should be created.
    #[default]
    Legacy,
    /// As they were added.
    Added,
}

/// Builds the kustomization in a folder.
pub(super) fn build(folder: &str, files: &Files, options: Options, bases: &Bases) -> Rendered {
    match build::build(folder, files, options, bases) {
        Err(diagnostics) => Rendered { diagnostics, ..Rendered::default() },
        Ok(set) => {
            let ids: Vec<ResourceId> = set.drafts.iter().map(|draft| draft.id(&set.tree).into()).collect();
            let tree = Arc::new(set.tree);
            let resource = |(draft, id): (draft::Draft, _)| Resource { id, tree: Arc::clone(&tree), root: draft.root };
            let events = event::objects(set.events, files.sources());
            let resources = set.drafts.into_iter().zip(ids).map(resource).collect();
            Rendered { resources, events, account: set.account, ..Rendered::default() }
        }
    }
}

/// A pattern as Go's `regexp` reads it.
fn go_regex(pattern: &str) -> std::result::Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).build()
}
