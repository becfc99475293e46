//! Programs that change files where they are: `sed -i`, `yq -i`, `patch`, and whether to do so twice is to do so once.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::paths::Target;

const AGAIN: &str = "it changes what it changed before; change a fresh copy of the file instead";
const BACKUP: &str = "the backup is replaced by the changed file; keep it elsewhere or make none";

/// What it means to change a file again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Again {
    /// Nothing changes any more.
    Nothing,
    /// It changes once more.
    Changes,
    Unknown,
}

impl Machine<'_, '_> {
    pub(super) fn sed(&mut self, call: &Call<'_>) -> Flow {
        let mut scripts: Vec<String> = call.values("e expression").map(|script| script.text.clone()).collect();
        let mut operands = call.operands.as_slice();
        if scripts.is_empty()
            && !call.has("f file")
            && let Some((first, rest)) = operands.split_first()
        {
            scripts.push(first.text.clone());
            operands = rest;
        }
        // Behind `i` stands an ending, which looks like letters.
        let own = |arg: &&Arg| arg.text.starts_with("-i") || arg.text.starts_with("--in-place");
        let in_place = call.args.iter().find(own).map(|arg| arg.text.clone());
        let in_place = in_place.or_else(|| call.has("i in-place").then(|| "-i".to_owned()));
        let Some(in_place) = in_place else {
            let Some(text) = self.inputs(operands)? else { return Ok(2) };
            // Without lines there is nothing to do.
            let output = match text.as_str() {
                "" => "".into(),
                text => self.world.atoms.made(&format!("sed {}", scripts.join("\n")), text),
            };
            self.print(&output)?;
            return Ok(0);
        };
        let ending = in_place.strip_prefix("--in-place=").or_else(|| in_place.strip_prefix("-i")).unwrap_or("");
        let ending = if ending == "r" || ending == "E" || ending == "n" { "" } else { ending };
        let again = if call.has("f file") { Again::Unknown } else { sed_again(&scripts) };
        self.change(operands, &format!("sed {}", scripts.join("\n")), again, ending)
    }

    /// Puts settings into a file: it finds those that it has put there, and leaves other lines as they are.
    pub(super) fn tune(&mut self, call: &Call<'_>) -> Flow {
        let Some(file) = call.value("conf-path").cloned() else { return self.asks(call) };
        if call.has("out-path dry-run restore") {
            return self.program_unknown(call.args);
        }
        self.change(&[file], &call.text(), Again::Nothing, "")
    }

    /// Sets or takes away one setting of a file, or prints it. A file that is missing is made.
    pub(super) fn ini_file(&mut self, call: &Call<'_>) -> Flow {
        let [command, file] = call.operands.as_slice() else { return self.prints(call, false) };
        if !matches!(command.text.as_str(), "set" | "del") {
            return self.prints(call, false);
        }
        let Some(target) = self.operand(file, true)? else { return Ok(0) };
        let kind = match self.opened(&target)? {
            Ok(kind) => kind,
            Err(why) => return Ok(self.fail("change", Some((target.place, &target.path)), why)),
        };
        let before = if kind == Kind::Absent { "".into() } else { self.content(&target.place) };
        self.wrote("change", &target, AGAIN);
        let after = self.made_once(&call.text(), &before);
        self.put_file(&target.place, &after, false);
        Ok(0)
    }

    /// Changes files where they are.
    fn change(&mut self, operands: &[Arg], how: &str, again: Again, ending: &str) -> Flow {
        let mut status = 0;
        for operand in operands {
            let Some(leads) = self.operand(operand, true)? else { continue };
            let Some(target) = self.own(&operand.text)? else { continue };
            let kind = self.look_at(&leads, Expect::Kind(Kind::File));
            let is_link = leads.place != target.place;
            match kind {
                Kind::File | Kind::Unknown => {}
                // It reads from the pipe, and waits.
                Kind::Special => return Err(Leave::Lost),
                // BusyBox replaces a link to a directory.
                Kind::Directory if is_link && self.is_busybox() => return Err(Leave::Lost),
                _ => {
                    status = self.fail("change", Some((target.place, &target.path)), "the file is not there by then");
                    continue;
                }
            }
            let before = self.content(&leads.place);
            if !ending.is_empty() && !ending.contains('*') {
                let path = format!("{}{ending}", target.path);
                let place = crate::facts::effects::disk::Place::new(
                    target.place.volume,
                    format!("{}{ending}", target.place.path),
                );
                let backup = Target { place, path, is_folder: false };
                self.wrote("write", &backup, BACKUP);
                self.disk.part(&backup.place);
                self.put_file(&backup.place, &before, true);
            }
            self.wrote("change", &target, AGAIN);
            let after = match again {
                // Without lines there is nothing to do.
                _ if before.is_empty() && how.starts_with("sed ") => before,
                Again::Nothing => self.made_once(how, &before),
                Again::Changes => self.world.atoms.made(how, &before),
                Again::Unknown => {
                    let done = self.made_once(how, &before);
                    if *done == *before {
                        let unknown = self.unknown();
                        self.world.atoms.made(how, &unknown)
                    } else {
                        done
                    }
                }
            };
            // A new file takes the place of the old one, and of a link.
            self.disk.part(&target.place);
            self.put_file(&target.place, &after, true);
        }
        Ok(status)
    }

