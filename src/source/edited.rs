//! Files as they would be after an edit: whoever reads them sees the new text, and nothing is written.

use std::collections::BTreeMap;

use crate::source::Place;
use crate::source::Sources;
use crate::source::read::Root;

impl Sources {
    /// The files below the same root, with other texts at some paths relative to it, where there need be no file yet.
    /// What was read before is read again.
    #[must_use]
    pub fn edited(&self, texts: BTreeMap<String, String>) -> Self {
        let root = self.root().map(|root| Root::new(root.to_owned()));
        Self { root, edited: texts, ..Self::in_memory() }
    }

    /// The new text of the file that a path leads to, if it has one.
    pub(super) fn edited_text(&self, path: &str) -> Option<&String> {
        if self.edited.is_empty() {
            return None;
        }
        self.edited.get(path).or_else(|| match self.locate(path) {
            Ok(Place::File(real)) => self.edited.get(&real),
            _ => None,
        })
    }

    /// What a path leads to that is only there because of an edit.
    pub(super) fn edited_place(&self, path: &str) -> Option<Place> {
        if self.edited.contains_key(path) {
            return Some(Place::File(path.to_owned()));
        }
        let is_below = |edited: &String| edited.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        self.edited.keys().any(is_below).then(|| Place::Folder(path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::source::Place;
    use crate::source::Scratch;
    use crate::source::Sources;

    #[test]
    fn edits_are_read_and_not_written() {
        let folder = Scratch::temporary().expect("a folder");
        for (name, text) in [("a.yaml", "old"), ("b.yaml", "kept")] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let sources = Sources::below(folder.path()).expect("a folder");
        let texts = [("a.yaml", "new"), ("sub/c.yaml", "made")];
        let edited = sources.edited(texts.map(|(path, text)| (path.to_owned(), text.to_owned())).into());
        let text = |sources: &Sources, path: &str| sources.read(path).map(|id| sources.get(id).text().to_owned()).ok();
        assert_eq!(text(&edited, "a.yaml").as_deref(), Some("new"));
        assert_eq!(text(&edited, "b.yaml").as_deref(), Some("kept"));
        assert_eq!(text(&edited, "sub/c.yaml").as_deref(), Some("made"));
        assert_eq!(edited.locate("sub").ok(), Some(Place::Folder("sub".to_owned())));
        assert_eq!(edited.locate("sub/c.yaml").ok(), Some(Place::File("sub/c.yaml".to_owned())));
        assert_eq!(text(&sources, "a.yaml").as_deref(), Some("old"));
        assert_eq!(text(&sources, "sub/c.yaml"), None);
        assert!(sources.edited(BTreeMap::new()).locate("sub").is_err());
    }
}
