//! Random patches of random objects, merged by us and by `kubectl kustomize`, must give the same
//! bytes, or be refused by both.
//!
//! In some thousands of cases one may differ for the reason told in `patch/strategic/odd_list.rs`.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::objects;
use crate::objects::Case;
use crate::random::Random;
use plimsoll::kube::Builtins;
use plimsoll::kube::MergeSchema;
use plimsoll::patch::Oddity;
use plimsoll::patch::strategic_merge;
use plimsoll::source::Sources;
use plimsoll::source::Span;
use plimsoll::yaml::Reader;
use plimsoll::yaml::Tree;
use plimsoll::yaml::Via;
use plimsoll::yaml::emit;
use plimsoll::yaml::parse;

/// Cases that are built by one run of kubectl, if nothing about them is refused.
const BATCH: usize = 100;

/// Cases that are compared of those that we refuse: each takes a run of kubectl.
const REFUSED: usize = 12;

#[test]
fn patches_of_built_in_kinds_are_merged_as_kustomize_merges_them() {
    compare(1, 200, None, objects::built_in);
}

#[test]
fn patches_of_other_kinds_are_merged_as_kustomize_merges_them() {
    compare(2, 80, None, objects::custom);
}

#[test]
fn patches_under_a_schema_of_ones_own_are_merged_as_kustomize_merges_them() {
    compare(3, 80, Some(objects::SCHEMA), objects::custom);
}

fn compare(seed: u64, count: usize, schema: Option<&str>, make: fn(&mut Random, usize) -> Case) {
    if crate::kubectl_is_missing() {
        return;
    }
    let mut random = Random::new(seed + number("MERGE_SEED").unwrap_or(0) * 16);
    let count = number("MERGE_CASES").map_or(count, |count| usize::try_from(count).unwrap());
    let directory = std::env::temp_dir().join(format!("plimsoll-merge-{}-{seed}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let oracle = Oracle { directory, schema };

    let cases: Vec<Case> = (0..count).map(|index| make(&mut random, index)).collect();
    let ours: Vec<Outcome> = cases.iter().map(|case| ours(case, schema)).collect();
    let (merged, rest): (Vec<usize>, Vec<usize>) = (0..count).partition(|&index| ours[index].text().is_some());
    let refused = rest.into_iter().filter(|&index| ours[index] == Outcome::Refused);
    let refused: Vec<usize> = refused.take(number("MERGE_CASES").map_or(REFUSED, |_| count)).collect();
    println!("{} cases are merged and {} refused", merged.len(), refused.len());
    let mut differences = 0;
    let mut report = |case: &Case, ours: &str, theirs: &str| {
        differences += 1;
        if differences <= 5 {
            let patches = case.patches.join("---\n");
            println!("=== base\n{}=== patches\n{patches}=== ours\n{ours}=== kustomize\n{theirs}", case.base);
        }
    };
    for batch in merged.chunks(BATCH) {
        let batch: Vec<(&Case, &str)> =
            batch.iter().map(|&index| (&cases[index], ours[index].text().unwrap())).collect();
        oracle.compare(&batch, &mut report);
    }
    for index in refused {
        if let Ok(theirs) = oracle.build(&[&cases[index]]) {
            report(&cases[index], "refused\n", &theirs);
        }
    }
    std::fs::remove_dir_all(&oracle.directory).unwrap();
    assert_eq!(differences, 0);
}

/// What we make of a case.
#[derive(PartialEq, Eq)]
enum Outcome {
    /// The object after the merge, nothing if it was deleted.
    Merged(String),
    Refused,
    /// Items are one for kustomize that are several for us, so its next patch does something else.
    Incomparable,
}

impl Outcome {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Merged(text) => Some(text),
            Self::Refused | Self::Incomparable => None,
        }
    }
}

