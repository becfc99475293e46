//! Programs that pass on what they read: what comes out if something is there, and if it is not.

use std::ops::Range;

use crate::facts::runs::Value;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::facts::waits::machine::Status;
use crate::facts::waits::probe::Seen;

impl Machine<'_, '_> {
    /// Whether something of this container's own is there that a loop asks for.
    pub(super) fn local(&mut self, name: &str, range: &Range<usize>) -> bool {
        let range = self.place.range(range);
        let key = (self.place.number, range.start, name.to_owned());
        let up = self.world.has(&key);
        self.seen.push(Seen { asked: self.asking > 0, ..Seen::file(&self.place, range, key) });
        up
    }

    pub(super) fn cat(&mut self, arguments: &[Value], range: &Range<usize>) -> Status {
        if arguments.is_empty() {
            let input = self.input.clone().unwrap_or_default();
            self.write(input);
            return Status::SUCCESS;
        }
        for argument in arguments {
            let path = argument.literal();
            let answer = |path: &String| self.state.variables.get(path)?.first().cloned();
            let answer = path.as_ref().filter(|path| path.starts_with('/')).and_then(answer);
            let content = answer.or_else(|| path.as_ref().and_then(|path| self.content(path)));
            match (content, path) {
                (Some(content), _) => self.write(content),
                // In a loop a file that nobody wrote here is one that somebody has to write.
                (None, Some(path)) if self.loops > 0 && path.starts_with('/') => {
                    if self.local(&path, range) {
                        let told = self.made(Made::Told { up: true, program: "" }, range.start);
                        self.write(told);
                    }
                }
                (None, _) => {
                    let made = self.made(Made::Unknown, range.start);
                    self.write(made);
                }
            }
        }
        Status::SUCCESS
    }

    /// `wc -l` and its like.
    pub(super) fn count(&mut self, range: &Range<usize>) -> Status {
        let input = self.input.clone().unwrap_or_default();
        if input.is_empty() {
            self.write_text("0");
        } else if self.told(&input).is_some() {
            self.write(input);
        } else {
            let made = self.made(Made::Unknown, range.start);
            self.write(made);
        }
        Status::SUCCESS
    }

    pub(super) fn filter(&mut self, arguments: &[Value], range: &Range<usize>) -> Status {
        let input = self.input.clone();
        let told = input.as_ref().and_then(|input| self.told(input));
        match input {
            Some(input) if told.is_some() || input.is_empty() => self.write(input),
            _ => {
                let made = self.made(Made::Unknown, range.start);
                self.write(made);
            }
        }
        let asks =
            arguments.iter().any(|word| word.literal().is_some_and(|text| matches!(text.as_str(), "-e" | "-er")));
        match told {
            Some((up, _)) if asks => {
                self.notes.rests_on_output = true;
                Status::of(up)
            }
            _ => Status::SUCCESS,
        }
    }

    pub(super) fn grep(&mut self, arguments: &[Value], range: &Range<usize>) -> Status {
        let texts: Vec<String> = arguments.iter().filter_map(Value::literal).collect();
        let letters: String =
            texts.iter().filter(|text| text.starts_with('-') && !text.starts_with("--")).map(String::as_str).collect();
        let has = |letter: char, long: &str| letters.contains(letter) || texts.iter().any(|text| text == long);
        let (inverts, counts) = (has('v', "--invert-match"), has('c', "--count"));
        let is_quiet = has('q', "--quiet") || has('q', "--silent");
        let pattern = texts.iter().find(|text| !text.starts_with('-')).cloned().unwrap_or_default();
        let Some(input) = self.input.clone() else { return Status::UNKNOWN };
        let told = self.told(&input);
        self.notes.compares_output = true;
        let found = match told {
            // It names the server that it asks first.
            Some((_, "nslookup")) if pattern.trim_matches(':').eq_ignore_ascii_case("address") => {
                self.notes.trap = Some("`nslookup` prints the address of the server that it asks in any case");
                Some(true)
            }
            Some((up, _)) => {
                self.notes.rests_on_output = true;
                Some(up != (is_complaint(&pattern) != inverts))
            }
            None if input.is_empty() => Some(false),
            None => {
                let is_plain = |char: char| char.is_ascii_alphanumeric() || " _:/=,-".contains(char);
                let literal = input.literal().filter(|_| !pattern.is_empty() && pattern.chars().all(is_plain));
                literal.map(|text| text.lines().any(|line| line.contains(&pattern) != inverts))
            }
        };
        if !is_quiet {
            match (found, counts) {
                (Some(false), true) => self.write_text("0"),
                (Some(false), false) => {}
                (Some(true), _) => self.write(input),
                (None, _) => {
                    let made = self.made(Made::Unknown, range.start);
                    self.write(made);
                }
            }
        }
        found.map_or(Status::UNKNOWN, Status::of)
    }
}

/// Whether a text is one that programs print when something is not there.
fn is_complaint(pattern: &str) -> bool {
    const WORDS: [&str; 14] = [
        "can't",
        "cannot",
        "could not",
        "couldn't",
        "denied",
        "down",
        "error",
        "fail",
        "no ",
        "not ",
        "nxdomain",
        "refused",
        "timed out",
        "unreachable",
    ];
    let pattern = pattern.to_ascii_lowercase();
    WORDS.iter().any(|word| pattern.contains(word))
}
