//! Files behind Tab: where a path is wanted, and behind `rush plan`, where plans in files are worked on.
//!
//! A shell that Rush answers offers no files by itself, so an argument that takes a path has to say so. It is known
//! by the type of its value.

use std::any::TypeId;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Arg, Command, CommandFactory as _, ValueHint};

use super::super::plan::{FILE_ACTIONS, FileCli, is_file_action};

/// Lets every argument that takes a path offer paths.
pub(super) fn offer(command: Command) -> Command {
    command.mut_args(with_paths).mut_subcommands(offer)
}

fn with_paths(argument: Arg) -> Arg {
    if argument.get_value_parser().type_id() != TypeId::of::<Utf8PathBuf>() {
        return argument;
    }
    let is_directory = argument.get_id() == "directory";
    argument.value_hint(if is_directory { ValueHint::DirPath } else { ValueHint::AnyPath })
}

/// The directory that paths are looked up in: that of `-C`, once it was typed.
pub(super) fn base(current: &Utf8Path, words: &[String]) -> Utf8PathBuf {
    let typed = words.split_last().map_or(words, |(_, typed)| typed);
    super::directory(typed).map_or_else(|| current.to_owned(), |it| current.join(it))
}

/// What is done with a plan in a file, where it could stand.
pub(super) fn plan_actions(words: &[String]) -> &'static [&'static str] {
    match behind_plan(words) {
        Some([_]) => FILE_ACTIONS,
        _ => &[],
    }
}

/// `rush plan` as it is behind `show`, `diff` or `verify`.
pub(super) fn plan_of_file(command: Command, words: &[String]) -> Command {
    let is_of_file = matches!(behind_plan(words), Some([action, _, ..]) if is_file_action(action));
    if !is_of_file {
        return command;
    }
    command.mut_subcommand("plan", |_| FileCli::command().name("plan"))
}

/// The words behind `plan`, the last of which is being typed.
fn behind_plan(words: &[String]) -> Option<&[String]> {
    let at = words.iter().position(|it| it == "plan")?;
    words.get(at + 1..)
}
