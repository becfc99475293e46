//! Waits that are none put right: the init container stays what it is, and runs another script.
//!
//! It is edited where its command is written, be that a manifest or a patch, if all who use that file want the same.
//! Else a patch of a kustomization names it. kustomize puts the items of a list that a patch names first, so such a
//! patch names all init containers before it, too.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::discover::TargetKind;
use crate::fix::Built;
use crate::fix::Into;
use crate::fix::change::Change;
use crate::fix::change::Edit;
use crate::fix::change::Purpose;
use crate::fix::change::unused;
use crate::fix::container::Container;
use crate::fix::container::NAMESPACE;
use crate::fix::container::indented;
use crate::fix::container::namespace_fields;
use crate::fix::container::namespace_variable;
use crate::fix::container::plain;
use crate::fix::field;
use crate::fix::kustomization::Entry;
use crate::fix::patch;
use crate::fix::patch::Patch;
use crate::fix::patch::file_name;
use crate::fix::patch::strategic_merge;
use crate::fix::place::Origin;
use crate::fix::place::Placing;
use crate::fix::place::agreed;
use crate::fix::place::anywhere;
use crate::fix::script::script;
use crate::fix::workload::Mending;
use crate::fix::workload::Wait;
use crate::fix::workload::Workload;
use crate::kube::is_known_to_kustomize;
use crate::kube::pod_path;
use crate::model::Pod;
use crate::yaml::Node;

/// The containers by where their commands are written: one may be part of many targets.
pub(super) fn by_origin(built: &[Built], mendings: Vec<Mending>) -> BTreeMap<Origin, Vec<Mending>> {
    let mut origins: BTreeMap<Origin, Vec<Mending>> = BTreeMap::new();
    for mending in mendings {
        let Some(node) = container(built, &mending) else { continue };
        let written = node.get("command").or(node.get("args")).unwrap_or(node);
        origins.entry(Origin::of(written)).or_default().push(mending);
    }
    origins
}

fn container<'b>(built: &'b [Built], mending: &Mending) -> Option<Node<'b>> {
    let pod = Pod::of(&built[mending.user.target].resources[mending.user.resource])?;
    pod.containers().find(|container| container.name() == mending.container).map(|container| container.node)
}

/// The changes after which a container waits in all of its targets. `made` are those of others.
///
/// # Errors
/// When there is no place for them; says why.
pub(super) fn changes(
    placing: &Placing<'_>,
    origin: &Origin,
    mendings: &[Mending],
    made: &[Change],
) -> Result<Vec<Change>, String> {
    let kind = |mending: &Mending| &placing.built[mending.user.target].target.kind;
    if mendings.iter().any(|mending| matches!(kind(mending), TargetKind::Chart(_))) {
        return Err(
            "it is made by a chart, whose templates are not edited; `-o DIR` writes a patch for what it renders to"
                .to_owned(),
        );
    }
    if mendings.iter().any(|mending| matches!(kind(mending), TargetKind::Stream(_))) {
        return Err("it comes through a stream, which can't be edited".to_owned());
    }
    let is_patched = mendings.iter().all(|mending| matches!(kind(mending), TargetKind::Kustomization(_)));
    match in_place(placing, origin, mendings) {
        Ok(change) => Ok(vec![change]),
        Err(_) if is_patched => patches(placing, origin, mendings, made),
        Err(reason) => Err(reason),
    }
}

/// What a container runs and in which image.
struct Mended {
    script: String,
    image: Option<String>,
    /// Whether it has to be given the namespace of its pod.
    lacks_variable: bool,
    has_args: bool,
}

impl Mended {
    fn of(placing: &Placing<'_>, mending: &Mending, waits: &[Wait]) -> Self {
        let variable = mending.variable.as_deref().unwrap_or(NAMESPACE);
        let seconds = mending.user.time.each(1);
        Self {
            script: script(&waits.iter().collect::<Vec<_>>(), variable, seconds, placing.settings),
            image: mending.image.clone(),
            lacks_variable: mending.variable.is_none() && waits.iter().any(|wait| wait.namespace.is_none()),
            has_args: container(placing.built, mending).is_some_and(|node| node.get("args").is_some()),
        }
    }

    /// As fields of a block mapping.
    fn fields(&self) -> String {
        let mut text = String::new();
        if let Some(image) = &self.image {
            let _ = writeln!(text, "image: {}", plain(image));
        }
        text.push_str(&field::command(&self.script));
        if self.has_args {
            text.push_str("args: null\n");
        }
        if self.lacks_variable {
            let _ = write!(text, "env:\n{}", indented(&namespace_variable(), "  "));
        }
        text
    }
}

