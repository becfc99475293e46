//! Telling URLs from paths, as kustomize does for `resources` and `components`, and taking those of git
//! repositories apart.

use std::time::Duration;

/// The schemes after which everything is a URL.
const SCHEMES: [&str; 4] = ["https://", "http://", "ssh://", "file://"];

/// Whether an entry names something outside the repository: a URL with a scheme, `user@host:path`,
/// or a bare `github.com/…`.
pub fn is_remote(entry: &str) -> bool {
    let entry = entry.strip_prefix("git::").unwrap_or(entry);
    if SCHEMES.iter().any(|scheme| starts_with(entry, scheme)) {
        return true;
    }
    match entry.split_once('@') {
        Some((user, rest)) if is_user(user) => names_repository(rest),
        _ => starts_with(entry, "github.com/") || starts_with(entry, "github.com:"),
    }
}

/// Whether what follows `user@` is `host:path` or `host/owner/repository`; less is a folder's name.
fn names_repository(text: &str) -> bool {
    let host = text.find(['/', ':']).unwrap_or(0);
    host > 0 && (text[host..].starts_with(':') || text.matches('/').count() > 1)
}

fn is_user(text: &str) -> bool {
    text.starts_with(|char: char| char.is_ascii_alphabetic())
        && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '-')
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// How long a repository may take to come, where the URL does not say.
const TIMEOUT: Duration = Duration::from_secs(27);

/// A git repository that an entry names, and what is wanted of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remote {
    /// What git calls it.
    pub repository: String,
    /// The folder in it; empty for the repository's own.
    pub path: String,
    /// The branch, tag or commit; none for what the repository offers first.
    pub reference: Option<String>,
    /// Whether its submodules are asked for.
    pub submodules: bool,
    /// How long git may take.
    pub timeout: Duration,
}

impl Remote {
    /// Reads a URL as kustomize does; none if that finds no repository in it.
    pub fn of(entry: &str) -> Option<Self> {
        let (location, query) = entry.split_once('?').unwrap_or((entry, ""));
        let (host, rest) = host_of(location)?;
        let (repository, path) = split(rest, host.starts_with("file://"))?;
        let path = path.strip_prefix('/').unwrap_or(path);
        if repository.is_empty() || leaves(path) {
            return None;
        }
        let asked = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| decoded(value)).next()
        };
        Some(Self {
            repository: format!("{host}{repository}"),
            path: path.trim_end_matches('/').to_owned(),
            reference: asked("ref").or_else(|| asked("version")),
            submodules: matches!(asked("submodules").as_deref(), Some("1" | "t" | "T" | "true" | "TRUE" | "True")),
            timeout: asked("timeout").and_then(|text| duration(&text)).unwrap_or(TIMEOUT),
        })
    }

    /// What its files are called in reports: host and path, and the reference behind a `@`.
    pub fn name(&self) -> String {
        let place = self.repository.split_once("://").map_or(self.repository.as_str(), |(_, place)| place);
        let place = match place.split_once('@') {
            Some((user, place)) if is_user(user) => place,
            _ => place,
        };
        let place = place.replace(':', "/");
        let parts = place.trim_end_matches(".git").split('/').filter(|part| !matches!(*part, "" | "." | ".."));
        format!("{}@{}", parts.collect::<Vec<_>>().join("/"), self.reference.as_deref().unwrap_or("HEAD"))
    }
}

/// The scheme, user and host of a URL in the form that git gets them, and what follows.
fn host_of(location: &str) -> Option<(String, &str)> {
    let location = if starts_with(location, "git::") { &location["git::".len()..] } else { location };
    let scheme = SCHEMES.into_iter().find(|scheme| starts_with(location, scheme)).unwrap_or_default();
    let rest = &location[scheme.len()..];
    if scheme == "file://" {
        return Some((scheme.to_owned(), rest));
    }
    let (user, rest) = match rest.split_once('@') {
        Some((user, rest)) if is_user(user) => (format!("{user}@"), rest),
        _ => (String::new(), rest),
    };
    let is_github = starts_with(rest, "github.com/") || starts_with(rest, "github.com:");
    let may_have_colon = scheme.is_empty() && (!user.is_empty() || is_github);
    if scheme.is_empty() && !may_have_colon {
        return None;
    }
    let slash = rest.find('/');
    let colon = rest.find(':').filter(|&colon| may_have_colon && colon > 0 && slash.is_none_or(|slash| colon < slash));
    let end = colon.or(slash)? + 1;
    let (host, rest) = rest.split_at(end);
    Some(match (is_github, scheme == "ssh://" || !user.is_empty()) {
        (true, true) => (format!("{user}github.com:"), rest),
        (true, false) => ("https://github.com/".to_owned(), rest),
        (false, _) => (format!("{scheme}{user}{host}"), rest),
    })
}

