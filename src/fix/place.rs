//! In which file waits belong: in the manifest itself if it is deployed as it is, else in a patch of one of the
//! kustomizations that it goes through.
//!
//! A patch goes where a person would put it: as near to the manifest as every target that uses the place has the same
//! waits. Where targets call the Service by other names or in other namespaces, each gets its own.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::discover::TargetKind;
use crate::discover::paths;
use crate::fix::Built;
use crate::fix::Into;
use crate::fix::Refused;
use crate::fix::Settings;
use crate::fix::change::Change;
use crate::fix::change::Edit;
use crate::fix::change::Purpose;
use crate::fix::change::unused;
use crate::fix::container::Container;
use crate::fix::container::containers;
use crate::fix::kustomization::Entry;
use crate::fix::layers::Layers;
use crate::fix::manifest;
use crate::fix::patch;
use crate::fix::patch::file_name;
use crate::fix::workload::Time;
use crate::fix::workload::Wait;
use crate::fix::workload::Workload;
use crate::kube::is_known_to_kustomize;
use crate::kube::pod_path;
use crate::model::Pod;
use crate::render::Resource;
use crate::source::Span;
use crate::yaml::Files;
use crate::yaml::Node;

/// Where a workload was written: a file, and the byte at which its document begins; or a part of one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Origin {
    pub(super) path: String,
    pub(super) start: u32,
}

/// The workloads by where they were written: one manifest may be part of many targets.
pub(super) fn by_origin(built: &[Built], workloads: Vec<Workload>) -> BTreeMap<Origin, Vec<Workload>> {
    let mut origins: BTreeMap<Origin, Vec<Workload>> = BTreeMap::new();
    for workload in workloads {
        let node = built[workload.target].resources[workload.resource].node();
        origins.entry(Origin::of(node)).or_default().push(workload);
    }
    origins
}

impl Origin {
    /// Where a node was written.
    pub(super) fn of(node: Node<'_>) -> Self {
        let sources = node.tree().sources();
        let span = sources.written(node.span());
        Self { path: sources.get(span.source).path().to_owned(), start: span.start }
    }
}

/// What is said of waits that can't be written.
pub(super) fn refusals(built: &[Built], users: &[Workload], reason: &str) -> Vec<Refused> {
    let refusal = |user: &Workload, wait: &Wait, span: Span| Refused {
        target: built[user.target].target.name.clone(),
        resource: built[user.target].resources[user.resource].id.clone(),
        deed: format!("wait for `{}`", wait.service),
        reason: reason.to_owned(),
        span,
    };
    let all = users
        .iter()
        .flat_map(|user| user.waits.iter().zip(&user.spans).map(move |(wait, span)| refusal(user, wait, *span)));
    let mut refusals: Vec<Refused> = all.collect();
    refusals.dedup();
    refusals
}

/// What is needed to find the place of waits.
pub(super) struct Placing<'p> {
    pub(super) files: &'p Files,
    pub(super) built: &'p [Built],
    pub(super) layers: &'p Layers,
    pub(super) settings: &'p Settings<'p>,
    pub(super) into: Into,
}

