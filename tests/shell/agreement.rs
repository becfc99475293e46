//! Whether the shells of this machine accept and refuse the same scripts, and see the same words. A shell that is
//! missing is skipped, which is printed.

use std::io::Write;
use std::process::Command;
use std::process::Stdio;

use plimsoll::shell::CommandKind;
use plimsoll::shell::Dialect;
use plimsoll::shell::PartKind;
use plimsoll::shell::Word;
use plimsoll::shell::read;

use crate::print;
use crate::random::Random;
use crate::ranges;
use crate::scripts;
use crate::written::WRITTEN;

/// Scripts that bash takes until it runs them, or that it refuses and we need not.
const OTHERWISE_IN_BASH: &[&str] = &[
    // It looks at names and here-documents once it runs them.
    "for $i in a; do c; done",
    "'f'() { a; }",
    "a << A\n$(b\nA\nc",
    // It drops these without a word.
    "[[ ]]",
    "[[ a && ]]",
    // Its line ends are not everywhere where those of POSIX are.
    "[[ a\n&& b ]]",
];

/// How many scripts are made up for each shell.
const SCRIPTS: u64 = 400;

/// Of those, how many may be judged otherwise: in ten times as many none of dash, none of BusyBox and a dozen of
/// bash. What is left is what bash only looks at when it runs it: what stands in backticks, in here-documents, and in
/// a `$((` that is no arithmetic.
const MOST_ODD: usize = 3;

const SHELLS: &[Shell] =
    &[("dash", &[], Dialect::Posix), ("busybox", &["ash"], Dialect::Ash), ("bash", &["--norc"], Dialect::Bash)];

/// A shell, its first words, and whose rules it follows.
type Shell = (&'static str, &'static [&'static str], Dialect);

/// The shells that are there.
fn shells() -> Vec<&'static Shell> {
    let is_there = |(name, ..): &&Shell| {
        let is_there = Command::new(name).arg("--help").output().is_ok();
        if !is_there {
            println!("skipped: there is no {name}");
        }
        is_there
    };
    SHELLS.iter().filter(is_there).collect()
}

/// Feeds a script to a shell; whether it succeeds, and what it prints.
fn run(shell: &Shell, arguments: &[&str], script: &str) -> (bool, String, String) {
    let mut command = Command::new(shell.0);
    command
        .args(shell.1)
        .args(arguments)
        .env_remove("ENV")
        .env_remove("BASH_ENV")
        .env("HOME", "/home")
        .env("LC_ALL", "C.UTF-8");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdin.take().unwrap().write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

/// Whether a shell and the reader judge a script alike; else what both say.
fn judge(shell: &Shell, script: &str) -> Option<String> {
    let (succeeds, _, complaint) = run(shell, &["-n"], script);
    // bash goes on after a wrong `[[`, and only warns of a here-document without an end.
    let accepts = succeeds && complaint.lines().all(|line| line.contains("warning: "));
    let read = read(script, shell.2);
    ranges::check(script, &read);
    let problems = read.problems;
    let first = problems.first().map(|problem| (problem.range.start, problem.what));
    (accepts != problems.is_empty())
        .then(|| format!("{} {accepts} {}\n{script}\n{first:?}\n", shell.0, complaint.trim()))
}

#[test]
fn written_scripts_are_judged_alike() {
    for shell in shells() {
        let odd: Vec<String> = WRITTEN
            .iter()
            .filter(|script| shell.2 != Dialect::Bash || !OTHERWISE_IN_BASH.contains(script))
            .filter_map(|script| judge(shell, script))
            .collect();
        assert!(odd.is_empty(), "{}", odd.join("\n"));
    }
}

#[test]
fn made_up_scripts_are_judged_alike() {
    for shell in shells() {
        let scripts = (0..SCRIPTS).map(|seed| scripts::made_up(&mut Random::new(seed + 1), shell.2));
        let odd: Vec<String> = scripts.filter_map(|script| judge(shell, &script)).collect();
        println!("{}: {} of {SCRIPTS} judged otherwise", shell.0, odd.len());
        assert!(odd.len() <= MOST_ODD, "{}", odd.join("\n"));
    }
}

/// bash prints a function from the tree it has read, in its own layout: read again, it must be the same tree.
#[test]
fn what_bash_prints_of_a_script_is_the_same_tree() {
    for shell in shells().into_iter().filter(|shell| shell.2 == Dialect::Bash) {
        let mut compared = 0;
        for seed in 0..SCRIPTS {
            let script = scripts::made_up(&mut Random::new(seed + 10_000), shell.2);
            // It prints `elif` as `else` and `if`, and a lone `for x` with its words.
            let is_reworded = ["elif", "for x", "<<", "time"].iter().any(|word| script.contains(word));
            if is_reworded || judge(shell, &script).is_some() || !read(&script, shell.2).problems.is_empty() {
                continue;
            }
            let function = format!("f() {{\n{script}\n}}\n");
            let (_, printed, complaint) = run(shell, &[], &format!("{function}declare -f f\n"));
            // What stood after a redirection may be a keyword where it is printed.
            if !run(shell, &["-n"], &printed).0 {
                continue;
            }
            let tree = |script: &str| print::list(&read(script, shell.2).body);
            assert_eq!(tree(&printed), tree(&function), "{function}\n{printed}{complaint}");
            compared += 1;
        }
        println!("{}: {compared} trees compared", shell.0);
        assert!(compared > SCRIPTS / 20);
    }
}

/// What a shell makes of a word that only quotes, patterns and `~` are in.
fn expanded(word: &Word) -> String {
    let text = word.parts.iter().map(|part| match &part.kind {
        PartKind::Text(text) | PartKind::Pattern(text) => text.clone(),
        PartKind::Home(name) if name.is_empty() => "/home".to_owned(),
        PartKind::Home(name) => format!("~{name}"),
        PartKind::Braces(text) => format!("{{{text}}}"),
        other => panic!("{other:?} is not expanded here"),
    });
    text.collect()
}

#[test]
fn words_are_the_same() {
    for shell in shells() {
        let lines: Vec<String> = (0..1000).map(|seed| scripts::words(&mut Random::new(seed + 1), shell.2)).collect();
        let script: Vec<String> = lines.iter().map(|line| format!("printf '<%s>' {line}\nprintf '\\001'\n")).collect();
        let plainly: &[&str] = if shell.2 == Dialect::Bash { &["-f", "+B"] } else { &["-f"] };
        let (_, output, complaint) = run(shell, plainly, &script.concat());
        let mut odd = Vec::new();
        for (line, actual) in lines.iter().zip(output.split('\u{1}')) {
            let script = read(line, shell.2);
            let CommandKind::Simple { words, assignments } = &script.body.items[0].first.commands[0].kind else {
                panic!("{line} is no simple command: {:?}", script.problems)
            };
            let first = assignments.iter().map(|own| format!("{}={}", own.name, expanded(&own.value)));
            let words: Vec<String> = first.chain(words.iter().map(expanded)).collect();
            let words = format!("<{}>", words.join("><"));
            if words != actual {
                odd.push(format!("{line}\n  {} {actual}\n  read {words}", shell.0));
            }
        }
        assert_eq!(output.split('\u{1}').count(), lines.len() + 1, "{}: {complaint}", shell.0);
        assert!(odd.is_empty(), "{}", odd.join("\n"));
    }
}
