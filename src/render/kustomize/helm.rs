//! `helmCharts` and what was there before it: charts rendered by the `helm` program, with the arguments that
//! kustomize gives it. Charts are never fetched.

use std::ffi::OsString;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::discover::paths;
use crate::kube::MergeSchema;
use crate::kustomization::Version;
use crate::kustomization::go::field;
use crate::kustomization::go::flag;
use crate::kustomization::go::items;
use crate::patch::strategic_merge;
use crate::render::chart;
use crate::render::helm;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::folder::At;
use crate::render::kustomize::objects;
use crate::render::kustomize::selector::text_field;
use crate::render::kustomize::set::Set;
use crate::source::Place;
use crate::source::SourceId;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::json_text;

/// Where charts are kept when the file doesn't say.
const CHART_HOME: &str = "charts";

/// What the fields of `helmChartInflationGenerator` are called in `helmCharts`.
const OLD_NAMES: [(&str, &str); 7] = [
    ("name", "chartName"),
    ("version", "chartVersion"),
    ("repo", "chartRepoUrl"),
    ("valuesFile", "values"),
    ("valuesInline", "valuesLocal"),
    ("valuesMerge", "valuesMerge"),
    ("releaseName", "releaseName"),
];

/// One chart that a kustomization asks for.
#[derive(Clone, Copy)]
pub(super) struct Chart<'a> {
    entry: Node<'a>,
    /// Whether it is an entry of `helmChartInflationGenerator`.
    is_old: bool,
    home: &'a str,
    /// The namespace that counts where the entry names none.
    namespace: &'a str,
}

/// The charts of a kustomization, those of the older field last.
pub(super) fn charts<'a>(at: &'a At<'_>) -> Vec<Chart<'a>> {
    let root = at.view.root();
    let old = || items(root, "helmChartInflationGenerator");
    let home = match field(root, "helmGlobals").filter(|globals| !globals.is_null()) {
        Some(globals) => text_field(globals, "chartHome"),
        None => old().filter_map(|entry| text_field(entry, "chartHome")).last(),
    };
    let home = home.map_or(CHART_HOME, Node::text);
    let namespace = if at.folder.options.version >= Version::V5_8 { at.namespace().unwrap_or_default() } else { "" };
    let new = items(root, "helmCharts").map(|entry| (entry, false));
    let all = new.chain(old().map(|entry| (entry, true)));
    all.map(|(entry, is_old)| Chart { entry, is_old, home, namespace }).collect()
}

