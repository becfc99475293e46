//! The project's own settings: `plimsoll.yaml` at the repository root, checked against its form.
//!
//! Everything has a default, so a repository without the file is checked too. What the command line
//! says wins over what the file says; that is settled in `session`, not here.

mod fix;

pub use fix::Check;
pub use fix::FixSetting;

use std::collections::BTreeMap;
use std::sync::Arc;

use ignore::gitignore::Gitignore;
use ignore::gitignore::GitignoreBuilder;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::kube::Version;
use crate::source::Span;
use crate::yaml::Field;
use crate::yaml::Fields;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Shape;
use crate::yaml::check;

/// The names under which the file is looked for, in this order.
pub const FILE_NAMES: [&str; 2] = ["plimsoll.yaml", ".plimsoll.yaml"];

/// What can go wrong with a config file.
const CODE: &str = "bad-config";

/// The settings of one run.
#[derive(Clone, Debug)]
pub struct Config {
    /// The version of the cluster that is deployed to.
    pub kubernetes: Version,
    /// Paths that are not looked at, in the syntax of `.gitignore`.
    pub exclude: Gitignore,
    /// Plain manifests that are deployed together, where the folders don't say so.
    pub targets: Vec<TargetSetting>,
    /// What is said about single policies, by id.
    pub policies: BTreeMap<String, PolicySetting>,
    /// Folders with more policies, relative to the root.
    pub policy_folders: Vec<(String, Span)>,
    /// The release of kustomize that is followed, as it is written.
    pub kustomize: Option<String>,
    /// Services that exist though the repository does not define them.
    pub external_services: Vec<ExternalService>,
    /// Other objects that exist though the repository does not define them.
    pub external_objects: Vec<ExternalObject>,
    /// Files of objects that exist, as `kubectl get -o yaml` writes them, relative to the root.
    pub external_files: Vec<(String, Span)>,
    /// The domain of the cluster, below which Services have their names.
    pub cluster_domain: String,
    /// How waits are written.
    pub fix: FixSetting,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            kubernetes: Version::LATEST,
            exclude: Gitignore::empty(),
            targets: Vec::new(),
            policies: BTreeMap::new(),
            policy_folders: Vec::new(),
            kustomize: None,
            external_services: Vec::new(),
            external_objects: Vec::new(),
            external_files: Vec::new(),
            cluster_domain: CLUSTER_DOMAIN.to_owned(),
            fix: FixSetting::default(),
        }
    }
}

/// One entry of `targets:`.
#[derive(Clone, Debug)]
pub struct TargetSetting {
    /// What the target is called in reports.
    pub name: String,
    /// The files it is made of, in the syntax of `.gitignore`.
    pub files: Gitignore,
    /// Where the entry is written.
    pub span: Span,
}

/// One entry of `policies:`.
#[derive(Clone, Default, Debug)]
pub struct PolicySetting {
    /// Whether the policy is asked at all; none means its own default.
    pub enabled: Option<bool>,
    /// The severity of its findings, in place of its own.
    pub severity: Option<Severity>,
    /// Values for its parameters: the node and the file it is in.
    pub parameters: BTreeMap<String, Setting>,
    /// Where the id is written.
    pub span: Option<Span>,
}

/// A value of the config file that somebody else has to understand.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The file.
    pub file: Arc<Parsed>,
    /// The node in it.
    pub node: crate::yaml::NodeId,
}

impl Setting {
    /// The value.
    pub fn node(&self) -> Node<'_> {
        self.file.tree.node(self.node)
    }
}

/// One entry of `external.services`: `name`, `namespace/name` or `namespace/*`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExternalService {
    /// The namespace it is in; none for any.
    pub namespace: Option<String>,
    /// Its name, or `*` for any.
    pub name: String,
}

/// One entry of `external.objects`: `Kind/name`, `Kind/namespace/name`, and `*` for any name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExternalObject {
    /// Its kind.
    pub kind: String,
    /// The namespace it is in; none for any.
    pub namespace: Option<String>,
    /// Its name, or `*` for any.
    pub name: String,
}

/// The domain of a cluster that nobody has given another one.
const CLUSTER_DOMAIN: &str = "cluster.local";

const SEVERITIES: Shape = Shape::OneOf(&["error", "warning", "note"]);
const STRINGS: Shape = Shape::List(&Shape::String);

