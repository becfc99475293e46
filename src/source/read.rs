//! Reading one file: below the root once symbolic links are followed, of bounded size, and text.

use std::fmt;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use super::Span;
use super::encoding;

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

/// The text of the file at `path`, which is relative to `root`; `root` is canonical.
pub(super) fn read_text(root: &Path, path: &str) -> Result<String, Failure> {
    let file = resolve(root, path)?;
    let bytes = read_bounded(&file)?;
    encoding::decode(bytes).map_err(|(text, at)| Failure {
        problem: ReadProblem::NotText,
        at: u32::try_from(at).expect("a file is smaller than its limit"),
        text,
    })
}

/// The real place of `path`, which is below `root`, which is canonical.
pub(super) fn resolve(root: &Path, path: &str) -> Result<PathBuf, ReadProblem> {
    let real = root.join(path).canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ReadProblem::NotFound,
        _ => ReadProblem::Io(error),
    })?;
    if real.starts_with(root) { Ok(real) } else { Err(ReadProblem::OutsideRoot) }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, ReadProblem> {
    // Asking for the type first keeps a named pipe from blocking the open.
    let metadata = path.metadata().map_err(ReadProblem::Io)?;
    if !metadata.is_file() {
        return Err(ReadProblem::NotAFile);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(ReadProblem::Io)?;
    // A file can grow while it is read, so the limit is on what is read, not on what was promised.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(ReadProblem::Io)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(ReadProblem::TooLarge) } else { Ok(bytes) }
}
