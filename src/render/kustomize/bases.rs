//! What all builds of a run share: the bases, each of which is built once, however many kustomizations use it, and
//! the repositories that were fetched.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::TryLockError;

use crate::render::kustomize::clones::Clones;
use crate::render::kustomize::set::Set;

/// The bases that were built in a run, for all that use them.
#[derive(Default, Debug)]
pub struct Bases {
    /// By their folder, and what else makes a difference to them.
    built: Mutex<HashMap<String, Place>>,
    pub(super) clones: Option<Clones>,
    /// Whether there is only one build.
    for_one: bool,
}

/// The place of one base, locked while somebody builds it.
pub(super) type Place = Arc<Mutex<Built>>;

/// A base, if it was built and kept.
#[derive(Default, Debug)]
pub(super) struct Built {
    pub(super) set: Option<Arc<Set>>,
    was_asked_for: bool,
}

impl Bases {
    /// None yet. Clones of remote bases are kept below `cache`, if they may be fetched at all.
    pub fn new(cache: Option<PathBuf>) -> Self {
        Self { clones: cache.map(Clones::new), ..Self::default() }
    }

    /// The same for a single build, which seldom uses a base twice. One that it does is built a second time and kept
    /// from then on; all others are its own to change, and need not be copied.
    pub fn for_one(cache: Option<PathBuf>) -> Self {
        Self { for_one: true, ..Self::new(cache) }
    }

    /// Puts a base that was built in its place, if it is to be kept.
    pub(super) fn keep(&self, base: &Arc<Set>, place: &mut Built) {
        if !self.for_one || place.was_asked_for {
            place.set = Some(Arc::clone(base));
        }
        place.was_asked_for = true;
    }

    /// Whether what a build reads is not likely to be asked for by another one.
    pub(super) fn are_for_one(&self) -> bool {
        self.for_one
    }

    /// The place of a base.
    pub(super) fn place(&self, key: &str) -> Place {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        match built.get(key) {
            Some(place) => Arc::clone(place),
            None => Arc::clone(built.entry(key.to_owned()).or_default()),
        }
    }
}

/// Opens a place. With `wait`, that takes until whoever is building the base is done. Only who is building none
/// itself may wait: two bases that use each other would wait for ever.
pub(super) fn open(place: &Place, wait: bool) -> Option<MutexGuard<'_, Built>> {
    if wait {
        return Some(place.lock().unwrap_or_else(PoisonError::into_inner));
    }
    match place.try_lock() {
        Ok(open) => Some(open),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
