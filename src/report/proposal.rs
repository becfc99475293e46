//! What fixes would change and what they leave, in sentences for people and as JSON for programs. The change itself is
//! a diff, which is in `diff`.

use serde_json::Value;
use serde_json::json;

use crate::discover::STREAM_NAME;
use crate::fix::Proposal;
use crate::kube::ResourceId;
use crate::report::Standpoint;
use crate::report::contract::list;
use crate::report::contract::object;
use crate::report::contract::place_fields;
use crate::report::contract::reference;
use crate::report::contract::resource_fields;
use crate::report::contract::string;
use crate::report::contract::whole;
use crate::report::contract::written;
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
            targets if *targets == one.files || targets == [STREAM_NAME] => String::new(),
            [only] => format!("; changes {}", listed(std::slice::from_ref(only), standpoint)),
            targets => format!("; changes {} targets: {}", targets.len(), listed(targets, standpoint)),
        };
        remarks.push(format!("{}: {}{times} in {files}{targets}", named(&one.resources), one.deed));
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

/// The first of some resources.
fn named(resources: &[ResourceId]) -> String {
    let shown: Vec<String> = resources.iter().take(MAX_LISTED).map(ToString::to_string).collect();
    let rest = resources.len() - shown.len();
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
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
            "resource": fixed.resources.first(),
            "resources": fixed.resources,
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
    let document = json!({
        "version": 1,
        "fixed": fixed.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "diff": diff(&proposal.files),
    });
    written(&document)
}

/// What [`proposal_json`] writes, as JSON Schema.
pub fn proposal_schema() -> Value {
    let texts = |about: &str| json!({"type": "array", "items": {"type": "string"}, "description": about});
    let deed = string("between backticks the id of a policy whose finding is mended, or for whom it is waited");
    let resource = reference("resource");
    let fields = [
        (
            "version",
            json!({"const": 1, "description": "goes up when fields change their meaning; new fields may come"}),
        ),
        ("fixed", list("fixed")),
        ("refused", list("refused")),
        ("files", list("file")),
        ("diff", string("what changes, as `git apply` takes it")),
    ];
    let [file, line, column, ..] = place_fields();
    let definitions = json!({
        "fixed": object("something that is mended or added", &[
            ("resource", resource.clone()),
            ("resources", list("resource")),
            ("targets", texts("the targets in which it changes, by name")),
            ("deed", deed.clone()),
            ("files", texts("the files that hold what is new")),
        ]),
        "refused": object("something that is not done", &[
            ("target", string("the target that it would be in")),
            ("resource", resource),
            ("deed", deed),
            ("reason", string("why not")),
            ("location", reference("location")),
        ]),
        "file": object("a file that changes", &[
            ("path", string("relative to the repository root, with `/`")),
            ("isNew", json!({"type": "boolean", "description": "whether it is not there yet"})),
            ("text", string("all of it as it would be")),
        ]),
        "resource": object("an object as it is called in a target", &resource_fields()),
        "location": object("where it is", &[file, line, column]),
    });
    whole("What `plimsoll fix --format json` writes", object("proposed changes", &fields), definitions)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::proposal_json;
    use super::proposal_schema;
    use crate::fix::FileChange;
    use crate::fix::Fixed;
    use crate::fix::Proposal;
    use crate::fix::Refused;
    use crate::kube::ResourceId;
    use crate::report::conformance::mismatches;
    use crate::source::Sources;
    use crate::source::Span;

    #[test]
    fn what_is_written_conforms_to_the_schema() {
        let sources = Arc::new(Sources::in_memory());
        let span = Span::whole(sources.add("web.yaml", "kind: Pod\n"));
        let (api_version, kind, name) = ("v1".to_owned(), "Pod".to_owned(), "web".to_owned());
        let resource = ResourceId { api_version, kind, namespace: None, name };
        let (deed, target) = ("wait for db:5432".to_owned(), "web.yaml".to_owned());
        let targets = vec![target.clone()];
        let proposal = Proposal {
            sources,
            resources: 1,
            files: vec![FileChange { path: target.clone(), before: None, after: "kind: Pod\n".to_owned() }],
            fixed: vec![Fixed {
                resources: vec![resource.clone()],
                deed: deed.clone(),
                files: targets.clone(),
                targets,
            }],
            refused: vec![Refused { target, resource, deed, reason: "\u{1b}[2J".to_owned(), span }],
            settled: None,
            unknown: Vec::new(),
            unsafe_ones: 0,
        };
        let (schema, text) = (proposal_schema(), proposal_json(&proposal));
        assert!(!text.contains('\u{1b}'), "no terminal obeys it");
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(mismatches(&document, &schema, &schema, "$"), Vec::<String>::new());
        assert_eq!(document["refused"][0]["location"]["line"], 1);
    }
}
