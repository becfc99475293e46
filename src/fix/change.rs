//! A change to some files that is made as a whole or not at all, and the texts that many of them lead to.

use std::collections::BTreeMap;

use crate::discover::paths;
use crate::fix::Built;
use crate::fix::Fixed;
use crate::fix::Texts;
use crate::fix::kustomization;
use crate::fix::kustomization::Entry;
use crate::fix::wanted::Workload;
use crate::yaml::Files;

/// The waits of one manifest, in all targets that it is part of.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) edit: Edit,
    /// The workloads that it changes, one for each target.
    pub(super) users: Vec<Workload>,
    /// The names of the init containers that they get, in order.
    pub(super) containers: Vec<String>,
}

/// What is done to files.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    /// A file with a patch, and an entry of the kustomization that names it.
    Patch {
        /// The path of the kustomization file.
        kustomization: String,
        /// The path of the patch.
        path: String,
        text: String,
        entry: Entry,
    },
    /// A text that is put into a manifest.
    Insert { path: String, at: usize, text: String },
}

impl Edit {
    /// The file that is there already and changes.
    pub(super) fn file(&self) -> &str {
        match self {
            Self::Patch { kustomization, .. } => kustomization,
            Self::Insert { path, .. } => path,
        }
    }
}

impl Change {
    /// What people are told of it.
    pub(super) fn told(&self, built: &[Built]) -> Fixed {
        let first = &self.users[0];
        let mut targets: Vec<String> = self.users.iter().map(|user| built[user.target].target.name.clone()).collect();
        targets.sort();
        targets.dedup();
        let file = match &self.edit {
            Edit::Patch { path, .. } | Edit::Insert { path, .. } => path.clone(),
        };
        Fixed {
            resource: built[first.target].resources[first.resource].id.clone(),
            targets,
            services: first.waits.iter().map(|wait| format!("{}:{}", wait.service, wait.port)).collect(),
            file,
        }
    }
}

/// The texts that files have after all of these changes.
pub(super) fn texts(files: &Files, changes: &[Change]) -> Texts {
    let mut texts = Texts::new();
    let mut entries: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let mut inserts: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for change in changes {
        match &change.edit {
            Edit::Patch { kustomization, path, text, entry } => {
                texts.insert(path.clone(), text.clone());
                entries.entry(kustomization).or_default().push(entry);
            }
            Edit::Insert { path, at, text } => inserts.entry(path).or_default().push((*at, text)),
        }
    }
    for (path, entries) in entries {
        if let Some(text) = kustomization::with_patches(files, path, &entries) {
            texts.insert(path.to_owned(), text);
        }
    }
    for (path, mut inserts) in inserts {
        let Ok(source) = files.sources().read(path) else { continue };
        let mut text = files.sources().get(source).text().to_owned();
        inserts.sort_by_key(|(at, _)| *at);
        for (at, insert) in inserts.into_iter().rev() {
            text.insert_str(at, insert);
        }
        texts.insert(path.to_owned(), text);
    }
    texts
}

/// A path for a new file in a folder, that no file has and none of these changes makes.
pub(super) fn unused(files: &Files, folder: &str, stem: &str, taken: &[Change]) -> String {
    let is_made = |path: &str| taken.iter().any(|change| matches!(&change.edit, Edit::Patch { path: made, .. } if made == path));
    let candidates = std::iter::once(String::new()).chain((2..).map(|number| format!("-{number}")));
    let mut paths = candidates.map(|number| paths::inside(folder, &format!("{stem}{number}.yaml")));
    let is_free = |path: &String| files.sources().locate(path).is_err() && !is_made(path);
    paths.find(is_free).expect("a folder has fewer files than there are numbers")
}
