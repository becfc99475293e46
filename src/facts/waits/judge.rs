//! What two courses of a loop say about the wait that it is.

use crate::facts::waits::course::Course;
use crate::facts::waits::course::Ended;
use crate::facts::waits::draft::Draft;
use crate::facts::waits::draft::Effect;
use crate::facts::waits::draft::Fault;
use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Status;
use crate::facts::waits::probe::Known;
use crate::facts::waits::probe::Seen;
use crate::shell::Command;
use crate::shell::CommandKind;

/// The wait that a loop is; none if it only asks something and waits for nothing. `up` is how it goes if what it asks
/// for is there, `down` if it is not.
pub(super) fn of_loop<'a>(command: &Command, up: &Course, down: &Course, seen: Vec<Seen<'a>>) -> Option<Draft<'a>> {
    let best = seen.iter().map(|seen| seen.known).min()?;
    if !waits(command, up, down, &seen, best) {
        return None;
    }
    let (bounded, seconds) = bound(command, down);
    let (mut effect, mut fault) = effect(up, down);
    if best == Known::File && fault == Some(Fault::Inverted) {
        // Until somebody has taken the file away.
        (effect, fault) = (Effect::Yes, None);
    }
    let is_doubtful = [up, down].iter().any(|course| course.notes.doubtful || course.notes.rests_on_output);
    if best == Known::No || (effect == Effect::No && is_doubtful) {
        (effect, fault) = (Effect::Unknown, None);
    }
    let trap = seen.iter().find_map(|seen| seen.trap).or(down.notes.trap).or(up.notes.trap);
    let fails = match (down.flow, down.status) {
        (Flow::Exit, Status::Is(code)) => Some(code != 0),
        _ => None,
    };
    Some(Draft {
        reason: trap.filter(|_| effect == Effect::No),
        rests_on_output: [up, down].iter().any(|course| course.notes.rests_on_output || course.notes.compares_output),
        range: None,
        seen,
        bounded,
        seconds,
        effect,
        fault,
        fails,
        is_busy: down.notes.slept == 0 && bounded == Some(false),
        unlimited: down.notes.unlimited,
        shared: 0,
    })
}

/// Whether a loop is there to wait.
fn waits(command: &Command, up: &Course, down: &Course, seen: &[Seen<'_>], best: Known) -> bool {
    let is_asked = seen.iter().any(|seen| seen.asked);
    let sleeps = down.notes.slept > 0 || up.notes.slept > 0;
    let succeeds = match up.flow {
        Flow::Exit | Flow::Return => up.status.holds() != Some(false),
        _ => true,
    };
    let leaves = up.ended == Ended::Left && succeeds;
    let lasts = down.rounds > up.rounds || (down.ended == Ended::Never && up.ended != Ended::Never);
    match command.kind {
        CommandKind::Loop { .. } if is_asked => best == Known::Program || sleeps,
        CommandKind::Loop { .. } => (leaves || lasts) && (sleeps || best == Known::Program),
        _ => (leaves || lasts) && sleeps,
    }
}

fn bound(command: &Command, down: &Course) -> (Option<bool>, Option<u64>) {
    let seconds = Some(down.seconds).filter(|_| !down.notes.unknown_time);
    match down.ended {
        Ended::Itself | Ended::Left => (Some(true), seconds.filter(|_| !down.notes.leaves_by_count)),
        Ended::Never => (Some(false), None),
        Ended::Perhaps => (Some(down.notes.leaves_by_count), None),
        // Only a list has an end that is further away than loops are followed.
        Ended::Lost => (Some(matches!(command.kind, CommandKind::For { .. })), None),
    }
}

fn effect(up: &Course, down: &Course) -> (Effect, Option<Fault>) {
    let down_goes_on = matches!(down.ended, Ended::Itself | Ended::Left)
        && (matches!(down.flow, Flow::Next | Flow::Return | Flow::Continue(_) | Flow::Break(_))
            || (down.flow == Flow::Exit && down.status.holds() == Some(true)));
    match up.ended {
        // `timeout` ended it although everything was there.
        _ if up.flow == Flow::TimedOut && up.notes.may_leave => (Effect::Unknown, None),
        _ if up.flow == Flow::TimedOut && down_goes_on => (Effect::No, Some(Fault::Inverted)),
        _ if up.flow == Flow::TimedOut => (Effect::No, Some(Fault::NeverEnds)),
        Ended::Never if down_goes_on => (Effect::No, Some(Fault::Inverted)),
        Ended::Never => (Effect::No, Some(Fault::NeverEnds)),
        Ended::Perhaps | Ended::Lost => (Effect::Unknown, None),
        Ended::Itself | Ended::Left => {
            let is_same = down.rounds <= up.rounds && down_goes_on;
            if is_same { (Effect::No, Some(Fault::NeverWaits)) } else { (Effect::Yes, None) }
        }
    }
}
