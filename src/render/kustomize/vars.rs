//! `vars`: texts such as `$(NAME)` that stand for a field of another resource.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::kube::FieldSpec;
use crate::kustomization::go::field;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::draft::group_and_version;
use crate::render::kustomize::fields::Field;
use crate::render::kustomize::replacement::look_up;
use crate::render::kustomize::selector::text_field;
use crate::render::kustomize::set::Names;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::Var;
use crate::render::kustomize::set::place;
use crate::render::kustomize::size::refuse_long_text;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;

/// Takes the vars of a kustomization in, and marks the resources that they read.
///
/// # Errors
/// When a var fits several resources, or its name is taken.
pub(super) fn declare<'n>(set: &mut Set, entries: impl Iterator<Item = Node<'n>>) -> Result<()> {
    let mut names = None;
    for entry in entries {
        let names = names.get_or_insert_with(|| Names::of(set));
        let var = Var {
            name: text_field(entry, "name").map_or("", Node::text).to_owned(),
            path: field(entry, "fieldref")
                .and_then(|reference| text_field(reference, "fieldPath"))
                .map_or("metadata.name", Node::text)
                .to_owned(),
            span: entry.span(),
        };
        let found = objects(set, names, entry);
        if let [first, second, ..] = found.as_slice() {
            let what =
                format!("the var `{}` fits several resources, and kustomize cannot tell which is meant", var.name);
            let [first, second] = [first, second].map(|&index| place(set.object(&set.drafts[index])));
            let problem = Diagnostic::error("ambiguous-var", var.span, what).help("name a namespace in its `objref`");
            return Err(Box::new(problem.related(first, "it may be this one").related(second, "or this one")));
        }
        if let Some(&index) = found.first() {
            set.drafts[index].vars.push(var.name.clone());
        }
        add(&mut set.vars, var)?;
    }
    Ok(())
}

/// Takes over the vars of a kustomization below.
pub(super) fn merge(vars: &mut Vec<Var>, others: &[Var]) -> Result<()> {
    others.iter().try_for_each(|var| add(vars, var.clone()))
}

fn add(vars: &mut Vec<Var>, var: Var) -> Result<()> {
    if let Some(earlier) = vars.iter().find(|known| known.name == var.name) {
        let what = format!("there are two vars called `{}`", var.name);
        return Err(Box::new(
            Diagnostic::error("duplicate-var", var.span, what).related(earlier.span, "the other one is here"),
        ));
    }
    vars.push(var);
    Ok(())
}

/// The resources that the `objref` of a var names.
fn objects(set: &Set, names: &Names, entry: Node<'_>) -> Vec<usize> {
    let reference = field(entry, "objref");
    let text = |name: &str| reference.and_then(|reference| text_field(reference, name)).map_or("", Node::text);
    let (mut group, mut version) = (text("group"), text("version"));
    let api_version = text("apiVersion");
    if !api_version.is_empty() && api_version.matches('/').count() < 2 {
        let parts = group_and_version(api_version);
        version = parts.1;
        group = if api_version.contains('/') { parts.0 } else { group };
    }
    let id = Id { group, version, kind: text("kind"), namespace: text("namespace"), name: text("name") };
    let anywhere = id.namespace.is_empty();
    let is_meant = |known: Id<'_>| known.name == id.name && known.is_same_kind(id) && (anywhere || known.is_same(id));
    let candidates = names.named(id.name).iter().copied();
    candidates.filter(|&index| set.drafts[index].ids(&set.tree).any(is_meant)).collect()
}

/// Puts the values of all vars in their places.
///
/// # Errors
/// When a var has no value.
pub(super) fn resolve(set: &mut Set, specs: &[FieldSpec]) -> Result<()> {
    if set.vars.is_empty() {
        return Ok(());
    }
    let mut values = BTreeMap::new();
    for var in &set.vars {
        let value = value(set, var)?;
        set.account.put_in(value.span, Via { what: "var", span: var.span });
        values.insert(var.name.clone(), value);
    }
    let values = Rc::new(values);
    let specs = Field::all(specs);
    for draft in &set.drafts {
        let id = draft.id(&set.tree);
        let of_kind: Vec<&Field<'_>> = specs.iter().filter(|spec| spec.is_of(id)).collect();
        for spec in of_kind {
            spec.each(&mut set.tree, draft.root, None, &mut |tree, field| substitute(tree, field, &values))?;
        }
    }
    Ok(())
}

/// What a var stands for.
#[derive(Clone, Debug)]
struct Value {
    /// Inside of a longer text.
    text: String,
    /// In place of a whole value, with the type that it then has; none where no value can stand.
    alone: Option<(String, Tag)>,
    span: Span,
    var: Span,
}

