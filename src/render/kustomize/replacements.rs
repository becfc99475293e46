//! `replacements`: the value of one field copied into others.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kustomization::Version;
use crate::kustomization::go::field;
use crate::kustomization::go::flag;
use crate::kustomization::go::integer;
use crate::kustomization::go::text;
use crate::render::kustomize::Result;
use crate::render::kustomize::called::Known;
use crate::render::kustomize::draft::DEFAULT_NAMESPACE;
use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::folder::Folder;
use crate::render::kustomize::replacement::DEFAULT_PATH;
use crate::render::kustomize::replacement::Options;
use crate::render::kustomize::replacement::set_targets;
use crate::render::kustomize::replacement::source_value;
use crate::render::kustomize::selector::Selector;
use crate::render::kustomize::selector::Texts;
use crate::render::kustomize::selector::text_field;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Parsed;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;

/// Makes the replacements of `entries`, each of which holds one or the path of a file with some.
pub(super) fn apply<'n>(set: &mut Set, folder: &Folder<'_>, entries: impl Iterator<Item = Node<'n>>) -> Result<()> {
    let version = folder.options.version;
    let mut known = Known::default();
    for entry in entries {
        let Some(path) = text_field(entry, "path") else {
            one(set, &mut known, entry, version)?;
            continue;
        };
        if field(entry, "source").is_some() || field(entry, "targets").is_some_and(|list| list.items().next().is_some())
        {
            let what = "a replacement stands either here or in the file at `path`";
            return Err(Diagnostic::error("bad-replacement", path.span(), what).into());
        }
        let file: Arc<Parsed> = folder.parsed(path, path.text())?;
        if let Some(problem) = file.diagnostics.first() {
            return Err(problem.clone().into());
        }
        let Some(root) = file.documents.first().map(|document| file.tree.node(document.root)) else {
            return Err(
                Diagnostic::error("bad-replacement", path.span(), "there is no replacement in this file").into()
            );
        };
        match root.kind() {
            Kind::Sequence => root.items().try_for_each(|item| one(set, &mut known, item, version))?,
            Kind::Mapping => one(set, &mut known, root, version)?,
            Kind::Scalar => {
                let what = "this file must hold a replacement, or a list of them";
                return Err(Diagnostic::error("bad-replacement", root.span(), what).into());
            }
        }
    }
    Ok(())
}

/// Makes one replacement.
fn one(set: &mut Set, known: &mut Known, entry: Node<'_>, version: Version) -> Result<()> {
    let given = |name: &str| field(entry, name).filter(|node| !node.is_null());
    let text = given("sourceValue").filter(|_| version >= Version::V5_8);
    let (value, via) = match (given("source"), text, given("targets")) {
        (None, None, _) | (_, _, None) => {
            let what = "a replacement needs a `source` and `targets`";
            return Err(Diagnostic::error("bad-replacement", place(entry), what).into());
        }
        (Some(source), Some(text), _) => {
            let what = "a replacement has either a `source` or a `sourceValue`, and this has both";
            let problem = Diagnostic::error("bad-replacement", text.span(), what);
            return Err(Box::new(problem.related(place(source), "the other is here")));
        }
        (None, Some(text), _) => {
            let value = set.tree.text_from(text.text(), text.span());
            set.tree.restyle(value, Style::Plain, Tag::NonSpecific);
            (value, Via { what: "replacement", span: text.span() })
        }
        (Some(source), None, _) => source_of(set, known, source)?,
    };
    let mut targets = field(entry, "targets").into_iter().flat_map(Node::items);
    targets.try_for_each(|target| to_target(set, known, value, target, &via, version))
}

/// The value that a source names.
fn source_of(set: &mut Set, known: &mut Known, source: Node<'_>) -> Result<(NodeId, Via)> {
    let path = text_field(source, "fieldPath");
    let (text, span) = path.map_or((DEFAULT_PATH, place(source)), |path| (path.text(), path.span()));
    let root = set.drafts[resource(set, known, source)?].root;
    let value = source_value(&mut set.tree, root, text, &options(source, false), span)?;
    Ok((value, Via { what: "replacement", span }))
}

