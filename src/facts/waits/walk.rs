//! Following a script from command to command.

use std::ops::Range;
use std::rc::Rc;

use crate::facts::runs::Shell;
use crate::facts::runs::Value;
use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::facts::waits::machine::Status;
use crate::shell::Arm;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::Direction;
use crate::shell::Item;
use crate::shell::Join;
use crate::shell::List;
use crate::shell::Pipeline;
use crate::shell::Redirect;

/// Why a condition that ends with `&` says nothing. To dash, `&>` is `&` and `>`.
const BACKGROUND: &str = "`&` sends the command to the background, so the condition always holds";

impl Machine<'_, '_> {
    pub(super) fn list(&mut self, list: &List) -> Flow {
        for item in &list.items {
            let flow = self.item(item);
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    fn item(&mut self, item: &Item) -> Flow {
        if item.background {
            // Nobody waits for it, and it always seems to go well.
            if self.asking > 0 {
                let mark = self.seen.len();
                self.subshell(None, |machine| machine.pipeline(&item.first, false));
                self.seen[mark..].iter_mut().for_each(|seen| seen.trap = Some(BACKGROUND));
            }
            self.state.status = Status::SUCCESS;
            return Flow::Next;
        }
        self.tested += u32::from(!item.rest.is_empty());
        let mut flow = self.pipeline(&item.first, item.rest.is_empty());
        self.tested -= u32::from(!item.rest.is_empty());
        for (index, (join, pipeline)) in item.rest.iter().enumerate() {
            if flow != Flow::Next {
                return flow;
            }
            let is_last = index + 1 == item.rest.len();
            let runs = self.state.status.holds().map(|holds| holds == (*join == Join::And));
            self.tested += u32::from(!is_last);
            flow = match runs {
                Some(true) => self.pipeline(pipeline, is_last),
                Some(false) => Flow::Next,
                None => {
                    let status = self.state.status;
                    let at = pipeline.commands.first().map_or(0, |command| command.range.start);
                    self.either(status, at, |machine| machine.pipeline(pipeline, is_last), |_| Flow::Next)
                }
            };
            self.tested -= u32::from(!is_last);
        }
        flow
    }

    /// Goes two ways of which nobody knows which one is taken.
    pub(super) fn either(
        &mut self,
        status: Status,
        at: usize,
        first: impl FnOnce(&mut Self) -> Flow,
        second: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        self.spend_copy();
        let before = (self.state.clone(), self.clock);
        let one = first(self);
        let (state, clock) =
            (std::mem::replace(&mut self.state, before.0), std::mem::replace(&mut self.clock, before.1));
        let two = second(self);
        let leaves = |flow: Flow| !matches!(flow, Flow::Next | Flow::Continue(_));
        if leaves(one) != leaves(two) {
            self.notes.may_leave = true;
            self.notes.leaves_by_count |= matches!(status, Status::Unknown { counts: true });
        }
        match (leaves(one), leaves(two)) {
            (true, false) => two,
            (false, true) => {
                (self.state, self.clock) = (state, clock);
                one
            }
            _ => {
                self.join(&state, clock, at);
                if one == two { one } else { Flow::Next }
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, is_last: bool) -> Flow {
        self.tested += u32::from(pipeline.negated);
        let flow = match &pipeline.commands[..] {
            [command] => self.command(command),
            commands => self.piped(commands),
        };
        self.tested -= u32::from(pipeline.negated);
        if flow != Flow::Next {
            return flow;
        }
        if pipeline.negated {
            self.state.status = self.state.status.negated();
        }
        let ends = match &pipeline.commands[..] {
            [command] => matches!(
                command.kind,
                CommandKind::Simple { .. }
                    | CommandKind::Subshell(_)
                    | CommandKind::Test(_)
                    | CommandKind::Arithmetic(_)
            ),
            _ => true,
        };
        let fails = self.state.status.holds() == Some(false) && !pipeline.negated;
        if fails && ends && is_last && self.flags.errexit && self.tested == 0 { Flow::Exit } else { Flow::Next }
    }

    /// `a | b`, each in a shell of its own.
    fn piped(&mut self, commands: &[Command]) -> Flow {
        let outer = self.input.take();
        let mut failed = false;
        let mut input = outer.clone();
        for (index, command) in commands.iter().enumerate() {
            let is_last = index + 1 == commands.len();
            self.input = input.take();
            let output = (!is_last).then(Value::default);
            let (flow, written) = self.subshell(output, |machine| machine.command(command));
            if flow != Flow::Next {
                self.input = outer;
                return flow;
            }
            input = written;
            failed |= self.state.status.holds() == Some(false);
        }
        self.input = outer;
        if failed && self.flags.pipefail {
            self.state.status = Status::FAILURE;
        }
        Flow::Next
    }

    /// Follows commands in a shell of their own, whose variables are gone afterwards. With an `output` what they
    /// write goes there, else where it went before.
    pub(super) fn subshell(
        &mut self,
        output: Option<Value>,
        inner: impl FnOnce(&mut Self) -> Flow,
    ) -> (Flow, Option<Value>) {
        self.spend_copy();
        let state = self.state.clone();
        let (flags, functions) = (self.flags, self.functions.clone());
        let captures = output.is_some();
        let outer = if captures { std::mem::replace(&mut self.output, output) } else { None };
        let flow = self.call(Flow::Next, inner);
        let written = if captures { std::mem::replace(&mut self.output, outer) } else { None };
        let status = self.state.status;
        self.state = State { status, ..state };
        (self.flags, self.functions) = (flags, functions);
        let flow = match flow {
            Flow::Exit | Flow::Return | Flow::Break(_) | Flow::Continue(_) => Flow::Next,
            flow => flow,
        };
        (flow, written)
    }

    /// What `$(…)` becomes.
    pub(super) fn substitution(&mut self, list: &List) -> Value {
        // Only what it writes is told, so a loop in it that never ends is one that nobody follows.
        let is_plain = (self.pace.is_plain || self.setting.is_some()) && is_time(list);
        let outer = std::mem::replace(&mut self.pace.is_plain, is_plain);
        let (flow, written) = self.subshell(Some(Value::default()), |machine| machine.list(list));
        self.pace.is_plain = outer;
        if flow != Flow::Next {
            self.notes.doubtful = true;
            self.state.status = Status::UNKNOWN;
        }
        trimmed(&written.unwrap_or_default())
    }

    pub(super) fn command(&mut self, command: &Command) -> Flow {
        if !self.step() {
            return Flow::Lost;
        }
        if matches!(command.kind, CommandKind::Simple { .. }) || command.redirects.is_empty() {
            return self.kind(command);
        }
        self.redirected(&command.redirects, &command.range, |machine| machine.kind(command))
    }

    /// Follows what is done with its input and output led elsewhere.
    pub(super) fn redirected(
        &mut self,
        redirects: &[Redirect],
        range: &Range<usize>,
        inner: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let outer = (self.input.clone(), self.output.clone(), self.errors_join);
        let mut discards = false;
        for redirect in redirects {
            let descriptor = redirect.descriptor;
            match redirect.direction {
                Direction::Document | Direction::Text => self.input = Some(self.value(&redirect.target)),
                Direction::Duplicate => {
                    let to_output = redirect.target.is("1");
                    self.errors_join |= descriptor == Some(2) && to_output && !discards;
                    discards |= descriptor.is_none_or(|own| own == 1) && redirect.target.is("2");
                }
                Direction::Read | Direction::ReadWrite => {
                    if let Some(flow) = self.network_file(&redirect.target, range) {
                        (self.input, self.output, self.errors_join) = outer;
                        return flow;
                    }
                    if descriptor.is_none_or(|own| own == 0) {
                        self.input = Some(self.made(Made::Unknown, redirect.range.start));
                    }
                }
                Direction::Write | Direction::Replace | Direction::Append => {
                    if let Some(flow) = self.network_file(&redirect.target, range) {
                        (self.input, self.output, self.errors_join) = outer;
                        return flow;
                    }
                    discards |= descriptor.is_none_or(|own| own == 1);
                }
                Direction::WriteBoth | Direction::AppendBoth => discards = true,
            }
        }
        if discards && self.output.is_some() {
            self.output = Some(Value::default());
        }
        let flow = inner(self);
        self.input = outer.0;
        self.errors_join = outer.2;
        if discards {
            self.output = outer.1;
        }
        flow
    }

    fn kind(&mut self, command: &Command) -> Flow {
        match &command.kind {
            CommandKind::Simple { assignments, words } => self.simple(assignments, words, command),
            CommandKind::Group(list) => self.list(list),
            CommandKind::Subshell(list) => self.subshell(None, |machine| machine.list(list)).0,
            CommandKind::If { branches, otherwise } => self.branches(branches, otherwise.as_ref()),
            CommandKind::Loop { .. } | CommandKind::For { .. } | CommandKind::Count { .. } => {
                self.call(Flow::Lost, |machine| machine.any_loop(command))
            }
            CommandKind::Case { subject, arms } => self.case(subject, arms),
            CommandKind::Function { name, body } => {
                let function = Rc::new(((**body).clone(), self.place.clone()));
                self.functions.insert(name.clone(), function);
                self.state.status = Status::SUCCESS;
                Flow::Next
            }
            CommandKind::Test(words) => {
                let outer = std::mem::replace(&mut self.pace.is_plain, true);
                let values: Vec<Value> = words.iter().map(|word| self.value(word)).collect();
                self.pace.is_plain = outer;
                self.state.status = self.test(&values, true, &command.range);
                Flow::Next
            }
            CommandKind::Arithmetic(text) => {
                self.state.status = self.computed(text);
                Flow::Next
            }
            CommandKind::Unread => {
                self.notes.doubtful = true;
                self.state.status = Status::UNKNOWN;
                Flow::Next
            }
        }
    }

    /// The status of `((…))`.
    pub(super) fn computed(&mut self, text: &str) -> Status {
        match self.arithmetic(text) {
            Some(value) => {
                self.pace.compare(value, 0);
                Status::of(value != 0)
            }
            None => Status::Unknown { counts: text.contains(['<', '>', '=']) },
        }
    }

    fn branches(&mut self, branches: &[(List, List)], otherwise: Option<&List>) -> Flow {
        for (index, (condition, body)) in branches.iter().enumerate() {
            let flow = self.condition(condition);
            if flow != Flow::Next {
                return flow;
            }
            let status = self.state.status;
            match status.holds() {
                Some(true) => return self.list(body),
                Some(false) => {}
                None => {
                    let at = condition.items.first().and_then(|item| item.first.commands.first());
                    let at = at.map_or(0, |command| command.range.start);
                    let rest = &branches[index + 1..];
                    let others =
                        |machine: &mut Self| machine.call(Flow::Next, |machine| machine.branches(rest, otherwise));
                    return self.either(status, at, |machine| machine.list(body), others);
                }
            }
        }
        if let Some(otherwise) = otherwise {
            return self.list(otherwise);
        }
        self.state.status = Status::SUCCESS;
        Flow::Next
    }

    /// A list of which only the status counts.
    pub(super) fn condition(&mut self, list: &List) -> Flow {
        self.tested += 1;
        let flow = self.list(list);
        self.tested -= 1;
        flow
    }

    fn case(&mut self, subject: &crate::shell::Word, arms: &[Arm]) -> Flow {
        let value = self.value(subject);
        self.arms(&value, arms, subject.range.start)
    }

    fn arms(&mut self, value: &Value, arms: &[Arm], at: usize) -> Flow {
        for (index, arm) in arms.iter().enumerate() {
            match self.matches(value, arm) {
                Some(true) => return self.list(&arm.body),
                Some(false) => {}
                None => {
                    let rest = &arms[index + 1..];
                    let others = |machine: &mut Self| machine.call(Flow::Next, |machine| machine.arms(value, rest, at));
                    return self.either(Status::UNKNOWN, at, |machine| machine.list(&arm.body), others);
                }
            }
        }
        self.state.status = Status::SUCCESS;
        Flow::Next
    }

    /// Whether a text matches one of the patterns.
    fn matches(&mut self, value: &Value, arm: &Arm) -> Option<bool> {
        let mut matched = Some(false);
        for pattern in &arm.patterns {
            let pattern = self.value(pattern);
            // Whatever else a program says comes last.
            let is_rest = pattern.literal().as_deref() == Some("*");
            let truth = if is_rest { Some(true) } else { self.equal(value, &pattern, true) };
            matched = match (matched, truth) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), truth) => truth,
                (None, _) => None,
            };
        }
        matched
    }

    /// Whether the shell knows what dash and others do not.
    pub(super) fn is_bash(&mut self) -> bool {
        self.shell() == Shell::Bash
    }
}

use crate::facts::waits::machine::State;

/// Whether a list only tells the time.
fn is_time(list: &List) -> bool {
    let [item] = &list.items[..] else { return false };
    let [command] = &item.first.commands[..] else { return false };
    let CommandKind::Simple { words, .. } = &command.kind else { return false };
    item.rest.is_empty() && words.len() == 2 && words[0].is("date") && words[1].is("+%s")
}

/// A text without the line ends at its end.
fn trimmed(value: &Value) -> Value {
    use crate::facts::runs::Piece;

    let mut pieces: Vec<Piece> = value.pieces().to_vec();
    while let Some(Piece::Text(text, _)) = pieces.last_mut() {
        let length = text.trim_end_matches('\n').len();
        text.truncate(length);
        if !text.is_empty() {
            break;
        }
        pieces.pop();
    }
    let mut trimmed = Value::default();
    for piece in pieces {
        match piece {
            Piece::Text(text, span) => trimmed.push_text(text, span),
            Piece::Symbol(symbol) => trimmed.push_symbol(symbol),
        }
    }
    trimmed
}
