//! `ln`: links by name, and further names of a file.
//!
//! Where GNU and BusyBox differ both were run: what is linked to itself, and what is linked to a link.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::basic::GONE;
use crate::facts::effects::basic::LACKS_FOLDER;
use crate::facts::effects::basic::below;
use crate::facts::effects::copies::SAME;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::files::ANY_FOLDER;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;
use crate::facts::runs::base_name;

const ABSENT: Expect = Expect::Kind(Kind::Absent);
const FILE: Expect = Expect::Kind(Kind::File);

/// Why a link differs.
const NESTED: &str = "the link goes into the directory that the old one leads to; `ln -sfn` replaces it";

impl Machine<'_, '_> {
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
                && self.look(&target.place, ANY_FOLDER) == Kind::Directory
            {
                into = target;
                is_folder = true;
            }
            if is_folder && !exact {
                into = below(&into, base_name(&source.text));
            }
            if (source.globs || operands.len() > 1) && !is_folder {
                // BusyBox makes one link after the other.
                if !self.is_busybox() {
                    let why = "the directory is not there by then";
                    return Ok(self.fail("link", Some((into.place, &into.path)), why));
                }
                if source.globs && !call.has("f force") {
                    return Err(Leave::Lost);
                }
                // It is the last one that stays.
                let last = Arg::plain(self.one_of(source.clone()));
                status = status.max(self.link_one(&last, &into, call)?);
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
            return Ok(self.fail("link", about, LACKS_FOLDER));
        }
        let forced = call.has("f force") && there != Kind::Directory;
        if there != Kind::Absent && !forced {
            return Ok(self.fail("link", about, "the link is there by then; `ln -sfn` replaces it"));
        }
        if call.has("s symbolic") {
            let leads_to_itself = matches!(there, Kind::File | Kind::Special)
                && self.place(&source.text)?.is_some_and(|leads| leads == to.place);
            if leads_to_itself && !self.is_busybox() {
                return Ok(self.fail("link", about, SAME));
            }
            self.wrote("link", to, NESTED);
            self.disk.clear_within(&to.place);
            self.disk.replace(to.place.clone(), Entry::Link(source.text.as_str().into()));
            self.cut();
            return Ok(0);
        }
        self.name_one(source, to, call)
    }

    /// One more name for a file, or for a link itself.
    fn name_one(&mut self, source: &Arg, to: &Target, call: &Call<'_>) -> Flow {
        let about = Some((to.place.clone(), to.path.as_str()));
        let follows = call.has("L logical") || source.text.ends_with('/');
        let Some(from) = self.target(&source.text, follows)? else { return Ok(0) };
        let entry = match self.look_at(&from, FILE) {
            Kind::Absent => return Ok(self.fail("link", Some((from.place, &from.path)), GONE)),
            Kind::Directory => {
                return Ok(self.fail("link", about, "a directory is there by then, and they have one name only"));
            }
            Kind::Link | Kind::Special => self.disk.get(&from.place).cloned().unwrap_or(Entry::Unknown),
            Kind::File | Kind::Unknown => Entry::File(self.content(&from.place)),
        };
        if from.place == to.place {
            if self.is_busybox() {
                // It takes away what is in the way, which is the file itself.
                self.wrote("remove", to, "it is linked to itself, and taken away before that");
                self.take_away(&to.place);
            }
            return Ok(self.fail("link", about, SAME));
        }
        self.wrote("link", to, NESTED);
        if self.disk.is_same(&from.place, &to.place) {
            return Ok(0);
        }
        self.disk.clear_within(&to.place);
        let is_file = matches!(entry, Entry::File(_));
        self.disk.replace(to.place.clone(), entry.clone());
        if is_file && from.place.volume == to.place.volume {
            self.disk.set(from.place.clone(), entry);
            self.disk.name(&from.place, to.place.clone());
        }
        self.cut();
        Ok(0)
    }
}
