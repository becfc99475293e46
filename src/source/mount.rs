//! Folders outside of the root whose files are read under a name of their own, such as the clone of another
//! repository. Nothing in one leads out of it.

use std::path::Path;

use crate::source::Place;
use crate::source::Sources;
use crate::source::read::Root;

/// A folder and what the paths of its files start with.
#[derive(Debug)]
pub(super) struct Mount {
    name: String,
    root: Root,
}

impl Sources {
    /// Makes the files below `folder` readable under paths that start with `name`.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn mount(&self, name: &str, folder: &Path) -> std::io::Result<()> {
        let root = Root::new(folder.canonicalize()?);
        self.mounts.push(Mount { name: name.to_owned(), root });
        Ok(())
    }

    /// The name of the mounted folder that a path is in; none for what is below the root.
    pub fn mount_of(&self, path: &str) -> Option<&str> {
        self.mounted(path).map(|(mount, _)| mount.name.as_str())
    }

    /// The folder that a path is relative to, and the path in it.
    pub(super) fn root_of<'s, 'p>(&'s self, path: &'p str) -> Option<(&'s Root, &'p str)> {
        let mounted = self.mounted(path).map(|(mount, inside)| (&mount.root, inside));
        mounted.or_else(|| self.root.as_ref().map(|root| (root, path)))
    }

    fn mounted<'s, 'p>(&'s self, path: &'p str) -> Option<(&'s Mount, &'p str)> {
        // Mostly there is none, and to begin to look takes as long as to look into some.
        if self.mounts.is_empty() {
            return None;
        }
        self.mounts.iter().find_map(|(_, mount)| {
            let rest = path.strip_prefix(mount.name.as_str())?;
            Some((mount, if rest.is_empty() { rest } else { rest.strip_prefix('/')? }))
        })
    }
}

/// A place in a mounted folder as those outside of it name it.
pub(super) fn outside(name: &str, place: Place) -> Place {
    let named = |path: String| if path.is_empty() { name.to_owned() } else { format!("{name}/{path}") };
    match place {
        Place::File(path) => Place::File(named(path)),
        Place::Folder(path) => Place::Folder(named(path)),
    }
}
