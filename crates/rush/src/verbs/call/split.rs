//! Splits a tail into the verb's flags, calls with theirs, and what follows `--`.
//!
//! The verb's flags are found before the tasks are known, since `-C` says where those are. Both passes
//! read a word alike: what is a flag of the verb is never the value of a task's flag.

use std::collections::BTreeMap;

use rush_diagnostics::nearest;
use rush_engine::{FlagTarget, Form, TaskFlag, is_run_flag};
use rush_plan::{Call, Given};

use super::foreign;
use crate::failure::{Failure, quoted};

/// The flags of a verb, by the way they are typed: `--set`, `-e`.
pub(super) struct Known(BTreeMap<String, Takes>);

/// What follows a flag of a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    /// A number, if the next word is one: `-j 4`, `-j build`.
    OptionalNumber,
}

/// What a tail says.
#[derive(Debug, Default)]
pub(super) struct Tail {
    pub(super) calls: Vec<Call>,
    /// Values for file-level `param`s.
    pub(super) set: Vec<(String, String)>,
    pub(super) rest: Vec<String>,
    pub(super) asked: Asked,
}

/// Whether help was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    /// The tasks are to be run.
    #[default]
    Tasks,
    /// The flags of this label are to be shown.
    HelpOf(String),
}

impl Known {
    /// The flags of a verb's command, which is built.
    pub(super) fn of(command: &clap::Command) -> Self {
        let mut known = BTreeMap::new();
        for argument in command.get_arguments().filter(|it| !it.is_positional()) {
            let takes = match argument.get_num_args() {
                Some(range) if range.min_values() == 0 && range.takes_values() => {
                    Takes::OptionalNumber
                }
                _ if argument.get_action().takes_values() => Takes::Value,
                _ => Takes::Nothing,
            };
            known.extend(argument.get_long().map(|it| (format!("--{it}"), takes)));
            known.extend(argument.get_short().map(|it| (format!("-{it}"), takes)));
        }
        Self(known)
    }

    /// The flag of the verb that a word is, and whether its value is in the same word.
    fn find(&self, word: &str) -> Option<(Takes, bool)> {
        let (name, is_glued) = match word.split_once('=') {
            Some((name, _)) if word.starts_with("--") => (name, true),
            _ => (word, false),
        };
        if let Some(takes) = self.0.get(name) {
            return Some((*takes, is_glued));
        }
        if word.starts_with("--") {
            return None;
        }
        // `-j4`, `-Cdir`, `-vv`: the first letter decides.
        let letter = word.get(..2)?;
        self.0.get(letter).map(|takes| (*takes, true))
    }

    fn long_names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter_map(|it| it.strip_prefix("--"))
    }
}

/// The verb's own flags with their values, wherever they stand.
pub(super) fn own_flags(tail: &[String], known: &Known) -> Vec<String> {
    let mut own = Vec::new();
    let mut words = tail.iter().peekable();
    while let Some(word) = words.next().filter(|it| *it != "--") {
        let Some((takes, is_glued)) = known.find(word).filter(|_| !is_help(word)) else { continue };
        match (takes, is_glued) {
            (Takes::Value, false) => {
                own.push(word.clone());
                own.extend(words.next().cloned());
            }
            (Takes::OptionalNumber, false) => {
                let number = words.next_if(|it| it.bytes().all(|it| it.is_ascii_digit()));
                own.push(match number {
                    Some(number) if word.starts_with("--") => format!("{word}={number}"),
                    Some(number) => format!("{word}{number}"),
                    None => word.clone(),
                });
            }
            (Takes::Nothing | Takes::Value | Takes::OptionalNumber, _) => own.push(word.clone()),
        }
    }
    own
}

/// `build --v -e`: a flag of the verb that lacks its value, and stands where a task's flag may lack its own.
pub(super) fn flag_as_value(tail: &[String], known: &Known) -> Option<Failure> {
    let [.., before, last] = tail else { return None };
    let lacks_value = known.find(last) == Some((Takes::Value, false));
    let is_of_task = before.starts_with("--")
        && !before.contains('=')
        && before != "--"
        && known.find(before).is_none();
    let help = || format!("if it is the value of `{before}`, write `{before}={last}`");
    let failure = || Failure::usage(format!("`{last}` is a flag of its own and needs a value"));
    (lacks_value && is_of_task).then(|| failure().help(help()))
}

/// Whether a tail has nothing but the verb's own flags.
pub(super) fn is_own(tail: &[String], known: &Known) -> bool {
    let mut words = tail.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let Some((takes, is_glued)) = known.find(word) else { return false };
        skip_value(takes, is_glued, &mut words);
    }
    true
}

/// The word before any label that asks for help: `-h` for little, `--help` for much.
pub(super) fn help_of_verb<'t>(tail: &'t [String], known: &Known) -> Option<&'t str> {
    let mut words = tail.iter();
    while let Some(word) = words.next() {
        if is_help(word) {
            return Some(word);
        }
        if known.find(word)? == (Takes::Value, false) {
            words.next();
        }
    }
    None
}

