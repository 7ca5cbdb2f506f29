//! `rush config`: each setting with its value and where that comes from.

use clap::{Args, Subcommand, ValueEnum};
use rush_engine::{Origin, Setting, Settings};
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
    #[command(after_help = "\
Examples:
  rush config get jobs             the value, for scripts
  rush config get jobs -o json     with where it comes from, for programs")]
    Get {
        /// The setting
        key: String,
        /// How the value is written
        #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
        format: ValueFormat,
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

/// How one value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ValueFormat {
    /// The value and nothing else
    Text,
    /// One JSON document
    Json,
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
        Some(Action::Get { key, format }) => get(ctx, key, *format)?,
        Some(Action::List(list)) => write(ctx, settings, list.format)?,
        None => write(ctx, settings, args.list.format)?,
    }
    Ok(Exit::DONE)
}

fn get(ctx: &Context, key: &str, format: ValueFormat) -> Result<(), Failure> {
    let Some((setting, value, origin)) =
        ctx.settings()?.iter(&*ctx.system).find(|it| it.0.name == key)
    else {
        let near = Setting::nearest(key).question("");
        let near = near.unwrap_or_else(|| "`rush config` shows all settings".to_owned());
        return Err(Failure::usage(format!("no setting is named `{key}`")).help(near));
    };
    match format {
        ValueFormat::Text => stdout(&format!("{value}\n")),
        ValueFormat::Json => {
            let mut document = json!({ "version": 1, "name": setting.name });
            if let Some(document) = document.as_object_mut() {
                document.extend(shown(&value, origin));
            }
            stdout(&format!("{document:#}\n"))
        }
    }
}

/// A value with where it comes from, as the fields of a JSON object.
fn shown(value: &str, origin: &Origin) -> serde_json::Map<String, serde_json::Value> {
    let fields = [
        ("value", json!(value)),
        ("layer", json!(origin.layer.name())),
        ("place", json!(origin.place)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn write(ctx: &Context, settings: &Settings, format: ConfigFormat) -> Result<(), Failure> {
    if format == ConfigFormat::Json {
        let all: serde_json::Map<_, _> = settings
            .iter(&*ctx.system)
            .map(|(setting, value, origin)| {
                let value = serde_json::Value::Object(shown(&value, origin));
                (setting.name.to_owned(), value)
            })
            .collect();
        return stdout(&format!("{:#}\n", json!({ "version": 1, "settings": all })));
    }
    let rows: Vec<Vec<Cell>> = settings
        .iter(&*ctx.system)
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
