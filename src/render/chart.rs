//! Charts, rendered by the `helm` program when somebody allowed it.
//!
//! Helm says which template each part of its output came from, not which line, so what is found there
//! is told of the template as a whole.

use std::collections::HashMap;
use std::ffi::OsString;

use crate::diagnostic::Diagnostic;
use crate::render::Rendered;
use crate::render::helm;
use crate::render::plain;
use crate::source::OriginMap;
use crate::source::SourceId;
use crate::source::Span;
use crate::yaml::Files;

/// The name of the release that charts are rendered for.
const RELEASE: &str = "release-name";

/// Renders the chart in `folder`.
pub(super) fn build(folder: &str, files: &Files, allow_helm: bool) -> Rendered {
    let rendered = if allow_helm { run_helm(folder, files) } else { Err(not_allowed(folder, files)) };
    match rendered {
        Ok(output) => plain::stream(sourced(&format!("<helm template {folder}>"), output, Some(folder), files), files),
        Err(problem) => Rendered { diagnostics: vec![*problem], ..Rendered::default() },
    }
}

/// A stream, with its parts leading to the files that its `# Source:` comments name, if it has such.
pub(super) fn with_origins(stream: SourceId, files: &Files) -> SourceId {
    let source = files.sources().get(stream);
    let has_comments = source.text().starts_with("# Source: ") || source.text().contains("\n# Source: ");
    if has_comments { sourced(source.path(), source.text().to_owned(), None, files) } else { stream }
}

/// A text with `# Source:` comments as a source whose parts lead to the templates they name. Those of a
/// chart in `folder` are below it. A file that is not here, as when the chart is rendered elsewhere, is known
/// by its name alone.
pub(super) fn sourced(name: &str, text: String, folder: Option<&str>, files: &Files) -> SourceId {
    let sources = files.sources();
    let mut origins = OriginMap::default();
    let mut templates: HashMap<String, SourceId> = HashMap::new();
    let mut section: Option<(usize, Span)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let comment = line.strip_prefix("# Source: ").map(str::trim_end);
        if comment.is_some() || line.starts_with("---") {
            if let Some((start, origin)) = section.take() {
                origins.push(offset(start), offset(at), origin);
            }
            let path = comment.and_then(|path| match folder {
                Some(folder) => path.split_once('/').map(|(_, inside)| format!("{folder}/{inside}")),
                None => Some(path.to_owned()),
            });
            let template = path.map(|path| {
                let read = || sources.locate(&path).ok().and_then(|_| sources.read(&path).ok());
                let known = templates.get(&path).copied();
                let source = known.or_else(read).unwrap_or_else(|| sources.add(path.as_str(), ""));
                templates.insert(path, source);
                source
            });
            section = template.map(|template| (at, Span::whole(template)));
        }
        at += line.len();
    }
    if let Some((start, origin)) = section {
        origins.push(offset(start), offset(at), origin);
    }
    sources.add_made(name, text, origins)
}

fn run_helm(folder: &str, files: &Files) -> Result<String, Box<Diagnostic>> {
    let root = files.sources().root().ok_or_else(|| not_allowed(folder, files))?;
    let arguments = [OsString::from("template"), RELEASE.into(), root.join(folder).into()];
    // What helm prints may name the folder by its absolute path, which no report holds.
    let told = |reason: String| failed(folder, files, &reason.replace(&*root.to_string_lossy(), "."));
    helm::run(&arguments, "").map_err(told)
}

fn failed(folder: &str, files: &Files, reason: &str) -> Box<Diagnostic> {
    let what = format!("chart `{folder}` could not be rendered: {reason}");
    Box::new(Diagnostic::error("chart-not-rendered", place(folder, files), what))
}

fn not_allowed(folder: &str, files: &Files) -> Box<Diagnostic> {
    let problem =
        Diagnostic::error("chart-not-rendered", place(folder, files), format!("chart `{folder}` was not checked"));
    Box::new(problem.help("pass `--allow-helm` to render it with the `helm` program, or exclude it in plimsoll.yaml"))
}

fn place(folder: &str, files: &Files) -> Span {
    let path =
        if folder == "." || folder.is_empty() { "Chart.yaml".to_owned() } else { format!("{folder}/Chart.yaml") };
    match files.sources().read(&path) {
        Ok(source) => Span::whole(source),
        Err(error) => error.span,
    }
}

fn offset(byte: usize) -> u32 {
    u32::try_from(byte).expect("a source is shorter than 4 GiB")
}
