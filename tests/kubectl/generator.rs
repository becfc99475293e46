//! Random generators of ConfigMaps and Secrets, their name hashes and their merges, beside those of kubectl.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use plimsoll::diagnostic::Diagnostic;
use plimsoll::kustomization::field;
use plimsoll::render::kustomize::generator::Behavior;
use plimsoll::render::kustomize::generator::Generated;
use plimsoll::render::kustomize::generator::Generator;
use plimsoll::render::kustomize::generator::generate;
use plimsoll::render::kustomize::generator::merge_generated;
use plimsoll::render::kustomize::hash;
use plimsoll::source::Sources;
use plimsoll::yaml::Node;
use plimsoll::yaml::NodeId;
use plimsoll::yaml::Reader;
use plimsoll::yaml::Tree;
use plimsoll::yaml::emit;
use plimsoll::yaml::parse;

use crate::build::Case;
use crate::build::compare;
use crate::build::number_of_cases;
use crate::random::BARE;
use crate::random::Random;

#[test]
fn generators_make_what_kustomize_makes_and_hash_it_alike() {
    if crate::kubectl_is_missing() {
        return;
    }
    let mut random = Random::new(21);
    let cases: Vec<Case> = (0..number_of_cases(300)).map(|index| case(&mut random, index)).collect();
    compare("generator", &cases);
}

fn case(random: &mut Random, index: usize) -> Case {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for name in ["a.txt", "b.env", "c/d"] {
        files.insert(name.to_owned(), contents(random, name));
    }
    let kind = random.pick(&["configMapGenerator", "secretGenerator"]);
    let name = format!("{}{index}", random.pick(&["n", "n", "n", "", "0x", "1e", "N_", "a b", "-"]));
    let old = match random.below(3) {
        0 => Some(old_object(random, kind, &name)),
        _ => None,
    };
    let mut text = kustomization(random, kind, &name, old.is_some());
    if let Some(old) = &old {
        text += "resources: [old.yaml]\n";
        files.insert("old.yaml".to_owned(), old.clone().into_bytes());
    }
    let ours = ours(&text, &files, old.as_deref()).map_err(|problem| problem.message);
    files.insert("kustomization.yaml".to_owned(), text.into_bytes());
    Case {
        fields: vec![("resources", format!("- c{index}\n"))],
        files: files.into_iter().map(|(name, bytes)| (format!("c{index}/{name}"), bytes)).collect(),
        ours,
    }
}

/// What we make of the only generator of a kustomization.
fn ours(text: &str, files: &BTreeMap<String, Vec<u8>>, old: Option<&str>) -> Result<String, Box<Diagnostic>> {
    let sources = Arc::new(Sources::in_memory());
    let parsed = parse(&sources, sources.add("kustomization.yaml", text), Reader::Kubectl);
    if let Some(problem) = parsed.diagnostics.first() {
        return Err(Box::new(problem.clone()));
    }
    let file = parsed.tree.node(parsed.documents[0].root);
    let mut tree = Tree::new(Arc::clone(&sources), Reader::Kustomize);
    let (generator, list) = match field(file, "configMapGenerator") {
        Some(list) => (Generator::ConfigMap, list),
        None => (Generator::Secret, field(file, "secretGenerator").unwrap()),
    };
    let entry = list.items().next().unwrap();
    let read = |place: Node<'_>, path: &str| match files.get(path) {
        Some(bytes) => Ok(sources.add_data(path, bytes.clone())),
        None => Err(Box::new(Diagnostic::error("unreadable-file", place.span(), "there is no such file"))),
    };
    let made = generate(&mut tree, generator, entry, field(file, "generatorOptions"), read)?;
    let Generated { root, behavior, needs_hash } = made;
    let Some(old) = old else { return printed(tree, root, needs_hash) };
    let parsed = parse(&sources, sources.add("old.yaml", old), Reader::Kustomize);
    let old = tree.copy(parsed.tree.node(parsed.documents[0].root), None);
    assert_ne!(behavior, Behavior::Create);
    merge_generated(&mut tree, old, root, behavior);
    printed(tree, root, false)
}

