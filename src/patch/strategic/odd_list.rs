//! What a merge does to a list in which items lack their keys, or some of several keys: step by step
//! what kustomize does, since nobody meant it. Items of target and patch can get lost.
//!
//! Each step looks at all items, so the length of such lists is bounded. One thing is not followed:
//! where gaps make kustomize use an item of the patch twice, its second use has the styles of what the
//! first one replaced.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::patch::strategic::event::MergeEvent;
use crate::patch::strategic::event::Oddity;
use crate::patch::strategic::item::Item;
use crate::patch::strategic::item::Shape;
use crate::patch::strategic::item::Value;
use crate::patch::strategic::item::is_nothing;
use crate::patch::strategic::list::Lists;
use crate::patch::strategic::merge::Change;
use crate::patch::strategic::merge::Merge;
use crate::patch::strategic::rows::addressed_by;
use crate::patch::strategic::rows::fill_gaps;
use crate::patch::strategic::rows::valid_keys;
use crate::patch::strategic::scalar;
use crate::source::Span;
use crate::yaml::Gone;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tree;

/// How many items such a list may have, those of the patch included.
const MAX_ITEMS: usize = 2_000;

/// How often items may be repeated in such a list.
const MAX_REPEATED: usize = 200;

/// Items of a list while it is merged, and what addresses them.
type Entries = Vec<(NodeId, Item)>;

impl<'a> Merge<'a> {
    pub(super) fn merge_odd_items(
        &mut self,
        list: NodeId,
        mut lists: Lists<'_, '_, 'a>,
    ) -> Result<(), Box<Diagnostic>> {
        if lists.target.len() + lists.patch.len() > MAX_ITEMS {
            return Err(self.too_long(list));
        }
        let before: Vec<NodeId> = lists.target.iter().map(|(id, _)| *id).collect();
        let rows = rows(&lists);
        let valid = valid_keys(&rows, lists.keys.len().max(1));
        let (mut merged, mut used, mut deleted) = (Entries::new(), HashSet::new(), HashSet::new());
        for row in &rows {
            let values: Vec<&str> = valid.iter().map(|&key| row[key].as_str()).collect();
            let (wanted, texts) = addressed_by(&valid, &values);
            let patch = lists.patch.iter().find(|(_, item)| matches(item, &lists, &wanted, &texts));
            let patch = patch.map(|(node, _)| *node);
            let place = lists.target.iter().position(|(_, item)| matches(item, &lists, &wanted, &texts));
            let target = place.map(|place| lists.target[place].0);
            used.extend(patch.map(Node::id));
            let change = patch.map_or(lists.otherwise, Change::By);
            let names: Vec<&str> = valid.iter().filter_map(|&key| lists.keys.get(key).copied()).collect();
            let result = self.walk(target, change, lists.items, &names)?;
            if let (Some(place), Some(id)) = (place, target) {
                lists.target[place].1 = Item::of(self.tree.node(id), lists.keys);
            }
            let Some(result) = result.filter(|&id| !is_nothing(self.tree.node(id))) else {
                if let (Some(patch), Some(target)) = (patch, target) {
                    self.tree.mark_deleted(list, target, &values.join("/"), Gone::Deleted, patch.span(), self.via);
                    deleted.insert(target);
                }
                let list = std::mem::take(&mut lists.target);
                lists.target = self.set_item(list, None, &lists, &valid, &values)?;
                continue;
            };
            self.set_keys(result, &lists, &valid, &values);
            let item = Item::of(self.tree.node(result), lists.keys);
            merged = self.set_item(merged, Some((result, item)), &lists, &valid, &values)?;
        }
        if !rows.is_empty() {
            for entry in std::mem::take(&mut lists.target) {
                merged = self.append(merged, entry, &lists, &valid)?;
            }
            lists.target = merged;
        }
        let kept = self.without_repetition(list, &lists.target)?;
        self.note_losses(list, &lists, &before, &kept, &used, &deleted);
        self.tree.set_items(list, &kept);
        Ok(())
    }

