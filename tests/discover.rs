//! Each folder of `testdata/discover/` is a small repository; the snapshot beside it says which
//! targets, which ledger and which diagnostics discovery finds in it.
//!
//! What git cannot hold (links, unreadable files) is made by tests of its own, in a folder that is thrown away.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use plimsoll::config;
use plimsoll::config::Config;
use plimsoll::diagnostic::Diagnostic;
use plimsoll::discover::Discovery;
use plimsoll::discover::Fate;
use plimsoll::discover::Options;
use plimsoll::discover::TargetKind;
use plimsoll::discover::discover;
use plimsoll::discover::stream;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;

#[test]
fn cases() {
    for case in case_folders() {
        let name = case.file_name().unwrap().to_str().unwrap();
        // Some cases are about the option, which their name says.
        let options = Options { all_roots: name.ends_with("-all-roots") };
        let once = on_threads(1, || shown(&case, options));
        let again = on_threads(4, || shown(&case, options));
        assert_eq!(once, again, "`{name}` depends on the number of threads");
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(case.parent().unwrap());
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, once));
    }
}

fn case_folders() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/discover");
    let entries = all.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are no cases in {}", all.display());
    cases
}

fn on_threads<T: Send>(count: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap().install(work)
}

/// Discovery in the repository at `root`, with its own config, as text.
fn shown(root: &Path, options: Options) -> String {
    let files = Files::new(Arc::new(Sources::below(root).unwrap()));
    let mut problems = Vec::new();
    let config = if root.join(config::FILE_NAMES[0]).exists() {
        config::read(&files.parsed(config::FILE_NAMES[0]).unwrap(), &mut problems)
    } else {
        Config::default()
    };
    assert!(problems.is_empty(), "{problems:?}");
    describe(files.sources(), &discover(&files, &config, options))
}

fn describe(sources: &Sources, found: &Discovery) -> String {
    let mut text = String::from("targets\n");
    for target in &found.targets {
        let kind = match &target.kind {
            TargetKind::Kustomization(file) => format!("kustomization {file}"),
            TargetKind::Chart(folder) => format!("chart {folder}"),
            TargetKind::Manifests(files) => format!("manifests {}", files.join(" ")),
            TargetKind::Stream(_) => "stream".to_owned(),
        };
        writeln!(text, "  {}: {kind}", target.name).unwrap();
    }
    text.push_str("ledger\n");
    for entry in &found.ledger {
        let fate = match &entry.fate {
            Fate::Consumed(targets) => {
                let names: Vec<_> = targets.iter().map(|&target| found.targets[target].name.as_str()).collect();
                format!("consumed by {}", names.join(", "))
            }
            Fate::Orphan => "orphan".to_owned(),
            Fate::NotKubernetes => "not Kubernetes".to_owned(),
            Fate::Ignored(rule) => format!("ignored by {rule}"),
            Fate::Failed => "failed".to_owned(),
        };
        writeln!(text, "  {} ({:?}): {fate}", entry.path, entry.file).unwrap();
    }
    text.push_str("diagnostics\n");
    for problem in &found.diagnostics {
        describe_problem(sources, problem, &mut text);
    }
    text
}

fn describe_problem(sources: &Sources, problem: &Diagnostic, text: &mut String) {
    let Diagnostic { code, severity, message, primary, .. } = problem;
    writeln!(text, "  {severity}[{code}]: {message}").unwrap();
    for label in std::iter::once(primary).chain(&problem.related) {
        let place = sources.location(label.span);
        let line = format!("    {}:{}:{} {}", place.file, place.line, place.column, label.message);
        writeln!(text, "{}", line.trim_end()).unwrap();
    }
    if let Some(help) = &problem.help {
        writeln!(text, "    help: {help}").unwrap();
    }
}

#[test]
fn a_stream_is_one_target() {
    let sources = Sources::in_memory();
    let found = stream(&sources, "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n");
    assert_eq!(
        describe(&sources, &found),
        "targets\n  <stdin>: stream\nledger\n  <stdin> (Manifest): consumed by <stdin>\ndiagnostics\n"
    );
}

/// A folder that is removed at the end of the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("discover-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

