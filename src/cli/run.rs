//! From settings to the pipeline and back to an answer: one function for each command that needs it.

use std::collections::BTreeSet;
use std::io::Read;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::cli::answer::answer;
use crate::cli::cache;
use crate::cli::exit::Exit;
use crate::cli::known;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::progress;
use crate::cli::settings;
use crate::cli::settings::Check;
use crate::cli::settings::Facts;
use crate::cli::settings::FactsFormat;
use crate::cli::settings::Graph;
use crate::cli::settings::GraphFormat;
use crate::cli::settings::Targets;
use crate::diagnostic;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::finding::Unknown;
use crate::kube::Version;
use crate::policy;
use crate::policy::Selection;
use crate::report;
use crate::report::Inferred;
use crate::report::Report;
use crate::session::Input;
use crate::session::Request;
use crate::session::Session;
use crate::source::Location;
use crate::source::Sources;
use crate::yaml;

/// How much of a stream is read, so that a stream without end is an error and not a full memory.
const MAX_STREAM_BYTES: u64 = crate::source::MAX_FILE_BYTES;

/// `plimsoll check`
pub(super) fn check(check: &Check) -> Result<Exit, Failure> {
    limit_threads(check.terminal);
    let start = Instant::now();
    let report = progress::during("checking", || report(check))?;
    let report = known::hold_back(report, check)?;
    if report.beside > 0 {
        let findings = if report.beside == 1 { "finding is" } else { "findings are" };
        output::remark(&format!("{} more {findings} in other files of the same targets", report.beside));
    }
    if check.terminal.verbose {
        output::remark(&format!("checked in {:.1} ms{}", start.elapsed().as_secs_f64() * 1000.0, peak_memory()));
        for policy in &report.idle_policies {
            output::remark(&format!("policy `{policy}` was about no resource"));
        }
        for ((file, line, column), remark) in unknown_remarks(&report) {
            output::remark(&format!("{file}:{line}:{column}: {remark}"));
        }
    }
    answer(&ManuallyDrop::new(report), check)
}

/// What the policies could not tell, in the order of the places, each once.
fn unknown_remarks(report: &Report) -> BTreeSet<((String, u32, u32), String)> {
    let standpoint = output::standpoint(&report.sources);
    let remark = |Unknown { policy, resource, span, reason }: &Unknown| {
        let Location { line, column, .. } = report.sources.location(*span);
        let file = standpoint.path(report.sources.get(report.sources.written(*span).source)).into_owned();
        ((file, line, column), format!("policy `{policy}` cannot judge {resource}: {reason}"))
    };
    report.unknown.iter().map(remark).collect()
}

/// The most memory that the process has held, where the system tells (`/proc` of Linux).
pub(super) fn peak_memory() -> String {
    let status = std::fs::File::open("/proc/self/status").and_then(std::io::read_to_string).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or(String::new(), |peak| format!(", peak memory {}", peak.trim()))
}

/// Discovers, renders and asks; everything that can be blamed on a file is in the report.
fn report(check: &Check) -> Result<Report, Failure> {
    // The process ends with the answer, so nothing of the session is taken apart before.
    let mut session = ManuallyDrop::new(session(&check.input, &check.policies)?);
    let (asked, newest) = (session.config.kubernetes, Version::LATEST);
    if asked > newest {
        output::remark(&format!("Kubernetes {asked} is not known yet: what is new after {newest} is not judged"));
    }
    Ok(session.check())
}

/// `plimsoll targets`
pub(super) fn targets(targets: &Targets) -> Result<Exit, Failure> {
    limit_threads(targets.terminal);
    let session = session(&targets.input, &settings::Policies::default())?;
    output::print(&match targets.format {
        settings::Format::Human => report::targets(&session.discovery, &output::standpoint(session.files.sources())),
        settings::Format::Json => report::targets_json(&session.discovery),
    })?;
    // What is wrong with config and files belongs to the answer: it may be why something is not in it.
    let mut diagnostics = session.diagnostics;
    diagnostics.extend(session.discovery.diagnostics);
    let sources = Arc::clone(session.files.sources());
    let diagnostics = diagnostic::gather(diagnostics, &sources);
    Ok(with_problems(diagnostics, sources, targets.terminal))
}

