//! What is where below the root, without reading it: the entries of a folder, and what a path leads to.

use std::path::Path;

use super::ReadProblem;
use super::read::Root;

/// What a path leads to once symbolic links are followed: its real path relative to the root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// Something that can be read, or at least is no folder.
    File(String),
    /// A folder; the root itself is the empty path.
    Folder(String),
}

/// One entry of a folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Item {
    /// Its name. One that is not Unicode is shown as well as can be, and leads nowhere.
    pub name: String,
    /// What it is.
    pub kind: ItemKind,
}

/// What an entry of a folder is, by itself: a link is not followed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ItemKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link to anything or nothing.
    Link,
}

/// What `path` leads to.
pub(super) fn locate(root: &Root, path: &str) -> Result<Place, ReadProblem> {
    let real = root.resolve(path)?;
    let relative = real.strip_prefix(root.path()).expect("a resolved path is below the root");
    let relative = with_slashes(relative);
    Ok(if real.is_dir() { Place::Folder(relative) } else { Place::File(relative) })
}

/// The entries of a folder, sorted by name. Pipes, sockets and devices are left out.
pub(super) fn list(root: &Root, folder: &str) -> Result<Vec<Item>, ReadProblem> {
    let real = root.resolve(folder)?;
    let mut items = Vec::new();
    for entry in real.read_dir().map_err(ReadProblem::Io)? {
        let entry = entry.map_err(ReadProblem::Io)?;
        let kind = entry.file_type().map_err(ReadProblem::Io)?;
        let kind = match kind {
            kind if kind.is_symlink() => ItemKind::Link,
            kind if kind.is_dir() => ItemKind::Folder,
            kind if kind.is_file() => ItemKind::File,
            _ => continue,
        };
        items.push(Item { name: entry.file_name().to_string_lossy().into_owned(), kind });
    }
    items.sort_unstable();
    Ok(items)
}

fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
