//! The verbs, one file each, and the way from what was typed to one of them.

pub(crate) mod check;
pub(crate) mod fmt;
pub(crate) mod list;
pub(crate) mod version;

use std::ffi::OsString;
use std::sync::Arc;

use clap::Parser as _;
use rush_system::System;

use crate::arguments::{Cli, Globals, Verb};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{output, tracing_setup};

/// Does what was typed.
pub(crate) fn dispatch(system: Arc<dyn System>, typed: Vec<OsString>) -> Exit {
    let cli = match Cli::try_parse_from(typed) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    with_context(system, cli.globals, |ctx| run(ctx, cli.verb))
}

/// Prints what clap has to say: help and version are data, the rest is for people.
fn usage(error: &clap::Error) -> Exit {
    // A broken pipe is silence here as well.
    let _ = error.print();
    if error.use_stderr() { Exit::USAGE } else { Exit::DONE }
}

/// Sets up what every verb needs, and tells why it failed if it does.
fn with_context(
    system: Arc<dyn System>,
    globals: Globals,
    verb: impl FnOnce(&Context) -> Result<Exit, Failure>,
) -> Exit {
    let ctx = Context::new(system, globals);
    let outcome = tracing_setup::install(&*ctx.system, &ctx.globals).and_then(|tracing| {
        let outcome = verb(&ctx);
        tracing.finish(&*ctx.system, &ctx.globals).and(outcome)
    });
    outcome.unwrap_or_else(|failure| output::fail(&ctx, failure))
}

fn run(ctx: &Context, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Check(args) => check::run(ctx, args),
        Verb::Fmt(args) => fmt::run(ctx, args),
        Verb::List(args) => list::run(ctx, args),
        Verb::Version(args) => version::run(args),
    }
}
