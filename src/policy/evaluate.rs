//! Asks policies of the resources of one target. Which file a resource came from, and how it was
//! rendered, makes no difference here.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use rayon::prelude::*;
use sha2::Digest;
use sha2::Sha256;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Label;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::finding::Occurrence;
use crate::finding::Unknown;
use crate::jsonpath::Exhausted;
use crate::jsonpath::FieldNames;
use crate::jsonpath::Work;
use crate::jsonpath::display_path;
use crate::kube::Version;
use crate::kube::job_path;
use crate::model::Pod;
use crate::policy::Case;
use crate::policy::Policy;
use crate::policy::Question;
use crate::policy::Rule;
use crate::policy::Unique;
use crate::policy::condition::Roots;
use crate::policy::condition::Test;
use crate::policy::condition::Truth;
use crate::policy::place;
use crate::render::Resource;
use crate::yaml::Node;

/// How many resources one thread judges at a time: few enough to share out, enough to be worth it.
const PART: usize = 64;

/// How many findings of one policy in one resource are told. More are a generated mistake, or malice.
const MAX_FINDINGS: usize = 1_000;

/// Why a policy was not asked to its end of a resource.
enum GivenUp {
    Exhausted(Exhausted),
    TooMany,
}

impl From<Exhausted> for GivenUp {
    fn from(exhausted: Exhausted) -> Self {
        Self::Exhausted(exhausted)
    }
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted(exhausted) => exhausted.fmt(f),
            Self::TooMany => write!(f, "it has more than {MAX_FINDINGS} findings there"),
        }
    }
}

/// The answers for one target.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// What was found, each with one occurrence.
    pub findings: Vec<Finding>,
    /// Questions that were given up.
    pub diagnostics: Vec<Diagnostic>,
    /// For each policy, whether it was about any resource.
    pub asked: Vec<bool>,
    /// The questions that could not be answered from the repository.
    pub unknown: Vec<Unknown>,
}

impl Evaluated {
    /// The answers for several targets, in their order.
    pub fn joined(parts: Vec<Self>) -> Self {
        let mut whole = Self::default();
        for part in parts {
            whole.findings.extend(part.findings);
            whole.diagnostics.extend(part.diagnostics);
            whole.unknown.extend(part.unknown);
            whole.asked.resize(part.asked.len(), false);
            for (whole, part) in whole.asked.iter_mut().zip(part.asked) {
                *whole |= part;
            }
        }
        whole
    }
}

/// Asks all policies of all resources of the target called `target`.
pub fn evaluate(
    policies: &[Policy],
    target: &str,
    resources: &[Resource],
    facts: &Facts,
    kubernetes: Version,
) -> Evaluated {
    let one_part = |(part, resources): (usize, &[Resource])| {
        let asking = Asking { policies, target, facts, kubernetes };
        asking.resources(part * PART, resources)
    };
    Evaluated::joined(resources.par_chunks(PART).enumerate().map(one_part).collect())
}

/// Asks the policies about builds of the events of one build.
pub fn evaluate_events(
    policies: &[Policy],
    target: &str,
    events: &[Resource],
    facts: &Facts,
    kubernetes: Version,
) -> Evaluated {
    let mut evaluated = Evaluated { asked: vec![false; policies.len()], ..Evaluated::default() };
    for event in events {
        let object = event.node();
        let bindings = vec![("", object), ("param", object), ("object", object), ("facts", object)];
        let about = |policy: &Policy| policy.matching.matches_event(event);
        let asking = Asking { policies, target, facts, kubernetes };
        asking.resource(event, &bindings, about, &mut evaluated);
    }
    evaluated
}

/// What is asked of every resource of a target.
struct Asking<'a> {
    policies: &'a [Policy],
    target: &'a str,
    facts: &'a Facts,
    kubernetes: Version,
}

