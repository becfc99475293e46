//! `generators`, `transformers` and `validators`: kustomize's own steps, set up by objects of their own.
//!
//! Programs and containers of a repository are never run; an object that asks for one is refused.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::kustomization::go::field;
use crate::kustomization::go::flag;
use crate::render::kustomize::Result;
use crate::render::kustomize::called::Known;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::fields;
use crate::render::kustomize::folder::At;
use crate::render::kustomize::generator::Generator;
use crate::render::kustomize::images;
use crate::render::kustomize::labels;
use crate::render::kustomize::names;
use crate::render::kustomize::names::Affix;
use crate::render::kustomize::names::End;
use crate::render::kustomize::namespace;
use crate::render::kustomize::namespace::Namespace;
use crate::render::kustomize::namespace::Subjects;
use crate::render::kustomize::objects;
use crate::render::kustomize::patches;
use crate::render::kustomize::replacements;
use crate::render::kustomize::replicas;
use crate::render::kustomize::selector::text_field;
use crate::render::kustomize::set::Names;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::render::kustomize::values;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::Via;

/// The steps that an object can set up as a generator.
const GENERATORS: [&str; 3] = ["ConfigMapGenerator", "HelmChartInflationGenerator", "SecretGenerator"];

/// The steps that an object can set up as a transformer.
const TRANSFORMERS: [&str; 14] = [
    "AnnotationsTransformer",
    "HashTransformer",
    "ImageTagTransformer",
    "LabelTransformer",
    "NamespaceTransformer",
    "PatchJson6902Transformer",
    "PatchStrategicMergeTransformer",
    "PatchTransformer",
    "PrefixSuffixTransformer",
    "PrefixTransformer",
    "ReplacementTransformer",
    "ReplicaCountTransformer",
    "SuffixTransformer",
    "ValueAddTransformer",
];

/// Which generator an object sets up; none for charts, which helm renders.
pub(super) fn generator(step: Node<'_>) -> Result<Option<Generator>> {
    let id = Id::of(step);
    need_builtin(step, id, &GENERATORS)?;
    Ok(match id.kind {
        "SecretGenerator" => Some(Generator::Secret),
        "ConfigMapGenerator" => Some(Generator::ConfigMap),
        _ => None,
    })
}

/// Changes all resources as `step` says, an object of kind `…Transformer`.
pub(super) fn transform(set: &mut Set, at: &At<'_>, step: Node<'_>) -> Result<()> {
    let id = Id::of(step);
    need_builtin(step, id, &TRANSFORMERS)?;
    let span = place(step);
    let specs = || -> Result<_> { Ok(fields::specs(step, "fieldSpecs")) };
    match id.kind {
        "AnnotationsTransformer" => {
            let pairs = field(step, "annotations").map(labels::pairs).unwrap_or_default();
            labels::add(set, "annotations", &pairs, &specs()?)
        }
        "HashTransformer" => names::add_hashes(set),
        "ImageTagTransformer" => images::set(set, need(step, "imageTag")?, &specs()?),
        "LabelTransformer" => {
            let pairs = field(step, "labels").map(labels::pairs).unwrap_or_default();
            labels::add(set, "labels", &pairs, &specs()?)
        }
        "NamespaceTransformer" => namespace::set(set, namespace_of(step, span)?, &specs()?),
        "PatchJson6902Transformer" => {
            patches::json_entry(set, &mut Known::default(), at.folder, step, ["path", "jsonOp"])
        }
        "PatchStrategicMergeTransformer" => strategic(set, at, step, span),
        "PatchTransformer" => patches::entry(set, &mut Known::default(), at.folder, step),
        "PrefixSuffixTransformer" => {
            affix(set, step, "prefix", End::Front)?;
            affix(set, step, "suffix", End::Back)
        }
        "PrefixTransformer" => affix(set, step, "prefix", End::Front),
        "ReplacementTransformer" => {
            let entries = field(step, "replacements").into_iter().flat_map(Node::items);
            replacements::apply(set, at.folder, entries)
        }
        "ReplicaCountTransformer" => {
            let names = Names::of(set);
            replicas::set(set, need(step, "replica")?, &specs()?, &names)
        }
        "SuffixTransformer" => affix(set, step, "suffix", End::Back),
        _ => values::add(set, at.folder, step),
    }
}

