//! `docs/policies.md`: every policy with its first failing example and what is said about it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use plimsoll::examples;
use plimsoll::examples::Outcome;
use plimsoll::policy::BUILTIN;
use plimsoll::policy::Policy;
use plimsoll::policy::Rule;

/// The page, from the policies as they were loaded.
pub(crate) fn page(package: &Path, policies: &[Policy]) -> String {
    let mut categories: BTreeMap<&str, Vec<&Policy>> = BTreeMap::new();
    for policy in policies {
        categories.entry(&policy.category).or_default().push(policy);
    }
    let mut page = String::from(
        "# Policies\n\nWhat Plimsoll finds without being told more, by category. This page is made from the files in \
         `policies/` and their examples\nin `testdata/policies/`; `UPDATE=1 cargo test --test conventions` writes it.\n\n\
         Where it says that the API server refuses a pod, that also goes for the pod template of a Deployment, a Job \
         and the like.\nA StatefulSet is accepted, and its pods are refused.\n",
    );
    for (category, policies) in &categories {
        write!(page, "\n**{category}**\n\n").unwrap();
        for policy in policies {
            writeln!(page, "- [`{0}`](#{0}) ({1}): {2}", policy.id, policy.rule().severity, policy.rule().summary)
                .unwrap();
        }
    }
    for (category, policies) in &categories {
        write!(page, "\n## {category}\n").unwrap();
        for policy in policies {
            entry(package, policy, &mut page);
        }
    }
    page
}

fn entry(package: &Path, policy: &Policy, page: &mut String) {
    let (id, rule) = (&policy.id, policy.rule());
    let Rule { severity, summary, description, remediation, .. } = rule;
    write!(page, "\n### {id}\n\n*{severity}*: {summary}").unwrap();
    if let Some(versions) = versions(id) {
        write!(page, " (Kubernetes {versions})").unwrap();
    }
    write!(page, "\n\n{}\n\n**What to do:** {}.\n", description.trim_end(), remediation.trim_end()).unwrap();
    if let Some(is_safe) = rule.fixes_safely() {
        let option = if is_safe { "" } else { " --unsafe" };
        writeln!(page, "`plimsoll fix --only {id}{option}` does it.").unwrap();
    }
    for parameter in &rule.parameters {
        write!(page, "\n- `{}` ({}): {}", parameter.name, parameter.kind, parameter.about).unwrap();
    }
    let folder = package.join("testdata/policies").join(id);
    let mut failing = examples::of(&folder).unwrap_or_default();
    failing.retain(|example| example.outcome == Outcome::Fail);
    // The plain `fail` shows most; the others are about single cases.
    failing.sort_by_key(|example| example.path.file_stem() != Some("fail".as_ref()));
    if let Some(example) = failing.first() {
        for file in files(&example.path) {
            let text = std::fs::read_to_string(&file).unwrap();
            if example.path.is_dir() {
                let name = file.strip_prefix(&example.path).unwrap().to_string_lossy().replace('\\', "/");
                write!(page, "\n`{name}`:\n").unwrap();
            }
            write!(page, "\n```yaml\n{}\n```\n", text.trim_end()).unwrap();
        }
        let name = example.path.file_stem().unwrap_or_default().to_string_lossy();
        let snapshot = std::fs::read_to_string(folder.join(format!("{name}.snap"))).unwrap_or_default();
        let report = snapshot.splitn(3, "---\n").nth(2).unwrap_or_default();
        write!(page, "\n```text\n{}\n```\n", report.trim()).unwrap();
    }
    if !rule.references.is_empty() {
        page.push('\n');
        rule.references.iter().for_each(|reference| writeln!(page, "- <{reference}>").unwrap());
    }
}

/// What the policy's file says about versions of Kubernetes as a whole.
fn versions(id: &str) -> Option<&'static str> {
    let (_, text) = BUILTIN.iter().find(|(path, _)| path.ends_with(&format!("/{id}.yaml")))?;
    let line = text.lines().find_map(|line| line.strip_prefix("kubernetes:"))?;
    Some(line.trim().trim_matches('"'))
}

/// The files of an example, sorted.
fn files(example: &Path) -> Vec<std::path::PathBuf> {
    if example.is_file() {
        return vec![example.to_owned()];
    }
    let mut entries: Vec<_> = std::fs::read_dir(example).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.iter().flat_map(|entry| files(entry)).collect()
}
