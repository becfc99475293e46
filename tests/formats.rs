//! Reports for other programs: that they are what these programs read, and how they get to files.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "this is a test")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use plimsoll::source::Scratch;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/repos/shop");

fn check(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll")).arg("check").arg(SHOP).args(arguments).output().unwrap()
}

#[test]
fn reports_go_to_files_beside_what_is_shown() {
    let folder = Scratch::temporary().unwrap();
    let to = |format: &str| format!("{format}={}", folder.path().join(format).display());
    let (sarif, markdown) = (to("sarif"), to("markdown"));
    let output = check(&["--report", &sarif, "--report", &markdown, "--format", "github"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("::error file="));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("sarif").contains("\"version\": \"2.1.0\""));
    assert!(read("markdown").starts_with("### Plimsoll: "));
}

#[test]
fn a_report_that_can_not_be_written_is_an_error() {
    let output = check(&["--report", "sarif=/nowhere/at/all.sarif"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("can't be written"));
}

/// `SARIF_SCHEMA` is the path of OASIS's `sarif-schema-2.1.0.json`, which is not ours to hand on.
#[test]
fn sarif_is_what_its_published_schema_says() {
    let Some(schema) = std::env::var_os("SARIF_SCHEMA") else {
        println!("skipped: SARIF_SCHEMA does not say where the schema is");
        return;
    };
    let folder = Scratch::temporary().unwrap();
    let instance = folder.path().join("shop.sarif");
    let report = format!("sarif={}", instance.display());
    check(&["--report", &report]);
    let mut command = Command::new("python3");
    let Ok(validated) = command.args(["-m", "jsonschema", "-i"]).arg(&instance).arg(Path::new(&schema)).output() else {
        println!("skipped: there is no python3");
        return;
    };
    assert!(validated.status.success(), "{}", String::from_utf8_lossy(&validated.stderr));
}
