//! The parts of a replacement that look at one object: the value at a source's path, and what becomes of the
//! nodes at a target's. Which objects are source and targets is the build's affair.

mod text;
mod path;
mod inside;

use crate::diagnostic::Diagnostic;
use crate::patch::too_large;
use crate::render::kustomize::replacement::path::Lost;
use crate::render::kustomize::replacement::path::Targets;
use crate::render::kustomize::size::refuse_long_text;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::MAX_DEPTH;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;

/// The path that counts where none is given.
pub const DEFAULT_PATH: &str = "metadata.name";

/// `options` of a source or a target.
#[derive(Clone, Default, Debug)]
pub struct Options<'a> {
    /// What splits a text into pieces; empty for not splitting it.
    pub delimiter: &'a str,
    /// Which piece is meant. For a target, one before the first or behind the last is added.
    pub index: i64,
    /// Whether a target's node is made where it is missing.
    pub create: bool,
    /// Whether a target's path may lead into a text, which then is read as YAML or JSON.
    pub reads_texts: bool,
}

/// A copy, part of nothing, of the value at the `path` of an object. `at` is where the path is written.
///
/// # Errors
/// When there is no value, or it has not the piece that is asked for.
pub fn source_value(
    tree: &mut Tree,
    root: NodeId,
    path: &str,
    options: &Options<'_>,
    at: Span,
) -> Result<NodeId, Box<Diagnostic>> {
    let found = path::source(tree.node(root), &path::parts(path)).map_err(|lost| told(tree, path, at, &lost))?;
    let is_empty = |kind: Kind, children: usize| kind != Kind::Scalar && children == 0;
    let found = found.filter(|node| !node.is_null() && !is_empty(node.kind(), node.children().count()));
    let Some(node) = found else {
        let what = format!("there is no value at `{path}` in the source of this replacement");
        let problem = Diagnostic::error("replacement-source", at, what);
        return Err(Box::new(problem.related(tree.node(root).span(), "the source is this object")));
    };
    let (kind, span, text) = (node.kind(), node.span(), node.text().to_owned());
    let copy = {
        let id = node.id();
        tree.copy_within(id)
    };
    tree.untie(copy);
    if !options.delimiter.is_empty() {
        if kind != Kind::Scalar {
            return Err(not_a_scalar(at, span));
        }
        let mut pieces = text.split(options.delimiter);
        let Some(piece) = usize::try_from(options.index).ok().and_then(|index| pieces.nth(index)) else {
            let what = format!("`{text}` has no piece {} between `{}`", options.index, options.delimiter);
            let problem = Diagnostic::error("replacement-source", at, what);
            return Err(Box::new(problem.related(span, "this is the value")));
        };
        keep_type(tree, copy);
        tree.compose(copy, &[(piece, span)]);
    }
    Ok(copy)
}

/// The node at the path of an object, where a place in a list may stand in brackets behind a name:
/// `ports[0].port`.
pub fn look_up<'a>(root: Node<'a>, path: &str) -> Option<Node<'a>> {
    let is_place = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = Vec::new();
    for part in path::parts(path) {
        match part.strip_suffix(']').and_then(|part| part.rsplit_once('[')) {
            Some((name, place)) if is_place(place) => {
                parts.extend((!name.is_empty()).then(|| name.to_owned()));
                parts.push(place.to_owned());
            }
            _ => parts.push(part),
        }
    }
    path::source(root, &parts).ok().flatten()
}

/// Sets all nodes at the `path` of an object to `value`, which [`source_value`] gave.
///
/// # Errors
/// When there is no such node and none may be made, or the path cannot be followed.
pub fn set_targets(
    tree: &mut Tree,
    root: NodeId,
    path: &str,
    value: NodeId,
    options: &Options<'_>,
    at: Span,
    via: &Via,
) -> Result<(), Box<Diagnostic>> {
    let create = options.create.then(|| tree.node(value).kind());
    let parts = path::parts(path);
    if parts.len() > MAX_DEPTH {
        let what = format!("this path has more than {MAX_DEPTH} parts");
        return Err(Diagnostic::error("replacement-path", at, what).into());
    }
    if options.reads_texts && inside::set(tree, root, &parts, value, create, at, via)? {
        return Ok(());
    }
    let reads_texts = options.reads_texts;
    let targets = Targets { tree: &mut *tree, create, cause: at, reads_texts }.find(root, &parts);
    let targets = targets.map_err(|lost| told(tree, path, at, &lost))?;
    if targets.is_empty() {
        let what = format!("there is no field `{path}` in a target of this replacement");
        let problem = Diagnostic::error("replacement-target", at, what).help("`options: {create: true}` makes it");
        return Err(Box::new(problem.related(tree.node(root).span(), "the target is this object")));
    }
    for target in targets {
        set(tree, target, value, options, at, via)?;
        if tree.is_too_large() {
            return Err(too_large(at));
        }
    }
    Ok(())
}

