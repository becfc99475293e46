//! What a Flux Kustomization or HelmRelease is applied after: whether that exists, and whether it leads back.
//!
//! Fact: `dependsOn`, each with `kind`, `name`, `namespace`, `resolved` (`target`, `elsewhere`, `external`, `missing`)
//! and, on one of each circle, its `path`.

use std::collections::VecDeque;

use crate::facts::book::Book;
use crate::facts::flux::Layer;
use crate::facts::flux::Layers;
use crate::facts::flux::MAX_DEPTH;
use crate::facts::flux::On;
use crate::facts::flux::dependencies;
use crate::facts::flux::kind_of;
use crate::facts::flux::only;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::kube::ResourceId;
use crate::render::Resource;
use crate::yaml::NodeId;

pub(in crate::facts) fn infer(around: &Surroundings<'_>, resource: &Resource, book: &mut Book, facts: NodeId) {
    let Some(kind) = kind_of(&resource.id) else { return };
    let layers = &around.elsewhere.layers;
    let own = only(layers, kind, resource.id.namespace.as_deref(), &resource.id.name);
    let mut is_told = false;
    for on in dependencies(resource) {
        let item = book.item(facts, "dependsOn", on.name);
        book.text(item, "kind", kind);
        book.copy(item, "name", on.name);
        if let Some(namespace) = on.namespace.name() {
            book.text(item, "namespace", namespace);
        }
        book.verdict(item, "resolved", resolved(around, kind, &on));
        let next = on.namespace.is_known().then(|| only(layers, kind, on.namespace.name(), on.name.text())).flatten();
        let circle = own.zip(next).filter(|_| !is_told).and_then(|(own, next)| circle(layers, own, next));
        if let Some(circle) = circle {
            is_told = true;
            let names: Vec<&str> = circle.iter().map(|layer| layer.name.as_str()).collect();
            book.text(item, "path", &names.join(" → "));
        }
    }
}

/// Where what is meant is; none if that can't be known.
fn resolved(around: &Surroundings<'_>, kind: &'static str, on: &On<'_>) -> Option<&'static str> {
    if !on.namespace.is_known() {
        return None;
    }
    let namespace = on.namespace.name();
    let name = on.name.text();
    let is_it = |other: &Resource| kind_of(&other.id) == Some(kind) && is_near(namespace, other);
    let is_external = |external: &crate::config::ExternalObject| {
        external.kind == kind
            && (external.name == "*" || external.name == name)
            && ResourceId::may_share_namespace(namespace, external.namespace.as_deref())
    };
    if around.named(name).any(is_it) {
        Some("target")
    } else if around.elsewhere.has_object(kind, name, namespace) {
        Some("elsewhere")
    } else if around.config.external_objects.iter().any(is_external) {
        Some("external")
    } else {
        // `flux bootstrap` makes the one of its own name, and generators make any.
        let is_open = name == "flux-system"
            || around.has_unknown_name
            || around.elsewhere.may_be_unread(namespace, name)
            || ["ResourceSet", "FluxInstance", "ApplicationSet"].iter().any(|kind| around.kinds.contains(kind));
        (!is_open).then_some("missing")
    }
}

/// Whether one layer is applied after the other, through others perhaps.
pub(super) fn leads_to(layers: &Layers, from: &Layer, to: &Layer) -> bool {
    way(layers, from, to).is_some()
}

/// The circle that begins with two layers, if it is the first of its members that is asked.
fn circle<'a>(layers: &'a Layers, own: &'a Layer, next: &'a Layer) -> Option<Vec<&'a Layer>> {
    let mut circle = vec![own];
    if own.at == next.at {
        circle.push(own);
    } else {
        circle.extend(way(layers, next, own)?);
    }
    let is_first = circle.iter().all(|other| (&own.namespace, &own.name) <= (&other.namespace, &other.name));
    is_first.then_some(circle)
}

/// The shortest way of dependencies from one layer to another, both included.
fn way<'a>(layers: &'a Layers, from: &'a Layer, to: &Layer) -> Option<Vec<&'a Layer>> {
    let mut seen: Vec<(&Layer, usize)> = vec![(from, 0)];
    let mut open = VecDeque::from([0]);
    while let Some(at) = open.pop_front() {
        let (layer, _) = seen[at];
        for (namespace, name) in &layer.depends {
            let Some(next) = only(layers, layer.kind, namespace.as_deref(), name) else { continue };
            if seen.len() > MAX_DEPTH || seen[1..].iter().any(|(known, _)| known.at == next.at) {
                continue;
            }
            seen.push((next, at));
            if next.at == to.at {
                let mut way = vec![next];
                let mut back = at;
                while back != 0 {
                    way.push(seen[back].0);
                    back = seen[back].1;
                }
                way.push(from);
                way.reverse();
                return Some(way);
            }
            open.push_back(seen.len() - 1);
        }
    }
    None
}
