//! Field paths as `vars` and `replacements` write them: `spec.containers.[name=web].image`.

use regex::Regex;

use crate::render::kustomize::go_regex;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tree;

/// The parts of a path: split at dots, but not at `\.` nor within brackets.
pub(super) fn split(path: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut parts = escaped(path).into_iter();
    while let Some(part) = parts.next() {
        if !part.starts_with('[') || part.ends_with(']') {
            found.push(part);
            continue;
        }
        let mut whole = part;
        for more in parts.by_ref() {
            whole.push('.');
            whole.push_str(&more);
            if more.ends_with(']') {
                break;
            }
        }
        let is_condition = whole.contains('=');
        found.push(if is_condition { whole } else { whole.trim_matches(['[', ']']).to_owned() });
    }
    found
}

/// The parts of a path between dots without a backslash before them. A dot at the start means nothing.
fn escaped(path: &str) -> Vec<String> {
    let path = path.strip_prefix('.').unwrap_or(path);
    let mut parts: Vec<String> = Vec::new();
    let mut continues = false;
    for part in path.split('.') {
        match parts.last_mut() {
            Some(last) if continues => {
                last.pop();
                last.push('.');
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
        continues = parts.last().is_some_and(|last| last.ends_with('\\'));
    }
    parts
}

/// The node at the end of a path in which a list item is given by its place or by `[key=value]`.
pub(super) fn look_up<'a>(object: Node<'a>, path: &str) -> Option<Node<'a>> {
    split(path).iter().try_fold(object, |node, part| step(node, part))
}

/// As [`look_up`], where a place in a list may also stand behind a name: `ports[0].port`.
pub(super) fn look_up_indexed<'a>(object: Node<'a>, path: &str) -> Option<Node<'a>> {
    split(path).iter().try_fold(object, |node, part| {
        let indexed = part.strip_suffix(']').and_then(|part| part.rsplit_once('['));
        match indexed.filter(|(_, index)| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(("", index)) => step(node, index),
            Some((name, index)) => step(step(node, name)?, index),
            None => step(node, part),
        }
    })
}

fn step<'a>(node: Node<'a>, part: &str) -> Option<Node<'a>> {
    if let Some(condition) = part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
        let (key, value) = condition.split_once('=')?;
        let is_meant = |item: &Node<'a>| {
            if key.is_empty() { item.is_text(value) } else { item.get(key).is_some_and(|field| field.is_text(value)) }
        };
        return node.items().find(is_meant);
    }
    match (node.kind(), part.parse::<usize>()) {
        (Kind::Sequence, Ok(index)) => node.items().nth(index),
        (Kind::Sequence, Err(_)) if part == "-" => node.items().last(),
        (Kind::Mapping, _) => node.get(part),
        _ => None,
    }
}

/// What is made where a path leads to nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Create {
    /// The kind of the last node.
    pub(super) kind: Kind,
    /// Who asks for it.
    pub(super) by: Span,
}

/// What goes wrong on a path: a sentence for whoever wrote it.
type Found = Result<Vec<NodeId>, String>;

/// The nodes that a path leads to, in which `*` stands for all items of a list and the value of a condition
/// is a pattern. With `create`, what is missing is made.
pub(super) fn find(tree: &mut Tree, at: NodeId, path: &[String], create: Option<Create>) -> Found {
    let Some((part, rest)) = path.split_first() else { return Ok(vec![at]) };
    if let Ok(index) = part.parse::<i64>() {
        return item_at(tree, at, index, rest, create);
    }
    if let Some(condition) = part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
        return matching_items(tree, at, condition, rest, create);
    }
    if part == "*" {
        let items = items(tree, at)?;
        return each(tree, &items, rest, create);
    }
    named_field(tree, at, part, rest, create)
}

fn each(tree: &mut Tree, items: &[NodeId], rest: &[String], create: Option<Create>) -> Found {
    let mut found = Vec::new();
    for &item in items {
        found.extend(find(tree, item, rest, create)?);
    }
    Ok(found)
}

fn named_field(tree: &mut Tree, at: NodeId, name: &str, rest: &[String], create: Option<Create>) -> Found {
    let node = tree.node(at);
    if node.is_null() && node.kind() == Kind::Scalar && create.is_none() {
        return Ok(Vec::new());
    }
    if node.kind() != Kind::Mapping {
        return Err(format!("the path asks for a field `{name}` of what is no mapping"));
    }
    let field = match (node.get(name).filter(|field| !field.is_null()).map(Node::id), create) {
        (Some(field), _) => field,
        (None, None) => return Ok(Vec::new()),
        (None, Some(create)) => {
            let old = tree.node(at).get(name).map(Node::id);
            let new = empty(tree, kind_for(rest, create), create);
            match old {
                Some(old) => tree.replace(old, new),
                None => tree.append_new_field(at, name, new, create.by),
            }
            new
        }
    };
    find(tree, field, rest, create)
}

