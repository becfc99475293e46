//! Pods that wait for each other, so that none of them ever starts.
//!
//! Found by starting whatever can start until nothing more can. What is left waits for something that is left; those
//! of them that wait for themselves through others are the cause, the rest only suffers from it.

use std::collections::VecDeque;

use crate::facts::graph::Graph;
use crate::facts::graph::Told;
use crate::facts::graph::VertexKind;
use crate::facts::graph::Wait;

/// The waits that never end, one for each circle, on the pod of it that comes first.
pub(super) fn deadlocked(graph: &Graph, waits: &[Wait<'_>]) -> Vec<Told> {
    let stuck = stuck(graph, waits);
    if stuck.is_empty() {
        return Vec::new();
    }
    let mut told = Vec::new();
    let mut covered = Vec::new();
    for &from in &stuck {
        if covered.contains(&from) {
            continue;
        }
        let Some(circle) = circle(graph, waits, &stuck, from) else { continue };
        covered.extend(circle.iter().map(|wait| wait.from));
        let names = circle.iter().map(|wait| wait.from).chain([from]).map(|at| graph.vertices[at].id.name.as_str());
        let path = names.collect::<Vec<_>>().join(" → ");
        let fields = vec![
            ("container", circle[0].container.to_owned()),
            ("service", circle[0].service.to_owned()),
            ("path", path),
        ];
        told.push(Told { from, span: circle[0].fact.span(), fields });
    }
    told
}

/// The workloads that never start, in the order of the target.
fn stuck(graph: &Graph, waits: &[Wait<'_>]) -> Vec<usize> {
    let holding: Vec<&Wait<'_>> = waits.iter().filter(|wait| wait.holds).collect();
    if holding.is_empty() {
        return Vec::new();
    }
    let mut behind = vec![Vec::new(); graph.vertices.len()];
    for wait in &holding {
        if behind[wait.to].is_empty() {
            behind[wait.to] = graph.behind(wait.to).collect();
        }
    }
    let mut starts = vec![true; graph.vertices.len()];
    for wait in &holding {
        starts[wait.from] = false;
    }
    loop {
        let mut has_changed = false;
        for from in holding.iter().map(|wait| wait.from) {
            let answers = |wait: &&&Wait<'_>| {
                let pods = &behind[wait.to];
                // Who is behind a Service without pods of this target is not ours to say.
                pods.is_empty() || pods.iter().any(|&pod| starts[pod])
            };
            if !starts[from] && holding.iter().filter(|wait| wait.from == from).all(|wait| answers(&wait)) {
                starts[from] = true;
                has_changed = true;
            }
        }
        if !has_changed {
            break;
        }
    }
    (0..starts.len()).filter(|&index| !starts[index] && graph.vertices[index].kind == VertexKind::Workload).collect()
}

/// The shortest way of waits from a pod back to itself.
fn circle<'w, 'a>(graph: &Graph, waits: &'w [Wait<'a>], stuck: &[usize], from: usize) -> Option<Vec<&'w Wait<'a>>> {
    let mut came_by: Vec<Option<&Wait<'_>>> = vec![None; graph.vertices.len()];
    let mut open = VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        for wait in waits.iter().filter(|wait| wait.from == at && wait.holds) {
            for pod in graph.behind(wait.to).filter(|pod| stuck.contains(pod)) {
                if pod == from {
                    let mut circle = vec![wait];
                    let mut back = at;
                    while back != from {
                        let wait = came_by[back].expect("every pod but the first was reached by a wait");
                        circle.push(wait);
                        back = wait.from;
                    }
                    circle.reverse();
                    return Some(circle);
                }
                if came_by[pod].is_none() {
                    came_by[pod] = Some(wait);
                    open.push_back(pod);
                }
            }
        }
    }
    None
}
