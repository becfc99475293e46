//! Which lists a strategic-merge patch merges item by item, by kind and place, and by which keys of
//! the items. What types fields have otherwise is no affair of a merge.

mod builtin;
mod custom;

use crate::diagnostic::Diagnostic;
use crate::kube::merge_schema::builtin::Builtin;
use crate::kube::merge_schema::custom::Custom;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// The kinds that a merge knows.
#[derive(Clone, Default, Debug)]
pub struct MergeSchema(Option<Box<Custom>>);

/// A place in the objects of a kind: the root, or what fields and items below it lead to.
#[derive(Clone, Copy, Debug)]
pub struct MergePlace<'a>(Inner<'a>);

#[derive(Clone, Copy, Debug)]
enum Inner<'a> {
    Builtin(Builtin),
    Custom(&'a Custom, NodeId),
}

impl MergeSchema {
    /// The kinds that kustomize knows by itself.
    pub fn builtin() -> Self {
        Self(None)
    }

    /// The kinds of an OpenAPI document with `definitions`, which `openapi.path` of a kustomization
    /// names. They take the place of the built-in ones, all of them.
    ///
    /// # Errors
    /// When the document is not such a schema.
    pub fn from_definitions(document: Node<'_>) -> Result<Self, Box<Diagnostic>> {
        Ok(Self(Some(Box::new(Custom::new(document)?))))
    }

    /// The root of the objects of a kind; none for a kind that is not known.
    pub fn object(&self, api_version: &str, kind: &str) -> Option<MergePlace<'_>> {
        match &self.0 {
            None => builtin::object(api_version, kind).map(Inner::Builtin).map(MergePlace),
            Some(custom) => custom.object(api_version, kind).map(|node| MergePlace(Inner::Custom(custom, node))),
        }
    }
}

impl<'a> MergePlace<'a> {
    /// The value of a field of the mapping here.
    pub fn field(self, name: &str) -> Option<Self> {
        match self.0 {
            Inner::Builtin(place) => place.field(name).map(Inner::Builtin).map(Self),
            Inner::Custom(custom, node) => custom.field(node, name).map(|node| Self(Inner::Custom(custom, node))),
        }
    }

    /// The items of the list here.
    pub fn items(self) -> Option<Self> {
        match self.0 {
            Inner::Builtin(place) => place.items().map(Inner::Builtin).map(Self),
            Inner::Custom(custom, node) => custom.items(node).map(|node| Self(Inner::Custom(custom, node))),
        }
    }

    /// The keys by which the list here merges, none of them for a list of plain values; nothing
    /// for a list that is replaced whole.
    pub fn merge_keys(self) -> Option<Vec<&'a str>> {
        match self.0 {
            Inner::Builtin(place) => place.merge_keys(),
            Inner::Custom(custom, node) => custom.merge_keys(node),
        }
    }
}

#[cfg(test)]
mod tests;
