//! Modes, as far as they matter: a file that its owner has made read-only can't be written over by the same user the next
//! time, unless that is root. Observed with GNU and BusyBox tools: `cp`, `tee` and `>` fail, `cp -f`, `mv` and `rm` do not.

use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;
use crate::yaml::Node;

/// Why what is read-only can't be written.
pub(super) const READ_ONLY: &str =
    "it is read-only by then, and this user may not write to it; use `cp -f`, or remove it first";

impl Machine<'_, '_> {
    /// `chmod`.
    pub(super) fn change_modes(&mut self, call: &Call<'_>) -> Flow {
        let status = self.permissions(call)?;
        self.lock_files(call)?;
        Ok(status)
    }

    /// Notes which files `chmod` leaves so that they can't be written.
    fn lock_files(&mut self, call: &Call<'_>) -> Flow<()> {
        let Some((mode, files)) = call.operands.split_first() else { return Ok(()) };
        let Some(locks) = takes_writing(&mode.text).filter(|_| self.is_ordinary_user()) else { return Ok(()) };
        for file in files {
            let is_all = file.globs && file.text.ends_with("/*") && !file.text.trim_end_matches("/*").contains('*');
            let path = if is_all { file.text.trim_end_matches('*') } else { file.text.as_str() };
            if file.globs && !is_all {
                continue;
            }
            let Some(target) = self.target(path, true)?.filter(|target| target.place.volume != ROOT) else { continue };
            let below = |place: &Place| place.below(&target.place).is_some_and(|rest| !rest.contains('/'));
            let within = self.disk.within(&target.place);
            let files: Vec<Place> = within
                .filter(|(place, entry)| matches!(entry, Entry::File(_)) && below(place))
                .map(|(place, _)| place.clone())
                .collect();
            let is_folder = is_all || call.has("R recursive");
            let all = is_folder.then(|| target.place.join("*"));
            let own = (!is_folder).then(|| target.place.clone());
            for place in files.into_iter().filter(|_| is_folder).chain(all).chain(own) {
                if locks {
                    self.disk.lock(place, self.run);
                } else {
                    self.disk.unlock(&place);
                }
            }
        }
        Ok(())
    }

    /// Whether an earlier run has left a file so that this user can't write to it.
    pub(super) fn is_locked(&self, target: &Target) -> bool {
        self.is_locked_place(&target.place)
    }

    /// The same of a place; `*` in a directory stands for what was in it.
    pub(super) fn is_locked_place(&self, place: &Place) -> bool {
        self.disk.is_locked(place, self.run) && self.is_ordinary_user()
    }

    /// Whether it is known that the container does not run as root, who may write to everything.
    fn is_ordinary_user(&self) -> bool {
        let own = self.setting.run.container.node;
        let of_pod = own.parent().and_then(Node::parent);
        let field = |node: Option<Node<'_>>, name: &str| {
            let value = node?.at_path(&["securityContext", name])?;
            (!value.is_unknown()).then(|| value.text().to_owned())
        };
        match field(Some(own), "runAsUser").or_else(|| field(of_pod, "runAsUser")) {
            Some(user) => user.parse::<u64>().is_ok_and(|user| user != 0),
            None => {
                field(Some(own), "runAsNonRoot").or_else(|| field(of_pod, "runAsNonRoot")).as_deref() == Some("true")
            }
        }
    }
}

/// Whether a mode takes from the owner the right to write, or gives it; none if it does neither.
fn takes_writing(mode: &str) -> Option<bool> {
    if let Ok(number) = u32::from_str_radix(mode, 8) {
        return Some(number & 0o200 == 0);
    }
    let mut takes = None;
    for clause in mode.split(',') {
        let Some(at) = clause.find(['+', '-', '=']) else { continue };
        let (who, rights) = clause.split_at(at);
        if !who.is_empty() && !who.contains(['u', 'a']) {
            continue;
        }
        match (rights.as_bytes().first(), rights.contains('w')) {
            (Some(b'-'), true) | (Some(b'='), false) => takes = Some(true),
            (Some(b'+' | b'='), true) => takes = Some(false),
            _ => {}
        }
    }
    takes
}

#[cfg(test)]
mod tests {
    use super::takes_writing;

    #[test]
    fn modes_that_an_owner_cannot_write_with() {
        for mode in ["0400", "444", "0500", "a-w", "u-w", "-w", "u=r,go=", "=r"] {
            assert_eq!(takes_writing(mode), Some(true), "{mode}");
        }
        for mode in ["0600", "755", "u+w", "a=rw"] {
            assert_eq!(takes_writing(mode), Some(false), "{mode}");
        }
        for mode in ["+x", "go-w", "g=r", "é"] {
            assert_eq!(takes_writing(mode), None, "{mode}");
        }
    }
}
