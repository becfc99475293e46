//! What kustomize refuses about a kustomization file before it builds anything, and what it warns of.
//!
//! Whether paths lead anywhere, and whether what is written in a field makes sense, is `render`'s affair.

use crate::diagnostic::Diagnostic;
use crate::kustomization::Kustomization;
use crate::kustomization::Version;
use crate::kustomization::fields::KUSTOMIZATION;
use crate::kustomization::form;
use crate::kustomization::form::Reading;
use crate::kustomization::go;
use crate::source::SourceId;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Parsed;

const KUSTOMIZATION_VERSION: &str = "kustomize.config.k8s.io/v1beta1";
const COMPONENT_VERSION: &str = "kustomize.config.k8s.io/v1alpha1";

/// Fields that still work and that something else has replaced.
const DEPRECATED: [(&str, &str); 7] = [
    ("bases", "resources"),
    ("commonLabels", "labels"),
    ("imageTags", "images"),
    ("patchesJson6902", "patches"),
    ("patchesStrategicMerge", "patches"),
    ("vars", "replacements"),
    ("helmChartInflationGenerator", "helmCharts"),
];

/// A field that a file should not use any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deprecated {
    /// Its name in the format.
    pub name: &'static str,
    /// What to use in its place.
    pub instead: &'static str,
    /// Where its key is written.
    pub span: Span,
}

/// Everything for which kustomize refuses the file, which was read from `source`.
pub fn check(file: &Parsed, source: SourceId, version: Version) -> Vec<Diagnostic> {
    let text = || file.tree.sources().get(source).text();
    let Some(document) = file.documents.first() else {
        return vec![empty(Span::whole(source))];
    };
    let root = file.tree.node(document.root);
    if root.is_null() || starts_with_nothing(text(), root) {
        return vec![empty(Span::whole(source))];
    }
    if root.kind() != Kind::Mapping {
        return form::check(root, KUSTOMIZATION, Reading::kustomization(version));
    }
    Kustomization { root }.check(version)
}

/// Whether a document without content stands before the first one that has some: only the first counts.
fn starts_with_nothing(text: &str, root: Node<'_>) -> bool {
    let before = text.get(..root.span().start as usize).unwrap_or_default();
    before.lines().filter(|line| line.starts_with("---")).count() > 1
}

impl Kustomization<'_> {
    /// Everything for which kustomize refuses the file.
    pub fn check(self, version: Version) -> Vec<Diagnostic> {
        let problems = form::check(self.root, KUSTOMIZATION, Reading::kustomization(version));
        if !problems.is_empty() {
            return problems;
        }
        if self.is_empty() {
            return vec![empty(self.root.span())];
        }
        self.misnamed().into_iter().collect()
    }

    /// The fields that should not be used any more. An empty list counts, null does not.
    pub fn deprecated(self) -> Vec<Deprecated> {
        let found =
            |name, instead, value: Node<'_>| Deprecated { name, instead, span: value.key().unwrap_or(value).span() };
        let mut all: Vec<_> = DEPRECATED
            .iter()
            .filter_map(|(name, instead)| Some(found(name, instead, go::field(self.root, name)?)))
            .collect();
        let generators = ["configMapGenerator", "secretGenerator"].into_iter();
        let entries = generators.flat_map(|generator| go::items(self.root, generator));
        all.extend(entries.filter_map(|entry| Some(found("env", "envs", go::field(entry, "env")?))));
        all
    }

    /// Whether nothing is said beside what kind of file it is. An empty list says something, except in
    /// fields that kustomize first moves to another one.
    fn is_empty(self) -> bool {
        go::entries(self.root).all(|entry| {
            let is = |names: &[&str]| names.iter().any(|name| go::is_named(&entry.name, name));
            let Some(value) = go::field(self.root, &entry.name).filter(|_| !is(&["kind", "apiVersion"])) else {
                return true;
            };
            match value.kind() {
                Kind::Scalar => value.text().is_empty(),
                Kind::Sequence if is(&["bases", "imageTags", "helmChartInflationGenerator"]) => {
                    value.items().next().is_none()
                }
                Kind::Sequence | Kind::Mapping => false,
            }
        })
    }

    /// The problem with `kind` or `apiVersion`, which must fit each other.
    fn misnamed(self) -> Option<Diagnostic> {
        let given = |name| go::field(self.root, name).filter(|node| !node.text().is_empty());
        let is_kind = |name: &str| given("kind").is_some_and(|kind| kind.text() == name);
        if let Some(kind) = given("kind")
            && !is_kind("Kustomization")
            && !is_kind("Component")
        {
            let what = format!("`{}` is no `kind` of a kustomization", kind.text());
            let problem = Diagnostic::error("bad-kustomization", kind.span(), what);
            return Some(problem.help("write `Kustomization` or `Component`"));
        }
        let (kind, required) = if is_kind("Component") {
            ("Component", COMPONENT_VERSION)
        } else {
            ("Kustomization", KUSTOMIZATION_VERSION)
        };
        let version = given("apiVersion").filter(|version| version.text() != required)?;
        let what = format!("`{}` is not the `apiVersion` of a {kind}", version.text());
        let problem = Diagnostic::error("bad-kustomization", version.span(), what);
        Some(problem.help(format!("write `{required}`, or leave it out")))
    }
}

