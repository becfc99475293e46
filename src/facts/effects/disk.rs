//! A symbolic file system: what is known to be at which place of the volumes of a pod.
//!
//! Data only. What a place holds that nothing is written about follows from the nearest directory above it that
//! is: one that was made empty has nothing else, and one that took in a tree (a copy, an archive) may have it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::rc::Rc;

/// The number of a volume. The root file system of the container is number 0.
pub(super) type VolumeId = u16;

/// The root file system, which is made anew for each run.
pub(super) const ROOT: VolumeId = 0;

/// Where something is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    pub(super) volume: VolumeId,
    /// Its path on the volume, with a slash before each name; empty for the volume itself.
    pub(super) path: String,
}

/// What is at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Entry {
    /// It was taken away.
    Gone,
    /// A file with this content.
    File(Rc<str>),
    /// A directory, and the trees that it took in, the last one on top.
    Directory(Vec<Rc<str>>),
    /// A symbolic link to this path.
    Link(Rc<str>),
    /// A pipe or a device.
    Special,
    /// Something, or nothing.
    Unknown,
}

/// All volumes of a pod.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Disk {
    entries: BTreeMap<Place, Entry>,
    /// Files that their owner may not write to any more, and the run that made them so. `*` in a directory stands for
    /// all that is in it.
    locked: BTreeMap<Place, u8>,
    /// The names of each file that has several: what is written to one of them is in all.
    names: BTreeSet<BTreeSet<Place>>,
}

impl Place {
    pub(super) fn new(volume: VolumeId, path: impl Into<String>) -> Self {
        Self { volume, path: path.into() }
    }

    /// What is called `name` in this directory; a name with slashes leads further down.
    pub(super) fn join(&self, name: &str) -> Self {
        let mut path = self.path.clone();
        for step in name.split('/').filter(|step| !step.is_empty() && *step != ".") {
            path.push('/');
            path.push_str(step);
        }
        Self { volume: self.volume, path }
    }

    /// The directory that it is in; none for a volume itself.
    pub(super) fn parent(&self) -> Option<Self> {
        let at = self.path.rfind('/')?;
        Some(Self::new(self.volume, &self.path[..at]))
    }

    /// The path from `above` to here, if that is above.
    pub(super) fn below<'p>(&'p self, above: &Self) -> Option<&'p str> {
        (self.volume == above.volume).then_some(())?;
        self.path.strip_prefix(above.path.as_str())?.strip_prefix('/')
    }

    /// Whether one of them is in the other, or they are the same.
    pub(super) fn touches(&self, other: &Self) -> bool {
        self == other || self.below(other).is_some() || other.below(self).is_some()
    }
}

impl Disk {
    pub(super) fn get(&self, place: &Place) -> Option<&Entry> {
        self.entries.get(place)
    }

    /// Writes down what is at a place. A file that is there is written to, under all of its names.
    pub(super) fn set(&mut self, place: Place, entry: Entry) {
        if entry == Entry::Gone {
            self.unlock(&place);
        }
        if !self.names.is_empty() {
            if matches!(entry, Entry::File(_)) {
                let others = self.names.iter().find(|names| names.contains(&place)).cloned();
                self.entries.extend(others.into_iter().flatten().map(|other| (other, entry.clone())));
            } else {
                self.part(&place);
            }
        }
        self.entries.insert(place, entry);
    }

    /// Writes down what takes the place of what is there.
    pub(super) fn replace(&mut self, place: Place, entry: Entry) {
        self.part(&place);
        self.set(place, entry);
    }

    /// Writes nothing about a place any more.
    pub(super) fn forget(&mut self, place: &Place) {
        self.entries.remove(place);
        self.unlock(place);
        self.part(place);
    }

    /// Gives a file one more name.
    pub(super) fn name(&mut self, file: &Place, other: Place) {
        let known = self.names.iter().find(|names| names.contains(file)).cloned();
        let mut names = known.unwrap_or_else(|| BTreeSet::from([file.clone()]));
        self.names.remove(&names);
        names.insert(other);
        self.names.insert(names);
    }

    /// Whether two places are names of the same file.
    pub(super) fn is_same(&self, one: &Place, other: &Place) -> bool {
        one == other || self.names.iter().any(|names| names.contains(one) && names.contains(other))
    }

