//! What was likely meant by a name that nothing has: something of the same kind whose name is much like it, or a role
//! that has this very name and is of the other kind. Shown beside a finding, and never taken for what was meant.

use crate::diagnostic::did_you_mean;
use crate::facts::book::Book;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::render::Resource;
use crate::yaml::NodeId;

/// How many names are compared for one target.
const MAX_COMPARED: usize = 200_000;

/// The hints of one target.
#[derive(Default)]
pub(super) struct Hints {
    compared: usize,
}

impl Hints {
    /// Notes, beside the fact that there is nothing of this kind, namespace and name, what may be meant.
    pub(super) fn note(
        &mut self,
        around: &Surroundings<'_>,
        (kind, namespace, name): (&str, Option<&str>, &str),
        book: &mut Book,
        fact: NodeId,
    ) {
        let is_other_role =
            |other: &&Resource| kind.ends_with("Role") && matches!(&*other.id.kind, "Role" | "ClusterRole");
        if let Some(other) = around.named(name).find(is_other_role) {
            show(other, &format!("this one is a {}", other.id.kind), book, fact);
            return;
        }
        self.compared += around.resources.len();
        if self.compared > MAX_COMPARED {
            return;
        }
        let is_alike = |other: &&Resource| other.id.kind == kind && is_near(namespace, other);
        let others: Vec<&Resource> = around.resources.iter().filter(is_alike).collect();
        let names = || others.iter().map(|other| other.id.name.as_str());
        let mut longer = names().filter(|other| is_affixed(other, name) || is_affixed(name, other));
        let affixed = longer.next().filter(|_| longer.next().is_none());
        let Some(meant) = did_you_mean(name, names()).or(affixed) else { return };
        if let Some(other) = others.iter().find(|other| other.id.name == meant) {
            show(other, "did you mean this one?", book, fact);
        }
    }
}

/// Whether a name is another one with a prefix or a suffix, as kustomizations add them.
fn is_affixed(name: &str, inner: &str) -> bool {
    let has_suffix = name.strip_prefix(inner).is_some_and(|rest| rest.starts_with('-'));
    let has_prefix = name.strip_suffix(inner).is_some_and(|rest| rest.ends_with('-'));
    !inner.is_empty() && (has_suffix || has_prefix)
}

fn show(other: &Resource, why: &str, book: &mut Book, fact: NodeId) {
    if let Some(name) = other.node().at_path(&["metadata", "name"]) {
        book.also(fact, name, why);
    }
}
