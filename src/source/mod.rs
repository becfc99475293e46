//! The texts that a run reads: where they came from, and where a byte of them is.
//!
//! This is the only module that reads files. It knows nothing of YAML: a source is a text with a
//! path, a [`Span`] is a range of bytes of one source, and a [`Location`] is what people are told.
//! A source that was not written by hand (a template's output) carries an [`OriginMap`] that leads
//! back to the text it was made from.

mod encoding;
mod lines;
mod origin_map;
mod read;
mod place;
mod mount;
mod scratch;
mod edited;

pub use lines::LineIndex;
use mount::Mount;
pub use origin_map::OriginMap;
pub use place::Item;
pub use place::ItemKind;
pub use place::Place;
pub use place::files_below;
pub use place::folder_entries;
pub use place::repository_root;
pub use read::MAX_FILE_BYTES;
pub use read::ReadError;
pub use read::ReadProblem;
pub use scratch::Scratch;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;

/// Names one text of a [`Sources`].
///
/// Ids are given in the order of reading, which depends on the threads, so they have no order of
/// their own: whatever is sorted is sorted by path.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SourceId(u32);

/// A range of bytes of one source, end excluded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Span {
    /// The text the range is in.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The empty range at the start of a source, for what concerns the source as a whole.
    pub fn whole(source: SourceId) -> Self {
        Self { source, start: 0, end: 0 }
    }

    /// From the start of `self` to the end of `other`, which lies in the same source.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        debug_assert_eq!(self.source, other.source, "a span lies in one source");
        Self { end: other.end.max(self.end), ..self }
    }

    /// Whether all bytes of `other` are among those of `self`.
    pub fn contains(self, other: Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// How many bytes the range holds.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether the range holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A place as people are told it. Lines and columns count from 1, columns in Unicode characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Location {
    /// The path relative to the repository root, with `/`.
    pub file: String,
    /// The line of the first character.
    pub line: u32,
    /// The column of the first character.
    pub column: u32,
    /// The line of the end.
    pub end_line: u32,
    /// The column after the last character.
    pub end_column: u32,
}

/// One text and where it came from.
#[derive(Debug)]
pub struct Source {
    path: String,
    text: String,
    /// What a file of data holds if that is no text.
    bytes: Option<Vec<u8>>,
    origins: Option<OriginMap>,
    is_below_root: bool,
    lines: OnceLock<LineIndex>,
}

impl Source {
    fn new(path: String, text: String) -> Self {
        Self { path, text, bytes: None, origins: None, is_below_root: false, lines: OnceLock::new() }
    }

    fn of_data(path: String, bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::new(path, text),
            Err(error) => Self { bytes: Some(error.into_bytes()), ..Self::new(path, String::new()) },
        }
    }

    /// The path relative to the repository root with `/`, or a name such as `<stdin>`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether the path leads from the root of the repository to a file or folder, or would if that were there.
    /// Streams, clones and what the user named elsewhere are called something, which leads nowhere.
    pub fn is_below_root(&self) -> bool {
        self.is_below_root
    }

    /// The text, decoded to UTF-8 and without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the file holds, byte for byte, if it was read as data; else the bytes of its text.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// Whether this is data that is no UTF-8 text. Then its text is empty, and only its start can be named.
    pub fn is_binary(&self) -> bool {
        self.bytes.is_some()
    }

    /// The starts of the lines, computed when first asked for.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }
}

/// Every text of a run. It only grows, so it can be shared between threads, and a `&Source` from
/// it stays good for as long as the `Sources` does.
#[derive(Debug)]
pub struct Sources {
    root: Option<read::Root>,
    texts: boxcar::Vec<Arc<Source>>,
    files: Mutex<HashMap<String, SourceId>>,
    data: Mutex<HashMap<String, SourceId>>,
    mounts: boxcar::Vec<Mount>,
    /// Texts that stand for those of files, by path.
    edited: BTreeMap<String, String>,
}

impl Sources {
    /// Texts that do not come from files.
    pub fn in_memory() -> Self {
        Self {
            root: None,
            texts: boxcar::Vec::new(),
            files: Mutex::default(),
            data: Mutex::default(),
            mounts: boxcar::Vec::new(),
            edited: BTreeMap::new(),
        }
    }

    /// Texts of the files below `root`, and of no others.
    ///
    /// # Errors
    /// When `root` does not exist or is not a directory.
    pub fn below(root: &Path) -> std::io::Result<Self> {
        let root = root.canonicalize()?;
        if !root.is_dir() {
            return Err(std::io::Error::from(std::io::ErrorKind::NotADirectory));
        }
        Ok(Self { root: Some(read::Root::new(root)), ..Self::in_memory() })
    }

