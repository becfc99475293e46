//! Small changes of single nodes that transformers and generators need. What changes the shape of a tree is in
//! `link`.

use crate::source::Span;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::raw::UNKNOWN;
use crate::yaml::scalar::is_placeholder;

impl Tree {
    /// Says that a node came through `via`, if nobody is known to have written it since its file.
    pub fn pass_through(&mut self, id: NodeId, via: &Via) {
        if self.chain(id) == 0 {
            let via = self.origins.via(via.clone());
            let chain = self.origins.written(self.span(id), Some(via), 0);
            self.set_chain(id, chain);
        }
    }

    /// Makes a node that was the value of a field fit to be an item.
    pub fn forget_key(&mut self, id: NodeId) {
        self.raw_mut(id).unset_key();
    }

    /// A new key, written by `via` at `span`, that is a text for this tree's reader.
    pub fn new_key(&mut self, text: &str, span: Span, via: &Via) -> NodeId {
        let key = self.scalar(text, style_of(self.reader(), text), span);
        self.pass_through(key, via);
        key
    }

    /// A new scalar whose text is a range of its source, letter for letter, and which is a text for this tree's
    /// reader.
    pub fn text_at(&mut self, span: Span) -> NodeId {
        let text = &self.sources().get(span.source).text()[span.start as usize..span.end as usize];
        let style = style_of(self.reader, text);
        let is_unknown = is_placeholder(text);
        let id = self.add_written(span.end, Style::Plain, Tag::None, span);
        self.set_style(id, style);
        self.raw_mut(id).set(UNKNOWN, is_unknown);
        id
    }

    /// A new scalar that is a text for this tree's reader and was made from what stands at `span`.
    pub fn text_from(&mut self, text: &str, span: Span) -> NodeId {
        let made = self.scalar(text, style_of(self.reader, text), span);
        self.compose(made, &[(text, span)]);
        if is_placeholder(text) {
            self.mark_unknown(made);
        }
        made
    }

    /// Makes a scalar a text for this tree's reader, whatever its look means.
    pub fn make_text(&mut self, id: NodeId) {
        self.set_style(id, style_of(self.reader, self.text_of(id)));
        self.set_tag(id, Tag::None);
    }

    /// Gives a scalar an explicit tag.
    pub fn retag(&mut self, scalar: NodeId, tag: Tag) {
        self.raw_mut(scalar).set_tag(tag);
    }

    /// Says that a scalar that is part of nothing was written at `span`, which came through `via`, and by nobody
    /// before.
    pub fn written_at(&mut self, id: NodeId, span: Span, via: &Via) {
        let via = self.origins.via(via.clone());
        let origin = self.origins.written(span, Some(via), 0);
        self.set_span(id, span);
        self.set_chain(id, origin);
    }

    /// Takes away the quotes and the tag of a key, as kustomize does where it sets a field. What looks like a
    /// number is one then, and cannot be printed.
    pub fn unquote(&mut self, key: NodeId) {
        self.set_style(key, Style::Plain);
        self.set_tag(key, Tag::None);
    }

    /// The same for the key that a value has.
    pub fn unquote_key(&mut self, value: NodeId) {
        if let Some(key) = self.key_of(value) {
            self.unquote(key);
        }
    }
}

/// The style that keeps a text a text.
pub(super) fn style_of(reader: Reader, text: &str) -> Style {
    if text.contains('\n') {
        Style::Literal
    } else if reader.resolve(text, Style::Plain, Tag::None) == Scalar::String(text) {
        Style::Plain
    } else {
        Style::DoubleQuoted
    }
}
