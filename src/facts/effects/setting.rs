//! Where a container runs: its variables, what it has mounted, and whose programs it has.

use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::disk::VolumeId;
use crate::facts::kept::Keeps;
use crate::facts::kept::is_below;
use crate::facts::kept::normal;
use crate::facts::runs::Run;
use crate::facts::runs::Shell;
use crate::facts::scripts::Scripts;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// Whose programs an image has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tools {
    Gnu,
    BusyBox,
    Unknown,
}

/// One mount of a container.
struct Mount {
    at: String,
    shows: Place,
    read_only: bool,
    /// Whether it is one file of a ConfigMap or Secret.
    is_file: bool,
}

/// What a run of one container is given.
pub(super) struct Setting<'r, 'a> {
    pub(super) run: &'r Run<'a>,
    pub(super) scripts: &'r Scripts,
    pub(super) tools: Tools,
    mounts: Vec<Mount>,
}

impl<'r, 'a> Setting<'r, 'a> {
    /// None if a path can't be known.
    pub(super) fn of(run: &'r Run<'a>, scripts: &'r Scripts, volumes: &[Keeps]) -> Option<Self> {
        let mut mounts = Vec::new();
        for mount in run.container.list("volumeMounts") {
            mounts.push(of_mount(mount, volumes)?);
        }
        let tools = match run.image.sh {
            Shell::Ash => Tools::BusyBox,
            Shell::Dash | Shell::Bash => Tools::Gnu,
            Shell::Unknown | Shell::None => Tools::Unknown,
        };
        Some(Self { run, scripts, tools, mounts })
    }

    /// Whether anything that is written here is kept.
    pub(super) fn keeps_anything(&self) -> bool {
        self.mounts.iter().any(|mount| mount.shows.volume != ROOT && !mount.read_only)
    }

    /// Where an absolute path leads to, links left aside.
    pub(super) fn place(&self, path: &str) -> Place {
        match self.mount(path) {
            Some(mount) => mount.shows.join(&path[mount.at.len().min(path.len())..]),
            None => Place::new(ROOT, if path == "/" { "" } else { path }),
        }
    }

    /// Whether nothing can be written at an absolute path.
    pub(super) fn is_read_only(&self, path: &str) -> bool {
        self.mount(path).is_some_and(|mount| mount.read_only)
    }

    /// Whether a place is a mount, or holds one, so that it is a directory that stays.
    pub(super) fn is_mount(&self, place: &Place) -> bool {
        let shows = |mount: &Mount| mount.shows == *place && place.volume != ROOT;
        let holds = |mount: &Mount| {
            place.volume == ROOT && is_below(&mount.at, &place.path) && !(mount.is_file && mount.at == place.path)
        };
        self.mounts.iter().any(|mount| shows(mount) || holds(mount))
    }

    /// Whether a path is that of a file that is mounted by itself.
    pub(super) fn is_mounted_file(&self, path: &str) -> bool {
        self.mounts.iter().any(|mount| mount.is_file && mount.at == path)
    }

    fn mount(&self, path: &str) -> Option<&Mount> {
        self.mounts.iter().filter(|mount| is_below(path, &mount.at)).max_by_key(|mount| mount.at.len())
    }
}

fn of_mount(mount: Node<'_>, volumes: &[Keeps]) -> Option<Mount> {
    let is_true = |node: Node<'_>| node.scalar() == Some(Scalar::Bool(true));
    let path = mount.get("mountPath").filter(|path| !path.is_unknown())?;
    let at = normal("/", path.text())?;
    let name = mount.get("name").filter(|name| !name.is_unknown())?;
    let read_only = mount.get("readOnly").is_some_and(is_true);
    let number = volumes.iter().position(|keeps| keeps.names.iter().any(|own| own == name.text()));
    let Some(volume) = number.and_then(|at| VolumeId::try_from(at + 1).ok()) else {
        let is_file = mount.get("subPath").is_some_and(|inside| !inside.text().is_empty());
        return Some(Mount { shows: Place::new(ROOT, at.clone()), at, read_only, is_file });
    };
    // What an expression becomes is the same in every run, whatever it is.
    let inside = mount.get("subPath").or_else(|| mount.get("subPathExpr")).map_or("", Node::text);
    let inside = normal("/", inside)?;
    Some(Mount { at, shows: Place::new(volume, "").join(&inside), read_only, is_file: false })
}
