//! The bases of a run: each is built once, however many kustomizations use it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::TryLockError;

use crate::render::kustomize::set::Set;

/// The bases that were built in a run, by their folder, for all that use them.
#[derive(Default, Debug)]
pub struct Bases {
    built: Mutex<HashMap<String, Place>>,
}

/// The place of one base, locked while somebody builds it.
pub(super) type Place = Arc<Mutex<Option<Arc<Set>>>>;

impl Bases {
    /// The place of the base in a folder.
    pub(super) fn place(&self, path: &str) -> Place {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        match built.get(path) {
            Some(place) => Arc::clone(place),
            None => Arc::clone(built.entry(path.to_owned()).or_default()),
        }
    }
}

/// Opens a place. With `wait`, that takes until whoever is building the base is done. Only who is building none
/// itself may wait: two bases that use each other would wait for ever.
pub(super) fn open(place: &Place, wait: bool) -> Option<MutexGuard<'_, Option<Arc<Set>>>> {
    if wait {
        return Some(place.lock().unwrap_or_else(PoisonError::into_inner));
    }
    match place.try_lock() {
        Ok(open) => Some(open),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
