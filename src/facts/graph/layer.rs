//! In which order the vertices of a graph can come, and which of them need each other in a circle.
//!
//! Strongly connected components by Tarjan's algorithm, without recursion; then a component's layer is one more than
//! the highest layer of what it needs.

use crate::facts::graph::Graph;

/// Gives every vertex its layer, and marks what is part of a circle.
pub(super) fn arrange(graph: &mut Graph) {
    let count = graph.vertices.len();
    let mut needs = vec![Vec::new(); count];
    for edge in &graph.edges {
        needs[edge.from].push(edge.to);
    }
    let components = components(&needs);
    let mut component_of = vec![0; count];
    for (number, members) in components.iter().enumerate() {
        for &member in members {
            component_of[member] = number;
        }
    }
    // A component comes before those that need it, so that its layer is known when they ask for it.
    let mut layers = vec![0; components.len()];
    for (number, members) in components.iter().enumerate() {
        let below = members.iter().flat_map(|&member| &needs[member]).map(|&to| component_of[to]);
        layers[number] = below.filter(|&other| other != number).map(|other| layers[other] + 1).max().unwrap_or(0);
    }
    for edge in &mut graph.edges {
        edge.is_in_cycle = component_of[edge.from] == component_of[edge.to];
    }
    for (index, vertex) in graph.vertices.iter_mut().enumerate() {
        let component = component_of[index];
        vertex.layer = layers[component];
        vertex.is_in_cycle = components[component].len() > 1 || needs[index].contains(&index);
    }
}

/// The strongly connected components, each after those that it leads to.
fn components(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let mut number = vec![UNSEEN; needs.len()];
    let mut lowest = vec![0; needs.len()];
    let mut is_open = vec![false; needs.len()];
    let (mut stack, mut found, mut next) = (Vec::new(), Vec::new(), 0);
    for start in 0..needs.len() {
        if number[start] != UNSEEN {
            continue;
        }
        let mut calls = vec![(start, 0)];
        while let Some((at, step)) = calls.pop() {
            if step == 0 {
                (number[at], lowest[at]) = (next, next);
                next += 1;
                stack.push(at);
                is_open[at] = true;
            } else {
                let child = needs[at][step - 1];
                if is_open[child] {
                    lowest[at] = lowest[at].min(lowest[child]);
                }
            }
            match needs[at].get(step) {
                Some(&child) => {
                    calls.push((at, step + 1));
                    if number[child] == UNSEEN {
                        calls.push((child, 0));
                    }
                }
                None if lowest[at] == number[at] => {
                    let start = stack.iter().rposition(|&member| member == at).expect("it was put there");
                    let members = stack.split_off(start);
                    for &member in &members {
                        is_open[member] = false;
                    }
                    found.push(members);
                }
                None => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn a_circle_is_one_component_and_comes_after_what_it_leads_to() {
        // 0 needs 1, 1 and 2 need each other, 2 needs 3.
        let mut found = components(&[vec![1], vec![2], vec![1, 3], vec![]]);
        for members in &mut found {
            members.sort_unstable();
        }
        assert_eq!(found, [vec![3], vec![1, 2], vec![0]]);
    }

    #[test]
    fn a_long_way_needs_no_deep_stack() {
        let count = 100_000;
        let mut needs: Vec<Vec<usize>> = (1..count).map(|next| vec![next]).collect();
        needs.push(vec![0]);
        assert_eq!(components(&needs).len(), 1);
    }
}
