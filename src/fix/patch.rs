//! The texts of patches: what they are for, and the init containers that they bring.

use std::fmt::Write;

use crate::fix::container::Container;
use crate::fix::container::indented;
use crate::fix::container::plain;
use crate::kube::is_known_to_kustomize;
use crate::kube::pod_path;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;

/// A patch.
pub(super) struct Patch {
    pub(super) text: String,
    /// The object that a JSON patch is for: group, version, kind, name. A strategic-merge patch says it itself.
    pub(super) target: Option<[String; 4]>,
}

/// The patch that adds init containers to what is rendered as `resource`, and is written as `object` where the patch
/// applies.
pub(super) fn adding(object: Node<'_>, resource: &Resource, added: &[Container]) -> Patch {
    let id = &resource.id;
    let pod_at = pod_path(id.group(), &id.kind).unwrap_or(&["spec", "template"]);
    if is_known_to_kustomize(id.group(), id.version(), &id.kind) {
        let items: String = added.iter().map(|container| container.text.as_str()).collect();
        return Patch { text: strategic_merge(object, pod_at, &items), target: None };
    }
    let has_some = Pod::of(resource).is_some_and(|pod| pod.spec.get("initContainers").is_some());
    Patch { text: json_patch(pod_at, has_some, added), target: Some(target(object, resource)) }
}

/// Whom a JSON patch is for.
pub(super) fn target(object: Node<'_>, resource: &Resource) -> [String; 4] {
    let id = &resource.id;
    let name = object.at_path(&["metadata", "name"]).map_or("", Node::text);
    [id.group(), id.version(), &id.kind, name].map(str::to_owned)
}

/// A name as part of the name of a file.
pub(super) fn file_name(name: &str) -> String {
    let kept = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '-' };
    name.chars().map(kept).collect()
}

/// A strategic-merge patch with items of the list of init containers. kustomize puts new items of a list before those
/// that are there, which keep their order.
pub(super) fn strategic_merge(object: Node<'_>, pod_at: &[&str], items: &str) -> String {
    let of = |path: &[&str]| object.at_path(path).map_or(String::new(), |node| plain(node.text()));
    let mut text = format!(
        "apiVersion: {}\nkind: {}\nmetadata:\n  name: {}\n",
        of(&["apiVersion"]),
        of(&["kind"]),
        of(&["metadata", "name"])
    );
    if object.at_path(&["metadata", "namespace"]).is_some() {
        let _ = writeln!(text, "  namespace: {}", of(&["metadata", "namespace"]));
    }
    let mut indent = String::new();
    for key in pod_at.iter().chain(&["spec", "initContainers"]) {
        let _ = writeln!(text, "{indent}{key}:");
        indent.push_str("  ");
    }
    text + &indented(items, &indent)
}

/// A JSON patch, for kinds whose lists kustomize would replace.
fn json_patch(pod_at: &[&str], has_some: bool, containers: &[Container]) -> String {
    let mut path = String::new();
    for key in pod_at.iter().chain(&["spec", "initContainers"]) {
        let _ = write!(path, "/{key}");
    }
    let mut text = String::new();
    if !has_some {
        let _ = write!(text, "- op: add\n  path: {path}\n  value:\n");
        text.extend(containers.iter().map(|container| indented(&container.text, "    ")));
        return text;
    }
    // Each goes to the start, so the first one goes last.
    for container in containers.iter().rev() {
        let value = container.text.replacen("- ", "  ", 1);
        let _ = write!(text, "- op: add\n  path: {path}/0\n  value:\n{}", indented(&value, "  "));
    }
    text
}
