//! Random objects of Kubernetes, and random patches of them, right and wrong ones.

use crate::random::Random;

/// An object and the patches of it, each as one YAML document.
pub(crate) struct Case {
    pub(crate) base: String,
    pub(crate) patches: Vec<String>,
}

/// A schema by which some lists of [`custom`] objects merge.
pub(crate) const SCHEMA: &str = r##"
definitions:
  example.Thing:
    x-kubernetes-group-version-kind: [{group: example.com, version: v1, kind: Thing}]
    properties:
      metadata: {$ref: "#/definitions/example.Meta"}
      spec:
        properties:
          containers: {$ref: "#/definitions/example.Containers"}
          ports:
            type: array
            items: {type: object}
            x-kubernetes-patch-strategy: merge
            x-kubernetes-patch-merge-key: name
            x-kubernetes-list-map-keys: [port, protocol, name]
          args: {type: array, items: {type: string}, x-kubernetes-patch-strategy: merge}
          template:
            additionalProperties: {$ref: "#/definitions/example.Containers"}
  example.Meta:
    properties:
      finalizers: {type: array, x-kubernetes-patch-strategy: merge}
  example.Containers:
    type: array
    items:
      properties:
        env:
          type: array
          x-kubernetes-patch-strategy: merge,retainKeys
          x-kubernetes-patch-merge-key: name
    x-kubernetes-patch-strategy: merge
    x-kubernetes-patch-merge-key: name
"##;