    /// `yq -i` and `perl -i`; `jq` has no such option.
    pub(super) fn in_place(&mut self, call: &Call<'_>) -> Flow {
        let is_perl = call.name == "perl";
        let changes = call.name != "jq"
            && call.args.iter().any(|arg| {
                arg.text == "-i"
                    || arg.text == "--inplace"
                    || is_perl && arg.text.starts_with('-') && arg.text.contains('i')
            });
        if !changes {
            return self.prints(call, false);
        }
        let mut operands: Vec<Arg> = call.operands.clone();
        operands.retain(|operand| !matches!(operand.text.as_str(), "eval" | "e" | "w" | "write" | "eval-all" | "ea"));
        let mut scripts: Vec<String> = call.values("e").map(|script| script.text.clone()).collect();
        if scripts.is_empty() && operands.len() > 1 {
            scripts.push(operands.remove(0).text);
        }
        let again = if is_perl {
            sed_again(&scripts)
        } else if scripts.iter().any(|script| script.contains("+=") || script.contains(" + ")) {
            Again::Changes
        } else {
            Again::Nothing
        };
        self.change(&operands, &format!("{} {}", call.name, scripts.join("\n")), again, "")
    }

    pub(super) fn patch(&mut self, call: &Call<'_>) -> Flow {
        let Some(operand) = call.operands.first() else {
            let folder = call.value("d directory").cloned().unwrap_or_else(|| Arg::plain("."));
            if let Some(target) = self.operand(&folder, true)?
                && target.place.volume != crate::facts::effects::disk::ROOT
            {
                self.lost_write("change");
            }
            return Ok(0);
        };
        let Some(target) = self.operand(operand, true)? else { return Ok(0) };
        let changes = match call.value("i input") {
            Some(file) => self.inputs(std::slice::from_ref(file))?.unwrap_or_default(),
            None => self.input.to_string(),
        };
        let about = Some((target.place.clone(), target.path.as_str()));
        if self.look_at(&target, Expect::Kind(Kind::File)) != Kind::File {
            return Ok(self.fail("change", about, "the file is not there by then"));
        }
        let before = self.content(&target.place);
        let how = format!("patch {changes}");
        let after = self.made_once(&how, &before);
        if *after == *before {
            return Ok(self.fail(
                "change",
                about,
                "the change is there by then; patch a fresh copy of the file instead",
            ));
        }
        self.wrote("change", &target, AGAIN);
        self.put_file(&target.place, &after, false);
        Ok(0)
    }

    /// A program that writes a file whose content follows from `how`.
    pub(super) fn write_made(&mut self, file: &Arg, how: &str, of: &str, fresh: bool, why: &'static str) -> Flow<u8> {
        let Some(target) = self.operand(file, true)? else { return Ok(0) };
        if target.path.starts_with("/dev/") {
            return Ok(0);
        }
        let kind = match self.opened(&target)? {
            Ok(kind) => kind,
            Err(why) => return Ok(self.fail("write", Some((target.place, &target.path)), why)),
        };
        self.wrote(if fresh { "generate" } else { "write" }, &target, why);
        let content = if fresh { self.world.atoms.fresh(self.run) } else { self.world.atoms.made(how, of) };
        if kind == Kind::Absent || !fresh {
            self.disk.set(target.place.clone(), Entry::File("".into()));
        }
        self.put_file(&target.place, &content, false);
        Ok(0)
    }
}

/// What `sed` does to what it has changed already.
fn sed_again(scripts: &[String]) -> Again {
    let mut worst = Again::Nothing;
    for script in scripts {
        let commands =
            if script.contains("s|") || script.contains("s/") || script.contains("s#") || script.contains("s,") {
                split_commands(script)
            } else {
                vec![script.trim().to_owned()]
            };
        for command in commands {
            match one_again(command.trim()) {
                Again::Changes => return Again::Changes,
                Again::Unknown => worst = Again::Unknown,
                Again::Nothing => {}
            }
        }
    }
    worst
}

/// Commands of a script parted by `;` and line ends, where those stand in no substitution.
fn split_commands(script: &str) -> Vec<String> {
    let mut commands = vec![String::new()];
    let mut delimiter = None;
    let mut left = 0;
    let mut letters = script.chars().peekable();
    while let Some(letter) = letters.next() {
        let own = commands.last_mut().expect("there is one from the start");
        match delimiter {
            Some(mark) => {
                own.push(letter);
                if letter == '\\' {
                    own.extend(letters.next());
                } else if letter == mark {
                    left -= 1;
                    if left == 0 {
                        delimiter = None;
                    }
                }
            }
            None if letter == ';' || letter == '\n' => commands.push(String::new()),
            None => {
                let starts =
                    letter == 's' && own.trim().chars().all(|before| !before.is_alphabetic() || "$".contains(before));
                own.push(letter);
                if starts && letters.peek().is_some_and(|mark| !mark.is_alphanumeric() && *mark != ' ') {
                    delimiter = letters.next();
                    own.extend(delimiter);
                    left = 2;
                } else if letter == '/' {
                    delimiter = Some('/');
                    left = 1;
                }
            }
        }
    }
    commands.retain(|command| !command.trim().is_empty());
    commands
}