/// What a node must be so that the rest of a path can go on from it.
fn kind_for(rest: &[String], create: Create) -> Kind {
    match rest.first() {
        None => create.kind,
        Some(next) if next.parse::<i64>().is_ok() || next.starts_with('[') && next.ends_with(']') => Kind::Sequence,
        Some(_) => Kind::Mapping,
    }
}

fn empty(tree: &mut Tree, kind: Kind, create: Create) -> NodeId {
    match kind {
        Kind::Mapping => tree.mapping(create.by),
        Kind::Sequence => tree.sequence(create.by),
        Kind::Scalar => tree.scalar("", Style::Plain, create.by),
    }
}

fn items(tree: &Tree, at: NodeId) -> Found {
    let node = tree.node(at);
    match node.kind() {
        Kind::Sequence => Ok(node.items().map(Node::id).collect()),
        Kind::Scalar if node.is_null() => Ok(Vec::new()),
        _ => Err("the path asks for an item of what is no list".to_owned()),
    }
}

fn item_at(tree: &mut Tree, at: NodeId, index: i64, rest: &[String], create: Option<Create>) -> Found {
    let mut items = items(tree, at)?;
    let length = items.len();
    if let Some(create) = create.filter(|_| usize::try_from(index) == Ok(length)) {
        let new = empty(tree, kind_for(rest, create), create);
        tree.append(at, new);
        items.push(new);
    }
    let item = usize::try_from(index).ok().and_then(|index| items.get(index).copied());
    match item {
        Some(item) => find(tree, item, rest, create),
        None => Err(format!("the path asks for item {index}, counted from 0, of a list of {length}")),
    }
}

fn matching_items(tree: &mut Tree, at: NodeId, condition: &str, rest: &[String], create: Option<Create>) -> Found {
    let Some((key, value)) = condition.split_once('=') else {
        return Err(format!("`[{condition}]` is no condition such as `[name=web]`"));
    };
    let pattern = go_regex(value).map_err(|_| format!("`{value}` is no regular expression"))?;
    let all = items(tree, at)?;
    let chosen: Vec<NodeId> = all.into_iter().filter(|&item| is_chosen(tree.node(item), key, &pattern)).collect();
    let rest_of = if key.is_empty() { &[] } else { rest };
    let found = each(tree, &chosen, rest_of, create)?;
    let Some(create) = create.filter(|_| found.is_empty()) else { return Ok(found) };
    let text = tree.scalar(value, Style::Plain, create.by);
    let item = if key.is_empty() {
        text
    } else {
        let item = tree.mapping(create.by);
        tree.append_new_field(item, key, text, create.by);
        item
    };
    if !is_chosen(tree.node(item), key, &pattern) {
        return Err(format!("an item made for `[{condition}]` would not fulfil it"));
    }
    tree.append(at, item);
    find(tree, item, rest_of, Some(create))
}

/// Whether an item has a field, or is a value, that a pattern matches as YAML writes it.
fn is_chosen(item: Node<'_>, key: &str, pattern: &Regex) -> bool {
    let node = if key.is_empty() { Some(item) } else { item.get(key) };
    node.is_some_and(|node| match (node.kind(), node.style()) {
        (Kind::Scalar, Style::SingleQuoted) => pattern.is_match(&format!("'{}'", node.text().replace('\'', "''"))),
        (Kind::Scalar, Style::DoubleQuoted) => pattern.is_match(&format!("\"{}\"", node.text())),
        (Kind::Scalar, _) => pattern.is_match(node.text().trim()),
        (Kind::Sequence | Kind::Mapping, _) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn dots_split_unless_escaped_or_in_brackets() {
        assert_eq!(split("spec.a\\.b.c"), ["spec", "a.b", "c"]);
        assert_eq!(split("metadata.annotations.[a.b/c]"), ["metadata", "annotations", "a.b/c"]);
        assert_eq!(split("spec.[name=a.b].image"), ["spec", "[name=a.b]", "image"]);
        assert_eq!(split(".spec"), ["spec"]);
    }
}