impl Asking<'_> {
    /// Asks all policies of some resources, the first of which is number `first` of the target.
    fn resources(&self, first: usize, resources: &[Resource]) -> Evaluated {
        let Self { policies, facts, .. } = *self;
        let mut evaluated = Evaluated { asked: vec![false; policies.len()], ..Evaluated::default() };
        for (index, resource) in resources.iter().enumerate() {
            let object = resource.node();
            let pod = Pod::of(resource);
            let job = job_path(resource.id.group(), &resource.id.kind).and_then(|path| object.at_path(path));
            let mut bindings =
                vec![("", object), ("param", object), ("object", object), ("facts", facts.of(first + index))];
            bindings.extend(pod.map(|pod| ("pod", pod.spec)));
            bindings.extend(job.map(|job| ("job", job)));
            let about = |policy: &Policy| policy.matching.matches(resource, pod);
            self.resource(resource, &bindings, about, &mut evaluated);
        }
        evaluated
    }

    /// Asks the policies that are `about` a resource. The second root of `bindings` is for their parameters.
    fn resource<'r>(
        &'r self,
        resource: &'r Resource,
        bindings: &[(&'static str, Node<'r>)],
        about: impl Fn(&Policy) -> bool,
        evaluated: &mut Evaluated,
    ) {
        let Self { policies, target, facts, kubernetes } = *self;
        let mut names = FieldNames::default();
        for root in ["object", "facts"] {
            bindings.iter().filter(|(name, _)| *name == root).for_each(|&(_, node)| names.add_below(node));
        }
        let mut roots = Roots { bindings: bindings.to_vec(), names: &names, work: Work::new() };
        for (number, policy) in policies.iter().enumerate() {
            if !about(policy) {
                continue;
            }
            let rule = policy.rule();
            if rule.kubernetes.as_ref().is_some_and(|range| !range.contains(kubernetes)) {
                continue;
            }
            evaluated.asked[number] = true;
            roots.replace_subject(bindings[0].1);
            roots.bindings[1].1 = rule.parameter_values();
            roots.work = Work::new();
            let mut judge = Judge { policy, rule, target, resource, facts, kubernetes, told: 0, evaluated };
            if let Err(reason) = judge.resource(&mut roots) {
                let what = format!("policy `{}` was given up on {}: {reason}", policy.id, resource.id);
                let problem = Diagnostic::error("policy-given-up", place::of_node(resource.node()), what);
                evaluated.diagnostics.push(problem.related(rule.span, "this policy"));
            }
        }
    }
}

/// What an answer is about.
struct Found<'a> {
    node: Node<'a>,
    /// The part of a text that matters; none for all of it.
    part: Option<Range<usize>>,
    /// Other places that have to do with it.
    related: Vec<Label>,
}

impl<'a> Found<'a> {
    fn whole(node: Node<'a>, related: Vec<Label>) -> Self {
        Self { node, part: None, related }
    }
}

/// One policy and one resource.
struct Judge<'a, 'e> {
    policy: &'a Policy,
    rule: &'a Rule,
    target: &'a str,
    resource: &'a Resource,
    facts: &'a Facts,
    kubernetes: Version,
    /// How many findings there are already.
    told: usize,
    evaluated: &'e mut Evaluated,
}

