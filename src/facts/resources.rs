//! What a pod reserves and may use once all its containers are counted together, and its quality of service.
//!
//! Facts of a pod: `qos` and `qosWithoutInit` (as if the ordinary init containers were not there);
//! `requests` and `limits`, a quantity per resource; `lowering` lists the init containers without which
//! the pod would be Guaranteed, with `container`; `dominating` lists the resources of which an init
//! container needs more than all that runs for good, with `resource`, `container`, `requests` and
//! `steady`. Nothing is known if a quantity is not, or if a LimitRange may fill in what is left out.
//! Rules: `component-helpers/resource/helpers.go` and `GetPodQOS` of 1.36, checked against the verdicts
//! in `testdata/facts/effective.json`.

use std::collections::BTreeMap;

use crate::facts::book::Book;
use crate::facts::surroundings::Surroundings;
use crate::kube::quantity;
use crate::model::Container;
use crate::model::Pod;
use crate::model::Role;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// Billionths of each resource, by name.
type Amounts = BTreeMap<String, i128>;

/// What a container, or the pod as a whole, asks for.
struct Ask {
    requests: Amounts,
    limits: Amounts,
}

/// A container and what it asks for, its missing requests filled in from its limits.
type Asking<'a> = (Container<'a>, Ask);

/// `complete` says that nobody adds to the pod's containers what is not written.
pub(super) fn infer(
    around: &Surroundings<'_>,
    resource: &Resource,
    pod: Pod<'_>,
    complete: bool,
    book: &mut Book,
    facts: NodeId,
) {
    let namespace = resource.id.namespace.as_deref();
    let filled_in = !complete || around.limited.may_hold(namespace);
    let (Some((asks, whole)), false) = (read(pod), filled_in) else { return book.verdict(facts, "qos", None) };
    let (qos, without) = (qos(&asks, &whole, true), qos(&asks, &whole, false));
    book.text(facts, "qos", qos);
    book.text(facts, "qosWithoutInit", without);
    let overhead = pod.spec.get("overhead").and_then(amounts).unwrap_or_default();
    let (requests, limits) = totals(&asks, &whole, &overhead);
    for (field, total) in [("requests", requests), ("limits", limits)] {
        let list = book.field(facts, field, pod.spec);
        for (name, amount) in total {
            book.text(list, &name, &shown(amount));
        }
    }
    for (container, ask) in asks.iter().filter(|_| qos != "Guaranteed" && without == "Guaranteed") {
        if container.role == Role::Init && class([ask]) != "Guaranteed" {
            let item = book.item(facts, "lowering", container.node);
            container.node.get("name").into_iter().for_each(|name| book.copy(item, "container", name));
        }
    }
    // Where the pod as a whole says what it needs, that counts instead.
    if whole.requests.is_empty() && whole.limits.is_empty() {
        dominating(&asks, book, facts);
    }
}

/// What the containers and the pod as a whole ask for, if all of it is known.
fn read(pod: Pod<'_>) -> Option<(Vec<Asking<'_>>, Ask)> {
    let asks = pod.containers().map(|container| {
        let mut ask = ask(container.node)?;
        for (name, limit) in &ask.limits {
            ask.requests.entry(name.clone()).or_insert(*limit);
        }
        Some((container, ask))
    });
    let asks: Vec<_> = asks.collect::<Option<_>>()?;
    let mut whole = ask(pod.spec)?;
    let together = effective(&asks, |ask| &ask.requests);
    for (name, limit) in &whole.limits {
        let request = together.get(name).copied().filter(|sum| *sum > 0).unwrap_or(*limit);
        whole.requests.entry(name.clone()).or_insert(request);
    }
    Some((asks, whole))
}

fn ask(node: Node<'_>) -> Option<Ask> {
    let list = |field| node.at_path(&["resources", field]).map_or(Some(Amounts::new()), amounts);
    Some(Ask { requests: list("requests")?, limits: list("limits")? })
}

fn amounts(list: Node<'_>) -> Option<Amounts> {
    let amount = |value: Node<'_>| quantity(value.text()).filter(|_| !value.is_unknown());
    list.fields().map(|(name, value)| Some((name.text().to_owned(), amount(value)?))).collect()
}