#[derive(Clone, Debug)]
enum Value {
    /// As it is to be written.
    Scalar(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

/// An object of a built-in kind with patches.
pub(crate) fn built_in(random: &mut Random, index: usize) -> Case {
    let (api_version, kind, fields): (&str, &str, &[&str]) = match random.below(14) {
        0..4 => ("apps/v1", "Deployment", &["replicas", "template", "strategy", "selector"]),
        4 => ("apps/v1", "StatefulSet", &["replicas", "template", "volumeClaimTemplates", "serviceName"]),
        5 => ("batch/v1", "CronJob", &["schedule", "jobTemplate", "suspend"]),
        6 => ("v1", "Pod", &["containers", "initContainers", "volumes", "tolerations", "hostAliases"]),
        7 | 8 => ("v1", "Service", &["ports", "selector", "type", "externalIPs"]),
        9 => ("networking.k8s.io/v1", "NetworkPolicy", &["ingress", "selector", "ports"]),
        10 => ("v1", "ConfigMap", &["data", "binaryData"]),
        11 => ("v1", "ServiceAccount", &["secrets", "imagePullSecrets"]),
        12 => ("policy/v1", "PodDisruptionBudget", &["minAvailable", "selector", "status"]),
        _ => ("rbac.authorization.k8s.io/v1", "ClusterRole", &["rules", "conditions"]),
    };
    case(random, index, api_version, kind, fields, !matches!(kind, "ConfigMap" | "ServiceAccount" | "ClusterRole"))
}

/// An object of a kind that has no schema but perhaps [`SCHEMA`].
pub(crate) fn custom(random: &mut Random, index: usize) -> Case {
    let (api_version, kind) = match random.below(4) {
        0 => ("argoproj.io/v1alpha1", "Rollout"),
        _ => ("example.com/v1", "Thing"),
    };
    let fields = ["template", "containers", "ports", "args", "embedded", "env", "selector"];
    case(random, index, api_version, kind, &fields, true)
}

fn case(random: &mut Random, index: usize, api_version: &str, kind: &str, fields: &[&str], in_spec: bool) -> Case {
    let mut metadata = vec![("name".to_owned(), scalar(&format!("n{index}")))];
    if random.below(3) == 0 {
        metadata.push(("namespace".to_owned(), scalar("default")));
    }
    for (name, odds) in [("labels", 3), ("annotations", 3), ("finalizers", 4), ("ownerReferences", 6)] {
        if random.below(odds) == 0 {
            metadata.push((name.to_owned(), field(random, name, 3)));
        }
    }
    let mut top = vec![
        ("apiVersion".to_owned(), scalar(api_version)),
        ("kind".to_owned(), scalar(kind)),
        ("metadata".to_owned(), Value::Map(metadata)),
    ];
    let body = some_fields(random, fields, 6);
    if in_spec {
        top.push(("spec".to_owned(), Value::Map(body)));
    } else {
        top.extend(body);
    }
    if random.below(6) == 0 {
        top.push(("status".to_owned(), field(random, "status", 3)));
    }
    let patches = 1 + usize::from(random.below(4) == 0);
    let patches = (0..patches).map(|turn| patch(random, &top, turn + 1 == patches)).collect();
    Case { base: document(random, &top), patches }
}

/// A patch of the object, which it must still be for.
fn patch(random: &mut Random, top: &[(String, Value)], may_delete: bool) -> String {
    let mut patch = Vec::new();
    for (name, value) in top {
        match name.as_str() {
            "apiVersion" | "kind" => patch.push((name.clone(), value.clone())),
            "metadata" => {
                let Value::Map(fields) = value else { unreachable!("metadata is made so") };
                let (own, rest): (Vec<_>, Vec<_>) =
                    fields.iter().cloned().partition(|(name, _)| matches!(name.as_str(), "name" | "namespace"));
                let mut changed = own;
                if random.below(2) == 0 {
                    let rest = changed_fields(random, &rest);
                    changed.extend(rest.into_iter().filter(|(name, _)| name != "$patch"));
                }
                if random.below(25) == 0 {
                    changed.push(("$patch".to_owned(), scalar(random.pick(&["merge", "replace"]))));
                }
                patch.push((name.clone(), Value::Map(changed)));
            }
            _ => patch.push((name.clone(), changed(random, name, value, 80))),
        }
    }
    match random.below(60) {
        0 if may_delete => patch.push(("$patch".to_owned(), scalar("delete"))),
        1 => patch.push(("$patch".to_owned(), scalar("replace"))),
        2 => patch.push(("$patch".to_owned(), scalar("merge"))),
        _ => {}
    }
    document(random, &patch)
}

fn scalar(text: &str) -> Value {
    Value::Scalar(text.to_owned())
}

fn some_fields(random: &mut Random, names: &[&str], depth: usize) -> Vec<(String, Value)> {
    let mut fields = Vec::new();
    for name in names {
        if random.below(4) > 0 {
            fields.push(((*name).to_owned(), field(random, name, depth)));
        }
    }
    fields
}

const SCALARS: &[&str] = &[
    "a",
    "b",
    "web",
    "1",
    "2",
    "8080",
    "\"1\"",
    "'8080'",
    "\"a\"",
    "true",
    "\"true\"",
    "on",
    "yes",
    "null",
    "~",
    "",
    "\"\"",
    "1.5",
    "0o17",
    "2001-01-01",
    "\"a b\"",
    "!!str 5",
    "'on'",
    "!!int \"7\"",
    "|-\n  x\n  y",
    ">-\n  x\n  y",
    "100m",
];

/// A value of a field of this name, mostly of the right kind.
fn field(random: &mut Random, name: &str, depth: usize) -> Value {
    if depth == 0 || random.below(200) == 0 {
        return scalar(random.pick(SCALARS));
    }
    let map = |random: &mut Random, names: &[&str]| Value::Map(some_fields(random, names, depth - 1));
    match name {
        "template" => map(random, &["metadata", "spec"]),
        "jobTemplate" => Value::Map(vec![("spec".to_owned(), map(random, &["template", "backoffLimit"]))]),
        "spec" => map(
            random,
            &[
                "containers",
                "initContainers",
                "volumes",
                "tolerations",
                "topologySpreadConstraints",
                "imagePullSecrets",
            ],
        ),
        "metadata" => map(random, &["labels", "annotations", "finalizers"]),
        "embedded" => Value::Map(vec![
            ("apiVersion".to_owned(), scalar("apps/v1")),
            ("kind".to_owned(), scalar("Deployment")),
            ("spec".to_owned(), map(random, &["template", "replicas"])),
        ]),
        "status" => map(random, &["conditions", "phase", "loadBalancer"]),
        "selector" | "strategy" | "loadBalancer" | "emptyDir" | "resources" | "valueFrom" | "securityContext" => {
            map(random, &["matchLabels", "type", "limits", "a", "b"])
        }
        "labels" | "annotations" | "data" | "binaryData" | "matchLabels" | "limits" => {
            map(random, &["a", "b", "c", "\"on\"", "x.y/z"])
        }
        "finalizers" | "args" | "command" | "externalIPs" | "podCIDRs" => list(random, item_scalar),
        "containers" | "initContainers" => list(random, |random| {
            let fields = ["image", "env", "ports", "volumeMounts", "args", "command", "resources", "securityContext"];
            item(random, "name", &fields, depth - 1)
        }),
        "env" => list(random, |random| item(random, "name", &["value", "valueFrom"], depth - 1)),
        "ports" => list(random, |random| {
            let key = random.pick(&["containerPort", "port", "containerPort", "port", "targetPort"]);
            item(random, key, &["protocol", "name", "hostPort"], depth - 1)
        }),
        "topologySpreadConstraints" => {
            list(random, |random| item(random, "topologyKey", &["whenUnsatisfiable", "maxSkew"], depth - 1))
        }
        "volumeMounts" => list(random, |random| item(random, "mountPath", &["name", "readOnly"], depth - 1)),
        "volumes" => list(random, |random| item(random, "name", &["emptyDir", "hostPath", "args"], depth - 1)),
        "hostAliases" => list(random, |random| item(random, "ip", &["args"], depth - 1)),
        "conditions" => list(random, |random| item(random, "type", &["status", "a"], depth - 1)),
        "ownerReferences" => list(random, |random| item(random, "uid", &["name", "kind", "apiVersion"], depth - 1)),
        "tolerations" | "rules" | "ingress" | "imagePullSecrets" | "secrets" | "volumeClaimTemplates" => {
            list(random, |random| item(random, "name", &["a", "args", "env"], depth - 1))
        }
        "protocol" => scalar(random.pick(&["TCP", "UDP", "\"TCP\"", "TCP", "SCTP", "null", "", "\"\""])),
        "whenUnsatisfiable" => scalar(random.pick(&["DoNotSchedule", "ScheduleAnyway"])),
        _ if random.below(80) == 0 => scalar(random.pick(&["{}", "[]"])),
        _ => scalar(random.pick(SCALARS)),
    }
}

fn list(random: &mut Random, mut item: impl FnMut(&mut Random) -> Value) -> Value {
    let length = random.below(4);
    Value::List((0..length).map(|_| item(random)).collect())
}

/// An item with its key, mostly, and some of the other fields.
fn item(random: &mut Random, key: &str, names: &[&str], depth: usize) -> Value {
    let mut fields = some_fields(random, names, depth);
    match random.below(80) {
        0 | 1 => {}
        2 | 3 => fields.push((key.to_owned(), scalar(random.pick(&["null", "", "\"\"", "{}", "[]", "{a: b}", "[a]"])))),
        4 => return item_scalar(random),
        _ => fields.insert(0, (key.to_owned(), key_value(random, key))),
    }
    Value::Map(fields)
}

fn key_value(random: &mut Random, key: &str) -> Value {
    match key {
        "containerPort" | "port" | "targetPort" => scalar(random.pick(&["80", "443", "8080", "80", "\"80\"", "53"])),
        _ => scalar(random.pick(&["a", "b", "c", "a", "\"b\"", "d", "on"])),
    }
}

/// A null would be refused by kustomize as an item, whatever the patch.
fn item_scalar(random: &mut Random) -> Value {
    let text = random.pick(SCALARS);
    scalar(if matches!(text, "null" | "~" | "") { "z" } else { text })
}

/// What a patch says about a field with this value: something like it, or something else.
fn changed(random: &mut Random, name: &str, value: &Value, odds: usize) -> Value {
    match random.below(odds) {
        0..3 => return scalar(random.pick(&["null", "", "~"])),
        3 => return field(random, name, 2),
        _ => {}
    }
    match value {
        Value::Scalar(_) if random.below(3) == 0 => value.clone(),
        Value::Scalar(_) => field(random, name, 3),
        Value::Map(fields) => Value::Map(changed_fields(random, fields)),
        Value::List(items) => Value::List(changed_items(random, name, items)),
    }
}

fn changed_fields(random: &mut Random, fields: &[(String, Value)]) -> Vec<(String, Value)> {
    let mut patch = Vec::new();
    for (name, value) in fields {
        if random.below(3) > 0 {
            patch.push((name.clone(), changed(random, name, value, 100)));
        }
    }
    if random.below(4) == 0 {
        let name =
            random.pick(&["a", "b", "c", "env", "ports", "containers", "args", "finalizers", "emptyDir", "\"1\"", "q"]);
        if !patch.iter().any(|(taken, _)| taken == name) {
            patch.push((name.to_owned(), field(random, name, 4)));
        }
    }
    directive(random, &mut patch);
    patch
}

fn directive(random: &mut Random, fields: &mut Vec<(String, Value)>) {
    let (key, value) = match random.below(120) {
        0 | 1 => ("$patch", scalar("delete")),
        2 | 3 => ("$patch", scalar("replace")),
        4 => ("$patch", scalar("merge")),
        5 => ("$patch", scalar(random.pick(&["remove", "null", "{}"]))),
        6 => ("$retainKeys", Value::List(vec![scalar("a")])),
        7 => ("$setElementOrder/containers", Value::List(vec![Value::Map(vec![("name".to_owned(), scalar("a"))])])),
        8 => ("$deleteFromPrimitiveList/finalizers", Value::List(vec![scalar("a")])),
        _ => return,
    };
    fields.push((key.to_owned(), value));
}

fn changed_items(random: &mut Random, name: &str, items: &[Value]) -> Vec<Value> {
    let mut patch = Vec::new();
    for item in items {
        match random.below(8) {
            0 | 1 => {}
            2 => patch.push(changed_item(random, item, true)),
            _ => patch.push(changed_item(random, item, false)),
        }
    }
    if random.below(2) == 0
        && let Value::List(new) = field(random, name, 3)
    {
        for item in new {
            patch.insert(random.below(patch.len() + 1), item);
        }
    }
    if random.below(25) == 0 {
        let value = scalar(random.pick(&["delete", "replace", "merge", "delete", "replace", "merge", "no"]));
        patch.insert(random.below(patch.len() + 1), Value::Map(vec![("$patch".to_owned(), value)]));
    }
    patch
}

/// The item with its key and changes of the rest, or to be deleted.
fn changed_item(random: &mut Random, item: &Value, delete: bool) -> Value {
    let Value::Map(fields) = item else { return item.clone() };
    let Some((key, rest)) = fields.split_first() else { return item.clone() };
    let mut patch = vec![key.clone()];
    if delete {
        patch
            .extend(rest.iter().filter(|(name, _)| matches!(name.as_str(), "protocol" | "whenUnsatisfiable")).cloned());
        patch.push(("$patch".to_owned(), scalar("delete")));
        return Value::Map(patch);
    }
    for (name, value) in changed_fields(random, rest) {
        if name != key.0 {
            patch.push((name, value));
        }
    }
    Value::Map(patch)
}

fn document(random: &mut Random, fields: &[(String, Value)]) -> String {
    let mut out = String::new();
    block_fields(random, fields, 0, &mut out);
    out
}

fn block_fields(random: &mut Random, fields: &[(String, Value)], indent: usize, out: &mut String) {
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(name);
        out.push(':');
        value_at(random, value, indent, out);
    }
}

/// Writes a value behind a colon or a dash, and ends the line.
fn value_at(random: &mut Random, value: &Value, indent: usize, out: &mut String) {
    let is_block = random.below(4) > 0;
    match value {
        Value::Scalar(text) => {
            let margin = format!("\n{}", " ".repeat(indent));
            out.push(' ');
            out.push_str(&text.replace('\n', &margin));
            out.push('\n');
        }
        Value::Map(fields) if is_block && !fields.is_empty() => {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
            block_fields(random, fields, indent + 2, out);
        }
        Value::List(items) if is_block && !items.is_empty() => {
            out.push('\n');
            for item in items {
                out.push_str(&" ".repeat(indent));
                out.push('-');
                match item {
                    Value::Map(fields) if !fields.is_empty() && random.below(3) > 0 => {
                        out.push(' ');
                        block_fields(random, fields, indent + 2, out);
                    }
                    _ => value_at(random, item, indent + 2, out),
                }
            }
        }
        _ => {
            out.push(' ');
            flow(value, out);
            out.push('\n');
        }
    }
}

fn flow(value: &Value, out: &mut String) {
    match value {
        // Blocks have no form within brackets.
        Value::Scalar(text) if text.contains('\n') => out.push_str("\"x\\ny\""),
        Value::Scalar(text) => out.push_str(text),
        Value::List(items) => {
            out.push('[');
            for item in items {
                flow(item, out);
                out.push_str(", ");
            }
            out.push(']');
        }
        Value::Map(fields) => {
            out.push('{');
            for (name, value) in fields {
                out.push_str(name);
                out.push_str(": ");
                flow(value, out);
                out.push_str(", ");
            }
            out.push('}');
        }
    }
}
