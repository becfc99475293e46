//! `patches` and the two fields that it replaces: finding the resources that a patch is for, and applying it.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::kube::ResourceId;
use crate::kustomization::Version;
use crate::kustomization::go::field;
use crate::patch::JsonPatch;
use crate::patch::Notes;
use crate::patch::json_patch;
use crate::render::account::Away;
use crate::render::account::Dropped;
use crate::render::event::Event;
use crate::render::kustomize::Result;
use crate::render::kustomize::called::Known;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::folder::Folder;
use crate::render::kustomize::merge::Changes;
use crate::render::kustomize::merge::Given;
use crate::render::kustomize::merge::merge_into;
use crate::render::kustomize::metadata;
use crate::render::kustomize::objects;
use crate::render::kustomize::selector::Selector;
use crate::render::kustomize::selector::Texts;
use crate::render::kustomize::selector::text_field;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::source::SourceId;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Scalar;
use crate::yaml::Via;

/// Applies one entry of `patches`.
pub(super) fn entry(set: &mut Set, known: &mut Known, folder: &Folder<'_>, entry: Node<'_>) -> Result<()> {
    let source = text_of_entry(folder, entry, ["path", "patch"])?;
    let via = Via { what: "patch", span: entry.span() };
    let options = Changes {
        name: option(entry, "allowNameChange"),
        kind: option(entry, "allowKindChange"),
        ..Changes::default()
    };
    let target = field(entry, "target").filter(|target| !target.is_null());
    let parsed = folder.parse(source);
    match (objects::of(&parsed), JsonPatch::parse(folder.files.sources(), source)) {
        (Ok(patches), Err(_)) => {
            if let Some(target) = target {
                return to_selected(set, known, folder, &patches, target, options, &via);
            }
            patches.iter().try_for_each(|patch| to_named(set, known, *patch, options, &via))
        }
        (Err(_), Ok(operations)) => {
            let Some(target) = target else {
                let what = "a JSON patch needs a `target` that says which resources it is for";
                return Err(Diagnostic::error("bad-patch", entry.span(), what).into());
            };
            json(set, known, folder, target, &operations, true, &via)
        }
        // Of a patch that is both, kustomize asks since v5.8 whether anything is in it.
        (Ok(patches), Ok(operations))
            if folder.options.version >= Version::V5_8 && (patches.is_empty() || operations.is_empty()) =>
        {
            match target {
                Some(target) if !patches.is_empty() => to_selected(set, known, folder, &patches, target, options, &via),
                _ => patches.iter().try_for_each(|patch| to_named(set, known, *patch, options, &via)),
            }
        }
        (Ok(_), Ok(_)) => Err(Diagnostic::error("bad-patch", entry.span(), "this patch changes nothing").into()),
        (Err(problem), Err(other)) => {
            let is_list = parsed
                .documents
                .first()
                .is_some_and(|document| parsed.tree.node(document.root).kind() == Kind::Sequence);
            let problem = if is_list { other } else { problem };
            Err(Box::new(problem.related(via.span, "the patch is applied here")))
        }
    }
}

/// Applies one item of `patchesStrategicMerge`: the path of a file, or a patch itself. Says how many patches
/// that were.
pub(super) fn strategic(set: &mut Set, known: &mut Known, folder: &Folder<'_>, item: Node<'_>) -> Result<usize> {
    let via = Via { what: "patch", span: item.span() };
    let parsed = strategic_text(folder, item)?;
    let patches = objects::of(&parsed)?;
    named_patches(set, known, &patches, &via)?;
    Ok(patches.len())
}

