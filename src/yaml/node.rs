//! A borrowed view of one node of a tree. It only reads; changes are made through [`Tree`].

use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::NodeId;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Writer;
use crate::yaml::raw::NONE;
use crate::yaml::raw::Raw;
use crate::yaml::raw::UNKNOWN;
use crate::yaml::scalar;

/// One node and the tree it is part of.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    tree: &'a Tree,
    id: NodeId,
}

impl Tree {
    /// A view of a node.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { tree: self, id }
    }
}

impl<'a> Node<'a> {
    pub(super) fn raw(self) -> Raw {
        self.tree.raw(self.id)
    }

    /// The text and style of a key that is no node of its own, as nearly all are.
    pub(super) fn written_key(self) -> Option<(&'a str, Style)> {
        self.tree.written_key(self.id)
    }

    /// The tree it is part of.
    pub fn tree(self) -> &'a Tree {
        self.tree
    }

    /// Its name within the tree.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// Scalar, sequence or mapping.
    pub fn kind(self) -> Kind {
        self.tree.kind(self.id)
    }

    /// How it was written.
    pub fn style(self) -> Style {
        self.raw().style()
    }

    /// Its explicit tag.
    pub fn tag(self) -> Tag {
        self.raw().tag()
    }

    /// Where its value was written, by its last writer.
    ///
    /// Anchors and tags are not part of it. A block scalar's begins at the first character of its
    /// text, not at its `|` or `>`, and ends behind its last line; a list's begins at its first dash;
    /// what is empty stands behind the `:`, `-` or header that it is the value of.
    pub fn span(self) -> Span {
        self.tree.span(self.id)
    }

    /// Its writers, the last one first.
    pub fn writers(self) -> impl Iterator<Item = Writer<'a>> {
        self.tree.origins.writers(self.tree.chain(self.id), self.span())
    }

    /// The places that the text of a composed scalar came from, in the order of the text.
    pub fn composed_of(self) -> impl Iterator<Item = Span> {
        self.tree.composed_of(self.id)
    }

    /// The text of a scalar with its quotes and escapes resolved; nothing for a collection.
    pub fn text(self) -> &'a str {
        self.tree.text_of(self.id)
    }

    /// Whether it is a scalar with this very text.
    pub fn is_text(self, text: &str) -> bool {
        self.kind() == Kind::Scalar && self.text() == text
    }

    /// Whether it is the value of a field with this key, which is quicker than to ask the key for its text.
    #[inline]
    pub fn is_keyed(self, key: &str) -> bool {
        self.tree.is_keyed(self.id, key)
    }

    /// The typed value of a scalar by the rules of the tree's reader; none for a collection.
    pub fn scalar(self) -> Option<Scalar<'a>> {
        let raw = self.raw();
        (raw.kind() == Kind::Scalar).then(|| self.tree.reader().resolve(self.text(), raw.style(), raw.tag()))
    }

    /// What the tag of a scalar promises and its text does not keep, such as `an integer`.
    pub fn missed_tag(self) -> Option<&'static str> {
        let typed = if self.tag() == Tag::None { None } else { self.scalar() };
        scalar::missed_tag(self.tag(), typed?)
    }

    /// The text of a scalar that the reader takes for a string.
    pub fn as_str(self) -> Option<&'a str> {
        match self.scalar()? {
            Scalar::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is a scalar that the reader takes for null.
    pub fn is_null(self) -> bool {
        matches!(self.scalar(), Some(Scalar::Null))
    }

    /// Whether its value can't be known from the repository.
    pub fn is_unknown(self) -> bool {
        self.raw().is(UNKNOWN)
    }

    /// The node that it is a field or an item of.
    pub fn parent(self) -> Option<Self> {
        let parent = self.raw().parent;
        (parent != NONE).then_some(self.beside(NodeId(parent)))
    }

    /// The node of its key, if it is the value of a field.
    pub fn key(self) -> Option<Self> {
        self.tree.key_of(self.id).map(|id| self.beside(id))
    }

    /// The values of a mapping or the items of a sequence.
    pub fn children(self) -> impl Iterator<Item = Self> + Clone {
        let first = self.tree.first_child(self.id).map(|id| self.beside(id));
        std::iter::successors(first, |node| node.next())
    }

    /// The fields of a mapping, in the order written.
    pub fn fields(self) -> impl Iterator<Item = (Self, Self)> {
        self.children().filter_map(|value| Some((value.key()?, value)))
    }

    /// The items of a sequence.
    pub fn items(self) -> impl Iterator<Item = Self> + Clone {
        let is_sequence = self.kind() == Kind::Sequence;
        self.children().take_while(move |_| is_sequence)
    }

    /// The value of a field. With duplicate keys the last one counts, as it does for kubectl.
    pub fn get(self, key: &str) -> Option<Self> {
        let mut found = None;
        for value in self.children() {
            if value.is_keyed(key) {
                found = Some(value);
            }
        }
        found
    }

    /// The value at the end of a path of keys.
    pub fn at_path(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a field that is a string.
    pub fn get_str(self, key: &str) -> Option<&'a str> {
        self.get(key)?.as_str()
    }

    /// Its place among the items of its parent, from 0.
    pub fn index(self) -> Option<usize> {
        let parent = self.parent().filter(|parent| parent.kind() == Kind::Sequence)?;
        parent.children().position(|child| child.id == self.id)
    }

    /// All nodes below it and itself, keys left out, in the order written.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        let mut next = Some(self);
        std::iter::from_fn(move || {
            let node = next?;
            next = node.children().next().or_else(|| node.following(self));
            Some(node)
        })
    }

    /// The next node in the order written that is not below this one, within `top`.
    fn following(self, top: Self) -> Option<Self> {
        let mut node = self;
        loop {
            if node.id == top.id {
                return None;
            }
            if let Some(next) = node.next() {
                return Some(next);
            }
            node = node.parent()?;
        }
    }

    fn next(self) -> Option<Self> {
        self.tree.next_sibling(self.id).map(|id| self.beside(id))
    }

    fn beside(self, id: NodeId) -> Self {
        Self { tree: self.tree, id }
    }
}

impl PartialEq for Node<'_> {
    /// Whether both are the very same node.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

impl std::fmt::Debug for Node<'_> {
    /// Shows the value in one line, shortened by nobody: meant for tests.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind() {
            Kind::Scalar => write!(f, "{:?}", self.text()),
            Kind::Sequence => f.debug_list().entries(self.children()).finish(),
            Kind::Mapping => f.debug_map().entries(self.fields()).finish(),
        }
    }
}