impl Placing<'_> {
    /// The changes that give one manifest its waits in all of its targets. `made` are those of other manifests.
    ///
    /// # Errors
    /// When there is no place for them; says why.
    pub(super) fn changes(&self, origin: &Origin, users: &[Workload], made: &[Change]) -> Result<Vec<Change>, String> {
        let kind = |user: &Workload| &self.built[user.target].target.kind;
        if users.iter().any(|user| matches!(kind(user), TargetKind::Chart(_))) {
            return Err(
                "it is made by a chart, whose templates are not edited; `-o DIR` writes a patch for what it renders to"
                    .to_owned(),
            );
        }
        if users.iter().any(|user| matches!(kind(user), TargetKind::Stream(_))) {
            return Err("it comes through a stream, which can't be edited".to_owned());
        }
        if users.iter().all(|user| matches!(kind(user), TargetKind::Manifests(_))) {
            if self.layers.is_used_beside(&origin.path) {
                return Err("others are built from its file, too: ask for the whole repository".to_owned());
            }
            return Ok(vec![self.in_manifest(users)?]);
        }
        if self.into == Into::Component {
            return self.in_components(origin, users, made);
        }
        let mut changes = Vec::new();
        let mut left: Vec<&Workload> = users.iter().collect();
        while let Some(first) = left.first() {
            let (folder, served) = self.folder(origin, first, &left)?;
            left.retain(|user| !served.iter().any(|one| one.target == user.target && one.resource == user.resource));
            let taken: Vec<Change> = made.iter().chain(&changes).cloned().collect();
            changes.push(self.patch(origin, &folder, served, &taken)?);
        }
        Ok(changes)
    }

    fn in_manifest(&self, users: &[Workload]) -> Result<Change, String> {
        let user = &users[0];
        let waits = agreed(&users.iter().collect::<Vec<_>>()).ok_or("its targets call different Services")?;
        let resource = self.resource(user);
        let made = containers(&waits, self.taken(users), least_time(users.iter()), self.settings);
        let spec = Pod::of(resource).ok_or("it has no pod")?.spec;
        let edit = manifest::insert(self.files.sources(), spec, &made)?;
        let purpose = Purpose::Waits { users: users.to_vec(), containers: made };
        Ok(Change { edits: vec![edit], purpose })
    }

    pub(super) fn resource(&self, user: &Workload) -> &Resource {
        &self.built[user.target].resources[user.resource]
    }

    /// The names of containers that are there in any of these targets.
    fn taken(&self, users: &[Workload]) -> BTreeSet<String> {
        let pods = users.iter().filter_map(|user| Pod::of(self.resource(user)));
        pods.flat_map(Pod::containers).map(|container| container.name().to_owned()).collect()
    }

    /// The folder whose kustomization is to patch the manifest for `first`, and all whom that serves.
    pub(super) fn folder(
        &self,
        origin: &Origin,
        first: &Workload,
        left: &[&Workload],
    ) -> Result<(String, Vec<Workload>), String> {
        let through = self.layers.through(first.target, &origin.path);
        let candidates = match self.into {
            Into::Shared => &through[..],
            Into::Overlay | Into::Component => &through[through.len().saturating_sub(1)..],
            Into::Base => &through[..through.len().min(1)],
        };
        for folder in candidates {
            let Some(targets) = self.layers.users(folder) else { continue };
            let served: Vec<&Workload> = left.iter().copied().filter(|user| targets.contains(&user.target)).collect();
            let all_served = targets.iter().all(|target| served.iter().any(|user| user.target == *target));
            if all_served && agreed(&served).is_some() {
                return Ok((folder.clone(), served.into_iter().cloned().collect()));
            }
        }
        Err(match (self.into, through.is_empty()) {
            (_, true) => "no kustomization of the repository names its file".to_owned(),
            (Into::Base, _) => format!(
                "not everyone who uses `{}` calls it by that name, or lacks the wait",
                paths::shown(&candidates[0])
            ),
            _ => "others use the same kustomization, and do not call it by that name or lack the wait".to_owned(),
        })
    }

    /// The changes that put the waits of a manifest into Components, one for all targets that have the same.
    fn in_components(&self, origin: &Origin, users: &[Workload], made: &[Change]) -> Result<Vec<Change>, String> {
        let mut changes: Vec<Change> = Vec::new();
        let mut left: Vec<&Workload> = users.iter().collect();
        while let Some(&first) = left.first() {
            let (served, others): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|user| agreed(&[first, user]).is_some());
            left = others;
            let roots: Option<BTreeSet<&str>> = served.iter().map(|user| self.layers.root(user.target)).collect();
            let roots = roots.ok_or("not all that deploys it is a kustomization")?;
            let through = self.layers.through(first.target, &origin.path);
            let lowest = through.first().ok_or("no kustomization of the repository names its file")?;
            let taken: Vec<Change> = made.iter().chain(&changes).cloned().collect();
            let folder = self.component(&roots, lowest, &taken);
            let mut change = self.patch(origin, &folder, served.into_iter().cloned().collect(), &taken)?;
            let users = if self.layers.file(&folder).is_some() { BTreeSet::new() } else { roots };
            for root in users {
                let kustomization = self.layers.file(root).ok_or("its kustomization can't be read")?.to_owned();
                change.edits.push(Edit::Use { kustomization, component: folder.clone() });
            }
            changes.push(change);
        }
        Ok(changes)
    }

    /// The folder of a Component that is used by these targets and no others, or new. `lowest` is the folder with the
    /// manifest.
    fn component(&self, roots: &BTreeSet<&str>, lowest: &str, made: &[Change]) -> String {
        let holds = |folder: &&str| roots.iter().all(|root| root == folder || paths::below(root, folder).is_some());
        let around = std::iter::once(lowest).chain(paths::ancestors(lowest)).find(holds).unwrap_or_default();
        let usual = || paths::inside(around, "components/waits");
        let first = self.settings.component.map_or_else(usual, str::to_owned);
        let numbered = (2..).map(|number| format!("{first}-{number}"));
        let suits = |folder: &String| {
            let named = made.iter().flat_map(|change| &change.edits).filter_map(|edit| match edit {
                Edit::Use { kustomization, component } if component == folder => Some(paths::folder(kustomization)),
                _ => None,
            });
            let mut users: BTreeSet<&str> = named.collect();
            if self.layers.file(folder).is_some() {
                users.extend(self.layers.users(folder).into_iter().flatten().filter_map(|user| self.layers.root(user)));
                return users == *roots && !self.layers.is_root(folder);
            }
            let is_new = self.files.sources().locate(folder).is_err();
            is_new && (users.is_empty() || users == *roots)
        };
        std::iter::once(first.clone()).chain(numbered).find(suits).unwrap_or_default()
    }

    /// The patch of this name that the folder has for an object, with more containers, as another run wrote it.
    fn extended(&self, folder: &str, stem: &str, object: Node<'_>, added: &[Container]) -> Option<Edit> {
        let path = paths::inside(folder, &format!("{stem}.yaml"));
        if !self.layers.takes(folder, &path) || self.layers.is_used_beside(&path) {
            return None;
        }
        let parsed = self.files.parsed(&path).ok()?;
        let [document] = &parsed.documents[..] else { return None };
        let root = parsed.tree.node(document.root);
        let is_same = |field: &[&str]| root.at_path(field).map(Node::text) == object.at_path(field).map(Node::text);
        let fields = [&["apiVersion"][..], &["kind"], &["metadata", "name"], &["metadata", "namespace"]];
        let api_version = object.get_str("apiVersion")?;
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let kind = object.get_str("kind")?;
        let pod_at = pod_path(group, kind).unwrap_or(&["spec", "template"]);
        let spec = root.at_path(pod_at)?.get("spec")?;
        let is_it = fields.into_iter().all(is_same) && is_known_to_kustomize(group, version, kind);
        if !is_it || spec.get("initContainers")?.items().next().is_none() {
            return None;
        }
        manifest::insert(self.files.sources(), spec, added).ok()
    }

    fn patch(&self, origin: &Origin, folder: &str, users: Vec<Workload>, made: &[Change]) -> Result<Change, String> {
        let mut waits = agreed(&users.iter().collect::<Vec<_>>()).ok_or("its targets call different Services")?;
        let parsed = self.files.parsed(&origin.path).map_err(|_| "its file can't be read".to_owned())?;
        let mut documents = parsed.documents.iter().map(|document| parsed.tree.node(document.root));
        let object = documents
            .find(|root| root.span().start == origin.start)
            .ok_or("it is made while the target is built, and no file holds it")?;
        // What only a layer above knows has no place here.
        let is_told = object.at_path(&["metadata", "namespace"]).is_some();
        if !is_told && !self.layers.is_root(folder) {
            waits = anywhere(&waits);
        }
        let added = containers(&waits, self.taken(&users), least_time(users.iter()), self.settings);
        let kustomization = match (self.layers.file(folder), self.into) {
            (Some(file), _) => file.to_owned(),
            (None, Into::Component) => paths::inside(folder, "kustomization.yaml"),
            (None, _) => return Err("its kustomization can't be read".to_owned()),
        };
        let name = object.at_path(&["metadata", "name"]).map_or("", Node::text);
        let stem = format!("{}-waits", file_name(name));
        if let Some(edit) = self.extended(folder, &stem, object, &added) {
            let purpose = Purpose::Waits { users, containers: added };
            return Ok(Change { edits: vec![edit], purpose });
        }
        let path = unused(self.files, folder, &stem, made);
        let patch::Patch { text, target } = patch::adding(object, self.resource(&users[0]), &added);
        let own = paths::name(&path).to_owned();
        let entry = Entry { path: own, target };
        let purpose = Purpose::Waits { users, containers: added };
        Ok(Change { edits: vec![Edit::Patch { kustomization, path, text, entry }], purpose })
    }
}

/// The time that all of these have.
fn least_time<'w>(users: impl Iterator<Item = &'w Workload>) -> Time {
    users.map(|user| user.time).min_by_key(|time| time.each(1)).unwrap_or_default()
}

/// The waits that suit all of these workloads; none if they differ in more than the namespace that they are in.
pub(super) fn agreed(users: &[&Workload]) -> Option<Vec<Wait>> {
    let first = &users.first()?.waits;
    if users.iter().all(|user| user.waits == *first) {
        return Some(first.clone());
    }
    let first = anywhere(first);
    users.iter().all(|user| anywhere(&user.waits) == first).then_some(first)
}

/// The same waits in whatever namespace the pod will be.
pub(super) fn anywhere(waits: &[Wait]) -> Vec<Wait> {
    let of_pod = |wait: &Wait| Wait { namespace: wait.namespace.clone().filter(|_| !wait.is_near), ..wait.clone() };
    waits.iter().map(of_pod).collect()
}
