//! Writes of init containers that do not come out the same when the container runs again.
//!
//! Fact of a pod: `writes` lists them with `container`, `command`, `volume`, `kept` (`pod` for as long
//! as the pod, `longer` for claims and paths of the host), `effect` (`fails`, `drifts`) and `why`. What
//! is guarded, depends on variables, or can't be followed, has an effect that is not known. Only paths
//! on volumes count, and only failures that end the script. Which commands are meant is in `deeds`.

use std::ops::Range;

use crate::facts::argv;
use crate::facts::argv::Argv;
use crate::facts::book::Book;
use crate::facts::commands;
use crate::facts::commands::Command;
use crate::facts::deeds;
use crate::facts::deeds::Deed;
use crate::facts::deeds::Mending;
use crate::facts::kept::Mounts;
use crate::facts::kept::Place;
use crate::facts::kept::normal;
use crate::facts::words::Word;
use crate::model::Container;
use crate::model::Pod;
use crate::model::Role;
use crate::render::Resource;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::span_within;

/// Programs that leave files as they are, whatever paths they are given.
const READERS: [&str; 20] = [
    "[", "[[", "cat", "cd", "chgrp", "chmod", "chown", "date", "du", "echo", "env", "export", "grep", "id", "ls",
    "printf", "set", "sleep", "stat", "test",
];

/// Programs that only make what is missing.
const MAKERS: [&str; 3] = ["install", "mkdir", "touch"];

/// Programs that take away or replace what is there.
const REMOVERS: [&str; 6] = ["find", "mv", "rm", "rmdir", "rsync", "unlink"];

/// Programs that change nothing but what they are given the path of, or their working directory.
const KNOWN: [&str; 32] = [
    "apk",
    "apt-get",
    "awk",
    "base64",
    "bunzip2",
    "bzip2",
    "cp",
    "curl",
    "cut",
    "envsubst",
    "exit",
    "git",
    "gunzip",
    "gzip",
    "head",
    "initdb",
    "jq",
    "keytool",
    "ln",
    "mkfifo",
    "mknod",
    "openssl",
    "sed",
    "sort",
    "ssh-keygen",
    "tail",
    "tar",
    "tee",
    "tr",
    "true",
    "unzip",
    "wget",
];

/// Programs that write files whose names are not among their words.
const ARCHIVES: [&str; 3] = ["cpio", "tar", "unzip"];

/// Programs that run what is written somewhere else.
const RUNNERS: [&str; 7] = [".", "source", "eval", "sh", "bash", "ash", "python"];

/// What one init container runs.
struct Work<'a> {
    container: Container<'a>,
    mounts: Mounts,
    /// The text that the commands are in; none if they are words of their own.
    script: Option<Node<'a>>,
    /// The first word that is run, or the script.
    about: Node<'a>,
    commands: Vec<Command>,
    /// The working directory of each command; none if it can't be known, or is the image's.
    folders: Vec<Option<String>>,
}

pub(super) fn infer(resource: &Resource, pod: Pod<'_>, book: &mut Book, facts: NodeId) {
    let mut works = Vec::new();
    // Whether something ran before that nobody can follow and that may have cleaned a volume.
    let mut opaque = false;
    for container in pod.containers().filter(|container| container.role == Role::Init) {
        let Some(mounts) = Mounts::of(resource, pod, container) else {
            opaque = true;
            continue;
        };
        if !mounts.keep_anything() {
            continue;
        }
        let work = work(container, mounts);
        let Some(work) = work.filter(|work| work.script.is_some() || is_known(work.commands[0].program())) else {
            opaque = true;
            if let Some(name) = container.node.get("name") {
                let item = book.item(facts, "writes", name);
                book.text(item, "container", container.name());
                book.verdict(item, "effect", None);
            }
            continue;
        };
        works.push(work);
        let (last, before) = works.split_last().expect("one was just added");
        (0..last.commands.len()).for_each(|index| note(last, index, before, opaque, book, facts));
    }
}

/// Whether all that a program does to files is plain from its words.
fn is_known(program: &str) -> bool {
    [&READERS[..], &MAKERS, &REMOVERS, &KNOWN].iter().any(|programs| programs.contains(&program))
}

