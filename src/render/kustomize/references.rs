//! Fields that name another resource, set to the name that it has at the end of the build.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::kube::FieldSpec;
use crate::kube::NameReference;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::fields;
use crate::render::kustomize::fields::Field;
use crate::render::kustomize::set::Names;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::render::kustomize::stems::Stems;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;

/// Follows every rule for references in every resource.
pub(super) fn follow(set: &mut Set, rules: &[NameReference]) -> Result<()> {
    let names = Names::former(set);
    if names.is_empty() {
        return Ok(());
    }
    let mut first_namespaces: HashSet<String> = HashSet::new();
    for draft in &set.drafts {
        let namespace = draft.first_id(&set.tree).effective_namespace();
        if !first_namespaces.contains(namespace) {
            first_namespaces.insert(namespace.to_owned());
        }
    }
    let by_kind = ByKind::of(rules);
    let mut of_kind = Vec::new();
    for referrer in 0..set.drafts.len() {
        let draft = &set.drafts[referrer];
        let (object, id) = (set.object(draft), draft.first_id(&set.tree));
        let bound = bound_namespaces(object);
        let rules = by_kind.rules(id.kind);
        let is_there = rules.stems.in_object(object);
        of_kind.clear();
        of_kind.extend(rules.rules.iter().filter(|(_, field, stem)| is_there[*stem] && field.is_of(id)));
        for (rule, field, _) in &of_kind {
            let first_namespaces = &first_namespaces;
            Following { names: &names, first_namespaces, referrer, bound: &bound, rule, field }.field(set)?;
        }
    }
    Ok(())
}

/// The rules by the kind of whatever refers, in their order.
struct ByKind<'r> {
    kinds: HashMap<&'r str, Rules<'r>>,
    any: Rules<'r>,
}

/// The rules for one kind.
#[derive(Default)]
struct Rules<'r> {
    /// What is referred to, a field that does it, and the place of its stem.
    rules: Vec<(&'r NameReference, Field<'r>, usize)>,
    stems: Stems<'r>,
}

impl<'r> Rules<'r> {
    fn of(rules: impl Iterator<Item = (&'r NameReference, &'r FieldSpec)>) -> Self {
        let (rules, specs): (Vec<_>, Vec<_>) = rules.unzip();
        let (stems, places) = Stems::of(&specs);
        let rules = rules.into_iter().zip(specs).zip(places);
        Self { rules: rules.map(|((rule, spec), place)| (rule, Field::of(spec), place)).collect(), stems }
    }
}

impl<'r> ByKind<'r> {
    fn of(rules: &'r [NameReference]) -> Self {
        let all = || rules.iter().flat_map(|rule| rule.referrers.iter().map(move |spec| (rule, spec)));
        let any = |spec: &FieldSpec| spec.kind.is_empty();
        let mut kinds = HashMap::new();
        for (_, spec) in all().filter(|(_, spec)| !any(spec)) {
            kinds
                .entry(spec.kind.as_ref())
                .or_insert_with(|| Rules::of(all().filter(|(_, other)| any(other) || other.kind == spec.kind)));
        }
        Self { kinds, any: Rules::of(all().filter(|(_, spec)| any(spec))) }
    }

    fn rules(&self, kind: &str) -> &Rules<'r> {
        self.kinds.get(kind).unwrap_or(&self.any)
    }
}

/// One rule at work on one resource.
struct Following<'a> {
    names: &'a Names,
    /// The namespaces that resources were in at first.
    first_namespaces: &'a HashSet<String>,
    referrer: usize,
    /// The namespaces of the ServiceAccounts that the resource binds to a role.
    bound: &'a [String],
    rule: &'a NameReference,
    field: &'a Field<'a>,
}

