//! What can be typed, and what it means: from arguments to `settings`.

use std::path::PathBuf;

use clap::CommandFactory;
use clap::Parser;
use clap::Subcommand;
use clap::error::ErrorKind;

use crate::cli::fix_args;
use crate::cli::fix_args::FixArgs;
use crate::cli::groups::InputArgs;
use crate::cli::groups::KustomizeArgs;
use crate::cli::groups::OutputArgs;
use crate::cli::groups::PolicyArgs;
use crate::cli::groups::ReportArgs;
use crate::cli::groups::SelectionArgs;
use crate::cli::groups::TerminalArgs;
use crate::cli::groups::policies;
use crate::cli::settings::Blame;
use crate::cli::settings::Check;
use crate::cli::settings::Command;
use crate::cli::settings::Explain;
use crate::cli::settings::Facts;
use crate::cli::settings::FactsFormat;
use crate::cli::settings::FailOn;
use crate::cli::settings::Graph;
use crate::cli::settings::GraphFormat;
use crate::cli::settings::ListPolicies;
use crate::cli::settings::Policies;
use crate::cli::settings::Render;
use crate::cli::settings::SchemaName;
use crate::cli::settings::Targets;
use crate::cli::settings::Terminal;
use crate::cli::settings::TestPolicies;

const EXAMPLES: &str = "\
Examples:
  plimsoll check                           check the repository around you
  plimsoll check clusters/prod             only what is deployed from there
  helm template web chart | plimsoll check -
  plimsoll explain job-without-deadline    why a policy complains, and what to do

Exit codes:
  0  all was checked, and nothing is as bad as --fail-on says
  1  something is
  2  something could not be checked: wrong usage, config or policies, unreadable input, no input";

const CHECK_EXAMPLES: &str = "\
Examples:
  plimsoll check
  plimsoll check --fail-on warning apps/web/overlays/prod
  plimsoll check --only deadlines,zero-job-deadline --format json
  kustomize build overlays/prod | plimsoll check -

Exit codes:
  0  all was checked, and nothing is as bad as --fail-on says
  1  something is
  2  something could not be checked

`plimsoll schema report` describes what --format json writes.";

const GRAPH_EXAMPLES: &str = "\
Examples:
  plimsoll graph overlays/prod
  plimsoll graph overlays/prod --format svg > startup.svg
  plimsoll graph overlays/prod --format dot | dot -Tpng > startup.png

`plimsoll schema graph` describes what --format json writes.";

const FACTS_EXAMPLES: &str = "\
Examples:
  plimsoll facts                       of the whole repository
  plimsoll facts overlays/prod --format json
  helm template my-chart | plimsoll facts -

`plimsoll schema facts` describes what is written.";

/// The arguments of the process. What the program is for is said in the manifest of the crate.
#[derive(Parser, Debug)]
#[command(name = "plimsoll", version, about, after_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    terminal: TerminalArgs,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Build every target and report what is wrong with it
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Say what is deployed as one unit, and what became of every file
    Targets(TargetsArgs),
    /// Print what was inferred about each workload: what its containers run, write, wait for and need
    #[command(after_help = FACTS_EXAMPLES)]
    Facts(FactsArgs),
    /// Print who waits for whom and who needs whom when everything starts
    #[command(after_help = GRAPH_EXAMPLES)]
    Graph(GraphArgs),
    /// Mend what policies know how to mend, or add wait-for init containers
    #[command(after_help = fix_args::EXAMPLES)]
    Fix(FixArgs),
    /// Print what `kustomize build` prints
    Render(RenderArgs),
    /// Say which file and line set a field, and what it overrode
    Blame(BlameArgs),
    /// Say why a policy complains, and what to do
    Explain(ExplainArgs),
    /// List policies, or test your own
    Policies {
        #[command(subcommand)]
        action: PoliciesAction,
    },
    /// Print the JSON Schema of a file format
    #[command(after_help = "Example:\n  plimsoll schema config > plimsoll.schema.json")]
    Schema {
        /// Which format
        name: SchemaName,
    },
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  plimsoll completions bash > ~/.local/share/bash-completion/completions/plimsoll"
    )]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[derive(clap::Args, Debug)]
