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
fn smoke() {
    assert_eq!(emitted("b: 1\na: [x, {}]\n"), "a:\n- x\n- {}\nb: 1\n");
}
