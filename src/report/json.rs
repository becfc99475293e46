//! The report for programs: the versioned contract as types, and its JSON Schema.
//!
//! A field that is there stays there with its meaning; new ones may be added without a new version.
//! Every field is always written, as `null` where there is nothing to say.

use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::diagnostic;
use crate::diagnostic::Label;
use crate::diagnostic::Severity;
use crate::discover::STREAM_NAME;
use crate::finding;
use crate::kube::ResourceId;
use crate::report::Report;
use crate::report::Summary;
use crate::report::contract::Location;
use crate::report::contract::list;
use crate::report::contract::location;
use crate::report::contract::location_of;
use crate::report::contract::number;
use crate::report::contract::object;
use crate::report::contract::optional;
use crate::report::contract::place_fields;
use crate::report::contract::reference;
use crate::report::contract::resource_fields;
use crate::report::contract::string;
use crate::report::contract::whole;
use crate::report::contract::written;
use crate::source::Sources;

/// The version of the contract.
const VERSION: u32 = 1;

/// The whole document.
#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    findings: Vec<Finding<'r>>,
    diagnostics: Vec<Diagnostic<'r>>,
    summary: Summary,
}

/// One defect, told once. `resource` and `path` are those of the first occurrence.
#[derive(Serialize)]
struct Finding<'r> {
    policy: &'r str,
    severity: Severity,
    message: &'r str,
    help: Option<&'r str>,
    fingerprint: &'r str,
    resource: Option<&'r ResourceId>,
    path: Option<&'r str>,
    location: Location,
    related: Vec<Related<'r>>,
    occurrences: Vec<Occurrence<'r>>,
}

/// Something that could not be checked, or is odd about the input.
#[derive(Serialize)]
struct Diagnostic<'r> {
    code: &'r str,
    severity: Severity,
    message: &'r str,
    help: Option<&'r str>,
    location: Location,
    related: Vec<Related<'r>>,
}

/// Another place that explains it.
#[derive(Serialize)]
struct Related<'r> {
    #[serde(flatten)]
    location: Location,
    message: &'r str,
}

/// One resource of one target in which a defect shows.
#[derive(Serialize)]
struct Occurrence<'r> {
    target: &'r str,
    resource: &'r ResourceId,
    path: &'r str,
}

/// The report as JSON, with a line break at its end.
pub fn json(report: &Report) -> String {
    let sources = &*report.sources;
    let document = Document {
        version: VERSION,
        findings: report.findings.iter().map(|finding| written_finding(finding, sources)).collect(),
        diagnostics: report.diagnostics.iter().map(|diagnostic| written_diagnostic(diagnostic, sources)).collect(),
        summary: report.summary,
    };
    written(&document)
}

fn written_finding<'r>(finding: &'r finding::Finding, sources: &Sources) -> Finding<'r> {
    let occurrence = |occurrence: &'r finding::Occurrence| Occurrence {
        target: &occurrence.target,
        resource: &occurrence.resource,
        path: &occurrence.path,
    };
    let first = finding.occurrences.first();
    // Of a template that a stream names only the file is known, but of the stream itself the line.
    let primary = &finding.primary;
    let is_of_stream = sources.get(primary.span.source).path() == STREAM_NAME;
    let in_stream = (is_of_stream && sources.written(primary.span) != primary.span)
        .then(|| Related { location: location_of(sources.location_in_text(primary.span)), message: &primary.message });
    let others = finding.related.iter().map(|label| related(label, sources));
    Finding {
        policy: &finding.policy,
        severity: finding.severity,
        message: &finding.message,
        help: finding.help.as_deref(),
        fingerprint: &finding.fingerprint,
        resource: first.map(|first| &first.resource),
        path: first.map(|first| first.path.as_str()),
        location: location(finding.primary.span, sources),
        related: in_stream.into_iter().chain(others).collect(),
        occurrences: finding.occurrences.iter().map(occurrence).collect(),
    }
}

fn written_diagnostic<'r>(diagnostic: &'r diagnostic::Diagnostic, sources: &Sources) -> Diagnostic<'r> {
    Diagnostic {
        code: diagnostic.code,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        location: location(diagnostic.primary.span, sources),
        related: diagnostic.related.iter().map(|label| related(label, sources)).collect(),
    }
}

