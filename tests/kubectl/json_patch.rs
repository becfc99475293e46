//! Random JSON patches, applied by us and by kubectl, must give the same bytes or fail alike.

use std::fmt::Write;
use std::sync::Arc;

use plimsoll::patch::JsonPatch;
use plimsoll::patch::Notes;
use plimsoll::patch::json_patch;
use plimsoll::source::Sources;
use plimsoll::source::Span;
use plimsoll::yaml::Node;
use plimsoll::yaml::Reader;
use plimsoll::yaml::Tree;
use plimsoll::yaml::Via;
use plimsoll::yaml::emit;
use plimsoll::yaml::parse;

use crate::build::Case;
use crate::build::compare;
use crate::build::number_of_cases;
use crate::random::BARE;
use crate::random::Random;

#[test]
fn json_patches_change_what_kustomize_changes() {
    if crate::kubectl_is_missing() {
        return;
    }
    let mut random = Random::new(11);
    let cases: Vec<Case> = (0..number_of_cases(300)).map(|index| case(&mut random, index)).collect();
    compare("json-patch", &cases);
}

fn case(random: &mut Random, index: usize) -> Case {
    let resource = resource(random, index);
    let known = pointers(&resource);
    let patch = if random.below(3) == 0 { json(random, &known) } else { yaml(random, &known) };
    let notes = random.pick(&["some", "none"]) == "some";
    let ours = ours(&resource, &patch, if notes { Notes::Some } else { Notes::None });
    let (resource_file, patch_file) = (format!("r{index}.yaml"), format!("p{index}.yaml"));
    Case {
        fields: vec![
            ("resources", format!("- {resource_file}\n")),
            if notes {
                ("patches", format!("- path: {patch_file}\n  target: {{name: n{index}}}\n"))
            } else {
                let target = format!("{{group: example.com, version: v1, kind: Thing, name: n{index}}}");
                ("patchesJson6902", format!("- path: {patch_file}\n  target: {target}\n"))
            },
        ],
        files: vec![(resource_file, resource.into_bytes()), (patch_file, patch.into_bytes())],
        ours,
    }
}

fn ours(resource: &str, patch: &str, notes: Notes) -> Result<String, String> {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("r.yaml", resource);
    let parsed = parse(&sources, source, Reader::Kustomize);
    let mut tree = Tree::new(Arc::clone(&sources), Reader::Kustomize);
    if let Some(problem) = parsed.diagnostics.first() {
        return Err(problem.message.clone());
    }
    let root = tree.copy(parsed.tree.node(parsed.documents[0].root), None);
    let source = sources.add("p.yaml", patch);
    let via = Via { what: "patch", span: Span::whole(source) };
    let patched = JsonPatch::parse(&sources, source).and_then(|patch| json_patch(&mut tree, root, &patch, notes, &via));
    patched.and_then(|()| emit(tree.node(root))).map_err(|problem| problem.message)
}

/// Keys of the data, as YAML and as part of a pointer.
const KEYS: &[(&str, &str)] = &[
    ("a", "a"),
    ("b", "b"),
    ("c/d", "c~1d"),
    ("e~f", "e~0f"),
    ("g.h", "g.h"),
    ("\"0\"", "0"),
    ("list", "list"),
    ("\"yes\"", "yes"),
    ("\"~\"", "~"),
    ("\"\"", ""),
];

