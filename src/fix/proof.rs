//! Building again what changes touch, before anybody is offered them: the waits are there and hold, nothing else of
//! any target is different, and no policy finds anything new.
//!
//! All changes are proved together, and by halves only when that fails.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::discover::Target;
use crate::fix::Built;
use crate::fix::change;
use crate::fix::change::Change;
use crate::fix::layers::Layers;
use crate::model::Pod;
use crate::yaml::Files;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// What is needed to prove changes.
pub(super) struct Proof<'p> {
    pub(super) files: &'p Files,
    pub(super) built: &'p [Built],
    pub(super) layers: &'p Layers,
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
        let texts = change::texts(self.files, changes);
        if let Some(change) = changes.iter().find(|change| !texts.contains_key(change.edit.file())) {
            return Err(format!("`{}` can't be edited as it is written", change.edit.file()));
        }
        let edited = Files::new(Arc::new(self.files.sources().edited(texts)));
        let is_touched = |target: usize| {
            changes.iter().any(|change| self.layers.is_built_from(target, &self.built[target], change.edit.file()))
        };
        let touched: Vec<usize> = (0..self.built.len()).filter(|&target| is_touched(target)).collect();
        let compare = |&target: &usize| {
            let before = &self.built[target];
            let after = (self.rebuild)(&edited, &before.target);
            let users = changes.iter().flat_map(|change| change.users.iter().map(move |user| (user, change)));
            let expected = users.filter(|(user, _)| user.target == target);
            let expected = expected.map(|(user, change)| (user.resource, &change.containers[..])).collect();
            compare(before, &after, &expected)
        };
        let outcomes: Vec<Result<(), String>> = touched.par_iter().map(compare).collect();
        outcomes.into_iter().collect()
    }
}

/// Whether a target is the same but for the containers that workloads, by place, are expected to get.
fn compare(before: &Built, after: &Built, expected: &HashMap<usize, &[String]>) -> Result<(), String> {
    let name = &before.target.name;
    if after.errors() > before.errors() {
        return Err(format!("target `{name}` can't be built with it"));
    }
    let ids = |built: &Built| built.resources.iter().map(|resource| resource.id.clone()).collect::<Vec<_>>();
    if ids(before) != ids(after) {
        return Err(format!("target `{name}` would have other resources"));
    }
    for (index, (old, new)) in before.resources.iter().zip(&after.resources).enumerate() {
        let added = expected.get(&index).copied().unwrap_or_default();
        let pods = Pod::of(old).map(|pod| pod.spec).zip(Pod::of(new).map(|pod| pod.spec));
        let is_same = match pods.filter(|_| !added.is_empty()) {
            None => same(old.node(), new.node()),
            Some((old_spec, new_spec)) => {
                let spec = Spec { old: old_spec, new: new_spec, added };
                spec.is_all(old.node(), new.node())
            }
        };
        if !is_same {
            return Err(format!("more of {} would change than its init containers", old.id));
        }
        for container in added {
            holds(after.facts.of(index), container)?;
        }
    }
    new_finding(before, after)
}

/// The one place of an object in which a change is expected.
struct Spec<'a, 's> {
    old: Node<'a>,
    new: Node<'a>,
    added: &'s [String],
}

impl Spec<'_, '_> {
    /// Whether two objects are the same but for the init containers that were added.
    fn is_all(&self, old: Node<'_>, new: Node<'_>) -> bool {
        if same_place(old, self.old) {
            return same_place(new, self.new) && self.only_adds();
        }
        if old.kind() != Kind::Mapping || new.kind() != Kind::Mapping {
            return same(old, new);
        }
        same_fields(old, new, |old, new| self.is_all(old, new))
    }

    fn only_adds(&self) -> bool {
        let rest = |spec: Node<'_>| spec.fields().filter(|(key, _)| key.text() != "initContainers").count();
        let others = |(key, value): (Node<'_>, Node<'_>)| {
            key.text() == "initContainers" || self.new.get(key.text()).is_some_and(|new| same(value, new))
        };
        let list = |spec: Node<'_>| -> Vec<_> { spec.get("initContainers").into_iter().flat_map(Node::items).map(Node::id).collect() };
        let (old, new) = (list(self.old), list(self.new));
        let node = |of: Node<'_>, id| -> String { of.tree().node(id).get_str("name").unwrap_or_default().to_owned() };
        let starts = new.len() == old.len() + self.added.len()
            && new.iter().zip(self.added).all(|(id, name)| node(self.new, *id) == *name);
        let keeps = || {
            let kept = &new[self.added.len()..];
            old.iter().zip(kept).all(|(old, new)| same(self.old.tree().node(*old), self.new.tree().node(*new)))
        };
        rest(self.old) == rest(self.new) && self.old.fields().all(others) && starts && keeps()
    }
}

fn same_place(one: Node<'_>, other: Node<'_>) -> bool {
    std::ptr::eq(one.tree(), other.tree()) && one.id() == other.id()
}

/// Whether two mappings have the same fields in any order, and their values are alike.
fn same_fields(old: Node<'_>, new: Node<'_>, mut is_alike: impl FnMut(Node<'_>, Node<'_>) -> bool) -> bool {
    let mut counterpart = |(key, old): (Node<'_>, Node<'_>)| new.get(key.text()).is_some_and(|new| is_alike(old, new));
    old.fields().count() == new.fields().count() && old.fields().all(&mut counterpart)
}

/// Whether two nodes are the same for the API server.
fn same(old: Node<'_>, new: Node<'_>) -> bool {
    old.kind() == new.kind()
        && match old.kind() {
            Kind::Scalar => old.text() == new.text() && old.scalar() == new.scalar(),
            Kind::Sequence => {
                old.items().count() == new.items().count() && old.items().zip(new.items()).all(|(old, new)| same(old, new))
            }
            Kind::Mapping => same_fields(old, new, same),
        }
}

/// Whether a container is known to wait, and to end.
fn holds(facts: Node<'_>, container: &str) -> Result<(), String> {
    let mut waits = facts.get("waits").into_iter().flat_map(Node::items);
    let own = waits.find(|wait| wait.get("container").is_some_and(|name| name.text() == container));
    let is = |wait: Node<'_>, field: &str, text: &str| wait.get(field).is_some_and(|value| value.text() == text);
    match own {
        None => Err(format!("`{container}` would not be seen to wait")),
        Some(wait) if !is(wait, "effective", "yes") => Err(format!("`{container}` would not wait")),
        Some(wait) if wait.get("bounded").and_then(Node::scalar) != Some(Scalar::Bool(true)) => {
            Err(format!("`{container}` might never end"))
        }
        Some(_) => Ok(()),
    }
}

/// The first finding that was not there before.
fn new_finding(before: &Built, after: &Built) -> Result<(), String> {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &before.findings {
        *known.entry(&finding.fingerprint).or_default() += 1;
    }
    for finding in &after.findings {
        match known.get_mut(finding.fingerprint.as_str()) {
            Some(left) if *left > 0 => *left -= 1,
            _ => return Err(format!("policy `{}` would complain: {}", finding.policy, finding.message)),
        }
    }
    Ok(())
}
