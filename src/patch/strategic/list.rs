//! What a merge does to a list whose items have keys, or that is a set of plain values: items of the
//! patch come first, in its order, then those that only the target has.
//!
//! This is for lists in order, where every item has its keys. Others are told in `odd_list.rs`.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::kube::MergePlace;
use crate::patch::strategic::directive;
use crate::patch::strategic::directive::Directive;
use crate::patch::strategic::item::Item;
use crate::patch::strategic::item::Shape;
use crate::patch::strategic::item::is_nothing;
use crate::patch::strategic::merge::Change;
use crate::patch::strategic::merge::Merge;
use crate::patch::strategic::merge::Walked;
use crate::patch::strategic::plain_rows::plain_rows;
use crate::yaml::Gone;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;

/// The lists that are merged, and how.
pub(super) struct Lists<'k, 'p, 'a> {
    /// The keys of the items; none for a list of plain values.
    pub(super) keys: &'k [&'k str],
    pub(super) target: Vec<(NodeId, Item)>,
    /// The items of the patch, unless it says nothing or is the target itself.
    pub(super) patch: Vec<(Node<'p>, Item)>,
    /// What the patch says about an item of the target that it doesn't name.
    pub(super) otherwise: Change<'p>,
    pub(super) items: Option<MergePlace<'a>>,
}

/// The items that one row of merge keys addresses, and what came of them.
struct Row<'p> {
    target: Option<NodeId>,
    patch: Option<Node<'p>>,
    result: Option<NodeId>,
}

impl<'a> Merge<'a> {
    /// Merges a list by `keys`, none of them for a list of plain values.
    pub(super) fn keyed_list(
        &mut self,
        target: Option<NodeId>,
        change: Change<'_>,
        place: Option<MergePlace<'a>>,
        keys: &[&str],
    ) -> Walked {
        let there = target.filter(|&id| !self.tree.node(id).is_null());
        let (list, change) = match (there, change) {
            (None, Change::By(patch)) => (self.new_list(patch), Change::Itself),
            (None, Change::Nothing | Change::Itself) => return Ok(None),
            (Some(_), Change::By(patch)) if patch.is_null() => return Ok(None),
            (Some(list), Change::By(patch)) => {
                if self.tree.node(list).children().next().is_none() {
                    self.tree.set_style(list, patch.style());
                }
                let directive = if self.is_obeyed(patch) { None } else { directive::of_list(patch)? };
                if directive.is_some() {
                    self.obey(patch);
                }
                match directive {
                    Some(Directive::Delete) => return Ok(None),
                    Some(Directive::Replace) => (self.new_list(patch), Change::Itself),
                    Some(Directive::Merge) | None => (list, change),
                }
            }
            (Some(list), Change::Itself) => {
                let own = directive::of_list(self.tree.node(list))?;
                if own == Some(Directive::Delete) {
                    return Ok(None);
                }
                if own.is_some() {
                    let rest = directive::items_besides(self.tree.node(list));
                    let rest: Vec<NodeId> = rest.into_iter().map(Node::id).collect();
                    self.tree.set_items(list, &rest);
                }
                (list, change)
            }
            (Some(list), Change::Nothing) => (list, change),
        };
        self.merge_items(list, change, place.and_then(MergePlace::items), keys)?;
        if target != Some(list) {
            self.note_directives(list);
        }
        Ok(Some(list))
    }

    /// A list of the patch where the target has none, or for one that it replaces.
    fn new_list(&mut self, patch: Node<'_>) -> NodeId {
        let list = self.adopted(patch);
        self.tree.set_style(list, Style::Block);
        list
    }

    fn merge_items(
        &mut self,
        list: NodeId,
        change: Change<'_>,
        items: Option<MergePlace<'a>>,
        keys: &[&str],
    ) -> Result<(), Box<Diagnostic>> {
        let (patch, otherwise) = match change {
            Change::By(patch) if self.is_obeyed(patch) => (directive::items_besides(patch), Change::Nothing),
            Change::By(patch) => (patch.items().collect(), Change::Nothing),
            Change::Nothing | Change::Itself => (Vec::new(), change),
        };
        if let ([key], Change::Nothing) = (keys, otherwise)
            && let Some(rows) = plain_rows(self.tree.node(list), &patch, key)
        {
            return self.merge_plain_rows(list, &rows, key, items);
        }
        let described = |node: Node<'_>| Item::of(node, keys);
        let target = self.tree.node(list).items().map(|node| (node.id(), described(node))).collect();
        let patch = patch.into_iter().map(|node| (node, described(node))).collect();
        let lists = Lists { keys, target, patch, otherwise, items };
        match used_keys(&lists) {
            Some(used) => self.merge_rows(list, &lists, &used),
            None => self.merge_odd_items(list, lists),
        }
    }

