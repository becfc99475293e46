//! Programs that put whole trees and downloads onto a volume: archives, downloads, copies over the network.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::basic::below;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::Place;
use crate::facts::effects::files::ANY_FILE;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;
use crate::facts::effects::redirects::REPLACED;
use crate::facts::effects::setting::Tools;

const ABSENT: Expect = Expect::Kind(Kind::Absent);
const FOLDER: Expect = Expect::Kind(Kind::Directory);

impl Machine<'_, '_> {
    pub(super) fn tar(&mut self, call: &Call<'_>) -> Flow {
        // Letters may stand without a dash at the start.
        let bundle = call.args.first().map_or("", |arg| arg.text.as_str());
        let bundle = if bundle.starts_with('-') { "" } else { bundle };
        let is = |letter: &str, long: &str| {
            bundle.contains(letter) || call.has(letter) || !long.is_empty() && call.has(long)
        };
        let mut operands = call.operands.clone();
        let mut archive = call.value("f file").cloned();
        if !bundle.is_empty() && !operands.is_empty() {
            operands.remove(0);
            if bundle.contains('f') && !operands.is_empty() {
                archive = Some(operands.remove(0));
            }
        }
        let archive = archive.filter(|archive| archive.text != "-");
        let folder = call.value("C directory").cloned().unwrap_or_else(|| Arg::plain("."));
        if is("t", "list") {
            return self.prints(call, false);
        }
        if is("x", "extract") || call.has("get") {
            let packed = match &archive {
                Some(archive) => self.inputs(std::slice::from_ref(archive))?,
                None => Some(self.input.to_string()),
            };
            let Some(packed) = packed else { return Ok(2) };
            if is("O", "to-stdout") {
                return self.prints(call, false);
            }
            let how =
                format!("tar {} {}", call.value("strip-components").map_or("", |count| &count.text), names(&operands));
            let keeps = is("k", "keep-old-files");
            let why = "the files are there by then; leave `-k` out";
            return self.extract(&folder, &how, &packed, keeps.then_some(why), false);
        }
        if is("c", "create") {
            // What is packed decides about the archive.
            let here = std::mem::take(&mut self.folder);
            let inside = self.absolute_in(&here, &folder.text);
            self.folder = inside;
            let packed = self.inputs_of(&operands, true);
            self.folder = here;
            let packed = packed?.unwrap_or_default();
            return if let Some(archive) = archive {
                self.write_made(&archive, "tar", &packed, false, REPLACED)
            } else {
                let made = self.world.atoms.made("tar", &packed);
                self.print(&made)?;
                Ok(0)
            };
        }
        Ok(0)
    }

    fn absolute_in(&mut self, here: &str, folder: &str) -> String {
        here.clone_into(&mut self.folder);
        self.absolute(folder).unwrap_or_else(|| here.to_owned())
    }

    /// Puts what an archive holds into a directory. `refuses` says why not, if files that are there are kept.
    fn extract(&mut self, folder: &Arg, how: &str, packed: &str, refuses: Option<&'static str>, keeps: bool) -> Flow {
        let Some(target) = self.operand(folder, true)? else { return Ok(0) };
        let about = Some((target.place.clone(), target.path.as_str()));
        if self.look(&target.place, FOLDER) != Kind::Directory {
            return Ok(self.fail("extract", about, "the directory is not there by then"));
        }
        let tree = self.world.atoms.made(how, packed);
        if self.trees(&target.place).contains(&tree) {
            if let Some(why) = refuses {
                return Ok(self.fail("extract", about, why));
            }
            if keeps {
                self.wrote("extract", &target, REPLACED);
                return Ok(0);
            }
        }
        self.wrote("extract", &target, REPLACED);
        self.overlay(&target.place, &[tree]);
        Ok(0)
    }

    pub(super) fn unzip(&mut self, call: &Call<'_>) -> Flow {
        let Some(archive) = call.operands.first().filter(|_| !call.has("l t v z Z")) else { return Ok(0) };
        if call.has("p c") {
            return self.prints(call, false);
        }
        let Some(packed) = self.inputs(std::slice::from_ref(archive))? else { return Ok(9) };
        let folder = call.value("d").cloned().unwrap_or_else(|| Arg::plain("."));
        // It makes the directory itself.
        if let Some(target) = self.target(&folder.text, true)?
            && self.look(&target.place, ABSENT) == Kind::Absent
        {
            self.make_folders(&target);
        }
        let asks = !call.has("o n") && self.input.is_empty();
        let why = "it asks whether to replace what is there by then; `unzip -o` does not";
        let how = format!("unzip {}", names(&call.operands[1..]));
        self.extract(&folder, &how, &packed, asks.then_some(why), call.has("n"))
    }

