//! Patches beside what can't be edited, or should not be: each target gets a folder with its patches and a
//! kustomization that applies them to what the target renders to.
//!
//! A kustomization is built upon as it is. Of everything else kustomize has to be given the manifests: they are in a
//! file beside the patches, which whoever renders them saves.

use std::collections::BTreeMap;

use crate::discover::Target;
use crate::discover::TargetKind;
use crate::discover::paths;
use crate::fix::Beside;
use crate::fix::Built;
use crate::fix::Texts;
use crate::fix::change::Change;
use crate::fix::change::Edit;
use crate::fix::change::Purpose;
use crate::fix::change::unused;
use crate::fix::container::containers;
use crate::fix::kustomization::Entry;
use crate::fix::mend;
use crate::fix::patch;
use crate::fix::patch::Patch;
use crate::fix::patch::file_name;
use crate::fix::place::Placing;
use crate::fix::workload::Mending;
use crate::fix::workload::Workload;
use crate::model::Pod;
use crate::yaml::emit_all;

/// Where patches are thought to be while they are proved: a folder that nobody has.
const FOLDER: &str = ".plimsoll-patches";

/// The file with the manifests of what is no kustomization.
const MANIFESTS: &str = "all.yaml";

/// The targets that get patches beside them.
pub(super) struct Apart<'p> {
    built: &'p [Built],
    beside: &'p Beside,
}

impl<'p> Apart<'p> {
    pub(super) fn of(built: &'p [Built], beside: &'p Beside) -> Self {
        Self { built, beside }
    }

    /// The folder of a target within that of all patches.
    fn name(&self, target: usize) -> String {
        let name = |index: usize| match file_name(&self.built[index].target.name).trim_matches('-') {
            "" => "root".to_owned(),
            name => name.to_owned(),
        };
        match (0..target).filter(|other| name(*other) == name(target)).count() {
            _ if self.built.len() == 1 => String::new(),
            0 => name(target),
            others => format!("{}-{}", name(target), others + 1),
        }
    }

    fn folder(&self, target: usize) -> String {
        paths::inside(FOLDER, &self.name(target)).trim_end_matches('/').to_owned()
    }

    /// The path of the kustomization of a target.
    pub(super) fn kustomization(&self, target: usize) -> String {
        paths::inside(&self.folder(target), "kustomization.yaml")
    }

    /// A target as it is built with its patches.
    pub(super) fn target(&self, target: usize) -> Target {
        let name = self.built[target].target.name.clone();
        Target { name, kind: TargetKind::Kustomization(self.kustomization(target)) }
    }

    /// How the kustomizations begin: where they are thought to be, or where they will be.
    pub(super) fn heads(&self, will_be: bool) -> BTreeMap<String, String> {
        let head = |target: usize| {
            let resource = match &self.built[target].target.kind {
                TargetKind::Kustomization(path) if will_be => {
                    let up = if self.name(target).is_empty() { "" } else { "../" };
                    let folder = paths::folder(path);
                    format!("{up}{}", paths::inside(&self.beside.to_root, folder).trim_end_matches('/'))
                }
                TargetKind::Kustomization(path) => paths::relative(&self.folder(target), paths::folder(path)),
                _ => MANIFESTS.to_owned(),
            };
            let about = match &self.built[target].target.kind {
                TargetKind::Kustomization(_) => String::new(),
                TargetKind::Stream(_) => format!("# {MANIFESTS} is the stream that these patches are for.\n"),
                TargetKind::Chart(folder) => {
                    format!("# {MANIFESTS} is what `helm template` makes of `{}`.\n", folder.escape_default())
                }
                TargetKind::Manifests(_) => {
                    let name = self.built[target].target.name.escape_default();
                    format!("# {MANIFESTS} is all manifests of `{name}` in one file.\n")
                }
            };
            let resource = crate::fix::container::plain(&resource);
            (self.kustomization(target), format!("{about}resources:\n  - {resource}\n"))
        };
        (0..self.built.len()).map(head).collect()
    }

