//! `rush describe --env`: each variable with its value and where that is from.

use rush_engine::{EnvLayer, TaskEnvironment, VariableValue};
use serde_json::{Value, json};

use super::DescribeFormat;
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::paint::Paint;
use crate::output::stdout;
use crate::output::table::{self, Cell};

/// Shows the variables of tasks.
pub(super) fn show(
    ctx: &Context,
    found: &[TaskEnvironment],
    format: DescribeFormat,
) -> Result<Exit, Failure> {
    let style = ctx.style(Stream::Stdout);
    match format {
        DescribeFormat::Json => {
            let nodes: Vec<Value> = found.iter().map(environment_json).collect();
            stdout(&format!("{:#}\n", json!({ "version": 1, "nodes": nodes })))?;
        }
        DescribeFormat::Text => {
            for environment in found {
                stdout(&environment_text(environment, style))?;
            }
        }
    }
    Ok(Exit::DONE)
}

fn environment_json(environment: &TaskEnvironment) -> Value {
    let variables: Vec<Value> = environment
        .variables
        .iter()
        .map(|it| {
            json!({
                "name": it.name,
                "value": match &it.value {
                    VariableValue::Text(text) => Some(text),
                    VariableValue::Hidden | VariableValue::Absent => None,
                },
                "hidden": it.value == VariableValue::Hidden,
                "layer": it.layer.word(),
                "declaration": it.layer.name(),
                "place": it.place,
            })
        })
        .collect();
    json!({
        "node": environment.node,
        "variables": variables,
        "inherits": if environment.inherits_everything { "everything" } else { "base" },
    })
}

fn environment_text(environment: &TaskEnvironment, style: rush_diagnostics::HumanStyle) -> String {
    let rows: Vec<Vec<Cell>> = environment
        .variables
        .iter()
        .map(|it| {
            let value = match &it.value {
                VariableValue::Text(text) => on_one_line(text),
                VariableValue::Hidden => "(hidden)".to_owned(),
                VariableValue::Absent => absent(&it.layer),
            };
            vec![
                Cell::painted(format!("  {}", it.name), Paint::Name),
                Cell::plain(value),
                Cell::plain(layer(&it.layer)),
                Cell::painted(it.place.clone().unwrap_or_default(), Paint::Dim),
            ]
        })
        .collect();
    let hint = if environment.variables.iter().any(|it| it.value == VariableValue::Hidden) {
        "  `--show-values` shows what is hidden\n"
    } else {
        ""
    };
    format!(
        "{}\n{}{hint}  {}\n",
        Paint::Heading.on(&environment.node, style),
        table::render(&rows, style),
        inherited(environment)
    )
}

/// What a process finds besides the variables that are declared.
const fn inherited(environment: &TaskEnvironment) -> &'static str {
    match (environment.variables.is_empty(), environment.inherits_everything) {
        (true, true) => "no variable is declared; the whole environment of the caller is inherited",
        (false, true) => "everything else is inherited",
        (true, false) => {
            "no variable is declared; a task with `inputs` inherits only the base set (`PATH`, `HOME`, ..)"
        }
        (false, false) => {
            "a task with `inputs` inherits only the base set (`PATH`, `HOME`, ..) besides"
        }
    }
}

/// A value without the ends of its lines, so that it keeps to its row.
fn on_one_line(value: &str) -> String {
    value.replace('\r', "\\r").replace('\n', "\\n")
}

/// Who gives a value, in words.
fn layer(layer: &EnvLayer) -> String {
    match layer {
        EnvLayer::Inherited => "inherited by `pass_env`".to_owned(),
        EnvLayer::EnvFile | EnvLayer::MissingFile | EnvLayer::BrokenFile(_) => {
            "env_files".to_owned()
        }
        EnvLayer::Script => "read by a script".to_owned(),
        EnvLayer::Declaration(kind, name) => {
            let defaults =
                if matches!(kind.as_str(), "workspace" | "profile") { ", defaults" } else { "" };
            let name = name.iter().flat_map(|it| [" ", it]).collect::<String>();
            format!("{kind}{name}{defaults}")
        }
        EnvLayer::CommandLine => "-e".to_owned(),
    }
}

/// What stands where a value would if there is none.
fn absent(layer: &EnvLayer) -> String {
    match layer {
        EnvLayer::Inherited => "(not set)".to_owned(),
        EnvLayer::MissingFile => "(no such file)".to_owned(),
        EnvLayer::BrokenFile(reason) => format!("({reason})"),
        EnvLayer::EnvFile
        | EnvLayer::CommandLine
        | EnvLayer::Script
        | EnvLayer::Declaration(..) => "(unset)".to_owned(),
    }
}
