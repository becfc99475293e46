//! Primitives on files and directories: make, copy, move, link, take away.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::files::ANY_FOLDER;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;
use crate::facts::effects::redirects::REPLACED;
use crate::facts::effects::setting::Tools;

const ABSENT: Expect = Expect::Kind(Kind::Absent);
pub(super) const EITHER: Expect = Expect::Any(&[Kind::File, Kind::Directory]);

/// Why nothing can be made there.
pub(super) const LACKS_FOLDER: &str = "the directory above is not there by then";
/// Why a copy or a link fails.
pub(super) const GONE: &str = "the source is not there by then";

impl Machine<'_, '_> {
    /// Where an operand leads to; a write to where nobody knows is noted.
    pub(super) fn operand(&mut self, arg: &Arg, follows: bool) -> Flow<Option<Target>> {
        let target = if arg.globs { None } else { self.target(&arg.text, follows)? };
        if target.is_none() {
            self.lost_write("write");
        }
        Ok(target)
    }

    /// The very name of an operand, a link if it is one.
    pub(super) fn own_operand(&mut self, arg: &Arg) -> Flow<Option<Target>> {
        let target = if arg.globs { None } else { self.own(&arg.text)? };
        if target.is_none() {
            self.lost_write("write");
        }
        Ok(target)
    }

    /// A write of which nobody knows where it goes.
    pub(super) fn lost_write(&mut self, _operation: &'static str) {
        self.blind.push(self.here.clone());
    }

    pub(super) fn make_folder(&mut self, call: &Call<'_>) -> Flow {
        let mut status = 0;
        for operand in &call.operands {
            if call.has("p parents") {
                let Some(target) = self.operand(operand, true)? else { continue };
                status = status.max(if self.is_broken(&operand.text)? {
                    let why = "a link that leads nowhere is there by then";
                    self.fail("mkdir", Some((target.place, &target.path)), why)
                } else {
                    self.make_folders(&target)
                });
                continue;
            }
            let Some(target) = self.own_operand(operand)? else { continue };
            let kind = self.look(&target.place, ABSENT);
            if self.lacks_folder(&target) {
                status = self.fail("mkdir", Some((target.place, &target.path)), LACKS_FOLDER);
            } else if kind == Kind::Absent {
                self.wrote("mkdir", &target, REPLACED);
                self.put_folder(&target.place);
            } else {
                let why = "the directory is there by then; `mkdir -p` does not mind";
                status = self.fail("mkdir", Some((target.place, &target.path)), why);
            }
        }
        Ok(status)
    }

