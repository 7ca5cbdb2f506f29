//! `rush config`: each setting with its value and where that comes from.

use clap::{Args, Subcommand, ValueEnum};
use rush_engine::{Setting, Settings};
use serde_json::json;

use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::paint::Paint;
use crate::output::stdout;
use crate::output::table::{self, Cell};

/// Show settings and where each value comes from
///
/// A later one wins: default, the user's `config.toml`, that of the workspace in `.rush-state`, the
/// environment (`RUSH_JOBS`), a flag.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  rush config                      all settings with their origins
  rush config list -o json         the same as `rush config`, for programs
  rush config get jobs             one value, for scripts"
)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: ListArgs,
}

/// What is to be shown.
#[derive(Debug, Subcommand)]
enum Action {
    /// One value
    Get {
        /// The setting
        key: String,
    },
    /// All settings with their origins
    List(ListArgs),
}

/// How all settings are written.
#[derive(Args, Debug)]
struct ListArgs {
    /// How the settings are written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "table")]
    format: ConfigFormat,
}

/// How all settings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ConfigFormat {
    /// For people
    Table,
    /// One JSON document
    Json,
}

pub(crate) fn run(ctx: &Context, args: &ConfigArgs) -> Result<Exit, Failure> {
    // Outside of a workspace there still are the user's settings.
    match ctx.root()? {
        Some(root) => ctx.load_settings(Some(&root))?,
        None => ctx.load_settings(None)?,
    }
    let settings = ctx.settings()?;
    match &args.action {
        Some(Action::Get { key }) => get(settings, key)?,
        Some(Action::List(list)) => write(ctx, settings, list.format)?,
        None => write(ctx, settings, args.list.format)?,
    }
    Ok(Exit::DONE)
}

fn get(settings: &Settings, key: &str) -> Result<(), Failure> {
    let Some(value) = settings.get(key) else {
        let near = Setting::suggest(key).map(|it| format!("did you mean `{it}`?"));
        return Err(Failure::usage(format!("no setting is named `{key}`")).opt_help(near));
    };
    stdout(&format!("{value}\n"))
}

fn write(ctx: &Context, settings: &Settings, format: ConfigFormat) -> Result<(), Failure> {
    if format == ConfigFormat::Json {
        let all: serde_json::Map<_, _> = settings
            .iter()
            .map(|(setting, value, origin)| {
                let shown = json!({
                    "value": value,
                    "layer": origin.layer.name(),
                    "place": origin.place,
                });
                (setting.name.to_owned(), shown)
            })
            .collect();
        return stdout(&format!("{:#}\n", serde_json::Value::Object(all)));
    }
    let rows: Vec<Vec<Cell>> = settings
        .iter()
        .map(|(setting, value, origin)| {
            vec![
                Cell::painted(setting.name, Paint::Name),
                Cell::plain(value),
                Cell::plain(origin.to_string()),
                Cell::painted(setting.doc, Paint::Dim),
            ]
        })
        .collect();
    stdout(&table::render_within(&rows, ctx.style(Stream::Stdout), Stream::Stdout.columns()))
}
