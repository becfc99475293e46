//! `replicas`: how many copies a workload runs.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::kube::FieldSpec;
use crate::kustomization::go::field;
use crate::render::kustomize::Result;
use crate::render::kustomize::fields;
use crate::render::kustomize::fields::Missing;
use crate::render::kustomize::set::Names;
use crate::render::kustomize::set::Set;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Scalar;
use crate::yaml::Tag;
use crate::yaml::Via;

/// The name that an entry of `replicas` asks for.
pub(super) fn name(entry: Node<'_>) -> &str {
    field(entry, "name").filter(|name| !name.is_null()).map_or("", Node::text)
}

/// Sets what one entry of `replicas` says, on the workloads that have or had its name.
///
/// # Errors
/// When there is no such workload, as in kustomize.
pub(super) fn set(set: &mut Set, entry: Node<'_>, specs: &[FieldSpec], names: &Names) -> Result<()> {
    let count = field(entry, "count");
    let (text, by) = match count.and_then(|count| Some((count.scalar()?, count))) {
        Some((Scalar::Int(number), count)) => (number.to_string(), count.span()),
        _ => ("0".to_owned(), entry.span()),
    };
    let wanted = name(entry);
    let via = Via { what: "replicas", span: entry.span() };
    let mut found = false;
    for spec in specs {
        for &index in names.named(wanted) {
            let draft = &set.drafts[index];
            let is_meant =
                draft.ids(&set.tree).any(|id| id.name == wanted && spec.selects(id.group, id.version, id.kind));
            if is_meant {
                found = true;
                let missing = Missing { kind: Kind::Scalar, by, via: &via };
                fields::each(&mut set.tree, draft.root, spec, Some(missing), &mut |tree, field| {
                    fields::set_scalar(tree, field, &text, Tag::Int, by, &via)
                })?;
            }
        }
    }
    if found { Ok(()) } else { Err(no_such_workload(set, entry, specs)) }
}

fn no_such_workload(set: &Set, entry: Node<'_>, specs: &[FieldSpec]) -> Box<Diagnostic> {
    let wanted = name(entry);
    let what = format!("no workload of this kustomization is called `{wanted}`");
    let place = field(entry, "name").filter(|name| !name.is_null()).unwrap_or(entry);
    let problem = Diagnostic::error("replicas-without-workload", place.span(), what);
    let scalable = |draft: &&crate::render::kustomize::draft::Draft| {
        specs.iter().any(|spec| {
            let id = draft.id(&set.tree);
            spec.selects(id.group, id.version, id.kind)
        })
    };
    let names = set.drafts.iter().filter(scalable).map(|draft| draft.id(&set.tree).name);
    match did_you_mean(wanted, names) {
        Some(meant) => Box::new(problem.help(format!("did you mean `{meant}`?"))),
        None => Box::new(problem.help("name a Deployment, StatefulSet, ReplicaSet or ReplicationController")),
    }
}