fn empty(span: Span) -> Diagnostic {
    Diagnostic::error("empty-kustomization", span, "this kustomization is empty")
        .help("list what it deploys under `resources`; `resources: []` does for nothing at all")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::kustomization::Kustomization;
    use crate::kustomization::Version;
    use crate::kustomization::check;
    use crate::kustomization::tests::parsed;
    use crate::source::Sources;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    /// Each problem as `line:column message; help`.
    fn problems_in(text: &str, version: Version) -> Vec<String> {
        let sources = Arc::new(Sources::in_memory());
        let source = sources.add("kustomization.yaml", text);
        let file = parse(&sources, source, Reader::Kubectl);
        let told = check(&file, source, version).into_iter().map(|problem| {
            let at = sources.location(problem.primary.span);
            let help = problem.help.map(|help| format!("; {help}")).unwrap_or_default();
            format!("{}:{} {}{help}", at.line, at.column, problem.message)
        });
        told.collect()
    }

    fn problems(text: &str) -> Vec<String> {
        problems_in(text, Version::V5_5)
    }

    fn is_fine(text: &str) -> bool {
        problems(text).is_empty()
    }

    #[test]
    fn fields_that_go_does_not_know_are_unknown() {
        assert_eq!(problems("resource: []"), ["1:1 unknown field `resource`; did you mean `resources`?"]);
        assert_eq!(
            problems("images:\n- name: a\n  tag: b\n"),
            ["3:3 unknown field `tag`; the fields here are `name`, `newName`, `tagSuffix`, `newTag`, `digest`",]
        );
    }

    #[test]
    fn names_match_in_any_case_and_null_fits_everywhere() {
        assert!(is_fine("RESOURCES: null\nnameprefix: a\nLabels:\n- PAIRS: {a: ~}\n  includeselectors: on\n"));
        assert!(is_fine("resources: [~]\nmetadata:\n"));
    }

    #[test]
    fn texts_must_be_texts() {
        assert_eq!(
            problems("images: [{name: a, newTag: 1.20}]\nresources: [yes]\nnamePrefix: [a]\n"),
            [
                "1:28 `newTag` must be a text; put it in quotes: `\"1.20\"`",
                "2:13 an item of `resources` must be a text; put it in quotes: `\"yes\"`",
                "3:13 `namePrefix` must be a text",
            ]
        );
        assert!(is_fine("namePrefix: 2001-01-01"));
    }

    #[test]
    fn numbers_and_booleans_must_be_bare() {
        assert!(is_fine("replicas: [{name: a, count: 3.0}]"));
        assert_eq!(
            problems("replicas: [{count: '3'}, {count: 1.5}]\ngeneratorOptions: {immutable: 'true'}"),
            [
                "1:20 `count` must be a whole number; leave the quotes out: `3`",
                "1:34 `count` must be a whole number",
                "2:31 `immutable` must be `true` or `false`; leave the quotes out: `true`",
            ]
        );
    }

    #[test]
    fn of_a_key_given_twice_the_last_is_looked_at() {
        assert!(is_fine("namePrefix: 1\nnamePrefix: a\n"));
        assert_eq!(problems("namePrefix: 1\nNamePrefix: a\n").len(), 1);
        assert!(is_fine("namePrefix: a\nNamePrefix: b\n"));
    }

    #[test]
    fn a_list_must_not_be_given_in_two_spellings() {
        assert_eq!(
            problems("resources: [a]\nResources: [b]\n"),
            [
                "1:1 `resources` is also given as `Resources`, and kustomize mixes the two; keep one of them, as `resources`"
            ]
        );
        assert!(is_fine("resources: [a]\nResources: ~\n"));
    }

    #[test]
    fn an_empty_file_is_refused_and_an_empty_list_is_not_empty() {
        for text in
            ["", "# nothing", "kind: Kustomization", "namePrefix: ''", "bases: []", "resources:", "---\n---\na: b"]
        {
            assert_eq!(problems(text).len(), 1, "{text}");
            assert!(problems(text)[0].contains("this kustomization is empty"), "{text}");
        }
        for text in ["resources: []", "namePrefix: x", "metadata: {}", "bases: [a]", "--- # one\nresources: []"] {
            assert!(is_fine(text), "{text}");
        }
        assert_eq!(problems("- a"), ["1:1 this file must be a mapping"]);
    }

    #[test]
    fn kind_and_api_version_must_fit() {
        assert!(is_fine("kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: []"));
        assert!(is_fine("kind: ''\napiVersion: ''\nresources: []"));
        assert_eq!(
            problems("kind: Component\napiVersion: kustomize.config.k8s.io/v1beta1\nresources: []"),
            ["2:13 `kustomize.config.k8s.io/v1beta1` is not the `apiVersion` of a Component; \
              write `kustomize.config.k8s.io/v1alpha1`, or leave it out"]
        );
        assert_eq!(
            problems("kind: kustomization\nresources: []"),
            ["1:7 `kustomization` is no `kind` of a kustomization; write `Kustomization` or `Component`"]
        );
    }

    #[test]
    fn releases_know_different_fields() {
        let text = "replacements: [{sourceValue: a}]\npatches: [{options: {allow: true}}]\n";
        assert_eq!(
            problems_in(text, Version::V5_5),
            ["1:17 unknown field `sourceValue`; kustomize knows this field from 5.8 on"]
        );
        assert_eq!(
            problems_in(text, Version::V5_8),
            ["2:22 unknown field `allow`; the fields here are `allowNameChange`, `allowKindChange`"]
        );
    }

    #[test]
    fn deprecated_fields_are_told_with_what_to_use() {
        let file = parsed("Bases: []\nvars: null\nconfigMapGenerator: [{env: a}]\n");
        let found = Kustomization::of(&file).unwrap().deprecated();
        let found: Vec<_> = found.iter().map(|field| (field.name, field.instead)).collect();
        assert_eq!(found, [("bases", "resources"), ("env", "envs")]);
    }
}
