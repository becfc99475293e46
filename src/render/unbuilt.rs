//! What could not be built of a target, as far as that can be told: what it would have held may be what others
//! refer to. Why is told by diagnostics.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::discover::Target;
use crate::discover::TargetKind;
use crate::render::Rendered;
use crate::source::SourceId;
use crate::yaml::Files;

/// What is not among the resources of a target though it is part of it.
#[derive(Clone, Default, Debug)]
pub struct Unbuilt {
    /// The namespaces it would be in; none for any.
    pub namespaces: Vec<Option<String>>,
    /// The files that could not be read to their end.
    pub files: Vec<SourceId>,
}

/// What `rendered` shows not to be built of `target`.
pub(super) fn of(target: &Target, rendered: &Rendered, files: &Files) -> Unbuilt {
    let mut unbuilt = Unbuilt::default();
    let mut problems = rendered.diagnostics.iter().filter(|problem| hides_something(problem)).peekable();
    if problems.peek().is_none() {
        return unbuilt;
    }
    match &target.kind {
        TargetKind::Kustomization(path) => unbuilt.namespaces.push(namespace_of(path, files)),
        TargetKind::Chart(_) => unbuilt.namespaces.push(None),
        TargetKind::Manifests(_) | TargetKind::Stream(_) => {
            for file in problems.map(|problem| problem.primary.span.source) {
                if unbuilt.files.last() != Some(&file) {
                    unbuilt.files.push(file);
                }
            }
        }
    }
    unbuilt
}

/// Whether there may be objects that the problem keeps from being seen. What is none defines nothing.
fn hides_something(problem: &Diagnostic) -> bool {
    problem.severity == Severity::Error && problem.code != "not-a-resource"
}

/// The namespace that a kustomization puts everything into.
fn namespace_of(path: &str, files: &Files) -> Option<String> {
    let parsed = files.parsed(path).ok()?;
    let root = parsed.tree.node(parsed.documents.first()?.root);
    root.get_str("namespace").filter(|namespace| !namespace.is_empty()).map(str::to_owned)
}
