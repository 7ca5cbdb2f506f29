//! Verbs about what is remembered, such as `rush logs`: words, some of them tasks with their own flags.
//!
//! A word may also be a run, and a task may be gone from the task files or these be broken; then it has no flags,
//! and everything else works.

use std::sync::Arc;

use clap::Args;
use rush_engine::{Form, TaskFlag};
use rush_plan::{Call, Given};
use rush_system::System;

use super::split::{self, Known, Tail};
use super::{help_of_verb, parse, verb_command};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// A verb about what is remembered.
pub(crate) trait PastVerb: Args + Sized {
    /// Its name.
    const NAME: &'static str;

    /// Does it for these words.
    fn run(self, ctx: &Context, words: Vec<Call>) -> Result<Exit, Failure>;
}

/// Parses and does one of these verbs. `globals` are the flags before the verb.
pub(crate) fn dispatch<V: PastVerb>(
    system: Arc<dyn System>,
    globals: &[String],
    tail: &[String],
) -> Exit {
    let known = Known::of(&verb_command::<V>(V::NAME));
    let own = split::own_flags(tail, &known);
    let (globals, flags) = match parse::<V>(V::NAME, globals, &own) {
        Ok(parsed) => parsed,
        Err(error) => return crate::verbs::usage(system, &error),
    };
    crate::verbs::with_context(system, globals, |ctx| {
        // Its flags are those of another verb, so the help of a task is no help here.
        if let Some(word) = tail.iter().take_while(|it| *it != "--").find(|it| split::is_help(it)) {
            return help_of_verb::<V>(ctx, V::NAME, word);
        }
        let tail = split::split(tail, &known, &mut |label| Ok(flags_of(ctx, label)))?;
        flags.run(ctx, words(ctx, tail)?)
    })
}

/// The flags of a task; none of what is no task any more, and of a run.
fn flags_of(ctx: &Context, label: &str) -> Vec<TaskFlag> {
    let flags = ctx.workspace().and_then(|it| Ok(it.task_flags(label)?));
    flags.ok().and_then(Result::ok).unwrap_or_default()
}

fn words(ctx: &Context, tail: Tail) -> Result<Vec<Call>, Failure> {
    let Tail { mut calls, set, rest, .. } = tail;
    if let Some((name, _)) = set.first() {
        let message = format!("`--{}` is a `param` of a file", name.replace('_', "-"));
        let help = "what is remembered of a task are its own arguments";
        return Err(Failure::usage(message).help(help));
    }
    if let (Some(call), false) = (calls.last_mut(), rest.is_empty()) {
        let flags = flags_of(ctx, &call.label);
        let Some(flag) = flags.into_iter().find(|it| it.form == Form::Rest) else {
            let message = format!("`{}` takes nothing behind `--`", call.label);
            return Err(Failure::usage(message));
        };
        call.params.insert(flag.name, Given::Texts(rest));
    }
    Ok(calls)
}
