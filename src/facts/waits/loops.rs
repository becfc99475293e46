//! Loops: how often they go round, whether they end, and which of them wait.
//!
//! A loop that asks something is followed twice: as if what it asks for were there, and as if it were not. A wait is
//! one that goes on for longer if it is not.

use std::collections::BTreeSet;

use crate::facts::runs::Value;
use crate::facts::waits::bashisms::is_range;
use crate::facts::waits::course::Course;
use crate::facts::waits::course::Ended;
use crate::facts::waits::draft::Draft;
use crate::facts::waits::judge;
use crate::facts::waits::list::Items;
use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::facts::waits::machine::Notes;
use crate::facts::waits::machine::State;
use crate::facts::waits::machine::Status;
use crate::facts::waits::machine::World;
use crate::facts::waits::probe::Known;
use crate::facts::waits::probe::Seen;
use crate::facts::waits::stride::Stand;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::List;

/// How many rounds of one loop are followed.
const MAX_ROUNDS: u32 = 4_000;

/// How many waits of one container are told.
const MAX_WAITS: usize = 60;

/// How many of one that may end in each of them.
const MAX_DOUBTFUL_ROUNDS: u32 = 20;

/// Why a loop over `{1..30}` goes round once.
const ONE_WORD: &str = "`{1..N}` is one word to this shell, so there is one try";

