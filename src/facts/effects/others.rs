//! Databases, packages and the odd ones.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::atoms::is_known;
use crate::facts::effects::basic::LACKS_FOLDER;
use crate::facts::effects::basic::below;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::Place;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;
use crate::facts::effects::redirects::REPLACED;

const ABSENT: Expect = Expect::Kind(Kind::Absent);

impl Machine<'_, '_> {
    pub(super) fn init_database(&mut self, call: &Call<'_>) -> Flow {
        let folder = call.value("D pgdata datadir").or(call.operands.first()).cloned();
        let Some(folder) = folder else {
            self.lost_write("generate");
            return Ok(0);
        };
        let Some(target) = self.operand(&folder, true)? else { return Ok(0) };
        let kind = self.look(&target.place, ABSENT);
        if kind == Kind::Directory && !self.is_bare(&target.place) {
            let why = "the directory is not empty by then; look for `PG_VERSION` first";
            return Ok(self.fail("initdb", Some((target.place, &target.path)), why));
        }
        self.wrote("initdb", &target, REPLACED);
        if kind == Kind::Absent {
            self.make_folders(&target);
        }
        let version = below(&target, "PG_VERSION");
        self.put_file(&version.place, "15\n", true);
        let fresh = self.world.atoms.fresh(self.run);
        self.overlay(&target.place, &[fresh]);
        Ok(0)
    }

    pub(super) fn sqlite(&mut self, call: &Call<'_>) -> Flow {
        let Some((file, queries)) = call.operands.split_first() else { return Ok(0) };
        let Some(target) = self.operand(file, true)? else { return Ok(0) };
        let mut text: String = queries.iter().map(|query| query.text.as_str()).collect::<Vec<_>>().join(";");
        if queries.is_empty() {
            text = self.input.to_string();
        }
        let kind = self.look(&target.place, ABSENT);
        let mut content = if kind == Kind::Absent { String::new() } else { self.content(&target.place).to_string() };
        let before = content.clone();
        for query in text.split(';').map(str::trim).filter(|query| !query.is_empty()) {
            let lower = query.to_lowercase();
            let mark = self.world.atoms.made("sql", &lower.replace("if not exists ", ""));
            if lower.starts_with("create") {
                if content.contains(&*mark) {
                    if !lower.contains("if not exists") {
                        let why = "the table is there by then; `IF NOT EXISTS` does not mind";
                        return Ok(self.fail("change", Some((target.place, &target.path)), why));
                    }
                } else {
                    content.push_str(&mark);
                }
            } else if lower.starts_with("insert or")
                || lower.starts_with("replace")
                || lower.starts_with("update")
                || lower.starts_with("pragma")
            {
                if !content.contains(&*mark) {
                    content.push_str(&mark);
                }
            } else if lower.starts_with("select") || lower.starts_with('.') {
            } else if lower.starts_with("insert") {
                content.push_str(&mark);
            } else {
                content = self.unknown().to_string();
            }
        }
        if !is_known(&text) && content == before {
            return Ok(0);
        }
        self.wrote("change", &target, "it adds the rows again; look first whether they are there");
        self.put_file(&target.place, &content, true);
        Ok(0)
    }

    pub(super) fn pip(&mut self, call: &Call<'_>) -> Flow {
        let Some(folder) = call
            .value("t target")
            .filter(|_| call.operands.first().is_some_and(|first| first.text == "install"))
            .cloned()
        else {
            return Ok(0);
        };
        let Some(target) = self.operand(&folder, true)? else { return Ok(0) };
        self.wrote("install", &target, "it is installed anew each time");
        if self.look(&target.place, ABSENT) == Kind::Absent {
            self.make_folders(&target);
        }
        let text = call.text();
        let tree =
            if call.has("U upgrade") { self.world.atoms.fresh(self.run) } else { self.world.atoms.made(&text, "") };
        if !self.trees(&target.place).contains(&tree) {
            self.overlay(&target.place, &[tree]);
        }
        Ok(0)
    }