    /// The manifests that have to be saved beside the patches.
    pub(super) fn manifests(&self) -> Texts {
        let is_given = |target: &usize| !matches!(self.built[*target].target.kind, TargetKind::Kustomization(_));
        let text = |target: usize| {
            let all = emit_all(self.built[target].resources.iter().map(crate::render::Resource::node));
            (paths::inside(&self.folder(target), MANIFESTS), all.unwrap_or_default())
        };
        (0..self.built.len()).filter(is_given).map(text).collect()
    }

    /// The files as they will be.
    pub(super) fn written(&self, texts: Texts) -> Texts {
        texts.into_iter().map(|(path, text)| (self.will_be(&path), text)).collect()
    }

    /// Where a file will be that is thought to be somewhere.
    pub(super) fn will_be(&self, path: &str) -> String {
        paths::below(path, FOLDER).map_or(path.to_owned(), |name| paths::inside(&self.beside.folder, name))
    }

    /// One change for each workload and each container that is mended, with what is told if there is none.
    pub(super) fn changes(
        &self,
        placing: &Placing<'_>,
        workloads: Vec<Workload>,
        mendings: Vec<Mending>,
    ) -> Vec<(Vec<Workload>, Result<Change, String>)> {
        let mut outcomes: Vec<(Vec<Workload>, Result<Change, String>)> = Vec::new();
        let mut made: Vec<Change> = Vec::new();
        let is_inside = |user: &Workload| self.refusal(user.target).is_some();
        let (inside, mendings): (Vec<_>, Vec<_>) = mendings.into_iter().partition(|mending| is_inside(&mending.user));
        let (refused, workloads): (Vec<_>, Vec<_>) = workloads.into_iter().partition(is_inside);
        for user in inside.into_iter().map(|mending| mending.user).chain(refused) {
            let reason = self.refusal(user.target).unwrap_or_default();
            outcomes.push((vec![user], Err(reason)));
        }
        for mending in mendings {
            let object = placing.resource(&mending.user).node();
            let waits = mending.user.waits.clone();
            let patch = mend::naming(placing, &mending, object, &waits);
            let purpose = mend::purpose(std::iter::once(&mending), waits);
            let outcome = patch.map(|patch| self.change(placing, &mending.user, patch, purpose, &made));
            made.extend(outcome.iter().cloned());
            outcomes.push((vec![mending.user], outcome));
        }
        for user in workloads {
            let resource = placing.resource(&user);
            let taken = Pod::of(resource).into_iter().flat_map(Pod::containers);
            let taken = taken.map(|container| container.name().to_owned()).collect();
            let added = containers(&user.waits, taken, user.time, placing.settings);
            let patch = patch::adding(resource.node(), resource, &added);
            let purpose = Purpose::Waits { users: vec![user.clone()], containers: added };
            let change = self.change(placing, &user, patch, purpose, &made);
            made.push(change.clone());
            outcomes.push((vec![user], Ok(change)));
        }
        outcomes
    }

    /// Why a target can't be built upon from the folder of the patches: kustomize takes that for a circle.
    fn refusal(&self, target: usize) -> Option<String> {
        let TargetKind::Kustomization(path) = &self.built[target].target.kind else { return None };
        let (own, folder) = (paths::folder(path), &self.beside.folder);
        if own.is_empty() {
            return Some("kustomize builds nothing from a folder inside of a kustomization, and this one is the root: leave `-o` out".to_owned());
        }
        let is_inside = folder == own || paths::below(folder, own).is_some();
        is_inside.then(|| {
            format!(
                "kustomize builds nothing from a folder inside of a kustomization, and `{folder}` is: name another one"
            )
        })
    }

    fn change(
        &self,
        placing: &Placing<'_>,
        user: &Workload,
        Patch { text, target }: Patch,
        purpose: Purpose,
        made: &[Change],
    ) -> Change {
        let stem = format!("{}-waits", file_name(&placing.resource(user).id.name));
        let path = unused(placing.files, &self.folder(user.target), &stem, made);
        let entry = Entry { path: paths::name(&path).to_owned(), target };
        let kustomization = self.kustomization(user.target);
        Change { edits: vec![Edit::Patch { kustomization, path, text, entry }], purpose }
    }
}
