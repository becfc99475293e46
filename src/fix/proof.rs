//! Building again what changes touch, before anybody is offered them: the waits are there and hold, nothing else of
//! any target is different, and no policy finds anything new.
//!
//! All changes are proved together, and by halves only when that fails.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Check;
use crate::discover::Target;
use crate::finding::Finding;
use crate::fix::Built;
use crate::fix::apart::Apart;
use crate::fix::change;
use crate::fix::change::Change;
use crate::fix::change::Edit;
use crate::fix::change::Purpose;
use crate::fix::container::Container;
use crate::fix::container::NAMESPACE;
use crate::fix::layers::Layers;
use crate::fix::workload::Wait;
use crate::jsonpath::display_path;
use crate::kube::ResourceId;
use crate::model::Pod;
use crate::source::Span;
use crate::yaml::Files;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Scalar;

const INIT_CONTAINERS: &str = "initContainers";

/// What is needed to prove changes.
pub(super) struct Proof<'p> {
    pub(super) files: &'p Files,
    pub(super) built: &'p [Built],
    pub(super) layers: &'p Layers,
    /// Where patches are beside what they are for.
    pub(super) apart: Option<&'p Apart<'p>>,
    pub(super) rebuild: &'p (dyn Fn(&Files, &Target) -> Built + Sync),
}

/// The changes that were proved, and those that were not, each with the reason.
type Held = (Vec<Change>, Vec<(Change, String)>);

impl Proof<'_> {
    /// Keeps the changes that do what they are for and nothing else.
    pub(super) fn hold(&self, changes: Vec<Change>) -> Held {
        let Err(reason) = self.prove(&changes) else { return (changes, Vec::new()) };
        if changes.len() == 1 {
            return (Vec::new(), changes.into_iter().map(|change| (change, reason.clone())).collect());
        }
        let mut first = changes;
        let second = first.split_off(first.len() / 2);
        let ((mut proved, mut failed), (others, more)) = (self.hold(first), self.hold(second));
        failed.extend(more);
        let count = proved.len();
        proved.extend(others);
        if let Err(reason) = self.prove(&proved) {
            let apart = proved.split_off(count);
            failed.extend(apart.into_iter().map(|change| (change, format!("not together with the others: {reason}"))));
        }
        (proved, failed)
    }

    fn prove(&self, changes: &[Change]) -> Result<(), String> {
        if changes.is_empty() {
            return Ok(());
        }
        let heads = self.apart.map(|apart| apart.heads(false)).unwrap_or_default();
        let mut texts = change::texts(self.files, changes, &heads);
        let mut edits = changes.iter().flat_map(|change| &change.edits);
        if let Some(edit) = edits.find(|edit| !texts.contains_key(edit.file())) {
            return Err(format!("`{}` can't be edited as it is written", edit.file()));
        }
        if let Some(apart) = self.apart {
            texts.extend(apart.manifests());
        }
        let edited = Files::new(Arc::new(self.files.sources().edited(texts)));
        let edits = || changes.iter().flat_map(|change| &change.edits);
        let is_touched = |target: &usize| {
            let is_from = |edit: &Edit| match self.apart {
                Some(apart) => apart.kustomization(*target) == edit.file(),
                None => self.layers.is_built_from(*target, &self.built[*target], edit.file()),
            };
            edits().any(is_from)
        };
        let touched: Vec<usize> = (0..self.built.len()).filter(is_touched).collect();
        let compare = |&target: &usize| {
            let before = &self.built[target];
            let Some(apart) = self.apart else {
                let after = (self.rebuild)(&edited, &before.target);
                let is_same = ids(before).eq(ids(&after));
                let places: Vec<usize> = (0..before.resources.len()).collect();
                return Intended::of(target, changes).compare(before, &after, is_same.then_some(&places));
            };
            let after = (self.rebuild)(&edited, &apart.target(target));
            Intended::of(target, changes).compare(before, &after, places(before, &after).as_ref())
        };
        let outcomes: Vec<Result<(), String>> = touched.par_iter().map(compare).collect();
        outcomes.into_iter().collect()
    }
}

fn ids(built: &Built) -> impl Iterator<Item = &ResourceId> {
    built.resources.iter().map(|resource| &resource.id)
}

/// Where the resources of a target are in another order; none if they are not the same.
fn places(before: &Built, after: &Built) -> Option<Vec<usize>> {
    let found: HashMap<&ResourceId, usize> = ids(after).zip(0..).collect();
    let is_same = found.len() == after.resources.len() && before.resources.len() == after.resources.len();
    ids(before).map(|id| found.get(id).copied()).collect::<Option<Vec<_>>>().filter(|_| is_same)
}

/// What is to change in one target.
#[derive(Default)]
struct Intended<'c> {
    /// The init containers that workloads get, by their place.
    containers: HashMap<usize, &'c [Container]>,
    /// Those that wait from now on.
    mended_containers: HashMap<usize, Vec<&'c Container>>,
    /// The fields that change, each with the place of its resource.
    fields: HashSet<(usize, &'c str)>,
    /// The texts that change wherever they are taken to.
    texts: Vec<Span>,
    /// How many findings of a fingerprint go away.
    mended: HashMap<&'c str, usize>,
}

