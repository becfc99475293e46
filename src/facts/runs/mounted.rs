//! The files that a container has from ConfigMaps and Secrets of the target, by the paths at which it sees them.
//!
//! What other volumes and the image hold is not known here, and a mount of one hides what lies below its path.

use std::collections::HashMap;
use std::rc::Rc;

use crate::facts::kept::normal;
use crate::facts::runs::environment::Environment;
use crate::facts::runs::objects;
use crate::facts::runs::objects::CONFIG_MAP;
use crate::facts::runs::objects::ObjectKind;
use crate::facts::runs::objects::SECRET;
use crate::facts::runs::text::Text;
use crate::facts::runs::value::Value;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::model::Container;
use crate::model::Pod;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// Where a container finds the namespace of its pod, beside the token of its ServiceAccount.
const NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// How many files of one container are listed.
const MAX_FILES: usize = 5_000;

/// What is mounted in one container.
pub(in crate::facts) struct Mounted<'a> {
    mounts: Vec<Mount<'a>>,
    /// Whether something is mounted where nobody knows.
    open: bool,
    /// The namespace, if the token is mounted.
    namespace: Option<Value>,
}

struct Mount<'a> {
    at: String,
    /// The path within the volume; none if it can't be known.
    inside: Option<String>,
    /// What the volume is made of; none if of something else than ConfigMaps and Secrets.
    sources: Option<Rc<[Source<'a>]>>,
}

/// A volume that several mounts may show.
enum Volume<'a> {
    Unread(Node<'a>),
    Read(Option<Rc<[Source<'a>]>>),
}

/// One ConfigMap or Secret in a volume; or something else in one that has those as well.
struct Source<'a> {
    /// None if the target does not have it.
    object: Option<&'a Resource>,
    /// The keys and paths, if not all keys are shown as they are called.
    items: Option<Vec<Node<'a>>>,
}

/// What is at a path.
#[derive(Clone, Debug)]
pub(in crate::facts) enum Found<'a> {
    /// A file, with its text.
    File(Text<'a>),
    /// A folder of such files.
    Folder,
    /// Nothing, though an object of the target is mounted there.
    Missing,
    /// Perhaps something: what is mounted there is not in the target.
    Unknown,
    /// Something of the image or of another volume, or nothing.
    Elsewhere,
}

impl<'a> Mounted<'a> {
    pub(super) fn of(
        around: &Surroundings<'a>,
        resource: &'a Resource,
        pod: Pod<'a>,
        container: Container<'a>,
        environment: &Environment<'a>,
    ) -> Self {
        let namespace = resource.id.namespace.as_deref();
        let mut volumes = HashMap::new();
        for volume in pod.volumes() {
            let name = volume.get("name").map_or("", Node::text);
            volumes.entry(name).or_insert(Volume::Unread(volume));
        }
        let has_token = has_token(around, namespace, pod);
        let namespace_value = has_token.then(|| environment.namespace_value());
        let mut mounted = Self { mounts: Vec::new(), open: false, namespace: namespace_value };
        for mount in container.list("volumeMounts") {
            let at = mount.get("mountPath").filter(|path| !path.is_unknown()).and_then(|path| normal("/", path.text()));
            let Some(at) = at else {
                mounted.open = true;
                continue;
            };
            let name = mount.get("name").filter(|name| !name.is_unknown());
            let volume = name.and_then(|name| volumes.get_mut(name.text()));
            let sources = volume.and_then(|volume| volume.sources(around, namespace));
            mounted.mounts.push(Mount { at, inside: inside(mount, environment), sources });
        }
        mounted
    }

    /// What is at an absolute path.
    pub(in crate::facts) fn at(&self, path: &str) -> Found<'a> {
        let Some(path) = normal("/", path) else { return Found::Elsewhere };
        let mount = self.mounts.iter().filter(|mount| is_below(&path, &mount.at)).max_by_key(|mount| mount.at.len());
        let Some(mount) = mount else {
            return if self.open { Found::Unknown } else { Found::Elsewhere };
        };
        let Some(sources) = &mount.sources else { return Found::Elsewhere };
        let inside = mount.inside.as_deref().and_then(|inside| {
            let rest = path[mount.at.len().min(path.len())..].trim_start_matches('/');
            normal(inside, rest)
        });
        let Some(inside) = inside else { return Found::Unknown };
        let name = inside.trim_start_matches('/');
        // What comes later replaces what came before.
        let mut best = Found::Missing;
        for source in sources.iter().rev() {
            match source.find(name) {
                Found::Missing => {}
                Found::Unknown => best = Found::Unknown,
                found => return found,
            }
        }
        best
    }

    /// The file at an absolute path, if it is one of the target.
    pub(in crate::facts) fn script_at(&self, path: &str) -> Option<Text<'a>> {
        match self.at(path) {
            Found::File(text) => Some(text),
            _ => None,
        }
    }

    /// All files of the target that are mounted, by the paths within their volumes.
    pub(in crate::facts) fn files(&self) -> Vec<(&'a str, Text<'a>)> {
        let mut files = Vec::new();
        for mount in &self.mounts {
            let sources = mount.sources.iter().flat_map(|sources| sources.iter());
            for (path, object, key) in sources.flat_map(Source::files) {
                let is_shown = |inside: &str| is_below(&format!("/{path}"), inside);
                if files.len() < MAX_FILES && mount.inside.as_deref().is_none_or(is_shown) {
                    files.extend(objects::entry(object, key, true).map(|text| (path, text)));
                }
            }
        }
        files
    }

    /// What `cat` of an absolute path prints, as far as that is known.
    pub(in crate::facts) fn content(&self, path: &str) -> Option<Value> {
        match self.at(path) {
            Found::File(text) => Some(text.value()),
            Found::Elsewhere if normal("/", path)? == NAMESPACE => self.namespace.clone(),
            _ => None,
        }
    }
}

