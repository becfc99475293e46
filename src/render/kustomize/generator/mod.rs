//! `configMapGenerator` and `secretGenerator`: from one entry of the kustomization file to an object. Not here:
//! where in the build the object goes, its name hash, and which files it may read.
//!
//! What kustomize keeps as annotations of the object (that it needs a hash, how it is merged) is data beside it.

mod pairs;
mod options;
mod merge;

pub use merge::merge_generated;

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kustomization::go::field;
use crate::patch::too_large;
use crate::render::kustomize::generator::options::Options;
use crate::render::kustomize::generator::pairs::Pair;
use crate::source::SourceId;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::handed_on;

type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// Which of the two generators an entry is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Generator {
    /// An entry of `configMapGenerator`.
    ConfigMap,
    /// An entry of `secretGenerator`.
    Secret,
}

impl Generator {
    fn field(self) -> &'static str {
        match self {
            Self::ConfigMap => "configMapGenerator",
            Self::Secret => "secretGenerator",
        }
    }

    /// What kustomize calls the step.
    pub fn step(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMapGenerator",
            Self::Secret => "SecretGenerator",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }
}

/// What to do if the object is there already. Words that are none of these mean `Create`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Behavior {
    /// The object must not be there.
    Create,
    /// The object must be there, and its data are kept where the new ones don't have the same key.
    Merge,
    /// The object must be there, and its data are given up.
    Replace,
}

/// An object made by a generator.
#[derive(Clone, Copy, Debug)]
pub struct Generated {
    /// The object.
    pub root: NodeId,
    /// What to do if it is there already.
    pub behavior: Behavior,
    /// Whether its name is to get a hash of its content at the end of the build.
    pub needs_hash: bool,
}

/// Makes the object of `entry` in `tree`. `global` is the value of `generatorOptions`; `read` gives the bytes of
/// a file as [`crate::source::Sources::read_data`] does, for a path as written at the node it is given.
///
/// # Errors
/// When the entry is not well-formed, a file cannot be read, or a key is given twice.
pub fn generate(
    tree: &mut Tree,
    generator: Generator,
    entry: Node<'_>,
    global: Option<Node<'_>>,
    read: impl Fn(Node<'_>, &str) -> Result<SourceId>,
) -> Result<Generated> {
    let Some(name) = own(entry, "name")? else {
        let what = format!("this entry of `{}` has no `name`", generator.field());
        return Err(Box::new(Diagnostic::error("generator", entry.span(), what)));
    };
    let options = Options::of(field(entry, "options"), global)?;
    let pairs = pairs::of(entry, tree.sources(), read)?;
    let via = Via { what: generator.field(), span: entry.span() };
    let mut making = Making { tree, via, span: entry.span() };

    let root = making.tree.mapping(entry.span());
    making.word(root, "apiVersion", "v1");
    making.word(root, "kind", generator.kind());
    let metadata = making.mapping(root, "metadata", name.span());
    making.text(metadata, "name", name)?;
    if let Some(namespace) = own(entry, "namespace")? {
        making.text(metadata, "namespace", namespace)?;
    }
    if generator == Generator::Secret {
        match text_field(entry, "type")?.filter(|kind| !kind.text().is_empty()) {
            Some(kind) => making.text(root, "type", kind)?,
            None => making.word(root, "type", "Opaque"),
        }
        making.mapping(root, "data", entry.span());
    }
    for pair in &pairs {
        making.pair(root, generator, pair);
        if making.tree.is_too_large() {
            return Err(too_large(pair.place));
        }
    }
    for (name, pairs) in [("labels", &options.labels), ("annotations", &options.annotations)] {
        making.metadata_map(metadata, name, pairs)?;
    }
    if let Some(immutable) = options.immutable {
        let node = making.tree.scalar("true", Style::Plain, immutable);
        making.field(root, "immutable", node, immutable);
    }
    let behavior = match text_field(entry, "behavior")?.map_or("", Node::text) {
        "merge" => Behavior::Merge,
        "replace" => Behavior::Replace,
        _ => Behavior::Create,
    };
    Ok(Generated { root, behavior, needs_hash: !options.disables_hash })
}

/// The name or namespace that an entry gives. An object that sets up a generator may leave it to its own.
fn own<'a>(entry: Node<'a>, name: &str) -> Result<Option<Node<'a>>> {
    let is_given = |node: &Node<'_>| !node.text().is_empty();
    let given = text_field(entry, name)?.filter(is_given);
    let metadata = field(entry, "metadata").filter(|_| given.is_none());
    let other = metadata.map(|metadata| text_field(metadata, name)).transpose()?.flatten();
    Ok(given.or(other.filter(is_given)))
}

