//! Which volumes of a pod are still as they were left when a container of it runs again.
//!
//! The root file system of a container is made anew each time; what was written to an `emptyDir` stays
//! for as long as the pod, and what was written to a claim or the host for longer (observed with 1.36).

use crate::facts::mounts;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;

/// A volume that is kept.
#[derive(Clone, Debug)]
pub(super) struct Keeps {
    /// What it is called. A claim that two volumes show is one.
    pub(super) names: Vec<String>,
    /// The field that says what it is made of, such as `emptyDir`.
    pub(super) kind: String,
    /// Whether it outlives the pod.
    pub(super) outlives_pod: bool,
    /// Whether a file system was made for it, so that it may have a directory `lost+found`.
    pub(super) is_claim: bool,
    /// What it is made of, if others may be made of the same.
    source: Option<String>,
}

/// Sources that are there before the pod and after it.
const LASTING: [&str; 17] = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "iscsi",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "vsphereVolume",
];

/// The volumes of a pod that are kept.
pub(super) fn volumes(resource: &Resource, pod: Pod<'_>) -> Vec<Keeps> {
    let mut kept: Vec<Keeps> = Vec::new();
    for name in mounts::claims(resource) {
        let names = vec![name.text().to_owned()];
        let kind = "volumeClaimTemplate".to_owned();
        kept.push(Keeps { names, kind, outlives_pod: true, is_claim: true, source: None });
    }
    for volume in pod.volumes() {
        let Some(keeps) = of(pod, volume) else { continue };
        let known = kept.iter_mut().find(|known| {
            known.names.iter().any(|name| *name == keeps.names[0])
                || known.source.is_some() && known.source == keeps.source
        });
        match known {
            Some(known) => known.names.extend(keeps.names),
            None => kept.push(keeps),
        }
    }
    kept
}

fn of(pod: Pod<'_>, volume: Node<'_>) -> Option<Keeps> {
    let name = volume.get("name").filter(|name| !name.is_unknown())?.text().to_owned();
    let source = mounts::sources(volume).next();
    // A volume without a source is an emptyDir.
    let kind = source.and_then(Node::key).map_or("emptyDir", Node::text);
    let (outlives_pod, is_claim) = match kind {
        // What stands for devices and the kernel keeps nothing.
        "hostPath" if is_device(volume) => return None,
        "hostPath" | "nfs" => (true, false),
        // A container that fails once is not run again, and the next pod has a new volume.
        "emptyDir" if pod.spec.get_str("restartPolicy") != Some("Never") => (false, false),
        "ephemeral" if pod.spec.get_str("restartPolicy") != Some("Never") => (false, true),
        kind if LASTING.contains(&kind) => (true, true),
        _ => return None,
    };
    let claim = volume.at_path(&["persistentVolumeClaim", "claimName"]).filter(|claim| !claim.is_unknown());
    let path = volume.at_path(&["hostPath", "path"]).filter(|path| !path.is_unknown());
    let source = claim.map(|claim| format!("claim {}", claim.text()));
    let source = source.or_else(|| path.map(|path| format!("host {}", path.text())));
    Some(Keeps { names: vec![name], kind: kind.to_owned(), outlives_pod, is_claim, source })
}

fn is_device(volume: Node<'_>) -> bool {
    let path = volume.at_path(&["hostPath", "path"]).map_or("", Node::text);
    ["/dev", "/proc", "/sys"].iter().any(|base| is_below(path, base))
}

/// An absolute path without `.` and empty steps, relative paths taken from `base`; none with `..`.
pub(super) fn normal(base: &str, path: &str) -> Option<String> {
    let mut absolute = String::new();
    let base = if path.starts_with('/') { "" } else { base };
    for step in base.split('/').chain(path.split('/')).filter(|step| !matches!(*step, "" | ".")) {
        if step == ".." {
            return None;
        }
        absolute.push('/');
        absolute.push_str(step);
    }
    Some(if absolute.is_empty() { "/".to_owned() } else { absolute })
}

/// Whether a path is this one or below it.
pub(super) fn is_below(path: &str, base: &str) -> bool {
    base == "/" || path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