struct CheckArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    policies: PolicyArgs,
    #[command(flatten)]
    report: ReportArgs,
    /// Hold back the findings that FILE knows; problems that it knows do not block
    #[arg(long, value_name = "FILE", help_heading = "Policies")]
    baseline: Option<PathBuf>,
    /// Write all that is found to FILE, to be known from now on
    #[arg(long, value_name = "FILE", help_heading = "Policies")]
    write_baseline: Option<PathBuf>,
    /// Fail from this severity on; what could not be checked always fails
    #[arg(
        long,
        value_name = "SEVERITY",
        default_value = "error",
        help_heading = "Output",
        hide_possible_values = false
    )]
    fail_on: FailOn,
    /// Succeed when there is nothing to check, as when only other files were staged
    #[arg(long, help_heading = "Input")]
    allow_empty: bool,
}

#[derive(clap::Args, Debug)]
struct TargetsArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::Args, Debug)]
struct FactsArgs {
    #[command(flatten)]
    input: InputArgs,
    /// How to print
    #[arg(long, value_enum, default_value = "yaml", help_heading = "Output")]
    format: FactsFormat,
}

#[derive(clap::Args, Debug)]
struct GraphArgs {
    #[command(flatten)]
    input: InputArgs,
    /// How to print
    #[arg(long, value_enum, default_value = "text", help_heading = "Output")]
    format: GraphFormat,
}

