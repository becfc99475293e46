//! Real kustomizations with something changed: a line gone, doubled or moved, a value that is another, or a field
//! more.

use crate::random::BARE;
use crate::random::Random;

/// Fields that most kustomizations can have.
const FIELDS: &[&str] = &[
    "namePrefix: p-",
    "nameSuffix: -s",
    "namespace: other",
    "commonLabels: {team: a}",
    "labels: [{pairs: {team: b}, includeSelectors: true}]",
    "labels: [{pairs: {app: b}, includeTemplates: true}]",
    "commonAnnotations: {note: \"1\"}",
    "patches: [{target: {}, patch: \"[{op: add, path: /metadata/labels, value: {a: b}}]\"}]",
    "patches: [{target: {kind: \"D.*\"}, patch: \"{apiVersion: v1, kind: X, metadata: {name: x, labels: {q: 5}}, spec: {replicas: 2}}\"}]",
    "patches: [{target: {kind: ConfigMap}, patch: \"{apiVersion: v1, kind: X, metadata: {name: x}, data: {k: null, l: v}}\"}]",
    "sortOptions: {order: fifo}",
    "buildMetadata: [originAnnotations, transformerAnnotations]",
    "generatorOptions: {disableNameSuffixHash: true, labels: {made: here}}",
    "configMapGenerator: [{name: made, literals: [a=b]}]",
    "images: [{name: nginx, newTag: v9}]",
    "images: [{name: \".*\", newName: other, digest: \"sha256:1\"}]",
    "replicas: [{name: web, count: 3}]",
    "namespace: \"\"",
    "secretGenerator: [{name: made, type: a/b, literals: [\"a=b=c\", x=1], options: {immutable: true}}]",
    "generatorOptions: {annotations: {made: \"1\"}, immutable: true}",
    "buildMetadata: [managedByLabel]",
    "commonLabels: {app.kubernetes.io/name: b}",
    "labels: [{pairs: {new: label}, fields: [{path: spec/x/y, create: true}]}]",
    "patches: [{target: {kind: Deployment|StatefulSet}, patch: \"[{op: add, path: /spec/template/spec/containers/-, value: {name: last, image: x}}]\"}]",
    "patches: [{target: {kind: Deployment}, patch: \"{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, spec: {template: {spec: {containers: [{name: last, image: x}], volumes: [{name: v, emptyDir: {}}]}}}}\"}]",
    "patches: [{target: {kind: Service}, patch: \"{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {ports: [{port: 80, name: web}], selector: null}}\"}]",
    "patches: [{target: {labelSelector: app}, patch: \"{apiVersion: v1, kind: X, metadata: {name: x, annotations: {a: 2001-01-01, b: null}}, $patch: delete}\"}]",
    "replacements: [{source: {kind: Deployment, fieldPath: metadata.name}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.labels.self], options: {create: true}}]}]",
    "replacements: [{source: {kind: Service, fieldPath: \"spec.ports.0.port\"}, targets: [{select: {kind: Service}, fieldPaths: [metadata.annotations.port], options: {create: true}}]}]",
    "vars: [{name: SOME, objref: {apiVersion: v1, kind: Service, name: web}, fieldref: {fieldPath: metadata.name}}]",
    "sortOptions: {order: legacy}",
];

/// A text with one to three things changed in it.
pub(crate) fn mutated(random: &mut Random, text: &str, is_kustomization: bool) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        if is_kustomization && random.below(2) == 0 {
            lines.push(random.pick(FIELDS).to_owned());
        } else if !lines.is_empty() {
            change_line(random, &mut lines);
        }
    }
    let mut text = lines.join("\n");
    if random.below(6) > 0 {
        text.push('\n');
    }
    text
}

fn change_line(random: &mut Random, lines: &mut Vec<String>) {
    let (at, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(6) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => lines.swap(at, other),
        3 => lines[at] = lines[other].clone(),
        _ => {
            if let Some((key, _)) = lines[at].split_once(": ") {
                lines[at] = format!("{key}: {}", random.pick(BARE));
            }
        }
    }
}
