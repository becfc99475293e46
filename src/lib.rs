//! Plimsoll reads a GitOps repository, builds what would be applied, and says what must not sail.
//!
//! [`check`] is the whole pipeline. The list of modules below is the architecture, bottom first: a
//! module may use those above it and none below, which `tests/conventions/` holds. The words of the
//! code are those of the field:
//!
//! | word | meaning | from |
//! |---|---|---|
//! | node, scalar, sequence, mapping | a part of a YAML text | YAML 1.2 |
//! | query, nodelist | a JSONPath and what it selects | RFC 9535 |
//! | target | what would be deployed as one unit | kustomize |
//! | resource | one object of a target | Kubernetes |
//! | fact | a node that follows from resources | |
//! | policy, finding | a rule, and one defect it found | SARIF: rule, result |
//! | diagnostic | what could not be checked, or is odd about the input | |

/// Texts, and places in them.
pub mod source;
/// What we tell people about a place.
pub mod diagnostic;
/// Text as a tree of nodes that know where they were written.
pub mod yaml;
/// Queries over nodes.
pub mod jsonpath;
/// Shell scripts as trees of commands.
pub mod shell;
/// What Kubernetes knows, as tables.
pub mod kube;
/// One node changed by another.
pub mod patch;
/// The settings of a project.
pub mod config;
/// The kustomization file: its names, its fields, what it refers to.
pub mod kustomization;
/// From a repository to its targets.
pub mod discover;
/// From a target to its resources.
pub mod render;
/// Views of pods, containers and Services.
pub mod model;
/// What follows from the resources of a target.
pub mod facts;
/// What a policy has found.
pub mod finding;
/// Rules as data.
pub mod policy;
/// What is missing, written where a person would have put it.
pub mod fix;
/// From findings to bytes.
pub mod report;
/// From what was asked to what it is asked of.
pub mod baseline;
pub mod session;
/// Policies asked of their own examples.
pub mod examples;
/// The command line.
pub mod cli;

use std::collections::HashSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::discover::Discovery;
use crate::discover::Fate;
use crate::discover::Target;
use crate::facts::Elsewhere;
use crate::facts::Facts;
use crate::facts::Scope;
use crate::policy::Evaluated;
use crate::policy::Policy;
use crate::render::Rendered;
use crate::report::Explanation;
use crate::report::Inferred;
use crate::report::Report;
use crate::report::Summary;
use crate::yaml::Files;

/// Builds every target, asks every policy, and reports. `diagnostics` is what went wrong before.
pub fn check(
    files: &Files,
    discovery: Discovery,
    config: &Config,
    policies: &[Policy],
    mut options: render::Options,
    mut diagnostics: Vec<Diagnostic>,
) -> Report {
    let sources = files.sources();
    let Discovery { targets, beside, ledger, diagnostics: problems } = discovery;
    diagnostics.extend(problems);

    let (rendered, elsewhere) = rendered(files, &targets, &beside, &mut options);
    let evaluated: Vec<Evaluated> = targets
        .par_iter()
        .zip(&rendered)
        .map(|(target, rendered)| {
            let scope = Scope { target: &target.name, resources: &rendered.resources, elsewhere: &elsewhere, config };
            judged(policies, rendered, &facts::infer(scope, sources), target, config)
        })
        .collect();
    let evaluated = Evaluated::joined(evaluated);

    let summary = Summary {
        files: ledger.iter().filter(|entry| matches!(entry.fate, Fate::Consumed(_) | Fate::Failed)).count(),
        targets: targets.len(),
        resources: rendered.iter().map(|rendered| rendered.resources.len()).sum(),
        unknown: evaluated.unknown.len(),
        undeployed: ledger.iter().filter(|entry| entry.fate == Fate::Orphan).count(),
        ..Summary::default()
    };
    diagnostics.extend(rendered.into_iter().flat_map(|rendered| rendered.diagnostics));
    diagnostics.extend(evaluated.diagnostics);
    let is_idle = |(policy, asked): (&Policy, bool)| (!asked).then(|| policy.id.clone());
    let findings = finding::gather(evaluated.findings, sources);
    let ids: HashSet<&str> = findings.iter().map(|finding| finding.policy.as_str()).collect();
    let explanations =
        policies.iter().filter(|policy| ids.contains(policy.id.as_str())).map(Explanation::from).collect();
    Report {
        explanations,
        beside: 0,
        findings,
        diagnostics: diagnostic::gather(diagnostics, sources),
        summary,
        unknown: evaluated.unknown,
        idle_policies: policies.iter().zip(evaluated.asked).filter_map(is_idle).collect(),
        sources: Arc::clone(sources),
    }
    .counted()
}