fn one_again(command: &str) -> Again {
    let (address, rest) = address(command);
    let by_number = address.starts_with(|letter: char| letter.is_ascii_digit() || letter == '$');
    let mut letters = rest.chars();
    match letters.next() {
        Some('s') => {
            let Some(mark) = letters.next() else { return Again::Unknown };
            let Some((pattern, replacement, flags)) = parts(letters.as_str(), mark) else { return Again::Unknown };
            substituted_again(&pattern, &replacement, &flags)
        }
        Some('a' | 'i' | 'r' | 'w' | 'G') => Again::Changes,
        Some('d') if by_number || address.is_empty() && !command.starts_with('/') => {
            if address.is_empty() {
                Again::Nothing
            } else {
                Again::Changes
            }
        }
        Some('d' | 'c' | 'y' | 'p' | 'q') => {
            if by_number && rest.starts_with('d') {
                Again::Changes
            } else {
                Again::Nothing
            }
        }
        _ => Again::Unknown,
    }
}

/// The address of a command and what comes behind it.
fn address(command: &str) -> (&str, &str) {
    let mut at = 0;
    let bytes = command.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'/' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'/' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'0'..=b'9' | b'$' | b',' | b'!' | b' ' | b'+' | b'~' => at += 1,
            _ => break,
        }
    }
    let at = at.min(command.len());
    if command.is_char_boundary(at) { (command[..at].trim(), command[at..].trim_start()) } else { ("", "") }
}

/// Pattern, replacement and flags of a substitution.
fn parts(text: &str, mark: char) -> Option<(String, String, String)> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            let next = letters.next()?;
            if next != mark {
                parts.last_mut()?.push('\\');
            }
            parts.last_mut()?.push(next);
        } else if letter == mark && parts.len() < 3 {
            parts.push(String::new());
        } else {
            parts.last_mut()?.push(letter);
        }
    }
    let [pattern, replacement, flags] = <[String; 3]>::try_from(parts).ok()?;
    Some((pattern, replacement, flags))
}

fn substituted_again(pattern: &str, replacement: &str, flags: &str) -> Again {
    let uses_match = replacement.contains('&') || replacement.contains("\\1") || replacement.contains("\\2");
    let starts = pattern.starts_with('^');
    let ends = pattern.ends_with('$') && !pattern.ends_with("\\$");
    let whole = starts && (ends || pattern.ends_with(".*"));
    let inner = pattern.trim_start_matches('^').trim_end_matches('$').replace("\\.", ".").replace("\\/", "/");
    let is_literal = !inner.replace('.', "").contains(['*', '[', '\\', '+', '?', '(']);
    if whole && !uses_match {
        // The line is the replacement by then, which is put in its own place if it fits at all.
        return Again::Nothing;
    }
    if uses_match {
        // What is added to the match is found and added to again.
        let adds = replacement.contains('&') && replacement != "&";
        if adds && is_literal && !starts && !ends {
            return Again::Changes;
        }
        return if starts && replacement.contains('&') && replacement.starts_with('#') {
            Again::Nothing
        } else {
            Again::Unknown
        };
    }
    if !is_literal {
        return Again::Unknown;
    }
    if replacement == inner {
        return Again::Nothing;
    }
    if replacement.contains(&inner) {
        return if starts && !replacement.starts_with(&inner) || ends && !replacement.ends_with(&inner) {
            Again::Nothing
        } else {
            Again::Changes
        };
    }
    // What is put in may make up the pattern together with what is around it.
    let overlaps =
        |text: &str, other: &str| (1..text.len()).any(|at| text.is_char_boundary(at) && other.starts_with(&text[at..]));
    let joins =
        !starts && !ends && (replacement.is_empty() || overlaps(&inner, replacement) || overlaps(replacement, &inner));
    let all = flags.contains('g') || starts || ends;
    // Placeholders stand for one thing, and there once.
    let is_placeholder = inner.len() > 3 && inner.contains(|letter: char| "_{}%@<>".contains(letter));
    if (all || is_placeholder) && (!joins || replacement.len() > 1 || is_placeholder) {
        Again::Nothing
    } else {
        Again::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::Again;
    use super::sed_again;

    #[test]
    fn what_sed_does_again_is_known_where_it_is_plain() {
        let told = [
            ("s/^listen .*/listen 8080/", Again::Nothing),
            ("s/listen/listen 0.0.0.0:/", Again::Changes),
            ("$ a extra=1", Again::Changes),
            ("1i header", Again::Changes),
            ("s/@HOST@/db/g; s#@PORT@#80#g", Again::Nothing),
            ("/^#/d", Again::Nothing),
            ("1d", Again::Changes),
            ("s/a/b/", Again::Unknown),
            ("s/x/xx/g", Again::Changes),
        ];
        for (script, again) in told {
            assert_eq!(sed_again(&[script.to_owned()]), again, "{script}");
        }
    }
}
