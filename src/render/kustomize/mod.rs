//! Kustomizations, built in process. So far: resources, strategic-merge patches and `namePrefix`.
//!
//! A field that is not understood yet is a diagnostic, and then the target is not judged at all: half
//! a build would give findings that aren't true.

pub mod generator;
pub mod hash;
pub mod replacement;

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kube::ResourceId;
use crate::kustomization::FILE_NAMES;
use crate::kustomization::is_remote;
use crate::patch::Merged;
use crate::patch::strategic_merge;
use crate::render::PIPE_IT_IN;
use crate::render::Rendered;
use crate::render::Resource;
use crate::render::items_of_list;
use crate::render::resource_id;
use crate::source::Span;
use crate::yaml::Files;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::duplicate_keys;
use crate::yaml::parse;

/// Kustomizations nested deeper than this are taken for a mistake.
const MAX_NESTING: usize = 64;

type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// Builds the kustomization whose file is at `path`.
pub(super) fn build(path: &str, files: &Files) -> Rendered {
    let mut build = Build { files, tree: Tree::new(Arc::clone(files.sources()), Reader::Kustomize) };
    let resources = build.kustomization(path, 0).and_then(|roots| {
        let ids: Result<Vec<_>> = roots.iter().map(|&root| resource_id(build.tree.node(root))).collect();
        Ok((roots, ids?))
    });
    match resources {
        Err(problem) => Rendered { resources: Vec::new(), diagnostics: vec![*problem] },
        Ok((roots, ids)) => {
            let tree = Arc::new(build.tree);
            // Objects for tools, not for the cluster, are left out of what kustomize prints.
            let deployed = roots.into_iter().zip(ids).filter(|(root, _)| !is_local_config(tree.node(*root)));
            let resources = deployed.map(|(root, id)| Resource { id, tree: Arc::clone(&tree), root });
            Rendered { resources: resources.collect(), diagnostics: Vec::new() }
        }
    }
}

/// The tree of one target while it is built.
struct Build<'a> {
    files: &'a Files,
    tree: Tree,
}