/// An edit of the very text.
fn in_place(placing: &Placing<'_>, origin: &Origin, mendings: &[Mending]) -> Result<Change, String> {
    let path = &origin.path;
    if placing.into == Into::Overlay {
        return Err("it is to be patched".to_owned());
    }
    let is_user = |target: &usize| mendings.iter().any(|mending| mending.user.target == *target);
    let is_built = |target: &usize| placing.layers.is_built_from(*target, &placing.built[*target], path);
    if placing.layers.is_used_beside(path) || !(0..placing.built.len()).filter(is_built).all(|target| is_user(&target))
    {
        return Err(format!("others are built from `{path}`, too: ask for the whole repository"));
    }
    let first = &mendings[0];
    let users: Vec<&Workload> = mendings.iter().map(|mending| &mending.user).collect();
    let is_alike = |other: &Mending| other.image == first.image && other.variable == first.variable;
    let mut waits =
        agreed(&users).filter(|_| mendings.iter().all(is_alike)).ok_or("its targets call different Services")?;
    let parsed = placing.files.parsed(path).map_err(|_| format!("`{path}` can't be read"))?;
    let source = placing.files.sources();
    let mut roots = parsed.documents.iter().map(|document| parsed.tree.node(document.root));
    let holds = |root: &Node<'_>| root.span().start <= origin.start && origin.start < root.span().end.max(last(*root));
    let root = roots.find(holds).ok_or("its text can't be found again")?;
    let mut nodes = root.descendants();
    let is_it = |node: &Node<'_>| {
        let is_key = node.is_keyed("command") || node.is_keyed("args");
        is_key && node.span().start == origin.start
    };
    let written = nodes.find(is_it).and_then(Node::parent).ok_or("its text can't be found again")?;
    let rendered = container(placing.built, first).ok_or("its text can't be found again")?;
    let is_here = |key: &str| match rendered.get(key) {
        None => true,
        Some(node) => {
            let own = written.get(key).map(|own| (path.as_str(), own.span().start));
            let origin = Origin::of(node);
            own == Some((origin.path.as_str(), origin.start))
        }
    };
    let keys = ["command", "args", "image"].into_iter().filter(|key| *key != "image" || first.image.is_some());
    if !keys.into_iter().all(is_here) {
        return Err("it is put together from several files".to_owned());
    }
    // What only a layer above knows has no place here.
    let is_told = root.at_path(&["metadata", "namespace"]).is_some();
    let through = placing.layers.through(first.user.target, path);
    if !is_told && through.first().is_some_and(|folder| !placing.layers.is_root(folder)) {
        waits = anywhere(&waits);
    }
    let mended = Mended::of(placing, first, &waits);
    let id = placing.files.sources().read(path).map_err(|_| format!("`{path}` can't be read"))?;
    let text = source.get(id).text();
    let more = if mended.lacks_variable { Some(namespace_variable()) } else { None };
    let image = mended.image.as_deref();
    let changed = field::rewritten(written, text, image, &mended.script, more.as_deref())?;
    let edit = |(range, text)| Edit::Replace { path: path.clone(), range, text };
    Ok(Change { edits: changed.into_iter().map(edit).collect(), purpose: purpose(mendings.iter(), waits) })
}

/// Where a node ends with all that is in it.
fn last(node: Node<'_>) -> u32 {
    node.descendants().map(|node| node.span().end).max().unwrap_or_default()
}

pub(super) fn purpose<'m>(mendings: impl Iterator<Item = &'m Mending>, waits: Vec<Wait>) -> Purpose {
    let (mut users, mut name) = (Vec::new(), String::new());
    for mending in mendings {
        users.push(mending.user.clone());
        name.clone_from(&mending.container);
    }
    Purpose::Mend { users, container: Container { name, text: String::new(), waits } }
}

/// Patches that name it, in as few kustomizations as there are different waits.
fn patches(
    placing: &Placing<'_>,
    origin: &Origin,
    mendings: &[Mending],
    made: &[Change],
) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    let mut left: Vec<&Mending> = mendings.iter().collect();
    while let Some(first) = left.first() {
        let users: Vec<&Workload> = left.iter().map(|mending| &mending.user).collect();
        let (folder, served) = placing.folder(origin, &first.user, &users)?;
        let is_served = |mending: &&Mending| {
            served.iter().any(|one| one.target == mending.user.target && one.resource == mending.user.resource)
        };
        let (own, others): (Vec<_>, Vec<_>) = left.into_iter().partition(is_served);
        left = others;
        let taken: Vec<Change> = made.iter().chain(&changes).cloned().collect();
        changes.push(patched(placing, &folder, &own, &taken)?);
    }
    Ok(changes)
}

