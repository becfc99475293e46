//! What fixes would change and what they leave, in sentences for people and as JSON for programs. The change itself is
//! a diff, which is in `diff`.

use serde_json::json;

use crate::fix::Proposal;
use crate::report::Standpoint;
use crate::report::diff;

/// How many paths are told in one line.
const MAX_LISTED: usize = 5;

/// What changes and what does not, a sentence each.
pub fn proposal(proposal: &Proposal, standpoint: &Standpoint) -> Vec<String> {
    let mut remarks = Vec::new();
    for fixed in proposal.fixed.chunk_by(|one, other| one == other) {
        let (one, count) = (&fixed[0], fixed.len());
        let times = if count > 1 { format!(" {count} times") } else { String::new() };
        let files = listed(&one.files, standpoint);
        let targets = match &one.targets[..] {
            targets if *targets == one.files => String::new(),
            [only] => format!("; changes {}", listed(std::slice::from_ref(only), standpoint)),
            targets => format!("; changes {} targets: {}", targets.len(), listed(targets, standpoint)),
        };
        remarks.push(format!("{}: {}{times} in {files}{targets}", one.resource, one.deed));
    }
    for refused in &proposal.refused {
        let location = proposal.sources.location(refused.span);
        let file = standpoint.path(proposal.sources.get(proposal.sources.written(refused.span).source));
        let place = format!("{file}:{}:{}", location.line, location.column);
        remarks.push(format!("{place}: not done for {}: {}: {}", refused.resource, refused.deed, refused.reason));
    }
    if proposal.unsafe_ones > 0 {
        let (count, are) = (proposal.unsafe_ones, if proposal.unsafe_ones == 1 { "fix" } else { "fixes" });
        remarks.push(format!("{count} more {are} with `--unsafe`, which may change what was meant"));
    }
    if proposal.fixed.is_empty() && proposal.refused.is_empty() {
        let settled = match proposal.settled {
            None => "no finding that can be mended".to_owned(),
            Some(0) => "nobody calls what was asked for".to_owned(),
            Some(1) => "the one workload that it is about waits already".to_owned(),
            Some(count) => format!("all {count} workloads that it is about wait already"),
        };
        remarks.push(format!("nothing to do: {settled}"));
    }
    remarks
}

/// The first of some paths as they lead there from here.
fn listed(paths: &[String], standpoint: &Standpoint) -> String {
    let shown: Vec<String> = paths.iter().take(MAX_LISTED).map(|path| format!("`{}`", standpoint.to(path))).collect();
    let rest = paths.len() - shown.len();
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

/// The same for programs, versioned, as JSON with a line break at its end.
pub fn proposal_json(proposal: &Proposal) -> String {
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
            "deed": refused.deed,
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