/// Builds every target and says what follows from its resources, judging nothing.
pub fn infer(
    files: &Files,
    discovery: Discovery,
    config: &Config,
    mut options: render::Options,
    mut diagnostics: Vec<Diagnostic>,
) -> Inferred {
    let sources = files.sources();
    let Discovery { targets, beside, diagnostics: problems, .. } = discovery;
    diagnostics.extend(problems);
    let (rendered, elsewhere) = rendered(files, &targets, &beside, &mut options);
    let inferred = targets.into_par_iter().zip(rendered).map(|(target, rendered)| {
        let scope = Scope { target: &target.name, resources: &rendered.resources, elsewhere: &elsewhere, config };
        let facts = facts::infer(scope, sources);
        let mut problems = rendered.diagnostics;
        problems.extend(facts.graph().problem());
        ((target.name, rendered.resources, facts), problems)
    });
    let (targets, problems): (Vec<_>, Vec<_>) = inferred.unzip();
    diagnostics.extend(problems.into_iter().flatten());
    Inferred { targets, diagnostics: diagnostic::gather(diagnostics, sources), sources: Arc::clone(sources) }
}

/// Proposes changes to files, proved by building what they touch again.
pub fn fix(
    files: &Files,
    discovery: Discovery,
    config: &Config,
    policies: &[Policy],
    options: &render::Options,
    request: &fix::Request,
) -> (fix::Proposal, Vec<Diagnostic>) {
    let Discovery { targets, beside, mut diagnostics, .. } = discovery;
    let (rendered, elsewhere) = rendered(files, &targets, &beside, &mut options.clone());
    let judge = |files: &Files, target: &Target, rendered: Rendered| {
        let scope = Scope { target: &target.name, resources: &rendered.resources, elsewhere: &elsewhere, config };
        let facts = facts::infer(scope, files.sources());
        let Evaluated { findings, diagnostics: given_up, .. } = judged(policies, &rendered, &facts, target, config);
        let Rendered { resources, mut diagnostics, .. } = rendered;
        diagnostics.extend(given_up);
        fix::Built { target: target.clone(), resources, facts, findings, diagnostics }
    };
    let built: Vec<_> =
        targets.par_iter().zip(rendered).map(|(target, rendered)| judge(files, target, rendered)).collect();
    let rebuild = |files: &Files, target: &Target| {
        let bases = render::Bases::new(options.remote_cache.clone());
        judge(files, target, render::render(target, files, options, &bases))
    };
    let proposal = fix::propose(files, &built, &beside, request, &fix::Settings::of(config, request), &rebuild);
    diagnostics.extend(built.into_iter().flat_map(|built| built.diagnostics));
    (proposal, diagnostic::gather(diagnostics, files.sources()))
}

/// What policies say of a target, of its resources and of how it was built.
fn judged(policies: &[Policy], rendered: &Rendered, facts: &Facts, target: &Target, config: &Config) -> Evaluated {
    let asked = policy::evaluate(policies, &target.name, &rendered.resources, facts, config.kubernetes);
    let odd = policy::evaluate_events(policies, &target.name, &rendered.events, facts, config.kubernetes);
    let mut evaluated = Evaluated::joined(vec![asked, odd]);
    evaluated.diagnostics.extend(facts.graph().problem());
    evaluated
}

/// Builds every target, and says what others may refer to: also in what lies `beside` them, of which nothing is asked
/// but what is there, so no program is run for it.
fn rendered(
    files: &Files,
    targets: &[Target],
    beside: &[Target],
    options: &mut render::Options,
) -> (Vec<Rendered>, Elsewhere) {
    let bases = render::Bases::new(options.remote_cache.take());
    let build = |target: &Target| render::render(target, files, options, &bases);
    let rendered: Vec<_> = targets.par_iter().map(build).collect();
    let (careful, bases) = (render::Options { allow_helm: false, ..options.clone() }, render::Bases::new(None));
    let build = |target: &Target| render::render(target, files, &careful, &bases);
    let others: Vec<_> = beside.par_iter().map(build).collect();
    let mut elsewhere = Elsewhere::default();
    for (target, rendered) in targets.iter().zip(&rendered).chain(beside.iter().zip(&others)) {
        elsewhere.add(&rendered.resources);
        elsewhere.add_layers(&target.name, &rendered.resources);
        elsewhere.add_unbuilt(&rendered.unbuilt, files.sources());
    }
    (rendered, elsewhere)
}
