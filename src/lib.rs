//! Plimsoll reads a GitOps repository, builds what would be applied, and says what must not sail.
//!
//! The list of modules below is the architecture: each may use those above it and none below.

/// Texts, and places in them.
pub mod source;
/// What we tell people about a place.
pub mod diagnostic;
/// Text as a tree of nodes that know where they were written.
pub mod yaml;
/// What Kubernetes knows, as tables.
pub mod kube;
/// The settings of a project.
pub mod config;
/// The kustomization file: its names, its fields, what it refers to.
pub mod kustomization;
/// From a repository to its targets.
pub mod discover;
/// The command line.
pub mod cli {
    /// x
    pub fn main() -> std::process::ExitCode {
        std::process::ExitCode::SUCCESS
    }
}
