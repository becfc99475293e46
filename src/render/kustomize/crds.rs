//! The files of `crds`: definitions in the manner of OpenAPI, whose extensions tell which fields of a
//! custom resource are names, labels or annotations, or refer to other objects.
//!
//! kustomize stops where anything else in a schema has a wrong type; that is not looked at here.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::kube::FieldSpec;
use crate::kube::NameReference;
use crate::kustomization::fields::DEFINITIONS;
use crate::kustomization::form;
use crate::kustomization::form::Reading;
use crate::kustomization::go;
use crate::render::kustomize::config::Rules;
use crate::render::kustomize::config::TransformerConfig;
use crate::source::SourceId;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Parsed;

/// How many fields are looked at. References that fan out could ask for any number.
const MAX_FIELDS: usize = 20_000;

/// What a file of `crds`, read from `source`, says about the kinds that it defines.
///
/// # Errors
/// With everything for which kustomize refuses the file.
pub fn from_definitions(file: &Parsed, source: SourceId) -> Result<TransformerConfig, Vec<Diagnostic>> {
    let text = file.tree.sources().get(source).text();
    if text.is_empty() {
        return Err(vec![problem(
            Span::whole(source),
            "this file of definitions is empty, on which kustomize crashes",
        )]);
    }
    if text.starts_with('{')
        && let Err(error) = serde_json::from_str::<serde_json::Value>(text)
    {
        let what = format!("this is no JSON, as which kustomize reads a file that starts with a brace: {error}");
        return Err(vec![problem(Span::whole(source), what)]);
    }
    let Some(document) = file.documents.first() else { return Ok(TransformerConfig::default()) };
    let root = file.tree.node(document.root);
    let problems = form::check(root, DEFINITIONS, Reading::DEFINITIONS);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut search = Search { properties: BTreeMap::new(), open: Vec::new(), looked_at: 0, rules: Rules::default() };
    for definition in go::entries(root) {
        let properties = properties(definition.value).map_err(|problem| vec![*problem])?;
        search.properties.insert(definition.name.into_owned(), properties);
    }
    search.run().map_err(|problem| vec![*problem])
}

/// The properties of each type, and what was found in them so far.
struct Search<'a> {
    properties: BTreeMap<String, Vec<(&'a str, Node<'a>)>>,
    /// The types that are being looked at, each referred to by the one before.
    open: Vec<String>,
    looked_at: usize,
    rules: Rules,
}

impl Search<'_> {
    fn run(mut self) -> Result<TransformerConfig, Box<Diagnostic>> {
        let looks_like_an_object = |fields: &Vec<(&str, Node<'_>)>| {
            ["kind", "apiVersion", "metadata"].iter().all(|name| fields.iter().any(|(field, _)| field == name))
        };
        let objects = self.properties.iter().filter(|(_, fields)| looks_like_an_object(fields));
        let objects: Vec<String> = objects.map(|(name, _)| name.clone()).collect();
        for name in objects {
            let kind = name.rsplit('.').next().unwrap_or_default().to_owned();
            self.look_into(&name, &kind, "")?;
        }
        Ok(self.rules.into())
    }

    /// Looks at the properties of a type that objects of `kind` have at `path`.
    fn look_into(&mut self, name: &str, kind: &str, path: &str) -> Result<(), Box<Diagnostic>> {
        let Some(fields) = self.properties.get(name).cloned() else { return Ok(()) };
        self.open.push(name.to_owned());
        for (field, property) in fields {
            self.looked_at += 1;
            if self.looked_at > MAX_FIELDS {
                let what = format!("the types in this file lead to more than {MAX_FIELDS} fields");
                return Err(problem(property.span(), what).into());
            }
            let path = if path.is_empty() { field.to_owned() } else { format!("{path}/{field}") };
            self.note(property, kind, &path);
            let Some(reference) = property.get("$ref").and_then(go::string) else { continue };
            if self.open.iter().any(|open| open == reference) {
                let what = format!("`{reference}` contains itself here, on which kustomize crashes");
                return Err(problem(property.span(), what).into());
            }
            self.look_into(reference, kind, &path)?;
        }
        self.open.pop();
        Ok(())
    }

    /// Notes what the extensions of a property say.
    fn note(&mut self, property: Node<'_>, kind: &str, path: &str) {
        let extension = |name: &str| property.get(name).and_then(go::string);
        let spec = |path: &str| FieldSpec {
            kind: kind.to_owned().into(),
            path: path.to_owned().into(),
            ..FieldSpec::default()
        };
        if extension("x-kubernetes-annotation").is_some() {
            self.rules.annotations.push(spec(path));
        }
        if extension("x-kubernetes-label-selector").is_some() {
            self.rules.labels.push(spec(path));
        }
        if extension("x-kubernetes-identity").is_some() {
            self.rules.prefixes.push(spec(path));
        }
        let version = extension("x-kubernetes-object-ref-api-version");
        if let (Some(version), Some(kind)) = (version, extension("x-kubernetes-object-ref-kind")) {
            let key = extension("x-kubernetes-object-ref-name-key").unwrap_or("name");
            self.rules.references.push(NameReference {
                version: version.to_owned().into(),
                kind: kind.to_owned().into(),
                referrers: vec![spec(&format!("{path}/{key}"))],
                ..NameReference::default()
            });
        }
    }
}

