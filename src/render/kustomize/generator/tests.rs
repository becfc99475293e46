use std::sync::Arc;

use super::Behavior;
use super::Generated;
use super::Generator;
use super::generate;
use super::merge_generated;
use crate::diagnostic::Diagnostic;
use crate::kustomization::field;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::Tree;
use crate::yaml::emit;
use crate::yaml::parse;

/// The object of the first entry of `configMapGenerator` or `secretGenerator`. There are two data files.
fn generated(text: &str) -> Result<(Tree, Generated), String> {
    let sources = Arc::new(Sources::in_memory());
    let parsed = parse(&sources, sources.add("kustomization.yaml", text), Reader::Kubectl);
    let file = parsed.tree.node(parsed.documents[0].root);
    let mut tree = Tree::new(Arc::clone(&sources), Reader::Kustomize);
    let (generator, list) = match field(file, "configMapGenerator") {
        Some(list) => (Generator::ConfigMap, list),
        None => (Generator::Secret, field(file, "secretGenerator").unwrap()),
    };
    let read = |place: Node<'_>, path: &str| match path {
        "run.sh" => Ok(sources.add_data(path, b"#!/bin/sh\necho hello\n".to_vec())),
        "a.env" => Ok(sources.add_data(path, b"\xEF\xBB\xBF# comment\nA='1' \n  B\n".to_vec())),
        "a.bin" => Ok(sources.add_data(path, vec![0xFF; 53])),
        _ => Err(Box::new(Diagnostic::error("unreadable-file", place.span(), "there is no such file"))),
    };
    let made = generate(&mut tree, generator, list.items().next().unwrap(), field(file, "generatorOptions"), read);
    made.map(|made| (tree, made)).map_err(|problem| {
        let place = sources.location(problem.primary.span);
        format!("{}:{}:{}: {}", place.file, place.line, place.column, problem.message)
    })
}

fn printed(text: &str) -> String {
    let (tree, made) = generated(text).unwrap();
    emit(tree.node(made.root)).unwrap()
}

#[test]
fn a_config_map_gets_its_data_from_envs_literals_and_files() {
    let text = "configMapGenerator:\n- name: a\n  literals: ['x=\"y\"']\n  envs: [a.env]\n  files: [k=run.sh, a.bin]\n";
    let lines = format!(
        "{}
    8=
",
        "/".repeat(70)
    );
    let printed = printed(text);
    let expected = "data:\n  A: '''1'' '\n  B: \"\"\n  k: |\n    #!/bin/sh\n    echo hello\n  x: \"y\"\nkind: ConfigMap\nmetadata:\n  name: a\n";
    assert!(printed.ends_with(expected), "{printed}");
    assert!(printed.starts_with(&format!("apiVersion: v1\nbinaryData:\n  a.bin: |\n    {lines}")), "{printed}");
}

#[test]
fn a_secret_always_has_data_and_a_type() {
    let text = "secretGenerator: [{name: a, Options: {disableNameSuffixHash: yes}}]\n";
    assert_eq!(printed(text), "apiVersion: v1\ndata: {}\nkind: Secret\nmetadata:\n  name: a\ntype: Opaque\n");
    assert!(!generated(text).unwrap().1.needs_hash);
}

#[test]
fn options_of_the_entry_count_before_those_of_the_file_but_flags_stay_set() {
    let text = "configMapGenerator: [{name: a, options: {labels: {a: b}, immutable: false}}]\n\
                generatorOptions: {labels: {a: c, d: e}, annotations: {f: '1'}, immutable: true}\n";
    let metadata = "metadata:\n  annotations:\n    f: \"1\"\n  labels:\n    a: b\n    d: e\n  name: a\n";
    assert_eq!(printed(text), format!("apiVersion: v1\nimmutable: true\nkind: ConfigMap\n{metadata}"));
}

#[test]
fn data_point_at_the_file_that_holds_them() {
    let text = "configMapGenerator:\n- name: a\n  literals:\n  - x='y'\n  envs: [a.env]\n  files: [run.sh]\n";
    let (tree, made) = generated(text).unwrap();
    let data = tree.node(made.root).get("data").unwrap();
    let place = |span: Span| {
        let place = tree.sources().location(span);
        format!("{}:{}:{}", place.file, place.line, place.column)
    };
    let written = |key: &str| place(data.get(key).unwrap().writers().next().unwrap().span);
    assert_eq!(written("x"), "kustomization.yaml:4:8");
    assert_eq!(written("A"), "a.env:2:3");
    let script = data.get("run.sh").unwrap();
    assert_eq!(place(crate::yaml::span_within(script, 10..14)), "run.sh:2:1");
    assert_eq!(script.writers().next().unwrap().via.unwrap().what, "configMapGenerator");
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (entry, told) in [
        ("{literals: [a=b]}", "1:22: this entry of `configMapGenerator` has no `name`"),
        ("{name: a, literals: [a]}", "1:43: the literal `a` has not the form `key=value`"),
        ("{name: a, literals: [a=b, a=c]}", "1:48: the key `a` is given twice"),
        ("{name: a, files: ['=b']}", "1:40: the file `b` has an empty key before its `=`"),
        ("{name: a, files: [b=]}", "1:40: the key `b` has no path behind its `=`"),
        ("{name: a, files: [nowhere]}", "1:40: there is no such file"),
        ("{name: a, files: nowhere}", "1:39: `files` must be a list"),
        ("{name: 1}", "1:29: `name` must be a text"),
        ("{name: a, options: {labels: {a: 1}}}", "1:54: `a` must be a text"),
        ("{name: a, options: {immutable: 'true'}}", "1:53: `immutable` must be `true` or `false`"),
    ] {
        let text = format!("configMapGenerator: [{entry}]\n");
        assert_eq!(generated(&text).err().unwrap(), format!("kustomization.yaml:{told}"));
    }
}

#[test]
fn merging_keeps_name_labels_and_data_of_the_old_object() {
    let text =
        "configMapGenerator: [{name: a, behavior: merge, literals: [a=new, c=new], options: {labels: {l: new}}}]\n";
    let (mut tree, made) = generated(text).unwrap();
    assert_eq!(made.behavior, Behavior::Merge);
    let old = "kind: ConfigMap\nmetadata: {name: p-a, namespace: x, labels: {l: old, m: 1}}\ndata: {a: old, b: 2}\nimmutable: true\n";
    let source = tree.sources().add("old.yaml", old);
    let parsed = parse(tree.sources(), source, Reader::Kustomize);
    let old = tree.copy(parsed.tree.node(parsed.documents[0].root), None);
    merge_generated(&mut tree, old, made.root, made.behavior);
    let merged = tree.node(made.root);
    let expected = "apiVersion: v1\ndata:\n  a: new\n  b: \"2\"\n  c: new\nkind: ConfigMap\nmetadata:\n  labels:\n    l: new\n    m: \"1\"\n  name: p-a\n  namespace: x\n";
    assert_eq!(emit(merged).unwrap(), expected);
    let files = |key: &str| -> Vec<&str> {
        let writers = merged.at_path(&["data", key]).unwrap().writers();
        writers.map(|writer| tree.sources().get(writer.span.source).path()).collect()
    };
    assert_eq!(files("a"), ["kustomization.yaml", "old.yaml"]);
    assert_eq!(files("b"), ["old.yaml"]);
}
