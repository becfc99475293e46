//! Loops that count: where one round after the other does the same but for numbers that go on by the same step, what
//! many more of them come to is reckoned, not followed.
//!
//! What a number decides is decided by comparisons. So it is noted of each round how far apart the sides of each were:
//! until one of these distances comes to nothing, each round goes as the last one did. Where a number is used for
//! anything else, such as a name or a pattern, nothing is skipped.

use crate::facts::runs::Value;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Notes;
use crate::facts::waits::machine::State;
use crate::facts::waits::pace::Mark;

/// How things stood when a round was over.
pub(super) struct Stand {
    state: State,
    clock: u64,
    notes: Notes,
    odd: u32,
    /// What the round compared, and how often it skipped.
    apart: Vec<i64>,
    skipped: Vec<u32>,
}

impl Stand {
    /// What the variables and arguments were.
    pub(super) fn state(&self) -> &State {
        &self.state
    }
}

impl Machine<'_, '_> {
    /// How things stand now that a round is over.
    pub(super) fn stand(&self, since: Mark) -> Stand {
        Stand {
            state: self.state.clone(),
            clock: self.clock,
            notes: self.notes.clone(),
            odd: self.pace.odd,
            apart: self.pace.apart[since.apart..].to_vec(),
            skipped: self.pace.skipped[since.skipped..].to_vec(),
        }
    }

    /// Skips rounds that go as the last two did, but not more than `most`; how many.
    pub(super) fn skip(&mut self, earlier: &Stand, last: &Stand, now: &Stand, most: u32) -> u32 {
        let Some(steps) = self.strides(earlier, last, now) else { return 0 };
        let Some(count) = rounds_alike(last, now).map(|count| count.min(u64::from(most))) else { return 0 };
        let seconds = now.clock - last.clock;
        let in_time = self.deadline.map(|deadline| deadline.saturating_sub(now.clock + 1).checked_div(seconds));
        let count = in_time.flatten().map_or(count, |in_time| in_time.min(count));
        let Ok(rounds) = u32::try_from(count) else { return 0 };
        if rounds == 0 {
            return 0;
        }
        for (name, value, step) in steps {
            let Some(value) = step.checked_mul(i64::from(rounds)).and_then(|more| value.checked_add(more)) else {
                return 0;
            };
            self.set(&name, Value::text(value.to_string(), None));
        }
        self.clock = now.clock.saturating_add(seconds.saturating_mul(count));
        self.notes.slept += (now.notes.slept - last.notes.slept).saturating_mul(rounds);
        self.notes.clock_reads += (now.notes.clock_reads - last.notes.clock_reads).saturating_mul(rounds);
        self.pace.skipped.push(rounds);
        rounds
    }

    /// The variables that go on by steps, what they hold, and their steps; none if anything else changes.
    fn strides(&self, earlier: &Stand, last: &Stand, now: &Stand) -> Option<Vec<(String, i64, i64)>> {
        let is_steady = last.clock - earlier.clock == now.clock - last.clock
            && earlier.odd == now.odd
            && last.skipped == now.skipped
            && last.state.status == now.state.status
            && last.state.arguments == now.state.arguments
            && last.state.variables.len() == now.state.variables.len()
            && now.notes.goes_on_as(&last.notes, &earlier.notes);
        if !is_steady {
            return None;
        }
        let mut steps = Vec::new();
        for ((name, new), (other, old)) in now.state.variables.iter().zip(&last.state.variables) {
            if name != other {
                return None;
            }
            if new == old {
                continue;
            }
            let (new, old) = (whole(new)?, whole(old)?);
            let oldest = whole(earlier.state.variables.get(name)?)?;
            let step = new.checked_sub(old)?;
            if self.pace.read.contains(name) || old.checked_sub(oldest) != Some(step) {
                return None;
            }
            steps.push((name.clone(), new, step));
        }
        Some(steps)
    }
}

/// How many more rounds go as the last two did, by what they compared; none if they did not go alike.
fn rounds_alike(last: &Stand, now: &Stand) -> Option<u64> {
    if last.apart.len() != now.apart.len() {
        return None;
    }
    let mut count = u64::MAX;
    for (before, apart) in last.apart.iter().zip(&now.apart) {
        let step = apart.checked_sub(*before)?;
        if step == 0 || (*apart > 0 && step > 0) || (*apart < 0 && step < 0) {
            continue;
        }
        // It stays on its side for as long as something is left between them.
        count = count.min(apart.unsigned_abs().checked_sub(1)? / step.unsigned_abs());
    }
    Some(count)
}

/// The number that a variable holds, if that is how numbers are written.
fn whole(values: &[Value]) -> Option<i64> {
    let [value] = values else { return None };
    let text = value.literal()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
