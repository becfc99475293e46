//! More entries under `patches:` and `components:` of a kustomization, in the style of the file; nothing else of it
//! changes.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::fix::container::plain;
use crate::kustomization::Kustomization;
use crate::yaml::Files;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Style;

/// An entry under `patches:`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// The path of the patch, from the folder of the kustomization.
    pub(super) path: String,
    /// The object that a JSON patch is for: group, version, kind, name. A strategic-merge patch says it itself.
    pub(super) target: Option<[String; 4]>,
}

impl Entry {
    /// As an item of a block list, from its `- ` on.
    fn block(&self, end: &str) -> Vec<String> {
        let mut lines = vec![format!("- path: {}{end}", plain(&self.path))];
        if let Some(target) = &self.target {
            lines.push(format!("  target:{end}"));
            for (key, value) in
                ["group", "version", "kind", "name"].iter().zip(target).filter(|(_, value)| !value.is_empty())
            {
                lines.push(format!("    {key}: {}{end}", plain(value)));
            }
        }
        lines
    }

    /// As an item of a list in brackets.
    fn flow(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut text = format!("{{\"path\": {}", quoted(&self.path));
        if let Some([group, version, kind, name]) = &self.target {
            let _ = write!(text, ", \"target\": {{");
            let fields = [("group", group), ("version", version), ("kind", kind), ("name", name)];
            let fields: Vec<String> = fields
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| format!("\"{key}\": {}", quoted(value)))
                .collect();
            let _ = write!(text, "{}}}", fields.join(", "));
        }
        text + "}"
    }
}

/// Something that a kustomization is to name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Item {
    /// Under `patches:`.
    Patch(Entry),
    /// Under `components:`: the path of the folder, from that of the kustomization.
    Component(String),
}

impl Item {
    fn block(&self, end: &str) -> Vec<String> {
        match self {
            Self::Patch(entry) => entry.block(end),
            Self::Component(path) => vec![format!("- {}{end}", plain(path))],
        }
    }

    fn flow(&self) -> String {
        match self {
            Self::Patch(entry) => entry.flow(),
            Self::Component(path) => serde_json::Value::from(path.as_str()).to_string(),
        }
    }
}

/// How a Component begins.
pub(super) const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

/// A new kustomization with these patches.
pub(super) fn new(head: &str, patches: &[&Item]) -> String {
    format!("{head}patches:\n{}", block_items(patches, "  ", "\n"))
}

/// The text of a kustomization with more items behind those that it has; none if it can't be edited.
pub(super) fn with_items(files: &Files, path: &str, items: &[&Item]) -> Option<String> {
    let parsed = files.parsed(path).ok()?;
    let view = Kustomization::of(&parsed)?;
    let text = parsed.tree.sources().get(view.root().span().source).text();
    let (components, patches): (Vec<_>, Vec<_>) = items.iter().partition(|item| matches!(item, Item::Component(_)));
    let lists = [("components", components), ("patches", patches)].into_iter().filter(|(_, items)| !items.is_empty());
    let inserts = lists.map(|(key, items)| insertion(view.root(), text, key, &items));
    let mut texts: BTreeMap<usize, String> = BTreeMap::new();
    for insert in inserts {
        let (at, insert) = insert?;
        texts.entry(at).or_default().push_str(&insert);
    }
    let mut new = text.to_owned();
    for (at, insert) in texts.into_iter().rev() {
        let is_line = insert.ends_with('\n') && at > 0 && !text[..at].ends_with('\n');
        new.insert_str(at, &insert);
        if is_line {
            new.insert_str(at, end_of_lines(text));
        }
    }
    Some(new)
}

