//! The kustomization file: which files are one, and what each of them refers to.
//!
//! A [`Kustomization`] is a borrowed view of a parsed file. It builds nothing and reads no other
//! file: whether a path leads anywhere is asked by `discover` and by `render`.

mod version;
pub mod go;
pub mod form;
pub mod fields;
mod remote;
mod references;
mod check;
mod sort_options;
mod openapi;

pub use check::Deprecated;
pub use check::check;
pub use openapi::OpenApi;
pub use references::Reference;
pub use references::Role;
pub use remote::Remote;
pub use remote::is_remote;
pub use sort_options::SortOrder;
pub use version::Version;

use crate::source::Span;
use crate::yaml::Kind as NodeKind;
use crate::yaml::Node;
use crate::yaml::Parsed;

/// The names a kustomization file can have. A folder may hold only one of them.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What Flux calls its own custom resource, which is often kept in a file of the same name.
const FLUX_GROUP: &str = "kustomize.toolkit.fluxcd.io/";

/// What a kustomization file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Can be built by itself. This is also what a file without a `kind` is.
    Kustomization,
    /// A set of changes that a kustomization can take in.
    Component,
}

/// A borrowed view of one kustomization file.
#[derive(Clone, Copy, Debug)]
pub struct Kustomization<'a> {
    root: Node<'a>,
}

impl<'a> Kustomization<'a> {
    /// The view of a parsed file; none if the file holds no mapping, or an object of Flux.
    pub fn of(file: &'a Parsed) -> Option<Self> {
        let root = file.tree.node(file.documents.first()?.root);
        let view = Self { root };
        let is_flux = view.get("apiVersion").is_some_and(|version| version.text().starts_with(FLUX_GROUP));
        (root.kind() == NodeKind::Mapping && !is_flux).then_some(view)
    }

    /// The mapping that holds all fields.
    pub fn root(self) -> Node<'a> {
        self.root
    }

    /// Whether it can be built by itself.
    pub fn kind(self) -> Kind {
        match self.get("kind") {
            Some(kind) if kind.text() == "Component" => Kind::Component,
            _ => Kind::Kustomization,
        }
    }

    /// Where the file says what it is, or the start of its first field.
    pub fn kind_span(self) -> Span {
        let first = || self.root.fields().next().map_or(self.root, |(key, _)| key);
        self.get("kind").unwrap_or_else(first).span()
    }

    /// The value of a field, unless it is null.
    pub fn get(self, name: &str) -> Option<Node<'a>> {
        go::field(self.root, name)
    }

    /// Every file, folder and URL that the file names, in the order of the format's fields.
    pub fn references(self) -> Vec<Reference<'a>> {
        references::of(self)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Kind;
    use super::Kustomization;
    use crate::source::Sources;
    use crate::yaml::Parsed;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    pub(super) fn parsed(text: &str) -> Parsed {
        let sources = Arc::new(Sources::in_memory());
        let source = sources.add("kustomization.yaml", text);
        parse(&sources, source, Reader::Kubectl)
    }

    #[test]
    fn kind_is_kustomization_unless_it_says_component() {
        let kind = |text| Kustomization::of(&parsed(text)).map(Kustomization::kind);
        assert_eq!(kind("resources: []"), Some(Kind::Kustomization));
        assert_eq!(kind("kind: Kustomization"), Some(Kind::Kustomization));
        assert_eq!(kind("Kind: Component"), Some(Kind::Component));
        assert_eq!(kind("- a"), None);
        assert_eq!(kind("# nothing"), None);
        assert_eq!(kind("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization"), None);
    }

    #[test]
    fn names_of_fields_match_in_any_case_and_the_last_in_byte_order_counts() {
        let file = parsed("resources: [a]\nResources: [b]\nNAMEPREFIX: x");
        let view = Kustomization::of(&file).unwrap();
        assert_eq!(view.get("resources").unwrap().items().next().unwrap().text(), "a");
        assert_eq!(view.get("namePrefix").unwrap().text(), "x");
    }
}
