//! `explain`, `policies list` and `policies test`: what there is to know about policies themselves.

use std::fmt::Write;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::run::limit_threads;
use crate::cli::settings::Explain;
use crate::cli::settings::Format;
use crate::cli::settings::ListPolicies;
use crate::cli::settings::Policies;
use crate::cli::settings::Terminal;
use crate::cli::settings::TestPolicies;
use crate::diagnostic;
use crate::diagnostic::did_you_mean;
use crate::examples;
use crate::examples::Example;
use crate::examples::Outcome;
use crate::policy::Parameter;
use crate::policy::Policy;
use crate::policy::Selection;
use crate::report;
use crate::report::Report;
use crate::session::Catalogue;
use crate::session::policies_of;
use crate::source::Sources;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::parse;

/// `plimsoll explain ID`
pub(super) fn explain(explain: &Explain) -> Result<Exit, Failure> {
    let id = explain.id.as_str();
    let catalogue = catalogue(&explain.policies)?;
    let is_meant = |policy: &&Policy| policy.id == id || policy.rule().aliases.iter().any(|alias| alias == id);
    if let Some(policy) = catalogue.policies.iter().find(is_meant) {
        output::print(&page(policy, &catalogue))?;
        return Ok(blame(catalogue, explain.terminal));
    }
    let ids = catalogue.files.iter().map(|file| file.id.as_str());
    let problem = if ids.clone().any(|known| known == id) {
        format!("policy `{id}` cannot be used; see above")
    } else if catalogue.files.iter().any(|file| file.category == id) {
        format!("`{id}` is a category; try `plimsoll policies list --only {id}`")
    } else {
        let meant = did_you_mean(id, ids);
        let hint = meant.map_or("see `plimsoll policies list`".to_owned(), |meant| format!("did you mean `{meant}`?"));
        format!("no policy is called `{id}`; {hint}")
    };
    blame(catalogue, explain.terminal);
    Err(Failure::new(problem))
}

/// What `explain` prints.
fn page(policy: &Policy, catalogue: &Catalogue) -> String {
    let rule = policy.rule();
    let file = parse(&catalogue.sources, rule.span.source, Reader::Kubectl);
    let root = file.documents.first().map(|document| file.tree.node(document.root));
    let mut page = format!("{} ({}, {}", policy.id, policy.category, rule.severity);
    let others = other_severities(policy, root, catalogue);
    if !others.is_empty() {
        write!(page, ", in some cases {}", others.join(" or ")).expect("a string takes all");
    }
    write!(page, "){}\n{}\n\n{}\n", mark(policy, catalogue), rule.summary, rule.description)
        .expect("a string takes all");
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            write!(page, "\n{title}\n").expect("a string takes all");
            for line in lines {
                writeln!(page, "  {line}").expect("a string takes all");
            }
        }
    };
    let fixes = rule.fixes_safely().map(|is_safe| {
        let option = if is_safe { "" } else { " --unsafe" };
        format!("`plimsoll fix --only {}{option}` does it", policy.id)
    });
    section("What to do", [rule.remediation.clone()].into_iter().chain(fixes).collect());
    let versions = root.and_then(|root| root.get_str("kubernetes"));
    section("Versions of Kubernetes", versions.map(str::to_owned).into_iter().collect());
    let parameters = rule.parameters.iter().map(|Parameter { name, kind, about }| {
        let default = root.and_then(|root| root.at_path(&["parameters", name, "default"])).map(written);
        format!("{name} ({kind}, {} unless set): {about}", default.unwrap_or_default())
    });
    section("Parameters", parameters.collect());
    section("See also", rule.references.clone());
    let (what, enabled) = if is_on(policy, catalogue) { ("off", false) } else { ("on", true) };
    let setting = format!("policies: {{{}: {{enabled: {enabled}}}}}", policy.id);
    section(&format!("To turn it {what}, in plimsoll.yaml"), vec![setting]);
    page
}

/// The severities that cases of a policy set, where they differ from its own.
fn other_severities<'a>(policy: &Policy, root: Option<Node<'a>>, catalogue: &Catalogue) -> Vec<&'a str> {
    // A severity that the config sets holds for all cases.
    if catalogue.config.policies.get(&policy.id).is_some_and(|setting| setting.severity.is_some()) {
        return Vec::new();
    }
    let cases = root.and_then(|root| root.get("cases")).into_iter().flat_map(Node::items);
    let mut others: Vec<&str> = cases.filter_map(|case| case.get_str("severity")).collect();
    others.retain(|severity| *severity != policy.rule().severity.to_string());
    others.sort_unstable();
    others.dedup();
    others
}

