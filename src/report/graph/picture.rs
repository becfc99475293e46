//! What is drawn of a graph: workloads, and Services only where nothing of the target is behind them.
//!
//! An arrow from one workload to another stands for the way through a Service, which becomes its label.

use std::collections::BTreeMap;

use crate::facts::Edge;
use crate::facts::EdgeKind;
use crate::facts::Graph;
use crate::facts::Turn;
use crate::facts::Vertex;
use crate::facts::VertexKind;
use crate::report::clean;
use crate::source::Span;

/// Boxes and arrows.
pub(super) struct Picture {
    pub(super) boxes: Vec<Shape>,
    pub(super) arrows: Vec<Arrow>,
}

/// A box.
pub(super) struct Shape {
    /// `Deployment`
    pub(super) kind: String,
    pub(super) name: String,
    /// What else is to be said: where it is, or when it is deployed.
    pub(super) remark: Option<String>,
    /// Whether it is not part of the target.
    pub(super) is_outside: bool,
    /// Whether it is nowhere.
    pub(super) is_missing: bool,
    pub(super) is_in_cycle: bool,
    /// The column, from 0: what can start first.
    pub(super) layer: usize,
}

/// An arrow, from the one that needs to the one that is needed.
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    /// `db:5432`, or several.
    pub(super) label: String,
    pub(super) kind: ArrowKind,
    pub(super) is_in_cycle: bool,
    /// The first text that it follows from.
    pub(super) span: Span,
}

/// The strongest way in which one needs the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ArrowKind {
    /// It is called, sooner or later.
    Needs,
    /// There is a wait, but one that does not wait until it is ready.
    Asks,
    /// It is waited for.
    Waits,
}

impl Picture {
    pub(super) fn of(graph: &Graph) -> Self {
        let mut has_pods = vec![false; graph.vertices.len()];
        let mut is_needed = vec![false; graph.vertices.len()];
        for edge in &graph.edges {
            match edge.kind {
                EdgeKind::Selects => has_pods[edge.from] = true,
                EdgeKind::Needs | EdgeKind::Waits { .. } => is_needed[edge.to] = true,
            }
        }
        let mut boxes = Vec::new();
        let mut places = BTreeMap::new();
        for (index, vertex) in graph.vertices.iter().enumerate() {
            if vertex.kind == VertexKind::Workload || (!has_pods[index] && is_needed[index]) {
                places.insert(index, boxes.len());
                boxes.push(Shape::of(vertex));
            }
        }
        let selected = graph.selected();
        let mut arrows = BTreeMap::new();
        for edge in graph.edges.iter().filter(|edge| edge.kind != EdgeKind::Selects) {
            let ends: &[usize] = if has_pods[edge.to] { &selected[edge.to] } else { &[edge.to] };
            for &to in ends.iter().filter(|to| **to != edge.from) {
                add(&mut arrows, graph, edge, (places[&edge.from], places[&to]), boxes[places[&to]].is_in_cycle);
            }
        }
        number_layers(&mut boxes);
        Self { boxes, arrows: arrows.into_values().collect() }
    }

    /// The boxes of a layer, in their order.
    pub(super) fn layer(&self, layer: usize) -> impl Iterator<Item = (usize, &Shape)> {
        self.boxes.iter().enumerate().filter(move |(_, shape)| shape.layer == layer)
    }

    pub(super) fn layers(&self) -> usize {
        self.boxes.iter().map(|shape| shape.layer + 1).max().unwrap_or(0)
    }
}

impl Shape {
    fn of(vertex: &Vertex) -> Self {
        let (is_outside, remark) = match vertex.kind {
            VertexKind::Outside(place) => (true, Some(place.to_owned())),
            VertexKind::Service => (false, Some("without pods here".to_owned())),
            VertexKind::Workload => (false, vertex.turn.filter(is_notable).map(|turn| turn.to_string())),
        };
        Self {
            kind: clean(&vertex.id.kind),
            name: clean(&vertex.id.name),
            remark,
            is_outside,
            is_missing: vertex.kind == VertexKind::Outside("missing"),
            is_in_cycle: vertex.is_in_cycle,
            layer: vertex.layer,
        }
    }
}

/// Adds what an edge means to the arrow between two boxes.
fn add(
    arrows: &mut BTreeMap<(usize, usize), Arrow>,
    graph: &Graph,
    edge: &Edge,
    (from, to): (usize, usize),
    is_end_in_cycle: bool,
) {
    let kind = match edge.kind {
        EdgeKind::Needs | EdgeKind::Selects => ArrowKind::Needs,
        EdgeKind::Waits { holds: false } => ArrowKind::Asks,
        EdgeKind::Waits { holds: true } => ArrowKind::Waits,
    };
    let service = clean(&graph.vertices[edge.to].id.name);
    let label = edge.port.as_ref().map_or(service.clone(), |port| format!("{service}:{}", clean(port)));
    let is_in_cycle = edge.is_in_cycle && is_end_in_cycle;
    let new = Arrow { from, to, label: String::new(), kind, is_in_cycle, span: edge.span };
    let arrow = arrows.entry((from, to)).or_insert(new);
    arrow.kind = arrow.kind.max(kind);
    if !arrow.label.split(", ").any(|known| known == label) {
        let separator = if arrow.label.is_empty() { "" } else { ", " };
        arrow.label = format!("{}{separator}{label}", arrow.label);
    }
}

/// Whether a turn is another than that of what says nothing.
fn is_notable(turn: &Turn) -> bool {
    turn.to_string() != "in the sync"
}

/// Numbers the layers that have boxes from 0 on.
fn number_layers(boxes: &mut [Shape]) {
    let mut used: Vec<usize> = boxes.iter().map(|shape| shape.layer).collect();
    used.sort_unstable();
    used.dedup();
    for shape in boxes {
        shape.layer = used.binary_search(&shape.layer).expect("it is among those that are used");
    }
}
