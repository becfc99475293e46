//! `images`: other names, tags and digests for the images of all containers.

use std::borrow::Cow;

use regex::Regex;

use crate::diagnostic::Diagnostic;
use crate::kube::FieldSpec;
use crate::kustomization::go::field;
use crate::patch::too_large;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::fields;
use crate::render::kustomize::fields::Field;
use crate::render::kustomize::go_regex;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::stems::Stems;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;

/// What follows the name of an image that is meant.
const TAG_AND_DIGEST: &str = "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$";

/// Changes the images that one entry of `images` is for.
pub(super) fn set(set: &mut Set, entry: Node<'_>, specs: &[FieldSpec]) -> Result<()> {
    let change = Change::of(entry)?;
    let via = Via { what: "images", span: entry.span() };
    let (stems, places) = Stems::of(&specs.iter().collect::<Vec<_>>());
    let specs: Vec<(Field<'_>, usize)> = specs.iter().map(Field::of).zip(places).collect();
    let mut of_kind = Vec::new();
    for draft in &set.drafts {
        let object = set.tree.node(draft.root);
        let id = Id::of_kind(object);
        if id.kind == "CustomResourceDefinition" {
            continue;
        }
        of_kind.clear();
        let is_there = stems.in_object(object);
        of_kind.extend(specs.iter().filter(|(spec, stem)| is_there[*stem] && spec.is_of(id)));
        for image in of_containers(object)? {
            change.apply(&mut set.tree, image, &via)?;
        }
        for (spec, _) in &of_kind {
            spec.each(&mut set.tree, draft.root, None, &mut |tree, image| change.apply(tree, image, &via))?;
        }
    }
    Ok(())
}

/// The images of everything that is called `containers` or `initContainers`, wherever it stands. kustomize
/// changes them first, and then those that the field specs lead to, which may be the same once more.
fn of_containers(object: Node<'_>) -> Result<Vec<NodeId>> {
    let is_list = |node: &Node<'_>| {
        node.kind() == Kind::Sequence
            && node.key().is_some_and(|key| key.is_text("containers") || key.is_text("initContainers"))
    };
    let mut images = Vec::new();
    for container in object.descendants().filter(is_list).flat_map(Node::items) {
        if container.kind() != Kind::Mapping && !container.is_null() {
            let what = "a container must be a mapping, and kustomize looks for its image";
            return Err(Diagnostic::error("field-path", container.span(), what).into());
        }
        images.extend(container.get("image").filter(|image| !image.is_null()).map(Node::id));
    }
    Ok(images)
}

/// What an entry says, each text with its place; an empty one changes nothing.
struct Change<'a> {
    entry: Node<'a>,
    meant: Regex,
    new_name: Option<Node<'a>>,
    new_tag: Option<Node<'a>>,
    tag_suffix: Option<Node<'a>>,
    digest: Option<Node<'a>>,
}

impl<'a> Change<'a> {
    fn of(entry: Node<'a>) -> Result<Self> {
        let given = |name: &str| field(entry, name).filter(|node| !node.is_null() && !node.text().is_empty());
        let name = field(entry, "name");
        let pattern = name.filter(|name| !name.is_null()).map_or("", Node::text);
        let meant = go_regex(&format!("^{pattern}{TAG_AND_DIGEST}")).map_err(|_| {
            let span = name.map_or(entry.span(), Node::span);
            let problem = Diagnostic::error("bad-image", span, format!("`{pattern}` is no name of an image"));
            Box::new(problem.help("kustomize reads the name as a regular expression"))
        })?;
        Ok(Self {
            entry,
            meant,
            new_name: given("newName"),
            new_tag: given("newTag"),
            tag_suffix: given("tagSuffix"),
            digest: given("digest"),
        })
    }

    fn apply(&self, tree: &mut Tree, image: NodeId, via: &Via) -> Result<()> {
        fields::need_scalar(tree, image, self.entry.span())?;
        let node = tree.node(image);
        if !self.meant.is_match(node.text()) {
            return Ok(());
        }
        let (text, own, style) = (node.text().to_owned(), node.first_place(), node.style());
        let parts = self.parts(&text, own);
        let by = [self.new_tag, self.digest, self.tag_suffix, self.new_name].into_iter().flatten().next();
        tree.rewrite(image, &parts, by.map_or(self.entry.span(), Node::span), via);
        tree.restyle(image, style, Tag::None);
        if tree.is_too_large() { Err(too_large(self.entry.span())) } else { Ok(()) }
    }

    /// The new image, in parts with their places. `own` is the place of what stays.
    fn parts<'t>(&self, image: &'t str, own: Span) -> Vec<(Cow<'t, str>, Span)>
    where
        'a: 't,
    {
        let (name, tag, digest) = split(image);
        let of = |node: Node<'a>| -> (&'t str, Span) { (node.text(), node.span()) };
        let own_part = |text: &'t str| (!text.is_empty()).then_some((text, own));
        let (tag, digest) = match (self.new_tag, self.digest, self.tag_suffix) {
            (Some(tag), digest, _) => ([Some(of(tag)), None], digest.map(of)),
            (None, Some(digest), _) => ([None, None], Some(of(digest))),
            (None, None, Some(suffix)) => ([own_part(tag), Some(of(suffix))], None),
            (None, None, None) => ([own_part(tag), None], own_part(digest)),
        };
        let colon = tag.iter().flatten().next().map(|&(_, span)| (":", span));
        let [tag, suffix] = tag;
        let parts = [Some(self.new_name.map_or((name, own), of)), colon, tag, suffix];
        let parts = parts.into_iter().flatten().map(|(text, span)| (Cow::Borrowed(text), span));
        parts.chain(digest.map(|(digest, span)| (Cow::Owned(format!("@{digest}")), span))).collect()
    }
}

/// Name, tag and digest of an image; `host:port/` belongs to the name.
fn split(image: &str) -> (&str, &str, &str) {
    let from = image.find('/').unwrap_or(0);
    let at = image[from..].find('@').map(|at| from + at);
    let colon = image[from..].find(':').map(|at| from + at);
    let behind = |at: usize, sign: char| image[at..].strip_prefix(sign).unwrap_or(&image[at..]);
    match (colon, at) {
        (None, None) => (image, "", ""),
        (Some(colon), Some(at)) if colon < at => (&image[..colon], &image[colon + 1..at], behind(at, '@')),
        (_, Some(at)) => (&image[..at], "", behind(at, '@')),
        (Some(colon), None) => (&image[..colon], behind(colon, ':'), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_port_is_no_tag_and_a_digest_may_follow_one() {
        assert_eq!(split("nginx"), ("nginx", "", ""));
        assert_eq!(split("host:5000/nginx"), ("host:5000/nginx", "", ""));
        assert_eq!(split("host:5000/nginx:1@sha256:a"), ("host:5000/nginx", "1", "sha256:a"));
        assert_eq!(split("nginx@sha256:a"), ("nginx", "", "sha256:a"));
    }
}
