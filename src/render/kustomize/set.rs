//! The resources that a build has so far, in the order they were added, in one tree.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kube::MergeSchema;
use crate::kube::is_known_to_kustomize;
use crate::render::account::Account;
use crate::render::event::Event;
use crate::render::kustomize::Result;
use crate::render::kustomize::config::TransformerConfig;
use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::draft::Id;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::Tree;

/// What accumulates while a kustomization is built: resources, and what is to be done to them later.
#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) tree: Tree,
    pub(super) drafts: Vec<Draft>,
    /// The fields that transformers change, as this kustomization and those below it say.
    pub(super) config: TransformerConfig,
    pub(super) vars: Vec<Var>,
    /// The folders of the kustomizations that went into it.
    pub(super) folders: BTreeSet<String>,
    /// By which rules lists are merged.
    pub(super) schema: Arc<MergeSchema>,
    /// How far kustomize has looked at its own schema for this.
    pub(super) looked: Looked,
    /// Whether something was renamed by a step that does not look for others of that name.
    pub(super) may_repeat: bool,
    /// What patches did that their authors may not have meant.
    pub(super) events: Vec<Event>,
    /// What else will be asked about.
    pub(super) account: Account,
}

/// How far kustomize has looked at the schema that is built into it. This is what a schema meets that a base or a
/// Component asks for: kustomize keeps one schema, to which every document that it reads is added, and reads none
/// before it has to (`kyaml/openapi/openapi.go`: `IsNamespaceScoped`, `initSchema`, `SetSchema`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Looked {
    /// Nothing was asked, or only for the scope of kinds that stand in a table beside the schema. It is never read
    /// then (`schemaNotParsed`).
    NotYet,
    /// The scope of another kind was asked for, as happens to each resource: the table does not tell, and the schema
    /// is noted to be read with the next one that is, behind that (`schemaParseDelayed`).
    Noted,
    /// A strategic merge has asked for the lists of a kind, and the schema was read; the next one is read behind it
    /// (`schemaParsed`).
    Read,
}

/// One var: a name, and where its value is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Var {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) span: Span,
}

impl Set {
    /// Nothing, in an empty tree.
    pub(super) fn empty(sources: &Arc<Sources>, schema: &Arc<MergeSchema>) -> Self {
        Self {
            tree: Tree::new(Arc::clone(sources), Reader::Kustomize),
            drafts: Vec::new(),
            config: TransformerConfig::default(),
            vars: Vec::new(),
            folders: BTreeSet::new(),
            schema: Arc::clone(schema),
            looked: Looked::NotYet,
            may_repeat: false,
            events: Vec::new(),
            account: Account::default(),
        }
    }

    /// The object of a resource.
    pub(super) fn object(&self, draft: &Draft) -> Node<'_> {
        self.tree.node(draft.root)
    }

    /// Adds the resources of another set, or copies of them where others use it too.
    pub(super) fn add_all(&mut self, other: &mut Arc<Self>) {
        let is_first = self.drafts.is_empty() && self.tree.is_empty();
        if is_first && let Some(own) = Arc::get_mut(other) {
            std::mem::swap(&mut self.tree, &mut own.tree);
            std::mem::swap(&mut self.drafts, &mut own.drafts);
        } else if is_first {
            // To clone a tree is to copy some vectors, which is many times quicker than to go from node to node.
            self.tree = other.tree.clone();
            self.drafts.clone_from(&other.drafts);
        } else {
            for draft in &other.drafts {
                let root = self.tree.copy(other.object(draft), None);
                self.drafts.push(Draft { root, ..draft.clone() });
            }
        }
        self.folders.extend(other.folders.iter().cloned());
        self.may_repeat |= other.may_repeat;
        self.looked = self.looked.max(other.looked);
        self.events.extend(other.events.iter().cloned());
        self.account.take_over(&other.account);
    }

    /// Remembers that kustomize has asked for the scope of the kinds of these resources.
    pub(super) fn look_at_kinds(&mut self, of: Range<usize>) {
        let is_known = |id: Id<'_>| is_known_to_kustomize(id.group, id.version, id.kind);
        let mut ids = self.drafts[of].iter().map(|draft| Id::of_kind(self.object(draft)));
        if self.looked == Looked::NotYet && !ids.all(is_known) {
            self.looked = Looked::Noted;
        }
    }

    /// Refuses two resources of the same id.
    pub(super) fn refuse_duplicates(&self) -> Result<()> {
        Ids::default().refuse_duplicates(self, &[])
    }

    /// Forgets the resources of which a patch has left nothing.
    pub(super) fn drop_empty(&mut self) {
        let tree = &self.tree;
        self.drafts.retain(|draft| {
            let object = tree.node(draft.root);
            !object.is_null() && object.children().next().is_some()
        });
    }
}

