//! What tells one resource from another: apiVersion, kind, namespace and name.

use std::fmt;

use serde::Serialize;

/// The identity of a resource within a target.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceId {
    /// `apps/v1`, or `v1` for the core group.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// As written; none is compatible with any namespace of the same target.
    pub namespace: Option<String>,
    /// As written; empty for a kind that needs none, such as a list or a kustomization.
    pub name: String,
}

impl ResourceId {
    /// The API group, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The version within the group.
    pub fn version(&self) -> &str {
        self.api_version.split_once('/').map_or(self.api_version.as_str(), |(_, version)| version)
    }

    /// Whether an object in `namespace` and one in `other` may be in the same one.
    pub fn may_share_namespace(namespace: Option<&str>, other: Option<&str>) -> bool {
        namespace.is_none() || other.is_none() || namespace == other
    }
}

impl fmt::Display for ResourceId {
    /// `Deployment shop/web`, or `Deployment web` where no namespace is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}
