//! Pods that wait for each other, so that none of them ever starts.
//!
//! Found by starting whatever can start until nothing more can. What is left waits for something that is left; those
//! of them that wait for themselves through others are the cause, the rest only suffers from it.

use std::collections::VecDeque;

use crate::facts::graph::Graph;
use crate::facts::graph::Told;
use crate::facts::graph::Wait;

/// The waits that never end, one for each circle, on the pod of it that comes first. `selected` are the workloads
/// behind each Service.
pub(super) fn deadlocked(graph: &Graph, selected: &[Vec<usize>], waits: &[Wait<'_>]) -> Vec<Told> {
    let mut holding: Vec<Vec<&Wait<'_>>> = vec![Vec::new(); graph.vertices.len()];
    for wait in waits.iter().filter(|wait| wait.holds && wait.asks_for_start) {
        holding[wait.from].push(wait);
    }
    let starts = starting(&holding, selected);
    let mut told = Vec::new();
    let mut covered = vec![false; graph.vertices.len()];
    for from in (0..starts.len()).filter(|&index| !starts[index]) {
        if covered[from] {
            continue;
        }
        let Some(circle) = circle(&holding, selected, &starts, from) else { continue };
        for wait in &circle {
            covered[wait.from] = true;
        }
        let names = circle.iter().map(|wait| wait.from).chain([from]).map(|at| graph.vertices[at].id.name.as_str());
        let path = names.collect::<Vec<_>>().join(" → ");
        let (container, service) = (circle[0].container.to_owned(), circle[0].service.to_owned());
        let fields = vec![("container", container), ("service", service), ("path", path)];
        told.push(Told { from, span: circle[0].fact.span(), fields });
    }
    told
}

/// Which vertices start sooner or later.
fn starting(holding: &[Vec<&Wait<'_>>], selected: &[Vec<usize>]) -> Vec<bool> {
    let mut starts: Vec<bool> = holding.iter().map(Vec::is_empty).collect();
    let mut waited_for_by = vec![Vec::new(); holding.len()];
    for wait in holding.iter().flatten() {
        for &pod in &selected[wait.to] {
            waited_for_by[pod].push(wait.from);
        }
    }
    // Who is behind a Service without pods of this target is not ours to say.
    let is_answered = |wait: &&Wait<'_>, starts: &[bool]| {
        let pods = &selected[wait.to];
        pods.is_empty() || pods.iter().any(|&pod| starts[pod])
    };
    let mut open: Vec<usize> = (0..holding.len()).filter(|&index| !starts[index]).collect();
    while let Some(from) = open.pop() {
        if !starts[from] && holding[from].iter().all(|wait| is_answered(wait, &starts)) {
            starts[from] = true;
            open.extend(&waited_for_by[from]);
        }
    }
    starts
}

/// The shortest way of waits from a pod back to itself.
fn circle<'w, 'a>(
    holding: &[Vec<&'w Wait<'a>>],
    selected: &[Vec<usize>],
    starts: &[bool],
    from: usize,
) -> Option<Vec<&'w Wait<'a>>> {
    let mut came_by: Vec<Option<&'w Wait<'a>>> = vec![None; holding.len()];
    let mut open = VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        for &wait in &holding[at] {
            for &pod in selected[wait.to].iter().filter(|pod| !starts[**pod]) {
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
