//! What a shell knows while a script is followed: variables, functions, the last status, and a clock that only
//! moves where something sleeps.
//!
//! Nothing is run. What can't be known is a symbol or [`Status::Unknown`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::facts::runs::Flags;
use crate::facts::runs::Run;
use crate::facts::runs::Shell;
use crate::facts::runs::Symbol;
use crate::facts::runs::Text;
use crate::facts::runs::Value;
use crate::facts::scripts::Scripts;
use crate::facts::waits::asked::Asked;
use crate::facts::waits::asked::MAX_BYTES;
use crate::facts::waits::draft::Draft;
use crate::facts::waits::late::Late;
use crate::facts::waits::pace::Pace;
use crate::facts::waits::place::Key;
use crate::facts::waits::place::Place;
use crate::facts::waits::probe::Seen;
use crate::shell::Command;

/// How many commands of one script are followed.
const MAX_STEPS: u32 = 30_000;

/// How deep functions, substitutions and shells within shells are followed.
const MAX_CALLS: u32 = 24;

/// What `date +%s` says when a script begins.
const EPOCH: u64 = 1_700_000_000;

/// The status of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    Is(i64),
    /// Not known; `counts` says that a number was compared with one that nobody knows, as the end of a loop is.
    Unknown {
        counts: bool,
    },
}

impl Status {
    pub(super) const SUCCESS: Self = Self::Is(0);
    pub(super) const FAILURE: Self = Self::Is(1);
    pub(super) const UNKNOWN: Self = Self::Unknown { counts: false };

    pub(super) fn of(holds: bool) -> Self {
        if holds { Self::SUCCESS } else { Self::FAILURE }
    }

    /// Whether it says that all went well, if that is known.
    pub(super) fn holds(self) -> Option<bool> {
        match self {
            Self::Is(code) => Some(code == 0),
            Self::Unknown { .. } => None,
        }
    }

    pub(super) fn negated(self) -> Self {
        self.holds().map_or(self, |holds| Self::of(!holds))
    }
}

/// Where a script goes on after a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flow {
    Next,
    Break(u32),
    Continue(u32),
    Return,
    Exit,
    /// A loop that never ends.
    Stuck,
    /// The time that `timeout` gives is over.
    TimedOut,
    /// Too much to follow.
    Lost,
}

/// Whether what is asked for is there.
#[derive(Clone, Default, Debug)]
pub(super) enum World {
    /// Everything is.
    #[default]
    Up,
    /// Nothing is but these.
    AllBut(BTreeSet<Key>),
    /// Everything is but what these ask.
    Without(BTreeSet<String>),
}

impl World {
    pub(super) fn has(&self, key: &Key) -> bool {
        match self {
            Self::Up => true,
            Self::AllBut(there) => there.contains(key),
            Self::Without(missing) => !missing.contains(&key.2),
        }
    }
}

/// What a text is that came about while a script ran.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Made {
    Unknown,
    /// What a program says of something that is there or not.
    Told {
        up: bool,
        program: &'static str,
    },
}

/// What a loop changes.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct State {
    pub(super) variables: BTreeMap<String, Vec<Value>>,
    pub(super) status: Status,
    pub(super) arguments: Vec<Value>,
}

/// A function, and where it is written.
pub(super) type Function<'a> = Rc<(Command, Place<'a>)>;

/// A shell that follows a script.
pub(super) struct Machine<'r, 'a> {
    pub(super) run: &'r Run<'a>,
    pub(super) scripts: &'r Scripts,
    /// The shell; what asks for it asks [`Self::shell`].
    pub(super) own_shell: Shell,
    /// Whether it made a difference which shell it is.
    pub(super) asks_shell: bool,
    /// What it asked of the container.
    pub(super) asked: Asked,
    pub(super) state: State,
    pub(super) functions: BTreeMap<String, Function<'a>>,
    /// Where mounted scripts were copied to, and where they are mounted.
    pub(super) copies: BTreeMap<String, String>,
    pub(super) flags: Flags,
    pub(super) world: World,
    pub(super) place: Place<'a>,
    /// Seconds since the script began.
    pub(super) clock: u64,
    /// When the time that `timeout` gives is over.
    pub(super) deadline: Option<u64>,
    /// What is written, where somebody reads it.
    pub(super) output: Option<Value>,
    /// What comes through a pipe.
    pub(super) input: Option<Value>,
    /// How many conditions this is within, in which a failure ends nothing.
    pub(super) tested: u32,
    /// Whether errors are written to where output goes.
    pub(super) errors_join: bool,
    pub(super) seen: Vec<Seen<'a>>,
    pub(super) drafts: Vec<Draft<'a>>,
    /// What is measured of waits that are known already.
    pub(super) late: Option<Late>,
    pub(super) notes: Notes,
    /// Whether loops are looked at for waits.
    pub(super) drafts_loops: bool,
    /// How many conditions of loops this is within.
    pub(super) asking: u32,
    /// How many loops this is within.
    pub(super) loops: u32,
    /// How long was slept outside of loops.
    pub(super) naps: u64,
    /// The variable that is being set.
    pub(super) setting: Option<String>,
    made: Vec<Made>,
    interned: BTreeMap<(u8, usize, usize), u32>,
    steps: u32,
    calls: u32,
    /// Variables that something rests on.
    read: BTreeSet<String>,
    /// How many commands this is within that only print.
    pub(super) muted: u32,
    /// What is noted of the rounds of loops.
    pub(super) pace: Pace,
}

