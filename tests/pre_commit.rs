//! The hooks of `.pre-commit-hooks.yaml`, run by the real `pre-commit` where it is there, with the program that was just
//! built in the place of one that is installed.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "this is a test")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use plimsoll::source::Scratch;

const HOOKS: &str = include_str!("../.pre-commit-hooks.yaml");
const GOOD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: \"web:1\"}]}\n";
const BAD: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: \"80\"}]}\n";

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let own = Path::new(env!("CARGO_BIN_EXE_plimsoll")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([own].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .args(arguments)
        .env("PATH", path)
        .env("PRE_COMMIT_HOME", folder.join(".git/hooks-home"));
    for (key, value) in
        [("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a"), ("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a")]
    {
        command.env(key, value);
    }
    command.output().unwrap()
}

/// A repository whose hooks are installed; none where there is no `pre-commit`.
fn repository(hooks: &[&str]) -> Option<Scratch> {
    if Command::new("pre-commit").arg("--version").output().is_err() {
        println!("skipped: there is no pre-commit");
        return None;
    }
    let folder = Scratch::temporary().unwrap();
    let chosen = HOOKS.split("- id: ").skip(1).filter(|hook| hooks.contains(&hook.lines().next().unwrap()));
    let lines: String = chosen
        .flat_map(|hook| format!("- id: {hook}").lines().map(|line| format!("  {line}\n")).collect::<Vec<_>>())
        .collect();
    let config = format!("repos:\n- repo: local\n  hooks:\n{}", lines.replace("language: rust", "language: system"));
    fs::write(folder.path().join(".pre-commit-config.yaml"), config).unwrap();
    for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "begin"]] {
        assert!(run(folder.path(), "git", arguments).status.success());
    }
    assert!(run(folder.path(), "pre-commit", &["install"]).status.success());
    Some(folder)
}

fn commit(folder: &Scratch, file: &str, text: &str) -> Output {
    fs::write(folder.path().join(file), text).unwrap();
    run(folder.path(), "git", &["add", "."]);
    run(folder.path(), "git", &["commit", "-qm", "change"])
}

#[test]
fn a_commit_of_something_bad_is_stopped_and_other_commits_are_not() {
    let Some(folder) = repository(&["plimsoll"]) else { return };
    assert!(commit(&folder, "README.md", "# Words\n").status.success());
    assert!(commit(&folder, "web.yaml", GOOD).status.success());
    let stopped = commit(&folder, "service.yaml", BAD);
    assert!(!stopped.status.success());
    let told = String::from_utf8_lossy(&stopped.stderr).into_owned() + &String::from_utf8_lossy(&stopped.stdout);
    assert!(told.contains("quoted-port-number"), "{told}");
}

#[test]
fn what_can_be_mended_is_mended_before_the_commit() {
    let Some(folder) = repository(&["plimsoll-fix"]) else { return };
    assert!(!commit(&folder, "service.yaml", BAD).status.success());
    assert_eq!(fs::read_to_string(folder.path().join("service.yaml")).unwrap(), BAD.replace("\"80\"", "80"));
    run(folder.path(), "git", &["add", "."]);
    assert!(run(folder.path(), "git", &["commit", "-qm", "again"]).status.success());
}
