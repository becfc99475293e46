//! `cp` and `mv`: what goes where, and what is there already.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::atoms::is_atom;
use crate::facts::effects::basic::EITHER;
use crate::facts::effects::basic::GONE;
use crate::facts::effects::basic::below;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::files::ANY_FOLDER;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::files::Target;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::modes::READ_ONLY;
use crate::facts::effects::options::Call;
use crate::facts::effects::redirects::REPLACED;
use crate::facts::runs::base_name;

const ABSENT: Expect = Expect::Kind(Kind::Absent);
const FILE: Expect = Expect::Kind(Kind::File);

/// Why a copy of a directory differs.
const NESTED: &str = "the copy goes into the directory that is there by then; `DIR/.` merges";

impl Machine<'_, '_> {
    /// The operands of `cp` and its like: the sources, and where they go.
    fn sources_and_goal(call: &Call<'_>) -> Option<(Vec<Arg>, Arg, bool)> {
        if let Some(folder) = call.value("t target-directory") {
            return Some((call.operands.clone(), folder.clone(), true));
        }
        let (goal, sources) = call.operands.split_last()?;
        (!sources.is_empty()).then(|| (sources.to_vec(), goal.clone(), false))
    }

    pub(super) fn copy(&mut self, call: &Call<'_>) -> Flow {
        let Some((sources, goal, into)) = Self::sources_and_goal(call) else { return Ok(1) };
        let Some(goal) = self.operand(&goal, true)? else { return Ok(0) };
        let recursive = call.has("r R a recursive archive");
        let exact = call.has("T no-target-directory");
        let keeps = call.has("n no-clobber i interactive");
        let several = into || sources.len() > 1 || sources.iter().any(|source| source.globs);
        let mut status = 0;
        for source in &sources {
            // A directory is copied to what is not there, too; others need one to go into.
            let expect = match (several, goal.is_folder) {
                (false, false) if self.world.inhabited => ANY_FOLDER,
                (false, false) => ABSENT,
                (false, true) if recursive => ANY_FOLDER,
                _ => Expect::Kind(Kind::Directory),
            };
            let is_folder = !exact && matches!(self.look(&goal.place, expect), Kind::Directory | Kind::Unknown);
            if sources.len() > 1 && !is_folder {
                return Ok(self.fail("copy", Some((goal.place, &goal.path)), "the directory is not there by then"));
            }
            let done = self.copy_one(source, &goal, (is_folder, recursive, keeps), call)?;
            status = status.max(done);
        }
        Ok(status)
    }

    fn copy_one(
        &mut self,
        source: &Arg,
        goal: &Target,
        (is_folder, recursive, keeps): (bool, bool, bool),
        call: &Call<'_>,
    ) -> Flow {
        if source.globs && !is_folder {
            // It stands for several files, most likely.
            return Ok(self.fail("copy", Some((goal.place.clone(), &goal.path)), "the directory is not there by then"));
        }
        if source.globs {
            return self.copy_names(source, goal, is_folder, is_forced(call));
        }
        let Some(from) = self.target(&source.text, true)? else {
            // Nobody knows what it is, but it is the same each time.
            self.copy_outside(source, goal, is_folder, recursive);
            return Ok(0);
        };
        // Without `-r` it is meant to be a file, unless it is called what only directories are.
        let is_named_folder = [".d", "/", "/."].iter().any(|end| source.text.ends_with(end));
        let is_folder_there = is_named_folder || recursive && looks_like_folder(&source.text);
        let shape = if is_folder_there { Kind::Directory } else { Kind::File };
        let kind = self.look_at(&from, Expect::Kind(shape));
        let merges = source.text.ends_with("/.") || source.text == "." || source.text.ends_with("/..");
        let name = if merges { "" } else { base_name(&from.path) };
        let to = if is_folder { below(goal, name) } else { goal.clone() };
        let about = Some((to.place.clone(), to.path.as_str()));
        if kind == Kind::Absent {
            return Ok(self.fail("copy", Some((from.place, &from.path)), GONE));
        }
        if kind == Kind::Directory && !recursive {
            return Ok(self.fail("copy", None, ""));
        }
        if from.place == to.place && kind != Kind::Directory {
            return Ok(self.fail("copy", about, "they are the same file by then"));
        }
        let there = self.look(&to.place, ABSENT);
        if self.lacks_folder(&to) || kind != Kind::Directory && goal.is_folder && !is_folder {
            return Ok(self.fail("copy", about, "the directory above is not there by then"));
        }
        if kind == Kind::Directory && to.place.below(&from.place).is_some() {
            return Ok(self.fail("copy", about, "a directory can't be copied into itself"));
        }
        match (kind, there) {
            (Kind::Directory, Kind::File | Kind::Special) => {
                return Ok(self.fail("copy", about, "a file is there by then"));
            }
            (Kind::File, Kind::Directory) => return Ok(self.fail("copy", about, "a directory is there by then")),
            (Kind::File, there) if there != Kind::Absent && keeps => {
                self.wrote("copy", &to, REPLACED);
                return Ok(0);
            }
            (Kind::File, there) if there != Kind::Absent && self.is_locked(&to) && !is_forced(call) => {
                return Ok(self.fail("copy", about, READ_ONLY));
            }
            _ => {}
        }
        let why = if kind == Kind::Directory && !merges { NESTED } else { REPLACED };
        self.wrote("copy", &to, why);
        if call.has("l s link symbolic-link") {
            self.disk.set(to.place, Entry::Link(from.path.into()));
            self.cut();
            return Ok(0);
        }
        self.copy_tree(&from.place, &to.place)?;
        Ok(0)
    }