/// The form of the config file.
pub const FORM: Fields = Fields {
    name: "Config",
    fields: &[
        Field::optional("apiVersion", &Shape::OneOf(&["plimsoll.dev/v1"]), "the version of this format"),
        Field::optional("kubernetes", &Shape::String, "version of the cluster that is deployed to, such as \"1.33\""),
        Field::optional("exclude", &STRINGS, "paths that are not looked at, in the syntax of .gitignore"),
        Field::optional("targets", &Shape::List(&Shape::Fields(&TARGET)), "plain manifests that are deployed together"),
        Field::optional(
            "policies",
            &Shape::Map(&Shape::Fields(&POLICY)),
            "what is to be different about a policy, by id",
        ),
        Field::optional("policyFolders", &STRINGS, "folders with policies of your own"),
        Field::optional("kustomize", &Shape::Fields(&KUSTOMIZE), "how kustomizations are built"),
        Field::optional(
            "clusterDomain",
            &Shape::String,
            "the domain below which Services have their names; `cluster.local` if not given",
        ),
        Field::optional("external", &Shape::Fields(&EXTERNAL), "what exists though the repository does not define it"),
        Field::optional("fix", &Shape::Fields(&fix::FORM), "how `plimsoll fix` writes wait-for init containers"),
    ],
};

const TARGET: Fields = Fields {
    name: "Target",
    fields: &[
        Field::required("name", &Shape::String, "what the target is called in reports"),
        Field::required("files", &STRINGS, "the files it is made of, in the syntax of .gitignore"),
    ],
};

const POLICY: Fields = Fields {
    name: "PolicySetting",
    fields: &[
        Field::optional("enabled", &Shape::Bool, "false turns the policy off, true turns a preview on"),
        Field::optional("severity", &SEVERITIES, "the severity of its findings"),
        Field::optional("parameters", &Shape::Map(&Shape::Any), "values for its parameters"),
    ],
};

const KUSTOMIZE: Fields = Fields {
    name: "Kustomize",
    fields: &[Field::optional(
        "version",
        &Shape::OneOf(&["5.5", "5.8"]),
        "the release that is followed: \"5.5\", which kubectl 1.32 has built in, or \"5.8\"; 5.8 if not given",
    )],
};

const EXTERNAL: Fields = Fields {
    name: "External",
    fields: &[
        Field::optional("services", &STRINGS, "Services: `name`, `namespace/name` or `namespace/*`"),
        Field::optional(
            "objects",
            &STRINGS,
            "other objects: `Kind/name` or `Kind/namespace/name`, such as `Secret/shop/db`, where the name may be `*`",
        ),
        Field::optional("files", &STRINGS, "files of objects that were exported with `kubectl get … -o yaml`"),
    ],
};

/// Reads a parsed config file. What is wrong with it is added to `problems`; what is right is used.
pub fn read(file: &Arc<Parsed>, problems: &mut Vec<Diagnostic>) -> Config {
    problems.extend(file.diagnostics.iter().cloned());
    let mut config = Config::default();
    let [document] = file.documents.as_slice() else {
        if let Some(second) = file.documents.get(1) {
            let span = file.tree.node(second.root).span();
            problems.push(Diagnostic::error(CODE, span, "a config file is one document, this is a second one"));
        }
        return config;
    };
    let root = file.tree.node(document.root);
    let mistakes = check(root, &Shape::Fields(&FORM), CODE);
    if !mistakes.is_empty() {
        problems.extend(mistakes);
        return config;
    }
    if let Some(version) = root.get("kubernetes") {
        match version.text().parse() {
            Ok(version) => config.kubernetes = version,
            Err(problem) => problems.push(Diagnostic::error(CODE, version.span(), problem)),
        }
    }
    config.policy_folders = items(root, "policyFolders").map(|node| (node.text().to_owned(), node.span())).collect();
    // The examples of policies look like manifests, and are not deployed.
    let policies =
        config.policy_folders.iter().map(|(folder, span)| (format!("/{}/", folder.trim_matches('/')), *span));
    let external = |key: &'static str| root.get("external").into_iter().flat_map(move |external| items(external, key));
    config.external_files = external("files").map(|node| (node.text().to_owned(), node.span())).collect();
    // What was exported is there already, and not deployed from here.
    let exports = config.external_files.iter().map(|(file, span)| (escaped(file), *span));
    let excluded = items(root, "exclude").map(|node| (node.text().to_owned(), node.span()));
    config.exclude = globs(excluded.chain(policies).chain(exports), problems);
    for target in items(root, "targets") {
        let (Some(name), Some(files)) = (target.get_str("name"), target.get("files")) else { continue };
        config.targets.push(TargetSetting {
            name: name.to_owned(),
            files: globs(files.items().map(|node| (node.text().to_owned(), node.span())), problems),
            span: target.span(),
        });
    }
    for (id, setting) in root.get("policies").into_iter().flat_map(Node::fields) {
        config.policies.insert(id.text().to_owned(), policy_setting(file, id, setting));
    }
    let version = root.get("kustomize").and_then(|kustomize| kustomize.get("version"));
    config.kustomize = version.map(|version| version.text().to_owned());
    if let Some(domain) = root.get("clusterDomain") {
        domain.text().trim_matches('.').clone_into(&mut config.cluster_domain);
    }
    config.fix = root.get("fix").map_or_else(FixSetting::default, |fix| fix::read(file, fix, problems));
    config.external_services = external("services").filter_map(|node| external_service(node, problems)).collect();
    config.external_objects = external("objects").filter_map(|node| external_object(node, problems)).collect();
    config
}

