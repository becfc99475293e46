//! `cp`: what goes where, and what is there already.
//!
//! Links are followed or copied, and refused or written through, as GNU and BusyBox were seen to do it.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::atoms::is_atom;
use crate::facts::effects::basic::GONE;
use crate::facts::effects::basic::LACKS_FOLDER;
use crate::facts::effects::basic::below;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::files::ANY_FOLDER;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::modes::READ_ONLY;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;
use crate::facts::effects::redirects::REPLACED;
use crate::facts::runs::base_name;

const ABSENT: Expect = Expect::Kind(Kind::Absent);

/// Why a copy of a directory differs.
pub(super) const NESTED: &str = "the copy goes into the directory that is there by then; `DIR/.` merges";

/// Why a file is not copied onto itself.
pub(super) const SAME: &str = "they are the same file by then";

/// Where something is copied or moved to.
#[derive(Clone)]
pub(super) struct Goal {
    /// With links followed.
    pub(super) leads: Target,
    /// Its very name.
    pub(super) own: Target,
    /// Whether it ends with a slash.
    pub(super) is_folder: bool,
}

impl Goal {
    /// What is called so in the directory that it is, or else itself.
    pub(super) fn named(&self, is_folder: bool, name: &str) -> Target {
        if is_folder { below(&self.leads, name) } else { self.own.clone() }
    }
}

impl Machine<'_, '_> {
    /// The operands of `cp` and its like: the sources, and where they go.
    pub(super) fn sources_and_goal(call: &Call<'_>) -> Option<(Vec<Arg>, Arg, bool)> {
        if let Some(folder) = call.value("t target-directory") {
            return Some((call.operands.clone(), folder.clone(), true));
        }
        let (goal, sources) = call.operands.split_last()?;
        (!sources.is_empty()).then(|| (sources.to_vec(), goal.clone(), false))
    }

