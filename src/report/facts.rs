//! What was inferred about each workload, for programs: the versioned contract as tables, and its JSON Schema.
//!
//! The facts are nodes; the tables say which of their fields are part of the contract. A field that is there stays
//! there with its meaning; new ones may be added without a new version. What can't be known is `unknown`, what
//! there is nothing to say about is `null`.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::diagnostic::Diagnostic;
use crate::facts::Facts;
use crate::model::Pod;
use crate::model::Role;
use crate::render::Resource;
use crate::report::contract::list;
use crate::report::contract::location;
use crate::report::contract::object;
use crate::report::contract::optional;
use crate::report::contract::place_fields;
use crate::report::contract::reference;
use crate::report::contract::resource_fields;
use crate::report::contract::string;
use crate::report::contract::whole;
use crate::report::contract::written;
use crate::source::Sources;
use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::Scalar;
use crate::yaml::emit;
use crate::yaml::parse;

/// The version of the contract.
const VERSION: u32 = 1;

/// What was inferred about all targets.
#[derive(Debug)]
pub struct Inferred {
    /// The texts that the spans are in.
    pub sources: Arc<Sources>,
    /// Each target by name, its resources and what follows from them.
    pub targets: Vec<(String, Vec<Resource>, Facts)>,
    /// What could not be built.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a field holds.
enum Form {
    /// A text.
    Text,
    /// One of these words, or `unknown`.
    Word(&'static [&'static str]),
    /// A number of whole things.
    Number,
    /// Yes or no.
    Flag,
}

/// Fields of a fact: name, form, meaning.
type Fields = [(&'static str, Form, &'static str)];

const WRITES: &Fields = &[
    ("path", Form::Text, "the path in the container"),
    ("volume", Form::Text, "the name of the volume"),
    ("volumeKind", Form::Text, "the kind of its source, such as `emptyDir`"),
    ("operation", Form::Text, "what is done"),
    ("command", Form::Text, "the command that does it"),
    ("secondRun", Form::Word(&["same", "fails", "drifts", "corrupts"]), "what a second run on the kept volume does"),
    ("afterInterrupt", Form::Word(&["safe", "unsafe"]), "what a run does after one that was broken off"),
    ("reason", Form::Text, "why"),
];

const WAITS: &Fields = &[
    ("host", Form::Text, "for whom it waits"),
    ("namespace", Form::Text, "the namespace of the Service"),
    ("port", Form::Text, "the port, by number or name"),
    ("method", Form::Text, "how it asks"),
    ("proves", Form::Word(&["nothing", "name", "port", "protocol", "state"]), "what an answer proves"),
    ("bounded", Form::Flag, "whether it ends whatever happens"),
    ("seconds", Form::Number, "how long that takes at worst"),
    ("effective", Form::Word(&["yes", "no"]), "whether it waits at all"),
    ("reason", Form::Text, "why"),
];

const DEPENDENCIES: &Fields = &[
    ("kind", Form::Text, "the kind of what is needed"),
    ("name", Form::Text, "its name"),
    ("namespace", Form::Text, "its namespace"),
    ("port", Form::Text, "the port of the Service"),
    ("container", Form::Text, "the container that needs it"),
    ("evidence", Form::Text, "how it is named"),
    ("confidence", Form::Word(&["certain", "likely", "possible"]), "how sure it is that it is needed"),
    (
        "resolved",
        Form::Word(&["target", "elsewhere", "external", "operator", "missing"]),
        "where it is: in the target, elsewhere in the repository, as the config says, made by an operator, nowhere",
    ),
];

/// Everything inferred about workloads, as JSON with a line break at its end.
pub fn facts_json(inferred: &Inferred) -> String {
    written(&document(inferred))
}

/// The same as YAML.
pub fn facts_yaml(inferred: &Inferred) -> String {
    let sources = Arc::new(Sources::in_memory());
    let parsed = parse(&sources, sources.add("facts.json", facts_json(inferred)), Reader::Kustomize);
    let document = parsed.documents.first().expect("JSON is YAML, and of one document");
    emit(parsed.tree.node(document.root)).expect("texts, numbers and lists can be written")
}

fn document(inferred: &Inferred) -> Value {
    let mut workloads = Vec::new();
    for (target, resources, facts) in &inferred.targets {
        for (index, resource) in resources.iter().enumerate() {
            if let Some(pod) = Pod::of(resource) {
                workloads.push(workload(target, resource, pod, facts.of(index), &inferred.sources));
            }
        }
    }
    json!({"version": VERSION, "workloads": workloads})
}

