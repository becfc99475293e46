//! The Services that a pod calls, and the ports to ask them by.

use std::collections::BTreeMap;

use crate::fix::Confidence;
use crate::model::Service;
use crate::render::Resource;
use crate::source::Span;
use crate::yaml::Node;

/// A Service that a pod calls.
pub(super) struct Need<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: Option<&'a str>,
    pub(super) is_near: bool,
    /// The ports that it is called by, as they are written.
    pub(super) ports: Vec<&'a str>,
    pub(super) confidence: Confidence,
    pub(super) resolved: &'a str,
    pub(super) span: Span,
}

/// The Services that a pod calls, in the order in which they are named.
pub(super) fn needs<'a>(resource: &'a Resource, facts: Node<'a>) -> Vec<Need<'a>> {
    let mut places: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    let mut needs: Vec<Need<'a>> = Vec::new();
    let own = resource.id.namespace.as_deref();
    for fact in items(facts, "dependencies").filter(|fact| text(*fact, "kind") == "Service") {
        let written = fact.get("namespace").map(Node::text).filter(|text| !text.is_empty());
        let (name, namespace) = (text(fact, "name"), written.or(own));
        let confidence = Confidence::of(text(fact, "confidence"));
        let (Some(confidence), false) = (confidence, name.is_empty()) else { continue };
        let place = *places.entry((name, namespace)).or_insert_with(|| {
            let (resolved, is_near) = (text(fact, "resolved"), namespace == own);
            needs.push(Need { name, namespace, is_near, ports: Vec::new(), confidence, resolved, span: fact.span() });
            needs.len() - 1
        });
        let need = &mut needs[place];
        need.confidence = need.confidence.max(confidence);
        let port = text(fact, "port");
        if !port.is_empty() && !need.ports.contains(&port) {
            need.ports.push(port);
        }
    }
    needs
}

/// The numbers to ask a Service by. `asked` are the ports that it is called by.
pub(super) fn ports(service: Option<Service<'_>>, asked: &[&str]) -> Result<Vec<u16>, String> {
    let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let Some(service) = service else {
        let numbers: Vec<u16> = asked.iter().filter_map(|text| number(text)).collect();
        return if numbers.is_empty() {
            Err("nothing says by which port it is called".to_owned())
        } else {
            Ok(numbers)
        };
    };
    // The name of a headless Service leads to the pods, which know nothing of its ports.
    if service.is_headless() {
        let own =
            || service.ports().filter_map(|port| number(port.node.get("targetPort").or(port.node.get("port"))?.text()));
        let numbers: Vec<u16> = asked.iter().filter_map(|text| number(text)).collect();
        return match (numbers.is_empty(), own().count()) {
            (false, _) => Ok(numbers),
            (true, 1) if service.ports().count() == 1 => Ok(own().collect()),
            _ => Err("it is headless, and nothing says by which port its pods are called".to_owned()),
        };
    }
    let mut numbers = Vec::new();
    let asked_of = |text: &&str| service.port(text).ok_or_else(|| format!("it has no port `{text}`"));
    let found = if asked.is_empty() {
        let tcp: Vec<_> = service.ports().filter(|port| port.protocol() == "TCP").collect();
        if tcp.len() != 1 {
            return Err(format!("it has {} TCP ports, and nothing says by which one it is called", tcp.len()));
        }
        tcp
    } else {
        asked.iter().map(asked_of).collect::<Result<_, _>>()?
    };
    for port in found {
        if port.protocol() != "TCP" {
            return Err(format!("nobody can tell whether anybody listens on a port of {}", port.protocol()));
        }
        let written = port.node.get("port").filter(|node| !node.is_unknown()).and_then(|node| number(node.text()));
        let port = written.ok_or("its port is not known before it is filled in")?;
        if !numbers.contains(&port) {
            numbers.push(port);
        }
    }
    Ok(numbers)
}

pub(super) fn items<'a>(facts: Node<'a>, list: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    facts.get(list).into_iter().flat_map(Node::items)
}

/// What a fact says; nothing where it can't be known.
pub(super) fn text<'a>(fact: Node<'a>, field: &str) -> &'a str {
    fact.get(field).filter(|value| !value.is_unknown()).map_or("", Node::text)
}
