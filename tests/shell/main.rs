//! The reader of shell scripts: what trees it makes, how long it takes for the worst texts, and whether it agrees
//! with the shells of this machine.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "this is a test")]

#[path = "../kubectl/random.rs"]
#[allow(dead_code, clippy::cast_possible_truncation, reason = "it is of other tests")]
mod random;
mod agreement;
mod examples;
mod hostile;
mod print;
mod ranges;
mod scripts;
mod written;

use plimsoll::shell::Dialect;
use plimsoll::shell::Script;
use plimsoll::shell::read;

/// Reads a script and prints its tree; what is wrong comes after it.
fn tree(text: &str, dialect: Dialect) -> String {
    let script = read(text, dialect);
    ranges::check(text, &script);
    let Script { body, problems } = script;
    let problems = problems.iter().map(|problem| format!(" !{:?} {}", &text[problem.range.clone()], problem.what));
    print::list(&body) + &problems.collect::<String>()
}