/// The ids of the resources of a set that only grows, so that each is looked at once.
#[derive(Default, Debug)]
pub(super) struct Ids {
    /// The place of each resource, by everything that tells it from others, joined by NUL.
    places: HashMap<String, usize>,
    seen: usize,
}

impl Ids {
    /// Takes in what was added to the set, and refuses it if something like it is there already. `asked` are the
    /// entries that the resources were taken in for, as far as that is known.
    pub(super) fn refuse_duplicates(&mut self, set: &Set, asked: &[Node<'_>]) -> Result<()> {
        self.places.reserve(set.drafts.len() - self.seen);
        for (index, draft) in set.drafts.iter().enumerate().skip(self.seen) {
            let object = set.object(draft);
            let id = Id::of(object);
            let key = [id.name, id.kind, id.effective_namespace(), id.group, id.version].join("\0");
            if let Some(earlier) = self.places.insert(key, index) {
                self.seen = index + 1;
                let what = format!("`{id}` is in this kustomization twice, which kustomize refuses");
                let first = place(set.object(&set.drafts[earlier]));
                if let (Some(first_entry), Some(entry)) = (asked.get(earlier), asked.get(index))
                    && first == place(object)
                {
                    return Err(taken_twice(what, [*first_entry, *entry], first));
                }
                let problem = Diagnostic::error("duplicate-resource", place(object), what);
                return Err(Box::new(problem.related(first, "it is here first")));
            }
        }
        self.seen = set.drafts.len();
        Ok(())
    }
}

/// Two entries that lead to one object: what is wrong is them, not what they lead to.
fn taken_twice(what: String, entries: [Node<'_>; 2], object: Span) -> Box<Diagnostic> {
    let [first, again] = entries;
    let help = if first.text() == again.text() {
        format!("`{}` is listed twice; remove one of the entries", again.text())
    } else {
        format!("`{}` and `{}` lead to the same file; take it in once", first.text(), again.text())
    };
    let problem =
        Diagnostic::error("duplicate-resource", again.span(), what).label("through this entry again").help(help);
    Box::new(problem.related(first.span(), "through this entry first").related(object, "both lead here"))
}

/// The resources of a set by name, to find one without looking at all of them.
#[derive(Debug)]
pub(super) struct Names {
    by_name: HashMap<String, Vec<usize>>,
}

impl Names {
    /// By everything that each resource was ever called.
    pub(super) fn of(set: &Set) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::with_capacity(set.drafts.len());
        for (index, draft) in set.drafts.iter().enumerate() {
            for id in draft.ids(&set.tree) {
                add(&mut by_name, id.name, index);
            }
        }
        Self { by_name }
    }

    /// The same for those of some names, which is quicker where few are asked for.
    pub(super) fn among(set: &Set, wanted: &HashSet<&str>) -> Self {
        let mut by_name = HashMap::new();
        let drafts = if wanted.is_empty() { &[][..] } else { &set.drafts };
        for (index, draft) in drafts.iter().enumerate() {
            for id in draft.ids(&set.tree).filter(|id| wanted.contains(id.name)) {
                add(&mut by_name, id.name, index);
            }
        }
        Self { by_name }
    }

    /// By what each resource was called before its last changes.
    pub(super) fn former(set: &Set) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::with_capacity(set.drafts.len());
        for (index, draft) in set.drafts.iter().enumerate() {
            for former in &draft.former {
                add(&mut by_name, &former.name, index);
            }
        }
        Self { by_name }
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The resources that have, or had, this name, in their order.
    pub(super) fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Those of them that are, or were, what `id` names.
    pub(super) fn matching(&self, set: &Set, id: Id<'_>) -> Vec<usize> {
        let named = self.named(id.name).iter().copied();
        named.filter(|&index| set.drafts[index].ids(&set.tree).any(|known| known.is_same(id))).collect()
    }

    /// Adds a resource that has joined the set.
    pub(super) fn add(&mut self, name: &str, index: usize) {
        add(&mut self.by_name, name, index);
    }
}

fn add(by_name: &mut HashMap<String, Vec<usize>>, name: &str, index: usize) {
    match by_name.get_mut(name) {
        Some(known) if known.last() == Some(&index) => {}
        Some(known) => known.push(index),
        None => {
            by_name.insert(name.to_owned(), vec![index]);
        }
    }
}

/// The key that an object starts with: enough to show which one is meant.
pub(super) fn place(object: Node<'_>) -> Span {
    object.fields().next().map_or(object, |(key, _)| key).span()
}
