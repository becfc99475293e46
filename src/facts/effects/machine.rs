//! The state of a shell that runs a script over a symbolic disk, and how control flows through it.
//!
//! It follows POSIX and what dash, BusyBox and bash agree about. What single programs do is in `programs`, what
//! words become in `words`. Loops and recursion are bounded; what goes beyond is given up on.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use crate::facts::effects::atoms::Atom;
use crate::facts::effects::atoms::Atoms;
use crate::facts::effects::disk::Disk;
use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::oracle::Oracle;
use crate::facts::effects::setting::Setting;
use crate::facts::runs::Flags;
use crate::facts::runs::Text;
use crate::shell;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::Dialect;
use crate::shell::Item;
use crate::shell::Join;
use crate::shell::List;
use crate::shell::Pipeline;

/// How many commands one run may take.
const MAX_STEPS: u32 = 4_000;
/// How many all runs of one analysis may take.
const MAX_WORK: u32 = 300_000;
/// How many bytes are handled in one step.
const BYTES: usize = 1_024;
/// How many bytes a place on the disk counts for, or a variable.
const ENTRY: usize = 32;
/// How many places are copied in one step.
const COPIED: u32 = 32;
/// At how many moments of one run it is looked at what becomes of it if it is cut off.
pub(super) const MAX_CUTS: usize = 24;
/// How deep functions, subshells and sourced files may be in each other.
const MAX_DEPTH: u32 = 24;
/// How long a text may become, in bytes.
pub(super) const MAX_TEXT: usize = 128 * 1024;

/// Why a script fails that ends with a question.
pub(super) const CONDITION: &str = "what it asks for does not hold by then, and with that the script ends";

/// A script that has been read.
pub(super) struct Loaded<'a> {
    pub(super) text: Text<'a>,
    pub(super) tree: Rc<shell::Script>,
}

impl<'a> Loaded<'a> {
    /// Reads a script, or remembers that it did.
    pub(super) fn of(world: &mut World<'a>, setting: &Setting<'_, 'a>, text: Text<'a>, dialect: Dialect) -> Rc<Self> {
        if let Some(loaded) = world.loaded.get(text.as_str()) {
            return Rc::clone(loaded);
        }
        let tree = setting.scripts.read(text.as_str(), dialect);
        let key = text.as_str().to_owned();
        let loaded = Rc::new(Self { text, tree });
        world.loaded.insert(key, Rc::clone(&loaded));
        loaded
    }
}

/// A command in a script.
#[derive(Clone)]
pub(super) struct Site<'a> {
    pub(super) script: Rc<Loaded<'a>>,
    pub(super) range: Range<usize>,
}

/// Something that a run did to a volume.
#[derive(Clone)]
pub(super) struct Event<'a> {
    pub(super) site: Site<'a>,
    pub(super) operation: &'static str,
    pub(super) place: Place,
    /// As the container sees it.
    pub(super) path: String,
    /// What to say if it leaves something else the next time.
    pub(super) why: &'static str,
}

/// Why a command failed.
#[derive(Clone)]
pub(super) struct Failure<'a> {
    pub(super) site: Site<'a>,
    pub(super) why: &'static str,
    /// What it was about, if that is on a volume.
    pub(super) place: Option<Place>,
    pub(super) path: String,
    pub(super) operation: &'static str,
}

/// Why what follows is not run.
pub(super) enum Leave {
    Exit(u8),
    Return(u8),
    Break(u32),
    Continue(u32),
    /// It can't be followed any more.
    Lost,
}

pub(super) type Flow<T = u8> = Result<T, Leave>;

/// What all runs of an analysis have in common.
#[derive(Default)]
pub(super) struct World<'a> {
    pub(super) atoms: Atoms,
    pub(super) oracle: Oracle,
    pub(super) loaded: HashMap<String, Rc<Loaded<'a>>>,
    /// Whether paths that nothing was written to may be there before the first run.
    pub(super) inhabited: bool,
    /// Whether trees that were copied lack what is needed of them, where the script would go on without it.
    pub(super) lacks: bool,
    /// Whether anything was taken to be in such a tree without which the script would have gone on.
    pub(super) spares: bool,
    /// How many steps all runs together have taken.
    pub(super) work: u32,
}

/// The moments at which a run may be cut off.
#[derive(Default)]
pub(super) struct Cuts {
    /// How many events there were at each, and the disk at the first ones: more are not looked at.
    pub(super) all: Vec<(usize, Option<Disk>)>,
    last: Option<Disk>,
}

