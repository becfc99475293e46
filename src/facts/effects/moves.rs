//! `mv`: what goes where, and what is there already.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::basic::EITHER;
use crate::facts::effects::basic::LACKS_FOLDER;
use crate::facts::effects::copies::Goal;
use crate::facts::effects::copies::NESTED;
use crate::facts::effects::copies::SAME;
use crate::facts::effects::copies::keeps;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;
use crate::facts::effects::redirects::REPLACED;
use crate::facts::runs::base_name;

const ABSENT: Expect = Expect::Kind(Kind::Absent);
const FILE: Expect = Expect::Kind(Kind::File);

impl Machine<'_, '_> {
    pub(super) fn rename(&mut self, call: &Call<'_>) -> Flow {
        let Some((sources, goal, into)) = Self::sources_and_goal(call) else { return Ok(1) };
        let Some(goal) = self.goal(&goal)? else { return Ok(0) };
        let exact = call.has("T no-target-directory");
        let several = into || sources.len() > 1;
        let mut status = 0;
        for source in &sources {
            let expect = if several || goal.is_folder || source.globs { Expect::Kind(Kind::Directory) } else { ABSENT };
            let is_folder = matches!(self.look(&goal.leads.place, expect), Kind::Directory | Kind::Unknown);
            if source.globs {
                status = status.max(self.copy_names(source, &goal.leads, is_folder && !exact, true)?);
                self.remove_names(source)?;
                continue;
            }
            if exact && is_folder && self.look(&goal.own.place, ABSENT) == Kind::Link && self.is_busybox() {
                status =
                    self.fail("move", Some((goal.own.place.clone(), &goal.own.path)), "a directory is there by then");
                continue;
            }
            status = status.max(self.rename_one(source, &goal, is_folder && !exact, keeps(call))?);
        }
        Ok(status)
    }

    fn rename_one(&mut self, source: &Arg, goal: &Goal, is_folder: bool, keeps: bool) -> Flow {
        let Some(from) = self.operand(source, false)? else { return Ok(0) };
        let to = goal.named(is_folder, base_name(&from.path));
        // Who says its name twice moves a file.
        let names_it = !is_folder && base_name(&goal.own.path) == base_name(&from.path);
        let kind = self.look_at(&from, if names_it { FILE } else { EITHER });
        if source.text.ends_with('/') && self.is_link(&source.text)? {
            return Ok(self.fail("move", Some((from.place, &from.path)), "a link is there by then"));
        }
        if kind == Kind::Absent {
            let why = "the file is gone by then; look first whether it is there";
            return Ok(self.fail("move", Some((from.place, &from.path)), why));
        }
        let there = self.look(&to.place, ABSENT);
        let is_kept = keeps && there != Kind::Absent;
        if is_kept && (there != Kind::Link || !self.leads_nowhere(&to)? || !self.is_busybox()) {
            return Ok(0);
        }
        let about = Some((to.place.clone(), to.path.as_str()));
        if self.disk.is_same(&from.place, &to.place) {
            // To BusyBox there is nothing to do then.
            return Ok(if self.is_busybox() { 0 } else { self.fail("move", about, SAME) });
        }
        if let Some(why) = self.refusal((&from, kind), (&to, there), goal.is_folder && !is_folder)? {
            return Ok(self.fail("move", about, why));
        }
        self.wrote("move", &to, if kind == Kind::Directory { NESTED } else { REPLACED });
        // Within a volume nobody sees half of it.
        let cuts = if from.place.volume == to.place.volume { self.cuts.take() } else { None };
        if there != Kind::Absent {
            self.disk.clear_within(&to.place);
            self.disk.part(&to.place);
        }
        self.copy_tree(&from.place, &to.place)?;
        self.disk.moved(&from.place, &to.place);
        self.take_away(&from.place);
        if cuts.is_some() {
            self.cuts = cuts;
        }
        self.cut();
        Ok(0)
    }

    /// Why something is not moved.
    fn refusal(
        &mut self,
        (from, kind): (&Target, Kind),
        (to, there): (&Target, Kind),
        lacks_folder: bool,
    ) -> Flow<Option<&'static str>> {
        Ok(match (kind, there) {
            _ if self.lacks_folder(to) || lacks_folder && kind != Kind::Directory => Some(LACKS_FOLDER),
            _ if kind == Kind::Directory && to.place.below(&from.place).is_some() => {
                Some("a directory can't be moved into itself")
            }
            (Kind::Directory, Kind::Directory) if !self.is_bare(&to.place) => {
                Some("a directory that is not empty is there by then")
            }
            (Kind::Directory, Kind::File | Kind::Link | Kind::Special) => Some("a file is there by then"),
            (Kind::File | Kind::Link | Kind::Special, Kind::Directory) => Some("a directory is there by then"),
            (Kind::Link, Kind::File) if self.place(&from.path)?.is_some_and(|leads| leads == to.place) => {
                if self.is_busybox() { None } else { Some(SAME) }
            }
            _ => None,
        })
    }

    /// Whether a link leads to nothing.
    fn leads_nowhere(&mut self, link: &Target) -> Flow<bool> {
        let Some(place) = self.place(&link.path)? else { return Ok(false) };
        Ok(self.look(&place, ABSENT) == Kind::Absent)
    }
}
