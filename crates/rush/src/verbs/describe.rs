//! `rush describe`: what one task takes, does and sees.

mod document;
mod last_run;
mod page;
mod variables;

use clap::{Args, ValueEnum};
use rush_engine::{DEFAULT_TASK, EnvironmentError, Values as Told, Workspace};
use rush_plan::{Call, Goal};

use super::call::{CallVerb, Values, pair};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{report, stdout};

/// Describe a task: what it takes, what it runs, where it is, what its processes see
#[derive(Args, Debug)]
#[command(
    override_usage = "rush describe [FLAGS] LABEL..\n       \
                      rush describe --env [FLAGS] [LABEL [--PARAM VALUE]..].. [-- ARG..]",
    after_help = "\
Examples:
  rush describe build              parameters, commands, fields, and the last run
  rush describe build -o json      the same for programs, with a JSON Schema of the parameters
  rush describe build --crate api --env
                                   each variable with where its value comes from
  rush describe deploy --env --profile ci -e RUST_LOG=debug
                                   the same for a run with these flags"
)]
pub(crate) struct DescribeArgs {
    /// Labels; with `--env` also calls, each followed by its own flags
    #[arg(value_name = "LABEL")]
    calls: Vec<String>,
    /// Show the environment of its processes
    #[arg(long)]
    env: bool,
    #[command(flatten)]
    values: Values,
    /// With `--env`: a variable that is given to every process, as `rush run -e` does
    #[arg(short = 'e', value_name = "NAME=VALUE", value_parser = pair, requires = "env")]
    variables: Vec<(String, String)>,
    /// With `--env`: show also values from `env_files` and `-e`, which may be passwords
    #[arg(long, requires = "env")]
    show_values: bool,
    /// How the description is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: DescribeFormat,
}

/// How the description is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DescribeFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

impl CallVerb for DescribeArgs {
    const NAME: &'static str = "describe";

    fn values(&self) -> &Values {
        &self.values
    }

    fn run(self, ctx: &Context, workspace: Option<Workspace>, goal: Goal) -> Result<Exit, Failure> {
        let Some(workspace) = &workspace else {
            return Err(Failure::usage("there is nothing to describe"));
        };
        if self.env {
            return self.environments(ctx, workspace, goal);
        }
        if let Some(extra) = self.only_with_env(&goal) {
            let message = format!("{extra} changes nothing in a description");
            let help = "add `--env` to see what the processes of such a run find";
            return Err(Failure::usage(message).help(help));
        }
        self.tasks(ctx, workspace, &goal)
    }
}

impl DescribeArgs {
    /// What was typed that only counts for a run.
    fn only_with_env(&self, goal: &Goal) -> Option<String> {
        if !goal.rest.is_empty() {
            return Some("what follows `--`".to_owned());
        }
        if let Some(call) = goal.calls.iter().find(|it| it.arguments.is_some()) {
            return Some(format!("what `{}` is called with", call.label));
        }
        let flags = goal.calls.iter().flat_map(|it| it.params.keys()).chain(goal.set.keys());
        let mut flags = flags.map(|it| format!("`--{}`", it.replace('_', "-")));
        let values = (!self.values.is_empty()).then(|| "`--profile` or `--set`".to_owned());
        values.or_else(|| flags.next())
    }

    fn environments(
        &self,
        ctx: &Context,
        workspace: &Workspace,
        goal: Goal,
    ) -> Result<Exit, Failure> {
        let told = if self.show_values { Told::Shown } else { Told::Hidden };
        let found = rush_engine::environment(workspace.project()?, goal, &self.variables, told);
        match found {
            Ok(found) => variables::show(ctx, &found, self.format),
            Err(EnvironmentError::Usage(errors)) => Err(Failure::of_usage(&errors)),
            Err(EnvironmentError::Failed(found)) => {
                report::tell(ctx, &found);
                Ok(Exit::USAGE)
            }
        }
    }

    fn tasks(&self, ctx: &Context, workspace: &Workspace, goal: &Goal) -> Result<Exit, Failure> {
        let default = [Call::new(DEFAULT_TASK)];
        let calls = if goal.calls.is_empty() { &default[..] } else { &goal.calls };
        let mut found = Vec::new();
        for call in calls {
            found.extend(workspace.describe(&call.label)??);
        }
        let last = last_run::of_all(ctx, workspace, &found);
        let found = found.iter().zip(last.iter().map(Option::as_ref));
        match self.format {
            DescribeFormat::Json => stdout(&document::text(found.clone()))?,
            DescribeFormat::Text => stdout(&page::text(ctx, found.clone()))?,
        }
        for (described, _) in found.filter(|it| it.0.report.has_errors()) {
            report::tell(ctx, &described.report);
        }
        Ok(Exit::DONE)
    }
}
