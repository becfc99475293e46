//! A change to some files that is made as a whole or not at all, and the texts that many of them lead to.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::discover::paths;
use crate::fix::Built;
use crate::fix::Fixed;
use crate::fix::Texts;
use crate::fix::container::Container;
use crate::fix::kustomization;
use crate::fix::kustomization::Entry;
use crate::fix::kustomization::Item;
use crate::fix::workload::Workload;
use crate::kube::ResourceId;
use crate::source::Place;
use crate::source::Span;
use crate::yaml::Files;

/// Edits that belong together, and what they are for.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) edits: Vec<Edit>,
    pub(super) purpose: Purpose,
}

/// What a change is for.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    /// The waits of one manifest.
    Waits {
        /// The workloads that it changes, one for each target.
        users: Vec<Workload>,
        /// The init containers that they get, in order.
        containers: Vec<Container>,
    },
    /// An init container that is to wait, and did not.
    Mend {
        /// The workloads that it is in, one for each target.
        users: Vec<Workload>,
        /// What it is called, and whom it is going to wait for.
        container: Container,
    },
    /// A finding that is mended.
    Repair {
        policy: String,
        shows: Vec<Show>,
        /// The texts of other resources that change.
        elsewhere: Vec<Span>,
    },
}

/// A finding as it shows in one target.
#[derive(Clone, Debug)]
pub(super) struct Show {
    pub(super) target: usize,
    /// Its place among the resources; none for a kustomization itself.
    pub(super) resource: Option<usize>,
    pub(super) id: ResourceId,
    /// The fields that change.
    pub(super) paths: Vec<String>,
    pub(super) fingerprint: String,
}

/// What is done to files.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    /// A file with a patch, and an entry of the kustomization that names it.
    Patch {
        /// The path of the kustomization file, which is a new Component if it is not there.
        kustomization: String,
        /// The path of the patch.
        path: String,
        text: String,
        entry: Entry,
    },
    /// A Component that a kustomization uses.
    Use {
        /// The path of the kustomization file.
        kustomization: String,
        /// The folder of the Component.
        component: String,
    },
    /// A text in the place of a part of a file.
    Replace { path: String, range: Range<usize>, text: String },
}

impl Edit {
    /// The file that is there already and changes.
    pub(super) fn file(&self) -> &str {
        match self {
            Self::Patch { kustomization, .. } | Self::Use { kustomization, .. } => kustomization,
            Self::Replace { path, .. } => path,
        }
    }

    /// The file that holds what is new.
    fn place(&self) -> &str {
        match self {
            Self::Patch { path, .. } | Self::Replace { path, .. } => path,
            Self::Use { kustomization, .. } => kustomization,
        }
    }
}

impl Change {
    /// The resources that it changes, each with the place of its target.
    fn users<'c>(&'c self, built: &'c [Built]) -> Vec<(usize, &'c ResourceId)> {
        let id = |user: &'c Workload| &built[user.target].resources[user.resource].id;
        match &self.purpose {
            Purpose::Waits { users, .. } | Purpose::Mend { users, .. } => {
                users.iter().map(|user| (user.target, id(user))).collect()
            }
            Purpose::Repair { shows, .. } => shows.iter().map(|show| (show.target, &show.id)).collect(),
        }
    }

    /// What people are told of it.
    pub(super) fn told(&self, built: &[Built]) -> Fixed {
        let users = self.users(built);
        let mut targets: Vec<String> = users.iter().map(|(target, _)| built[*target].target.name.clone()).collect();
        targets.sort();
        targets.dedup();
        let deed = match &self.purpose {
            Purpose::Repair { policy, .. } => format!("`{policy}`"),
            Purpose::Waits { users, .. } => format!("wait for {}", whom(&users[0])),
            Purpose::Mend { users, container } => format!("let `{}` wait for {}", container.name, whom(&users[0])),
        };
        let is_text = |edit: &&Edit| !matches!(edit, Edit::Use { .. });
        let mut files: Vec<String> = self.edits.iter().filter(is_text).map(|edit| edit.place().to_owned()).collect();
        files.dedup();
        let mut resources: Vec<ResourceId> = users.iter().map(|(_, id)| (*id).clone()).collect();
        resources.sort();
        resources.dedup();
        Fixed { resources, deed, targets, files }
    }
}

