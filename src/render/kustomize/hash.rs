//! The hash that ends the names of generated objects: ten letters and digits that stand for the content, so that
//! pods are started anew when it changes.

use std::fmt::Write;

use sha2::Digest;
use sha2::Sha256;

use crate::diagnostic::Diagnostic;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::json_text;
use crate::yaml::write_json_text;

/// The hash of a ConfigMap or Secret, without the dash before it. Neither name nor labels are part of it.
///
/// # Errors
/// When something has no form in JSON, or the object is of another kind: only plug-ins ask for the hash of such.
pub fn suffix(object: Node<'_>) -> Result<String, Box<Diagnostic>> {
    let mut content = String::from("{");
    match object.get("kind").map_or("", Node::text) {
        "ConfigMap" => {
            field(&mut content, object, "binaryData", true)?;
            field(&mut content, object, "data", false)?;
            // The name is looked up under a key that no object has, so it is always empty.
            content.push_str("\"kind\":\"ConfigMap\",\"name\":\"\"}");
        }
        "Secret" => {
            field(&mut content, object, "data", false)?;
            content.push_str("\"kind\":\"Secret\",\"name\":\"\",");
            field(&mut content, object, "stringData", true)?;
            field(&mut content, object, "type", false)?;
            content.pop();
            content.push('}');
        }
        kind => {
            let what = format!("the name hash of a {kind} is not known: only plug-ins ask for it");
            return Err(Box::new(Diagnostic::error("name-hash", object.span(), what)));
        }
    }
    Ok(encoded(&content))
}

/// Adds a field and a comma: a mapping as it is, anything else as a text. One that is not there is an empty text,
/// or is left out where only a mapping counts.
fn field(content: &mut String, object: Node<'_>, name: &str, only_mapping: bool) -> Result<(), Box<Diagnostic>> {
    let value = object.get(name);
    let is_collection = value.is_some_and(|value| value.kind() != Kind::Scalar);
    if only_mapping && !is_collection {
        return Ok(());
    }
    write_json_text(name, content);
    content.push(':');
    match value {
        Some(value) if value.kind() == Kind::Mapping => content.push_str(&json_text(value, true)?),
        // A list is no mapping, and what it cannot be read into stays null.
        Some(value) if value.kind() == Kind::Sequence => content.push_str("null"),
        Some(value) => write_json_text(value.text(), content),
        None => write_json_text("", content),
    }
    content.push(',');
    Ok(())
}

/// The first ten digits of the SHA-256, with letters in place of what could spell words.
fn encoded(content: &str) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(content.as_bytes()).iter().take(5) {
        write!(digits, "{byte:02x}").expect("a text can be written to");
    }
    let letter = |digit: char| match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    digits.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::suffix;
    use crate::source::Sources;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    fn hash(object: &str) -> String {
        let sources = Arc::new(Sources::in_memory());
        let parsed = parse(&sources, sources.add("a.yaml", object), Reader::Kustomize);
        suffix(parsed.tree.node(parsed.documents[0].root)).unwrap_or_else(|problem| problem.message)
    }

    #[test]
    fn content_is_hashed_as_kubectl_does() {
        assert_eq!(hash("{kind: ConfigMap, data: {b: <é>, a: '1'}}"), "5k2mmbmh74");
        assert_eq!(hash("{kind: ConfigMap, metadata: {name: a, labels: {a: b}}}"), "6ct58987ht");
        assert_eq!(hash("{kind: Secret, type: x, data: {a: MQ==}}"), "586cdh77fm");
        assert_eq!(hash("{kind: Secret, type: Opaque, data: {}}"), "46f8b28mk5");
    }

    #[test]
    fn data_of_other_types_are_hashed_as_kubectl_does() {
        assert_eq!(hash("{kind: ConfigMap, data: null}"), "g886t7dd28");
        assert_eq!(hash("{kind: ConfigMap, data: [1]}"), "dk855m5d49");
        let numbers = "{a: 9007199254740993, b: 1e+06, c: null, d: 1e-07, e: {f: [1]}}";
        assert_eq!(hash(&format!("{{kind: ConfigMap, data: {numbers}}}")), "k7h7m8b2bt");
        assert_eq!(hash("{kind: ConfigMap, data: {a: '1'}, binaryData: []}"), "bmgmm7k8fh");
        assert_eq!(hash("{kind: ConfigMap, data: {}}"), "42745tchd9");
    }

    #[test]
    fn other_kinds_have_no_hash() {
        assert!(hash("{kind: Job}").starts_with("the name hash of a Job is not known"));
    }
}
