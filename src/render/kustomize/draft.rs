//! A resource on its way through a build: where it is in the tree, what it was called before, and what
//! kustomize itself keeps in annotations. Not what is done to it.

use crate::kube::ResourceId;
use crate::kube::is_cluster_scoped_for_kustomize;
use crate::render::kustomize::origin::Origin;
use crate::render::kustomize::texts::make_texts;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// The namespace that an object without one is in.
pub(super) const DEFAULT_NAMESPACE: &str = "default";

/// What every object that lives outside namespaces shares in place of one.
const NO_NAMESPACE: &str = "_non_namespaceable_";

/// One resource of a build.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The object.
    pub(super) root: NodeId,
    /// What it was called before each change of its name, namespace or kind, the first one first.
    pub(super) former: Vec<Former>,
    /// The prefixes and suffixes that its name was given, the first one first.
    pub(super) prefixes: Vec<String>,
    pub(super) suffixes: Vec<String>,
    /// Who generated it, if its name is still to get a hash of its content.
    pub(super) hash: Option<Span>,
    /// Whether a generator has made it.
    pub(super) is_generated: bool,
    /// Whether helm has, which then is the one to set its namespace.
    pub(super) by_helm: bool,
    /// The names of the vars that read a field of it.
    pub(super) vars: Vec<String>,
    /// Where it came from and who changed it, if the build is asked to say so.
    pub(super) origin: Option<Origin>,
    pub(super) transformations: Vec<Origin>,
    /// How many groups of its labels or annotations are tied to each other.
    pub(super) ties: u8,
}

/// What a resource was called once. Its group and version are those it has now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Former {
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
}

/// What tells a resource from the others, as kustomize sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Id<'a> {
    pub(super) group: &'a str,
    pub(super) version: &'a str,
    pub(super) kind: &'a str,
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
}

impl Draft {
    /// A resource that nothing has been done to.
    pub(super) fn new(root: NodeId) -> Self {
        Self {
            root,
            former: Vec::new(),
            ties: 0,
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            hash: None,
            is_generated: false,
            by_helm: false,
            vars: Vec::new(),
            origin: None,
            transformations: Vec::new(),
        }
    }

    /// What it is called now.
    pub(super) fn id<'t>(&self, tree: &'t Tree) -> Id<'t> {
        Id::of(tree.node(self.root))
    }

    /// What it was called before, the first id first.
    pub(super) fn former_ids<'t>(&'t self, tree: &'t Tree) -> impl Iterator<Item = Id<'t>> {
        self.former_of(self.id(tree))
    }

    /// The same for a resource that is known to be called `id` now.
    fn former_of<'t>(&'t self, id: Id<'t>) -> impl Iterator<Item = Id<'t>> {
        self.former.iter().map(move |Former { kind, namespace, name }| Id { kind, namespace, name, ..id })
    }

    /// What a resource that is called `id` now was called at first.
    pub(super) fn first_of<'t>(&'t self, id: Id<'t>) -> Id<'t> {
        self.former_of(id).next().unwrap_or(id)
    }

    /// What it was called at first.
    pub(super) fn first_id<'t>(&'t self, tree: &'t Tree) -> Id<'t> {
        self.first_of(self.id(tree))
    }

    /// Everything it was ever called, the present id last.
    pub(super) fn ids<'t>(&'t self, tree: &'t Tree) -> impl Iterator<Item = Id<'t>> {
        let id = self.id(tree);
        self.former_of(id).chain(std::iter::once(id))
    }

    /// Whether kustomize would have notes of its own in its annotations.
    pub(super) fn has_notes(&self) -> bool {
        !self.former.is_empty() || self.hash.is_some() || self.is_generated || self.by_helm || self.origin.is_some()
    }

    /// Remembers what it is called, because that is about to change.
    pub(super) fn remember(&mut self, tree: &Tree) {
        self.remember_as(self.id(tree));
    }

    /// The same for a resource that is known to be called `id` now.
    pub(super) fn remember_as(&mut self, id: Id<'_>) {
        let former = Former {
            kind: id.kind.to_owned(),
            namespace: id.effective_namespace().to_owned(),
            name: id.name.to_owned(),
        };
        self.former.push(former);
    }

    /// Does to the annotations what kustomize does when it notes in them who changed the resource: it writes all of
    /// them anew.
    pub(super) fn rewrite_annotations(&self, tree: &mut Tree) {
        let Some(annotations) = tree.node(self.root).at_path(&["metadata", "annotations"]).map(Node::id) else {
            return;
        };
        if self.ties > 0 {
            tree.untie(annotations);
        }
        make_texts(tree, annotations);
    }
}

