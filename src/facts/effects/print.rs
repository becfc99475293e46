//! Programs that print, filter and look into texts.

use std::fmt::Write;
use std::rc::Rc;

use regex::Regex;

use crate::facts::effects::arg::Arg;
use crate::facts::effects::atoms::is_atom;
use crate::facts::effects::atoms::is_known;
use crate::facts::effects::copies::shape;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::files::ANY_FILE;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::CONDITION;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;
use crate::facts::effects::redirects::REPLACED;

impl Machine<'_, '_> {
    pub(super) fn echo(&mut self, call: &Call<'_>) -> Flow {
        let mut words = call.args;
        let (mut ends, mut escapes) = (true, false);
        while let [first, rest @ ..] = words {
            match first.text.as_str() {
                "-n" => ends = false,
                "-e" => escapes = true,
                "-ne" | "-en" => (ends, escapes) = (false, true),
                "-E" => {}
                _ => break,
            }
            words = rest;
        }
        let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let mut text = words.join(" ");
        if escapes {
            text = unescape(&text);
        }
        if ends {
            text.push('\n');
        }
        self.print(&text)?;
        Ok(0)
    }

    pub(super) fn printf(&mut self, call: &Call<'_>) -> Flow {
        let args = match call.args {
            [first, rest @ ..] if first.text == "--" => rest,
            args => args,
        };
        let Some((format, values)) = args.split_first() else { return Ok(1) };
        let mut values = values.iter();
        let mut text = String::new();
        loop {
            let mut rest = format.text.as_str();
            while let Some(at) = rest.find('%') {
                text.push_str(&unescape(&rest[..at]));
                let sign = rest[at + 1..].chars().next();
                match sign {
                    Some('%') => text.push('%'),
                    Some('s' | 'd' | 'i' | 'b' | 'q') => text.push_str(values.next().map_or("", |value| &value.text)),
                    _ => {
                        let all: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
                        let made = self.world.atoms.made("printf", &all.join("\n"));
                        self.print(&made)?;
                        return Ok(0);
                    }
                }
                rest = &rest[at + 1 + sign.map_or(0, char::len_utf8)..];
            }
            text.push_str(&unescape(rest));
            if values.as_slice().is_empty() || !format.text.contains('%') {
                break;
            }
        }
        self.print(&text)?;
        Ok(0)
    }

    /// What files contain, or what is read if none is named; none if one is missing or a directory.
    pub(super) fn inputs(&mut self, operands: &[Arg]) -> Flow<Option<String>> {
        self.inputs_of(operands, false)
    }

    /// The same, where directories stand for all that is in them if `recursive`.
    pub(super) fn inputs_of(&mut self, operands: &[Arg], recursive: bool) -> Flow<Option<String>> {
        if operands.is_empty() {
            return Ok(Some(self.input.to_string()));
        }
        let mut text = String::new();
        let mut complete = true;
        for operand in operands {
            if operand.text == "-" {
                text.push_str(&self.input.clone());
                continue;
            }
            let target = if operand.globs { None } else { self.target(&operand.text, true)? };
            let Some(target) = target else {
                let unknown = self.world.atoms.source(&format!("files {}", operand.text));
                text.push_str(&unknown);
                continue;
            };
            let shape = if recursive { shape(&operand.text, true) } else { Kind::File };
            let expect = if self.probing > 0 { ANY_FILE } else { Expect::Kind(shape) };
            match self.look_at(&target, expect) {
                // Whoever reads from a pipe waits.
                Kind::Special if !recursive => return Err(Leave::Lost),
                // It may be what was written to a path of which nobody knows where it starts.
                Kind::Absent if target.place.volume != ROOT && self.has_written_nowhere() => {
                    let unknown = self.unknown();
                    text.push_str(&unknown);
                }
                Kind::Absent => {
                    complete = false;
                    self.fail("read", Some((target.place, &target.path)), "the file is not there by then");
                }
                Kind::Directory if !recursive => {
                    complete = false;
                    self.fail("read", Some((target.place, &target.path)), "a directory is there by then");
                }
                Kind::Directory => {
                    let mut all = String::new();
                    for tree in self.trees(&target.place) {
                        all.push_str(&tree);
                    }
                    for (place, entry) in self.disk.within(&target.place) {
                        all.push_str(&place.path);
                        let _ = write!(all, " {entry:?}");
                    }
                    let folder = self.world.atoms.made("all below", &all);
                    text.push_str(&folder);
                }
                _ => {
                    let content = self.content(&target.place);
                    text.push_str(&content);
                }
            }
        }
        Ok(complete.then_some(text))
    }