fn resource(random: &mut Random, index: usize) -> String {
    let mut out = format!("apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: n{index}\n");
    if random.below(2) == 0 {
        out.push_str("  annotations:\n");
        for key in ["a", "b"] {
            let value = scalar(random);
            writeln!(out, "    {key}: {value}").unwrap();
        }
    }
    out.push_str("data:\n");
    for (key, _) in KEYS {
        match random.below(6) {
            0 => {}
            1 => writeln!(
                out,
                "  {key}: [{}]",
                ["a", "[b, c]", "{d: 1}", "1.0", "9007199254740993"][..random.below(6)].join(", ")
            )
            .unwrap(),
            2 => {
                writeln!(out, "  {key}:").unwrap();
                for (inner, _) in KEYS.iter().filter(|_| random.below(3) == 0).collect::<Vec<_>>() {
                    let value = scalar(random);
                    writeln!(out, "    {inner}: {value}").unwrap();
                }
                if out.ends_with(":\n") {
                    out.push_str("    z: {y: [1, {x: }]}\n");
                }
            }
            3 => {
                let value = scalar(random);
                writeln!(out, "  {key}:\n  - {value}\n  - b: {value}\n    c: [d, {{e: f}}]\n  - [1, 2]").unwrap();
            }
            4 => {
                let text = random.pick(&[
                    "|\n    x\n    y\n",
                    ">-\n    x\n\n     y\n    z\n",
                    "\"x\\n\\ty\"\n",
                    "' x'\n",
                    "\"é\\u2028😀\"\n",
                    "\"a\\x85b\"\n",
                    "\"\\nx\\n\"\n",
                    "\" x\\ny\"\n",
                    "\"x \\ny\"\n",
                    "\"<&>\"\n",
                ]);
                write!(out, "  {key}: {text}").unwrap();
            }
            _ => {
                let value = scalar(random);
                writeln!(out, "  {key}: {value}").unwrap();
            }
        }
    }
    if out.ends_with("data:\n") {
        out.push_str("  only: 1\n");
    }
    out
}

fn scalar(random: &mut Random) -> String {
    match random.below(4) {
        0 => random.number(),
        1 if random.below(4) == 0 => random.pick(BARE).to_owned(),
        2 => random.date(),
        _ => random
            .pick(&["a", "1", "true", "1.5", "1000000", "9007199254740993", "0644", "text", "\"1\"", "'yes'"])
            .to_owned(),
    }
}

/// A pointer, mostly to something that is there.
fn pointer(random: &mut Random, known: &[String]) -> String {
    if random.below(20) > 0 {
        let mut pointer = known[random.below(known.len())].clone();
        match random.below(24) {
            0 => pointer = pointer.rsplit_once('/').map_or(String::new(), |(parent, _)| format!("{parent}/-")),
            1 => pointer = pointer.rsplit_once('/').map_or(String::new(), |(parent, _)| format!("{parent}/0")),
            2 => pointer += "/new",
            _ => {}
        }
        return pointer;
    }
    let mut pointer =
        random.pick(&["/data", "/metadata/annotations/c", "/data", "", "/", "x/data", "data", "/spec"]).to_owned();
    for _ in 0..random.below(4) {
        pointer.push('/');
        if random.below(3) == 0 {
            pointer +=
                random.pick(&["0", "1", "-", "-1", "+1", "01", "-0", "5", "-9", "1e0", "x", "99999999999999999999"]);
        } else {
            pointer += KEYS[random.below(KEYS.len())].1;
        }
    }
    pointer
}

/// The pointers to all nodes of a resource but those that make it one.
fn pointers(resource: &str) -> Vec<String> {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("r.yaml", resource);
    let parsed = parse(&sources, source, Reader::Kustomize);
    let mut found = Vec::new();
    for document in &parsed.documents {
        for field in ["data", "metadata"] {
            let field = parsed.tree.node(document.root).get(field).unwrap();
            found.extend(field.descendants().map(pointer_to));
        }
    }
    // Whole annotations hold notes of kustomize's own while it patches, which would be moved or copied along.
    found.retain(|pointer| !matches!(pointer.as_str(), "/metadata" | "/metadata/name" | "/metadata/annotations"));
    found.push("/status".to_owned());
    found
}

fn pointer_to(node: Node<'_>) -> String {
    let Some(parent) = node.parent() else { return String::new() };
    let part = match (node.key(), node.index()) {
        (Some(key), _) => key.text().replace('~', "~0").replace('/', "~1"),
        (None, index) => index.unwrap().to_string(),
    };
    format!("{}/{part}", pointer_to(parent))
}

