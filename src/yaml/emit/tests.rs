//! Each rule of the output with an example. What is expected here is what `kubectl kustomize` (v1.32)
//! printed for the same input.

use std::sync::Arc;

use super::emit_all;
use crate::source::Sources;
use crate::yaml::Reader;
use crate::yaml::parse;

/// What is printed for a text, or the message and place of why nothing is.
fn emitted(text: &str) -> String {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("a.yaml", text);
    let parsed = parse(&sources, source, Reader::Kustomize);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let roots = parsed.documents.iter().map(|document| parsed.tree.node(document.root));
    emit_all(roots).unwrap_or_else(|error| {
        let place = sources.location(error.primary.span);
        format!("{}:{}: {}", place.line, place.column, error.message)
    })
}

#[test]
fn documents_are_joined_by_a_marker_and_no_documents_are_nothing() {
    assert_eq!(emitted("b: 1 # comment\na: [p]\n"), "a:\n- p\nb: 1\n");
    assert_eq!(emitted("a: 1\n---\n---\nb: |+\n  x\n\n---\nc: 1\n"), "a: 1\n---\nb: |+\n  x\n\n---\nc: 1\n");
    assert_eq!(emitted("# nothing\n"), "");
}

#[test]
fn lists_stand_no_deeper_than_their_key() {
    let text = "m: {l: [a, [b, [c]], {k: v, j: [x]}, [], {}], e: {}, f: []}\n";
    let printed = "m:\n  e: {}\n  f: []\n  l:\n  - a\n  - - b\n    - - c\n  - j:\n    - x\n    k: v\n  - []\n  - {}\n";
    assert_eq!(emitted(text), printed);
}

#[test]
fn numbers_and_words_are_spelled_anew() {
    let text = "- 0755\n- 0xFF\n- 1_000\n- 1.0\n- 1e3\n- 1234567.5\n- 1.50\n- True\n- NULL\n- ~\n-\n";
    let printed = "- 493\n- 255\n- 1000\n- 1\n- 1000\n- 1.2345675e+06\n- 1.5\n- true\n- null\n- null\n- null\n";
    assert_eq!(emitted(text), printed);
    assert_eq!(
        emitted("a: 2001-1-2\nb: !!binary aGVsbG8=\nc: !foo 1\nd: ! 1\n"),
        "a: \"2001-01-02T00:00:00Z\"\nb: hello\nc: \"1\"\nd: 1\n"
    );
}

#[test]
fn nothing_within_brackets_becomes_an_empty_text() {
    assert_eq!(emitted("a: {b: , c: [{d: }]}\ne:\n"), "a:\n  b: \"\"\n  c:\n  - d: \"\"\ne: null\n");
}

#[test]
fn texts_are_quoted_where_a_reader_of_yaml_1_1_would_need_it() {
    let text = "- 'yes'\n- \"1.20\"\n- 'a: b'\n- 'it''s'\n- ''\n- \"\\t\\u00a0\\u2028\\U0001F600\"\n- \"a\\r\\n\"\n";
    let printed = "- \"yes\"\n- \"1.20\"\n- 'a: b'\n- it's\n- \"\"\n- \"\\t\\_\\L\\U0001F600\"\n- \"a\\r\\n\"\n";
    assert_eq!(emitted(text), printed.replace("\\_", "\u{a0}"));
    assert_eq!(emitted("on: 1\n'123': 1\n'': 1\n"), "\"\": 1\n\"123\": 1\n\"on\": 1\n");
    assert_eq!(emitted("- '''a: b'''\n"), "- '''a: b'''\n");
    assert_eq!(emitted("- \"a\\x85b\\u2028c\"\n"), "- 'a b\u{2028}  c'\n");
    // Behind a byte order mark at the start, everything is escaped.
    assert_eq!(emitted("- \"\\ufeffa b\"\n"), "- \"\\uFEFF\\x61\\x20\\x62\"\n");
}

#[test]
fn lines_are_a_literal_block_with_what_its_ends_need() {
    let text = "- \"a\\nb\"\n- \"a\\n\"\n- \"a\\n\\n\"\n- \"\\n\"\n- \" a\\n\\n b\\n\"\n- \"a \\nb\"\n";
    let printed = "- |-\n  a\n  b\n- |\n  a\n- |+\n  a\n\n- |2+\n\n- |2\n   a\n\n   b\n- \"a \\nb\"\n";
    assert_eq!(emitted(text), printed);
}