    pub(super) fn cat(&mut self, call: &Call<'_>) -> Flow {
        let mut status = 0;
        let operands = if call.operands.is_empty() { vec![Arg::plain("-")] } else { call.operands.clone() };
        for operand in &operands {
            match self.inputs(std::slice::from_ref(operand))? {
                Some(text) => self.print(&text)?,
                None => status = 1,
            }
        }
        Ok(status)
    }

    /// A program whose output follows from its words and what it reads.
    pub(super) fn prints(&mut self, call: &Call<'_>, fresh: bool) -> Flow {
        // Words are inputs if they are files of a volume; else they are themselves.
        let mut of = String::new();
        let mut fails = false;
        for operand in &call.operands {
            if let Some(target) = if operand.globs { None } else { self.target(&operand.text, true)? } {
                let is_written = target.place.volume != ROOT || self.disk.get(&target.place).is_some();
                if is_written && operand.text.contains('/') && !call.operands.is_empty() {
                    match self.inputs(std::slice::from_ref(operand))? {
                        Some(text) => of.push_str(&text),
                        None => fails = true,
                    }
                }
            }
        }
        let is_date =
            call.name == "date" && call.args.iter().all(|arg| !arg.text.starts_with('+') || arg.text.contains('%'));
        let input = Rc::clone(&self.input);
        of.push_str(&input);
        // What has nothing to fill in stays as it is.
        let stays = call.name == "envsubst" && is_known(&of) && !of.contains('$');
        let output = match () {
            () if stays => Rc::from(of.as_str()),
            () if fresh && (call.name != "date" || is_date) => self.world.atoms.fresh(self.run),
            () => self.world.atoms.made(&call.text(), &of),
        };
        self.print(&output)?;
        Ok(u8::from(fails))
    }

    pub(super) fn grep(&mut self, call: &Call<'_>) -> Flow {
        let mut operands = call.operands.as_slice();
        let mut pattern = call.value("e regexp").map(|pattern| pattern.text.clone());
        if pattern.is_none()
            && !call.has("f file")
            && let Some((first, rest)) = operands.split_first()
        {
            pattern = Some(first.text.clone());
            operands = rest;
        }
        let pattern = pattern.unwrap_or_default();
        let recursive = call.has("r R recursive dereference-recursive");
        let inputs = self.inputs_of(operands, recursive)?;
        let question = call.text();
        let Some(text) = inputs else { return Ok(2) };
        let found = self.found(&pattern, &text, call, &question);
        let quiet = call.has("q quiet silent");
        if !quiet {
            let output = if found { self.world.atoms.made(&question, &text) } else { "".into() };
            self.print(&output)?;
        }
        if !found {
            self.fail("check", None, CONDITION);
        }
        Ok(u8::from(!found))
    }

