//! Where nodes are said to stand, what broken text is told, and what hostile text costs.

use std::fmt::Write;
use std::sync::Arc;

use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::MAX_DEPTH;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Reader;
use crate::yaml::duplicate_keys;
use crate::yaml::emit;
use crate::yaml::keep_last_of_duplicates;
use crate::yaml::parse;

fn parsed(text: &str) -> (Arc<Sources>, Parsed) {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("a.yaml", text);
    let parsed = parse(&sources, source, Reader::Kustomize);
    (sources, parsed)
}

fn place(sources: &Sources, span: Span) -> String {
    let location = sources.location(span);
    format!("{}:{}-{}:{}", location.line, location.column, location.end_line, location.end_column)
}

/// A line for each node: its place, what it is, and what stands there in the source.
fn places(text: &str) -> String {
    let (sources, parsed) = parsed(text);
    let mut out = format!("{text}\n=====\n");
    for document in &parsed.documents {
        out.push_str("document\n");
        show(&sources, parsed.tree.node(document.root), 1, &mut out);
    }
    for comment in &parsed.comments {
        line(&sources, comment.span, 0, "comment", &mut out);
    }
    for problem in &parsed.diagnostics {
        line(&sources, problem.primary.span, 0, &problem.message, &mut out);
    }
    out
}

fn show(sources: &Sources, node: Node<'_>, depth: usize, out: &mut String) {
    let what = match node.kind() {
        Kind::Scalar => format!("{:?} {:?}", node.style(), node.text()),
        kind => format!("{:?} {kind:?}", node.style()),
    };
    line(sources, node.span(), depth, &what, out);
    for child in node.children() {
        if let Some(key) = child.key() {
            line(sources, key.span(), depth + 1, &format!("key {:?}", key.text()), out);
        }
        show(sources, child, depth + 1, out);
    }
}

fn line(sources: &Sources, span: Span, depth: usize, what: &str, out: &mut String) {
    let written = &sources.get(span.source).text()[span.start as usize..span.end as usize];
    let indent = "  ".repeat(depth);
    writeln!(out, "{indent}{} {what} <- {written:?}", place(sources, span)).unwrap();
}

/// The snapshots in `testdata/yaml/places` show the text and where each node of it was found.
#[test]
fn every_node_knows_its_place() {
    let cases = [
        ("block_collections", "a:\n  b: 1\n  c:\n    - x\n    - y: z\n      w: v\nd:\n- e\n- f\ng: h\n"),
        ("flow_collections", "a: {b: [1, {c: d}], 'e': , f}\ng: [\n  x,\n  y ]\nh: {}\ni: []\n"),
        ("nested_sequences", "- - x\n  - - y\n-\n  - z\n"),
        ("empty_values", "a:\nb: # nothing\nc:\n  d:\n- \n".split('-').next().unwrap()),
        ("empty_items", "-\n- # nothing\n- a\n-\n"),
        (
            "literal_blocks",
            "a: |\n  x\n  y\nb: |-\n  x\nc: |+\n  x\n\nd: |2\n   x\ne: |1-\n  x\nf: |\n\n  x\n\ng: |\nh: 1\n",
        ),
        ("folded_blocks", "a: >\n  x\n  y\n\n  z\nb: >- # why\n  x\nc: >+\n  x\n\nd:\n- >2\n    x\n- |\n  y\n"),
        ("quoted", "a: 'x'\nb: \"y\\n\"\nc: 'it''s'\nd: \"one\n  two\"\n\"e f\": ''\n"),
        ("plain_over_lines", "a: one\n  two\n  three\nb:\n  four\n  five\nc: six # comment\n"),
        ("anchors_and_tags", "a: &x 1\nb: *x\nc: &y\n  d: e\nf: !!str &z 2\ng: !t {h: i}\n? *z\n: j\n"),
        ("merge_keys", "a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc:\n  <<: [*a, {z: 4}]\n"),
        ("documents", "# first\na: 1\n---\n---\nb: 2\n...\n---\n# last\nc\n"),
        ("non_ascii", "ключ: é\nb: [\"日本\", 😀, x]\n"),
        ("crlf", "a: 1\r\nb:\r\n  - x\r\n  - |\r\n    y\r\n    z\r\nc: d\r\n"),
        (
            "unindented_quotes",
            "# c\na: 1\n---\n# d\nb:\n  c: 'one\ntwo: 2\n\n  three' # e\n  d: \"x\n y\n z\"\nf: g\n---\nh: 'i\nj'\n",
        ),
        ("explicit_keys", "? a\n: b\n? c\n"),
    ];
    insta::with_settings!({
        snapshot_path => "../../testdata/yaml/places",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        for (name, text) in cases {
            insta::assert_snapshot!(name, places(text));
        }
    });
}

