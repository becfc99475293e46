//! What words become: variables, what commands print, arithmetic, names of files.
//!
//! Rules of POSIX (2.6). A variable that nobody sets stands for itself, because the image may set it; where a script
//! says what to take if it is not set, that is taken.

use std::rc::Rc;

use crate::facts::effects::arg::Arg;
use crate::facts::effects::atoms::Atom;
use crate::facts::effects::atoms::is_atom;
use crate::facts::effects::atoms::is_known;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::MAX_TEXT;
use crate::facts::effects::machine::Machine;
use crate::shell::Part;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::shell::alternatives;
use crate::shell::arithmetic::Variables;
use crate::shell::arithmetic::evaluate;
use crate::shell::arithmetic::value_of;
use crate::shell::pattern;
use crate::shell::pattern::escaped;
use crate::shell::pattern::fits;
use crate::shell::pattern::unescaped;

/// How many words one may become.
const MAX_WORDS: usize = 200;

/// Words in the making.
#[derive(Default)]
struct Fields {
    done: Vec<(String, bool)>,
    /// The word at hand, in all its alternatives, as a pattern; none if nothing of it is there yet.
    open: Option<Vec<String>>,
    globs: bool,
    /// How much text has been put together.
    bytes: usize,
}

impl Fields {
    fn push(&mut self, text: &str, pattern: bool) {
        let text = if pattern { text.to_owned() } else { escaped(text) };
        for open in self.open.get_or_insert_with(|| vec![String::new()]) {
            self.bytes += text.len();
            open.push_str(&text);
        }
    }

    fn end(&mut self) {
        let globs = std::mem::take(&mut self.globs);
        self.done.extend(self.open.take().into_iter().flatten().map(|word| (word, globs)));
    }

    /// A value without quotes: blanks part it.
    fn push_split(&mut self, text: &str) {
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            if letter.is_whitespace() {
                self.end();
                rest = rest.trim_start();
                continue;
            }
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            self.globs |= rest[..end].contains(['*', '?', '[']);
            self.push(&rest[..end], true);
            rest = &rest[end..];
        }
    }
}

impl Machine<'_, '_> {
    /// What words become for a program.
    pub(super) fn words(&mut self, words: &[Word]) -> Flow<Vec<Arg>> {
        let mut args = Vec::new();
        for word in words {
            let mut fields = Fields::default();
            if word.parts.is_empty() {
                fields.push("", false);
            }
            for part in &word.parts {
                self.part(part, part.quoted, &mut fields)?;
            }
            fields.end();
            for (pattern, globs) in fields.done {
                if globs {
                    self.names(&pattern, &mut args)?;
                } else {
                    args.push(Arg::plain(unescaped(&pattern)));
                }
            }
            if args.len() > MAX_WORDS {
                return Err(Leave::Lost);
            }
        }
        Ok(args)
    }

    /// What a word becomes where it is neither split nor a pattern.
    pub(super) fn one(&mut self, word: &Word) -> Flow<String> {
        self.pattern(word).map(|pattern| unescaped(&pattern))
    }

    /// What a word becomes as a pattern.
    pub(super) fn pattern(&mut self, word: &Word) -> Flow<String> {
        let mut fields = Fields::default();
        for part in &word.parts {
            self.part(part, true, &mut fields)?;
        }
        fields.end();
        let words: Vec<_> = fields.done.into_iter().map(|(word, _)| word).collect();
        Ok(words.join(" "))
    }

    fn part(&mut self, part: &Part, quoted: bool, fields: &mut Fields) -> Flow<()> {
        if fields.bytes > MAX_TEXT {
            return Err(Leave::Lost);
        }
        match &part.kind {
            PartKind::Text(text) => {
                let text = self.literal(text, part.range.clone());
                fields.push(&text, false);
            }
            PartKind::Pattern(pattern) => {
                fields.globs = true;
                fields.push(pattern, true);
            }
            PartKind::Home(name) if name.is_empty() => {
                let home = self.variable("HOME").unwrap_or_else(|| "/root".into());
                fields.push(&home, false);
            }
            PartKind::Home(name) => fields.push(&format!("/home/{name}"), false),
            PartKind::Variable { name, operator, operand } => {
                self.variable_part(name, operator, operand.as_deref(), (part.quoted, quoted), fields)?;
            }
            PartKind::Substitution(list) => {
                let text = self.substitution(list)?;
                Self::put(&text, quoted, fields);
            }
            PartKind::Arithmetic(text) => {
                let value = self.arithmetic(text);
                fields.push(&value, false);
            }
            PartKind::Process(list) => {
                let text = self.substitution(list)?;
                let path = self.world.atoms.made("process", &text);
                fields.push(&format!("/dev/fd/{path}"), false);
            }
            PartKind::Braces(text) => {
                let alternatives = alternatives(text, MAX_WORDS + 1).ok_or(Leave::Lost)?;
                let open = fields.open.take().unwrap_or_else(|| vec![String::new()]);
                if open.len() * alternatives.len() > MAX_WORDS {
                    return Err(Leave::Lost);
                }
                let each =
                    |open: &String| alternatives.iter().map(|own| open.clone() + &escaped(own)).collect::<Vec<_>>();
                fields.open = Some(open.iter().flat_map(each).collect());
            }
            PartKind::Array(words) => {
                let words: Vec<_> = self.words(words)?.into_iter().map(|word| word.text).collect();
                fields.push(&words.join(" "), false);
            }
        }
        Ok(())
    }

