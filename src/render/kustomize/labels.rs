//! `labels`, `commonLabels` and `commonAnnotations`.

use std::borrow::Cow;

use crate::kube::FieldSpec;
use crate::kustomization::go::Entry;
use crate::kustomization::go::entries;
use crate::kustomization::go::flag;
use crate::render::kustomize::Result;
use crate::render::kustomize::config::Conflict;
use crate::render::kustomize::config::TransformerConfig;
use crate::render::kustomize::config::merge_specs;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::fields;
use crate::render::kustomize::fields::Field;
use crate::render::kustomize::fields::Missing;
use crate::render::kustomize::set::Set;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::MAX_TIES;
use crate::yaml::Node;
use crate::yaml::Via;

/// One label or annotation to set, and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Pair<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: &'a str,
    pub(super) span: Span,
}

/// The pairs of a mapping, of which the last counts where a name stands twice.
pub(super) fn pairs<'a>(mapping: Node<'a>) -> Vec<Pair<'a>> {
    let pair = |Entry { name, key, value }: Entry<'a>| {
        let span = if value.span().is_empty() { key.span() } else { value.span() };
        Pair { name, value: if value.is_null() { "" } else { value.text() }, span }
    };
    entries(mapping).map(pair).collect()
}

/// The fields that an entry of `labels` sets its pairs in.
pub(super) fn specs(entry: Node<'_>, config: &TransformerConfig) -> Result<Vec<FieldSpec>> {
    let mut specs = fields::specs(entry, "fields");
    let mut lists: Vec<&[FieldSpec]> = vec![&config.labels];
    let own = [fields::metadata("labels")];
    if flag(entry, "includeSelectors") {
        lists.push(&config.common_labels);
    } else {
        if flag(entry, "includeTemplates") {
            lists.push(&config.template_labels);
        }
        lists.push(&own);
    }
    for list in lists {
        merge_specs(&mut specs, list).map_err(|spec| {
            let conflict = Conflict { list: "labels", spec };
            Box::new(conflict.at(entry.span()))
        })?;
    }
    Ok(specs)
}

/// Sets every pair in every mapping that the specs lead to. `what` is the field that asks for it.
pub(super) fn add(set: &mut Set, what: &'static str, pairs: &[Pair<'_>], specs: &[FieldSpec]) -> Result<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    let (annotations, specs) = (fields::metadata("annotations"), Field::all(specs));
    let annotations = Field::of(&annotations);
    let (mut of_kind, mut made) = (Vec::new(), Vec::new());
    for draft in &mut set.drafts {
        let id = Id::of_kind(set.tree.node(draft.root));
        of_kind.clear();
        of_kind.extend(specs.iter().filter(|spec| spec.is_of(id)));
        for pair in pairs {
            let via = Via { what, span: pair.span };
            made.clear();
            for &spec in &of_kind {
                // Where kustomize has notes of its own, there are annotations.
                let is_there = spec.spec.path == annotations.spec.path && draft.has_notes();
                let spec = if is_there { &annotations } else { spec };
                let missing = Missing { kind: Kind::Mapping, by: pair.span, via: &via };
                spec.each(&mut set.tree, draft.root, Some(missing), &mut |tree, field| {
                    made.extend(fields::set_entry(tree, field, &pair.name, pair.value, pair.span, &via)?);
                    Ok(())
                })?;
            }
            if made.len() > 1 && draft.ties < MAX_TIES {
                draft.ties += 1;
                set.tree.tie(&made, draft.ties);
            }
        }
    }
    Ok(())
}
