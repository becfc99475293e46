//! The start-up graph of a target: who needs whom, who waits for whom, and what comes when.
//!
//! Made from the facts about single pods, whose `dependencies` and `waits` are its edges. Facts of a pod that only
//! the graph can tell: `deadlocks`, the waits that never end because the pods they wait for wait for this one, with
//! `container`, `service` and `path`; and `laterWaits`, the waits for what is only deployed once this pod is ready,
//! with `container`, `service`, `other`, `turn` and `otherTurn`.

mod deadlock;
mod layer;
mod turn;

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::facts::book::Book;
use crate::facts::existence;
use crate::facts::flux;
use crate::facts::services;
use crate::facts::surroundings::Surroundings;
use crate::facts::waits::object;
use crate::kube::ResourceId;
use crate::model::Pod;
use crate::model::Service;
use crate::render::Resource;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;
pub use turn::Phase;
pub use turn::Turn;
use turn::Turns;

/// More edges are nobody's design. The graph is then not all of it, which is told.
const MAX_EDGES: usize = 200_000;

/// Who needs whom in one target.
#[derive(Clone, Default, Debug)]
pub struct Graph {
    /// Workloads and Services of the target in its order, then what is needed and not in it.
    pub vertices: Vec<Vertex>,
    /// In the order of the facts they follow from.
    pub edges: Vec<Edge>,
    /// Whether there are more edges than anybody could look at.
    pub is_cut: bool,
}

/// Something that has to be there, or start.
#[derive(Clone, Debug)]
pub struct Vertex {
    /// What it is called.
    pub id: ResourceId,
    /// What it is in the graph.
    pub kind: VertexKind,
    /// When it is deployed, if its annotations say so.
    pub turn: Option<Turn>,
    /// How many others have to come before it, one after the other.
    pub layer: usize,
    /// Whether it needs itself, through others.
    pub is_in_cycle: bool,
}

/// What a vertex is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VertexKind {
    /// A resource with pods.
    Workload,
    /// A Service of the target.
    Service,
    /// A Service that is not in the target: `elsewhere`, `external`, `operator`, `missing` or `unknown`.
    Outside(&'static str),
}

/// One needs the other.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The one that needs, by its place in the list.
    pub from: usize,
    /// The one that is needed.
    pub to: usize,
    /// How.
    pub kind: EdgeKind,
    /// The port that is meant, if one is.
    pub port: Option<String>,
    /// The text that it follows from.
    pub span: Span,
    /// Whether it is one of those that make a circle.
    pub is_in_cycle: bool,
}

/// How one needs the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EdgeKind {
    /// A pod calls a Service, sooner or later.
    Needs,
    /// A container waits for a Service or a workload; `holds` says that it really waits until pods behind the Service
    /// are ready, or the workload is.
    Waits {
        /// Whether nothing goes on before.
        holds: bool,
    },
    /// A Service leads to a pod.
    Selects,
}

/// A wait that the graph is asked about.
struct Wait<'a> {
    /// The vertex of the pod.
    from: usize,
    /// The vertex of the Service or workload.
    to: usize,
    container: &'a str,
    /// The name of that.
    service: &'a str,
    holds: bool,
    /// Whether it is not enough that the other is there, but it has to have started.
    asks_for_start: bool,
    fact: Node<'a>,
}

/// Makes the graph of a target, and writes down what only it can tell. `facts` are those of the resources.
pub(super) fn infer(around: &Surroundings<'_>, resources: &[Resource], facts: &[NodeId], book: &mut Book) -> Graph {
    let mut graph = Graph::default();
    let turns = Turns::of(resources);
    let mut places = HashMap::new();
    for (index, resource) in resources.iter().enumerate() {
        let kind = if Pod::of(resource).is_some() {
            VertexKind::Workload
        } else if Service::of(resource).is_some() {
            VertexKind::Service
        } else {
            continue;
        };
        places.insert(index, graph.vertices.len());
        graph.add(resource.id.clone(), kind, turns.turn(resource));
    }
    let by_id: HashMap<&ResourceId, usize> =
        places.iter().map(|(index, place)| (&resources[*index].id, *place)).collect();
    let mut found = Vec::new();
    {
        let mut drawing = Drawing { around, graph: &mut graph, by_id: &by_id, outside: HashMap::new() };
        for (index, resource) in resources.iter().enumerate() {
            let Some(&from) = places.get(&index) else { continue };
            if let Some(service) = Service::of(resource) {
                drawing.selections(service, from);
            }
            drawing.needs(resource, from, book.node(facts[index]), &mut found);
        }
    }
    let mut selected = graph.selected();
    for (place, vertex) in graph.vertices.iter().enumerate() {
        if vertex.kind == VertexKind::Workload {
            selected[place].push(place);
        }
    }
    let mut later = turn::later_waits(&graph, &turns, &selected, &found);
    let index_of: HashMap<usize, usize> = places.iter().map(|(index, place)| (*place, *index)).collect();
    let held = found.iter().filter(|wait| wait.holds);
    later.extend(held.filter_map(|wait| after_this(around, &graph, &resources[index_of[&wait.from]], wait)));
    let deadlocked = deadlock::deadlocked(&graph, &selected, &found);
    layer::arrange(&mut graph);
    write(resources, &index_of, [("deadlocks", deadlocked), ("laterWaits", later)], facts, book);
    graph
}

