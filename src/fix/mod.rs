//! Writes what is missing: wait-for init containers, as patches in the layer where a person would put them; and mends
//! what policies know how to mend, in the very text that is wrong.
//!
//! Nothing here writes a file. [`propose`] says which texts files would have, after it has built everything they
//! touch again and seen that the waits are there, that they wait, and that nothing else has changed.
//!
//! `needs` says whom a pod calls, `order` who is ready before whom, `wanted` who waits for whom, `container` what the init container looks like and `script` what it runs, `layers` which kustomizations a
//! manifest goes through, `place` in which of them the patch belongs, `mend` puts waits
//! right that are none, whose text `field` edits, `patch` writes the texts of patches,
//! `apart` puts them beside what can't be edited, `kustomization` and `manifest` edit files,
//! `repairs` turns findings into edits, which `edit` and `modern` make, and `proof` builds again.

mod request;
mod settings;
mod built;
mod needs;
mod workload;
mod order;
mod wanted;
mod script;
mod container;
mod kustomization;
mod layers;
mod change;
mod manifest;
mod patch;
mod place;
mod field;
mod mend;
mod apart;
mod edit;
mod modern;
mod repairs;
mod proof;

pub use built::Built;
pub use request::Beside;
pub use request::Checks;
pub use request::Choice;
pub use request::Confidence;
pub use request::Into;
pub use request::Request;
pub use settings::Settings;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::discover::Target;
use crate::fix::apart::Apart;
use crate::fix::change::Change;
use crate::fix::change::Purpose;
use crate::fix::layers::Layers;
use crate::fix::proof::Proof;
use crate::kube::ResourceId;
use crate::source::Location;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Files;

/// What would be written, and why not more.
#[derive(Debug)]
pub struct Proposal {
    /// The texts that spans are in.
    pub sources: Arc<Sources>,
    /// How many resources there are to change.
    pub resources: usize,
    /// The files that change, sorted by path.
    pub files: Vec<FileChange>,
    /// What they bring.
    pub fixed: Vec<Fixed>,
    /// What was asked for and is not among it.
    pub refused: Vec<Refused>,
    /// How many workloads wait already for all that was asked for; none if no waits were.
    pub settled: Option<usize>,
    /// Those whose waits were asked for and that are nowhere.
    pub unknown: Vec<Choice>,
    /// How many findings would be mended if unsafe fixes were allowed.
    pub unsafe_ones: usize,
}

/// A file that changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileChange {
    /// Its path relative to the root.
    pub path: String,
    /// Its text; none for a file that is not there yet.
    pub before: Option<String>,
    /// The text that it would have.
    pub after: String,
}

/// Something that is mended or added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fixed {
    /// The resource that it is about, as it is called in each of the targets.
    pub resources: Vec<ResourceId>,
    /// The id of a policy between backticks, or for whom it is going to wait.
    pub deed: String,
    /// The targets in which it changes, by name.
    pub targets: Vec<String>,
    /// The files that hold what is new.
    pub files: Vec<String>,
}

/// Something that is not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The target that it would be in.
    pub target: String,
    /// The resource that it is about.
    pub resource: ResourceId,
    /// What is not done, as for [`Fixed::deed`].
    pub deed: String,
    /// Why not.
    pub reason: String,
    /// The text that it is about.
    pub span: Span,
}

