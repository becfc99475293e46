//! Whole kustomizations: random trees of bases, overlays and Components, and real ones with something
//! changed, built by us and by kubectl. Bytes are compared with bytes and refusals with refusals.

pub(crate) mod object;
pub(crate) mod layer;
mod change;
mod step;