    pub(super) fn copy(&mut self, call: &Call<'_>) -> Flow {
        let Some((sources, goal, into)) = Self::sources_and_goal(call) else { return Ok(1) };
        let Some(goal) = self.goal(&goal)? else { return Ok(0) };
        let recursive = call.has("r R a recursive archive");
        let exact = call.has("T no-target-directory");
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
            let is_folder = !exact && matches!(self.look(&goal.leads.place, expect), Kind::Directory | Kind::Unknown);
            if (sources.len() > 1 || source.globs) && !is_folder {
                // A pattern stands for several files, most likely.
                let about = Some((goal.leads.place, goal.leads.path.as_str()));
                return Ok(self.fail("copy", about, "the directory is not there by then"));
            }
            let done = if source.globs {
                self.copy_names(source, &goal.leads, is_folder, is_forced(call))?
            } else {
                self.copy_one(source, &goal, (is_folder, recursive), call)?
            };
            status = status.max(done);
        }
        Ok(status)
    }

    /// Where something is copied or moved to.
    pub(super) fn goal(&mut self, goal: &Arg) -> Flow<Option<Goal>> {
        let Some(leads) = self.operand(goal, true)? else { return Ok(None) };
        let Some(own) = self.own(&goal.text)? else { return Ok(None) };
        Ok(Some(Goal { is_folder: leads.is_folder, leads, own }))
    }

    fn copy_one(&mut self, source: &Arg, goal: &Goal, (is_folder, recursive): (bool, bool), call: &Call<'_>) -> Flow {
        if let Some(link) = self.copied_link(source, recursive, call)? {
            let to = goal.named(is_folder, base_name(&link.path));
            return self.copy_special(&link, &to, goal.is_folder && !is_folder, call);
        }
        let Some(from) = self.target(&source.text, true)? else {
            // Nobody knows what it is, but it is the same each time.
            self.copy_outside(source, &goal.leads, is_folder, recursive);
            return Ok(0);
        };
        let kind = self.look_at(&from, Expect::Kind(shape(&source.text, recursive)));
        let merges = source.text.ends_with("/.") || source.text == "." || source.text.ends_with("/..");
        let to = goal.named(is_folder, if merges { "" } else { base_name(&from.path) });
        let about = Some((to.place.clone(), to.path.as_str()));
        match kind {
            Kind::Absent => return Ok(self.fail("copy", Some((from.place, &from.path)), GONE)),
            Kind::Directory if !recursive => return Ok(self.fail("copy", None, "")),
            Kind::Special if recursive => {
                return self.copy_special(&from, &to, goal.is_folder && !is_folder, call);
            }
            // Whoever reads from a pipe waits.
            Kind::Special if !keeps(call) => return Err(Leave::Lost),
            _ => {}
        }
        if self.lacks_folder(&to) || kind != Kind::Directory && goal.is_folder && !is_folder {
            return Ok(self.fail("copy", about, LACKS_FOLDER));
        }
        if kind == Kind::Directory {
            return self.copy_folder(&from, &to, merges, call);
        }
        match self.copied_file(&from, &to, call)? {
            Ok(to) => self.copy_file(&from, to, call),
            Err(status) => Ok(status),
        }
    }

    fn copy_file(&mut self, from: &Target, to: Target, call: &Call<'_>) -> Flow {
        self.wrote("copy", &to, REPLACED);
        if keeps(call) && self.look(&to.place, ABSENT) != Kind::Absent {
            return Ok(0);
        }
        if call.has("l s link symbolic-link") {
            self.disk.replace(to.place, Entry::Link(from.path.as_str().into()));
            self.cut();
            return Ok(0);
        }
        self.copy_tree(&from.place, &to.place)?;
        Ok(0)
    }

    /// The link that is copied as it is, if that is what a source is.
    fn copied_link(&mut self, source: &Arg, recursive: bool, call: &Call<'_>) -> Flow<Option<Target>> {
        let as_link = recursive && !call.has("L H dereference") || call.has("d P a archive no-dereference");
        let Some(own) = self.own(&source.text)?.filter(|_| as_link) else { return Ok(None) };
        if !matches!(self.disk.get(&own.place), Some(Entry::Link(_))) {
            return Ok(None);
        }
        // BusyBox does not mind a slash behind it.
        let is_it = !source.text.ends_with('/') || self.is_busybox();
        Ok(is_it.then_some(own))
    }

    /// Copies a link, or a pipe.
    fn copy_special(&mut self, from: &Target, to: &Target, lacks_folder: bool, call: &Call<'_>) -> Flow {
        let about = Some((to.place.clone(), to.path.as_str()));
        let there = self.look(&to.place, ABSENT);
        if from.place == to.place {
            return Ok(self.fail("copy", about, SAME));
        }
        if lacks_folder || self.lacks_folder(to) {
            return Ok(self.fail("copy", about, LACKS_FOLDER));
        }
        if there == Kind::Directory {
            return Ok(self.fail("copy", about, "a directory is there by then"));
        }
        if there != Kind::Absent {
            if keeps(call) {
                return Ok(0);
            }
            if self.is_busybox() {
                if !is_forced(call) {
                    return Ok(self.fail("copy", about, "it does not replace what is there by then; `cp -f` does"));
                }
            } else if self.place(&from.path)?.is_some_and(|leads| self.disk.is_same(&leads, &to.place)) {
                return Ok(self.fail("copy", about, SAME));
            }
        }
        self.wrote("copy", to, REPLACED);
        let entry = self.disk.get(&from.place).cloned().unwrap_or(Entry::Unknown);
        self.disk.replace(to.place.clone(), entry);
        self.cut();
        Ok(0)
    }

    fn copy_folder(&mut self, from: &Target, to: &Target, merges: bool, call: &Call<'_>) -> Flow {
        let about = Some((to.place.clone(), to.path.as_str()));
        if to.place.below(&from.place).is_some() {
            // A part is copied before that is noticed.
            self.lost_write("copy");
            return Ok(self.fail("copy", about, "a directory can't be copied into itself"));
        }
        if from.place == to.place {
            return Ok(self.fail("copy", about, SAME));
        }
        if matches!(self.look(&to.place, ABSENT), Kind::File | Kind::Special | Kind::Link) {
            return Ok(self.fail("copy", about, "a file is there by then"));
        }
        self.wrote("copy", to, if merges { REPLACED } else { NESTED });
        if keeps(call) {
            self.fill_tree(&from.place, &to.place)?;
        } else {
            self.copy_tree(&from.place, &to.place)?;
        }
        Ok(0)
    }

    /// Where a file is copied to, links followed; the status if it is not.
    fn copied_file(&mut self, from: &Target, to: &Target, call: &Call<'_>) -> Flow<Result<Target, u8>> {
        let mut goal = to.clone();
        let about = Some((to.place.clone(), to.path.as_str()));
        let mut there = self.look(&to.place, ABSENT);
        if there == Kind::Link {
            let Some(leads) = self.target(&to.path, true)? else { return Err(Leave::Lost) };
            let is_busybox = self.is_busybox();
            there = self.look(&leads.place, ABSENT);
            let is_same = self.disk.is_same(&from.place, &leads.place);
            match there {
                _ if keeps(call) && (is_busybox || there != Kind::Absent) => return Ok(Err(0)),
                Kind::Absent if !is_busybox => {
                    return Ok(Err(self.fail("copy", about, "a link that leads nowhere is there by then")));
                }
                _ if is_same && !is_busybox => return Ok(Err(self.fail("copy", about, SAME))),
                _ if is_same => {
                    self.wrote("copy", &leads, "the file is emptied before it is copied to itself");
                    self.put_file(&leads.place, "", true);
                    return Ok(Err(0));
                }
                _ if !is_busybox && call.has("d P a archive no-dereference remove-destination") => {
                    self.disk.forget(&to.place);
                    there = Kind::Absent;
                }
                _ => goal = leads,
            }
        }
        let why = match there {
            _ if self.disk.is_same(&from.place, &goal.place) => SAME,
            Kind::Directory => "a directory is there by then",
            Kind::Special if !keeps(call) => return Err(Leave::Lost),
            Kind::File if !keeps(call) && self.is_locked(&goal) && !is_forced(call) => READ_ONLY,
            _ => return Ok(Ok(goal)),
        };
        Ok(Err(self.fail("copy", about, why)))
    }

    /// Copies what a pattern stands for that nobody knows.
    pub(super) fn copy_names(&mut self, source: &Arg, goal: &Target, is_folder: bool, is_forced: bool) -> Flow {
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
}

/// Whether what is there stays.
pub(super) fn keeps(call: &Call<'_>) -> bool {
    call.has("n no-clobber i interactive")
}

/// Whether what can't be written over is taken away first.
fn is_forced(call: &Call<'_>) -> bool {
    call.has("f force remove-destination")
}

/// What a source most likely is of which nothing is known. Without `-r` it is meant to be a file, unless it is called
/// what only directories are.
pub(super) fn shape(path: &str, recursive: bool) -> Kind {
    let is_named_folder = [".d", "/", "/."].iter().any(|end| path.ends_with(end));
    if is_named_folder || recursive && looks_like_folder(path) { Kind::Directory } else { Kind::File }
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
