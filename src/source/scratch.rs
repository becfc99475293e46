//! Folders that this program makes for itself: for programs that it calls, and for what they fetch.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// An empty folder that is gone with the value, unless it is kept.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A folder among the temporary files of the system.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn temporary() -> io::Result<Self> {
        Self::below(&std::env::temp_dir())
    }

    /// A folder in another one, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn below(folder: &Path) -> io::Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("plimsoll-{}-{number}", std::process::id()));
        fs::create_dir_all(folder)?;
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps it under another name, if nobody has made a folder of that name in the meantime.
    ///
    /// # Errors
    /// When it cannot be renamed, and there is no such folder.
    pub fn keep_as(self, folder: &Path) -> io::Result<()> {
        fs::rename(&self.0, folder).or_else(|error| if folder.is_dir() { Ok(()) } else { Err(error) })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that cannot be removed is in nobody's way.
        drop(fs::remove_dir_all(&self.0));
    }
}
