//! What a file is, by its name and its content, before anybody asks who uses it.

use crate::config;
use crate::diagnostic::Diagnostic;
use crate::discover::FileKind;
use crate::discover::look;
use crate::discover::look::Look;
use crate::discover::names;
use crate::discover::paths;
use crate::kube::ResourceId;
use crate::kube::pod_path;
use crate::kustomization;
use crate::kustomization::Kustomization;
use crate::source::ReadProblem;
use crate::yaml::Files;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Parsed;

/// What became of the look at one file.
pub(super) struct Seen {
    pub(super) kind: FileKind,
    pub(super) standing: Standing,
    /// The resources of a manifest, each id once.
    pub(super) ids: Vec<ResourceId>,
    /// Why it could not be read or parsed. This counts only if no target uses the file: who builds
    /// a target says what is wrong with its files.
    pub(super) problems: Vec<Diagnostic>,
}

/// What becomes of a file that nothing refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// It can be applied as it is.
    Deployable,
    /// It is meant for a cluster, but can't be applied as it is.
    Orphan,
    /// It is not meant for a cluster.
    Unrelated,
    /// It could not be read.
    Failed,
}

/// What a file lies among.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Surroundings {
    /// Parts of objects: its own name or that of a folder says so.
    Parts,
    /// A kustomization is beside it, which may have used it once or be about to.
    Kustomization,
    /// Nothing that gives a reason to keep only a part of an object.
    Plain,
}

impl Seen {
    fn new(kind: FileKind, standing: Standing) -> Self {
        Self { kind, standing, ids: Vec::new(), problems: Vec::new() }
    }
}

/// Looks at the file at `path`, and parses it if it may be of ours. What it lies among decides
/// whether a workload that can't be applied is a patch, or a manifest that is to be found broken.
pub(super) fn classify(files: &Files, path: &str, around: Surroundings) -> Seen {
    let seen = by_content(files, path, around);
    // A name alone must not hide a manifest.
    if seen.standing == Standing::Unrelated && names::is_workflow(path) {
        return Seen::new(FileKind::Workflow, Standing::Unrelated);
    }
    seen
}

fn by_content(files: &Files, path: &str, around: Surroundings) -> Seen {
    if config::FILE_NAMES.contains(&path) {
        return Seen::new(FileKind::Config, Standing::Unrelated);
    }
    let sources = files.sources();
    let (source, problem) = match sources.read(path) {
        Ok(source) => (source, None),
        Err(error) => (error.span.source, Some(error)),
    };
    let text = sources.get(source).text();
    let is_kustomization = kustomization::FILE_NAMES.contains(&paths::name(path));
    let look = if paths::is_json(path) { look::json(text) } else { look::yaml(text) };
    if let Some(error) = problem {
        // Bytes that are no text matter only where the rest looks like ours.
        if matches!(error.problem, ReadProblem::NotText) && look != Look::Object && !is_kustomization {
            return Seen::new(FileKind::Other, Standing::Unrelated);
        }
        let problem = Diagnostic::from(error)
            .help("if this file is not meant for a cluster, leave it out with `exclude` in `plimsoll.yaml`");
        return Seen { problems: vec![problem], ..Seen::new(FileKind::Other, Standing::Failed) };
    }
    if look == Look::Other && !is_kustomization {
        let kind = if names::is_values(path) { FileKind::Values } else { FileKind::Other };
        return Seen::new(kind, Standing::Unrelated);
    }
    match files.parsed(path) {
        Ok(parsed) if is_kustomization => named_kustomization(&parsed, text),
        Ok(parsed) => content(&parsed, text, look, around),
        Err(problem) => Seen { problems: vec![*problem], ..Seen::new(FileKind::Other, Standing::Failed) },
    }
}