/// What happened that says how far a verdict can be trusted.
#[derive(Clone, Default, PartialEq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is noted by itself")]
pub(super) struct Notes {
    /// How often the clock was read.
    pub(super) clock_reads: u32,
    /// Whether a loop may have been left: somebody asked what nobody knows.
    pub(super) may_leave: bool,
    /// Whether what was asked is a number that is reached some time.
    pub(super) leaves_by_count: bool,
    /// Whether something was judged by what a program may say.
    pub(super) rests_on_output: bool,
    /// Whether what a program says was compared with anything at all.
    pub(super) compares_output: bool,
    /// Whether something could not be read, or nobody knows what it does.
    pub(super) doubtful: bool,
    /// Why a condition says nothing.
    pub(super) trap: Option<&'static str>,
    /// The longest that one question may take was not limited.
    pub(super) unlimited: bool,
    /// Whether something took a time that nobody knows.
    pub(super) unknown_time: bool,
    /// How often something slept.
    pub(super) slept: u32,
}

impl Notes {
    /// Whether a round changed of these what the round before it changed.
    pub(super) fn goes_on_as(&self, last: &Self, earlier: &Self) -> bool {
        let counts = |notes: &Self| (notes.clock_reads, notes.slept);
        let ((now_reads, now_slept), (last_reads, last_slept)) = (counts(self), counts(last));
        let (reads, slept) = counts(earlier);
        let is_steady = now_reads - last_reads == last_reads - reads && now_slept - last_slept == last_slept - slept;
        is_steady && Self { clock_reads: now_reads, slept: now_slept, ..last.clone() } == *self
    }
}

impl<'r, 'a> Machine<'r, 'a> {
    pub(super) fn new(run: &'r Run<'a>, scripts: &'r Scripts, shell: Shell, text: Text<'a>) -> Self {
        let whole = 0..text.as_str().len();
        let place = Place { text: Rc::new(text), number: 0, offset: Some(0), whole };
        let state = State { variables: BTreeMap::new(), status: Status::SUCCESS, arguments: Vec::new() };
        Self {
            run,
            scripts,
            own_shell: shell,
            asks_shell: false,
            asked: Asked::default(),
            state,
            functions: BTreeMap::new(),
            copies: BTreeMap::new(),
            flags: Flags::default(),
            world: World::Up,
            place,
            clock: 0,
            deadline: None,
            output: None,
            input: None,
            tested: 0,
            errors_join: false,
            seen: Vec::new(),
            drafts: Vec::new(),
            late: None,
            notes: Notes::default(),
            drafts_loops: true,
            asking: 0,
            loops: 0,
            naps: 0,
            setting: None,
            made: Vec::new(),
            interned: BTreeMap::new(),
            steps: MAX_STEPS,
            calls: 0,
            read: BTreeSet::new(),
            muted: 0,
            pace: Pace::default(),
        }
    }

