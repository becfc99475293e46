//! Whether an object exists that something refers to by kind and name, and whether it has a key: ConfigMaps,
//! Secrets, claims, accounts, roles, classes and whatever can be scaled.
//!
//! The places are asked in the order of `existence`: `target`, `operator`, `elsewhere`, `external`, else
//! `missing`; none where the repository cannot tell, because something in the target may make it.

use std::collections::HashSet;

use crate::facts::Elsewhere;
use crate::facts::book::Book;
use crate::facts::needs::hints::Hints;
use crate::facts::needs::makers;
use crate::facts::operators;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_beside;
use crate::facts::surroundings::is_near;
use crate::facts::surroundings::nearest;
use crate::kube::ResourceId;
use crate::kube::is_cluster_scoped;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// What is referred to: a group, a kind, and whose namespace counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'n> {
    pub(super) group: &'n str,
    pub(super) kind: &'n str,
    pub(super) namespace: Option<&'n str>,
    pub(super) name: Node<'n>,
}

/// What all objects of a target are asked for at most once.
#[derive(Default)]
pub(super) struct Objects {
    /// What is made from resources of the target: kind and name.
    made: Option<HashSet<(&'static str, String)>>,
    made_kinds: Option<HashSet<&'static str>>,
    /// Words of custom resources, commands and scripts, any of which may make an object of that name.
    words: Option<HashSet<String>>,
    hints: Hints,
}

/// How long a word may be to be the name of an object, and how much of one text is looked at.
const MAX_NAME: usize = 253;
const MAX_TEXT: usize = 1 << 16;

impl Objects {
    /// Where the object is.
    pub(super) fn place(&mut self, around: &Surroundings<'_>, wanted: Wanted<'_>) -> Option<&'static str> {
        let name = wanted.name.text();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        if wanted.name.is_unknown() || name.is_empty() || !name.bytes().all(is_name) {
            return None;
        }
        let scoped = is_cluster_scoped(wanted.group, wanted.kind);
        let namespace = wanted.namespace.filter(|_| !scoped);
        if of_kind(around, wanted).any(|other| scoped || is_near(wanted.namespace, other)) {
            return Some("target");
        }
        if wanted.kind == "PersistentVolumeClaim" && around.sets().any(|set| makers::is_claim_of(set, name)) {
            return Some("target");
        }
        let key = (kind_of(wanted.kind), name.to_owned());
        if self.made(around).contains(&key) {
            return Some("operator");
        }
        if around.elsewhere.has_object(wanted.kind, name, namespace) {
            return Some("elsewhere");
        }
        if makers::is_given(wanted.kind, namespace, name) || is_external(around, wanted.kind, namespace, name) {
            return Some("external");
        }
        (!self.is_part(around, wanted.kind) && !self.may_be_made(around, wanted, name)).then_some("missing")
    }

    /// Shows, beside a fact about what is missing, what was likely meant.
    pub(super) fn hint(
        &mut self,
        around: &Surroundings<'_>,
        wanted: Wanted<'_>,
        state: Option<&str>,
        book: &mut Book,
        fact: NodeId,
    ) {
        if state == Some("missing") {
            self.hints.note(around, (wanted.kind, wanted.namespace, wanted.name.text()), book, fact);
        }
    }

    /// Whether the target leaves all of this kind to others, as most do with Secrets: then it does not tell that
    /// one is missing.
    fn is_part(&mut self, around: &Surroundings<'_>, kind: &str) -> bool {
        const LEFT_TO_OTHERS: [&str; 6] =
            ["ClusterRole", "PriorityClass", "Role", "RuntimeClass", "Secret", "ServiceAccount"];
        LEFT_TO_OTHERS.contains(&kind) && !around.kinds.contains(kind) && !self.made_kinds(around).contains(kind)
    }

