//! The form that a file of our own must have: one table from which come the check with spans and
//! did-you-mean, and the JSON Schema for editors. Not for manifests, whose form is Kubernetes' affair.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// What a value must look like.
#[derive(Debug)]
pub enum Shape {
    /// Anything at all.
    Any,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A text; numbers and booleans must be put in quotes.
    String,
    /// A scalar of any type, but not null.
    Scalar,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of values of one form.
    List(&'static Shape),
    /// One value of a form, or a list of them.
    OneOrMany(&'static Shape),
    /// A mapping with any keys and values of one form.
    Map(&'static Shape),
    /// A mapping with these fields and no others.
    Fields(&'static Fields),
    /// A text, or a mapping with these fields.
    StringOr(&'static Fields),
}

/// The fields of a closed mapping, under a name that schemas refer to it by.
#[derive(Debug)]
pub struct Fields {
    /// The name in `$defs` of the schema.
    pub name: &'static str,
    /// The fields.
    pub fields: &'static [Field],
}

/// One field of a closed mapping.
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// The form of its value.
    pub shape: &'static Shape,
    /// Whether it must be there.
    pub required: bool,
    /// What it is for, in a sentence.
    pub about: &'static str,
}

impl Field {
    /// A field that must be there.
    pub const fn required(name: &'static str, shape: &'static Shape, about: &'static str) -> Self {
        Self { name, shape, required: true, about }
    }

    /// A field that may be left out.
    pub const fn optional(name: &'static str, shape: &'static Shape, about: &'static str) -> Self {
        Self { name, shape, required: false, about }
    }
}

/// Everything about `node` that does not fit `shape`, with `code` as the name of the problem.
pub fn check(node: Node<'_>, shape: &Shape, code: &'static str) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    Check { code, problems: &mut problems }.value(node, shape);
    problems
}

struct Check<'p> {
    code: &'static str,
    problems: &'p mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn value(&mut self, node: Node<'_>, shape: &Shape) {
        match (shape, node.kind()) {
            (Shape::Any, _) => {}
            (Shape::List(item) | Shape::OneOrMany(item), Kind::Sequence) => {
                node.items().for_each(|node| self.value(node, item));
            }
            (Shape::OneOrMany(item), _) => self.value(node, item),
            (Shape::Map(value), Kind::Mapping) => node.children().for_each(|node| self.value(node, value)),
            (Shape::Fields(fields) | Shape::StringOr(fields), Kind::Mapping) => self.fields(node, fields),
            _ if scalar_fits(node, shape) => {}
            _ => self.mismatch(node, shape),
        }
    }

    fn fields(&mut self, node: Node<'_>, shape: &Fields) {
        let names = || shape.fields.iter().map(|field| field.name);
        for (key, value) in node.fields() {
            let name = key.text();
            if let Some(field) = shape.fields.iter().find(|field| field.name == name) {
                self.value(value, field.shape);
                continue;
            }
            let problem = Diagnostic::error(self.code, key.span(), format!("unknown field `{name}`"));
            let help = match did_you_mean(name, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the fields here are {}", listed(names())),
            };
            self.problems.push(problem.help(help));
        }
        for field in shape.fields.iter().filter(|field| field.required && node.get(field.name).is_none()) {
            let span = node.key().unwrap_or_else(|| node.fields().next().map_or(node, |(key, _)| key)).span();
            let problem = Diagnostic::error(self.code, span, format!("field `{}` is missing", field.name));
            self.problems.push(problem.help(format!("`{}`: {}", field.name, field.about)));
        }
        for (earlier, later) in repeated(node) {
            let (first, again) = (earlier.key().unwrap_or(earlier), later.key().unwrap_or(later));
            let problem =
                Diagnostic::error(self.code, again.span(), format!("field `{}` is given twice", again.text()));
            self.problems.push(problem.related(first.span(), "first given here"));
        }
    }

    fn mismatch(&mut self, node: Node<'_>, shape: &Shape) {
        let expected = match shape {
            Shape::Any => return,
            Shape::Bool => "`true` or `false`".to_owned(),
            Shape::Integer => "a whole number".to_owned(),
            Shape::String => "a text".to_owned(),
            Shape::Scalar => "a text, a number, `true` or `false`".to_owned(),
            Shape::OneOf(words) => format!("one of {}", listed(words.iter().copied())),
            Shape::List(_) => "a list".to_owned(),
            Shape::OneOrMany(_) => "a value or a list".to_owned(),
            Shape::Map(_) | Shape::Fields(_) => "a mapping".to_owned(),
            Shape::StringOr(_) => "a text or a mapping".to_owned(),
        };
        let place = node.key().filter(|_| node.span().is_empty()).unwrap_or(node);
        let name = node.key().map_or("this", Node::text);
        let problem = Diagnostic::error(self.code, place.span(), format!("`{name}` must be {expected}"));
        self.problems.push(match (shape, node.scalar()) {
            (Shape::String, Some(scalar)) if !matches!(scalar, Scalar::Null | Scalar::String(_)) => {
                problem.help(format!("put it in quotes: `\"{}\"`", node.text()))
            }
            (Shape::OneOf(words), Some(_)) => match did_you_mean(node.text(), words.iter().copied()) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem,
            },
            _ => problem,
        });
    }
}

