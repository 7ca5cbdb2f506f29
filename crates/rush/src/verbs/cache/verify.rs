//! `rush cache verify`: whether every entry is what its name says, and whether tasks make the same again.

use std::sync::Arc;

use clap::Args;
use rush_engine::{
    GuardProgram, Integrity, RunOptions, Verified, Workspace, new_run_id, own_environment,
};
use rush_plan::Goal;
use serde_json::json;

use super::{CacheFormat, Place, count};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::stdout;
use crate::verbs::call::{CallVerb, Values, pair};
use crate::verbs::plan;
use crate::verbs::run::confirm::Answers;
use crate::verbs::run::manner::{refused, tell_signal};

/// Check every entry; with labels, run some of their tasks again and compare
///
/// What is compared is the result a run would use now, so the tasks are named with the same flags and
/// variables as for the run.
#[derive(Args, Debug)]
#[command(
    override_usage = "rush cache verify [FLAGS] [LABEL [--PARAM VALUE]..]..",
    after_help = "\
Examples:
  rush cache verify                          is every entry what its name says
  rush cache verify build test --sample 3    run three of the tasks behind these again and compare
  rush cache verify build --crate api        a task with a flag of its own"
)]
pub(crate) struct VerifyArgs {
    /// Labels and calls of tasks to run again, each followed by its own flags
    #[arg(value_name = "LABEL")]
    calls: Vec<String>,
    #[command(flatten)]
    values: Values,
    /// A variable as `rush run` was given it
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = pair)]
    env: Vec<(String, String)>,
    /// How many tasks are run again
    #[arg(long, value_name = "N", default_value = "8", value_parser = sample)]
    sample: usize,
    #[command(flatten)]
    answers: Answers,
    /// How it is told
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: CacheFormat,
}

impl CallVerb for VerifyArgs {
    const NAME: &'static str = "cache verify";
    const NEEDS_CALLS: bool = false;
    const NEEDS_TASKS: bool = false;

    fn values(&self) -> &Values {
        &self.values
    }

    fn run(self, ctx: &Context, workspace: Option<Workspace>, goal: Goal) -> Result<Exit, Failure> {
        let place = match Place::find(ctx)? {
            Ok(place) => place,
            Err(exit) => return Ok(exit),
        };
        let found = rush_engine::check_cache(place.directory.as_std_path());
        let integrity = found.map_err(|it| place.refused(&it))?;
        let format = self.format;
        let compared = match workspace {
            None if !self.values.is_empty() || !self.env.is_empty() => {
                return Err(Failure::usage("without a task nothing is run again")
                    .help("`--profile`, `--set` and `-e` are for the tasks that are named"));
            }
            None => None,
            Some(workspace) => match self.compare(ctx, &workspace, goal)? {
                Ok(verified) => Some(verified),
                Err(exit) => return Ok(exit),
            },
        };
        stdout(&match format {
            CacheFormat::Json => document(&integrity, compared.as_ref()),
            CacheFormat::Text => text(&integrity, compared.as_ref()),
        })?;
        let is_right =
            integrity.damaged.is_empty() && compared.is_none_or(|it| it.problems.is_empty());
        Ok(if is_right { Exit::DONE } else { Exit::FAILED })
    }
}

impl VerifyArgs {
    /// Runs tasks again, to compare what they make.
    fn compare(
        self,
        ctx: &Context,
        workspace: &Workspace,
        goal: Goal,
    ) -> Result<Result<Verified, Exit>, Failure> {
        let plan = match plan::make(ctx, workspace, goal)? {
            Ok(plan) => Arc::new(*plan),
            Err(exit) => return Ok(Err(exit)),
        };
        let (run, root) = (new_run_id(&*ctx.system), workspace.root().to_owned());
        let options = RunOptions {
            jobs: ctx.settings()?.jobs(&*ctx.system),
            guard: GuardProgram::of_this_program(),
            variables: self.env.into_iter().collect(),
            ..RunOptions::new(run, root, self.answers.ask(), Arc::new(own_environment()))
        };
        let outcome =
            rush_engine::verify(&plan, options, self.sample, ctx.system.clone(), tell_signal);
        outcome.map(Ok).map_err(refused)
    }
}

fn document(integrity: &Integrity, compared: Option<&Verified>) -> String {
    let document = json!({
        "version": 1,
        "whole": integrity.whole,
        "damaged": integrity.damaged,
        "compared": compared.map_or(0, |it| it.compared),
        "problems": compared.map_or(&[][..], |it| &it.problems),
    });
    format!("{document:#}\n")
}

fn text(integrity: &Integrity, compared: Option<&Verified>) -> String {
    let mut text = format!("{} in order\n", count(integrity.whole, "result"));
    for task in &integrity.damaged {
        text.push_str(&format!("{task} was damaged and is dropped\n"));
    }
    if let Some(Verified { compared, problems }) = compared {
        let compared = count(*compared as u64, "task");
        text.push_str(&format!("{compared} run again and compared\n"));
        for problem in problems {
            text.push_str(&format!("{problem}\n"));
        }
    }
    text
}

/// Reads how many tasks are run again.
fn sample(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(format!("`{text}` is no number of 1 or more")),
    }
}