#[cfg(unix)]
#[test]
fn links_to_folders_are_not_walked_but_references_go_through_them() {
    use std::os::unix::fs::symlink;

    let scratch = Scratch::new("links");
    scratch.write("repo/base/kustomization.yaml", "resources: [a.yaml]\n");
    scratch.write("repo/base/a.yaml", CONFIG_MAP);
    scratch.write("repo/app/kustomization.yaml", "resources: [linked, ../loop/loop/plain/b.yaml, ../out/c.yaml]\n");
    scratch.write("repo/plain/b.yaml", CONFIG_MAP);
    scratch.write("outside/c.yaml", CONFIG_MAP);
    let repo = scratch.0.join("repo");
    symlink("../base", repo.join("app/linked")).unwrap();
    symlink(".", repo.join("loop")).unwrap();
    symlink("../outside", repo.join("out")).unwrap();
    symlink("../../outside/c.yaml", repo.join("plain/out.yaml")).unwrap();
    symlink("nowhere.yaml", repo.join("plain/dangling.yaml")).unwrap();
    symlink("b.yaml", repo.join("plain/same.yaml")).unwrap();
    symlink("itself.yaml", repo.join("plain/itself.yaml")).unwrap();
    insta::assert_snapshot!(shown(&repo, Options::default()), @"
    targets
      .: manifests plain/same.yaml
      app: kustomization app/kustomization.yaml
    ledger
      app/kustomization.yaml (Kustomization): consumed by app
      base/a.yaml (Manifest): consumed by app
      base/kustomization.yaml (Kustomization): consumed by app
      plain/b.yaml (Manifest): consumed by app
      plain/dangling.yaml (Other): failed
      plain/itself.yaml (Other): failed
      plain/out.yaml (Other): failed
      plain/same.yaml (Manifest): consumed by .
    diagnostics
      note[link-outside]: this link leads out of the repository, so what is behind it was not looked at
        out:1:1
        help: check that folder by itself if it is deployed from here, or leave the link out with `exclude`
      error[unreadable-file]: there is no such file
        plain/dangling.yaml:1:1
        help: if this file is not meant for a cluster, leave it out with `exclude` in `plimsoll.yaml`
      error[unreadable-file]: this file could not be read: filesystem loop or indirection limit (e.g. symlink loop)
        plain/itself.yaml:1:1
        help: if this file is not meant for a cluster, leave it out with `exclude` in `plimsoll.yaml`
      error[unreadable-file]: this file lies outside the repository
        plain/out.yaml:1:1
        help: if this file is not meant for a cluster, leave it out with `exclude` in `plimsoll.yaml`
    ");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;

    let scratch = Scratch::new("unreadable");
    scratch.write("file.yaml", CONFIG_MAP);
    scratch.write("folder/a.yaml", CONFIG_MAP);
    for path in ["file.yaml", "folder"] {
        fs::set_permissions(scratch.0.join(path), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let is_denied = fs::File::open(scratch.0.join("file.yaml")).is_err();
    let text = shown(&scratch.0, Options::default());
    fs::set_permissions(scratch.0.join("folder"), fs::Permissions::from_mode(0o755)).unwrap();
    if is_denied {
        insta::assert_snapshot!(text, @"
        targets
        ledger
          file.yaml (Other): failed
        diagnostics
          error[unreadable-file]: the system denies permission to read this file
            file.yaml:1:1
            help: if this file is not meant for a cluster, leave it out with `exclude` in `plimsoll.yaml`
          error[unreadable-folder]: what is in this folder cannot be listed: permission denied
            folder:1:1
            help: make it readable, or leave it out with `exclude` in `plimsoll.yaml`
        ");
    } else {
        println!("skipped: this user may read everything");
    }
}

#[test]
fn a_large_json_file_of_others_is_not_parsed() {
    let scratch = Scratch::new("large-json");
    // An unclosed object would be a diagnostic if anybody parsed it.
    let text = format!("{{\"name\": \"x\", \"packages\": {{{}", "\"kind\": {\"apiVersion\": 1},\n".repeat(100_000));
    scratch.write("package-lock.json", &text);
    assert_eq!(
        shown(&scratch.0, Options::default()),
        "targets\nledger\n  package-lock.json (Other): not Kubernetes\ndiagnostics\n"
    );
}

#[test]
fn a_deep_tree_of_folders_needs_no_deep_stack() {
    let scratch = Scratch::new("deep");
    let deep = "d/".repeat(1000);
    scratch.write(&format!("{deep}a.yaml"), CONFIG_MAP);
    scratch.write("d/a.yaml", CONFIG_MAP);
    let text = shown(&scratch.0, Options::default());
    assert_eq!(text.lines().filter(|line| line.contains(": manifests")).count(), 2);
}
