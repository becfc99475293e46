//! Graphs for programs: everything that is known, Services included.

use serde_json::Value;
use serde_json::json;

use crate::facts::Edge;
use crate::facts::EdgeKind;
use crate::facts::VertexKind;
use crate::report::Inferred;
use crate::report::contract::list;
use crate::report::contract::location;
use crate::report::contract::number;
use crate::report::contract::object;
use crate::report::contract::optional;
use crate::report::contract::place_fields;
use crate::report::contract::reference;
use crate::report::contract::resource_fields;
use crate::report::contract::string;
use crate::report::contract::whole;
use crate::report::contract::written;

/// The version of the contract.
const VERSION: u32 = 1;

/// The graphs of all targets that have workloads, as JSON with a line break at its end.
pub fn json(inferred: &Inferred) -> String {
    let targets = inferred.targets.iter().filter(|(_, _, facts)| !facts.graph().vertices.is_empty());
    let targets: Vec<Value> = targets
        .map(|(name, _, facts)| {
            let vertices: Vec<Value> = facts
                .graph()
                .vertices
                .iter()
                .map(|vertex| {
                    let (kind, place) = match vertex.kind {
                        VertexKind::Workload => ("workload", "target"),
                        VertexKind::Service => ("service", "target"),
                        VertexKind::Outside(place) => ("service", place),
                    };
                    json!({
                        "resource": vertex.id,
                        "kind": kind,
                        "place": place,
                        "turn": vertex.turn.map(|turn| turn.to_string()),
                        "layer": vertex.layer,
                        "inCycle": vertex.is_in_cycle,
                    })
                })
                .collect();
            let edge = |edge: &Edge| {
                let (kind, holds) = match edge.kind {
                    EdgeKind::Needs => ("needs", None),
                    EdgeKind::Waits { holds } => ("waits", Some(holds)),
                    EdgeKind::Selects => ("selects", None),
                };
                json!({
                    "from": edge.from,
                    "to": edge.to,
                    "kind": kind,
                    "holds": holds,
                    "port": edge.port,
                    "inCycle": edge.is_in_cycle,
                    "location": location(edge.span, &inferred.sources),
                })
            };
            let edges: Vec<Value> = facts.graph().edges.iter().map(edge).collect();
            json!({"target": name, "vertices": vertices, "edges": edges, "isCut": facts.graph().is_cut})
        })
        .collect();
    written(&json!({"version": VERSION, "targets": targets}))
}

/// The JSON Schema (draft 2020-12) of what [`json()`] writes.
pub fn schema() -> Value {
    let flag = |about: &str| json!({"type": "boolean", "description": about});
    let vertex = [
        ("resource", reference("resource")),
        ("kind", json!({"enum": ["workload", "service"]})),
        (
            "place",
            json!({
                "enum": ["target", "elsewhere", "external", "operator", "missing", "unknown"],
                "description": "where it is: in this target, elsewhere in the repository, as the config says, made by an operator, nowhere",
            }),
        ),
        ("turn", optional(string("when it is deployed, if its annotations say so"))),
        ("layer", number("how many others have to come before it, one after the other")),
        ("inCycle", flag("whether it needs itself, through others")),
    ];
    let edge = [
        ("from", number("the one that needs, by its place among the vertices")),
        ("to", number("the one that is needed")),
        ("kind", json!({"enum": ["needs", "waits", "selects"]})),
        (
            "holds",
            json!({
                "type": ["boolean", "null"],
                "description": "of a wait: whether the pod does not start before a pod behind the Service is ready",
            }),
        ),
        ("port", optional(string("the port that is meant"))),
        ("inCycle", flag("whether it is part of a circle")),
        ("location", reference("location")),
    ];
    let target = [
        ("target", string("name of the target")),
        ("vertices", list("vertex")),
        ("edges", list("edge")),
        ("isCut", flag("whether there are more edges than are told")),
    ];
    let document = [
        ("version", json!({"const": VERSION, "description": "version of this contract"})),
        ("targets", list("target")),
    ];
    let about = object("what `plimsoll graph --format json` writes", &document);
    let definitions = json!({
        "target": object("a target that has workloads", &target),
        "vertex": object("a workload or a Service", &vertex),
        "edge": object("one that needs another", &edge),
        "resource": object("identity of a resource within its target", &resource_fields()),
        "location": object("a place in a file", &place_fields()),
    });
    whole("Plimsoll start-up graph", about, definitions)
}