/// How the lines of a text end.
fn end_of_lines(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Where a list of a kustomization gets more items, and by which text; none if it can't.
fn insertion(root: Node<'_>, text: &str, key: &str, items: &[&Item]) -> Option<(usize, String)> {
    let end = end_of_lines(text);
    Some(match root.get(key) {
        Some(list) if list.kind() == Kind::Sequence && list.style() == Style::Flow => {
            (list.span().end as usize - 1, flow_items(items, list.items().next().is_some()))
        }
        Some(list) if list.kind() == Kind::Sequence => {
            let at = end_of_line(text, list.items().last()?);
            let column = column(text, list.span().start as usize);
            (at, block_items(items, &" ".repeat(column), end))
        }
        Some(empty) if empty.kind() == Kind::Scalar && empty.is_null() => {
            if !empty.span().is_empty() {
                return None;
            }
            let at = line_behind(text, empty.key()?.span().end as usize);
            (at, block_items(items, &indent_of_lists(root, text), end))
        }
        Some(_) => return None,
        None if root.style() == Style::Flow => {
            (root.span().end as usize - 1, format!(", \"{key}\": [{}]", flow_items(items, false)))
        }
        None => {
            let last = root.fields().last().map(|(_, value)| value)?;
            let indent = indent_of_lists(root, text);
            (end_of_line(text, last), format!("{key}:{end}{}", block_items(items, &indent, end)))
        }
    })
}

fn block_items(items: &[&Item], indent: &str, end: &str) -> String {
    items.iter().flat_map(|item| item.block(end)).flat_map(|line| [indent.to_owned(), line]).collect()
}

fn flow_items(items: &[&Item], follows: bool) -> String {
    let items: Vec<String> = items.iter().map(|item| item.flow()).collect();
    format!("{}{}", if follows { ", " } else { "" }, items.join(", "))
}

/// How far the items of the file's other lists are to the right of their keys.
fn indent_of_lists(root: Node<'_>, text: &str) -> String {
    let is_block = |value: &Node<'_>| value.kind() == Kind::Sequence && value.style() == Style::Block;
    let first = root.fields().map(|(_, value)| value).find(is_block);
    " ".repeat(first.map_or(2, |list| column(text, list.span().start as usize)))
}

/// How many bytes of its line stand before a place.
pub(super) fn column(text: &str, at: usize) -> usize {
    at - text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Where the line after a node begins, or the text ends.
pub(super) fn end_of_line(text: &str, node: Node<'_>) -> usize {
    let end = last(node);
    if text[..end].ends_with('\n') { end } else { line_behind(text, end) }
}

/// Where a node ends with all that is in it.
fn last(node: Node<'_>) -> usize {
    let own = node.span().end as usize;
    node.children().last().map_or(own, |child| own.max(last(child)))
}

/// Where the next line begins, or the text ends.
pub(super) fn line_behind(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Entry;
    use super::Item;
    use super::with_items;
    use crate::source::Scratch;
    use crate::source::Sources;
    use crate::yaml::Files;

    fn edited(text: &str, items: &[Item]) -> String {
        let folder = Scratch::temporary().expect("a folder");
        std::fs::write(folder.path().join("kustomization.yaml"), text).expect("a file");
        let files = Files::new(Arc::new(Sources::below(folder.path()).expect("a folder")));
        let items: Vec<&Item> = items.iter().collect();
        with_items(&files, "kustomization.yaml", &items).unwrap_or_else(|| "none".to_owned())
    }

    fn patched(text: &str) -> String {
        edited(text, &[Item::Patch(Entry { path: "web-waits.yaml".to_owned(), target: None })])
    }

    #[test]
    fn components_and_patches_are_two_lists() {
        let component = Item::Component("../../components/waits".to_owned());
        let patch = Item::Patch(Entry { path: "web-waits.yaml".to_owned(), target: None });
        let both = [patch, component];
        assert_eq!(
            edited("resources:\n- a.yaml", &both),
            "resources:\n- a.yaml\ncomponents:\n- ../../components/waits\npatches:\n- path: web-waits.yaml\n"
        );
        assert_eq!(
            edited("components: [../x]\npatches:\n  - path: y.yaml\n", &both),
            "components: [../x, \"../../components/waits\"]\npatches:\n  - path: y.yaml\n  - path: web-waits.yaml\n"
        );
    }

    #[test]
    fn an_entry_goes_behind_the_others_in_the_style_of_the_file() {
        let same = |text: &str, expected: &str| assert_eq!(patched(text), expected, "{text}");
        same("resources:\n- a.yaml\n", "resources:\n- a.yaml\npatches:\n- path: web-waits.yaml\n");
        same("resources:\n  - a.yaml", "resources:\n  - a.yaml\npatches:\n  - path: web-waits.yaml\n");
        same(
            "patches:\n  - path: b.yaml # keeps\nnamespace: x\n",
            "patches:\n  - path: b.yaml # keeps\n  - path: web-waits.yaml\nnamespace: x\n",
        );
        same(
            "patches:\n- patch: |-\n    a: 1\n    b: 2\n\n# end\nnamespace: x\n",
            "patches:\n- patch: |-\n    a: 1\n    b: 2\n\n- path: web-waits.yaml\n# end\nnamespace: x\n",
        );
        same("patches: []\n", "patches: [{\"path\": \"web-waits.yaml\"}]\n");
        same("patches: [{path: b.yaml}]\n", "patches: [{path: b.yaml}, {\"path\": \"web-waits.yaml\"}]\n");
        same("resources: [a.yaml]\npatches:\n", "resources: [a.yaml]\npatches:\n  - path: web-waits.yaml\n");
        same("resources:\r\n- a.yaml\r\n", "resources:\r\n- a.yaml\r\npatches:\r\n- path: web-waits.yaml\r\n");
        same(
            "{\"resources\": [\"a.yaml\"]}\n",
            "{\"resources\": [\"a.yaml\"], \"patches\": [{\"path\": \"web-waits.yaml\"}]}\n",
        );
        same("patches: {}\n", "none");
    }
}
