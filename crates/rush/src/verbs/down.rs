//! `rush down`: ends services that `rush up` keeps up.

use clap::{Args, ValueEnum};
use rush_engine::{Asked, ServiceStatus, down};

use super::ps;
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
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
    let count = down(&asked, &args.labels, |status| {
        if args.format == DownFormat::Text {
            stderr(&ps::sentence(status, style));
        }
        ended.push(status.clone());
    });
    let count = count.map_err(ps::failure)?;
    match args.format {
        DownFormat::Json => stdout(&ps::json(&ended))?,
        DownFormat::Text if count == 0 => stderr("no service is up\n"),
        DownFormat::Text => {}
    }
    Ok(Exit::DONE)
}