    /// Copies what a pattern stands for that nobody knows.
    fn copy_names(&mut self, source: &Arg, goal: &Target, is_folder: bool, is_forced: bool) -> Flow {
        if is_folder && !is_forced && self.is_locked_place(&goal.place.join("*")) {
            return Ok(self.fail("copy", Some((goal.place.clone(), &goal.path)), READ_ONLY));
        }
        let (above, last) = source.text.rsplit_once('/').unwrap_or((".", &source.text));
        let above = if above.is_empty() { "/" } else { above };
        let from = if above.contains(['*', '?', '[']) { None } else { self.target(above, true)? };
        let trees = match from {
            Some(from) if last == "*" => self.trees(&from.place),
            Some(from) => {
                let trees: Vec<String> = self.trees(&from.place).iter().map(ToString::to_string).collect();
                vec![self.world.atoms.made(&format!("names {last}"), &trees.concat())]
            }
            None => vec![self.world.atoms.source(&format!("names {}", source.text))],
        };
        self.wrote("copy", goal, REPLACED);
        if is_folder {
            self.overlay(&goal.place, &trees);
        } else {
            let trees: Vec<String> = trees.iter().map(ToString::to_string).collect();
            self.put_file(&goal.place, &trees.concat(), false);
        }
        Ok(0)
    }

    /// Copies something whose place can't be told, such as what a variable of the image names.
    fn copy_outside(&mut self, source: &Arg, goal: &Target, is_folder: bool, recursive: bool) {
        let merges = source.text.ends_with("/.");
        let tree = self.world.atoms.source(&format!("tree {}", source.text));
        let name = base_name(&source.text).to_owned();
        if recursive && looks_like_folder(&source.text) || merges {
            let to = if is_folder && !merges { below(goal, &name) } else { goal.clone() };
            self.wrote("copy", &to, NESTED);
            if self.look(&to.place, ABSENT) != Kind::Directory {
                self.put_folder(&to.place);
            }
            self.overlay(&to.place, &[tree]);
        } else {
            let to = if is_folder { below(goal, &name) } else { goal.clone() };
            self.wrote("copy", &to, REPLACED);
            self.put_file(&to.place, &tree, false);
        }
    }

    pub(super) fn rename(&mut self, call: &Call<'_>) -> Flow {
        let Some((sources, goal, into)) = Self::sources_and_goal(call) else { return Ok(1) };
        let Some(goal) = self.operand(&goal, true)? else { return Ok(0) };
        let exact = call.has("T no-target-directory");
        let several = into || sources.len() > 1;
        let mut status = 0;
        for source in &sources {
            let expect = if several || goal.is_folder || source.globs { Expect::Kind(Kind::Directory) } else { ABSENT };
            let is_folder = !exact && matches!(self.look(&goal.place, expect), Kind::Directory | Kind::Unknown);
            if source.globs {
                status = status.max(self.copy_names(source, &goal, is_folder, true)?);
                self.remove_names(source)?;
                continue;
            }
            status = status.max(self.rename_one(source, &goal, is_folder, call.has("n no-clobber i interactive"))?);
        }
        Ok(status)
    }

    fn rename_one(&mut self, source: &Arg, goal: &Target, is_folder: bool, keeps: bool) -> Flow {
        let Some(from) = self.operand(source, false)? else { return Ok(0) };
        let to = if is_folder { below(goal, base_name(&from.path)) } else { goal.clone() };
        // Who says its name twice moves a file.
        let names_it = !is_folder && base_name(&goal.path) == base_name(&from.path);
        let kind = self.look_at(&from, if names_it { FILE } else { EITHER });
        let about = Some((to.place.clone(), to.path.as_str()));
        if kind == Kind::Absent {
            let why = "the file is gone by then; look first whether it is there";
            return Ok(self.fail("move", Some((from.place, &from.path)), why));
        }
        let there = self.look(&to.place, ABSENT);
        let refused = match (kind, there) {
            _ if self.lacks_folder(&to) || to.is_folder && kind != Kind::Directory => {
                Some("the directory above is not there by then")
            }
            _ if from.place == to.place => Some("they are the same file by then"),
            (Kind::Directory, Kind::Directory) if !self.is_bare(&to.place) => {
                Some("a directory that is not empty is there by then")
            }
            (Kind::Directory, Kind::File) => Some("a file is there by then"),
            (Kind::File | Kind::Link, Kind::Directory) => Some("a directory is there by then"),
            _ => None,
        };
        if keeps && there != Kind::Absent {
            return Ok(0);
        }
        if let Some(why) = refused {
            return Ok(self.fail("move", about, why));
        }
        self.wrote("move", &to, if kind == Kind::Directory { NESTED } else { REPLACED });
        // Within a volume nobody sees half of it.
        let cuts = if from.place.volume == to.place.volume { self.cuts.take() } else { None };
        if there != Kind::Absent {
            self.disk.clear_within(&to.place);
        }
        self.copy_tree(&from.place, &to.place)?;
        self.take_away(&from.place);
        if cuts.is_some() {
            self.cuts = cuts;
        }
        self.cut();
        Ok(0)
    }
}

/// Whether what can't be written over is taken away first.
fn is_forced(call: &Call<'_>) -> bool {
    call.has("f force remove-destination")
}

/// Whether what is copied with `-r` looks like a directory.
fn looks_like_folder(path: &str) -> bool {
    if path.ends_with('/') || path.ends_with("/.") {
        return true;
    }
    let name = base_name(path);
    let has_ending =
        name.trim_start_matches('.').contains('.') && std::path::Path::new(name).extension().is_none_or(|e| e != "d");
    // A version is no ending.
    let is_version = name.ends_with(|letter: char| letter.is_ascii_digit() || is_atom(letter));
    (!has_ending || is_version) && !path.contains("/bin/")
}
