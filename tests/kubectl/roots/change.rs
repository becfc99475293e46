//! Random patches of every kind, replacements and vars, mostly of what is there.

use crate::random::Random;
use crate::roots::layer::Writer;
use crate::roots::object::Object;
use crate::roots::object::filled;
use crate::roots::object::kinds;

/// What a strategic merge may say of a pod.
const POD: &str = "?containers:
- name: app
?  image: @image
?  env:
  - name: TWO
    value: @scalar
?  - name: ONE
    value: @scalar
?  - name: THREE
    $patch: delete
?  - $patch: replace
?  ports:
  - containerPort: 8080
?    name: http
?    protocol: UDP
?  args: []
?  volumeMounts:
  - mountPath: /data
    name: other
?- name: new
  image: @image
?- name: side
  $patch: delete
?initContainers: null
?volumes:
- name: data
  configMap: null
  secret:
    secretName: @name
?- name: all
  $patch: delete
?serviceAccountName: null
?nodeSelector:
  disk: @name
?affinity:
  $patch: delete
?securityContext:
  $patch: replace
  runAsUser: 5
?dnsConfig:
  $retainKeys: [nameservers]
  nameservers: [1.1.1.1]
?$setElementOrder/containers:
- name: side
- name: app
?tolerations:
- key: a
  operator: Exists
?imagePullSecrets:
- name: @name
";

/// A strategic-merge patch of an object.
fn merge_patch(random: &mut Random, object: &Object, has_target: bool) -> String {
    let name = if has_target && random.below(4) == 0 { "anything" } else { &object.name };
    let mut text = format!("apiVersion: {}\nkind: {}\nmetadata:\n  name: {name}\n", object.api, object.kind);
    if let Some(namespace) = object.namespace {
        text += &format!("  namespace: {namespace}\n");
    }
    text += &filled(
        random,
        "?  labels:\n    new: @scalar\n?    tier: null\n?    q: @odd\n?  annotations:\n    patched: @scalar\n?    odd: @odd\n",
    );
    if random.below(25) == 0 {
        return format!("{text}$patch: {}\n", random.pick(&["delete", "delete", "replace", "merge"]));
    }
    text += &filled(
        random,
        match object.kind {
            "Deployment" | "StatefulSet" => {
                "spec:\n?  replicas: 5\n?  selector: null\n  template:\n?    metadata:\n      labels:\n        new: @name\n    spec:\n      %%\n"
            }
            "DaemonSet" | "Job" => "spec:\n  template:\n    spec:\n      %%\n",
            "CronJob" => "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          %%\n",
            "Pod" => "spec:\n  %%\n",
            "ConfigMap" | "Secret" => "?data:\n  key: @scalar\n?  new: YWI=\n?  other: null\n?immutable: null\n",
            "Service" => {
                "spec:\n?  ports:\n  - port: 80\n?    name: web\n?    targetPort: 80\n?    protocol: TCP\n?  - port: 443\n    protocol: TCP\n?  selector:\n    more: @name\n"
            }
            "Role" | "ClusterRole" => {
                "rules:\n- apiGroups: [apps]\n  resources: [deployments]\n  resourceNames: [@name]\n  verbs: [list]\n"
            }
            "RoleBinding" | "ClusterRoleBinding" => {
                "subjects:\n- kind: ServiceAccount\n  name: @account\n  namespace: @namespace\n"
            }
            "Widget" => {
                "spec:\n?  parts:\n  - name: two\n    size: 7\n?  configRef:\n    name: @name\n?  text: @scalar\n?  refs: null\n?  replicas: null\n"
            }
            "Ingress" => "spec:\n?  tls:\n  - secretName: @name\n?  ingressClassName: @name\n",
            _ => "?spec:\n  new: @scalar\n",
        },
    );
    let mut out = String::new();
    for line in text.lines() {
        match line.strip_suffix("%%") {
            Some(indent) => filled(random, POD).lines().for_each(|line| out += &format!("{indent}{line}\n")),
            None => out += &format!("{line}\n"),
        }
    }
    out
}

/// A JSON patch of an object, which it mostly fits.
fn json_patch(random: &mut Random, object: &Object) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(2) {
        let template = match (random.below(5), object.kind) {
            (0, _) => "- {op: replace, path: /metadata/name, value: @name}\n",
            (1, _) => "- op: add\n  path: /metadata/labels\n  value: {app: @name, q: '1'}\n",
            (2, _) => "- op: add\n  path: /metadata/annotations\n  value:\n    odd: \"1\"\n?    more: @odd\n",
            (_, "Deployment" | "StatefulSet" | "DaemonSet" | "Job") => {
                "- op: @op\n  path: /spec/template/spec/containers/0/image\n  value: @image\n?- op: add\n  path: /spec/template/spec/containers/-\n  value: {name: last, image: x}\n"
            }
            (_, "ConfigMap" | "Secret") => "- op: @op\n  path: /data/key\n  value: @scalar\n",
            (_, "Service") => {
                "- op: add\n  path: /spec/ports/0\n  value: {port: 1}\n?- op: remove\n  path: /spec/ports/1\n"
            }
            (_, "Widget") => {
                "- op: add\n  path: /spec/new\n  value: @odd\n?- op: copy\n  from: /spec/new\n  path: /spec/again\n"
            }
            _ => {
                "- op: add\n  path: /spec\n  value: {a: @number, b: [@odd, x]}\n?- op: test\n  path: /kind\n  value: @kind\n"
            }
        };
        let op = random.pick(&["add", "add", "add", "replace", "replace", "replace", "remove"]);
        text += &filled(random, template).replace("@op", op).replace("@kind", object.kind);
    }
    if random.below(8) == 0 {
        return "[{\"op\": \"add\", \"path\": \"/metadata/annotations\", \"value\": {\"json\": \"yes\"}}]\n".to_owned();
    }
    text
}

