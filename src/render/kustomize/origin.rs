//! Where a resource came from, as kustomize's own annotations tell it: by paths relative to the target.
//!
//! Not the origins of nodes, which the tree keeps and which know lines.

use crate::kustomization::Remote;
use crate::yaml::Node;

/// Where a resource came from, or who changed it, as kustomize tells it: relative to the target's folder.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Origin {
    /// The file or folder.
    path: String,
    /// For what comes from another repository: its URL, and the reference that is asked for.
    repository: String,
    reference: String,
    /// For what no file holds: the file that asks for it, and the step that it asks for.
    configured: Option<Box<Configured>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Configured {
    file: String,
    api_version: String,
    kind: String,
    name: String,
    namespace: String,
}

impl Origin {
    /// What a path written in this folder leads to.
    pub(super) fn below(&self, path: &str) -> Self {
        if let Some(remote) = Remote::of(path) {
            let (repository, reference) = (remote.repository, remote.reference.unwrap_or_default());
            return Self { path: joined("", &remote.path), repository, reference, configured: None };
        }
        Self { path: joined(&self.path, path), configured: None, ..self.clone() }
    }

    /// A step that the kustomization file of this folder asks for.
    pub(super) fn of_step(&self, file_path: &str, step: &str) -> Self {
        let name = file_path.rsplit_once('/').map_or(file_path, |(_, name)| name);
        let configured = Configured {
            file: joined(&self.path, name),
            api_version: "builtin".to_owned(),
            kind: step.to_owned(),
            name: String::new(),
            namespace: String::new(),
        };
        Self { path: String::new(), configured: Some(Box::new(configured)), ..self.clone() }
    }

    /// A step that an object sets up, which comes from here.
    pub(super) fn of_object(&self, object: Node<'_>) -> Self {
        let text = |path: &[&str]| object.at_path(path).map_or_else(String::new, |node| node.text().to_owned());
        let configured = Configured {
            file: self.path.clone(),
            api_version: text(&["apiVersion"]),
            kind: text(&["kind"]),
            name: text(&["metadata", "name"]),
            namespace: text(&["metadata", "namespace"]),
        };
        Self { path: String::new(), configured: Some(Box::new(configured)), ..self.clone() }
    }

    /// As YAML, each line behind `indent` but for the first.
    pub(super) fn text(&self, indent: &str) -> String {
        let mut lines = Vec::new();
        if !self.path.is_empty() {
            lines.push(format!("path: {}", self.path));
        }
        for (name, value) in [("repo", &self.repository), ("ref", &self.reference)] {
            lines.extend((!value.is_empty()).then(|| format!("{name}: {value}")));
        }
        if let Some(by) = &self.configured {
            lines.push(format!("configuredIn: {}", by.file));
            lines.push("configuredBy:".to_owned());
            let fields =
                [("apiVersion", &by.api_version), ("kind", &by.kind), ("name", &by.name), ("namespace", &by.namespace)];
            let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
            lines.extend(given.map(|(name, value)| format!("  {name}: {value}")));
        }
        if lines.is_empty() { "{}\n".to_owned() } else { lines.join(&format!("\n{indent}")) + "\n" }
    }
}

/// Two paths joined as Go's `filepath.Join` does it, by their texts.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() && !(folder.is_empty() && path.is_empty()) { ".".to_owned() } else { parts.join("/") }
}