impl Build<'_> {
    /// The resources of one kustomization: those of its entries, then patched, then renamed.
    fn kustomization(&mut self, path: &str, depth: usize) -> Result<Vec<NodeId>> {
        let parsed = self.files.parsed(path)?;
        if let Some(problem) = parsed.diagnostics.first() {
            return Err(Box::new(problem.clone()));
        }
        let Some(document) = parsed.documents.first() else {
            let source = self.files.sources().read(path).map_err(Diagnostic::from)?;
            let span = Span::whole(source);
            return Err(Box::new(Diagnostic::error("empty-kustomization", span, "this kustomization is empty")));
        };
        let file = parsed.tree.node(document.root);
        if depth > MAX_NESTING {
            let what = format!("kustomizations are nested more than {MAX_NESTING} deep");
            return Err(Box::new(Diagnostic::error("kustomization-too-deep", file.span(), what)));
        }
        refuse_what_is_not_built_yet(file)?;
        refuse_what_kustomize_refuses(file)?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.one_file_only(folder, file)?;
        let mut resources = Vec::new();
        for entry in file.get("resources").into_iter().flat_map(Node::items) {
            resources.extend(self.resource_entry(folder, entry, depth)?);
        }
        self.refuse_duplicates(&resources)?;
        for entry in file.get("patches").into_iter().flat_map(Node::items) {
            self.patch_entry(folder, entry, &mut resources)?;
        }
        if let Some(prefix) = file.get("namePrefix") {
            self.name_prefix(prefix, &resources)?;
        }
        Ok(resources)
    }

    /// Refuses a folder with several kustomization files, as kustomize does.
    fn one_file_only(&self, folder: &str, file: Node<'_>) -> Result<()> {
        let at = |name: &&&str| self.files.sources().locate(&inside(folder, name)).is_ok();
        let there: Vec<&str> = FILE_NAMES.iter().filter(at).copied().collect();
        if let [first, second, ..] = there.as_slice() {
            let what = format!("this folder holds both `{first}` and `{second}`, and kustomize takes only one");
            return Err(Box::new(
                Diagnostic::error("several-kustomizations", file.span(), what).help("remove one of them"),
            ));
        }
        Ok(())
    }

    /// Refuses resources of the same identity, and those without a name.
    fn refuse_duplicates(&self, resources: &[NodeId]) -> Result<()> {
        let mut seen: HashMap<ResourceId, Node<'_>> = HashMap::new();
        for &root in resources {
            let object = self.tree.node(root);
            let mut id = resource_id(object)?;
            if object.at_path(&["metadata", "name"]).is_none() && !id.kind.ends_with("List") {
                let what = format!("this {} has no `metadata.name`, which kustomize needs", id.kind);
                return Err(Box::new(Diagnostic::error("nameless-resource", start(object), what)));
            }
            // Versions of one kind are told apart, an empty namespace and `default` are not.
            id.namespace.get_or_insert_with(|| "default".to_owned());
            if let Some(first) = seen.get(&id) {
                let what = format!("`{id}` is in this kustomization twice, which kustomize refuses");
                let problem = Diagnostic::error("duplicate-resource", start(object), what);
                return Err(Box::new(problem.related(start(*first), "it is here first")));
            }
            seen.insert(id, object);
        }
        Ok(())
    }

    fn resource_entry(&mut self, folder: &str, entry: Node<'_>, depth: usize) -> Result<Vec<NodeId>> {
        if is_remote(entry.text()) {
            let what = format!("remote resource `{}` is not fetched, so the target was not checked", entry.text());
            return Err(Box::new(Diagnostic::error("remote-resource", entry.span(), what).help(PIPE_IT_IN)));
        }
        let path = joined(folder, entry)?;
        let inside = FILE_NAMES.map(|name| inside(&path, name));
        if let Some(file) = inside.iter().find(|file| self.files.parsed(file).is_ok()) {
            return self.kustomization(file, depth + 1);
        }
        let parsed = self.files.parsed(&path).map_err(|problem| {
            let what = format!("resource `{}` cannot be read: {}", entry.text(), problem.message);
            Box::new(Diagnostic::error("unreadable-resource", entry.span(), what))
        })?;
        if let Some(problem) = parsed.diagnostics.first() {
            return Err(Box::new(problem.clone()));
        }
        let mut resources = Vec::new();
        for document in &parsed.documents {
            let object = parsed.tree.node(document.root);
            if object.is_null() {
                continue;
            }
            let id = resource_id(object)?;
            if let Some((earlier, later)) = duplicate_keys(object).first() {
                let (first, again) = (earlier.key().unwrap_or(*earlier), later.key().unwrap_or(*later));
                let what = format!("key `{}` stands twice in this mapping, which kustomize refuses", again.text());
                let problem = Diagnostic::error("duplicate-key", again.span(), what);
                return Err(Box::new(problem.related(first.span(), "it stands here first")));
            }
            match items_of_list(object, &id) {
                Some(items) => {
                    for item in items.items() {
                        resources.push(self.tree.copy(item, None));
                    }
                }
                None => resources.push(self.tree.copy(object, None)),
            }
        }
        Ok(resources)
    }

    fn patch_entry(&mut self, folder: &str, entry: Node<'_>, resources: &mut Vec<NodeId>) -> Result<()> {
        if let Some(field) = ["target", "options"].iter().find_map(|field| entry.get(field)) {
            return Err(not_built_yet(field.key().unwrap_or(field)));
        }
        let via = Via { what: "patch", span: entry.span() };
        let parsed = match (entry.get("path"), entry.get("patch")) {
            (Some(path), None) => self.files.parsed(&joined(folder, path)?)?,
            (None, Some(text)) => {
                let mut origins = crate::source::OriginMap::default();
                let span = crate::yaml::span_within(text, 0..text.text().len());
                origins.push(0, u32::try_from(text.text().len()).unwrap_or(u32::MAX), span);
                let source = self.files.sources().add_made("<inline patch>", text.text(), origins);
                Arc::new(parse(self.files.sources(), source, Reader::Kustomize))
            }
            _ => {
                let what = "a patch needs either `path` or `patch`";
                return Err(Box::new(Diagnostic::error("bad-patch", entry.span(), what)));
            }
        };
        if let Some(problem) = parsed.diagnostics.first() {
            return Err(Box::new(problem.clone()));
        }
        for document in &parsed.documents {
            let patch = parsed.tree.node(document.root);
            if patch.kind() == Kind::Sequence {
                return Err(not_built_yet(entry));
            }
            self.apply(patch, &via, resources)?;
        }
        Ok(())
    }

    fn apply(&mut self, patch: Node<'_>, via: &Via, resources: &mut Vec<NodeId>) -> Result<()> {
        let meant = resource_id(patch)?;
        let mut found = None;
        for (index, &root) in resources.iter().enumerate() {
            let id = resource_id(self.tree.node(root))?;
            let same_place =
                id.namespace.as_deref().unwrap_or("default") == meant.namespace.as_deref().unwrap_or("default");
            if id.api_version == meant.api_version && id.kind == meant.kind && id.name == meant.name && same_place {
                found = Some((index, root));
            }
        }
        let Some((index, root)) = found else {
            let what = format!("no resource of this kustomization is `{meant}`, which this patch is for");
            return Err(Box::new(
                Diagnostic::error("patch-without-target", patch.span(), what)
                    .related(via.span, "the patch is applied here"),
            ));
        };
        if strategic_merge(&mut self.tree, root, patch, via)? == Merged::Deleted {
            resources.remove(index);
        }
        Ok(())
    }

    fn name_prefix(&mut self, prefix: Node<'_>, resources: &[NodeId]) -> Result<()> {
        let [resource] = resources else {
            // References from one resource to another have to be renamed along.
            return Err(not_built_yet(prefix.key().unwrap_or(prefix)));
        };
        let Some(name) = self.tree.node(*resource).at_path(&["metadata", "name"]) else { return Ok(()) };
        let (id, text, span) = (name.id(), name.text().to_owned(), name.span());
        self.tree.compose(id, &[(prefix.text(), prefix.span()), (&text, span)]);
        Ok(())
    }
}