impl Following<'_> {
    fn field(&self, set: &mut Set) -> Result<()> {
        let root = set.drafts[self.referrer].root;
        let mut found: Vec<NodeId> = Vec::new();
        self.field.each(&mut set.tree, root, None, &mut |_, field| {
            found.push(field);
            Ok(())
        })?;
        found.into_iter().try_for_each(|field| self.node(set, field))
    }

    fn node(&self, set: &mut Set, field: NodeId) -> Result<()> {
        let node = set.tree.node(field);
        match node.kind() {
            Kind::Scalar if node.is_null() => Ok(()),
            Kind::Scalar => self.scalar(set, field),
            Kind::Mapping => self.mapping(set, field),
            Kind::Sequence => {
                let items: Vec<NodeId> = node.items().map(Node::id).collect();
                items.into_iter().try_for_each(|item| self.node(set, item))
            }
        }
    }

    /// A field that is a name.
    fn scalar(&self, set: &mut Set, field: NodeId) -> Result<()> {
        let old = set.tree.node(field).text().to_owned();
        let named = self.names.named(&old);
        if named.is_empty() {
            return Ok(());
        }
        let is_same = |one: Id<'_>, other: Id<'_>| one.name == other.name;
        let Some(target) = self.choose(set, field, &old, named.to_vec(), is_same)? else { return Ok(()) };
        if set.drafts[target].id(&set.tree).name != old {
            take_name(&mut set.tree, field, set.drafts[target].root);
        }
        Ok(())
    }

    /// A field that holds a name and perhaps a namespace, both of which may have changed.
    fn mapping(&self, set: &mut Set, field: NodeId) -> Result<()> {
        let node = set.tree.node(field);
        let Some(name) = node.get("name") else {
            let what =
                format!("the path `{}` of a name reference leads here, where there is no `name`", self.field.spec.path);
            return Err(Diagnostic::error("field-path", place(node), what).into());
        };
        let (old, name_field) = (name.text().to_owned(), name.id());
        let namespace = node.get("namespace").map(|namespace| namespace.text().to_owned());
        let named = self.names.named(&old).to_vec();
        let candidates = match namespace {
            None => named,
            Some(namespace) => self.in_namespace(set, &named, &namespace),
        };
        let is_same = |one: Id<'_>, other: Id<'_>| one.name == other.name && one.namespace == other.namespace;
        let Some(target) = self.choose(set, name_field, &old, candidates, is_same)? else { return Ok(()) };
        let root = set.drafts[target].root;
        let new = Id::of(set.tree.node(root));
        let namespace = new.namespace.to_owned();
        if new.name == old && namespace.is_empty() {
            return Ok(());
        }
        if new.name != old {
            take_name(&mut set.tree, name_field, root);
        }
        if !namespace.is_empty() {
            let written = set.tree.node(root).at_path(&["metadata", "namespace"]);
            let by = written.map_or(set.tree.node(root).span(), Node::span);
            let via = Via { what: "reference", span: place(set.tree.node(root)) };
            fields::set_entry(&mut set.tree, field, "namespace", &namespace, by, &via)?;
        }
        Ok(())
    }

    /// The one resource that is meant by a name, of those that once had it.
    fn choose(
        &self,
        set: &Set,
        field: NodeId,
        old: &str,
        mut candidates: Vec<usize>,
        is_same: impl Fn(Id<'_>, Id<'_>) -> bool,
    ) -> Result<Option<usize>> {
        let tree = &set.tree;
        let referrer = &set.drafts[self.referrer];
        let role = self.role(tree.node(referrer.root));
        candidates.retain(|&index| {
            let draft = &set.drafts[index];
            let mut former = draft.former_ids(tree);
            former.any(|id| self.rule.selects(id.group, id.version, id.kind))
                && draft.former.iter().any(|former| former.name == old)
                && role.is_none_or(|(group, kind)| {
                    let is_role =
                        |id: Id<'_>| (group.is_empty() || id.group == group) && (kind.is_empty() || id.kind == kind);
                    draft.former_ids(tree).any(is_role)
                })
                && self.may_refer(tree, referrer, draft)
        });
        if candidates.len() > 1 || candidates.is_empty() {
            candidates.retain(|&index| has_affixes_of(&set.drafts[index], referrer, true));
        }
        if candidates.len() > 1 {
            candidates.retain(|&index| has_affixes_of(&set.drafts[index], referrer, false));
        }
        let Some(&first) = candidates.first() else { return Ok(None) };
        let id = |index: usize| set.drafts[index].id(tree);
        match candidates.iter().find(|&&other| !is_same(id(first), id(other))) {
            None => Ok(Some(first)),
            Some(&other) => Err(ambiguous(set, field, old, [first, other])),
        }
    }

    /// Whether the resource may name another by what their namespaces are now.
    fn may_refer(&self, tree: &Tree, referrer: &Draft, target: &Draft) -> bool {
        let (from, to) = (referrer.id(tree), target.id(tree));
        from.is_cluster_scoped()
            || to.is_cluster_scoped()
            || from.effective_namespace() == to.effective_namespace()
            || to.kind == "ServiceAccount" && self.bound.iter().any(|namespace| namespace == to.namespace)
    }

    /// Group and kind of the role that a binding names, if it is the role's name that is looked for.
    fn role<'t>(&self, referrer: Node<'t>) -> Option<(&'t str, &'t str)> {
        if !self.field.spec.path.ends_with("roleRef/name") {
            return None;
        }
        let role = referrer.get("roleRef")?;
        Some((role.get("apiGroup")?.text(), role.get("kind")?.text()))
    }

    /// Those of the resources that were in a namespace at first, or failing that those that are in it now.
    /// Whether the namespace is known at all counts, not whether it holds what is looked for.
    fn in_namespace(&self, set: &Set, named: &[usize], namespace: &str) -> Vec<usize> {
        let was_known = self.first_namespaces.contains(namespace);
        let is_in = |draft: &Draft| {
            let id = if was_known { draft.first_id(&set.tree) } else { draft.id(&set.tree) };
            id.effective_namespace() == namespace
        };
        named.iter().copied().filter(|&index| is_in(&set.drafts[index])).collect()
    }
}

