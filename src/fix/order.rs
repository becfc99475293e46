//! Who is ready before whom, and which waits would therefore never end: for oneself, for a pod that waits for this one,
//! and for what is only deployed later.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::facts::EdgeKind;
use crate::facts::Graph;
use crate::facts::VertexKind;
use crate::kube::ResourceId;
use crate::render::Resource;

/// Who is ready before whom.
pub(super) struct Order<'a> {
    graph: &'a Graph,
    places: HashMap<(&'a str, &'a str, Option<&'a str>), usize>,
    selected: Vec<Vec<usize>>,
    /// The Services that each workload waits for, by place.
    waits: HashMap<usize, Vec<usize>>,
    /// The workloads without replicas.
    idle: HashSet<usize>,
}

impl<'a> Order<'a> {
    pub(super) fn of(graph: &'a Graph, resources: &'a [Resource]) -> Self {
        let mut waits: HashMap<usize, Vec<usize>> = HashMap::new();
        for edge in graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Waits { holds: true }) {
            waits.entry(edge.from).or_default().push(edge.to);
        }
        let key = |id: &'a ResourceId| (id.kind.as_str(), id.name.as_str(), id.namespace.as_deref());
        let places = graph.vertices.iter().enumerate().map(|(place, vertex)| (key(&vertex.id), place)).collect();
        let mut order = Self { graph, places, selected: graph.selected(), waits, idle: HashSet::new() };
        let replicas =
            |resource: &Resource| resource.node().at_path(&["spec", "replicas"]).map(|count| count.text() == "0");
        let idle = resources.iter().filter(|resource| replicas(resource) == Some(true));
        order.idle = idle.filter_map(|resource| order.workload(&resource.id)).collect();
        order
    }

    fn workload(&self, id: &ResourceId) -> Option<usize> {
        self.places.get(&(id.kind.as_str(), id.name.as_str(), id.namespace.as_deref())).copied()
    }

    fn service(&self, name: &str, namespace: Option<&str>) -> Option<usize> {
        [namespace, None].iter().find_map(|namespace| self.places.get(&("Service", name, *namespace)).copied())
    }

    /// The workloads behind a Service of the target, by their ids.
    pub(super) fn behind(&self, name: &str, namespace: Option<&str>) -> impl Iterator<Item = &'a ResourceId> {
        self.providers(name, namespace).iter().map(|provider| &self.graph.vertices[*provider].id)
    }

    fn providers(&self, name: &str, namespace: Option<&str>) -> &[usize] {
        let service = self.service(name, namespace);
        let service = service.filter(|service| self.graph.vertices[*service].kind == VertexKind::Service);
        service.map_or(&[], |service| &self.selected[service])
    }

    /// Complains of a Service whose pods are the workload's own, or only deployed once it is ready.
    pub(super) fn comes_later(&self, workload: &ResourceId, name: &str, namespace: Option<&str>) -> Result<(), String> {
        let Some(from) = self.workload(workload) else { return Ok(()) };
        let providers = self.providers(name, namespace);
        if providers.contains(&from) {
            return Err("its own pods are behind this Service, which leads to none before they are ready".to_owned());
        }
        let turn = self.graph.vertices[from].turn;
        if !providers.is_empty() && providers.iter().all(|provider| self.idle.contains(provider)) {
            return Err("what is behind it has no replicas, so the wait would never end".to_owned());
        }
        for other in providers.iter().map(|&provider| &self.graph.vertices[provider]) {
            if let (Some(own), Some(later)) = (turn, other.turn)
                && later > own
            {
                return Err(format!("{} is deployed only later ({later}), once this is ready ({own})", other.id));
            }
        }
        Ok(())
    }

    /// Complains of a wait that leads back to where it starts.
    pub(super) fn may_wait(&self, workload: &ResourceId, name: &str, namespace: Option<&str>) -> Result<(), String> {
        let Some(from) = self.workload(workload) else { return Ok(()) };
        match self.providers(name, namespace).iter().find(|&&provider| self.leads(provider, from)) {
            None => Ok(()),
            Some(&provider) => {
                let other = &self.graph.vertices[provider].id;
                let own = format!("{}/{}", workload.kind.to_lowercase(), workload.name);
                Err(format!("{other} waits for it in turn, or would; `--wait-for {own}` lets only this one wait"))
            }
        }
    }

    /// Adds a wait that was asked for.
    pub(super) fn add(&mut self, workload: &ResourceId, name: &str, namespace: Option<&str>) {
        if let (Some(from), Some(service)) = (self.workload(workload), self.service(name, namespace)) {
            self.waits.entry(from).or_default().push(service);
        }
    }

    /// Whether one workload is only ready once another one is.
    fn leads(&self, from: usize, to: usize) -> bool {
        let mut open = vec![from];
        let mut known = vec![from];
        while let Some(workload) = open.pop() {
            if workload == to {
                return true;
            }
            for &service in self.waits.get(&workload).into_iter().flatten() {
                for &next in &self.selected[service] {
                    if !known.contains(&next) {
                        known.push(next);
                        open.push(next);
                    }
                }
            }
        }
        false
    }
}