impl<'c> Intended<'c> {
    fn of(target: usize, changes: &'c [Change]) -> Self {
        let mut intended = Self::default();
        for change in changes {
            match &change.purpose {
                Purpose::Waits { users, containers } => {
                    let own = users.iter().filter(|user| user.target == target);
                    intended.containers.extend(own.map(|user| (user.resource, &containers[..])));
                }
                Purpose::Mend { users, container } => {
                    for user in users.iter().filter(|user| user.target == target) {
                        intended.mended_containers.entry(user.resource).or_default().push(container);
                    }
                }
                Purpose::Repair { shows, elsewhere, .. } => {
                    intended.texts.extend(elsewhere);
                    for show in shows.iter().filter(|show| show.target == target) {
                        let place = |path: &'c String| Some((show.resource?, path.as_str()));
                        intended.fields.extend(show.paths.iter().filter_map(place));
                        *intended.mended.entry(&show.fingerprint).or_default() += 1;
                    }
                }
            }
        }
        intended
    }

    /// Whether that is what has changed, and all that has. `places` are those of the resources afterwards, if they are
    /// the same.
    fn compare(&self, before: &Built, after: &Built, places: Option<&Vec<usize>>) -> Result<(), String> {
        let name = &before.target.name;
        if after.errors() > before.errors() {
            return Err(format!("target `{name}` can't be built with it"));
        }
        let places = places.ok_or_else(|| format!("target `{name}` would have other resources"))?;
        for (index, (old, place)) in before.resources.iter().zip(places).enumerate() {
            let new = &after.resources[*place];
            let added = self.containers.get(&index).copied().unwrap_or_default();
            let mended = self.mended_containers.get(&index).map(Vec::as_slice).unwrap_or_default();
            let is_pod = !added.is_empty() || !mended.is_empty();
            let spec = |resource| Pod::of(resource).map(|pod| pod.spec).filter(|_| is_pod);
            let resource = Compared { index, root: old.node(), spec: spec(old), added, mended, intended: self };
            if !resource.is_met(old.node(), new.node()) {
                return Err(format!("more of {} would change than was meant", old.id));
            }
            for container in added.iter().chain(mended.iter().copied()) {
                holds(after.facts.of(*place), container)?;
            }
        }
        self.findings(before, after)
    }

    /// Whether the findings that were to go are gone, and no others have come.
    fn findings(&self, before: &Built, after: &Built) -> Result<(), String> {
        let mut known: HashMap<&str, usize> = HashMap::new();
        for finding in &before.findings {
            *known.entry(&finding.fingerprint).or_default() += 1;
        }
        // What is said of a container that is written anew is said of another text, and nothing new.
        let is_said = |finding: &Finding| {
            let place = |finding: &Finding| finding.occurrences.first().map(|first| first.resource.clone());
            let mut same =
                before.findings.iter().filter(|old| old.policy == finding.policy && old.message == finding.message);
            same.any(|old| !self.mended.contains_key(old.fingerprint.as_str()) && place(old) == place(finding))
        };
        for finding in &after.findings {
            let fingerprint = finding.fingerprint.as_str();
            let mended = self.mended.get(fingerprint).copied().unwrap_or_default();
            match known.get_mut(fingerprint) {
                Some(left) if *left > mended => *left -= 1,
                _ if is_said(finding) => {}
                _ => return Err(format!("policy `{}` would complain: {}", finding.policy, finding.message)),
            }
        }
        Ok(())
    }
}

/// One resource before and after.
struct Compared<'a, 's> {
    index: usize,
    root: Node<'a>,
    /// The spec of a pod that gets init containers.
    spec: Option<Node<'a>>,
    added: &'s [Container],
    mended: &'s [&'s Container],
    intended: &'s Intended<'s>,
}