/// The pattern that only this path matches.
fn escaped(path: &str) -> String {
    let mut pattern = "/".to_owned();
    for char in path.trim_start_matches("./").chars() {
        if "*?[]\\!# ".contains(char) {
            pattern.push('\\');
        }
        pattern.push(char);
    }
    pattern
}

impl Config {
    /// Adds the objects of a file that `external.files` names: single ones, and lists of them.
    pub fn add_external(&mut self, file: &Parsed) {
        for document in &file.documents {
            let root = file.tree.node(document.root);
            let is_list = root.get_str("kind").is_some_and(|kind| kind.ends_with("List"));
            let items = root.get("items").filter(|_| is_list).into_iter().flat_map(Node::items);
            items.chain((!is_list).then_some(root)).for_each(|object| self.add_object(object));
        }
    }

    fn add_object(&mut self, object: Node<'_>) {
        let of_metadata = |key: &str| object.get("metadata")?.get_str(key).map(str::to_owned);
        let (Some(kind), Some(name)) = (object.get_str("kind"), of_metadata("name")) else { return };
        let namespace = of_metadata("namespace");
        if kind == "Service" && object.get_str("apiVersion") == Some("v1") {
            self.external_services.push(ExternalService { namespace, name });
        } else {
            self.external_objects.push(ExternalObject { kind: kind.to_owned(), namespace, name });
        }
    }
}

fn items<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    node.get(key).into_iter().flat_map(Node::items)
}

/// The matcher of some patterns, each of which is checked by itself so that it can be blamed.
fn globs(patterns: impl Iterator<Item = (String, Span)>, problems: &mut Vec<Diagnostic>) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for (pattern, span) in patterns {
        let mut alone = GitignoreBuilder::new("");
        let added = alone.add_line(None, &pattern).and_then(|alone| alone.build()).map(drop);
        match added.and_then(|()| builder.add_line(None, &pattern).map(drop)) {
            Ok(()) => {}
            Err(error) => problems.push(Diagnostic::error(CODE, span, format!("this pattern cannot be used: {error}"))),
        }
    }
    // Each pattern was built by itself before, so all of them can be built.
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

fn policy_setting(file: &Arc<Parsed>, id: Node<'_>, setting: Node<'_>) -> PolicySetting {
    let parameters = setting.get("parameters").into_iter().flat_map(Node::fields);
    PolicySetting {
        enabled: setting.get("enabled").map(|node| node.scalar() == Some(crate::yaml::Scalar::Bool(true))),
        severity: setting.get("severity").map(|node| severity(node.text())),
        parameters: parameters
            .map(|(key, value)| (key.text().to_owned(), Setting { file: Arc::clone(file), node: value.id() }))
            .collect(),
        span: Some(id.span()),
    }
}

fn severity(word: &str) -> Severity {
    match word {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => Severity::Note,
    }
}

fn external_service(node: Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<ExternalService> {
    let (namespace, name) = match node.text().split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name.to_owned()),
        None => (None, node.text().to_owned()),
    };
    let is_name = |text: &str| !text.is_empty() && !text.contains(['/', '*']);
    if namespace.as_deref().is_none_or(is_name) && (is_name(&name) || (name == "*" && namespace.is_some())) {
        return Some(ExternalService { namespace, name });
    }
    let problem = Diagnostic::error(CODE, node.span(), format!("`{}` names no Service", node.text()));
    problems.push(problem.help("write `name`, `namespace/name` or `namespace/*`"));
    None
}

fn external_object(node: Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<ExternalObject> {
    let parts: Vec<&str> = node.text().split('/').collect();
    let (kind, namespace, name) = match parts.as_slice() {
        [kind, name] => (*kind, None, *name),
        [kind, namespace, name] => (*kind, Some(*namespace), *name),
        _ => ("", None, ""),
    };
    let is_name = |text: &str| !text.is_empty() && !text.contains('*');
    if is_name(kind) && namespace.is_none_or(is_name) && (is_name(name) || name == "*") {
        let (kind, namespace, name) = (kind.to_owned(), namespace.map(str::to_owned), name.to_owned());
        return Some(ExternalObject { kind, namespace, name });
    }
    let problem = Diagnostic::error(CODE, node.span(), format!("`{}` names no object", node.text()));
    problems.push(problem.help("write `Kind/name` or `Kind/namespace/name`, where the name may be `*`"));
    None
}
