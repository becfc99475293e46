//! What all formats for programs have in common: places, resources, how JSON is written, and how JSON Schema
//! (draft 2020-12) says what a document is.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::report::terminal::is_harmful;
use crate::source;
use crate::source::Sources;
use crate::source::Span;

/// A place. Lines and columns count from 1, columns in Unicode characters; the end is excluded.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    pub(super) file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

pub(super) fn location(span: Span, sources: &Sources) -> Location {
    location_of(sources.location(span))
}

pub(super) fn location_of(location: source::Location) -> Location {
    let source::Location { file, line, column, end_line, end_column } = location;
    Location { file, line, column, end_line, end_column }
}

/// A document as JSON, with a line break at its end.
pub(super) fn written(document: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(document).expect("a contract holds texts, numbers and lists only");
    let mut escaped = escape(&text);
    escaped.push('\n');
    escaped
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

/// The schema of a whole document.
pub(super) fn whole(title: &str, mut schema: Value, definitions: Value) -> Value {
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema["$defs"] = definitions;
    schema
}

/// What is defined elsewhere in the same schema.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// A list of what is defined elsewhere in the same schema.
pub(super) fn list(name: &str) -> Value {
    json!({"type": "array", "items": reference(name)})
}

pub(super) fn place_fields() -> [(&'static str, Value); 5] {
    [
        ("file", string("path relative to the repository root, with `/`")),
        ("line", number("first line, from 1")),
        ("column", number("first column, from 1, in Unicode characters")),
        ("endLine", number("last line")),
        ("endColumn", number("column after the last character")),
    ]
}

pub(super) fn resource_fields() -> [(&'static str, Value); 4] {
    [
        ("apiVersion", string("`apps/v1`, or `v1` for the core group")),
        ("kind", string("`Deployment`")),
        ("namespace", optional(string("as rendered"))),
        ("name", string("as rendered")),
    ]
}

pub(super) fn string(about: &str) -> Value {
    json!({"type": "string", "description": about})
}

pub(super) fn number(about: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": about})
}

pub(super) fn optional(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    schema
}

/// An object all of whose fields are always there. More may be added, so others are not forbidden.
pub(super) fn object(about: &str, fields: &[(&str, Value)]) -> Value {
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<_, _> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "description": about, "required": names, "properties": properties})
}