fn scalar_fits(node: Node<'_>, shape: &Shape) -> bool {
    let Some(scalar) = node.scalar() else { return false };
    match shape {
        Shape::Bool => matches!(scalar, Scalar::Bool(_)),
        Shape::Integer => matches!(scalar, Scalar::Int(_)),
        Shape::String | Shape::StringOr(_) => matches!(scalar, Scalar::String(_) | Scalar::Timestamp(_)),
        Shape::Scalar => !matches!(scalar, Scalar::Null),
        Shape::OneOf(words) => words.contains(&node.text()),
        _ => false,
    }
}

/// The fields of one mapping whose key stands earlier in it, each with that earlier field.
fn repeated(mapping: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    let fields: Vec<_> = mapping.fields().collect();
    let mut found = Vec::new();
    for (index, (key, value)) in fields.iter().enumerate() {
        if let Some((_, earlier)) = fields[..index].iter().find(|(earlier, _)| earlier.text() == key.text()) {
            found.push((*earlier, *value));
        }
    }
    found
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The JSON Schema (draft 2020-12) of a file with this form.
pub fn json_schema(title: &str, fields: &'static Fields) -> Value {
    let mut definitions = Map::new();
    define(fields, &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "$ref": format!("#/$defs/{}", fields.name),
        "$defs": definitions,
    })
}

fn define(fields: &'static Fields, definitions: &mut Map<String, Value>) {
    if definitions.contains_key(fields.name) {
        return;
    }
    // The name is taken before its fields are visited, because a form may contain itself.
    definitions.insert(fields.name.to_owned(), Value::Null);
    let mut properties = Map::new();
    for field in fields.fields {
        let mut schema = schema_of(field.shape, definitions);
        schema["description"] = json!(field.about);
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<_> = fields.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    definitions.insert(fields.name.to_owned(), schema);
}

fn schema_of(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Integer => json!({"type": "integer"}),
        Shape::String => json!({"type": "string"}),
        Shape::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Shape::OneOf(words) => json!({"enum": words}),
        Shape::List(item) => json!({"type": "array", "items": schema_of(item, definitions)}),
        Shape::OneOrMany(item) => {
            let item = schema_of(item, definitions);
            json!({"anyOf": [item, {"type": "array", "items": item}]})
        }
        Shape::Map(value) => json!({"type": "object", "additionalProperties": schema_of(value, definitions)}),
        Shape::Fields(fields) => reference(fields, definitions),
        Shape::StringOr(fields) => json!({"anyOf": [{"type": "string"}, reference(fields, definitions)]}),
    }
}

fn reference(fields: &'static Fields, definitions: &mut Map<String, Value>) -> Value {
    define(fields, definitions);
    json!({"$ref": format!("#/$defs/{}", fields.name)})
}