fn workload(target: &str, resource: &Resource, pod: Pod<'_>, facts: Node<'_>, sources: &Sources) -> Value {
    let containers: Vec<Value> = pod
        .containers()
        .map(|container| {
            let own = |list: &'static str| items(facts, list).find(|item| is_about(*item, container.name()));
            let (runs, reruns) = (own("runs"), own("reruns"));
            let told = |list: &'static str, fields: &Fields| -> Vec<Value> {
                let own = items(facts, list).filter(|item| is_about(*item, container.name()));
                own.map(|item| fact(item, fields, sources)).collect()
            };
            json!({
                "name": container.name(),
                "kind": match container.role {
                    Role::Init => "init",
                    Role::Sidecar => "sidecar",
                    Role::App => "app",
                },
                "image": container.node.get("image").map(Node::text),
                "shell": runs.and_then(|runs| runs.get("shell")).map_or("unknown", Node::text),
                "argv": runs.and_then(|runs| runs.get("argv")).map(texts).filter(|words| !words.is_empty()),
                "idempotent": reruns.and_then(|reruns| reruns.get("idempotent")).map(Node::text),
                "writes": told("writes", WRITES),
                "waits": told("waits", WAITS),
            })
        })
        .collect();
    let dependencies: Vec<Value> = items(facts, "dependencies").map(|item| fact(item, DEPENDENCIES, sources)).collect();
    json!({
        "target": target,
        "resource": resource.id,
        "containers": containers,
        "dependencies": dependencies,
        "effective": {
            "requests": amounts(facts, "requests"),
            "limits": amounts(facts, "limits"),
            "qos": facts.get("qos").map_or("unknown", Node::text),
        },
    })
}

fn items<'a>(facts: Node<'a>, list: &'static str) -> impl Iterator<Item = Node<'a>> {
    facts.get(list).into_iter().flat_map(Node::items)
}

fn texts(list: Node<'_>) -> Vec<&str> {
    list.items().map(Node::text).collect()
}

fn is_about(item: Node<'_>, container: &str) -> bool {
    item.get("container").is_some_and(|name| name.text() == container)
}

/// Quantities by name, or nothing where they can't be known.
fn amounts(facts: Node<'_>, field: &str) -> Value {
    let Some(amounts) = facts.get(field) else { return Value::Null };
    amounts.fields().map(|(name, amount)| (name.text().to_owned(), Value::from(amount.text()))).collect()
}

fn fact(item: Node<'_>, fields: &Fields, sources: &Sources) -> Value {
    let mut told = Map::new();
    for (name, form, _) in fields {
        told.insert((*name).to_owned(), item.get(name).map_or(Value::Null, |value| field(value, form)));
    }
    told.insert("location".to_owned(), json!(location(item.span(), sources)));
    Value::Object(told)
}

fn field(value: Node<'_>, form: &Form) -> Value {
    match (form, value.scalar()) {
        _ if value.is_unknown() => match form {
            Form::Number | Form::Flag => Value::Null,
            Form::Text | Form::Word(_) => "unknown".into(),
        },
        (Form::Number, Some(Scalar::Int(number))) => u64::try_from(number).map_or(Value::Null, Value::from),
        (Form::Flag, Some(Scalar::Bool(flag))) => flag.into(),
        (Form::Number, _) => value.text().parse::<u64>().map_or(Value::Null, Value::from),
        (Form::Flag, _) => value.text().parse::<bool>().map_or(Value::Null, Value::from),
        (Form::Text | Form::Word(_), _) => value.text().into(),
    }
}

