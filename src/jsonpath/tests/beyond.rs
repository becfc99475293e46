//! What goes beyond RFC 9535: limits, named roots, the unknown, and what helps to write a finding.

use std::fmt::Write as _;
use std::sync::Arc;

use super::SHIP;
use super::paths;
use super::read;
use super::root;
use super::with_unknown;
use crate::jsonpath::Exhausted;
use crate::jsonpath::MAX_NESTING;
use crate::jsonpath::Query;
use crate::jsonpath::display_path;
use crate::jsonpath::path_of;
use crate::source::Sources;
use crate::yaml::Parsed;
use crate::yaml::Reader;
use crate::yaml::parse;

#[test]
fn nesting_is_bounded_in_every_direction() {
    let nested = |start: &str, open: &str, close: &str, times: usize| {
        format!("$[?{start}{}@.a{}]", open.repeat(times), close.repeat(times))
    };
    for (start, open, close) in
        [("", "(", ")"), ("", "!(", ")"), ("", "@[?", "]"), ("", "$.a[?", "]"), ("1 == ", "length(", ")")]
    {
        let error = Query::parse(&nested(start, open, close, 100_000), &[""]).unwrap_err();
        assert_eq!(error.message, format!("the query is nested more than {MAX_NESTING} levels deep"));
        assert!(Query::parse(&nested(start, open, close, 20), &[""]).is_ok(), "{open}");
    }
    assert!(Query::parse(&format!("${}", ".a".repeat(MAX_NESTING)), &[""]).is_ok());
    assert!(Query::parse(&format!("${}", ".a".repeat(MAX_NESTING + 1)), &[""]).is_err());
    // What stands side by side is not nested.
    assert!(Query::parse(&format!("$[?@.a{}]", " || @.b.c && (@.d)".repeat(1000)), &[""]).is_ok());
}

#[test]
fn the_deepest_query_and_a_deep_document_fit_the_stack() {
    let query = format!("${}", "[*]".repeat(MAX_NESTING));
    let document = format!("{}{}", "[".repeat(190), "]".repeat(190));
    let parsed = read(&document);
    assert_eq!(Query::parse(&query, &[""]).unwrap().select(&[("", root(&parsed))]).unwrap().len(), 1);
    let filters = format!("$[?{}@{}]", "@[?".repeat(MAX_NESTING / 2 - 2), "]".repeat(MAX_NESTING / 2 - 2));
    let selected = Query::parse(&filters, &[""]).unwrap().select(&[("", root(&parsed))]).unwrap();
    assert_eq!(selected.len(), 1);
}

#[test]
fn too_much_work_is_an_error_and_not_a_shorter_answer() {
    let mut document = String::from("items:\n");
    for index in 0..2000 {
        writeln!(document, "- name: n{index}").unwrap();
    }
    let parsed = read(&document);
    let select = |query: &str| Query::parse(query, &[""]).unwrap().select(&[("", root(&parsed))]);
    assert_eq!(select("$..[?$..gone]"), Err(Exhausted));
    assert_eq!(select("$..name").unwrap().len(), 2000);
}

#[test]
fn long_texts_and_many_patterns_are_work_too() {
    let long = format!("{{text: {}, patterns: [{}]}}", "a".repeat(1 << 20), "'a', 'b', ".repeat(1000));
    let parsed = read(&long);
    let select = |query: &str| Query::parse(query, &[""]).unwrap().select(&[("", root(&parsed))]);
    assert_eq!(select("$.patterns[?match(@, @)]"), Err(Exhausted));
    assert_eq!(select("$.patterns[?length($.text) == 1]"), Err(Exhausted));
    assert_eq!(select("$.patterns[?search($.text, 'b')]"), Err(Exhausted));
    assert_eq!(select("$.patterns[?$.text == 1]"), Err(Exhausted));
}

