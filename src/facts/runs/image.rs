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
    /// The version of its BusyBox.
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
    /// Whether the tag begins with the version of Alpine, or of BusyBox.
    tagged: Option<Tagged>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tagged {
    Alpine,
    BusyBox,
}

#[derive(Debug)]
struct Images {
    /// Which BusyBox a release of Alpine has.
    alpine: Vec<(Release, Release)>,
    /// What a part of a tag says about the shell.
    tags: Vec<(String, Shell)>,
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
        [Self::Dash, Self::Ash, Self::Bash, Self::None].into_iter().find(|shell| shell.name() == name)
    }
}

impl Image {
    /// What is known about the image of a reference such as `docker.io/library/alpine:3.18@sha256:…`.
    pub(in crate::facts) fn of(reference: &str) -> Self {
        let (name, tag) = name_and_tag(reference);
        let row = IMAGES.rows.iter().find(|row| row.names.iter().any(|own| own == name));
        let said = IMAGES.of_tag(tag);
        let sh = said.map_or(row.map_or(Shell::Unknown, |row| row.shell), |(shell, _)| shell);
        let version = release(tag);
        let busybox = match (row.and_then(|row| row.tagged), said) {
            (_, Some((Shell::Ash, alpine))) => alpine.and_then(|alpine| IMAGES.busybox_of(alpine)),
            (Some(Tagged::BusyBox), _) => version,
            (Some(Tagged::Alpine), _) => version.and_then(|alpine| IMAGES.busybox_of(alpine)),
            _ => None,
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
        let tags = root.get("tags").into_iter().flat_map(Node::fields);
        Self {
            alpine: alpine.filter_map(|(key, value)| Some((release(key.text())?, release(value.text())?))).collect(),
            tags: tags
                .flat_map(|(shell, parts)| parts.items().map(move |part| (part.text(), shell.text())))
                .filter_map(|(part, shell)| Some((part.to_owned(), Shell::named(shell)?)))
                .collect(),
            rows: root.get("images").into_iter().flat_map(Node::items).map(row).collect(),
        }
    }

    /// What a tag such as `3.11-alpine3.18` says about the shell, and the release of Alpine if it names one.
    fn of_tag(&self, tag: &str) -> Option<(Shell, Option<Release>)> {
        tag.split(['-', '_']).find_map(|part| {
            let is_version = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let said = self.tags.iter().find(|(word, _)| part.strip_prefix(word.as_str()).is_some_and(is_version));
            said.map(|(word, shell)| (*shell, (word == "alpine").then(|| release(&part[word.len()..])).flatten()))
        })
    }

    fn busybox_of(&self, alpine: Release) -> Option<Release> {
        self.alpine.iter().find(|(own, _)| *own == alpine).map(|(_, busybox)| *busybox)
    }
}

fn row(node: Node<'_>) -> Row {
    let list = |field| Some(node.get(field)?.items().map(|item: Node<'_>| item.text().to_owned()).collect());
    Row {
        names: list("names").unwrap_or_default(),
        entrypoint: list("entrypoint"),
        command: list("command"),
        shell: node.get("shell").and_then(|shell| Shell::named(shell.text())).unwrap_or(Shell::Unknown),
        tagged: match node.get("tag").map(Node::text) {
            Some("alpine") => Some(Tagged::Alpine),
            Some("busybox") => Some(Tagged::BusyBox),
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
