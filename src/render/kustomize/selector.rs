//! Which resources a patch or a replacement is for: patterns of group, version, kind, namespace and name,
//! and selectors of labels and annotations.

use regex::Regex;

use crate::diagnostic::Diagnostic;
use crate::kustomization::go::field;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::go_regex;
use crate::render::kustomize::requirement::Requirement;
use crate::render::kustomize::requirement::requirements;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Tree;

/// A selector that was read. What it does not mention, everything matches.
#[derive(Debug)]
pub(super) struct Selector {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    namespace: Pattern,
    name: Pattern,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

/// A text that must match as a whole.
#[derive(Debug)]
pub(super) enum Pattern {
    Any,
    Exactly(String),
    Regex(Box<Regex>),
}

/// How the texts of a selector are meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Texts {
    /// As regular expressions.
    Patterns,
    /// As they stand.
    Literal,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// When one of its texts is no regular expression, or no selector of labels.
    pub(super) fn of(node: Node<'_>, texts: Texts) -> Result<Self> {
        let pattern = |name: &str| Pattern::of(text_field(node, name), texts);
        let selector = |name: &str| text_field(node, name).map_or(Ok(Vec::new()), requirements);
        Ok(Self {
            group: pattern("group")?,
            version: pattern("version")?,
            kind: pattern("kind")?,
            namespace: pattern("namespace")?,
            name: pattern("name")?,
            labels: selector("labelSelector")?,
            annotations: selector("annotationSelector")?,
        })
    }

    /// Whether it asks for a name, a namespace or a kind at all.
    pub(super) fn asks_for_an_id(&self) -> bool {
        self.patterns().into_iter().any(|pattern| !pattern.is_any())
    }

    /// What it asks of group, version, kind, namespace and name.
    pub(super) fn patterns(&self) -> [&Pattern; 5] {
        [&self.group, &self.version, &self.kind, &self.namespace, &self.name]
    }

    /// The name that it asks for, if only one will do.
    pub(super) fn exact_name(&self) -> Option<&str> {
        match &self.name {
            Pattern::Exactly(name) => Some(name),
            Pattern::Any | Pattern::Regex(_) => None,
        }
    }

    /// Whether it asks for labels or annotations.
    pub(super) fn asks_for_labels(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }

    /// Whether a patch with this target is for the resource, by what it is or was first called.
    pub(super) fn selects(&self, draft: &Draft, tree: &Tree) -> bool {
        let now = draft.id(tree);
        let first = draft.first_of(now);
        let either = |pattern: &Pattern, first: &str, now: &str| pattern.matches(first) || pattern.matches(now);
        either(&self.name, first.name, now.name)
            && self.group.matches(now.group)
            && self.version.matches(now.version)
            && self.kind.matches(now.kind)
            && (self.namespace.is_any()
                || either(&self.namespace, first.effective_namespace(), now.effective_namespace()))
            && self.selects_labels(tree.node(draft.root))
    }

    /// Whether it is for what one id names, whose namespace is taken as it is written.
    pub(super) fn selects_id(&self, id: Id<'_>) -> bool {
        self.name.matches(id.name)
            && self.namespace.matches(id.namespace)
            && self.group.matches(id.group)
            && self.version.matches(id.version)
            && self.kind.matches(id.kind)
    }

    /// Whether labels and annotations of an object are those that it asks for.
    pub(super) fn selects_labels(&self, object: Node<'_>) -> bool {
        if !self.asks_for_labels() {
            return true;
        }
        let metadata = object.get("metadata");
        let holds = |requirements: &[Requirement], name: &str| {
            let mapping = metadata.and_then(|metadata| metadata.get(name));
            requirements.iter().all(|requirement| {
                let value = mapping.and_then(|mapping| mapping.get(requirement.key()));
                requirement.holds(value.filter(|value| value.kind() == Kind::Scalar).map(Node::text))
            })
        };
        holds(&self.labels, "labels") && holds(&self.annotations, "annotations")
    }
}

impl Pattern {
    fn of(node: Option<Node<'_>>, texts: Texts) -> Result<Self> {
        let Some(node) = node else { return Ok(Self::Any) };
        let text = node.text();
        let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '/' | ':');
        if texts == Texts::Literal || text.chars().all(is_plain) {
            return Ok(Self::Exactly(text.to_owned()));
        }
        let regex = go_regex(&format!("^(?:{text})$")).map_err(|_| {
            let what = format!("`{text}` is no regular expression");
            Box::new(Diagnostic::error("bad-selector", node.span(), what))
        })?;
        Ok(Self::Regex(Box::new(regex)))
    }

    /// Whether any text will do.
    pub(super) fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    /// Whether a text is what it asks for.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(wanted) => wanted == text,
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// A field that is a text and not empty.
pub(super) fn text_field<'a>(mapping: Node<'a>, name: &str) -> Option<Node<'a>> {
    field(mapping, name).filter(|node| node.kind() == Kind::Scalar && !node.is_null() && !node.text().is_empty())
}