#[test]
fn a_folded_scalar_changes_as_kustomize_changes_it() {
    assert_eq!(emitted("a: >-\n  one\n  two\n   | three\n"), "a: |-\n  one two\n\n   | three\n");
    let annotated = emitted("metadata:\n  annotations:\n    a: >-\n      one\n       | two\n");
    assert_eq!(annotated, "metadata:\n  annotations:\n    a: |-\n      one\n       | two\n");
}

#[test]
fn a_file_that_ends_within_a_block_has_no_last_line_break() {
    assert_eq!(emitted("a: |\n  x"), "a: x\n");
    assert_eq!(emitted("a: |\n  x\n"), "a: |\n  x\n");
    assert_eq!(emitted("a: |+\n  x\n "), "a: |\n  x\n");
}

#[test]
fn the_first_single_space_behind_column_80_is_folded() {
    let (long, word) = ("x".repeat(78), "y".repeat(20));
    // The space after `long` stands in column 81, where `k: ` takes three.
    assert_eq!(emitted(&format!("k: {long} {word}\n")), format!("k: {long}\n  {word}\n"));
    let short = "x".repeat(77);
    assert_eq!(emitted(&format!("k: {short} {word}\n")), format!("k: {short} {word}\n"));
    assert_eq!(emitted(&format!("- - {long}  {word} z\n")), format!("- - {long}  {word}\n    z\n"));
    assert_eq!(emitted(&format!("k: '{long}: {word}'\n")), format!("k: '{long}:\n  {word}'\n"));
    assert_eq!(emitted(&format!("k: \"{long}\\t  {word}\"\n")), format!("k: \"{long}\\t\n  \\ {word}\"\n"));
}

#[test]
fn a_long_key_or_one_with_lines_gets_a_line_of_its_own() {
    let key = "k".repeat(128);
    assert_eq!(emitted(&format!("{key}: 1\n")), format!("{key}: 1\n"));
    assert_eq!(emitted(&format!("? {key}k\n: [a]\n")), format!("? {key}k\n: - a\n"));
    assert_eq!(emitted("\"a\\nb\": {c: d}\n"), "? |-\n  a\n  b\n: c: d\n");
}

#[test]
fn annotations_keep_the_spelling_of_their_source() {
    let text =
        "metadata:\n  annotations: {a: 1.50, b: true, c: null, d: ~, e: , f: 0x1F, g: [x], h: 'y'}\n  labels: {}\n";
    let printed = "metadata:\n  annotations:\n    a: \"1.50\"\n    b: \"true\"\n    c: \"null\"\n    d: \"~\"\n    e: \"\"\n    f: \"0x1F\"\n    g: \"\"\n    h: \"y\"\n  labels: {}\n";
    assert_eq!(emitted(text), printed);
    assert_eq!(emitted("metadata: {name: a, annotations: {}}\n"), "metadata:\n  name: a\n");
    // Only those of the object itself: the ones of a pod template stay numbers.
    let template = "spec:\n  metadata:\n    annotations:\n      a: 1.5\n";
    assert_eq!(emitted(template), template);
}

#[test]
fn what_kustomize_refuses_is_refused_with_its_place() {
    assert_eq!(emitted("a:\n  1: x\n"), "2:3: the key `1` is not a text");
    assert_eq!(emitted("1: x\n"), "\"1\": x\n");
    assert_eq!(emitted("a: [.inf]\n"), "1:5: `.inf` cannot be written: JSON has no such number");
    assert_eq!(emitted("a: [\"\\x7f\"]\n"), "1:5: kustomize cannot write the character U+007F of this text");
    assert_eq!(emitted("a: {b: 1, b: 2}\n"), "1:11: the key `b` stands twice in this mapping");
    assert_eq!(emitted("a: !!int x\n"), "1:10: `x` is tagged as an integer and is none");
    assert_eq!(emitted("a: !!binary '*'\n"), "1:13: this `!!binary` value is not base64");
    let annotation = "kustomize cannot write the annotation `1`: it loses the quotes of its key";
    assert_eq!(emitted("metadata: {annotations: {\"1\": x}}\n"), format!("1:26: {annotation}"));
    let zone = "`2001-01-01T00:00:00+24:00` cannot be written: its time zone is a day away";
    assert_eq!(emitted("a: 2001-01-01T00:00:00+24:00\n"), format!("1:4: {zone}"));
}