    /// Merges items that all have the keys `used`, and no others.
    fn merge_rows(&mut self, list: NodeId, lists: &Lists<'_, '_, 'a>, used: &[usize]) -> Result<(), Box<Diagnostic>> {
        let addressed: Vec<&str> = used.iter().filter_map(|&key| lists.keys.get(key).copied()).collect();
        let mut places: HashMap<Vec<&str>, usize> = HashMap::new();
        let mut rows: Vec<Row<'_>> = Vec::new();
        for (node, item) in &lists.patch {
            let new = Row { target: None, patch: Some(*node), result: None };
            let place = *places.entry(addresses(item, used)).or_insert(rows.len());
            if place == rows.len() {
                rows.push(new);
            }
        }
        let mut of_target = Vec::with_capacity(lists.target.len());
        for &(id, ref item) in &lists.target {
            let new = Row { target: Some(id), patch: None, result: None };
            let place = *places.entry(addresses(item, used)).or_insert(rows.len());
            if place == rows.len() {
                rows.push(new);
            } else {
                rows[place].target.get_or_insert(id);
            }
            of_target.push(place);
        }
        for row in &mut rows {
            let change = row.patch.map_or(lists.otherwise, Change::By);
            let result = self.walk(row.target, change, lists.items, &addressed)?;
            row.result = result.filter(|&id| !is_nothing(self.tree.node(id)));
            if let Some(result) = row.result.filter(|_| lists.keys.is_empty()) {
                self.untag(result);
            }
        }
        for (&place, (id, item)) in of_target.iter().zip(&lists.target) {
            if let (None, Some(patch)) = (rows[place].result, rows[place].patch) {
                let key = addresses(item, used).join("/");
                self.tree.mark_deleted(list, *id, &key, Gone::Deleted, patch.span(), self.via);
            }
        }
        let kept = kept_rows(rows, &of_target, lists, used.len() > 1);
        self.note_order(list, lists, &kept);
        self.tree.set_items(list, &kept);
        Ok(())
    }

    /// Takes the tag from a plain value that was set, as kustomize does, where it has any text.
    pub(super) fn untag(&mut self, id: NodeId) {
        if !self.tree.node(id).text().is_empty() {
            self.tree.set_tag(id, Tag::None);
        }
    }

    /// Notes a list whose order matters and is another one now.
    pub(super) fn note_order(&mut self, list: NodeId, lists: &Lists<'_, '_, '_>, kept: &[NodeId]) {
        let Some((patch, _)) = lists.patch.first() else { return };
        let before: Vec<NodeId> = lists.target.iter().map(|(id, _)| *id).collect();
        let places: HashMap<NodeId, usize> = before.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let now: Vec<Option<usize>> = kept.iter().map(|id| places.get(id).copied()).collect();
        self.note_places(list, *patch, &before, &now);
    }
}

/// What a list holds after its rows were merged.
fn kept_rows(
    mut rows: Vec<Row<'_>>,
    of_target: &[usize],
    lists: &Lists<'_, '_, '_>,
    by_several_keys: bool,
) -> Vec<NodeId> {
    let mut last = Vec::new();
    let mut taken: HashMap<usize, usize> = HashMap::new();
    for (&place, &(id, _)) in of_target.iter().zip(&lists.target) {
        let row = &mut rows[place];
        if row.result.is_none() {
            continue;
        }
        // Of several items of the target with the same keys the last one stays: where the first one
        // stood, or with several keys at the end, behind all that only the patch has.
        row.result = Some(id);
        if by_several_keys {
            if let Some(before) = taken.insert(place, last.len()) {
                last[before] = None;
            }
            last.push(Some(id));
        }
    }
    let first = rows.iter().enumerate().filter(|(place, _)| !taken.contains_key(place));
    let first: Vec<NodeId> = first.filter_map(|(_, row)| row.result).collect();
    first.into_iter().chain(last.into_iter().flatten()).collect()
}

/// The places of the keys that every item has, where no item has any other; nothing if it is not so.
fn used_keys(lists: &Lists<'_, '_, '_>) -> Option<Vec<usize>> {
    let items = || lists.target.iter().map(|(_, item)| item).chain(lists.patch.iter().map(|(_, item)| item));
    if lists.keys.is_empty() {
        return items().all(|item| item.shape == Shape::Scalar).then(|| vec![0]);
    }
    if !items().all(|item| item.shape == Shape::Mapping) {
        return None;
    }
    let has = |item: &Item, key: usize| !item.values[key].address().is_empty();
    let used: Vec<usize> = (0..lists.keys.len()).filter(|&key| items().any(|item| has(item, key))).collect();
    let is_regular = items().all(|item| used.iter().all(|&key| has(item, key)));
    (is_regular && (!used.is_empty() || items().next().is_none())).then_some(used)
}

fn addresses<'i>(item: &'i Item, used: &[usize]) -> Vec<&'i str> {
    used.iter().map(|&key| item.values[key].address()).collect()
}