/// Whom a workload is going to wait for.
fn whom(user: &Workload) -> String {
    let all: Vec<String> = user.waits.iter().map(|wait| format!("{}:{}", wait.service, wait.port)).collect();
    match &all[..] {
        [first @ .., before, last] if !first.is_empty() => format!("{}, {before} and {last}", first.join(", ")),
        all => all.join(" and "),
    }
}

/// The texts that files have after all of these changes; none for a file that can't be edited. `heads` are those of
/// kustomizations that are not there yet and no Components, by path.
pub(super) fn texts(files: &Files, changes: &[Change], heads: &BTreeMap<String, String>) -> Texts {
    let mut texts = Texts::new();
    let mut items: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
    let mut replaced: BTreeMap<&str, Vec<(&Range<usize>, &str)>> = BTreeMap::new();
    for edit in changes.iter().flat_map(|change| &change.edits) {
        match edit {
            Edit::Patch { kustomization, path, text, entry } => {
                texts.insert(path.clone(), with_ends_of(files, kustomization, text));
                items.entry(kustomization).or_default().push(Item::Patch(entry.clone()));
            }
            Edit::Use { kustomization, component } => {
                let item = Item::Component(paths::relative(paths::folder(kustomization), component));
                let items = items.entry(kustomization).or_default();
                if !items.contains(&item) {
                    items.push(item);
                }
            }
            Edit::Replace { path, range, text } => replaced.entry(path).or_default().push((range, text)),
        }
    }
    for (path, items) in items {
        let items: Vec<&Item> = items.iter().collect();
        let text = if files.sources().locate(path).is_err() {
            let head = heads.get(path).map_or(kustomization::COMPONENT, String::as_str);
            Some(kustomization::new(head, &items))
        } else {
            kustomization::with_items(files, path, &items).filter(|_| is_plain(files, path))
        };
        if let Some(text) = text {
            texts.insert(path.to_owned(), text);
        }
    }
    for (path, mut replaced) in replaced {
        let Some(source) = files.sources().read(path).ok().filter(|_| is_plain(files, path)) else { continue };
        let mut text = files.sources().get(source).text().to_owned();
        replaced.sort_by_key(|(range, _)| (range.start, range.end));
        replaced.dedup();
        // Two edits of one place can't both be right.
        if replaced.windows(2).any(|pair| pair[1].0.start < pair[0].0.end) {
            continue;
        }
        for (range, new) in replaced.into_iter().rev() {
            text.replace_range(range.clone(), new);
        }
        texts.insert(path.to_owned(), text);
    }
    texts
}

/// A text with lines that end as those of a file do.
fn with_ends_of(files: &Files, path: &str, text: &str) -> String {
    let source = files.sources().read(path).ok();
    let has_returns = source.is_some_and(|id| files.sources().get(id).text().contains("\r\n"));
    if has_returns { text.replace('\n', "\r\n") } else { text.to_owned() }
}

/// Whether a file holds the bytes of its text and nothing else, such as a byte order mark, and is no link to another.
fn is_plain(files: &Files, path: &str) -> bool {
    let sources = files.sources();
    if !matches!(sources.locate(path), Ok(Place::File(real)) if real == path) {
        return false;
    }
    let (text, bytes) = (sources.read(path).ok(), sources.read_data(path).ok());
    text.zip(bytes).is_some_and(|(text, bytes)| sources.get(text).text().as_bytes() == sources.get(bytes).bytes())
}

/// A path for a new file in a folder, that no file has and none of these changes makes.
pub(super) fn unused(files: &Files, folder: &str, stem: &str, taken: &[Change]) -> String {
    let is_made = |path: &str| taken.iter().flat_map(|change| &change.edits).any(|edit| edit.place() == path);
    let candidates = std::iter::once(String::new()).chain((2..).map(|number| format!("-{number}")));
    let mut paths = candidates.map(|number| paths::inside(folder, &format!("{stem}{number}.yaml")));
    let is_free = |path: &String| files.sources().locate(path).is_err() && !is_made(path);
    paths.find(is_free).expect("a folder has fewer files than there are numbers")
}