    /// Whether a line of a text has something that fits.
    fn found(&mut self, pattern: &str, text: &str, call: &Call<'_>, question: &str) -> bool {
        let inverted = call.has("v invert-match");
        let extended = call.has("E extended-regexp P perl-regexp") || call.name == "egrep";
        let fixed = call.has("F fixed-strings") || call.name == "fgrep";
        let (ignores, whole, word) = (call.has("i ignore-case"), call.has("x line-regexp"), call.has("w word-regexp"));
        let is_plain = !inverted && is_known(pattern) && !ignores && !word;
        let mut expression = None;
        let mut asked = String::new();
        for line in text.lines() {
            if !is_known(line) || !is_known(pattern) {
                // The same words are found in themselves, whatever they are.
                let simple = pattern.trim_start_matches('^').trim_end_matches('$');
                let has_special = simple.contains(['*', '[', '\\', '+', '?', '(']);
                if is_plain
                    && !has_special
                    && line.contains(simple)
                    && !pattern.starts_with('^')
                    && !pattern.ends_with('$')
                {
                    return true;
                }
                if !inverted && fixed && line.contains(pattern)
                    || !is_known(pattern) && !inverted && line.contains(simple)
                {
                    return true;
                }
                asked.push_str(&line.chars().filter(|letter| is_atom(*letter)).collect::<String>());
                continue;
            }
            if expression.is_none() {
                expression = Some(regex_of(pattern, (fixed, extended, ignores, whole, word)));
            }
            match expression.as_ref().and_then(Option::as_ref) {
                Some(expression) if expression.is_match(line) != inverted => return true,
                Some(_) => {}
                None => asked.push_str("line "),
            }
        }
        if asked.is_empty() {
            return false;
        }
        if self.waiting {
            return true;
        }
        self.ask(&format!("{question} {asked}"), &[1, 0]) == 1
    }

    pub(super) fn list_names(&mut self, call: &Call<'_>) -> Flow {
        let here = vec![Arg::plain(".")];
        let operands = if call.operands.is_empty() { &here } else { &call.operands };
        let mut status = 0;
        let mut text = String::new();
        for operand in operands {
            let mut target = if operand.globs { None } else { self.target(&operand.text, true)? };
            // A link that leads nowhere is shown itself.
            if let Some(leads) = &target {
                let own = self.target(&operand.text, false)?;
                let is_other = own.as_ref().is_some_and(|own| own.place != leads.place);
                if is_other && self.look(&leads.place.clone(), ANY_FILE) == Kind::Absent {
                    target = own;
                }
            }
            let Some(target) = target else {
                let question = call.text();
                let output = self.world.atoms.made(&question, "");
                self.print(&output)?;
                return Ok(self.outcome(&question));
            };
            let expect = if self.probing > 0 { ANY_FILE } else { Expect::Kind(Kind::Directory) };
            match self.look_at(&target, expect) {
                Kind::Absent => {
                    status = 2;
                    self.fail("read", Some((target.place, &target.path)), "the file is not there by then");
                }
                Kind::Directory if !call.has("d directory") => {
                    let hidden = call.has("a A all almost-all");
                    let mut names: Vec<String> = Vec::new();
                    for (place, entry) in self.disk.within(&target.place) {
                        let name = place.below(&target.place).unwrap_or_default();
                        let shown = hidden || !name.starts_with('.');
                        if shown && !name.contains('/') && *entry != Entry::Gone {
                            names.push(name.to_owned());
                        }
                    }
                    for name in names {
                        text.push_str(&name);
                        text.push('\n');
                    }
                    for tree in self.trees(&target.place) {
                        let listed = self.world.atoms.made("names", &tree);
                        let listed = self.world.atoms.source(&listed);
                        text.push_str(&listed);
                    }
                }
                Kind::Unknown => {
                    let unknown = self.unknown();
                    text.push_str(&unknown);
                }
                _ => {
                    text.push_str(&operand.text);
                    text.push('\n');
                }
            }
        }
        self.print(&text)?;
        Ok(status)
    }

    pub(super) fn name(&mut self, call: &Call<'_>) -> Flow {
        let Some(first) = call.operands.first() else { return Ok(1) };
        let path = first.text.trim_end_matches('/');
        let text = match call.name {
            "basename" => {
                let ending = call.operands.get(1).map_or("", |ending| ending.text.as_str());
                let name = path.rsplit('/').next().unwrap_or("");
                name.strip_suffix(ending).unwrap_or(name).to_owned()
            }
            "dirname" => {
                path.rsplit_once('/').map_or(".", |(above, _)| if above.is_empty() { "/" } else { above }).to_owned()
            }
            _ => self.target(&first.text, true)?.map_or_else(|| path.to_owned(), |target| target.path),
        };
        self.print(&format!("{text}\n"))?;
        Ok(0)
    }

