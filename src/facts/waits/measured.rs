//! Following waits one after the other as if each had to wait for as long as it can.

use crate::facts::waits::late::Late;
use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::World;
use crate::shell::Command;

impl Machine<'_, '_> {
    /// Whether a loop is one of those that are measured.
    pub(super) fn is_measured(&self, command: &Command) -> bool {
        let is_one = |late: &Late| late.loops.contains(&self.place.range(&command.range));
        matches!(self.world, World::Up) && self.late.as_ref().is_some_and(is_one)
    }

    /// Follows a wait as if what it asks for came at its very end.
    pub(super) fn measured(&mut self, command: &Command) -> Flow {
        let before = (self.state.clone(), self.clock, self.flags, self.functions.clone());
        let there = self.seen.iter().map(|seen| seen.key.clone()).collect();
        self.world = World::AllBut(there);
        let took = self.course(command).seconds;
        self.world = World::Up;
        (self.state, self.clock, self.flags, self.functions) = before;
        let range = self.place.range(&command.range);
        self.late.iter_mut().for_each(|late| late.met.push((range.clone(), took)));
        let flow = self.course(command).flow;
        self.clock = self.clock.saturating_add(took);
        flow
    }
}
