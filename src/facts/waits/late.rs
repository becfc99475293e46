//! How long the waits of one script take together at worst: what each of them waits for comes at the last moment, and
//! the next one begins only then.
//!
//! Waits that each have a clock of their own take as long as all of them; those that look at one clock take hardly
//! longer than one.

use std::ops::Range;

use crate::facts::waits::draft::Draft;
use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::World;
use crate::shell::Command;

/// Waits that are measured one after the other.
#[derive(Default)]
pub(super) struct Late {
    /// The bytes of their loops.
    loops: Vec<Range<usize>>,
    /// The loops that were met, in order, and how long each took.
    met: Vec<(Range<usize>, u64)>,
}

impl Late {
    /// None of them met yet.
    pub(super) fn of(drafts: &[Draft<'_>]) -> Self {
        Self { loops: drafts.iter().filter_map(|draft| draft.range.clone()).collect(), met: Vec::new() }
    }

    /// Says of each wait how much of its time is over when it begins.
    pub(super) fn tell(&self, drafts: &mut [Draft<'_>]) {
        let mut met = self.met.iter();
        for draft in drafts {
            let (Some(range), Some(seconds)) = (&draft.range, draft.seconds) else { continue };
            let Some((_, took)) = met.find(|(own, _)| own == range) else { return };
            draft.shared = seconds.saturating_sub(*took);
        }
    }
}

impl Machine<'_, '_> {
    /// Whether a loop is one of those that are measured.
    pub(super) fn is_measured(&self, command: &Command) -> bool {
        let own = self.place.range(&command.range);
        self.late.as_ref().is_some_and(|late| late.loops.contains(&own)) && matches!(self.world, World::Up)
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
