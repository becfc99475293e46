//! What happened while a target was built that its author may not have meant, and that no resource shows:
//! a patch that fits nothing, a field of a kustomization that is on its way out. Plain data that policies are
//! asked about; whether it is bad is their affair.

use std::sync::Arc;

use crate::kube::ResourceId;
use crate::render::Resource;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Reader;
use crate::yaml::Style;
use crate::yaml::Tree;
use crate::yaml::Via;

/// The kinds of events, each with what it says.
pub const EVENTS: &[(&str, &str)] = &[
    ("unmatched-target", "a patch whose `target` selects no resource"),
    ("leaked-directive", "`field` is an instruction to patches that kustomize does not know, and stays in the object"),
    (
        "item-without-key",
        "an item of the list `field` in a patch lacks the key by which items are told apart, and others went for it",
    ),
    ("order-changed", "a patch has put the items of the list `field` into another order"),
    ("item-dropped", "an item of the list `field` in a patch was dropped, because it lacks one of several keys"),
    ("item-repeated", "an item of the list `field` stands there several times after the patch"),
    (
        "list-replaced",
        "a patch has replaced the list `field`, of which kustomize has no schema, and items of it are gone",
    ),
    ("duplicate-field", "`field` stands twice in a kustomization file, and the last one counts"),
    ("deprecated-field", "`field` of a kustomization file is deprecated in favour of `instead`"),
];

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Its name in [`EVENTS`].
    pub(super) name: &'static str,
    /// What did it.
    pub(super) span: Span,
    /// More about it, by name.
    pub(super) fields: Vec<(&'static str, String)>,
    /// What asked for it, if that stands elsewhere.
    pub(super) via: Option<Via>,
    /// What was lost.
    pub(super) lost: Vec<Span>,
    /// What it happened to.
    pub(super) resource: ResourceId,
}

/// The events as objects that policies can be asked about.
pub(super) fn objects(events: Vec<Event>, sources: &Arc<Sources>) -> Vec<Resource> {
    events.into_iter().map(|event| object(event, sources)).collect()
}

fn object(event: Event, sources: &Arc<Sources>) -> Resource {
    let mut tree = Tree::new(Arc::clone(sources), Reader::Kustomize);
    let root = tree.mapping(event.span);
    let words = std::iter::once(("event", event.name.to_owned())).chain(event.fields);
    for (name, text) in words {
        let value = tree.scalar(&text, Style::DoubleQuoted, event.span);
        tree.append_new_field(root, name, value, event.span);
        if name == "event" {
            tree.written_after(value, event.via.as_ref(), &event.lost);
        }
    }
    Resource { id: event.resource, tree: Arc::new(tree), root }
}
