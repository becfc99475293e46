//! The command line: what was typed becomes settings, a report becomes bytes and an exit code.
//!
//! The only module that prints, writes files, reads the environment, or has heard of clap. It decides
//! nothing about manifests.

mod settings;
mod groups;
mod fix_args;
mod args;
mod exit;
mod output;
mod cache;
mod progress;
mod answer;
mod known;
mod run;
mod policies;
mod field;
mod render;
mod fix;

use std::process::ExitCode;

use clap::CommandFactory;
use clap::Parser;

use crate::cli::args::Args;
use crate::cli::exit::Exit;
use crate::cli::output::Failure;
use crate::cli::settings::Command;
use crate::cli::settings::SchemaName;
use crate::config;
use crate::report;
use crate::yaml;

/// Does what the arguments of the process ask for.
pub fn main() -> ExitCode {
    let exit = match Args::try_parse().and_then(Args::settings) {
        Ok(command) => execute(&command).unwrap_or_else(|failure| output::complain(&failure)),
        Err(usage) => explain_usage(&usage),
    };
    exit.into()
}

/// Prints help and version, which were asked for, or what is wrong with the arguments.
fn explain_usage(usage: &clap::Error) -> Exit {
    // What nobody wants to read is lost, the exit code is not.
    drop(usage.print());
    if usage.use_stderr() { Exit::Unchecked } else { Exit::Clean }
}

fn execute(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Check(check) => run::check(check),
        Command::Targets(targets) => run::targets(targets),
        Command::Facts(facts) => run::facts(facts),
        Command::Graph(graph) => run::graph(graph),
        Command::Fix(asked) => fix::fix(asked),
        Command::Render(asked) => render::render(asked),
        Command::Blame(asked) => render::blame(asked),
        Command::Explain(explain) => policies::explain(explain),
        Command::ListPolicies(list) => policies::list(list),
        Command::TestPolicies(test) => policies::test(test),
        Command::Schema(name) => output::print(&schema(*name)),
        Command::Completions(shell) => output::print(&completions(*shell)),
    }
}

fn schema(name: SchemaName) -> String {
    let schema = match name {
        SchemaName::Policy => run::policy_schema(),
        SchemaName::Config => yaml::json_schema("Plimsoll config", &config::FORM),
        SchemaName::Report => report::json_schema(),
        SchemaName::Facts => report::facts_schema(),
        SchemaName::Graph => report::graph::schema(),
        SchemaName::Fix => report::proposal_schema(),
    };
    format!("{schema:#}\n")
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "plimsoll", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use super::completions;

    #[test]
    fn completions_name_the_commands() {
        for shell in [clap_complete::Shell::Bash, clap_complete::Shell::Zsh, clap_complete::Shell::Fish] {
            let script = completions(shell);
            assert!(script.contains("explain") && script.contains("fail-on"), "{shell}");
        }
    }
}
