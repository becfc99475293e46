//! How paths are told to somebody in some folder, so that they lead to the file from there: a click or a copy opens it.
//!
//! Only for people. Reports for programs name every file from the root of the repository, wherever they are made.

use std::borrow::Cow;
use std::path::Path;

use crate::source::Source;

/// The folder that somebody is in, as seen from the root of the repository.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Standpoint {
    /// The root itself, or a place from which the repository is only reached over folders around both.
    #[default]
    Root,
    /// A folder of the repository: its path, such as `clusters/prod`.
    Inside(String),
    /// A folder around the repository: what leads from there to the root.
    Around(String),
}

impl Standpoint {
    /// Where `here` is for a repository at `root`; both are canonical.
    pub fn new(root: &Path, here: &Path) -> Self {
        let path = |path: &Path| {
            let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            parts.join("/")
        };
        match (here.strip_prefix(root), root.strip_prefix(here)) {
            (Ok(inside), _) if inside.as_os_str().is_empty() => Self::Root,
            (Ok(inside), _) => Self::Inside(path(inside)),
            (_, Ok(down)) => Self::Around(path(down)),
            _ => Self::Root,
        }
    }

    /// What leads from here to the file of a source, or what it is called if it is no file of the repository.
    pub fn path<'s>(&self, source: &'s Source) -> Cow<'s, str> {
        if source.is_below_root() { self.to(source.path()) } else { source.path().into() }
    }

    /// What leads from here to a path that is relative to the root.
    pub(super) fn to<'p>(&self, path: &'p str) -> Cow<'p, str> {
        match self {
            Self::Root => path.into(),
            Self::Around(down) if path == "." || path.is_empty() => down.clone().into(),
            Self::Around(down) => format!("{down}/{path}").into(),
            Self::Inside(here) => {
                let (mut here, mut rest) = (here.as_str(), if path == "." { "" } else { path });
                while let (Some((first, deeper)), Some((other, after))) = (first(here), first(rest))
                    && first == other
                {
                    (here, rest) = (deeper, after);
                }
                match here.split('/').filter(|part| !part.is_empty()).count() {
                    0 if rest.is_empty() => ".".into(),
                    0 => rest.into(),
                    up => format!("{}{rest}", "../".repeat(up)).into(),
                }
            }
        }
    }
}

/// The first part of a path and what follows.
fn first(path: &str) -> Option<(&str, &str)> {
    (!path.is_empty()).then(|| path.split_once('/').unwrap_or((path, "")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Standpoint;

    #[test]
    fn paths_lead_to_the_file_from_where_one_stands() {
        for (root, here, told) in [
            ("/repo", "/repo", "apps/web/a.yaml"),
            ("/repo", "/", "repo/apps/web/a.yaml"),
            ("/home/me/repo", "/home", "me/repo/apps/web/a.yaml"),
            ("/repo", "/repo/apps", "web/a.yaml"),
            ("/repo", "/repo/apps/web", "a.yaml"),
            ("/repo", "/repo/apps/we", "../web/a.yaml"),
            ("/repo", "/repo/clusters/prod", "../../apps/web/a.yaml"),
            ("/repo", "/other", "apps/web/a.yaml"),
        ] {
            let standpoint = Standpoint::new(Path::new(root), Path::new(here));
            assert_eq!(standpoint.to("apps/web/a.yaml"), told, "{root} from {here}");
        }
    }
}
