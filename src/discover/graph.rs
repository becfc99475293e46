//! Which kustomization uses which other one, and which files each of them takes.
//!
//! The unit is the folder, because that is what other kustomizations name. A folder with several
//! kustomization files can't be built; the first of the names stands for it and `render` says so.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::discover::charts::Charts;
use crate::discover::paths;
use crate::discover::walk::Walk;
use crate::kustomization::FILE_NAMES;
use crate::kustomization::Kind;
use crate::kustomization::Kustomization;
use crate::kustomization::Role;
use crate::source::Place;
use crate::source::Span;
use crate::yaml::Files;

/// All kustomizations, those that the walk met first, sorted by folder.
pub(super) struct Graph {
    pub(super) units: Vec<Unit>,
}

/// One folder with a kustomization.
pub(super) struct Unit {
    pub(super) folder: String,
    /// Its kustomization files, of which there should be one.
    pub(super) files: Vec<String>,
    pub(super) kind: Kind,
    /// Where it says what it is; none if it could not be read.
    pub(super) kind_span: Option<Span>,
    /// Whether it is there by itself, and not only because another one names it.
    pub(super) is_listed: bool,
    /// How many references lead to it.
    pub(super) users: usize,
    pub(super) uses: Vec<Use>,
    /// The files it takes, with what it takes them for.
    pub(super) takes: Vec<(String, Role)>,
    /// The folders of the charts that it inflates.
    pub(super) charts: Vec<String>,
}

/// A reference to another kustomization.
#[derive(Clone, Copy)]
pub(super) struct Use {
    pub(super) unit: usize,
    pub(super) span: Span,
}

impl Graph {
    /// Follows the references of the kustomizations in `listed`, the paths of their files, sorted.
    pub(super) fn of<'l>(files: &Files, walk: &Walk, charts: &Charts, listed: impl Iterator<Item = &'l str>) -> Self {
        let mut builder = Builder { files, walk, charts, units: Vec::new(), known: HashMap::new() };
        for path in listed {
            builder.unit(paths::folder(path), true);
        }
        let mut next = 0;
        while next < builder.units.len() {
            builder.follow(next);
            next += 1;
        }
        let mut units = builder.units;
        let used: Vec<usize> = units.iter().flat_map(|unit| &unit.uses).map(|usage| usage.unit).collect();
        for unit in used {
            units[unit].users += 1;
        }
        Self { units }
    }

    /// The units that are targets: those that nobody uses, or all, but no Components.
    pub(super) fn roots(&self, all: bool) -> impl Iterator<Item = usize> {
        let is_root = move |unit: &Unit| unit.kind == Kind::Kustomization && (all || unit.users == 0);
        (0..self.units.len()).filter(move |&index| is_root(&self.units[index]))
    }

    /// All units that `root` is built from, itself included.
    pub(super) fn reached(&self, root: usize) -> Vec<usize> {
        let mut known = HashSet::from([root]);
        let mut reached = vec![root];
        let mut next = 0;
        while next < reached.len() {
            for usage in &self.units[reached[next]].uses {
                if known.insert(usage.unit) {
                    reached.push(usage.unit);
                }
            }
            next += 1;
        }
        reached
    }

    /// What every file that any kustomization names is taken for; the first role of several.
    pub(super) fn roles(&self) -> BTreeMap<&str, Role> {
        let mut roles = BTreeMap::new();
        for (path, role) in self.units.iter().flat_map(|unit| &unit.takes) {
            let known = roles.entry(path.as_str()).or_insert(*role);
            *known = (*known).min(*role);
        }
        roles
    }
}

struct Builder<'b> {
    files: &'b Files,
    walk: &'b Walk,
    charts: &'b Charts,
    units: Vec<Unit>,
    known: HashMap<String, Option<usize>>,
}

impl Builder<'_> {
    /// The unit of a folder, if there is a kustomization in it.
    fn unit(&mut self, folder: &str, is_listed: bool) -> Option<usize> {
        if let Some(&known) = self.known.get(folder) {
            return known;
        }
        let candidates = FILE_NAMES.iter().map(|name| paths::inside(folder, name));
        let files: Vec<String> = candidates.filter(|path| matches!(self.place(path), Some(Place::File(_)))).collect();
        let unit = (!files.is_empty()).then(|| self.add(folder, files, is_listed));
        self.known.insert(folder.to_owned(), unit);
        unit
    }

    fn add(&mut self, folder: &str, files: Vec<String>, is_listed: bool) -> usize {
        let parsed = self.files.parsed(&files[0]).ok();
        let view = parsed.as_deref().and_then(Kustomization::of);
        self.units.push(Unit {
            folder: folder.to_owned(),
            kind: view.map_or(Kind::Kustomization, Kustomization::kind),
            kind_span: view.map(Kustomization::kind_span),
            files,
            is_listed,
            users: 0,
            uses: Vec::new(),
            takes: Vec::new(),
            charts: Vec::new(),
        });
        self.units.len() - 1
    }

    /// Resolves the references of a unit. What leads nowhere, or out of the repository, is left to `render`.
    fn follow(&mut self, index: usize) {
        let Ok(parsed) = self.files.parsed(&self.units[index].files[0]) else { return };
        let Some(view) = Kustomization::of(&parsed) else { return };
        let folder = self.units[index].folder.clone();
        for reference in view.references().into_iter().filter(|reference| !reference.is_remote()) {
            let Some(path) = paths::join(&folder, &reference.path) else { continue };
            match self.place(&path) {
                Some(Place::File(real)) => {
                    // A link that the walk met is a file of the repository, as is what it leads to.
                    if real != path && self.walk.file(&path).is_some() {
                        self.units[index].takes.push((path, reference.role));
                    }
                    self.units[index].takes.push((real, reference.role));
                }
                Some(Place::Folder(real)) if reference.role == Role::Chart => {
                    if self.charts.contains(&real) {
                        self.units[index].charts.push(real);
                    }
                }
                Some(Place::Folder(real)) if reference.role.may_be_kustomization() => {
                    if let Some(unit) = self.unit(&real, false) {
                        self.units[index].uses.push(Use { unit, span: reference.span });
                    }
                }
                Some(Place::Folder(_)) | None => {}
            }
        }
    }

    /// What a path leads to. The system is only asked about what the walk has not seen.
    fn place(&self, path: &str) -> Option<Place> {
        if self.walk.real_files.contains(path) {
            return Some(Place::File(path.to_owned()));
        }
        if self.walk.real_folders.contains(path) {
            return Some(Place::Folder(path.to_owned()));
        }
        self.files.sources().locate(path).ok()
    }
}
