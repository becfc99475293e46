//! From findings and diagnostics to bytes, one function for each format. Decides nothing.

use std::sync::Arc;

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::finding::Finding;
use crate::source::Sources;

/// All that a run has to say. Both lists are sorted by place.
#[derive(Debug)]
pub struct Report {
    /// The texts that the spans are in.
    pub sources: Arc<Sources>,
    /// What policies found.
    pub findings: Vec<Finding>,
    /// What could not be checked, and what is odd about the input.
    pub diagnostics: Vec<Diagnostic>,
    /// The run in numbers.
    pub summary: Summary,
}

/// A run in numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize)]
pub struct Summary {
    /// Files that were read as part of a target.
    pub files: usize,
    /// Targets.
    pub targets: usize,
    /// Resources in all targets.
    pub resources: usize,
    /// Findings and diagnostics that are errors.
    pub errors: usize,
    /// Findings and diagnostics that are warnings.
    pub warnings: usize,
    /// Findings and diagnostics that are notes.
    pub notes: usize,
    /// Questions of policies that could not be answered from the repository.
    pub unknown: usize,
    /// Findings that an ignore or a baseline holds back.
    pub suppressed: usize,
}
