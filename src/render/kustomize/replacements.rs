//! `replacements`: the value of one field copied into others.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kustomization::go::field;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::DEFAULT_NAMESPACE;
use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::folder::Folder;
use crate::render::kustomize::path;
use crate::render::kustomize::path::Create;
use crate::render::kustomize::selector::Selector;
use crate::render::kustomize::selector::Texts;
use crate::render::kustomize::selector::text_field;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Parsed;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;

/// The field that is meant where none is named.
const NAME: &str = "metadata.name";

/// Makes the replacements of `entries`, each of which holds one or the path of a file with some.
pub(super) fn apply<'n>(set: &mut Set, folder: &Folder<'_>, entries: impl Iterator<Item = Node<'n>>) -> Result<()> {
    for entry in entries {
        let Some(path) = text_field(entry, "path") else {
            one(set, entry)?;
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
            Kind::Sequence => root.items().try_for_each(|item| one(set, item))?,
            Kind::Mapping => one(set, root)?,
            Kind::Scalar => {
                let what = "this file must hold a replacement, or a list of them";
                return Err(Diagnostic::error("bad-replacement", root.span(), what).into());
            }
        }
    }
    Ok(())
}

/// Makes one replacement.
fn one(set: &mut Set, entry: Node<'_>) -> Result<()> {
    let source = field(entry, "source").filter(|source| !source.is_null());
    let targets = field(entry, "targets").filter(|targets| !targets.is_null());
    let (Some(source), Some(targets)) = (source, targets) else {
        let what = "a replacement needs a `source` and `targets`";
        return Err(Diagnostic::error("bad-replacement", place(entry), what).into());
    };
    let value = Value::of(set, source)?;
    targets.items().try_for_each(|target| to_target(set, &value, target))
}

/// What is copied.
struct Value {
    /// The field, or for a piece of one its text.
    node: NodeId,
    piece: Option<String>,
    kind: Kind,
    /// Where it was written, and the source that asks for it.
    written: Span,
    asked: Span,
}

impl Value {
    fn of(set: &Set, source: Node<'_>) -> Result<Self> {
        let draft = &set.drafts[resource(set, source)?];
        let path = text_field(source, "fieldPath");
        let text = path.map_or(NAME, Node::text);
        let found = path::look_up(set.object(draft), text);
        let is_there = |node: &Node<'_>| match node.kind() {
            Kind::Scalar => !node.is_null(),
            Kind::Sequence | Kind::Mapping => node.children().next().is_some(),
        };
        let Some(node) = found.filter(is_there) else {
            let what = format!("the field `{text}` of the source is not there, or empty");
            let problem = Diagnostic::error("bad-replacement", path.unwrap_or(source).span(), what);
            return Err(Box::new(problem.related(place(set.object(draft)), "this is the source")));
        };
        let options = Options::of(source);
        let piece = match options.delimiter {
            None => None,
            Some(_) if node.kind() != Kind::Scalar => {
                let what = "only a text can be split at a delimiter";
                return Err(Diagnostic::error("bad-replacement", options.place, what).into());
            }
            Some(delimiter) => {
                let piece =
                    usize::try_from(options.index).ok().and_then(|index| pieces(node.text(), delimiter).nth(index));
                let Some(piece) = piece else {
                    let what = format!("`{}` has no piece number {}, counted from 0", node.text(), options.index);
                    return Err(Diagnostic::error("bad-replacement", options.place, what).into());
                };
                Some(piece.to_owned())
            }
        };
        let asked = path.unwrap_or(source).span();
        Ok(Self { node: node.id(), piece, kind: node.kind(), written: node.span(), asked })
    }

    fn text<'a>(&'a self, tree: &'a Tree) -> &'a str {
        self.piece.as_deref().unwrap_or_else(|| tree.node(self.node).text())
    }
}

/// The one resource that a source selects.
fn resource(set: &Set, source: Node<'_>) -> Result<usize> {
    let selector = Selector::of(source, Texts::Literal)?;
    let is_meant = |draft: &Draft| ids(draft, &set.tree).any(|id| selector.selects_id(id));
    let mut found = (0..set.drafts.len()).filter(|&index| is_meant(&set.drafts[index]));
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
struct Options<'a> {
    delimiter: Option<&'a str>,
    index: i128,
    create: bool,
    place: Span,
}

impl<'a> Options<'a> {
    fn of(node: Node<'a>) -> Self {
        let options = field(node, "options");
        let get = |name: &str| options.and_then(|options| field(options, name));
        Self {
            delimiter: options.and_then(|options| text_field(options, "delimiter")).map(Node::text),
            index: match get("index").and_then(Node::scalar) {
                Some(Scalar::Int(index)) => index,
                _ => 0,
            },
            create: matches!(get("create").and_then(Node::scalar), Some(Scalar::Bool(true))),
            place: options.map_or_else(|| place(node), place),
        }
    }
}

fn pieces<'t>(text: &'t str, delimiter: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(delimiter)
}