const OPERATIONS: &[&str] =
    &["add", "add", "add", "remove", "remove", "replace", "replace", "replace", "move", "copy", "copy", "test"];

fn yaml(random: &mut Random, known: &[String]) -> String {
    let mut out = String::new();
    for _ in 0..=random.below(3) {
        let op = if random.below(60) == 0 {
            random.pick(&["Add", "", "null", "1", "delete"])
        } else {
            random.pick(OPERATIONS)
        };
        writeln!(out, "- op: {op}\n  path: '{}'", pointer(random, known)).unwrap();
        if matches!(op, "move" | "copy") || random.below(30) == 0 {
            writeln!(out, "  from: '{}'", pointer(random, known)).unwrap();
        }
        if random.below(12) > 0 {
            let value = match random.below(5) {
                0 => random
                    .pick(&[
                        "{}",
                        "[]",
                        "{a: 1, b: [yes, 0o17, 017]}",
                        "{yes: 1, 1: 2, 1.5: x, 2001-01-01: y}",
                        "[{a: }, b]",
                        "{a: 1, a: 2}",
                        "{? null : 1}",
                        "{<<: {a: 1}, b: 2}",
                    ])
                    .to_owned(),
                1 => random
                    .pick(&[
                        "|\n    x\n    y",
                        ">-\n    x\n\n     y\n    z",
                        "\"x\\n\\ty\"",
                        "' x'",
                        "\"é\\u2028😀\"",
                        "\"\\tx\\ny\"",
                        "\"a\\x85b\"",
                        "\"\\nx\\n\"",
                    ])
                    .to_owned(),
                _ => scalar(random),
            };
            writeln!(out, "  value: {value}").unwrap();
        }
        if random.below(20) == 0 {
            out.push_str("  other: 1\n");
        }
    }
    out + random.pick(&["", "", "", "", "---\n- op: x\n", "# end\n", "...\n"])
}

fn json(random: &mut Random, known: &[String]) -> String {
    let mut out = String::from("[");
    for index in 0..=random.below(3) {
        out.push_str(if index > 0 { ",\n\t" } else { "" });
        let op = random.pick(OPERATIONS);
        write!(out, "{{\"op\":\"{op}\", \"path\" : \"{}\"", pointer(random, known)).unwrap();
        if matches!(op, "move" | "copy") {
            write!(out, ",\"from\":\"{}\"", pointer(random, known)).unwrap();
        }
        if random.below(12) > 0 {
            let bad = random.below(20) == 0;
            let value = random.pick(&[
                "1",
                "1.0",
                "1e3",
                "\"a\"",
                "\"\\u0041\"",
                "\"\\ud83d\\ude00\"",
                "\"\\ud83d\"",
                "\"a\\/b\"",
                "null",
                "true",
                "{}",
                "[]",
                "{\"a\": [1, {\"b\":null}], \"yes\":\"no\"}",
                "[1,2 , 3]",
                "{\"a\":1,\"a\":2}",
                "\"<&>\"",
                "1E400",
                "1e-7",
                "123456789012345678901234567890",
                "1",
                "2",
                "{\"x\":[]}",
                "[[]]",
                "0.1",
                "\"text\"",
                "\"x\\ny\"",
                "\"\\t\"",
                "\"yes\"",
                "\"1\"",
                "9007199254740993",
                "\"2001-01-01\"",
                if bad { "01" } else { "\"\"" },
                if bad { "'a'" } else { "3" },
                if bad { "a" } else { "4" },
                if bad { "[1,]" } else { "5" },
                if bad { "nul" } else { "6" },
                if bad { "\"a\tb\"" } else { "7" },
                "[\"b\",\"c\"]",
                "{\"d\":1}",
                "{\"d\":1.0}",
            ]);
            write!(out, ", \"value\":{value}").unwrap();
        }
        out.push('}');
    }
    out + if random.below(20) == 0 { random.pick(&["] x", ""]) } else { random.pick(&["]", "]\n", "] \n\n"]) }
}
