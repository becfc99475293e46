//! What a shell and its programs do to files: look, make, write, copy and take away on the symbolic disk.
//!
//! What nothing was written about is asked once and then the same in every run. Where a program needs something to
//! be there it is taken to be there: a container that fails on its first run never came as far as a second one.

use std::rc::Rc;

use crate::facts::effects::atoms::Atom;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::machine::Event;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::paths::Target;
use crate::facts::effects::setting::Tools;
use crate::facts::runs::Found;

/// How many things may be copied at once.
const MAX_COPIED: usize = 300;

/// Directories that every image has.
const FOLDERS: [&str; 14] = [
    "/bin", "/dev", "/etc", "/home", "/lib", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr",
];

/// What is at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Absent = 0,
    File = 1,
    Directory = 2,
    Special = 3,
    Link = 4,
    Unknown = 5,
}

/// What somebody who looks expects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Expect {
    /// This, unless it is known better.
    Kind(Kind),
    /// It depends: each of these is possible.
    Any(&'static [Kind]),
}

impl Machine<'_, '_> {
    /// Whether the programs are those of BusyBox, where that makes a difference.
    pub(super) fn is_busybox(&mut self) -> bool {
        match self.setting.tools {
            Tools::BusyBox => true,
            Tools::Gnu => false,
            Tools::Unknown => self.ask("whose programs", &[1, 0]) == 1,
        }
    }

    /// What a path leads to: with a slash at its end only to a directory.
    pub(super) fn look_at(&mut self, target: &Target, expect: Expect) -> Kind {
        match self.look(&target.place, expect) {
            Kind::File | Kind::Special if target.is_folder => Kind::Absent,
            kind => kind,
        }
    }

    /// What is at a place. Where nobody can tell it is what is expected, and a later run is in doubt.
    pub(super) fn look(&mut self, place: &Place, expect: Expect) -> Kind {
        let kind = self.look_up(place, expect);
        if kind != Kind::Unknown {
            return kind;
        }
        match expect {
            Expect::Kind(kind) => {
                if self.run > 1 {
                    self.doubts.push(self.here.range.clone());
                }
                kind
            }
            Expect::Any(_) => self.answer(&format!("unclear {} {} {}", self.run, place.volume, place.path), expect),
        }
    }

    fn look_up(&mut self, place: &Place, expect: Expect) -> Kind {
        if let Some(entry) = self.disk.get(place) {
            return match entry {
                Entry::Gone => Kind::Absent,
                Entry::File(_) => Kind::File,
                Entry::Directory(_) => Kind::Directory,
                Entry::Link(_) => Kind::Link,
                Entry::Special => Kind::Special,
                Entry::Unknown => Kind::Unknown,
            };
        }
        if place.path.is_empty() || self.setting.is_mount(place) {
            return Kind::Directory;
        }
        let mut above = place.parent();
        while let Some(folder) = above {
            match self.disk.get(&folder) {
                Some(Entry::Directory(trees)) => {
                    let below = place.below(&folder).unwrap_or_default().to_owned();
                    let trees = trees.clone();
                    return self.look_in(&trees, &below, expect).map_or(Kind::Absent, |(_, kind)| kind);
                }
                Some(Entry::Gone | Entry::File(_) | Entry::Special | Entry::Link(_)) => return Kind::Absent,
                Some(Entry::Unknown) => return Kind::Unknown,
                None => above = folder.parent(),
            }
        }
        if place.volume == ROOT {
            return self.look_outside(&place.path.clone(), expect);
        }
        if self.world.inhabited {
            return self.answer(&format!("before {} {}", place.volume, place.path), expect);
        }
        Kind::Absent
    }

