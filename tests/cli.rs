//! The program from outside: its streams and exit codes.

use std::io;
use std::process::Command;
use std::process::Output;

fn plimsoll(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.args(arguments).env_remove("NO_COLOR");
    command
}

fn run(arguments: &[&str]) -> Output {
    plimsoll(arguments).output().expect("the program was built for this test")
}

#[test]
fn help_is_an_answer_and_a_typo_is_a_mistake() {
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(!help.stdout.is_empty() && help.stderr.is_empty());

    let typo = run(&["chek"]);
    assert_eq!(typo.status.code(), Some(2));
    assert!(typo.stdout.is_empty());
    assert!(String::from_utf8(typo.stderr).unwrap().contains("'check'"));
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let status = plimsoll(&["schema", "report"]).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn what_is_not_a_terminal_gets_no_colours() {
    for arguments in [&["--help"][..], &["schema", "config"], &["completions", "bash"]] {
        assert!(!run(arguments).stdout.contains(&0x1b), "{arguments:?}");
    }
}
