//! Whole kustomizations, random ones and real ones with something changed, beside those of kubectl:
//! the same bytes, and no success where kubectl refuses or the other way round.
//!
//! Some things that kubectl does are known and not followed, and random trees keep clear of most of them:
//! - what is hashed of an object that is no ConfigMap and no Secret, for which we refuse the build;
//! - annotations of where an object comes from and of who changed it that somebody wrote by hand: kustomize adds to
//!   them, and refuses those that it cannot read;
//! - a replacement whose source is all annotations, among which kustomize's own stand;
//! - a validator that sets a namespace where it is already, of which kustomize makes a note and refuses it for that;
//! - an `openapi.path` of a base that is read after others: when those made kustomize read its own definitions, both
//!   hold from then on. Seeds other than the usual one can meet this.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use plimsoll::kustomization::Version;
use plimsoll::render;
use plimsoll::render::Bases;
use plimsoll::render::KustomizeOptions;
use plimsoll::source::Sources;
use plimsoll::yaml;
use plimsoll::yaml::Files;

use crate::build::number_of_cases;
use crate::build::seed;
use crate::random::Random;
use crate::roots::layer::TOP;
use crate::roots::layer::Tree;
use crate::roots::layer::tree;
use crate::roots::mutation::mutated;

#[test]
fn random_trees_of_kustomizations_build_to_the_bytes_of_kubectl() {
    if crate::kubectl_is_missing() {
        return;
    }
    let seen = Mutex::new(Seen::default());
    let next = AtomicUsize::new(0);
    let number = number_of_cases(60);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= number {
                return;
            }
            let directory = folder(&format!("tree-{index}"));
            write(&directory, &tree(&mut Random::new(seed(5000) + index as u64)));
            let verdict = compare(&directory, TOP);
            seen.lock().unwrap().add(verdict, directory);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    seen.into_inner().unwrap().report();
}

/// Real kustomizations are below the folders that `PLIMSOLL_REAL_ROOTS` names, with colons between them. Files are
/// changed in place and put back, so these should be copies.
#[test]
#[allow(clippy::disallowed_methods, reason = "whoever changes the code has real kustomizations somewhere")]
fn real_kustomizations_with_something_changed_build_to_the_bytes_of_kubectl() {
    let Ok(folders) = std::env::var("PLIMSOLL_REAL_ROOTS") else { return };
    if crate::kubectl_is_missing() {
        return;
    }
    let folders: Vec<PathBuf> = folders.split(':').map(|folder| Path::new(folder).canonicalize().unwrap()).collect();
    let mut seen = Seen::default();
    for folder in &folders {
        let mut roots = Vec::new();
        find_roots(folder, &mut roots);
        let mut random = Random::new(seed(77));
        for _ in 0..number_of_cases(20).min(10 * roots.len()) {
            let root = &roots[random.below(roots.len())];
            let (path, before) = some_file(&mut random, root);
            let is_kustomization = path.ends_with("kustomization.yaml");
            let after = mutated(&mut random, &before, is_kustomization);
            std::fs::write(&path, &after).unwrap();
            let verdict = compare(folder, root.strip_prefix(folder).unwrap().to_str().unwrap());
            std::fs::write(&path, &before).unwrap();
            match verdict {
                Verdict::Equal => seen.equal += 1,
                Verdict::BothRefuse(why) => seen.refused.push(why),
                Verdict::Differ(how) => seen.wrong.push(format!("{}: {how}\n{after}", path.display())),
            }
        }
    }
    seen.report();
}

fn find_roots(folder: &Path, roots: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    if entries.iter().any(|path| path.ends_with("kustomization.yaml")) {
        roots.push(folder.to_owned());
    }
    entries.iter().filter(|path| path.is_dir() && !path.is_symlink()).for_each(|path| find_roots(path, roots));
}

#[allow(clippy::disallowed_methods, reason = "the file is changed and written back")]
/// The kustomization file of a folder, or another YAML file in it or below, with its text.
fn some_file(random: &mut Random, root: &Path) -> (PathBuf, String) {
    let main = root.join("kustomization.yaml");
    let entries = root.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect();
    files.sort();
    let path = if random.below(2) == 0 { main.clone() } else { files[random.below(files.len())].clone() };
    match std::fs::read_to_string(&path) {
        Ok(text) => (path, text),
        Err(_) => (main.clone(), std::fs::read_to_string(&main).unwrap()),
    }
}

/// What came of comparing.
#[derive(Default)]
struct Seen {
    equal: usize,
    /// Why we refuse what both refuse.
    refused: Vec<String>,
    wrong: Vec<String>,
}

/// What one comparison says.
enum Verdict {
    Equal,
    BothRefuse(String),
    Differ(String),
}

impl Seen {
    fn add(&mut self, verdict: Verdict, directory: PathBuf) {
        match verdict {
            Verdict::Equal => self.equal += 1,
            Verdict::BothRefuse(why) => self.refused.push(why),
            Verdict::Differ(how) => {
                self.wrong.push(format!("{}: {how}", directory.display()));
                return;
            }
        }
        std::fs::remove_dir_all(directory).unwrap();
    }

    fn report(mut self) {
        println!("{} equal, {} refused by both", self.equal, self.refused.len());
        self.refused.sort();
        self.refused.iter().for_each(|why| println!("refused: {why}"));
        self.wrong.sort();
        assert!(self.wrong.is_empty(), "{} differ\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

/// A new folder for one case. Where we and kubectl disagree, it stays.
fn folder(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("plimsoll-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory.canonicalize().unwrap()
}

fn write(directory: &Path, tree: &Tree) {
    for (path, text) in tree {
        let path = directory.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn compare(root: &Path, path: &str) -> Verdict {
    let ours = std::panic::catch_unwind(|| ours(root, path)).unwrap_or_else(|_| Ok("a panic".to_owned()));
    match (ours, theirs(&root.join(path))) {
        (Ok(ours), Ok(theirs)) if ours == theirs => Verdict::Equal,
        (Ok(ours), Ok(theirs)) => {
            let of =
                |a: &str, b: &str| a.lines().find(|line| !b.lines().any(|other| other == *line)).map(str::to_owned);
            Verdict::Differ(format!("we write {:?}, kubectl {:?}", of(&ours, &theirs), of(&theirs, &ours)))
        }
        (Ok(_), Err(theirs)) => Verdict::Differ(format!("only kubectl refuses: {theirs}")),
        (Err(ours), Ok(_)) => Verdict::Differ(format!("only we refuse: {ours}")),
        (Err(ours), Err(_)) => Verdict::BothRefuse(ours),
    }
}

/// What we make of a kustomization, or why we refuse it.
fn ours(root: &Path, path: &str) -> Result<String, String> {
    let files = Files::new(Arc::new(Sources::below(root).unwrap()));
    let options = KustomizeOptions { version: Version::V5_5, ..KustomizeOptions::default() };
    let rendered = render::kustomization(path, &files, options, &Bases::default());
    match rendered.diagnostics.first() {
        Some(problem) => Err(problem.message.clone()),
        None => {
            yaml::emit_all(rendered.resources.iter().map(render::Resource::node)).map_err(|problem| problem.message)
        }
    }
}

/// What kubectl makes of it, or the end of what it says.
fn theirs(folder: &Path) -> Result<String, String> {
    let output = Command::new("kubectl").arg("kustomize").arg(folder).output().unwrap();
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(said
        .lines()
        .filter(|line| !line.starts_with("# Warning"))
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(400)
        .collect())
}
