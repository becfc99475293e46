//! What the real programs do with random input, beside what we do. Where kubectl is missing these
//! tests say so and prove nothing; every rule has its own tests beside the code.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "all of this is a test"
)]

mod random;
mod build;
mod form;
mod order;
mod objects;
mod emit;
mod merge;
mod scalar;
mod json_patch;
mod replacement;
mod generator;
mod roots;
mod whole;

/// Whether there is nothing to compare with, which is said.
fn kubectl_is_missing() -> bool {
    let missing = std::process::Command::new("kubectl").args(["version", "--client"]).output().is_err();
    if missing {
        println!("skipped: there is no kubectl here");
    }
    missing
}
