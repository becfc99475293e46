//! `explain`, `policies list` and `policies test`: what there is to know about policies themselves.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::run::limit_threads;
use crate::cli::settings::Explain;
use crate::cli::settings::Format;
use crate::cli::settings::ListPolicies;
use crate::cli::settings::Policies;
use crate::cli::settings::TestPolicies;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::examples;
use crate::examples::Example;
use crate::examples::Outcome;
use crate::policy;
use crate::policy::Policy;
use crate::policy::PolicyFile;
use crate::policy::Selection;
use crate::report;
use crate::report::Report;
use crate::report::Summary;
use crate::session::policies_of;
use crate::source::Sources;

/// `plimsoll explain ID`
pub(super) fn explain(explain: &Explain) -> Result<Exit, Failure> {
    let loaded = Loaded::read(&explain.policies)?;
    let found = loaded.policies.iter().find(|policy| policy.id == explain.id || policy.aliases.contains(&explain.id));
    if let Some(policy) = found {
        output::print(&page(policy))
    } else {
        let ids = loaded.policies.iter().map(|policy| policy.id.as_str());
        let hint = match did_you_mean(&explain.id, ids) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "see `plimsoll policies list`".to_owned(),
        };
        Err(Failure::new(format!("no policy is called `{}`; {hint}", explain.id)))
    }
}

/// What `explain` prints.
fn page(policy: &Policy) -> String {
    let mut page = format!(
        "{} ({}, {})\n{}\n\n{}\n",
        policy.id, policy.category, policy.severity, policy.summary, policy.description
    );
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            write!(page, "\n{title}\n").expect("a string takes all");
            for line in lines {
                writeln!(page, "  {line}").expect("a string takes all");
            }
        }
    };
    section("What to do", vec![policy.remediation.clone()]);
    let parameters = policy.parameters.iter();
    section(
        "Parameters",
        parameters.map(|parameter| format!("{} ({}): {}", parameter.name, parameter.kind, parameter.about)).collect(),
    );
    section("See also", policy.references.clone());
    let ignore = format!("policies: {{{}: {{enabled: false}}}}", policy.id);
    section("To turn it off, in plimsoll.yaml", vec![ignore]);
    page
}

/// `plimsoll policies list`
pub(super) fn list(list: &ListPolicies) -> Result<Exit, Failure> {
    let loaded = Loaded::read(&list.policies)?;
    output::print(&match list.format {
        Format::Json => {
            let rows = loaded.policies.iter().map(|policy| {
                json!({"id": policy.id, "category": policy.category, "severity": policy.severity, "summary": policy.summary, "preview": policy.preview})
            });
            format!("{:#}\n", json!({"version": 1, "policies": rows.collect::<Vec<_>>()}))
        }
        Format::Human => {
            let width = loaded.policies.iter().map(|policy| policy.id.len()).max().unwrap_or(0);
            let mut text = String::new();
            let mut category = "";
            for policy in &loaded.policies {
                if category != policy.category {
                    category = &policy.category;
                    let gap = if text.is_empty() { "" } else { "\n" };
                    writeln!(text, "{gap}{category}").expect("a string takes all");
                }
                writeln!(text, "  {:width$}  {:7}  {}", policy.id, policy.severity.to_string(), policy.summary)
                    .expect("a string takes all");
            }
            text
        }
    })
}

/// `plimsoll policies test DIR`
pub(super) fn test(test: &TestPolicies) -> Result<Exit, Failure> {
    limit_threads(test.terminal);
    let sources = Sources::in_memory();
    let (mut passed, mut failed, mut answer) = (0, 0, String::new());
    for (path, file) in policies_of(&test.folder, &sources).map_err(Failure::new)? {
        let source = sources.get(file.source);
        let examples = path.with_extension("");
        let found = examples::of(&examples)
            .map_err(|error| Failure::new(format!("`{}`: {}", examples.display(), error.kind())))?;
        for outcome in [Outcome::Pass, Outcome::Fail]
            .into_iter()
            .filter(|outcome| found.iter().all(|example| example.outcome != *outcome))
        {
            failed += 1;
            let name = if outcome == Outcome::Pass { "pass" } else { "fail" };
            writeln!(answer, "{}: there is no example `{}/{name}*`", file.id, shown(&examples, &test.folder))
                .expect("a string takes all");
        }
        for Example { path, outcome } in &found {
            let report = examples::check(path, (source.path(), source.text()))
                .map_err(|error| Failure::new(format!("`{}`: {}", path.display(), error.kind())))?;
            match verdict(&report, *outcome) {
                None => passed += 1,
                Some(why) => {
                    failed += 1;
                    writeln!(answer, "{}: {why} in {}", file.id, shown(path, &test.folder))
                        .expect("a string takes all");
                    answer += &report::human(&report, &output::style(test.terminal.color));
                }
            }
        }
    }
    writeln!(answer, "{passed} passed, {failed} failed").expect("a string takes all");
    output::print(&answer)?;
    Ok(if failed == 0 { Exit::Clean } else { Exit::Findings })
}

/// What is wrong with the report of an example, if something is.
fn verdict(report: &Report, outcome: Outcome) -> Option<&'static str> {
    if !report.diagnostics.is_empty() {
        return Some("something could not be checked");
    }
    match (outcome, report.findings.is_empty()) {
        (Outcome::Pass, false) => Some("something was found"),
        (Outcome::Fail, true) => Some("nothing was found"),
        _ => None,
    }
}

fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

/// The selected policies, previews and all.
struct Loaded {
    policies: Vec<Policy>,
}

impl Loaded {
    fn read(settings: &Policies) -> Result<Self, Failure> {
        let sources = Arc::new(Sources::in_memory());
        let mut files: Vec<PolicyFile> = policy::builtin(&sources);
        for folder in &settings.folders {
            files.extend(policies_of(folder, &sources).map_err(Failure::new)?.into_iter().map(|(_, file)| file));
        }
        let mut problems: Vec<Diagnostic> = Vec::new();
        let selection = Selection { only: settings.only.clone(), skip: settings.skip.clone() };
        let policies =
            policy::load_all(&files, &sources, &Config::default(), &selection, &mut problems).map_err(Failure::new)?;
        if problems.is_empty() {
            return Ok(Self { policies });
        }
        let (summary, idle_policies) = (Summary::default(), Vec::new());
        let report = Report { sources, findings: Vec::new(), diagnostics: problems, summary, idle_policies }.counted();
        Err(Failure::new(format!(
            "some policies cannot be used\n{}",
            report::human(&report, &report::Style { color: false, width: 100 })
        )))
    }
}