/// The chart that an object of kind `HelmChartInflationGenerator` asks for.
pub(super) fn of_step(step: Node<'_>) -> Chart<'_> {
    let home = text_field(step, "chartHome").map_or(CHART_HOME, Node::text);
    Chart { entry: step, is_old: false, home, namespace: "" }
}

/// Renders a chart and adds what that gives.
pub(super) fn add(set: &mut Set, at: &At<'_>, chart: Chart<'_>) -> Result<()> {
    let name = chart.field("name");
    let span = name.map_or(chart.entry.span(), Node::span);
    let Some(name) = name else {
        return Err(Diagnostic::error("chart-not-rendered", span, "this chart needs a `name`").into());
    };
    let called = paths::inside(&chart.home(), name.text());
    if !at.folder.options.allow_helm {
        let problem =
            Diagnostic::error("chart-not-rendered", span, format!("chart `{}` was not rendered", name.text()));
        let help = "pass `--allow-helm` to render `helmCharts` with the `helm` program";
        return Err(problem.help(help).into());
    }
    let folder = chart.folder(at, name, &called)?;
    let values = chart.values(at, &called, span)?;
    let arguments = chart.arguments(at, &folder)?;
    let failed = |reason: &str| {
        // What helm prints may name folders by their absolute paths, which no report holds.
        let root = at.folder.files.sources().root().map(|root| root.to_string_lossy().into_owned());
        let reason = root.map_or_else(|| reason.to_owned(), |root| reason.replace(&root, "."));
        Diagnostic::error("chart-not-rendered", span, format!("chart `{called}` could not be rendered: {reason}"))
    };
    let output = helm::run(&arguments, &values).map_err(|reason| failed(&reason))?;
    let made =
        |text: String| chart::sourced(&format!("<helm template {folder}>"), text, Some(&folder), at.folder.files);
    let source = made(output.clone());
    if let Err(problem) = add_objects(set, at, source) {
        // Helm may say something of its own before the first document.
        let Some(start) = output.find("\n---\n") else { return Err(problem) };
        add_objects(set, at, made(output[start + 1..].to_owned()))?;
    }
    set.refuse_duplicates()
}

fn add_objects(set: &mut Set, at: &At<'_>, source: SourceId) -> Result<()> {
    let parsed = at.folder.parse(source);
    let by_helm = at.folder.options.version >= Version::V5_8;
    for object in objects::of(&parsed)? {
        let root = set.tree.copy(object, None);
        let origin =
            at.origin.as_ref().map(|origin| origin.of_step(&at.folder.file_path, "HelmChartInflationGenerator"));
        set.drafts.push(Draft { by_helm, origin, ..Draft::new(root) });
    }
    Ok(())
}

impl<'a> Chart<'a> {
    /// A field that is a text and not empty, by its name in `helmCharts`.
    fn field(&self, name: &str) -> Option<Node<'a>> {
        text_field(self.entry, self.own_name(name)?)
    }

    fn own_name<'n>(&self, name: &'n str) -> Option<&'n str> {
        if !self.is_old {
            return Some(name);
        }
        OLD_NAMES.iter().find(|(new, _)| *new == name).map(|(_, old)| *old)
    }

    /// The folder that the chart's own folder is in: one for each version of a chart that comes from elsewhere.
    fn home(&self) -> String {
        match (self.field("name"), self.field("version"), self.field("repo")) {
            (Some(name), Some(version), Some(_)) => format!("{}/{}-{}", self.home, name.text(), version.text()),
            _ => self.home.to_owned(),
        }
    }

    /// The chart's folder, which must be there.
    fn folder(&self, at: &At<'_>, name: Node<'_>, called: &str) -> Result<String> {
        let found = at.folder.locate(name, called);
        if let Ok(Place::Folder(folder)) = found {
            return Ok(folder);
        }
        let Some(repo) = self.field("repo") else {
            let what = format!("there is no chart in `{called}`, and no `repo` is named that it could come from");
            return Err(Diagnostic::error("chart-not-rendered", name.span(), what).into());
        };
        let what = format!("chart `{called}` is not in this repository and is not fetched");
        let problem = Diagnostic::error("chart-not-rendered", name.span(), what);
        let problem = problem.help(format!("put it there: `helm pull --untar --untardir {} …`", self.home()));
        Err(problem.related(repo.span(), "it is to come from here").into())
    }

    /// The values that helm gets for this chart, beside those of further files.
    fn values(&self, at: &At<'_>, called: &str, span: Span) -> Result<String> {
        let merge = self.field("valuesMerge");
        let how = merge.map_or("override", Node::text);
        if !matches!(how, "merge" | "override" | "replace") {
            let what = format!("`{how}` is no way to merge values");
            let span = merge.map_or(span, Node::span);
            let help = "there are `override`, `merge` and `replace`";
            return Err(Diagnostic::error("bad-kustomization", span, what).help(help).into());
        }
        let inline = self.own_name("valuesInline").and_then(|name| field(self.entry, name));
        let inline = inline.filter(|inline| inline.kind() == Kind::Mapping && inline.children().next().is_some());
        let file = || match self.field("valuesFile") {
            Some(file) => at.folder.source(file, file.text()),
            None => at.folder.source(self.field("name").unwrap_or(self.entry), &format!("{called}/values.yaml")),
        };
        let Some(inline) = inline else { return Ok(at.folder.files.sources().get(file()?).text().to_owned()) };
        let sources = at.folder.files.sources();
        let mut own = Tree::new(Arc::clone(sources), Reader::Kustomize);
        let inline = own.copy_as_json(inline, None)?;
        if how == "replace" {
            return json_text(own.node(inline), false);
        }
        let parsed = at.folder.parse(file()?);
        if let Some(problem) = parsed.diagnostics.first() {
            return Err(problem.clone().into());
        }
        let mut charts = Tree::new(Arc::clone(sources), Reader::Kustomize);
        let given = parsed.documents.first().map(|document| parsed.tree.node(document.root));
        let values: NodeId = match given.filter(|given| !given.is_null()) {
            Some(given) => charts.copy(given, None),
            None => charts.mapping(span),
        };
        let via = Via { what: "valuesInline", span };
        let schema = MergeSchema::builtin();
        if how == "override" {
            strategic_merge(&mut charts, values, own.node(inline), &via, &schema)?;
            return json_text(charts.node(values), false);
        }
        strategic_merge(&mut own, inline, charts.node(values), &via, &schema)?;
        json_text(own.node(inline), false)
    }

    /// What helm is called with. The values come to it on its standard input.
    fn arguments(&self, at: &At<'_>, folder: &str) -> Result<Vec<OsString>> {
        let mut arguments: Vec<OsString> = vec!["template".into()];
        match self.field("releaseName") {
            Some(release) if release.text().starts_with('-') => {
                let what = format!("`{}` is no name of a release: it would be taken for an option", release.text());
                return Err(Diagnostic::error("chart-not-rendered", release.span(), what).into());
            }
            Some(release) => arguments.push(release.text().into()),
            None => arguments.push("--generate-name".into()),
        }
        arguments.push(at.folder.real(folder)?.into());
        let namespace = self.field("namespace").map_or(self.namespace, Node::text);
        let mut option = |name: &str, value: OsString| arguments.extend([name.into(), value]);
        if !namespace.is_empty() {
            option("--namespace", namespace.into());
        }
        if let Some(template) = self.field("nameTemplate") {
            option("--name-template", template.text().into());
        }
        option("-f", "-".into());
        for file in items(self.entry, "additionalValuesFiles") {
            option("-f", at.folder.real(&at.folder.data_path(file, file.text())?)?.into());
        }
        for version in items(self.entry, "apiVersions") {
            option("--api-versions", version.text().into());
        }
        if let Some(version) = self.field("kubeVersion") {
            option("--kube-version", version.text().into());
        }
        let flags = [
            ("includeCRDs", "--include-crds"),
            ("skipTests", "--skip-tests"),
            ("skipHooks", "--no-hooks"),
            ("debug", "--debug"),
            ("devel", "--devel"),
        ];
        let asked = flags.iter().filter(|(name, _)| !self.is_old && flag(self.entry, name));
        arguments.extend(asked.map(|(_, argument)| OsString::from(argument)));
        Ok(arguments)
    }
}