    pub(super) fn wget(&mut self, call: &Call<'_>) -> Flow {
        if call.has("spider") {
            return Ok(self.outcome(&call.text()));
        }
        let status = self.outcome(&call.text());
        if status != 0 {
            return Ok(status);
        }
        if let Some(log) = call.value("o output-file").cloned() {
            let is_log = self.setting.tools != Tools::BusyBox;
            self.write_made(
                &log,
                "wget log",
                "",
                is_log,
                "it is the log, whose times differ; `-O` says where the file goes",
            )?;
        }
        if let Some(file) = call.value("O output-document").cloned() {
            let how = format!("fetch {}", names(&call.operands));
            if file.text == "-" || file.text == "/dev/stdout" {
                let made = self.world.atoms.made(&how, "");
                self.print(&made)?;
                return Ok(0);
            }
            return self.write_made(&file, &how, "", false, REPLACED);
        }
        for url in &call.operands {
            let folder = call.value("P directory-prefix").cloned().unwrap_or_else(|| Arg::plain("."));
            let Some(folder) = self.operand(&folder, true)? else { continue };
            if self.look(&folder.place, ABSENT) == Kind::Absent {
                self.make_folders(&folder);
            }
            let rest = url.text.split_once("://").map_or(url.text.as_str(), |(_, rest)| rest);
            let name = rest.rsplit_once('/').map_or("", |(_, name)| name);
            let name = if name.is_empty() { "index.html" } else { name };
            let to = below(&folder, name);
            let status = self.download(&to, &url.text, call);
            if status != 0 {
                return Ok(status);
            }
        }
        Ok(0)
    }

    fn download(&mut self, to: &Target, url: &str, call: &Call<'_>) -> u8 {
        let why = "the file is there by then; say where it goes with `-O`";
        let mut to = to.clone();
        if self.look(&to.place, ABSENT) != Kind::Absent {
            if call.has("c continue nc no-clobber N timestamping m mirror r recursive") {
                self.wrote("download", &to, why);
                return 0;
            }
            let is_busybox = match self.setting.tools {
                Tools::BusyBox => true,
                Tools::Gnu => false,
                Tools::Unknown => self.ask("whose programs", &[1, 0]) == 1,
            };
            if is_busybox {
                return self.fail("download", Some((to.place, &to.path)), why);
            }
            for number in 1..10 {
                let next = Place::new(to.place.volume, format!("{}.{number}", to.place.path));
                if self.look(&next, ABSENT) == Kind::Absent {
                    to.place = next;
                    break;
                }
            }
        }
        self.wrote("download", &to, why);
        let content = self.world.atoms.made(&format!("fetch {url}"), "");
        self.put_file(&to.place, &content, false);
        0
    }

    pub(super) fn curl(&mut self, call: &Call<'_>) -> Flow {
        let status = self.outcome(&call.text());
        if status != 0 {
            return Ok(status);
        }
        let how = format!("fetch {}", names(&call.operands));
        let files: Vec<Arg> = call.values("o output").cloned().collect();
        if files.is_empty() && !call.has("O remote-name remote-name-all") {
            let input = self.input.to_string();
            let made = self.world.atoms.made(&how, &input);
            self.print(&made)?;
            return Ok(0);
        }
        let folder = call.value("output-dir").map(|folder| format!("{}/", folder.text)).unwrap_or_default();
        for file in files.iter().filter(|file| file.text != "-") {
            let status = self.write_made(&Arg::plain(format!("{folder}{}", file.text)), &how, "", false, REPLACED)?;
            if status != 0 {
                return Ok(23);
            }
        }
        if call.has("O remote-name remote-name-all") {
            for url in &call.operands {
                let name = url.text.split(['?', '#']).next().unwrap_or("").rsplit('/').next().unwrap_or("");
                let status = self.write_made(&Arg::plain(format!("{folder}{name}")), &how, "", false, REPLACED)?;
                if status != 0 {
                    return Ok(23);
                }
            }
        }
        Ok(0)
    }

    pub(super) fn rsync(&mut self, call: &Call<'_>) -> Flow {
        let Some((goal, sources)) = call.operands.split_last() else { return Ok(0) };
        if goal.text.contains(':') && !goal.text.starts_with('/') {
            return Ok(0);
        }
        let Some(goal) = self.operand(goal, true)? else { return Ok(0) };
        for source in sources {
            let is_remote = source.text.contains(':') && !source.text.starts_with('/');
            let into = source.text.ends_with('/') || source.globs;
            let name = crate::facts::runs::base_name(&source.text);
            let from = if is_remote || source.globs { None } else { self.target(&source.text, true)? };
            let kind = match &from {
                Some(from) => self.look(&from.place, Expect::Any(&[Kind::Directory, Kind::File])),
                None => Kind::Directory,
            };
            if kind == Kind::Absent {
                return Ok(self.fail("copy", None, ""));
            }
            let is_file = kind == Kind::File;
            let goal_kind = self.look(&goal.place, ABSENT);
            let named = is_file && (goal_kind == Kind::Directory || goal.is_folder) || !is_file && !into;
            let to = if named { below(&goal, name) } else { goal.clone() };
            self.wrote("copy", &to, REPLACED);
            if !is_file || goal.is_folder {
                self.make_folders(&goal);
            }
            match from {
                Some(from) if call.has("delete") && !is_file => {
                    self.empty(&to.place);
                    self.copy_tree(&from.place, &to.place)?;
                }
                Some(from) => self.copy_tree(&from.place, &to.place)?,
                None => {
                    let tree = self.world.atoms.source(&format!("tree {}", source.text));
                    if self.look(&to.place, ABSENT) == Kind::Absent {
                        self.put_folder(&to.place);
                    }
                    self.overlay(&to.place, &[tree]);
                }
            }
        }
        Ok(0)
    }

