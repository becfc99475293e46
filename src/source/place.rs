//! What is where below the root, without reading it: the entries of a folder, and what a path leads to.

use std::path::MAIN_SEPARATOR;
use std::path::Path;
use std::path::PathBuf;

use crate::source::ReadProblem;
use crate::source::read::Root;

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

/// The repository that a path is in: the nearest folder at or above it that holds one of `markers`, or
/// else the folder itself. The answer is canonical.
///
/// # Errors
/// When there is nothing at the path.
pub fn repository_root(path: &Path, markers: &[&str]) -> std::io::Result<PathBuf> {
    let real = path.canonicalize()?;
    let folder = if real.is_dir() { real.as_path() } else { real.parent().unwrap_or(&real) };
    let root = folder.ancestors().find(|folder| markers.iter().any(|marker| folder.join(marker).exists()));
    Ok(root.unwrap_or(folder).to_owned())
}

/// The paths of the entries of a folder that the user named, wherever it is, sorted.
///
/// # Errors
/// When the folder can't be listed.
pub fn folder_entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = folder.read_dir()?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

/// The files at most `depth` folders deep in a folder that the user named, wherever it is, sorted. Each
/// comes with its name for reports, which starts with the folder's own name.
///
/// # Errors
/// When the folder or one below it can't be listed.
pub fn files_below(folder: &Path, depth: usize) -> std::io::Result<Vec<(PathBuf, String)>> {
    let own = folder.canonicalize()?.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut files = Vec::new();
    let mut open = vec![(folder.to_owned(), own, depth)];
    while let Some((folder, name, depth)) = open.pop() {
        for path in folder_entries(&folder)? {
            let name = format!("{name}/{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_file() {
                files.push((path, name));
            } else if depth > 1 && path.is_dir() {
                open.push((path, name, depth - 1));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// What `path` leads to.
pub(super) fn locate(root: &Root, path: &str) -> Result<Place, ReadProblem> {
    let (real, metadata) = root.meet(path)?;
    let relative = real.strip_prefix(root.path()).expect("a resolved path is below the root");
    let relative = with_slashes(relative);
    Ok(if metadata.is_dir() { Place::Folder(relative) } else { Place::File(relative) })
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
    if let Some(path) = path.to_str().filter(|_| MAIN_SEPARATOR == '/') {
        return path.to_owned();
    }
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