fn patched(placing: &Placing<'_>, folder: &str, mendings: &[&Mending], made: &[Change]) -> Result<Change, String> {
    let first = mendings[0];
    let users: Vec<&Workload> = mendings.iter().map(|mending| &mending.user).collect();
    let is_alike = |other: &&Mending| other.image == first.image && other.variable == first.variable;
    let waits =
        agreed(&users).filter(|_| mendings.iter().all(is_alike)).ok_or("its targets call different Services")?;
    let resource = placing.resource(&first.user);
    let whole = Origin::of(resource.node());
    let parsed = placing.files.parsed(&whole.path).map_err(|_| "its file can't be read".to_owned())?;
    let mut documents = parsed.documents.iter().map(|document| parsed.tree.node(document.root));
    let object = documents
        .find(|root| root.span().start == whole.start)
        .ok_or("it is made while the target is built, and no file holds it")?;
    let is_told = object.at_path(&["metadata", "namespace"]).is_some();
    let waits = if is_told || placing.layers.is_root(folder) { waits } else { anywhere(&waits) };
    let Patch { text, target } = naming(placing, first, object, &waits)?;
    let own_name = object.at_path(&["metadata", "name"]).map_or("", Node::text);
    let kustomization = placing.layers.file(folder).ok_or("its kustomization can't be read")?.to_owned();
    let path = unused(placing.files, folder, &format!("{}-waits", file_name(own_name)), made);
    let entry = Entry { path: crate::discover::paths::name(&path).to_owned(), target };
    let edits = vec![Edit::Patch { kustomization, path, text, entry }];
    Ok(Change { edits, purpose: purpose(mendings.iter().copied(), waits) })
}

/// The patch that names the container in an object, as it is written where the patch applies.
///
/// # Errors
/// When the container is not there.
pub(super) fn naming(
    placing: &Placing<'_>,
    mending: &Mending,
    object: Node<'_>,
    waits: &[Wait],
) -> Result<Patch, String> {
    let mended = Mended::of(placing, mending, waits);
    let resource = placing.resource(&mending.user);
    let pod = Pod::of(resource).ok_or("it has no pod")?;
    let names: Vec<&str> = pod.spec.get("initContainers").into_iter().flat_map(Node::items).map(name).collect();
    let place = names.iter().position(|name| *name == mending.container).ok_or("its container is not there")?;
    let id = &resource.id;
    let pod_at = pod_path(id.group(), &id.kind).unwrap_or(&["spec", "template"]);
    if !is_known_to_kustomize(id.group(), id.version(), &id.kind) {
        let text = json_patch(pod_at, place, &mended, container(placing.built, mending));
        return Ok(Patch { text, target: Some(patch::target(object, resource)) });
    }
    let mut items = String::new();
    for before in &names[..place] {
        let _ = writeln!(items, "- name: {}", plain(before));
    }
    let fields = format!("name: {}\n{}", plain(&mending.container), mended.fields());
    let _ = write!(items, "- {}", &indented(&fields, "  ")[2..]);
    Ok(Patch { text: strategic_merge(object, pod_at, &items), target: None })
}

fn name(item: Node<'_>) -> &str {
    item.get_str("name").unwrap_or_default()
}

/// For kinds whose lists kustomize would replace.
fn json_patch(pod_at: &[&str], place: usize, mended: &Mended, container: Option<Node<'_>>) -> String {
    let has = |key: &str| container.is_some_and(|container| container.get(key).is_some());
    let mut path = String::new();
    for key in pod_at.iter().chain(&["spec", "initContainers"]) {
        let _ = write!(path, "/{key}");
    }
    let mut text = String::new();
    if let Some(image) = &mended.image {
        let _ = write!(text, "- op: add\n  path: {path}/{place}/image\n  value: {}\n", plain(image));
    }
    let command = field::command(&mended.script).replacen("command:", "value:", 1);
    let _ = write!(text, "- op: add\n  path: {path}/{place}/command\n{}", indented(&command, "  "));
    if mended.has_args {
        let _ = write!(text, "- op: remove\n  path: {path}/{place}/args\n");
    }
    if mended.lacks_variable {
        // The list is there, or it is made.
        let (at, value) = if has("env") { ("env/0", namespace_fields()) } else { ("env", namespace_variable()) };
        let value = format!("value:\n{}", indented(&value, "  "));
        let _ = write!(text, "- op: add\n  path: {path}/{place}/{at}\n{}", indented(&value, "  "));
    }
    text
}
