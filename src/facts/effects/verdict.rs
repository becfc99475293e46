//! Runs a container several times, in each world that is possible, and compares what it leaves.
//!
//! A world counts if the first run succeeds in it, because a container that always fails never runs a second time
//! on what it has made. What is said of a write holds in all worlds in which it is done.

use std::rc::Rc;

use crate::facts::effects::atoms::Atoms;
use crate::facts::effects::atoms::Renumbered;
use crate::facts::effects::disk::Disk;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::machine::Event;
use crate::facts::effects::machine::Failure;
use crate::facts::effects::machine::MAX_CUTS;
use crate::facts::effects::machine::Site;
use crate::facts::effects::machine::World;
use crate::facts::effects::once::Outcome;
use crate::facts::effects::once::run_once;
use crate::facts::effects::setting::Setting;
use crate::facts::effects::writes::Interrupt;
use crate::facts::effects::writes::Second;
use crate::facts::effects::writes::Verdict;
use crate::facts::effects::writes::Write;

/// How many worlds are looked at.
const MAX_WORLDS: usize = 40;
/// In how many of them it is looked at what becomes of runs that are cut off.
const MAX_CUT_WORLDS: usize = 12;
/// How many failures of one run are told of.
const MAX_FAILURES: usize = 12;
/// The run that follows one that was cut off.
const AFTER_CUT: u8 = 9;

/// What is said of the last of these containers, before which the others run.
pub(super) fn of<'a>(settings: &[Setting<'_, 'a>], outlives_pod: impl Fn(&Place) -> bool) -> Verdict<'a> {
    let mut judge = Judge::new(settings, &outlives_pod);
    let mut world = World { atoms: Atoms::new(), ..World::default() };
    let mut valid = judge.worlds(&mut world);
    if valid == Some(0) {
        // It needs something to be there that nothing here makes.
        world = World { atoms: Atoms::new(), inhabited: true, ..World::default() };
        valid = judge.worlds(&mut world);
    }
    let is_opaque = judge.is_opaque;
    let mut writes = judge.writes;
    if is_opaque {
        // It may have taken away what is in the way.
        let unsure = writes.iter_mut().filter(|write| write.second() != Second::Same);
        unsure.for_each(|write| write.seen.push(Second::Unknown));
    }
    writes.retain(|write| !write.seen.is_empty());
    let worst = writes.iter().map(Write::second).fold(Second::Same, |worst, second| match (worst, second) {
        (Second::Same, second) => second,
        (Second::Unknown, second) if second != Second::Same => second,
        (worst, _) => worst,
    });
    let known = valid.is_some_and(|valid| valid > 0) && !judge.is_blind && !judge.is_unseen;
    // What is otherwise where the image is otherwise is not known.
    let depends = judge.is_fine && world.oracle.asks_for_paths;
    let idempotent = match worst {
        Second::Drifts | Second::Corrupts | Second::Fails if depends => None,
        Second::Drifts | Second::Corrupts | Second::Fails if valid.is_some() => Some(false),
        Second::Same if known => Some(true),
        _ => None,
    };
    let is_sure = idempotent != Some(true) || !world.spares || {
        let mut other = Judge { valid: MAX_CUT_WORLDS, ..Judge::new(settings, &outlives_pod) };
        let mut lacking = World { atoms: Atoms::new(), lacks: true, inhabited: world.inhabited, ..World::default() };
        other.worlds(&mut lacking);
        doubt(&mut writes, &other.writes)
    };
    let idempotent = idempotent.filter(|_| is_sure);
    if valid.is_none() {
        // What was not seen may be otherwise.
        for write in &mut writes {
            write.seen.push(Second::Unknown);
        }
    }
    for write in &mut writes {
        write.path = world.atoms.shown(&write.path);
    }
    Verdict { writes, idempotent }
}

/// Takes back what is said of writes that do otherwise where something is missing; false if there are any.
fn doubt(writes: &mut [Write<'_>], lacking: &[Write<'_>]) -> bool {
    let mut is_sure = true;
    for other in lacking.iter().filter(|other| other.seen.iter().any(|seen| *seen != Second::Same)) {
        is_sure = false;
        for write in writes.iter_mut().filter(|write| write.site.range == other.site.range) {
            write.seen.push(Second::Unknown);
        }
    }
    is_sure
}

/// What is said of a write in one world, and why.
type Said = (Second, Option<&'static str>);

#[expect(clippy::struct_excessive_bools, reason = "each is noted by itself")]
struct Judge<'j, 'r, 'a> {
    settings: &'j [Setting<'r, 'a>],
    outlives_pod: &'j dyn Fn(&Place) -> bool,
    writes: Vec<Write<'a>>,
    /// Whether something is written of which nobody knows where.
    is_blind: bool,
    /// Whether nothing is wrong in some world.
    is_fine: bool,
    /// How many worlds count so far.
    valid: usize,
    /// Whether a container before it does what nobody can tell.
    is_opaque: bool,
    /// Whether there is a world in which it waits for so long that nobody follows it.
    is_unseen: bool,
}

