//! One build of kubectl for many cases, and single ones where a build is expected to fail.

use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;

/// What a case needs to be built beside others: its part of `kustomization.yaml`, and its files.
pub(crate) struct Case {
    /// The lines for each field of the kustomization, such as `("resources", "- r1.yaml\n")`.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// Names and contents of files.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// What we make of it, or why we refuse it.
    pub(crate) ours: Result<String, String>,
}

impl Case {
    fn told(&self) -> String {
        let mut told = String::new();
        for (field, lines) in &self.fields {
            write!(told, "{field}:\n{lines}").unwrap();
        }
        for (name, bytes) in &self.files {
            writeln!(told, "--- {name}\n{}", String::from_utf8_lossy(bytes)).unwrap();
        }
        told
    }
}

/// How many cases are built at once.
const BATCH: usize = 50;

#[allow(clippy::disallowed_methods, reason = "whoever changes the code asks for more cases this way")]
/// How many cases a test has: few where others wait for it, more where `PLIMSOLL_RANDOM_CASES` says so.
pub(crate) fn number_of_cases(few: usize) -> usize {
    std::env::var("PLIMSOLL_RANDOM_CASES").ok().and_then(|number| number.parse().ok()).unwrap_or(few)
}

#[allow(clippy::disallowed_methods, reason = "whoever changes the code asks for other cases this way")]
/// A number to begin from, so that other runs can see other cases.
pub(crate) fn seed(usual: u64) -> u64 {
    std::env::var("PLIMSOLL_RANDOM_SEED").ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

/// Compares what we make of each case with what kubectl makes of it.
pub(crate) fn compare(name: &str, cases: &[Case]) {
    let directory = std::env::temp_dir().join(format!("plimsoll-{name}-{}", std::process::id()));
    let mut wrong = Vec::new();
    let (good, bad): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.ours.is_ok());
    for batch in good.chunks(BATCH) {
        differences(&directory, batch, &mut wrong);
    }
    for case in &bad {
        if let Ok(theirs) = build(&directory, &[case]) {
            wrong.push(format!("only we refuse:\n{}\n{:?}\n--- theirs\n{theirs}", case.told(), case.ours));
        }
    }
    println!("{name}: {} builds and {} refusals compared", good.len(), bad.len());
    let shown = wrong.iter().take(6).cloned().collect::<Vec<String>>().join("\n=====\n");
    assert!(wrong.is_empty(), "{} of {} differ\n{shown}", wrong.len(), cases.len());
}

/// Halves a batch until each difference is found.
fn differences(directory: &Path, batch: &[&Case], wrong: &mut Vec<String>) {
    let ours: Vec<&str> = batch.iter().filter_map(|case| case.ours.as_deref().ok()).collect();
    let theirs = build(directory, batch);
    if theirs.as_ref() == Ok(&ours.join("---\n")) {
        return;
    }
    if let [case] = batch {
        let theirs = theirs.unwrap_or_else(|error| error);
        let differing = |a: &str, b: &str| {
            a.lines().filter(|line| !b.lines().any(|other| other == *line)).collect::<Vec<_>>().join("\n")
        };
        let (mine, other) = (differing(ours[0], &theirs), differing(&theirs, ours[0]));
        wrong.push(format!("{}\n--- only ours\n{mine}\n--- only theirs\n{other}", case.told()));
        return;
    }
    let (first, second) = batch.split_at(batch.len() / 2);
    differences(directory, first, wrong);
    differences(directory, second, wrong);
}

/// What kubectl prints for the cases, or what it says instead.
fn build(directory: &Path, cases: &[&Case]) -> Result<String, String> {
    let _ = std::fs::remove_dir_all(directory);
    std::fs::create_dir_all(directory).unwrap();
    let mut fields: Vec<(&str, String)> = Vec::new();
    for case in cases {
        for (name, lines) in &case.fields {
            match fields.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.push_str(lines),
                None => fields.push((name, lines.clone())),
            }
        }
        for (name, bytes) in &case.files {
            let path: PathBuf = directory.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    let mut kustomization = String::from("sortOptions: {order: fifo}\n");
    for (name, lines) in fields {
        write!(kustomization, "{name}:\n{lines}").unwrap();
    }
    std::fs::write(directory.join("kustomization.yaml"), kustomization).unwrap();
    let output = crate::kustomize().arg(directory).output().unwrap();
    std::fs::remove_dir_all(directory).unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).chars().take(600).collect())
    }
}
