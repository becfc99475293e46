//! The simple commands of a shell script, for as long as the script is simple.
//!
//! Not a shell parser: it splits words, follows `;`, `&&`, `||`, `|`, here-documents and blocks, and
//! says of each command whether something decides about it (`guarded`). What it can't follow it gives
//! up on as a whole, so that nobody takes half an understanding for knowledge.

use std::ops::Range;

use crate::facts::words::Lexer;
use crate::facts::words::Token;
use crate::facts::words::Word;

/// A program with its words and redirections.
#[derive(Default, Debug)]
pub(super) struct Command {
    /// The program and its arguments; assignments before it are left out.
    pub(super) words: Vec<Word>,
    /// Where its output goes: the word, and whether it is appended.
    pub(super) outputs: Vec<(Word, bool)>,
    /// Whether it is given something to read, so that it may be given an answer to what it asks.
    pub(super) fed: bool,
    /// Whether it may not run, or its failure is provided for.
    pub(super) guarded: bool,
    /// Whether its failure is the failure of the script.
    pub(super) fatal: bool,
}

impl Command {
    /// The bytes of the script from its first word to its last one.
    pub(super) fn range(&self) -> Range<usize> {
        let words = self.words.iter().chain(self.outputs.iter().map(|(word, _)| word));
        let starts = words.clone().map(|word| word.range.start);
        starts.min().unwrap_or(0)..words.map(|word| word.range.end).max().unwrap_or(0)
    }

    /// The name of the program, without its path.
    pub(super) fn program(&self) -> &str {
        self.words.first().map_or("", |word| crate::facts::argv::base_name(&word.text))
    }
}

/// The longest script that is read, in bytes.
const MAX_SCRIPT: usize = 64 << 10;

/// The largest number of commands that are compared with each other.
const MAX_COMMANDS: usize = 400;

/// Programs whose success decides nothing about what follows them after `&&`.
const STEADY: [&str; 22] = [
    "apk", "apt-get", "cat", "cd", "chgrp", "chmod", "chown", "cp", "curl", "echo", "export", "git", "ln", "mkdir",
    "mv", "printf", "rm", "set", "sleep", "tar", "touch", "wget",
];

/// The commands of a script; none if it can't be followed. `stops` says whether the shell runs with `-e`.
pub(super) fn read(script: &str, stops: bool) -> Option<Vec<Command>> {
    if script.len() > MAX_SCRIPT {
        return None;
    }
    let mut reader = Reader { stops, ..Reader::default() };
    let mut lexer = Lexer::new(script);
    while let Some(token) = lexer.next_token() {
        reader.token(token)?;
    }
    reader.end_list();
    if reader.depth > 0 || !lexer.is_done() || reader.commands.len() > MAX_COMMANDS {
        return None;
    }
    // The last list decides about the script as a whole, unless nobody waits for it.
    let Last { start, ends, in_background } = reader.last;
    for (command, ends) in reader.commands[start..].iter_mut().zip(ends) {
        command.fatal |= ends && !in_background;
    }
    Some(reader.commands)
}

/// The last list of commands that was read.
#[derive(Default)]
struct Last {
    /// Which command it begins with.
    start: usize,
    /// Whether each of its commands is the last one of its pipeline.
    ends: Vec<bool>,
    in_background: bool,
}

#[derive(Default)]
struct Reader {
    commands: Vec<Command>,
    stops: bool,
    /// How many blocks are open.
    depth: usize,
    /// Whether an earlier command may have ended the script.
    may_be_over: bool,
    /// The commands of the list that is being read, each with whether it is the last of its pipeline.
    list: Vec<(Command, bool)>,
    current: Command,
    /// What the next word is, if it belongs to a redirection.
    redirection: Option<&'static str>,
    /// Whether the list says what happens if a command fails.
    provided_for: bool,
    last: Last,
}

impl Reader {
    fn token(&mut self, token: Token) -> Option<()> {
        match token {
            Token::Word(word) => return self.word(word),
            Token::Operator(operator) => match operator {
                ";" | "\n" => self.end_list(),
                "&" => {
                    self.end_list();
                    self.last.in_background = true;
                }
                "&&" => self.end_command(true),
                "|" | "|&" => {
                    self.end_command(false);
                    self.current.fed = true;
                }
                "||" => {
                    self.end_command(true);
                    self.provided_for = true;
                }
                "(" if self.current.words.is_empty() => self.depth += 1,
                ")" if self.depth > 0 => {
                    self.end_list();
                    self.depth -= 1;
                }
                // A function, or `;;` of a `case`.
                "(" | ")" | ";;" => return None,
                redirection => {
                    self.current.fed |= redirection.starts_with('<');
                    self.redirection = Some(redirection);
                }
            },
        }
        Some(())
    }