/// Applies strategic-merge patches, each to the resource that it names.
pub(super) fn named_patches(set: &mut Set, known: &mut Known, patches: &[Node<'_>], via: &Via) -> Result<()> {
    let changes = Changes { given: Given::Listed, ..Changes::default() };
    patches.iter().try_for_each(|patch| to_named(set, known, *patch, changes, via))
}

fn strategic_text(folder: &Folder<'_>, item: Node<'_>) -> Result<Arc<Parsed>> {
    let inline = folder.parse(folder.inline(item, "<inline patch>"));
    if objects::of(&inline).is_ok() {
        return Ok(inline);
    }
    folder.parsed(item, item.text())
}

/// Applies an entry of `patchesJson6902`; its text stands in the fields that `names` says.
pub(super) fn json_entry(
    set: &mut Set,
    known: &mut Known,
    folder: &Folder<'_>,
    entry: Node<'_>,
    names: [&str; 2],
) -> Result<()> {
    let source = text_of_entry(folder, entry, names)?;
    let via = Via { what: "patch", span: entry.span() };
    let complain = |what: &str| Err(Diagnostic::error("bad-patch", entry.span(), what).into());
    let operations = match JsonPatch::parse(folder.files.sources(), source) {
        Ok(operations) if operations.is_empty() => return complain("this patch changes nothing"),
        Ok(operations) => operations,
        Err(problem) => return Err(Box::new(problem.related(via.span, "the patch is applied here"))),
    };
    let target = field(entry, "target").filter(|target| text_field(*target, "name").is_some());
    let Some(target) = target else { return complain("a JSON patch needs a `target` with a `name`") };
    json(set, known, folder, target, &operations, false, &via)
}

/// The text of a patch that is in a file or in the entry itself.
fn text_of_entry(folder: &Folder<'_>, entry: Node<'_>, [path, inline]: [&str; 2]) -> Result<SourceId> {
    let inline_text = text_field(entry, inline).filter(|node| !node.text().trim().is_empty());
    match (text_field(entry, path), inline_text) {
        (Some(path), None) => folder.source(path, path.text()),
        (None, Some(text)) => Ok(folder.inline(text, "<inline patch>")),
        (Some(path), Some(text)) => {
            let what = format!("a patch has either `path` or `{inline}`, and this has both");
            Err(Box::new(Diagnostic::error("bad-patch", text.span(), what).related(path.span(), "the other is here")))
        }
        (None, None) => {
            let what = format!("a patch needs either `{path}` or `{inline}`");
            Err(Diagnostic::error("bad-patch", entry.span(), what).into())
        }
    }
}

fn option(entry: Node<'_>, name: &str) -> bool {
    let options = field(entry, "options");
    let value = options.and_then(|options| options.get(name)).and_then(Node::scalar);
    matches!(value, Some(Scalar::Bool(true)))
}

/// Applies a patch to every resource that its target selects.
fn to_selected(
    set: &mut Set,
    known: &mut Known,
    folder: &Folder<'_>,
    patches: &[Node<'_>],
    target: Node<'_>,
    changes: Changes,
    via: &Via,
) -> Result<()> {
    let selector = Selector::of(target, Texts::Patterns)?;
    let patch = match patches {
        [] => return Err(Diagnostic::error("bad-patch", via.span, "this patch changes nothing").into()),
        [patch] => *patch,
        [_, second, ..] => {
            let what = "a patch with a `target` may hold only one document";
            let problem = Diagnostic::error("bad-patch", second.span(), what);
            return Err(Box::new(problem.related(target.span(), "the target is here")));
        }
    };
    let chosen = known.selected(set, &selector);
    if chosen.is_empty() {
        set.events.push(unmatched(folder, target, via));
    }
    let may_rename = changes.name || changes.kind;
    let mut has_deleted = false;
    for index in chosen {
        has_deleted |= merge_into(set, index, patch, Changes { given: Given::Selected, ..changes }, via)?;
        known.look_again(set, index, may_rename);
    }
    if has_deleted {
        set.drop_empty();
        known.forget();
    }
    if may_rename || set.may_repeat { set.refuse_duplicates() } else { Ok(()) }
}

/// A patch that is for nothing, which kustomize leaves out without a word.
fn unmatched(folder: &Folder<'_>, target: Node<'_>, via: &Via) -> Event {
    let name = text_field(target, "name").or_else(|| text_field(target, "kind"));
    Event {
        name: "unmatched-target",
        span: name.unwrap_or_else(|| target.key().unwrap_or(target)).span(),
        fields: Vec::new(),
        via: Some(via.clone()),
        lost: Vec::new(),
        resource: folder.id(),
    }
}

/// Applies a patch to the one resource that it names.
fn to_named(set: &mut Set, known: &mut Known, patch: Node<'_>, changes: Changes, via: &Via) -> Result<()> {
    let meant = Id::of(patch);
    let found: Vec<usize> = known.names(set).matching(set, meant);
    match found.as_slice() {
        [index] => {
            let deleted = merge_into(set, *index, patch, changes, via)?;
            known.look_again(set, *index, changes.name || changes.kind);
            if deleted {
                set.drop_empty();
                known.forget();
            }
            Ok(())
        }
        [] => Err(no_target(set, patch, meant, via.span)),
        [first, second, ..] => {
            let what = format!("several resources are or were called `{meant}`, and this patch is for one");
            let [first, second] = [*first, *second].map(|index| place(set.object(&set.drafts[index])));
            let problem = Diagnostic::error("ambiguous-patch", place(patch), what);
            Err(Box::new(problem.related(first, "it may be this one").related(second, "or this one")))
        }
    }
}

fn no_target(set: &Set, patch: Node<'_>, meant: Id<'_>, applied: Span) -> Box<Diagnostic> {
    let what = format!("no resource of this kustomization is `{meant}`, which this patch is for");
    let span = patch.at_path(&["metadata", "name"]).map_or_else(|| place(patch), Node::span);
    let problem = Diagnostic::error("patch-without-target", span, what).related(applied, "the patch is applied here");
    let same_name =
        set.drafts.iter().map(|draft| draft.id(&set.tree)).find(|id| id.name == meant.name && id.kind == meant.kind);
    if let Some(other) = same_name {
        let differs = if other.effective_namespace() == meant.effective_namespace() {
            let version = |id: Id<'_>| {
                if id.group.is_empty() { id.version.to_owned() } else { format!("{}/{}", id.group, id.version) }
            };
            format!("there is one with `apiVersion: {}`", version(other))
        } else {
            format!("there is one in the namespace `{}`", other.effective_namespace())
        };
        return Box::new(problem.help(differs));
    }
    let names = set.drafts.iter().map(|draft| draft.id(&set.tree)).filter(|id| id.kind == meant.kind);
    match did_you_mean(meant.name, names.map(|id| id.name)) {
        Some(name) => Box::new(problem.help(format!("did you mean `{name}`?"))),
        None => Box::new(problem),
    }
}

/// Applies a JSON patch to every resource that is selected.
fn json(
    set: &mut Set,
    known: &mut Known,
    folder: &Folder<'_>,
    target: Node<'_>,
    operations: &JsonPatch,
    is_entry: bool,
    via: &Via,
) -> Result<()> {
    let chosen = known.selected(set, &Selector::of(target, Texts::Patterns)?);
    if chosen.is_empty() {
        set.events.push(unmatched(folder, target, via));
    }
    let mut has_emptied = false;
    for index in chosen {
        let id = Id::of(set.tree.node(set.drafts[index].root));
        let (before, was): (ResourceId, _) = (id.into(), place(set.object(&set.drafts[index])));
        if is_entry {
            set.drafts[index].remember_as(id);
        }
        let has_origin = set.drafts[index].origin.is_some();
        if has_origin {
            metadata::show(set, index, via.span)?;
        }
        let draft = &set.drafts[index];
        let notes = if draft.has_notes() { Notes::Some } else { Notes::None };
        if draft.ties > 0 {
            set.tree.untie(draft.root);
        }
        json_patch(&mut set.tree, draft.root, operations, notes, via)?;
        if has_origin {
            metadata::hide(set, index);
        }
        set.drafts[index].rewrite_annotations(&mut set.tree);
        let now = set.drafts[index].id(&set.tree);
        let is_renamed = now.name != before.name;
        set.may_repeat |= is_renamed;
        if !now.is_called(&before) {
            known.look_again(set, index, is_renamed);
        }
        if set.object(&set.drafts[index]).children().next().is_none() {
            has_emptied = true;
            let how = Away::Deleted;
            set.account.drop(Dropped { id: before, how, span: via.span, via: None, was });
        }
    }
    if has_emptied {
        set.drop_empty();
        known.forget();
    }
    Ok(())
}