/// A shell.
#[expect(clippy::struct_excessive_bools, reason = "each is noted by itself")]
pub(super) struct Machine<'m, 'a> {
    pub(super) world: &'m mut World<'a>,
    pub(super) setting: &'m Setting<'m, 'a>,
    pub(super) disk: Disk,
    /// Which run this is, from 1.
    pub(super) run: u8,
    pub(super) events: Vec<Event<'a>>,
    /// None if nobody asks.
    pub(super) cuts: Option<Cuts>,
    pub(super) failure: Option<Failure<'a>>,
    pub(super) variables: BTreeMap<String, Option<Rc<str>>>,
    pub(super) arguments: Vec<String>,
    pub(super) zero: String,
    pub(super) functions: HashMap<String, (Rc<Loaded<'a>>, Rc<Command>)>,
    pub(super) folder: String,
    pub(super) flags: Flags,
    pub(super) status: u8,
    /// What the commands print, the innermost that listens last.
    pub(super) outputs: Vec<String>,
    /// What they read.
    pub(super) input: Rc<str>,
    pub(super) here: Site<'a>,
    /// Whether failures are looked at rather than ending the script.
    pub(super) tolerant: u32,
    /// Whether the status of a command decides about what comes next.
    pub(super) probing: u32,
    /// Whether it is the condition of a loop, which comes to an end some time.
    pub(super) waiting: bool,
    /// Whether it could not be followed because of a loop that waits for long.
    pub(super) gave_up_waiting: bool,
    /// Variables of which somebody wants to know whether they are read.
    pub(super) watched: Vec<(String, bool)>,
    /// Whether it is looked into a tree that was copied.
    pub(super) in_tree: bool,
    /// Whether a program has run of which nobody knows what it does to the root file system.
    pub(super) ran_unknown: bool,
    /// Commands of which it is not known what they found.
    pub(super) doubts: Vec<Range<usize>>,
    /// Commands whose failure is told of already, so that what follows them is seen, too.
    pub(super) excused: Vec<Range<usize>>,
    /// Writes of which nobody knows where they go.
    pub(super) blind: Vec<Site<'a>>,
    pub(super) at_exit: Option<String>,
    pub(super) steps: u32,
    pub(super) depth: u32,
}

impl<'a> Machine<'_, 'a> {
    /// Runs the script at hand to its end; none if it can't be followed.
    pub(super) fn run_all(&mut self) -> Option<u8> {
        let script = Rc::clone(&self.here.script);
        let status = match self.list(&script.tree.body) {
            Ok(status) | Err(Leave::Exit(status) | Leave::Return(status)) => status,
            Err(Leave::Break(_) | Leave::Continue(_)) => 0,
            Err(Leave::Lost) => return None,
        };
        if let Some(text) = self.at_exit.take() {
            self.tolerant += 1;
            match self.eval(&text) {
                Err(Leave::Lost) => return None,
                Err(Leave::Exit(status)) => return Some(status),
                _ => {}
            }
        }
        Some(status)
    }

