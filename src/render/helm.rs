//! The `helm` program, run for charts of the repository when somebody allowed it. It finds nothing of its user's
//! there: no plugins, no repositories, no cache. Which arguments it gets is for others to say.

use std::ffi::OsString;
use std::io;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;

use crate::source::Scratch;

/// Runs `helm` with `input` on its standard input, and gives what it prints, or why it did not.
pub(super) fn run(arguments: &[OsString], input: &str) -> Result<String, String> {
    let cannot = |error: io::Error| format!("the `helm` program cannot be run: {error}");
    let home = Scratch::temporary().map_err(cannot)?;
    let mut child = Command::new("helm")
        .args(arguments)
        .env("HELM_CONFIG_HOME", home.path().join("config"))
        .env("HELM_CACHE_HOME", home.path().join("cache"))
        .env("HELM_DATA_HOME", home.path().join("data"))
        .env("HELM_PLUGINS", home.path().join("plugins"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input is asked for its answer all the same.
        drop(stdin.write_all(input.as_bytes()));
    }
    let output = child.wait_with_output().map_err(cannot)?;
    if output.status.success() {
        return String::from_utf8(output.stdout).map_err(|_| "its output is not UTF-8".to_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
