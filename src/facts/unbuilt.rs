//! What was not built, or is deployed from somewhere else, and so may be what something refers to: the namespaces
//! that it may fill, and the words of files that could not be read.
//!
//! Of such a namespace nothing is said to be missing. Who runs pods or makes Services for a custom resource is the
//! affair of `operators`.

use std::collections::BTreeSet;
use std::collections::HashSet;

use crate::facts::Elsewhere;
use crate::render;
use crate::render::Resource;
use crate::source::Sources;
use crate::yaml::Node;

/// How much of one broken file is looked at, and how long a word may be to be the name of an object.
const MAX_TEXT: usize = 1 << 20;
const MAX_NAME: usize = 253;

/// How many sources of one Application are looked at.
const MAX_SOURCES: usize = 100;

/// What may be there though nobody has seen it.
#[derive(Default, Debug)]
pub(super) struct Unbuilt {
    /// The namespaces; none for all of them.
    namespaces: BTreeSet<Option<String>>,
    /// The words of files that could not be read to their end.
    words: HashSet<String>,
}

impl Elsewhere {
    /// Notes what could not be built of a target.
    pub fn add_unbuilt(&mut self, unbuilt: &render::Unbuilt, sources: &Sources) {
        self.unbuilt.namespaces.extend(unbuilt.namespaces.iter().cloned());
        for &source in &unbuilt.files {
            let text = sources.get(source).text();
            let text = &text[..text.floor_char_boundary(MAX_TEXT)];
            let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || "-.".contains(char)));
            let names = words.filter(|word| (1..=MAX_NAME).contains(&word.len()));
            self.unbuilt.words.extend(names.map(str::to_owned));
        }
    }

    /// Notes the namespace that a resource fills with what is not written in this repository, if it does.
    pub(super) fn add_deployed(&mut self, resource: &Resource) {
        self.unbuilt.namespaces.extend(deployed_by(resource).map(|Filled(namespace)| namespace));
    }

    /// Whether something of this name, in this namespace or in none at all, may be part of what was not built.
    pub(super) fn may_be_unbuilt(&self, namespace: Option<&str>, name: &str) -> bool {
        self.may_be_filled(namespace) || self.unbuilt.words.contains(name)
    }

    /// Whether what was not built may fill this namespace.
    pub(super) fn may_be_filled(&self, namespace: Option<&str>) -> bool {
        let is_any = namespace.is_none() && !self.unbuilt.namespaces.is_empty();
        let has = |namespace: Option<&str>| self.unbuilt.namespaces.contains(&namespace.map(str::to_owned));
        is_any || has(None) || has(namespace)
    }
}

/// A namespace that is filled; none for any.
struct Filled(Option<String>);

/// The namespace that a resource fills, if with what this repository does not have.
fn deployed_by(resource: &Resource) -> Option<Filled> {
    let id = &resource.id;
    let spec = resource.node().get("spec")?;
    match (id.group(), id.kind.as_str()) {
        ("helm.toolkit.fluxcd.io", "HelmRelease") => {
            Some(Filled(spec.get("targetNamespace").map_or_else(|| id.namespace.clone(), written)))
        }
        ("helm.cattle.io", "HelmChart") => {
            Some(Filled(spec.get("targetNamespace").map_or_else(|| Some("default".to_owned()), written)))
        }
        ("operators.coreos.com", "Subscription") => Some(Filled(id.namespace.clone())),
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
            (!is_here(resource, spec.get("path")?)).then(|| Filled(spec.get("targetNamespace").and_then(written)))
        }
        ("argoproj.io", "Application") => of_application(resource, spec),
        ("argoproj.io", "ApplicationSet") => of_application(resource, spec.at_path(&["template", "spec"])?),
        _ => None,
    }
}

/// Where an Application deploys to, if a chart or another repository.
fn of_application(resource: &Resource, spec: Node<'_>) -> Option<Filled> {
    let several = spec.get("sources").into_iter().flat_map(Node::items).take(MAX_SOURCES);
    let mut sources = spec.get("source").into_iter().chain(several);
    let is_away = |source: Node<'_>| {
        source.get("chart").is_some() || source.get("path").is_some_and(|path| !is_here(resource, path))
    };
    sources.any(is_away).then(|| Filled(spec.at_path(&["destination", "namespace"]).and_then(written)))
}

/// Whether a path leads into this repository, or may do so once a variable in it is filled in.
fn is_here(resource: &Resource, path: Node<'_>) -> bool {
    let text = path.text().trim_start_matches("./").trim_matches('/');
    let is_open = path.is_unknown() || text.contains("{{") || text.contains('$');
    is_open || text.is_empty() || text == "." || resource.node().tree().sources().locate(text).is_ok()
}

/// A namespace as it is written; none if a variable stands for it.
fn written(namespace: Node<'_>) -> Option<String> {
    let text = namespace.text();
    let is_known = !namespace.is_unknown() && !text.is_empty() && !text.contains("{{");
    is_known.then(|| text.to_owned())
}
