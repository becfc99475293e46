//! `options` of a generator's entry together with `generatorOptions` of the file: the entry's labels and
//! annotations count before those of the file, but a flag that the file sets cannot be taken back.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::kustomization::field;
use crate::render::kustomize::generator::Result;
use crate::render::kustomize::generator::expect_text;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// What both say together.
pub(super) struct Options<'a> {
    /// Keys and values, in the order of the keys.
    pub(super) labels: Vec<(Node<'a>, Node<'a>)>,
    pub(super) annotations: Vec<(Node<'a>, Node<'a>)>,
    /// Where `immutable` is set, if it is.
    pub(super) immutable: Option<Span>,
    pub(super) disables_hash: bool,
}

impl<'a> Options<'a> {
    pub(super) fn of(local: Option<Node<'a>>, global: Option<Node<'a>>) -> Result<Self> {
        let both = [mapping(local, "options")?, mapping(global, "generatorOptions")?];
        Ok(Self {
            labels: texts(both, "labels")?,
            annotations: texts(both, "annotations")?,
            immutable: flag(both, "immutable")?,
            disables_hash: flag(both, "disableNameSuffixHash")?.is_some(),
        })
    }
}

fn mapping<'a>(node: Option<Node<'a>>, name: &str) -> Result<Option<Node<'a>>> {
    match node.filter(|node| !node.is_null()) {
        Some(node) if node.kind() != Kind::Mapping => {
            let what = format!("`{name}` must be a mapping");
            Err(Box::new(Diagnostic::error("kustomization-type", node.span(), what)))
        }
        node => Ok(node),
    }
}

fn texts<'a>(both: [Option<Node<'a>>; 2], name: &str) -> Result<Vec<(Node<'a>, Node<'a>)>> {
    let mut texts: BTreeMap<&str, (Node<'a>, Node<'a>)> = BTreeMap::new();
    for options in both.into_iter().flatten() {
        let Some(pairs) = mapping(field(options, name), name)? else { continue };
        let mut own = BTreeMap::new();
        for (key, value) in pairs.fields() {
            if key.text().is_empty() {
                let what = format!("a key of `{name}` is empty");
                return Err(Box::new(Diagnostic::error("generator", value.span(), what)));
            }
            if !value.is_null() {
                expect_text(value, key.text())?;
            }
            own.insert(key.text(), (key, value));
        }
        for (key, pair) in own {
            texts.entry(key).or_insert(pair);
        }
    }
    Ok(texts.into_values().collect())
}

/// Where a flag is set, if one of the two sets it.
fn flag(both: [Option<Node<'_>>; 2], name: &str) -> Result<Option<Span>> {
    let mut set = None;
    for value in both.into_iter().flatten().filter_map(|options| field(options, name)) {
        match value.scalar() {
            Some(Scalar::Bool(true)) => set = set.or(Some(value.span())),
            Some(Scalar::Bool(false) | Scalar::Null) => {}
            _ => {
                let what = format!("`{name}` must be `true` or `false`");
                return Err(Box::new(Diagnostic::error("kustomization-type", value.span(), what)));
            }
        }
    }
    Ok(set)
}
