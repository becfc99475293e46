//! What was not built, or is deployed from somewhere else, and so may be what something refers to: the objects it would
//! have been built from if they are known, else the namespaces that it may fill, and the words of files that could not
//! be read.
//!
//! Of such a namespace nothing is said to be missing. Who runs pods or makes Services for a custom resource is the
//! affair of `operators`.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::facts::Elsewhere;
use crate::facts::operators::is_built_in;
use crate::kube::ResourceId;
use crate::kube::pod_path;
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
    /// Those of them that belong to targets of this repository which could not be built.
    of_targets: BTreeSet<Option<String>>,
    /// The words of files that could not be read to their end.
    words: HashSet<String>,
    /// The names of objects that were not built, with their namespaces, and those that get other names.
    names: HashMap<String, BTreeSet<Option<String>>>,
    renamed: BTreeSet<(String, Option<String>)>,
    /// The kinds of such objects.
    kinds: BTreeSet<(String, Option<String>)>,
    /// The namespaces of those that are, or have, pods.
    inhabited: BTreeSet<Option<String>>,
}

impl Elsewhere {
    /// Notes what could not be built of a target.
    pub fn add_unbuilt(&mut self, unbuilt: &render::Unbuilt, sources: &Sources) {
        self.unbuilt.namespaces.extend(unbuilt.namespaces.iter().cloned());
        self.unbuilt.of_targets.extend(unbuilt.namespaces.iter().cloned());
        for (id, is_renamed) in &unbuilt.objects {
            self.add_unbuilt_object(id, *is_renamed);
        }
        for &source in &unbuilt.files {
            let text = sources.get(source).text();
            let text = &text[..text.floor_char_boundary(MAX_TEXT)];
            let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || "-.".contains(char)));
            let names = words.filter(|word| (1..=MAX_NAME).contains(&word.len()));
            self.unbuilt.words.extend(names.map(str::to_owned));
        }
    }

    fn add_unbuilt_object(&mut self, id: &ResourceId, is_renamed: bool) {
        let namespace = || id.namespace.clone();
        // What a controller makes of a custom resource is not known here.
        if !is_built_in(id) && id.kind != "CustomResourceDefinition" {
            self.unbuilt.namespaces.insert(namespace());
        }
        if is_renamed {
            self.unbuilt.renamed.insert((id.name.clone(), namespace()));
        } else {
            self.unbuilt.names.entry(id.name.clone()).or_default().insert(namespace());
        }
        if pod_path(id.group(), &id.kind).is_some() {
            self.unbuilt.inhabited.insert(namespace());
        }
        self.unbuilt.kinds.insert((id.kind.clone(), namespace()));
    }

    /// Notes the namespace that a resource fills with what is not written in this repository, if it does.
    pub(super) fn add_deployed(&mut self, resource: &Resource) {
        self.unbuilt.namespaces.extend(deployed_by(resource).map(|Filled(namespace)| namespace));
    }

    /// Whether something of this name, in this namespace or in none at all, may be part of what was not built.
    pub(super) fn may_be_unbuilt(&self, namespace: Option<&str>, name: &str) -> bool {
        let is_near = |of: &Option<String>| ResourceId::may_share_namespace(namespace, of.as_deref());
        self.may_be_filled(namespace)
            || self.unbuilt.words.contains(name)
            || self.unbuilt.names.get(name).is_some_and(|namespaces| namespaces.iter().any(is_near))
            || self.unbuilt.renamed.iter().any(|(part, of)| name.contains(part.as_str()) && is_near(of))
    }

    /// Whether pods that may be in this namespace may be part of what was not built.
    pub(super) fn may_be_inhabited(&self, namespace: Option<&str>) -> bool {
        let is_near = |of: &Option<String>| ResourceId::may_share_namespace(namespace, of.as_deref());
        self.may_be_filled(namespace) || self.unbuilt.inhabited.iter().any(is_near)
    }

    /// Whether an object of this kind that may be in this namespace may be part of what was not built.
    pub(super) fn may_have_kind(&self, namespace: Option<&str>, kind: &str) -> bool {
        let is_it = |(own, of): &(String, Option<String>)| {
            own == kind && ResourceId::may_share_namespace(namespace, of.as_deref())
        };
        self.may_be_filled(namespace) || self.unbuilt.kinds.iter().any(is_it)
    }

    /// Whether something of this name may be part of a target of this repository that could not be built. What is
    /// deployed from elsewhere does not count.
    pub(super) fn may_be_unread(&self, namespace: Option<&str>, name: &str) -> bool {
        let targets = &self.unbuilt.of_targets;
        let is_any = !targets.is_empty() && (namespace.is_none() || targets.contains(&None));
        is_any || targets.contains(&namespace.map(str::to_owned)) || self.unbuilt.words.contains(name)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::facts::Elsewhere;
    use crate::facts::resources_of;
    use crate::source::Sources;

    /// Whether `shop` and `other` may be filled by an object of this kind, namespace and spec.
    fn fills(kind: &str, namespace: &str, spec: &str) -> [bool; 2] {
        let (version, kind) = kind.rsplit_once('/').unwrap();
        let metadata = format!("{{name: a, namespace: {namespace}}}");
        let text = format!("{{apiVersion: {version}, kind: {kind}, metadata: {metadata}, spec: {spec}}}");
        let mut elsewhere = Elsewhere::default();
        elsewhere.add(&resources_of(&Arc::new(Sources::in_memory()), &text));
        ["shop", "other"].map(|namespace| elsewhere.may_be_filled(Some(namespace)))
    }

    #[test]
    fn what_is_deployed_from_elsewhere_fills_its_namespace() {
        let release = "helm.toolkit.fluxcd.io/v2/HelmRelease";
        assert_eq!(fills(release, "shop", "{}"), [true, false]);
        assert_eq!(fills(release, "flux-system", "{targetNamespace: shop}"), [true, false]);
        assert_eq!(fills("operators.coreos.com/v1alpha1/Subscription", "shop", "{}"), [true, false]);
        assert_eq!(fills("helm.cattle.io/v1/HelmChart", "kube-system", "{targetNamespace: shop}"), [true, false]);
        let flux = "kustomize.toolkit.fluxcd.io/v1/Kustomization";
        assert_eq!(fills(flux, "flux-system", "{path: gone, targetNamespace: shop}"), [true, false]);
        assert_eq!(fills(flux, "flux-system", "{path: gone}"), [true, true]);
        let application = "argoproj.io/v1alpha1/Application";
        let chart = "sources: [{chart: web}], destination: {namespace: shop}";
        assert_eq!(fills(application, "argocd", &format!("{{{chart}}}")), [true, false]);
        let set = "argoproj.io/v1alpha1/ApplicationSet";
        assert_eq!(fills(set, "argocd", &format!("{{template: {{spec: {{{chart}}}}}}}")), [true, false]);
        let any = "{template: {spec: {source: {chart: web}, destination: {namespace: '{{name}}'}}}}";
        assert_eq!(fills(set, "argocd", any), [true, true]);
    }

    #[test]
    fn what_is_deployed_from_here_is_known() {
        let application = "argoproj.io/v1alpha1/Application";
        assert_eq!(fills(application, "argocd", "{source: {path: .}, destination: {namespace: shop}}"), [false; 2]);
        assert_eq!(fills("kustomize.toolkit.fluxcd.io/v1/Kustomization", "flux-system", "{path: ./}"), [false; 2]);
        assert_eq!(fills("v1/ConfigMap", "shop", "{}"), [false; 2]);
    }
}