impl<'a> Compared<'a, '_> {
    /// Whether two nodes are the same for the API server, but for what was meant to change.
    fn is_met(&self, old: Node<'a>, new: Node<'_>) -> bool {
        let is_same = match (old.kind(), new.kind()) {
            (Kind::Scalar, Kind::Scalar) => old.text() == new.text() && old.scalar() == new.scalar(),
            (Kind::Sequence, Kind::Sequence) => {
                let count = old.items().count();
                count == new.items().count() && old.items().zip(new.items()).all(|(old, new)| self.is_met(old, new))
            }
            (Kind::Mapping, Kind::Mapping) => self.are_met(old, new),
            _ => false,
        };
        is_same || self.may_change(old)
    }

    fn are_met(&self, old: Node<'a>, new: Node<'_>) -> bool {
        let is_spec = self.spec.is_some_and(|spec| same_place(spec, old));
        let is_list = |key: Node<'_>| is_spec && key.text() == INIT_CONTAINERS;
        // What kustomize has begun and left empty is not written.
        let is_empty = |key: Node<'_>, value: Node<'_>| key.is_text("annotations") && value.fields().next().is_none();
        let is_known = |(key, value): (Node<'_>, Node<'_>)| {
            is_list(key) || old.get(key.text()).is_some() || is_empty(key, value) || self.may_come(old, key)
        };
        let keeps = |(key, value): (Node<'a>, Node<'a>)| {
            is_list(key) || new.get(key.text()).map_or_else(|| self.may_change(value), |new| self.is_met(value, new))
        };
        new.fields().all(is_known) && old.fields().all(keeps) && (!is_spec || self.only_adds(old, new))
    }

    /// Whether the new init containers come first, and the others after them as they were.
    fn only_adds(&self, old: Node<'a>, new: Node<'_>) -> bool {
        let list = |spec: Option<Node<'_>>| spec.map_or(0, |list| list.items().count());
        let (before, after) = (old.get(INIT_CONTAINERS), new.get(INIT_CONTAINERS));
        let Some(items) = after.filter(|_| list(after) == list(before) + self.added.len()) else { return false };
        let is_added = |(item, own): (Node<'_>, &Container)| item.get_str("name") == Some(own.name.as_str());
        let mut kept = before.into_iter().flat_map(Node::items).zip(items.items().skip(self.added.len()));
        items.items().zip(self.added).all(is_added) && kept.all(|(old, new)| self.is_kept(old, new))
    }

    /// Whether an init container is as it was, but for what one that is mended runs.
    fn is_kept(&self, old: Node<'a>, new: Node<'_>) -> bool {
        let name = old.get_str("name");
        if !self.mended.iter().any(|container| name == Some(container.name.as_str())) {
            return self.is_met(old, new);
        }
        let is_its = |key: &str| ["image", "command", "args"].contains(&key);
        let is_known = |(key, value): (Node<'_>, Node<'_>)| match old.get(key.text()) {
            _ if is_its(key.text()) => true,
            Some(old) if key.is_text("env") => self.only_adds_namespace(old, value),
            Some(old) => self.is_met(old, value),
            None => key.is_text("env") && value.items().all(is_namespace),
        };
        new.fields().all(is_known) && old.fields().all(|(key, _)| is_its(key.text()) || new.get(key.text()).is_some())
    }

    /// Whether variables are as they were, but perhaps for one more that knows the namespace.
    fn only_adds_namespace(&self, old: Node<'a>, new: Node<'_>) -> bool {
        let more = new.items().count().saturating_sub(old.items().count());
        more <= 1
            && new.items().take(more).all(is_namespace)
            && old.items().count() + more == new.items().count()
            && old.items().zip(new.items().skip(more)).all(|(old, new)| self.is_met(old, new))
    }

    /// Whether a field is one that was meant to change.
    fn may_change(&self, old: Node<'a>) -> bool {
        let Intended { fields, texts, .. } = self.intended;
        !fields.is_empty() && fields.contains(&(self.index, display_path(old, self.root).as_str()))
            || old.kind() == Kind::Scalar && texts.iter().any(|text| old.span().contains(*text))
    }

    /// Whether a field is one that was meant to be added to a mapping.
    fn may_come(&self, old: Node<'a>, key: Node<'_>) -> bool {
        let path =
            |above: &str| if above.is_empty() { key.text().to_owned() } else { format!("{above}.{}", key.text()) };
        let fields = &self.intended.fields;
        !fields.is_empty() && fields.contains(&(self.index, path(&display_path(old, self.root)).as_str()))
    }
}

/// Whether a variable is the one that a wait gets the namespace of its pod by.
fn is_namespace(item: Node<'_>) -> bool {
    let path = item.at_path(&["valueFrom", "fieldRef", "fieldPath"]);
    item.get_str("name") == Some(NAMESPACE) && path.is_some_and(|path| path.is_text("metadata.namespace"))
}

fn same_place(one: Node<'_>, other: Node<'_>) -> bool {
    std::ptr::eq(one.tree(), other.tree()) && one.id() == other.id()
}

/// Whether a container is known to wait for all that it is for, and to end.
fn holds(facts: Node<'_>, container: &Container) -> Result<(), String> {
    let name = &container.name;
    let is = |wait: &Node<'_>, field: &str, text: &str| wait.get(field).is_some_and(|value| value.text() == text);
    let waits = facts.get("waits").into_iter().flat_map(Node::items);
    let own: Vec<Node<'_>> = waits.filter(|wait| is(wait, "container", name)).collect();
    if own.iter().any(|wait| !is(wait, "effective", "yes")) {
        return Err(format!("`{name}` would not wait"));
    }
    if own.iter().any(|wait| wait.get("bounded").and_then(Node::scalar) != Some(Scalar::Bool(true))) {
        return Err(format!("`{name}` might never end"));
    }
    for Wait { service, port, check, .. } in &container.waits {
        let proof = if *check == Check::Tcp { "port" } else { "protocol" };
        let is_it = |wait: &Node<'_>| {
            is(wait, "service", service) && is(wait, "port", &port.to_string()) && is(wait, "proves", proof)
        };
        if !own.iter().any(is_it) {
            return Err(format!("`{name}` would not be seen to wait for {service}:{port}"));
        }
    }
    Ok(())
}