fn work(container: Container<'_>, mounts: Mounts) -> Option<Work<'_>> {
    let (about, script, commands) = match argv::of(container)? {
        Argv::Script { text, .. } if text.is_unknown() => return None,
        Argv::Script { text, stops } => (text, Some(text), commands::read(text.text(), stops)?),
        Argv::Words(words) => {
            let plain = words.iter().map(|word| Word::plain(word.text(), word.is_unknown())).collect();
            (*words.first()?, None, vec![Command { words: plain, fatal: true, ..Command::default() }])
        }
    };
    let start = container.node.get("workingDir").filter(|folder| !folder.is_unknown());
    let mut folder = start.and_then(|folder| normal("/", folder.text()));
    let mut folders = Vec::new();
    for command in &commands {
        folders.push(folder.clone());
        if matches!(command.program(), "cd" | "pushd" | "popd") {
            let to = command.words.get(1).filter(|to| to.is_literal() && !command.guarded);
            folder = to.and_then(|to| absolute(folder.as_deref(), &to.text));
        }
    }
    Some(Work { container, mounts, script, about, commands, folders })
}

/// Writes down the first thing that the command at `index` does, if it is a deed on a volume that is not mended.
fn note(work: &Work<'_>, index: usize, before: &[Work<'_>], opaque: bool, book: &mut Book, facts: NodeId) {
    let command = &work.commands[index];
    let image = work.container.node.get("image").map_or("", Node::text);
    let judged = deeds::of(command, image).find_map(|deed| {
        let (place, known) = unmended(work, index, before, image, &deed)?;
        Some((deed, place, known && !command.guarded && !opaque))
    });
    let Some((deed, place, known)) = judged else { return };
    let (span, text) = shown(work, command);
    let item = book.item_at(facts, "writes", work.about, span);
    book.text(item, "command", &text);
    book.text(item, "container", work.container.name());
    book.text(item, "volume", &place.volume);
    book.text(item, "kept", if place.outlives_pod { "longer" } else { "pod" });
    book.verdict(item, "effect", known.then_some(if deed.fails { "fails" } else { "drifts" }));
    book.text(item, "why", deed.why);
}

/// Where a deed is done that nothing mends, and whether that is certain.
fn unmended(work: &Work<'_>, index: usize, before: &[Work<'_>], image: &str, deed: &Deed<'_>) -> Option<(Place, bool)> {
    let command = &work.commands[index];
    if deed.fails && !command.fatal && !command.guarded {
        return None;
    }
    let (place, known) = target(work, index, deed)?;
    // To add to a file twice is one defect.
    let again = |earlier: usize| {
        let mut others = deeds::of(&work.commands[earlier], image).filter(|other| other.why == deed.why);
        others.any(|other| target(work, earlier, &other).is_some_and(|(other, _)| other == place))
    };
    if !deed.fails && (0..index).any(again) {
        return None;
    }
    let mended = mended(work, index, before, deed, &place);
    (mended != Some(true)).then_some((place, known && mended.is_some()))
}

/// The first place on a kept volume that a deed is done to, and whether that is certain.
fn target(work: &Work<'_>, index: usize, deed: &Deed<'_>) -> Option<(Place, bool)> {
    for target in &deed.targets {
        let folder = work.folders[index].as_deref();
        let path = match target.word {
            Some(named) => absolute(folder, before_expansion(named)),
            None => folder.map(str::to_owned),
        };
        let path = path.and_then(|path| normal(&path, &target.below));
        let Some(place) = path.and_then(|path| work.mounts.place(&path)) else { continue };
        // To write into what is a directory from the start is to write below it.
        let into_mount = place.is_mount && !deed.fails;
        let is_log =
            place.path.strip_suffix(".log").is_some() || place.path.contains("/log/") || place.path.contains("/logs/");
        if !into_mount && !is_log {
            return Some((place, target.word.is_none_or(Word::is_literal)));
        }
    }
    None
}

/// Whether something else makes the deed fine; none if that can't be known.
fn mended(work: &Work<'_>, index: usize, before: &[Work<'_>], deed: &Deed<'_>, place: &Place) -> Option<bool> {
    let own = (0..work.commands.len()).filter(|other| *other != index).map(|other| (work, other));
    let others = before.iter().flat_map(|work| (0..work.commands.len()).map(move |index| (work, index)));
    let mut answer = Some(false);
    for (work, index) in own.chain(others) {
        match touches(work, index, deed, place) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => answer = None,
        }
    }
    answer
}