impl<'a> Volume<'a> {
    /// What it is made of; none if of something else than ConfigMaps and Secrets.
    fn sources(&mut self, around: &Surroundings<'a>, namespace: Option<&str>) -> Option<Rc<[Source<'a>]>> {
        if let Self::Unread(volume) = *self {
            *self = Self::Read(sources(around, namespace, volume).map(Rc::from));
        }
        match self {
            Self::Read(sources) => sources.clone(),
            Self::Unread(_) => None,
        }
    }
}

impl<'a> Source<'a> {
    /// Its files: the path, the object, and the key there.
    fn files(&self) -> Vec<(&'a str, &'a Resource, &'a str)> {
        let Some(object) = self.object else { return Vec::new() };
        let Some(items) = &self.items else {
            return objects::keys(object).into_iter().map(|key| (key, object, key)).collect();
        };
        let item = |item: &Node<'a>| Some((item.get("path")?.text(), object, item.get("key")?.text()));
        items.iter().filter_map(item).collect()
    }

    /// What this source has at a path within the volume.
    fn find(&self, path: &str) -> Found<'a> {
        if path.is_empty() {
            return Found::Folder;
        }
        let Some(items) = &self.items else {
            let Some(object) = self.object else { return Found::Unknown };
            return match objects::entry(object, path, true) {
                Some(text) => Found::File(text),
                None => Found::Missing,
            };
        };
        for item in items {
            let Some(own) = item.get("path").and_then(|own| normal("/", own.text())) else { return Found::Unknown };
            let own = own.trim_start_matches('/');
            if own.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')) {
                return Found::Folder;
            }
            if own != path {
                continue;
            }
            let (Some(object), Some(key)) = (self.object, item.get("key")) else { return Found::Unknown };
            return match objects::entry(object, key.text(), true) {
                Some(text) => Found::File(text),
                None => Found::Missing,
            };
        }
        Found::Missing
    }
}

/// The path within its volume that a mount shows.
fn inside(mount: Node<'_>, environment: &Environment<'_>) -> Option<String> {
    if let Some(path) = mount.get("subPathExpr") {
        let text = Text::of_kubelet(path, |name| environment.in_command(name));
        return normal("/", text.literal()?);
    }
    match mount.get("subPath") {
        Some(path) if path.is_unknown() => None,
        path => normal("/", path.map_or("", Node::text)),
    }
}

/// The ConfigMaps and Secrets of a volume; none if it has other things.
fn sources<'a>(around: &Surroundings<'a>, namespace: Option<&str>, volume: Node<'a>) -> Option<Vec<Source<'a>>> {
    let kinds = [("configMap", CONFIG_MAP, "name"), ("secret", SECRET, "secretName")];
    for (field, kind, name) in kinds {
        if let Some(source) = volume.get(field).filter(|source| !source.is_null()) {
            return Some(vec![of_object(around, namespace, kind, source.get(name), source)]);
        }
    }
    let projected = volume.get("projected")?;
    let mut all = Vec::new();
    for source in projected.get("sources").into_iter().flat_map(Node::items) {
        let known = kinds.iter().find_map(|(field, kind, _)| Some((*kind, source.get(field)?)));
        all.push(match known {
            Some((kind, source)) => of_object(around, namespace, kind, source.get("name"), source),
            None => Source { object: None, items: None },
        });
    }
    Some(all)
}

fn of_object<'a>(
    around: &Surroundings<'a>,
    namespace: Option<&str>,
    kind: ObjectKind,
    name: Option<Node<'a>>,
    source: Node<'a>,
) -> Source<'a> {
    let object = name.and_then(|name| objects::find(around, namespace, kind, name));
    Source { object, items: source.get("items").map(|items| items.items().collect()) }
}

/// Whether the token of the pod's ServiceAccount is mounted: the pod says so, or the account, or nobody.
fn has_token(around: &Surroundings<'_>, namespace: Option<&str>, pod: Pod<'_>) -> bool {
    let says = |node: Node<'_>| match node.get("automountServiceAccountToken")?.scalar() {
        Some(Scalar::Bool(says)) => Some(says),
        _ => None,
    };
    let name = pod.spec.get_str("serviceAccountName").unwrap_or("default");
    let is_it = |other: &&Resource| {
        other.id.kind == "ServiceAccount" && other.id.group().is_empty() && is_near(namespace, other)
    };
    let account = || says(around.named(name).find(is_it)?.node());
    says(pod.spec).or_else(account).unwrap_or(true)
}

fn is_below(path: &str, base: &str) -> bool {
    base == "/" || path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