    /// Whether a file has other names.
    pub(super) fn has_other_names(&self, file: &Place) -> bool {
        self.names.iter().any(|names| names.contains(file))
    }

    /// What was at and below a place is elsewhere now.
    pub(super) fn moved(&mut self, from: &Place, to: &Place) {
        let is_there = |place: &Place| place == from || place.below(from).is_some();
        self.renamed(|place| match place.below(from) {
            Some(below) => Some(to.join(below)),
            None if is_there(&place) => Some(to.clone()),
            None => Some(place),
        });
    }

    /// What is at and below a place is another file from now on.
    pub(super) fn part(&mut self, from: &Place) {
        self.renamed(|place| (place != *from && place.below(from).is_none()).then_some(place));
    }

    fn renamed(&mut self, change: impl Fn(Place) -> Option<Place>) {
        if !self.names.is_empty() {
            let names = std::mem::take(&mut self.names).into_iter();
            let names = names.map(|names| names.into_iter().filter_map(&change).collect::<BTreeSet<_>>());
            self.names = names.filter(|names| names.len() > 1).collect();
        }
    }

    /// Notes that nobody but root can write to a file from now on.
    pub(super) fn lock(&mut self, place: Place, run: u8) {
        self.locked.entry(place).or_insert(run);
    }

    /// Notes that it can be written to again, or is another one.
    pub(super) fn unlock(&mut self, place: &Place) {
        if self.locked.is_empty() {
            return;
        }
        let all = place.parent().map(|above| above.join("*"));
        self.locked.retain(|locked, _| !locked.touches(place) && Some(locked) != all.as_ref());
    }

    /// Whether a run before this one has left a file so that only root can write to it.
    pub(super) fn is_locked(&self, place: &Place, run: u8) -> bool {
        self.locked.get(place).is_some_and(|by| *by < run)
    }

    /// Everything that is written about what is in a directory, at whatever depth.
    pub(super) fn within<'d>(&'d self, place: &'d Place) -> impl Iterator<Item = (&'d Place, &'d Entry)> {
        let start = Place::new(place.volume, format!("{}/", place.path));
        let range = (Bound::Included(start), Bound::Unbounded);
        let entries = self.entries.range(range);
        entries
            .take_while(|(other, _)| other.volume == place.volume && other.path.starts_with(place.path.as_str()))
            .filter(|(other, _)| other.below(place).is_some())
    }

    /// Takes away all that is written about what is in a directory.
    pub(super) fn clear_within(&mut self, place: &Place) {
        let places: Vec<_> = self.within(place).map(|(place, _)| place.clone()).collect();
        for place in places {
            self.entries.remove(&place);
            self.part(&place);
        }
        self.unlock(place);
    }

    /// The disk as the next container finds it: the volumes, and no root file system.
    pub(super) fn volumes(&self) -> Self {
        let kept = self.entries.iter().filter(|(place, _)| place.volume != ROOT);
        let locked = self.locked.iter().filter(|(place, _)| place.volume != ROOT);
        Self {
            entries: kept.map(|(place, entry)| (place.clone(), entry.clone())).collect(),
            locked: locked.map(|(place, run)| (place.clone(), *run)).collect(),
            names: self.names.iter().filter(|names| names.iter().all(|place| place.volume != ROOT)).cloned().collect(),
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&Place, &Entry)> {
        self.entries.iter()
    }

    /// How many places something is written about.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The places that two disks do not agree about.
    pub(super) fn differing<'d>(&'d self, other: &'d Self) -> impl Iterator<Item = &'d Place> {
        let changed = self.entries.iter().filter(|(place, entry)| other.entries.get(place) != Some(entry));
        let added = other.entries.iter().filter(|(place, _)| !self.entries.contains_key(place));
        changed.chain(added).map(|(place, _)| place)
    }

    /// The disk with each content and tree changed.
    pub(super) fn mapped(&self, mut change: impl FnMut(&str) -> String) -> Self {
        let mut map = |entry: &Entry| match entry {
            Entry::File(content) => Entry::File(change(content).into()),
            Entry::Directory(trees) => Entry::Directory(trees.iter().map(|tree| change(tree).into()).collect()),
            other => other.clone(),
        };
        let entries = self.entries.iter().map(|(place, entry)| (place.clone(), map(entry))).collect();
        Self { entries, locked: self.locked.clone(), names: self.names.clone() }
    }
}
