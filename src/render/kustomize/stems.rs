//! Which of many paths lead anywhere in an object. Most of what kustomize's rules lead to is in no object, and many
//! lead through the same mappings, so it is found out first which of those are there.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::kube::FieldSpec;
use crate::yaml::Kind;
use crate::yaml::Node;

/// How many keys a stem has at most: `spec/template/spec/volumes` tells a pod without volumes from others.
const STEM: usize = 4;

/// How some paths begin, each beginning once.
#[derive(Default)]
pub(super) struct Stems<'s> {
    stems: Vec<Stem<'s>>,
}

/// The first keys of paths, and how many of them are those of the stem before.
struct Stem<'s> {
    keys: Vec<Cow<'s, str>>,
    shared: usize,
}

impl<'s> Stems<'s> {
    /// The stems of the paths of some specs, and the place of each spec's own among them.
    pub(super) fn of(specs: &[&'s FieldSpec]) -> (Self, Vec<usize>) {
        let stem = |spec: &&'s FieldSpec| spec.segments().map(|segment| segment.name).take(STEM).collect();
        let each: Vec<Vec<_>> = specs.iter().map(stem).collect();
        // In this order, those that begin alike stand together.
        let all: BTreeSet<&Vec<_>> = each.iter().collect();
        let mut stems: Vec<Stem<'s>> = Vec::new();
        for keys in all.iter().copied() {
            let is_alike = |(one, other): &(&Cow<'_, str>, &Cow<'_, str>)| one == other;
            let before = stems.last().map_or(&[][..], |before| &before.keys);
            let shared = before.iter().zip(keys).take_while(is_alike).count();
            stems.push(Stem { keys: keys.clone(), shared });
        }
        let place = |stem| all.iter().position(|&known| known == stem).expect("all stems are among all");
        let places = each.iter().map(place).collect();
        (Self { stems }, places)
    }

    /// Whether a path that starts with each of the stems may lead somewhere in an object. Where it meets something
    /// else than a mapping, it is for others to say.
    pub(super) fn in_object(&self, object: Node<'_>) -> Vec<bool> {
        // The nodes on the way of the stem before, and how far that leads.
        let (mut way, mut last) = ([object; STEM + 1], 0);
        let may_hold = |Stem { keys, shared }: &Stem<'_>| {
            last = last.min(*shared);
            while let Some(key) = keys.get(last) {
                if way[last].kind() != Kind::Mapping || key.is_empty() {
                    return true;
                }
                let Some(next) = way[last].get(key) else { return false };
                last += 1;
                way[last] = next;
            }
            true
        };
        self.stems.iter().map(may_hold).collect()
    }
}
