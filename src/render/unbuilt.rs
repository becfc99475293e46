//! What could not be built of a target, as far as that can be told: what it would have held may be what others
//! refer to. Why is told by diagnostics.

use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::discover::Target;
use crate::discover::TargetKind;
use crate::discover::paths;
use crate::kube::ResourceId;
use crate::kustomization::FILE_NAMES;
use crate::kustomization::Kustomization;
use crate::kustomization::Role;
use crate::render::Rendered;
use crate::source::Place;
use crate::source::SourceId;
use crate::yaml::Files;
use crate::yaml::Node;

/// What is not among the resources of a target though it is part of it.
#[derive(Clone, Default, Debug)]
pub struct Unbuilt {
    /// The namespaces that anything may be in; none for any.
    pub namespaces: Vec<Option<String>>,
    /// The objects that it was to be built from, if all of them are known, and whether they get other names.
    pub objects: Vec<(ResourceId, bool)>,
    /// The files that could not be read to their end.
    pub files: Vec<SourceId>,
}

/// What `rendered` shows not to be built of `target`.
pub(super) fn of(target: &Target, rendered: &Rendered, files: &Files) -> Unbuilt {
    let mut unbuilt = Unbuilt::default();
    let mut problems = rendered.diagnostics.iter().filter(|problem| hides_something(problem)).peekable();
    if problems.peek().is_none() {
        return unbuilt;
    }
    match &target.kind {
        TargetKind::Kustomization(path) => {
            let (open, seen) = (vec![path.clone()], HashSet::new());
            let found = Unbuilt::default();
            let mut trace = Trace { files, open, seen, is_renamed: false, is_moved: false, found };
            let namespace = namespace_of(path, files);
            match trace.follow() {
                Some(()) => unbuilt = trace.objects(namespace.as_deref()),
                None => unbuilt.namespaces.push(namespace),
            }
        }
        TargetKind::Chart(_) => unbuilt.namespaces.push(None),
        TargetKind::Manifests(_) | TargetKind::Stream(_) => {
            for file in problems.map(|problem| problem.primary.span.source) {
                if unbuilt.files.last() != Some(&file) {
                    unbuilt.files.push(file);
                }
            }
        }
    }
    unbuilt
}

/// Whether there may be objects that the problem keeps from being seen. What is none defines nothing.
fn hides_something(problem: &Diagnostic) -> bool {
    problem.severity == Severity::Error && problem.code != "not-a-resource"
}

/// The namespace that a kustomization puts everything into.
fn namespace_of(path: &str, files: &Files) -> Option<String> {
    let parsed = files.parsed(path).ok()?;
    let root = parsed.tree.node(parsed.documents.first()?.root);
    root.get_str("namespace").filter(|namespace| !namespace.is_empty()).map(str::to_owned)
}

/// How many files of one kustomization are looked at.
const MAX_FILES: usize = 1_000;

/// A search for what a kustomization is built from. None as an answer: anything may be part of it.
struct Trace<'f> {
    files: &'f Files,
    /// The kustomizations that are still to be looked at, and all files that were, since some lead back to themselves.
    open: Vec<String>,
    seen: HashSet<String>,
    /// Whether some of the names, or namespaces, are changed on the way.
    is_renamed: bool,
    is_moved: bool,
    found: Unbuilt,
}

impl Trace<'_> {
    /// What was found, for a kustomization that puts everything into this namespace.
    fn objects(mut self, namespace: Option<&str>) -> Unbuilt {
        for (id, is_renamed) in &mut self.found.objects {
            *is_renamed |= self.is_renamed;
            if namespace.is_some() || self.is_moved {
                id.namespace = namespace.map(str::to_owned);
            }
        }
        self.found
    }

    fn follow(&mut self) -> Option<()> {
        while let Some(path) = self.open.pop() {
            if self.seen.insert(path.clone()) {
                self.kustomization(&path)?;
            }
            if self.seen.len() > MAX_FILES {
                return None;
            }
        }
        Some(())
    }

    fn kustomization(&mut self, path: &str) -> Option<()> {
        let parsed = self.files.parsed(path).ok()?;
        let kustomization = Kustomization::of(&parsed).filter(|_| !has_error(&parsed.diagnostics))?;
        let has = |name: &str| kustomization.get(name).is_some();
        // A replacement or a patch with options may give any name.
        let patches = kustomization.get("patches").into_iter().flat_map(Node::items);
        if has("replacements") || patches.into_iter().any(|patch| patch.get("options").is_some()) {
            return None;
        }
        self.is_renamed |= has("namePrefix") || has("nameSuffix");
        self.is_moved |= has("namespace");
        for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for entry in kustomization.get(field).into_iter().flat_map(Node::items) {
                let namespace = entry.get_str("namespace").map(str::to_owned);
                let (name, api_version) = (entry.get_str("name")?.to_owned(), "v1".to_owned());
                self.found.objects.push((ResourceId { api_version, kind: kind.to_owned(), namespace, name }, true));
            }
        }
        for reference in kustomization.references() {
            match reference.role {
                Role::Resource | Role::Component if !reference.is_remote() => {
                    self.resource(&paths::join(paths::folder(path), &reference.path)?)?;
                }
                Role::Patch | Role::Data | Role::Configuration => {}
                _ => return None,
            }
        }
        Some(())
    }

    fn resource(&mut self, path: &str) -> Option<()> {
        match self.files.sources().locate(path).ok()? {
            Place::File(path) => self.file(&path),
            Place::Folder(folder) => {
                let is_there = |path: &String| self.files.sources().locate(path).is_ok();
                self.open.push(FILE_NAMES.iter().map(|name| paths::inside(&folder, name)).find(is_there)?);
                Some(())
            }
        }
    }

    /// The objects of a file. One that can't be read to its end has more, whose names are among its words.
    fn file(&mut self, path: &str) -> Option<()> {
        if !self.seen.insert(path.to_owned()) || self.seen.len() > MAX_FILES {
            return (self.seen.len() <= MAX_FILES).then_some(());
        }
        let parsed = self.files.parsed(path).ok()?;
        if has_error(&parsed.diagnostics) {
            self.found.files.push(self.files.sources().read(path).ok()?);
        }
        for document in &parsed.documents {
            let root = parsed.tree.node(document.root);
            let is_list = root.get_str("kind").is_some_and(|kind| kind.ends_with("List"));
            let items = root.get("items").filter(|_| is_list).into_iter().flat_map(Node::items);
            for object in items.chain((!is_list).then_some(root)) {
                let of_metadata = |key: &str| object.get("metadata")?.get_str(key).map(str::to_owned);
                let (Some(kind), Some(name)) = (object.get_str("kind"), of_metadata("name")) else { continue };
                let id = ResourceId {
                    api_version: object.get_str("apiVersion").unwrap_or_default().to_owned(),
                    kind: kind.to_owned(),
                    namespace: of_metadata("namespace"),
                    name,
                };
                self.found.objects.push((id, false));
            }
        }
        Some(())
    }
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|problem| problem.severity == Severity::Error)
}