/// The path of a repository, and that of a folder in it.
fn split(path: &str, takes_all: bool) -> Option<(&str, &str)> {
    const AZURE: &str = "_git/";
    if let Some(at) = path.find(AZURE) {
        let end = path[at + AZURE.len()..].find('/').map_or(path.len(), |length| at + AZURE.len() + length);
        return Some((&path[..end], &path[end..]));
    }
    if let Some((repository, inside)) = path.split_once("//") {
        return Some((repository, inside));
    }
    if let Some(at) = path.find(".git") {
        return Some(path.split_at(at + ".git".len()));
    }
    if takes_all {
        return Some((path, ""));
    }
    let (first, _) = path.match_indices('/').next()?;
    let end = path[first + 1..].find('/').map_or(path.len(), |length| first + 1 + length);
    Some(path.split_at(end))
}

/// Whether a path, its `..` resolved, leads out of what it is relative to.
fn leaves(path: &str) -> bool {
    let mut depth = 0_i32;
    path.split('/').any(|part| {
        depth += match part {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    })
}

/// A value of a query with its `%2F` and `+` read.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whole seconds such as `61`, or numbers with units such as `1m30s`.
fn duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u32>() {
        return (seconds > 0).then(|| Duration::from_secs(seconds.into()));
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let units = [("ms", 0.001), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
        let (unit, seconds) = units.into_iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
        total += number * seconds;
        rest = &rest[end + unit.len()..];
    }
    Duration::try_from_secs_f64(total).ok().filter(|duration| !duration.is_zero())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Remote;
    use super::is_remote;

    /// The repository, the folder in it and the reference.
    fn parts(entry: &str) -> Option<(String, String, String)> {
        let Remote { repository, path, reference, .. } = Remote::of(entry)?;
        Some((repository, path, reference.unwrap_or_default()))
    }

    #[test]
    fn a_url_is_taken_apart_as_kustomize_does() {
        for (entry, repository, path, reference) in [
            ("github.com/org/repo/a/b?ref=v1", "https://github.com/org/repo", "a/b", "v1"),
            ("https://github.com/org/repo//a?ref=x%2Fy", "https://github.com/org/repo", "a", "x/y"),
            ("git@github.com:org/repo.git//a", "git@github.com:org/repo.git", "a", ""),
            ("ssh://git@github.com/org/repo", "git@github.com:org/repo", "", ""),
            ("https://user@dev.azure.com/o/p/_git/repo/a", "https://user@dev.azure.com/o/p/_git/repo", "a", ""),
            ("https://gitlab.com/group/repo.git/a?version=2", "https://gitlab.com/group/repo.git", "a", "2"),
            ("git::https://example.com/org/repo/a", "https://example.com/org/repo", "a", ""),
            ("file:///tmp/repo?ref=main", "file:///tmp/repo", "", "main"),
            ("file:///tmp/repo//a", "file:///tmp/repo", "a", ""),
        ] {
            let expected = (repository.to_owned(), path.to_owned(), reference.to_owned());
            assert_eq!(parts(entry), Some(expected), "{entry}");
        }
        for entry in ["../base", "https://example.com", "https://example.com/a", "github.com/org/repo//../x"] {
            assert_eq!(parts(entry), None, "{entry}");
        }
    }

    #[test]
    fn a_query_says_how_long_and_how_much() {
        let remote = |query: &str| Remote::of(&format!("github.com/org/repo?{query}")).unwrap();
        assert_eq!(remote("timeout=61").timeout, Duration::from_secs(61));
        assert_eq!(remote("timeout=1m30s").timeout, Duration::from_secs(90));
        assert_eq!(remote("timeout=soon").timeout, Duration::from_secs(27));
        assert!(remote("submodules=true").submodules && !remote("submodules=0").submodules && !remote("").submodules);
    }

    #[test]
    fn files_of_a_repository_are_called_by_host_path_and_reference() {
        let name = |entry: &str| Remote::of(entry).unwrap().name();
        assert_eq!(name("git@github.com:org/repo.git//a?ref=v1"), "github.com/org/repo@v1");
        assert_eq!(name("https://github.com/org/repo"), "github.com/org/repo@HEAD");
        assert_eq!(name("file:///tmp/repo"), "tmp/repo@HEAD");
    }

    #[test]
    fn urls_are_told_from_paths() {
        for url in [
            "https://example.com/org/repo//deploy?ref=v1",
            "HTTP://example.com/a.yaml",
            "git::ssh://git@example.com/repo",
            "git@example.com:org/repo.git",
            "github.com/org/repo/deploy?ref=main",
        ] {
            assert!(is_remote(url), "{url}");
        }
        for path in ["../base", "base", "a@b/c", "x/git@host:y", "deploy/github.com", "/etc/a.yaml", "@", "é://x", ""]
        {
            assert!(!is_remote(path), "{path}");
        }
    }
}