    /// `find`, which looks, removes, or runs something for each.
    pub(super) fn find(&mut self, call: &Call<'_>) -> Flow {
        let words: Vec<&str> = call.args.iter().map(|arg| arg.text.as_str()).collect();
        let starts: Vec<&str> =
            words.iter().take_while(|word| !word.starts_with('-') && !matches!(**word, "(" | "!")).copied().collect();
        let runs =
            words.iter().position(|word| matches!(*word, "-exec" | "-execdir" | "-ok")).map(|at| &words[at + 1..]);
        let program = runs.and_then(|runs| runs.first()).map_or("", |program| crate::facts::runs::base_name(program));
        let removes = words.contains(&"-delete") || program == "rm";
        let harmless =
            ["", "chmod", "chown", "chgrp", "ls", "echo", "cat", "grep", "test", "stat", "touch", "basename"];
        if !removes {
            if !harmless.contains(&program) {
                self.find_unknown(&starts)?;
            }
            // What it finds is below where it starts.
            let start = starts.first().copied().unwrap_or(".").trim_end_matches('/').to_owned();
            let found = self.world.atoms.made(&call.text(), "");
            self.print(&format!("{start}/{found}\n"))?;
            return Ok(0);
        }
        // Without conditions all goes.
        let plain =
            ["-mindepth", "-delete", "1", "-exec", "rm", "-rf", "-r", "-f", "{}", "+", ";", "-depth", "-maxdepth"];
        let all = words[starts.len()..].iter().all(|word| plain.contains(word));
        for start in starts {
            let Some(target) = self.operand(&Arg::plain(start), true)? else { continue };
            if self.look(&target.place, FOLDER) != Kind::Directory {
                return Ok(self.fail(
                    "remove",
                    Some((target.place, &target.path)),
                    "the directory is not there by then",
                ));
            }
            self.wrote("remove", &target, REPLACED);
            if all {
                self.empty(&target.place);
                continue;
            }
            let how = format!("without {}", words.join(" "));
            let trees: Vec<_> = self.trees(&target.place).iter().map(|tree| self.made_once(&how, tree)).collect();
            let within: Vec<Place> = self.disk.within(&target.place).map(|(place, _)| place.clone()).collect();
            for place in within {
                if !matches!(self.disk.get(&place), Some(Entry::Directory(_)))
                    && self.look(&place, ANY_FILE) == Kind::File
                {
                    let question = format!("removed by {} {}", words.join(" "), place.path);
                    if self.ask(&question, &[0, 1]) == 1 {
                        self.take_away(&place);
                    }
                }
            }
            if !trees.is_empty() {
                self.disk.set(target.place, Entry::Directory(trees));
                self.cut();
            }
        }
        Ok(0)
    }

    fn find_unknown(&mut self, starts: &[&str]) -> Flow<()> {
        for start in starts {
            if let Some(target) = self.target(start, true)?
                && target.place.volume != crate::facts::effects::disk::ROOT
            {
                self.lost_write("run");
            }
        }
        Ok(())
    }

    /// `xargs`: what it runs is given words that nobody knows.
    pub(super) fn xargs(&mut self, call: &Call<'_>, args: &[Arg]) -> Flow {
        let program = call.operands.first().map_or("echo", |program| program.text.as_str());
        let quiet = ["echo", "chmod", "chown", "cat", "grep", "ls", "kill", "test", "basename", "kubectl", "printf"];
        let filters = ["awk", "du", "head", "jq", "md5sum", "sed", "sha256sum", "sort", "stat", "tail", "wc", "yq"];
        let in_place = |arg: &Arg| arg.text.starts_with("-i") || arg.text.starts_with("--in");
        if quiet.contains(&program) || filters.contains(&program) && !args.iter().any(in_place) {
            return self.prints(call, false);
        }
        let _ = args;
        self.lost_write("run");
        Ok(0)
    }
}

fn names(operands: &[Arg]) -> String {
    let names: Vec<&str> = operands.iter().map(|operand| operand.text.as_str()).collect();
    names.join(" ")
}
