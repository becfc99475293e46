//! Redirections: what a command reads, and where what it prints goes.

use std::rc::Rc;

use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::files::ANY_FILE;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::modes::READ_ONLY;
use crate::facts::effects::paths::Target;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::Direction;
use crate::shell::Redirect;

/// Where the output of a command goes.
enum Sink {
    /// Where that of the shell goes.
    Shell,
    Nowhere,
    File(Target, bool),
    /// Somewhere nobody knows.
    Unknown,
}

impl Machine<'_, '_> {
    pub(super) fn redirected(&mut self, command: &Command) -> Flow {
        if command.redirects.is_empty() {
            return self.kind(command);
        }
        let input = Rc::clone(&self.input);
        // Words are expanded before files are opened.
        let args = match &command.kind {
            CommandKind::Simple { words, .. } => Some(self.words(words)?),
            _ => None,
        };
        let mut sink = Sink::Shell;
        let mut reads = None;
        let at_once = is_at_once(command);
        for redirect in &command.redirects {
            if let Some(status) = self.open(redirect, (&mut sink, &mut reads), at_once)? {
                self.input = input;
                self.status = status;
                return Ok(status);
            }
        }
        // What is read may be what another redirection has just emptied.
        if let Some(place) = reads {
            self.input = self.content(&place);
        }
        let run = |machine: &mut Self| match (&command.kind, args) {
            (CommandKind::Simple { assignments, .. }, Some(args)) => machine.simple(assignments, &args),
            _ => machine.kind(command),
        };
        let result = match &sink {
            Sink::Shell => run(self),
            _ => self.captured(run).map(|(status, output)| {
                self.close(&sink, &output, at_once, status);
                status
            }),
        };
        self.input = input;
        result
    }

    /// Opens what a redirection names; the status if that fails.
    fn open(
        &mut self,
        redirect: &Redirect,
        (sink, reads): (&mut Sink, &mut Option<Place>),
        at_once: bool,
    ) -> Flow<Option<u8>> {
        let prints = redirect.descriptor.is_none_or(|descriptor| descriptor == 1);
        let text = match redirect.direction {
            Direction::Document | Direction::Text => {
                let mut text = self.one(&redirect.target)?;
                if redirect.direction == Direction::Text {
                    text.push('\n');
                }
                self.input = text.into();
                *reads = None;
                return Ok(None);
            }
            _ => self.one(&redirect.target)?,
        };
        match redirect.direction {
            Direction::Read | Direction::ReadWrite => {
                if redirect.descriptor.is_none_or(|descriptor| descriptor == 0) {
                    return self.open_input(&text, reads);
                }
            }
            Direction::Duplicate => {
                if prints && text == "2" {
                    *sink = Sink::Nowhere;
                }
            }
            direction => {
                let both = matches!(direction, Direction::WriteBoth | Direction::AppendBoth);
                let appends = matches!(direction, Direction::Append | Direction::AppendBoth);
                let (opened, status) = self.open_output(&text, direction, at_once)?;
                if status.is_some() {
                    return Ok(status);
                }
                if prints || both {
                    *sink = match opened {
                        Some(Sink::File(target, _)) => Sink::File(target, appends),
                        Some(other) => other,
                        None => Sink::Unknown,
                    };
                }
            }
        }
        Ok(None)
    }

    fn open_input(&mut self, text: &str, reads: &mut Option<Place>) -> Flow<Option<u8>> {
        let Some(target) = self.target(text, true)? else {
            self.input = self.world.atoms.made("input", text);
            return Ok(None);
        };
        let expect = if self.probing > 0 { ANY_FILE } else { Expect::Kind(Kind::File) };
        match self.look_at(&target, expect) {
            Kind::Absent => {
                Ok(Some(self.fail("read", Some((target.place, &target.path)), "the file is not there by then")))
            }
            // Whoever reads from a pipe waits.
            Kind::Special => Err(Leave::Lost),
            _ => {
                *reads = Some(target.place);
                Ok(None)
            }
        }
    }