/// The number of documents that were read, and where and what was wrong, with the advice.
fn told(text: &str) -> String {
    let (sources, parsed) = parsed(text);
    let mut out = format!("{} read", parsed.documents.len());
    for problem in &parsed.diagnostics {
        let location = sources.location(problem.primary.span);
        let help = problem.help.as_deref().unwrap_or("-");
        write!(out, "\n{}:{} {}\n  {help}", location.line, location.column, problem.message).unwrap();
    }
    out
}

/// The snapshots in `testdata/yaml/problems` show broken texts and what is said about them.
#[test]
fn broken_texts_are_told_what_and_where_and_what_to_do() {
    let cases = [
        ("tab_indentation", "a:\n\tb: 1\n"),
        ("tab_before_item", "a:\n\t- b\n"),
        ("unclosed_double_quote", "a: 1\nb: \"x\nc: 2\n"),
        ("unclosed_single_quote", "a: 'it's\n"),
        ("text_after_quote", "a: \"x\" y\n"),
        ("colon_in_text", "message: error: not found\n"),
        ("deeper_than_its_neighbours", "a: 1\n  b: 2\n"),
        ("shallower_than_its_neighbours", "a:\n    b: 1\n  c: 2\n"),
        ("missing_colon", "a: 1\nb\nc: 2\n"),
        ("template", "a: {{ .Values.x }}\n"),
        ("template_line", "a: 1\n{{- if .Values.y }}\nb: 2\n{{- end }}\n"),
        ("at_sign", "a: @x\n"),
        ("backtick", "a: `x`\n"),
        ("percent", "a: 1\nb: %x\n"),
        ("star", "a: *.example.com\n"),
        ("bad_escape", "a: \"C:\\path\"\n"),
        ("unclosed_bracket", "a: [x, y\nb: 1\n"),
        ("unclosed_brace", "a: {x: 1\nb: 2\n"),
        ("wrong_bracket", "a: [x}\n"),
        ("missing_comma", "a: {b: \"x\" c: 1}\n"),
        ("list_in_line", "a: - b\n"),
        ("item_at_key_level", "- a\nb: 1\n"),
        ("mapping_as_key", "{a: b}: c\n"),
        ("alias_of_itself", "a: &x [*x]\n"),
        ("merge_of_a_text", "<<: x\n"),
        ("no_key", "a: 1\n: 2\n"),
        ("comment_without_space", "a: 'x'#y\n"),
    ];
    insta::with_settings!({
        snapshot_path => "../../testdata/yaml/problems",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        for (name, text) in cases {
            insta::assert_snapshot!(name, format!("{text}\n=====\n{}", told(text)));
        }
    });
    assert!(told("a: \0\n").starts_with("0 read\n1:4 the character U+0000 cannot stand in YAML"));
}