    /// Which of some trees, the last one on top, has something at a path, and what.
    fn look_in(&mut self, trees: &[Rc<str>], below: &str, expect: Expect) -> Option<(Rc<str>, Kind)> {
        for (at, tree) in trees.iter().enumerate().rev() {
            let source = tree.chars().next().and_then(|letter| self.world.atoms.get(letter)).cloned();
            // Only the last one that may have it has to, if somebody needs it.
            let expect = if at > 0 && expect == Expect::Kind(Kind::File) { ANY_FILE } else { expect };
            let within = std::mem::replace(&mut self.in_tree, true);
            let kind = match source {
                Some(Atom::Source(name)) if name.starts_with("path ") => {
                    let path = format!("{}/{below}", name["path ".len()..].trim_end_matches('/'));
                    self.look_outside(&path, expect)
                }
                Some(Atom::Unknown(..)) | None => Kind::Unknown,
                Some(Atom::Partial(_)) => {
                    self.in_tree = within;
                    return Some((Rc::clone(tree), self.partial(tree, below, expect)));
                }
                _ => self.answer(&format!("in {tree} {below}"), expect),
            };
            self.in_tree = within;
            if kind != Kind::Absent {
                return Some((Rc::clone(tree), kind));
            }
        }
        None
    }

    /// What a tree has whose making was broken off: what the whole one has, or nothing.
    fn partial(&mut self, tree: &str, below: &str, expect: Expect) -> Kind {
        let whole = tree.chars().next().and_then(|letter| self.world.atoms.get(letter)).cloned();
        let Some(Atom::Partial(whole)) = whole else { return Kind::Unknown };
        let whole: Vec<Rc<str>> = whole.chars().map(|letter| letter.to_string().into()).collect();
        self.look_in(&whole, below, expect).map_or(Kind::Absent, |(_, kind)| kind)
    }

    /// What is at a path of the image, or of a volume that nobody writes to.
    fn look_outside(&mut self, path: &str, expect: Expect) -> Kind {
        match self.setting.run.mounted.at(path) {
            _ if self.setting.is_mounted_file(path) => return Kind::File,
            Found::File(_) => return Kind::File,
            Found::Folder => return Kind::Directory,
            Found::Missing | Found::Unknown | Found::Elsewhere => {}
        }
        if path.is_empty() || path == "/var" || FOLDERS.contains(&path) {
            return Kind::Directory;
        }
        if matches!(path, "/etc/hosts" | "/etc/passwd" | "/etc/group" | "/etc/resolv.conf" | "/etc/hostname") {
            return Kind::File;
        }
        let devices =
            ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/stdin", "/dev/stdout", "/dev/stderr"];
        if devices.contains(&path) || path.starts_with("/proc/") {
            return Kind::File;
        }
        let expect = match expect {
            expect if !self.world.oracle.is_stray(path) => expect,
            Expect::Kind(kind) => likely_first(kind),
            Expect::Any(kinds) => likely_first(kinds[0]),
        };
        self.answer(&format!("path {path}"), expect)
    }

    fn answer(&mut self, question: &str, expect: Expect) -> Kind {
        let answer = match expect {
            // What the first run did not need is not taken to be there for the next one.
            Expect::Kind(kind @ (Kind::File | Kind::Directory)) if self.run > 1 => {
                self.ask(question, &[kind as u8, Kind::Absent as u8])
            }
            Expect::Kind(Kind::Absent) if self.run > 1 => {
                self.ask(question, &[Kind::Absent as u8, Kind::Directory as u8])
            }
            Expect::Kind(kind) => {
                let goes_on = !self.flags.errexit || self.tolerant > 0;
                let is_spared = self.in_tree && goes_on && kind != Kind::Absent;
                self.world.spares |= is_spared;
                let kind = if is_spared && self.world.lacks { Kind::Absent } else { kind };
                self.world.oracle.assume(question.to_owned(), kind as u8)
            }
            Expect::Any(kinds) => {
                let answers: Vec<u8> = kinds.iter().map(|kind| *kind as u8).collect();
                self.ask(question, &answers)
            }
        };
        match answer {
            0 => Kind::Absent,
            1 => Kind::File,
            2 => Kind::Directory,
            _ => Kind::Unknown,
        }
    }