/// Copies the value into the fields that one target names.
fn to_target(set: &mut Set, value: &Value, target: Node<'_>) -> Result<()> {
    let Some(select) = field(target, "select").filter(|select| !select.is_null()) else {
        let what = "a target needs a `select` that says which resources it is for";
        return Err(Diagnostic::error("bad-replacement", place(target), what).into());
    };
    let selector = Selector::of(select, Texts::Literal)?;
    let rejects = field(target, "reject").into_iter().flat_map(Node::items);
    let rejects: Vec<Selector> = rejects.map(|reject| Selector::of(reject, Texts::Literal)).collect::<Result<_>>()?;
    let options = Options::of(target);
    let paths: Vec<Node<'_>> = field(target, "fieldPaths").into_iter().flat_map(Node::items).collect();
    for index in 0..set.drafts.len() {
        if !is_target(set, index, &selector, &rejects) {
            continue;
        }
        let root = set.drafts[index].root;
        if paths.is_empty() {
            to_path(set, root, NAME, place(target), value, &options)?;
        }
        for path in &paths {
            to_path(set, root, path.text(), path.span(), value, &options)?;
        }
    }
    Ok(())
}

fn is_target(set: &Set, index: usize, selector: &Selector, rejects: &[Selector]) -> bool {
    let draft = &set.drafts[index];
    let object = set.object(draft);
    let by_labels = |reject: &Selector| reject.asks_for_labels() && reject.selects_labels(object);
    let by_id = |reject: &Selector| reject.asks_for_an_id() && ids(draft, &set.tree).any(|id| reject.selects_id(id));
    selector.selects_labels(object)
        && !rejects.iter().any(by_labels)
        && ids(draft, &set.tree).any(|id| selector.selects_id(id))
        && !rejects.iter().any(by_id)
}

fn to_path(set: &mut Set, root: NodeId, text: &str, span: Span, value: &Value, options: &Options<'_>) -> Result<()> {
    let create = options.create.then_some(Create { kind: value.kind, by: span });
    let complain = |set: &Set, problem: &str| {
        let what =
            if problem.is_empty() { format!("there is no field `{text}` in this target") } else { problem.to_owned() };
        let error =
            Diagnostic::error("bad-replacement", span, what).related(place(set.tree.node(root)), "this is the target");
        let help = "set `create: true` among the options of the target to have it made";
        if problem.is_empty() { error.help(help) } else { error }
    };
    let found = match path::find(&mut set.tree, root, &path::split(text), create) {
        Ok(found) if found.is_empty() => return Err(complain(set, "").into()),
        Ok(found) => found,
        Err(problem) => return Err(complain(set, &problem).into()),
    };
    found.into_iter().try_for_each(|field| set_field(&mut set.tree, field, value, options))
}

fn set_field(tree: &mut Tree, field: NodeId, value: &Value, options: &Options<'_>) -> Result<()> {
    let via = Via { what: "replacement", span: value.asked };
    let node = tree.node(field);
    if options.delimiter.is_some() && node.kind() != Kind::Scalar {
        let what = "only a text can be split at a delimiter";
        return Err(Diagnostic::error("bad-replacement", options.place, what)
            .related(node.span(), "this is none")
            .into());
    }
    if node.kind() != Kind::Scalar {
        let copy = tree.copy_within(value.node);
        if let Some(piece) = &value.piece {
            tree.rewrite(copy, &[(piece.clone(), value.written)], value.written, &via);
        }
        tree.supersede(field, copy);
        return Ok(());
    }
    if value.kind != Kind::Scalar {
        let copy = tree.scalar("", Style::Plain, value.written);
        let tag = written_tag(tree.node(field));
        tree.restyle(copy, tree.node(field).style(), tag);
        tree.supersede(field, copy);
        return Ok(());
    }
    let own = node.span();
    let text = value.text(tree).to_owned();
    let parts: Vec<(String, Span)> = match options.delimiter {
        None => vec![(text, value.written)],
        Some(delimiter) => {
            let mut all: Vec<(String, Span)> =
                pieces(node.text(), delimiter).map(|piece| (piece.to_owned(), own)).collect();
            let new = (text, value.written);
            match usize::try_from(options.index) {
                Err(_) => all.insert(0, new),
                Ok(index) if index >= all.len() => all.push(new),
                Ok(index) => all[index] = new,
            }
            let mut parts = Vec::new();
            for (index, piece) in all.into_iter().enumerate() {
                if index > 0 {
                    parts.push((delimiter.to_owned(), own));
                }
                parts.push(piece);
            }
            parts
        }
    };
    let (style, tag) = (node.style(), written_tag(node));
    tree.rewrite(field, &parts, value.written, &via);
    tree.restyle(field, style, tag);
    Ok(())
}

/// The type that a scalar has, which it keeps whatever text it is given.
fn written_tag(node: Node<'_>) -> Tag {
    match (node.tag(), node.scalar()) {
        (Tag::None, Some(Scalar::Int(_))) => Tag::Int,
        (Tag::None, Some(Scalar::Bool(_))) => Tag::Bool,
        (Tag::None, Some(Scalar::Float(_))) => Tag::Float,
        (Tag::None, Some(Scalar::String(_))) => Tag::Str,
        (tag, _) => tag,
    }
}
