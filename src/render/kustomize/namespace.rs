//! The `namespace` of a kustomization, set on everything that lives in one and on what names one.

use crate::diagnostic::Diagnostic;
use crate::kube::FieldSpec;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::fields;
use crate::render::kustomize::fields::Field;
use crate::render::kustomize::fields::Missing;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;

/// Which subjects of role bindings get the namespace.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Subjects {
    /// Those with the name `default`.
    #[default]
    NamedDefault,
    /// All ServiceAccounts.
    ServiceAccounts,
    /// None.
    None,
}

/// A namespace, where it was written, and what it is set on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Namespace<'a> {
    pub(super) name: &'a str,
    pub(super) span: Span,
    /// Whether fields with a value keep it.
    pub(super) unset_only: bool,
    pub(super) subjects: Subjects,
}

/// Sets the namespace of all resources, and refuses it when two of them become the same by that.
pub(super) fn set(set: &mut Set, namespace: Namespace<'_>, specs: &[FieldSpec]) -> Result<()> {
    if namespace.name.is_empty() {
        return Ok(());
    }
    let (own, specs) = (fields::metadata("namespace"), Field::all(specs));
    let own = Field::of(&own);
    for draft in set.drafts.iter_mut().filter(|draft| !draft.by_helm) {
        draft.remember(&set.tree);
        of_object(&mut set.tree, draft.root, namespace, &own, &specs)?;
    }
    set.refuse_duplicates().map_err(|mut problem| {
        problem.message = problem.message.replace("is in this kustomization twice", "is there twice in this namespace");
        Box::new((*problem).related(namespace.span, "the namespace is set here"))
    })
}

/// Sets the namespace of one object: `own`, and what else the specs lead to.
pub(super) fn of_object(
    tree: &mut Tree,
    root: NodeId,
    namespace: Namespace<'_>,
    own: &Field<'_>,
    specs: &[Field<'_>],
) -> Result<()> {
    let via = Via { what: "namespace", span: namespace.span };
    let id = Id::of_kind(tree.node(root));
    let is_core_v1 = id.group.is_empty() && id.version == "v1";
    let is_binding = matches!(id.kind, "RoleBinding" | "ClusterRoleBinding");
    let is_other = |spec: &FieldSpec| {
        let is_own = spec.path == "metadata/namespace" || spec.path == "metadata/name" && !is_core_v1;
        let is_subject = is_binding
            && matches!(spec.kind.as_ref(), "RoleBinding" | "ClusterRoleBinding")
            && spec.path == "subjects/namespace";
        !is_own && !is_subject
    };
    let mut rest = specs.iter();
    let mut next = rest.find(|field| is_other(field.spec) && field.is_of(id));
    if !id.is_cluster_scoped() {
        by_spec(tree, root, own, namespace, &via)?;
    }
    if is_binding {
        subjects(tree, root, namespace, &via)?;
    }
    while let Some(field) = next {
        by_spec(tree, root, field, namespace, &via)?;
        // What was set may be what the next rule is chosen by.
        let id = Id::of_kind(tree.node(root));
        next = rest.find(|field| is_other(field.spec) && field.is_of(id));
    }
    Ok(())
}

fn by_spec(tree: &mut Tree, root: NodeId, spec: &Field<'_>, namespace: Namespace<'_>, via: &Via) -> Result<()> {
    let missing = Missing { kind: Kind::Scalar, by: namespace.span, via };
    spec.each(tree, root, Some(missing), &mut |tree, field| write(tree, field, namespace, via))
}

fn write(tree: &mut Tree, field: NodeId, namespace: Namespace<'_>, via: &Via) -> Result<()> {
    let node = tree.node(field);
    if namespace.unset_only && node.kind() == Kind::Scalar && !node.is_null() && !node.text().is_empty() {
        return Ok(());
    }
    fields::set_scalar(tree, field, namespace.name, Tag::Str, namespace.span, via)
}

/// Sets the namespace of the subjects of a role binding.
fn subjects(tree: &mut Tree, root: NodeId, namespace: Namespace<'_>, via: &Via) -> Result<()> {
    let (key, value) = match namespace.subjects {
        Subjects::None => return Ok(()),
        Subjects::NamedDefault => ("name", "default"),
        Subjects::ServiceAccounts => ("kind", "ServiceAccount"),
    };
    let Some(list) = tree.node(root).get("subjects").filter(|list| !list.is_null()) else { return Ok(()) };
    if list.kind() != Kind::Sequence {
        let span = list.key().map_or_else(|| place(list), Node::span);
        return Err(Diagnostic::error("field-path", span, "the `subjects` of a role binding must be a list").into());
    }
    let chosen = list.items().filter(|item| item.get(key).is_some_and(|node| node.is_text(value)));
    let chosen: Vec<NodeId> = chosen.map(Node::id).collect();
    for subject in chosen {
        let missing = Missing { kind: Kind::Scalar, by: namespace.span, via };
        let field = match tree.node(subject).get("namespace").map(Node::id) {
            Some(field) => field,
            None => fields::create(tree, subject, "namespace", Kind::Scalar, missing),
        };
        write(tree, field, namespace, via)?;
    }
    Ok(())
}
