//! Whole targets and what their graphs say. The circles and turns that policies complain about are in their examples.

use std::sync::Arc;

use crate::facts::EdgeKind;
use crate::facts::Graph;
use crate::facts::of_text;
use crate::source::Sources;

/// A workload of some name whose init container runs a script, and a Service of that name.
fn waiting(name: &str, script: &str) -> String {
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      initContainers: [{{name: wait, image: 'busybox:1.36', command: [sh, -c, '{script}']}}]
      containers: [{{name: app, image: app}}]
---
{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}}}
---
"
    )
}

fn graph_of(text: &str) -> Graph {
    of_text(&Arc::new(Sources::in_memory()), text).graph().clone()
}

/// `from -> to` for every edge that is no selection, waits that hold with `=>`.
fn edges(graph: &Graph) -> Vec<String> {
    let name = |index: usize| graph.vertices[index].id.name.as_str();
    let shown = graph.edges.iter().filter_map(|edge| match edge.kind {
        EdgeKind::Selects => None,
        EdgeKind::Waits { holds: true } => Some(format!("{} => {}", name(edge.from), name(edge.to))),
        EdgeKind::Waits { holds: false } => Some(format!("{} ~> {}", name(edge.from), name(edge.to))),
        EdgeKind::Needs => Some(format!("{} -> {}", name(edge.from), name(edge.to))),
    });
    shown.collect()
}

#[test]
fn a_wait_for_an_answer_holds_and_one_for_a_name_does_not() {
    let port = waiting("web", "until nc -z db 80; do sleep 1; done") + &waiting("db", "true");
    assert_eq!(edges(&graph_of(&port)), ["web => db"]);
    let name = waiting("web", "until getent hosts db; do sleep 1; done") + &waiting("db", "true");
    assert_eq!(edges(&graph_of(&name)), ["web ~> db"]);
}

#[test]
fn layers_count_what_has_to_come_before() {
    let text = waiting("web", "until nc -z api 80; do sleep 1; done")
        + &waiting("api", "until nc -z db 80; do sleep 1; done")
        + &waiting("db", "true");
    let graph = graph_of(&text);
    let layers: Vec<_> = graph.vertices.iter().map(|vertex| (vertex.id.kind.as_str(), vertex.layer)).collect();
    assert_eq!(
        layers,
        [("Deployment", 4), ("Service", 5), ("Deployment", 2), ("Service", 3), ("Deployment", 0), ("Service", 1)]
    );
    assert!(graph.vertices.iter().all(|vertex| !vertex.is_in_cycle));
}

#[test]
fn what_is_not_in_the_target_is_drawn_once() {
    let text = waiting("web", "until nc -z db 80; do sleep 1; done; until nc -z db 81; do sleep 1; done");
    let graph = graph_of(&text);
    assert_eq!(graph.vertices.iter().filter(|vertex| vertex.id.name == "db").count(), 1);
    assert_eq!(edges(&graph), ["web => db", "web => db"]);
}
