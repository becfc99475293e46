//! What is said of init containers of public repositories, compared with labels given by hand.
//!
//! The labels name repositories, files and containers only. Where `PLIMSOLL_REPOSITORIES` names a folder with those
//! repositories (`owner+name`), precision and recall are held; else it is skipped.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use plimsoll::source::Sources;
use plimsoll::yaml::Files;
use plimsoll::yaml::Node;

use crate::told;

/// What is said of one container.
struct Judged {
    workload: String,
    container: String,
    verdict: String,
    writes: String,
    argv: String,
}

/// What is said of the init containers in a file. Templates are read with a word for what they fill in.
fn judged(sources: &Arc<Sources>, name: &str, text: &str) -> Vec<Judged> {
    let mut judged = Vec::new();
    for (number, document) in plain(text).split("\n---").enumerate() {
        let (rendered, facts) = told::facts(sources, &format!("{name}#{number}"), document);
        for (at, resource) in rendered.resources.iter().enumerate() {
            let facts = facts.of(at);
            let text = |node: Node<'_>, field: &str| {
                node.get(field)
                    .filter(|node| !node.is_unknown())
                    .map_or("unknown".to_owned(), |node| node.text().to_owned())
            };
            for rerun in facts.get("reruns").into_iter().flat_map(Node::items) {
                let container = text(rerun, "container");
                let own = |node: &Node<'_>| text(*node, "container") == container;
                let writes = facts.get("writes").into_iter().flat_map(Node::items).filter(own);
                let writes: Vec<String> = writes
                    .map(|write| {
                        ["secondRun", "afterInterrupt", "operation", "path", "command", "reason"]
                            .map(|field| text(write, field))
                            .join(" | ")
                    })
                    .collect();
                let argv = facts.get("runs").into_iter().flat_map(Node::items).filter(own);
                let argv: Vec<String> = argv
                    .flat_map(|run| run.get("argv").into_iter().flat_map(Node::items))
                    .map(|word| word.text().to_owned())
                    .collect();
                judged.push(Judged {
                    workload: format!("{}/{}", resource.id.kind, resource.id.name),
                    verdict: text(rerun, "idempotent"),
                    container,
                    writes: writes.join("\n    "),
                    argv: argv.join("\n"),
                });
            }
        }
    }
    judged
}

/// A text without the marks of templates: lines that hold nothing else go, and what is filled in is a word.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines() {
        let only = line.trim().trim_start_matches("- ");
        if only.starts_with("{{") && only.ends_with("}}") && only.matches("{{").count() == 1 {
            continue;
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("{{") {
            plain.push_str(before);
            plain.push_str("value");
            rest = after.split_once("}}").map_or("", |(_, after)| after);
        }
        plain.push_str(rest);
        plain.push('\n');
    }
    plain
}

/// Prints what is said of all init containers below the folder, for whoever gives labels.
#[test]
fn real_containers_are_listed() {
    let Ok(root) = std::env::var("PLIMSOLL_LIST") else {
        println!("`PLIMSOLL_LIST` is not set: skipped");
        return;
    };
    let sources = Arc::new(Sources::below(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap());
    let mut seen = std::collections::HashSet::new();
    for name in files(Path::new(&root)) {
        let text = fs::read_to_string(Path::new(&root).join(&name)).unwrap_or_default();
        for one in judged(&sources, &name, &text) {
            if seen.insert((one.argv.clone(), one.writes.clone())) {
                let Judged { workload, container, verdict, writes, argv } = one;
                println!("=== {name} {workload} {container}\n<<{verdict}>>\n{argv}\n    {writes}");
            }
        }
    }
}

/// Of what is said to be wrong nearly all is, and of what is wrong nearly all is said.
#[test]
fn verdicts_are_those_of_people() {
    let Ok(root) = std::env::var("PLIMSOLL_REPOSITORIES") else {
        println!("`PLIMSOLL_REPOSITORIES` is not set: skipped");
        return;
    };
    let sources = Arc::new(Sources::below(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap());
    let labels = Files::new(Arc::clone(&sources)).parsed("testdata/labels/writes.yaml").unwrap();
    let (mut told, mut right, mut wrong, mut unknown, mut labelled) = (0, 0, 0, 0, 0);
    let mut report = String::new();
    for (repository, files) in labels.tree.node(labels.documents[0].root).fields() {
        for (file, containers) in files.fields() {
            let name = format!("{}/{}", repository.text().replace('/', "+"), file.text());
            let Ok(text) = fs::read_to_string(Path::new(&root).join(&name)) else { continue };
            let judged = judged(&sources, &name, &text);
            for (container, label) in containers.fields() {
                let is_it = |one: &&Judged| format!("{} {}", one.workload, one.container) == container.text();
                let Some(one) = judged.iter().find(is_it) else { continue };
                labelled += 1;
                let (verdict, label) = (one.verdict.as_str(), label.text());
                told += usize::from(verdict == "no");
                right += usize::from(verdict == "no" && label == "no");
                wrong += usize::from(label == "no");
                unknown += usize::from(verdict == "unknown");
                if verdict != label {
                    report.push_str(&format!("{name} {}: {label}, told {verdict}\n", container.text()));
                }
            }
        }
    }
    println!(
        "{labelled} labelled, {unknown} unknown, {right} of {told} told right, {right} of {wrong} found\n{report}"
    );
    // The aim is to find nine of ten; with so few that are wrong one more or less decides.
    let holds = right * 100 >= told * 95 && right * 100 >= wrong * 85 && unknown * 10 <= labelled;
    assert!(labelled > 0 && holds, "{report}");
}

fn files(root: &Path) -> Vec<String> {
    let mut folders = vec![root.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
                files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}