/// The JSON Schema (draft 2020-12) of what [`facts_json()`] writes.
pub fn facts_schema() -> Value {
    let texts = |about: &str| json!({"type": ["array", "null"], "items": {"type": "string"}, "description": about});
    let amounts = |about: &str| json!({"type": ["object", "null"], "additionalProperties": {"type": "string"}, "description": about});
    let container = [
        ("name", string("its name")),
        ("kind", json!({"enum": ["init", "sidecar", "app"]})),
        ("image", optional(string("as rendered"))),
        ("shell", word(&["dash", "ash", "bash", "none"], "the shell that reads its script or its `sh`")),
        ("argv", texts("what is run, as the kubelet hands it on; `null` if the image decides")),
        (
            "idempotent",
            json!({"enum": ["yes", "no", "unknown", null], "description": "whether it can run again on the same volumes; `null` if it writes to none that are kept"}),
        ),
        ("writes", list("write")),
        ("waits", list("wait")),
    ];
    let workload = [
        ("target", string("name of the target")),
        ("resource", reference("resource")),
        ("containers", list("container")),
        ("dependencies", list("dependency")),
        ("effective", reference("effective")),
    ];
    let document = [
        ("version", json!({"const": VERSION, "description": "version of this contract"})),
        ("workloads", list("workload")),
    ];
    let about = object("what `plimsoll facts` writes", &document);
    whole(
        "Plimsoll facts",
        about,
        json!({
            "workload": object("a resource that carries a pod", &workload),
            "container": object("one of its containers, in the order in which they start", &container),
            "write": object("what an init container does to a volume", &schema_fields(WRITES)),
            "wait": object("something that a container waits for", &schema_fields(WAITS)),
            "dependency": object("something that the pod needs", &schema_fields(DEPENDENCIES)),
            "effective": object("what the pod as a whole gets", &[
                ("requests", amounts("what it reserves on its node")),
                ("limits", amounts("what it may use at most")),
                ("qos", word(&["Guaranteed", "Burstable", "BestEffort"], "its quality of service")),
            ]),
            "resource": object("identity of a resource within its target", &resource_fields()),
            "location": object("a place in a file", &place_fields()),
        }),
    )
}

fn schema_fields(fields: &Fields) -> Vec<(&'static str, Value)> {
    let mut written: Vec<_> = fields
        .iter()
        .map(|(name, form, about)| {
            let schema = match form {
                Form::Text => optional(string(about)),
                Form::Word(words) => word(words, about),
                Form::Number => optional(json!({"type": "integer", "minimum": 0, "description": about})),
                Form::Flag => optional(json!({"type": "boolean", "description": about})),
            };
            (*name, schema)
        })
        .collect();
    written.push(("location", reference("location")));
    written
}

/// One of some words, `unknown`, or nothing.
fn word(words: &[&str], about: &str) -> Value {
    let all: Vec<Value> =
        words.iter().map(|word| Value::from(*word)).chain([Value::from("unknown"), Value::Null]).collect();
    json!({"enum": all, "description": about})
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::Inferred;
    use super::facts_json;
    use super::facts_schema;
    use super::facts_yaml;
    use crate::facts;
    use crate::report::conformance::mismatches;
    use crate::report::graph;
    use crate::source::Sources;

    const WORKLOADS: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers:
    - {name: seed, image: busybox, command: [sh, -c, 'mkdir /data/x'], volumeMounts: [{name: data, mountPath: /data}]}
    - {name: wait, image: busybox, command: [sh, -c, 'until nc -z db 5432; do sleep 1; done']}
  containers:
    - {name: app, image: web, env: [{name: DB_HOST, value: db}], resources: {requests: {cpu: '1'}}}
  volumes: [{name: data, emptyDir: {}}]
---
{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {ports: [{port: 5432}]}}
";

    fn inferred() -> Inferred {
        let sources = Arc::new(Sources::in_memory());
        let resources = facts::resources_of(&sources, WORKLOADS);
        let facts = facts::of_text(&sources, WORKLOADS);
        Inferred { sources, targets: vec![("shop".to_owned(), resources, facts)], diagnostics: Vec::new() }
    }

    #[test]
    fn what_is_written_conforms_to_the_schema() {
        let (schema, document) = (facts_schema(), serde_json::from_str::<Value>(&facts_json(&inferred())).unwrap());
        assert_eq!(mismatches(&document, &schema, &schema, "$"), Vec::<String>::new());
        let seed = &document["workloads"][0]["containers"][0];
        assert_eq!((seed["kind"].as_str(), seed["shell"].as_str()), (Some("init"), Some("ash")));
        assert_eq!(document["workloads"][0]["effective"]["requests"]["cpu"], "1");
    }

    #[test]
    fn the_graph_conforms_to_its_schema() {
        let schema = graph::schema();
        let document: Value = serde_json::from_str(&graph::json(&inferred())).unwrap();
        assert_eq!(mismatches(&document, &schema, &schema, "$"), Vec::<String>::new());
        assert_eq!(document["targets"][0]["edges"][0]["kind"], "waits");
    }

    #[test]
    fn the_yaml_says_the_same() {
        let yaml = facts_yaml(&inferred());
        assert!(yaml.starts_with("version: 1\nworkloads:\n- containers:\n"), "{yaml}");
        assert!(yaml.contains("    idempotent: "), "{yaml}");
    }
}
