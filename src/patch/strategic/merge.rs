//! The walk through target and patch side by side. What happens at a mapping or a list is told in
//! the files of these names.

use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::kube::MergePlace;
use crate::kube::MergeSchema;
use crate::patch::strategic::directive;
use crate::patch::strategic::event::MergeEvent;
use crate::patch::strategic::event::Oddity;
use crate::patch::strategic::field::first;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;
use crate::yaml::Via;

/// Fields with lists whose order means something.
const ORDERED: [&str; 2] = ["env", "initContainers"];

/// What a walk leaves: the node it was given, another one to take its place, or nothing.
pub(super) type Walked = Result<Option<NodeId>, Box<Diagnostic>>;

/// What the patch says about a node of the target.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change<'p> {
    /// Nothing.
    Nothing,
    /// This.
    By(Node<'p>),
    /// The node was taken from the patch, and is now merged with itself: so kustomize obeys the
    /// directives in it and drops its nulls.
    Itself,
}

/// One merge under way.
pub(super) struct Merge<'a> {
    pub(super) tree: &'a mut Tree,
    pub(super) via: &'a Via,
    pub(super) schema: &'a MergeSchema,
    /// The whole patch, to blame for what it does without naming it.
    pub(super) patch: Span,
    /// The mappings and lists of the patch whose directive was obeyed, upon which kustomize takes it out.
    obeyed: HashSet<NodeId>,
    /// The mappings of the patch that were merged with themselves, upon which they have no nulls left.
    spent: HashSet<NodeId>,
    events: Vec<MergeEvent>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(tree: &'a mut Tree, via: &'a Via, schema: &'a MergeSchema, patch: Span) -> Self {
        Self { tree, via, schema, patch, obeyed: HashSet::new(), spent: HashSet::new(), events: Vec::new() }
    }

    pub(super) fn into_events(mut self) -> Vec<MergeEvent> {
        let mut seen = HashSet::new();
        self.events.retain(|event| seen.insert((event.span, event.field.clone())));
        self.events
    }

    /// Merges one node. `addressed` are fields that in the patch only say what is meant.
    pub(super) fn walk(
        &mut self,
        target: Option<NodeId>,
        change: Change<'_>,
        place: Option<MergePlace<'a>>,
        addressed: &[&str],
    ) -> Walked {
        let ours = target.map(|id| self.tree.node(id)).filter(|node| !node.is_null());
        let theirs = match change {
            Change::By(patch) if !patch.is_null() => Some(patch),
            _ => None,
        };
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && ours.kind() != theirs.kind()
        {
            return Err(mismatch(ours, theirs));
        }
        let place = place.or_else(|| {
            let kinds = [ours.and_then(api_kind), theirs.and_then(api_kind)];
            kinds.into_iter().flatten().find_map(|(version, kind)| self.schema.object(version, kind))
        });
        match ours.or(theirs).map(Node::kind) {
            Some(Kind::Scalar) => Ok(self.scalar(target, change)),
            Some(Kind::Sequence) => match place.and_then(MergePlace::merge_keys) {
                Some(keys) => self.keyed_list(target, change, place, &keys),
                None => Ok(self.plain_list(target, change, place.is_some())),
            },
            Some(Kind::Mapping) | None => self.mapping(target, change, place, addressed),
        }
    }

    fn scalar(&mut self, target: Option<NodeId>, change: Change<'_>) -> Option<NodeId> {
        match change {
            Change::By(patch) if patch.is_null() => None,
            Change::By(patch) => Some(self.adopted(patch)),
            Change::Nothing | Change::Itself => target,
        }
    }

    /// A list that the patch replaces as a whole, if it names it.
    fn plain_list(&mut self, target: Option<NodeId>, change: Change<'_>, is_known: bool) -> Option<NodeId> {
        let patch = match change {
            Change::By(patch) if patch.is_null() => return None,
            Change::By(patch) => patch,
            Change::Nothing | Change::Itself => return target,
        };
        if let Some(target) = target.filter(|_| !is_known) {
            self.note_replaced(target, patch);
        }
        let list = self.adopted(patch);
        self.note_directives(list);
        Some(list)
    }

    /// A copy of a part of the patch, without the directives that were obeyed.
    pub(super) fn adopted(&mut self, patch: Node<'_>) -> NodeId {
        let copy = self.tree.copy(patch, Some(self.via.clone()));
        if self.is_obeyed(patch) {
            let node = self.tree.node(copy);
            match node.kind() {
                Kind::Sequence => {
                    let items: Vec<NodeId> = directive::items_besides(node).into_iter().map(Node::id).collect();
                    self.tree.set_items(copy, &items);
                }
                _ => {
                    if let Some(id) = first(node, directive::KEY).map(Node::id) {
                        self.tree.detach(id);
                    }
                }
            }
        }
        copy
    }

    /// Remembers that the directive of a mapping or list was obeyed.
    pub(super) fn obey(&mut self, patch: Node<'_>) {
        self.obeyed.insert(patch.id());
    }

    pub(super) fn is_obeyed(&self, patch: Node<'_>) -> bool {
        self.obeyed.contains(&patch.id())
    }

    /// Remembers that a mapping of the patch replaced one of the target. In odd lists it is asked for again.
    pub(super) fn spend(&mut self, patch: Node<'_>) {
        self.spent.extend(patch.descendants().filter(|node| node.kind() == Kind::Mapping).map(Node::id));
    }

    pub(super) fn is_spent(&self, patch: Node<'_>) -> bool {
        self.spent.contains(&patch.id())
    }

    pub(super) fn note(&mut self, event: MergeEvent) {
        self.events.push(event);
    }

    /// Notes a key that stays in the output though it was meant as an instruction.
    pub(super) fn note_directive(&mut self, key: Node<'_>) {
        if directive::is_directive(key.text()) {
            let (span, field) = (key.span(), key.text().to_owned());
            self.note(MergeEvent { oddity: Oddity::LeakedDirective, span, field, concerned: Vec::new() });
        }
    }

    /// Notes all such keys below a node that was taken from the patch.
    pub(super) fn note_directives(&mut self, adopted: NodeId) {
        let keys = self.tree.node(adopted).descendants().filter_map(Node::key);
        let leaked = keys.filter(|key| directive::is_directive(key.text()));
        let leaked: Vec<_> = leaked.map(|key| (key.span(), key.text().to_owned())).collect();
        for (span, field) in leaked {
            self.note(MergeEvent { oddity: Oddity::LeakedDirective, span, field, concerned: Vec::new() });
        }
    }

    /// Notes a list whose order matters and is another one now: by its items before, and the places that those that
    /// it has now had then.
    pub(super) fn note_places(&mut self, list: NodeId, patch: Node<'_>, before: &[NodeId], now: &[Option<usize>]) {
        let node = self.tree.node(list);
        let Some(field) = node.key().map(Node::text).filter(|field| ORDERED.contains(field)) else { return };
        // New items, which are `None`, have no order that could be another one now.
        if !now.iter().flatten().is_sorted() {
            let concerned: Vec<Span> = before.iter().map(|id| self.tree.node(*id).span()).collect();
            let (span, field) = (patch.parent().map_or_else(|| patch.span(), Node::span), field.to_owned());
            self.note(MergeEvent { oddity: Oddity::Reordered, span, field, concerned });
        }
    }

    /// Notes that named items of a list of a kind without schema are gone.
    fn note_replaced(&mut self, target: NodeId, patch: Node<'_>) {
        let names: HashSet<&str> = patch.items().filter_map(|item| item.get("name")).map(Node::text).collect();
        let list = self.tree.node(target);
        let is_gone = |item: &Node<'_>| item.get("name").is_some_and(|name| !names.contains(name.text()));
        let gone: Vec<Span> = list.items().filter(is_gone).map(Node::span).collect();
        if !gone.is_empty() {
            let field = list.key().map_or("", Node::text).to_owned();
            self.note(MergeEvent { oddity: Oddity::ListReplaced, span: patch.span(), field, concerned: gone });
        }
    }
}

/// The API version and kind that a mapping says it is of.
fn api_kind(node: Node<'_>) -> Option<(&str, &str)> {
    if node.kind() != Kind::Mapping {
        return None;
    }
    let text = |name| first(node, name).filter(|node| !node.is_null()).map(Node::text).filter(|text| !text.is_empty());
    Some((text("apiVersion")?, text("kind")?))
}

/// Says that one is this and the other that.
fn mismatch(ours: Node<'_>, theirs: Node<'_>) -> Box<Diagnostic> {
    let word = |node: Node<'_>| match node.kind() {
        Kind::Mapping => "a mapping",
        Kind::Sequence => "a list",
        Kind::Scalar => "a plain value",
    };
    let start = |node: Node<'_>| node.key().unwrap_or(node).span();
    let name = theirs.key().map_or_else(|| "this item".to_owned(), |key| format!("`{}`", key.text()));
    let what = format!("{name} is {} in this patch and {} in what it patches", word(theirs), word(ours));
    Box::new(
        Diagnostic::error("patch-kind", start(theirs), what)
            .related(start(ours), format!("it is {} here", word(ours)))
            .help("make both the same kind of value, or delete the field with a patch of its own first"),
    )
}
