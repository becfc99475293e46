//! The field paths of replacements: parts between dots, and how kustomize finds a node along them. Its source
//! and its targets are looked up by two different programs, which do not agree in everything.

use regex::Regex;

use crate::render::kustomize::replacement::text;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;

/// What is wrong with a path, and the node where that was noticed.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) node: NodeId,
    pub(super) problem: String,
}

type Result<T> = std::result::Result<T, Lost>;

/// The parts of a path. A dot is part of a name behind a backslash and within brackets, which stay only around
/// what selects items of a list.
pub(super) fn parts(path: &str) -> Vec<String> {
    let mut pieces = unescaped(path).into_iter();
    let mut parts = Vec::new();
    while let Some(mut part) = pieces.next() {
        if part.starts_with('[') && !part.ends_with(']') {
            for piece in pieces.by_ref() {
                part = part + "." + &piece;
                if piece.ends_with(']') {
                    break;
                }
            }
            if !part.contains('=') {
                let name = part.trim_matches(['[', ']']).to_owned();
                parts.push(name);
                continue;
            }
        }
        parts.push(part);
    }
    parts
}

/// What stands between dots without a backslash before them.
fn unescaped(path: &str) -> Vec<String> {
    let mut pieces = path.strip_prefix('.').unwrap_or(path).split('.');
    let mut parts = vec![pieces.next().unwrap_or_default().to_owned()];
    for piece in pieces {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push('.');
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

/// `[key=value]` as its key and value. Without a key it is the item itself that is meant.
fn selector(part: &str, node: NodeId) -> Result<(&str, &str)> {
    let inside = part.strip_suffix(']').unwrap_or(part);
    let inside = inside.strip_prefix('[').unwrap_or(inside);
    let problem = || Lost { node, problem: format!("`{part}` selects no item: write `[key=value]`") };
    inside.split_once('=').ok_or_else(problem)
}

fn is_selector(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

/// A number as Go's `Atoi` reads it.
fn number(part: &str) -> Option<i64> {
    part.parse().ok()
}

/// The node at the end of a source's path; its values have to be equal, and `-` is the last item.
pub(super) fn source<'a>(root: Node<'a>, parts: &[String]) -> Result<Option<Node<'a>>> {
    let mut node = root;
    for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        let lost = |problem: String| Err(Lost { node: node.id(), problem });
        let index = if part == "-" { Some(-1) } else { number(part) };
        let next = match index {
            Some(index) if part != "-" && index < 0 => return lost(format!("the index {index} is negative")),
            Some(index) => {
                let items = items(node)?;
                match usize::try_from(index) {
                    Ok(index) => items.get(index).copied(),
                    Err(_) if items.is_empty() => return lost("this list has no last item".to_owned()),
                    Err(_) => items.last().copied(),
                }
            }
            None if part == "*" => return lost("`*` is not possible in the path of a source".to_owned()),
            None if is_selector(part) => {
                let (key, value) = selector(part, node.id())?;
                items(node)?.into_iter().find(|item| match key {
                    "" => item.text() == value,
                    _ => item.get(key).is_some_and(|field| field.text() == value),
                })
            }
            None => get(node, part)?,
        };
        match next {
            Some(next) => node = next,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// The items of a list; null has none.
fn items(node: Node<'_>) -> Result<Vec<Node<'_>>> {
    if node.kind() == Kind::Sequence || node.is_null() {
        return Ok(node.items().collect());
    }
    Err(Lost { node: node.id(), problem: "this is not a list".to_owned() })
}

/// A field of a mapping; null has none.
fn get<'a>(node: Node<'a>, name: &str) -> Result<Option<Node<'a>>> {
    if node.kind() == Kind::Mapping || node.is_null() {
        return Ok(node.get(name));
    }
    Err(Lost { node: node.id(), problem: format!("this is not a mapping, so it has no `{name}`") })
}

/// A walk to the targets of a replacement.
pub(super) struct Targets<'a> {
    pub(super) tree: &'a mut Tree,
    /// The kind of the last node of a path that is to be made where it is missing; none for not making any.
    pub(super) create: Option<Kind>,
    /// What causes the nodes that are made.
    pub(super) cause: Span,
    /// Whether the walk goes on in what a text holds, which is read for that. What is found there is part of
    /// nothing.
    pub(super) reads_texts: bool,
}

impl Targets<'_> {
    /// All nodes at the end of a path. Values in it are regular expressions.
    pub(super) fn find(&mut self, node: NodeId, parts: &[String]) -> Result<Vec<NodeId>> {
        let Some((part, rest)) = parts.split_first() else { return Ok(vec![node]) };
        if number(part).is_some_and(|index| index >= 0) {
            return self.item(node, part, rest);
        }
        if is_selector(part) {
            let (key, value) = selector(part, node)?;
            return self.selected(node, key, value, rest);
        }
        if part == "*" {
            let mut found = Vec::new();
            for item in self.items(node)? {
                found.extend(self.find(item, rest)?);
            }
            return Ok(found);
        }
        if part.is_empty() {
            return self.nameless(node, rest);
        }
        match get(self.tree.node(node), part)?.map(Node::id) {
            Some(field) if self.reads_texts && !rest.is_empty() && self.tree.node(field).kind() == Kind::Scalar => {
                let problem = || "this text cannot be read as YAML".to_owned();
                let inside = text::read(self.tree, field).ok_or_else(|| Lost { node: field, problem: problem() })?;
                self.find(inside.root, rest)
            }
            Some(field) => self.find(field, rest),
            None if self.create.is_none() => Ok(Vec::new()),
            None => {
                let field = self.made(rest);
                if self.tree.node(node).kind() == Kind::Mapping {
                    let key = self.tree.text_from(part, self.cause);
                    self.tree.unquote(key);
                    self.tree.append_field(node, key, field);
                }
                self.find(field, rest)
            }
        }
    }

    /// What an empty part of a path stands for: an empty text itself.
    fn nameless(&mut self, node: NodeId, rest: &[String]) -> Result<Vec<NodeId>> {
        let scalar = self.tree.node(node);
        match scalar.kind() {
            Kind::Scalar if scalar.text().is_empty() && !scalar.is_null() => self.find(node, rest),
            Kind::Scalar if self.create.is_none() => Ok(Vec::new()),
            _ => Err(Lost { node, problem: "a part of the path is empty".to_owned() }),
        }
    }

    fn items(&self, node: NodeId) -> Result<Vec<NodeId>> {
        Ok(items(self.tree.node(node))?.into_iter().map(Node::id).collect())
    }

    /// The item of an index. The one behind the last may be made.
    fn item(&mut self, list: NodeId, index: &str, rest: &[String]) -> Result<Vec<NodeId>> {
        let mut items = self.items(list)?;
        let index = number(index).and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
        if items.len() == index && self.create.is_some() {
            let item = self.made(rest);
            if self.tree.node(list).kind() == Kind::Sequence {
                self.tree.append(list, item);
            }
            items.push(item);
        }
        let problem = || format!("there is no item {index}: this list has {}", items.len());
        let item = items.get(index).copied().ok_or_else(|| Lost { node: list, problem: problem() })?;
        self.find(item, rest)
    }

    /// The items that a regular expression matches, themselves or in one of their fields.
    fn selected(&mut self, list: NodeId, key: &str, value: &str, rest: &[String]) -> Result<Vec<NodeId>> {
        let pattern = Regex::new(value)
            .map_err(|_| Lost { node: list, problem: format!("`{value}` is not a regular expression") })?;
        let found = self.matching(list, key, &pattern, rest)?;
        if !found.is_empty() || self.create.is_none() {
            return Ok(found);
        }
        let scalar = self.untyped(value);
        let item = if key.is_empty() {
            scalar
        } else {
            let item = self.tree.mapping(self.cause);
            let name = self.tree.text_from(key, self.cause);
            self.tree.unquote(name);
            self.tree.append_field(item, name, scalar);
            item
        };
        if self.tree.node(list).kind() != Kind::Sequence {
            // What is put into a null is not seen by anyone.
            return if key.is_empty() { Ok(vec![item]) } else { self.find(item, rest) };
        }
        self.tree.append(list, item);
        let found = self.matching(list, key, &pattern, rest)?;
        if found.is_empty() {
            let problem = format!("an item made for `{value}` would not match it");
            return Err(Lost { node: list, problem });
        }
        Ok(found)
    }

    fn matching(&mut self, list: NodeId, key: &str, pattern: &Regex, rest: &[String]) -> Result<Vec<NodeId>> {
        let mut found = Vec::new();
        for item in self.items(list)? {
            let node = self.tree.node(item);
            if key.is_empty() {
                // What follows in the path is not looked at.
                found.extend(pattern.is_match(written(node).trim()).then_some(item));
            } else if node.get(key).is_some_and(|field| pattern.is_match(written(field).trim())) {
                found.extend(self.find(item, rest)?);
            }
        }
        Ok(found)
    }

    /// A new scalar whose type is that of whatever text it gets. One from a file keeps the type it has.
    fn untyped(&mut self, text: &str) -> NodeId {
        let scalar = self.tree.scalar(text, Style::Plain, self.cause);
        self.tree.retag(scalar, Tag::NonSpecific);
        scalar
    }

    /// A new empty node of the kind that the next part of the path asks for.
    fn made(&mut self, rest: &[String]) -> NodeId {
        let kind = match rest.first().map(String::as_str) {
            None | Some("") => self.create.unwrap_or(Kind::Scalar),
            Some(next) if is_selector(next) || number(next).is_some_and(|index| index >= 0) => Kind::Sequence,
            Some(_) => Kind::Mapping,
        };
        match kind {
            Kind::Scalar => self.untyped(""),
            Kind::Sequence => self.tree.sequence(self.cause),
            Kind::Mapping => self.tree.mapping(self.cause),
        }
    }
}

