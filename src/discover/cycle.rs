//! Kustomizations that use each other in a circle, and Components that nobody uses.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::discover::graph::Graph;
use crate::discover::graph::Use;
use crate::discover::paths;
use crate::kustomization::Kind;

/// What is wrong with the graph as such.
pub(super) fn problems(graph: &Graph) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = circles(graph).iter().map(|circle| circular(graph, circle)).collect();
    for unit in graph.units.iter().filter(|unit| unit.kind == Kind::Component && unit.is_listed && unit.users == 0) {
        let Some(span) = unit.kind_span else { continue };
        let what = "no kustomization of this repository uses this Component, so it is not checked";
        let problem = Diagnostic::warning("unused-component", span, what)
            .help("name it under `components`, remove it, or leave it out with `exclude` in `plimsoll.yaml`");
        // Others may well use it, or it may be meant for later: nothing is wrong with it as such.
        problems.push(Diagnostic { severity: Severity::Note, ..problem });
    }
    problems
}

fn circular(graph: &Graph, circle: &[usize]) -> Diagnostic {
    let name = |unit: usize| paths::shown(&graph.units[unit].folder);
    let inner = |&unit: &usize| graph.units[unit].uses.iter().filter(|usage| circle.binary_search(&usage.unit).is_ok());
    let mut references = circle.iter().flat_map(|unit| inner(unit).map(move |usage| (*unit, *usage)));
    let (first, Use { unit, span }) = references.next().expect("every unit of a circle refers to another one of it");
    let message = if circle.len() == 1 {
        format!("the kustomization `{}` uses itself, so it cannot be built", name(first))
    } else {
        format!("{} kustomizations use each other in a circle, so none of them can be built", circle.len())
    };
    let says = |user: usize, used: usize| format!("`{}` uses `{}`", name(user), name(used));
    let mut problem = Diagnostic::error("kustomization-cycle", span, message)
        .label(says(first, unit))
        .help("remove one of these references");
    for (user, Use { unit, span }) in references {
        problem = problem.related(span, says(user, unit));
    }
    problem
}

/// The largest sets of units each of which leads to all others of its set, sorted. This is
/// Kosaraju's algorithm with stacks of its own, since the depth of the graph is up to the input.
fn circles(graph: &Graph) -> Vec<Vec<usize>> {
    let count = graph.units.len();
    let mut backwards = vec![Vec::new(); count];
    for (user, unit) in graph.units.iter().enumerate() {
        for usage in &unit.uses {
            backwards[usage.unit].push(user);
        }
    }
    let mut is_grouped = vec![false; count];
    let mut circles = Vec::new();
    for start in finished_last_first(graph) {
        if is_grouped[start] {
            continue;
        }
        is_grouped[start] = true;
        let mut group = vec![start];
        let mut next = 0;
        while next < group.len() {
            for &user in &backwards[group[next]] {
                if !std::mem::replace(&mut is_grouped[user], true) {
                    group.push(user);
                }
            }
            next += 1;
        }
        let uses_itself = || graph.units[start].uses.iter().any(|usage| usage.unit == start);
        if group.len() > 1 || uses_itself() {
            group.sort_unstable();
            circles.push(group);
        }
    }
    circles.sort_unstable();
    circles
}

/// All units in the reverse order of leaving them in a search into depth.
fn finished_last_first(graph: &Graph) -> Vec<usize> {
    let mut is_seen = vec![false; graph.units.len()];
    let mut finished = Vec::with_capacity(graph.units.len());
    for start in 0..graph.units.len() {
        if std::mem::replace(&mut is_seen[start], true) {
            continue;
        }
        let mut stack = vec![(start, 0)];
        while let Some((unit, next)) = stack.last_mut() {
            let Some(usage) = graph.units[*unit].uses.get(*next) else {
                finished.push(*unit);
                stack.pop();
                continue;
            };
            *next += 1;
            if !std::mem::replace(&mut is_seen[usage.unit], true) {
                stack.push((usage.unit, 0));
            }
        }
    }
    finished.reverse();
    finished
}
