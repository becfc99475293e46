//! What the resources of a set are called, kept from patch to patch: to find those that a patch is for without a
//! look into all of them.

use std::collections::HashMap;

use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::selector::Pattern;
use crate::render::kustomize::selector::Selector;
use crate::render::kustomize::set::Names;
use crate::render::kustomize::set::Set;
use crate::yaml::Tree;

/// What is known of a set, once somebody has asked for it. Whoever changes the set has to say so.
#[derive(Default, Debug)]
pub(super) struct Known {
    names: Option<Names>,
    called: Option<Called>,
}

impl Known {
    /// The resources by everything that each was ever called.
    pub(super) fn names(&mut self, set: &Set) -> &Names {
        self.names.get_or_insert_with(|| Names::of(set))
    }

    /// The resources that a selector asks for, in their order.
    pub(super) fn selected(&mut self, set: &Set, selector: &Selector) -> Vec<usize> {
        match selector.exact_name() {
            Some(name) => {
                let is_meant = |index: &usize| selector.selects(&set.drafts[*index], &set.tree);
                self.names(set).named(name).iter().copied().filter(is_meant).collect()
            }
            None => self.called.get_or_insert_with(|| Called::of(set)).selected(set, selector),
        }
    }

    /// The resources that are or were called what a selector asks for, if it asks for one name, and all if not.
    pub(super) fn candidates(&mut self, set: &Set, selector: &Selector) -> Vec<usize> {
        match selector.exact_name() {
            Some(name) => self.names(set).named(name).to_vec(),
            None => (0..set.drafts.len()).collect(),
        }
    }

    /// A resource was changed, perhaps in what it is called.
    pub(super) fn look_again(&mut self, set: &Set, index: usize, is_renamed: bool) {
        if is_renamed {
            self.names = None;
        }
        if let Some(called) = &mut self.called {
            let before = called.rows[index];
            called.rows[index] = called.words.row(&set.drafts[index], &set.tree, before);
        }
    }

    /// Resources have left the set.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// The ids of all resources, as numbers of words.
#[derive(Debug)]
struct Called {
    words: Words,
    rows: Vec<Row>,
}

/// What one resource is called now, and was called first where it makes a difference.
#[derive(Clone, Copy, Default, Debug)]
struct Row {
    group: usize,
    version: usize,
    kind: usize,
    namespaces: [usize; 2],
    names: [usize; 2],
}

impl Called {
    fn of(set: &Set) -> Self {
        let mut words = Words::default();
        let mut rows = Vec::with_capacity(set.drafts.len());
        for draft in &set.drafts {
            let before = rows.last().copied().unwrap_or_default();
            rows.push(words.row(draft, &set.tree, before));
        }
        Self { words, rows }
    }

    fn selected(&self, set: &Set, selector: &Selector) -> Vec<usize> {
        let [mut group, mut version, mut kind, mut namespace, mut name] =
            selector.patterns().map(|pattern| Asked { pattern, words: &self.words.all, known: Vec::new() });
        let mut is_called = |row: &Row| {
            kind.holds(row.kind)
                && group.holds(row.group)
                && version.holds(row.version)
                && row.namespaces.into_iter().any(|word| namespace.holds(word))
                && row.names.into_iter().any(|word| name.holds(word))
        };
        let rows = self.rows.iter().enumerate().filter(|(_, row)| is_called(row)).map(|(index, _)| index);
        rows.filter(|&index| selector.selects_labels(set.object(&set.drafts[index]))).collect()
    }
}

/// Each word once.
#[derive(Default, Debug)]
struct Words {
    all: Vec<String>,
    places: HashMap<String, usize>,
}

impl Words {
    /// The row of a resource, which is quickest to tell where it is much like another.
    fn row(&mut self, draft: &Draft, tree: &Tree, like: Row) -> Row {
        let now = draft.id(tree);
        let first = draft.first_of(now);
        let namespace = self.word(now.effective_namespace(), like.namespaces[1]);
        let name = self.word(now.name, like.names[1]);
        Row {
            group: self.word(now.group, like.group),
            version: self.word(now.version, like.version),
            kind: self.word(now.kind, like.kind),
            namespaces: [self.word(first.effective_namespace(), namespace), namespace],
            names: [self.word(first.name, name), name],
        }
    }

    /// The place of a word, which may be the one that is guessed.
    fn word(&mut self, text: &str, guess: usize) -> usize {
        if self.all.get(guess).is_some_and(|word| word == text) {
            return guess;
        }
        if let Some(&place) = self.places.get(text) {
            return place;
        }
        self.places.insert(text.to_owned(), self.all.len());
        self.all.push(text.to_owned());
        self.all.len() - 1
    }
}

/// A pattern that is asked about each word once.
struct Asked<'a> {
    pattern: &'a Pattern,
    words: &'a [String],
    known: Vec<Option<bool>>,
}

impl Asked<'_> {
    fn holds(&mut self, word: usize) -> bool {
        if self.pattern.is_any() {
            return true;
        }
        if self.known.is_empty() {
            self.known = vec![None; self.words.len()];
        }
        *self.known[word].get_or_insert_with(|| self.pattern.matches(&self.words[word]))
    }
}
