//! One fixed set of reports, which the tests of every format write.

use std::fmt::Write;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Label;
use crate::diagnostic::Severity;
use crate::finding::Finding;
use crate::finding::Occurrence;
use crate::kube::ResourceId;
use crate::report::Explanation;
use crate::report::Report;
use crate::report::Summary;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;

/// Every example with the name of its snapshots.
pub(super) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("usual", usual()),
        ("spans", spans()),
        ("wide", wide()),
        ("hostile", hostile()),
        ("long-line", long_line()),
        ("many", many()),
        ("diagnostics", diagnostics()),
        ("clean", clean()),
    ]
}

const BASE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: wep}
    spec:
      initContainers:
        - name: migrate
          image: registry.example/migrate:1.4
          livenessProbe:
            exec: {command: [\"true\"]}
      containers:
        - name: web
          image: registry.example/web:latest
";

const PATCH: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: registry.example/web:latest
";

/// One label; two in one file; one in another file; several targets; a note.
pub(super) fn usual() -> Report {
    let sources = Sources::in_memory();
    let base = sources.add("apps/web/base/deployment.yaml", BASE);
    let patch = sources.add("apps/web/overlays/prod/image.yaml", PATCH);
    let probe = finding("init-container-probe", Severity::Error, at(&sources, base, "livenessProbe", "declared here"))
        .says("init container `migrate` declares `livenessProbe`, which the API server rejects without `restartPolicy: Always`")
        .help("remove `livenessProbe`, or make it a sidecar with `restartPolicy: Always`")
        .shows(&["dev", "prod", "qa", "staging", "test"], "$.spec.template.spec.initContainers[0].livenessProbe");
    let selector =
        finding("selector-mismatch", Severity::Error, at(&sources, base, "{app: web}", "asks for `app: web`"))
            .says("the selector does not match the labels of the pod template")
            .related(at(&sources, base, "wep", "but the pods have `app: wep`"))
            .shows(&["prod"], "$.spec.selector.matchLabels");
    let latest = finding(
        "latest-tag",
        Severity::Warning,
        at(&sources, patch, "registry.example/web:latest", "set by this patch"),
    )
    .says("image `registry.example/web:latest` may change under a running release")
    .related(at(&sources, base, "registry.example/web:latest", "was the same here"))
    .help("name a version or a digest")
    .shows(&["prod"], "$.spec.template.spec.containers[0].image");
    let note = finding("missing-owner", Severity::Note, at(&sources, base, "web", "has no label `owner`"))
        .says("nobody can be asked about this object")
        .shows(&["prod"], "$.metadata");
    report(sources, vec![probe, selector, latest, note], Vec::new())
}

/// Spans of no byte, of few lines, of many, and up to the end of a file.
pub(super) fn spans() -> Report {
    let sources = Sources::in_memory();
    let file = sources.add(
        "a.yaml",
        "env:\n  - name: A\n    value:\n\nresources:\n  limits:\n    cpu: 1\n    memory: 1Gi\nend: here",
    );
    let base = sources.add("base.yaml", BASE);
    let empty = span(&sources, file, "value:");
    let empty = Label::new(Span { start: empty.end, ..empty }, "nothing is written here");
    let long = span(&sources, base, "spec:").to(span(&sources, base, "  image: registry.example/web:latest\n"));
    let findings = vec![
        finding("empty-value", Severity::Warning, empty).says("the value is empty"),
        finding(
            "limits",
            Severity::Warning,
            at(&sources, file, "limits:\n    cpu: 1\n    memory: 1Gi\n", "these limits"),
        )
        .says("several lines are marked at once"),
        finding("last-line", Severity::Warning, at(&sources, file, "here", "")).says("the file has no last line break"),
        finding("long-span", Severity::Warning, Label::new(long, "the whole spec")).says("a long span is cut"),
        finding("far-apart", Severity::Warning, at(&sources, base, "registry.example/web:latest", "this"))
            .says("two places far from each other")
            .related(at(&sources, base, "apps/v1", "and that")),
    ];
    report(sources, findings, Vec::new())
}

/// Characters that take two cells or none.
pub(super) fn wide() -> Report {
    let sources = Sources::in_memory();
    let file = sources.add("配置/サービス.yaml", "名前: 日本語のサービス # 説明\n\tпорт: \"e\u{301}8080\" # 🚢\n");
    let findings = vec![
        finding("name", Severity::Error, at(&sources, file, "日本語のサービス", "この名前"))
            .says("`日本語のサービス` is no DNS label")
            .related(at(&sources, file, "説明", "説明")),
        finding("port", Severity::Error, at(&sources, file, "\"e\u{301}8080\"", "not a number")).says("порт is a text"),
    ];
    report(sources, findings, Vec::new())
}

/// What a pull request may contain to deceive the reader of a report.
pub(super) fn hostile() -> Report {
    let sources = Sources::in_memory();
    let text = "name: \u{1b}[2J\u{1b}[1;32mok\u{7}\u{9b}31m # \u{202e}tfel ot thgir\u{202c} \u{200b}\u{e0041}\nb: 2\n";
    let file = sources.add("a\u{1b}]0;title\u{7}\nb.yaml", text);
    let forged = "x\u{1b}[2J\r\n\nno problems in 9 resources of 1 target (1 file)";
    let finding = finding("name", Severity::Error, at(&sources, file, "ok", "\u{1b}[8mhidden\n\u{202e}label"))
        .says(&format!("name `{forged}` is refused"))
        .help("first line\u{1b}[A\nsecond line")
        .related(Label::new(Span::whole(file), forged))
        .shows(&["a\u{1b}[2Kb\n"], "$['\u{1b}[2J']");
    report(sources, vec![finding], Vec::new())
}

/// A line of 200 000 characters with a label in its middle.
pub(super) fn long_line() -> Report {
    let sources = Sources::in_memory();
    let text = format!("a: 1\nb: {}NEEDLE{}\n{}\n", "x".repeat(100_000), "y".repeat(100_000), "z: ".repeat(70_000));
    let file = sources.add("long.yaml", text);
    let all = span(&sources, file, "b").to(span(&sources, file, "z: "));
    let all = Span { start: all.start + 3, end: all.end - 4, ..all };
    let findings = vec![
        finding("needle", Severity::Error, at(&sources, file, "NEEDLE", "here")).says("found in a long line"),
        finding("line", Severity::Error, Label::new(all, "all of it")).says("a long line altogether"),
    ];
    report(sources, findings, Vec::new())
}

/// More related places, resources and targets than anybody wants to read.
pub(super) fn many() -> Report {
    let sources = Sources::in_memory();
    let mut text = String::new();
    for index in 0..40 {
        writeln!(text, "- port: {index}\n  name: http\n---").unwrap();
    }
    let file = sources.add("ports.yaml", text);
    let first = span(&sources, file, "http");
    let place = |index: u32| {
        let starts = sources.get(file).lines().range(sources.get(file).text(), index * 3 + 2).unwrap().start;
        let start = u32::try_from(starts).unwrap() + 8;
        Label::new(Span { start, end: start + 4, ..first }, "again here")
    };
    let mut finding =
        finding("duplicate", Severity::Error, Label::new(first, "first here")).says("the name is not unique");
    finding.0.related = (1..40).map(place).collect();
    for (target, name) in [("dev", "a"), ("dev", "b"), ("prod", "a"), ("qa", "a"), ("staging", "a")] {
        finding.0.occurrences.push(Occurrence {
            target: target.to_owned(),
            resource: resource(name),
            path: "$.spec".to_owned(),
            fingerprint: "0123456789abcdef".to_owned(),
        });
    }
    let mut one_target = finding.0.clone();
    one_target.occurrences.retain(|occurrence| occurrence.target == "dev");
    one_target.related.clear();
    report(sources, vec![finding, Builder(one_target)], Vec::new())
}

/// Files that cannot be read, built or understood, and nothing found.
pub(super) fn diagnostics() -> Report {
    let sources = Sources::in_memory();
    let config = sources.add("plimsoll.yaml", "kubernetes: \"1.33\"\nexlude: [vendor/]\n");
    let missing = sources.add("apps/web/kustomization.yaml", "resources:\n  - ../bsae\n");
    let binary = sources.add("logo.yaml", "");
    let diagnostics = vec![
        Diagnostic::error("missing-resource", span(&sources, missing, "../bsae"), "there is no `apps/bsae`")
            .label("named here")
            .help("did you mean `../base`?"),
        Diagnostic::error("unreadable-file", Span::whole(binary), "this file is neither UTF-8 nor UTF-16 text"),
        Diagnostic::error("bad-config", span(&sources, config, "exlude"), "unknown field `exlude`")
            .help("did you mean `exclude`?"),
        Diagnostic::warning("unused-component", Span::whole(missing), "nothing uses this Component")
            .related(span(&sources, config, "vendor/"), "it lies in a folder that is left out"),
    ];
    report(sources, Vec::new(), diagnostics)
}

/// Nothing to complain about.
pub(super) fn clean() -> Report {
    let mut report = report(Sources::in_memory(), Vec::new(), Vec::new());
    report.summary = Summary { unknown: 0, suppressed: 0, undeployed: 0, ..report.summary };
    report
}

/// A finding in any text with labels between any bytes, the first of which is the primary one.
pub(super) fn of(text: &str, spans: [(usize, usize); 3]) -> Report {
    let sources = Sources::in_memory();
    let source = sources.add("any.yaml", text);
    let [primary, second, third] = spans.map(|(one, other)| {
        let offset = |byte: usize| u32::try_from(byte).expect("an example is short");
        Label::new(Span { source, start: offset(one.min(other)), end: offset(one.max(other)) }, "here")
    });
    let finding = finding("any", Severity::Error, primary).says("any text").related(second).related(third);
    report(sources, vec![finding], Vec::new())
}

fn report(sources: Sources, findings: Vec<Builder>, diagnostics: Vec<Diagnostic>) -> Report {
    let findings: Vec<Finding> = findings.into_iter().map(|builder| builder.0).collect();
    let severities = findings.iter().map(|finding| finding.severity);
    let severities: Vec<Severity> =
        severities.chain(diagnostics.iter().map(|diagnostic| diagnostic.severity)).collect();
    let count = |severity| severities.iter().filter(|&&other| other == severity).count();
    let is_error = |problem: &&Diagnostic| problem.severity == Severity::Error;
    let summary = Summary {
        files: 34,
        targets: 2,
        resources: 12,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Note),
        unchecked: diagnostics.iter().filter(is_error).count(),
        unknown: 2,
        suppressed: 1,
        undeployed: 3,
    };
    Report {
        sources: Arc::new(sources),
        findings,
        diagnostics,
        summary,
        idle_policies: Vec::new(),
        unknown: Vec::new(),
        explanations: vec![probe()],
        beside: 0,
    }
}

/// The policy of one of the findings.
fn probe() -> Explanation {
    Explanation {
        id: "init-container-probe".to_owned(),
        category: "containers".to_owned(),
        summary: "probe on an init container".to_owned(),
        description: "An init container runs to its end, so there is nothing to probe.".to_owned(),
        remediation: "remove the probe".to_owned(),
        references: vec!["https://example.org/probes".to_owned()],
        severity: Severity::Error,
    }
}

struct Builder(Finding);

fn finding(policy: &str, severity: Severity, primary: Label) -> Builder {
    Builder(Finding {
        policy: policy.to_owned(),
        severity,
        message: String::new(),
        help: None,
        fingerprint: "0123456789abcdef".to_owned(),
        primary,
        related: Vec::new(),
        occurrences: Vec::new(),
        repair: None,
    })
}

impl Builder {
    fn says(mut self, message: &str) -> Self {
        message.clone_into(&mut self.0.message);
        self
    }

    fn help(mut self, help: &str) -> Self {
        self.0.help = Some(help.to_owned());
        self
    }

    fn related(mut self, label: Label) -> Self {
        self.0.related.push(label);
        self
    }

    fn shows(mut self, targets: &[&str], path: &str) -> Self {
        let occurrence = |target: &&str| Occurrence {
            target: (*target).to_owned(),
            resource: resource("web"),
            path: path.to_owned(),
            fingerprint: "0123456789abcdef".to_owned(),
        };
        self.0.occurrences = targets.iter().map(occurrence).collect();
        self
    }
}

fn resource(name: &str) -> ResourceId {
    ResourceId {
        api_version: "apps/v1".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: Some("shop".to_owned()),
        name: name.to_owned(),
    }
}

/// A label on the first `needle` in a source.
fn at(sources: &Sources, source: SourceId, needle: &str, message: &str) -> Label {
    Label::new(span(sources, source, needle), message)
}

fn span(sources: &Sources, source: SourceId, needle: &str) -> Span {
    let start = sources.get(source).text().find(needle).expect("the example holds its needle");
    let offset = |byte: usize| u32::try_from(byte).expect("an example is short");
    Span { source, start: offset(start), end: offset(start + needle.len()) }
}
