//! `ValueAddTransformer`: one value put into fields of many resources, or into a path that they hold.

use crate::diagnostic::Diagnostic;
use crate::discover::paths;
use crate::kustomization::go::field;
use crate::render::kustomize::Result;
use crate::render::kustomize::fields;
use crate::render::kustomize::fields::Field;
use crate::render::kustomize::fields::Missing;
use crate::render::kustomize::folder::Folder;
use crate::render::kustomize::namespace;
use crate::render::kustomize::namespace::Namespace;
use crate::render::kustomize::namespace::Subjects;
use crate::render::kustomize::selector::Selector;
use crate::render::kustomize::selector::Texts;
use crate::render::kustomize::selector::text_field;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;
use crate::yaml::Tag;
use crate::yaml::Via;

/// Adds the value of `step` to all its targets. Without a value it is the name of the folder.
pub(super) fn add(set: &mut Set, folder: &Folder<'_>, step: Node<'_>) -> Result<()> {
    let given = text_field(step, "value").filter(|value| !value.text().trim().is_empty());
    let value = given.map_or_else(|| paths::name(&folder.path).to_owned(), |value| value.text().trim().to_owned());
    let by = given.map_or_else(|| place(step), Node::span);
    let file = text_field(step, "targetFilePath").map(|path| folder.parsed(path, path.text())).transpose()?;
    let more = file.iter().flat_map(|file| file.documents.iter().take(1).map(|document| file.tree.node(document.root)));
    let lists = std::iter::once(step).chain(more);
    let targets: Vec<Node<'_>> =
        lists.flat_map(|node| field(node, "targets").into_iter().flat_map(Node::items)).collect();
    if targets.is_empty() {
        return Err(Diagnostic::error("bad-step", place(step), "this step needs `targets`").into());
    }
    targets.into_iter().try_for_each(|target| to_target(set, target, &value, by))
}

fn to_target(set: &mut Set, target: Node<'_>, value: &str, by: Span) -> Result<()> {
    let Some(path) = text_field(target, "fieldPath") else {
        return Err(Diagnostic::error("bad-step", place(target), "this target needs a `fieldPath`").into());
    };
    let position = match field(target, "filePathPosition").and_then(Node::scalar) {
        Some(Scalar::Int(position)) if position < 0 => {
            let span = field(target, "filePathPosition").unwrap_or(target).span();
            return Err(Diagnostic::error("bad-step", span, "the position in a path cannot be negative").into());
        }
        Some(Scalar::Int(position)) => usize::try_from(position).unwrap_or(usize::MAX),
        _ => 0,
    };
    let selector = field(target, "selector").map(|selector| Selector::of(selector, Texts::Patterns)).transpose()?;
    let is_meant =
        |&index: &usize| selector.as_ref().is_none_or(|selector| selector.selects(&set.drafts[index], &set.tree));
    let chosen: Vec<usize> = (0..set.drafts.len()).filter(is_meant).collect();
    for index in chosen {
        let root = set.drafts[index].root;
        if path.text() == "metadata/namespace" {
            let namespace = Namespace { name: value, span: by, unset_only: false, subjects: Subjects::default() };
            let own = fields::metadata("namespace");
            namespace::of_object(&mut set.tree, root, namespace, &Field::of(&own), &[])?;
        } else {
            put(set, root, path.text(), value, position, by)?;
        }
    }
    Ok(())
}

fn put(set: &mut Set, root: NodeId, path: &str, value: &str, position: usize, by: Span) -> Result<()> {
    let via = Via { what: "value", span: by };
    let spec = crate::kube::FieldSpec { path: path.to_owned().into(), create: true, ..Default::default() };
    let missing = Missing { kind: Kind::Scalar, by, via: &via };
    fields::each(&mut set.tree, root, &spec, Some(missing), &mut |tree, field| {
        fields::need_scalar(tree, field, by)?;
        let new = if position == 0 { value.to_owned() } else { inserted(tree.node(field).text(), position - 1, value) };
        fields::set_text(tree, field, &new, Tag::None, by, &via);
        Ok(())
    })
}

/// A path with one part more, at a position or at its end. An absolute path stays one.
fn inserted(path: &str, position: usize, part: &str) -> String {
    let (start, rest) = path.strip_prefix('/').map_or(("", path), |rest| ("/", rest));
    let mut parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(position.min(parts.len()), part);
    format!("{start}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::inserted;

    #[test]
    fn a_part_is_put_into_a_path() {
        for (path, position, expected) in [
            ("", 0, "PEACH"),
            ("/", 0, "/PEACH"),
            ("pie", 0, "PEACH/pie"),
            ("/raw", 9, "/raw/PEACH"),
            ("a/nice/warm/pie", 3, "a/nice/warm/PEACH/pie"),
        ] {
            assert_eq!(inserted(path, position, "PEACH"), expected);
        }
    }
}
