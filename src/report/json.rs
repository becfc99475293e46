//! The report for programs: the versioned contract as types, and its JSON Schema.
//!
//! A field that is there stays there with its meaning; new ones may be added without a new version.
//! Every field is always written, as `null` where there is nothing to say.

use std::fmt::Write;

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
use crate::report::terminal::is_harmful;
use crate::source;
use crate::source::Sources;
use crate::source::Span;

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

/// A place. Lines and columns count from 1, columns in Unicode characters; the end is excluded.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
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
    let text = serde_json::to_string_pretty(&document).expect("the contract holds texts, numbers and lists only");
    let mut escaped = escape(&text);
    escaped.push('\n');
    escaped
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

fn location(span: Span, sources: &Sources) -> Location {
    location_of(sources.location(span))
}

fn location_of(location: source::Location) -> Location {
    let source::Location { file, line, column, end_line, end_column } = location;
    Location { file, line, column, end_line, end_column }
}

/// Writes characters that a terminal may obey as `\uXXXX`. They can only be inside of strings, where
/// that means the same; what lies above `\uFFFF` is written as the pair that JSON asks for.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + 1);
    for char in json.chars() {
        if char != '\n' && is_harmful(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}").expect("a String takes all that is written to it");
            }
        } else {
            escaped.push(char);
        }
    }
    escaped
}

/// The JSON Schema (draft 2020-12) of what [`json()`] writes.
pub fn schema() -> Value {
    let reference = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    let list = |name: &str| json!({"type": "array", "items": reference(name)});
    let place = [
        ("file", string("path relative to the repository root, with `/`")),
        ("line", number("first line, from 1")),
        ("column", number("first column, from 1, in Unicode characters")),
        ("endLine", number("last line")),
        ("endColumn", number("column after the last character")),
    ];
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
    let mut schema = object("what `plimsoll check --format json` writes", &document);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Plimsoll report");
    schema["$defs"] = json!({
        "finding": object("a defect, told once; `resource` and `path` are those of the first occurrence",
            &[&finding[..], &said].concat()),
        "diagnostic": object("what could not be checked, or is odd about the input",
            &[&diagnostic[..], &said].concat()),
        "location": object("a place in a file; an empty range at its very start is the file as a whole", &place),
        "related": object("another place that explains it",
            &[&place[..], &[("message", string("what is to be said there"))]].concat()),
        "resource": object("identity of a resource within its target", &resource_fields()),
        "occurrence": object("one resource of one target in which the defect shows", &[
            ("target", string("name of the target")),
            ("resource", reference("resource")),
            ("path", string("the field within the resource")),
        ]),
        "summary": object("the run in numbers", &summary_fields()),
    });
    schema
}

fn resource_fields() -> [(&'static str, Value); 4] {
    [
        ("apiVersion", string("`apps/v1`, or `v1` for the core group")),
        ("kind", string("`Deployment`")),
        ("namespace", optional(string("as rendered"))),
        ("name", string("as rendered")),
    ]
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

fn string(about: &str) -> Value {
    json!({"type": "string", "description": about})
}

fn number(about: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": about})
}

fn optional(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    schema
}

/// An object all of whose fields are always there. More may be added, so others are not forbidden.
fn object(about: &str, fields: &[(&str, Value)]) -> Value {
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<_, _> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "description": about, "required": names, "properties": properties})
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::json;
    use super::schema;
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
        assert!(text.chars().all(|char| char == '\n' || !super::is_harmful(char)));
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["findings"][0]["message"], json!(report.findings[0].message));
    }

    /// Where `value` does not fit `schema`, stricter than JSON Schema: no field may be unknown to it.
    fn mismatches(value: &Value, schema: &Value, root: &Value, path: &str) -> Vec<String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/$defs/").unwrap();
            return mismatches(value, &root["$defs"][name], root, path);
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let fits = choices.iter().any(|choice| mismatches(value, choice, root, path).is_empty());
            return if fits { Vec::new() } else { vec![format!("{path}: fits no choice")] };
        }
        let fits = match (schema.get("const"), schema["enum"].as_array()) {
            (Some(constant), _) => constant == value,
            (_, Some(words)) => words.contains(value),
            _ => has_type(value, &schema["type"]),
        };
        if !fits {
            return vec![format!("{path}: {value} does not fit {schema}")];
        }
        let mut found = Vec::new();
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            found.extend(mismatches(item, &schema["items"], root, &format!("{path}[{index}]")));
        }
        if let Some(fields) = value.as_object() {
            for (name, field) in fields {
                match schema["properties"].get(name) {
                    Some(schema) => found.extend(mismatches(field, schema, root, &format!("{path}.{name}"))),
                    None => found.push(format!("{path}.{name}: not in the schema")),
                }
            }
            let required = schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
            found.extend(
                required.filter(|name| !fields.contains_key(*name)).map(|name| format!("{path}.{name}: missing")),
            );
        }
        found
    }

    fn has_type(value: &Value, types: &Value) -> bool {
        let name = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_u64() => "integer",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        match types {
            Value::Array(types) => types.contains(&json!(name)),
            single => *single == json!(name),
        }
    }
}