/// The properties in the schema of a definition. Their names are read to the letter.
fn properties<'a>(definition: Node<'a>) -> Result<Vec<(&'a str, Node<'a>)>, Box<Diagnostic>> {
    let Some(properties) = go::field(definition, "schema").and_then(|schema| schema.get("properties")) else {
        return Ok(Vec::new());
    };
    let must_be_a_mapping = |node: Node<'_>| {
        let name = node.key().map_or("", Node::text);
        Box::new(problem(node.span(), format!("`{name}` must be a mapping")))
    };
    if properties.is_null() {
        return Ok(Vec::new());
    }
    if properties.kind() != Kind::Mapping {
        return Err(must_be_a_mapping(properties));
    }
    let of_last: BTreeMap<&str, Node<'a>> = properties.fields().map(|(key, value)| (key.text(), value)).collect();
    match of_last.values().find(|value| value.kind() != Kind::Mapping && !value.is_null()) {
        Some(value) => Err(must_be_a_mapping(*value)),
        None => Ok(of_last.into_iter().collect()),
    }
}

fn problem(span: Span, what: impl Into<String>) -> Diagnostic {
    Diagnostic::error("bad-crds", span, what)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::from_definitions;
    use crate::source::Sources;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    /// What a file says, a rule in a line, or why it is refused.
    fn rules(text: &str) -> Vec<String> {
        let sources = Arc::new(Sources::in_memory());
        let source = sources.add("crds.yaml", text);
        let file = parse(&sources, source, Reader::Kubectl);
        match from_definitions(&file, source) {
            Err(problems) => problems.into_iter().map(|problem| problem.message).collect(),
            Ok(config) => {
                let lists = [
                    ("prefix", &config.name_prefix),
                    ("labels", &config.common_labels),
                    ("annotations", &config.common_annotations),
                ];
                let of_list = lists.iter().flat_map(|(name, list)| {
                    list.iter().map(move |spec| format!("{name} {} {}", spec.kind, spec.path))
                });
                let references = config.name_reference.iter().flat_map(|to| {
                    let to_text = format!("{} {}", to.version, to.kind);
                    to.referrers.iter().map(move |spec| format!("{to_text} in {} {}", spec.kind, spec.path))
                });
                of_list.chain(references).collect()
            }
        }
    }

    const OBJECT: &str = "a.v1.Bee: {Schema: {properties: {apiVersion: {}, kind: {}, metadata: , spec: {$ref: s}}}}\n";

    #[test]
    fn extensions_become_rules_for_the_kind() {
        let text = format!(
            "{OBJECT}s:
  schema:
    properties:
      id: {{x-kubernetes-identity: ''}}
      tags: {{x-kubernetes-label-selector: '', x-kubernetes-annotation: ''}}
      secret: {{x-kubernetes-object-ref-api-version: v1, x-kubernetes-object-ref-kind: Secret}}
      other:
        x-kubernetes-object-ref-api-version: v1
        x-kubernetes-object-ref-kind: Secret
        x-kubernetes-object-ref-name-key: of
"
        );
        assert_eq!(
            rules(&text),
            [
                "prefix Bee spec/id",
                "labels Bee spec/tags",
                "annotations Bee spec/tags",
                "v1 Secret in Bee spec/other/of",
                "v1 Secret in Bee spec/secret/name",
            ]
        );
    }

    #[test]
    fn what_is_not_spelled_to_the_letter_says_nothing() {
        for schema in [
            "{Properties: {id: {x-kubernetes-identity: ''}}}",
            "{properties: {id: {X-Kubernetes-Identity: ''}}}",
            "{properties: {id: {x-kubernetes-identity: true}}}",
            "{properties: {id: {x-kubernetes-object-ref-kind: Secret}}}",
        ] {
            assert!(rules(&format!("{OBJECT}s: {{schema: {schema}}}")).is_empty(), "{schema}");
        }
        assert!(rules("a.Bee: {schema: {properties: {id: {x-kubernetes-identity: ''}}}}").is_empty());
        assert!(rules("a: {schema: ~}\nb:\nc: {schema: {properties: {x: }}, more: 1}\n").is_empty());
        assert!(rules("\n").is_empty());
    }

    #[test]
    fn what_kustomize_cannot_read_is_refused() {
        for text in [
            "",
            "[a]",
            "apiVersion: v1",
            "a: {schema: x}",
            "a: {dependencies: x}",
            "a: {schema: {properties: [a]}}",
            "a: {schema: {properties: {a: x}}}",
            "{\"a\": {},}",
            "{\"a\": {}} # no comments in JSON",
        ] {
            assert_eq!(rules(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn types_that_contain_themselves_or_fan_out_are_refused() {
        assert_eq!(
            rules(&format!("{OBJECT}s: {{schema: {{properties: {{a: {{$ref: s}}}}}}}}")),
            ["`s` contains itself here, on which kustomize crashes"]
        );
        let types = (0..20).map(|level| {
            let next = level + 1;
            format!("t{level}: {{schema: {{properties: {{a: {{$ref: t{next}}}, b: {{$ref: t{next}}}}}}}}}\n")
        });
        let text = OBJECT.replace("$ref: s", "$ref: t0") + &types.collect::<String>();
        assert_eq!(rules(&text), ["the types in this file lead to more than 20000 fields"]);
    }
}
