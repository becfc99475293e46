//! Paths, and where they lead to: links are followed, or are what is meant.

use crate::facts::effects::atoms::is_atom;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Machine;

/// How many links may lead to each other.
const MAX_LINKS: usize = 8;

/// A path and where it leads to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) place: Place,
    pub(super) path: String,
    /// Whether it ends with a slash or a dot, so that it means a directory.
    pub(super) is_folder: bool,
}

impl Machine<'_, '_> {
    /// A path from the root; none if it can't be told where it starts.
    pub(super) fn absolute(&self, path: &str) -> Option<String> {
        if path.is_empty() || path.starts_with(is_atom) && !self.is_name(path) {
            return None;
        }
        let base = if path.starts_with('/') { "" } else { self.folder.as_str() };
        let mut steps: Vec<&str> = Vec::new();
        for step in base.split('/').chain(path.split('/')) {
            match step {
                "" | "." => {}
                ".." => {
                    steps.pop();
                }
                step => steps.push(step),
            }
        }
        Some(format!("/{}", steps.join("/")))
    }

    /// Where a path leads to, links followed; none if nobody knows.
    pub(super) fn place(&mut self, path: &str) -> Flow<Option<Place>> {
        Ok(self.target(path, true)?.map(|target| target.place))
    }

    /// Where a path leads to; `follows` says whether its last name may be a link to elsewhere.
    pub(super) fn target(&mut self, path: &str, follows: bool) -> Flow<Option<Target>> {
        let Some(mut absolute) = self.absolute(path) else { return Ok(None) };
        let is_folder = path.ends_with('/') || path == "." || path == ".." || path.ends_with("/.");
        let mut of_volume = false;
        'links: for _ in 0..MAX_LINKS {
            let ends: Vec<usize> =
                absolute.match_indices('/').map(|(at, _)| at).skip(1).chain([absolute.len()]).collect();
            for end in ends {
                if end == absolute.len() && !follows && !is_folder {
                    continue;
                }
                let place = self.setting.place(&absolute[..end]);
                if let Some(Entry::Link(to)) = self.disk.get(&place) {
                    of_volume |= place.volume != ROOT;
                    let above = absolute[..end].rsplit_once('/').map_or("", |(above, _)| above);
                    let to = if to.starts_with('/') { to.to_string() } else { format!("{above}/{to}") };
                    let Some(next) = self.absolute(&format!("{to}{}", &absolute[end..])) else { return Ok(None) };
                    absolute = next;
                    continue 'links;
                }
            }
            let place = self.setting.place(&absolute);
            if of_volume && place.volume == ROOT {
                self.world.oracle.strays_to(&place.path);
            }
            return Ok(Some(Target { place, path: absolute, is_folder }));
        }
        Err(Leave::Lost)
    }

    /// The very name that a path ends with: where a link is, it is the link, also with a slash behind it.
    pub(super) fn own(&mut self, path: &str) -> Flow<Option<Target>> {
        let bare = path.trim_end_matches('/');
        let target = self.target(if bare.is_empty() { path } else { bare }, false)?;
        Ok(target.map(|target| Target { is_folder: path.ends_with('/') || target.is_folder, ..target }))
    }

    /// Whether a path ends with the name of a link.
    pub(super) fn is_link(&mut self, path: &str) -> Flow<bool> {
        let own = self.own(path)?;
        Ok(own.is_some_and(|own| matches!(self.disk.get(&own.place), Some(Entry::Link(_)))))
    }
}