/// The namespaces of the ServiceAccounts among the subjects of a role binding.
fn bound_namespaces(referrer: Node<'_>) -> Vec<String> {
    if referrer.get_str("kind") != Some("RoleBinding") {
        return Vec::new();
    }
    let subjects = referrer.get("subjects").into_iter().flat_map(Node::items);
    let accounts = subjects.filter(|subject| subject.get_str("kind") == Some("ServiceAccount"));
    accounts.filter_map(|account| account.get_str("namespace")).map(str::to_owned).collect()
}

/// Whether the last prefixes and suffixes of two resources agree.
fn has_affixes_of(target: &Draft, referrer: &Draft, allow_none: bool) -> bool {
    let agree =
        |one: &[String], other: &[String]| allow_none && (one.is_empty() || other.is_empty()) || ends_alike(one, other);
    agree(&target.prefixes, &referrer.prefixes) && agree(&target.suffixes, &referrer.suffixes)
}

/// Whether the shorter of two lists is the end of the longer one.
fn ends_alike(one: &[String], other: &[String]) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.is_empty() == long.is_empty() && long.ends_with(short)
}

/// Gives a field the name that a resource has, with what is known of where its parts came from.
fn take_name(tree: &mut Tree, field: NodeId, root: NodeId) {
    let Some(name) = tree.node(root).at_path(&["metadata", "name"]) else { return };
    let via = Via { what: "reference", span: name.span() };
    let (own, style) = (tree.node(field).span(), tree.node(field).style());
    let parts = name.parts();
    tree.rewrite(field, &parts, own, &via);
    let tag = if style == Style::Plain { Tag::None } else { Tag::Str };
    tree.restyle(field, style, tag);
}

fn ambiguous(set: &Set, field: NodeId, old: &str, candidates: [usize; 2]) -> Box<Diagnostic> {
    let span: Span = set.tree.node(field).span();
    let [first, second] = candidates.map(|index| place(set.object(&set.drafts[index])));
    let what = format!("`{old}` may mean several resources, and kustomize cannot tell which");
    let problem = Diagnostic::error("ambiguous-reference", span, what);
    Box::new(problem.related(first, "it may be this one").related(second, "or this one"))
}
