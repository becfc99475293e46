//! What containers wait for before they go on: loops that ask whether somebody is there, and programs made for it.
//!
//! A script is followed as its shell would follow it, without running anything: once as if all that it asks for were
//! there, and each loop once more as if it were not. What a program that is asked does in both cases is said by
//! `probes.yaml`. Facts of a pod: `waits`; `bashisms`: what scripts take from bash that their own
//! shell does not know; and `tokenReads`: what they read of a ServiceAccount that is not there.

mod duration;
mod address;
mod place;
mod asked;
mod probe;
mod draft;
mod pace;
mod late;
mod machine;
mod measured;
mod arithmetic;
mod table;
mod libraries;
mod limits;
mod quirks;
mod course;
mod judge;
mod test;
mod expand;
mod bashisms;
mod list;
mod stride;
mod loops;
mod filters;
mod builtins;
mod asking;
mod simple;
mod walk;
mod tools;
mod target;
mod memory;
mod follow;
mod rights;
pub(super) mod object;
mod mesh;
mod alone;
mod note;

pub(super) use memory::Memory;
pub(super) use note::infer;

#[cfg(test)]
mod tests;
