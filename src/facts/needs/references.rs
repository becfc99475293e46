//! What a pod can't start without beside Services: ConfigMaps, Secrets and their keys, claims, its account, its
//! classes. References marked `optional` are none.

use crate::facts::book::Book;
use crate::facts::mounts;
use crate::facts::needs::objects;
use crate::facts::needs::objects::Objects;
use crate::facts::needs::objects::Wanted;
use crate::facts::surroundings::Surroundings;
use crate::model::Container;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;

/// How many references of one pod are listed.
const MAX_REFERENCES: usize = 2_000;

/// One reference.
struct Reference<'a> {
    group: &'static str,
    kind: &'static str,
    name: Node<'a>,
    key: Option<Node<'a>>,
    place: &'static str,
    container: Option<&'a str>,
}

pub(super) fn infer<'a>(
    around: &Surroundings<'a>,
    resource: &'a Resource,
    pod: Pod<'a>,
    objects: &mut Objects,
    book: &mut Book,
    facts: NodeId,
) {
    let namespace = resource.id.namespace.as_deref();
    for reference in of_pod(resource, pod).take(MAX_REFERENCES) {
        let Reference { group, kind, name, key, place, container } = reference;
        let wanted = Wanted { group, kind, namespace, name };
        let item = book.item(facts, "dependencies", key.unwrap_or(name));
        book.text(item, "kind", kind);
        book.copy(item, "name", name);
        if let Some(namespace) = namespace.filter(|_| !crate::kube::is_cluster_scoped(group, kind)) {
            book.text(item, "namespace", namespace);
        }
        if let Some(container) = container {
            book.text(item, "container", container);
        }
        book.text(item, "place", place);
        book.text(item, "evidence", "reference");
        book.text(item, "confidence", "certain");
        let state = objects.place(around, wanted);
        book.verdict(item, "resolved", state);
        if let Some(key) = key {
            book.copy(item, "key", key);
            let object = objects::find(around, wanted).filter(|_| state == Some("target"));
            if let Some(object) = object {
                book.verdict(item, "keyState", objects::key_state(objects, around, object, key));
            }
        }
    }
}

fn of_pod<'a>(resource: &'a Resource, pod: Pod<'a>) -> impl Iterator<Item = Reference<'a>> {
    let of_containers = pod.containers().flat_map(of_container);
    // A claim template takes the place of a volume with its name.
    let is_replaced = |volume: &Node<'_>| {
        let name = volume.get("name").map_or("", Node::text);
        mounts::claims(resource).any(|claim| claim.text() == name)
    };
    let volumes = pod.volumes().filter(move |volume| !is_replaced(volume));
    of_containers.chain(volumes.flat_map(of_volume)).chain(of_spec(pod))
}

fn of_container<'a>(container: Container<'a>) -> impl Iterator<Item = Reference<'a>> {
    const SOURCES: [(&str, &str, &str); 2] =
        [("configMapKeyRef", "configMapRef", "ConfigMap"), ("secretKeyRef", "secretRef", "Secret")];
    let reference = move |kind, from: Node<'a>, key, place| {
        let name = from.get("name").filter(|_| !is_optional(from))?;
        Some(Reference { group: "", kind, name, key, place, container: Some(container.name()) })
    };
    let env = container.list("env").flat_map(move |entry| {
        SOURCES.into_iter().filter_map(move |(field, _, kind)| {
            let from = entry.at_path(&["valueFrom", field])?;
            reference(kind, from, from.get("key"), "env")
        })
    });
    let env_from = container.list("envFrom").flat_map(move |source| {
        SOURCES.into_iter().filter_map(move |(_, field, kind)| reference(kind, source.get(field)?, None, "envFrom"))
    });
    env.chain(env_from)
}

/// What a volume is made of, each key that it asks for by name included.
fn of_volume(volume: Node<'_>) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    let reference = |kind, name, key| Reference { group: "", kind, name, key, place: "volume", container: None };
    let projected = volume.at_path(&["projected", "sources"]).into_iter().flat_map(Node::items);
    for source in std::iter::once(volume).chain(projected) {
        for (field, kind) in [("configMap", "ConfigMap"), ("secret", "Secret")] {
            let Some(source) = source.get(field).filter(|source| !is_optional(*source)) else { continue };
            let Some(name) = source.get("secretName").or_else(|| source.get("name")) else { continue };
            found.push(reference(kind, name, None));
            let items = source.get("items").into_iter().flat_map(Node::items);
            found.extend(items.filter_map(|item| item.get("key")).map(|key| reference(kind, name, Some(key))));
        }
    }
    let claim = volume.at_path(&["persistentVolumeClaim", "claimName"]);
    found.extend(claim.map(|name| reference("PersistentVolumeClaim", name, None)));
    found
}

/// What the pod itself refers to.
fn of_spec(pod: Pod<'_>) -> impl Iterator<Item = Reference<'_>> {
    const FIELDS: [(&str, &str, &str); 3] = [
        ("", "ServiceAccount", "serviceAccountName"),
        ("scheduling.k8s.io", "PriorityClass", "priorityClassName"),
        ("node.k8s.io", "RuntimeClass", "runtimeClassName"),
    ];
    let single = FIELDS.into_iter().filter_map(move |(group, kind, field)| {
        let name = pod.spec.get(field).filter(|name| !name.text().is_empty() && !name.is_null())?;
        Some(Reference { group, kind, name, key: None, place: field, container: None })
    });
    let pull = pod.spec.get("imagePullSecrets").into_iter().flat_map(Node::items).filter_map(|item| item.get("name"));
    let pull = pull.map(|name| Reference {
        group: "",
        kind: "Secret",
        name,
        key: None,
        place: "imagePullSecrets",
        container: None,
    });
    single.chain(pull)
}

fn is_optional(source: Node<'_>) -> bool {
    source.get("optional").is_some_and(|optional| optional.scalar() == Some(Scalar::Bool(true)))
}
