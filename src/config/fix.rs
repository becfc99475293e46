//! What `fix:` says: how wait-for init containers are written, and what they ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::CODE;
use crate::config::Setting;
use crate::diagnostic::Diagnostic;
use crate::yaml::Field;
use crate::yaml::Fields;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Shape;

/// The longest that anything is waited for: an hour.
const MAX_SECONDS: u64 = 3_600;

/// What `fix` says. What is not given is left to whoever writes the waits.
#[derive(Clone, Default, Debug)]
pub struct FixSetting {
    /// The image of wait-for init containers.
    pub image: Option<String>,
    /// The images of those that ask by a protocol, by what it is called.
    pub images: BTreeMap<String, String>,
    /// What Services are asked, by their name or port.
    pub checks: BTreeMap<String, Check>,
    /// The folder of a Component for waits.
    pub component: Option<String>,
    /// Whether each wait has an init container of its own.
    pub is_each_alone: Option<bool>,
    /// How long those of a pod wait, in seconds.
    pub timeout: Option<u64>,
    /// How long one try may take, in seconds.
    pub try_timeout: Option<u64>,
    /// How long they sleep between two tries, in seconds.
    pub pause: Option<u64>,
    /// Their `resources`.
    pub resources: Option<Setting>,
    /// Their `securityContext`.
    pub security_context: Option<Setting>,
}

/// What a Service is asked to see whether it is there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub enum Check {
    /// Whether somebody listens.
    #[default]
    Tcp,
    /// Whether a path, or the best that is known, is answered with success.
    Http(Option<String>),
    /// Whether PostgreSQL takes connections.
    Postgres,
    /// Whether Redis answers.
    Redis,
}

impl Check {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Http(_) => "http",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }

    /// Reads `tcp`, `http`, `http /path`, `postgres` or `redis`.
    pub fn read(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%?=&+,:@".contains(&byte);
        match text.split_once(' ').map(|(word, rest)| (word, rest.trim())) {
            Some(("http", path)) => {
                let is_path = path.starts_with('/') && path.bytes().all(is_plain);
                is_path.then(|| Self::Http(Some(path.to_owned())))
            }
            Some(_) => None,
            None => match text {
                "tcp" => Some(Self::Tcp),
                "http" => Some(Self::Http(None)),
                "postgres" => Some(Self::Postgres),
                "redis" => Some(Self::Redis),
                _ => None,
            },
        }
    }
}

/// The form of `fix:`.
pub(super) const FORM: Fields = Fields {
    name: "Fix",
    fields: &[
        Field::optional(
            "image",
            &Shape::String,
            "the image, which needs `sh` and a BusyBox `nc`; busybox:1.37.0 if not given",
        ),
        Field::optional(
            "images",
            &Shape::Fields(&IMAGES),
            "the images of those that ask by a protocol, each with `sh` and the client",
        ),
        Field::optional(
            "checks",
            &Shape::Map(&Shape::String),
            "what a Service is asked, by its name or port: `tcp`, `http`, `http /path`, `postgres` or `redis`; tcp if not given",
        ),
        Field::optional(
            "component",
            &Shape::String,
            "the folder, from the root of the repository, of the Component that `--into component` writes; \
             `components/waits` beside what uses it if not given",
        ),
        Field::optional(
            "containers",
            &Shape::OneOf(&["one", "each"]),
            "one init container for all Services that a workload waits for, or one for each; one if not given",
        ),
        Field::optional(
            "timeoutSeconds",
            &Shape::Integer,
            "how long the new init containers of a pod wait in all before one of them fails; 300 if not given",
        ),
        Field::optional("tryTimeoutSeconds", &Shape::Integer, "how long one try may take; 2 if not given"),
        Field::optional("pauseSeconds", &Shape::Integer, "how long is slept between two tries; 2 if not given"),
        Field::optional("resources", &Shape::Map(&Shape::Any), "the `resources` of the container"),
        Field::optional("securityContext", &Shape::Map(&Shape::Any), "the `securityContext` of the container"),
    ],
};

const IMAGES: Fields = Fields {
    name: "Images",
    fields: &[
        Field::optional("postgres", &Shape::String, "with `pg_isready`; postgres:17-alpine if not given"),
        Field::optional("redis", &Shape::String, "with `redis-cli`; redis:7-alpine if not given"),
    ],
};

/// Reads `fix:`.
pub(super) fn read(file: &Arc<Parsed>, fix: Node<'_>, problems: &mut Vec<Diagnostic>) -> FixSetting {
    // A wait that takes no time at all would be none, and one of days helps nobody.
    let mut seconds = |key: &str| {
        let node = fix.get(key)?;
        let seconds = node.text().parse().ok().filter(|seconds| (1..=MAX_SECONDS).contains(seconds));
        if seconds.is_none() {
            let what = format!("`{key}` must be a number of seconds from 1 to {MAX_SECONDS}");
            problems.push(Diagnostic::error(CODE, node.span(), what));
        }
        seconds
    };
    let (timeout, try_timeout, pause) =
        (seconds("timeoutSeconds"), seconds("tryTimeoutSeconds"), seconds("pauseSeconds"));
    let setting = |key: &str| fix.get(key).map(|node| Setting { file: Arc::clone(file), node: node.id() });
    let images = fix.get("images").into_iter().flat_map(Node::fields);
    let mut checks = BTreeMap::new();
    for (key, value) in fix.get("checks").into_iter().flat_map(Node::fields) {
        let Some(check) = Check::read(value.text()) else {
            let problem = format!("`{}` is nothing that a Service can be asked", value.text());
            let problem = Diagnostic::error(CODE, value.span(), problem);
            problems.push(problem.help("write `tcp`, `http`, `http /path`, `postgres` or `redis`"));
            continue;
        };
        checks.insert(key.text().to_owned(), check);
    }
    let component = fix.get("component").map(|node| (node.text().trim_end_matches('/').to_owned(), node.span()));
    let component = component.filter(|(folder, span)| {
        let is_below = folder.split('/').all(|part| !["", ".", ".."].contains(&part));
        if !is_below {
            let what = format!("`{folder}` is no folder below the root of the repository");
            problems.push(Diagnostic::error(CODE, *span, what).help("write a path such as `components/waits`"));
        }
        is_below
    });
    let component = component.map(|(folder, _)| folder);
    FixSetting {
        image: fix.get("image").map(|node| node.text().to_owned()),
        images: images.map(|(key, image)| (key.text().to_owned(), image.text().to_owned())).collect(),
        checks,
        component,
        is_each_alone: fix.get("containers").map(|node| node.text() == "each"),
        timeout,
        try_timeout,
        pause,
        resources: setting("resources"),
        security_context: setting("securityContext"),
    }
}
