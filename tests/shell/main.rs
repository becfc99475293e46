//! The reader of shell scripts: what trees it makes, how long it takes for the worst texts, and whether it agrees
//! with the shells of this machine.
#![expect(clippy::unwrap_used, reason = "this is a test")]

mod examples;
mod print;

use plimsoll::shell::Dialect;
use plimsoll::shell::Script;
use plimsoll::shell::read;

/// Reads a script and prints its tree; what is wrong comes after it.
fn tree(text: &str, dialect: Dialect) -> String {
    let Script { body, problems } = read(text, dialect);
    let problems = problems.iter().map(|problem| format!(" !{:?} {}", &text[problem.range.clone()], problem.what));
    print::list(&body) + &problems.collect::<String>()
}
