//! `rush version`: which Rush this is, and what it reads and writes.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use rush_engine::Store;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::stdout;

/// Show the version, and the versions of the formats it reads and writes
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush version
  rush version -o json             for programs that start Rush")]
pub(crate) struct VersionArgs {
    /// How the versions are written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: VersionFormat,
}

/// How the versions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum VersionFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// What people and scripts read.
const TEXT: &str = concat!("rush ", env!("CARGO_PKG_VERSION"), "\n");

/// The edition of the language.
const EDITION: u32 = 1;

/// Answers `rush --version` without a look at the other verbs and flags: scripts and editors ask
/// that of every program they find. `None` when something else was typed.
pub(crate) fn answer_alone(typed: &[OsString]) -> Option<Exit> {
    let [_, flag] = typed else { return None };
    let is_asked = *flag == "--version" || *flag == "-V";
    match is_asked.then(|| stdout(TEXT))? {
        Ok(()) | Err(Failure::BrokenPipe) => Some(Exit::DONE),
        // Whoever knows the other flags also knows how to tell this.
        Err(Failure::Told(_) | Failure::Found(_)) => None,
    }
}

pub(crate) fn run(args: &VersionArgs) -> Result<Exit, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let (plan, event) = (rush_plan::FORMAT_VERSION, rush_plan::RunEvent::VERSION);
    match args.format {
        VersionFormat::Text => stdout(TEXT)?,
        VersionFormat::Json => {
            let versions = json!({
                "version": version,
                "edition": EDITION,
                "plan": plan,
                "event": event,
                "store": Store::VERSION,
            });
            stdout(&format!("{versions:#}\n"))?;
        }
    }
    Ok(Exit::DONE)
}
