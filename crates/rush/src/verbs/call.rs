//! The tail of `rush run`, `rush plan`, `rush logs` and others: labels, each followed by its own flags.
//!
//! Which flags there are depends on the tasks, so clap can't know them. The tail is split by one
//! rule: a flag of the verb is the verb's wherever it stands, any other flag belongs to the label
//! before it, and what follows `--` goes to the last label. The verb's own flags are then parsed
//! by clap.

mod foreign;
mod help;
mod past;
mod split;

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::{Args, CommandFactory as _, FromArgMatches as _};
use rush_engine::{DEFAULT_TASK, LabelError, UsageError, Workspace};
use rush_plan::{Call, CallOrder, Goal, Texts};
use rush_system::System;

use crate::arguments::{Cli, Globals};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{memory, output};
pub(crate) use past::{PastVerb, dispatch as dispatch_past};
use split::{Asked, Known, Tail};

/// What a plan is made for, besides the calls.
#[derive(Args, Debug)]
pub(crate) struct Choice {
    #[command(flatten)]
    pub(crate) values: Values,
    /// Run the labels side by side, not one after the other
    #[arg(long)]
    parallel: bool,
}

/// Where the parameters of the task files have their values from.
#[derive(Args, Debug)]
pub(crate) struct Values {
    /// Use the values of this profile
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Set a `param` of the task files
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

impl Values {
    /// Whether nothing was chosen.
    pub(crate) fn is_empty(&self) -> bool {
        self.profile.is_none() && self.set.is_empty()
    }
}

impl Choice {
    /// Whether the calls wait for each other.
    pub(crate) fn order(&self) -> CallOrder {
        if self.parallel { CallOrder::Parallel } else { CallOrder::Sequential }
    }
}

/// Splits `name=value`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as `NAME=VALUE`".to_owned()),
    }
}

/// Splits the `NAME=value` of a variable, for which a task's own parameter may be taken.
pub(crate) fn variable(text: &str) -> Result<(String, String), String> {
    let as_call = format!("rush run 'TASK(env: \"{text}\")'");
    pair(text).map_err(|why| {
        format!("{why}; a parameter `env` of a task is given by a call, as in `{as_call}`")
    })
}

/// A verb that takes calls.
pub(crate) trait CallVerb: Args + Sized {
    /// Its name.
    const NAME: &'static str;

    /// Whether something has to be named, or a task `default` has to be there.
    const NEEDS_CALLS: bool = true;

    /// Whether there have to be tasks also where nothing is named.
    const NEEDS_TASKS: bool = true;

    /// Says that a label is none that the verb takes.
    fn not_there(_workspace: &Workspace, label: &str, error: UsageError) -> Failure {
        not_a_task(label, error)
    }

    /// Where parameters have their values from.
    fn values(&self) -> &Values;

    /// Whether the calls wait for each other.
    fn order(&self) -> CallOrder {
        CallOrder::Sequential
    }

    /// Whether what was asked for comes from elsewhere, so that no project is needed to read calls.
    fn has_plan_file(&self) -> bool {
        false
    }

    /// Does it. `workspace` is there unless the plan comes from a file, or nothing is named and no tasks are needed.
    fn run(self, ctx: &Context, workspace: Option<Workspace>, goal: Goal) -> Result<Exit, Failure>;
}

/// Parses and does one of the verbs that take calls. `globals` are the flags before the verb.
pub(crate) fn dispatch<V: CallVerb>(
    system: Arc<dyn System>,
    globals: &[String],
    tail: &[String],
) -> Exit {
    let known = Known::of(&verb_command::<V>(V::NAME));
    // The first pass only finds the verb's own flags: `-C` says where the tasks are.
    let own = split::own_flags(tail, &known);
    let (globals, flags) = match parse::<V>(V::NAME, globals, &own) {
        Ok(parsed) => parsed,
        Err(error) => {
            return match split::flag_as_value(tail, &known) {
                Some(failure) => {
                    crate::verbs::with_context(system, Globals::default(), |_| Err(failure))
                }
                None => crate::verbs::usage(system, &error),
            };
        }
    };
    memory::keep_briefly();
    super::with_context(system, globals, |ctx| {
        if let Some(word) = split::help_of_verb(tail, &known) {
            return help_of_verb::<V>(ctx, V::NAME, word);
        }
        if flags.has_plan_file() {
            return with_plan_file(ctx, flags, tail, &known);
        }
        if !V::NEEDS_TASKS && split::is_own(tail, &known) {
            return flags.run(ctx, None, Goal::default());
        }
        let workspace = ctx.workspace()?;
        let mut flags_of = |label: &str| {
            workspace.task_flags(label)?.map_err(|error| match error {
                LabelError::Unknown(error) => V::not_there(&workspace, label, error),
                broken @ LabelError::Broken(_) => broken.into(),
            })
        };
        let tail = split::split(tail, &known, &mut flags_of)?;
        if let Asked::HelpOf(label) = &tail.asked {
            let flags = flags_of(label)?;
            return help::show(ctx, workspace.project()?, label, &flags);
        }
        if V::NEEDS_CALLS && tail.calls.is_empty() {
            workspace.task_flags(DEFAULT_TASK)?.map_err(|error| match error {
                LabelError::Unknown(_) => without_label(V::NAME),
                broken @ LabelError::Broken(_) => broken.into(),
            })?;
        }
        let goal = goal(&flags, tail);
        flags.run(ctx, Some(workspace), goal)
    })
}

