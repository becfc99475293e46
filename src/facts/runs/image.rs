//! What is known about images: what they run, which shell their `sh` is, and which BusyBox they have.
//!
//! Data, not code: `images.yaml` beside this file says each fact and where it is from. A name that is not in there
//! is not known, unless its tag tells.

use std::sync::Arc;
use std::sync::LazyLock;

use crate::source::Sources;
use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::parse;

const TABLE: &str = include_str!("images.yaml");

/// The table, read once. It never changes.
static IMAGES: LazyLock<Images> = LazyLock::new(Images::read);

/// A shell that runs scripts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::facts) enum Shell {
    /// That of Debian and Ubuntu.
    Dash,
    /// That of BusyBox.
    Ash,
    /// That of Red Hat and its kin, and of everybody who asks for it.
    Bash,
    /// There is one, or may be one, and nobody tells which.
    Unknown,
    /// There is none.
    None,
}

/// The first two numbers of a version.
pub(in crate::facts) type Release = (u32, u32);

/// What is known about an image.
#[derive(Clone, Copy, Debug)]
pub(in crate::facts) struct Image {
    /// What `sh` is in it.
    pub(in crate::facts) sh: Shell,
    /// The version of its BusyBox, if its shell is that one.
    pub(in crate::facts) busybox: Option<Release>,
    row: Option<&'static Row>,
}

/// A row of the table.
#[derive(Debug)]
struct Row {
    names: Vec<String>,
    entrypoint: Option<Vec<String>>,
    command: Option<Vec<String>>,
    shell: Shell,
    /// What parts of its tags say about the shell.
    tags: Tags,
    /// Whose version the tag begins with.
    version: Option<Versioned>,
}

/// Parts of tags and the shells they stand for.
type Tags = Vec<(String, Shell)>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Versioned {
    Alpine,
    BusyBox,
}

#[derive(Debug)]
struct Images {
    /// Which BusyBox a release of Alpine has.
    alpine: Vec<(Release, Release)>,
    /// What a part of a tag says about the shell.
    tags: Tags,
    rows: Vec<Row>,
}

impl Shell {
    /// Its name in facts.
    pub(in crate::facts) fn name(self) -> &'static str {
        match self {
            Self::Dash => "dash",
            Self::Ash => "ash",
            Self::Bash => "bash",
            Self::Unknown => "unknown",
            Self::None => "none",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Dash, Self::Ash, Self::Bash, Self::Unknown, Self::None].into_iter().find(|shell| shell.name() == name)
    }
}

impl Image {
    /// What is known about the image of a reference such as `docker.io/library/alpine:3.18@sha256:…`.
    pub(in crate::facts) fn of(reference: &str) -> Self {
        let (name, tag) = name_and_tag(reference);
        let row = IMAGES.rows.iter().find(|row| row.is_named(name));
        let own = row.and_then(|row| of_tag(&row.tags, tag));
        let said = own.or_else(|| of_tag(&IMAGES.tags, tag));
        // `tools-ubi8` says it in its name.
        let last = name.rsplit('/').next().unwrap_or_default();
        let said = said.or_else(|| of_tag(&IMAGES.tags, last).filter(|_| row.is_none()));
        let sh = said.map_or(row.map_or(Shell::Unknown, |row| row.shell), |(shell, _)| shell);
        let busybox = match (row.and_then(|row| row.version), said) {
            (Some(Versioned::BusyBox), _) => release(tag),
            (Some(Versioned::Alpine), _) => release(tag).and_then(|alpine| IMAGES.busybox_of(alpine)),
            (None, Some((Shell::Ash, part))) => {
                part.strip_prefix("alpine").and_then(release).and_then(|alpine| IMAGES.busybox_of(alpine))
            }
            (None, _) => None,
        };
        Self { sh, busybox, row }
    }

    /// The words that come before the container's `args`; none if they are not known.
    pub(super) fn entrypoint(self) -> Option<&'static [String]> {
        self.row?.entrypoint.as_deref()
    }

    /// What stands behind the entrypoint if the container has no `args`; none if it is not known.
    pub(super) fn command(self) -> Option<&'static [String]> {
        self.row?.command.as_deref()
    }
}

impl Images {
    fn read() -> Self {
        let sources = Arc::new(Sources::in_memory());
        let parsed = parse(&sources, sources.add("images.yaml", TABLE), Reader::Kubectl);
        let root = parsed.tree.node(parsed.documents.first().expect("the table has a document").root);
        let alpine = root.get("alpine").into_iter().flat_map(Node::fields);
        Self {
            alpine: alpine.filter_map(|(key, value)| Some((release(key.text())?, release(value.text())?))).collect(),
            tags: root.get("tags").map(tags).unwrap_or_default(),
            rows: root.get("images").into_iter().flat_map(Node::items).map(row).collect(),
        }
    }

    fn busybox_of(&self, alpine: Release) -> Option<Release> {
        self.alpine.iter().find(|(own, _)| *own == alpine).map(|(_, busybox)| *busybox)
    }
}

impl Row {
    fn is_named(&self, name: &str) -> bool {
        self.names.iter().any(|own| match own.strip_suffix('*') {
            Some(folder) => name.starts_with(folder),
            None => own == name,
        })
    }
}

