//! `namePrefix`, `nameSuffix` and the hash at the end of generated names. What refers to the renamed
//! resources follows at the end of the build, in `references`.

use crate::kube::FieldSpec;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::fields;
use crate::render::kustomize::fields::Field;
use crate::render::kustomize::fields::Missing;
use crate::render::kustomize::hash;
use crate::render::kustomize::set::Set;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;

/// Which end of a name is added to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// `namePrefix`.
    Front,
    /// `nameSuffix`.
    Back,
}

/// A text to add to names, and where it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Affix<'a> {
    pub(super) end: End,
    pub(super) text: &'a str,
    pub(super) span: Span,
}

/// Adds a prefix or suffix to the names of all resources that take one.
pub(super) fn add(set: &mut Set, affix: Affix<'_>, specs: &[FieldSpec]) -> Result<()> {
    let what = match affix.end {
        End::Front => "namePrefix",
        End::Back => "nameSuffix",
    };
    let via = Via { what, span: affix.span };
    set.account.put_in(affix.span, via.clone());
    let specs = Field::all(specs);
    let mut of_kind = Vec::new();
    for draft in &mut set.drafts {
        let first = draft.first_id(&set.tree);
        if keeps_its_name(first) {
            continue;
        }
        of_kind.clear();
        of_kind.extend(specs.iter().filter(|spec| spec.is_of(first)));
        for spec in &of_kind {
            let id = draft.id(&set.tree);
            if spec.spec.path == "metadata/name" && !affix.text.is_empty() {
                match affix.end {
                    End::Front => draft.prefixes.push(affix.text.to_owned()),
                    End::Back => draft.suffixes.push(affix.text.to_owned()),
                }
                draft.remember_as(id);
            }
            let missing = Missing { kind: Kind::Scalar, by: affix.span, via: &via };
            if !spec.is_of(id) {
                continue;
            }
            spec.each(&mut set.tree, draft.root, Some(missing), &mut |tree, field| {
                fields::need_scalar(tree, field, affix.span)?;
                extend(tree, field, affix.end, affix.text, affix.span);
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// Kinds whose name means something that a prefix would spoil.
fn keeps_its_name(id: Id<'_>) -> bool {
    id.kind == "CustomResourceDefinition"
        || id.kind == "Namespace"
        || id.kind == "APIService" && id.group == "apiregistration.k8s.io"
}

/// Adds a text to one end of a scalar, which keeps what is known of the rest of it.
fn extend(tree: &mut Tree, scalar: NodeId, end: End, text: &str, span: Span) {
    let node = tree.node(scalar);
    let style = node.style();
    let mut parts = node.parts();
    match end {
        End::Front => parts.insert(0, (text.to_owned(), span)),
        End::Back => parts.push((text.to_owned(), span)),
    }
    tree.compose_of(scalar, &parts);
    tree.restyle(scalar, style, Tag::None);
}

/// Adds the hash of its content to the name of every resource that was generated to have one.
pub(super) fn add_hashes(set: &mut Set) -> Result<()> {
    for draft in &mut set.drafts {
        let Some(generator) = draft.hash else { continue };
        set.account.put_in(generator, Via { what: "hash", span: generator });
        let suffix = format!("-{}", hash::suffix(set.tree.node(draft.root))?);
        draft.remember(&set.tree);
        let object = set.tree.node(draft.root);
        let Some(metadata) = object.get("metadata").map(Node::id) else { continue };
        if let Some(name) = set.tree.node(metadata).get("name").map(Node::id) {
            extend(&mut set.tree, name, End::Back, &suffix, generator);
            set.tree.restyle(name, Style::Plain, Tag::Str);
        } else {
            let name = set.tree.scalar(&suffix, Style::Plain, generator);
            set.tree.append_new_field(metadata, "name", name, generator);
        }
    }
    Ok(())
}