    /// The directory that paths are relative to, if the texts come from files.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_ref().map(read::Root::path)
    }

    /// The text of an id that this `Sources` gave.
    pub fn get(&self, id: SourceId) -> &Source {
        self.texts.get(id.0 as usize).expect("a SourceId is only made by the Sources that holds it")
    }

    /// The text of an id, for those who ask for it so often that they keep it.
    pub fn share(&self, id: SourceId) -> Arc<Source> {
        let source = self.texts.get(id.0 as usize);
        Arc::clone(source.expect("a SourceId is only made by the Sources that holds it"))
    }

    /// Adds a text that is not a file, such as a stream or an embedded policy.
    pub fn add(&self, path: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.push(path.into(), text.into(), None)
    }

    /// Adds an empty text for what is at a path below the root and has no text, to have a place to speak of.
    pub fn add_named(&self, path: &str) -> SourceId {
        let is_below_root = self.root.is_some() && self.mount_of(path).is_none();
        self.push_source(Source { is_below_root, ..Source::new(path.to_owned(), String::new()) })
    }

    /// Adds a text that was made from others, with the map that says from which.
    pub fn add_made(&self, path: impl Into<String>, text: impl Into<String>, origins: OriginMap) -> SourceId {
        self.push(path.into(), text.into(), Some(origins))
    }

    /// Reads a file below the root, or gives its id again if it was read before.
    ///
    /// # Errors
    /// When there is no such file, it cannot be read, leads out of the root, is larger than
    /// [`MAX_FILE_BYTES`], or is not text. The error holds the id under which the path can be named.
    pub fn read(&self, path: &str) -> Result<SourceId, ReadError> {
        if let Some(&known) = lock(&self.files).get(path) {
            return Ok(known);
        }
        let read = match (self.edited_text(path), self.root_of(path)) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some((root, path))) => read::read_text(root, path),
            (None, None) => Err(ReadProblem::NotFound.into()),
        };
        let source = self.record(path, read, self.mount_of(path).is_none())?;
        Ok(*lock(&self.files).entry(path.to_owned()).or_insert(source))
    }

    /// Reads a file below the root as data: nothing is decoded, a byte order mark stays, and it need not be text.
    ///
    /// # Errors
    /// As for [`Sources::read`], but any bytes will do.
    pub fn read_data(&self, path: &str) -> Result<SourceId, ReadError> {
        if let Some(&known) = lock(&self.data).get(path) {
            return Ok(known);
        }
        let read = match (self.edited_text(path), self.root_of(path)) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some((root, path))) => read::read_bytes(root, path),
            (None, None) => Err(ReadProblem::NotFound),
        };
        let bytes = read.map_err(|problem| ReadError { span: Span::whole(self.add_named(path)), problem })?;
        let is_below_root = self.root.is_some() && self.mount_of(path).is_none();
        let source = self.push_source(Source { is_below_root, ..Source::of_data(path.to_owned(), bytes) });
        Ok(*lock(&self.data).entry(path.to_owned()).or_insert(source))
    }

    /// Adds data that is not a file.
    pub fn add_data(&self, path: impl Into<String>, bytes: Vec<u8>) -> SourceId {
        self.push_source(Source::of_data(path.into(), bytes))
    }

    /// Reads a file that the user named, wherever it is. `name` is what it is called in reports.
    ///
    /// # Errors
    /// As for [`Sources::read`].
    pub fn read_given(&self, path: &Path, name: &str) -> Result<SourceId, ReadError> {
        self.record(name, read::read_real(path), false)
    }

    /// What `path` leads to, symbolic links followed.
    ///
    /// # Errors
    /// When there is nothing, or it lies outside the root.
    pub fn locate(&self, path: &str) -> Result<Place, ReadProblem> {
        if let Some(place) = self.edited_place(path) {
            return Ok(place);
        }
        let (root, inside) = self.root_of(path).ok_or(ReadProblem::NotFound)?;
        let place = place::locate(root, inside)?;
        Ok(self.mount_of(path).map_or(place.clone(), |name| mount::outside(name, place)))
    }

    /// Where a path is in the file system, symbolic links followed.
    ///
    /// # Errors
    /// As for [`Sources::locate`].
    pub fn real(&self, path: &str) -> Result<PathBuf, ReadProblem> {
        self.root_of(path).map_or(Err(ReadProblem::NotFound), |(root, path)| root.resolve(path))
    }

    /// The entries of a folder, sorted by name; the root is the empty path.
    ///
    /// # Errors
    /// When there is no such folder, it lies outside the root, or the system refuses.
    pub fn list(&self, folder: &str) -> Result<Vec<Item>, ReadProblem> {
        self.root.as_ref().map_or(Err(ReadProblem::NotFound), |root| place::list(root, folder))
    }

    /// Where a span is, in the file that somebody wrote.
    pub fn location(&self, span: Span) -> Location {
        self.location_in_text(self.written(span))
    }

    /// Where `span` lies in its own text, even if that was made from another.
    pub fn location_in_text(&self, span: Span) -> Location {
        let source = self.get(span.source);
        let (line, column) = source.lines().position(&source.text, span.start);
        let (end_line, end_column) = source.lines().position(&source.text, span.end);
        Location { file: source.path.clone(), line, column, end_line, end_column }
    }

    /// The span that `span` was made from, followed until it lies in a text nobody made from another.
    pub fn written(&self, mut span: Span) -> Span {
        while let Some(origin) = self.get(span.source).origins.as_ref().and_then(|map| map.origin(span)) {
            span = origin;
        }
        span
    }

    fn record(
        &self,
        name: &str,
        read: Result<String, read::Failure>,
        is_below_root: bool,
    ) -> Result<SourceId, ReadError> {
        let add = |text| self.push_source(Source { is_below_root, ..Source::new(name.to_owned(), text) });
        read.map(add).map_err(|failure| {
            let source = add(failure.text);
            ReadError { span: Span { source, start: failure.at, end: failure.at }, problem: failure.problem }
        })
    }

    fn push(&self, path: String, text: String, origins: Option<OriginMap>) -> SourceId {
        self.push_source(Source { origins, ..Source::new(path, text) })
    }

    fn push_source(&self, source: Source) -> SourceId {
        let index = self.texts.push(Arc::new(source));
        SourceId(u32::try_from(index).expect("a run reads fewer than 2^32 texts"))
    }
}

fn lock(files: &Mutex<HashMap<String, SourceId>>) -> MutexGuard<'_, HashMap<String, SourceId>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}
