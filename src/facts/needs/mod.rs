//! What a pod needs from others: Services that it calls, and objects without which it does not start; and what
//! refers to pods, workloads and roles by a name or selector that may lead nowhere.
//!
//! Fact of a pod: `dependencies`, each with `kind`, `name`, `namespace`, `place`, `evidence`, `confidence` and
//! `resolved`. Calls have a `port` and its `portState` too, references to keys a `key` and its `keyState`. Facts of others: see `aims`.

mod keys;
mod hosts;
mod makers;
mod hints;
mod objects;
mod operands;
mod commands;
mod texts;
mod meanings;
mod calls;
mod waited;
mod references;
mod aims;

use crate::facts::book::Book;
use crate::facts::runs::Run;
use crate::facts::surroundings::Surroundings;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::NodeId;

/// What was found out about a target already.
#[derive(Default)]
pub(super) struct Known {
    calls: calls::Known,
    objects: objects::Objects,
}

/// The needs of a pod.
pub(super) fn of_pod<'a>(
    around: &Surroundings<'a>,
    resource: &'a Resource,
    (pod, runs): (Pod<'a>, &[Run<'a>]),
    known: &mut Known,
    book: &mut Book,
    facts: NodeId,
) {
    calls::infer(around, resource, (pod, runs), &mut known.calls, book, facts);
    waited::infer(around, resource, pod, book, facts);
    references::infer(around, resource, pod, &mut known.objects, book, facts);
}

/// What a resource that carries no pod refers to.
pub(super) fn of_others(
    around: &Surroundings<'_>,
    resource: &Resource,
    known: &mut Known,
    book: &mut Book,
    facts: NodeId,
) {
    aims::infer(around, resource, &mut known.objects, book, facts);
}
