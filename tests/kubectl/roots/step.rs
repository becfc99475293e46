//! Random settings of transformers, and steps that objects set up.

use crate::random::Random;
use crate::roots::layer::Writer;
use crate::roots::object::filled;

/// `configurations`
pub(crate) fn configurations(random: &mut Random, writer: &mut Writer<'_>) {
    let template = "?nameReference:
- kind: ConfigMap
  version: v1
  fieldSpecs:
  - kind: Widget
    path: spec/configRef/name
?  - kind: Widget
    path: spec/refs/name
?- kind: Widget
  fieldSpecs:
  - path: spec/widgetName
    kind: Gadget
?namePrefix:
- path: spec/text
  kind: Widget
?nameSuffix:
- path: metadata/name
  kind: Gadget
?commonLabels:
- path: spec/selector
  create: true
  kind: Gadget
?labels:
- path: spec/template/metadata/labels
  kind: Widget
?  create: true
?commonAnnotations:
- path: spec/notes
  create: true
  kind: Widget
?varReference:
- path: spec/text
  kind: Widget
?- path: data
  kind: ConfigMap
?images:
- path: spec/image
  kind: Widget
?replicas:
- path: spec/replicas
  kind: Widget
?  create: true
?namespace:
- path: spec/namespace
  create: true
  kind: Gadget
";
    let text = filled(random, template);
    if !text.is_empty() {
        let name = writer.file(&text);
        writer.write(&format!("configurations:\n- {name}\n"));
    }
}

/// `crds`
pub(crate) fn crds(random: &mut Random, writer: &mut Writer<'_>) {
    let reference = random.pick(&[
        r#", "x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "ConfigMap""#,
        r#", "x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "ConfigMap", "x-kubernetes-object-ref-name-key": "name""#,
        r#", "x-kubernetes-annotation": """#,
        r#", "x-kubernetes-label-selector": """#,
        r#", "x-kubernetes-identity": """#,
    ]);
    let text = format!(
        r#"{{"example.com/v1.Widget": {{"Schema": {{"properties": {{
  "apiVersion": {{"type": "string"}}, "kind": {{"type": "string"}}, "metadata": {{"type": "object"}},
  "spec": {{"$ref": "example.com/v1.WidgetSpec"}}}}}}}},
"example.com/v1.WidgetSpec": {{"Schema": {{"properties": {{
  "configRef": {{"type": "object"{reference}}}, "text": {{"type": "string"}}}}}}}}}}
"#
    );
    let name = writer.file(&text);
    writer.write(&format!("crds:\n- {name}\n"));
}

/// `openapi`
pub(crate) fn openapi(random: &mut Random, writer: &mut Writer<'_>) {
    if random.below(5) == 0 {
        writer.write("openapi: {version: v1.21.2}\n");
        return;
    }
    let item = random.pick(&[
        r#""x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge","#,
        r#""x-kubernetes-list-map-keys": ["name"], "x-kubernetes-list-type": "map","#,
        "",
    ]);
    let text = format!(
        r#"{{"definitions": {{"v1.Widget": {{"type": "object", "properties": {{
  "spec": {{"type": "object", "properties": {{"parts": {{"type": "array", {item}
    "items": {{"type": "object", "properties": {{"name": {{"type": "string"}}}}}}}}}}}}}},
  "x-kubernetes-group-version-kind": [{{"group": "example.com", "kind": "Widget", "version": "v1"}}]}}}}}}
"#
    );
    let name = writer.file(&text);
    writer.write(&format!("openapi: {{path: {name}}}\n"));
}

const TRANSFORMERS: &[&str] = &[
    "kind: PrefixTransformer\nmetadata:\n  name: t\nprefix: t-\nfieldSpecs:\n- path: metadata/name\n",
    "kind: SuffixTransformer\nmetadata:\n  name: t\nsuffix: -t\nfieldSpecs:\n- path: metadata/name\n?  kind: Deployment\n",
    "kind: PrefixSuffixTransformer\nmetadata:\n  name: t\n?prefix: t-\n?suffix: -t\nfieldSpecs:\n- path: metadata/name\n",
    "kind: LabelTransformer\nmetadata:\n  name: t\nlabels:\n  step: @name\nfieldSpecs:\n- path: metadata/labels\n  create: true\n?- path: spec/selector\n  kind: Service\n",
    "kind: AnnotationsTransformer\nmetadata:\n  name: t\nannotations:\n  step: '@name'\nfieldSpecs:\n- path: metadata/annotations\n?  create: true\n",
    "kind: NamespaceTransformer\nmetadata:\n  name: t\n  namespace: ns9\n?unsetOnly: true\n?setRoleBindingSubjects: allServiceAccounts\n?fieldSpecs:\n- path: metadata/namespace\n  create: true\n",
    "kind: NamespaceTransformer\nmetadata:\n  name: t\n  namespace: ns9\nsetRoleBindingSubjects: @way\n",
    "kind: ImageTagTransformer\nmetadata:\n  name: t\nimageTag:\n  name: nginx\n  newTag: v7\nfieldSpecs:\n- path: spec/template/spec/containers/image\n",
    "kind: ReplicaCountTransformer\nmetadata:\n  name: t\nreplica:\n  name: @name\n  count: 4\nfieldSpecs:\n- path: spec/replicas\n  create: true\n",
    "kind: HashTransformer\nmetadata:\n  name: t\n",
    "kind: PatchTransformer\nmetadata:\n  name: t\ntarget:\n  name: @name\npatch: '[{op: add, path: /metadata/labels, value: {x: y}}]'\n",
    "kind: PatchJson6902Transformer\nmetadata:\n  name: t\ntarget:\n  version: v1\n  kind: ConfigMap\n  name: @name\njsonOp: '[{op: add, path: /data, value: {x: y}}]'\n",
];

/// `transformers`, and now and then `validators`
pub(crate) fn transformers(random: &mut Random, writer: &mut Writer<'_>) {
    let list = random.pick(&[
        "transformers",
        "transformers",
        "transformers",
        "transformers",
        "transformers",
        "transformers",
        "transformers",
        "validators",
    ]);
    steps(random, writer, list, TRANSFORMERS);
}

/// `generators`
pub(crate) fn generators(random: &mut Random, writer: &mut Writer<'_>) {
    let templates = [
        "kind: ConfigMapGenerator\nmetadata:\n  name: made-@name\n?  namespace: ns2\n?  labels:\n    by: step\n?literals:\n- a=b\n?options:\n  disableNameSuffixHash: true\n",
        "kind: SecretGenerator\nmetadata:\n  name: made-@name\n?behavior: create\nliterals:\n- a=$(VAR1)\n?type: example.com/own\n",
    ];
    steps(random, writer, "generators", &templates);
}

fn steps(random: &mut Random, writer: &mut Writer<'_>, list: &str, templates: &[&str]) {
    writer.write(&format!("{list}:\n"));
    for _ in 0..=random.below(1) {
        let way = random.pick(&["none", "defaultOnly", "allServiceAccounts"]);
        let pick = random.below(templates.len());
        let text = filled(random, templates[pick]).replace("@way", way);
        let text = format!("apiVersion: builtin\n{text}");
        if random.below(2) == 0 {
            let name = writer.file(&text);
            writer.write(&format!("- {name}\n"));
        } else {
            let text: String = text.lines().map(|line| format!("  {line}\n")).collect();
            writer.write(&format!("- |-\n{text}"));
        }
    }
}
