//! `git`: what of it makes something that can be made once.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::basic::below;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;
use crate::facts::effects::redirects::REPLACED;
use crate::facts::runs::base_name;

const ABSENT: Expect = Expect::Kind(Kind::Absent);

impl Machine<'_, '_> {
    pub(super) fn git(&mut self, call: &Call<'_>) -> Flow {
        // Options before the command are those of git itself.
        let folder = call.args.iter().zip(call.args.iter().skip(1)).find(|(option, _)| option.text == "-C");
        let folder = folder.filter(|_| call.operands.first().is_none_or(|first| first.text != "commit"));
        let folder = folder.map_or_else(|| Arg::plain("."), |(_, folder)| folder.clone());
        let words: Vec<&str> = call.operands.iter().map(|operand| operand.text.as_str()).collect();
        match words.as_slice() {
            ["clone", ..] => return self.clone_repository(call, &folder),
            ["init", rest @ ..] => {
                let named = rest.first().map_or(folder, |named| Arg::plain(*named));
                let Some(target) = self.operand(&named, true)? else { return Ok(0) };
                let own = below(&target, ".git");
                self.wrote("init", &own, REPLACED);
                return Ok(self.make_folders(&own));
            }
            _ => {}
        }
        let Some(target) = self.target(&folder.text, true)? else { return Ok(self.outcome(&call.text())) };
        let own = below(&target, ".git");
        match words.as_slice() {
            ["remote", "add", name, ..] => {
                Ok(self.once(&own, "remote", name, "the remote is there by then; set its URL instead"))
            }
            ["remote", "set-url", name, ..] => Ok(self.needed(&own, "remote", name, "the remote is not there by then")),
            ["remote", "remove" | "rm", name, ..] => {
                let status = self.needed(&own, "remote", name, "the remote is gone by then");
                if status == 0 {
                    let place = own.place.join(&format!("remote {name}"));
                    self.wrote("configure", &own, REPLACED);
                    self.take_away(&place);
                }
                Ok(status)
            }
            ["submodule", "add", .., path] => Ok(self.once(&own, "submodule", path, "the submodule is there by then")),
            ["worktree", "add", path, ..] => {
                let path = if path.starts_with('/') { (*path).to_owned() } else { format!("{}/{path}", target.path) };
                let Some(to) = self.operand(&Arg::plain(path), true)? else { return Ok(0) };
                if self.look(&to.place, ABSENT) != Kind::Absent && !self.is_bare(&to.place) {
                    return Ok(self.fail("clone", Some((to.place, &to.path)), "the worktree is there by then"));
                }
                self.wrote("clone", &to, REPLACED);
                self.make_folders(&to);
                let tree = self.world.atoms.made("git worktree", &call.text());
                self.overlay(&to.place, &[tree]);
                Ok(0)
            }
            ["checkout" | "switch", .., name] if call.has("b c create") || call.value("b").is_some() => {
                let name = call.value("b").map_or((*name).to_owned(), |name| name.text.clone());
                Ok(self.once(&own, "branch", &name, "the branch is there by then; `checkout -B` resets it"))
            }
            ["checkout"] if call.value("b").is_some() => {
                let name = call.value("b").map_or(String::new(), |name| name.text.clone());
                Ok(self.once(&own, "branch", &name, "the branch is there by then; `checkout -B` resets it"))
            }
            _ => self.in_repository(call, &target, &own),
        }
    }

    /// Commands that need a repository, and change what is in it.
    fn in_repository(&mut self, call: &Call<'_>, target: &Target, own: &Target) -> Flow {
        let words: Vec<&str> = call.operands.iter().map(|operand| operand.text.as_str()).collect();
        match words.as_slice() {
            [
                "reset" | "clean" | "pull" | "fetch" | "checkout" | "switch" | "submodule" | "lfs" | "sparse-checkout"
                | "config" | "merge",
                ..,
            ] => {
                if self.look(&own.place, Expect::Any(&[Kind::Directory, Kind::Absent])) == Kind::Absent
                    && words[0] != "config"
                    && words[0] != "lfs"
                    && target.place.volume != crate::facts::effects::disk::ROOT
                {
                    return Ok(self.fail(
                        "read",
                        Some((own.place.clone(), &own.path)),
                        "the repository is not there by then",
                    ));
                }
                let trees = self.trees(&target.place);
                if words[0] == "reset" && !trees.is_empty() {
                    self.overlay(&target.place, &trees);
                }
                self.prints(call, false)
            }
            ["commit" | "tag" | "am" | "apply" | "branch" | "cherry-pick" | "revert", ..]
                if target.place.volume != crate::facts::effects::disk::ROOT =>
            {
                self.lost_write("change");
                Ok(self.outcome(&call.text()))
            }
            _ => self.asks(call),
        }
    }

    fn clone_repository(&mut self, call: &Call<'_>, folder: &Arg) -> Flow {
        let operands = &call.operands[1..];
        let Some(url) = operands.first() else { return Ok(129) };
        let name = base_name(&url.text).trim_end_matches(".git");
        let name = operands.get(1).map_or(name, |named| named.text.as_str());
        let path = if folder.text == "." || name.starts_with('/') {
            name.to_owned()
        } else {
            format!("{}/{name}", folder.text)
        };
        let Some(target) = self.operand(&Arg::plain(path), true)? else { return Ok(0) };
        let kind = self.look(&target.place, ABSENT);
        if kind == Kind::File || kind == Kind::Directory && !self.is_bare(&target.place) {
            let why = "the directory is there by then; remove it first, or fetch instead";
            return Ok(self.fail("clone", Some((target.place, &target.path)), why));
        }
        if kind == Kind::Unknown {
            let question = call.text();
            return Ok(self.outcome(&question));
        }
        let status = self.outcome(&format!("fetch {}", url.text));
        if status != 0 {
            return Ok(status);
        }
        self.wrote("clone", &target, REPLACED);
        let own = below(&target, ".git");
        self.make_folders(&Target { ..own.clone() });
        self.events.retain(|event| event.operation != "mkdir" || event.place != own.place);
        let remote = call.value("o origin").map_or("origin", |name| name.text.as_str());
        let made = self.world.atoms.made("git clone", &call.text());
        self.overlay(&target.place, &[made]);
        self.disk.set(own.place.join(&format!("remote {remote}")), Entry::File("".into()));
        self.cut();
        Ok(0)
    }

    /// Makes a part of a repository that must not be there.
    fn once(&mut self, own: &Target, what: &str, name: &str, why: &'static str) -> u8 {
        let place = own.place.join(&format!("{what} {name}"));
        if self.look(&place, ABSENT) != Kind::Absent {
            return self.fail("configure", Some((place, &own.path)), why);
        }
        self.wrote("configure", own, why);
        self.disk.set(place, Entry::File("".into()));
        self.cut();
        0
    }

    /// Needs a part of a repository.
    fn needed(&mut self, own: &Target, what: &str, name: &str, why: &'static str) -> u8 {
        let place = own.place.join(&format!("{what} {name}"));
        if self.look(&place, Expect::Kind(Kind::File)) == Kind::Absent {
            return self.fail("configure", Some((place, &own.path)), why);
        }
        0
    }
}