impl<'j, 'r, 'a> Judge<'j, 'r, 'a> {
    fn new(settings: &'j [Setting<'r, 'a>], outlives_pod: &'j dyn Fn(&Place) -> bool) -> Self {
        Self {
            settings,
            outlives_pod,
            writes: Vec::new(),
            is_blind: false,
            is_fine: false,
            valid: 0,
            is_opaque: false,
            is_unseen: false,
        }
    }

    /// Looks at all worlds; how many of them count, none if there are too many or they can't be followed.
    fn worlds(&mut self, world: &mut World<'a>) -> Option<usize> {
        let mut valid = 0;
        for _ in 0..MAX_WORLDS {
            valid += usize::from(self.world(world)?);
            if !world.oracle.next_world() {
                return Some(valid);
            }
        }
        None
    }

    /// Looks at one world; whether it counts.
    fn world(&mut self, world: &mut World<'a>) -> Option<bool> {
        let before = self.run_others(world, Disk::default(), 1);
        let looks_at_cuts = self.valid < MAX_CUT_WORLDS;
        let first = self.run(world, before, (1, looks_at_cuts), &[]);
        if first.status.is_none() && first.gave_up_waiting {
            // What it does once its time is over is not known; what it does if all goes well is.
            self.is_unseen = true;
            return Some(false);
        }
        if first.status? != 0 {
            return Some(false);
        }
        for event in &first.events {
            self.write(event);
        }
        self.note_blind(&first);
        let mut failures = Vec::new();
        let made = world.atoms.made_anew();
        let second = self.run_again(world, &first, 2, &mut failures)?;
        // What changes nothing and makes nothing does so again.
        let is_sure = failures.is_empty() && !has_unknown(world, &second.disk);
        let is_same = is_sure && second.disk == first.disk && world.atoms.made_anew() == made;
        let third = if is_same { second.clone() } else { self.run_again(world, &second, 3, &mut failures)? };
        let bad = self.compare(world, &first, (&second, &third), &failures);
        if looks_at_cuts {
            self.interrupt(world, &first, &bad, &failures);
        } else {
            // What was not looked at may be otherwise, but not for the better.
            for event in &first.events {
                let at = self.write(event);
                if !self.writes[at].cut.contains(&Interrupt::Unsafe) {
                    self.writes[at].cut.push(Interrupt::Unknown);
                }
            }
        }
        self.valid += 1;
        Some(true)
    }

