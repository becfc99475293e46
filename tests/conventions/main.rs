//! What the compiler does not hold: who may use whom, where files are read, that every policy has
//! examples, and that generated files are current. `UPDATE=1 cargo test --test conventions` writes those.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "this is a test")]

mod code;
mod docs;
mod layers;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use plimsoll::config::Config;
use plimsoll::examples;
use plimsoll::examples::Outcome;
use plimsoll::policy;
use plimsoll::policy::Policy;
use plimsoll::policy::Rule;
use plimsoll::policy::Selection;
use plimsoll::source::Sources;
use regex::Regex;

use crate::code::CodeFile;
use crate::layers::Layers;

/// The most lines a file may have, tests left out.
const MAX_LINES: usize = 500;

/// Words that only some files may use, and why.
const ONLY_IN: [(&str, &[&str], &str); 3] = [
    (r"\bmiette\b", &["src/report/human"], "reports are data until `human` draws them"),
    (r"\bclap(_complete)?\b", &["src/cli/"], "the library knows nothing of arguments"),
    (r"\bstd::fs\b", &["src/source/", "src/cli/"], "files are read through `source` and written by `cli`"),
];

fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Fails with all that is wrong, a line each.
fn assert_none(wrong: &[String], what: &str) {
    assert!(wrong.is_empty(), "{what}:\n  {}\n", wrong.join("\n  "));
}

/// Every match of an expression in the code of files, as `path:line`.
fn places<'f>(expression: &str, files: impl Iterator<Item = &'f CodeFile>) -> Vec<String> {
    let expression = Regex::new(expression).unwrap();
    let in_file = |file: &CodeFile| {
        let line = |start: usize| file.code[..start].matches('\n').count() + 1;
        let found = expression.find_iter(&file.code);
        found.map(|found| format!("{}:{} {}", file.path, line(found.start()), found.as_str().trim())).collect()
    };
    files.flat_map::<Vec<_>, _>(in_file).collect()
}

#[test]
fn modules_use_only_what_stands_above_them() {
    let files = code::files(&package());
    let upward = Layers::of(&files).upward_uses(&files);
    assert_none(
        &upward,
        "the order of `mod` lines in lib.rs and in each mod.rs is bottom first; move the item or the line",
    );
}

#[test]
fn paths_are_written_out_from_the_crate() {
    let files = code::files(&package());
    assert_none(&places(r"\bsuper::\w+", files.iter()), "write `crate::…`; `super::` is for tests");
    let grouped = places(r"(?m)^\s*(pub(\([a-z]+\))? )?use [^;]*\{", files.iter());
    assert_none(&grouped, "write one path per `use`");
}

#[test]
fn some_crates_are_known_to_some_files_only() {
    let files = code::files(&package());
    for (word, allowed, why) in ONLY_IN {
        let others = files.iter().filter(|file| !allowed.iter().any(|prefix| file.path.starts_with(prefix)));
        assert_none(&places(word, others), &format!("only {} may use `{word}`: {why}", allowed.join(" and ")));
    }
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let files = code::files(&package());
    let long = files.iter().filter(|file| file.code.trim_end().lines().count() > MAX_LINES);
    assert_none(&long.map(|file| file.path.clone()).collect::<Vec<_>>(), "longer than 500 lines; split by idea");
    let silent = files.iter().filter(|file| !file.text.starts_with("//! "));
    assert_none(&silent.map(|file| file.path.clone()).collect::<Vec<_>>(), "open with `//!`: what it is, and what not");
}

#[test]
fn every_policy_has_examples_and_every_example_a_policy() {
    let folder = package().join("testdata/policies");
    let mut wrong = Vec::new();
    for policy in policies() {
        let examples = examples::of(&folder.join(&policy.id)).unwrap_or_default();
        for (outcome, name) in [(Outcome::Pass, "pass"), (Outcome::Fail, "fail")] {
            if !examples.iter().any(|example| example.outcome == outcome) {
                wrong.push(format!("testdata/policies/{}/{name}.yaml is missing", policy.id));
            }
        }
    }
    for entry in std::fs::read_dir(&folder).unwrap() {
        let id = entry.unwrap().file_name().to_string_lossy().into_owned();
        if !policies().iter().any(|policy| policy.id == id) {
            wrong.push(format!("testdata/policies/{id} has no policy; rename or remove it"));
        }
    }
    wrong.sort();
    assert_none(&wrong, "a policy is one file and its examples");
}

#[test]
fn policies_speak_alike() {
    let mut wrong = Vec::new();
    for policy in policies() {
        let (id, rule) = (&policy.id, policy.rule());
        let Rule { summary, description, remediation, references, .. } = rule;
        if summary.ends_with('.') || summary.chars().count() > 80 {
            wrong.push(format!("{id}: the summary is a few words without a full stop"));
        }
        if !description.ends_with('.') || remediation.ends_with('.') {
            wrong.push(format!("{id}: the description is sentences, the remediation ends without a full stop"));
        }
        if !references.iter().all(|reference| reference.starts_with("https://")) {
            wrong.push(format!("{id}: references are https:// addresses"));
        }
        if !id.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-') {
            wrong.push(format!("{id}: an id is lower-case words joined by hyphens"));
        }
    }
    assert_none(&wrong, "see policies/deadlines/zero-job-deadline.yaml for the tone");
}

#[test]
fn every_snapshot_has_an_example() {
    let mut orphans = Vec::new();
    for policy in policies() {
        let folder = package().join("testdata/policies").join(&policy.id);
        let examples = examples::of(&folder).unwrap_or_default();
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let is_snapshot = path.extension().is_some_and(|ending| ending == "snap");
            let is_used = examples
                .iter()
                .any(|example| example.outcome == Outcome::Fail && example.path.file_stem() == path.file_stem());
            if is_snapshot && !is_used {
                orphans.push(path.display().to_string());
            }
        }
    }
    assert_none(&orphans, "remove these snapshots, whose examples are gone");
}

#[test]
fn the_page_of_policies_is_current() {
    let mut policies = policies();
    policies.sort_by(|left, right| (&left.category, &left.id).cmp(&(&right.category, &right.id)));
    is_current("docs/policies.md", &docs::page(&package(), &policies));
}

#[test]
fn schemas_are_current() {
    for name in ["config", "facts", "fix", "graph", "policy", "report"] {
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll")).args(["schema", name]).output().unwrap();
        is_current(&format!("schemas/{name}.schema.json"), std::str::from_utf8(&output.stdout).unwrap());
    }
}

/// Compares a generated file with what it should be, or writes it.
fn is_current(path: &str, fresh: &str) {
    let file = package().join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, fresh).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == fresh, "{path} is not current: run `UPDATE=1 cargo test --test conventions`");
}

fn policies() -> Vec<Policy> {
    let sources = Arc::new(Sources::in_memory());
    let mut problems = Vec::new();
    let builtin = policy::builtin(&sources);
    let everything = Selection { only: builtin.iter().map(|file| file.id.clone()).collect(), ..Selection::default() };
    let policies = policy::load_all(&builtin, &sources, &Config::default(), &everything, &mut problems).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    policies
}
