//! Reading one file: below the root once symbolic links are followed, of bounded size, and text.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::source::Span;
use crate::source::encoding;

/// The largest file that is read. The largest rendered root known from public repositories is 8 MB.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a file could not be read, and the span under which its path can be named.
#[derive(Debug)]
pub struct ReadError {
    /// The place of the problem; for a file without text, its start.
    pub span: Span,
    /// What went wrong.
    pub problem: ReadProblem,
}

/// What can go wrong when a file is read.
#[derive(Debug)]
pub enum ReadProblem {
    /// There is no such file.
    NotFound,
    /// It is a directory, a socket, a device: not a file.
    NotAFile,
    /// Its real place, symbolic links followed, is outside the repository.
    OutsideRoot,
    /// It is larger than [`MAX_FILE_BYTES`].
    TooLarge,
    /// Its bytes are neither UTF-8 nor UTF-16 nor UTF-32.
    NotText,
    /// The system refused.
    Io(io::Error),
}

impl fmt::Display for ReadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such file"),
            Self::NotAFile => f.write_str("this is not a file"),
            Self::OutsideRoot => f.write_str("this file lies outside the repository"),
            Self::TooLarge => write!(f, "this file is larger than the limit of {} MiB", MAX_FILE_BYTES >> 20),
            Self::NotText => f.write_str("this file is neither UTF-8 nor UTF-16 text"),
            Self::Io(error) => match error.kind() {
                io::ErrorKind::PermissionDenied => f.write_str("the system denies permission to read this file"),
                kind => write!(f, "this file could not be read: {kind}"),
            },
        }
    }
}

impl From<io::Error> for ReadProblem {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::NotFound } else { Self::Io(error) }
    }
}

/// A problem with the text that could still be read, and where in it the problem is.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) problem: ReadProblem,
    pub(super) text: String,
    pub(super) at: u32,
}

impl From<ReadProblem> for Failure {
    fn from(problem: ReadProblem) -> Self {
        Self { problem, text: String::new(), at: 0 }
    }
}

/// The folder that all files are below, and the real places of the folders in it that were used.
///
/// They are kept because asking the system for a real path costs a call for each of its parts.
#[derive(Debug)]
pub(super) struct Root {
    path: PathBuf,
    folders: Mutex<HashMap<String, PathBuf>>,
    /// The file that was last met, because what is looked for is then mostly read.
    last: Mutex<Option<(String, Found)>>,
}

/// The real place of a file or folder, and what is there.
type Found = (PathBuf, Metadata);

impl Root {
    /// `path` is canonical and a folder.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, folders: Mutex::default(), last: Mutex::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The real place of `path`, with all links followed, if it is below the root.
    pub(super) fn resolve(&self, path: &str) -> Result<PathBuf, ReadProblem> {
        if path.is_empty() {
            return Ok(self.path.clone());
        }
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return self.canonical(&self.path.join(path));
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.step(&self.folder(folder)?, name)
    }

    /// The real place of a file or folder that may be read next, and what is there.
    pub(super) fn meet(&self, path: &str) -> Result<Found, ReadProblem> {
        let found = self.find(path)?;
        *locked(&self.last) = Some((path.to_owned(), found.clone()));
        Ok(found)
    }

    /// The same for a file that is read now.
    fn file(&self, path: &str) -> Result<Found, ReadProblem> {
        let last = locked(&self.last).take_if(|(last, _)| last == path);
        last.map_or_else(|| self.find(path), |(_, found)| Ok(found))
    }

    /// The real place of a file or folder, as [`Self::resolve`] finds it, and what is there. The system is asked once
    /// where the file is no link.
    fn find(&self, path: &str) -> Result<Found, ReadProblem> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if !path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let direct = self.folder(folder)?.join(name);
            let metadata = direct.symlink_metadata()?;
            if !metadata.is_symlink() {
                return Ok((direct, metadata));
            }
        }
        let real = self.resolve(path)?;
        let metadata = real.metadata()?;
        Ok((real, metadata))
    }

    /// The real place of a folder, found from that of the nearest known folder above it.
    fn folder(&self, folder: &str) -> Result<PathBuf, ReadProblem> {
        let mut end = folder.len();
        let mut real = loop {
            if end == 0 {
                break self.path.clone();
            }
            if let Some(known) = locked(&self.folders).get(&folder[..end]) {
                break known.clone();
            }
            end = folder[..end].rfind('/').unwrap_or(0);
        };
        while end < folder.len() {
            let start = if end == 0 { 0 } else { end + 1 };
            end = folder[start..].find('/').map_or(folder.len(), |length| start + length);
            real = self.step(&real, &folder[start..end])?;
            locked(&self.folders).insert(folder[..end].to_owned(), real.clone());
        }
        Ok(real)
    }

    /// The real place of `name` in a folder whose real place is known.
    fn step(&self, folder: &Path, name: &str) -> Result<PathBuf, ReadProblem> {
        let path = folder.join(name);
        if path.symlink_metadata()?.is_symlink() { self.canonical(&path) } else { Ok(path) }
    }

    fn canonical(&self, path: &Path) -> Result<PathBuf, ReadProblem> {
        let real = path.canonicalize()?;
        if real.starts_with(&self.path) { Ok(real) } else { Err(ReadProblem::OutsideRoot) }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The text of the file at `path`, which is relative to `root`.
pub(super) fn read_text(root: &Root, path: &str) -> Result<String, Failure> {
    let (file, metadata) = root.file(path)?;
    decode(read_bounded(&file, &metadata)?)
}

/// The bytes of the file at `path`, which is relative to `root`.
pub(super) fn read_bytes(root: &Root, path: &str) -> Result<Vec<u8>, ReadProblem> {
    let (file, metadata) = root.file(path)?;
    read_bounded(&file, &metadata)
}

/// The text of a file, wherever it is.
pub(super) fn read_real(file: &Path) -> Result<String, Failure> {
    decode(read_bounded(file, &file.metadata().map_err(ReadProblem::from)?)?)
}

fn decode(bytes: Vec<u8>) -> Result<String, Failure> {
    encoding::decode(bytes).map_err(|(text, at)| Failure {
        problem: ReadProblem::NotText,
        at: u32::try_from(at).expect("a file is smaller than its limit"),
        text,
    })
}

fn read_bounded(path: &Path, metadata: &Metadata) -> Result<Vec<u8>, ReadProblem> {
    // Knowing the type before keeps a named pipe from blocking the open.
    if !metadata.is_file() {
        return Err(ReadProblem::NotAFile);
    }
    // A file can grow while it is read: what it had when it was met counts. The system makes some files up as
    // they are read, and says of those that they have nothing.
    let length = if metadata.len() == 0 { MAX_FILE_BYTES + 1 } else { metadata.len().min(MAX_FILE_BYTES + 1) };
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(length)).unwrap_or_default());
    File::open(path)?.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(ReadProblem::TooLarge) } else { Ok(bytes) }
}
