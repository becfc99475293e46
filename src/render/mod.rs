//! From a target to its resources: what would be sent to the API server, each field knowing where it
//! was written. How a resource was made does not matter to anyone below.

mod account;
mod event;
mod plain;
mod helm;
mod chart;
mod unbuilt;
pub mod kustomize;

pub use account::Account;
pub use account::Away;
pub use account::Dropped;
pub use event::EVENTS;
pub use kustomize::Bases;
pub use kustomize::Options as KustomizeOptions;
pub use kustomize::Order;
pub use unbuilt::Unbuilt;

use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::discover::Target;
use crate::discover::TargetKind;
use crate::discover::paths;
use crate::kube::ResourceId;
use crate::source::Span;
use crate::yaml::Files;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// One object of a target.
#[derive(Clone, Debug)]
pub struct Resource {
    /// What tells it from the others.
    pub id: ResourceId,
    tree: Arc<Tree>,
    root: NodeId,
}

impl Resource {
    /// The object.
    pub fn node(&self) -> Node<'_> {
        self.tree.node(self.root)
    }
}

/// What building a target gave. Resources are there even if parts of the target could not be built.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The objects, in the order of the build.
    pub resources: Vec<Resource>,
    /// What happened on the way, as objects in which `event` is one of [`EVENTS`].
    pub events: Vec<Resource>,
    /// What the resources do not show of how they were made.
    pub account: Account,
    /// What went wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// What is not there because of that.
    pub unbuilt: Unbuilt,
}

/// What may be done to build a target.
#[derive(Clone, Default, Debug)]
pub struct Options {
    /// Whether the `helm` program may be run.
    pub allow_helm: bool,
    /// Where clones of remote bases are kept; none for not fetching any.
    pub remote_cache: Option<PathBuf>,
    /// How kustomizations are built.
    pub kustomize: KustomizeOptions,
}

/// Builds a target.
pub fn render(target: &Target, files: &Files, options: &Options, bases: &Bases) -> Rendered {
    let mut rendered = match &target.kind {
        TargetKind::Manifests(paths) => plain::manifests(paths, files),
        TargetKind::Stream(source) => plain::stream(chart::with_origins(*source, files), files),
        TargetKind::Kustomization(path) => {
            let asked = KustomizeOptions { allow_helm: options.allow_helm, ..options.kustomize };
            kustomize::build(paths::folder(path), files, asked, bases)
        }
        TargetKind::Chart(folder) => chart::build(folder, files, options.allow_helm),
    };
    rendered.unbuilt = unbuilt::of(target, &rendered, files);
    rendered
}

/// Builds the kustomization in a folder, which is named relative to the root.
pub fn kustomization(folder: &str, files: &Files, options: KustomizeOptions, bases: &Bases) -> Rendered {
    kustomize::build(folder, files, options, bases)
}

/// What to do about a kustomization that is not built here.
const PIPE_IT_IN: &str = "pipe the built target in: `kustomize build DIR | plimsoll check -`";

/// The items of an object that is a list of others, such as `v1/List`.
fn items_of_list<'a>(object: Node<'a>, id: &ResourceId) -> Option<Node<'a>> {
    object.get("items").filter(|items| id.kind.ends_with("List") && items.kind() == Kind::Sequence)
}

/// The identity that an object says it has, if it is one.
fn resource_id(object: Node<'_>) -> Result<ResourceId, Box<Diagnostic>> {
    let complain = |span: Span, message: String| Err(Box::new(Diagnostic::error("not-a-resource", span, message)));
    if object.kind() != Kind::Mapping {
        return complain(object.span(), "this document is not a Kubernetes object: it is not a mapping".to_owned());
    }
    let first = object.fields().next().map_or(object.span(), |(key, _)| key.span());
    let field = |name: &str| match object.get(name) {
        None => Err((first, format!("this object has no `{name}`"))),
        Some(node) => node.as_str().filter(|text| !text.is_empty()).ok_or_else(|| {
            let span = node.key().filter(|_| node.span().is_empty()).unwrap_or(node).span();
            (span, format!("the `{name}` of an object must be a text"))
        }),
    };
    let (api_version, kind) = match (field("apiVersion"), field("kind")) {
        (Ok(api_version), Ok(kind)) => (api_version, kind),
        (Err((span, message)), _) | (_, Err((span, message))) => return complain(span, message),
    };
    let metadata = object.get("metadata");
    let name = metadata.and_then(|metadata| metadata.get("name").or_else(|| metadata.get("generateName")));
    let namespace = metadata.and_then(|metadata| metadata.get("namespace")).map(Node::text);
    Ok(ResourceId {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.filter(|namespace| !namespace.is_empty()).map(str::to_owned),
        name: name.map_or("", Node::text).to_owned(),
    })
}