    pub(super) fn sequence(&mut self, call: &Call<'_>) -> Flow {
        let words: Vec<&str> = call.args.iter().map(|arg| arg.text.as_str()).collect();
        if call.name == "expr" {
            let value = self.arithmetic(&words.join(" "));
            self.print(&format!("{value}\n"))?;
            return Ok(u8::from(value == "0"));
        }
        let numbers: Option<Vec<i64>> = call.operands.iter().map(|arg| arg.text.parse().ok()).collect();
        let (start, step, end) = match numbers.as_deref() {
            Some([end]) => (1, 1, *end),
            Some([start, end]) => (*start, 1, *end),
            Some([start, step, end]) if *step > 0 => (*start, *step, *end),
            _ => {
                let made = self.world.atoms.made(&words.join(" "), "");
                self.print(&made)?;
                return Ok(0);
            }
        };
        if end.saturating_sub(start) / step > 60 {
            let made = self.world.atoms.made("numbers", &words.join(" "));
            self.print(&made)?;
            return Ok(0);
        }
        let mut text = String::new();
        let mut number = start;
        while number <= end && text.len() < 4096 {
            let _ = writeln!(text, "{number}");
            number = number.saturating_add(step);
        }
        self.print(&text)?;
        Ok(0)
    }

    pub(super) fn tee(&mut self, call: &Call<'_>) -> Flow {
        let input = Rc::clone(&self.input);
        let mut status = 0;
        for operand in call.operands.iter().filter(|operand| !operand.text.starts_with("/dev/")) {
            let Some(target) = self.operand(operand, true)? else { continue };
            let kind = match self.opened(&target)? {
                Ok(kind) => kind,
                Err(why) => {
                    status = self.fail("write", Some((target.place, &target.path)), why);
                    continue;
                }
            };
            if call.has("a append") {
                if !input.is_empty() || kind == Kind::Absent {
                    self.append(&target, &input, false);
                }
            } else {
                self.wrote("write", &target, REPLACED);
                self.put_file(&target.place, &input, false);
            }
        }
        self.print(&input)?;
        Ok(status)
    }

    /// The result of something that, done twice, leaves what it leaves when done once.
    pub(super) fn made_once(&mut self, how: &str, of: &str) -> Rc<str> {
        let mut letters = of.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            let is_done = match self.world.atoms.get(letter) {
                Some(crate::facts::effects::atoms::Atom::Made(made)) => {
                    made.strip_prefix(how).is_some_and(|rest| rest.starts_with('\n'))
                }
                _ => false,
            };
            if is_done {
                return of.into();
            }
        }
        self.world.atoms.made(how, of)
    }
}

/// The regular expression of `grep`; none if it has what ours have not.
fn regex_of(pattern: &str, (fixed, extended, ignores, whole, word): (bool, bool, bool, bool, bool)) -> Option<Regex> {
    let mut expression = String::new();
    if fixed {
        expression = regex::escape(pattern);
    } else if extended {
        expression.push_str(pattern);
    } else {
        // In a basic expression these are special behind a backslash only.
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some(next @ ('|' | '+' | '?' | '(' | ')' | '{' | '}')) => expression.push(next),
                    Some(next) if next.is_ascii_digit() => return None,
                    Some(next) => expression.extend(['\\', next]),
                    None => return None,
                },
                '|' | '+' | '?' | '(' | ')' | '{' | '}' => expression.extend(['\\', letter]),
                letter => expression.push(letter),
            }
        }
    }
    if word {
        expression = format!(r"\b(?:{expression})\b");
    }
    if whole {
        expression = format!("^(?:{expression})$");
    }
    if ignores {
        expression.insert_str(0, "(?i)");
    }
    Regex::new(&expression).ok()
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('\\') | None => plain.push('\\'),
            Some(other) => plain.extend(['\\', other]),
        }
    }
    plain
}
