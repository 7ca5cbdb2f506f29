//! `rush completions`: the piece of shell that makes Tab ask Rush, and the answers.
//!
//! The shell runs `rush` with a variable set and the words typed so far. The command that clap then
//! completes is made for these words: it has the tasks of the workspace, and the flags of the task
//! that was typed last, with the members of their unions.

mod files;
mod runs;

use std::ffi::OsString;
use std::sync::Arc;

use camino::Utf8Path;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Args, Command, CommandFactory as _, ValueEnum, ValueHint};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::Shells;
use rush_engine::{Form, Setting, TaskFlag, Vocabulary, Workspace, explainable};
use rush_system::System;

use crate::arguments::{Cli, Globals};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::stdout;

/// The variable by which the shell asks.
const VARIABLE: &str = "RUSH_COMPLETE";

/// The script for Bash: that of clap does not know labels, which Bash splits at the colon.
const BASH: &str = include_str!("completions/rush.bash");

/// Print the completion script for a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  source <(rush completions bash)                        in ~/.bashrc
  source <(rush completions zsh)                         in ~/.zshrc
  rush completions fish > ~/.config/fish/completions/rush.fish
  rush completions powershell | Out-String | Invoke-Expression")]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// The shells that can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// GNU Bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
}

pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let name = match args.shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
        Shell::Powershell => "powershell",
    };
    if args.shell == Shell::Bash {
        stdout(BASH)?;
        return Ok(Exit::DONE);
    }
    let shells = Shells::builtins();
    let mut script = Vec::new();
    let written = shells
        .completer(name)
        .map(|it| it.write_registration(VARIABLE, "rush", "rush", "rush", &mut script));
    match written {
        Some(Ok(())) => stdout(&String::from_utf8_lossy(&script))?,
        Some(Err(error)) => return Err(Failure::refused(error.to_string())),
        None => return Err(Failure::usage(format!("there are no completions for `{name}`"))),
    }
    Ok(Exit::DONE)
}

/// Answers a shell that asks for completions; `None` when none does.
pub(crate) fn complete(system: &Arc<dyn System>, typed: &[OsString]) -> Option<Exit> {
    system.env_var(VARIABLE).ok().flatten().filter(|it| !it.is_empty())?;
    let words: Vec<String> = typed
        .iter()
        .skip_while(|it| *it != "--")
        .skip(2)
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    let current = system.current_dir().ok().map(|it| files::base(&it, &words));
    let answered = CompleteEnv::with_factory(|| command(system, &words))
        .var(VARIABLE)
        .bin("rush")
        .completer("rush")
        .try_complete(typed.to_vec(), current.as_deref().map(Utf8Path::as_std_path));
    // Whatever goes wrong, a shell that completes must not be disturbed by messages.
    Some(if answered.is_ok() { Exit::DONE } else { Exit::USAGE })
}

/// A word that can stand somewhere.
struct Word {
    text: String,
    /// Whether it is offered only where nothing else fits what was typed.
    is_other_form: bool,
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Self { text, is_other_form: false }
    }
}

/// The command for the words typed so far.
fn command(system: &Arc<dyn System>, words: &[String]) -> Command {
    files::offer(files::plan_of_file(with_names(system, words), words))
}

/// What verbs there are, with what the workspace, the settings and the runs name.
fn with_names(system: &Arc<dyn System>, words: &[String]) -> Command {
    let keys = || Setting::ALL.iter().map(|it| it.name.to_owned());
    let command = Cli::command()
        .mut_subcommand("explain", |it| offer(it, "word", explainable()))
        .mut_subcommand("config", |it| it.mut_subcommand("get", |it| offer(it, "key", keys())));
    let Some(workspace) = workspace(system, words) else { return command };
    let command = runs::offer(command, system, workspace.root().to_owned());
    let known = workspace.vocabulary().unwrap_or_default();
    let flags = last_flags(&workspace, &known, words);
    let asked = Asked { known: &known, flags: &flags, passes_on: passes_on(words) };
    let mut command = command
        .mut_subcommand("graph", |it| offer(it, "label", labels(&known)))
        .mut_subcommand("down", |it| with_calls(it, known.services.clone(), &asked))
        .mut_subcommand("logs", |it| with_flags(it, &flags))
        .mut_subcommand("replay", |it| offer(it, "set", assignments(&known)))
        .mut_subcommand("up", |it| with_calls(it, known.services.clone(), &asked));
    for verb in ["run", "why", "describe"] {
        command = command.mut_subcommand(verb, |it| with_calls(it, labels(&known), &asked));
    }
    command = command.mut_subcommand("plan", |it| {
        let actions = files::plan_actions(words).iter().map(|it| Word::from((*it).to_owned()));
        with_calls(it, labels(&known).chain(actions), &asked)
    });
    command = command.mut_subcommand("cache", |it| {
        it.mut_subcommand("verify", |it| with_calls(it, labels(&known), &asked))
    });
    // The shorthand: a task where a verb could stand, with all that `run` takes.
    let Some(run) = command.find_subcommand("run").cloned() else { return command };
    let shorthands = labels(&known).filter(|it| !super::is_verb(&it.text));
    let shorthands = shorthands
        .map(|it| run.clone().name(it.text).about("task").hide(it.is_other_form))
        .collect::<Vec<_>>();
    command.subcommands(shorthands)
}

