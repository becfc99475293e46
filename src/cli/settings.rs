//! What the arguments mean, as plain data. How they are typed is in `args`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::fix::Request;
use crate::kube::Version;
use crate::kustomization;
use crate::render::KustomizeOptions;

/// What is to be done.
#[derive(Clone, Debug)]
pub(super) enum Command {
    Check(Check),
    Targets(Targets),
    Facts(Facts),
    Graph(Graph),
    Fix(Fix),
    Render(Render),
    Blame(Blame),
    Explain(Explain),
    ListPolicies(ListPolicies),
    TestPolicies(TestPolicies),
    Schema(SchemaName),
    Completions(clap_complete::Shell),
}

/// `check`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Check {
    pub(super) input: Input,
    pub(super) policies: Policies,
    pub(super) format: ReportFormat,
    /// More reports, each with the file that it is written to.
    pub(super) reports: Vec<(ReportFormat, PathBuf)>,
    /// What is known already.
    pub(super) baseline: Option<PathBuf>,
    /// Where to write what is known from now on.
    pub(super) new_baseline: Option<PathBuf>,
    pub(super) fail_on: FailOn,
    /// Whether it is fine that there is nothing to check.
    pub(super) allow_empty: bool,
    pub(super) terminal: Terminal,
}

/// `targets`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Targets {
    pub(super) input: Input,
    pub(super) format: Format,
    pub(super) terminal: Terminal,
}

/// `facts`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Facts {
    pub(super) input: Input,
    pub(super) format: FactsFormat,
    pub(super) terminal: Terminal,
}

/// The form of what `facts` prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum FactsFormat {
    /// For programs, versioned
    Json,
    /// The same, easier to read
    Yaml,
}

/// `graph`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Graph {
    pub(super) input: Input,
    pub(super) format: GraphFormat,
    pub(super) terminal: Terminal,
}

/// The form of what `graph` prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum GraphFormat {
    /// For people
    Text,
    /// For Graphviz
    Dot,
    /// For Markdown on code forges
    Mermaid,
    /// For programs, versioned
    Json,
    /// A drawing
    Svg,
}

/// `fix`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fix {
    pub(super) input: Input,
    pub(super) request: Request,
    /// The policies whose findings are mended, by id or category; all if empty and no waits are asked for.
    pub(super) only: Vec<String>,
    /// Whether files are written.
    pub(super) write: bool,
    /// The folder that patches are written into, in place of all edits.
    pub(super) output: Option<PathBuf>,
    pub(super) format: Format,
    pub(super) terminal: Terminal,
}

/// How a kustomization is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Kustomize {
    /// All but the release.
    pub(super) options: KustomizeOptions,
    /// The release to follow, in place of the config's.
    pub(super) version: Option<kustomization::Version>,
    /// Whether remote bases may be fetched.
    pub(super) allow_remote: bool,
}

/// `render`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Render {
    /// The folders with the kustomizations, in the order of the output.
    pub(super) folders: Vec<PathBuf>,
    /// Whether every field says where it comes from.
    pub(super) origins: bool,
    pub(super) kustomize: Kustomize,
    pub(super) terminal: Terminal,
}

/// `blame`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Blame {
    /// The folder with the kustomization.
    pub(super) folder: PathBuf,
    /// The resource and the field, `KIND/NAME.PATH`.
    pub(super) field: String,
    pub(super) kustomize: Kustomize,
    pub(super) terminal: Terminal,
}

/// `explain`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Explain {
    /// The id of a policy, or the code of a diagnostic.
    pub(super) id: String,
    pub(super) policies: Policies,
    pub(super) terminal: Terminal,
}

/// `policies list`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ListPolicies {
    pub(super) policies: Policies,
    pub(super) format: Format,
    pub(super) terminal: Terminal,
}

/// `policies test`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TestPolicies {
    /// The folder with the policies and, beside each, its examples.
    pub(super) folder: PathBuf,
    pub(super) terminal: Terminal,
}

/// Where manifests come from and how they are read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Input {
    pub(super) from: From,
    /// The config file to use in place of the one at the root of the repository.
    pub(super) config: Option<PathBuf>,
    /// The version to judge for, in place of the config's.
    pub(super) kubernetes: Option<Version>,
    /// Whether bases and Components are targets too.
    pub(super) all_roots: bool,
    /// Whether the `helm` program may be run.
    pub(super) allow_helm: bool,
    /// Whether remote bases may be fetched.
    pub(super) allow_remote: bool,
    /// The release of kustomize to follow, in place of the config's.
    pub(super) kustomize: Option<kustomization::Version>,
}

/// Where manifests come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum From {
    /// Files and folders.
    Paths(Vec<PathBuf>),
    /// Standard input.
    Stream,
}

/// Which policies are asked.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Policies {
    /// Ids and categories; all if empty.
    pub(super) only: Vec<String>,
    /// Ids and categories.
    pub(super) skip: Vec<String>,
    /// Ids and categories that are turned on beside the others.
    pub(super) also: Vec<String>,
    /// Folders with more policies.
    pub(super) folders: Vec<PathBuf>,
}

/// How the run shows itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Terminal {
    pub(super) color: Color,
    pub(super) verbose: bool,
    /// How many threads to use; none for as many as there are cores.
    pub(super) threads: Option<NonZeroUsize>,
}

/// The form of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people, with the lines that are meant
    Human,
    /// For programs, versioned
    Json,
}

/// The form of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ReportFormat {
    /// For people, with the lines that are meant
    Human,
    /// For programs, versioned
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Code Quality of GitLab
    Gitlab,
    /// XML that most CI systems show
    Junit,
    /// A table for a comment or the summary of a job
    Markdown,
}

/// From which severity on a finding makes the run fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum FailOn {
    /// The API server refuses it, or it was seen to fail in a cluster
    Error,
    /// It is likely broken, or broken under some circumstances
    Warning,
    /// It is worth knowing
    Note,
    /// No finding makes the run fail
    Never,
}

/// When to colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Into files and pipes too
    Always,
    /// Not at all
    Never,
}

/// What `schema` can print.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum SchemaName {
    /// The form of a policy file
    Policy,
    /// The form of plimsoll.yaml
    Config,
    /// The form of what `check --format json` writes
    Report,
    /// The form of what `facts` writes
    Facts,
    /// The form of what `graph --format json` writes
    Graph,
    /// The form of what `fix --format json` writes
    Fix,
}

#[cfg(test)]
impl Check {
    /// What `plimsoll check` means without further arguments.
    pub(super) fn example() -> Self {
        Self {
            input: Input {
                from: From::Paths(vec![PathBuf::from(".")]),
                config: None,
                kubernetes: None,
                all_roots: false,
                allow_helm: false,
                allow_remote: false,
                kustomize: None,
            },
            policies: Policies::default(),
            format: ReportFormat::Human,
            reports: Vec::new(),
            baseline: None,
            new_baseline: None,
            fail_on: FailOn::Error,
            allow_empty: false,
            terminal: Terminal { color: Color::Auto, verbose: false, threads: None },
        }
    }
}
