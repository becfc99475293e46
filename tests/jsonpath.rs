//! The compliance suite of JSONPath, if its `cts.json` is at hand.
//!
//! `PLIMSOLL_JSONPATH_SUITE=…/cts.json cargo test --test jsonpath` runs it; without the variable
//! the test says that it was skipped. The rules of the RFC have small tests of our own beside the code.

#![expect(clippy::unwrap_used, reason = "all of this file is a test")]

use std::sync::Arc;

use plimsoll::jsonpath::Query;
use plimsoll::jsonpath::path_of;
use plimsoll::source::Sources;
use plimsoll::yaml::Kind;
use plimsoll::yaml::Node;
use plimsoll::yaml::Reader;
use plimsoll::yaml::Scalar;
use plimsoll::yaml::parse;
use serde_json::Value;

#[test]
#[expect(clippy::disallowed_methods, reason = "the suite is no part of the repository, so its place must be told")]
#[expect(clippy::print_stderr, reason = "a skipped comparison must not look like a passed one")]
fn the_compliance_suite_passes() {
    let Ok(file) = std::env::var("PLIMSOLL_JSONPATH_SUITE") else {
        eprintln!("skipped: PLIMSOLL_JSONPATH_SUITE does not name the suite's cts.json");
        return;
    };
    let suite: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let cases = suite["tests"].as_array().unwrap();
    assert!(cases.len() > 600, "only {} cases", cases.len());
    let failures: Vec<String> =
        cases.iter().filter_map(|case| problem(case).map(|problem| format!("{}: {problem}", case["name"]))).collect();
    assert!(failures.is_empty(), "{} of {} cases\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// What is wrong with how one case comes out.
fn problem(case: &Value) -> Option<String> {
    let selector = case["selector"].as_str().unwrap();
    let query = match (Query::parse(selector, &[""]), case.get("invalid_selector")) {
        (Ok(query), None) => query,
        (Err(_), Some(_)) => return None,
        (Ok(_), Some(_)) => return Some(format!("`{selector}` was taken for a query")),
        (Err(error), None) => return Some(format!("`{selector}`: {error} at {:?}", error.at)),
    };
    // JSON is YAML, so the documents also try the reader of YAML. It differs in one thing: like the
    // Go libraries it refuses a bare U+007F, which JSON allows.
    let document = case["document"].to_string().replace('\u{7f}', "\\u007f");
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("document.json", document);
    let parsed = parse(&sources, source, Reader::Kustomize);
    let Some(document) = parsed.documents.first() else { return Some(format!("{:?}", parsed.diagnostics)) };
    let root = parsed.tree.node(document.root);
    let selected = query.select(&[("", root)]).unwrap();
    let values: Value = selected.iter().map(|selected| json(selected.node)).collect();
    let paths: Value = selected.iter().map(|selected| Value::String(path_of(selected.node, root))).collect();
    let allowed = |one: &str, several: &str, got: &Value| match case.get(one) {
        Some(only) => only == got,
        None => case[several].as_array().unwrap().contains(got),
    };
    if !allowed("result", "results", &values) {
        return Some(format!("`{selector}` selects {values}"));
    }
    (!allowed("result_paths", "results_paths", &paths)).then(|| format!("`{selector}` has the paths {paths}"))
}

fn json(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Sequence => node.items().map(json).collect(),
        Kind::Mapping => node.fields().map(|(key, value)| (key.text().to_owned(), json(value))).collect(),
        Kind::Scalar => match node.scalar().unwrap() {
            Scalar::Null => Value::Null,
            Scalar::Bool(bool) => bool.into(),
            Scalar::Int(int) => i64::try_from(int).unwrap().into(),
            Scalar::Float(float) => float.into(),
            Scalar::Timestamp(text) | Scalar::String(text) => text.into(),
        },
    }
}