/// Asks for more cases than a test has time for: `MERGE_CASES=5000 MERGE_SEED=9 cargo test --test kubectl merge`.
#[expect(clippy::disallowed_methods, reason = "other numbers are for one run, not for the repository")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// `kubectl kustomize`.
struct Oracle<'a> {
    directory: PathBuf,
    schema: Option<&'a str>,
}

impl Oracle<'_> {
    /// Compares cases that we merge, in halves where kustomize refuses some or prints something else.
    fn compare(&self, batch: &[(&Case, &str)], report: &mut impl FnMut(&Case, &str, &str)) {
        let cases: Vec<&Case> = batch.iter().map(|(case, _)| *case).collect();
        let expected: Vec<&str> = batch.iter().map(|(_, ours)| *ours).filter(|ours| !ours.is_empty()).collect();
        let theirs = self.build(&cases);
        match (&theirs, batch) {
            (Ok(theirs), _) if *theirs == expected.join("---\n") => {}
            // The merge went well, and what kustomize does next did not.
            (Err(theirs), [_]) if theirs.contains("updating name reference") => {}
            (Ok(theirs) | Err(theirs), [(case, ours)]) => report(case, ours, theirs),
            _ => {
                let (first, second) = batch.split_at(batch.len() / 2);
                self.compare(first, report);
                self.compare(second, report);
            }
        }
    }

    /// What kubectl prints for these cases together, or says against them.
    fn build(&self, cases: &[&Case]) -> Result<String, String> {
        let write = |name: &str, text: String| std::fs::write(self.directory.join(name), text).unwrap();
        let bases: Vec<&str> = cases.iter().map(|case| case.base.as_str()).collect();
        let patches: Vec<&str> = cases.iter().flat_map(|case| &case.patches).map(String::as_str).collect();
        write("base.yaml", bases.join("---\n"));
        write("patch.yaml", patches.join("---\n"));
        let mut file = "resources: [base.yaml]\npatches: [{path: patch.yaml}]\nsortOptions: {order: fifo}\n".to_owned();
        if let Some(schema) = self.schema {
            write("schema.yaml", schema.to_owned());
            file += "openapi: {path: schema.yaml}\n";
        }
        write("kustomization.yaml", file);
        kustomize(&self.directory)
    }
}

fn kustomize(directory: &Path) -> Result<String, String> {
    let output = crate::kustomize().arg(directory).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8(output.stdout).unwrap())
}

fn ours(case: &Case, schema: Option<&str>) -> Outcome {
    let sources = Arc::new(Sources::in_memory());
    let schema = schema.map_or_else(MergeSchema::builtin, |text| {
        let source = sources.add("schema.yaml", text);
        let parsed = parse(&sources, source, Reader::Kubectl);
        MergeSchema::from_definitions(parsed.tree.node(parsed.documents[0].root), Builtins::Absent).unwrap()
    });
    let read = |name: &str, text: &str| {
        let source = sources.add(name, text);
        let parsed = parse(&sources, source, Reader::Kustomize);
        assert!(parsed.diagnostics.is_empty(), "{text}\n{:?}", parsed.diagnostics);
        parsed
    };
    let base = read("base.yaml", &case.base);
    let mut tree = Tree::new(Arc::clone(&sources), Reader::Kustomize);
    let root = tree.copy(base.tree.node(base.documents[0].root), None);
    let via = Via { what: "patch", span: Span::whole(sources.add("kustomization.yaml", "")) };
    let mut is_repeated = false;
    for (index, text) in case.patches.iter().enumerate() {
        if is_repeated {
            return Outcome::Incomparable;
        }
        let patch = read(&format!("patch{index}.yaml"), text);
        let node = patch.tree.node(patch.documents[0].root);
        let Ok(merged) = strategic_merge(&mut tree, root, node, &via, &schema) else { return Outcome::Refused };
        if merged.deleted {
            return Outcome::Merged(String::new());
        }
        is_repeated = merged.events.iter().any(|event| event.oddity == Oddity::ItemRepeated);
    }
    emit(tree.node(root)).map_or(Outcome::Refused, Outcome::Merged)
}
