use std::sync::Arc;

use crate::patch::json::JsonPatch;
use crate::patch::json::Notes;
use crate::patch::json::json_patch;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::emit;
use crate::yaml::parse;

const OBJECT: &str = "\
kind: A
metadata: {name: a, annotations: {size: 1000000, ratio: 1.50}}
data:
  list: [a, b]
  number: 9007199254740993
  a/b: x
";

/// The object after a patch, and the tree that it is in.
fn patched(object: &str, patch: &str) -> Result<(Tree, NodeId), String> {
    let sources = Arc::new(Sources::in_memory());
    let parsed = parse(&sources, sources.add("a.yaml", object), Reader::Kustomize);
    let mut tree = Tree::new(Arc::clone(&sources), Reader::Kustomize);
    let root = tree.copy(parsed.tree.node(parsed.documents[0].root), None);
    let source = sources.add("p.yaml", patch);
    let via = Via { what: "patch", span: Span::whole(source) };
    let done =
        JsonPatch::parse(&sources, source).and_then(|patch| json_patch(&mut tree, root, &patch, Notes::Some, &via));
    done.map(|()| (tree, root)).map_err(|problem| {
        let place = sources.location(problem.primary.span);
        let related = problem.related.first().map_or(String::new(), |label| format!(" ({})", label.message));
        format!("{}:{}:{}: {}{related}", place.file, place.line, place.column, problem.message)
    })
}

fn data(patch: &str) -> String {
    let (tree, root) = patched(OBJECT, patch).unwrap();
    let text = emit(tree.node(root)).unwrap();
    text[text.find("data:\n").unwrap() + 6..text.find("kind:").unwrap()].to_owned()
}

fn refusal(patch: &str) -> String {
    patched(OBJECT, patch).unwrap_err()
}

#[test]
fn operations_change_the_object() {
    assert_eq!(
        data("- {op: add, path: /data/list/1, value: x}"),
        "  a/b: x\n  list:\n  - a\n  - x\n  - b\n  number: 9007199254740992\n"
    );
    assert_eq!(data("- {op: replace, path: /data, value: {on: off}}"), "  \"true\": false\n");
    assert_eq!(
        data("- {op: remove, path: /data/a~1b}\n- {op: remove, path: /data/list/-1}"),
        "  list:\n  - a\n  number: 9007199254740992\n"
    );
    assert_eq!(
        data("- {op: move, from: /data/a~1b, path: /data/list/-}"),
        "  list:\n  - a\n  - b\n  - x\n  number: 9007199254740992\n"
    );
    assert_eq!(
        data(
            "[{\"op\":\"test\",\"path\":\"/data/a~1b\",\"value\":\"x\"},\t{\"op\":\"replace\",\"path\":\"/data\",\"value\":{\"a\":\"\\ud83d\\ude00é\"}}]"
        ),
        "  a: \"\\U0001F600é\"\n"
    );
}

#[test]
fn annotations_show_what_go_makes_of_numbers() {
    let (tree, root) = patched(OBJECT, "- {op: add, path: /metadata/annotations/x, value: 0o17}").unwrap();
    assert!(emit(tree.node(root)).unwrap().contains("    ratio: \"1.5\"\n    size: \"1e+06\"\n    x: \"15\"\n"));
    let (tree, root) =
        patched("kind: A\nmetadata: {name: a}\n", "- {op: add, path: /metadata/annotations/x, value: 'y'}").unwrap();
    assert_eq!(emit(tree.node(root)).unwrap(), "kind: A\nmetadata:\n  annotations:\n    x: \"y\"\n  name: a\n");
}

#[test]
fn what_does_not_apply_is_told_with_its_place() {
    for (patch, told) in [
        (
            "- op: remove\n  path: /data/x",
            "p.yaml:2:9: the path `/data/x` of this operation does not exist (there is no `x` here)",
        ),
        (
            "- {op: add, path: /spec/x, value: 1}",
            "p.yaml:1:19: the path `/spec/x` of this operation does not exist (there is no `spec` here)",
        ),
        (
            "- {op: add, path: /data/list/3, value: 1}",
            "p.yaml:1:19: the path `/data/list/3` of this operation does not exist (index 3 is out of range: this list has 2 items)",
        ),
        (
            "- {op: test, path: /data/list/0, value: b}",
            "p.yaml:1:41: this test fails: `/data/list/0` is something else (this is what is there)",
        ),
        ("- {op: delete, path: /data}", "p.yaml:1:8: `delete` is no operation of a JSON patch"),
        ("- {op: add}", "p.yaml:1:3: this operation has no `path`"),
        (
            "[{\"op\": \"add\",}]",
            "p.yaml:1:15: this patch begins with `[`, so it is read as JSON, and it is none: key must be a string",
        ),
        ("a: b", "p.yaml:1:1: a JSON patch is a list of operations, and this is none"),
    ] {
        assert_eq!(refusal(patch), told);
    }
}

#[test]
fn what_is_written_has_the_patch_as_its_last_writer_and_the_rest_keeps_its_own() {
    let patch = "- {op: replace, path: /data/a~1b, value: y}\n- {op: remove, path: /data/number}\n- {op: copy, from: /data/list, path: /data/copy}";
    let (tree, root) = patched(OBJECT, patch).unwrap();
    let data = tree.node(root).get("data").unwrap();
    let places = |key: &str| -> Vec<String> {
        let place = |span| {
            let place = tree.sources().location(span);
            format!("{}:{}", place.file, place.line)
        };
        data.get(key).unwrap().writers().map(|writer| place(writer.span)).collect()
    };
    assert_eq!(places("a/b"), ["p.yaml:1", "a.yaml:6"]);
    assert_eq!(places("list"), ["a.yaml:4"]);
    assert_eq!(places("copy"), ["a.yaml:4"]);
    assert!(data.get("copy").unwrap().writers().next().unwrap().via.is_some());
    assert_eq!(tree.sources().location(data.deleted("number").unwrap().span).line, 2);
}

#[test]
fn what_is_taken_out_leaves_a_mark_with_its_name() {
    let object = "kind: A\nspec:\n  items: [{name: a}, {name: b}, {name: c}]\n  plain: [x, y]\n  port: 1\n  deep: {a: 1, b: 2}\n";
    let patch = "\
- {op: remove, path: /spec/items/1}
- {op: remove, path: /spec/plain/0}
- {op: move, from: /spec/port, path: /spec/number}
- {op: replace, path: /spec/deep, value: {b: 3}}
";
    let (tree, root) = patched(object, patch).unwrap();
    let spec = tree.node(root).get("spec").unwrap();
    let gone = |node: Node<'_>| -> Vec<String> {
        let line = |span| tree.sources().location(span).line;
        let deletions = node.deletions().into_iter();
        deletions.map(|gone| format!("{} {:?} {} {}", gone.name, gone.how, line(gone.was), line(gone.span))).collect()
    };
    assert_eq!(gone(spec.get("items").unwrap()), ["b Deleted 3 1"]);
    assert_eq!(gone(spec.get("plain").unwrap()), ["x Deleted 4 2"]);
    assert_eq!(gone(spec), ["port Moved 5 3"]);
    assert_eq!(gone(spec.get("deep").unwrap()), ["a Replaced 6 4"]);
}

#[test]
fn a_mark_is_not_shown_for_what_is_there_again() {
    let patch = "- {op: remove, path: /data/number}\n- {op: add, path: /data/number, value: 1}";
    let (tree, root) = patched(OBJECT, patch).unwrap();
    assert!(tree.node(root).get("data").unwrap().deletions().is_empty());
}
