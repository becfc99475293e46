//! Volumes of a pod, and whether what its containers mount is one of them.
//!
//! Facts of a pod: `mounts` lists every item of `volumeMounts` and `volumeDevices` with `container`,
//! `volume` and `state`, `declared` or `missing`; `volumeSources` lists, for each volume with several
//! sources, the second and later ones with `volume`, `source` and the `first` one. The claim templates
//! of a StatefulSet declare volumes too. Rule: `ValidateVolumeMounts` and `validateVolumeSource` of
//! `pkg/apis/core/validation`; a source that is null is none.

use crate::facts::book::Book;
use crate::facts::lookup;
use crate::facts::lookup::Names;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// The fields of a volume that say what it is made of (core/v1 `VolumeSource`, 1.36).
const SOURCES: [&str; 30] = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "image",
    "iscsi",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
];

/// `complete` says that nobody adds volumes that are not written.
pub(super) fn infer(resource: &Resource, pod: Pod<'_>, complete: bool, book: &mut Book, facts: NodeId) {
    let volumes: Names<'_> = lookup::fields(pod.volumes(), "name").chain(claims(resource)).collect();
    for container in pod.containers() {
        for field in ["volumeMounts", "volumeDevices"] {
            for name in lookup::fields(container.list(field), "name") {
                let item = book.item(facts, "mounts", name);
                book.text(item, "container", container.name());
                book.copy(item, "volume", name);
                let state = volumes.hold(name).map(|declared| if declared { "declared" } else { "missing" });
                book.verdict(item, "state", state.filter(|&state| complete || state == "declared"));
            }
        }
    }
    for volume in pod.volumes() {
        let Some(first) = sources(volume).next() else { continue };
        for source in sources(volume).skip(1) {
            let key = source.key().unwrap_or(source);
            let item = book.item_at(facts, "volumeSources", source, key.span());
            book.text(item, "source", key.text());
            book.text(item, "volume", volume.get("name").map_or("", Node::text));
            book.text(item, "first", first.key().map_or("", Node::text));
        }
    }
}

/// The names of a StatefulSet's claim templates, each of which is a volume of its pods.
pub(super) fn claims(resource: &Resource) -> impl Iterator<Item = Node<'_>> {
    let templates = resource.node().at_path(&["spec", "volumeClaimTemplates"]);
    let templates = templates.filter(|_| resource.id.kind == "StatefulSet");
    templates.into_iter().flat_map(Node::items).filter_map(|template| template.at_path(&["metadata", "name"]))
}

/// What a volume is made of: the values of its sources.
pub(super) fn sources(volume: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    volume.fields().filter(|(key, value)| SOURCES.contains(&key.text()) && !value.is_null()).map(|(_, value)| value)
}