#[test]
fn a_query_may_start_at_named_roots_and_look_at_others() {
    let pod = read("initContainers: [{name: a, restartPolicy: Always}, {name: b}]");
    let param = read("policy: Always");
    let roots = ["", "pod", "param", "facts"];
    let bound = [("pod", root(&pod)), ("param", root(&param))];
    let select = |query: &str| {
        let selected = Query::parse(query, &roots).unwrap().select(&bound).unwrap();
        selected.iter().map(|one| one.node.text()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(select("$pod.initContainers[?@.restartPolicy != $param.policy].name"), "b");
    assert_eq!(select("$pod ['initContainers'][*].name"), "a b");
    assert_eq!(select("$param.policy"), "Always");
    assert_eq!(select("$facts.waits"), "");
    assert_eq!(select("$pod.initContainers[?@.name != $facts.name].name"), "a b");
    let query = Query::parse("$pod.initContainers[0]", &roots).unwrap();
    assert_eq!((query.root(), query.to_string().as_str()), ("pod", "$pod.initContainers[0]"));
}

#[test]
fn what_depends_on_the_unknown_is_selected_without_certainty() {
    let parsed = with_unknown(read("[{image: X, size: 1, ports: [{n: 80}]}, {image: b, size: 2}]"), "$[0].image");
    for (query, expected) in [
        ("$[?@.image == 'b']", "[0] ? [1]"),
        ("$[?@.image != 'b']", "[0] ?"),
        ("$[?!(@.image == 'b')].size", "[0].size ?"),
        ("$[?@.image < 'c'].ports[*].n", "[0].ports[0].n ?"),
        ("$[?@.image]", "[0] [1]"),
        ("$[?!@.image]", ""),
        ("$[0].image", "[0].image"),
        ("$[?@.image == 'b' && @.size == 1]", "[0] ?"),
        ("$[?@.image == 'b' && @.size == 2]", "[1]"),
        ("$[?@.image == 'b' || @.size == 1]", "[0] [1]"),
        ("$[?search(@.image, '^b')]", "[0] ? [1]"),
        ("$[?!match('b', @.image)]", "[0] ?"),
        ("$[?match(@.size, @.image)]", ""),
        ("$[?length(@.image) == 1]", "[0] ? [1]"),
        ("$[?@ == $[0]]", "[0] ?"),
        ("$[?@.image == null]", "[0] ?"),
        ("$[?@[?@ == 'zz']]", "[0] ?"),
        ("$[?@[?@ == 'zz' || @ == 1]]", "[0]"),
        ("$[?count(@[?@ == 'b']) == 1]", "[0] ? [1]"),
        ("$[?value(@[?@ == 'b']) == 'b']", "[0] ? [1]"),
        ("$..[?@ == 'b']", "[0].image ? [1].image"),
    ] {
        assert_eq!(paths(query, root(&parsed)).join(" "), expected, "{query}");
    }
}

#[test]
fn a_certain_difference_outweighs_what_is_unknown() {
    let parsed = with_unknown(read("{a: {u: 1, v: 1}, b: {u: 1, v: 2}, c: {u: 1, v: 1}}"), "$.a.u");
    assert_eq!(paths("$[?@ == $.a]", root(&parsed)), ["a ?", "c ?"]);
    assert_eq!(paths("$[?@ != $.a]", root(&parsed)), ["a ?", "b", "c ?"]);
}

#[test]
fn the_field_asked_for_is_the_last_name() {
    for (query, name) in [
        ("$.spec.image", Some("image")),
        ("$.spec.containers[*]", Some("containers")),
        ("$.spec.containers[0][?@.a]", Some("containers")),
        ("$..image", Some("image")),
        ("$.spec['a', 'b']", None),
        ("$.spec..*", None),
        ("$[0]", None),
        ("$", None),
    ] {
        assert_eq!(Query::parse(query, &[""]).unwrap().last_name(), name, "{query}");
    }
}

#[test]
fn what_is_missing_is_missing_from_the_nearest_node() {
    let parsed = read(SHIP);
    for (query, nodes, missing) in [
        ("$.hold.wool.price.eur", "hold.wool", ".price.eur"),
        ("$.crew[*].shoes.size", "crew[0] crew[1] crew[2]", ".shoes.size"),
        ("$.crew[?@.name == 'Zoe'].age", "crew", "[?@.name == 'Zoe'].age"),
        ("$.gone", "", ".gone"),
        ("$..gone", "", "..gone"),
        ("$.name", "name", ""),
    ] {
        let query = Query::parse(query, &[""]).unwrap();
        let reached = query.longest_prefix(&[("", root(&parsed))]).unwrap();
        let paths: Vec<String> = reached.nodes.iter().map(|one| display_path(one.node, root(&parsed))).collect();
        assert_eq!((paths.join(" ").as_str(), reached.missing), (nodes, missing), "{query}");
        assert!(!reached.nodes.is_empty());
    }
    let query = Query::parse("$.a", &[""]).unwrap();
    assert!(query.longest_prefix(&[]).unwrap().nodes.is_empty());
}

#[test]
fn paths_are_queries_that_lead_back_to_their_node() {
    let parsed = read("{plain: [{a-b: 1, 'it''s': 2, \"tab\\t\\x01\": 3, 'back\\slash': 4, '': 5, é1: 6, 1st: 7}]}");
    let top = root(&parsed);
    let item = top.get("plain").unwrap().items().next().unwrap();
    let written: Vec<_> = item.children().map(|node| (path_of(node, top), display_path(node, item))).collect();
    let expected = [
        ("$['plain'][0]['a-b']", "['a-b']"),
        ("$['plain'][0]['it\\'s']", "['it\\'s']"),
        ("$['plain'][0]['tab\\t\\u0001']", "['tab\\t\\u0001']"),
        ("$['plain'][0]['back\\\\slash']", "['back\\\\slash']"),
        ("$['plain'][0]['']", "['']"),
        ("$['plain'][0]['é1']", "é1"),
        ("$['plain'][0]['1st']", "['1st']"),
    ];
    assert_eq!(written, expected.map(|(normalized, display)| (normalized.to_owned(), display.to_owned())));
    for (node, (path, _)) in item.children().zip(&written) {
        let selected = Query::parse(path, &[""]).unwrap().select(&[("", top)]).unwrap();
        assert_eq!(selected.iter().map(|one| one.node).collect::<Vec<_>>(), [node], "{path}");
    }
    assert_eq!((path_of(top, top), display_path(top, top)), ("$".to_owned(), String::new()));
    assert_eq!(display_path(item.children().next().unwrap(), top), "plain[0]['a-b']");
    // A key stands where its field does.
    assert_eq!(display_path(item.get("a-b").unwrap().key().unwrap(), top), "plain[0]['a-b']");
}

#[test]
fn the_reader_of_the_tree_decides_what_a_scalar_is() {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("switch.yaml", "{a: on, b: 'on', c: 010}");
    let count = |reader: Reader, query: &str| {
        let parsed: Parsed = parse(&sources, source, reader);
        Query::parse(query, &[""]).unwrap().select(&[("", root(&parsed))]).unwrap().len()
    };
    assert_eq!(count(Reader::Kustomize, "$[?@ == 'on']"), 2);
    assert_eq!(count(Reader::Kubectl, "$[?@ == 'on']"), 1);
    assert_eq!(count(Reader::Kubectl, "$[?@ == true]"), 1);
    assert_eq!(count(Reader::Kubectl, "$[?@ == 8]"), 1);
}