/// A target that selects an object, and perhaps others.
fn target(random: &mut Random, object: &Object) -> String {
    let mut fields = Vec::new();
    if random.below(4) > 0 {
        let any = kinds().nth(random.below(8)).unwrap_or_default();
        let kind = match random.below(8) {
            0 => format!("{}|{any}", object.kind),
            1 => format!("{}.*", &object.kind[..3]),
            _ => object.kind.to_owned(),
        };
        fields.push(format!("kind: {kind}"));
    }
    if random.below(2) == 0 {
        let name = random.pick(&["", "", "", ".*", "a|b", "we.*", "(a)(-b)?", "x", "[ab]", "^a$", "p-.*", "web-"]);
        fields.push(format!("name: \"{}\"", if name.is_empty() { &object.name } else { name }));
    }
    for (rarity, field, choices) in [
        (7, "namespace", &["ns1", "default", "ns1|ns2", ".*"] as &[&str]),
        (9, "group", &["apps", "", "apps|batch", "a.*"]),
        (9, "version", &["v1", "v.*", "v2"]),
        (8, "labelSelector", &["app=a", "app in (a,web)", "!tier", "app", "app!=b", "app notin (a)", "app==a,tier"]),
        (12, "annotationSelector", &["note", "odd=1", "!note", "note in (x, 1)"]),
    ] {
        if random.below(rarity) == 0 {
            fields.push(format!("{field}: \"{}\"", random.pick(choices)));
        }
    }
    format!("{{{}}}", fields.join(", "))
}

/// Text as a block scalar below a field.
fn block(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    text.lines().map(|line| format!("{pad}{line}\n")).collect()
}

/// `patches`
pub(crate) fn patches(random: &mut Random, writer: &mut Writer<'_>) {
    writer.write("patches:\n");
    for _ in 0..=random.below(2) {
        let object = writer.any(random);
        let is_json = random.below(3) == 0;
        let has_target = is_json || random.below(2) == 0;
        let mut text = if is_json { json_patch(random, &object) } else { merge_patch(random, &object, has_target) };
        if !is_json && !has_target && random.below(6) == 0 {
            let other = writer.any(random);
            text += &format!("---\n{}", merge_patch(random, &other, false));
        }
        if random.below(2) == 0 {
            let name = writer.file(&text);
            writer.write(&format!("- path: {name}\n"));
        } else {
            writer.write(&format!("- patch: |-\n{}", block(&text, 4)));
        }
        if has_target {
            let target = target(random, &object);
            writer.write(&format!("  target: {target}\n"));
        }
        if random.below(6) == 0 {
            let option = random.pick(&["allowNameChange: true", "allowKindChange: true", "allowNameChange: false"]);
            writer.write(&format!("  options: {{{option}}}\n"));
        }
    }
}

/// `patchesStrategicMerge`
pub(crate) fn strategic(random: &mut Random, writer: &mut Writer<'_>) {
    writer.write("patchesStrategicMerge:\n");
    for _ in 0..=random.below(1) {
        let object = writer.any(random);
        let text = merge_patch(random, &object, false);
        if random.below(2) == 0 {
            let name = writer.file(&text);
            writer.write(&format!("- {name}\n"));
        } else {
            writer.write(&format!("- |-\n{}", block(&text, 2)));
        }
    }
}

/// `patchesJson6902`
pub(crate) fn json_patches(random: &mut Random, writer: &mut Writer<'_>) {
    let object = writer.any(random);
    let text = json_patch(random, &object);
    let (group, version) = object.api.split_once('/').unwrap_or(("", object.api));
    let mut target = format!("{{version: {version}, kind: {}, name: {}", object.kind, object.name);
    if !group.is_empty() {
        target += &format!(", group: {group}");
    }
    let patch = if random.below(2) == 0 {
        format!("  path: {}\n", writer.file(&text))
    } else {
        format!("  patch: |-\n{}", block(&text, 4))
    };
    writer.write(&format!("patchesJson6902:\n- target: {target}}}\n{patch}"));
}

