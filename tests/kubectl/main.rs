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
mod odd;

/// The kustomize to compare with: the one in kubectl, or the program that `PLIMSOLL_KUSTOMIZE` names.
fn kustomize() -> std::process::Command {
    let (program, argument) = match std::env::var_os("PLIMSOLL_KUSTOMIZE") {
        Some(program) => (program, "build"),
        None => ("kubectl".into(), "kustomize"),
    };
    let mut command = std::process::Command::new(program);
    command.arg(argument);
    command
}

/// The release that it is: what is not in kubectl is taken for the newer one.
fn release() -> plimsoll::kustomization::Version {
    use plimsoll::kustomization::Version;
    if std::env::var_os("PLIMSOLL_KUSTOMIZE").is_some() { Version::V5_8 } else { Version::V5_5 }
}

/// Whether there is nothing to compare with, which is said.
fn kubectl_is_missing() -> bool {
    let missing = kustomize().arg("--help").output().is_err();
    if missing {
        println!("skipped: there is no kubectl here");
    }
    missing
}