    /// The text of a script, with what the kubelet filled in.
    fn literal(&mut self, text: &str, range: std::ops::Range<usize>) -> String {
        if text.is_ascii() {
            return text.to_owned();
        }
        let script = Rc::clone(&self.here.script);
        // A text that the script made has atoms already.
        if script.text.node().is_none() {
            return text.to_owned();
        }
        self.world.atoms.value(&script.text.value_of(text, range))
    }

    fn put(text: &str, quoted: bool, fields: &mut Fields) {
        if quoted {
            fields.push(text, false);
        } else {
            fields.push_split(text);
        }
    }

    fn substitution(&mut self, list: &crate::shell::List) -> Flow<String> {
        let (probing, waiting) = (std::mem::take(&mut self.probing), std::mem::take(&mut self.waiting));
        let result = self.captured(|machine| machine.subshell(|machine| machine.list(list)));
        self.probing = probing;
        self.waiting = waiting;
        let (status, output) = result?;
        self.status = status;
        Ok(output.trim_end_matches('\n').to_owned())
    }

    /// The value of a variable; none if it has none as far as is known.
    pub(super) fn variable(&mut self, name: &str) -> Option<Rc<str>> {
        for (watched, is_read) in &mut self.watched {
            *is_read |= watched == name;
        }
        if let Some(set) = self.variables.get(name) {
            return set.clone();
        }
        match name {
            "?" => return Some(self.status.to_string().into()),
            "#" => return Some(self.arguments.len().to_string().into()),
            "@" | "*" => return Some(self.arguments.join(" ").into()),
            "0" => return Some(self.zero.as_str().into()),
            "$" | "!" | "UID" | "EUID" | "HOSTNAME" | "PPID" | "-" => return Some(self.symbol(name)),
            "RANDOM" | "SRANDOM" | "SECONDS" | "EPOCHSECONDS" | "EPOCHREALTIME" => {
                return Some(self.world.atoms.fresh(self.run));
            }
            "PWD" => return Some(self.folder.as_str().into()),
            "IFS" => return Some(" \t\n".into()),
            _ => {}
        }
        if let Ok(number) = name.parse::<usize>() {
            return self.arguments.get(number.checked_sub(1)?).map(|text| text.as_str().into());
        }
        let value = self.setting.run.environment.get(name);
        if let Some(value) = value {
            return Some(self.world.atoms.value(&value).into());
        }
        self.setting.run.environment.may_set(name).then(|| self.symbol(name))
    }

    fn variable_part(
        &mut self,
        name: &str,
        operator: &str,
        operand: Option<&Word>,
        (in_quotes, quoted): (bool, bool),
        fields: &mut Fields,
    ) -> Flow<()> {
        if matches!(name, "@" | "*") && operator.is_empty() && (name == "@" || !in_quotes) && (in_quotes || !quoted) {
            for (at, argument) in self.arguments.clone().iter().enumerate() {
                if at > 0 {
                    fields.end();
                }
                Self::put(argument, in_quotes, fields);
            }
            return Ok(());
        }
        let value = self.variable(name);
        // An index of an array stands before what follows it.
        if matches!(operator, "[@]" | "[*]") {
            if let Some(value) = value {
                fields.push_split(&value);
            }
            return Ok(());
        }
        if operator.starts_with('[') {
            let text = self.world.atoms.made(&format!("{name}{operator}"), value.as_deref().unwrap_or(""));
            fields.push(&text, false);
            return Ok(());
        }
        let otherwise = |machine: &mut Self| operand.map_or(Ok(String::new()), |word| machine.one(word));
        let colon = operator.starts_with(':');
        let given = match &value {
            Some(value) if colon && matches!(operator, ":-" | ":=" | ":?" | ":+") => !self.is_empty(value),
            value => value.is_some(),
        };
        match operator {
            ":-" | "-" | ":=" | "=" if !given => {
                let text = otherwise(self)?;
                if operator.ends_with('=') {
                    self.variables.insert(name.to_owned(), Some(text.as_str().into()));
                }
                Self::put(&text, quoted, fields);
                return Ok(());
            }
            ":+" | "+" => {
                let text = if given { otherwise(self)? } else { String::new() };
                Self::put(&text, quoted, fields);
                return Ok(());
            }
            ":?" | "?" if !given => {
                // Whoever asks for it is given it.
                let text = self.symbol(name);
                fields.push(&text, false);
                return Ok(());
            }
            _ => {}
        }
        let value = value.unwrap_or_else(|| self.unset(name));
        let text = self.cut_out(&value, operator, operand)?;
        if quoted && text.is_empty() {
            fields.push("", false);
        } else {
            Self::put(&text, quoted, fields);
        }
        Ok(())
    }

