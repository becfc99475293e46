//! `plimsoll render` and `plimsoll blame`: what a kustomization gives, and where it comes from.

use std::path::Path;
use std::sync::Arc;

use crate::cli::exit::Exit;
use crate::cli::field;
use crate::cli::field::Field;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::settings::Blame;
use crate::cli::settings::Color;
use crate::cli::settings::Render;
use crate::diagnostic;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::render;
use crate::render::Bases;
use crate::render::KustomizeOptions;
use crate::render::Rendered;
use crate::render::Resource;
use crate::report;
use crate::report::Report;
use crate::report::Summary;
use crate::session;
use crate::yaml;
use crate::yaml::Files;
use crate::yaml::Kind;

/// `plimsoll render`
pub(super) fn render(asked: &Render) -> Result<Exit, Failure> {
    let (files, rendered) = build(&asked.folder, asked.kustomize)?;
    let objects = rendered.resources.iter().map(Resource::node);
    let text = if asked.origins { report::with_origins(objects) } else { yaml::emit_all(objects) };
    answer(&files, rendered.diagnostics, text, asked.terminal.color)
}

/// `plimsoll blame`
pub(super) fn blame(asked: &Blame) -> Result<Exit, Failure> {
    let (files, rendered) = build(&asked.folder, asked.kustomize)?;
    if rendered.resources.is_empty() && !rendered.diagnostics.is_empty() {
        return answer(&files, rendered.diagnostics, Ok(String::new()), asked.terminal.color);
    }
    let text = match field::find(&rendered.resources, &asked.field).map_err(Failure::new)? {
        Field::Deleted(mapping, name) => Ok(report::blame_deleted(&asked.field, mapping, &name)),
        Field::There(node) if node.kind() == Kind::Scalar => Ok(report::blame(&asked.field, node)),
        Field::There(node) => report::with_origins([node]),
    };
    answer(&files, rendered.diagnostics, text, asked.terminal.color)
}

fn build(folder: &Path, options: KustomizeOptions) -> Result<(Files, Rendered), Failure> {
    let session::Folder { files, path } = session::folder(folder).map_err(Failure::new)?;
    let rendered = render::kustomization(&path, &files, options, &Bases::default());
    Ok((files, rendered))
}

/// Prints a text, or what stands in its way.
fn answer(
    files: &Files,
    mut diagnostics: Vec<Diagnostic>,
    text: Result<String, Box<Diagnostic>>,
    color: Color,
) -> Result<Exit, Failure> {
    let text = text.unwrap_or_else(|problem| {
        diagnostics.push(*problem);
        String::new()
    });
    let has_failed = diagnostics.iter().any(|problem| problem.severity == Severity::Error);
    if !diagnostics.is_empty() {
        let sources = Arc::clone(files.sources());
        let diagnostics = diagnostic::gather(diagnostics, &sources);
        let (findings, idle_policies, unknown) = (Vec::new(), Vec::new(), Vec::new());
        let summary = Summary::default();
        let report = Report { sources, findings, diagnostics, summary, idle_policies, unknown }.counted();
        output::problems(&report, color);
    }
    if has_failed { Ok(Exit::Unchecked) } else { output::print(&text) }
}