/// `plimsoll facts`
pub(super) fn facts(asked: &Facts) -> Result<Exit, Failure> {
    inferred(&asked.input, asked.terminal, |inferred| match asked.format {
        FactsFormat::Json => report::facts_json(inferred),
        FactsFormat::Yaml => report::facts_yaml(inferred),
    })
}

/// `plimsoll graph`
pub(super) fn graph(asked: &Graph) -> Result<Exit, Failure> {
    inferred(&asked.input, asked.terminal, |inferred| match asked.format {
        GraphFormat::Text => report::graph::text(inferred),
        GraphFormat::Dot => report::graph::dot(inferred),
        GraphFormat::Mermaid => report::graph::mermaid(inferred),
        GraphFormat::Json => report::graph::json(inferred),
        GraphFormat::Svg => report::graph::svg(inferred),
    })
}

/// Prints what follows from the targets, in the form that `written` gives it.
fn inferred(
    input: &settings::Input,
    terminal: settings::Terminal,
    written: impl Fn(&Inferred) -> String,
) -> Result<Exit, Failure> {
    limit_threads(terminal);
    let mut session = ManuallyDrop::new(session(input, &settings::Policies::default())?);
    let mut inferred = ManuallyDrop::new(session.infer());
    if inferred.targets.is_empty() && inferred.diagnostics.is_empty() {
        return Err(Failure::new("nothing was found that is deployed: no kustomization, no chart and no manifest"));
    }
    output::print(&written(&inferred))?;
    let diagnostics = std::mem::take(&mut inferred.diagnostics);
    Ok(with_problems(diagnostics, Arc::clone(&inferred.sources), terminal))
}

/// The exit code of an answer that was given, and what stood in its way on stderr.
pub(super) fn with_problems(diagnostics: Vec<Diagnostic>, sources: Arc<Sources>, terminal: settings::Terminal) -> Exit {
    let is_error = |problem: &Diagnostic| problem.severity == Severity::Error;
    if !diagnostics.iter().any(is_error) {
        return Exit::Clean;
    }
    let report = Report::of_problems(diagnostics, sources);
    output::problems(&report, terminal);
    Exit::Unchecked
}

/// `plimsoll schema policy`
pub(super) fn policy_schema() -> Value {
    yaml::json_schema("Plimsoll policy", &policy::FORM)
}

pub(super) fn session(input: &settings::Input, policies: &settings::Policies) -> Result<Session, Failure> {
    let request = Request {
        input: match &input.from {
            settings::From::Paths(paths) => Input::Paths(paths.clone()),
            settings::From::Stream => Input::Stream(read_stream()?),
        },
        config: input.config.clone(),
        kubernetes: input.kubernetes,
        all_roots: input.all_roots,
        allow_helm: input.allow_helm,
        remote_cache: cache::of_clones(input.allow_remote)?,
        kustomize: input.kustomize,
        policy_folders: policies.folders.clone(),
        selection: Selection { only: policies.only.clone(), skip: policies.skip.clone(), also: policies.also.clone() },
    };
    Session::open(&request).map_err(Failure::new)
}

fn read_stream() -> Result<String, Failure> {
    let mut text = String::new();
    let stream = std::io::stdin().lock().take(MAX_STREAM_BYTES + 1).read_to_string(&mut text);
    match stream {
        Err(error) => Err(Failure::new(format!("standard input cannot be read: {error}"))),
        Ok(length) if length as u64 > MAX_STREAM_BYTES => {
            Err(Failure::new(format!("standard input is larger than the limit of {} MiB", MAX_STREAM_BYTES >> 20)))
        }
        Ok(_) => Ok(text),
    }
}

/// Uses as many threads as asked for, this one among them, which saves starting another. Fails only if threads run
/// already, which then are used.
pub(super) fn limit_threads(terminal: settings::Terminal) {
    let threads = terminal.threads.map_or(0, std::num::NonZero::get);
    drop(rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build_global());
}