/// Refuses what is none of kustomize's own steps.
fn need_builtin(step: Node<'_>, id: Id<'_>, known: &[&'static str]) -> Result<()> {
    if !id.group.is_empty() || id.version != "builtin" {
        let what = format!("`{}` is a plugin, and plugins of a repository are never run here", id.kind);
        let help = "only kustomize's own steps are built, those with `apiVersion: builtin`";
        return Err(Diagnostic::error("plugin", place(step), what).help(help).into());
    }
    if known.contains(&id.kind) {
        return Ok(());
    }
    let span = step.get("kind").unwrap_or(step).span();
    let problem =
        Diagnostic::error("unknown-step", span, format!("`{}` is none of kustomize's steps of this sort", id.kind));
    Err(match did_you_mean(id.kind, known.iter().copied()) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help(format!("there are {}", known.join(", "))),
    }
    .into())
}

fn strategic(set: &mut Set, at: &At<'_>, step: Node<'_>, span: Span) -> Result<()> {
    let paths: Vec<Node<'_>> = field(step, "paths").into_iter().flat_map(Node::items).collect();
    let inline = text_field(step, "patches");
    if paths.is_empty() && inline.is_none() {
        return Err(Diagnostic::error("bad-patch", span, "this step needs `paths` or `patches`").into());
    }
    let (mut found, mut known) = (0, Known::default());
    for item in paths {
        found += patches::strategic(set, &mut known, at.folder, item)?;
    }
    if let Some(text) = inline {
        let parsed = at.folder.parse(at.folder.inline(text, "<inline patch>"));
        let patches = objects::of(&parsed)?;
        found += patches.len();
        patches::named_patches(set, &mut known, &patches, &Via { what: "patch", span: text.span() })?;
    }
    if found == 0 {
        return Err(Diagnostic::error("bad-patch", span, "this patch changes nothing").into());
    }
    Ok(())
}

fn affix(set: &mut Set, step: Node<'_>, name: &str, end: End) -> Result<()> {
    let specs = fields::specs(step, "fieldSpecs");
    if field(step, "fieldSpecs").is_none() {
        return Err(Diagnostic::error("bad-step", place(step), "this step needs `fieldSpecs`").into());
    }
    let affix = text_field(step, name);
    let (text, span) = affix.map_or(("", place(step)), |affix| (affix.text(), affix.span()));
    names::add(set, Affix { end, text, span }, &specs)
}

fn namespace_of(step: Node<'_>, span: Span) -> Result<Namespace<'_>> {
    let name = field(step, "metadata").and_then(|metadata| text_field(metadata, "namespace"));
    let subjects = text_field(step, "setRoleBindingSubjects");
    let subjects = match subjects.map_or("", Node::text) {
        "" | "defaultOnly" => Subjects::NamedDefault,
        "allServiceAccounts" => Subjects::ServiceAccounts,
        "none" => Subjects::None,
        other => {
            let what = format!("`{other}` is no way to set the subjects of role bindings");
            let span = subjects.map_or(span, Node::span);
            return Err(Diagnostic::error("bad-step", span, what)
                .help("there are `defaultOnly`, `allServiceAccounts` and `none`")
                .into());
        }
    };
    let unset_only = flag(step, "unsetOnly");
    Ok(Namespace { name: name.map_or("", Node::text), span: name.map_or(span, Node::span), unset_only, subjects })
}

fn need<'a>(step: Node<'a>, name: &str) -> Result<Node<'a>> {
    field(step, name)
        .ok_or_else(|| Diagnostic::error("bad-step", place(step), format!("this step needs `{name}`")).into())
}
