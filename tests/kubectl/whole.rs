//! Whole kustomizations, random ones and real ones with something changed, beside those of kubectl:
//! the same bytes, and no success where kubectl refuses or the other way round.

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
use crate::random::Random;
use crate::roots::layer::TOP;
use crate::roots::layer::Tree;
use crate::roots::layer::tree;

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
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= number {
                return;
            }
            let directory = folder(&format!("tree-{seed}"));
            write(&directory, &tree(&mut Random::new(5000 + seed as u64)));
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