pub(super) fn is_help(word: &str) -> bool {
    matches!(word, "--help" | "-h")
}

/// Splits a tail; `flags_of` knows the flags of a label.
pub(super) fn split(
    tail: &[String],
    known: &Known,
    flags_of: &mut dyn FnMut(&str) -> Result<Vec<TaskFlag>, Failure>,
) -> Result<Tail, Failure> {
    let mut out = Tail::default();
    let mut flags: Vec<TaskFlag> = Vec::new();
    let mut words = tail.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if word == "--" {
            out.rest = words.map(str::to_owned).collect();
            break;
        }
        if is_help(word)
            && let Some(call) = out.calls.last()
        {
            out.asked = Asked::HelpOf(call.label.clone());
        } else if let Some((takes, is_glued)) = known.find(word) {
            skip_value(takes, is_glued, &mut words);
        } else if word.len() > 1 && word.starts_with('-') {
            task_flag(&mut out, &flags, known, word, &mut words)?;
        } else {
            flags = flags_of(word).map_err(|failure| {
                let before = out.calls.last().map(|it| (it.label.as_str(), flags.as_slice()));
                match switch_before(tail, word, &flags) {
                    Some(switch) => failure.help(format!(
                        "`{switch}` takes no word behind it: write `{switch}={word}`, or `{switch}` alone for true"
                    )),
                    None => {
                        let behind = words.clone().take_while(|it| !it.starts_with('-'));
                        let typed = Typed { word, behind: behind.collect() };
                        let as_argument = before.and_then(|it| typed.as_argument(it));
                        failure.opt_help(as_argument.or_else(|| foreign::assignment(word)))
                    }
                }
            })?;
            out.calls.push(Call::new(word));
        }
    }
    Ok(out)
}

/// A word that is no task, with those behind it up to the next flag.
struct Typed<'t> {
    word: &'t str,
    behind: Vec<&'t str>,
}

impl Typed<'_> {
    /// How it is given to the task before it, as other tools give arguments.
    fn as_argument(&self, (label, flags): (&str, &[TaskFlag])) -> Option<String> {
        if let Some(help) = self.as_assignment(label, flags) {
            return Some(help);
        }
        let word = self.word;
        if let Some(rest) = flags.iter().find(|it| it.form == Form::Rest) {
            let words: Vec<&str> = [word].into_iter().chain(self.behind.iter().copied()).collect();
            let words = words.join(" ");
            let name = &rest.name;
            return Some(format!(
                "`{label}` takes `{name}` behind `--`: write `{label} -- {words}`"
            ));
        }
        let mut valued =
            flags.iter().filter(|it| is_valued(it) && it.target == FlagTarget::Parameter);
        let flag = flags
            .iter()
            .find(|it| is_valued(it) && it.choices.iter().any(|it| it == word))
            .or_else(|| valued.find(|it| it.is_required))?;
        let name = flag.name.replace('_', "-");
        let is_possible = flag.choices.is_empty() || flag.choices.iter().any(|it| it == word);
        let word = if is_possible { word } else { &flag.choices.join("|") };
        Some(format!("values are given to a task by flags: write `{label} --{name} {word}`"))
    }

    /// `crate=api`, as make and just have it.
    fn as_assignment(&self, label: &str, flags: &[TaskFlag]) -> Option<String> {
        let (name, value) = self.word.split_once('=')?;
        let name = name.replace('-', "_").to_ascii_lowercase();
        let flag = flags.iter().find(|it| it.name == name && has_flag(it))?;
        let name = flag.name.replace('_', "-");
        let typed = match (flag.form, value) {
            (Form::Switch, "true") => format!("--{name}"),
            (Form::Switch, "false") => format!("--no-{name}"),
            _ => format!("--{name}={value}"),
        };
        Some(format!("values are given to a task by flags: write `{label} {typed}`"))
    }
}

fn is_valued(flag: &TaskFlag) -> bool {
    matches!(flag.form, Form::Value | Form::Repeated)
}

/// The switch that a `true` or `false` was probably meant for.
fn switch_before<'t>(tail: &'t [String], word: &str, flags: &[TaskFlag]) -> Option<&'t str> {
    let at = tail.iter().position(|it| it == word).filter(|_| matches!(word, "true" | "false"))?;
    let before = tail.get(at.checked_sub(1)?)?;
    let (flag, is_negated) = find(flags, before)?;
    (flag.form == Form::Switch && !is_negated).then_some(before)
}

fn skip_value<'a>(
    takes: Takes,
    is_glued: bool,
    words: &mut (impl Iterator<Item = &'a str> + Clone),
) {
    let next_is_number =
        words.clone().next().is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()));
    let is_apart = match takes {
        Takes::Nothing => false,
        Takes::Value => !is_glued,
        Takes::OptionalNumber => !is_glued && next_is_number,
    };
    if is_apart {
        words.next();
    }
}

