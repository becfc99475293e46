//! A target as it was built: what fixes are made from, and what they are proved by.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::discover::Target;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::render::Resource;

/// A target, and all that is known of it.
#[derive(Debug)]
pub struct Built {
    /// What was built.
    pub target: Target,
    /// Its resources.
    pub resources: Vec<Resource>,
    /// What follows from them.
    pub facts: Facts,
    /// What policies say of it.
    pub findings: Vec<Finding>,
    /// What went wrong while it was built.
    pub diagnostics: Vec<Diagnostic>,
}

impl Built {
    /// How many errors there were while it was built.
    pub(super) fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|problem| problem.severity == Severity::Error).count()
    }
}