/// What names a task: the shortest form, and the others for who has begun to type one of them.
fn labels(known: &Vocabulary) -> impl Iterator<Item = Word> {
    let short = known.tasks.iter().cloned().map(Word::from);
    let hyphened = known.tasks.iter().filter(|it| it.contains('_')).map(|it| it.replace('_', "-"));
    let full = known.labels.iter().filter(|it| !known.tasks.contains(it)).cloned();
    let others = hyphened.chain(full).map(|text| Word { text, is_other_form: true });
    short.chain(others)
}

/// The beginnings of `NAME=VALUE` for `--set`.
fn assignments(known: &Vocabulary) -> impl Iterator<Item = String> {
    known.params.iter().map(|it| format!("{it}="))
}

fn workspace(system: &Arc<dyn System>, words: &[String]) -> Option<Workspace> {
    let globals = Globals { directory: directory(words).map(Into::into), ..Globals::default() };
    Context::new(system.clone(), globals).workspace().ok()
}

/// The value of `-C` among the words.
fn directory(words: &[String]) -> Option<&String> {
    let after = |flag: &str| words.iter().skip_while(|it| *it != flag).nth(1);
    after("-C").or_else(|| after("--directory"))
}

/// Whether the word that is being typed goes to the task as it is.
fn passes_on(words: &[String]) -> bool {
    words.split_last().is_some_and(|(_, typed)| typed.iter().any(|it| it == "--"))
}

/// The flags of the last label among the words.
fn last_flags(workspace: &Workspace, known: &Vocabulary, words: &[String]) -> Vec<TaskFlag> {
    // A word that is half-typed is no label, and asking for its flags would open the workspace.
    let may_be_label = |it: &String| {
        let name = it.replace('-', "_");
        let names = [&known.tasks, &known.services];
        names.iter().any(|known| known.contains(it) || known.contains(&name))
            || it.contains([':', '('])
            || it.starts_with('_')
    };
    let mut labels = words.iter().rev().filter(|it| !it.starts_with('-') && may_be_label(it));
    let flags = |label: &String| workspace.task_flags(label).ok()?.ok();
    labels.find_map(flags).unwrap_or_default()
}

/// What is asked for behind a verb that takes calls.
struct Asked<'a> {
    known: &'a Vocabulary,
    /// The flags of the last label.
    flags: &'a [TaskFlag],
    /// Whether it goes to a task as it is.
    passes_on: bool,
}

/// A verb that takes calls, with what can be called and the flags of what was typed last.
fn with_calls(
    command: Command,
    words: impl IntoIterator<Item = impl Into<Word>>,
    asked: &Asked<'_>,
) -> Command {
    let Asked { known, flags, passes_on } = *asked;
    let command = with_flags(command, flags);
    let command = if passes_on {
        // Nobody knows what the task makes of it; mostly it is a file.
        command.mut_arg("calls", |it| it.value_hint(ValueHint::AnyPath))
    } else {
        offer(command, "calls", words)
    };
    let command = offer(command, "profile", known.profiles.clone());
    let command = offer(command, "set", assignments(known));
    offer(command, "force_task", labels(known))
}

/// A verb that takes calls, with the flags of the task that was typed last.
fn with_flags(command: Command, flags: &[TaskFlag]) -> Command {
    let own: Vec<String> =
        command.get_arguments().filter_map(|it| it.get_long().map(str::to_owned)).collect();
    let free = flags.iter().filter(|it| {
        !matches!(it.form, Form::Rest | Form::CallOnly) && !own.contains(&it.name.replace('_', "-"))
    });
    let extra: Vec<Arg> = free.flat_map(arguments).collect();
    command.mut_arg("calls", |it| it.num_args(0..)).args(extra)
}

/// Offers words for an argument, if the command has it.
fn offer(
    command: Command,
    argument: &str,
    words: impl IntoIterator<Item = impl Into<Word>>,
) -> Command {
    if !command.get_arguments().any(|it| it.get_id() == argument) {
        return command;
    }
    let words: Vec<Word> = words.into_iter().map(Into::into).collect();
    let candidate = |it: &Word| CompletionCandidate::new(&it.text).hide(it.is_other_form);
    let candidates =
        ArgValueCandidates::new(move || words.iter().map(candidate).collect::<Vec<_>>());
    command.mut_arg(argument, |it| it.add(candidates))
}

/// A flag of a task; for a switch also the one that turns it off.
fn arguments(flag: &TaskFlag) -> Vec<Arg> {
    let long = flag.name.replace('_', "-");
    let id = format!("task-{}", flag.name);
    let help = flag.doc.clone().unwrap_or_else(|| flag.ty.clone());
    if flag.form == Form::Switch {
        let on = Arg::new(id.clone()).long(long.clone()).action(ArgAction::SetTrue).help(help);
        let off = Arg::new(format!("{id}-off")).long(format!("no-{long}"));
        return vec![on, off.action(ArgAction::SetTrue).help("turn it off")];
    }
    let mut arg = Arg::new(id).long(long).help(help).action(ArgAction::Append);
    if !flag.choices.is_empty() {
        arg = arg.value_parser(PossibleValuesParser::new(flag.choices.clone()));
    } else if flag.ty.contains("path") {
        arg = arg.value_hint(ValueHint::AnyPath);
    }
    vec![arg]
}