fn printed(mut tree: Tree, root: NodeId, needs_hash: bool) -> Result<String, Box<Diagnostic>> {
    if needs_hash {
        let hash = format!("-{}", hash::suffix(tree.node(root))?);
        let name = tree.node(root).at_path(&["metadata", "name"]).unwrap();
        let (id, text, span) = (name.id(), name.text().to_owned(), name.span());
        tree.compose(id, &[(&text, span), (&hash, span)]);
    }
    emit(tree.node(root))
}

const KEYS: &[&str] = &["a", "b", "A", "a.b", "a-b", "a_b", "é", "key", "x", "y", "1", "true", "a b", "n", "0x", "no"];

fn kustomization(random: &mut Random, kind: &str, name: &str, merges: bool) -> String {
    let mut out = format!("{kind}:\n- name: \"{name}\"\n");
    if merges {
        writeln!(out, "  behavior: {}", random.pick(&["merge", "replace"])).unwrap();
    } else if random.below(5) == 0 {
        writeln!(out, "  Behavior: {}", random.pick(&["create", "\"\"", "\"null\"", "Merge"])).unwrap();
    }
    if kind == "secretGenerator" && random.below(2) == 0 {
        writeln!(out, "  type: {}", random.pick(&["kubernetes.io/tls", "\"1\"", "a", "\"\"", "'yes'"])).unwrap();
    }
    if !merges && random.below(4) == 0 {
        writeln!(out, "  namespace: {}", random.pick(&["ns", "\"1\"", "\"\"", "default"])).unwrap();
    }
    if random.below(4) > 0 {
        out.push_str("  literals:\n");
        let mut keys: Vec<&str> = KEYS.to_vec();
        for _ in 0..random.below(4) {
            let key = if random.below(12) == 0 { random.pick(KEYS) } else { keys.remove(random.below(keys.len())) };
            let key = if matches!(key, "1" | "true") && random.below(4) > 0 { "k" } else { key };
            writeln!(out, "  - {}", json(&format!("{key}={}", value(random)))).unwrap();
        }
        if random.below(20) == 0 {
            writeln!(out, "  - {}", random.pick(&["a", "=b", "\"\"", "1", "", "c=", "'d=\"'", "d=''"])).unwrap();
        }
        if out.ends_with("literals:\n") {
            out.push_str("  - only=1\n");
        }
    }
    if random.below(3) == 0 {
        let wrong = random.below(6) == 0;
        let list: &[&str] = if wrong {
            &["b=", "=b", "a=b=c", "missing", "", "c/"]
        } else {
            &["a.txt", "z=a.txt", "c/d", "w=c/d", "v=b.env"]
        };
        writeln!(out, "  files: [{}]", random.pick(list)).unwrap();
    }
    match random.below(6) {
        0 => out.push_str("  envs: [b.env]\n"),
        1 => out.push_str("  env: b.env\n"),
        _ => {}
    }
    if random.below(3) == 0 {
        out.push_str("  options:\n");
        options(random, &mut out, "    ");
    }
    if random.below(3) == 0 {
        out.push_str("generatorOptions:\n");
        options(random, &mut out, "  ");
    }
    out
}

fn options(random: &mut Random, out: &mut String, margin: &str) {
    for field in ["labels", "annotations"] {
        if random.below(2) == 0 {
            writeln!(out, "{margin}{field}:").unwrap();
            for key in ["a", "n", "x/y", "1"] {
                if random.below(if key == "1" { 20 } else { 3 }) == 0 {
                    let text = match random.below(8) {
                        0 => random.pick(&["", "~", "1", "'1'", "2001-01-01", "yes"]).to_owned(),
                        _ => json(&value(random)),
                    };
                    writeln!(out, "{margin}  \"{key}\": {text}").unwrap();
                }
            }
        }
    }
    for flag in ["disableNameSuffixHash", "immutable"] {
        if random.below(3) == 0 {
            writeln!(out, "{margin}{flag}: {}", random.pick(&["true", "true", "yes", "false", "on", ""])).unwrap();
        }
    }
}

