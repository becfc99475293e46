//! Walking to the fields that a field spec names, through lists and making what is missing where the
//! spec says so, as kustomize's `fieldspec` filter does (observed with v5.5.0).

use crate::diagnostic::Diagnostic;
use crate::kube::FieldSpec;
use crate::kube::Segment;
use crate::kustomization::go::flag;
use crate::kustomization::go::items;
use crate::kustomization::go::loose_field;
use crate::patch::is_other_in_1_1;
use crate::patch::too_large;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Id;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::MAX_DEPTH;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;

/// What a field becomes that a spec wants to be there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing<'a> {
    /// The kind of node.
    pub(super) kind: Kind,
    /// Who asks for it.
    pub(super) by: Span,
    pub(super) via: &'a Via,
}

/// A field spec with its path taken apart, to be followed in many objects.
#[derive(Debug)]
pub(super) struct Field<'s> {
    pub(super) spec: &'s FieldSpec,
    path: Vec<Segment<'s>>,
}

/// What a field that is found is changed by.
type Change<'c> = &'c mut dyn FnMut(&mut Tree, NodeId) -> Result<()>;

impl<'s> Field<'s> {
    pub(super) fn of(spec: &'s FieldSpec) -> Self {
        Self { spec, path: spec.segments().collect() }
    }

    /// The fields of a list of specs.
    pub(super) fn all(specs: &'s [FieldSpec]) -> Vec<Self> {
        specs.iter().map(Self::of).collect()
    }

    /// Whether it is a field of such objects.
    pub(super) fn is_of(&self, id: Id<'_>) -> bool {
        self.spec.selects(id.group, id.version, id.kind)
    }

    /// Calls `change` for every field of the object `root` that the path leads to, whatever the object is. With
    /// `missing`, and where the spec allows it, the field is made first.
    ///
    /// # Errors
    /// When the path leads through a scalar, and what `change` complains of.
    pub(super) fn each(
        &self,
        tree: &mut Tree,
        root: NodeId,
        missing: Option<Missing<'_>>,
        change: Change<'_>,
    ) -> Result<()> {
        if self.path.len() > MAX_DEPTH {
            let what = format!("a rule for a field has a path of more than {MAX_DEPTH} parts");
            return Err(Diagnostic::error("field-path", tree.node(root).span(), what).into());
        }
        let missing = missing.filter(|_| self.spec.create);
        Walk { spec: self.spec, missing, change }.node(tree, root, &self.path)
    }
}

/// Calls `change` as [`Field::each`] does, if the object is one that the spec is for.
///
/// # Errors
/// As for [`Field::each`].
pub(super) fn each(
    tree: &mut Tree,
    root: NodeId,
    spec: &FieldSpec,
    missing: Option<Missing<'_>>,
    change: Change<'_>,
) -> Result<()> {
    let id = Id::of_kind(tree.node(root));
    if !spec.selects(id.group, id.version, id.kind) {
        return Ok(());
    }
    Field::of(spec).each(tree, root, missing, change)
}

struct Walk<'w> {
    spec: &'w FieldSpec,
    missing: Option<Missing<'w>>,
    change: Change<'w>,
}

