//! From bytes to a finding on the right line: a plain manifest, an overlay over a base, and a text
//! that was made from another one, as a template's output is.
#![expect(clippy::unwrap_used, clippy::format_push_string, reason = "this is a test")]

use std::path::Path;
use std::sync::Arc;

use plimsoll::config::Config;
use plimsoll::discover::Discovery;
use plimsoll::discover::Target;
use plimsoll::discover::TargetKind;
use plimsoll::policy;
use plimsoll::policy::Selection;
use plimsoll::render;
use plimsoll::report::Report;
use plimsoll::source::OriginMap;
use plimsoll::source::Sources;
use plimsoll::source::Span;
use plimsoll::yaml::Files;

const JOB: &str = "\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  activeDeadlineSeconds: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: migrate:1}]
";

/// Checks one target with these policies.
fn check(sources: Sources, kind: TargetKind, only: &[&str]) -> Report {
    let sources = Arc::new(sources);
    let files = Files::new(Arc::clone(&sources));
    let config = Config::default();
    let selection = Selection { only: only.iter().map(ToString::to_string).collect(), ..Selection::default() };
    let mut problems = Vec::new();
    let policies = policy::load_all(&policy::builtin(&sources), &sources, &config, &selection, &mut problems).unwrap();
    let target = Target { name: "target".to_owned(), kind };
    let discovery = Discovery { targets: vec![target], diagnostics: problems, ..Discovery::default() };
    plimsoll::check(&files, discovery, &config, &policies, render::Options::default(), Vec::new())
}

/// Every finding as `policy file:line:column kind name`, its other places indented below.
fn told(report: &Report) -> String {
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    let place = |span: Span| {
        let location = report.sources.location(span);
        format!("{}:{}:{}", location.file, location.line, location.column)
    };
    let mut text = String::new();
    for finding in &report.findings {
        let resource = &finding.occurrences[0].resource;
        text += &format!("{} {} {resource}\n", finding.policy, place(finding.primary.span));
        for label in &finding.related {
            text += &format!("  {} {}\n", place(label.span), label.message);
        }
    }
    text
}

#[test]
fn a_finding_in_a_plain_manifest_is_on_the_line_of_the_field() {
    let sources = Sources::in_memory();
    let source = sources.add("job.yaml", JOB);
    let report = check(sources, TargetKind::Stream(source), &["zero-job-deadline"]);
    assert_eq!(told(&report), "zero-job-deadline job.yaml:5:26 Job migrate\n");
}

#[test]
fn findings_in_an_overlay_are_on_the_lines_of_base_and_patch() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/repos/shop");
    let kind = TargetKind::Kustomization("overlays/prod/kustomization.yaml".to_owned());
    let report = check(Sources::below(&root).unwrap(), kind, &["init-container-probe", "zero-job-deadline"]);
    assert_eq!(
        told(&report),
        "\
init-container-probe base/job.yaml:14:11 Job prod-migrate
zero-job-deadline overlays/prod/longer.yaml:6:26 Job prod-migrate
  overlays/prod/kustomization.yaml:5:5 through this patch
  base/job.yaml:6:26 overrides this
"
    );
}

#[test]
fn a_finding_in_a_made_text_is_on_the_line_that_it_was_made_from() {
    let sources = Sources::in_memory();
    let values = sources.add("chart/values.yaml", "deadlines:\n  migrate: 0\n");
    let zero = u32::try_from(JOB.find("0\n  template").unwrap()).unwrap();
    let mut origins = OriginMap::default();
    let written = u32::try_from("deadlines:\n  migrate: ".len()).unwrap();
    origins.push(zero, zero + 1, Span { source: values, start: written, end: written + 1 });
    let output = sources.add_made("chart/templates/job.yaml", JOB, origins);
    let report = check(sources, TargetKind::Stream(output), &["zero-job-deadline"]);
    assert_eq!(told(&report), "zero-job-deadline chart/values.yaml:2:12 Job migrate\n");
}
