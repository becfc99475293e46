//! Which words of a command line only say how another program is to be run, and how a shell is called.
//!
//! It looks at words only, so it serves a container's argv and a command of a script alike. A word that is not
//! known is none here, and taken for no option: people write those out.

use std::ops::Range;

/// A command line taken apart; numbers are places among its words.
#[derive(Clone, Default, Debug)]
pub(in crate::facts) struct Invocation {
    /// The program that does the work; the number of words if there is none or it can't be told.
    pub(in crate::facts) program: usize,
    /// The time that `timeout` gives it.
    pub(in crate::facts) timeout: Option<usize>,
    /// `NAME=value` that `env` sets for it.
    pub(in crate::facts) assignments: Vec<usize>,
    /// How it is called, if it is a shell.
    pub(in crate::facts) shell: Option<ShellCall>,
}

/// The words behind a shell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::facts) struct ShellCall {
    /// Which program it is.
    pub(in crate::facts) program: ShellProgram,
    /// What it reads.
    pub(in crate::facts) input: Input,
    pub(in crate::facts) flags: Flags,
    /// What is `$0`, if a word says so.
    pub(in crate::facts) zero: Option<usize>,
    /// What is `$1` and so on.
    pub(in crate::facts) arguments: Range<usize>,
}

/// A shell by the name it is called by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::facts) enum ShellProgram {
    /// `sh`, which the image decides about.
    Sh,
    /// `dash`
    Dash,
    /// `ash`, or an applet of BusyBox.
    Ash,
    /// `bash`
    Bash,
    /// One that is not told apart, such as `ksh`, or the shell of a user.
    Other,
}

/// Where a shell has its script from; numbers are places among the words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::facts) enum Input {
    /// The word itself (`-c`).
    Text(usize),
    /// The file that the word names.
    File(usize),
    /// Its standard input.
    Standard,
}

/// The options a shell runs with.
#[allow(clippy::struct_excessive_bools, reason = "a shell turns each on and off by itself")]
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(in crate::facts) struct Flags {
    /// `-e`
    pub(in crate::facts) errexit: bool,
    /// `-u`
    pub(in crate::facts) nounset: bool,
    /// `-C`
    pub(in crate::facts) noclobber: bool,
    /// `-o pipefail`
    pub(in crate::facts) pipefail: bool,
    /// `-x`
    pub(in crate::facts) xtrace: bool,
}

impl Flags {
    /// Turns the flag of this letter on or off.
    pub(in crate::facts) fn set_letter(&mut self, letter: char, on: bool) {
        match letter {
            'e' => self.errexit = on,
            'u' => self.nounset = on,
            'C' => self.noclobber = on,
            'x' => self.xtrace = on,
            _ => {}
        }
    }

    /// What `set` does with these words; a word that is not known is none. Where the new arguments begin, if there are
    /// any: `set --` alone takes all away.
    pub(in crate::facts) fn set(&mut self, words: &[Option<&str>]) -> Option<usize> {
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let Some(word) = word.filter(|word| word.starts_with(['-', '+'])) else { return Some(at) };
            at += 1;
            if word == "--" {
                return Some(at);
            }
            let on = word.starts_with('-');
            for letter in word[1..].chars() {
                self.set_letter(letter, on);
                if letter == 'o' {
                    self.set_name(words.get(at).copied().flatten().unwrap_or_default(), on);
                    at += 1;
                }
            }
        }
        None
    }

    /// Turns the flag of this long name on or off, as `set -o` does.
    pub(in crate::facts) fn set_name(&mut self, name: &str, on: bool) {
        match name {
            "errexit" => self.errexit = on,
            "nounset" => self.nounset = on,
            "noclobber" => self.noclobber = on,
            "pipefail" => self.pipefail = on,
            "xtrace" => self.xtrace = on,
            _ => {}
        }
    }
}

/// A program that only runs another one.
struct Wrapper {
    name: &'static str,
    /// The options whose value is the next word, separated by blanks.
    valued: &'static str,
    /// How many words stand between its options and the program.
    operands: usize,
}

