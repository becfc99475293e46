//! Who takes which file, and what that makes of each of them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::discover::Entry;
use crate::discover::Fate;
use crate::discover::FileKind;
use crate::discover::Target;
use crate::discover::TargetKind;
use crate::discover::charts::Charts;
use crate::discover::classify::Seen;
use crate::discover::classify::Standing;
use crate::discover::graph::Graph;
use crate::discover::paths;
use crate::discover::plain::Group;
use crate::discover::walk::Found;
use crate::discover::walk::Walk;
use crate::kustomization::Kind;
use crate::kustomization::Role;

/// The targets as they are found, and the files that each of them takes.
pub(super) struct Claims<'c> {
    graph: &'c Graph,
    charts: &'c Charts,
    walk: &'c Walk,
    /// What the files that kustomizations name are taken for.
    roles: BTreeMap<&'c str, Role>,
    /// The kustomization files.
    kinds: BTreeMap<&'c str, Kind>,
    /// Each target with its files, sorted.
    targets: Vec<(Target, Vec<&'c str>)>,
    /// The names that are taken.
    names: BTreeSet<String>,
}

impl<'c> Claims<'c> {
    /// No target yet.
    pub(super) fn of(graph: &'c Graph, charts: &'c Charts, walk: &'c Walk) -> Self {
        let kinds = graph.units.iter().flat_map(|unit| unit.files.iter().map(|path| (path.as_str(), unit.kind)));
        Self {
            graph,
            charts,
            walk,
            roles: graph.roles(),
            kinds: kinds.collect(),
            targets: Vec::new(),
            names: BTreeSet::new(),
        }
    }

    /// Adds the kustomization `root` with all that it is built from.
    pub(super) fn kustomization(&mut self, root: usize) {
        let mut files: Vec<&str> = Vec::new();
        for unit in self.graph.reached(root).into_iter().map(|unit| &self.graph.units[unit]) {
            files.extend(unit.files.iter().map(String::as_str));
            files.extend(unit.takes.iter().map(|(path, _)| path.as_str()));
            for chart in &unit.charts {
                files.extend(below(self.walk, chart).map(|file| file.path.as_str()));
            }
        }
        let unit = &self.graph.units[root];
        let name = paths::shown(&unit.folder).to_owned();
        self.add(name, TargetKind::Kustomization(unit.files[0].clone()), files);
    }

    /// Adds the chart in a folder, with every file below that is no other's.
    pub(super) fn chart(&mut self, folder: &str) {
        let is_taken = |path: &str| {
            self.charts.member(path).is_some_and(|member| {
                member.chart == folder && (member.is_own || !self.is_named_by_kustomization(path))
            })
        };
        let files = below(self.walk, folder).filter(|file| file.ignored.is_none() && is_taken(&file.path));
        let files = files.map(|file| file.path.as_str()).collect();
        let name = paths::shown(folder).to_owned();
        self.add(name.clone(), TargetKind::Chart(name), files);
    }

    /// Adds manifests that are deployed as they are.
    pub(super) fn manifests(&mut self, group: Group<'c>) {
        let mut name = group.name;
        if self.names.contains(&name) {
            name.push_str("/*");
        }
        self.names.insert(name.clone());
        let files = group.files.iter().map(|&path| path.to_owned()).collect();
        self.targets.push((Target { name, kind: TargetKind::Manifests(files) }, group.files));
    }

    fn add(&mut self, name: String, kind: TargetKind, mut files: Vec<&'c str>) {
        files.sort_unstable();
        files.dedup();
        self.names.insert(name.clone());
        self.targets.push((Target { name, kind }, files));
    }

    /// Whether a kustomization or a chart has to do with a file, be it part of a target or not.
    pub(super) fn has(&self, path: &str) -> bool {
        self.is_named_by_kustomization(path) || self.charts.member(path).is_some()
    }

    fn is_named_by_kustomization(&self, path: &str) -> bool {
        self.roles.contains_key(path) || self.kinds.contains_key(path)
    }

    /// The targets in order, and the ledger.
    pub(super) fn settle(mut self, seen: &BTreeMap<&str, Seen>) -> (Vec<Target>, Vec<Entry>) {
        self.targets.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        let mut consumers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, (_, files)) in self.targets.iter().enumerate() {
            for path in files.iter().filter(|path| paths::is_yaml_or_json(path)) {
                consumers.entry(path).or_default().push(index);
            }
        }
        let ignored = self.walk.files.iter().filter_map(|file| Some((file.path.as_str(), file.ignored.as_deref()?)));
        let ignored: BTreeMap<&str, &str> = ignored.collect();
        let all: BTreeSet<&str> =
            self.walk.files.iter().map(|file| file.path.as_str()).chain(consumers.keys().copied()).collect();
        let entry = |path: &str| {
            let seen = seen.get(path);
            let fate = match (consumers.get(path), ignored.get(path)) {
                (Some(targets), _) => Fate::Consumed(targets.clone()),
                (None, Some(rule)) => Fate::Ignored((*rule).to_owned()),
                (None, None) => self.fate_alone(path, seen),
            };
            Entry { path: path.to_owned(), file: self.file_kind(path, seen), fate }
        };
        let mut ledger: Vec<Entry> = all.into_iter().map(entry).collect();
        ledger.extend(self.walk.ignored_folders.iter().map(|(path, rule)| Entry {
            path: format!("{path}/"),
            file: FileKind::Folder,
            fate: Fate::Ignored(rule.clone()),
        }));
        ledger.sort_by(|a, b| a.path.cmp(&b.path));
        (self.targets.into_iter().map(|(target, _)| target).collect(), ledger)
    }

    /// What becomes of a file that no target consumes.
    fn fate_alone(&self, path: &str, seen: Option<&Seen>) -> Fate {
        match seen.map(|seen| seen.standing) {
            Some(Standing::Failed) => Fate::Failed,
            _ if self.is_named_by_kustomization(path) => Fate::Orphan,
            Some(Standing::Unrelated) => Fate::NotKubernetes,
            // What was not looked at is part of a chart that is not deployed.
            Some(Standing::Deployable | Standing::Orphan) | None => Fate::Orphan,
        }
    }

    fn file_kind(&self, path: &str, seen: Option<&Seen>) -> FileKind {
        match (self.kinds.get(path), self.roles.get(path)) {
            (Some(Kind::Component), _) => return FileKind::Component,
            (Some(Kind::Kustomization), _) => return FileKind::Kustomization,
            (_, Some(Role::Patch)) => return FileKind::Patch,
            (_, Some(Role::Values)) => return FileKind::Values,
            // It may lack what patches, or labels of the kustomization, add.
            (_, Some(Role::Resource)) if seen.is_some_and(|seen| seen.kind == FileKind::Patch) => {
                return FileKind::Manifest;
            }
            _ => {}
        }
        if let Some(seen) = seen {
            return seen.kind;
        }
        match self.charts.member(path) {
            Some(member) if member.is_own => self.charts.file_kind(path),
            // Nobody looked at it, so all that is known is what it is used for.
            _ if self.roles.get(path) == Some(&Role::Resource) => FileKind::Manifest,
            Some(_) => self.charts.file_kind(path),
            None => FileKind::Other,
        }
    }
}

/// The files of the walk below a folder.
fn below<'w>(walk: &'w Walk, folder: &str) -> impl Iterator<Item = &'w Found> {
    let start = paths::inside(folder, "");
    let first = walk.files.partition_point(|file| file.path < start);
    walk.files[first..].iter().take_while(move |file| file.path.starts_with(&start))
}
