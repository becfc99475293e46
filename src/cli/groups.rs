//! Arguments that several commands have in common, and what they mean.

use std::num::NonZeroUsize;
use std::path::Path;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::settings::Color;
use crate::cli::settings::Format;
use crate::cli::settings::From;
use crate::cli::settings::Input;
use crate::cli::settings::Kustomize;
use crate::cli::settings::Policies;
use crate::cli::settings::ReportFormat;
use crate::kube::Version;
use crate::kustomization;
use crate::render::KustomizeOptions;
use crate::render::Order;

/// The most threads that can be asked for.
const MAX_THREADS: usize = 256;

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Kustomize")]
pub(super) struct KustomizeArgs {
    /// Behave as this version of kustomize: 5.5 or 5.8
    #[arg(long, value_name = "VERSION")]
    pub(super) kustomize_version: Option<kustomization::Version>,
    /// Where files may lie: LoadRestrictionsRootOnly or LoadRestrictionsNone
    #[arg(long, value_name = "RULE", default_value = "LoadRestrictionsRootOnly")]
    pub(super) load_restrictor: LoadRestrictor,
    /// The order of the output, where the kustomization does not say
    #[arg(long, value_name = "ORDER", default_value = "legacy")]
    pub(super) reorder: Reorder,
    /// Label everything with who made it
    #[arg(long)]
    pub(super) enable_managedby_label: bool,
    /// Render `helmCharts` with the `helm` program
    #[arg(long)]
    pub(super) allow_helm: bool,
    /// Fetch remote bases with the `git` program
    #[arg(long)]
    pub(super) allow_remote: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum, Debug)]
pub(super) enum LoadRestrictor {
    #[value(name = "LoadRestrictionsRootOnly")]
    RootOnly,
    #[value(name = "LoadRestrictionsNone")]
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum, Debug)]
pub(super) enum Reorder {
    Legacy,
    None,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArgs {
    /// Files and folders, or `-` for manifests on standard input; a target that uses one of them is taken as a whole
    #[arg(default_value = ".", help_heading = None)]
    pub(super) paths: Vec<PathBuf>,
    /// Read settings from FILE instead of plimsoll.yaml at the root of the repository
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Judge for this version of Kubernetes, such as 1.33
    #[arg(long, value_name = "VERSION")]
    pub(super) kubernetes: Option<Version>,
    /// Check bases and Components on their own too
    #[arg(long)]
    pub(super) all_roots: bool,
    /// Render charts with the `helm` program
    #[arg(long)]
    pub(super) allow_helm: bool,
    /// Fetch remote bases with the `git` program
    #[arg(long)]
    pub(super) allow_remote: bool,
    /// Build as this version of kustomize: 5.5 or 5.8
    #[arg(long, value_name = "VERSION")]
    pub(super) kustomize_version: Option<kustomization::Version>,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Policies")]
pub(super) struct SelectionArgs {
    /// Ask only these policies or categories
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// Leave these policies or categories out
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) skip: Vec<String>,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Policies")]
pub(super) struct PolicyArgs {
    /// Add the policies of a folder to the built-in ones; may be repeated
    #[arg(long = "policies", value_name = "DIR")]
    pub(super) folders: Vec<PathBuf>,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Write the answer in this format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Output")]
pub(super) struct ReportArgs {
    /// Write the report in this format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ReportFormat,
    /// Write one more report to a file, such as `sarif=plimsoll.sarif`; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    pub(super) reports: Vec<(ReportFormat, PathBuf)>,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Output")]
pub(super) struct TerminalArgs {
    /// When to colour
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, display_order = 100)]
    pub(super) color: Color,
    /// Say on standard error what is done and how long it takes
    #[arg(long, short, global = true, display_order = 100)]
    pub(super) verbose: bool,
    /// Use N threads, at most 256, instead of one for each core
    #[arg(long, value_name = "N", global = true, display_order = 100, value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,
}

impl KustomizeArgs {
    pub(super) fn settings(self) -> Kustomize {
        let options = KustomizeOptions {
            version: kustomization::Version::default(),
            files_anywhere: self.load_restrictor == LoadRestrictor::None,
            order: match self.reorder {
                Reorder::Legacy => Order::Legacy,
                Reorder::None => Order::Added,
            },
            managed_by: self.enable_managedby_label,
            allow_helm: self.allow_helm,
        };
        Kustomize { options, version: self.kustomize_version, allow_remote: self.allow_remote }
    }
}

impl InputArgs {
    pub(super) fn settings(self) -> Result<Input, &'static str> {
        let is_stream = |path: &PathBuf| path == Path::new("-");
        let from = match self.paths.as_slice() {
            [only] if is_stream(only) => From::Stream,
            paths if paths.iter().all(is_stream) => {
                return Err("`-` stands for standard input, which can be read only once");
            }
            paths if paths.iter().any(is_stream) => {
                return Err("`-` stands for standard input and cannot be combined with other paths");
            }
            _ => From::Paths(self.paths),
        };
        Ok(Input {
            from,
            config: self.config,
            kubernetes: self.kubernetes,
            all_roots: self.all_roots,
            allow_helm: self.allow_helm,
            allow_remote: self.allow_remote,
            kustomize: self.kustomize_version,
        })
    }
}

/// Reads `FORMAT=FILE`.
fn report(text: &str) -> Result<(ReportFormat, PathBuf), String> {
    let names = || ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let known = || names().map(|name| name.get_name().to_owned()).collect::<Vec<_>>().join(", ");
    let (format, file) = text.split_once('=').ok_or("give a format and a file, such as `sarif=plimsoll.sarif`")?;
    let format = ReportFormat::from_str(format, false).map_err(|_| format!("`{format}` is none of {}", known()))?;
    if file.is_empty() { Err("the name of the file is missing".to_owned()) } else { Ok((format, file.into())) }
}

/// More threads than that only cost memory, and a mistyped number must not take the machine down.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().filter(|number: &NonZeroUsize| number.get() <= MAX_THREADS);
    number.ok_or_else(|| format!("give a number from 1 to {MAX_THREADS}"))
}

pub(super) fn policies(selection: SelectionArgs, PolicyArgs { folders }: PolicyArgs) -> Policies {
    Policies { only: selection.only, skip: selection.skip, also: Vec::new(), folders }
}
