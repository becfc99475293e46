//! Replacements within a text that is itself YAML or JSON, such as a file in a ConfigMap, as kustomize makes them
//! since v5.8: the text is read, changed, and written anew.
//!
//! Whatever goes wrong on the way is no error there: the path is then followed as if there were no such text.

use crate::diagnostic::Diagnostic;
use crate::render::kustomize::replacement;
use crate::render::kustomize::replacement::Options;
use crate::render::kustomize::replacement::path;
use crate::render::kustomize::replacement::path::Targets;
use crate::render::kustomize::replacement::text::Inside;
use crate::render::kustomize::replacement::text::read;
use crate::render::kustomize::size::refuse_long_text;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::duplicate_keys;
use crate::yaml::emit_as_written;
use crate::yaml::json_text;

type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// Sets what a path leads to within a text. Says whether it leads into one.
pub(super) fn set(
    tree: &mut Tree,
    root: NodeId,
    parts: &[String],
    value: NodeId,
    create: Option<Kind>,
    at: Span,
    via: &Via,
) -> Result<bool> {
    for end in 1..parts.len() {
        let Ok(Some(found)) = path::source(tree.node(root), &parts[..end]) else { continue };
        if found.kind() != Kind::Scalar || found.is_null() {
            continue;
        }
        let scalar = found.id();
        let Some(inside) = read(tree, scalar) else { continue };
        let targets = Targets { tree: &mut *tree, create, cause: at, reads_texts: true };
        let targets = { targets }.find(inside.root, &parts[end..]).unwrap_or_default();
        if targets.is_empty() {
            return Ok(false);
        }
        for target in targets {
            replacement::set(tree, target, value, &Options::default(), at, via)?;
        }
        let Some(text) = written(tree, scalar, &inside, at)? else { return Ok(false) };
        refuse_long_text(text.len(), at, tree.node(scalar).span())?;
        put(tree, scalar, &text, value, via);
        return Ok(true);
    }
    Ok(false)
}

/// What was read from a text, as a text again: JSON if it was that before, and spread over lines like before.
/// None where kustomize does not succeed.
fn written(tree: &Tree, scalar: NodeId, inside: &Inside, at: Span) -> Result<Option<String>> {
    let before = tree.node(scalar).text();
    let root = tree.node(inside.root);
    if before.trim().starts_with(['{', '[']) {
        if !duplicate_keys(root).is_empty() || root.descendants().any(has_lost_its_type) {
            return Ok(None);
        }
        let is_spread = before.contains('\n') && before.contains("  ");
        return Ok(json_text(root, false).ok().map(|json| if is_spread { spread(&json) } else { json }));
    }
    let is_alias = |node: Node<'_>| node.writers().any(|writer| writer.via.is_some_and(|via| via.what == "alias"));
    let text = emit_as_written(root).filter(|_| !inside.has_comments && !root.descendants().any(is_alias));
    let Some(text) = text else {
        let what = "this path leads into a text of YAML that cannot be written anew here as kustomize does";
        let problem = Diagnostic::error("replacement-into-text", at, what)
            .help("comments, anchors and folded texts are what stands in the way")
            .related(tree.node(scalar).span(), "the text is here");
        return Err(Box::new(problem));
    };
    Ok(Some(text.trim().to_owned()))
}

/// Whether a scalar has a text that its type does not allow, which nobody can read.
fn has_lost_its_type(node: Node<'_>) -> bool {
    let tag = node.tag();
    let is_typed = !matches!(tag, Tag::None | Tag::NonSpecific | Tag::Str);
    let look = replacement::tag_of(Reader::Kustomize, node.text(), node.style());
    node.kind() == Kind::Scalar && is_typed && tag != look && (tag, look) != (Tag::Float, Tag::Int)
}

/// JSON of one line spread over many.
fn spread(json: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    let (mut in_text, mut is_escaped) = (false, false);
    let mut chars = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    while let Some(char) = chars.next() {
        if in_text {
            out.push(char);
            in_text = is_escaped || char != '"';
            is_escaped = char == '\\' && !is_escaped;
            continue;
        }
        match char {
            '{' | '[' => {
                out.push(char);
                if chars.next_if(|next| matches!(next, '}' | ']')).is_some() {
                    out.push(if char == '{' { '}' } else { ']' });
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth -= 1;
                line(&mut out, depth);
                out.push(char);
            }
            ',' => {
                out.push(char);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_text = char == '"';
                out.push(char);
            }
        }
    }
    out
}

/// Gives a scalar its new text. What is the same at its start and end is still known to be its own.
fn put(tree: &mut Tree, scalar: NodeId, text: &str, value: NodeId, via: &Via) {
    let by = tree.node(value).span();
    let node = tree.node(scalar);
    let (before, span) = (node.text().to_owned(), node.span());
    let same = |mut pairs: Box<dyn Iterator<Item = (char, char)> + '_>| {
        let mut length = 0;
        while let Some((char, _)) = pairs.next().filter(|(old, new)| old == new) {
            length += char.len_utf8();
        }
        length
    };
    let front = same(Box::new(before.chars().zip(text.chars())));
    let back = same(Box::new(before[front..].chars().rev().zip(text[front..].chars().rev())));
    replacement::keep_type(tree, scalar);
    let copy = tree.copy_within(scalar);
    let middle = front..text.len() - back;
    tree.compose(copy, &[(&text[..front], span), (&text[middle.clone()], by), (&text[middle.end..], span)]);
    tree.written_at(copy, by, via);
    tree.supersede(scalar, copy);
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn json_is_spread_as_go_does() {
        let json = r#"{"a":[1,{}],"b":"x,{\"y\":\\","c":[]}"#;
        let expected = "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"x,{\\\"y\\\":\\\\\",\n  \"c\": []\n}";
        assert_eq!(spread(json), expected);
    }
}