    /// Puts an item of the target behind the merged ones, or in the place of one with the same keys.
    fn append(
        &mut self,
        mut merged: Entries,
        entry: (NodeId, Item),
        lists: &Lists<'_, '_, 'a>,
        valid: &[usize],
    ) -> Result<Entries, Box<Diagnostic>> {
        let mut values = Vec::new();
        for &key in valid {
            if !lists.keys.is_empty() && matches!(entry.1.shape, Shape::Scalar | Shape::Sequence) {
                return Err(self.no_mapping(entry.0, lists));
            }
            match entry.1.values[key].written() {
                None => merged.push(entry.clone()),
                Some(text) => values.push(text.to_owned()),
            }
        }
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        if valid.len() > 1 {
            merged = self.set_item(merged, None, lists, valid, &values)?;
        }
        self.set_item(merged, Some(entry), lists, valid, &values)
    }

    /// Puts `new` in the place of every item that has these values, or takes all these out. With no
    /// values at all, kustomize takes every item for another one and drops it.
    fn set_item(
        &self,
        items: Entries,
        new: Option<(NodeId, Item)>,
        lists: &Lists<'_, '_, 'a>,
        valid: &[usize],
        values: &[&str],
    ) -> Result<Entries, Box<Diagnostic>> {
        let is_plain = lists.keys.is_empty();
        let is_for_mappings = !is_plain && values.first().is_some_and(|value| !value.is_empty());
        let mut is_found = false;
        let mut kept = Entries::with_capacity(items.len() + 1);
        for entry in items {
            let is_mapping = match entry.1.shape {
                Shape::Null | Shape::EmptyMapping => continue,
                Shape::Mapping => true,
                Shape::Sequence | Shape::Scalar => false,
            };
            if !is_mapping && is_for_mappings {
                kept.push(entry);
                continue;
            }
            let mut is_match = false;
            for (index, &key) in valid.iter().enumerate() {
                if let Some(&value) = values.get(index) {
                    let is_wrong = if is_plain { entry.1.shape != Shape::Scalar } else { !is_mapping };
                    if is_wrong {
                        return Err(self.no_mapping(entry.0, lists));
                    }
                    let text = entry.1.values[key].written();
                    is_match = text.is_some_and(|text| text == value || (value.is_empty() && !is_plain));
                }
                if !is_match {
                    break;
                }
            }
            is_found |= is_match;
            match &new {
                _ if !is_match && values.is_empty() => {}
                _ if !is_match => kept.push(entry),
                Some(new) => kept.push(new.clone()),
                None => {}
            }
        }
        if let Some(new) = new.filter(|(_, item)| !is_found && item.shape != Shape::Null) {
            kept.push(new);
        }
        Ok(kept)
    }

    /// Sees to it that a merged item has its keys.
    fn set_keys(&mut self, result: NodeId, lists: &Lists<'_, '_, 'a>, valid: &[usize], values: &[&str]) {
        if lists.keys.is_empty() {
            return self.untag(result);
        }
        let item = Item::of(self.tree.node(result), lists.keys);
        for (&key, value) in valid.iter().zip(values) {
            if item.values[key] == Value::Absent && !value.is_empty() {
                let style = if scalar::is_other_in_1_1(value) { Style::DoubleQuoted } else { Style::Plain };
                let value = self.tree.scalar(value, style, self.patch);
                self.tree.append_new_field(result, lists.keys[key], value, self.patch);
            }
        }
    }

    /// The items, each of those that stand in the list several times copied.
    fn without_repetition(&mut self, list: NodeId, items: &Entries) -> Result<Vec<NodeId>, Box<Diagnostic>> {
        let mut seen = HashSet::new();
        let mut kept = Vec::with_capacity(items.len());
        let mut repeated = 0;
        for &(id, _) in items {
            if seen.insert(id) {
                kept.push(id);
                continue;
            }
            repeated += 1;
            if repeated > MAX_REPEATED {
                return Err(self.too_long(list));
            }
            let mut other = Tree::new(Arc::clone(self.tree.sources()), self.tree.reader());
            let copy = other.copy(self.tree.node(id), None);
            kept.push(self.tree.copy(other.node(copy), None));
        }
        if repeated > 0 {
            let field = self.tree.node(list).key().map_or("", Node::text).to_owned();
            let mut concerned: Vec<Span> = items.iter().map(|(id, _)| self.tree.node(*id).span()).collect();
            concerned.dedup();
            self.note(MergeEvent { oddity: Oddity::ItemRepeated, span: self.patch, field, concerned });
        }
        Ok(kept)
    }

