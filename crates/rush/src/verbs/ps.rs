//! `rush ps`: which services are up, and how they are. Also the words in which the other verbs speak of them.

use clap::{Args, ValueEnum};
use rush_diagnostics::HumanStyle;
use rush_engine::{Asked, ServiceState, ServiceStatus, ServicesError, services};
use serde_json::json;

use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::amount::{age, size};
use crate::output::paint::Paint;
use crate::output::table::{self, Cell};
use crate::output::{stderr, stdout};

/// Show which services are up
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush ps                          services that `rush up` keeps up
  rush ps -o json                  with the file of each one's output")]
pub(crate) struct PsArgs {
    /// How the list is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "table")]
    format: PsFormat,
}

/// How the list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PsFormat {
    /// For people
    Table,
    /// One JSON document
    Json,
}

pub(crate) fn run(ctx: &Context, args: &PsArgs) -> Result<Exit, Failure> {
    let workspace = ctx.workspace()?;
    let asked = Asked { root: workspace.root(), package: "", system: &*ctx.system };
    let statuses = services(&asked).map_err(failure)?;
    match args.format {
        PsFormat::Json => stdout(&json(&statuses))?,
        PsFormat::Table if statuses.is_empty() => stderr("no service is up\n"),
        PsFormat::Table => stdout(&table(ctx, &statuses))?,
    }
    Ok(Exit::DONE)
}

fn table(ctx: &Context, statuses: &[ServiceStatus]) -> String {
    let style = ctx.style(Stream::Stdout);
    let now = ctx.system.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let heading = ["SERVICE", "STATE", "FOR", "RESTARTS", "PID", "PORT", "MEMORY"];
    let heading = heading.map(|it| Cell::painted(it, Paint::Heading)).into_iter().collect();
    let mut rows: Vec<Vec<Cell>> = vec![heading];
    for status in statuses {
        let since = std::time::Duration::from_micros(status.since.0.unsigned_abs());
        let number = |it: Option<u64>| it.map_or("-".to_owned(), |it| it.to_string());
        rows.push(vec![
            Cell::painted(name(status), Paint::Name),
            Cell::painted(status.state.word(), paint(status.state)),
            Cell::plain(age(now.saturating_sub(since).as_secs())),
            Cell::plain(status.restarts.to_string()),
            Cell::plain(number(status.process.map(u64::from))),
            Cell::plain(number(status.port.map(u64::from))),
            Cell::plain(status.memory_bytes.map_or("-".to_owned(), size)),
        ]);
    }
    let mut text = table::render(&rows, style);
    for status in statuses.iter().filter(|it| it.state == ServiceState::Failed) {
        text.push_str(&sentence(status, style));
    }
    text
}

/// Services as a document for programs.
pub(crate) fn json(statuses: &[ServiceStatus]) -> String {
    format!("{:#}\n", json!({ "version": 1, "services": statuses }))
}

/// How a service is, in a line.
pub(crate) fn sentence(status: &ServiceStatus, style: HumanStyle) -> String {
    let name = name(status);
    let port = status.port.map(|it| format!(" on port {it}")).unwrap_or_default();
    match status.state {
        ServiceState::Starting => format!("`{name}` is starting\n"),
        ServiceState::Up => format!("`{name}` is up{port}\n"),
        ServiceState::Restarting => format!("`{name}` ended and starts again\n"),
        ServiceState::Stopped => format!("`{name}` has ended\n"),
        ServiceState::Failed => {
            let word = Paint::Bad.on("failed:", style);
            let problem = status.problem.as_deref().unwrap_or("it ended");
            format!("{word} {name}: {problem}\n  its output: {}\n", status.log)
        }
    }
}

/// That a service which is up is used, in a line.
pub(crate) fn used(status: &ServiceStatus) -> String {
    format!("using `{}`, which is up (process {} keeps it)\n", name(status), status.supervisor)
}

/// Why services could not be dealt with, with what to do.
pub(crate) fn failure(error: ServicesError) -> Failure {
    let message = error.to_string();
    match error {
        ServicesError::NotUp { .. } => Failure::usage(message),
        ServicesError::Told { help, .. } => Failure::refused(message).opt_help(help),
        ServicesError::Taken { .. } => Failure::refused(message).help(
            "`rush up --detach SERVICE` adds to them, `rush ps` shows them, `rush down` ends them",
        ),
        ServicesError::Run(error) => error.into(),
        ServicesError::OtherVersion { process } => Failure::refused(message)
            .help(format!("`rush down` of that version ends them, and so does `kill {process}`")),
        ServicesError::State(_)
        | ServicesError::Refused { .. }
        | ServicesError::NoAnswer { .. }
        | ServicesError::NotStarted { .. }
        | ServicesError::Runtime(_) => Failure::refused(message),
    }
}

/// The call to type at the root.
fn name(status: &ServiceStatus) -> &str {
    status.call.strip_prefix("//:").unwrap_or(&status.call)
}

const fn paint(state: ServiceState) -> Paint {
    match state {
        ServiceState::Up => Paint::Good,
        ServiceState::Failed => Paint::Bad,
        ServiceState::Starting | ServiceState::Restarting => Paint::Attention,
        ServiceState::Stopped => Paint::Dim,
    }
}
