//! Whole kustomizations, a folder of `testdata/kustomize/` each. `expected.yaml` is what `kubectl kustomize` 1.32
//! printed for it; where it refused, the folder's name begins with `refused-` and the snapshot beside it holds what
//! we say.
//!
//! A folder is the kustomization itself, or holds it in `app/`.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "this is a test")]

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::Arguments;
use libtest_mimic::Failed;
use libtest_mimic::Trial;
use plimsoll::diagnostic;
use plimsoll::kustomization::Version;
use plimsoll::render;
use plimsoll::render::Bases;
use plimsoll::render::KustomizeOptions;
use plimsoll::render::Rendered;
use plimsoll::render::Resource;
use plimsoll::report::Report;
use plimsoll::report::Style;
use plimsoll::report::human;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;
use plimsoll::yaml::Reader;
use plimsoll::yaml::emit_all;
use plimsoll::yaml::parse;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/kustomize");
    let mut trials = Vec::new();
    for entry in root.read_dir().unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("refused-") {
            trials.push(Trial::test(name.clone(), move || refused(&folder, &name)));
        } else {
            let expected = std::fs::read_to_string(folder.join("expected.yaml")).unwrap();
            let again = expected.clone();
            trials.push(Trial::test(format!("{name}/emitted-again"), move || emitted_again(&again)));
            trials.push(Trial::test(name, move || built(&folder, &expected)));
        }
    }
    trials.sort_by(|one, other| one.name().cmp(other.name()));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The kustomization as one of several that share their bases, and as the only one.
fn renders(folder: &Path) -> [(Arc<Sources>, Rendered); 2] {
    [Bases::default(), Bases::for_one(None)].map(|bases| render(folder, &bases))
}

fn render(folder: &Path, bases: &Bases) -> (Arc<Sources>, Rendered) {
    let files = Files::new(Arc::new(Sources::below(folder).unwrap()));
    let path = if folder.join("app").is_dir() { "app" } else { "" };
    let options = KustomizeOptions { version: Version::V5_5, ..KustomizeOptions::default() };
    let rendered = render::kustomization(path, &files, options, bases);
    (Arc::clone(files.sources()), rendered)
}

fn built(folder: &Path, expected: &str) -> Result<(), Failed> {
    for (sources, rendered) in renders(folder) {
        if !rendered.diagnostics.is_empty() {
            return Err(told(&sources, rendered).into());
        }
        let text =
            emit_all(rendered.resources.iter().map(Resource::node)).map_err(|problem| problem.message.clone())?;
        if text != expected {
            return Err(Failed::from(text));
        }
    }
    Ok(())
}

fn refused(folder: &Path, name: &str) -> Result<(), Failed> {
    let [said, alone] = renders(folder).map(|(sources, rendered)| told(&sources, rendered));
    if said != alone {
        return Err(Failed::from(format!("as the only one it is refused otherwise:\n{alone}")));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder.with_file_name(""));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, said));
    Ok(())
}

/// What kustomize has printed is printed the same.
fn emitted_again(expected: &str) -> Result<(), Failed> {
    let sources = Arc::new(Sources::in_memory());
    let parsed = parse(&sources, sources.add("expected.yaml", expected), Reader::Kustomize);
    let roots = parsed.documents.iter().map(|document| parsed.tree.node(document.root));
    let text = emit_all(roots).map_err(|problem| problem.message.clone())?;
    if text == expected { Ok(()) } else { Err(Failed::from(text)) }
}

fn told(sources: &Arc<Sources>, rendered: Rendered) -> String {
    let report = Report::of_problems(diagnostic::gather(rendered.diagnostics, sources), Arc::clone(sources));
    human(&report, &Style::plain(100))
}