    /// The content of a file, which is taken to be there.
    pub(super) fn content(&mut self, place: &Place) -> Rc<str> {
        match self.disk.get(place) {
            Some(Entry::File(content)) => return Rc::clone(content),
            Some(_) => return self.unknown(),
            None => {}
        }
        let mut above = place.parent();
        while let Some(folder) = above {
            if let Some(Entry::Directory(trees)) = self.disk.get(&folder) {
                let below = place.below(&folder).unwrap_or_default().to_owned();
                let trees = trees.clone();
                let tree = self.look_in(&trees, &below, Expect::Kind(Kind::File)).map(|(tree, _)| tree);
                return match tree {
                    Some(tree) => self.content_in(&tree, &below),
                    None => self.unknown(),
                };
            }
            above = folder.parent();
        }
        if place.volume == ROOT {
            return self.content_outside(&place.path.clone());
        }
        self.world.atoms.source(&format!("before {} {}", place.volume, place.path))
    }

    /// What a tree has at a path below it.
    fn content_in(&mut self, tree: &str, below: &str) -> Rc<str> {
        match tree.chars().next().and_then(|letter| self.world.atoms.get(letter)).cloned() {
            Some(Atom::Source(name)) if name.starts_with("path ") => {
                self.content_outside(&format!("{}/{below}", name["path ".len()..].trim_end_matches('/')))
            }
            _ => self.world.atoms.made(&format!("file {below}"), tree),
        }
    }

    fn content_outside(&mut self, path: &str) -> Rc<str> {
        match path {
            "/dev/null" => return "".into(),
            "/dev/stdin" => return Rc::clone(&self.input),
            "/dev/urandom" | "/dev/random" | "/proc/sys/kernel/random/uuid" | "/proc/uptime" => {
                return self.world.atoms.fresh(self.run);
            }
            _ => {}
        }
        if let Some(value) = self.setting.run.mounted.content(path) {
            return self.world.atoms.value(&value).into();
        }
        self.world.atoms.source(&format!("path {path}"))
    }

    /// What a directory holds that is not written down: nothing, if no tree was put there.
    pub(super) fn trees(&mut self, place: &Place) -> Vec<Rc<str>> {
        if let Some(Entry::Directory(trees)) = self.disk.get(place) {
            return trees.clone();
        }
        let mut above = place.parent();
        while let Some(folder) = above {
            if let Some(Entry::Directory(trees)) = self.disk.get(&folder) {
                let below = place.below(&folder).unwrap_or_default().to_owned();
                let trees = trees.clone();
                return trees.iter().map(|tree| self.tree_in(tree, &below)).collect();
            }
            above = folder.parent();
        }
        if place.volume == ROOT && !self.setting.is_mount(place) {
            return vec![self.world.atoms.source(&format!("path {}", place.path))];
        }
        if self.world.inhabited && place.volume != ROOT && !place.path.is_empty() {
            return vec![self.world.atoms.source(&format!("before {} {}", place.volume, place.path))];
        }
        Vec::new()
    }

    fn tree_in(&mut self, tree: &str, below: &str) -> Rc<str> {
        match tree.chars().next().and_then(|letter| self.world.atoms.get(letter)).cloned() {
            Some(Atom::Source(name)) if name.starts_with("path ") => {
                self.world.atoms.source(&format!("{}/{below}", name.trim_end_matches('/')))
            }
            _ => self.world.atoms.made(&format!("folder {below}"), tree),
        }
    }

    /// Whether a directory may hold more than is written down.
    pub(super) fn may_hold_more(&mut self, place: &Place) -> bool {
        match self.look(place, Expect::Kind(Kind::Directory)) {
            Kind::Directory if place.volume == ROOT && self.ran_unknown => true,
            Kind::Directory => !self.trees(place).is_empty(),
            Kind::Unknown => true,
            _ => false,
        }
    }

