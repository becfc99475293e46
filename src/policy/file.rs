//! What is known of a policy file before it is read: its id, its category, and whose it is.

use crate::source::SourceId;

/// A policy file that was not read yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyFile {
    /// The name of the file, without the ending.
    pub id: String,
    /// The name of the folder it is in.
    pub category: String,
    /// Its text.
    pub source: SourceId,
    /// Whether it comes with Plimsoll. The form of such a file is held by a test, which is quicker for everybody.
    pub is_builtin: bool,
}

impl PolicyFile {
    /// The file at a path of the form `…/category/id.yaml`.
    pub fn at(path: &str, source: SourceId) -> Self {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let id = name.rsplit_once('.').map_or(name, |(id, _)| id);
        let category = folder.rsplit('/').next().unwrap_or_default();
        Self { id: id.to_owned(), category: category.to_owned(), source, is_builtin: false }
    }
}