    /// Whether a directory that a path names can't be made, because there is a link to nothing at one of its names.
    fn is_broken(&mut self, path: &str) -> Flow<bool> {
        let mut ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).collect();
        ends.push(path.len());
        for end in ends {
            let part = &path[..end];
            if self.is_link(part)?
                && let Some(leads) = self.place(part)?
                && self.look(&leads, ANY_FOLDER) == Kind::Absent
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A directory and all above it that are missing.
    pub(super) fn make_folders(&mut self, target: &Target) -> u8 {
        self.wrote("mkdir", target, REPLACED);
        let ends: Vec<usize> = target.place.path.match_indices('/').map(|(at, _)| at).skip(1).collect();
        for end in ends.into_iter().chain([target.place.path.len()]) {
            let place = Place::new(target.place.volume, &target.place.path[..end]);
            match self.look(&place, ABSENT) {
                Kind::Absent => self.put_folder(&place),
                Kind::File | Kind::Special => {
                    let about = Some((target.place.clone(), target.path.as_str()));
                    return self.fail("mkdir", about, "a file is there by then");
                }
                Kind::Directory | Kind::Link | Kind::Unknown => {}
            }
        }
        0
    }

    pub(super) fn remove_folder(&mut self, call: &Call<'_>) -> Flow {
        let mut status = 0;
        for operand in &call.operands {
            let Some(target) = self.own_operand(operand)? else { continue };
            let about = Some((target.place.clone(), target.path.as_str()));
            match self.look(&target.place, Expect::Kind(Kind::Directory)) {
                Kind::Directory if self.is_bare(&target.place) => {
                    self.wrote("remove", &target, REPLACED);
                    self.take_away(&target.place);
                }
                Kind::File | Kind::Link | Kind::Special => {
                    status = self.fail("remove", about, "a file is there by then");
                }
                Kind::Directory => status = self.fail("remove", about, "the directory is not empty by then"),
                _ => {
                    status =
                        self.fail("remove", about, "the directory is gone by then; look first whether it is there");
                }
            }
        }
        Ok(if call.has("ignore-fail-on-non-empty") { 0 } else { status })
    }

    pub(super) fn touch(&mut self, call: &Call<'_>) -> Flow {
        let mut status = 0;
        for operand in &call.operands {
            let Some(target) = self.operand(operand, true)? else { continue };
            if self.lacks_folder(&target) || target.is_folder && self.look_at(&target, ABSENT) == Kind::Absent {
                status = self.fail("touch", Some((target.place, &target.path)), LACKS_FOLDER);
                continue;
            }
            self.wrote("touch", &target, REPLACED);
            if self.look(&target.place, ABSENT) == Kind::Absent && !call.has("c no-create") {
                self.put_file(&target.place, "", true);
            }
        }
        Ok(status)
    }

    pub(super) fn remove(&mut self, call: &Call<'_>) -> Flow {
        let forced = call.has("f force");
        let mut status = 0;
        for operand in &call.operands {
            if operand.globs {
                self.remove_names(operand)?;
                continue;
            }
            let Some(target) = self.removed(operand, call.has("r R recursive"))? else { continue };
            status = status.max(self.remove_one(&target, forced, call.has("r R recursive"), call.has("d dir")));
        }
        Ok(status)
    }

    /// What `rm` takes away. BusyBox does not mind a slash behind a link or a file.
    fn removed(&mut self, operand: &Arg, recursive: bool) -> Flow<Option<Target>> {
        let Some(target) = self.operand(operand, false)? else { return Ok(None) };
        let Some(own) = self.own(&operand.text)?.filter(|_| target.is_folder) else { return Ok(Some(target)) };
        let is_link = match self.disk.get(&own.place) {
            Some(Entry::Link(_)) => true,
            Some(Entry::File(_) | Entry::Special) => false,
            _ => return Ok(Some(target)),
        };
        if self.is_busybox() {
            return Ok(Some(own));
        }
        if is_link && recursive && self.look(&target.place, ABSENT) == Kind::Directory {
            // What is in the directory goes, and then it fails.
            return Err(Leave::Lost);
        }
        Ok(Some(target))
    }

    fn remove_one(&mut self, target: &Target, forced: bool, recursive: bool, empties: bool) -> u8 {
        let expect = if forced { ABSENT } else { EITHER };
        let about = Some((target.place.clone(), target.path.as_str()));
        match self.look_at(target, expect) {
            Kind::Absent if forced => {
                let above = target
                    .place
                    .parent()
                    .filter(|above| self.setting.tools == Tools::BusyBox && !above.path.is_empty());
                if above.is_some_and(|above| self.look(&above, ABSENT) == Kind::File) {
                    return self.fail("remove", about, "a file is where the directory was");
                }
                self.wrote("remove", target, REPLACED);
                0
            }
            Kind::Absent => self.fail("remove", about, "the file is gone by then; `rm -f` does not mind"),
            Kind::Directory if !(recursive || empties && self.is_bare(&target.place)) => {
                self.fail("remove", about, "a directory is there by then")
            }
            Kind::Directory if self.setting.is_mount(&target.place) || target.place.path.is_empty() => {
                self.wrote("remove", target, REPLACED);
                self.empty(&target.place);
                // What is mounted can't be taken away itself.
                self.fail("remove", about, "a mount can't be removed")
            }
            _ => {
                self.wrote("remove", target, REPLACED);
                self.take_away(&target.place);
                0
            }
        }
    }

    /// Takes away all that is in a directory.
    pub(super) fn empty(&mut self, place: &Place) {
        self.disk.clear_within(place);
        if !self.trees(place).is_empty() {
            self.disk.set(place.clone(), Entry::Directory(Vec::new()));
        }
        self.cut();
    }

    /// Takes away what a pattern stands for that nobody knows; what is known is an operand of its own.
    pub(super) fn remove_names(&mut self, operand: &Arg) -> Flow<()> {
        let (above, last) = operand.text.rsplit_once('/').unwrap_or((".", &operand.text));
        let target = if above.contains(['*', '?', '[']) { None } else { self.target(above, true)? };
        let Some(target) = target else {
            self.lost_write("remove");
            return Ok(());
        };
        if target.place.volume == ROOT && last != "*" {
            return Ok(());
        }
        self.wrote("remove", &target, REPLACED);
        let trees = self.trees(&target.place);
        let rest = if last == "*" {
            Vec::new()
        } else {
            trees.iter().map(|tree| self.made_once(&format!("without {last}"), tree)).collect()
        };
        self.disk.set(target.place, Entry::Directory(rest));
        self.cut();
        Ok(())
    }

    pub(super) fn make_node(&mut self, call: &Call<'_>) -> Flow {
        let count = if call.name == "mknod" { 1 } else { call.operands.len() };
        let mut status = 0;
        for operand in call.operands.iter().take(count) {
            let Some(target) = self.operand(operand, false)? else { continue };
            let is_there = self.look(&target.place, ABSENT) != Kind::Absent;
            if is_there || self.is_no_file(&target) {
                let why = if is_there { "the file is there by then; remove it first" } else { LACKS_FOLDER };
                let program = if call.name == "mknod" { "mknod" } else { "mkfifo" };
                status = self.fail(program, Some((target.place, &target.path)), why);
                continue;
            }
            self.wrote("mkfifo", &target, REPLACED);
            self.disk.set(target.place, Entry::Special);
            self.cut();
        }
        Ok(status)
    }

    /// `install`: directories with `-d`, else copies.
    pub(super) fn install(&mut self, call: &Call<'_>) -> Flow {
        if call.has("d directory") {
            let mut status = 0;
            for operand in &call.operands {
                if let Some(target) = self.operand(operand, true)? {
                    status = status.max(self.make_folders(&target));
                }
            }
            return Ok(status);
        }
        if call.has("D")
            && let Some(target) = call.operands.last().map(|goal| self.operand(goal, true)).transpose()?.flatten()
            && let Some(above) = target.place.parent()
        {
            self.make_folders(&Target { place: above, ..target });
        }
        self.copy(call)
    }

    /// Programs that need their operands to be there and leave them as they are, permissions aside.
    pub(super) fn permissions(&mut self, call: &Call<'_>) -> Flow {
        let mut status = 0;
        let skipped = usize::from(!call.has("reference"));
        for operand in call.operands.iter().skip(skipped).filter(|operand| !operand.globs) {
            if let Some(target) = self.target(&operand.text, true)?
                && self.look_at(&target, EITHER) == Kind::Absent
            {
                status = self.fail("permissions", Some((target.place, &target.path)), "the file is not there by then");
            }
        }
        Ok(status)
    }

    /// A new temporary file or directory.
    pub(super) fn make_temporary(&mut self, call: &Call<'_>) -> Flow {
        let fresh = self.world.atoms.fresh(self.run);
        let template = call.operands.first().map_or("tmp.XXXXXX", |operand| operand.text.as_str());
        let folder = call.value("p tmpdir").map(|folder| folder.text.clone());
        let folder = folder.or_else(|| (call.operands.is_empty() || call.has("t")).then(|| "/tmp".to_owned()));
        let name = template.trim_end_matches('X');
        let path = folder.map_or_else(|| format!("{name}{fresh}"), |folder| format!("{folder}/{name}{fresh}"));
        self.print(&format!("{path}\n"))?;
        if call.has("u dry-run") {
            return Ok(0);
        }
        let Some(target) = self.operand(&Arg::plain(path), true)? else { return Ok(0) };
        if self.lacks_folder(&target) {
            return Ok(self.fail("mktemp", Some((target.place, &target.path)), LACKS_FOLDER));
        }
        self.wrote(
            "mktemp",
            &target,
            "it makes one more each time; make it outside of the volume, or remove it in the end",
        );
        if call.has("d directory") {
            self.put_folder(&target.place);
        } else {
            self.put_file(&target.place, "", true);
        }
        Ok(0)
    }
}

/// What is called so in a directory.
pub(super) fn below(goal: &Target, name: &str) -> Target {
    let path = if name.is_empty() { goal.path.clone() } else { format!("{}/{name}", goal.path.trim_end_matches('/')) };
    Target { place: goal.place.join(name), path, is_folder: false }
}
