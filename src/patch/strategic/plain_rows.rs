//! A merge of a list by one key, of which every item has its own: nearly every list there is. It does what `list.rs`
//! says, without a note of every item, so that many patches can change one long list.

use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::kube::MergePlace;
use crate::patch::strategic::field::FEW;
use crate::patch::strategic::field::first;
use crate::patch::strategic::item::is_nothing;
use crate::patch::strategic::merge::Change;
use crate::patch::strategic::merge::Merge;
use crate::patch::strategic::rest::is_at_rest;
use crate::patch::strategic::rest::is_certain_text;
use crate::yaml::Gone;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// What one value of the key addresses.
#[derive(Debug)]
pub(super) struct PlainRow<'p> {
    /// The item of the target, and its place there.
    target: Option<(usize, NodeId)>,
    patch: Option<Node<'p>>,
}

/// The rows of a merge, those of the patch first; none where an item has no key or that of another one, or where
/// the patch has many items.
pub(super) fn plain_rows<'p>(list: Node<'_>, patch: &[Node<'p>], key: &str) -> Option<Vec<PlainRow<'p>>> {
    if patch.len() > FEW {
        return None;
    }
    let named: Vec<Node<'_>> = patch.iter().map(|item| address(*item, key)).collect::<Option<_>>()?;
    let is_repeated = |(place, name): (usize, &Node<'_>)| named[..place].iter().any(|other| other.is_text(name.text()));
    if named.iter().enumerate().any(is_repeated) {
        return None;
    }
    let mut rows: Vec<PlainRow<'_>> = patch.iter().map(|item| PlainRow { target: None, patch: Some(*item) }).collect();
    let mut seen = HashSet::with_capacity(list.children().count());
    for (place, item) in list.items().enumerate() {
        let text = address(item, key)?.text();
        if !seen.insert(text) {
            return None;
        }
        let target = Some((place, item.id()));
        match named.iter().position(|name| name.is_text(text)) {
            Some(row) => rows[row].target = target,
            None => rows.push(PlainRow { target, patch: None }),
        }
    }
    (!rows.is_empty()).then_some(rows)
}

/// The text that an item has at the key.
fn address<'n>(item: Node<'n>, key: &str) -> Option<Node<'n>> {
    let value = (item.kind() == Kind::Mapping).then(|| first(item, key)).flatten()?;
    let is_text = !value.text().is_empty() && (is_certain_text(value) || !value.is_null());
    is_text.then_some(value)
}

impl<'a> Merge<'a> {
    pub(super) fn merge_plain_rows(
        &mut self,
        list: NodeId,
        rows: &[PlainRow<'_>],
        key: &str,
        items: Option<MergePlace<'a>>,
    ) -> Result<(), Box<Diagnostic>> {
        let mut kept = Vec::with_capacity(rows.len());
        let mut now = Vec::with_capacity(rows.len());
        let mut deleted = Vec::new();
        let before: Vec<NodeId> = self.tree.node(list).items().map(Node::id).collect();
        for PlainRow { target, patch } in rows {
            let target_id = target.map(|(_, id)| id);
            if let (Some(id), None) = (target_id, patch)
                && is_at_rest(self.tree.node(id), items)
            {
                kept.push(id);
                now.push(target.map(|(place, _)| place));
                continue;
            }
            let result = self.walk(target_id, patch.map_or(Change::Nothing, Change::By), items, &[key])?;
            match (result.filter(|&id| !is_nothing(self.tree.node(id))), target, patch) {
                (Some(result), _, _) => {
                    // What takes the place of an item as a whole is forgotten by kustomize.
                    kept.push(target_id.unwrap_or(result));
                    now.push(target.map(|(place, _)| place));
                }
                (None, Some((place, id)), Some(patch)) => deleted.push((*place, *id, *patch)),
                (None, _, _) => {}
            }
        }
        deleted.sort_unstable_by_key(|(place, ..)| *place);
        for (_, id, patch) in deleted {
            let name = first(patch, key).map_or("", Node::text);
            self.tree.mark_deleted(list, id, name, Gone::Deleted, patch.span(), self.via);
        }
        if let Some(patch) = rows.first().and_then(|row| row.patch) {
            self.note_places(list, patch, &before, &now);
        }
        if kept != before {
            self.tree.set_items(list, &kept);
        }
        Ok(())
    }
}
