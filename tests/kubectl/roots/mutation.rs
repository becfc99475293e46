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