/// The path of an entry relative to the root of the repository.
fn joined(folder: &str, entry: Node<'_>) -> Result<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in entry.text().split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    let what = format!("`{}` leads out of the repository", entry.text());
                    return Err(Box::new(Diagnostic::error("outside-repository", entry.span(), what)));
                }
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// The key that an object starts with: enough to show which one is meant.
fn start(object: Node<'_>) -> Span {
    object.fields().next().map_or(object, |(key, _)| key).span()
}

fn is_local_config(object: Node<'_>) -> bool {
    let annotation = object.at_path(&["metadata", "annotations", "config.kubernetes.io/local-config"]);
    annotation.is_some_and(|value| value.text() != "false")
}

fn inside(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// What is wrong with the fields that are built.
fn refuse_what_kustomize_refuses(file: Node<'_>) -> Result<()> {
    let complain = |node: Node<'_>, what: String, help: &str| {
        Err(Box::new(Diagnostic::error("bad-kustomization", node.span(), what).help(help)))
    };
    let expected = [
        ("kind", &["Kustomization", "Component"][..]),
        ("apiVersion", &["kustomize.config.k8s.io/v1beta1", "kustomize.config.k8s.io/v1alpha1"][..]),
    ];
    for (field, words) in expected {
        if let Some(node) = file.get(field).filter(|node| !words.contains(&node.text())) {
            let what = format!("`{}` is no `{field}` of a kustomization", node.text());
            return complain(node, what, &format!("write `{}`, or leave it out", words[0]));
        }
    }
    for field in ["resources", "patches"] {
        if let Some(node) = file.get(field).filter(|node| node.kind() != Kind::Sequence) {
            let what = format!("`{field}` must be a list");
            return complain(node.key().unwrap_or(node), what, "list the entries, or leave the field out");
        }
    }
    Ok(())
}

fn refuse_what_is_not_built_yet(file: Node<'_>) -> Result<()> {
    let understood = ["apiVersion", "kind", "metadata", "resources", "patches", "namePrefix"];
    match file.fields().find(|(key, _)| !understood.contains(&key.text())) {
        Some((key, _)) => Err(not_built_yet(key)),
        None => Ok(()),
    }
}

fn not_built_yet(node: Node<'_>) -> Box<Diagnostic> {
    let what = "this part of a kustomization is not built yet, so the target was not checked";
    Box::new(Diagnostic::error("kustomization-not-built", node.span(), what).help(PIPE_IT_IN))
}