#[derive(clap::Args, Debug)]
struct RenderArgs {
    /// Folders with kustomizations; what they give is printed in this order, as one stream
    #[arg(value_name = "DIR", default_value = ".")]
    folders: Vec<PathBuf>,
    /// Write the file and line behind each field that set it
    #[arg(long, help_heading = "Output")]
    origins: bool,
    #[command(flatten)]
    kustomize: KustomizeArgs,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  plimsoll blame overlays/prod Deployment/web.spec.replicas
  plimsoll blame overlays/prod Deployment/web.spec.template.spec.containers.app.image
  plimsoll blame overlays/prod ConfigMap/settings                all fields")]
struct BlameArgs {
    /// The folder with the kustomization
    folder: PathBuf,
    /// The resource, and the field of it: KIND/NAME.PATH, items of lists by place or name
    #[arg(value_name = "KIND/NAME[.PATH]")]
    field: String,
    #[command(flatten)]
    kustomize: KustomizeArgs,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  plimsoll explain init-container-probe")]
struct ExplainArgs {
    /// The id between brackets in a report
    id: String,
    #[command(flatten)]
    policies: PolicyArgs,
}

#[derive(Subcommand, Debug)]
enum PoliciesAction {
    /// List every policy with its severity and what it is about
    List {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        policies: PolicyArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Ask each policy of a folder about its own examples
    #[command(after_help = "\
The examples of DIR/<policy-id>.yaml are files or folders in DIR/<policy-id>: nothing may be found in `pass*`, something must be in `fail*`.

Example:
  plimsoll policies test policies")]
    Test {
        /// The folder of policies
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

impl Args {
    /// What was typed, as settings.
    ///
    /// # Errors
    /// When arguments contradict each other.
    pub(super) fn settings(self) -> Result<Command, clap::Error> {
        let TerminalArgs { color, verbose, threads } = self.terminal;
        let terminal = Terminal { color, verbose, threads };
        Ok(match self.action {
            Action::Check(args) => Command::Check(Check {
                input: args.input.settings().map_err(conflict)?,
                policies: policies(args.selection, args.policies),
                format: args.report.format,
                reports: args.report.reports,
                baseline: args.baseline,
                new_baseline: args.write_baseline,
                fail_on: args.fail_on,
                allow_empty: args.allow_empty,
                terminal,
            }),
            Action::Graph(args) => {
                Command::Graph(Graph { input: args.input.settings().map_err(conflict)?, format: args.format, terminal })
            }
            Action::Facts(args) => {
                Command::Facts(Facts { input: args.input.settings().map_err(conflict)?, format: args.format, terminal })
            }
            Action::Fix(args) => Command::Fix(args.settings(terminal).map_err(conflict)?),
            Action::Targets(args) => Command::Targets(Targets {
                input: args.input.settings().map_err(conflict)?,
                format: args.output.format,
                terminal,
            }),
            Action::Render(args) => {
                let RenderArgs { folders, origins, kustomize } = args;
                Command::Render(Render { folders, origins, kustomize: kustomize.settings(), terminal })
            }
            Action::Blame(BlameArgs { folder, field, kustomize }) => {
                Command::Blame(Blame { folder, field, kustomize: kustomize.settings(), terminal })
            }
            Action::Explain(ExplainArgs { id, policies: PolicyArgs { folders } }) => {
                Command::Explain(Explain { id, policies: Policies { folders, ..Policies::default() }, terminal })
            }
            Action::Policies { action: PoliciesAction::List { selection, policies: folders, output } } => {
                Command::ListPolicies(ListPolicies {
                    policies: policies(selection, folders),
                    format: output.format,
                    terminal,
                })
            }
            Action::Policies { action: PoliciesAction::Test { folder } } => {
                Command::TestPolicies(TestPolicies { folder, terminal })
            }
            Action::Schema { name } => Command::Schema(name),
            Action::Completions { shell } => Command::Completions(shell),
        })
    }
}

/// What is said of arguments that can't go together.
fn conflict(message: &'static str) -> clap::Error {
    Args::command().error(ErrorKind::ArgumentConflict, message)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::CommandFactory;
    use clap::Parser;

    use super::Args;
    use crate::cli::settings::Check;
    use crate::cli::settings::Color;
    use crate::cli::settings::Command;
    use crate::cli::settings::FailOn;
    use crate::cli::settings::From;
    use crate::cli::settings::ReportFormat;

    fn settings(line: &str) -> Result<Command, clap::Error> {
        Args::try_parse_from(line.split(' ')).and_then(Args::settings)
    }

    fn check(line: &str) -> Check {
        match settings(line).unwrap() {
            Command::Check(check) => check,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn clap_finds_no_contradiction_in_the_arguments() {
        Args::command().debug_assert();
    }

    #[test]
    fn without_arguments_the_folder_around_is_checked() {
        assert_eq!(check("plimsoll check"), Check::example());
    }

    #[test]
    fn options_become_settings() {
        let check = check(
            "plimsoll check a b --only x,y --only z --skip security --policies own --kubernetes 1.30 \
             --format json --fail-on never --color never --threads 3",
        );
        assert_eq!(check.input.from, From::Paths(vec![PathBuf::from("a"), PathBuf::from("b")]));
        assert_eq!(check.input.kubernetes, Some("1.30".parse().unwrap()));
        assert_eq!(check.policies.only, ["x", "y", "z"]);
        assert_eq!(check.policies.skip, ["security"]);
        assert_eq!(check.policies.folders, [PathBuf::from("own")]);
        assert_eq!((check.format, check.fail_on), (ReportFormat::Json, FailOn::Never));
        assert_eq!(check.terminal.color, Color::Never);
        assert_eq!(check.terminal.threads.map(std::num::NonZero::get), Some(3));
    }

    #[test]
    fn a_dash_is_standard_input_and_stands_alone() {
        assert_eq!(check("plimsoll check -").input.from, From::Stream);
        let message = settings("plimsoll check a -").unwrap_err().to_string();
        assert!(message.contains("standard input"), "{message}");
    }

    #[test]
    fn mistakes_are_named() {
        for (line, hint) in [
            ("plimsoll check --kubernetes new", "`new` is not a Kubernetes version"),
            ("plimsoll check --threads 0", "give a number from 1 to 256"),
            ("plimsoll check --threads 1000000", "give a number from 1 to 256"),
            ("plimsoll check - -", "which can be read only once"),
            ("plimsoll chek", "check"),
            ("plimsoll check --format xml", "human"),
            ("plimsoll check --report sarif", "give a format and a file"),
            ("plimsoll check --report xml=a", "`xml` is none of human, json, sarif"),
        ] {
            let message = settings(line).unwrap_err().to_string();
            assert!(message.contains(hint), "{line}: {message}");
        }
    }

    #[test]
    fn the_help_reads_well() {
        for path in [
            "",
            "check",
            "targets",
            "render",
            "blame",
            "explain",
            "policies",
            "policies list",
            "policies test",
            "schema",
        ] {
            let mut command = Args::command().term_width(100);
            command.build();
            let mut command = &mut command;
            for name in path.split_whitespace() {
                command = command.find_subcommand_mut(name).unwrap();
            }
            let name = ["help", path].join(" ").trim_end().replace(' ', "-");
            insta::with_settings!({
                snapshot_path => "../../testdata/cli", prepend_module_to_snapshot => false, omit_expression => true,
            }, { insta::assert_snapshot!(name, command.render_help().to_string()) });
        }
    }
}
