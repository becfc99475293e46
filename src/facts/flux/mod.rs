//! Flux: which Kustomization deploys a target, what it is applied after, and what it fills in. And Argo CD, where it
//! does the same: who puts back what is deleted.
//!
//! Facts of a Flux Kustomization or HelmRelease: `dependsOn`, in `order`. Facts of a pod: `filledIn`, in `filling`, and
//! of a Job `restored`, with `kind` and `name` of what makes it again. What Flux does is from its documentation and
//! the source of `kustomize-controller`.

mod order;
mod filling;

pub(super) use filling::infer as infer_filled;
pub(super) use order::infer as infer_order;

use std::collections::BTreeMap;

use crate::discover::paths;
use crate::facts::Elsewhere;
use crate::facts::book::Book;
use crate::facts::surroundings::Surroundings;
use crate::kube::ResourceId;
use crate::kustomization::FILE_NAMES;
use crate::render::Resource;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;

/// What one Kustomization or HelmRelease says, as far as it can be known.
#[derive(Debug)]
pub(super) struct Layer {
    kind: &'static str,
    namespace: Option<String>,
    pub(super) name: String,
    /// The folder it deploys; none of a HelmRelease.
    folder: Option<String>,
    /// Whether it puts back what somebody deletes.
    restores: bool,
    /// Whether it is only ready once what it deploys is.
    waits: bool,
    /// What it fills in; none if nothing.
    filling: Option<Filling>,
    depends: Vec<(Option<String>, String)>,
    /// Where its name is written: the same object may be part of several targets.
    at: Span,
}

/// The variables of a Kustomization.
#[derive(Debug)]
pub(super) struct Filling {
    /// Those that it names itself.
    variables: Vec<String>,
    /// Whether it takes more of them from objects.
    takes_more: bool,
}

/// How far the namespace of a dependency is known.
enum Space {
    Unknown,
    /// None if the object names none either.
    Known(Option<String>),
}

impl Space {
    fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// The namespace, if one is known.
    fn name(&self) -> Option<&str> {
        match self {
            Self::Unknown => None,
            Self::Known(namespace) => namespace.as_deref(),
        }
    }
}

/// The layers of all targets, and where each Service is deployed from.
#[derive(Default, Debug)]
pub(super) struct Layers {
    all: Vec<Layer>,
    by_name: BTreeMap<(&'static str, String), Vec<usize>>,
    /// The Services by name, with the namespace and the folder that has to be deployed for each.
    services: BTreeMap<String, Vec<(Option<String>, String)>>,
}

const KUSTOMIZATION: &str = "Kustomization";
const APPLICATION: &str = "Application";

/// How many layers of one name are looked at, and how far dependencies are followed.
const MAX_ALIKE: usize = 50;
const MAX_DEPTH: usize = 1_000;

impl Elsewhere {
    /// Notes what the Flux objects of a target say about others, and which Services are in it.
    pub fn add_layers(&mut self, target: &str, resources: &[Resource]) {
        for resource in resources {
            if resource.id.kind == "Service" && resource.id.group().is_empty() {
                let place = (resource.id.namespace.clone(), place(target, resource));
                self.layers.services.entry(resource.id.name.clone()).or_default().push(place);
            }
            let Some(layer) = Layer::of(resource) else { continue };
            let key = (layer.kind, layer.name.clone());
            let alike = self.layers.by_name.entry(key).or_default();
            if alike.len() < MAX_ALIKE && !alike.iter().any(|known| self.layers.all[*known].at == layer.at) {
                alike.push(self.layers.all.len());
                self.layers.all.push(layer);
            }
        }
    }
}

impl Layer {
    fn of(resource: &Resource) -> Option<Self> {
        let id = &resource.id;
        let kind =
            kind_of(id).or_else(|| (id.group() == "argoproj.io" && id.kind == APPLICATION).then_some(APPLICATION))?;
        let spec = resource.node().get("spec")?;
        let path = spec.get("path").or_else(|| spec.at_path(&["source", "path"]));
        let heals = spec.at_path(&["syncPolicy", "automated", "selfHeal"]).and_then(Node::scalar);
        let name = resource.node().at_path(&["metadata", "name"]).filter(|name| !name.is_unknown())?;
        let is_true = |field: &str| spec.get(field).and_then(Node::scalar) == Some(Scalar::Bool(true));
        let has_any = |field: &str| spec.get(field).is_some_and(|list| list.items().next().is_some());
        let fields = |path: &[&str]| spec.at_path(path).into_iter().flat_map(Node::fields);
        let variables: Vec<String> =
            fields(&["postBuild", "substitute"]).map(|(key, _)| key.text().to_owned()).collect();
        let from = spec.at_path(&["postBuild", "substituteFrom"]).into_iter().flat_map(Node::items);
        let is_sure = |source: &Node<'_>| source.get("optional").and_then(Node::scalar) != Some(Scalar::Bool(true));
        let (sure, others): (Vec<_>, Vec<_>) = from.partition(is_sure);
        let takes_more = !sure.is_empty() || !others.is_empty();
        Some(Self {
            kind,
            namespace: id.namespace.clone(),
            name: name.text().to_owned(),
            restores: kind == KUSTOMIZATION || (kind == APPLICATION && heals == Some(Scalar::Bool(true))),
            folder: path.filter(|path| !path.is_unknown()).and_then(|path| folder(spec, path.text())),
            waits: is_true("wait") || has_any("healthChecks"),
            filling: (!variables.is_empty() || !sure.is_empty()).then_some(Filling { variables, takes_more }),
            depends: dependencies(resource).filter_map(On::into_known).collect(),
            at: name.span(),
        })
    }
}

/// One entry of `dependsOn`.
struct On<'a> {
    name: Node<'a>,
    /// The namespace that is meant.
    namespace: Space,
}