/// A field that an object of this kind has, mostly.
fn source(random: &mut Random, kind: &str) -> &'static str {
    match (random.below(8), kind) {
        (0, _) => "metadata.namespace",
        (1, _) => "metadata.labels.app",
        (2, _) => "kind",
        (_, "ConfigMap") => random.pick(&["data.key", "data.key", "data.other", "data"]),
        (3 | 4, "Service") => "spec.ports.0.port",
        (3 | 4, "Deployment" | "StatefulSet") => "spec.template.spec.containers.0.image",
        (5, "Deployment" | "StatefulSet") => "spec.template.spec.containers.[name=app]",
        (3 | 4, "Widget") => "spec.parts",
        _ => "metadata.name",
    }
}

const PLACES: &[&str] = &[
    "metadata.name",
    "metadata.labels.app",
    "metadata.labels.copied",
    "metadata.annotations.note",
    "metadata.annotations.[a.b/c]",
    "data.key",
    "spec.template.spec.containers.[name=app].image",
    "spec.template.spec.containers.*.image",
    "spec.template.spec.containers.0.env.[name=ONE].value",
    "spec.template.spec.containers.[name=app].env.[name=NEW].value",
    "spec.replicas",
    "spec.text",
    "spec.parts.[name=one].size",
    "spec.rules.0.host",
    "subjects.*.namespace",
    "spec.new.path",
    "spec",
    "metadata",
    "metadata.labels",
    "spec.template.spec.containers",
    "spec.template.spec.containers.[image=nginx].name",
    "spec.template.spec.containers.-.name",
    "spec.template.spec.volumes.*.name",
    "spec.ports.*.name",
    "spec.ports.[port=80].targetPort",
    "spec.refs.[kind=ConfigMap].name",
    "rules.*.resourceNames.0",
    "webhooks.*.clientConfig.service.name",
    "status",
];

/// Which resources a replacement is for, mostly those like `to`.
fn replacement_target(random: &mut Random, to: &Object) -> String {
    let mut text = format!("  - select:\n      kind: {}\n", to.kind);
    text += &filled(random, &format!("?      name: {}\n", to.name));
    for (field, choices) in [
        ("namespace", &["ns1", "default", "ns2"] as &[&str]),
        ("group", &["apps", "batch"]),
        ("version", &["v1", "v2"]),
        ("labelSelector", &["app=a", "app!=b", "tier"]),
        ("annotationSelector", &["note", "odd=1"]),
    ] {
        if random.below(10) == 0 {
            text += &format!("      {field}: {}\n", random.pick(choices));
        }
    }
    text += &filled(
        random,
        "?    reject:\n?    - name: @name\n?    - kind: @workload\n      name: @name\n?    - labelSelector: app=@name\n?    - namespace: @namespace\n",
    )
    .replace("    reject:\n    fieldPaths", "    fieldPaths");
    if text.ends_with("    reject:\n") {
        text += "    - name: none\n";
    }
    text
}

/// `replacements`
pub(crate) fn replacements(random: &mut Random, writer: &mut Writer<'_>) {
    let mut text = String::new();
    for _ in 0..=random.below(1) {
        let (from, to) = (writer.any(random), writer.any(random));
        text += &format!("- source:\n    kind: {}\n    name: {}\n", from.kind, from.name);
        let path = source(random, from.kind);
        if path != "metadata.name" || random.below(2) == 0 {
            text += &format!("    fieldPath: {path}\n");
        }
        if random.below(8) == 0 {
            let options =
                random.pick(&["delimiter: '-', index: 0", "delimiter: /, index: 1", "delimiter: a", "index: 0"]);
            text += &format!("    options: {{{options}}}\n");
        }
        if random.below(8) == 0 {
            let more = random.pick(&["namespace: ns1", "namespace: default", "version: v1", "group: apps"]);
            text += &format!("    {more}\n");
        }
        text += "  targets:\n";
        for _ in 0..=random.below(1) {
            text += &replacement_target(random, &to);
            text += "    fieldPaths:\n";
            for _ in 0..=random.below(1) {
                text += &format!("    - {}\n", random.pick(PLACES));
            }
            let options = random.pick(&[
                "create: true",
                "create: true",
                "create: true",
                "create: false",
                "delimiter: '-', index: 0",
                "delimiter: /, index: 1, create: true",
                "delimiter: '-', index: -1",
                "delimiter: a, index: 7",
                "delimiter: ':', index: 1",
                "index: 2",
            ]);
            text += &format!("    options: {{{options}}}\n");
        }
    }
    if random.below(4) == 0 {
        let name = writer.file(&text);
        text = format!("- path: {name}\n");
    }
    writer.write(&format!("replacements:\n{text}"));
}

/// `vars`
pub(crate) fn vars(random: &mut Random, writer: &mut Writer<'_>) {
    writer.write("vars:\n");
    let first = random.below(2);
    for name in ["VAR1", "VAR2"].iter().skip(first).take(1 + random.below(2)) {
        let object = writer.any(random);
        writer.write(&format!(
            "- name: {name}\n  objref: {{apiVersion: {}, kind: {}, name: {}}}\n",
            object.api, object.kind, object.name
        ));
        if random.below(2) == 0 {
            let path = source(random, object.kind).replace(".0.", "[0].").replace(".[name=app]", "[0]");
            writer.write(&format!("  fieldref: {{fieldPath: {path}}}\n"));
        }
    }
}
