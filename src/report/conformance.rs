//! Whether a document is what its schema says. Only for tests, and only as much of JSON Schema as ours use.

use serde_json::Value;
use serde_json::json;

/// Where `value` does not fit `schema`, stricter than JSON Schema: no field may be unknown to it.
pub(super) fn mismatches(value: &Value, schema: &Value, root: &Value, path: &str) -> Vec<String> {
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
            match schema["properties"].get(name).or(schema.get("additionalProperties")) {
                Some(schema) => found.extend(mismatches(field, schema, root, &format!("{path}.{name}"))),
                None => found.push(format!("{path}.{name}: not in the schema")),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
        found.extend(required.filter(|name| !fields.contains_key(*name)).map(|name| format!("{path}.{name}: missing")));
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
