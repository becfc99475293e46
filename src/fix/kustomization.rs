//! One more entry under `patches:` of a kustomization, in the style of the file; nothing else of it changes.

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

/// The text of a kustomization with more patches behind those that it has; none if it can't be edited.
pub(super) fn with_patches(files: &Files, path: &str, entries: &[&Entry]) -> Option<String> {
    let parsed = files.parsed(path).ok()?;
    let view = Kustomization::of(&parsed)?;
    let text = parsed.tree.sources().get(view.root().span().source).text();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (at, insert) = match view.root().get("patches") {
        Some(list) if list.kind() == Kind::Sequence && list.style() == Style::Flow => {
            (list.span().end as usize - 1, flow_items(entries, list.items().next().is_some()))
        }
        Some(list) if list.kind() == Kind::Sequence => {
            let at = end_of_line(text, list.items().last()?);
            let column = column(text, list.span().start as usize);
            (at, block_items(entries, &" ".repeat(column), end))
        }
        Some(empty) if empty.kind() == Kind::Scalar && empty.is_null() => {
            if !empty.span().is_empty() {
                return None;
            }
            let at = line_behind(text, empty.key()?.span().end as usize);
            (at, block_items(entries, &indent_of_lists(view.root(), text), end))
        }
        Some(_) => return None,
        None if view.root().style() == Style::Flow => {
            let list = flow_items(entries, false);
            (view.root().span().end as usize - 1, format!(", \"patches\": [{list}]"))
        }
        None => {
            let last = view.root().fields().last().map(|(_, value)| value)?;
            let indent = indent_of_lists(view.root(), text);
            (end_of_line(text, last), format!("patches:{end}{}", block_items(entries, &indent, end)))
        }
    };
    let is_line = insert.ends_with('\n') && at > 0 && !text[..at].ends_with('\n');
    Some(format!("{}{}{insert}{}", &text[..at], if is_line { end } else { "" }, &text[at..]))
}

fn block_items(entries: &[&Entry], indent: &str, end: &str) -> String {
    entries.iter().flat_map(|entry| entry.block(end)).flat_map(|line| [indent.to_owned(), line]).collect()
}

fn flow_items(entries: &[&Entry], follows: bool) -> String {
    let items: Vec<String> = entries.iter().map(|entry| entry.flow()).collect();
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
    use super::with_patches;
    use crate::source::Scratch;
    use crate::source::Sources;
    use crate::yaml::Files;

    fn patched(text: &str) -> String {
        let folder = Scratch::temporary().expect("a folder");
        std::fs::write(folder.path().join("kustomization.yaml"), text).expect("a file");
        let files = Files::new(Arc::new(Sources::below(folder.path()).expect("a folder")));
        let entry = Entry { path: "web-waits.yaml".to_owned(), target: None };
        with_patches(&files, "kustomization.yaml", &[&entry]).unwrap_or_else(|| "none".to_owned())
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
