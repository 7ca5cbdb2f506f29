//! `rush down`: ends services that `rush up` keeps up.

use clap::{Args, ValueEnum};
use rush_engine::{Asked, ListedTask, ServiceStatus, Workspace, down, is_called, not_up};

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
#[command(after_help = "\
Examples:
  rush down                        end all services of the workspace
  rush down postgres               end one, and the services that need it")]
pub(crate) struct DownArgs {
    /// Labels of services
    #[arg(value_name = "SERVICE")]
    labels: Vec<String>,
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

pub(crate) fn run(ctx: &Context, args: &DownArgs) -> Result<Exit, Failure> {
    let workspace = ctx.workspace()?;
    // Which package is around matters only for labels; a broken task file must not keep services up.
    let package = if args.labels.is_empty() {
        String::new()
    } else {
        workspace.project()?.package().to_owned()
    };
    let asked = Asked { root: workspace.root(), package: &package, system: &*ctx.system };
    let style = ctx.style(Stream::Stderr);
    let mut ended: Vec<ServiceStatus> = Vec::new();
    let mut tell = |status: &ServiceStatus| {
        if args.format == DownFormat::Text {
            stderr(&ps::sentence(status, style));
        }
        ended.push(status.clone());
    };
    let labels = labels_of_those_up(&asked, &workspace, &args.labels)?;
    let is_done = labels.is_empty() && !args.labels.is_empty();
    let count = if is_done { 0 } else { down(&asked, &labels, &mut tell).map_err(ps::failure)? };
    match args.format {
        DownFormat::Json => stdout(&ps::json(&ended))?,
        DownFormat::Text if count == 0 && !is_done => stderr("no service is up\n"),
        DownFormat::Text => {}
    }
    Ok(Exit::DONE)
}

/// The labels without those of services that are not up and so need not end. One that means no service
/// at all is a mistake.
fn labels_of_those_up(
    asked: &Asked<'_>,
    workspace: &Workspace,
    labels: &[String],
) -> Result<Vec<String>, Failure> {
    let mut left = Vec::new();
    for label in labels {
        let Some(up) = not_up(asked, label).map_err(ps::failure)? else {
            left.push(label.clone());
            continue;
        };
        // What is up can be ended whatever is wrong with the task files.
        let services = declared(workspace).unwrap_or_default();
        if !services.iter().any(|it| is_called(&it.label, label)) {
            return Err(unknown(label, &services, &up));
        }
        stderr(&format!("`{label}` is not up\n"));
    }
    Ok(left)
}

fn unknown(label: &str, services: &[ListedTask], up: &[String]) -> Failure {
    let names = services.iter().map(|it| it.name.as_str());
    let near = rush_diagnostics::suggest(label, names.chain(up.iter().map(String::as_str)));
    let failure = Failure::usage(format!("no service is named `{label}`"));
    match near {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None if up.is_empty() => failure.help("no service is up"),
        None => failure.help(format!("up are {}", quoted(up))),
    }
}
