//! What a merge did that the author of the patch may not have meant. Plain data, for policies.

use crate::source::Span;

/// One such thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MergeEvent {
    /// What happened.
    pub oddity: Oddity,
    /// What of the patch did it; of the target, where the patch says nothing.
    pub span: Span,
    /// The name of the field it happened to: of the list, or the directive itself.
    pub field: String,
    /// The items of the target that it happened to.
    pub concerned: Vec<Span>,
}

/// The kinds of unmeant things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Oddity {
    /// A directive that kustomize doesn't know, or not there, stays in the output as a field.
    LeakedDirective,
    /// An item without its merge key made other items go.
    ItemWithoutKey,
    /// Items whose order matters stand in another one, or behind new ones.
    Reordered,
    /// An item of the patch was dropped because one of several merge keys is missing.
    ItemDropped,
    /// An item stands in the list several times now. For kustomize these are one, and the next patch
    /// changes all of them; here it changes the first.
    ItemRepeated,
    /// A list of a kind or field without schema was replaced, and items of it are gone.
    ListReplaced,
}
