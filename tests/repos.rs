//! All policies over small whole repositories, each held by one snapshot, and the same bytes from one
//! thread and from many.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::path::Path;
use std::path::PathBuf;

use plimsoll::report::Style;
use plimsoll::report::facts_yaml;
use plimsoll::report::graph;
use plimsoll::report::human;
use plimsoll::report::json;
use plimsoll::session::Input;
use plimsoll::session::Request;
use plimsoll::session::Session;

fn repositories() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/repos");
    let mut folders: Vec<PathBuf> =
        all.read_dir().unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The report on a repository in both formats.
fn checked(repository: &Path) -> (String, String) {
    let request = Request::of(Input::Paths(vec![repository.to_owned()]));
    let report = Session::open(&request).unwrap().check();
    (human(&report, &Style::plain(100)), json(&report))
}

#[test]
fn every_repository_has_the_report_beside_it() {
    for repository in repositories() {
        let (text, json) = checked(&repository);
        hold(&repository, "", &text);
        hold(&repository, ".json", &json);
    }
}

/// Compares a text with the snapshot beside the repository that has this ending.
fn hold(repository: &Path, ending: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(repository.with_file_name(""));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = repository.file_name().unwrap().to_string_lossy();
    settings.bind(|| insta::assert_snapshot!(format!("{name}{ending}"), text));
}

#[test]
fn every_repository_has_the_facts_and_the_graph_beside_it() {
    for repository in repositories() {
        let request = Request::of(Input::Paths(vec![repository.clone()]));
        let inferred = Session::open(&request).unwrap().infer();
        hold(&repository, ".facts", &facts_yaml(&inferred));
        hold(&repository, ".graph", &graph::text(&inferred));
        hold(&repository, ".graph.dot", &graph::dot(&inferred));
        hold(&repository, ".graph.mermaid", &graph::mermaid(&inferred));
        hold(&repository, ".graph.json", &graph::json(&inferred));
        hold(&repository, ".graph.svg", &graph::svg(&inferred));
    }
}

#[test]
fn one_thread_and_many_write_the_same_bytes_every_time() {
    for repository in repositories() {
        let with_threads = |count| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
            pool.install(|| checked(&repository))
        };
        let expected = with_threads(1);
        for _ in 0..10 {
            assert!(with_threads(4) == expected, "{}", repository.display());
        }
    }
}
