//! `plimsoll fix`: the diff goes to standard output, so that it can be applied; what it is about, and what was
//! refused, goes to standard error. Files are only written when that was asked for.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::run;
use crate::cli::settings::Fix;
use crate::cli::settings::Format;
use crate::cli::settings::Policies;
use crate::diagnostic::Severity;
use crate::fix::FileChange;
use crate::fix::Proposal;
use crate::fix::diff;
use crate::policy::Policy;
use crate::report::Standpoint;
use crate::source::Sources;

/// How many paths are told in one line.
const MAX_LISTED: usize = 5;

/// Shows what would change, or changes it.
pub(super) fn fix(asked: &Fix) -> Result<Exit, Failure> {
    run::limit_threads(asked.terminal);
    let mut session = run::session(&asked.input, &Policies::default())?;
    let mut request = asked.request.clone();
    if request.choices.is_empty() || !asked.only.is_empty() {
        request.repairs = repairs(&session.policies, &asked.only)?;
    }
    // With settings that can't be read, something else than was meant would be written.
    if session.diagnostics.iter().any(|problem| problem.severity == Severity::Error) {
        let (diagnostics, sources) = (std::mem::take(&mut session.diagnostics), Arc::clone(session.files.sources()));
        return Ok(run::with_problems(diagnostics, sources, asked.terminal));
    }
    let (proposal, diagnostics) = session.fix(&request);
    if let Some(unknown) = proposal.unknown.first() {
        let what = format!("there is no `{}` here, and nobody calls it", unknown.told());
        return Err(Failure::new(what));
    }
    match asked.format {
        Format::Human => {
            output::print(&diff(&proposal.files))?;
            tell(&proposal, !asked.request.choices.is_empty());
        }
        Format::Json => {
            output::print(&json(&proposal))?;
        }
    }
    if asked.write {
        let root = proposal.sources.root().ok_or_else(|| Failure::new("a stream can't be written to"))?;
        // What names a new file comes after it, so that nothing is broken by an end in between.
        let (new, old): (Vec<_>, Vec<_>) = proposal.files.iter().partition(|file| file.before.is_none());
        for file in new.into_iter().chain(old) {
            write(root, file)?;
        }
    }
    let open = if asked.write { false } else { !proposal.files.is_empty() };
    let exit = if open || !proposal.refused.is_empty() { Exit::Findings } else { Exit::Clean };
    Ok(exit.max(run::with_problems(diagnostics, proposal.sources, asked.terminal)))
}

/// The policies whose findings are to be mended: those that know how, and were named if any was.
fn repairs(policies: &[Policy], only: &[String]) -> Result<Vec<String>, Failure> {
    let is_named = |policy: &Policy, name: &String| *name == policy.id || *name == policy.category;
    if let Some(unknown) = only.iter().find(|name| !policies.iter().any(|policy| is_named(policy, name))) {
        return Err(Failure::new(format!("there is no policy or category `{unknown}`")));
    }
    let is_asked = |policy: &&Policy| only.is_empty() || only.iter().any(|name| is_named(policy, name));
    Ok(policies
        .iter()
        .filter(is_asked)
        .filter(|policy| policy.fixes_safely().is_some())
        .map(|policy| policy.id.clone())
        .collect())
}

/// Says what changes and what does not.
fn tell(proposal: &Proposal, is_about_waits: bool) {
    let standpoint = output::standpoint(&proposal.sources);
    for fixed in proposal.fixed.chunk_by(|one, other| one == other) {
        let (one, count) = (&fixed[0], fixed.len());
        let times = if count > 1 { format!(" {count} times") } else { String::new() };
        let files = listed(&one.files, &standpoint);
        let targets = match &one.targets[..] {
            targets if *targets == one.files => String::new(),
            [only] => format!("; changes {}", listed(std::slice::from_ref(only), &standpoint)),
            targets => format!("; changes {} targets: {}", targets.len(), listed(targets, &standpoint)),
        };
        output::remark(&format!("{}: {}{times} in {files}{targets}", one.resource, one.deed));
    }
    for refused in &proposal.refused {
        let location = proposal.sources.location(refused.span);
        let file = standpoint.path(proposal.sources.get(proposal.sources.written(refused.span).source));
        let place = format!("{file}:{}:{}", location.line, location.column);
        output::remark(&format!("{place}: not done for {}: {}: {}", refused.resource, refused.what, refused.reason));
    }
    if proposal.unsafe_ones > 0 {
        let (count, are) = (proposal.unsafe_ones, if proposal.unsafe_ones == 1 { "fix" } else { "fixes" });
        output::remark(&format!("{count} more {are} with `--unsafe`, which may change what was meant"));
    }
    if proposal.fixed.is_empty() && proposal.refused.is_empty() {
        let settled = match proposal.settled {
            _ if !is_about_waits => "no finding that can be mended".to_owned(),
            0 => "nobody calls what was asked for".to_owned(),
            1 => "the one workload that it is about waits already".to_owned(),
            count => format!("all {count} workloads that it is about wait already"),
        };
        output::remark(&format!("nothing to do: {settled}"));
    }
}

/// The first of some paths as they lead there from here.
fn listed(paths: &[String], standpoint: &Standpoint) -> String {
    let shown: Vec<String> = paths.iter().take(MAX_LISTED).map(|path| format!("`{}`", standpoint.to(path))).collect();
    let rest = paths.len() - shown.len();
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

fn json(proposal: &Proposal) -> String {
    let fixed = proposal.fixed.iter().map(|fixed| {
        json!({
            "resource": fixed.resource,
            "targets": fixed.targets,
            "deed": fixed.deed,
            "files": fixed.files,
        })
    });
    let refused = proposal.refused.iter().map(|refused| {
        let location = proposal.sources.location(refused.span);
        json!({
            "target": refused.target,
            "resource": refused.resource,
            "deed": refused.what,
            "reason": refused.reason,
            "location": {"file": location.file, "line": location.line, "column": location.column},
        })
    });
    let files = proposal
        .files
        .iter()
        .map(|file| json!({"path": file.path, "isNew": file.before.is_none(), "text": file.after}));
    let whole = json!({
        "version": 1,
        "fixed": fixed.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "diff": diff(&proposal.files),
    });
    format!("{whole:#}\n")
}

/// Puts a text in the place of a file, whole or not at all.
fn write(root: &Path, file: &FileChange) -> Result<(), Failure> {
    let path = root.join(&file.path);
    let cannot = |error: std::io::Error| Failure::new(format!("`{}` can't be written: {error}", file.path));
    let now = Sources::below(root).map_err(cannot)?;
    let now = now.read_data(&file.path).ok().map(|id| now.get(id).bytes().to_owned());
    if now.as_deref() != file.before.as_deref().map(str::as_bytes) {
        return Err(Failure::new(format!("`{}` was not written: it has changed in the meantime", file.path)));
    }
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(cannot)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.plimsoll-{}", std::process::id()));
    let written = fs::File::create_new(&beside).and_then(|mut new| {
        new.write_all(file.after.as_bytes())?;
        if let Ok(old) = fs::metadata(&path) {
            new.set_permissions(old.permissions())?;
        }
        new.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, &path)).map_err(|error| {
        // What was begun is in nobody's way, but should not stay.
        drop(fs::remove_file(&beside));
        cannot(error)
    })
}