const fn wrapper(name: &'static str, valued: &'static str, operands: usize) -> Wrapper {
    Wrapper { name, valued, operands }
}

/// From the manual of each: coreutils, BusyBox, util-linux, bash, and the README of those that have no manual.
const WRAPPERS: [Wrapper; 27] = [
    wrapper("busybox", "", 0),
    wrapper("catatonit", "", 0),
    wrapper("chpst", "-u -U -b -e -d -o -p -f -c -r -t -m -/ -n -l -L", 0),
    wrapper("chroot", "", 1),
    wrapper("chrt", "-T -P -D", 1),
    wrapper("command", "", 0),
    wrapper("docker-init", "-p -e", 0),
    wrapper("doas", "-u -C -a", 0),
    wrapper("dumb-init", "-r --rewrite", 0),
    wrapper("env", "-u --unset -C --chdir", 0),
    wrapper("exec", "-a", 0),
    wrapper("gosu", "", 1),
    wrapper("ionice", "-c --class -n --classdata -p", 0),
    wrapper("nice", "-n --adjustment", 0),
    wrapper("nohup", "", 0),
    wrapper("s6-setuidgid", "", 1),
    wrapper("setpriv", "--reuid --regid --groups --inh-caps --ambient-caps --bounding-set --securebits", 0),
    wrapper("setsid", "", 0),
    wrapper("stdbuf", "-i --input -o --output -e --error", 0),
    wrapper("su-exec", "", 1),
    wrapper("sudo", "-u --user -g --group -h --host -p --prompt -C -D -r -t -T", 0),
    wrapper("taskset", "", 1),
    wrapper("time", "-f --format -o --output", 0),
    wrapper("timeout", "-s --signal -k --kill-after", 1),
    wrapper("tini", "-p -e", 0),
    wrapper("tini-static", "-p -e", 0),
    wrapper("unshare", "", 0),
];

/// The last part of a path.
pub(in crate::facts) fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// Takes a command line apart; a word that is not known is none.
pub(in crate::facts) fn read(words: &[Option<&str>]) -> Invocation {
    let word = |at: usize| words.get(at).copied().flatten();
    let mut invocation = Invocation::default();
    let mut is_applet = false;
    while let Some(name) = word(invocation.program).map(base_name) {
        let Some(wrapper) = WRAPPERS.iter().find(|wrapper| wrapper.name == name) else { break };
        is_applet = name == "busybox";
        let Some(next) = behind(wrapper, words, &mut invocation) else {
            invocation.program = words.len();
            break;
        };
        // A wrapper alone is a program of its own, such as `env` that prints.
        if next >= words.len() {
            break;
        }
        invocation.program = next;
    }
    let at = invocation.program;
    let program = word(at).map(base_name);
    invocation.shell = match program {
        Some("su" | "runuser") => user_shell(words, at),
        Some(name) => shell_program(name, is_applet).map(|program| shell(program, words, at + 1)),
        None => None,
    };
    invocation
}

/// Which shell a program is, if it is one.
pub(in crate::facts) fn shell_program(name: &str, is_applet: bool) -> Option<ShellProgram> {
    Some(match base_name(name) {
        "sh" | "ash" if is_applet => ShellProgram::Ash,
        "sh" => ShellProgram::Sh,
        "dash" => ShellProgram::Dash,
        "ash" => ShellProgram::Ash,
        "bash" => ShellProgram::Bash,
        "ksh" | "mksh" | "zsh" => ShellProgram::Other,
        _ => return None,
    })
}