impl On<'_> {
    fn into_known(self) -> Option<(Option<String>, String)> {
        let name = self.name.text().to_owned();
        match self.namespace {
            Space::Unknown => None,
            Space::Known(namespace) => Some((namespace, name)),
        }
    }
}

fn dependencies(resource: &Resource) -> impl Iterator<Item = On<'_>> {
    let list = resource.node().at_path(&["spec", "dependsOn"]).into_iter().flat_map(Node::items);
    list.filter_map(|item| {
        let name = item.get("name")?;
        let namespace = match item.get("namespace") {
            _ if name.is_unknown() => Space::Unknown,
            Some(namespace) if namespace.is_unknown() => Space::Unknown,
            Some(namespace) => Space::Known(Some(namespace.text().to_owned())),
            None => Space::Known(resource.id.namespace.clone()),
        };
        Some(On { name, namespace })
    })
}

fn kind_of(id: &ResourceId) -> Option<&'static str> {
    match (id.group(), id.kind.as_str()) {
        ("kustomize.toolkit.fluxcd.io", KUSTOMIZATION) => Some(KUSTOMIZATION),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => Some("HelmRelease"),
        _ => None,
    }
}

/// The folder of this repository that a path leads to, if it is one. Whether a source is this very repository nobody
/// says; a path that is more than its root is taken for one of it, since only then it matters.
fn folder(spec: Node<'_>, path: &str) -> Option<String> {
    let source = spec.get("sourceRef");
    let is_git = source.is_none_or(|source| source.get("kind").is_none_or(|kind| kind.is_text("GitRepository")));
    let folder = paths::join("", path.trim_start_matches('/')).filter(|_| is_git && !path.contains("{{"))?;
    let is_main = source.and_then(|source| source.get("name")).is_some_and(|name| name.is_text("flux-system"));
    (!folder.is_empty() || is_main).then_some(folder)
}

/// The folder that has to be deployed for a resource of a target: that of the target's kustomization, or of the file
/// if nobody builds from it.
fn place(target: &str, resource: &Resource) -> String {
    let folder = if target == "." { "" } else { target };
    let node = resource.node();
    let sources = node.tree().sources();
    if has_kustomization(sources, folder) {
        return folder.to_owned();
    }
    paths::folder(sources.get(node.span().source).path()).to_owned()
}