/// A node as YAML, which is what regular expressions see: a scalar with its quotes, a collection with its keys.
/// Near to what kustomize writes; long texts and comments are not told apart here.
fn written(node: Node<'_>) -> String {
    let indented = |text: String| text.replace('\n', "\n  ");
    match (node.kind(), node.style()) {
        (Kind::Scalar, Style::DoubleQuoted) => {
            format!("\"{}\"", node.text().replace('\\', "\\\\").replace('"', "\\\""))
        }
        (Kind::Scalar, Style::SingleQuoted) => format!("'{}'", node.text().replace('\'', "''")),
        (Kind::Scalar, Style::Literal) => format!("|\n  {}", indented(node.text().to_owned())),
        (Kind::Scalar, Style::Folded) => format!(">\n  {}", indented(node.text().to_owned())),
        (Kind::Scalar, _) => node.text().to_owned(),
        (Kind::Sequence, style) => {
            let items: Vec<String> = node.items().map(written).collect();
            if style == Style::Flow || items.is_empty() {
                return format!("[{}]", items.join(", "));
            }
            items.into_iter().map(|item| format!("- {}", indented(item))).collect::<Vec<_>>().join("\n")
        }
        (Kind::Mapping, style) => {
            let fields: Vec<(String, Node<'_>)> = node.fields().map(|(key, value)| (written(key), value)).collect();
            if style == Style::Flow || fields.is_empty() {
                let fields: Vec<String> =
                    fields.into_iter().map(|(key, value)| format!("{key}: {}", written(value))).collect();
                return format!("{{{}}}", fields.join(", "));
            }
            let field = |(key, value): (String, Node<'_>)| match value.kind() {
                Kind::Scalar => format!("{key}: {}", indented(written(value))),
                _ if value.style() == Style::Flow => format!("{key}: {}", written(value)),
                _ => format!("{key}:\n  {}", indented(written(value))),
            };
            fields.into_iter().map(field).collect::<Vec<_>>().join("\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn dots_are_escaped_by_backslashes_and_brackets() {
        for (path, expected) in [
            ("spec.replicas", vec!["spec", "replicas"]),
            (".spec", vec!["spec"]),
            ("a.b\\.c/d.e", vec!["a", "b.c/d", "e"]),
            ("a.[b.c/d]", vec!["a", "b.c/d"]),
            ("a.[b].c", vec!["a", "[b]", "c"]),
            ("a.[name=b.c].d", vec!["a", "[name=b.c]", "d"]),
            ("a.[b.c", vec!["a", "b.c"]),
            ("a.*.0.-", vec!["a", "*", "0", "-"]),
            ("a..b", vec!["a", "", "b"]),
        ] {
            assert_eq!(parts(path), expected, "{path}");
        }
    }
}