/// Takes one flag of the last label.
fn task_flag<'a>(
    out: &mut Tail,
    flags: &[TaskFlag],
    known: &Known,
    word: &str,
    words: &mut impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    let Some(call) = out.calls.last_mut() else {
        return Err(unknown(word, None, known.long_names()));
    };
    let (name, glued) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    };
    let Some((flag, is_negated)) = find(flags, name) else {
        if let Some(flag) = written_only(flags, name) {
            return Err(needs_a_call(flag, &call.label));
        }
        let names = flags.iter().filter(|it| has_flag(it)).map(|it| it.name.as_str());
        return Err(unknown(name, Some(&call.label), names.chain(known.long_names())));
    };
    let value = match (flag.form, is_negated, glued) {
        (Form::Switch, _, None) => None,
        (_, true, _) => {
            return Err(Failure::usage(format!("`{name}` takes no value")));
        }
        (_, false, Some(value)) => Some(value),
        (_, false, None) => match words.next() {
            Some(value) if value == "--" || is_help(value) || known.find(value).is_some() => {
                return Err(takes_no_flag(flag, value));
            }
            value => Some(value.ok_or_else(|| lacks_value(flag))?),
        },
    };
    match (flag.target, value) {
        (FlagTarget::FileParameter, value) => {
            let switched = if is_negated { "false" } else { "true" };
            out.set.push((flag.name.clone(), value.unwrap_or(switched).to_owned()));
        }
        (FlagTarget::Parameter | FlagTarget::Axis, None) => {
            call.params.insert(flag.name.clone(), Given::Switch(!is_negated));
        }
        (FlagTarget::Parameter | FlagTarget::Axis, Some(value)) => {
            let given = call.params.entry(flag.name.clone());
            match given.or_insert_with(|| Given::Texts(Vec::new())) {
                Given::Texts(texts) => texts.push(value.to_owned()),
                switch @ Given::Switch(_) => *switch = Given::Texts(vec![value.to_owned()]),
            }
        }
    }
    Ok(())
}

/// The flag of this name, and whether it is switched off.
fn find<'f>(flags: &'f [TaskFlag], word: &str) -> Option<(&'f TaskFlag, bool)> {
    let word = word.strip_prefix("--")?.replace('-', "_");
    let named = |name: &str| flags.iter().find(|it| it.name == name && has_flag(it));
    if let Some(flag) = named(&word) {
        return Some((flag, false));
    }
    let flag = named(word.strip_prefix("no_")?)?;
    (flag.form == Form::Switch).then_some((flag, true))
}

fn has_flag(flag: &TaskFlag) -> bool {
    !matches!(flag.form, Form::Rest | Form::CallOnly)
}

/// The parameter of this name that has no flag.
fn written_only<'f>(flags: &'f [TaskFlag], word: &str) -> Option<&'f TaskFlag> {
    let name = word.strip_prefix("--")?.replace('-', "_");
    flags.iter().find(|it| it.name == name && !has_flag(it))
}

fn needs_a_call(flag: &TaskFlag, label: &str) -> Failure {
    let name = &flag.name;
    if flag.form == Form::Rest {
        let message = format!("`{label}` takes `{name}` from what follows `--`");
        return Failure::usage(message).help(format!("write `{label} -- ..`"));
    }
    let message = if is_run_flag(name) {
        let flag = name.replace('_', "-");
        format!("`--{flag}` is a flag of `rush run`, so `{name}` of `{label}` has none")
    } else {
        format!("a value of type `{}` can't be given as a flag", flag.ty)
    };
    let example = if flag.ty.starts_with("map(") { "{ NAME: .. }" } else { ".." };
    let call = format!("'{label}({name}: {example})'");
    Failure::usage(message).help(format!("write it in a call: `rush run {call}`"))
}

/// A flag of the verb where a value has to be.
fn takes_no_flag(flag: &TaskFlag, word: &str) -> Failure {
    let name = flag.name.replace('_', "-");
    Failure::usage(format!("`--{name}` needs a value"))
        .help(format!("`{word}` is a flag of its own; if it is the value, write `--{name}={word}`"))
}

fn lacks_value(flag: &TaskFlag) -> Failure {
    let message = format!("`--{}` needs a value", flag.name.replace('_', "-"));
    let failure = Failure::usage(message);
    if flag.choices.is_empty() {
        failure.help(format!("its type is `{}`", flag.ty))
    } else {
        failure.help(format!("possible: {}", quoted(&flag.choices)))
    }
}

fn unknown<'a>(word: &str, label: Option<&str>, names: impl Iterator<Item = &'a str>) -> Failure {
    let message = match label {
        Some(label) => format!("`{label}` takes no flag `{word}`"),
        None => format!("there is no flag `{word}`; a task's flags stand behind its label"),
    };
    let bare = word.trim_start_matches('-').replace('-', "_");
    let near = nearest(&bare, names);
    let near: Vec<String> =
        near.words().iter().map(|it| format!("`--{}`", it.replace('_', "-"))).collect();
    let near = (!near.is_empty()).then(|| format!("did you mean {}?", near.join(" or ")));
    let help = near
        .or_else(|| foreign::flag(word))
        .or_else(|| label.map(|label| format!("`rush run {label} --help` shows its flags")));
    Failure::usage(message).opt_help(help)
}
