//! Commands that a shell knows itself, and programs that only compute, print or pass on.

use std::fmt::Write;
use std::ops::Range;

use crate::facts::runs::Shell;
use crate::facts::runs::Value;
use crate::facts::runs::base_name;
use crate::facts::waits::duration::duration;
use crate::facts::waits::expand::split;
use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::facts::waits::machine::Status;

/// Why `[[` says nothing in dash.
const NO_DOUBLE_BRACKET: &str = "dash has no `[[`, so the condition fails whatever it asks";

/// Programs that change files or print something, and ask nobody.
const LOCAL: &[&str] = &[
    "adduser",
    "apk",
    "apt",
    "apt-get",
    "base64",
    "basename",
    "chgrp",
    "chmod",
    "chown",
    "clear",
    "cp",
    "dirname",
    "dnf",
    "env",
    "envsubst",
    "find",
    "gunzip",
    "gzip",
    "hostname",
    "id",
    "install",
    "ln",
    "ls",
    "md5sum",
    "microdnf",
    "mkdir",
    "mktemp",
    "mkfifo",
    "mv",
    "nproc",
    "pip",
    "printenv",
    "ps",
    "pwd",
    "rm",
    "rmdir",
    "sha256sum",
    "stat",
    "sync",
    "tar",
    "touch",
    "uname",
    "unzip",
    "useradd",
    "whoami",
    "yum",
];

/// Programs whose status says something about this container that nobody knows.
const UNTOLD: &[&str] = &["hash", "kill", "mountpoint", "pgrep", "pidof", "pkill", "type", "which", "diff", "cmp"];

/// Programs that pass on some of what they read.
const FILTERS: &[&str] = &[
    "awk", "column", "cut", "gawk", "head", "jq", "nl", "paste", "rev", "sed", "sort", "tac", "tail", "tr", "uniq",
    "xargs", "yq",
];

impl Machine<'_, '_> {
    /// Does what a command of this name does; none if it is no such command.
    pub(super) fn builtin(&mut self, name: &str, words: &[Value], range: &Range<usize>) -> Option<Flow> {
        let arguments = &words[1..];
        if let Some(flow) = self.control(name, arguments) {
            return Some(flow);
        }
        let status = match self.own(name, arguments, range) {
            Some(status) => status,
            None => self.program(name, arguments, range)?,
        };
        self.state.status = status;
        Some(Flow::Next)
    }

    /// What decides where the script goes on.
    fn control(&mut self, name: &str, arguments: &[Value]) -> Option<Flow> {
        let first = || arguments.first().and_then(Value::literal);
        match name {
            "break" | "continue" => {
                let levels = first().and_then(|text| text.parse().ok()).unwrap_or(1).max(1);
                self.state.status = Status::SUCCESS;
                Some(if name == "break" { Flow::Break(levels) } else { Flow::Continue(levels) })
            }
            "exit" | "return" => {
                if !arguments.is_empty() {
                    let code = first().and_then(|text| text.parse().ok());
                    self.state.status = code.map_or(Status::UNKNOWN, Status::Is);
                }
                Some(if name == "exit" { Flow::Exit } else { Flow::Return })
            }
            "sleep" => Some(self.sleep(arguments)),
            _ => None,
        }
    }

    /// What shells do themselves.
    fn own(&mut self, name: &str, arguments: &[Value], range: &Range<usize>) -> Option<Status> {
        Some(match name {
            ":" | "true" => Status::SUCCESS,
            "false" => Status::FAILURE,
            "[" | "test" => {
                let end = arguments.len() - usize::from(name == "[" && !arguments.is_empty());
                self.test(&arguments[..end], false, range)
            }
            "[[" => {
                self.notes.trap = Some(NO_DOUBLE_BRACKET);
                Status::Is(127)
            }
            "echo" | "printf" => self.print(name, arguments, range),
            "let" => {
                let texts: Option<Vec<_>> = arguments.iter().map(Value::literal).collect();
                texts.map_or(Status::UNKNOWN, |texts| self.computed(&texts.join(",")))
            }
            "set" => self.set_options(arguments),
            "shift" => {
                let count = arguments.first().and_then(Value::literal).and_then(|text| text.parse().ok());
                let count: usize = count.unwrap_or(1).min(self.state.arguments.len());
                self.state.arguments.drain(..count);
                Status::SUCCESS
            }
            "export" | "local" | "readonly" | "declare" | "typeset" => {
                for (name, value) in arguments.iter().filter_map(assignment) {
                    self.set(&name, value);
                }
                Status::SUCCESS
            }
            "read" => self.read(arguments, range),
            "unset" => {
                for name in arguments.iter().filter_map(Value::literal) {
                    self.state.variables.remove(&name);
                }
                Status::SUCCESS
            }
            "cd" | "trap" | "ulimit" | "umask" | "alias" | "wait" | "jobs" | "shopt" | "pushd" | "popd" => {
                Status::SUCCESS
            }
            "command" => Status::UNKNOWN,
            _ => return None,
        })
    }