fn related<'r>(label: &'r Label, sources: &Sources) -> Related<'r> {
    Related { location: location(label.span, sources), message: &label.message }
}

/// The JSON Schema (draft 2020-12) of what [`json()`] writes.
pub fn schema() -> Value {
    let severity = json!({"enum": ["error", "warning", "note"]});
    let said = [
        ("severity", severity),
        ("message", string("what is wrong")),
        ("help", optional(string("what to do about it"))),
        ("location", reference("location")),
        ("related", list("related")),
    ];
    let finding = [
        ("policy", string("id of the policy")),
        ("fingerprint", string("name of the defect that stays the same when lines move")),
        ("resource", json!({"anyOf": [reference("resource"), {"type": "null"}]})),
        ("path", optional(string("the field within the resource"))),
        ("occurrences", list("occurrence")),
    ];
    let diagnostic = [("code", string("name of the kind of problem"))];
    let document = [
        ("version", json!({"const": VERSION, "description": "version of this contract"})),
        ("findings", list("finding")),
        ("diagnostics", list("diagnostic")),
        ("summary", reference("summary")),
    ];
    let about = object("what `plimsoll check --format json` writes", &document);
    whole(
        "Plimsoll report",
        about,
        json!({
            "finding": object("a defect, told once; `resource` and `path` are those of the first occurrence",
                &[&finding[..], &said].concat()),
            "diagnostic": object("what could not be checked, or is odd about the input",
                &[&diagnostic[..], &said].concat()),
            "location": object("a place in a file; an empty range at its very start is the file as a whole", &place_fields()),
            "related": object("another place that explains it",
                &[&place_fields()[..], &[("message", string("what is to be said there"))]].concat()),
            "resource": object("identity of a resource within its target", &resource_fields()),
            "occurrence": object("one resource of one target in which the defect shows", &[
                ("target", string("name of the target")),
                ("resource", reference("resource")),
                ("path", string("the field within the resource")),
            ]),
            "summary": object("the run in numbers", &summary_fields()),
        }),
    )
}

fn summary_fields() -> [(&'static str, Value); 10] {
    [
        ("files", number("files that were read as part of a target")),
        ("targets", number("targets")),
        ("resources", number("resources in all targets")),
        ("errors", number("findings and diagnostics that are errors")),
        ("warnings", number("findings and diagnostics that are warnings")),
        ("notes", number("findings and diagnostics that are notes")),
        (
            "unchecked",
            number("diagnostics that are errors: what could not be read, built or judged; among `errors` too"),
        ),
        ("unknown", number("questions of policies that the repository does not answer")),
        ("suppressed", number("findings that an ignore or a baseline holds back")),
        ("undeployed", number("files that are meant for a cluster by their look, but that no target uses")),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::json;
    use super::schema;
    use crate::report::conformance::mismatches;
    use crate::report::examples;

    #[test]
    fn every_example_conforms_to_the_schema() {
        let schema = schema();
        for (name, report) in examples::all() {
            let document: Value = serde_json::from_str(&json(&report)).unwrap();
            assert_eq!(mismatches(&document, &schema, &schema, "$"), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn the_validator_of_these_tests_sees_a_mismatch() {
        let schema = schema();
        let mut document: Value = serde_json::from_str(&json(&examples::all()[0].1)).unwrap();
        document["version"] = json!("1");
        document["findings"][0]["location"]["line"] = json!("7");
        document["findings"][0]["more"] = json!(true);
        document["summary"].as_object_mut().unwrap().remove("files");
        assert_eq!(mismatches(&document, &schema, &schema, "$").len(), 4);
    }

    #[test]
    fn characters_that_a_terminal_obeys_are_escaped_and_mean_the_same() {
        let report = examples::hostile();
        let text = json(&report);
        assert!(text.chars().all(|char| char == '\n' || !crate::report::terminal::is_harmful(char)));
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["findings"][0]["message"], json!(report.findings[0].message));
    }
}
