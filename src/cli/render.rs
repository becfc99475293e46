//! `plimsoll render` and `plimsoll blame`: what kustomizations give, and where it comes from. Several folders
//! are built side by side, what they share once, and printed as one stream in the order given.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use crate::cli::cache;
use crate::cli::exit::Exit;
use crate::cli::field;
use crate::cli::field::Field;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::run::limit_threads;
use crate::cli::run::peak_memory;
use crate::cli::settings::Blame;
use crate::cli::settings::Kustomize;
use crate::cli::settings::Render;
use crate::cli::settings::Terminal;
use crate::config::Config;
use crate::diagnostic;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::render;
use crate::render::Bases;
use crate::render::KustomizeOptions;
use crate::render::Resource;
use crate::report::Report;
use crate::report::Teller;
use crate::session;
use crate::session::Folders;
use crate::yaml;
use crate::yaml::Files;
use crate::yaml::Kind;

/// `plimsoll render`
pub(super) fn render(asked: &Render) -> Result<Exit, Failure> {
    let start = Instant::now();
    // The process ends with the answer, so nothing that it took is taken apart before.
    let Folders { files, paths, config, diagnostics: mut problems } =
        session::folders(&asked.folders).map_err(Failure::new)?;
    let (files, (options, bases)) = (ManuallyDrop::new(files), how(asked.kustomize, &config, paths.len())?);
    let bases = ManuallyDrop::new(bases);
    let print = |path: &String| {
        let mut rendered = ManuallyDrop::new(render::kustomization(path, &files, options, &bases));
        let text = if asked.origins {
            Teller::new(&rendered, files.sources(), output::standpoint(files.sources())).all_with_origins()
        } else {
            yaml::emit_all(rendered.resources.iter().map(Resource::node))
        };
        (text, std::mem::take(&mut rendered.diagnostics))
    };
    let printed: Vec<_> = match paths.as_slice() {
        // One folder needs no threads, which take longer to start than a small one to build.
        [path] => vec![print(path)],
        paths => {
            limit_threads(asked.terminal);
            paths.par_iter().map(print).collect()
        }
    };
    if asked.terminal.verbose {
        output::remark(&format!("built in {:.1} ms{}", start.elapsed().as_secs_f64() * 1000.0, peak_memory()));
    }
    let mut texts = Vec::new();
    for (text, more) in printed {
        problems.extend(more);
        match text {
            Ok(text) => texts.push(text),
            Err(problem) => problems.push(*problem),
        }
    }
    answer(&files, problems, &texts, asked.terminal)
}

/// `plimsoll blame`
pub(super) fn blame(asked: &Blame) -> Result<Exit, Failure> {
    let folder = std::slice::from_ref(&asked.folder);
    let Folders { files, paths, config, mut diagnostics } = session::folders(folder).map_err(Failure::new)?;
    let (options, bases) = how(asked.kustomize, &config, 1)?;
    let mut rendered = render::kustomization(&paths[0], &files, options, &bases);
    diagnostics.append(&mut rendered.diagnostics);
    if rendered.resources.is_empty() && !diagnostics.is_empty() {
        return answer(&files, diagnostics, &[], asked.terminal);
    }
    let teller = Teller::new(&rendered, files.sources(), output::standpoint(files.sources()));
    let text = match field::find(&rendered, &asked.field).map_err(Failure::new)? {
        Field::Dropped(dropped) => Ok(teller.blame_dropped(dropped)),
        Field::Deleted(deleted) => Ok(teller.blame_deleted(&asked.field, &deleted)),
        Field::There(node) if node.kind() == Kind::Scalar => Ok(teller.blame(&asked.field, node)),
        Field::There(node) => teller.with_origins(node),
    };
    let text = text.map_err(|problem| diagnostics.push(*problem)).unwrap_or_default();
    answer(&files, diagnostics, &[text], asked.terminal)
}

/// How some kustomizations are built: by the release that is asked for, or else that of the config.
fn how(asked: Kustomize, config: &Config, builds: usize) -> Result<(KustomizeOptions, Bases), Failure> {
    let version = session::kustomize_version(asked.version, config);
    let clones = cache::of_clones(asked.allow_remote)?;
    let options = KustomizeOptions { version, ..asked.options };
    // A chart takes too long to be rendered twice.
    let bases = if builds == 1 && !options.allow_helm { Bases::for_one(clones) } else { Bases::new(clones) };
    Ok((options, bases))
}

/// Prints streams of documents, or what stands in their way.
fn answer(files: &Files, diagnostics: Vec<Diagnostic>, texts: &[String], terminal: Terminal) -> Result<Exit, Failure> {
    let has_failed = diagnostics.iter().any(|problem| problem.severity == Severity::Error);
    if !diagnostics.is_empty() {
        let sources = Arc::clone(files.sources());
        let diagnostics = diagnostic::gather(diagnostics, &sources);
        let report = Report::of_problems(diagnostics, sources);
        output::problems(&report, terminal);
    }
    if has_failed { Ok(Exit::Unchecked) } else { output::print_documents(texts) }
}
