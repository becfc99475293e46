//! `gzip` and its like: a file that takes the place of another one.
//!
//! What they say to links, directories and files of several names was seen with GNU and with BusyBox.

use std::rc::Rc;

use crate::facts::effects::arg::Arg;
use crate::facts::effects::atoms::Atom;
use crate::facts::effects::atoms::is_known;
use crate::facts::effects::disk::Place;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;
use crate::facts::effects::redirects::REPLACED;

const ABSENT: Expect = Expect::Kind(Kind::Absent);
const FILE: Expect = Expect::Kind(Kind::File);

/// Why a file is not packed.
const GONE: &str = "the file is gone by then";

/// What one of these programs is to do.
#[derive(Clone, Copy)]
struct Packer {
    /// Of what is packed.
    ending: &'static str,
    unpacks: bool,
    forced: bool,
    /// Whether the file stays.
    keeps: bool,
}

impl Packer {
    fn of(call: &Call<'_>) -> Self {
        let ending = match call.name {
            "gzip" | "gunzip" => ".gz",
            "bzip2" | "bunzip2" => ".bz2",
            "xz" | "unxz" => ".xz",
            "lz4" => ".lz4",
            _ => ".zst",
        };
        let unpacks = call.name.starts_with("un") || call.name.contains("un") || call.has("d decompress uncompress");
        let keeps = call.has("k keep") || ending == ".zst" && !call.has("rm");
        Self { ending, unpacks, forced: call.has("f force"), keeps }
    }

    /// What the result is called; none if it can't be told from the name.
    fn result(self, path: &str) -> Option<String> {
        if !self.unpacks {
            return Some(format!("{path}{}", self.ending));
        }
        path.strip_suffix(self.ending).or_else(|| path.strip_suffix(".tgz")).map(str::to_owned)
    }
}

impl Machine<'_, '_> {
    pub(super) fn compress(&mut self, call: &Call<'_>) -> Flow {
        let packer = Packer::of(call);
        if call.has("t test l list") {
            return Ok(0);
        }
        if call.operands.is_empty() || call.has("c stdout to-stdout") {
            let Some(text) = self.inputs(&call.operands)? else { return self.pack_nothing(call, packer) };
            let Some(made) = self.packed(&text, packer) else { return Ok(self.fail("compress", None, UNPACKED)) };
            self.print(&made)?;
            return Ok(0);
        }
        let mut status = 0;
        for operand in &call.operands {
            status = status.max(self.pack_one(operand, packer)?);
        }
        Ok(status)
    }

    /// What is printed of what can't be read: BusyBox packs a directory as if it were empty.
    fn pack_nothing(&mut self, call: &Call<'_>, packer: Packer) -> Flow {
        let [operand] = call.operands.as_slice() else { return Err(Leave::Lost) };
        let Some(target) = self.target(&operand.text, true)? else { return Ok(1) };
        if !packer.unpacks && self.look(&target.place, FILE) == Kind::Directory && self.is_busybox() {
            let made = self.world.atoms.made("pack", "");
            self.print(&made)?;
            return Ok(0);
        }
        Ok(1)
    }

    fn pack_one(&mut self, operand: &Arg, packer: Packer) -> Flow {
        let Some(leads) = self.operand(operand, true)? else { return Ok(0) };
        let Some(own) = self.own(&operand.text)? else { return Ok(0) };
        let about = Some((own.place.clone(), own.path.as_str()));
        let is_link = self.is_link(&operand.text)?;
        match self.look_at(&leads, FILE) {
            Kind::Absent if packer.unpacks && !is_link && !own.path.ends_with(packer.ending) => {
                // GNU looks for a packed file of that name.
                let longer = format!("{}{}", operand.text, packer.ending);
                let Some(place) = self.place(&longer)? else { return Ok(1) };
                if self.look(&place, ABSENT) == Kind::Absent || self.is_busybox() {
                    return Ok(self.fail("compress", about, GONE));
                }
                return self.pack_one(&Arg::plain(longer), packer);
            }
            Kind::File | Kind::Unknown => {}
            Kind::Directory => return self.pack_folder(&own, packer),
            Kind::Special if self.is_busybox() => return Err(Leave::Lost),
            _ => return Ok(self.fail("compress", about, GONE)),
        }
        let is_odd = is_link || self.disk.has_other_names(&own.place);
        if is_odd && !packer.forced && !self.is_busybox() {
            return Ok(self.fail("compress", about, "a link, or a file of several names, is there by then"));
        }
        let Some(path) = packer.result(&own.path) else {
            return Ok(self.fail("compress", about, "it is not called like a packed file"));
        };
        let Some(place) = packer.result(&own.place.path) else { return Ok(1) };
        let to = Target { path, place: Place::new(own.place.volume, place), is_folder: false };
        match self.look(&to.place, ABSENT) {
            Kind::Absent => {}
            Kind::Directory => return Ok(self.fail("compress", about, "a directory is where the result is to be")),
            _ if packer.forced => {}
            _ => {
                let why = "the result is there by then; write it with `-c` and `>`";
                return Ok(self.fail("compress", Some((to.place, &own.path)), why));
            }
        }
        let content = self.content(&leads.place);
        let Some(made) = self.packed(&content, packer) else { return Ok(self.fail("compress", about, UNPACKED)) };
        self.wrote("compress", &Target { path: own.path.clone(), ..to.clone() }, REPLACED);
        self.disk.part(&to.place);
        self.put_file(&to.place, &made, false);
        if !packer.keeps {
            self.take_away(&own.place);
        }
        Ok(0)
    }

    /// A directory is not packed, which BusyBox notices late.
    fn pack_folder(&mut self, own: &Target, packer: Packer) -> Flow {
        let about = Some((own.place.clone(), own.path.as_str()));
        if !packer.unpacks && self.is_busybox() {
            let Some(place) = packer.result(&own.place.path).filter(|_| !own.is_folder) else {
                return Err(Leave::Lost);
            };
            let place = Place::new(own.place.volume, place);
            if self.look(&place, ABSENT) == Kind::Absent || packer.forced {
                let to = Target { path: own.path.clone(), place, is_folder: false };
                self.wrote("compress", &to, REPLACED);
                let made = self.world.atoms.made("pack", "");
                self.disk.part(&to.place);
                self.put_file(&to.place, &made, true);
            }
        }
        Ok(self.fail("compress", about, "a directory is there by then"))
    }

    /// What a text is packed or unpacked; none if it is not what is packed.
    fn packed(&mut self, text: &str, packer: Packer) -> Option<Rc<str>> {
        let how = |program: &str| format!("{program} {}", packer.ending);
        if !packer.unpacks {
            return Some(self.world.atoms.made(&how("pack"), text));
        }
        if is_known(text) {
            return None;
        }
        let mut letters = text.chars();
        if let (Some(letter), None) = (letters.next(), letters.next())
            && let Some(Atom::Made(made)) = self.world.atoms.get(letter)
            && let Some(packed) = made.strip_prefix(&how("pack"))
        {
            return packed.strip_prefix('\n').map(Rc::from);
        }
        Some(self.world.atoms.made(&how("unpack"), text))
    }
}

/// Why a file is not unpacked.
const UNPACKED: &str = "the file is not packed by then";
