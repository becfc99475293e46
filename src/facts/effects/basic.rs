//! Primitives on files and directories: make, copy, move, link, take away.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::files::Target;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::redirects::REPLACED;
use crate::facts::effects::setting::Tools;
use crate::facts::runs::base_name;

const ABSENT: Expect = Expect::Kind(Kind::Absent);
const FILE: Expect = Expect::Kind(Kind::File);
pub(super) const EITHER: Expect = Expect::Any(&[Kind::File, Kind::Directory]);

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

    /// A write of which nobody knows where it goes.
    pub(super) fn lost_write(&mut self, _operation: &'static str) {
        self.blind.push(self.here.clone());
    }

    pub(super) fn make_folder(&mut self, call: &Call<'_>) -> Flow {
        let mut status = 0;
        for operand in &call.operands {
            let Some(target) = self.operand(operand, true)? else { continue };
            if call.has("p parents") {
                status = status.max(self.make_folders(&target));
                continue;
            }
            let kind = self.look(&target.place, ABSENT);
            if self.lacks_folder(&target) {
                status =
                    self.fail("mkdir", Some((target.place, &target.path)), "the directory above is not there by then");
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
            let Some(target) = self.operand(operand, false)? else { continue };
            let about = Some((target.place.clone(), target.path.as_str()));
            match self.look(&target.place, Expect::Kind(Kind::Directory)) {
                Kind::Directory if self.is_bare(&target.place) => {
                    self.wrote("remove", &target, REPLACED);
                    self.take_away(&target.place);
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
            if self.lacks_folder(&target) || target.is_folder && self.look(&target.place, ABSENT) == Kind::Absent {
                status =
                    self.fail("touch", Some((target.place, &target.path)), "the directory above is not there by then");
                continue;
            }
            self.wrote("touch", &target, REPLACED);
            if self.look(&target.place, ABSENT) == Kind::Absent && !call.has("c no-create") {
                self.put_file(&target.place, "", true);
            }
        }
        Ok(status)
    }

    pub(super) fn link(&mut self, call: &Call<'_>) -> Flow {
        let mut operands = call.operands.clone();
        let goal = match (call.value("t target-directory"), operands.len()) {
            (Some(folder), _) => folder.clone(),
            (None, 0) => return Ok(1),
            (None, 1) => Arg::plain("."),
            (None, _) => operands.pop().unwrap_or_else(|| Arg::plain(".")),
        };
        let Some(own) = self.operand(&goal, false)? else { return Ok(0) };
        let exact = call.has("T no-target-directory");
        let mut status = 0;
        for source in &operands {
            let mut into = own.clone();
            let leads = call.has("n h no-dereference") && !own.is_folder;
            let expect = if own.is_folder { Expect::Kind(Kind::Directory) } else { ABSENT };
            let kind = self.look(&own.place, expect);
            let mut is_folder = kind == Kind::Directory;
            if kind == Kind::Link
                && !leads
                && let Some(target) = self.target(&goal.text, true)?
                && self.look(&target.place, Expect::Any(&[Kind::Directory, Kind::Absent])) == Kind::Directory
            {
                into = target;
                is_folder = true;
            }
            if is_folder && !exact {
                into = below(&into, base_name(&source.text));
            }
            if source.globs && !is_folder {
                let why = "the directory is not there by then";
                status = self.fail("link", Some((into.place, &into.path)), why);
                continue;
            }
            status = status.max(self.link_one(source, &into, call)?);
        }
        Ok(status)
    }

    fn link_one(&mut self, source: &Arg, to: &Target, call: &Call<'_>) -> Flow {
        let about = Some((to.place.clone(), to.path.as_str()));
        let there = self.look(&to.place, ABSENT);
        if self.is_no_file(to) {
            return Ok(self.fail("link", about, "the directory above is not there by then"));
        }
        let forced = call.has("f force") && there != Kind::Directory;
        if there != Kind::Absent && !forced {
            return Ok(self.fail("link", about, "the link is there by then; `ln -sfn` replaces it"));
        }
        let entry = if call.has("s symbolic") {
            Entry::Link(source.text.as_str().into())
        } else {
            let Some(from) = self.target(&source.text, true)? else { return Ok(0) };
            if self.look_at(&from, FILE) == Kind::Absent {
                return Ok(self.fail("link", Some((from.place, &from.path)), GONE));
            }
            if from.place == to.place {
                return Ok(self.fail("link", about, "they are the same file by then"));
            }
            Entry::File(self.content(&from.place))
        };
        self.wrote("link", to, "the link goes into the directory that the old one leads to; `ln -sfn` replaces it");
        self.disk.clear_within(&to.place);
        self.disk.set(to.place.clone(), entry);
        self.cut();
        Ok(0)
    }

    pub(super) fn remove(&mut self, call: &Call<'_>) -> Flow {
        let forced = call.has("f force");
        let mut status = 0;
        for operand in &call.operands {
            if operand.globs {
                self.remove_names(operand)?;
                continue;
            }
            let Some(target) = self.operand(operand, false)? else { continue };
            status = status.max(self.remove_one(&target, forced, call.has("r R recursive"), call.has("d dir")));
        }
        Ok(status)
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
            if self.look(&target.place, ABSENT) != Kind::Absent {
                let why = "the file is there by then; remove it first";
                status = self.fail(
                    if call.name == "mknod" { "mknod" } else { "mkfifo" },
                    Some((target.place, &target.path)),
                    why,
                );
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
                && self.look(&target.place, EITHER) == Kind::Absent
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
