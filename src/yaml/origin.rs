//! Who wrote a node: the chain of its writers, the last one first, and what each came through.
//!
//! Most nodes were written once and need no entry here. Not the text ranges of a composed scalar,
//! which the tree keeps beside its own text.

use crate::source::Span;

/// Names one [`Via`] of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ViaId(u32);

/// What a value came through on its way into a rendered resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Via {
    /// How to call it: `patch`, `alias`, `namePrefix`.
    pub what: &'static str,
    /// Where that is asked for: the entry of `patches:`, the `*alias`.
    pub span: Span,
}

impl Via {
    /// What to say of it at its place: `through this patch`, but ``through `images` ``, which is a field.
    pub fn told(&self, how: &str) -> String {
        match self.what {
            "patch" | "alias" | "var" | "replacement" | "reference" | "chart" => format!("{how} this {}", self.what),
            field => format!("{how} `{field}`"),
        }
    }
}

/// One writer of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Writer<'a> {
    /// The text that was written.
    pub span: Span,
    /// What it came through, if not straight from its file.
    pub via: Option<&'a Via>,
}

/// The chains of writers of one tree.
#[derive(Clone, Default, Debug)]
pub(super) struct Origins {
    vias: Vec<Via>,
    links: Vec<Link>,
}

/// A writer and the one before it. A node's number for its chain is an index into `links` plus one.
#[derive(Clone, Copy, Debug)]
struct Link {
    span: Span,
    via: Option<ViaId>,
    before: u32,
}

impl Origins {
    /// The bytes that the chains of writers hold.
    pub(super) fn memory(&self) -> usize {
        self.vias.len() * size_of::<Via>() + self.links.len() * size_of::<Link>()
    }

    /// The id of a via, which is kept once however often it is asked for in a row.
    pub(super) fn via(&mut self, via: Via) -> ViaId {
        if self.vias.last() != Some(&via) {
            self.vias.push(via);
        }
        ViaId(index(self.vias.len() - 1))
    }

    /// The via of an id that this `Origins` gave.
    pub(super) fn get(&self, ViaId(id): ViaId) -> &Via {
        &self.vias[id as usize]
    }

    /// The chain that says "written at `span` through `via`, and before that as `before` says".
    pub(super) fn written(&mut self, span: Span, via: Option<ViaId>, before: u32) -> u32 {
        self.links.push(Link { span, via, before });
        index(self.links.len())
    }

    /// The chain of a node that took the place of another: its own writers, then the other's.
    pub(super) fn supersede(&mut self, old: u32, old_span: Span, new: u32, new_span: Span) -> u32 {
        let before = if old == 0 { self.written(old_span, None, 0) } else { old };
        if new == 0 {
            return self.written(new_span, None, before);
        }
        self.chain(new).into_iter().rev().fold(before, |before, link| self.written(link.span, link.via, before))
    }

    /// Takes over the chain of a node of another tree, and adds `via` to it if there is one.
    pub(super) fn copy(&mut self, from: &Self, origin: u32, span: Span, via: Option<ViaId>) -> u32 {
        let mut before = 0;
        for link in from.chain(origin).into_iter().rev() {
            let via = link.via.map(|ViaId(id)| self.via(from.vias[id as usize].clone()));
            before = self.written(link.span, via, before);
        }
        match via {
            Some(via) if before == 0 => self.written(span, Some(via), 0),
            _ => before,
        }
    }

    /// The chain of what was written before the last writer.
    pub(super) fn before(&self, origin: u32) -> u32 {
        self.link(origin).map_or(0, |link| link.before)
    }

    /// The writers of a node, the last one first.
    pub(super) fn writers(&self, origin: u32, span: Span) -> impl Iterator<Item = Writer<'_>> {
        let plain = (origin == 0).then_some(Writer { span, via: None });
        plain.into_iter().chain(
            self.links_from(origin)
                .map(|link| Writer { span: link.span, via: link.via.map(|ViaId(id)| &self.vias[id as usize]) }),
        )
    }

    fn chain(&self, origin: u32) -> Vec<Link> {
        self.links_from(origin).copied().collect()
    }

    fn links_from(&self, origin: u32) -> impl Iterator<Item = &Link> {
        std::iter::successors(self.link(origin), |link| self.link(link.before))
    }

    fn link(&self, origin: u32) -> Option<&Link> {
        self.links.get((origin as usize).checked_sub(1)?)
    }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("a tree has fewer than 2^32 writers")
}