    /// `python -m venv`; what else Python runs is not known.
    pub(super) fn python(&mut self, call: &Call<'_>, args: &[Arg]) -> Flow {
        let is_venv = call.value("m").is_some_and(|module| matches!(module.text.as_str(), "venv" | "virtualenv"));
        let Some(folder) = call.operands.last().filter(|_| is_venv) else { return self.program_unknown(args) };
        let Some(target) = self.operand(folder, true)? else { return Ok(0) };
        self.make_folders(&target);
        self.wrote("install", &target, REPLACED);
        let tree = self.world.atoms.made("venv", "");
        self.overlay(&target.place, &[tree]);
        Ok(0)
    }

    /// What is installed into the working directory.
    pub(super) fn packages(&mut self, call: &Call<'_>) -> Flow {
        let folder = call.value("prefix cwd d working-dir path").cloned().unwrap_or_else(|| Arg::plain("."));
        let Some(target) = self.operand(&folder, true)? else { return Ok(0) };
        let word = call.operands.first().map_or("install", |word| word.text.as_str());
        if !matches!(word, "install" | "ci" | "i" | "add" | "init" | "update" | "create-project") {
            if target.place.volume != crate::facts::effects::disk::ROOT {
                self.lost_write("run");
            }
            return Ok(0);
        }
        self.wrote("install", &target, REPLACED);
        let tree = self.world.atoms.made(&call.text(), "");
        self.overlay(&target.place, &[tree]);
        Ok(0)
    }

    pub(super) fn dd(&mut self, call: &Call<'_>) -> Flow {
        let value = |name: &str| call.args.iter().find_map(|arg| arg.text.strip_prefix(name)).map(Arg::plain);
        let from = match value("if=") {
            Some(file) => match self.inputs(&[file])? {
                Some(from) => from,
                None => return Ok(1),
            },
            None => self.input.to_string(),
        };
        let sizes: Vec<&str> =
            call.args.iter().map(|arg| arg.text.as_str()).filter(|text| !text.starts_with("of=")).collect();
        let how = format!("dd {}", sizes.join(" "));
        let Some(file) = value("of=") else {
            let made = self.world.atoms.made(&how, &from);
            self.print(&made)?;
            return Ok(0);
        };
        // A part of a file is replaced by the same again.
        self.write_made(&file, &how, &from, false, REPLACED)
    }

    pub(super) fn resize(&mut self, call: &Call<'_>) -> Flow {
        let size = call.value("s size l length").map(|size| size.text.clone()).unwrap_or_default();
        let mut status = 0;
        for operand in &call.operands {
            let Some(target) = self.operand(operand, true)? else { continue };
            if self.lacks_folder(&target) {
                return Ok(self.fail("write", Some((target.place, &target.path)), LACKS_FOLDER));
            }
            let kind = match self.look(&target.place, ABSENT) {
                kind if kind != Kind::Special && !target.is_folder && kind != Kind::Directory => kind,
                _ => {
                    status = self.fail("write", Some((target.place, &target.path)), "no file is there by then");
                    continue;
                }
            };
            self.wrote("write", &target, "it changes the size again");
            let before = if kind == Kind::Absent { "".into() } else { self.content(&target.place) };
            let grows = size.starts_with(['+', '-']);
            let content = match size.as_str() {
                "0" => "".into(),
                _ if grows => self.world.atoms.made(&format!("size {size}"), &before),
                _ => self.made_once(&format!("size {size}"), &before),
            };
            self.put_file(&target.place, &content, true);
        }
        Ok(status)
    }

    pub(super) fn split(&mut self, call: &Call<'_>) -> Flow {
        let from = self.inputs(&call.operands[..call.operands.len().min(1)])?;
        let Some(from) = from else { return Ok(1) };
        let prefix = call.operands.get(1).map_or("x", |prefix| prefix.text.as_str());
        let Some(target) = self.operand(&Arg::plain(prefix), true)? else { return Ok(0) };
        self.wrote("write", &target, REPLACED);
        let made = self.world.atoms.made(&call.text(), &from);
        let place = Place::new(target.place.volume, format!("{}aa", target.place.path));
        self.disk.set(place.clone(), Entry::File("".into()));
        self.put_file(&place, &made, false);
        let _: Target = target;
        Ok(0)
    }
}
