//! Manifests as they stand in files or in a stream: what `kubectl apply -f` would send.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::render::Rendered;
use crate::render::Resource;
use crate::render::items_of_list;
use crate::render::resource_id;
use crate::source::SourceId;
use crate::yaml::As;
use crate::yaml::Files;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Reader;
use crate::yaml::Tree;
use crate::yaml::duplicate_keys;
use crate::yaml::keep_last_of_duplicates;
use crate::yaml::parse;

/// The objects of these files.
pub(super) fn manifests(paths: &[String], files: &Files) -> Rendered {
    let mut rendered = Rendered::default();
    for path in paths {
        match files.parsed(path) {
            Ok(parsed) => objects(&parsed, &mut rendered),
            Err(problem) => rendered.diagnostics.push(*problem),
        }
    }
    rendered
}

/// The objects of a stream.
pub(super) fn stream(source: SourceId, files: &Files) -> Rendered {
    let mut rendered = Rendered::default();
    objects(&parse(files.sources(), source, Reader::Kubectl), &mut rendered);
    rendered
}

fn objects(parsed: &Parsed, rendered: &mut Rendered) {
    rendered.diagnostics.extend(parsed.diagnostics.iter().cloned().chain(parsed.refused(As::Manifest)));
    let mut tree = Arc::clone(&parsed.tree);
    for document in &parsed.documents {
        let repeated = duplicate_keys(parsed.tree.node(document.root));
        if !repeated.is_empty() {
            rendered.diagnostics.extend(repeated.into_iter().map(last_one_wins));
            keep_last_of_duplicates(Arc::make_mut(&mut tree), document.root);
        }
    }
    for document in &parsed.documents {
        let root = tree.node(document.root);
        if !root.is_null() {
            object(&tree, root, rendered);
        }
    }
}

/// Adds an object, or the items of a list of objects.
fn object(tree: &Arc<Tree>, node: Node<'_>, rendered: &mut Rendered) {
    let id = match resource_id(node) {
        Ok(id) => id,
        Err(problem) => return rendered.diagnostics.push(*problem),
    };
    match items_of_list(node, &id) {
        Some(items) => items.items().for_each(|item| object(tree, item, rendered)),
        None => rendered.resources.push(Resource { id, tree: Arc::clone(tree), root: node.id() }),
    }
}

fn last_one_wins((earlier, later): (Node<'_>, Node<'_>)) -> Diagnostic {
    let (first, again) = (earlier.key().unwrap_or(earlier), later.key().unwrap_or(later));
    let what = format!("key `{}` stands twice in this mapping; kubectl takes the last one", again.text());
    Diagnostic::warning("duplicate-key", again.span(), what)
        .related(first.span(), "this one is ignored")
        .help("remove one of them: kustomize refuses to build such a file")
}
