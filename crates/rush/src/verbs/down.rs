//! `rush down`: ends services that `rush up` keeps up.

use clap::{Args, ValueEnum};
use rush_engine::{Asked, ListedTask, ServiceStatus, Wanted, Workspace, down, not_up};
use rush_plan::Call;

use super::call::PastVerb;
use super::ps;
use super::up::declared;
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::{Failure, quoted};
use crate::output::{stderr, stdout};

/// End services that are up
///
/// What needs one of them ends before it. Without a label all end.
#[derive(Args, Debug)]
#[command(
    override_usage = "rush down [FLAGS] [SERVICE [--PARAM VALUE]..]..",
    after_help = "\
Examples:
  rush down                        end all services of the workspace
  rush down postgres               end one, and the services that need it
  rush down postgres --port 5433   only the one with this argument"
)]
pub(crate) struct DownArgs {
    /// Labels and calls of services, each followed by its own flags
    #[arg(value_name = "SERVICE")]
    calls: Vec<String>,
    /// How it is told
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: DownFormat,
}

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DownFormat {
    /// For people
    Text,
    /// One JSON document with the services that ended
    Json,
}

impl PastVerb for DownArgs {
    const NAME: &'static str = "down";

    fn run(self, ctx: &Context, words: Vec<Call>) -> Result<Exit, Failure> {
        let named: Vec<Wanted> = words.iter().map(Wanted::of).collect();
        end(ctx, &self, &named)
    }
}

fn end(ctx: &Context, args: &DownArgs, named: &[Wanted]) -> Result<Exit, Failure> {
    let workspace = ctx.workspace()?;
    // Which package is around matters only for labels; a broken task file must not keep services up.
    let package =
        if named.is_empty() { String::new() } else { workspace.project()?.package().to_owned() };
    let asked = Asked { root: workspace.root(), package: &package, system: &*ctx.system };
    let style = ctx.style(Stream::Stderr);
    let mut ended: Vec<ServiceStatus> = Vec::new();
    let mut tell = |status: &ServiceStatus| {
        if args.format == DownFormat::Text {
            stderr(&ps::sentence(status, style));
        }
        ended.push(status.clone());
    };
    let up = those_up(&asked, &workspace, named)?;
    let is_done = up.is_empty() && !named.is_empty();
    let count = if is_done { 0 } else { down(&asked, &up, &mut tell).map_err(ps::failure)? };
    match args.format {
        DownFormat::Json => stdout(&ps::json(&ended))?,
        DownFormat::Text if count == 0 && !is_done => stderr("no service is up\n"),
        DownFormat::Text => {}
    }
    Ok(Exit::DONE)
}

/// What was named without what is not up and so need not end. What means no service at all is a mistake.
fn those_up(
    asked: &Asked<'_>,
    workspace: &Workspace,
    named: &[Wanted],
) -> Result<Vec<Wanted>, Failure> {
    let mut left = Vec::new();
    for wanted in named {
        let Some(up) = not_up(asked, wanted).map_err(ps::failure)? else {
            left.push(wanted.clone());
            continue;
        };
        // What is up can be ended whatever is wrong with the task files.
        let services = declared(workspace).unwrap_or_default();
        if !services.iter().any(|it| wanted.means(&it.label, Some(asked.package))) {
            return Err(unknown(wanted.label(), &services, &up));
        }
        stderr(&format!("`{wanted}` is not up\n"));
    }
    Ok(left)
}

fn unknown(label: &str, services: &[ListedTask], up: &[String]) -> Failure {
    let names = services.iter().map(|it| it.name.as_str());
    let near = rush_diagnostics::nearest(label, names.chain(up.iter().map(String::as_str)));
    let failure = Failure::usage(format!("no service is named `{label}`"));
    match near.question("") {
        Some(question) => failure.help(question),
        None if up.is_empty() => failure.help("no service is up"),
        None => failure.help(format!("up are {}", quoted(up))),
    }
}