/// Proposes what `request` asks for. `built` are all targets that were asked for, and `others` those beside
/// them, which files may belong to as well; `rebuild` builds one of the former again from other files.
pub fn propose(
    files: &Files,
    built: &[Built],
    others: &[Target],
    request: &Request,
    settings: &Settings<'_>,
    rebuild: &(dyn Fn(&Files, &Target) -> Built + Sync),
) -> Proposal {
    let mut refused = Vec::new();
    let mut settled = 0;
    let (mut workloads, mut mendings) = (Vec::new(), Vec::new());
    for (target, one) in built.iter().enumerate().filter(|_| !request.choices.is_empty()) {
        let found = wanted::of(target, one, request, settings);
        workloads.extend(found.workloads);
        mendings.extend(found.mendings);
        refused.extend(found.refused);
        settled += found.settled;
    }
    let is_unknown = |choice: &&Choice| !built.iter().any(|one| wanted::is_known(choice, one));
    let unknown = request.choices.iter().filter(is_unknown).cloned().collect();
    let layers = Layers::of(files, built, others);
    let apart = request.apart.as_ref().map(|beside| Apart::of(built, beside));
    let placing = place::Placing { files, built, layers: &layers, settings, into: request.into };
    let (mut changes, more) = placed(&placing, apart.as_ref(), workloads, mendings);
    refused.extend(more);
    let repairs = repairs::of(files, built, &layers, request);
    changes.extend(repairs.changes);
    refused.extend(repairs.refused);
    let proof = Proof { files, built, layers: &layers, apart: apart.as_ref(), rebuild };
    let (proved, failed) = proof.hold(changes);
    for (change, reason) in failed {
        refused.extend(match &change.purpose {
            Purpose::Waits { users, .. } | Purpose::Mend { users, .. } => place::refusals(built, users, &reason),
            Purpose::Repair { .. } => vec![repairs::refusal(files, built, &change, reason)],
        });
    }
    let texts = match &apart {
        Some(apart) => apart.written(change::texts(files, &proved, &apart.heads(true))),
        None => change::texts(files, &proved, &BTreeMap::new()),
    };
    let before = |path: &String| if apart.is_some() { None } else { known(files, path) };
    let edited = texts.into_iter().map(|(path, after)| FileChange { before: before(&path), path, after }).collect();
    let mut fixed: Vec<Fixed> = proved.iter().map(|change| change.told(built)).collect();
    if let Some(apart) = &apart {
        fixed.iter_mut().flat_map(|fixed| &mut fixed.files).for_each(|file| *file = apart.will_be(file));
    }
    refused.sort_by_cached_key(|refused| {
        let Location { file, line, column, .. } = files.sources().location(refused.span);
        (file, line, column, refused.target.clone(), refused.deed.clone())
    });
    let sources = Arc::clone(files.sources());
    let settled = (!request.choices.is_empty()).then_some(settled);
    let resources = built.iter().map(|one| one.resources.len()).sum();
    Proposal { sources, resources, files: edited, fixed, refused, settled, unknown, unsafe_ones: repairs.unsafe_ones }
}

/// The changes for waits, and what has no place.
fn placed(
    placing: &place::Placing<'_>,
    apart: Option<&Apart<'_>>,
    workloads: Vec<workload::Workload>,
    mendings: Vec<workload::Mending>,
) -> (Vec<Change>, Vec<Refused>) {
    let (built, mut changes, mut refused) = (placing.built, Vec::new(), Vec::new());
    if let Some(apart) = apart {
        for (users, outcome) in apart.changes(placing, workloads, mendings) {
            match outcome {
                Ok(change) => changes.push(change),
                Err(reason) => refused.extend(place::refusals(built, &users, &reason)),
            }
        }
        return (changes, refused);
    }
    // What names init containers comes before what adds some, or their order would not be kept.
    for (place, users) in mend::by_origin(built, mendings) {
        match mend::changes(placing, &place, &users, &changes) {
            Ok(found) => changes.extend(found),
            Err(reason) => {
                let users: Vec<_> = users.into_iter().map(|mending| mending.user).collect();
                refused.extend(place::refusals(built, &users, &reason));
            }
        }
    }
    for (place, users) in place::by_origin(built, workloads) {
        match placing.changes(&place, &users, &changes) {
            Ok(found) => changes.extend(found),
            Err(reason) => refused.extend(place::refusals(built, &users, &reason)),
        }
    }
    (changes, refused)
}

/// The text of a file that is there.
fn known(files: &Files, path: &str) -> Option<String> {
    files.sources().read(path).ok().map(|id| files.sources().get(id).text().to_owned())
}

/// The texts of files by path.
type Texts = BTreeMap<String, String>;