/// An object in the making.
struct Making<'a> {
    tree: &'a mut Tree,
    via: Via,
    span: Span,
}

impl Making<'_> {
    fn field(&mut self, mapping: NodeId, key: &str, value: NodeId, span: Span) {
        self.tree.pass_through(value, &self.via);
        let key = self.tree.new_key(key, span, &self.via);
        self.tree.append_field(mapping, key, value);
    }

    /// A field that follows from the entry as a whole.
    fn word(&mut self, mapping: NodeId, key: &str, word: &str) {
        let value = self.tree.text_from(word, self.span);
        self.field(mapping, key, value, self.span);
    }

    /// A mapping that is a field of another, made where it is first needed.
    fn mapping(&mut self, parent: NodeId, key: &str, span: Span) -> NodeId {
        if let Some(mapping) = self.tree.node(parent).get(key) {
            return mapping.id();
        }
        let mapping = self.tree.mapping(span);
        self.field(parent, key, mapping, span);
        mapping
    }

    /// A field whose value is a text of the kustomization file.
    fn text(&mut self, mapping: NodeId, key: &str, from: Node<'_>) -> Result<()> {
        let value = self.handed_on(from)?;
        self.field(mapping, key, value, from.key().unwrap_or(from).span());
        Ok(())
    }

    fn handed_on(&mut self, from: Node<'_>) -> Result<NodeId> {
        let text = handed_on(from)?;
        if text == from.text() && !from.is_null() {
            let copy = self.tree.copy(from, None);
            self.tree.make_text(copy);
            return Ok(copy);
        }
        Ok(self.tree.text_from(if from.is_null() { "" } else { &text }, from.span()))
    }

    /// Labels or annotations. kustomize forgets the quotes of their keys.
    fn metadata_map(&mut self, metadata: NodeId, name: &str, pairs: &[(Node<'_>, Node<'_>)]) -> Result<()> {
        for &(key, value) in pairs {
            let mapping = self.mapping(metadata, name, key.span());
            let value = self.handed_on(value)?;
            self.tree.pass_through(value, &self.via);
            let key = self.handed_on(key)?;
            self.tree.unquote(key);
            self.tree.append_field(mapping, key, value);
        }
        Ok(())
    }

    /// One key of the data. What is not text goes to `binaryData` of a ConfigMap, and all data of a Secret
    /// are encoded.
    fn pair(&mut self, root: NodeId, generator: Generator, pair: &Pair) {
        let sources = Arc::clone(self.tree.sources());
        let bytes = pair.value.bytes(&sources);
        let (field, value) = match (generator, std::str::from_utf8(bytes)) {
            (Generator::ConfigMap, Ok(text)) => match pair.value.range() {
                Some(span) => ("data", self.tree.text_at(span)),
                None => ("data", self.tree.text_from(text, pair.value.span())),
            },
            (Generator::ConfigMap, Err(_)) => {
                ("binaryData", self.tree.text_from(&pairs::base64(bytes), pair.value.span()))
            }
            (Generator::Secret, _) => ("data", self.tree.text_from(&pairs::base64(bytes), pair.value.span())),
        };
        let mapping = self.mapping(root, field, self.span);
        self.tree.pass_through(value, &self.via);
        let key = self.tree.text_from(&pair.key, pair.place);
        self.tree.unquote(key);
        self.tree.append_field(mapping, key, value);
    }
}

/// A field of a mapping that has to be a text; null stands for nothing.
fn text_field<'a>(mapping: Node<'a>, name: &str) -> Result<Option<Node<'a>>> {
    field(mapping, name).filter(|value| !value.is_null()).map(|value| expect_text(value, name)).transpose()
}

/// Refuses what kustomize does not take for a text: numbers, truth values, lists and mappings.
fn expect_text<'a>(value: Node<'a>, name: &str) -> Result<Node<'a>> {
    if let Some(Scalar::String(_) | Scalar::Timestamp(_)) = value.scalar() {
        return Ok(value);
    }
    let what = format!("`{name}` must be a text");
    let help = if value.scalar().is_some() { "put it in quotes" } else { "write a single value" };
    Err(Box::new(Diagnostic::error("kustomization-type", value.span(), what).help(help)))
}

#[cfg(test)]
mod tests;
