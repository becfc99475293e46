//! Which paths of a container are on a volume that is still there when the container runs again.
//!
//! The root file system of a container is made anew each time; what was written to an `emptyDir` stays
//! for as long as the pod, and what was written to a claim or the host for longer (observed with 1.36).

use crate::facts::mounts;
use crate::model::Container;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// A place on a volume.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// The name of the volume.
    pub(super) volume: String,
    /// The path on the volume, starting with `/`; `/` alone is the volume itself.
    pub(super) path: String,
    /// Whether it outlives the pod.
    pub(super) outlives_pod: bool,
    /// Whether something is mounted right there, so that it is always a directory.
    pub(super) is_mount: bool,
}

impl Place {
    /// Whether `other` is this place, or this place is within it.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.volume == other.volume && (other.path == "/" || is_below(&self.path, &other.path))
    }
}

/// One mount of a container.
struct Mount {
    at: String,
    /// The place that it shows; none if nothing can be kept there, or it can't be known.
    shows: Option<Place>,
}

/// What a container has mounted.
pub(super) struct Mounts(Vec<Mount>);

impl Mounts {
    /// The mounts of a container; none if a path of them can't be known.
    pub(super) fn of(resource: &Resource, pod: Pod<'_>, container: Container<'_>) -> Option<Self> {
        let mount = |mount: Node<'_>| {
            let path = mount.get("mountPath").filter(|path| !path.is_unknown())?;
            Some(Mount { at: normal("/", path.text())?, shows: shown(resource, pod, mount) })
        };
        container.list("volumeMounts").map(mount).collect::<Option<_>>().map(Self)
    }

    /// Whether anything is kept at all.
    pub(super) fn keep_anything(&self) -> bool {
        self.0.iter().any(|mount| mount.shows.is_some())
    }

    /// Where an absolute path is, if it is on a volume that is kept.
    pub(super) fn place(&self, path: &str) -> Option<Place> {
        let mount = self.0.iter().filter(|mount| is_below(path, &mount.at)).max_by_key(|mount| mount.at.len())?;
        let shows = mount.shows.clone()?;
        let inside = path[mount.at.len()..].trim_start_matches('/');
        let path = normal(&shows.path, inside)?;
        Some(Place { path, is_mount: inside.is_empty(), ..shows })
    }
}

fn shown(resource: &Resource, pod: Pod<'_>, mount: Node<'_>) -> Option<Place> {
    let is_true = |node: Node<'_>| node.scalar() == Some(Scalar::Bool(true));
    let name = mount.get("name").filter(|name| !name.is_unknown())?;
    if mount.get("readOnly").is_some_and(is_true) || mount.get("subPathExpr").is_some() {
        return None;
    }
    let sub_path = mount.get("subPath").map_or("", Node::text);
    let path = normal("/", sub_path).filter(|_| !sub_path.contains('$'))?;
    let outlives_pod = if mounts::claims(resource).any(|claim| claim.text() == name.text()) {
        true
    } else {
        let is_it = |volume: &Node<'_>| volume.get("name").is_some_and(|own| own.text() == name.text());
        match mounts::sources(pod.volumes().find(is_it)?).next()?.key()?.text() {
            // What stands for devices and the kernel keeps nothing.
            "hostPath" if is_device(pod.volumes().find(is_it)?) => return None,
            "hostPath" | "nfs" | "persistentVolumeClaim" => true,
            // A container that fails once is not run again, and the next pod has a new volume.
            "emptyDir" | "ephemeral" if pod.spec.get_str("restartPolicy") != Some("Never") => false,
            _ => return None,
        }
    };
    Some(Place { volume: name.text().to_owned(), path, outlives_pod, is_mount: true })
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

fn is_below(path: &str, base: &str) -> bool {
    base == "/" || path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