    /// Programs that only compute, print or pass on.
    fn program(&mut self, name: &str, arguments: &[Value], range: &Range<usize>) -> Option<Status> {
        Some(match name {
            "date" => self.date(arguments, range),
            "seq" => self.seq(arguments, range),
            "expr" => self.expr(arguments, range),
            "cat" => self.cat(arguments, range),
            "tee" => {
                let input = self.input.clone().unwrap_or_default();
                self.write(input);
                Status::SUCCESS
            }
            "wc" => self.count(range),
            "grep" | "egrep" | "fgrep" => self.grep(arguments, range),
            name if FILTERS.contains(&name) => self.filter(arguments, range),
            name if LOCAL.contains(&name) => {
                if matches!(name, "cp" | "install" | "mv") {
                    self.copied(arguments);
                }
                let output = self.made(Made::Unknown, range.start);
                self.write(output);
                // A failure of what is not asked about is nobody's plan.
                match (self.asking, self.tested) {
                    (0, 0) => Status::SUCCESS,
                    (0, _) => Status::UNKNOWN,
                    _ => Status::of(self.local(name, range)),
                }
            }
            name if UNTOLD.contains(&name) => Status::UNKNOWN,
            _ => return None,
        })
    }

    fn sleep(&mut self, arguments: &[Value]) -> Flow {
        let mut total = Some(0);
        for argument in arguments {
            let seconds = argument.literal().and_then(|text| duration(&text));
            total = total.zip(seconds).map(|(total, more): (u64, u64)| total.saturating_add(more));
        }
        self.notes.slept += 1;
        self.state.status = Status::SUCCESS;
        self.notes.unknown_time |= total.is_none();
        if self.loops == 0 && self.output.is_none() {
            self.naps = self.naps.saturating_add(total.unwrap_or(0));
        }
        match total {
            Some(u64::MAX) => Flow::Stuck,
            total if self.pass(total.unwrap_or(0)) => Flow::TimedOut,
            _ => Flow::Next,
        }
    }

    fn print(&mut self, name: &str, arguments: &[Value], range: &Range<usize>) -> Status {
        let is_option =
            |value: &Value| value.literal().is_some_and(|text| matches!(text.as_str(), "-n" | "-e" | "-ne"));
        let mut arguments = arguments;
        while name == "echo" && arguments.first().is_some_and(is_option) {
            arguments = &arguments[1..];
        }
        if name == "printf" {
            let format = arguments.first().and_then(Value::literal).unwrap_or_else(|| "%".to_owned());
            arguments = &arguments[1.min(arguments.len())..];
            match format.as_str() {
                "%s" | "%s\\n" => {}
                format if !format.contains('%') => {
                    self.write_text(format.replace("\\n", "\n"));
                    return Status::SUCCESS;
                }
                _ => {
                    let made = self.made(Made::Unknown, range.start);
                    self.write(made);
                    return Status::SUCCESS;
                }
            }
        }
        for (index, argument) in arguments.iter().enumerate() {
            if index > 0 {
                self.write_text(" ");
            }
            self.write(argument.clone());
        }
        self.write_text("\n");
        Status::SUCCESS
    }

    fn date(&mut self, arguments: &[Value], range: &Range<usize>) -> Status {
        let is_plain = matches!(arguments, [format] if format.literal().as_deref() == Some("+%s"));
        if is_plain {
            let now = self.now();
            self.write_text(now.to_string());
        } else {
            let made = self.made(Made::Unknown, range.start);
            self.write(made);
        }
        Status::SUCCESS
    }

