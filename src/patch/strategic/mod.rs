//! Strategic-merge patches as kustomize applies them, oddities included (v5.5.0, observed).
//!
//! Merging moves nodes, so origins move along: a field that the patch sets is written by the patch,
//! the others keep their writers. Merge keys address an item, they don't write it. A merge goes
//! through the whole object, also where the patch says nothing, because kustomize's does, and that
//! changes things: an empty null goes, a list of items without their keys loses some.
//!
//! Not done here: choosing the resource, and giving it back the name, kind and namespace that a
//! patch must not change.

mod event;
mod field;
mod directive;
mod scalar;
mod rest;
mod item;
mod rows;
mod merge;
mod mapping;
mod plain_rows;
mod list;
mod odd_list;

pub use event::MergeEvent;
pub use event::Oddity;
pub use scalar::is_other_in_1_1;

use crate::diagnostic::Diagnostic;
use crate::kube::MergeSchema;
use crate::patch::strategic::merge::Change;
use crate::patch::strategic::merge::Merge;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;
use crate::yaml::Via;

/// What came of a merge.
#[derive(Debug)]
pub struct Merged {
    /// The patch says `$patch: delete` at its top: the whole resource is to go. Its nodes are as before.
    pub deleted: bool,
    /// What happened that the author of the patch may not have meant, in the order of the fields.
    pub events: Vec<MergeEvent>,
}

/// Applies `patch` to the resource `target` of `tree`. What the patch writes is said to come through `via`.
///
/// # Errors
/// When kustomize refuses the patch: for a directive that nobody knows, a field that is a mapping,
/// list or scalar here and another of these there, or plain values among the items of a list with keys.
/// What was merged until then stays merged.
pub fn strategic_merge(
    tree: &mut Tree,
    target: NodeId,
    patch: Node<'_>,
    via: &Via,
    schema: &MergeSchema,
) -> Result<Merged, Box<Diagnostic>> {
    let mut merge = Merge::new(tree, via, schema, patch.span());
    // A `$patch: replace` at the top gives another node than the target, which kustomize forgets.
    let walked = merge.walk(Some(target), Change::By(patch), None, &["apiVersion", "kind", "metadata"])?;
    Ok(Merged { deleted: walked.is_none(), events: merge.into_events() })
}

#[cfg(test)]
mod tests;