impl Walk<'_> {
    fn node(&mut self, tree: &mut Tree, at: NodeId, path: &[Segment<'_>]) -> Result<()> {
        let node = tree.node(at);
        match node.kind() {
            _ if path.is_empty() => {
                let by = self.missing.map_or(node.span(), |missing| missing.by);
                (self.change)(tree, at)?;
                // A long text that many fields get is as much as many texts.
                if tree.is_too_large() { Err(too_large(by)) } else { Ok(()) }
            }
            Kind::Scalar if node.is_null() => Ok(()),
            Kind::Sequence => {
                let mut next = node.items().next().map(Node::id);
                while let Some(item) = next {
                    next = tree.next_sibling(item);
                    self.node(tree, item, path)?;
                }
                Ok(())
            }
            Kind::Mapping => self.field(tree, at, path),
            Kind::Scalar => {
                let what = format!("the path `{}` leads through this, which is no mapping or list", self.spec.path);
                let place = node.key().filter(|_| node.span().is_empty()).unwrap_or(node);
                Err(Diagnostic::error("field-path", place.span(), what).into())
            }
        }
    }

    fn field(&mut self, tree: &mut Tree, mapping: NodeId, path: &[Segment<'_>]) -> Result<()> {
        let (segment, rest) = path.split_first().expect("a path that has ended leads to no field");
        let (name, is_list) = (segment.name.as_ref(), segment.is_list);
        if name.is_empty() {
            let what = format!("the path `{}` has an empty part", self.spec.path);
            return Err(Diagnostic::error("field-path", tree.node(mapping).span(), what).into());
        }
        let kind = match self.missing {
            _ if is_list => Some(Kind::Sequence),
            Some(missing) if rest.is_empty() => Some(missing.kind),
            Some(_) => Some(Kind::Mapping),
            None => None,
        };
        let found = tree.node(mapping).get(name).map(|node| (node.id(), node.is_null()));
        let field = match (found, kind) {
            (Some((field, true)), Some(kind)) if kind != Kind::Scalar => {
                tree.become_empty(field, kind);
                field
            }
            (Some((field, _)), _) => field,
            (None, Some(kind)) if !is_list => {
                let Some(missing) = self.missing else { return Ok(()) };
                create(tree, mapping, name, kind, missing)
            }
            (None, _) => return Ok(()),
        };
        self.node(tree, field, rest)
    }
}

/// Appends an empty field to a mapping.
pub(super) fn create(tree: &mut Tree, mapping: NodeId, name: &str, kind: Kind, missing: Missing<'_>) -> NodeId {
    let new = match kind {
        Kind::Mapping => tree.mapping(missing.by),
        Kind::Sequence => tree.sequence(missing.by),
        Kind::Scalar => tree.scalar("", Style::Plain, missing.by),
    };
    tree.append_new_field(mapping, name, new, missing.by);
    tree.written_by(new, missing.via);
    new
}

/// Gives the field `name` of a mapping a text, whether it is there or not, and says who wrote it. What is made is
/// told.
pub(super) fn set_entry(
    tree: &mut Tree,
    mapping: NodeId,
    name: &str,
    text: &str,
    by: Span,
    via: &Via,
) -> Result<Option<NodeId>> {
    let node = tree.node(mapping);
    if node.is_null() {
        return Ok(None);
    }
    if node.kind() != Kind::Mapping {
        let what = format!("`{name}` cannot be set here, because this is no mapping");
        let place = node.key().filter(|_| node.span().is_empty()).unwrap_or(node);
        return Err(Box::new(
            Diagnostic::error("field-path", place.span(), what).related(by, "it is to be set by this"),
        ));
    }
    match node.get(name).map(|field| (field.id(), field.kind())) {
        Some((field, Kind::Scalar)) => set_text(tree, field, text, Tag::Str, by, via),
        Some((field, _)) => {
            let new = tree.scalar(text, Style::Plain, by);
            tree.restyle(new, Style::Plain, Tag::Str);
            tree.written_by(new, via);
            tree.supersede(field, new);
        }
        None => {
            let new = tree.scalar(text, Style::Plain, by);
            // A patch that later sets it gives its value this style, and so decides whether it is a text.
            let (style, tag) =
                if is_other_in_1_1(text) { (Style::DoubleQuoted, Tag::None) } else { (Style::Plain, Tag::Str) };
            tree.restyle(new, style, tag);
            tree.append_new_field(mapping, name, new, by);
            tree.written_by(new, via);
            return Ok(Some(new));
        }
    }
    Ok(None)
}

/// Gives a scalar a text of its own, in the style it had, and says who wrote it.
pub(super) fn set_text(tree: &mut Tree, scalar: NodeId, text: &str, tag: Tag, by: Span, via: &Via) {
    let node = tree.node(scalar);
    let style = node.style();
    // Quotes that were there already make a text of it, and no tag is written down then that patches would heed.
    let is_quoted = style != Style::Plain && matches!(node.tag(), Tag::None | Tag::NonSpecific);
    let tag = if is_quoted && tag == Tag::Str { Tag::None } else { tag };
    tree.rewrite(scalar, &[(text, by)], by, via);
    tree.restyle(scalar, style, tag);
}

/// Sets a scalar, and complains of what is none.
pub(super) fn set_scalar(tree: &mut Tree, node: NodeId, text: &str, tag: Tag, by: Span, via: &Via) -> Result<()> {
    need_scalar(tree, node, by)?;
    set_text(tree, node, text, tag, by, via);
    Ok(())
}

/// Complains of a node that ought to be a scalar.
pub(super) fn need_scalar(tree: &Tree, node: NodeId, by: Span) -> Result<()> {
    let node = tree.node(node);
    if node.kind() == Kind::Scalar {
        return Ok(());
    }
    let place = node.key().unwrap_or(node);
    let problem = Diagnostic::error("field-path", place.span(), "this is to be changed as a text, but it is none");
    Err(Box::new(problem.related(by, "it is to be changed by this")))
}

/// The field specs that a list of a mapping holds.
pub(super) fn specs(mapping: Node<'_>, list: &str) -> Vec<FieldSpec> {
    let spec = |item: Node<'_>| {
        let text = |name: &str| loose_field(item, name).into_owned().into();
        FieldSpec {
            group: text("group"),
            version: text("version"),
            kind: text("kind"),
            path: text("path"),
            create: flag(item, "create"),
        }
    };
    items(mapping, list).map(spec).collect()
}

/// The field of `metadata` with a name, made where it is missing.
pub(super) fn metadata(name: &str) -> FieldSpec {
    FieldSpec { path: format!("metadata/{name}").into(), create: true, ..FieldSpec::default() }
}