    fn seq(&mut self, arguments: &[Value], range: &Range<usize>) -> Status {
        /// How many numbers are listed at most.
        const MAX_NUMBERS: usize = 4_100;
        let numbers: Option<Vec<i64>> =
            arguments.iter().map(|argument| argument.literal().and_then(|text| text.parse().ok())).collect();
        let (from, step, to) = match numbers.as_deref() {
            Some([to]) => (1, 1, *to),
            Some([from, to]) => (*from, 1, *to),
            Some([from, step, to]) if *step != 0 => (*from, *step, *to),
            _ => {
                let made = self.made(Made::Unknown, range.start);
                self.write(made);
                return Status::SUCCESS;
            }
        };
        let is_within = |number: &i64| if step > 0 { *number <= to } else { *number >= to };
        let numbers = std::iter::successors(Some(from), |number| number.checked_add(step)).take_while(is_within);
        let mut text = String::new();
        for number in numbers.take(MAX_NUMBERS) {
            let _ = writeln!(text, "{number}");
        }
        self.write_text(text);
        Status::SUCCESS
    }

    fn expr(&mut self, arguments: &[Value], range: &Range<usize>) -> Status {
        let texts: Option<Vec<_>> = arguments.iter().map(Value::literal).collect();
        let is_number = |texts: &Vec<String>| !texts.iter().any(|text| matches!(text.as_str(), ":" | "=" | "length"));
        let value = texts.filter(is_number).and_then(|texts| self.arithmetic(&texts.join(" ")));
        if let Some(value) = value {
            self.pace.compare(value, 0);
            self.write_text(value.to_string());
            Status::of(value != 0)
        } else {
            let made = self.made(Made::Unknown, range.start);
            self.write(made);
            Status::UNKNOWN
        }
    }

    fn set_options(&mut self, arguments: &[Value]) -> Status {
        let texts: Vec<Option<String>> = arguments.iter().map(Value::literal).collect();
        let words: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        let had_pipefail = self.flags.pipefail;
        if let Some(at) = self.flags.set(&words) {
            self.state.arguments = arguments[at..].to_vec();
        }
        // dash has no such option.
        if self.flags.pipefail != had_pipefail && self.shell() == Shell::Dash {
            self.flags.pipefail = had_pipefail;
        }
        Status::SUCCESS
    }

    /// Keeps in mind where a mounted script is copied to, so that it is followed when it is called there.
    fn copied(&mut self, arguments: &[Value]) {
        let words: Vec<String> = arguments.iter().filter_map(Value::literal).collect();
        let operands: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
        let [from, to] = operands[..] else { return };
        if self.run.mounted.script_at(from).is_some() {
            // Whether `to` is a folder is not known here.
            self.copies.insert(format!("{}/{}", to.trim_end_matches('/'), base_name(from)), from.to_owned());
            self.copies.insert(to.to_owned(), from.to_owned());
        }
    }

    fn read(&mut self, arguments: &[Value], range: &Range<usize>) -> Status {
        let input = self.input.clone();
        let words: Vec<String> = arguments.iter().filter_map(Value::literal).collect();
        let makes_array = words.iter().any(|word| word.starts_with('-') && word.contains('a'));
        for name in words.iter().filter(|name| !name.starts_with('-')) {
            let value = input.clone().unwrap_or_else(|| self.made(Made::Unknown, range.start));
            if makes_array {
                let (mut last, mut fields) = (None, Vec::new());
                split(&value, &mut last, &mut fields);
                fields.extend(last);
                self.state.variables.insert(name.clone(), fields);
            } else {
                self.set(name, value);
            }
        }
        // `read -t 5` is a way to sleep.
        Status::UNKNOWN
    }
}

/// `NAME=value` taken apart.
pub(super) fn assignment(value: &Value) -> Option<(String, Value)> {
    use crate::facts::runs::Piece;

    let (first, rest) = value.pieces().split_first()?;
    let Piece::Text(text, span) = first else { return None };
    let (name, after) = text.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let mut value = Value::text(after, *span);
    for piece in rest {
        match piece {
            Piece::Text(text, span) => value.push_text(text.clone(), *span),
            Piece::Symbol(symbol) => value.push_symbol(symbol.clone()),
        }
    }
    is_name.then(|| (name.to_owned(), value))
}
