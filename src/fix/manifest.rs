//! Init containers put into a manifest as it is written: in lines of their own, or into its brackets.

use crate::fix::change::Edit;
use crate::fix::container::Container;
use crate::fix::container::indented;
use crate::fix::kustomization::column;
use crate::fix::kustomization::line_behind;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::Style;
use crate::yaml::json_text;
use crate::yaml::parse;

/// Puts containers before all others into the `spec` of a pod.
///
/// # Errors
/// When the manifest is written in a way that leaves no place for them; says why.
pub(super) fn insert(sources: &Sources, spec: Node<'_>, containers: &[Container]) -> Result<Edit, String> {
    let source = sources.get(spec.span().source);
    let text = source.text();
    let (at, insert) = match spec.get("initContainers") {
        Some(list) if list.kind() == Kind::Sequence && list.style() == Style::Flow => {
            let more = if list.items().next().is_some() { ", " } else { "" };
            (list.span().start as usize + 1, format!("{}{more}", flow(containers)?))
        }
        Some(list) if list.kind() == Kind::Sequence => {
            let key = list.key().ok_or("its `initContainers` have no key")?;
            let column = column(text, list.span().start as usize);
            (line_behind(text, key.span().end as usize), block(containers, column))
        }
        Some(empty) if empty.is_null() && empty.span().is_empty() => {
            let key = empty.key().ok_or("its `initContainers` have no key")?.span();
            let column = column(text, key.start as usize) + 2;
            (line_behind(text, key.end as usize), block(containers, column))
        }
        Some(_) => return Err("its `initContainers` are no list".to_owned()),
        None => before(text, spec, containers)?,
    };
    let insert = if text.contains("\r\n") { insert.replace('\n', "\r\n") } else { insert };
    Ok(Edit::Replace { path: source.path().to_owned(), range: at..at, text: insert })
}

/// The field as a whole, before `containers`.
fn before(text: &str, spec: Node<'_>, containers: &[Container]) -> Result<(usize, String), String> {
    let list = spec.get("containers").ok_or("its pod has no containers")?;
    let Span { start, .. } = list.key().ok_or("its `containers` have no key")?.span();
    let start = start as usize;
    if spec.style() == Style::Flow {
        return Ok((start, format!("\"initContainers\": [{}], ", flow(containers)?)));
    }
    let own = column(text, start);
    if !text[start - own..start].bytes().all(|byte| byte == b' ') {
        return Err("its `containers` share a line with something else".to_owned());
    }
    let is_block = list.kind() == Kind::Sequence && list.style() == Style::Block;
    let items = if is_block { column(text, list.span().start as usize) } else { own + 2 };
    let key = format!("{}initContainers:\n", " ".repeat(own));
    Ok((start - own, format!("{key}{}", block(containers, items))))
}

fn block(containers: &[Container], column: usize) -> String {
    containers.iter().map(|container| indented(&container.text, &" ".repeat(column))).collect()
}

/// The containers as JSON, which is YAML in brackets.
fn flow(containers: &[Container]) -> Result<String, String> {
    let sources = std::sync::Arc::new(Sources::in_memory());
    let text: String = containers.iter().map(|container| container.text.as_str()).collect();
    let parsed = parse(&sources, sources.add("containers.yaml", text), Reader::Kubectl);
    let list = parsed.documents.first().map(|document| parsed.tree.node(document.root));
    let json = list.and_then(|list| json_text(list, false).ok()).ok_or("nothing is to be added")?;
    // Without the escapes that only HTML needs.
    let items: Vec<serde_json::Value> = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    Ok(items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}
