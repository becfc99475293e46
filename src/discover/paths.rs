//! Paths relative to the root as texts with `/`: the root itself is the empty path. No file is touched.

/// The folder that a file or folder is in; the root is in itself.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folders that `path` lies in, the innermost first and the root last.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors((!path.is_empty()).then(|| folder(path)), |&at| (!at.is_empty()).then(|| folder(at)))
}

/// The part of `path` below `folder`, if it is below it.
pub(crate) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// `name` in `folder`.
pub(crate) fn inside(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Where `reference`, written in a file of `folder`, leads to; none if that is outside the root.
/// Like kustomize, `..` is resolved in the text, before links are followed.
pub(crate) fn join(folder: &str, reference: &str) -> Option<String> {
    if reference.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// How `path` is written in a file of `folder`: what [`join`] leads back from.
pub(crate) fn relative(folder: &str, path: &str) -> String {
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(folder), parts(path));
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let all: Vec<String> = up.chain(to[shared..].iter().cloned()).collect();
    if all.is_empty() { ".".to_owned() } else { all.join("/") }
}

/// How a folder is called in reports.
pub(crate) fn shown(folder: &str) -> &str {
    if folder.is_empty() { "." } else { folder }
}

/// Whether a file is YAML or JSON by its name.
pub(crate) fn is_yaml_or_json(path: &str) -> bool {
    is_json(path) || extension_is(path, "yaml") || extension_is(path, "yml") || name(path) == "Kustomization"
}

/// Whether a file is JSON by its name.
pub(crate) fn is_json(path: &str) -> bool {
    extension_is(path, "json")
}

fn extension_is(path: &str, extension: &str) -> bool {
    name(path).rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::ancestors;
    use super::join;

    #[test]
    fn references_are_resolved_in_the_text_and_stay_below_the_root() {
        assert_eq!(join("overlays/dev", "../../base").as_deref(), Some("base"));
        assert_eq!(join("", "./a//b/.").as_deref(), Some("a/b"));
        assert_eq!(join("a", "..").as_deref(), Some(""));
        assert_eq!(join("a", "../../etc"), None);
        assert_eq!(join("a", "/etc"), None);
    }

    #[test]
    fn a_path_is_written_so_that_it_leads_there() {
        for (folder, path, expected) in [
            ("overlays/prod", "components/waits", "../../components/waits"),
            ("overlays/prod", "overlays/waits", "../waits"),
            ("", "components/waits", "components/waits"),
            ("a", "a", "."),
            ("a/b", "", "../.."),
        ] {
            assert_eq!(super::relative(folder, path), expected);
            assert_eq!(super::join(folder, expected).as_deref(), Some(path));
        }
    }

    #[test]
    fn ancestors_end_with_the_root() {
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(ancestors("a").collect::<Vec<_>>(), [""]);
        assert_eq!(ancestors("").count(), 0);
    }
}
