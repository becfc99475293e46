//! `plimsoll render`: what `kustomize build` prints, on standard output.

use std::sync::Arc;

use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::settings::Render;
use crate::diagnostic;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::render;
use crate::render::Bases;
use crate::report::Report;
use crate::report::Summary;
use crate::session;
use crate::yaml;

/// `plimsoll render`
pub(super) fn render(asked: &Render) -> Result<Exit, Failure> {
    let session::Folder { files, path } = session::folder(&asked.folder).map_err(Failure::new)?;
    let rendered = render::kustomization(&path, &files, asked.kustomize, &Bases::default());
    let mut diagnostics = rendered.diagnostics;
    let text = match yaml::emit_all(rendered.resources.iter().map(render::Resource::node)) {
        Ok(text) => text,
        Err(problem) => {
            diagnostics.push(*problem);
            String::new()
        }
    };
    let is_error = |problem: &Diagnostic| problem.severity == Severity::Error;
    let has_failed = diagnostics.iter().any(is_error);
    if !diagnostics.is_empty() {
        let sources = Arc::clone(files.sources());
        let diagnostics = diagnostic::gather(diagnostics, &sources);
        let (findings, idle_policies) = (Vec::new(), Vec::new());
        let report = Report { sources, findings, diagnostics, summary: Summary::default(), idle_policies }.counted();
        output::problems(&report, asked.terminal.color);
    }
    if has_failed { Ok(Exit::Unchecked) } else { output::print(&text) }
}
