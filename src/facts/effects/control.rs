//! Loops and `case`: rounds are followed one by one, and what a loop waits for is taken to come.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::facts::effects::arg::Arg;
use crate::facts::effects::atoms::Atom;
use crate::facts::effects::atoms::is_known;
use crate::facts::effects::disk::Disk;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;
use crate::facts::runs::Flags;
use crate::shell;
use crate::shell::List;
use crate::shell::pattern::escaped;
use crate::shell::pattern::fits;

/// How many rounds of a loop are followed.
const MAX_ROUNDS: usize = 70;

/// What a round can change: the files, the variables, and what is left to read.
type State = (Disk, BTreeMap<String, Option<Rc<str>>>, Rc<str>);

/// How one round of a loop ended.
enum Round {
    /// It ended itself, with this status.
    Done(u8),
    /// By `continue`.
    Skipped,
    /// By `break`.
    Last,
}

impl Machine<'_, '_> {
    /// Follows one round. What leaves more than this loop goes on to the next one.
    fn round(&mut self, body: &List) -> Result<Round, Leave> {
        match self.list(body) {
            Ok(status) => Ok(Round::Done(status)),
            Err(Leave::Break(level)) if level <= 1 => Ok(Round::Last),
            Err(Leave::Break(level)) => Err(Leave::Break(level - 1)),
            Err(Leave::Continue(level)) if level <= 1 => Ok(Round::Skipped),
            Err(Leave::Continue(level)) => Err(Leave::Continue(level - 1)),
            Err(other) => Err(other),
        }
    }

    pub(super) fn rounds(&mut self, until: bool, condition: &List, body: &List) -> Flow {
        let mut status = 0;
        let mut last: Option<State> = None;
        let asked = self.world.oracle.asked();
        for _ in 0..MAX_ROUNDS {
            let waiting = std::mem::replace(&mut self.waiting, true);
            // What nobody knows is what the loop waits for, and that comes.
            let goes_on = self.holds(condition).map(|holds| holds != until);
            self.waiting = waiting;
            let goes_on = goes_on?;
            if !goes_on {
                return Ok(status);
            }
            match self.round(body)? {
                Round::Done(done) => status = done,
                Round::Skipped => {}
                Round::Last => return Ok(0),
            }
            let now = (self.disk.clone(), self.variables.clone(), Rc::clone(&self.input));
            if last.as_ref() == Some(&now) {
                // Nothing will ever be different.
                self.fail("waits", None, "it waits for what never comes about");
                return Err(Leave::Exit(1));
            }
            last = Some(now);
        }
        // Another answer may have ended it.
        self.gave_up_waiting = self.world.oracle.asked() > asked;
        Err(Leave::Lost)
    }

    /// Whether a text begins with a name that a pattern has found, and so with no slash.
    pub(super) fn is_name(&self, text: &str) -> bool {
        let atom = text.chars().next().and_then(|letter| self.world.atoms.get(letter));
        matches!(atom, Some(Atom::Made(how)) if how.starts_with("name\n"))
    }

    /// A word, or one of the names that a pattern stands for.
    pub(super) fn one_of(&mut self, word: Arg) -> String {
        if !word.globs {
            return word.text;
        }
        let name = self.world.atoms.made("name", &word.text);
        match word.text.rsplit_once('/') {
            Some((above, _)) => format!("{above}/{name}"),
            None => name.to_string(),
        }
    }

    pub(super) fn each(&mut self, variable: &str, mut items: Vec<String>, body: &List) -> Flow {
        if items.len() > MAX_ROUNDS {
            // One stands for them all.
            let one = self.world.atoms.made("each of", &items.join(" "));
            items = vec![one.to_string()];
        }
        let mut status = 0;
        let mut items = items.into_iter();
        let mut before = None;
        while let Some(item) = items.next() {
            self.variables.insert(variable.to_owned(), Some(item.into()));
            self.watched.push((variable.to_owned(), false));
            let round = self.round(body);
            let is_read = self.watched.pop().is_none_or(|(_, is_read)| is_read);
            match round? {
                Round::Done(done) => status = done,
                Round::Skipped => {}
                Round::Last => return Ok(0),
            }
            if is_read || items.as_slice().is_empty() {
                continue;
            }
            // Nothing asks which round it is, so one that changes nothing is like all that follow.
            let now = self.left_by_round(variable);
            if before.as_ref() == Some(&now)
                && let Some(last) = items.next_back()
            {
                self.variables.insert(variable.to_owned(), Some(last.into()));
                break;
            }
            before = Some(now);
        }
        Ok(status)
    }

    /// All that a round can have changed but the variable of its loop.
    fn left_by_round(&self, variable: &str) -> (State, (String, Flags, usize, u32)) {
        let mut variables = self.variables.clone();
        variables.remove(variable);
        let output = self.outputs.last().map_or(0, String::len);
        let rest = (self.folder.clone(), self.flags, output, self.world.atoms.made_anew());
        ((self.disk.clone(), variables, Rc::clone(&self.input)), rest)
    }

    pub(super) fn case(&mut self, subject: &str, arms: &[shell::Arm]) -> Flow {
        let mut falls = false;
        for arm in arms {
            let mut is_it = falls;
            for pattern in &arm.patterns {
                is_it = is_it || self.fits(subject, pattern)?;
            }
            if is_it {
                let status = self.list(&arm.body)?;
                if !arm.falls_through {
                    return Ok(status);
                }
                falls = true;
            }
        }
        Ok(0)
    }

    /// Whether a text fits a pattern of `case` or `[[`.
    pub(super) fn fits(&mut self, subject: &str, pattern: &shell::Word) -> Flow<bool> {
        let pattern = self.pattern(pattern)?;
        if pattern == "*" || escaped(subject) == pattern {
            return Ok(true);
        }
        let known = if is_known(subject) && is_known(&pattern) { fits(&pattern, subject) } else { None };
        if let Some(known) = known {
            return Ok(known);
        }
        Ok(self.ask(&format!("case {pattern} {subject}"), &[1, 0]) == 1)
    }
}