fn with_plan_file<V: CallVerb>(
    ctx: &Context,
    flags: V,
    tail: &[String],
    known: &Known,
) -> Result<Exit, Failure> {
    let mut no_flags = |label: &str| Err(too_late(&format!("`{label}` can't be added")));
    let tail = split::split(tail, known, &mut no_flags)?;
    if let Some(extra) = beside_a_plan(&flags, &tail) {
        return Err(too_late(&extra));
    }
    flags.run(ctx, None, Goal::default())
}

/// A plan is what it is.
fn too_late(extra: &str) -> Failure {
    Failure::usage(format!("`--plan` carries out what was planned, so {extra}"))
        .help("leave it out, or plan anew with it: `rush plan LABEL --out FILE`")
}

/// What was typed besides a plan and would have shaped it.
fn beside_a_plan<V: CallVerb>(flags: &V, tail: &Tail) -> Option<String> {
    if !tail.rest.is_empty() {
        return Some("nothing can follow `--`".to_owned());
    }
    let shaping = [
        (flags.values().profile.is_some(), "--profile"),
        (!flags.values().set.is_empty(), "--set"),
        (flags.order() == CallOrder::Parallel, "--parallel"),
    ];
    let given = shaping.into_iter().find(|(is_given, _)| *is_given);
    given.map(|(_, flag)| format!("`{flag}` comes too late"))
}

/// Shows the help of a verb: little for `-h`, much for `--help`.
fn help_of_verb<V: Args>(ctx: &Context, name: &'static str, word: &str) -> Result<Exit, Failure> {
    let mut command = verb_command::<V>(name);
    let help = if word == "-h" { command.render_help() } else { command.render_long_help() };
    let is_colored = ctx.is_colored(Stream::Stdout);
    output::stdout(&if is_colored { help.ansi().to_string() } else { help.to_string() })?;
    Ok(Exit::DONE)
}

fn parse<V: Args>(
    name: &'static str,
    globals: &[String],
    own: &[String],
) -> Result<(Globals, V), clap::Error> {
    let typed = std::iter::once("rush".to_owned())
        .chain(globals.iter().cloned())
        .chain([name.to_owned()])
        .chain(own.iter().cloned());
    let matches = Cli::command_with::<V>(name).try_get_matches_from(typed)?;
    let globals = Globals::from_arg_matches(&matches)?;
    let verb = matches.subcommand_matches(name).ok_or_else(|| {
        clap::Error::raw(clap::error::ErrorKind::MissingSubcommand, "no verb was given\n")
    })?;
    Ok((globals, V::from_arg_matches(verb)?))
}

/// The command of a verb with all flags it takes, global ones included.
fn verb_command<V: Args>(name: &'static str) -> clap::Command {
    let mut command = Cli::command_with::<V>(name);
    command.build();
    command.find_subcommand(name).cloned().unwrap_or_else(|| clap::Command::new("rush"))
}

fn goal<V: CallVerb>(flags: &V, tail: Tail) -> Goal {
    let values = flags.values();
    let set = Texts::by_name(tail.set.iter().chain(&values.set));
    Goal {
        calls: tail.calls,
        order: flags.order(),
        params: BTreeMap::new(),
        rest: tail.rest,
        profile: values.profile.clone(),
        set,
    }
}

/// Nothing is named, and there is no task `default`.
fn without_label(verb: &str) -> Failure {
    let help = "`rush list` shows what there is; a task named `default` needs no name";
    Failure::usage(format!("name a task: `rush {verb} LABEL`")).help(help)
}

/// A word that names neither a task nor a verb.
fn not_a_task(label: &str, error: UsageError) -> Failure {
    let word = Call::new(label).label;
    let verbs = Cli::command();
    let verbs = verbs.get_subcommands().map(clap::Command::get_name);
    let near = rush_diagnostics::nearest(&word, verbs);
    let near = near.words().iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" or ");
    match Some(near).filter(|it| error.help.is_none() && !it.is_empty()) {
        Some(verb) => Failure::usage(error.message).help(format!("did you mean the verb {verb}?")),
        None => Failure::of_usage(&[error]),
    }
}
