//! The six operations. Each is read when its turn comes, because kustomize says nothing about one that is
//! wrong before it has a resource to apply it to.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::patch::json::JsonPatch;
use crate::patch::json::equal::is_equal;
use crate::patch::json::pointer;
use crate::patch::json::pointer::Lost;
use crate::patch::json::pointer::Place;
use crate::source::Span;
use crate::yaml::Gone;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::span_within;

/// The names of the operations.
const OPERATIONS: [&str; 6] = ["add", "remove", "replace", "move", "copy", "test"];

type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// An object that is being patched.
pub(super) struct Patching<'a> {
    pub(super) tree: &'a mut Tree,
    pub(super) root: NodeId,
    pub(super) patch: &'a JsonPatch,
    pub(super) via: &'a Via,
    /// Whether all of the object is known to stay what it is once kustomize has read it again.
    pub(super) is_read_alike: bool,
}

impl Patching<'_> {
    /// Applies one operation.
    pub(super) fn apply(&mut self, operation: Node<'_>) -> Result<()> {
        let op = operation.get("op").filter(|op| op.as_str().is_some());
        match op.map_or("", Node::text) {
            "add" => self.add(operation),
            "remove" => {
                let path = pointer_field(operation, "path")?;
                let place = self.find(path)?;
                self.remove(&place, path, Gone::Deleted).map(|_| ())
            }
            "replace" => self.replace(operation),
            "move" => self.relocate(operation),
            "copy" => self.copy(operation),
            "test" => self.test(operation),
            unknown => {
                let place = operation.get("op").unwrap_or(operation).span();
                let what = match operation.get("op") {
                    None => "this operation has no `op`".to_owned(),
                    Some(_) => format!("`{unknown}` is no operation of a JSON patch"),
                };
                let help = did_you_mean(unknown, OPERATIONS).map_or_else(
                    || format!("write one of {}", OPERATIONS.join(", ")),
                    |name| format!("write `{name}`"),
                );
                Err(Box::new(Diagnostic::error("json-patch-operation", place, what).help(help)))
            }
        }
    }

    fn add(&mut self, operation: Node<'_>) -> Result<()> {
        let path = pointer_field(operation, "path")?;
        let place = self.find(path)?;
        let value = self.value(operation)?;
        self.put(&place, path, value)
    }

    /// Puts `value` where `place` says: into a mapping, or between the items of a list.
    fn put(&mut self, place: &Place, path: Node<'_>, value: NodeId) -> Result<()> {
        let container = self.tree.node(place.container);
        if container.kind() == Kind::Mapping {
            self.set_field(place, path, value);
            return Ok(());
        }
        let mut items: Vec<NodeId> = container.items().map(Node::id).collect();
        let length = items.len();
        let index = match place.key.as_str() {
            "-" => length,
            key => pointer::index(key, length + 1).map_err(|problem| self.lost(path, place.container, &problem))?,
        };
        if index > length {
            let problem = pointer::out_of_range(&place.key, length);
            return Err(self.lost(path, place.container, &problem));
        }
        items.insert(index, value);
        self.tree.forget_key(value);
        self.tree.set_items(place.container, &items);
        Ok(())
    }

    fn set_field(&mut self, place: &Place, path: Node<'_>, value: NodeId) {
        if let Some(current) = self.tree.node(place.container).get(&place.key).map(Node::id) {
            self.tree.supersede(current, value);
            return;
        }
        let key = self.tree.new_key(&place.key, span_within(path, place.range.clone()), self.via);
        self.tree.append_field(place.container, key, value);
    }

    /// Takes out the node that `place` names, and leaves a mark.
    fn remove(&mut self, place: &Place, path: Node<'_>, how: Gone) -> Result<NodeId> {
        let node = self.existing(place, path)?;
        let Some(node) = node else {
            let problem = format!("there is no `{}` here", place.key);
            return Err(self.lost(path, place.container, &problem));
        };
        // An item is known by its name, since the next one has its place then.
        let key = self.tree.node(node).called().unwrap_or(&place.key).to_owned();
        self.tree.delete(node, &key, how, path.span(), self.via);
        Ok(node)
    }

    fn replace(&mut self, operation: Node<'_>) -> Result<()> {
        let path = pointer_field(operation, "path")?;
        if path.text().is_empty() {
            return self.replace_root(operation);
        }
        let place = self.find(path)?;
        // A field that is not there is added; only lists are looked into.
        let current = self.existing(&place, path)?;
        let value = self.value(operation)?;
        match current {
            Some(current) => self.tree.supersede(current, value),
            None => self.set_field(&place, path, value),
        }
        Ok(())
    }

    fn replace_root(&mut self, operation: Node<'_>) -> Result<()> {
        let Some(value) = operation.get("value") else {
            return Err(malformed(operation, "this operation has no `value`"));
        };
        match value.kind() {
            // Such a value changes nothing: the library forgets to make an error of it.
            Kind::Scalar => Ok(()),
            Kind::Sequence => Err(malformed(value, "an object cannot be replaced by a list")),
            Kind::Mapping => {
                let new = self.value(operation)?;
                self.tree.mark_lost(self.root, new, self.root, value.span(), self.via);
                for child in self.tree.node(self.root).children().map(Node::id).collect::<Vec<_>>() {
                    self.tree.detach(child);
                }
                for field in self.tree.node(new).children().map(Node::id).collect::<Vec<_>>() {
                    self.tree.move_field(field, self.root);
                }
                Ok(())
            }
        }
    }

    fn relocate(&mut self, operation: Node<'_>) -> Result<()> {
        let from = pointer_field(operation, "from")?;
        let place = self.find(from)?;
        let node = self.remove(&place, from, Gone::Moved)?;
        let path = pointer_field(operation, "path")?;
        let place = self.find(path)?;
        self.tree.pass_through(node, self.via);
        self.put(&place, path, node)
    }

    fn copy(&mut self, operation: Node<'_>) -> Result<()> {
        let from = pointer_field(operation, "from")?;
        let place = self.find(from)?;
        let node = self.existing(&place, from)?;
        let path = pointer_field(operation, "path")?;
        let place = self.find(path)?;
        let copy = match node {
            Some(node) => {
                let mut between = Tree::new(std::sync::Arc::clone(self.tree.sources()), self.tree.reader());
                let copy = between.copy(self.tree.node(node), Some(self.via.clone()));
                self.tree.copy(between.node(copy), None)
            }
            // A field that is not there is copied as null.
            None => self.null(from.span()),
        };
        self.put(&place, path, copy)
    }

    fn test(&mut self, operation: Node<'_>) -> Result<()> {
        let path = pointer_field(operation, "path")?;
        let Some(value) = operation.get("value") else {
            return Err(malformed(operation, "this operation has no `value`"));
        };
        let node = if path.text().is_empty() {
            Some(self.root)
        } else {
            let place = self.find(path)?;
            self.existing(&place, path)?
        };
        let passes = match node {
            Some(node) => is_equal(self.tree.node(node), value, self.patch),
            None => value.is_null(),
        };
        if passes {
            return Ok(());
        }
        let what = format!("this test fails: `{}` is something else", path.text());
        let problem = Diagnostic::error("json-patch-test", value.span(), what);
        let found = node.map_or(self.root, |node| node);
        Err(Box::new(problem.related(self.tree.node(found).span(), "this is what is there")))
    }

    /// The value of an operation as a node of the tree. One that is not said is null.
    fn value(&mut self, operation: Node<'_>) -> Result<NodeId> {
        match operation.get("value") {
            Some(value) => {
                let value = self.tree.copy_as_json(value, Some(self.via.clone()))?;
                self.is_read_alike &= self.tree.node(value).is_read_alike();
                Ok(value)
            }
            None => Ok(self.null(operation.span())),
        }
    }

    fn null(&mut self, span: Span) -> NodeId {
        let null = self.tree.scalar("null", Style::Plain, span);
        self.tree.pass_through(null, self.via);
        null
    }

    fn find(&self, path: Node<'_>) -> Result<Place> {
        pointer::find(self.tree, self.root, path.text())
            .map_err(|Lost { node, problem }| self.lost(path, node, &problem))
    }

    fn existing(&self, place: &Place, path: Node<'_>) -> Result<Option<NodeId>> {
        let found = pointer::get(self.tree.node(place.container), &place.key);
        found.map(|node| node.map(Node::id)).map_err(|problem| self.lost(path, place.container, &problem))
    }

    /// An error about a pointer that leads nowhere, with the node that it led to.
    fn lost(&self, path: Node<'_>, node: NodeId, problem: &str) -> Box<Diagnostic> {
        let what = format!("the path `{}` of this operation does not exist", path.text());
        let there = self.tree.node(node).span();
        let problem = Diagnostic::error("json-patch-path", path.span(), what).related(there, problem);
        Box::new(problem.related(self.via.span, "the patch is applied here"))
    }
}

/// A field of an operation that has to be a JSON pointer.
fn pointer_field<'a>(operation: Node<'a>, name: &str) -> Result<Node<'a>> {
    match operation.get(name) {
        Some(pointer) if pointer.as_str().is_some() => Ok(pointer),
        Some(other) => Err(malformed(other, &format!("the `{name}` of an operation must be a text"))),
        None => Err(malformed(operation, &format!("this operation has no `{name}`"))),
    }
}

fn malformed(place: Node<'_>, what: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("json-patch-operation", place.span(), what))
}
