//! Telling URLs from paths, as kustomize does for `resources` and `components`.

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

#[cfg(test)]
mod tests {
    use super::is_remote;

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