/// The place of the program that a wrapper runs; none if it can't be told.
fn behind(wrapper: &Wrapper, words: &[Option<&str>], invocation: &mut Invocation) -> Option<usize> {
    let mut at = invocation.program + 1;
    let mut operands = wrapper.operands;
    while let Some(word) = words.get(at) {
        let Some(word) = *word else { break };
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') || word == "-" && wrapper.name != "env" {
            break;
        }
        // `env -S` takes its words out of one.
        if wrapper.name == "env" && (word.starts_with("-S") || word.starts_with("--split")) {
            return None;
        }
        if wrapper.name == "timeout" && word == "-t" {
            // BusyBox before 1.30 had the time behind an option.
            invocation.timeout = Some(at + 1);
            operands = 0;
            at += 1;
        } else if wrapper.valued.split(' ').any(|valued| valued == word) {
            at += 1;
        }
        at += 1;
    }
    if wrapper.name == "timeout" && operands > 0 {
        invocation.timeout = Some(at);
    }
    at += operands;
    let is_assignment = |word: &str| word.split_once('=').is_some_and(|(name, _)| !name.contains('/'));
    while matches!(wrapper.name, "env" | "sudo" | "doas") && words.get(at).is_some() {
        if !words[at].is_some_and(is_assignment) {
            break;
        }
        invocation.assignments.push(at);
        at += 1;
    }
    Some(at)
}

/// What a shell is told by the words from `at` on.
fn shell(program: ShellProgram, words: &[Option<&str>], mut at: usize) -> ShellCall {
    let mut flags = Flags::default();
    let (mut reads_text, mut reads_input) = (false, false);
    while let Some(Some(option)) = words.get(at).copied() {
        let is_on = option.starts_with('-');
        let Some(letters) = option.strip_prefix(['-', '+']) else { break };
        at += 1;
        if matches!(option, "-" | "--") {
            break;
        }
        if let Some(long) = letters.strip_prefix('-') {
            at += usize::from(matches!(long, "rcfile" | "init-file"));
            continue;
        }
        reads_text |= is_on && letters.contains('c');
        reads_input |= is_on && letters.contains('s');
        for letter in letters.chars() {
            flags.set_letter(letter, is_on);
            if matches!(letter, 'o' | 'O') {
                // Their names are the next words.
                flags.set_name(words.get(at).copied().flatten().unwrap_or_default(), is_on);
                at += 1;
            }
        }
    }
    let end = words.len();
    let at = at.min(end);
    let (input, zero, start) = if reads_text && at < end {
        (Input::Text(at), (at + 1 < end).then_some(at + 1), at + 2)
    } else if reads_input || at == end {
        (Input::Standard, None, at)
    } else {
        (Input::File(at), Some(at), at + 1)
    };
    ShellCall { program, input, flags, zero, arguments: start.min(end)..end }
}

/// `su [option …] [user] [-c text]`, which gives a text to the shell of a user.
fn user_shell(words: &[Option<&str>], program: usize) -> Option<ShellCall> {
    let mut text = None;
    let mut shell = ShellProgram::Other;
    let mut at = program + 1;
    while let Some(word) = words.get(at) {
        match (*word)? {
            "-c" | "--command" => {
                text = Some(at + 1);
                at += 1;
            }
            "-s" | "--shell" => {
                shell = shell_program(words.get(at + 1).copied().flatten()?, false)?;
                at += 1;
            }
            "-g" | "-G" | "-w" => at += 1,
            _ => {}
        }
        at += 1;
    }
    let text = text.filter(|&text| text < words.len())?;
    let (input, flags) = (Input::Text(text), Flags::default());
    Some(ShellCall { program: shell, input, flags, zero: None, arguments: words.len()..words.len() })
}

#[cfg(test)]
mod tests {
    use super::Input;
    use super::read;

