//! Which kustomizations a manifest goes through on its way into a target, and which targets go through a folder.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::discover::Target;
use crate::discover::TargetKind;
use crate::discover::paths;
use crate::fix::Built;
use crate::kustomization::FILE_NAMES;
use crate::kustomization::Kustomization;
use crate::source::Place;
use crate::yaml::Files;

/// The kustomizations behind all targets.
pub(super) struct Layers {
    units: BTreeMap<String, Unit>,
    /// The folder of each target that was built, if it is a kustomization.
    roots: Vec<Option<String>>,
    /// The folders of kustomizations beside them.
    others: Vec<String>,
}

/// One folder with a kustomization.
struct Unit {
    /// The path of its file.
    file: String,
    /// The folders that it is built from.
    uses: Vec<String>,
    /// Every file that it names, by its real path.
    takes: BTreeSet<String>,
}

impl Layers {
    pub(super) fn of(files: &Files, built: &[Built], others: &[Target]) -> Self {
        let folder = |target: &Target| match &target.kind {
            TargetKind::Kustomization(path) => Some(paths::folder(path).to_owned()),
            _ => None,
        };
        let roots: Vec<Option<String>> = built.iter().map(|built| folder(&built.target)).collect();
        let others: Vec<String> = others.iter().filter_map(folder).collect();
        let mut units = BTreeMap::new();
        let mut open: Vec<String> = roots.iter().flatten().chain(&others).cloned().collect();
        while let Some(folder) = open.pop() {
            if units.contains_key(&folder) {
                continue;
            }
            let Some(unit) = read(files, &folder) else { continue };
            open.extend(unit.uses.iter().cloned());
            units.insert(folder, unit);
        }
        Self { units, roots, others }
    }

    /// The file of the kustomization in a folder.
    pub(super) fn file(&self, folder: &str) -> Option<&str> {
        self.units.get(folder).map(|unit| unit.file.as_str())
    }

    /// The folder of a target that was built, if it is a kustomization.
    pub(super) fn root(&self, target: usize) -> Option<&str> {
        self.roots.get(target)?.as_deref()
    }

    /// Whether the kustomization in a folder names a file.
    pub(super) fn takes(&self, folder: &str, file: &str) -> bool {
        self.units.get(folder).is_some_and(|unit| unit.takes.contains(file))
    }

    /// Whether the kustomization in a folder is a target by itself.
    pub(super) fn is_root(&self, folder: &str) -> bool {
        self.roots.iter().flatten().any(|root| root == folder)
    }

    /// The folders that the file goes through into a target, each behind those that it is built from.
    pub(super) fn through(&self, target: usize, file: &str) -> Vec<String> {
        let Some(root) = self.roots.get(target).and_then(Option::as_ref) else { return Vec::new() };
        let (mut known, mut through) = (BTreeMap::new(), Vec::new());
        self.descend(root, file, &mut known, &mut through);
        through
    }

    /// Lists the folders from this one down that lead to the file; says whether this one does.
    fn descend<'l>(
        &'l self,
        folder: &str,
        file: &str,
        known: &mut BTreeMap<&'l str, bool>,
        through: &mut Vec<String>,
    ) -> bool {
        let Some((folder, unit)) = self.units.get_key_value(folder) else { return false };
        if let Some(&leads) = known.get(folder.as_str()) {
            return leads;
        }
        // Whoever goes in circles leads nowhere.
        known.insert(folder, false);
        let mut leads = unit.takes.contains(file);
        for next in &unit.uses {
            leads |= self.descend(next, file, known, through);
        }
        if leads {
            through.push(folder.clone());
            known.insert(folder, true);
        }
        leads
    }

    /// The built targets that go through a folder; none if others do, too, of which nothing is known.
    pub(super) fn users(&self, folder: &str) -> Option<Vec<usize>> {
        if self.others.iter().any(|root| self.reaches(root, folder)) {
            return None;
        }
        let is_user =
            |(_, root): &(usize, &Option<String>)| root.as_ref().is_some_and(|root| self.reaches(root, folder));
        Some(self.roots.iter().enumerate().filter(is_user).map(|(target, _)| target).collect())
    }

    /// Whether a kustomization that was not asked for is built from a file.
    pub(super) fn is_used_beside(&self, file: &str) -> bool {
        let takes = |(folder, unit): (&String, &Unit)| {
            unit.takes.contains(file) && self.others.iter().any(|root| self.reaches(root, folder))
        };
        self.units.iter().any(takes)
    }

    fn reaches(&self, root: &str, folder: &str) -> bool {
        let mut known = BTreeSet::from([root]);
        let mut open = vec![root];
        while let Some(at) = open.pop() {
            if at == folder {
                return true;
            }
            let uses = self.units.get(at).into_iter().flat_map(|unit| &unit.uses);
            open.extend(uses.map(String::as_str).filter(|next| known.insert(next)));
        }
        false
    }

    /// Whether a target is built from a file, for what is not a kustomization by its kind.
    pub(super) fn is_built_from(&self, target: usize, built: &Built, file: &str) -> bool {
        match &built.target.kind {
            TargetKind::Manifests(paths) => paths.iter().any(|path| path == file),
            TargetKind::Kustomization(_) => self.units.iter().any(|(folder, unit)| {
                (unit.takes.contains(file) || unit.file == file)
                    && self.roots[target].as_ref().is_some_and(|root| self.reaches(root, folder))
            }),
            TargetKind::Chart(_) | TargetKind::Stream(_) => false,
        }
    }
}

fn read(files: &Files, folder: &str) -> Option<Unit> {
    let sources = files.sources();
    let file = FILE_NAMES.iter().map(|name| paths::inside(folder, name)).find(|path| sources.locate(path).is_ok())?;
    let parsed = files.parsed(&file).ok()?;
    let view = Kustomization::of(&parsed)?;
    let (mut uses, mut takes) = (Vec::new(), BTreeSet::new());
    for reference in view.references().into_iter().filter(|reference| !reference.is_remote()) {
        let Some(path) = paths::join(folder, &reference.path) else { continue };
        match sources.locate(&path) {
            Ok(Place::File(real)) => {
                takes.insert(real);
            }
            Ok(Place::Folder(real)) if reference.role.may_be_kustomization() => uses.push(real),
            _ => {}
        }
    }
    Some(Unit { file, uses, takes })
}
