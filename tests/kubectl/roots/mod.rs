//! Whole kustomizations: random trees of bases, overlays and Components, and real ones with something
//! changed, built by us and by kubectl. Bytes are compared with bytes and refusals with refusals.

#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    clippy::needless_for_each,
    reason = "what is written here is put together from many small texts"
)]

pub(crate) mod object;
pub(crate) mod layer;
pub(crate) mod mutation;
mod change;
mod step;