    /// What is run and how, of words separated by blanks; `?` is one that is not known.
    fn said(line: &str) -> String {
        let words: Vec<_> = line.split(' ').map(|word| (word != "?").then_some(word)).collect();
        let name = |at: usize| words.get(at).map_or("nothing", |word| word.unwrap_or("?")).to_owned();
        let invocation = read(&words);
        let timeout = invocation.timeout.map(|timeout| format!("for {}", name(timeout)));
        let with = invocation.assignments.iter().map(|at| format!("with {}", name(*at)));
        let program = [name(invocation.program)].into_iter().chain(timeout).chain(with);
        let program = program.collect::<Vec<_>>().join(" ");
        let Some(call) = &invocation.shell else { return program };
        let input = match call.input {
            Input::Text(at) => format!("text {}", name(at)),
            Input::File(at) => format!("file {}", name(at)),
            Input::Standard => "input".to_owned(),
        };
        let flags = call.flags;
        let on = [(flags.errexit, 'e'), (flags.nounset, 'u'), (flags.noclobber, 'C'), (flags.xtrace, 'x')];
        let mut on: String = on.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect();
        on += if flags.pipefail { "p" } else { "" };
        let arguments: Vec<_> = call.zero.into_iter().chain(call.arguments.clone()).map(name).collect();
        format!("{program} {input};{on};{}", arguments.join(" "))
    }

    #[test]
    fn shells_are_told_by_name_and_flags() {
        let expected = [
            ("sh -c TEXT", "sh text TEXT;;"),
            ("/bin/sh -ec TEXT", "/bin/sh text TEXT;e;"),
            ("sh -c -e TEXT", "sh text TEXT;e;"),
            ("bash -c -- TEXT", "bash text TEXT;;"),
            ("bash -euo pipefail -c TEXT", "bash text TEXT;eup;"),
            ("bash -o pipefail -o errexit -c TEXT", "bash text TEXT;ep;"),
            ("sh -ex +e -c TEXT", "sh text TEXT;x;"),
            ("sh -Cc TEXT zero one two", "sh text TEXT;C;zero one two"),
            ("bash --login -c TEXT", "bash text TEXT;;"),
            ("sh /path/script.sh one", "sh file /path/script.sh;;/path/script.sh one"),
            ("sh -x script.sh", "sh file script.sh;x;script.sh"),
            ("sh ?", "sh file ?;;?"),
            ("sh -c ?", "sh text ?;;"),
            ("sh -c", "sh input;;"),
            ("sh", "sh input;;"),
            ("bash -s one", "bash input;;one"),
            ("zsh -c TEXT", "zsh text TEXT;;"),
        ];
        for (line, expected) in expected {
            assert_eq!(said(line), expected, "{line}");
        }
    }

    #[test]
    fn wrappers_are_looked_through() {
        let expected = [
            ("timeout 600 sh -c TEXT", "sh for 600 text TEXT;;"),
            ("timeout -k 5 --signal=KILL 1m nc -z db 1", "nc for 1m"),
            ("timeout -t 30 nc -z db 1", "nc for 30"),
            ("timeout ? sh -c TEXT", "sh for ? text TEXT;;"),
            ("/sbin/tini -- bash script", "bash file script;;script"),
            ("/usr/bin/dumb-init -r 15:3 -- /app", "/app"),
            ("busybox sh -c TEXT", "sh text TEXT;;"),
            ("env A=1 B=2 sh -c TEXT", "sh with A=1 with B=2 text TEXT;;"),
            ("/usr/bin/env -i -u C A=1 prog", "prog with A=1"),
            ("env -S sh -c", "nothing"),
            ("nice -n 5 ionice -c 3 tar x", "tar"),
            ("exec -a name sh script", "sh file script;;script"),
            ("gosu postgres initdb -D /data", "initdb"),
            ("su-exec 1000:1000 sh -c TEXT", "sh text TEXT;;"),
            ("sudo -u app A=1 sh -c TEXT", "sh with A=1 text TEXT;;"),
            ("su postgres -c TEXT", "su text TEXT;;"),
            ("su - -s /bin/bash -c TEXT app", "su text TEXT;;"),
            ("su app", "su"),
            ("timeout 5 nohup setsid sh -e -c TEXT", "sh for 5 text TEXT;e;"),
            ("env", "env"),
            ("tini --", "tini"),
            ("nginx -c sh", "nginx"),
            ("? -c sh", "?"),
        ];
        for (line, expected) in expected {
            assert_eq!(said(line), expected, "{line}");
        }
    }
}