/// Whether a command does something about a place that mends the deed.
fn touches(work: &Work<'_>, index: usize, deed: &Deed<'_>, place: &Place) -> Option<bool> {
    let command = &work.commands[index];
    let program = command.program();
    let folder = work.folders[index].as_deref();
    let removes = REMOVERS.contains(&program);
    let outputs = command.outputs.iter().filter(|(_, appends)| !appends).map(|(word, _)| word);
    let mut answer = Some(false);
    let mut look = |word: &Word, concerns: fn(&Place, &Place) -> bool| {
        let path = absolute(folder, before_expansion(word));
        if path.and_then(|path| work.mounts.place(&path)).is_some_and(|other| concerns(&other, place)) {
            answer = Some(true);
        } else if word.expands && answer == Some(false) {
            answer = None;
        }
    };
    if deed.mended_by == Mending::Change {
        outputs.for_each(|word| look(word, Place::eq));
    }
    if removes || deed.mended_by == Mending::Change {
        let operands = command.words.iter().skip(1).filter(|word| !word.text.starts_with('-'));
        if MAKERS.contains(&program) {
            // A file that is there is no reason not to add to it again.
            let makes = program != "touch" || deed.fails;
            operands.filter(|word| makes && !word.expands).for_each(|word| look(word, Place::is_within));
        } else if !READERS.contains(&program) {
            operands.for_each(|word| look(word, |other, place| other.is_within(place) || place.is_within(other)));
            // What an archive holds may be anything below the working directory.
            let is_archive = ARCHIVES.contains(&program) && folder.is_some_and(|folder| keeps(work, folder, place));
            if (is_archive || (!is_known(program) && !program.is_empty())) && answer == Some(false) {
                answer = None;
            }
        }
    }
    let runs_more = RUNNERS.contains(&program) || program.strip_suffix(".sh").is_some();
    if runs_more && answer == Some(false) { None } else { answer }
}

/// Whether a place is below a folder.
fn keeps(work: &Work<'_>, folder: &str, place: &Place) -> bool {
    work.mounts.place(folder).is_some_and(|folder| place.is_within(&folder))
}

/// What of a word is known: what comes before the first sign that stands for something else.
fn before_expansion(word: &Word) -> &str {
    let end = if word.is_literal() { None } else { word.text.find(['$', '`', '*', '?', '[', '{', '~']) };
    end.map_or(word.text.as_str(), |end| &word.text[..end])
}

fn absolute(folder: Option<&str>, path: &str) -> Option<String> {
    if path.starts_with('/') { normal("/", path) } else { normal(folder?, path).filter(|_| !path.is_empty()) }
}

/// Where a command stands, and its text on one line.
fn shown(work: &Work<'_>, command: &Command) -> (Span, String) {
    let Some(script) = work.script else {
        let words: Vec<_> = command.words.iter().map(|word| word.text.as_str()).collect();
        return (work.about.span(), words.join(" "));
    };
    let Range { start, end } = command.range();
    let text = script.text()[start..end].lines().next().unwrap_or("");
    (span_within(script, start..start + text.len()), text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use crate::facts::of_text;
    use crate::source::Sources;
    use crate::yaml::Files;
    use crate::yaml::Node;

    /// What is said of a script on a claim at `/data`: the worst effect of its writes.
    fn said(sources: &Arc<Sources>, script: &str, image: &str) -> String {
        let script = serde_json::to_string(script).unwrap();
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  initContainers:\n  - name: i\n    image: \
             {image}\n    command: [sh, -c, {script}]\n    volumeMounts: [{{name: v, mountPath: /data}}]\n  \
             volumes: [{{name: v, persistentVolumeClaim: {{claimName: c}}}}]\n"
        );
        let facts = of_text(sources, &pod);
        let writes = facts.of(0).get("writes").into_iter().flat_map(Node::items);
        let mut effects: Vec<_> = writes
            .map(|write| write.get("effect").unwrap())
            .filter(|effect| !effect.is_unknown())
            .map(Node::text)
            .collect();
        effects.sort_unstable();
        effects.last().copied().unwrap_or("nothing").to_owned()
    }

    #[test]
    fn what_is_said_of_a_script_is_what_happened() {
        let sources = Sources::below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/facts")).unwrap();
        let sources = Arc::new(sources);
        let recorded = Files::new(Arc::clone(&sources)).parsed("writes.yaml").unwrap();
        for run in recorded.tree.node(recorded.documents[0].root).items() {
            let field = |name| run.get(name).map_or("", Node::text);
            let script = field("script");
            assert_eq!(said(&sources, script, field("image")), field("said"), "{script}");
            let happened = [field("second"), field("third")];
            let fits = match field("said") {
                "nothing" => true,
                "drifts" => happened.contains(&"changes"),
                _ => happened.contains(&"fails"),
            };
            assert!(fits, "{script}");
        }
    }
}