const PARTS: &[&str] = &[
    "a",
    "b c",
    " ",
    "  ",
    "\n",
    "\n\n",
    ": ",
    "#",
    "'",
    "\"",
    "\\",
    "é",
    "日本",
    "😀",
    "1",
    "true",
    "yes",
    "0x1F",
    "\t",
    "\r\n",
    "=",
    "<&>",
    "\u{85}",
    "\u{2028}",
    "${A}",
    "word ",
    "word ",
    "a longer text of several words ",
    "\u{1}",
    "\u{feff}",
    "{}",
    "null",
    "2001-01-01",
];

fn value(random: &mut Random) -> String {
    match random.below(6) {
        0 => random
            .pick(&["1", "1.5", "true", "", "null", "'quoted'", "\"quoted\"", "'", "''", "a'", "\"a'", "0644"])
            .to_owned(),
        1 => random.number(),
        2 => "a ".repeat(random.below(60)),
        _ => random.text(PARTS, 8),
    }
}

/// The bytes of a file; that for `envs` is mostly one.
fn contents(random: &mut Random, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    if random.below(8) == 0 {
        bytes.extend("\u{feff}".as_bytes());
    }
    if name.ends_with("env") {
        for _ in 0..random.below(6) {
            let key = random.pick(&["E1", "E2", "E3", "E4", "E5", "E6", "E7", "é", "E8 ", "E9"]);
            let line = match random.below(10) {
                0 => "# comment".to_owned(),
                1 => random.pick(&["", "  ", "\t", "=x", "\u{a0}K=1", "\u{feff}L=1"]).to_owned(),
                2 => key.to_owned(),
                3 => format!("{key}=\"quoted\" "),
                4 if random.below(10) == 0 => format!("{key}={}", "x".repeat(65_530 + random.below(8))),
                _ => format!("  {key}={}", value(random).replace('\n', "")),
            };
            bytes.extend(line.as_bytes());
            bytes.extend(random.pick(&["\n", "\n", "\r\n"]).as_bytes());
        }
        if random.below(3) == 0 {
            bytes.extend(b"LAST=1");
        }
    } else {
        bytes.extend(random.text(PARTS, 30).as_bytes());
        if random.below(6) == 0 {
            bytes.extend((0..random.below(200)).map(|byte| (byte * 7 % 256) as u8));
        }
    }
    if random.below(30) == 0 {
        bytes.extend(b"\xff\n");
    }
    bytes
}

/// An object for a generator to merge with.
fn old_object(random: &mut Random, kind: &str, name: &str) -> String {
    let kind = if kind == "secretGenerator" { "Secret" } else { "ConfigMap" };
    let mut out = format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: \"{name}\"\n");
    if random.below(4) == 0 {
        out.push_str("  namespace: default\n");
    }
    for (margin, field) in [("  ", "labels"), ("  ", "annotations"), ("", "data"), ("", "binaryData")] {
        if random.below(3) > 0 {
            writeln!(out, "{margin}{field}:").unwrap();
            for key in ["a", "n", "E1", "a.txt", "x/y", "1"] {
                if random.below(if key == "1" { 20 } else { 2 }) == 0 {
                    let text = match random.below(6) {
                        0 => random.pick(BARE).to_owned(),
                        1 => random.number(),
                        2 => "|\n      x\n       y".to_owned(),
                        _ => json(&value(random)),
                    };
                    writeln!(out, "{margin}  \"{key}\": {text}").unwrap();
                }
            }
            if out.ends_with(&format!("{field}:\n")) {
                out.truncate(out.len() - 1);
                out.push_str(random.pick(&[" {}\n", " {k: v}\n"]));
            }
        }
    }
    if random.below(3) == 0 {
        out.push_str(random.pick(&["type: x\n", "immutable: true\n", "extra: 1\n"]));
    }
    out
}

/// A text in double quotes, with escapes that every reader knows.
fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\u{20}'..='\u{7E}' | '\u{A1}'..='\u{1FFF}' | '\u{3000}'..='\u{D7FF}' => out.push(char),
            _ => write!(out, "\\U{:08X}", u32::from(char)).unwrap(),
        }
    }
    out + "\""
}
