//! Generated objects on their way into the build: added, or merged into what is there under the same name.

use crate::diagnostic::Diagnostic;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::folder::Folder;
use crate::render::kustomize::generator;
use crate::render::kustomize::generator::Behavior;
use crate::render::kustomize::generator::Generator;
use crate::render::kustomize::origin::Origin;
use crate::render::kustomize::set::Names;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::yaml::Node;

/// What a generator is to make.
pub(super) struct Order<'a> {
    pub(super) generator: Generator,
    pub(super) entry: Node<'a>,
    /// The options of all generators of the file.
    pub(super) global: Option<Node<'a>>,
    /// Who asks for it, if the build is to say so.
    pub(super) origin: Option<Origin>,
}

/// Makes an object. `names` are those of the set, once they are known.
pub(super) fn add(set: &mut Set, folder: &Folder<'_>, order: Order<'_>, names: &mut Option<Names>) -> Result<()> {
    let Order { generator, entry, global, origin } = order;
    let read = |node: Node<'_>, path: &str| folder.data(node, path);
    let made = generator::generate(&mut set.tree, generator, entry, global, read)?;
    let hash = made.needs_hash.then(|| entry.span());
    let draft = Draft { hash, origin, is_generated: true, ..Draft::new(made.root) };
    let names = names.get_or_insert_with(|| Names::of(set));
    let id = draft.id(&set.tree);
    match (names.matching(set, id).as_slice(), made.behavior) {
        ([], Behavior::Create) => {
            names.add(id.name, set.drafts.len());
            set.drafts.push(draft);
            Ok(())
        }
        ([], Behavior::Merge | Behavior::Replace) => {
            let what = format!("there is no `{id}` that this could be merged into or replace");
            Err(Diagnostic::error("generator", place(entry), what).help("leave `behavior` out to make it anew").into())
        }
        (&[index], Behavior::Create) => {
            let what = format!("there is a `{id}` already");
            let problem =
                Diagnostic::error("generator", place(entry), what).help("`behavior` can be `merge` or `replace`");
            Err(problem.related(place(set.object(&set.drafts[index])), "it is this one").into())
        }
        (&[index], behavior) => {
            let old = set.drafts[index].clone();
            generator::merge_generated(&mut set.tree, old.root, draft.root, behavior);
            let origin = match behavior {
                Behavior::Replace => draft.origin.or(old.origin),
                Behavior::Create | Behavior::Merge => old.origin.or(draft.origin),
            };
            set.drafts[index] = Draft { root: draft.root, hash: old.hash.and(draft.hash), origin, ..old };
            Ok(())
        }
        (&[first, second, ..], _) => {
            let what = format!("several resources are or were called `{id}`");
            let [first, second] = [first, second].map(|index| place(set.object(&set.drafts[index])));
            let problem = Diagnostic::error("generator", place(entry), what);
            Err(problem.related(first, "it may be this one").related(second, "or this one").into())
        }
    }
}