impl<'a> Machine<'_, 'a> {
    pub(super) fn any_loop(&mut self, command: &Command) -> Flow {
        if self.is_measured(command) {
            return self.measured(command);
        }
        let drafts = self.drafts_loops && matches!(self.world, World::Up) && self.drafts.len() < MAX_WAITS;
        if !drafts {
            return self.course(command).flow;
        }
        let mut before = (self.state.clone(), self.clock, self.flags, self.functions.clone());
        let mark = self.seen.len();
        let mut up = self.course(command);
        // What was asked before it began is asked again within: then it begins as if nothing had been there.
        if up.rounds == 0 && self.seen.len() == mark && self.forget(&mut before.0, command.range.start) {
            self.state = before.0.clone();
            up = self.course(command);
        }
        let own: Vec<Seen<'a>> = self.seen[mark..].iter().filter(|seen| !seen.taken).cloned().collect();
        if own.is_empty() {
            return up.flow;
        }
        let after = (self.state.clone(), self.clock, self.flags, self.functions.clone());
        (self.state, self.clock, self.flags, self.functions) = before;
        // Questions that other loops wait for are answered by now, and so are those that nobody knows beside others.
        let mut there: BTreeSet<_> = self.seen.iter().filter(|seen| seen.taken).map(|seen| seen.key.clone()).collect();
        let best = own.iter().map(|seen| seen.known).min().unwrap_or(Known::No);
        there.extend(own.iter().filter(|seen| seen.known > best).map(|seen| seen.key.clone()));
        self.world = World::AllBut(there);
        let down = self.course(command);
        self.world = World::Up;
        (self.state, self.clock, self.flags, self.functions) = after;
        let mut seen: Vec<Seen<'a>> =
            self.seen[mark..].iter().filter(|seen| !seen.taken && seen.known == best).cloned().collect();
        seen.sort_by(|one, other| one.key.cmp(&other.key));
        seen.dedup_by(|one, other| one.key == other.key);
        if let Some(mut draft) = judge::of_loop(command, &up, &down, seen) {
            draft.range = Some(self.place.range(&command.range));
            self.seen[mark..].iter_mut().for_each(|seen| seen.taken = true);
            self.note(draft);
            // What comes after a loop that does not end is looked at nevertheless.
            return if up.ended == Ended::Never { Flow::Next } else { up.flow };
        }
        up.flow
    }

    /// Takes back what programs said in variables that found what they asked for; whether there was any.
    fn forget(&mut self, state: &mut State, at: usize) -> bool {
        let mut forgot = false;
        for values in state.variables.values_mut() {
            for value in values {
                if let Some((true, program)) = self.told(value) {
                    *value = self.made(Made::Told { up: false, program }, at);
                    forgot = true;
                }
            }
        }
        forgot
    }

    /// Keeps a wait, unless it is one that is kept already.
    pub(super) fn note(&mut self, draft: Draft<'a>) {
        let keys = |draft: &Draft<'a>| draft.seen.iter().map(|seen| seen.key.clone()).collect::<Vec<_>>();
        let own = keys(&draft);
        if self.drafts.len() < MAX_WAITS && !self.drafts.iter().any(|other| keys(other) == own) {
            self.drafts.push(draft);
        }
    }

    /// Follows a loop to its end.
    pub(super) fn course(&mut self, command: &Command) -> Course {
        let notes = std::mem::take(&mut self.notes);
        let (clock, tested, asking) = (self.clock, self.tested, std::mem::take(&mut self.asking));
        self.loops += 1;
        let mut rounds = 0;
        let (ended, flow) = match &command.kind {
            CommandKind::Loop { until, condition, body } => {
                let ask = |machine: &mut Self| {
                    machine.asking += 1;
                    let flow = machine.condition(condition);
                    machine.asking -= 1;
                    let status = machine.state.status;
                    (flow, if *until { status.negated() } else { status })
                };
                self.rounds(&mut rounds, ask, |machine| machine.list(body), |_| {})
            }
            CommandKind::For { variable, items, body } => {
                let items = match items {
                    Some(words) => self.items(words),
                    None => Items::Values(self.state.arguments.clone().into_iter()),
                };
                self.each(&mut rounds, variable, items, body)
            }
            CommandKind::Count { header, body } => {
                let mut parts = header.splitn(3, ';');
                let (first, condition, last) =
                    (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
                self.arithmetic(first);
                let ask = |machine: &mut Self| {
                    let is_empty = condition.trim().is_empty();
                    (Flow::Next, if is_empty { Status::SUCCESS } else { machine.computed(condition) })
                };
                let step = |machine: &mut Self| {
                    machine.arithmetic(last);
                };
                self.rounds(&mut rounds, ask, |machine| machine.list(body), step)
            }
            _ => (Ended::Itself, Flow::Next),
        };
        self.loops -= 1;
        (self.tested, self.asking) = (tested, asking);
        let own = std::mem::replace(&mut self.notes, notes);
        self.notes.clock_reads += own.clock_reads;
        self.notes.doubtful |= own.doubtful;
        self.notes.rests_on_output |= own.rests_on_output;
        self.notes.compares_output |= own.compares_output;
        self.notes.unlimited |= own.unlimited;
        self.notes.unknown_time |= own.unknown_time;
        self.notes.slept += own.slept;
        let seconds = self.clock.saturating_sub(clock);
        Course { rounds, ended, flow, status: self.state.status, seconds, notes: own }
    }

    /// Follows a loop with a condition that says whether to go on.
    fn rounds(
        &mut self,
        rounds: &mut u32,
        mut ask: impl FnMut(&mut Self) -> (Flow, Status),
        mut body: impl FnMut(&mut Self) -> Flow,
        mut step: impl FnMut(&mut Self),
    ) -> (Ended, Flow) {
        let mut before: Option<Stand> = None;
        let mut earlier: Option<Stand> = None;
        let mut status = Status::SUCCESS;
        loop {
            let mark = self.pace.mark();
            let (reads, clock) = (self.notes.clock_reads, self.clock);
            let (flow, goes_on) = ask(self);
            if flow != Flow::Next {
                return left(flow);
            }
            match goes_on {
                Status::Is(0) => {}
                Status::Is(_) => {
                    self.state.status = status;
                    return (Ended::Itself, Flow::Next);
                }
                Status::Unknown { counts } => {
                    self.notes.may_leave = true;
                    self.notes.leaves_by_count |= counts;
                }
            }
            *rounds += 1;
            match body(self) {
                Flow::Next | Flow::Continue(1) => {}
                Flow::Continue(more) => return (Ended::Left, Flow::Continue(more - 1)),
                flow => return left(flow),
            }
            status = self.state.status;
            step(self);
            let read_clock = self.notes.clock_reads > reads;
            // Where the clock is what ends it, asking takes time as well.
            if read_clock && self.clock == clock && self.pass(1) {
                return (Ended::Left, Flow::TimedOut);
            }
            if !read_clock && before.as_ref().is_some_and(|before| self.is_as_before(before.state())) {
                return self.endless();
            }
            self.spend_copy();
            let now = self.stand(mark);
            if self.loops == 1 {
                self.pace.forget(mark);
            }
            let skipped = match (&earlier, &before) {
                _ if self.notes.may_leave => 0,
                (Some(earlier), Some(last)) => self.skip(earlier, last, &now, MAX_ROUNDS.saturating_sub(*rounds + 1)),
                _ => 0,
            };
            *rounds += skipped;
            earlier = before.filter(|_| skipped == 0);
            before = Some(now);
            // More rounds do not tell what nobody knows.
            if self.notes.may_leave && *rounds >= MAX_DOUBTFUL_ROUNDS {
                return self.endless();
            }
            if *rounds >= MAX_ROUNDS || !self.step() {
                return if self.notes.may_leave { self.endless() } else { (Ended::Lost, Flow::Next) };
            }
        }
    }

    /// What becomes of a loop in which nothing changes any more.
    fn endless(&mut self) -> (Ended, Flow) {
        if let Some(deadline) = self.deadline {
            self.clock = self.clock.max(deadline);
            return (Ended::Left, Flow::TimedOut);
        }
        if self.notes.may_leave { (Ended::Perhaps, Flow::Next) } else { (Ended::Never, Flow::Stuck) }
    }

    fn each(&mut self, rounds: &mut u32, variable: &str, mut items: Items, body: &List) -> (Ended, Flow) {
        let is_made = |machine: &Self, value: &Value| {
            value.literal().is_none()
                && value.pieces().iter().any(|piece| match piece {
                    crate::facts::runs::Piece::Symbol(symbol) => machine.made_as(symbol) == Some(Made::Unknown),
                    crate::facts::runs::Piece::Text(..) => false,
                })
        };
        let mut is_first = true;
        while let Some(item) = items.next() {
            let before = (self.state.clone(), self.clock, self.notes.clone());
            if *rounds >= MAX_ROUNDS || !self.step() {
                return (Ended::Lost, Flow::Next);
            }
            if item.literal().is_some_and(|text| is_range(&text)) {
                self.notes.trap = Some(ONE_WORD);
            }
            // What a program lists may be nothing, or much: it ends in any case.
            if is_made(self, &item) {
                self.notes.may_leave = true;
                self.notes.leaves_by_count = true;
            }
            self.set(variable, item);
            *rounds += 1;
            match self.list(body) {
                Flow::Next | Flow::Continue(1) => {}
                Flow::Continue(more) => return (Ended::Left, Flow::Continue(more - 1)),
                flow => return left(flow),
            }
            let was_first = std::mem::take(&mut is_first);
            if let Some((count, last)) = if was_first { None } else { self.repeats(&before, &items) } {
                *rounds += count;
                if let Some(last) = last {
                    self.set(variable, last);
                }
                break;
            }
        }
        (Ended::Itself, Flow::Next)
    }

    /// How many other rounds of a loop over known texts go as the last one went, which began as `before` says, and
    /// the last of their texts; none if not all of them do. Their time is let pass.
    fn repeats(&mut self, (state, clock, notes): &(State, u64, Notes), others: &Items) -> Option<(u32, Option<Value>)> {
        let is_alike = self.is_as_before(state)
            && self.state.status == state.status
            && self.notes.clock_reads == notes.clock_reads;
        let (count, last) = if is_alike { others.rest()? } else { return None };
        let rounds = u32::try_from(count).ok().filter(|rounds| *rounds < MAX_ROUNDS)?;
        let end = self.clock.saturating_add((self.clock - clock).saturating_mul(u64::from(rounds)));
        if self.deadline.is_some_and(|deadline| end >= deadline) {
            return None;
        }
        self.clock = end;
        self.notes.slept += (self.notes.slept - notes.slept).saturating_mul(rounds);
        Some((rounds, last))
    }
}

fn left(flow: Flow) -> (Ended, Flow) {
    match flow {
        Flow::Break(1) => (Ended::Left, Flow::Next),
        Flow::Break(more) => (Ended::Left, Flow::Break(more - 1)),
        Flow::Stuck => (Ended::Never, Flow::Stuck),
        Flow::Lost => (Ended::Lost, Flow::Lost),
        flow => (Ended::Left, flow),
    }
}