    /// The kinds of what is made from resources of the target.
    fn made_kinds(&mut self, around: &Surroundings<'_>) -> &HashSet<&'static str> {
        if self.made_kinds.is_none() {
            let kinds = self.made(around).iter().map(|(kind, _)| *kind).collect();
            self.made_kinds = Some(kinds);
        }
        self.made_kinds.get_or_insert_with(HashSet::new)
    }

    fn made(&mut self, around: &Surroundings<'_>) -> &HashSet<(&'static str, String)> {
        self.made.get_or_insert_with(|| {
            let made = around.resources.iter().flat_map(makers::made_from);
            made.collect()
        })
    }

    /// Whether something in the target may make it: what deploys more, a custom resource that says the name or
    /// has a part of it as its own, or a command with the name among its words.
    fn may_be_made(&mut self, around: &Surroundings<'_>, wanted: Wanted<'_>, name: &str) -> bool {
        let is_cluster_scoped = is_cluster_scoped(wanted.group, wanted.kind);
        let part_of_name =
            |id: &ResourceId| !id.name.is_empty() && operators::may_run_pods(id) && name.contains(id.name.as_str());
        around.deploys_more
            || around.has_unknown_name
            || around.elsewhere.may_be_unbuilt(wanted.namespace.filter(|_| !is_cluster_scoped), name)
            || (!is_cluster_scoped && around.operated.iter().any(|other| part_of_name(&other.id)))
            || (is_made_by_words(wanted.kind) && self.words.get_or_insert_with(|| words(around)).contains(name))
    }
}

/// The object of a namespace that is meant, if the target has it and that can be told.
pub(super) fn find<'a>(around: &Surroundings<'a>, wanted: Wanted<'_>) -> Option<&'a Resource> {
    nearest(wanted.namespace, of_kind(around, wanted))
}

/// The objects of this kind and name, in any namespace.
fn of_kind<'a>(around: &Surroundings<'a>, wanted: Wanted<'_>) -> impl Iterator<Item = &'a Resource> {
    let is_it = move |other: &&Resource| {
        other.id.kind == wanted.kind && (other.id.group() == wanted.group || wanted.group == "*")
    };
    around.named(wanted.name.text()).filter(is_it)
}

/// Whether an object of the target has a key; none if it gets more once it is in the cluster, or if another one of
/// its name may be meant.
pub(super) fn key_state(
    objects: &mut Objects,
    around: &Surroundings<'_>,
    object: &Resource,
    namespace: Option<&str>,
    key: Node<'_>,
) -> Option<&'static str> {
    let fields = ["data", "stringData", "binaryData"].into_iter().filter_map(|field| object.node().get(field));
    let mut keys = fields.flat_map(Node::fields);
    if key.is_unknown() {
        None
    } else if keys.any(|(own, _)| own.text() == key.text()) {
        Some("found")
    } else {
        let is_made = objects.made(around).contains(&(kind_of(&object.id.kind), object.id.name.clone()));
        (is_beside(namespace, object) && !makers::is_filled_later(object) && !is_made).then_some("missing")
    }
}

/// The kinds that somebody makes from others.
fn kind_of(kind: &str) -> &'static str {
    match kind {
        "ConfigMap" => "ConfigMap",
        "Secret" => "Secret",
        "PersistentVolumeClaim" => "PersistentVolumeClaim",
        _ => "",
    }
}

fn is_external(around: &Surroundings<'_>, kind: &str, namespace: Option<&str>, name: &str) -> bool {
    around.config.external_objects.iter().any(|external| {
        external.kind == kind
            && (external.name == "*" || external.name == name)
            && ResourceId::may_share_namespace(namespace, external.namespace.as_deref())
    })
}

/// Whether commands and custom resources make objects of this kind by their names.
fn is_made_by_words(kind: &str) -> bool {
    matches!(kind, "ConfigMap" | "Secret" | "PersistentVolumeClaim" | "ServiceAccount")
}

/// The words of custom resources, and of what pods run.
fn words(around: &Surroundings<'_>) -> HashSet<String> {
    let mut words = HashSet::new();
    for resource in around.resources {
        if !operators::is_built_in(&resource.id) {
            let texts = resource.node().descendants().filter(|node| node.kind() == Kind::Scalar);
            texts.for_each(|node| add_words(node.text(), &mut words));
        } else if resource.id.kind == "ConfigMap" {
            let data = resource.node().get("data").into_iter().flat_map(Node::children);
            data.for_each(|node| add_words(node.text(), &mut words));
        }
        for container in Pod::of(resource).into_iter().flat_map(Pod::containers) {
            let env = container.list("env").filter_map(|entry| entry.get("value"));
            let texts = container.list("command").chain(container.list("args")).chain(env);
            texts.for_each(|node| add_words(node.text(), &mut words));
        }
    }
    words
}

fn add_words(text: &str, words: &mut HashSet<String>) {
    let text = &text[..text.floor_char_boundary(MAX_TEXT)];
    let found = text.split(|char: char| !(char.is_ascii_alphanumeric() || "-.".contains(char)));
    words.extend(found.filter(|word| (2..=MAX_NAME).contains(&word.len())).map(str::to_owned));
}

impl Elsewhere {
    /// Notes what others may refer to, and what is made from it.
    pub(in crate::facts) fn add_object(&mut self, resource: &Resource) {
        self.add_deployed(resource);
        let ResourceId { kind, namespace, name, .. } = &resource.id;
        if kind != "CustomResourceDefinition" {
            self.objects.entry((kind.clone(), name.clone())).or_default().push(namespace.clone());
        }
        for (kind, name) in makers::made_from(resource) {
            // What makes objects in several namespaces has none itself.
            self.objects.entry((kind.to_owned(), name)).or_default().push(namespace.clone());
        }
    }

    /// Whether some target has, or makes, an object of this kind and name that may be in this namespace.
    pub(in crate::facts) fn has_object(&self, kind: &str, name: &str, namespace: Option<&str>) -> bool {
        let key = (kind.to_owned(), name.to_owned());
        let namespaces = self.objects.get(&key).into_iter().flatten();
        namespaces.into_iter().any(|of| ResourceId::may_share_namespace(namespace, of.as_deref()))
    }
}