impl<'a> Id<'a> {
    /// The id of an object.
    pub(super) fn of(object: Node<'a>) -> Self {
        let (mut id, metadata) = Self::with_metadata(object);
        for value in metadata.into_iter().flat_map(Node::children) {
            if value.is_keyed("name") {
                id.name = value.text();
            } else if value.is_keyed("namespace") {
                id.namespace = value.text();
            }
        }
        id
    }

    /// The id of an object without namespace and name, which is quicker where only the kind matters.
    pub(super) fn of_kind(object: Node<'a>) -> Self {
        Self::with_metadata(object).0
    }

    /// The id of an object as far as `metadata` does not say it, and that.
    fn with_metadata(object: Node<'a>) -> (Self, Option<Node<'a>>) {
        // Ids are asked for all the time, so every field is looked at once, and most keys only for their length. Of
        // repeated ones the last counts.
        let (mut api_version, mut kind, mut metadata) = ("", "", None);
        for value in object.children() {
            if value.is_keyed("kind") {
                kind = value.text();
            } else if value.is_keyed("metadata") {
                metadata = Some(value);
            } else if value.is_keyed("apiVersion") {
                api_version = value.text();
            }
        }
        let (group, version) = group_and_version(api_version);
        (Self { group, version, kind, namespace: "", name: "" }, metadata)
    }

    /// Whether objects of its kind live outside namespaces. What kustomize doesn't know lives in one.
    pub(super) fn is_cluster_scoped(self) -> bool {
        is_cluster_scoped_for_kustomize(self.group, self.version, self.kind)
    }

    /// The namespace that counts: none is `default`, and what lives outside of them shares one of its own.
    pub(super) fn effective_namespace(self) -> &'a str {
        match self.namespace {
            _ if self.is_cluster_scoped() => NO_NAMESPACE,
            "" => DEFAULT_NAMESPACE,
            namespace => namespace,
        }
    }

    /// Whether this is what `id` says, word by word.
    pub(super) fn is_called(self, id: &ResourceId) -> bool {
        (self.group, self.version) == group_and_version(&id.api_version)
            && self.kind == id.kind
            && self.name == id.name
            && self.namespace == id.namespace.as_deref().unwrap_or_default()
    }

    /// Whether both name the same kind, in the same version.
    pub(super) fn is_same_kind(self, other: Self) -> bool {
        (self.group, self.version, self.kind) == (other.group, other.version, other.kind)
    }

    /// Whether both name the same resource.
    pub(super) fn is_same(self, other: Self) -> bool {
        self.name == other.name && self.is_same_kind(other) && self.effective_namespace() == other.effective_namespace()
    }
}

/// `apps/v1` as `apps` and `v1`, `v1` as the core group and `v1`.
pub(super) fn group_and_version(api_version: &str) -> (&str, &str) {
    // In so short a text, looking at each byte is the quickest.
    match api_version.bytes().position(|byte| byte == b'/') {
        Some(slash) => (&api_version[..slash], &api_version[slash + 1..]),
        None => ("", api_version),
    }
}

impl From<Id<'_>> for ResourceId {
    fn from(id: Id<'_>) -> Self {
        let api_version =
            if id.group.is_empty() { id.version.to_owned() } else { format!("{}/{}", id.group, id.version) };
        Self {
            api_version,
            kind: id.kind.to_owned(),
            namespace: (!id.namespace.is_empty()).then(|| id.namespace.to_owned()),
            name: id.name.to_owned(),
        }
    }
}

impl std::fmt::Display for Id<'_> {
    /// `Deployment shop/web`, or `Deployment web` where no namespace is written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, namespace, name, .. } = self;
        if namespace.is_empty() || self.is_cluster_scoped() {
            write!(f, "{kind} {name}")
        } else {
            write!(f, "{kind} {namespace}/{name}")
        }
    }
}
