//! A field of a rendered object as people type it: `Deployment/web.spec.replicas`,
//! `Deployment/web.spec.template.spec.containers.app.image`.

use crate::diagnostic::did_you_mean;
use crate::render::Resource;
use crate::yaml::Kind;
use crate::yaml::Node;

/// What was asked for, found.
#[derive(Debug)]
pub(super) enum Field<'a> {
    /// A node that is there.
    There(Node<'a>),
    /// The mapping that had the field until somebody deleted it, and its name.
    Deleted(Node<'a>, String),
}

/// The resource and the field that `text` names.
///
/// # Errors
/// When there is none, or several: a message for whoever typed it.
pub(super) fn find<'a>(resources: &'a [Resource], text: &str) -> Result<Field<'a>, String> {
    let Some((kind, rest)) = text.split_once('/') else {
        return Err(format!("`{text}` names no resource: write it like `Deployment/web.spec.replicas`"));
    };
    let is_kind = |resource: &&Resource| resource.id.kind.eq_ignore_ascii_case(kind);
    let behind = |resource: &Resource| {
        let name = &resource.id.name;
        let with_namespace = format!("{}/{name}", resource.id.namespace.as_deref().unwrap_or("default"));
        let is_whole = |after: &str| after.is_empty() || after.starts_with(['.', '[']);
        [name.as_str(), &with_namespace]
            .into_iter()
            .find(|name| rest.strip_prefix(name).is_some_and(is_whole))
            .map(str::len)
    };
    let longest = resources.iter().filter(is_kind).filter_map(&behind).max();
    let found = resources.iter().filter(is_kind).filter(|resource| longest.is_some() && behind(resource) == longest);
    let found: Vec<&Resource> = found.collect();
    match (found.as_slice(), longest) {
        ([resource], Some(length)) => walk(resource.node(), &parts(&rest[length..])),
        ([first, ..], _) => Err(several(first, found.len())),
        _ => Err(nothing(resources, kind, rest)),
    }
}

fn several(first: &Resource, count: usize) -> String {
    let (kind, name) = (&first.id.kind, &first.id.name);
    let namespace = first.id.namespace.as_deref().unwrap_or("default");
    format!("{count} resources here are called `{kind}/{name}`: say which, as in `{kind}/{namespace}/{name}`")
}

fn nothing(resources: &[Resource], kind: &str, rest: &str) -> String {
    let shown = |resource: &Resource| format!("{}/{}", resource.id.kind, resource.id.name);
    let all: Vec<String> = resources.iter().map(shown).collect();
    let wanted = format!("{kind}/{}", rest.split('.').next().unwrap_or_default());
    let meant = did_you_mean(&wanted, all.iter().map(String::as_str));
    let meant = meant.map(str::to_owned).or_else(|| {
        let name = rest.split('.').next().filter(|name| !name.is_empty())?;
        all.iter().find(|other| other.contains(name)).cloned()
    });
    match meant {
        Some(meant) => format!("there is no `{wanted}` here; did you mean `{meant}`?"),
        None => format!("there is no `{wanted}` here"),
    }
}

/// The parts of a path: names behind dots, and what stands in brackets.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            parts.push(inside.trim_matches(['\'', '"']));
            rest = after;
            continue;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        if end > 0 {
            parts.push(&rest[..end]);
        }
        rest = &rest[end..];
    }
    parts
}

fn walk<'a>(object: Node<'a>, parts: &[&str]) -> Result<Field<'a>, String> {
    let mut node = object;
    for part in parts {
        let next = match node.kind() {
            Kind::Mapping => node.get(part),
            Kind::Sequence => item(node, part),
            Kind::Scalar => None,
        };
        match next {
            Some(next) => node = next,
            None if node.deleted(part).is_some() => return Ok(Field::Deleted(node, (*part).to_owned())),
            None => return Err(no_such_part(node, part)),
        }
    }
    Ok(Field::There(node))
}

/// The item of a list at a place, or with a name.
fn item<'a>(list: Node<'a>, part: &str) -> Option<Node<'a>> {
    let (key, value) = part.split_once('=').unwrap_or(("name", part));
    let named = || list.items().find(|item| item.get(key).is_some_and(|node| node.is_text(value)));
    part.parse().ok().and_then(|index| list.items().nth(index)).or_else(named)
}

fn no_such_part(node: Node<'_>, part: &str) -> String {
    let names: Vec<&str> = match node.kind() {
        Kind::Mapping => node.fields().map(|(key, _)| key.text()).collect(),
        Kind::Sequence => node.items().filter_map(|item| item.get_str("name")).collect(),
        Kind::Scalar => Vec::new(),
    };
    match did_you_mean(part, names.iter().copied()) {
        Some(meant) => format!("there is no `{part}` here; did you mean `{meant}`?"),
        None if names.is_empty() => format!("there is no `{part}` here"),
        None => format!("there is no `{part}` here, but {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_path_is_split_at_dots_and_brackets() {
        assert_eq!(parts(".spec.containers[0].image"), ["spec", "containers", "0", "image"]);
        assert_eq!(
            parts(".metadata.labels['app.kubernetes.io/name']"),
            ["metadata", "labels", "app.kubernetes.io/name"]
        );
        assert_eq!(parts(""), Vec::<&str>::new());
    }
}