/// A file with the name of a kustomization. One that cannot be understood is one all the same, and
/// is reported by who builds it.
fn named_kustomization(parsed: &Parsed, text: &str) -> Seen {
    let kind = match Kustomization::of(parsed).map(Kustomization::kind) {
        Some(kustomization::Kind::Component) => FileKind::Component,
        Some(kustomization::Kind::Kustomization) => FileKind::Kustomization,
        None if !parsed.diagnostics.is_empty() && look::has_bare_action(text) => FileKind::Template,
        None => match content(parsed, text, Look::Object, Surroundings::Kustomization) {
            seen if seen.kind == FileKind::Manifest => return seen,
            _ => FileKind::Kustomization,
        },
    };
    Seen::new(kind, Standing::Orphan)
}

/// A parsed file with any other name.
fn content(parsed: &Parsed, text: &str, look: Look, around: Surroundings) -> Seen {
    let is_broken = !parsed.diagnostics.is_empty();
    if is_broken && look::has_bare_action(text) {
        return Seen::new(FileKind::Template, template_standing(look));
    }
    let roots = parsed.documents.iter().map(|document| parsed.tree.node(document.root));
    let documents: Vec<Document> = roots.map(|root| document(root, around)).collect();
    let any = |wanted: fn(&Document) -> bool| documents.iter().any(wanted);
    if is_template(&documents) {
        return Seen::new(FileKind::Template, template_standing(look));
    }
    let is_patch = |document: &Document| matches!(document, Document::Patch);
    // A Service, say, can't be told from a patch of one, so the name counts for the documents beside it too.
    let is_all_patch = around == Surroundings::Parts || documents.iter().all(is_patch);
    if any(is_patch) && is_all_patch || has_patch_directive(parsed, text) {
        return Seen::new(FileKind::Patch, Standing::Orphan);
    }
    if any(|document| matches!(document, Document::Objects(_) | Document::Patch)) {
        let mut seen = Seen::new(FileKind::Manifest, Standing::Deployable);
        seen.ids = documents.into_iter().flat_map(Document::ids).collect();
        seen.ids.sort_unstable();
        seen.ids.dedup();
        return seen;
    }
    if any(|document| matches!(document, Document::Nameless)) {
        return Seen::new(FileKind::Manifest, Standing::Orphan);
    }
    if is_broken && look == Look::Object {
        let problems = parsed.diagnostics.clone();
        return Seen { problems, ..Seen::new(FileKind::Other, Standing::Failed) };
    }
    Seen::new(FileKind::Other, Standing::Unrelated)
}

/// How many documents there are at least for each that is left of a template in what was rendered.
const RENDERED_FOR_EACH_LEFT: usize = 5;

/// Whether these are documents of a template. Charts print names now and then that nobody filled in: a few among many
/// that are plain do not make a template of a rendered stream, and can't be applied.
fn is_template(documents: &[Document]) -> bool {
    let left = documents.iter().filter(|document| matches!(document, Document::Template)).count();
    let plain = documents.iter().filter(|document| matches!(document, Document::Objects(_))).count();
    left > 0 && plain / RENDERED_FOR_EACH_LEFT < left
}

/// A template outside of any chart is not an error: somebody renders it before it is applied.
fn template_standing(look: Look) -> Standing {
    if look == Look::Object { Standing::Orphan } else { Standing::Unrelated }
}

/// What one document is.
enum Document {
    /// Resources: one, or the items of a list. Those without a name have no id.
    Objects(Vec<ResourceId>),
    Patch,
    Template,
    /// An object without any metadata, of an API that may be a cluster's or a program's own.
    Nameless,
    Other,
}

impl Document {
    fn ids(self) -> Vec<ResourceId> {
        match self {
            Self::Objects(ids) => ids,
            Self::Patch | Self::Template | Self::Nameless | Self::Other => Vec::new(),
        }
    }
}

fn document(root: Node<'_>, around: Surroundings) -> Document {
    match root.kind() {
        Kind::Mapping => object(root, around),
        Kind::Sequence if is_json_patch(root) => Document::Patch,
        Kind::Sequence | Kind::Scalar => Document::Other,
    }
}