fn totals(asks: &[Asking<'_>], whole: &Ask, overhead: &Amounts) -> (Amounts, Amounts) {
    let mut requests = effective(asks, |ask| &ask.requests);
    let mut limits = effective(asks, |ask| &ask.limits);
    requests.extend(whole.requests.clone());
    limits.extend(whole.limits.clone());
    for (name, extra) in overhead {
        *requests.entry(name.clone()).or_default() += extra;
        if let Some(limit) = limits.get_mut(name).filter(|limit| **limit > 0) {
            *limit += extra;
        }
    }
    (requests, limits)
}

/// What is needed at the most, during the start or for good.
fn effective(asks: &[Asking<'_>], of: fn(&Ask) -> &Amounts) -> Amounts {
    let mut most = steady(asks, of);
    for name in asks.iter().flat_map(|(_, ask)| of(ask).keys()) {
        let peak = phases(asks, name, of).map(|(_, used)| used).max().unwrap_or(0);
        let most = most.entry(name.clone()).or_default();
        *most = peak.max(*most);
    }
    most
}

/// What is needed for good: by the apps and the sidecars.
fn steady(asks: &[Asking<'_>], of: fn(&Ask) -> &Amounts) -> Amounts {
    let mut sum = Amounts::new();
    for (_, ask) in asks.iter().filter(|(container, _)| container.role != Role::Init) {
        for (name, amount) in of(ask) {
            *sum.entry(name.clone()).or_default() += amount;
        }
    }
    sum
}

/// What is needed while each init container or sidecar starts: its own and that of the sidecars before.
fn phases<'a>(
    asks: &'a [Asking<'a>],
    name: &'a str,
    of: fn(&Ask) -> &Amounts,
) -> impl Iterator<Item = (Container<'a>, i128)> {
    let mut sidecars = 0;
    asks.iter().filter(|(container, _)| container.role != Role::App).map(move |(container, ask)| {
        let used = sidecars + of(ask).get(name).copied().unwrap_or(0);
        if container.role == Role::Sidecar {
            sidecars = used;
        }
        (*container, used)
    })
}

fn dominating(asks: &[Asking<'_>], book: &mut Book, facts: NodeId) {
    for (name, &steady) in steady(asks, |ask| &ask.requests).iter().filter(|(_, steady)| **steady > 0) {
        let inits = phases(asks, name, |ask| &ask.requests).filter(|(container, _)| container.role == Role::Init);
        let most = inits.reduce(|most, next| if next.1 > most.1 { next } else { most });
        let Some((container, amount)) = most.filter(|&(_, amount)| amount > steady) else { continue };
        let place = ["requests", "limits"].iter().find_map(|field| container.node.at_path(&["resources", field, name]));
        let item = book.item(facts, "dominating", place.unwrap_or(container.node));
        book.text(item, "resource", name);
        book.text(item, "container", container.name());
        book.text(item, "requests", &shown(amount));
        book.text(item, "steady", &shown(steady));
    }
}

fn qos(asks: &[Asking<'_>], whole: &Ask, with_init: bool) -> &'static str {
    if !whole.requests.is_empty() || !whole.limits.is_empty() {
        return class([whole]);
    }
    class(asks.iter().filter(|(container, _)| with_init || container.role != Role::Init).map(|(_, ask)| ask))
}

/// The quality of service of containers taken together. Amounts of zero count as left out.
fn class<'a>(asks: impl IntoIterator<Item = &'a Ask>) -> &'static str {
    let (mut requests, mut limits, mut limited) = ([0; 2], [0; 2], true);
    for ask in asks {
        for (index, name) in ["cpu", "memory"].into_iter().enumerate() {
            let limit = ask.limits.get(name).copied().unwrap_or(0);
            requests[index] += ask.requests.get(name).copied().unwrap_or(0);
            limits[index] += limit;
            limited &= limit > 0;
        }
    }
    match (requests, limits) {
        ([0, 0], [0, 0]) => "BestEffort",
        _ if limited && requests == limits => "Guaranteed",
        _ => "Burstable",
    }
}

/// A quantity as people write it.
fn shown(nanos: i128) -> String {
    const NANOS: i128 = 1_000_000_000;
    if nanos % NANOS != 0 {
        let millis = nanos / (NANOS / 1000) + i128::from(nanos % (NANOS / 1000) > 0);
        return format!("{millis}m");
    }
    let whole = nanos / NANOS;
    let unit =
        [("Gi", 30), ("Mi", 20), ("Ki", 10)].into_iter().find(|(_, power)| whole > 0 && whole % (1 << power) == 0);
    unit.map_or_else(|| whole.to_string(), |(suffix, power)| format!("{}{suffix}", whole >> power))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::quantity;
    use crate::facts::of_text;
    use crate::source::Sources;
    use crate::yaml::Files;
    use crate::yaml::Node;

    #[test]
    fn effective_resources_are_those_of_kubernetes() {
        let sources = Sources::below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/facts")).unwrap();
        let sources = Arc::new(sources);
        let recorded = Files::new(Arc::clone(&sources)).parsed("effective.json").unwrap();
        let cases: Vec<_> = recorded.tree.node(recorded.documents[0].root).items().collect();
        assert_eq!(cases.len(), 108);
        for case in cases {
            let field = |name| case.get(name).unwrap();
            let pod = format!("{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {}}}", field("spec").text());
            let facts = of_text(&sources, &pod);
            let fact = |name| facts.of(0).get(name).unwrap();
            let name = field("name").text();
            assert_eq!(fact("qos").text(), field("qos").text(), "{name}");
            for list in ["requests", "limits"] {
                assert_eq!(amounts(fact(list)), amounts(field(list)), "{list} of {name}");
            }
        }
    }

    /// Names and billionths, sorted.
    fn amounts(list: Node<'_>) -> Vec<(&str, i128)> {
        let mut amounts: Vec<_> =
            list.fields().map(|(name, value)| (name.text(), quantity(value.text()).unwrap())).collect();
        amounts.sort_unstable();
        amounts
    }
}