/// Each of these breaks its own document, and the ones before and behind it are read.
#[test]
fn a_broken_document_never_hides_the_others() {
    let broken = [
        "b: \"x\n",
        "b: 'x\n",
        "b: [x\n",
        "b: {x: [\n",
        "b:\n\t- x\n",
        "b: @x\n",
        "b: \"\\q\"\n",
        "b: *nowhere\n",
        "b: x: y\n",
        "&a [*a]\n",
        "{a: b}: c\n",
        "<<: 1\n",
        "b: \0\n",
        "%x\n",
        "- a\nb: 1\n",
        "!<x\n",
        ": x\n",
        "b: [{: x}]\n",
    ];
    for text in broken {
        for stream in [
            format!("a: 1\n---\n{text}---\nc: 1\n--- # d\nd: 1\n"),
            format!("a: 1\r\n---\r\n{text}---\r\nc: 1\r\n---\r\nd: 1\r\n"),
        ] {
            let (_, parsed) = parsed(&stream);
            let roots = parsed.documents.iter().map(|document| format!("{:?}", parsed.tree.node(document.root)));
            let roots: Vec<String> = roots.collect();
            assert_eq!(roots, [r#"{"a": "1"}"#, r#"{"c": "1"}"#, r#"{"d": "1"}"#], "{stream}");
            assert_eq!(parsed.diagnostics.len(), 1, "{stream}: {:?}", parsed.diagnostics);
        }
    }
}

#[test]
fn nesting_is_bounded_also_where_aliases_make_it() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(parsed(&deep(MAX_DEPTH)).1.documents.len(), 1);
    for text in [
        deep(MAX_DEPTH + 1),
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "a: ".repeat(3) + &"? ".repeat(20_000),
        (0..1000).flat_map(|level| [" ".repeat(level), "a:\n".to_owned()]).collect(),
        (1..500).fold("a0: &a0 []\n".to_owned(), |text, n| text + &format!("a{n}: &a{n} [*a{}]\n", n - 1)),
    ] {
        let (_, parsed) = parsed(&text);
        assert!(parsed.documents.is_empty() && parsed.diagnostics.len() == 1);
    }
}

#[test]
fn aliases_add_a_bounded_number_of_nodes() {
    let laughs = (1..30).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
        text + &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))
    });
    let (_, parsed) = parsed(&laughs);
    assert_eq!(parsed.diagnostics[0].code, "yaml-alias-limit");
    assert!(parsed.tree.len() < 300_000);
}

/// What would take minutes if anything were done once per document, key or merge for all others.
#[test]
fn large_texts_take_linear_time() {
    const MANY: usize = 30_000;
    let fields: String = (0..MANY).flat_map(|n| ["k".to_owned(), n.to_string(), ": 1, ".to_owned()]).collect();
    for text in [
        "<<: {a: 1}\n---\n".repeat(MANY),
        "a: \"x\n---\n".repeat(MANY),
        "a: 'x\ny'\n---\n".repeat(MANY),
        "a: 'x\ny'\n".repeat(MANY),
        "a: \"x\ny\n".repeat(MANY),
        format!("[{}]", "1, ".repeat(10 * MANY)),
        "a: 1\n".repeat(MANY),
        format!("b: &b {{x: 1}}\nc:\n{}", "  <<: *b\n".repeat(MANY)),
        format!("a: {{<<: [{{{fields}}}, {{{fields}}}]}}\n"),
        format!("a: {}\n", "x ".repeat(50 * MANY)),
        "# x\n".repeat(MANY),
    ] {
        let (_, parsed) = parsed(&text);
        for document in &parsed.documents {
            let root = parsed.tree.node(document.root);
            assert!(emit(root).is_ok() || !duplicate_keys(root).is_empty());
        }
        assert!(!parsed.documents.is_empty() || !parsed.diagnostics.is_empty() || text.starts_with('#'));
    }
}

#[test]
fn a_stream_of_json_objects_needs_no_markers() {
    let (_, parsed) = parsed("{\"a\": 1}\n{\"b\": [2]}{\"c\": 3}\n");
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    assert_eq!(parsed.documents.len(), 3);
    assert_eq!(self::parsed("a: {b: 1}\n{c: 2}\n").1.diagnostics.len(), 1);
}

#[test]
fn of_duplicate_keys_the_last_is_kept() {
    let (_, parsed) = parsed("a: {x: 1}\nb: 2\na: {x: 3, x: 4}\na: {x: 5, y: 6, x: 7}\n");
    let mut tree = (*parsed.tree).clone();
    let root = parsed.documents[0].root;
    assert_eq!(duplicate_keys(tree.node(root)).len(), 4);
    keep_last_of_duplicates(&mut tree, root);
    assert_eq!(format!("{:?}", tree.node(root)), r#"{"b": "2", "a": {"y": "6", "x": "7"}}"#);
}

#[test]
fn a_list_begins_at_its_first_dash_and_ends_with_its_last_item() {
    for (text, list) in
        [("a:\n- --x\n", "- --x"), ("a:\n- - x\n", "- - x"), ("a:\n-   \nb: c\n", "-"), ("a:\n  - -x\n", "- -x")]
    {
        let (_, parsed) = parsed(text);
        let span = parsed.tree.node(parsed.documents[0].root).get("a").unwrap().span();
        assert_eq!(&text[span.start as usize..span.end as usize], list);
    }
}
