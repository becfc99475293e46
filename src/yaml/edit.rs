//! Changes to scalars of a tree that keep what is known of where their text came from.

use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::scalar::is_placeholder;
use crate::yaml::span_within;
use crate::yaml::tree::UNKNOWN;

impl Tree {
    /// Gives a scalar a new text made of parts, each with the span it came from, and says that `by` wrote
    /// it last. Who wrote it before stays in its chain of writers.
    pub fn rewrite(&mut self, scalar: NodeId, parts: &[(String, Span)], by: Span, via: &Via) {
        self.compose_of(scalar, parts);
        let via = self.origins.via(via.clone());
        let raw = *self.raw(scalar);
        // Who writes twice at one place overrides nobody by that.
        let before = match raw.origin {
            origin if raw.span == by => self.origins.before(origin),
            0 => self.origins.written(raw.span, None, 0),
            origin => origin,
        };
        let origin = self.origins.written(by, Some(via), before);
        let unknown = if is_placeholder(self.text_of(&raw)) { UNKNOWN } else { 0 };
        let raw = self.raw_mut(scalar);
        (raw.span, raw.origin) = (by, origin);
        raw.flags = raw.flags & !UNKNOWN | unknown;
        self.follow_tie(scalar);
    }

    /// Says of a new node that it came through `via`.
    pub fn written_by(&mut self, node: NodeId, via: &Via) {
        let via = self.origins.via(via.clone());
        let span = self.raw(node).span;
        self.raw_mut(node).origin = self.origins.written(span, Some(via), 0);
    }

    /// Says of a new node that it came through `via`, and what was written there before.
    pub fn written_after(&mut self, node: NodeId, via: Option<&Via>, earlier: &[Span]) {
        let via = via.map(|via| self.origins.via(via.clone()));
        let before = earlier.iter().rev().fold(0, |before, &span| self.origins.written(span, None, before));
        let span = self.raw(node).span;
        self.raw_mut(node).origin = self.origins.written(span, via, before);
    }

    /// Gives a scalar a new text made of parts, each with the span it came from. Its writers stay.
    pub fn compose_of(&mut self, scalar: NodeId, parts: &[(String, Span)]) {
        let parts: Vec<(&str, Span)> = parts.iter().map(|(text, span)| (text.as_str(), *span)).collect();
        self.compose(scalar, &parts);
        self.follow_tie(scalar);
    }

    /// Says how a scalar is written, which is what gives its text a type.
    pub fn restyle(&mut self, scalar: NodeId, style: Style, tag: Tag) {
        let raw = self.raw_mut(scalar);
        (raw.style, raw.tag) = (style, tag);
        self.follow_tie(scalar);
    }

    /// Makes an empty collection of a scalar that stands for nothing.
    pub fn become_empty(&mut self, node: NodeId, kind: Kind) {
        let span = self.raw(node).span;
        let empty = match kind {
            Kind::Mapping => self.mapping(span),
            Kind::Sequence => self.sequence(span),
            Kind::Scalar => self.scalar("", Style::Plain, span),
        };
        let new = *self.raw(empty);
        let raw = self.raw_mut(node);
        (raw.kind, raw.style, raw.tag, raw.flags) = (new.kind, new.style, new.tag, new.flags);
        (raw.first, raw.last) = (new.first, new.last);
    }
}

impl Node<'_> {
    /// The text of a scalar in parts, each with the place it came from.
    pub fn parts(self) -> Vec<(String, Span)> {
        let text = self.text();
        let composed = self.tree().composed_parts(self.raw());
        if composed.is_empty() {
            let span = if text.is_empty() { self.span() } else { span_within(self, 0..text.len()) };
            return vec![(text.to_owned(), span)];
        }
        let mut parts = Vec::new();
        let mut at = 0;
        for (range, span) in composed {
            if at < range.start {
                parts.push((text[at..range.start].to_owned(), self.span()));
            }
            at = range.end;
            parts.push((text[range].to_owned(), span));
        }
        if at < text.len() {
            parts.push((text[at..].to_owned(), self.span()));
        }
        parts
    }
}
