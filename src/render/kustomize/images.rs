//! `images`: other names, tags and digests for the images of all containers.

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
    let specs = Field::all(specs);
    for draft in &set.drafts {
        let id = Id::of(set.tree.node(draft.root));
        if id.kind == "CustomResourceDefinition" {
            continue;
        }
        let of_kind: Vec<&Field<'_>> = specs.iter().filter(|spec| spec.is_of(id)).collect();
        for image in of_containers(set.tree.node(draft.root))? {
            change.apply(&mut set.tree, image, &via)?;
        }
        for spec in of_kind {
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
        let text = node.text().to_owned();
        if !self.meant.is_match(&text) {
            return Ok(());
        }
        let own = node.parts().first().map_or(node.span(), |(_, span)| *span);
        let parts = self.parts(&text, own);
        let by = [self.new_tag, self.digest, self.tag_suffix, self.new_name].into_iter().flatten().next();
        let style = node.style();
        tree.rewrite(image, &parts, by.map_or(self.entry.span(), Node::span), via);
        tree.restyle(image, style, Tag::None);
        if tree.is_too_large() { Err(too_large(self.entry.span())) } else { Ok(()) }
    }

    /// The new image, in parts with their places. `own` is the place of what stays.
    fn parts(&self, image: &str, own: Span) -> Vec<(String, Span)> {
        let (name, tag, digest) = split(image);
        let of = |node: Node<'_>| (node.text().to_owned(), node.span());
        let mut parts = vec![self.new_name.map_or((name.to_owned(), own), of)];
        let own_part = |text: &str| (!text.is_empty()).then(|| (text.to_owned(), own));
        let (tag, digest) = match (self.new_tag, self.digest, self.tag_suffix) {
            (Some(tag), Some(digest), _) => (vec![of(tag)], Some(of(digest))),
            (Some(tag), None, _) => (vec![of(tag)], None),
            (None, Some(digest), _) => (Vec::new(), Some(of(digest))),
            (None, None, Some(suffix)) => (own_part(tag).into_iter().chain([of(suffix)]).collect(), None),
            (None, None, None) => (own_part(tag).into_iter().collect(), own_part(digest)),
        };
        if let Some((_, span)) = tag.first() {
            parts.push((":".to_owned(), *span));
        }
        parts.extend(tag);
        if let Some((digest, span)) = digest {
            parts.push((format!("@{digest}"), span));
        }
        parts
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