/// The one resource that a source selects.
fn resource(set: &Set, known: &mut Known, source: Node<'_>) -> Result<usize> {
    let selector = Selector::of(source, Texts::Literal)?;
    let is_meant = |draft: &Draft| ids(draft, &set.tree).any(|id| selector.selects_id(id));
    let candidates = known.candidates(set, &selector);
    let mut found = candidates.into_iter().filter(|&index| is_meant(&set.drafts[index]));
    let complain = |what: &str| Diagnostic::error("bad-replacement", place(source), what);
    match (found.next(), found.next()) {
        (Some(index), None) => Ok(index),
        (Some(first), Some(second)) => {
            let [first, second] = [first, second].map(|index| place(set.object(&set.drafts[index])));
            let problem = complain("several resources are what this source selects, and it may be only one");
            Err(Box::new(problem.related(first, "it may be this one").related(second, "or this one")))
        }
        (None, _) => Err(complain("no resource of this kustomization is what this source selects").into()),
    }
}

/// What a resource is and was called, in the eyes of a selector: no kind lives outside of namespaces.
fn ids<'t>(draft: &'t Draft, tree: &'t Tree) -> impl Iterator<Item = Id<'t>> {
    let own =
        |id: Id<'t>| Id { namespace: if id.namespace.is_empty() { DEFAULT_NAMESPACE } else { id.namespace }, ..id };
    std::iter::once(own(draft.id(tree))).chain(draft.former_ids(tree))
}

/// How a field is taken apart or made.
fn options(node: Node<'_>, reads_texts: bool) -> Options<'_> {
    let Some(options) = field(node, "options") else { return Options { reads_texts, ..Options::default() } };
    Options {
        delimiter: text(options, "delimiter"),
        index: integer(options, "index"),
        create: flag(options, "create"),
        reads_texts,
    }
}

/// Copies the value into the fields that one target names.
fn to_target(
    set: &mut Set,
    known: &mut Known,
    value: NodeId,
    target: Node<'_>,
    via: &Via,
    version: Version,
) -> Result<()> {
    let Some(select) = field(target, "select").filter(|select| !select.is_null()) else {
        let what = "a target needs a `select` that says which resources it is for";
        return Err(Diagnostic::error("bad-replacement", place(target), what).into());
    };
    let texts = if version >= Version::V5_8 { Texts::Patterns } else { Texts::Literal };
    let selector = Selector::of(select, texts)?;
    let rejects = field(target, "reject").into_iter().flat_map(Node::items);
    let rejects: Vec<Selector> = rejects.map(|reject| Selector::of(reject, texts)).collect::<Result<_>>()?;
    let options = options(target, version >= Version::V5_8);
    let paths: Vec<Node<'_>> = field(target, "fieldPaths").into_iter().flat_map(Node::items).collect();
    for index in known.candidates(set, &selector) {
        if !is_target(set, index, &selector, &rejects, texts) {
            continue;
        }
        let root = set.drafts[index].root;
        let name = set.drafts[index].id(&set.tree).name.to_owned();
        if paths.is_empty() {
            set_targets(&mut set.tree, root, DEFAULT_PATH, value, &options, place(target), via)?;
        }
        for path in &paths {
            set_targets(&mut set.tree, root, path.text(), value, &options, path.span(), via)?;
        }
        known.look_again(set, index, set.drafts[index].id(&set.tree).name != name);
    }
    Ok(())
}

fn is_target(set: &Set, index: usize, selector: &Selector, rejects: &[Selector], texts: Texts) -> bool {
    let draft = &set.drafts[index];
    let object = set.object(draft);
    let by_labels = |reject: &Selector| reject.asks_for_labels() && reject.selects_labels(object);
    // Patterns see the namespace as it is written, so `default` is not that of an object without one.
    let selects = |selector: &Selector| match texts {
        Texts::Literal => ids(draft, &set.tree).any(|id| selector.selects_id(id)),
        Texts::Patterns => draft.ids(&set.tree).any(|id| selector.selects_id(id)),
    };
    let by_id = |reject: &Selector| reject.asks_for_an_id() && selects(reject);
    selector.selects_labels(object) && !rejects.iter().any(by_labels) && selects(selector) && !rejects.iter().any(by_id)
}
