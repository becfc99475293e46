//! What can be typed behind `plimsoll fix`, and what it means.

use std::path::PathBuf;

use crate::cli::groups::InputArgs;
use crate::cli::groups::OutputArgs;
use crate::cli::settings::Fix;
use crate::cli::settings::From;
use crate::cli::settings::Terminal;
use crate::config::Check;
use crate::discover::paths;
use crate::fix;

pub(super) const EXAMPLES: &str = "\
Examples:
  plimsoll fix                                      show what would mend findings
  plimsoll fix --only values --write                mend what the policies on values find
  plimsoll fix --wait-for db                        show what would change so that all who call `db` wait for it
  plimsoll fix --wait-for deployment/web --write    give `web` all the waits that it lacks
  plimsoll fix --wait-for all overlays/prod | git apply
  helm template web chart | plimsoll fix --wait-for all -o waits -

Every change is proved before it is shown: what it touches is built again, nothing but the init containers
differs, and no policy finds anything new.

Exit codes:
  0  all that was asked for is there, or was written
  1  something would change, or was refused
  2  something could not be built

`plimsoll schema fix` describes what --format json writes.";

#[derive(clap::Args, Debug)]
pub(super) struct FixArgs {
    /// Whose waits: `all`, a Service by its name, or a workload as KIND/NAME; may repeat
    #[arg(long, value_name = "WHOM", value_delimiter = ',')]
    wait_for: Vec<String>,
    /// Mend only what these policies or categories find
    #[arg(long, value_name = "POLICIES", value_delimiter = ',')]
    only: Vec<String>,
    /// Also do what may change what was meant
    #[arg(long = "unsafe")]
    allow_unsafe: bool,
    /// How sure it must be that a Service is called
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "likely", requires = "wait_for")]
    confidence: ConfidenceArg,
    /// The kustomization that gets the patch
    #[arg(long, value_enum, value_name = "LAYER", default_value = "shared", requires = "wait_for")]
    into: IntoArg,
    /// The folder of the Component, from the root of the repository, for `--into component`
    #[arg(long, value_name = "DIR", requires = "wait_for")]
    component: Option<String>,
    /// What Services are asked to see whether they are there, in place of what plimsoll.yaml says
    #[arg(long, value_enum, value_name = "HOW", requires = "wait_for")]
    check: Option<CheckArg>,
    /// How many init containers wait, in place of what plimsoll.yaml says
    #[arg(long, value_enum, value_name = "COUNT", requires = "wait_for")]
    containers: Option<ContainersArg>,
    /// Show what would change, and change nothing; this is what it does by itself
    #[arg(long, conflicts_with = "write")]
    diff: bool,
    /// Write the files
    #[arg(long)]
    write: bool,
    /// Write patches and a kustomization that applies them into DIR, and edit nothing
    #[arg(long, short, value_name = "DIR", requires = "wait_for", conflicts_with_all = ["write", "diff", "into", "component", "only"])]
    output: Option<PathBuf>,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    format: OutputArgs,
}

#[derive(Clone, Copy, clap::ValueEnum, Debug)]
enum ConfidenceArg {
    /// The text may mean something else
    Possible,
    /// It is hardly anything else
    Likely,
    /// It is nothing else
    Certain,
}

#[derive(Clone, Copy, clap::ValueEnum, Debug)]
enum IntoArg {
    /// The one nearest to the manifest in which all targets that use it have the same waits
    Shared,
    /// That of each target
    Overlay,
    /// The one that names the manifest, or none
    Base,
    /// A Component, and each target uses it
    Component,
}

#[derive(Clone, Copy, clap::ValueEnum, Debug)]
enum CheckArg {
    /// Whether somebody listens; this is what they are asked if nobody says otherwise
    Tcp,
    /// Whether `wget` is answered, by the path of the readiness probe where there is one
    Http,
    /// Whether `pg_isready` says so
    Postgres,
    /// Whether `redis-cli ping` is answered
    Redis,
    /// By the protocol of ports that are known, 5432 and 6379, else whether somebody listens
    ByPort,
}

#[derive(Clone, Copy, clap::ValueEnum, Debug)]
enum ContainersArg {
    /// One for all Services that a workload waits for; this is how it is if nobody says otherwise
    One,
    /// One for each Service; they share the time
    Each,
}

impl FixArgs {
    pub(super) fn settings(self, terminal: Terminal) -> Result<Fix, &'static str> {
        let least = match self.confidence {
            ConfidenceArg::Possible => fix::Confidence::Possible,
            ConfidenceArg::Likely => fix::Confidence::Likely,
            ConfidenceArg::Certain => fix::Confidence::Certain,
        };
        let into = match self.into {
            IntoArg::Shared => fix::Into::Shared,
            IntoArg::Overlay => fix::Into::Overlay,
            IntoArg::Base => fix::Into::Base,
            IntoArg::Component => fix::Into::Component,
        };
        let input = self.input.settings()?;
        if self.write && input.from == From::Stream {
            return Err("a stream can't be written to; `-o DIR` writes patches for it, and a kustomization");
        }
        let component = self.component.map(|folder| folder.trim_end_matches('/').to_owned());
        if component.is_some() && into != fix::Into::Component {
            return Err("`--component` names the folder for `--into component`, which was not asked for");
        }
        if component.as_deref().is_some_and(|folder| paths::join("", folder).as_deref() != Some(folder)) {
            return Err(
                "the folder for `--component` is given from the root of the repository, such as `components/waits`",
            );
        }
        let checks = match self.check {
            None => fix::Checks::AsTold,
            Some(CheckArg::ByPort) => fix::Checks::ByPort,
            Some(CheckArg::Tcp) => fix::Checks::All(Check::Tcp),
            Some(CheckArg::Http) => fix::Checks::All(Check::Http(None)),
            Some(CheckArg::Postgres) => fix::Checks::All(Check::Postgres),
            Some(CheckArg::Redis) => fix::Checks::All(Check::Redis),
        };
        let is_each_alone = self.containers.map(|containers| matches!(containers, ContainersArg::Each));
        let choices = self.wait_for.iter().map(|text| fix::Choice::read(text)).collect();
        Ok(Fix {
            input,
            request: fix::Request {
                choices,
                least,
                into,
                apart: None,
                component,
                checks,
                is_each_alone,
                repairs: Vec::new(),
                allow_unsafe: self.allow_unsafe,
            },
            only: self.only,
            write: self.write && !self.diff,
            output: self.output,
            format: self.format.format,
            terminal,
        })
    }
}
