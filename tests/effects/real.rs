//! What is said of init containers of public repositories, compared with labels given by hand.
//!
//! The labels name repositories, files and containers only. Where `PLIMSOLL_REPOSITORIES` names a folder with those
//! repositories (`owner+name`), precision and recall are held; else it is skipped.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use plimsoll::source::Sources;
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
                        ["secondRun", "afterInterrupt", "operation", "path", "command", "why"]
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