    fn word(&mut self, word: Word) -> Option<()> {
        if let Some(redirection) = self.redirection.take() {
            match redirection {
                ">" | ">|" | "&>" => self.current.outputs.push((word, false)),
                ">>" | "&>>" => self.current.outputs.push((word, true)),
                _ => {}
            }
            return Some(());
        }
        if self.current.words.is_empty() && word.bare {
            match word.text.as_str() {
                "case" | "function" | "select" => return None,
                "if" | "while" | "until" | "for" | "{" => {
                    self.depth += 1;
                    if word.text != "for" {
                        return Some(());
                    }
                }
                "fi" | "done" | "}" => {
                    self.end_list();
                    self.depth = self.depth.checked_sub(1)?;
                    return Some(());
                }
                "then" | "do" | "else" | "elif" | "time" => return Some(()),
                "!" => {
                    self.provided_for = true;
                    return Some(());
                }
                text if is_assignment(text) => return Some(()),
                _ => {}
            }
        }
        self.current.words.push(word);
        Some(())
    }

    fn end_command(&mut self, ends_pipeline: bool) {
        let command = std::mem::take(&mut self.current);
        if !command.words.is_empty() || !command.outputs.is_empty() {
            self.list.push((command, ends_pipeline));
        }
    }

    fn end_list(&mut self) {
        self.end_command(true);
        let list = std::mem::take(&mut self.list);
        let mut guarded = self.depth > 0 || self.may_be_over || self.provided_for;
        let ends_script = list.iter().any(|(command, _)| matches!(command.program(), "exit" | "return" | "exec"));
        let stops = self.stops || list.iter().any(|(command, _)| sets_errexit(command));
        let count = list.len();
        if count > 0 {
            let ends = list.iter().map(|(_, ends)| *ends).collect();
            self.last = Last { start: self.commands.len(), ends, in_background: false };
        }
        for (index, (mut command, ends)) in list.into_iter().enumerate() {
            command.guarded = guarded;
            command.fatal = ends && index + 1 == count && self.stops;
            guarded |= ends && !STEADY.contains(&command.program());
            self.commands.push(command);
        }
        self.stops = stops;
        self.may_be_over |= ends_script;
        self.provided_for = false;
    }
}

/// `NAME=value` before a program, or alone.
fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn sets_errexit(command: &Command) -> bool {
    let mut words = command.words.iter().map(|word| word.text.as_str());
    words.next() == Some("set") && words.any(|word| word == "errexit" || (word.starts_with('-') && word.contains('e')))
}

#[cfg(test)]
mod tests {
    use super::read;

    /// The commands of a script, `?` before those that are guarded and `!` before those that are fatal.
    fn told(script: &str) -> Option<Vec<String>> {
        let commands = read(script, false)?;
        let tell = |command: super::Command| {
            let words: Vec<_> = command.words.iter().map(|word| word.text.as_str()).collect();
            let sign = if command.guarded {
                "?"
            } else if command.fatal {
                "!"
            } else {
                ""
            };
            format!("{sign}{}", words.join(" "))
        };
        Some(commands.into_iter().map(tell).collect())
    }

    #[test]
    fn the_last_command_or_any_after_set_e_is_fatal() {
        assert_eq!(told("mkdir a; echo done").unwrap(), ["mkdir a", "!echo done"]);
        assert_eq!(told("set -eu\nmkdir a\ncd a && mkdir b").unwrap(), ["set -eu", "!mkdir a", "!cd a", "!mkdir b"]);
        assert_eq!(told("echo a | tee b; true").unwrap(), ["echo a", "tee b", "!true"]);
    }

    #[test]
    fn alternatives_blocks_and_tests_guard() {
        assert_eq!(told("[ -d a ] || mkdir a").unwrap(), ["?[ -d a ]", "?mkdir a"]);
        assert_eq!(told("if [ -f x ]; then exit 0; fi; mkdir a").unwrap(), ["?[ -f x ]", "?exit 0", "?mkdir a"]);
        assert_eq!(told("test -d a && mkdir b; mkdir c").unwrap(), ["test -d a", "?mkdir b", "!mkdir c"]);
        assert_eq!(told("for i in 1 2; do mkdir $i; done").unwrap(), ["?for i in 1 2", "?mkdir $i"]);
        assert_eq!(told("(cd a; mkdir b)").unwrap(), ["?cd a", "?mkdir b"]);
    }

    #[test]
    fn here_documents_and_comments_are_no_commands() {
        assert_eq!(told("cat > f <<EOF\nmkdir a\nEOF\n# mkdir b\necho c # d").unwrap(), ["cat", "!echo c"]);
        assert_eq!(told("cat <<-'X' > f\n\tmkdir a\n\tX\n").unwrap(), ["!cat"]);
    }

    #[test]
    fn what_cannot_be_followed_is_given_up() {
        for script in ["f() { mkdir a; }", "case $1 in a) mkdir a;; esac", "echo 'a", "echo $(", "if true", "fi", "}"] {
            assert!(told(script).is_none(), "{script}");
        }
    }
}