impl<'a> Judge<'a, '_> {
    /// Judges every subject that the policy selects in the resource. The first root is the subject.
    fn resource(&mut self, roots: &mut Roots<'a>) -> Result<(), GivenUp> {
        if self.rule.each.is_empty() {
            return self.subject(roots, true);
        }
        for each in &self.rule.each {
            for selected in roots.select(each)? {
                let object = roots.replace_subject(selected.node);
                self.subject(roots, selected.certain)?;
                roots.replace_subject(object);
            }
        }
        Ok(())
    }

    fn subject(&mut self, roots: &mut Roots<'a>, certain: bool) -> Result<(), GivenUp> {
        let rule = self.rule;
        let condition = rule.when.as_ref().map_or(Ok(Truth::True), |when| when.holds(roots))?;
        if condition == Truth::False {
            return Ok(());
        }
        let certain = certain && condition == Truth::True;
        for check in &rule.checks {
            if check.kubernetes.as_ref().is_some_and(|range| !range.contains(self.kubernetes)) {
                continue;
            }
            match &check.question {
                Question::Forbid(test) => {
                    for (node, truth) in test.answers_but(Truth::False, roots)?.unwrap_or_default() {
                        let part = test.part_of(node);
                        self.answer(Found { node, part, related: Vec::new() }, truth, certain, roots)?;
                    }
                }
                Question::Require(test) => self.require(test, certain, roots)?,
                Question::Unique(unique) => self.unique(unique, certain, roots)?,
            }
        }
        Ok(())
    }

    fn require(&mut self, test: &'a Test, certain: bool, roots: &Roots<'a>) -> Result<(), GivenUp> {
        if let Some(answers) = test.answers_but(Truth::True, roots)? {
            for (node, truth) in answers {
                self.answer(Found::whole(node, Vec::new()), truth.not(), certain, roots)?;
            }
            return Ok(());
        }
        let truth = test.missing(roots)?.not();
        for (node, related) in place::of_missing(&test.query, roots)? {
            // What may be filled in may have what is missing.
            let truth = if node.is_unknown() && truth == Truth::True { Truth::Unknown } else { truth };
            self.answer(Found::whole(node, related), truth, certain, roots)?;
        }
        Ok(())
    }

    fn unique(&mut self, unique: &'a Unique, certain: bool, roots: &mut Roots<'a>) -> Result<(), GivenUp> {
        let mut seen: HashMap<Vec<&str>, (Node<'a>, Node<'a>)> = HashMap::new();
        let mut items = Vec::new();
        for list in &unique.lists {
            items.extend(roots.select(list)?);
        }
        for selected in items {
            let subject = roots.replace_subject(selected.node);
            let mut values = Vec::new();
            for by in &unique.by {
                values.extend(by.first(roots)?.map(|selected| selected.node));
            }
            roots.replace_subject(subject);
            if unique.by.is_empty() {
                values.push(selected.node);
            } else if values.len() < unique.by.len() {
                // An item without the value in question repeats nobody.
                continue;
            }
            let known = values.iter().all(|value| !value.is_unknown());
            // A default stands in the policy file, which is no place to point at.
            let written = |value: &&Node<'a>| std::ptr::eq(value.tree(), selected.node.tree());
            let place = values.iter().find(written).copied().unwrap_or(selected.node);
            let key = values.iter().map(|value| value.text()).collect();
            let Some(&(first, item)) = seen.get(&key) else {
                seen.insert(key, (place, selected.node));
                continue;
            };
            if unique.across_lists && item.parent() == selected.node.parent() {
                continue;
            }
            let truth = if known && selected.certain { Truth::True } else { Truth::Unknown };
            let related = Label::new(place::of_node(first), "first used here");
            self.answer(Found::whole(place, vec![related]), truth, certain, roots)?;
        }
        Ok(())
    }

    fn unknown(&self, node: Node<'_>) -> Unknown {
        let reason = if node.is_unknown() {
            "the value is filled in later"
        } else {
            "it depends on a value that is filled in later, or on what is not in the repository"
        };
        let (policy, resource) = (self.policy.id.clone(), self.resource.id.clone());
        Unknown { policy, resource, span: place::of_node(node), reason }
    }

    /// Makes a finding about a node if the answer is yes, and keeps the question if there is none.
    fn answer(&mut self, found: Found<'a>, truth: Truth, certain: bool, roots: &Roots<'a>) -> Result<(), GivenUp> {
        if self.told == MAX_FINDINGS {
            return Err(GivenUp::TooMany);
        }
        match (truth, certain) {
            (Truth::False, _) => return Ok(()),
            (Truth::True, true) => {}
            _ => {
                self.evaluated.unknown.push(self.unknown(found.node));
                return Ok(());
            }
        }
        self.told += 1;
        let Found { node, part, mut related } = found;
        let (policy, rule) = (self.policy, self.rule);
        let case = self.case(node, roots)?;
        let message = case.and_then(|case| case.message.as_ref()).unwrap_or(&rule.message);
        let remediation = case.and_then(|case| case.remediation.as_ref()).unwrap_or(&rule.remediation);
        let about = self.facts.about(node).map_or(node, |id| self.resource.node().tree().node(id));
        related.extend(place::history(about));
        related.extend(self.facts.also(node));
        let path = display_path(about, self.resource.node());
        let primary = place::label(node, part.clone());
        let text = self.resource.node().tree().sources().get(primary.span.source).text();
        let text = &text[primary.span.start as usize..primary.span.end as usize];
        let fingerprint = fingerprint(policy, self.resource, about, text);
        let fix = rule.fix.as_ref();
        let repair = fix.map(|fix| fix.repair(about, self.resource, roots)).transpose()?.flatten();
        self.evaluated.findings.push(Finding {
            policy: policy.id.clone(),
            severity: case.and_then(|case| case.severity).unwrap_or(rule.severity),
            message: message.fill(node, part.as_ref(), roots),
            help: Some(remediation.clone()).filter(|help| !help.is_empty()),
            fingerprint: fingerprint.clone(),
            repair,
            primary,
            related,
            occurrences: vec![Occurrence {
                target: self.target.to_owned(),
                resource: self.resource.id.clone(),
                path,
                fingerprint,
            }],
        });
        Ok(())
    }

    /// The first case that holds. One that can't be decided does not: the policy's own words stand.
    fn case(&self, found: Node<'a>, roots: &Roots<'a>) -> Result<Option<&'a Case>, Exhausted> {
        let bindings = roots.bindings.iter().copied().chain([("found", found)]).collect();
        let roots = Roots { bindings, names: roots.names, work: Work::new() };
        for case in &self.rule.cases {
            let about_this_version = case.kubernetes.as_ref().is_none_or(|range| range.contains(self.kubernetes));
            if about_this_version
                && case.when.as_ref().map_or(Ok(Truth::True), |when| when.holds(&roots))? == Truth::True
            {
                return Ok(Some(case));
            }
        }
        Ok(None)
    }
}

/// A name for the defect that does not depend on lines, files or the order of lists: the policy, the
/// resource, the path with items named by their `name`, and the text that is pointed at.
fn fingerprint(policy: &Policy, resource: &Resource, node: Node<'_>, text: &str) -> String {
    let mut hash = Sha256::new();
    let id = &resource.id;
    // Quotes and breaks are how a text is written and not what it is.
    let words: Vec<&str> = text.trim_matches(['"', '\'']).split_whitespace().collect();
    let text = &words.join(" ");
    for part in [&policy.id, id.group(), &id.kind, id.namespace.as_deref().unwrap_or(""), &id.name, text] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut at = Some(node);
    while let Some(step) = at {
        let name = step.key().map(Node::text).or_else(|| step.get_str("name"));
        hash.update(name.unwrap_or("-").as_bytes());
        hash.update([0]);
        at = step.parent();
    }
    let digest = hash.finalize();
    let start = digest.first_chunk().expect("a digest has 32 bytes");
    format!("{:016x}", u64::from_be_bytes(*start))
}
