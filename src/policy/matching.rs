//! Which resources a policy is about.

use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;

/// The conditions of `match:`, all of which must hold; an empty list is no condition.
#[derive(Default, PartialEq, Debug)]
pub(super) struct Matching {
    /// Names of build events; with some, the policy is about events and not about resources.
    pub(super) build: Vec<String>,
    pub(super) pods: bool,
    /// Kinds, each with its group if one is written.
    pub(super) kinds: Vec<(Option<String>, String)>,
    pub(super) labels: Vec<(String, String)>,
    pub(super) namespaces: Vec<String>,
}

impl Matching {
    /// Whether a policy is about an event of a build.
    pub(super) fn matches_event(&self, event: &Resource) -> bool {
        let name = event.node().get_str("event");
        name.is_some_and(|name| self.build.iter().any(|wanted| wanted == name))
    }

    pub(super) fn matches(&self, resource: &Resource, pod: Option<Pod<'_>>) -> bool {
        let id = &resource.id;
        let kind_fits = |(group, kind): &(Option<String>, String)| {
            *kind == id.kind && group.as_ref().is_none_or(|group| group == id.group())
        };
        let label_fits = |(key, value): &(String, String)| {
            let labels = resource.node().at_path(&["metadata", "labels"]);
            labels.and_then(|labels| labels.get(key)).is_some_and(|label: Node<'_>| label.text() == value)
        };
        self.build.is_empty()
            && (!self.pods || pod.is_some())
            && (self.kinds.is_empty() || self.kinds.iter().any(kind_fits))
            && self.labels.iter().all(label_fits)
            && (self.namespaces.is_empty() || id.namespace.as_ref().is_some_and(|name| self.namespaces.contains(name)))
    }
}
