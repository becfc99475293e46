//! The fields of a container as it is written, with another script in the place of what it runs.

use std::ops::Range;

use crate::fix::container::NAMESPACE;
use crate::fix::container::indented;
use crate::fix::container::plain;
use crate::fix::kustomization::column;
use crate::fix::kustomization::line_behind;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Style;

/// The field of a block mapping that runs a script.
pub(super) fn command(script: &str) -> String {
    format!("command:\n  - sh\n  - -c\n  - |\n{}", indented(script, "    "))
}

/// The parts of a text that change so that a container runs a script, perhaps in another image, and with one more
/// variable: an item of `env`.
///
/// # Errors
/// When it is written in a way that is not edited; says why.
pub(super) fn rewritten(
    container: Node<'_>,
    text: &str,
    image: Option<&str>,
    script: &str,
    variable: Option<&str>,
) -> Result<Vec<(Range<usize>, String)>, String> {
    let mut edits = Vec::new();
    if let (Some(image), Some(own)) = (image, container.get("image")) {
        edits.push((own.span().start as usize..own.span().end as usize, plain(image)));
    }
    let (first, second) = match (container.get("command"), container.get("args")) {
        (Some(command), Some(args)) if args.span().start < command.span().start => (args, Some(command)),
        (Some(command), args) => (command, args),
        (None, Some(args)) => (args, None),
        (None, None) => return Err("it is the image that says what it runs".to_owned()),
    };
    if [Some(first), second].into_iter().flatten().any(|field| is_shared(field, text)) {
        return Err("it is shared by an anchor".to_owned());
    }
    if container.style() == Style::Flow {
        in_brackets(container, (first, second), script, variable, &mut edits)?;
        return Ok(edits);
    }
    let key = first.key().ok_or("it has no key")?.span();
    let own = column(text, key.start as usize);
    let mut fields = command(script);
    match (variable, container.get("env")) {
        (Some(variable), None) => fields.extend(["env:\n", &indented(variable, "  ")]),
        (Some(variable), Some(list)) if list.kind() == Kind::Sequence && list.style() == Style::Block => {
            let start = list.span().start as usize;
            let at = start - column(text, start);
            let item = indented(variable, &" ".repeat(column(text, start)));
            edits.push((at..at, item));
        }
        (Some(_), Some(_)) => return Err("its variables are written in a way that is not edited".to_owned()),
        (None, _) => {}
    }
    let end = end_of(first, text);
    let rest = text[..end].rfind(|char| char != '\n').map_or(end, |at| at + 1);
    let comment = comment_behind(first, text, rest);
    let fields = fields.replacen('\n', &format!("{comment}\n"), 1);
    let fields = indented(&fields, &" ".repeat(own));
    let has_end = text[..end].ends_with('\n');
    let fields = if has_end { &fields[own..] } else { fields[own..].trim_end_matches('\n') };
    edits.push((key.start as usize..end, fields.to_owned()));
    if let Some(second) = second {
        let start = second.key().ok_or("it has no key")?.span().start as usize;
        edits.push((start - column(text, start)..end_of(second, text), String::new()));
    }
    if text.contains("\r\n") {
        for (_, text) in &mut edits {
            *text = text.replace('\n', "\r\n");
        }
    }
    Ok(edits)
}

/// The same for a mapping in brackets.
fn in_brackets(
    container: Node<'_>,
    (first, second): (Node<'_>, Option<Node<'_>>),
    script: &str,
    variable: Option<&str>,
    edits: &mut Vec<(Range<usize>, String)>,
) -> Result<(), String> {
    let key = first.key().ok_or("it has no key")?.span();
    let mut command = format!("command: {}", serde_json::json!(["sh", "-c", script]));
    if variable.is_some() {
        if container.get("env").is_some() {
            return Err("its variables are written in a way that is not edited".to_owned());
        }
        let field = serde_json::json!({"fieldRef": {"fieldPath": "metadata.namespace"}});
        let item = serde_json::json!({"name": NAMESPACE, "valueFrom": field});
        command.extend([", env: [", &item.to_string(), "]"]);
    }
    edits.push((key.start as usize..first.span().end as usize, command));
    if let Some(second) = second {
        let before = container.children().take_while(|child| child.id() != second.id()).last();
        let before = before.ok_or("its `args` come first")?;
        edits.push((before.span().end as usize..second.span().end as usize, String::new()));
    }
    Ok(())
}

/// Whether an anchor, an alias or a tag stands between a key and its value, or a part of it is written elsewhere.
fn is_shared(value: Node<'_>, text: &str) -> bool {
    let Some(key) = value.key() else { return true };
    let between = text.get(key.span().end as usize..value.span().start as usize).unwrap_or("*");
    let is_marked =
        between.lines().any(|line| line.split('#').next().is_some_and(|line| line.contains(['&', '*', '!'])));
    is_marked || value.descendants().any(|node| node.span().start < key.span().end)
}

/// The comment on the line on which a field ends.
fn comment_behind(value: Node<'_>, text: &str, end: usize) -> String {
    let last = value.descendants().map(|node| node.span().end as usize).max().unwrap_or(end);
    // What stands in a block scalar is no comment.
    let rest = text.get(last..end).unwrap_or_default().trim_start_matches([']', '"', '\'', ' ']);
    if rest.starts_with('#') && !rest.contains('\n') { format!(" {}", rest.trim_end()) } else { String::new() }
}

/// Where the line behind a field begins.
fn end_of(value: Node<'_>, text: &str) -> usize {
    let end = value.descendants().map(|node| node.span().end as usize).max().unwrap_or(value.span().end as usize);
    if text[..end].ends_with('\n') { end } else { line_behind(text, end) }
}