    /// Reads a script, or remembers that it did.
    pub(super) fn load(&mut self, text: Text<'a>, dialect: Dialect) -> Rc<Loaded<'a>> {
        Loaded::of(self.world, self.setting, text, dialect)
    }

    /// Runs a text that the script made.
    pub(super) fn eval(&mut self, text: &str) -> Flow {
        let loaded = self.load(Text::of_image(text.to_owned()), self.dialect());
        self.source(&loaded)
    }

    /// Runs a script as a part of the one at hand.
    pub(super) fn source(&mut self, loaded: &Rc<Loaded<'a>>) -> Flow {
        self.inside(|machine| {
            let before = machine.here.clone();
            machine.here = Site { script: Rc::clone(loaded), range: 0..0 };
            let status = machine.list(&loaded.tree.body);
            machine.here = before;
            status
        })
    }

    pub(super) fn dialect(&self) -> Dialect {
        match &self.setting.run.what {
            crate::facts::runs::What::Script(script) => script.shell.dialect(),
            _ => Dialect::Ash,
        }
    }

    /// Does something one level further in.
    pub(super) fn inside<T>(&mut self, what: impl FnOnce(&mut Self) -> Flow<T>) -> Flow<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Leave::Lost);
        }
        self.depth += 1;
        let result = what(self);
        self.depth -= 1;
        result
    }

    /// Does something whose variables, folder and exit concern nobody else.
    pub(super) fn subshell(&mut self, what: impl FnOnce(&mut Self) -> Flow) -> Flow {
        self.spend((self.variables.len() + self.functions.len()) * ENTRY)?;
        let kept = (self.variables.clone(), self.folder.clone(), self.flags, self.functions.clone());
        let at_exit = self.at_exit.take();
        let result = self.inside(what);
        (self.variables, self.folder, self.flags, self.functions) = kept;
        self.at_exit = at_exit;
        match result {
            Err(Leave::Exit(status) | Leave::Return(status)) => Ok(status),
            Err(Leave::Break(_) | Leave::Continue(_)) => Ok(0),
            result => result,
        }
    }

    /// What commands print while something is done.
    pub(super) fn captured(&mut self, what: impl FnOnce(&mut Self) -> Flow) -> Flow<(u8, String)> {
        self.outputs.push(String::new());
        let result = what(self);
        let output = self.outputs.pop().unwrap_or_default();
        result.map(|status| (status, output))
    }

    pub(super) fn print(&mut self, text: &str) -> Flow<()> {
        if let Some(output) = self.outputs.last_mut() {
            output.push_str(text);
            if output.len() > MAX_TEXT {
                return Err(Leave::Lost);
            }
        }
        Ok(())
    }

    pub(super) fn list(&mut self, list: &List) -> Flow {
        let mut status = 0;
        for item in &list.items {
            status = self.item(item)?;
        }
        Ok(status)
    }

    fn item(&mut self, item: &Item) -> Flow {
        if item.background {
            self.subshell(|machine| machine.joined(item))?;
            self.status = 0;
            return Ok(0);
        }
        self.joined(item)
    }

    fn joined(&mut self, item: &Item) -> Flow {
        let mut pipelines = std::iter::once((None, &item.first)).chain(item.rest.iter().map(|(j, p)| (Some(*j), p)));
        let mut next = pipelines.next();
        let mut status = 0;
        while let Some((join, pipeline)) = next {
            next = pipelines.next();
            let runs = match join {
                None => true,
                Some(Join::And) => status == 0,
                Some(Join::Or) => status != 0,
            };
            if !runs {
                continue;
            }
            let is_last = next.is_none();
            // Where the other way does nothing, it need not be known which way it goes.
            let matters = next.is_some_and(|(_, pipeline)| !is_idle(pipeline));
            self.tolerant += u32::from(!is_last);
            self.probing += u32::from(!is_last && matters);
            let result = self.pipeline(pipeline);
            self.tolerant -= u32::from(!is_last);
            self.probing -= u32::from(!is_last && matters);
            status = result?;
        }
        Ok(status)
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> Flow {
        self.tolerant += u32::from(pipeline.negated);
        let result = self.piped(pipeline);
        self.tolerant -= u32::from(pipeline.negated);
        let mut status = result?;
        if pipeline.negated {
            status = u8::from(status == 0);
        }
        self.status = status;
        let is_simple = pipeline.commands.last().is_some_and(|last| ends_script(&last.kind));
        if status != 0 && self.flags.errexit && self.tolerant == 0 && !pipeline.negated && is_simple {
            return Err(Leave::Exit(status));
        }
        Ok(status)
    }

    fn piped(&mut self, pipeline: &Pipeline) -> Flow {
        let [before @ .., last] = pipeline.commands.as_slice() else { return Ok(0) };
        if before.is_empty() {
            return self.command(last);
        }
        let input = Rc::clone(&self.input);
        let mut failed = 0;
        for command in before {
            let probing = std::mem::take(&mut self.probing);
            let result = self.captured(|machine| machine.subshell(|machine| machine.command(command)));
            self.probing = probing;
            let (status, output) = result?;
            if status != 0 && self.flags.pipefail {
                failed = status;
            }
            self.input = output.into();
        }
        let status = self.subshell(|machine| machine.command(last));
        self.input = input;
        Ok(Some(status?).filter(|status| *status != 0).unwrap_or(failed))
    }

    pub(super) fn command(&mut self, command: &Command) -> Flow {
        // What is listening and what is there is looked through or copied by many commands.
        self.spend(self.input.len() + self.outputs.last().map_or(0, String::len) + self.disk.len() * ENTRY)?;
        let before = std::mem::replace(&mut self.here.range, command.range.clone());
        let result = self.redirected(command);
        self.here.range = before;
        result
    }

    pub(super) fn kind(&mut self, command: &Command) -> Flow {
        match &command.kind {
            CommandKind::Simple { assignments, words } => {
                let args = self.words(words)?;
                self.spend(args.iter().map(|arg| arg.text.len()).sum())?;
                self.simple(assignments, &args)
            }
            CommandKind::Group(list) => self.inside(|machine| machine.list(list)),
            CommandKind::Subshell(list) => self.subshell(|machine| machine.list(list)),
            CommandKind::If { branches, otherwise } => self.inside(|machine| {
                for (condition, body) in branches {
                    if machine.holds(condition)? {
                        return machine.list(body);
                    }
                }
                otherwise.as_ref().map_or(Ok(0), |list| machine.list(list))
            }),
            CommandKind::Loop { until, condition, body } => {
                self.inside(|machine| machine.rounds(*until, condition, body))
            }
            CommandKind::For { variable, items, body } => {
                let items = match items {
                    Some(words) => {
                        let words = self.words(words)?;
                        words.into_iter().map(|word| self.one_of(word)).collect()
                    }
                    None => self.arguments.clone(),
                };
                self.inside(|machine| machine.each(variable, items, body))
            }
            CommandKind::Count { .. } | CommandKind::Unread => Err(Leave::Lost),
            CommandKind::Case { subject, arms } => {
                let subject = self.one(subject)?;
                self.inside(|machine| machine.case(&subject, arms))
            }
            CommandKind::Function { name, body } => {
                let script = Rc::clone(&self.here.script);
                self.functions.insert(name.clone(), (script, Rc::new((**body).clone())));
                Ok(0)
            }
            CommandKind::Test(words) => self.extended_test(words),
            CommandKind::Arithmetic(text) => {
                let value = self.arithmetic(text);
                Ok(u8::from(value == "0"))
            }
        }
    }

    /// Whether the last command of a condition succeeds.
    pub(super) fn holds(&mut self, condition: &List) -> Flow<bool> {
        self.tolerant += 1;
        self.probing += 1;
        let status = self.list(condition);
        self.tolerant -= 1;
        self.probing -= 1;
        Ok(status? == 0)
    }

    pub(super) fn ask(&mut self, question: &str, answers: &[u8]) -> u8 {
        self.world.oracle.ask(question.to_owned(), answers)
    }

    /// The status of something that nobody here can know: it is taken for done unless somebody looks.
    pub(super) fn outcome(&mut self, question: &str) -> u8 {
        if self.waiting {
            return 0;
        }
        if self.probing > 0 { self.ask(question, &[0, 1]) } else { 0 }
    }

    /// Says that the command at hand failed, and why.
    pub(super) fn fail(&mut self, operation: &'static str, about: Option<(Place, &str)>, why: &'static str) -> u8 {
        let (place, path) = about.map_or((None, String::new()), |(place, path)| (Some(place), path.to_owned()));
        let place = place.filter(|place| place.volume != ROOT);
        if place.is_some() && self.excused.contains(&self.here.range) {
            return 0;
        }
        self.failure = Some(Failure { site: self.here.clone(), why, place, path, operation });
        1
    }

    /// Notes that the run may be cut off here.
    pub(super) fn cut(&mut self) {
        let count = self.events.len();
        if let Some(cuts) = self.cuts.as_mut() {
            self.steps += u32::try_from(self.disk.len()).unwrap_or(MAX_STEPS) / COPIED;
            let now = self.disk.volumes();
            if cuts.last.as_ref().is_none_or(|last| *last != now) {
                cuts.all.push((count, (cuts.all.len() < MAX_CUTS).then(|| now.clone())));
                cuts.last = Some(now);
            }
        }
    }

    /// Takes the steps that so many bytes cost; one that can't be followed any more is not.
    pub(super) fn spend(&mut self, bytes: usize) -> Flow<()> {
        let steps = 1 + u32::try_from(bytes / BYTES).unwrap_or(MAX_STEPS);
        self.steps = self.steps.saturating_add(steps);
        self.world.work = self.world.work.saturating_add(steps);
        if self.steps > MAX_STEPS || self.world.work > MAX_WORK { Err(Leave::Lost) } else { Ok(()) }
    }

    pub(super) fn unknown(&mut self) -> Rc<str> {
        self.world.atoms.unknown(self.run)
    }

    pub(super) fn symbol(&mut self, name: &str) -> Rc<str> {
        self.world.atoms.text(Atom::Symbol(crate::facts::runs::Symbol::Variable(name.into())))
    }
}

/// Whether a pipeline only prints, so that nothing depends on whether it is run.
fn is_idle(pipeline: &Pipeline) -> bool {
    pipeline.commands.iter().all(|command| {
        let words = match &command.kind {
            CommandKind::Simple { words, assignments } if assignments.is_empty() => words,
            _ => return false,
        };
        let writes = command.redirects.iter().any(|redirect| {
            !matches!(redirect.direction, shell::Direction::Duplicate) && !redirect.target.is("/dev/null")
        });
        let idle = ["true", ":", "echo", "printf", "sleep"];
        !writes && words.first().is_some_and(|word| idle.iter().any(|name| word.is(name)))
    })
}

/// Whether `set -e` looks at the status of such a command itself.
fn ends_script(kind: &CommandKind) -> bool {
    matches!(
        kind,
        CommandKind::Simple { .. } | CommandKind::Subshell(_) | CommandKind::Test(_) | CommandKind::Arithmetic(_)
    )
}
