//! Every file of a run, read and parsed once however many targets use it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

use crate::diagnostic::Diagnostic;
use crate::source::ReadError;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Parsed;
use crate::yaml::Reader;
use crate::yaml::parse;
use crate::yaml::parse_as_it_ends;

/// The parsed files of a run, shared between threads.
#[derive(Debug)]
pub struct Files {
    sources: Arc<Sources>,
    parsed: Mutex<HashMap<String, Arc<OnceLock<Entry>>>>,
}

type Entry = Result<Arc<Parsed>, (Span, String)>;

impl Files {
    /// No file yet; they will be read from `sources`.
    pub fn new(sources: Arc<Sources>) -> Self {
        Self { sources, parsed: Mutex::default() }
    }

    /// The texts behind the files.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// The file at `path`, relative to the root with `/`. Its scalars are typed as kubectl would;
    /// a tree that nodes are copied to types them by its own reader.
    ///
    /// # Errors
    /// When the file cannot be read. What cannot be parsed is among the file's own diagnostics.
    pub fn parsed(&self, path: &str) -> Result<Arc<Parsed>, Box<Diagnostic>> {
        let entry = Arc::clone(self.lock().entry(path.to_owned()).or_default());
        // Parsing happens outside the lock, so that two threads can parse two files.
        let parsed = entry.get_or_init(|| match self.sources.read(path) {
            Ok(source) => Ok(Arc::new(parse(&self.sources, source, Reader::Kubectl))),
            Err(ReadError { span, problem }) => Err((span, problem.to_string())),
        });
        match parsed {
            Ok(parsed) => Ok(Arc::clone(parsed)),
            Err((span, message)) => Err(Box::new(Diagnostic::error("unreadable-file", *span, message))),
        }
    }

    /// The file at `path` as a reader sees it. The readers differ in a file whose last line has no end, where
    /// it matters to a block scalar; such a file is parsed again.
    ///
    /// # Errors
    /// As for [`Self::parsed`].
    pub fn parsed_as(&self, path: &str, reader: Reader) -> Result<Arc<Parsed>, Box<Diagnostic>> {
        let parsed = self.parsed(path)?;
        let source = self.sources.read(path).map_err(Diagnostic::from)?;
        let reader = self.reader_for(source, reader);
        Ok(if reader == Reader::Kubectl { parsed } else { Arc::new(parse(&self.sources, source, reader)) })
    }

    /// The same for a file that nobody else is likely to ask for: it is not kept, so its memory is there for the next.
    ///
    /// # Errors
    /// As for [`Self::parsed`].
    pub fn parsed_once(&self, path: &str, reader: Reader) -> Result<Arc<Parsed>, Box<Diagnostic>> {
        if self.lock().contains_key(path) {
            return self.parsed_as(path, reader);
        }
        let source = self.sources.read(path).map_err(Diagnostic::from)?;
        Ok(Arc::new(parse(&self.sources, source, self.reader_for(source, reader))))
    }

    /// The kustomization file at `path`, as [`parse_as_it_ends`] reads it.
    ///
    /// # Errors
    /// As for [`Self::parsed`].
    pub fn parsed_as_it_ends(&self, path: &str) -> Result<Arc<Parsed>, Box<Diagnostic>> {
        let parsed = self.parsed(path)?;
        let source = self.sources.read(path).map_err(Diagnostic::from)?;
        let is_cut = !self.sources.get(source).text().ends_with(['\n', '\r']);
        Ok(if is_cut { Arc::new(parse_as_it_ends(&self.sources, source)) } else { parsed })
    }

    /// kubectl unless it matters to `reader` how the file ends.
    fn reader_for(&self, source: SourceId, reader: Reader) -> Reader {
        let text = self.sources.get(source).text();
        if text.is_empty() || text.ends_with(['\n', '\r']) { Reader::Kubectl } else { reader }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<OnceLock<Entry>>>> {
        self.parsed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
