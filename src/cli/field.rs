//! A field of a rendered object as people type it: `Deployment/web.spec.replicas`,
//! `Deployment/web.spec.template.spec.containers.app.image`.

use crate::diagnostic::did_you_mean;
use crate::kube::ResourceId;
use crate::render::Account;
use crate::render::Dropped;
use crate::render::Rendered;
use crate::render::Resource;
use crate::yaml::Deleted;
use crate::yaml::Kind;
use crate::yaml::Node;

/// What was asked for, found.
#[derive(Debug)]
pub(super) enum Field<'a> {
    /// A node that is there.
    There(Node<'a>),
    /// It was there until somebody took it out.
    Deleted(Deleted<'a>),
    /// The resource was, until somebody took it out.
    Dropped(&'a Dropped),
}

/// The resource and the field that `text` names.
///
/// # Errors
/// When there is none, or several: a message for whoever typed it.
pub(super) fn find<'a>(rendered: &'a Rendered, text: &str) -> Result<Field<'a>, String> {
    let resources = rendered.resources.as_slice();
    let Some((kind, rest)) = text.split_once('/') else {
        return Err(format!("`{text}` names no resource: write it like `Deployment/web.spec.replicas`"));
    };
    let is_kind = |resource: &&Resource| resource.id.kind.eq_ignore_ascii_case(kind);
    let behind = |resource: &Resource| name_length(&resource.id, rest);
    let longest = resources.iter().filter(is_kind).filter_map(&behind).max();
    let found = resources.iter().filter(is_kind).filter(|resource| longest.is_some() && behind(resource) == longest);
    let found: Vec<&Resource> = found.collect();
    match (found.as_slice(), longest) {
        ([resource], Some(length)) => walk(resource.node(), &parts(&rest[length..])),
        ([first, ..], _) => Err(several(first, found.len())),
        _ => match dropped(&rendered.account, kind, rest) {
            Some(dropped) => Ok(Field::Dropped(dropped)),
            None => Err(nothing(rendered, kind, rest)),
        },
    }
}

fn several(first: &Resource, count: usize) -> String {
    let (kind, name) = (&first.id.kind, &first.id.name);
    let namespace = first.id.namespace.as_deref().unwrap_or("default");
    format!("{count} resources here are called `{kind}/{name}`: say which, as in `{kind}/{namespace}/{name}`")
}

/// The resource of that name that is not in the output any more.
fn dropped<'a>(account: &'a Account, kind: &str, rest: &str) -> Option<&'a Dropped> {
    let is_meant = |id: &ResourceId| id.kind.eq_ignore_ascii_case(kind) && name_length(id, rest).is_some();
    account.dropped().iter().rev().find(|dropped| is_meant(&dropped.id))
}

/// How much of `rest` is the name of a resource, perhaps with its namespace, before a path.
fn name_length(id: &ResourceId, rest: &str) -> Option<usize> {
    let with_namespace = format!("{}/{}", id.namespace.as_deref().unwrap_or("default"), id.name);
    let is_whole = |after: &str| after.is_empty() || after.starts_with(['.', '[']);
    let names = [id.name.as_str(), &with_namespace];
    names.into_iter().find(|name| rest.strip_prefix(name).is_some_and(is_whole)).map(str::len)
}

fn nothing(rendered: &Rendered, kind: &str, rest: &str) -> String {
    let shown = |id: &ResourceId| format!("{}/{}", id.kind, id.name);
    let all = rendered.resources.iter().map(|resource| shown(&resource.id));
    let all: Vec<String> = all.chain(rendered.account.dropped().iter().map(|dropped| shown(&dropped.id))).collect();
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
        let Some(next) = next else {
            let deleted = node.deleted(part).map(Field::Deleted);
            return deleted.ok_or_else(|| no_such_part(node, part));
        };
        node = next;
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
    let place = match node.key() {
        Some(key) => format!("`{}`", key.text()),
        None if node.parent().is_some() => "this item".to_owned(),
        None => "the object".to_owned(),
    };
    let names: Vec<&str> = match node.kind() {
        Kind::Mapping => node.fields().map(|(key, _)| key.text()).collect(),
        Kind::Sequence => node.items().filter_map(|item| item.get_str("name")).collect(),
        Kind::Scalar => return format!("{place} has no parts: it is `{}`", node.text()),
    };
    if node.kind() == Kind::Sequence && part.parse::<usize>().is_ok() {
        return format!("there is no item {part} in {place}, which has {}, counted from 0", node.items().count());
    }
    let there = match did_you_mean(part, names.iter().copied()) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None if names.is_empty() => String::new(),
        None => format!(", only {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    };
    format!("there is no `{part}` in {place}{there}")
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
