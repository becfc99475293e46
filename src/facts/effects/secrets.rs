//! Programs that make keys, certificates and passwords, which come out different each time.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::redirects::REPLACED;

/// Why a generated file differs.
pub(super) const NEW: &str = "it makes a new one each time; look first whether it is there";
const ABSENT: Expect = Expect::Kind(Kind::Absent);

impl Machine<'_, '_> {
    pub(super) fn openssl(&mut self, call: &Call<'_>) -> Flow {
        let command = call.args.first().map_or("", |arg| arg.text.as_str());
        let fresh = match command {
            "req" | "genrsa" | "genpkey" | "gendsa" | "rand" | "pkcs12" | "dhparam" | "ca" | "passwd" | "cms" => {
                command != "pkcs12" || call.has("export")
            }
            "ecparam" => call.has("genkey"),
            "x509" => call.has("req signkey CA"),
            "enc" => true,
            "rsa" | "ec" | "pkey" | "pkcs8" => {
                call.has("aes256 aes128 des3 aes-256-cbc") || command == "pkcs8" && !call.has("nocrypt")
            }
            _ => false,
        };
        let mut of = String::new();
        for file in call.values("in inkey") {
            match self.inputs(std::slice::from_ref(file))? {
                Some(text) => of.push_str(&text),
                None => return Ok(1),
            }
        }
        let input = self.input.to_string();
        of.push_str(&input);
        let text = call.text();
        let outputs: Vec<Arg> = call.values("out keyout").cloned().collect();
        for output in &outputs {
            let status = self.write_made(output, &text, &of, fresh, NEW)?;
            if status != 0 {
                return Ok(status);
            }
        }
        // The size stands alone behind `rand`.
        if outputs.is_empty() {
            let made = if fresh { self.world.atoms.fresh(self.run) } else { self.world.atoms.made(&text, &of) };
            self.print(&made)?;
        }
        if matches!(command, "s_client" | "verify" | "x509") && outputs.is_empty() {
            return Ok(self.outcome(&format!("run {text} {of}")));
        }
        Ok(0)
    }

    pub(super) fn keytool(&mut self, call: &Call<'_>) -> Flow {
        let store = call.value("keystore destkeystore").cloned();
        if call.has("exportcert export certreq exportcert")
            && let Some(file) = call.value("file").cloned()
        {
            return self.write_made(&file, &call.text(), "", call.has("certreq"), REPLACED);
        }
        let adds = call.has("genkeypair genkey importcert import importpass genseckey");
        let merges = call.has("importkeystore");
        let deletes = call.has("delete");
        let Some(store) = store.filter(|_| adds || merges || deletes) else { return self.asks(call) };
        let Some(target) = self.operand(&store, true)? else { return Ok(0) };
        let alias = call.value("alias").map_or("mykey", |alias| alias.text.as_str());
        let mark = self.world.atoms.source(&format!("alias {alias}"));
        let expect = if deletes { Expect::Kind(Kind::File) } else { ABSENT };
        let kind = self.look(&target.place, expect);
        let before = if kind == Kind::Absent { "".into() } else { self.content(&target.place) };
        let has_alias = before.contains(&*mark);
        let about = Some((target.place.clone(), target.path.as_str()));
        if adds && has_alias {
            return Ok(self.fail("generate", about, "the alias is there by then; delete it from the keystore first"));
        }
        if deletes && !has_alias {
            return Ok(self.fail("generate", about, "the alias is gone by then"));
        }
        if self.lacks_folder(&target) {
            return Ok(self.fail("generate", about, "the directory above is not there by then"));
        }
        self.wrote("generate", &target, "it makes the store anew each time; look first whether it is there");
        // Each time it is written its salts are new.
        let kept: String = before
            .chars()
            .filter(|letter| {
                !matches!(self.world.atoms.get(*letter), Some(crate::facts::effects::atoms::Atom::Fresh(..)))
            })
            .filter(|letter| !deletes || !mark.contains(*letter))
            .collect();
        let fresh = self.world.atoms.fresh(self.run);
        let own = if adds { mark.to_string() } else { String::new() };
        self.put_file(&target.place, &format!("{kept}{own}{fresh}"), false);
        Ok(0)
    }

    pub(super) fn ssh_keygen(&mut self, call: &Call<'_>) -> Flow {
        if call.has("A") {
            let folder = call.value("f").cloned().unwrap_or_else(|| Arg::plain("/"));
            let path = Arg::plain(format!("{}/etc/ssh/ssh_host_keys", folder.text));
            let Some(target) = self.operand(&path, true)? else { return Ok(0) };
            self.wrote("generate", &target, REPLACED);
            if self.look(&target.place, ABSENT) == Kind::Absent {
                let fresh = self.world.atoms.fresh(self.run);
                self.put_file(&target.place, &fresh, false);
            }
            return Ok(0);
        }
        let Some(file) = call.value("f").cloned() else { return Ok(0) };
        if call.has("y l R F e i L s k p c") || !call.has("t N q b C") {
            return self.asks(call);
        }
        let Some(target) = self.operand(&file, true)? else { return Ok(0) };
        let about = Some((target.place.clone(), target.path.as_str()));
        if self.lacks_folder(&target) {
            return Ok(self.fail("generate", about, "the directory above is not there by then"));
        }
        if self.look(&target.place, ABSENT) != Kind::Absent && self.input.is_empty() {
            return Ok(self.fail("generate", about, "the key is there by then; look first whether it is"));
        }
        self.wrote("generate", &target, NEW);
        let fresh = self.world.atoms.fresh(self.run);
        self.put_file(&target.place, &fresh, false);
        let public = self.world.atoms.made("public key", &fresh);
        let place = crate::facts::effects::disk::Place::new(target.place.volume, format!("{}.pub", target.place.path));
        self.put_file(&place, &public, false);
        Ok(0)
    }

    /// The key of a node of Ethereum, which takes the place of one that is there.
    pub(super) fn bootnode(&mut self, call: &Call<'_>) -> Flow {
        match call.value("genkey").cloned() {
            Some(file) => self.write_made(&file, "", "", true, NEW),
            None => self.asks(call),
        }
    }

    pub(super) fn htpasswd(&mut self, call: &Call<'_>) -> Flow {
        if call.has("n") {
            let fresh = self.world.atoms.fresh(self.run);
            self.print(&fresh)?;
            return Ok(0);
        }
        let Some(file) = call.operands.first() else { return Ok(2) };
        if !call.has("c") {
            let Some(target) = self.operand(file, true)? else { return Ok(0) };
            if self.look(&target.place, Expect::Kind(Kind::File)) == Kind::Absent {
                return Ok(self.fail("generate", Some((target.place, &target.path)), "the file is not there by then"));
            }
        }
        self.write_made(file, "", "", true, "the salt is a new one each time; look first whether the file is there")
    }
}
