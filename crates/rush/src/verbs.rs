//! The verbs, one file each, and the way from what was typed to one of them.

pub(crate) mod cache;
pub(crate) mod call;
pub(crate) mod cancel;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod describe;
pub(crate) mod down;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod grammar;
pub(crate) mod graph;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod lsp;
pub(crate) mod plan;
pub(crate) mod profile;
pub(crate) mod ps;
pub(crate) mod replay;
pub(crate) mod resume;
pub(crate) mod retry;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod up;
pub(crate) mod version;
pub(crate) mod why;

use std::ffi::OsString;
use std::io::Write as _;
use std::sync::Arc;

use clap::{CommandFactory as _, Parser as _, Subcommand as _};
use rush_system::System;

use crate::arguments::{Cli, Globals, Verb};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{output, tracing_setup};

/// Does what was typed.
pub(crate) fn dispatch(system: Arc<dyn System>, typed: Vec<OsString>) -> Exit {
    if let Some(exit) = completions::complete(&system, &typed) {
        return exit;
    }
    let words: Option<Vec<String>> =
        typed.iter().skip(1).map(|it| it.to_str().map(str::to_owned)).collect();
    if let Some(words) = words
        && let Some(at) = verb_at(&words)
        && let (globals, [verb, tail @ ..]) = words.split_at(at)
    {
        match verb.as_str() {
            // `rush help run` is `rush run --help`.
            "help" => {
                let typed = typed.into_iter();
                let mut typed: Vec<_> =
                    typed.enumerate().filter(|it| it.0 != at + 1).map(|it| it.1).collect();
                typed.push("--help".into());
                return dispatch(system, typed);
            }
            "run" => return call::dispatch::<run::RunArgs>(system, globals, tail),
            "why" => return call::dispatch::<why::WhyArgs>(system, globals, tail),
            "describe" => return call::dispatch::<describe::DescribeArgs>(system, globals, tail),
            "up" => return call::dispatch::<up::UpArgs>(system, globals, tail),
            "down" => return call::dispatch_past::<down::DownArgs>(system, globals, tail),
            "logs" => return call::dispatch_past::<logs::LogsArgs>(system, globals, tail),
            "cache" if let Some(tail) = cache::tail_of_verify(tail) => {
                return call::dispatch::<cache::VerifyArgs>(system, globals, &tail);
            }
            "plan" if tail.first().is_some_and(|it| plan::is_file_action(it)) => {
                return plan_file(system, globals, tail);
            }
            "plan" => return call::dispatch::<plan::PlanArgs>(system, globals, tail),
            // These are typed often and done soon.
            "list" => {
                if let Some((globals, args)) = Cli::parse_alone::<list::ListArgs>("list", &words) {
                    return with_context(system, globals, |ctx| list::run(ctx, &args));
                }
            }
            "check" => {
                if let Some((globals, args)) = Cli::parse_alone::<check::CheckArgs>("check", &words)
                {
                    return with_context(system, globals, |ctx| check::run(ctx, &args));
                }
            }
            word if !is_verb(word) => {
                let tail = words.get(at..).unwrap_or_default();
                return call::dispatch::<run::RunArgs>(system, globals, tail);
            }
            _ => {}
        }
    }
    match Cli::try_parse_from(typed) {
        Ok(cli) => with_context(system, cli.globals, |ctx| run(ctx, cli.verb)),
        Err(error) => usage(system, &error),
    }
}

/// All verbs and flags. Those of plan files are split off before clap sees them, and join here.
pub(crate) fn command() -> clap::Command {
    let files = plan::FileCli::command();
    let actions: Vec<_> = files.get_subcommands().cloned().collect();
    Cli::command().mut_subcommand("plan", |it| it.subcommands(actions))
}

/// Where the first word is that is neither a global flag nor the value of one.
pub(crate) fn verb_at(words: &[String]) -> Option<usize> {
    first_word(words, &[])
}

/// Where the first word is that is neither a flag nor the value of a global flag or of one of these.
fn first_word(words: &[String], valued: &[&str]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += match word.as_str() {
            "-C" | "--directory" | "--color" | "--trace" => 2,
            it if valued.contains(&it) => 2,
            it if it.starts_with('-') => 1,
            _ => return Some(at),
        };
    }
    None
}

/// Whether a word is a verb; any other word is a task.
pub(crate) fn is_verb(word: &str) -> bool {
    word == "help" || Verb::has_subcommand(word)
}

fn plan_file(system: Arc<dyn System>, globals: &[String], tail: &[String]) -> Exit {
    let words = std::iter::once("rush plan".to_owned()).chain(globals.iter().chain(tail).cloned());
    match plan::FileCli::try_parse_from(words) {
        Ok(cli) => with_context(system, cli.globals.clone(), |ctx| plan::run_file(ctx, cli)),
        Err(error) => usage(system, &error),
    }
}

/// Prints what clap has to say: help and version are data, the rest is for people.
pub(crate) fn usage(system: Arc<dyn System>, error: &clap::Error) -> Exit {
    let printed = error.print().and_then(|()| std::io::stdout().flush());
    if error.use_stderr() {
        return Exit::USAGE;
    }
    let ctx = Context::new(system, Globals::default());
    output::written(printed).map_or_else(|failure| output::fail(&ctx, failure), |()| Exit::DONE)
}

/// Sets up what every verb needs, and tells why it failed if it does.
fn with_context(
    system: Arc<dyn System>,
    globals: Globals,
    verb: impl FnOnce(&Context) -> Result<Exit, Failure>,
) -> Exit {
    let ctx = Context::new(system, globals);
    let outcome = tracing_setup::install(&ctx).and_then(|tracing| {
        let outcome = verb(&ctx);
        tracing.finish(&ctx).and(outcome)
    });
    outcome.unwrap_or_else(|failure| output::fail(&ctx, failure))
}

fn run(ctx: &Context, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Cache(args) => cache::run(ctx, &args),
        Verb::Ps(args) => ps::run(ctx, &args),
        Verb::Supervise(args) => up::run_supervisor(ctx, &args),
        Verb::Runs(args) => runs::run(ctx, &args),
        Verb::Profile(args) => profile::run(ctx, &args),
        Verb::Retry(args) => retry::run(ctx, &args),
        Verb::Replay(args) => replay::run(ctx, &args),
        Verb::Resume(args) => resume::run(ctx, &args),
        Verb::Cancel(args) => cancel::run(ctx, &args),
        Verb::Check(args) => check::run(ctx, &args),
        Verb::Fmt(args) => fmt::run(ctx, &args),
        Verb::List(args) => list::run(ctx, &args),
        Verb::Graph(args) => graph::run(ctx, &args),
        Verb::Explain(args) => explain::run(ctx, &args),
        Verb::Grammar(args) => grammar::run(&args),
        Verb::Config(args) => config::run(ctx, &args),
        Verb::Completions(args) => completions::run(&args),
        Verb::Lsp(args) => lsp::run(ctx, &args),
        Verb::Version(args) => version::run(&args),
        // Their tails are split before clap sees them; see `dispatch`.
        Verb::Run(_)
        | Verb::Up(_)
        | Verb::Down(_)
        | Verb::Logs(_)
        | Verb::Why(_)
        | Verb::Plan(_)
        | Verb::Describe(_) => Err(Failure::usage("there is nothing to run")),
    }
}
