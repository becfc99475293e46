//! The two schemas, asked the same questions.

use std::sync::Arc;

use super::Builtins;
use super::MergeSchema;
use crate::source::Sources;
use crate::yaml::Reader;
use crate::yaml::parse;

/// What the merge does with the list at the end of a path, in which `[]` stands for the items.
fn keys(schema: &MergeSchema, object: &str, path: &str) -> Option<Vec<String>> {
    let (api_version, kind) = object.rsplit_once(' ').unwrap();
    let root = schema.object(api_version, kind)?;
    let place = path.split('.').try_fold(root, |place, part| match part {
        "[]" => place.items(),
        field => place.field(field),
    })?;
    Some(place.merge_keys()?.into_iter().map(str::to_owned).collect())
}

#[test]
fn lists_merge_by_the_keys_of_their_kind_and_place() {
    let schema = MergeSchema::builtin();
    for (object, path, expected) in [
        ("apps/v1 Deployment", "spec.template.spec.containers", Some(vec!["name"])),
        ("apps/v1 Deployment", "spec.template.spec.containers.[].env", Some(vec!["name"])),
        ("apps/v1 Deployment", "spec.template.spec.initContainers.[].ports", Some(vec!["containerPort", "protocol"])),
        ("apps/v1 Deployment", "spec.template.spec.containers.[].envFrom", None),
        ("apps/v1 Deployment", "spec.template.spec.tolerations", None),
        ("batch/v1 CronJob", "spec.jobTemplate.spec.template.spec.volumes", Some(vec!["name"])),
        ("v1 Service", "spec.ports", Some(vec!["port", "protocol"])),
        ("v1 ServiceAccount", "secrets", Some(vec!["name"])),
        ("v1 ServiceAccount", "imagePullSecrets", None),
        ("v1 ConfigMap", "metadata.finalizers", Some(vec![])),
        ("rbac.authorization.k8s.io/v1 Role", "rules", None),
        ("extensions/v1beta1 Deployment", "spec.template.spec.containers", None),
        ("example.com/v1 Deployment", "metadata.finalizers", None),
    ] {
        let expected = expected.map(|keys| keys.into_iter().map(str::to_owned).collect());
        assert_eq!(keys(&schema, object, path), expected, "{object} {path}");
    }
}

#[test]
fn a_schema_of_ones_own_takes_the_place_of_the_built_in_one() {
    let text = r##"
definitions:
  com.example.Thing:
    x-kubernetes-group-version-kind: [{group: example.com, version: v1, kind: Thing}]
    properties:
      spec:
        properties:
          template: {$ref: "#/definitions/com.example.Template"}
      parts:
        additionalProperties: {$ref: "#/definitions/com.example.Template"}
      loop: {$ref: "#/definitions/com.example.Loop"}
      nowhere: {$ref: "#/definitions/com.example.Nowhere"}
  com.example.Template:
    properties:
      things:
        type: array
        items: {$ref: "#/definitions/com.example.Template"}
        x-kubernetes-patch-strategy: merge,retainKeys
        x-kubernetes-patch-merge-key: id
      ports:
        type: array
        x-kubernetes-patch-strategy: merge
        x-kubernetes-patch-merge-key: port
        x-kubernetes-list-map-keys: [port, protocol]
      names: {type: array, x-kubernetes-patch-strategy: merge}
      args: {type: array, x-kubernetes-patch-strategy: replace}
  com.example.Loop: {$ref: "#/definitions/com.example.Loop"}
"##;
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("schema.yaml", text);
    let parsed = parse(&sources, source, Reader::Kubectl);
    let schema = MergeSchema::from_definitions(parsed.tree.node(parsed.documents[0].root), Builtins::Absent).unwrap();
    for (object, path, expected) in [
        ("example.com/v1 Thing", "spec.template.things", Some(vec!["id"])),
        ("example.com/v1 Thing", "spec.template.things.[].things.[].ports", Some(vec!["port", "protocol"])),
        ("example.com/v1 Thing", "parts.any.names", Some(vec![])),
        ("example.com/v1 Thing", "spec.template.args", None),
        ("example.com/v1 Thing", "loop.things", None),
        ("example.com/v1 Thing", "nowhere.things", None),
        ("apps/v1 Deployment", "spec.template.spec.containers", None),
    ] {
        let expected = expected.map(|keys| keys.into_iter().map(str::to_owned).collect());
        assert_eq!(keys(&schema, object, path), expected, "{object} {path}");
    }
}

#[test]
fn what_is_no_schema_is_refused() {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("schema.yaml", "- definitions\n");
    let parsed = parse(&sources, source, Reader::Kubectl);
    let problem =
        MergeSchema::from_definitions(parsed.tree.node(parsed.documents[0].root), Builtins::Absent).unwrap_err();
    assert_eq!(problem.code, "bad-openapi-schema");
}

#[test]
fn a_schema_that_comes_late_is_added_to_the_built_in_one() {
    let text = r##"
definitions:
  com.example.Thing:
    x-kubernetes-group-version-kind: [{group: example.com, version: v1, kind: Thing}]
    properties:
      template: {$ref: "#/definitions/io.k8s.api.core.v1.PodTemplateSpec"}
  io.k8s.api.core.v1.Container:
    properties:
      args: {type: array, items: {type: string}, x-kubernetes-patch-strategy: merge}
"##;
    let sources = Arc::new(Sources::in_memory());
    let parsed = parse(&sources, sources.add("schema.yaml", text), Reader::Kustomize);
    let schema = |builtins| {
        let document = parsed.tree.node(parsed.documents[0].root);
        MergeSchema::from_definitions(document, builtins).unwrap()
    };
    let (thing, pod) = ("example.com/v1 Thing", "v1 Pod");
    let containers = "template.spec.containers";
    assert_eq!(keys(&schema(Builtins::Absent), thing, containers), None);
    assert_eq!(keys(&schema(Builtins::Absent), pod, "spec.containers"), None);
    for builtins in [Builtins::Overridden, Builtins::Overriding] {
        assert_eq!(keys(&schema(builtins), thing, containers), Some(vec!["name".to_owned()]), "{builtins:?}");
        assert_eq!(keys(&schema(builtins), pod, "spec.containers"), Some(vec!["name".to_owned()]), "{builtins:?}");
    }
    for (object, path) in [(thing, "template.spec.containers.[]"), (pod, "spec.initContainers.[]")] {
        let list = |builtins, list: &str| keys(&schema(builtins), object, &format!("{path}.{list}"));
        assert_eq!(list(Builtins::Overridden, "args"), Some(vec![]));
        assert_eq!(list(Builtins::Overridden, "env"), None);
        assert_eq!(list(Builtins::Overriding, "args"), None);
        assert_eq!(list(Builtins::Overriding, "env"), Some(vec!["name".to_owned()]));
    }
}