/// A wait for a Service of another target that Flux only applies once this one is ready.
fn after_this(around: &Surroundings<'_>, graph: &Graph, resource: &Resource, wait: &Wait<'_>) -> Option<Told> {
    let service = &graph.vertices[wait.to];
    if service.kind != VertexKind::Outside("elsewhere") {
        return None;
    }
    let (theirs, own) = flux::applied_after(around, resource, service.id.namespace.as_deref()?, &service.id.name)?;
    let fields = vec![
        ("container", wait.container.to_owned()),
        ("service", wait.service.to_owned()),
        ("other", format!("Service `{}`", wait.service)),
        ("turn", format!("by Flux Kustomization `{}`, on which that depends", own.name)),
        ("otherTurn", format!("by Flux Kustomization `{}`", theirs.name)),
        ("certain", "yes".to_owned()),
    ];
    Some(Told { from: wait.from, span: wait.fact.span(), fields })
}

/// A fact that is still to be written: the vertex of the pod, the span, and its fields.
struct Told {
    from: usize,
    span: Span,
    fields: Vec<(&'static str, String)>,
}

fn write(
    resources: &[Resource],
    index_of: &HashMap<usize, usize>,
    told: [(&'static str, Vec<Told>); 2],
    facts: &[NodeId],
    book: &mut Book,
) {
    for (list, told) in told {
        for Told { from, span, fields } in told {
            let index = index_of[&from];
            let about = Pod::of(&resources[index]).map_or(resources[index].node(), |pod| pod.spec);
            let item = book.item_at(facts[index], list, about, span);
            for (name, text) in fields {
                book.text(item, name, &text);
            }
        }
    }
}

impl Graph {
    fn add(&mut self, id: ResourceId, kind: VertexKind, turn: Option<Turn>) -> usize {
        self.vertices.push(Vertex { id, kind, turn, layer: 0, is_in_cycle: false });
        self.vertices.len() - 1
    }

    /// What is to be told if the graph is not all of it.
    pub fn problem(&self) -> Option<Diagnostic> {
        let first = self.edges.first().filter(|_| self.is_cut)?;
        let what = format!("this target has more than {MAX_EDGES} dependencies, so its start-up was not judged");
        Some(
            Diagnostic::error("too-many-dependencies", first.span, what)
                .help("draw smaller targets with `targets` in `plimsoll.yaml`"),
        )
    }

    fn connect(&mut self, from: usize, to: usize, kind: EdgeKind, port: Option<String>, span: Span) {
        if self.edges.len() == MAX_EDGES {
            self.is_cut = true;
            return;
        }
        self.edges.push(Edge { from, to, kind, port, span, is_in_cycle: false });
    }

    /// The workloads behind each Service, by its place in the list.
    pub fn selected(&self) -> Vec<Vec<usize>> {
        let mut selected = vec![Vec::new(); self.vertices.len()];
        for edge in self.edges.iter().filter(|edge| edge.kind == EdgeKind::Selects) {
            selected[edge.from].push(edge.to);
        }
        selected
    }
}

/// A graph while its edges are drawn.
struct Drawing<'g, 'a> {
    around: &'g Surroundings<'a>,
    graph: &'g mut Graph,
    by_id: &'g HashMap<&'a ResourceId, usize>,
    /// The vertices of what is not in the target.
    outside: HashMap<(String, Option<String>), usize>,
}

impl Drawing<'_, '_> {
    fn selections(&mut self, service: Service<'_>, from: usize) {
        let Some(selector) = service.selector() else { return };
        let namespace = service.resource.id.namespace.as_deref();
        for (resource, _) in services::selected(self.around, namespace, selector).0 {
            if let Some(&to) = self.by_id.get(&resource.id) {
                self.graph.connect(from, to, EdgeKind::Selects, None, selector.span());
            }
        }
    }

    /// Draws what a pod waits for and needs. A wait also says that the Service is needed.
    fn needs<'f>(&mut self, resource: &Resource, from: usize, facts: Node<'f>, found: &mut Vec<Wait<'f>>) {
        let items = |list: &str| facts.get(list).into_iter().flat_map(Node::items).collect::<Vec<_>>();
        let mut drawn = Vec::new();
        for fact in items("waits") {
            let (to, name) = match (fact.get("service"), fact.get("object")) {
                (Some(service), _) => (Some(self.service(resource, fact, service.text())), service.text()),
                (None, Some(object)) => (self.workload(resource, fact, object.text()), object.text()),
                (None, None) => continue,
            };
            let Some(to) = to.filter(|to| *to != from) else { continue };
            let holds = holds(fact);
            // `kubectl get` may ask for no more than that an object is there.
            let asks_for_start = fact.get("service").is_some() || !text(fact, "method").ends_with(" get");
            let container = text(fact, "container");
            found.push(Wait { from, to, container, service: name, holds, asks_for_start, fact });
            let port = fact.get("port").map(|port| port.text().to_owned());
            if !drawn.contains(&(to, port.clone())) {
                self.graph.connect(from, to, EdgeKind::Waits { holds }, port.clone(), fact.span());
                drawn.push((to, port));
            }
        }
        for fact in items("dependencies").into_iter().filter(|fact| text(*fact, "kind") == "Service") {
            let to = self.service(resource, fact, text(fact, "name"));
            let port = fact.get("port").filter(|port| !port.text().is_empty()).map(|port| port.text().to_owned());
            if !drawn.iter().any(|(known, of)| *known == to && (of == &port || port.is_none())) {
                self.graph.connect(from, to, EdgeKind::Needs, port.clone(), fact.span());
                drawn.push((to, port));
            }
        }
    }

    /// The vertex of a workload that a wait of `resource` names.
    fn workload(&self, resource: &Resource, wait: Node<'_>, name: &str) -> Option<usize> {
        wait.get("objectState").filter(|state| state.is_text("target"))?;
        let namespace = wait.get("objectNamespace").map(Node::text).or(resource.id.namespace.as_deref());
        let object = object::find(self.around, namespace, text(wait, "objectKind"), name)?;
        self.by_id.get(&object.id).copied()
    }

    /// The vertex of a Service that a fact of `resource` names.
    fn service(&mut self, resource: &Resource, fact: Node<'_>, name: &str) -> usize {
        let namespace = fact.get("namespace").map(Node::text).or(resource.id.namespace.as_deref());
        let service = existence::service(self.around, namespace, name);
        if let Some(place) = service.and_then(|service| self.by_id.get(&service.resource.id)) {
            return *place;
        }
        let key = (name.to_owned(), namespace.map(str::to_owned));
        if let Some(place) = self.outside.get(&key) {
            return *place;
        }
        let where_it_is = match text(fact, "resolved") {
            "elsewhere" => "elsewhere",
            "external" => "external",
            "operator" => "operator",
            "missing" => "missing",
            _ => "unknown",
        };
        let id = ResourceId {
            api_version: "v1".to_owned(),
            kind: "Service".to_owned(),
            namespace: key.1.clone(),
            name: key.0.clone(),
        };
        let place = self.graph.add(id, VertexKind::Outside(where_it_is), None);
        self.outside.insert(key, place);
        place
    }
}

/// Whether a wait keeps its pod from starting until a pod behind the Service is ready.
fn holds(wait: Node<'_>) -> bool {
    let is_answer = match text(wait, "proves") {
        "port" | "protocol" | "state" => text(wait, "serviceKind") != "published",
        // The name of a headless Service is only there once a pod is ready (DNS specification 2.4.1).
        "name" => text(wait, "serviceKind") == "headless",
        _ => false,
    };
    let is_own = wait.get("own").and_then(Node::scalar) == Some(Scalar::Bool(true));
    text(wait, "effective") == "yes" && text(wait, "role") == "init" && is_answer && !is_own
}

fn text<'a>(fact: Node<'a>, field: &str) -> &'a str {
    fact.get(field).map_or("", Node::text)
}

#[cfg(test)]
mod tests;