fn object(root: Node<'_>, around: Surroundings) -> Document {
    let text = |path: &[&str]| root.at_path(path).map_or("", Node::text);
    let (api_version, kind) = (text(&["apiVersion"]), text(&["kind"]));
    let (name, namespace) = (text(&["metadata", "name"]), text(&["metadata", "namespace"]));
    if [api_version, kind, name, namespace].iter().any(|text| text.contains("{{")) {
        return Document::Template;
    }
    if names::is_setting_of_a_tool(api_version, kind) {
        return Document::Other;
    }
    if let Some(items) = root.get("items").filter(|items| kind.ends_with("List") && items.kind() == Kind::Sequence) {
        return Document::Objects(
            items.items().map(|item| object(item, Surroundings::Plain)).flat_map(Document::ids).collect(),
        );
    }
    let has_metadata = root.get("metadata").is_some_and(|metadata| metadata.kind() == Kind::Mapping);
    let words = [api_version, kind, name];
    let given = words.iter().filter(|text| !text.is_empty()).count();
    // One of the three may be forgotten, and must then be found missing rather than overlooked.
    if given < 2 {
        return Document::Other;
    }
    if !has_metadata && !is_builtin_group(api_version) {
        return if api_version.contains('.') { Document::Nameless } else { Document::Other };
    }
    let id = ResourceId {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
        name: name.to_owned(),
    };
    if is_partial_workload(root, &id, around) {
        return Document::Patch;
    }
    Document::Objects(if name.is_empty() { Vec::new() } else { vec![id] })
}

/// Whether objects of this apiVersion are Kubernetes' own, so that one without metadata is a mistake
/// in a manifest and not the settings of some other program.
fn is_builtin_group(api_version: &str) -> bool {
    match api_version.split_once('/') {
        Some((group, _)) => matches!(group, "apps" | "batch" | "autoscaling" | "policy") || group.ends_with(".k8s.io"),
        None => api_version == "v1",
    }
}

/// Whether a workload is meant to be merged into another. It can't be applied if no container has an image, or if the
/// selector is missing, but as that alone is also what a slip of the pen leaves, its place must speak for it.
fn is_partial_workload(root: Node<'_>, id: &ResourceId, around: Surroundings) -> bool {
    let Some(path) = pod_path(id.group(), &id.kind).filter(|_| around != Surroundings::Plain) else { return false };
    let pod = root.at_path(path).and_then(|template| template.get("spec"));
    let containers = || pod.and_then(|pod| pod.get("containers")).into_iter().flat_map(Node::items);
    let is_bare = |container: Node<'_>| container.get("image").is_none();
    let lacks_selector = id.group() == "apps" && root.at_path(&["spec", "selector"]).is_none();
    let lacks_enough = lacks_selector && (around == Surroundings::Parts || containers().any(is_bare));
    let refers_to_another = root.at_path(&["spec", "workloadRef"]).is_some();
    !refers_to_another && (lacks_enough || containers().all(is_bare))
}

fn is_json_patch(root: Node<'_>) -> bool {
    let mut items = root.items().peekable();
    items.peek().is_some() && items.all(|item| item.get("op").is_some() && item.get("path").is_some())
}

/// Keys that are instructions to a strategic merge. An API server takes them for unknown fields.
const DIRECTIVES: [&str; 4] = ["$patch", "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/"];

fn has_patch_directive(parsed: &Parsed, text: &str) -> bool {
    let is_directive = |text: &str| DIRECTIVES.iter().any(|directive| text.starts_with(directive));
    if !text.match_indices('$').any(|(at, _)| is_directive(&text[at..])) {
        return false;
    }
    let roots = parsed.documents.iter().map(|document| parsed.tree.node(document.root));
    roots.flat_map(Node::descendants).filter_map(Node::key).any(|key| is_directive(key.text()))
}