/// The value of a parameter as it would be typed.
fn written(value: Node<'_>) -> String {
    match value.kind() {
        Kind::Sequence => format!("[{}]", value.items().map(written).collect::<Vec<_>>().join(", ")),
        _ if value.as_str().is_some() => format!("{:?}", value.text()),
        _ => value.text().to_owned(),
    }
}

/// Whether `check` asks a policy, as far as the config says.
fn is_on(policy: &Policy, catalogue: &Catalogue) -> bool {
    let setting = catalogue.config.policies.get(&policy.id).and_then(|setting| setting.enabled);
    setting.unwrap_or(!policy.rule().preview)
}

/// What is to be known about whether a policy is asked, if that is not plain.
fn mark(policy: &Policy, catalogue: &Catalogue) -> &'static str {
    match (policy.rule().preview, is_on(policy, catalogue)) {
        (true, true) => " [preview, turned on]",
        (true, false) => " [preview]",
        (false, true) => "",
        (false, false) => " [turned off]",
    }
}

/// `plimsoll policies list`
pub(super) fn list(list: &ListPolicies) -> Result<Exit, Failure> {
    let catalogue = catalogue(&list.policies)?;
    output::print(&match list.format {
        Format::Json => {
            let row = |policy: &Policy| {
                let rule = policy.rule();
                json!({
                    "id": policy.id, "category": policy.category, "severity": rule.severity,
                    "summary": rule.summary, "preview": rule.preview, "enabled": is_on(policy, &catalogue),
                })
            };
            let rows: Vec<Value> = catalogue.policies.iter().map(row).collect();
            format!("{:#}\n", json!({"version": 1, "policies": rows}))
        }
        Format::Human => table(&catalogue),
    })?;
    Ok(blame(catalogue, list.terminal))
}

fn table(catalogue: &Catalogue) -> String {
    let width = catalogue.policies.iter().map(|policy| policy.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut category = "";
    for policy in &catalogue.policies {
        if category != policy.category {
            category = &policy.category;
            let gap = if text.is_empty() { "" } else { "\n" };
            writeln!(text, "{gap}{category}").expect("a string takes all");
        }
        let (id, rule) = (&policy.id, policy.rule());
        let mark = mark(policy, catalogue);
        writeln!(text, "  {id:width$}  {:7}  {}{mark}", rule.severity.to_string(), rule.summary)
            .expect("a string takes all");
    }
    text
}

/// The policies of the repository around, and of the folders that were named.
fn catalogue(settings: &Policies) -> Result<Catalogue, Failure> {
    let selection = Selection { only: settings.only.clone(), skip: settings.skip.clone(), also: Vec::new() };
    Catalogue::open(Path::new("."), &settings.folders, &selection).map_err(Failure::new)
}

/// Says on standard error what is wrong with policies and config, if something is.
fn blame(catalogue: Catalogue, terminal: Terminal) -> Exit {
    if catalogue.diagnostics.is_empty() {
        return Exit::Clean;
    }
    let diagnostics = diagnostic::gather(catalogue.diagnostics, &catalogue.sources);
    let report = Report::of_problems(diagnostics, catalogue.sources);
    output::problems(&report, terminal);
    Exit::Unchecked
}

/// `plimsoll policies test DIR`
pub(super) fn test(test: &TestPolicies) -> Result<Exit, Failure> {
    limit_threads(test.terminal);
    let sources = Sources::in_memory();
    let (mut passed, mut failed, mut answer) = (0, 0, String::new());
    for (path, file) in policies_of(&test.folder, &sources).map_err(Failure::new)? {
        let source = sources.get(file.source);
        let examples = path.with_extension("");
        let found = match examples::of(&examples) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            found => found.map_err(|error| Failure::new(format!("`{}`: {}", examples.display(), error.kind())))?,
        };
        if found.is_empty() {
            failed += 1;
            let place = examples.display();
            writeln!(answer, "{}: has no examples; put pass.yaml and fail.yaml in `{place}`", file.id)
                .expect("a string takes all");
            continue;
        }
        let is_missing = |outcome: &Outcome| found.iter().all(|example| example.outcome != *outcome);
        for outcome in [Outcome::Pass, Outcome::Fail].into_iter().filter(is_missing) {
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
                    if !report.findings.is_empty() || !report.diagnostics.is_empty() {
                        answer += &report::human(&report, &output::style(test.terminal, &report.sources));
                    }
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
        // An example that the policy does not look at proves nothing.
        (Outcome::Pass, true) if !report.idle_policies.is_empty() => Some("the policy was about nothing"),
        _ => None,
    }
}

fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}
