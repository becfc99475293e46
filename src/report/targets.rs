//! The ledger: what is deployed as one unit, and what became of every file.

use std::fmt::Write;

use serde_json::Value;
use serde_json::json;

use crate::discover::Discovery;
use crate::discover::Entry;
use crate::discover::Fate;
use crate::discover::FileKind;
use crate::discover::STREAM_NAME;
use crate::discover::TargetKind;
use crate::report::Standpoint;
use crate::report::clean;

/// A heading and the fates that belong under it.
type Group = (&'static str, fn(&Fate) -> bool);

/// The ledger for people who stand at `standpoint`.
pub fn targets(discovery: &Discovery, standpoint: &Standpoint) -> String {
    let path = |entry: &Entry| match entry.path.as_str() {
        STREAM_NAME => STREAM_NAME.to_owned(),
        path => standpoint.to(path).into_owned(),
    };
    let mut text = String::new();
    if discovery.targets.is_empty() {
        line(&mut text, 0, "nothing is deployed from here");
    }
    for (index, target) in discovery.targets.iter().enumerate() {
        let count = discovery.ledger.iter().filter(|entry| is_in(entry, index)).count();
        line(&mut text, 0, &format!("{} ({}, {})", target.name, kind_of_target(&target.kind), files(count)));
        for entry in discovery.ledger.iter().filter(|entry| is_in(entry, index)) {
            line(&mut text, 2, &format!("{}  {}", path(entry), kind_of_file(entry.file)));
        }
    }
    let groups: [Group; 4] = [
        ("could not be read", |fate| *fate == Fate::Failed),
        ("not deployed by anything", |fate| *fate == Fate::Orphan),
        ("ignored", |fate| matches!(fate, Fate::Ignored(_))),
        ("not Kubernetes", |fate| *fate == Fate::NotKubernetes),
    ];
    for (title, belongs) in groups {
        let entries: Vec<&Entry> = discovery.ledger.iter().filter(|entry| belongs(&entry.fate)).collect();
        if !entries.is_empty() {
            line(&mut text, 0, &format!("{title} ({})", amount(&entries)));
        }
        for entry in entries {
            let rule = if let Fate::Ignored(rule) = &entry.fate { format!(" by {rule}") } else { String::new() };
            line(&mut text, 2, &format!("{}  {}{rule}", path(entry), kind_of_file(entry.file)));
        }
    }
    text
}

/// The ledger for programs.
pub fn targets_json(discovery: &Discovery) -> String {
    let name = |&index: &usize| discovery.targets[index].name.as_str();
    let targets: Vec<Value> = discovery
        .targets
        .iter()
        .map(|target| json!({"name": target.name, "kind": kind_of_target(&target.kind)}))
        .collect();
    let rows: Vec<Value> = discovery
        .ledger
        .iter()
        .map(|entry| {
            let mut row = json!({"path": entry.path, "kind": kind_of_file(entry.file), "fate": fate(&entry.fate)});
            match &entry.fate {
                Fate::Consumed(targets) => row["targets"] = targets.iter().map(name).collect(),
                Fate::Ignored(rule) => row["rule"] = json!(rule),
                _ => {}
            }
            row
        })
        .collect();
    format!("{:#}\n", json!({"version": 1, "targets": targets, "files": rows}))
}

fn is_in(entry: &Entry, target: usize) -> bool {
    matches!(&entry.fate, Fate::Consumed(targets) if targets.contains(&target))
}

fn line(text: &mut String, indent: usize, content: &str) {
    writeln!(text, "{:indent$}{}", "", clean(content)).expect("a string takes all");
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// How many files, and how many folders of which nobody looked at the files.
fn amount(entries: &[&Entry]) -> String {
    let folders = entries.iter().filter(|entry| entry.file == FileKind::Folder).count();
    let files = (entries.len() > folders).then(|| files(entries.len() - folders));
    let folders =
        (folders > 0).then(|| if folders == 1 { "1 folder".to_owned() } else { format!("{folders} folders") });
    files.into_iter().chain(folders).collect::<Vec<_>>().join(", ")
}

fn kind_of_target(kind: &TargetKind) -> &'static str {
    match kind {
        TargetKind::Kustomization(_) => "kustomization",
        TargetKind::Chart(_) => "chart",
        TargetKind::Manifests(_) => "manifests",
        TargetKind::Stream(_) => "stream",
    }
}

fn kind_of_file(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Manifest => "manifest",
        FileKind::Kustomization => "kustomization",
        FileKind::Component => "component",
        FileKind::Chart => "chart",
        FileKind::Template => "template",
        FileKind::Values => "values",
        FileKind::Patch => "patch",
        FileKind::Workflow => "workflow",
        FileKind::Config => "config",
        FileKind::Other => "other",
        FileKind::Folder => "folder",
    }
}

fn fate(fate: &Fate) -> &'static str {
    match fate {
        Fate::Consumed(_) => "consumed",
        Fate::Orphan => "orphan",
        Fate::NotKubernetes => "not-kubernetes",
        Fate::Ignored(_) => "ignored",
        Fate::Failed => "failed",
    }
}