    /// Takes a step; false if there were too many.
    pub(super) fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0
    }

    /// Takes the steps that a copy of all variables costs.
    pub(super) fn spend_copy(&mut self) {
        let size = self.state.variables.len() + self.state.arguments.len() + self.functions.len();
        self.steps = self.steps.saturating_sub(u32::try_from(size / 8).unwrap_or(u32::MAX));
    }

    /// Follows what is called here, unless it is too deep.
    pub(super) fn call<R>(&mut self, lost: R, inner: impl FnOnce(&mut Self) -> R) -> R {
        if self.calls >= MAX_CALLS {
            self.notes.doubtful = true;
            return lost;
        }
        self.calls += 1;
        let result = inner(self);
        self.calls -= 1;
        result
    }

    /// Lets time pass; true if `timeout` ends what is running.
    pub(super) fn pass(&mut self, seconds: u64) -> bool {
        self.clock = self.clock.saturating_add(seconds);
        match self.deadline {
            Some(deadline) if self.clock >= deadline => {
                self.clock = deadline;
                true
            }
            _ => false,
        }
    }

    /// What `date +%s` says.
    pub(super) fn now(&mut self) -> u64 {
        self.read_clock();
        EPOCH.saturating_add(self.clock)
    }

    fn read_clock(&mut self) {
        self.notes.clock_reads += 1;
        if self.muted == 0 && !self.pace.is_plain {
            self.pace.is_odd();
        }
    }

    /// A text that came about at a place of the script.
    pub(super) fn made(&mut self, made: Made, at: usize) -> Value {
        let kind = match made {
            Made::Unknown => 0,
            Made::Told { up: false, .. } => 1,
            Made::Told { up: true, .. } => 2,
        };
        let next = u32::try_from(self.made.len()).unwrap_or(u32::MAX);
        let number = *self.interned.entry((kind, self.place.number, at)).or_insert(next);
        if number == next {
            self.made.push(made);
        }
        Value::symbol(Symbol::Made(number))
    }

    /// What a symbol is that came about while the script ran.
    pub(super) fn made_as(&self, symbol: &Symbol) -> Option<Made> {
        match symbol {
            Symbol::Made(number) => self.made.get(*number as usize).copied(),
            _ => None,
        }
    }

    /// The value of a variable, all items of an array; none if nobody is known to set it.
    pub(super) fn variable(&mut self, name: &str) -> Option<Vec<Value>> {
        let is_own = self.setting.as_deref() == Some(name);
        if self.muted == 0 && !is_own && !self.read.contains(name) {
            self.read.insert(name.to_owned());
        }
        if self.muted == 0 && self.loops > 0 {
            self.pace.read(name);
        }
        if let Some(value) = self.state.variables.get(name) {
            return Some(value.clone());
        }
        if name == "SECONDS" && self.shell() == Shell::Bash {
            self.read_clock();
            return Some(vec![Value::text(self.clock.to_string(), None)]);
        }
        self.asked.variable(self.run, name).map(|value| vec![value])
    }

    /// The shell that the script is followed as.
    pub(super) fn shell(&mut self) -> Shell {
        self.asks_shell = true;
        self.own_shell
    }

    /// A script that is mounted at a path.
    pub(super) fn script_at(&mut self, path: &str) -> Option<Text<'a>> {
        let text = self.run.mounted.script_at(path);
        self.asked.path(path, text.is_some());
        text
    }

    /// What is known to be in a file.
    pub(super) fn content(&mut self, path: &str) -> Option<Value> {
        let content = self.run.mounted.content(path);
        self.asked.path(path, content.is_some());
        content
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        let value = if value.len() > MAX_BYTES { self.made(Made::Unknown, 0) } else { value };
        self.state.variables.insert(name.to_owned(), vec![value]);
    }

    /// Writes to where output goes.
    pub(super) fn write(&mut self, value: Value) {
        if let Some(output) = &mut self.output
            && output.len() < MAX_BYTES
        {
            output.append(value);
        }
    }

    pub(super) fn write_text(&mut self, text: impl Into<String>) {
        self.write(Value::text(text, None));
    }

    /// Whether a round of a loop changed anything that something rests on.
    pub(super) fn is_as_before(&self, before: &State) -> bool {
        let relevant = |name: &&String| self.read.contains(*name);
        let own = self.state.variables.iter().filter(|(name, _)| relevant(name));
        let old = before.variables.iter().filter(|(name, _)| relevant(name));
        own.eq(old) && self.state.arguments == before.arguments
    }

    /// Goes on from two states of which nobody knows which one it is.
    pub(super) fn join(&mut self, other: &State, clock: u64, at: usize) {
        self.clock = self.clock.max(clock);
        if self.state.status != other.status {
            self.state.status = Status::UNKNOWN;
        }
        let names: BTreeSet<String> = self.state.variables.keys().chain(other.variables.keys()).cloned().collect();
        for name in names {
            if self.state.variables.get(&name) != other.variables.get(&name) {
                let unknown = self.made(Made::Unknown, at);
                self.state.variables.insert(name, vec![unknown]);
            }
        }
    }
}