    /// Whether nothing is in a directory.
    pub(super) fn is_bare(&mut self, place: &Place) -> bool {
        !self.may_hold_more(place) && !self.disk.within(place).any(|(_, entry)| *entry != Entry::Gone)
    }

    /// Notes that something is done to a volume.
    pub(super) fn wrote(&mut self, operation: &'static str, target: &Target, why: &'static str) {
        if target.place.volume != ROOT {
            let (site, place, path) = (self.here.clone(), target.place.clone(), target.path.clone());
            self.events.push(Event { site, operation, place, path, why });
        }
    }

    /// Writes a file. `at_once` says that nobody can see half of it.
    pub(super) fn put_file(&mut self, place: &Place, content: &str, at_once: bool) {
        if !at_once && place.volume != ROOT && self.cuts.is_some() {
            let partial = self.world.atoms.text(Atom::Partial(content.into()));
            self.disk.set(place.clone(), Entry::File(partial));
            self.cut();
        }
        self.disk.set(place.clone(), Entry::File(content.into()));
        if place.volume != ROOT {
            self.cut();
        }
    }

    /// Makes a directory that was not there.
    pub(super) fn put_folder(&mut self, place: &Place) {
        self.disk.clear_within(place);
        self.disk.set(place.clone(), Entry::Directory(Vec::new()));
        self.cut();
    }

    /// Lays trees over a directory: what they have replaces what is there.
    pub(super) fn overlay(&mut self, place: &Place, trees: &[Rc<str>]) {
        self.lay(place, trees, false);
    }

    /// Lays trees over a directory, or below what is there, if it `keeps` that.
    fn lay(&mut self, place: &Place, trees: &[Rc<str>], keeps: bool) {
        let mut own = self.trees(place);
        for tree in trees {
            // A directory stays one, whatever is put into it, unless nobody knows what is done to it.
            let is_unknown = self.world.atoms.has_unknown(tree);
            let is_open = |entry: &Entry| match entry {
                Entry::Gone => true,
                Entry::Directory(_) => is_unknown,
                _ => is_unknown || !keeps,
            };
            let files = self.disk.within(place).filter(|(_, entry)| is_open(entry));
            let within: Vec<Place> = files.map(|(within, _)| within.clone()).collect();
            for within in within {
                let below = within.below(place).unwrap_or_default().to_owned();
                let kind = self.look_in(std::slice::from_ref(tree), &below, ANY_FILE).map(|(_, kind)| kind);
                match kind {
                    Some(Kind::File) => self.disk.forget(&within),
                    Some(Kind::Unknown) => self.disk.set(within, Entry::Unknown),
                    _ => {}
                }
            }
            own.retain(|known| !self.is_rest_of(known, tree));
            own.insert(if keeps { 0 } else { own.len() }, Rc::clone(tree));
        }
        if place.volume != ROOT && self.cuts.is_some() && !trees.is_empty() {
            let mut partial = own.clone();
            if let Some(last) = partial.last_mut() {
                *last = self.world.atoms.text(Atom::Partial(Rc::clone(last)));
            }
            let before = self.disk.get(place).cloned();
            self.disk.set(place.clone(), Entry::Directory(partial));
            self.cut();
            match before {
                Some(before) => self.disk.set(place.clone(), before),
                None => self.disk.forget(place),
            }
        }
        self.disk.set(place.clone(), Entry::Directory(own));
        if place.volume != ROOT {
            self.cut();
        }
    }

    /// Whether a tree is this one, a part of it, or what removals have left of it.
    fn is_rest_of(&self, known: &str, tree: &str) -> bool {
        if known == tree {
            return true;
        }
        match known.chars().next().and_then(|letter| self.world.atoms.get(letter)) {
            Some(Atom::Made(made)) => {
                let rest = made.strip_prefix("without ").and_then(|made| made.split_once('\n'));
                rest.is_some_and(|(_, of)| self.is_rest_of(of, tree))
            }
            Some(Atom::Partial(whole)) => self.is_rest_of(whole, tree),
            _ => false,
        }
    }