    /// Runs it on what the run before left. Where it fails that is noted, and it is run as if it had not.
    fn run_again(
        &mut self,
        world: &mut World<'a>,
        last: &Outcome<'a>,
        run: u8,
        failures: &mut Vec<Failure<'a>>,
    ) -> Option<Outcome<'a>> {
        let disk = self.run_others(world, last.disk.clone(), run);
        loop {
            let excused: Vec<_> = failures.iter().map(|failure| failure.site.range.clone()).collect();
            let outcome = self.run(world, disk.clone(), (run, false), &excused);
            if outcome.status? == 0 || failures.len() >= MAX_FAILURES {
                return Some(outcome);
            }
            let Some(failure) = &outcome.failure else { return Some(outcome) };
            let is_new = !failures.iter().any(|known| same_site(&known.site, &failure.site));
            if !is_new {
                return Some(outcome);
            }
            failures.push(failure.clone());
            if failure.place.is_none() {
                return Some(outcome);
            }
        }
    }

    /// Runs the containers before the last one.
    fn run_others(&mut self, world: &mut World<'a>, mut disk: Disk, run: u8) -> Disk {
        for setting in &self.settings[..self.settings.len() - 1] {
            let outcome = run_once(world, setting, disk, (run, false), &[]);
            self.is_opaque |= outcome.status.is_none() || !outcome.blind.is_empty();
            disk = outcome.disk;
        }
        disk
    }

    fn run(
        &self,
        world: &mut World<'a>,
        disk: Disk,
        (run, cuts): (u8, bool),
        excused: &[std::ops::Range<usize>],
    ) -> Outcome<'a> {
        let setting = self.settings.last().expect("there is a container to judge");
        run_once(world, setting, disk, (run, cuts), excused)
    }

    /// The write of an event, new or known.
    fn write(&mut self, event: &Event<'a>) -> usize {
        let is_it = |write: &Write<'a>| same_site(&write.site, &event.site) && write.path == event.path;
        if let Some(at) = self.writes.iter().position(is_it) {
            return at;
        }
        let Event { site, operation, place, path, why } = event.clone();
        self.writes.push(Write { site, operation, path, place: Some(place), why, seen: Vec::new(), cut: Vec::new() });
        self.writes.len() - 1
    }

    fn note_blind(&mut self, outcome: &Outcome<'a>) {
        for site in &outcome.blind {
            self.is_blind = true;
            let is_it = |write: &Write<'a>| same_site(&write.site, site) && write.path.is_empty();
            if !self.writes.iter().any(is_it) {
                let (site, seen, cut) = (site.clone(), vec![Second::Unknown], vec![Interrupt::Unknown]);
                let why = "nobody can tell where it writes";
                self.writes.push(Write {
                    site,
                    operation: "unknown",
                    path: String::new(),
                    place: None,
                    why,
                    seen,
                    cut,
                });
            }
        }
    }

    fn compare(
        &mut self,
        world: &mut World<'a>,
        first: &Outcome<'a>,
        (second, third): (&Outcome<'a>, &Outcome<'a>),
        failures: &[Failure<'a>],
    ) -> Vec<Place> {
        let mut bad = Vec::new();
        let mut said: Vec<Option<Said>> = vec![None; self.writes.len()];
        for outcome in [second, third] {
            for event in &outcome.events {
                let at = self.write(event);
                said.resize(self.writes.len(), None);
                said[at].get_or_insert((Second::Same, None));
            }
        }
        for event in &first.events {
            let at = self.write(event);
            said[at].get_or_insert((Second::Same, None));
        }
        for (before, after) in [(first, second), (second, third)] {
            if after.status != Some(0) {
                continue;
            }
            let places: Vec<Place> = before.disk.differing(&after.disk).cloned().collect();
            for place in places {
                // What another container left otherwise is its affair.
                let Some(event) = cause(after, &place).filter(|event| !is_log(event)) else { continue };
                bad.push(place.clone());
                let how = self.difference(world, event, after.disk.get(&place));
                let at = self.write(event);
                let known = said[at].map_or(Second::Same, |(second, _)| second);
                let worse = how > known && how != Second::Unknown || known == Second::Unknown;
                if known == Second::Same || worse {
                    said[at] = Some((how, Some(event.why)));
                }
            }
        }
        for failure in failures {
            let at = self.failed(failure, first);
            said.resize(self.writes.len(), None);
            said[at] = Some((Second::Fails, Some(failure.why)));
        }
        self.doubt((second, third), &mut said);
        // A world in which nothing is done says nothing of what is done elsewhere.
        let mut said_of_writes = said.iter().flatten().peekable();
        self.is_fine |= said_of_writes.peek().is_some() && said_of_writes.all(|(second, _)| *second == Second::Same);
        for (write, said) in self.writes.iter_mut().zip(said) {
            if let Some((second, why)) = said {
                write.seen.push(second);
                if let Some(why) = why.filter(|why| !why.is_empty()) {
                    write.why = why;
                }
            }
        }
        bad
    }

    /// Notes what nobody can tell about the second and third run.
    fn doubt(&mut self, (second, third): (&Outcome<'a>, &Outcome<'a>), said: &mut [Option<Said>]) {
        for event in second.events.iter().chain(&third.events) {
            if second.doubts.contains(&event.site.range) || third.doubts.contains(&event.site.range) {
                let at = self.write(event);
                said[at] = Some((Second::Unknown, None));
            }
        }
        for after in [second, third] {
            let unknown =
                after.disk.entries().filter(|(place, entry)| place.volume != ROOT && **entry == Entry::Unknown);
            for event in unknown.filter_map(|(place, _)| cause(after, place)) {
                let at = self.write(event);
                if said[at].is_none_or(|(second, _)| second == Second::Same) {
                    said[at] = Some((Second::Unknown, None));
                }
            }
        }
    }

    /// The write that failed, or one that says so.
    fn failed(&mut self, failure: &Failure<'a>, first: &Outcome<'a>) -> usize {
        let same = |write: &Write<'a>| same_site(&write.site, &failure.site);
        let exact = self.writes.iter().position(|write| same(write) && write.path == failure.path);
        if let Some(at) = exact.or_else(|| self.writes.iter().position(same)) {
            return at;
        }
        let about = first.events.last().map(|event| event.place.clone());
        self.writes.push(Write {
            site: failure.site.clone(),
            operation: if failure.operation.is_empty() { "check" } else { failure.operation },
            path: failure.path.clone(),
            place: failure.place.clone().or(about),
            why: failure.why,
            seen: Vec::new(),
            cut: vec![Interrupt::Safe],
        });
        self.writes.len() - 1
    }

    /// How bad it is that a place is not as it was.
    fn difference(&self, world: &World<'a>, event: &Event<'a>, entry: Option<&Entry>) -> Second {
        let texts: Vec<Rc<str>> = match entry {
            Some(Entry::Unknown) => return Second::Unknown,
            Some(Entry::File(content)) => vec![Rc::clone(content)],
            Some(Entry::Directory(trees)) => trees.clone(),
            _ => Vec::new(),
        };
        if texts.iter().any(|text| world.atoms.has_unknown(text)) {
            return Second::Unknown;
        }
        let is_fresh = texts.iter().any(|text| world.atoms.has_fresh(text));
        let kept = (self.outlives_pod)(&event.place);
        let has_syntax = [".json", ".yaml", ".yml", ".xml", ".toml"].iter().any(|end| event.path.ends_with(end));
        let breaks = event.operation == "append" && has_syntax || event.operation == "generate" && is_fresh && kept;
        if breaks { Second::Corrupts } else { Second::Drifts }
    }

    /// What becomes of it if the first run is cut off. What a full run comes to already (`bad`, `failures`) is no
    /// fault of the cut.
    fn interrupt(&mut self, world: &mut World<'a>, first: &Outcome<'a>, bad: &[Place], failures: &[Failure<'a>]) {
        let goal = canonical(world, &first.disk);
        let mut said: Vec<Interrupt> = vec![Interrupt::Safe; self.writes.len()];
        let known = |judge: &mut Self, event: &Event<'a>| judge.write(event);
        for (number, (count, disk)) in first.cuts.iter().enumerate() {
            let Some(event) = count.checked_sub(1).and_then(|at| first.events.get(at)) else { continue };
            let at = known(self, event);
            if number >= MAX_CUTS {
                said[at] = Interrupt::Unknown;
                continue;
            }
            // What is known not to be safe need not be looked at again.
            let Some(disk) = disk.as_ref().filter(|_| said[at] == Interrupt::Safe) else { continue };
            let excused: Vec<_> = failures.iter().map(|failure| failure.site.range.clone()).collect();
            let outcome = self.run(world, disk.clone(), (AFTER_CUT, false), &excused);
            let left = canonical(world, &outcome.disk);
            let is_own = |place: &Place| event.place.touches(place);
            let differs = left.differing(&goal).any(|place| !bad.contains(place) || is_own(place));
            let how = match outcome.status {
                None => Interrupt::Unknown,
                Some(0) if !differs => Interrupt::Safe,
                Some(_) if has_unknown(world, &outcome.disk) => Interrupt::Unknown,
                Some(_) if is_log(event) => Interrupt::Safe,
                Some(_) => Interrupt::Unsafe,
            };
            said[at] = how;
        }
        for event in &first.events {
            let at = known(self, event);
            let how = said[at];
            self.writes[at].cut.push(how);
        }
    }
}

fn same_site(one: &Site<'_>, other: &Site<'_>) -> bool {
    Rc::ptr_eq(&one.script, &other.script) && one.range == other.range
}

/// The write that has left a place as it is.
fn cause<'o, 'a>(after: &'o Outcome<'a>, place: &Place) -> Option<&'o Event<'a>> {
    let last = |is_it: fn(&Place, &Place) -> bool| after.events.iter().rev().find(|event| is_it(&event.place, place));
    let event = last(Place::eq).or_else(|| last(Place::touches)).or_else(|| last(is_beside))?;
    // Of several that add to it the first one is told of.
    let is_first = |other: &&Event<'a>| other.operation == "append" && other.place == event.place;
    after.events.iter().find(is_first).filter(|_| event.operation == "append").or(Some(event))
}

/// Whether a file was made along with another one, as `key.pub` is with `key`.
fn is_beside(one: &Place, other: &Place) -> bool {
    one.volume == other.volume && !one.path.is_empty() && other.path.starts_with(one.path.as_str())
}

/// To a log everybody adds.
fn is_log(event: &Event<'_>) -> bool {
    event.operation == "append"
        && (event.path.strip_suffix(".log").is_some() || event.path.contains("/log/") || event.path.contains("/logs/"))
}

fn canonical(world: &mut World<'_>, disk: &Disk) -> Disk {
    let mut seen = Renumbered::default();
    let is_fresh = disk.entries().any(|(_, entry)| match entry {
        Entry::File(content) => world.atoms.has_fresh(content),
        Entry::Directory(trees) => trees.iter().any(|tree| world.atoms.has_fresh(tree)),
        _ => false,
    });
    if is_fresh { disk.mapped(|text| world.atoms.renumbered(text, &mut seen)) } else { disk.clone() }
}

fn has_unknown(world: &World<'_>, disk: &Disk) -> bool {
    disk.entries().filter(|(place, _)| place.volume != ROOT).any(|(_, entry)| match entry {
        Entry::Unknown => true,
        Entry::File(content) => world.atoms.has_unknown(content),
        Entry::Directory(trees) => trees.iter().any(|tree| world.atoms.has_unknown(tree)),
        _ => false,
    })
}
