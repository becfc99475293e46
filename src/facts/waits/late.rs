//! How long the waits of one script take together at worst: what each of them waits for comes at the last moment, and
//! the next one begins only then.
//!
//! Waits that each have a clock of their own take as long as all of them; those that look at one clock take hardly
//! longer than one.

use std::ops::Range;

use crate::facts::waits::draft::Draft;

/// Waits that are measured one after the other.
#[derive(Default)]
pub(super) struct Late {
    /// The bytes of their loops.
    pub(super) loops: Vec<Range<usize>>,
    /// The loops that were met, in order, and how long each took.
    pub(super) met: Vec<(Range<usize>, u64)>,
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