    /// Copies what is at a place to another one, where a directory is added to one that is there.
    pub(super) fn copy_tree(&mut self, from: &Place, to: &Place) -> Flow<()> {
        match self.look(from, Expect::Kind(Kind::File)) {
            Kind::Directory => self.copy_below(from, to, false)?,
            Kind::Link | Kind::Special => {
                let entry = self.disk.get(from).cloned().unwrap_or(Entry::Unknown);
                self.disk.replace(to.clone(), entry);
                self.cut();
            }
            _ => {
                let content = self.content(from);
                self.put_file(to, &content, false);
            }
        }
        Ok(())
    }

    /// Copies what is in a directory to another one, where what is there stays.
    pub(super) fn fill_tree(&mut self, from: &Place, to: &Place) -> Flow<()> {
        self.copy_below(from, to, true)
    }

    fn copy_below(&mut self, from: &Place, to: &Place, keeps: bool) -> Flow<()> {
        let trees = self.trees(from);
        let within: Vec<(Place, Entry)> =
            self.disk.within(from).map(|(place, entry)| (place.clone(), entry.clone())).collect();
        if within.len() > MAX_COPIED {
            return Err(Leave::Lost);
        }
        if self.look(to, Expect::Kind(Kind::Absent)) != Kind::Directory {
            self.put_folder(to);
        }
        if !trees.is_empty() {
            self.lay(to, &trees, keeps);
        }
        for (place, entry) in within {
            let to = to.join(place.below(from).unwrap_or_default());
            let there = self.disk.get(&to).filter(|there| **there != Entry::Gone);
            match (entry, there) {
                // What is gone at the source is not copied.
                (Entry::Gone, _) | (Entry::Directory(_), Some(Entry::Directory(_))) => {}
                (Entry::File(_) | Entry::Link(_) | Entry::Special, Some(_)) if keeps => {}
                (Entry::File(content), None | Some(Entry::File(_))) => self.put_file(&to, &content, false),
                (entry, None) => self.disk.set(to, entry),
                // One stands in the way of the other, or is written through.
                _ => return Err(Leave::Lost),
            }
        }
        self.cut();
        Ok(())
    }

    /// Takes away what is at a place and below it.
    pub(super) fn take_away(&mut self, place: &Place) {
        self.disk.clear_within(place);
        self.disk.forget(place);
        // Where nothing is implied nothing need be said.
        let implied = self.look(place, Expect::Kind(Kind::Absent));
        if implied != Kind::Absent || self.is_implied_above(place) {
            self.disk.set(place.clone(), Entry::Gone);
        }
        if place.volume != ROOT {
            self.cut();
        }
    }

    /// Whether a directory above may hold what is not written down.
    fn is_implied_above(&mut self, place: &Place) -> bool {
        let mut above = place.parent();
        while let Some(folder) = above {
            match self.disk.get(&folder) {
                Some(Entry::Directory(trees)) => return !trees.is_empty(),
                Some(_) => return false,
                None => above = folder.parent(),
            }
        }
        place.volume == ROOT || self.world.inhabited
    }
}

/// All that may be where nothing is known, what is expected first.
fn likely_first(kind: Kind) -> Expect {
    Expect::Any(match kind {
        Kind::Directory => &[Kind::Directory, Kind::File, Kind::Absent],
        Kind::Absent => &[Kind::Absent, Kind::File, Kind::Directory],
        _ => &[Kind::File, Kind::Directory, Kind::Absent],
    })
}

/// Somebody looks whether a file is there.
pub(super) const ANY_FILE: Expect = Expect::Any(&[Kind::File, Kind::Absent]);
/// Somebody looks whether a directory is there.
pub(super) const ANY_FOLDER: Expect = Expect::Any(&[Kind::Directory, Kind::Absent]);