    /// What stands for a variable that nobody sets; the arguments are what they are.
    fn unset(&mut self, name: &str) -> Rc<str> {
        let is_own = self.variables.contains_key(name) || name.parse::<usize>().is_ok();
        if is_own { "".into() } else { self.symbol(name) }
    }

    /// Whether a text is empty; the answer for one that is not known is the same in each run.
    pub(super) fn is_empty(&mut self, text: &str) -> bool {
        if text.is_empty() || text.chars().any(|letter| !is_atom(letter)) {
            return text.is_empty();
        }
        let is_filled = |atom: Option<&Atom>| matches!(atom, Some(Atom::Source(_) | Atom::Fresh(..)));
        if text.chars().any(|letter| is_filled(self.world.atoms.get(letter))) {
            return false;
        }
        // The same text twice is empty if it is empty once.
        let mut letters: Vec<char> = text.chars().collect();
        letters.dedup();
        let text: String = letters.into_iter().collect();
        self.ask(&format!("filled {text}"), &[1, 0]) == 0
    }

    fn cut_out(&mut self, value: &str, operator: &str, operand: Option<&Word>) -> Flow<String> {
        if operator.is_empty() || matches!(operator, ":-" | "-" | ":=" | "=" | ":?" | "?") {
            return Ok(value.to_owned());
        }
        if operator == "length" {
            return Ok(if is_known(value) {
                value.chars().count().to_string()
            } else {
                self.world.atoms.made("length", value).to_string()
            });
        }
        let pattern = operand.map_or(Ok(String::new()), |word| self.pattern(word))?;
        // A pattern takes an unknown part for one letter, so only one that ends before it is trusted.
        let cut = pattern::cut(value, operator, &pattern).map(|at| value.split_at(at));
        let cut = cut.map(|(head, tail)| if operator.starts_with('#') { (head, tail) } else { (tail, head) });
        match cut {
            Some((taken, rest)) if is_known(value) || (is_known(taken) && !taken.is_empty()) => Ok(rest.to_owned()),
            _ => Ok(self.world.atoms.made(&format!("{operator} {pattern}"), value).to_string()),
        }
    }

    pub(super) fn arithmetic(&mut self, text: &str) -> String {
        let value = evaluate(text, &mut Numbers { machine: self, text });
        value.map_or_else(|| self.unreckoned(text).to_string(), |value| value.to_string())
    }

    /// What stands for the value of an expression that is not known: what it is made of decides what it is.
    fn unreckoned(&mut self, text: &str) -> Rc<str> {
        let mut known = text.to_owned();
        for name in text.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
            if let Some(value) = self.variable(name).filter(|_| !name.is_empty()) {
                known.push_str(&value);
            }
        }
        self.world.atoms.made("arithmetic", &known)
    }

    /// The files that a pattern stands for, the pattern itself if there are none.
    fn names(&mut self, pattern: &str, args: &mut Vec<Arg>) -> Flow<()> {
        let (above, last) = pattern.rsplit_once('/').map_or(("", pattern), |(above, last)| (above, last));
        let has_pattern = |text: &str| text.replace("\\\\", "").replace("\\*", "").contains(['*', '?', '[']);
        let folder = unescaped(above);
        let plain = unescaped(pattern);
        let path = if pattern.contains('/') { format!("{folder}/") } else { ".".to_owned() };
        let place = if has_pattern(above) { None } else { self.place(&path)? };
        let Some(place) = place else {
            args.push(Arg { text: plain, globs: true });
            return Ok(());
        };
        let before = args.len();
        let mut names: Vec<String> = Vec::new();
        for (child, entry) in self.disk.within(&place) {
            let name = child.below(&place).unwrap_or_default();
            let name = name.split('/').next().unwrap_or(name);
            let hides = name.starts_with('.') && !last.starts_with('.');
            let fits = !hides && *entry != Entry::Gone && fits(last, name) == Some(true);
            if fits && names.last().is_none_or(|known| known != name) {
                names.push(name.to_owned());
            }
        }
        let prefix = if pattern.contains('/') { format!("{folder}/") } else { String::new() };
        names.dedup();
        args.extend(names.iter().map(|name| Arg::plain(format!("{prefix}{name}"))));
        if self.may_hold_more(&place) {
            args.push(Arg { text: plain, globs: true });
        } else if args.len() == before {
            args.push(Arg::plain(plain));
        }
        Ok(())
    }
}

/// The variables of a shell while it computes an expression.
struct Numbers<'n, 'm, 'a> {
    machine: &'n mut Machine<'m, 'a>,
    text: &'n str,
}

impl Variables for Numbers<'_, '_, '_> {
    fn get(&mut self, name: &str) -> Option<i64> {
        value_of(&self.machine.variable(name)?)
    }

    fn set(&mut self, name: &str, value: Option<i64>) {
        let value = value.map_or_else(|| self.machine.unreckoned(self.text), |value| value.to_string().into());
        self.machine.variables.insert(name.to_owned(), Some(value));
    }
}