/// A scalar keeps its type and style and gets another text; anything else gives way to a copy of the value.
fn set(
    tree: &mut Tree,
    target: NodeId,
    value: NodeId,
    options: &Options<'_>,
    at: Span,
    via: &Via,
) -> Result<(), Box<Diagnostic>> {
    let node = tree.node(target);
    let (text, span) = (tree.node(value).text().to_owned(), tree.node(value).span());
    if node.kind() != Kind::Scalar {
        if !options.delimiter.is_empty() {
            return Err(not_a_scalar(at, node.span()));
        }
        let copy = tree.copy_within(value);
        tree.pass_through(copy, via);
        tree.supersede(target, copy);
        return Ok(());
    }
    let (before, before_span) = (node.text().to_owned(), node.span());
    keep_type(tree, target);
    let copy = tree.copy_within(target);
    let (front, back) = around(&before, options);
    refuse_long_text(front.len() + text.len() + back.len(), at, before_span)?;
    let kept = |piece| Some((piece, before_span)).filter(|(piece, _): &(&str, Span)| !piece.is_empty());
    let pieces = [kept(front.as_str()), Some((text.as_str(), span)), kept(&back)];
    tree.compose(copy, &pieces.into_iter().flatten().collect::<Vec<_>>());
    tree.written_at(copy, span, via);
    // What was only made for this was written by nobody before.
    if before_span == at {
        tree.replace(target, copy);
    } else {
        tree.supersede(target, copy);
    }
    Ok(())
}

/// What stays of a text before and behind the piece that is set, delimiters included.
fn around(text: &str, options: &Options<'_>) -> (String, String) {
    let delimiter = options.delimiter;
    if delimiter.is_empty() {
        return (String::new(), String::new());
    }
    let Ok(index) = usize::try_from(options.index) else { return (String::new(), format!("{delimiter}{text}")) };
    let start = match index.checked_sub(1) {
        None => 0,
        Some(before) => match text.match_indices(delimiter).nth(before) {
            Some((at, _)) => at + delimiter.len(),
            None => return (format!("{text}{delimiter}"), String::new()),
        },
    };
    let end = text[start..].find(delimiter).map_or(text.len(), |at| start + at);
    (text[..start].to_owned(), text[end..].to_owned())
}

/// Writes down the type that the look of a scalar gives it, so that it keeps it with another text.
fn keep_type(tree: &mut Tree, scalar: NodeId) {
    let node = tree.node(scalar);
    if node.tag() != Tag::None {
        return;
    }
    let tag = tag_of(tree.reader(), node.text(), node.style());
    tree.retag(scalar, tag);
}

/// The type that the look of a scalar gives it.
fn tag_of(reader: Reader, text: &str, style: Style) -> Tag {
    match reader.resolve(text, style, Tag::None) {
        Scalar::Null => Tag::Null,
        Scalar::Bool(_) => Tag::Bool,
        Scalar::Int(_) => Tag::Int,
        Scalar::Float(_) => Tag::Float,
        Scalar::Timestamp(_) => Tag::Timestamp,
        Scalar::String(_) => Tag::Str,
    }
}

fn not_a_scalar(at: Span, found: Span) -> Box<Diagnostic> {
    let problem = Diagnostic::error("replacement-delimiter", at, "only a single value can be split by `delimiter`");
    Box::new(problem.related(found, "this is a list or a mapping"))
}

fn told(tree: &Tree, path: &str, at: Span, lost: &Lost) -> Box<Diagnostic> {
    let problem = Diagnostic::error("replacement-path", at, format!("the field path `{path}` leads nowhere"));
    Box::new(problem.related(tree.node(lost.node).span(), lost.problem.clone()))
}