fn has_kustomization(sources: &Sources, folder: &str) -> bool {
    FILE_NAMES.iter().any(|name| sources.locate(&paths::inside(folder, name)).is_ok())
}

/// Writes down who makes a Job again that was deleted, such as by its own time to live.
pub(super) fn infer_restored(around: &Surroundings<'_>, resource: &Resource, book: &mut Book, facts: NodeId) {
    const HOOKS: [&str; 3] = ["argocd.argoproj.io/hook", "helm.sh/hook", "kustomize.toolkit.fluxcd.io/reconcile"];
    let annotations = resource.node().at_path(&["metadata", "annotations"]);
    let is_hook = annotations.is_some_and(|annotations| HOOKS.iter().any(|hook| annotations.get(hook).is_some()));
    if resource.id.kind != "Job" || is_hook {
        return;
    }
    let place = place(around.target, resource);
    let of = |kind| deploying(around, kind, &place).into_iter().find(|layer| layer.restores);
    if let Some(layer) = of(KUSTOMIZATION).or_else(|| of(APPLICATION)) {
        let item = book.field(facts, "restored", resource.node());
        book.text(item, "kind", if layer.kind == APPLICATION { "Application" } else { "Flux Kustomization" });
        book.text(item, "name", &layer.name);
    }
}

/// The layers of a kind that deploy a folder: those of its own, or of one above that has no kustomization and so takes
/// all that is below it.
fn deploying<'a>(around: &'a Surroundings<'_>, kind: &str, folder: &str) -> Vec<&'a Layer> {
    let layers = &around.elsewhere.layers.all;
    let Some(sources) = around.resources.first().map(|resource| resource.node().tree().sources()) else {
        return Vec::new();
    };
    let is_it = |layer: &&Layer, folder: &str| layer.kind == kind && layer.folder.as_deref() == Some(folder);
    let of = |folder: &str| layers.iter().filter(|layer| is_it(layer, folder)).collect::<Vec<_>>();
    let own = of(folder);
    if layers.is_empty() || !own.is_empty() {
        return own;
    }
    // What begins with a dot is for other tools.
    let is_hidden = folder.split('/').any(|part| part.starts_with('.'));
    let above = paths::ancestors(folder).filter(|_| !is_hidden).take_while(|above| !has_kustomization(sources, above));
    above.map(of).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The only layer of a kind and name that may be in a namespace, if there is just one.
fn only<'a>(layers: &'a Layers, kind: &'static str, namespace: Option<&str>, name: &str) -> Option<&'a Layer> {
    let alike = layers.by_name.get(&(kind, name.to_owned())).into_iter().flatten();
    let mut near = alike
        .map(|index| &layers.all[*index])
        .filter(|layer| ResourceId::may_share_namespace(namespace, layer.namespace.as_deref()));
    let first = near.next()?;
    near.next().is_none().then_some(first)
}

/// The layer of a Service that a resource waits for and that is in another target, and the layer of the resource, if
/// the former is only applied once the latter is ready.
pub(super) fn applied_after<'a>(
    around: &'a Surroundings<'_>,
    resource: &Resource,
    namespace: &str,
    service: &str,
) -> Option<(&'a Layer, &'a Layer)> {
    let layers = &around.elsewhere.layers;
    let mut places = layers.services.get(service)?.iter().filter(|(of, _)| of.as_deref() == Some(namespace));
    let (_, theirs) = places.next()?;
    // Of several, one may be there already.
    if places.any(|(_, other)| other != theirs) {
        return None;
    }
    let [theirs] = deploying(around, KUSTOMIZATION, theirs)[..] else { return None };
    let [own] = deploying(around, KUSTOMIZATION, &place(around.target, resource))[..] else { return None };
    (own.waits && own.at != theirs.at && order::leads_to(layers, theirs, own)).then_some((theirs, own))
}
