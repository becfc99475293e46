//! What a kustomization file refers to: every path and URL with its place and what it is used for.
//!
//! What is written inline (a patch, a transformer) is not a reference. A value of the wrong type is
//! not one either; `render` says what is wrong with it.

use std::borrow::Cow;

use crate::kustomization::Kustomization;
use crate::kustomization::go::field;
use crate::kustomization::go::items;
use crate::kustomization::is_remote;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::span_within;

/// Where charts are kept when the file doesn't say.
const CHART_HOME: &str = "charts";

/// What a reference is used for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// A file of resources, or a folder with a kustomization.
    Resource,
    /// A folder with a Component.
    Component,
    /// A file with a strategic-merge or JSON patch.
    Patch,
    /// A file whose text becomes data of a ConfigMap or Secret.
    Data,
    /// A file with replacements.
    Replacements,
    /// A file, or a folder with a kustomization, that sets up a generator, transformer or validator.
    Plugin,
    /// A file that changes how kustomize works: `configurations`, `crds`, `openapi`.
    Configuration,
    /// The folder of a Helm chart.
    Chart,
    /// A values file of a Helm chart.
    Values,
}

impl Role {
    /// Whether a folder stands for the kustomization inside it.
    pub fn may_be_kustomization(self) -> bool {
        matches!(self, Self::Resource | Self::Component | Self::Plugin)
    }
}

/// One path or URL that a kustomization file names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference<'a> {
    /// The field it is in, such as `resources`.
    pub field: &'static str,
    /// What it is used for.
    pub role: Role,
    /// The path relative to the file's folder, or the URL.
    pub path: Cow<'a, str>,
    /// Where it is written.
    pub span: Span,
}

impl Reference<'_> {
    /// Whether it leads out of the repository, to a URL.
    pub fn is_remote(&self) -> bool {
        matches!(self.role, Role::Resource | Role::Component) && is_remote(&self.path)
    }
}

/// The references of `file`.
pub(super) fn of(file: Kustomization<'_>) -> Vec<Reference<'_>> {
    let mut found = Found::default();
    let root = file.root();
    found.list(root, "resources", Role::Resource);
    found.list(root, "bases", Role::Resource);
    found.list(root, "components", Role::Component);
    found.each(root, "patches", "path", Role::Patch);
    found.list(root, "patchesStrategicMerge", Role::Patch);
    found.each(root, "patchesJson6902", "path", Role::Patch);
    for generator in ["configMapGenerator", "secretGenerator"] {
        for entry in items(root, generator) {
            for source in items(entry, "files") {
                found.data_file(generator, source);
            }
            found.texts(generator, items(entry, "envs"), Role::Data);
            found.texts(generator, field(entry, "env").into_iter(), Role::Data);
        }
    }
    found.each(root, "replacements", "path", Role::Replacements);
    for plugins in ["generators", "transformers", "validators"] {
        found.list(root, plugins, Role::Plugin);
    }
    found.list(root, "configurations", Role::Configuration);
    found.list(root, "crds", Role::Configuration);
    found.texts(
        "openapi",
        field(root, "openapi").and_then(|openapi| field(openapi, "path")).into_iter(),
        Role::Configuration,
    );
    found.charts(root);
    found.old_charts(root);
    found.references
}

#[derive(Default)]
struct Found<'a> {
    references: Vec<Reference<'a>>,
}

impl<'a> Found<'a> {
    /// The items of a list of paths.
    fn list(&mut self, root: Node<'a>, name: &'static str, role: Role) {
        self.texts(name, items(root, name), role);
    }

    /// One field of each item of a list.
    fn each(&mut self, root: Node<'a>, name: &'static str, key: &str, role: Role) {
        self.texts(name, items(root, name).filter_map(|item| field(item, key)), role);
    }

    fn texts(&mut self, field: &'static str, nodes: impl Iterator<Item = Node<'a>>, role: Role) {
        let may_be_inline = matches!(field, "patchesStrategicMerge" | "generators" | "transformers" | "validators");
        for node in nodes {
            let Some(text) = node.as_str() else { continue };
            if text.is_empty() || may_be_inline && is_inline(text) {
                continue;
            }
            self.references.push(Reference { field, role, path: Cow::Borrowed(text), span: node.span() });
        }
    }

    /// `path`, or `key=path`.
    fn data_file(&mut self, field: &'static str, node: Node<'a>) {
        let Some(text) = node.as_str() else { return };
        let start = text.find('=').map_or(0, |at| at + 1);
        let path = &text[start..];
        if !path.is_empty() {
            let span = if start == 0 { node.span() } else { span_within(node, start..text.len()) };
            self.references.push(Reference { field, role: Role::Data, path: Cow::Borrowed(path), span });
        }
    }

