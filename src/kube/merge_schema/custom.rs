//! A schema that a project brings along: the `definitions` of an OpenAPI document, in which `$ref`
//! leads from one to another. Looked up as it is asked for, since such documents are large and
//! patches touch little of them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kube::merge_schema::Builtins;
use crate::kube::merge_schema::builtin;
use crate::kube::merge_schema::builtin::Builtin;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// How many references may lead to one another before they are taken for a circle.
const MAX_REFERENCES: usize = 100;

/// What a schema leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Followed {
    /// A schema of the document itself.
    Here(NodeId),
    /// A built-in definition.
    Builtin(Builtin),
}

/// The document, and where in it the kinds are.
#[derive(Clone, Debug)]
pub(super) struct Custom {
    tree: Tree,
    root: NodeId,
    definitions: HashMap<String, NodeId>,
    kinds: HashMap<(String, String), NodeId>,
    builtins: Builtins,
}

impl Custom {
    pub(super) fn new(document: Node<'_>, builtins: Builtins) -> Result<Self, Box<Diagnostic>> {
        let mut tree = Tree::new(Arc::clone(document.tree().sources()), document.tree().reader());
        let root = tree.copy(document, None);
        let mut custom = Self { tree, root, definitions: HashMap::new(), kinds: HashMap::new(), builtins };
        if document.kind() != Kind::Mapping {
            return Err(refused(document, "a schema must be a mapping with `definitions`"));
        }
        let Some(definitions) = custom.tree.node(root).get("definitions") else { return Ok(custom) };
        for (name, definition) in definitions.fields() {
            custom.definitions.insert(name.text().to_owned(), definition.id());
            for kind in definition.get("x-kubernetes-group-version-kind").into_iter().flat_map(Node::items) {
                let [group, version, name] = ["group", "version", "kind"].map(|field| kind.get_str(field));
                let (Some(version), Some(name)) = (version, name) else {
                    return Err(refused(kind, "this needs a `version` and a `kind`"));
                };
                let api_version = match group {
                    None | Some("") => version.to_owned(),
                    Some(group) => format!("{group}/{version}"),
                };
                custom.kinds.insert((api_version, name.to_owned()), definition.id());
            }
        }
        Ok(custom)
    }

    /// What is left of the built-in definitions.
    pub(super) fn builtins(&self) -> Builtins {
        self.builtins
    }

    /// What a definition of this name leads to, if the document has one.
    pub(super) fn defined(&self, name: &str) -> Option<Followed> {
        self.followed(self.tree.node(*self.definitions.get(name)?))
    }

    pub(super) fn object(&self, api_version: &str, kind: &str) -> Option<NodeId> {
        self.kinds.get(&(api_version.to_owned(), kind.to_owned())).copied()
    }

    pub(super) fn field(&self, place: NodeId, name: &str) -> Option<Followed> {
        let place = self.tree.node(place);
        let own = place.get("properties").and_then(|properties| properties.get(name));
        let any = || place.get("additionalProperties").filter(|schema| schema.kind() == Kind::Mapping);
        self.followed(own.or_else(any)?)
    }

    pub(super) fn items(&self, place: NodeId) -> Option<Followed> {
        let place = self.tree.node(place);
        let is_list = place.get("type").is_some_and(|of| match of.kind() {
            Kind::Sequence => of.items().map(Node::text).eq(["array"]),
            _ => of.text() == "array",
        });
        self.followed(place.get("items").filter(|items| is_list && items.kind() == Kind::Mapping)?)
    }

    pub(super) fn merge_keys(&self, place: NodeId) -> Option<Vec<&str>> {
        let place = self.tree.node(place);
        let strategy = place.get_str("x-kubernetes-patch-strategy")?;
        if !strategy.split(',').any(|strategy| strategy == "merge") {
            return None;
        }
        Some(match place.get("x-kubernetes-list-map-keys") {
            Some(keys) => keys.items().map(Node::text).collect(),
            None => place.get_str("x-kubernetes-patch-merge-key").into_iter().collect(),
        })
    }

    /// The schema that a chain of references ends at; none where one leads nowhere.
    fn followed<'a>(&'a self, mut schema: Node<'a>) -> Option<Followed> {
        for _ in 0..MAX_REFERENCES {
            match schema.get_str("$ref") {
                None | Some("") => return Some(Followed::Here(schema.id())),
                Some(reference) => match self.builtin(reference) {
                    Some(place) => return Some(Followed::Builtin(place)),
                    None => schema = self.referred(reference)?,
                },
            }
        }
        None
    }

    /// The built-in definition that a reference leads to, where that is the one that counts.
    fn builtin(&self, reference: &str) -> Option<Builtin> {
        let name = reference.strip_prefix("#/definitions/")?;
        let counts = match self.builtins {
            Builtins::Absent => false,
            Builtins::Overridden => !self.definitions.contains_key(name),
            Builtins::Overriding => true,
        };
        if counts { builtin::definition(name) } else { None }
    }

    /// What a JSON pointer behind a `#` leads to.
    fn referred(&self, reference: &str) -> Option<Node<'_>> {
        let (_, pointer) = reference.split_once('#')?;
        let mut parts = pointer.strip_prefix('/')?.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
        let mut node = self.tree.node(self.root);
        if let Some(first) = parts.next() {
            node = match (first.as_str(), parts.next()) {
                ("definitions", Some(name)) => self.tree.node(*self.definitions.get(&name)?),
                _ => return None,
            };
        }
        parts.try_fold(node, |node, part| match node.kind() {
            Kind::Sequence => node.items().nth(part.parse().ok()?),
            _ => node.get(&part),
        })
    }
}

fn refused(node: Node<'_>, what: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("bad-openapi-schema", node.span(), what))
}