    fn open_output(&mut self, text: &str, direction: Direction, at_once: bool) -> Flow<(Option<Sink>, Option<u8>)> {
        if matches!(text, "/dev/stdout" | "/proc/self/fd/1" | "/proc/1/fd/1") {
            return Ok((Some(Sink::Shell), None));
        }
        if text.starts_with("/dev/") || text.starts_with("/proc/") || text.starts_with("/sys/") {
            return Ok((Some(Sink::Nowhere), None));
        }
        let Some(target) = self.target(text, true)? else {
            self.lost_write("write");
            return Ok((None, None));
        };
        let place = target.place.clone();
        let kind = match self.opened(&target)? {
            Ok(kind) => kind,
            Err(why) => return Ok((None, Some(self.fail("write", Some((place, &target.path)), why)))),
        };
        let appends = matches!(direction, Direction::Append | Direction::AppendBoth);
        if !appends {
            if self.flags.noclobber && kind != Kind::Absent && direction == Direction::Write {
                let why = "the file is there by then, and `set -C` keeps it; use `>|`";
                return Ok((None, Some(self.fail("write", Some((place, &target.path)), why))));
            }
            self.wrote("write", &target, REPLACED);
            self.disk.set(place, Entry::File("".into()));
            if !at_once && target.place.volume != ROOT {
                self.cut();
            }
        } else if kind == Kind::Absent {
            self.disk.set(place, Entry::File("".into()));
        }
        Ok((Some(Sink::File(target, appends)), None))
    }

    fn close(&mut self, sink: &Sink, output: &str, at_once: bool, status: u8) {
        match sink {
            Sink::File(target, true) => {
                let is_silent = output.is_empty();
                if !is_silent {
                    self.append(target, output, at_once);
                }
            }
            Sink::File(target, false) => {
                // What is printed to a file that is gone or moved by then is nowhere to be seen.
                if matches!(self.disk.get(&target.place), Some(Entry::File(_))) {
                    self.put_file(&target.place.clone(), output, at_once && status == 0);
                }
            }
            Sink::Shell | Sink::Nowhere | Sink::Unknown => {}
        }
    }

    /// What is where a file is to be written to, or why it can't be. Whoever writes to a pipe waits.
    pub(super) fn opened(&mut self, target: &Target) -> Flow<Result<Kind, &'static str>> {
        let kind = self.look(&target.place, Expect::Kind(Kind::Absent));
        Ok(match kind {
            _ if self.is_no_file(target) => Err(UNWRITABLE),
            Kind::Directory => Err(UNWRITABLE),
            Kind::Special => return Err(Leave::Lost),
            kind if kind != Kind::Absent && self.is_locked(target) => Err(READ_ONLY),
            kind => Ok(kind),
        })
    }

    /// Adds to the end of a file.
    pub(super) fn append(&mut self, target: &Target, text: &str, at_once: bool) {
        self.wrote("append", target, ADDED);
        let kind = self.look(&target.place, ANY_FILE);
        let before = if kind == Kind::Absent { "".into() } else { self.content(&target.place) };
        self.put_file(&target.place, &format!("{before}{text}"), at_once);
    }

    /// Whether nothing can be written there because it is called like a directory, or none is above it.
    pub(super) fn is_no_file(&mut self, target: &Target) -> bool {
        target.is_folder || self.lacks_folder(target)
    }

    /// Whether the directory that a file is to be in is missing.
    pub(super) fn lacks_folder(&mut self, target: &Target) -> bool {
        if self.setting.is_read_only(&target.path) {
            return true;
        }
        let Some(above) = target.place.parent().filter(|above| !above.path.is_empty()) else { return false };
        match self.look(&above, Expect::Kind(Kind::Directory)) {
            Kind::Directory | Kind::Unknown | Kind::Link => false,
            _ => above.volume != ROOT || self.disk.get(&above).is_some(),
        }
    }
}

/// Why what is written differs if it does.
pub(super) const REPLACED: &str = "what it writes is not the same each time; look first whether it was done";
/// Why a file can't be written.
const UNWRITABLE: &str = "the file can't be written by then";
/// Why what was appended to differs.
pub(super) const ADDED: &str = "it adds to the file again; write the file anew with `>` first";

/// Whether a command writes so little, and so quickly, that nobody sees half of it.
fn is_at_once(command: &Command) -> bool {
    let CommandKind::Simple { words, .. } = &command.kind else { return false };
    let Some(program) = words.first() else { return true };
    let quick = ["echo", "printf", ":", "true", "date", "hostname", "basename", "dirname", "pwd", "id"];
    let has_text = command.redirects.iter().any(|r| matches!(r.direction, Direction::Document | Direction::Text));
    quick.iter().any(|name| program.is(name)) || program.is("cat") && has_text
}
