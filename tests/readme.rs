//! The console blocks of README.md are run: a line `$ plimsoll …`, perhaps behind one
//! that goes to a folder, and below it what it prints.
//!
//! `UPDATE=1 cargo test --test readme` writes what the program prints today.
#![expect(clippy::disallowed_methods, reason = "this is a test")]

use std::path::Path;
use std::process::Command;

const OPEN: &str = "```console\n";

#[test]
fn every_console_block_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let mut fresh = String::new();
    let mut blocks = 0;
    let mut parts = readme.split(OPEN);
    fresh.push_str(parts.next().unwrap());
    for part in parts {
        let (block, rest) = part.split_once("```\n").expect("a block ends");
        fresh.push_str(OPEN);
        let mut folder = root.to_owned();
        for command in block.lines().map_while(|line| line.strip_prefix("$ ")) {
            fresh.extend(["$ ", command, "\n"]);
            if let Some(place) = command.strip_prefix("cd ") {
                folder.push(place);
                continue;
            }
            let words = command.strip_prefix("plimsoll ").expect("a command is a call of plimsoll").split(' ');
            let output = Command::new(env!("CARGO_BIN_EXE_plimsoll")).args(words).current_dir(folder).output().unwrap();
            fresh += &(String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap());
            break;
        }
        fresh.extend(["```\n", rest]);
        blocks += 1;
    }
    assert!(blocks > 0, "the README shows no run");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, fresh).unwrap();
    } else {
        assert!(fresh == readme, "run `UPDATE=1 cargo test --test readme`");
    }
}
