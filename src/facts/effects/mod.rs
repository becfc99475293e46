//! What init containers do to volumes, and what comes of it when they do it again.
//!
//! Facts of a pod: `writes` lists what its init containers write, and `reruns` says of each of them that has a kept
//! volume whether it can run again (`idempotent`). An abstract run over a symbolic disk, done several times: see
//! `verdict` for what is compared, `machine` for what is run, `programs` for the table of programs.

mod atoms;
mod oracle;
mod disk;
mod arg;
mod options;
mod setting;
mod machine;
mod control;
mod paths;
mod files;
mod modes;
mod words;
mod redirects;
mod test;
mod basic;
mod copies;
mod moves;
mod links;
mod print;
mod edits;
mod archives;
mod packing;
mod git;
mod secrets;
mod others;
mod programs;
mod simple;
mod once;
mod writes;
mod verdict;
mod remedy;

use crate::facts::book::Book;
use crate::facts::effects::setting::Setting;
use crate::facts::effects::writes::Interrupt;
use crate::facts::effects::writes::Second;
use crate::facts::effects::writes::Verdict;
use crate::facts::effects::writes::Write;
use crate::facts::kept;
use crate::facts::kept::Keeps;
use crate::facts::runs::Run;
use crate::facts::runs::Text;
use crate::facts::surroundings::Surroundings;
use crate::model::Pod;
use crate::model::Role;
use crate::render::Resource;
use crate::yaml::NodeId;

/// How many init containers of a pod are judged.
const MAX_JUDGED: usize = 20;

pub(super) fn infer(
    around: &Surroundings<'_>,
    resource: &Resource,
    (pod, runs): (Pod<'_>, &[Run<'_>]),
    book: &mut Book,
    facts: NodeId,
) {
    let volumes = kept::volumes(resource, pod);
    if volumes.is_empty() {
        return;
    }
    let mut settings = Vec::new();
    for run in runs.iter().filter(|run| run.container.role == Role::Init).take(MAX_JUDGED) {
        let Some(setting) = Setting::of(run, &around.scripts, &volumes) else { continue };
        if !setting.keeps_anything() {
            continue;
        }
        settings.push(setting);
        let outlives = |place: &disk::Place| volume(&volumes, place).is_some_and(|keeps| keeps.outlives_pod);
        let verdict = verdict::of(&settings, outlives);
        note(run, &verdict, &volumes, book, facts);
    }
}

fn volume<'v>(volumes: &'v [Keeps], place: &disk::Place) -> Option<&'v Keeps> {
    volumes.get(usize::from(place.volume).checked_sub(1)?)
}

fn note(run: &Run<'_>, verdict: &Verdict<'_>, volumes: &[Keeps], book: &mut Book, facts: NodeId) {
    let container = run.container;
    let about = container.node.get("name").unwrap_or(container.node);
    let item = book.item(facts, "reruns", about);
    book.text(item, "container", container.name());
    book.verdict(item, "idempotent", verdict.idempotent.map(|yes| if yes { "yes" } else { "no" }));
    for write in &verdict.writes {
        note_write(run, write, volumes, book, facts);
    }
}

fn note_write(run: &Run<'_>, write: &Write<'_>, volumes: &[Keeps], book: &mut Book, facts: NodeId) {
    let container = run.container;
    let text = &write.site.script.text;
    // The text may be in another object, or in none.
    let own = text.node().filter(|node| std::ptr::eq(node.tree(), container.node.tree()));
    let argv = run.argv.iter().flatten().find_map(Text::node);
    let about = own.or(argv.filter(|_| text.node().is_none())).unwrap_or(container.node);
    let command = text.as_str().get(write.site.range.clone()).unwrap_or("").lines().next().unwrap_or("").trim_end();
    let start = write.site.range.start;
    let span = text.span(start..start + command.len()).unwrap_or(about.span());
    let item = book.item_at(facts, "writes", about, span);
    let words = || {
        let words: Vec<&str> = run.argv.iter().flatten().map(|word| word.literal().unwrap_or("…")).collect();
        words.join(" ")
    };
    let keeps = write.place.as_ref().and_then(|place| volume(volumes, place));
    book.text(item, "container", container.name());
    book.text(item, "command", &if command.is_empty() { words() } else { command.to_owned() });
    book.text(item, "path", &write.path);
    book.text(item, "volume", keeps.map_or("", |keeps| keeps.names[0].as_str()));
    book.text(item, "volumeKind", keeps.map_or("", |keeps| keeps.kind.as_str()));
    book.text(item, "kept", if keeps.is_some_and(|keeps| keeps.outlives_pod) { "longer" } else { "pod" });
    let is_root =
        write.place.as_ref().is_some_and(|place| place.path.is_empty()) && keeps.is_some_and(|keeps| keeps.is_claim);
    book.text(item, "root", if is_root { "yes" } else { "no" });
    book.text(item, "operation", write.operation);
    let second = match write.second() {
        Second::Same => Some("same"),
        Second::Drifts => Some("drifts"),
        Second::Corrupts => Some("corrupts"),
        Second::Fails => Some("fails"),
        Second::Unknown => None,
    };
    book.verdict(item, "secondRun", second);
    let interrupt = match write.interrupt() {
        Interrupt::Safe => Some("safe"),
        Interrupt::Unsafe => Some("unsafe"),
        Interrupt::Unknown => None,
    };
    book.verdict(item, "afterInterrupt", interrupt);
    let reason = match second {
        Some("same") if interrupt == Some("unsafe") => HALF,
        Some("same") => "",
        _ => write.why,
    };
    book.text(item, "reason", reason);
    if second != Some("same") && remedy::stands_alone(&write.site.script.tree.body, &write.site.range) {
        let whole = text.as_str().get(write.site.range.clone()).unwrap_or("");
        let remedies = remedy::of(whole, write.operation).into_iter();
        book.remedies(item, remedies.map(|(range, new)| (text.verbatim(start + range.start..start + range.end), new)));
    }
}

/// Why a write that comes out the same is not safe.
const HALF: &str =
    "broken off half-way, it leaves a part that the next run takes for the whole; write to another name and `mv` it";

#[cfg(test)]
mod tests;
