//! Changes to scalars of a tree that keep what is known of where their text came from.

use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::raw::UNKNOWN;
use crate::yaml::scalar::is_placeholder;
use crate::yaml::span_within;

impl Tree {
    /// Gives a scalar a new text made of parts, each with the span it came from, and says that `by` wrote
    /// it last. Who wrote it before stays in its chain of writers.
    pub fn rewrite(&mut self, scalar: NodeId, parts: &[(impl AsRef<str>, Span)], by: Span, via: &Via) {
        self.compose_of(scalar, parts);
        let via = self.origins.via(via.clone());
        let (span, chain) = (self.span(scalar), self.chain(scalar));
        // Who writes twice at one place overrides nobody by that.
        let before = match chain {
            chain if span == by => self.origins.before(chain),
            0 => self.origins.written(span, None, 0),
            chain => chain,
        };
        let chain = self.origins.written(by, Some(via), before);
        let is_unknown = is_placeholder(self.text_of(scalar));
        self.set_span(scalar, by);
        self.set_chain(scalar, chain);
        self.raw_mut(scalar).set(UNKNOWN, is_unknown);
        self.follow_tie(scalar);
    }

    /// Says of a new node that it came through `via`.
    pub fn written_by(&mut self, node: NodeId, via: &Via) {
        let via = self.origins.via(via.clone());
        let chain = self.origins.written(self.span(node), Some(via), 0);
        self.set_chain(node, chain);
    }

    /// Says of a new node that it came through `via`, and what was written there before.
    pub fn written_after(&mut self, node: NodeId, via: Option<&Via>, earlier: &[Span]) {
        let via = via.map(|via| self.origins.via(via.clone()));
        let before = earlier.iter().rev().fold(0, |before, &span| self.origins.written(span, None, before));
        let chain = self.origins.written(self.span(node), via, before);
        self.set_chain(node, chain);
    }

    /// Gives a scalar a new text made of parts, each with the span it came from. Its writers stay.
    pub fn compose_of(&mut self, scalar: NodeId, parts: &[(impl AsRef<str>, Span)]) {
        self.compose(scalar, parts);
        self.follow_tie(scalar);
    }

    /// Says how a scalar is written, which is what gives its text a type.
    pub fn restyle(&mut self, scalar: NodeId, style: Style, tag: Tag) {
        self.set_style(scalar, style);
        self.set_tag(scalar, tag);
        self.follow_tie(scalar);
    }

    /// Makes an empty collection of a scalar that stands for nothing.
    pub fn become_empty(&mut self, node: NodeId, kind: Kind) {
        let span = self.span(node);
        let empty = match kind {
            Kind::Mapping => self.mapping(span),
            Kind::Sequence => self.sequence(span),
            Kind::Scalar => self.scalar("", Style::Plain, span),
        };
        let empty = self.raw(empty);
        self.raw_mut(node).become_like(&empty);
        self.set_tie(node, 0);
    }
}

impl Node<'_> {
    /// The place that the first of its parts came from.
    pub fn first_place(self) -> Span {
        let text = self.text();
        match self.tree().composed_parts(self.id()).next() {
            Some((range, span)) if range.start == 0 => span,
            None if !text.is_empty() => span_within(self, 0..text.len()),
            _ => self.span(),
        }
    }

    /// The text of a scalar in parts, each with the place it came from.
    pub fn parts(self) -> Vec<(String, Span)> {
        let text = self.text();
        let mut composed = self.tree().composed_parts(self.id()).peekable();
        if composed.peek().is_none() {
            return vec![(text.to_owned(), self.first_place())];
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