/// What a tag such as `3.11-alpine3.18` says about the shell, and the part of it that does.
fn of_tag<'t>(tags: &Tags, tag: &'t str) -> Option<(Shell, &'t str)> {
    tag.split(['-', '_']).find_map(|part| {
        let is_version = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let is_it = |word: &str| part == word || (!word.is_empty() && part.strip_prefix(word).is_some_and(is_version));
        tags.iter().find(|(word, _)| is_it(word)).map(|(_, shell)| (*shell, part))
    })
}

fn tags(node: Node<'_>) -> Tags {
    let parts = node.fields().flat_map(|(shell, parts)| parts.items().map(move |part| (part, shell)));
    parts.filter_map(|(part, shell)| Some((part.text().to_owned(), Shell::named(shell.text())?))).collect()
}

fn row(node: Node<'_>) -> Row {
    let list = |field| Some(node.get(field)?.items().map(|item: Node<'_>| item.text().to_owned()).collect());
    Row {
        names: list("names").unwrap_or_default(),
        entrypoint: list("entrypoint"),
        command: list("command"),
        shell: node.get("shell").and_then(|shell| Shell::named(shell.text())).unwrap_or(Shell::Unknown),
        tags: node.get("tags").map(tags).unwrap_or_default(),
        version: match node.get("version").map(Node::text) {
            Some("alpine") => Some(Versioned::Alpine),
            Some("busybox") => Some(Versioned::BusyBox),
            _ => None,
        },
    }
}

/// The name of an image without registry, and its tag, empty if it has none.
fn name_and_tag(reference: &str) -> (&str, &str) {
    let reference = reference.trim().split('@').next().unwrap_or_default();
    let (path, tag) = match reference.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, tag),
        _ => (reference, ""),
    };
    let name = match path.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => rest,
        _ => path,
    };
    // Official images are in a folder of this name wherever they are mirrored.
    let name = if let Some((_, official)) = name.rsplit_once("library/") { official } else { name };
    (name, tag)
}

/// The first two numbers that a text begins with: `1.36.1-musl` is 1.36.
fn release(text: &str) -> Option<Release> {
    let mut numbers = text.split(|char: char| !char.is_ascii_digit());
    let (major, minor) = (numbers.next()?, numbers.next()?);
    let is_pair = text[major.len()..].starts_with('.');
    Some((major.parse().ok()?, minor.parse().ok()?)).filter(|_| is_pair)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::Image;
    use super::TABLE;
    use crate::source::Sources;
    use crate::yaml::Node;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    fn known(reference: &str) -> String {
        let image = Image::of(reference);
        let busybox = image.busybox.map_or(String::new(), |(major, minor)| format!(" {major}.{minor}"));
        format!("{}{busybox}", image.sh.name())
    }

    #[test]
    fn names_and_tags_tell_the_shell() {
        let expected = [
            ("busybox:1.28", "ash 1.28"),
            ("busybox", "ash"),
            ("busybox:latest", "ash"),
            ("busybox:1.36.1-musl", "ash 1.36"),
            ("docker.io/library/alpine:3.18@sha256:0123", "ash 1.36"),
            ("public.ecr.aws/docker/library/alpine:3.8.4", "ash 1.28"),
            ("localhost:5000/alpine", "ash"),
            ("python:3.12", "dash"),
            ("python:3.12-slim-bookworm", "dash"),
            ("python:3.11-alpine3.18", "ash 1.36"),
            ("node:20-alpine", "ash"),
            ("registry.example.com/team/app:2-alpine3.9", "ash 1.29"),
            ("registry.example.com/team/app:2", "unknown"),
            ("registry.example.com/team/python:3.12", "unknown"),
            ("registry.access.redhat.com/ubi9/ubi-minimal:9.4", "bash"),
            ("example.com/tools-rhubi8:1", "bash"),
            ("example.com/ubi8/tools:1", "unknown"),
            ("bitnami/postgresql:16.2.0-debian-12-r1", "dash"),
            ("bitnami/kubectl:1.29", "dash"),
            ("bitnami/kubectl:1.13-ol-7", "bash"),
            ("bitnami/kubectl:latest", "unknown"),
            ("bitnami/kubectl", "unknown"),
            ("gcr.io/distroless/static:nonroot", "none"),
            ("gcr.io/distroless/java17-debian12:debug", "ash"),
            ("curlimages/curl:8.5.0", "ash"),
            ("mysql:8.0", "unknown"),
            ("mysql:8.0-debian", "dash"),
            ("", "unknown"),
        ];
        for (reference, shell) in expected {
            assert_eq!(known(reference), shell, "{reference}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_whole_and_names_nothing_twice() {
        let sources = Arc::new(Sources::in_memory());
        let parsed = parse(&sources, sources.add("images.yaml", TABLE), Reader::Kubectl);
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        let root = parsed.tree.node(parsed.documents[0].root);
        let mut names = BTreeSet::new();
        for row in root.get("images").unwrap().items() {
            let fields: Vec<_> = row.fields().map(|(key, _)| key.text()).collect();
            let known = ["names", "entrypoint", "command", "shell", "tags", "version", "source"];
            assert!(fields.iter().all(|field| known.contains(field)), "{row:?}");
            assert!(row.get("source").is_some_and(|source| source.text().starts_with("https://")), "{row:?}");
            let shell = row.get("shell").map(Node::text);
            assert!(shell.is_none_or(|shell| ["dash", "ash", "bash", "none"].contains(&shell)), "{row:?}");
            for name in row.get("names").unwrap().items() {
                assert!(names.insert(name.text().to_owned()), "{name:?}");
            }
        }
        assert!(!names.is_empty());
    }
}
