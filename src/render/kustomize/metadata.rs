//! What kustomize writes about a build into the objects themselves, where `buildMetadata` asks for it. During
//! the build it is kept beside the tree, and only the last step writes it.

use crate::kustomization::Kustomization;
use crate::kustomization::Version;
use crate::kustomization::go::items;
use crate::render::kustomize::Options;
use crate::render::kustomize::Result;
use crate::render::kustomize::fields;
use crate::render::kustomize::labels;
use crate::render::kustomize::labels::Pair;
use crate::render::kustomize::origin::Origin;
use crate::render::kustomize::set::Set;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::Via;

const ORIGIN: &str = "config.kubernetes.io/origin";
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Notes that a step has changed every resource. One that nobody knows the origin of was made by the step.
pub(super) fn changed_by(set: &mut Set, step: &Origin) {
    for draft in &mut set.drafts {
        draft.rewrite_annotations(&mut set.tree);
        if draft.origin.is_none() {
            draft.origin = Some(step.clone());
        } else {
            draft.transformations.push(step.clone());
        }
    }
}

/// What the target's own file asks to be written; those of its bases have no say.
pub(super) fn asked(view: Kustomization<'_>) -> Vec<&str> {
    items(view.root(), "buildMetadata").map(Node::text).collect()
}

/// Writes what was asked for.
pub(super) fn write(set: &mut Set, view: Kustomization<'_>, options: Options) -> Result<()> {
    let asked = asked(view);
    let by = view.get("buildMetadata").map_or_else(|| view.kind_span(), Node::span);
    if options.managed_by || asked.contains(&"managedByLabel") {
        // What kubectl has built in does not know its own version.
        let value = match options.version {
            Version::V5_5 => "kustomize-(devel)",
            Version::V5_8 => "kustomize-v5.8.1",
        };
        let pair = Pair { name: "app.kubernetes.io/managed-by".into(), value, span: by };
        labels::add(set, "buildMetadata", &[pair], &[fields::metadata("labels")])?;
    }
    for index in 0..set.drafts.len() {
        let draft = &set.drafts[index];
        let origin = draft.origin.as_ref().filter(|_| asked.contains(&"originAnnotations"));
        let origin = origin.map(|origin| origin.text(""));
        let changes: Vec<String> = draft.transformations.iter().map(|origin| origin.text("  ")).collect();
        if let Some(text) = origin {
            annotate(set, index, ORIGIN, &text, by)?;
        }
        if asked.contains(&"transformerAnnotations") && !changes.is_empty() {
            annotate(set, index, TRANSFORMATIONS, &format!("- {}", changes.join("- ")), by)?;
        }
    }
    Ok(())
}

/// Puts into the annotations of a resource what kustomize would have there during the build, for a patch to find.
pub(super) fn show(set: &mut Set, index: usize, by: Span) -> Result<()> {
    let draft = &set.drafts[index];
    let Some(origin) = &draft.origin else { return Ok(()) };
    let (origin, is_changed) = (origin.text(""), !draft.transformations.is_empty());
    annotate(set, index, ORIGIN, &origin, by)?;
    if is_changed { annotate(set, index, TRANSFORMATIONS, "[]", by) } else { Ok(()) }
}

/// Takes out again what [`show`] put in, and forgets what a patch has deleted of it.
pub(super) fn hide(set: &mut Set, index: usize) {
    let Set { drafts, tree, .. } = set;
    let draft = &mut drafts[index];
    let mut take = |name: &str| {
        let shown = tree.node(draft.root).at_path(&["metadata", "annotations", name]).map(Node::id);
        shown.inspect(|&shown| tree.detach(shown)).is_some()
    };
    if !take(ORIGIN) {
        draft.origin = None;
    }
    if !take(TRANSFORMATIONS) {
        draft.transformations.clear();
    }
}

fn annotate(set: &mut Set, index: usize, name: &str, text: &str, by: Span) -> Result<()> {
    let via = Via { what: "buildMetadata", span: by };
    let missing = fields::Missing { kind: crate::yaml::Kind::Mapping, by, via: &via };
    let root = set.drafts[index].root;
    fields::each(&mut set.tree, root, &fields::metadata("annotations"), Some(missing), &mut |tree, field| {
        fields::set_entry(tree, field, name, text, by, &via).map(|_| ())
    })
}