fn value(set: &Set, var: &Var) -> Result<Value> {
    let complain = |what: String| Diagnostic::error("var-without-value", var.span, what);
    let Some(draft) = set.drafts.iter().find(|draft| draft.vars.contains(&var.name)) else {
        let what = format!("no resource of this kustomization is what the var `{}` reads", var.name);
        return Err(complain(what).help("its `objref` gives the kind and the name before any prefix").into());
    };
    let object = set.object(draft);
    let Some(node) = look_up(object, &var.path) else {
        let what = format!("the var `{}` reads `{}`, which is not there", var.name, var.path);
        return Err(Box::new(complain(what).related(place(object), "it reads this resource")));
    };
    let whole =
        |text: String, tag| Value { text: text.clone(), alone: Some((text, tag)), span: node.span(), var: var.span };
    match node.scalar() {
        Some(Scalar::String(text) | Scalar::Timestamp(text)) => Ok(whole(text.to_owned(), Tag::Str)),
        Some(Scalar::Int(_)) => match node.text().parse::<i64>() {
            Ok(number) => Ok(whole(number.to_string(), Tag::Int)),
            Err(_) => Err(complain(format!("`{}` is no number that kustomize reads here", node.text())).into()),
        },
        Some(Scalar::Bool(bool)) => Ok(whole(bool.to_string(), Tag::Bool)),
        Some(Scalar::Float(float)) => {
            let text = if float != 0.0 && !(1e-4..1e21).contains(&float.abs()) {
                format!("{float:e}")
            } else {
                float.to_string()
            };
            Ok(Value { text, ..whole(float.to_string(), Tag::Float) })
        }
        // kustomize puts what is no single value back as it was written.
        Some(Scalar::Null) | None => {
            Ok(Value { text: format!("$({})", var.name), alone: None, span: node.span(), var: var.span })
        }
    }
}

type Values = Rc<BTreeMap<String, Value>>;

fn substitute(tree: &mut Tree, field: NodeId, values: &Values) -> Result<()> {
    let node = tree.node(field);
    match node.kind() {
        Kind::Scalar if is_text(node) => replace(tree, field, values),
        Kind::Scalar => Ok(()),
        Kind::Mapping => {
            let texts: Vec<NodeId> = node.children().filter(|value| is_text(*value)).map(Node::id).collect();
            texts.into_iter().try_for_each(|value| replace(tree, value, values))
        }
        Kind::Sequence => {
            if let Some(item) = node.items().find(|item| !is_text(*item)) {
                let what = "a list in which vars are replaced may hold only texts";
                return Err(Diagnostic::error("var-in-list", item.span(), what).into());
            }
            let items: Vec<NodeId> = node.items().map(Node::id).collect();
            items.into_iter().try_for_each(|item| replace(tree, item, values))
        }
    }
}

fn is_text(node: Node<'_>) -> bool {
    matches!(node.scalar(), Some(Scalar::String(_)))
}

/// Replaces the vars in one text.
fn replace(tree: &mut Tree, field: NodeId, values: &Values) -> Result<()> {
    let node = tree.node(field);
    let text = node.text();
    if !text.contains('$') {
        return Ok(());
    }
    let own = node.span();
    let whole = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')).and_then(|name| values.get(name));
    if let Some(Value { alone, span, var, .. }) = whole {
        let Some((text, tag)) = alone else { return Ok(()) };
        let via = Via { what: "var", span: *var };
        tree.rewrite(field, &[(text.clone(), *span)], own, &via);
        tree.restyle(field, Style::Plain, *tag);
        return Ok(());
    }
    let (parts, var) = expand(text, own, values)?;
    let via = Via { what: "var", span: var.unwrap_or(own) };
    if parts.iter().map(|(part, _)| part.as_str()).ne([text]) {
        tree.rewrite(field, &parts, own, &via);
    }
    tree.restyle(field, Style::Plain, Tag::Str);
    Ok(())
}

/// The parts of a text, each with the place it came from.
type Parts = Vec<(String, Span)>;

/// The parts of a text in which vars are replaced, and the last var that was.
fn expand(text: &str, own: Span, values: &Values) -> Result<(Parts, Option<Span>)> {
    let mut length = text.len();
    let mut parts = Parts::new();
    let mut plain = String::new();
    let mut last = None;
    let mut rest = text;
    while let Some(at) = rest.find('$').filter(|&at| at + 1 < rest.len()) {
        plain.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let first = behind.chars().next().expect("there is something behind the sign");
        rest = &behind[first.len_utf8()..];
        match (first, rest.split_once(')')) {
            ('$', _) => plain.push('$'),
            ('(', Some((name, after))) => {
                match values.get(name) {
                    Some(value) => {
                        length += value.text.len();
                        refuse_long_text(length, own, own)?;
                        parts.push((std::mem::take(&mut plain), own));
                        parts.push((value.text.clone(), value.span));
                        last = Some(value.var);
                    }
                    None => plain.extend(["$(", name, ")"]),
                }
                rest = after;
            }
            (first, _) => plain.extend(['$', first]),
        }
    }
    plain.push_str(rest);
    parts.push((plain, own));
    parts.retain(|(part, _)| !part.is_empty());
    Ok((parts, last))
}