    /// Notes what got lost that nobody wanted to be.
    fn note_losses(
        &mut self,
        list: NodeId,
        lists: &Lists<'_, '_, 'a>,
        before: &[NodeId],
        kept: &[NodeId],
        used: &HashSet<NodeId>,
        deleted: &HashSet<NodeId>,
    ) {
        if matches!(lists.otherwise, Change::Itself) {
            return;
        }
        let field = self.tree.node(list).key().map_or("", Node::text).to_owned();
        let kept: HashSet<NodeId> = kept.iter().copied().collect();
        let gone = before.iter().filter(|id| !kept.contains(id) && !deleted.contains(id));
        let gone: Vec<Span> = gone.map(|&id| self.tree.node(id).span()).collect();
        let is_keyless = |item: &Item| item.values.iter().all(|value| value.address().is_empty());
        for (node, item) in &lists.patch {
            let (oddity, concerned) = if is_keyless(item) && !gone.is_empty() {
                (Oddity::ItemWithoutKey, gone.clone())
            } else if !used.contains(&node.id()) {
                (Oddity::ItemDropped, Vec::new())
            } else {
                continue;
            };
            self.note(MergeEvent { oddity, span: node.span(), field: field.clone(), concerned });
        }
        if lists.patch.is_empty() && !gone.is_empty() {
            let without = before.iter().map(|&id| self.tree.node(id));
            let without = without.filter(|node| is_keyless(&Item::of(*node, lists.keys))).map(Node::span).next_back();
            let span = without.unwrap_or_else(|| self.tree.node(list).span());
            self.note(MergeEvent { oddity: Oddity::ItemWithoutKey, span, field, concerned: gone });
        }
    }

    fn no_mapping(&self, item: NodeId, lists: &Lists<'_, '_, '_>) -> Box<Diagnostic> {
        let node = self.tree.node(item);
        let what = match lists.keys.first() {
            Some(key) => format!("this item is no mapping, and kustomize merges the list by `{key}`"),
            None => "this item is no plain value, and kustomize merges the list by its values".to_owned(),
        };
        Box::new(Diagnostic::error("patch-list-item", node.span(), what).related(self.patch, "this patch is applied"))
    }

    fn too_long(&self, list: NodeId) -> Box<Diagnostic> {
        let what = format!("a list of more than {MAX_ITEMS} items, some of them without merge keys, is not merged");
        let help = "give every item all of its merge keys";
        Box::new(Diagnostic::error("patch-list-too-long", self.tree.node(list).span(), what).help(help))
    }
}

/// What addresses the items: those of the patch first, each once.
fn rows(lists: &Lists<'_, '_, '_>) -> Vec<Vec<String>> {
    let items = lists.patch.iter().map(|(_, item)| item).chain(lists.target.iter().map(|(_, item)| item));
    let mut seen = HashSet::new();
    let mut rows: Vec<Vec<String>> = items.map(Item::row).filter(|row| seen.insert(row.clone())).collect();
    if lists.keys.len() > 1 {
        fill_gaps(&mut rows);
    }
    rows
}

/// Whether an item has exactly these values.
fn matches(item: &Item, lists: &Lists<'_, '_, '_>, keys: &[usize], values: &[&str]) -> bool {
    (lists.keys.is_empty() || matches!(item.shape, Shape::Mapping | Shape::EmptyMapping))
        && keys.iter().zip(values).all(|(&key, value)| item.values[key].written() == Some(value))
}