    fn charts(&mut self, root: Node<'a>) {
        let home = field(root, "helmGlobals").and_then(|globals| field(globals, "chartHome")).and_then(Node::as_str);
        for chart in items(root, "helmCharts") {
            self.chart("helmCharts", home, field(chart, "name"));
            self.texts("helmCharts", field(chart, "valuesFile").into_iter(), Role::Values);
            self.texts("helmCharts", items(chart, "additionalValuesFiles"), Role::Values);
        }
    }

    fn old_charts(&mut self, root: Node<'a>) {
        const FIELD: &str = "helmChartInflationGenerator";
        for chart in items(root, FIELD) {
            let home = field(chart, "chartHome").and_then(Node::as_str);
            self.chart(FIELD, home, field(chart, "chartName"));
            self.texts(FIELD, field(chart, "values").into_iter(), Role::Values);
        }
    }

    fn chart(&mut self, field: &'static str, home: Option<&str>, name: Option<Node<'a>>) {
        let Some(name) = name.filter(|name| name.as_str().is_some_and(|text| !text.is_empty())) else { return };
        let home = home.filter(|home| !home.is_empty()).unwrap_or(CHART_HOME);
        let path = Cow::Owned(format!("{home}/{}", name.text()));
        self.references.push(Reference { field, role: Role::Chart, path, span: name.span() });
    }
}

/// Whether an entry that may be a path or YAML is YAML: no path has a line break or a `key: `.
fn is_inline(text: &str) -> bool {
    text.contains('\n') || text.contains(": ") || text.starts_with(['{', '['])
}

#[cfg(test)]
mod tests {
    use crate::kustomization::Kustomization;
    use crate::kustomization::tests::parsed;

    /// Each reference as `field role path`.
    fn references(text: &str) -> Vec<String> {
        let file = parsed(text);
        let references = Kustomization::of(&file).unwrap().references();
        references
            .iter()
            .map(|reference| {
                let remote = if reference.is_remote() { " (remote)" } else { "" };
                format!("{} {:?} {}{remote}", reference.field, reference.role, reference.path)
            })
            .collect()
    }

    #[test]
    fn resources_bases_and_components() {
        let text = "resources: [a.yaml, 'https://example.com/a.yaml', '', 1]\nbases: [../base]\nComponents: [c]";
        assert_eq!(
            references(text),
            [
                "resources Resource a.yaml",
                "resources Resource https://example.com/a.yaml (remote)",
                "bases Resource ../base",
                "components Component c",
            ]
        );
    }

    #[test]
    fn inline_patches_and_transformers_are_no_references() {
        let text = "
patches:
- path: p.yaml
- patch: |
    - op: remove
patchesStrategicMerge:
- smp.yaml
- |
  kind: A
patchesJson6902:
- target: {kind: A}
  path: j.json
transformers:
- t.yaml
- {apiVersion: builtin}
- 'apiVersion: builtin'
";
        assert_eq!(
            references(text),
            [
                "patches Patch p.yaml",
                "patchesStrategicMerge Patch smp.yaml",
                "patchesJson6902 Patch j.json",
                "transformers Plugin t.yaml",
            ]
        );
    }

    #[test]
    fn files_of_generators_are_told_without_their_key_and_with_their_own_place() {
        let text = "configMapGenerator:\n- files: [a.sh, key=b.sh, =, x=]\n  envs: [e.env]\n  env: o.env\n";
        assert_eq!(
            references(text),
            [
                "configMapGenerator Data a.sh",
                "configMapGenerator Data b.sh",
                "configMapGenerator Data e.env",
                "configMapGenerator Data o.env",
            ]
        );
        let file = parsed(text);
        let references = Kustomization::of(&file).unwrap().references();
        let location = file.tree.sources().location(references[1].span);
        assert_eq!((location.line, location.column, location.end_column), (2, 21, 25));
    }

    #[test]
    fn charts_configurations_and_the_rest() {
        let text = "
replacements: [{path: r.yaml}, {source: {}}]
generators: [g]
configurations: [c.yaml]
crds: [crd.json]
openapi: {path: schema.json}
helmGlobals: {chartHome: vendor}
helmCharts: [{name: web, valuesFile: v.yaml, additionalValuesFiles: [w.yaml]}]
helmChartInflationGenerator: [{chartName: old, values: o.yaml}]
";
        assert_eq!(
            references(text),
            [
                "replacements Replacements r.yaml",
                "generators Plugin g",
                "configurations Configuration c.yaml",
                "crds Configuration crd.json",
                "openapi Configuration schema.json",
                "helmCharts Chart vendor/web",
                "helmCharts Values v.yaml",
                "helmCharts Values w.yaml",
                "helmChartInflationGenerator Chart charts/old",
                "helmChartInflationGenerator Values o.yaml",
            ]
        );
    }
}
