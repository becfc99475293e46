//! What queries select, by example. The compliance suite runs from `tests/jsonpath.rs`.

mod beyond;
mod rfc;

use std::sync::Arc;

use crate::jsonpath::Query;
use crate::jsonpath::QueryError;
use crate::jsonpath::display_path;
use crate::source::Sources;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Parsed;
use crate::yaml::Reader;
use crate::yaml::parse;

/// A deployment's worth of structure without the noise.
const SHIP: &str = "
name: Cutty Sark
built: 1869
tonnage: 963.5
masts: [fore, main, mizzen]
crew:
- {name: Ann, rank: captain, age: 51}
- {name: Bo, rank: mate, age: 30, tags: [old, 'two words']}
- {name: Cy, age: null}
hold: {tea: 600, wool: {bales: 4}}
";

pub(super) fn read(text: &str) -> Parsed {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("ship.yaml", text);
    let parsed = parse(&sources, source, Reader::Kustomize);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    parsed
}

pub(super) fn root(parsed: &Parsed) -> Node<'_> {
    parsed.tree.node(parsed.documents[0].root)
}

/// The paths of what a query selects in a document, with ` ?` behind those that are not certain.
fn paths(query: &str, top: Node<'_>) -> Vec<String> {
    let parsed = Query::parse(query, &[""]).unwrap_or_else(|error| panic!("{query}: {error}"));
    let selected = parsed.select(&[("", top)]).unwrap();
    let path = |node| display_path(node, top);
    selected.iter().map(|one| path(one.node) + if one.certain { "" } else { " ?" }).collect()
}

fn error(query: &str) -> QueryError {
    Query::parse(query, &["", "pod", "param"]).expect_err(query)
}

#[track_caller]
fn selects(document: &str, cases: &[(&str, &[&str])]) {
    let parsed = read(document);
    for (query, expected) in cases {
        assert_eq!(paths(query, root(&parsed)), *expected, "{query}");
    }
}

/// Marks the scalar at a path as unknown.
fn with_unknown(mut parsed: Parsed, query: &str) -> Parsed {
    let selected = Query::parse(query, &[""]).unwrap().select(&[("", root(&parsed))]).unwrap();
    let ids: Vec<NodeId> = selected.iter().map(|one| one.node.id()).collect();
    assert!(!ids.is_empty(), "{query}");
    for id in ids {
        std::sync::Arc::get_mut(&mut parsed.tree).expect("nobody else has the tree").mark_unknown(id);
    }
    parsed
}
