//! `rush plan show|diff|verify`: plans that were written to files.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Parser, Subcommand, ValueEnum};
use rush_plan::{LoadError, Plan};
use serde_json::{Value, json};

use super::PlanFormat;
use crate::arguments::Globals;
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{plan as show, stderr, stdout};

/// Works on plans that were written to files.
#[derive(Debug, Parser)]
#[command(name = "rush plan", bin_name = "rush plan")]
pub(crate) struct FileCli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    action: Action,
}

/// What is done with plans in files.
#[derive(Debug, Subcommand)]
enum Action {
    /// Show a plan
    #[command(after_help = "\
Examples:
  rush plan show p.json            every task with its commands, for people
  rush plan show p.json -o json    the plan itself, checked and laid out anew")]
    Show {
        /// The plan
        file: Utf8PathBuf,
        /// How the plan is written
        #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
        format: PlanFormat,
    },
    /// Show what differs between two plans; exit with 1 if anything does
    #[command(after_help = "\
Examples:
  rush plan diff before.json after.json
                                   what a change of the source changes in what runs
  rush plan diff a.json b.json -o json
                                   the same for programs")]
    Diff {
        /// The earlier plan
        before: Utf8PathBuf,
        /// The later plan
        after: Utf8PathBuf,
        /// How the difference is written
        #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
        format: DiffFormat,
    },
    /// Tell whether a plan is what was written; exit with 1 if not
    #[command(after_help = "\
Examples:
  rush plan verify p.json          prints the digest of what the plan does
  rush plan verify p.json && rush run --plan p.json
  rush plan verify p.json -o json  what it found, for programs")]
    Verify {
        /// The plan
        file: Utf8PathBuf,
        /// How the answer is written
        #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
        format: DiffFormat,
    },
}

/// How a difference, or an answer, is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// The words after `rush plan` that start one of these.
pub(crate) const FILE_ACTIONS: &[&str] = &["show", "diff", "verify"];

/// Whether a word after `rush plan` starts one of these.
pub(crate) fn is_file_action(word: &str) -> bool {
    FILE_ACTIONS.contains(&word)
}

pub(crate) fn run_file(ctx: &Context, cli: FileCli) -> Result<Exit, Failure> {
    match cli.action {
        Action::Show { file, format } => {
            super::write(ctx, &load(ctx, &file)?, format)?;
            Ok(Exit::DONE)
        }
        Action::Diff { before, after, format } => {
            diff(ctx, &load(ctx, &before)?, &load(ctx, &after)?, format)
        }
        Action::Verify { file, format } => verify(ctx, &file, format),
    }
}

/// Reads a plan and checks it. With a file that is none, or was changed, nothing can be done.
pub(crate) fn load(ctx: &Context, file: &Utf8Path) -> Result<Plan, Failure> {
    read(ctx, file)?.map_err(|error| Failure::usage(format!("{file}: {error}")).help(help(&error)))
}

/// What to do about a file that is no plan, or none that this Rush can carry out.
fn help(error: &LoadError) -> &'static str {
    match error {
        LoadError::UnknownVersion { .. } | LoadError::UnknownFeature(_) => {
            "another version of Rush wrote it, most likely a newer one: run it with that one, or \
             plan anew with this one"
        }
        LoadError::Malformed(_)
        | LoadError::NotAPlan { .. }
        | LoadError::WrongFeatures(_)
        | LoadError::Reformatted
        | LoadError::Tampered(_)
        | LoadError::Invalid(_) => {
            "`rush plan LABEL --out FILE` writes a plan; it is not to be edited"
        }
    }
}

fn read(ctx: &Context, file: &Utf8Path) -> Result<Result<Plan, LoadError>, Failure> {
    let path = ctx.absolute(file)?;
    // What is wrong with a plan shows in all of its bytes, and only a file can be read again.
    if ctx.system.is_file(&path)
        && let Ok(bytes) = ctx.system.open(&path)
        && let Some(plan) = Plan::read(bytes)
    {
        return Ok(Ok(plan));
    }
    Ok(Plan::from_json(&ctx.read(file)?))
}

/// The same where the question is whether the plan is sound.
fn verify(ctx: &Context, file: &Utf8Path, format: DiffFormat) -> Result<Exit, Failure> {
    match (read(ctx, file)?, format) {
        (Ok(plan), DiffFormat::Text) => {
            stdout(&format!("{}\n", plan.digests().content))?;
            stderr(&format!("{file} is as it was written: {}\n", show::summary(&plan)));
            // The program ends here; taking a large plan apart would only take time.
            std::mem::forget(plan);
            Ok(Exit::DONE)
        }
        (Ok(plan), DiffFormat::Json) => {
            let answer = json!({
                "version": 1,
                "valid": true,
                "content": plan.digests().content.to_string(),
                "nodes": plan.nodes().len(),
            });
            std::mem::forget(plan);
            stdout(&format!("{answer:#}\n"))?;
            Ok(Exit::DONE)
        }
        (Err(error), DiffFormat::Text) => {
            Err(Failure::failed(format!("{file}: {error}")).help(help(&error)))
        }
        (Err(error), DiffFormat::Json) => {
            let answer = json!({ "version": 1, "valid": false, "problem": error.to_string() });
            stdout(&format!("{answer:#}\n"))?;
            Ok(Exit::FAILED)
        }
    }
}

fn diff(ctx: &Context, before: &Plan, after: &Plan, format: DiffFormat) -> Result<Exit, Failure> {
    let diff = before.diff(after);
    match format {
        DiffFormat::Text => {
            stdout(&show::diff(before, after, &diff, ctx.style(Stream::Stdout)))?;
        }
        DiffFormat::Json => {
            let diff = serde_json::to_value(&diff)
                .map_err(|error| Failure::refused(format!("could not write JSON: {error}")))?;
            let mut document = serde_json::Map::from_iter([("version".to_owned(), json!(1))]);
            document.extend(diff.as_object().cloned().unwrap_or_default());
            stdout(&format!("{:#}\n", Value::Object(document)))?;
        }
    }
    Ok(if diff.is_empty() { Exit::DONE } else { Exit::FAILED })
}
