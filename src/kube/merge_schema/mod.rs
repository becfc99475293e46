//! Which lists a strategic-merge patch merges item by item, by kind and place, and by which keys of
//! the items. What types fields have otherwise is no affair of a merge.

mod definitions;
mod builtin;
mod custom;

use crate::diagnostic::Diagnostic;
use crate::kube::merge_schema::builtin::Builtin;
use crate::kube::merge_schema::custom::Custom;
use crate::kube::merge_schema::custom::Followed;
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
    /// With the definitions that stand in for built-in ones.
    Builtin(Builtin, Option<&'a Custom>),
    Custom(&'a Custom, NodeId),
}

/// What is left of the built-in kinds once a document of `openapi.path` has been read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Builtins {
    /// Nothing: the document takes their place.
    Absent,
    /// All of them, but where the document defines something else under the same name.
    Overridden,
    /// All of them, and what the document defines under the same name is not heard.
    Overriding,
}

impl MergeSchema {
    /// The kinds that kustomize knows by itself.
    pub fn builtin() -> Self {
        Self(None)
    }

    /// The kinds of an OpenAPI document with `definitions`, which `openapi.path` of a kustomization
    /// names, and what is left of the built-in ones.
    ///
    /// # Errors
    /// When the document is not such a schema.
    pub fn from_definitions(document: Node<'_>, builtins: Builtins) -> Result<Self, Box<Diagnostic>> {
        Ok(Self(Some(Box::new(Custom::new(document, builtins)?))))
    }

    /// The root of the objects of a kind; none for a kind that is not known.
    pub fn object(&self, api_version: &str, kind: &str) -> Option<MergePlace<'_>> {
        let builtin =
            |custom| builtin::object(api_version, kind).map(|place| MergePlace(Inner::Builtin(place, custom)));
        let Some(custom) = self.0.as_deref() else { return builtin(None) };
        let own = || custom.object(api_version, kind).map(|node| MergePlace(Inner::Custom(custom, node)));
        match custom.builtins() {
            Builtins::Absent => own(),
            Builtins::Overridden => own().or_else(|| builtin(Some(custom))),
            Builtins::Overriding => builtin(None).or_else(own),
        }
    }
}

impl<'a> MergePlace<'a> {
    /// The value of a field of the mapping here.
    pub fn field(self, name: &str) -> Option<Self> {
        match self.0 {
            Inner::Builtin(place, custom) => place.field(name).map(|next| Self::of_builtin(next, custom)),
            Inner::Custom(custom, node) => custom.field(node, name).map(|next| Self::of_custom(next, custom)),
        }
    }

    /// The items of the list here.
    pub fn items(self) -> Option<Self> {
        match self.0 {
            Inner::Builtin(place, custom) => place.items().map(|next| Self::of_builtin(next, custom)),
            Inner::Custom(custom, node) => custom.items(node).map(|next| Self::of_custom(next, custom)),
        }
    }

    /// The keys by which the list here merges, none of them for a list of plain values; nothing
    /// for a list that is replaced whole.
    pub fn merge_keys(self) -> Option<Vec<&'a str>> {
        match self.0 {
            Inner::Builtin(place, _) => place.merge_keys(),
            Inner::Custom(custom, node) => custom.merge_keys(node),
        }
    }

    /// A built-in place, or what stands in for its definition.
    fn of_builtin(place: Builtin, custom: Option<&'a Custom>) -> Self {
        let stand_in = custom.and_then(|custom| Some((custom, custom.defined(&place.definition()?)?)));
        stand_in.map_or(Self(Inner::Builtin(place, custom)), |(custom, next)| Self::of_custom(next, custom))
    }

    fn of_custom(next: Followed, custom: &'a Custom) -> Self {
        Self(match next {
            Followed::Here(node) => Inner::Custom(custom, node),
            Followed::Builtin(place) => {
                Inner::Builtin(place, Some(custom).filter(|custom| custom.builtins() == Builtins::Overridden))
            }
        })
    }
}

#[cfg(test)]
mod tests;
