//! `rush describe`: what one task takes, does and sees.

use clap::{Args, ValueEnum};
use rush_engine::{
    DEFAULT_TASK, Described, EnvLayer, EnvironmentError, ParamDescription, TaskEnvironment,
    Variable, Workspace,
};
use rush_plan::{Call, Goal};
use serde_json::{Value, json};

use super::call::{CallVerb, Values, pair};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::paint::Paint;
use crate::output::table::{self, Cell};
use crate::output::{report, stdout};

/// Describe a task: its parameters, where it is, what its processes see
#[derive(Args, Debug)]
#[command(
    override_usage = "rush describe [FLAGS] LABEL..\n       \
                      rush describe --env [FLAGS] [LABEL [--PARAM VALUE]..].. [-- ARG..]",
    after_help = "\
Examples:
  rush describe build              parameters with types, defaults and docs
  rush describe build -o json      the same with JSON Schemas, for programs
  rush describe build --crate api --env
                                   each variable with where its value comes from
  rush describe deploy --env --profile ci -e RUST_LOG=debug
                                   the same for a run with these flags"
)]
pub(crate) struct DescribeArgs {
    /// Labels; with `--env` also calls, each followed by its own flags
    #[arg(value_name = "LABEL")]
    calls: Vec<String>,
    /// Show the environment of its processes
    #[arg(long)]
    env: bool,
    #[command(flatten)]
    values: Values,
    /// With `--env`: a variable that is given to every process, as `rush run -e` does
    #[arg(short = 'e', value_name = "NAME=VALUE", value_parser = pair, requires = "env")]
    variables: Vec<(String, String)>,
    /// With `--env`: show also values from `env_files` and `-e`, which may be passwords
    #[arg(long, requires = "env")]
    show_values: bool,
    /// How the description is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: DescribeFormat,
}

/// How the description is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DescribeFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

impl CallVerb for DescribeArgs {
    const NAME: &'static str = "describe";

    fn values(&self) -> &Values {
        &self.values
    }

    fn run(self, ctx: &Context, workspace: Option<Workspace>, goal: Goal) -> Result<Exit, Failure> {
        let Some(workspace) = &workspace else {
            return Err(Failure::usage("there is nothing to describe"));
        };
        if self.env {
            return self.environments(ctx, workspace, goal);
        }
        if let Some(extra) = self.only_with_env(&goal) {
            let message = format!("{extra} changes nothing in a description");
            let help = "add `--env` to see what the processes of such a run find";
            return Err(Failure::usage(message).help(help));
        }
        self.tasks(ctx, workspace, &goal)
    }
}

impl DescribeArgs {
    /// What was typed that only counts for a run.
    fn only_with_env(&self, goal: &Goal) -> Option<String> {
        if !goal.rest.is_empty() {
            return Some("what follows `--`".to_owned());
        }
        if let Some(call) = goal.calls.iter().find(|it| it.arguments.is_some()) {
            return Some(format!("what `{}` is called with", call.label));
        }
        let flags = goal.calls.iter().flat_map(|it| it.params.keys()).chain(goal.set.keys());
        let mut flags = flags.map(|it| format!("`--{}`", it.replace('_', "-")));
        let values = (!self.values.is_empty()).then(|| "`--profile` or `--set`".to_owned());
        values.or_else(|| flags.next())
    }

    fn environments(
        &self,
        ctx: &Context,
        workspace: &Workspace,
        goal: Goal,
    ) -> Result<Exit, Failure> {
        let found = rush_engine::environment(workspace.project()?, goal, &self.variables);
        match found {
            Ok(mut found) => {
                if !self.show_values {
                    found.iter_mut().for_each(hide_values);
                }
                show_environments(ctx, &found, self.format)
            }
            Err(EnvironmentError::Usage(errors)) => Err(Failure::of_usage(&errors)),
            Err(EnvironmentError::Failed(found)) => {
                report::tell(ctx, &found);
                Ok(Exit::USAGE)
            }
        }
    }

    fn tasks(&self, ctx: &Context, workspace: &Workspace, goal: &Goal) -> Result<Exit, Failure> {
        let default = [Call::new(DEFAULT_TASK)];
        let calls = if goal.calls.is_empty() { &default[..] } else { &goal.calls };
        let mut found = Vec::new();
        for call in calls {
            let described = workspace.describe(&call.label)?;
            found.extend(described.map_err(|error| Failure::of_usage(&[error]))?);
        }
        show(ctx, &found, self.format)
    }
}

fn show(ctx: &Context, found: &[Described], format: DescribeFormat) -> Result<Exit, Failure> {
    match format {
        DescribeFormat::Json => {
            let tasks: Vec<Value> = found.iter().map(json).collect();
            stdout(&format!("{:#}\n", json!({ "version": 1, "tasks": tasks })))?;
        }
        DescribeFormat::Text => {
            let pages: Vec<String> = found.iter().map(|it| text(ctx, it)).collect();
            stdout(&pages.join("\n"))?;
        }
    }
    for described in found.iter().filter(|it| it.report.has_errors()) {
        report::tell(ctx, &described.report);
    }
    Ok(Exit::DONE)
}

fn text(ctx: &Context, described: &Described) -> String {
    let style = ctx.style(Stream::Stdout);
    let description = &described.description;
    let (file, line) = &described.place;
    let mut out = format!(
        "{} {}  {}\n",
        description.kind,
        Paint::Name.on(&described.name, style),
        Paint::Dim.on(&format!("{file}:{line}"), style)
    );
    if let Some(doc) = &description.doc {
        out.push('\n');
        doc.lines().for_each(|line| out.push_str(&format!("{line}\n")));
    }
    let mut rows: Vec<Vec<Cell>> = description.params.iter().map(row).collect();
    rows.extend(description.axes.iter().map(|axis| {
        vec![
            Cell::painted(format!("  --{}", axis.name.replace('_', "-")), Paint::Name),
            Cell::plain(axis.ty.clone()),
            Cell::plain("all"),
            Cell::painted("axis of the matrix", Paint::Dim),
        ]
    }));
    if !rows.is_empty() {
        out.push_str(&format!("\n{}\n", Paint::Heading.on("Parameters", style)));
        out.push_str(&table::render(&rows, style));
    }
    out
}

fn row(param: &ParamDescription) -> Vec<Cell> {
    let name = param.name.replace('_', "-");
    let flag = match (param.is_rest, param.is_settable) {
        (true, _) => format!("  -- {}...", param.name.to_uppercase()),
        (false, true) => format!("  --{name}"),
        (false, false) => format!("  ({}: ..)", param.name),
    };
    let default = match (&param.default, param.is_required) {
        (Some(default), _) => format!("= {default}"),
        (None, true) => "required".to_owned(),
        (None, false) => String::new(),
    };
    let doc = param.doc.as_deref().and_then(|it| it.lines().next()).unwrap_or_default();
    vec![
        Cell::painted(flag, Paint::Name),
        Cell::plain(param.ty.clone()),
        Cell::plain(default),
        Cell::painted(doc, Paint::Dim),
    ]
}

/// The parameters as one JSON Schema, so that a program can check arguments before it calls.
fn json(described: &Described) -> Value {
    let description = &described.description;
    let given = description.params.iter().filter(|it| !it.is_rest);
    let properties: serde_json::Map<String, Value> = given
        .clone()
        .map(|param| {
            let mut schema = param.schema.clone();
            if let (Some(schema), Some(doc)) = (schema.as_object_mut(), &param.doc) {
                schema.insert("description".to_owned(), json!(doc));
            }
            (param.name.to_string(), schema)
        })
        .collect();
    let required: Vec<_> = given.filter(|it| it.is_required).map(|it| it.name.as_str()).collect();
    let params: Vec<Value> = description
        .params
        .iter()
        .map(|it| {
            json!({
                "name": it.name.as_str(),
                "type": it.ty,
                "default": it.default,
                "doc": it.doc,
                "required": it.is_required,
                "rest": it.is_rest,
                "settable": it.is_settable,
                "choices": it.choices.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
        .collect();
    let axes: Vec<Value> = description
        .axes
        .iter()
        .map(|it| {
            let choices: Vec<_> = it.choices.iter().map(ToString::to_string).collect();
            json!({ "name": it.name.as_str(), "type": it.ty, "choices": choices })
        })
        .collect();
    json!({
        "name": described.name,
        "label": description.label,
        "kind": description.kind.word(),
        "doc": description.doc,
        "file": described.place.0,
        "line": described.place.1,
        "params": params,
        "axes": axes,
        "schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        },
    })
}

/// Takes values away that may be passwords.
fn hide_values(environment: &mut TaskEnvironment) {
    let private = environment.variables.iter_mut().filter(|it| it.layer.is_private());
    private.for_each(|it| it.value = None);
}

fn show_environments(
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
                "value": it.value,
                "hidden": it.value.is_none() && it.layer.is_private(),
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
            let value = it.value.as_deref().map_or_else(|| absent(&it.layer), on_one_line);
            vec![
                Cell::painted(format!("  {}", it.name), Paint::Name),
                Cell::plain(value),
                Cell::plain(layer(&it.layer)),
                Cell::painted(it.place.clone().unwrap_or_default(), Paint::Dim),
            ]
        })
        .collect();
    let inherited = if environment.inherits_everything {
        "everything else is inherited"
    } else {
        "a task with `inputs` inherits only the base set (`PATH`, `HOME`, ..) besides"
    };
    let is_hidden = |it: &Variable| it.value.is_none() && it.layer.is_private();
    let hint = if environment.variables.iter().any(is_hidden) {
        "  `--show-values` shows what is hidden\n"
    } else {
        ""
    };
    format!(
        "{}\n{}{hint}  {inherited}\n",
        Paint::Heading.on(&environment.node, style),
        table::render(&rows, style)
    )
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

/// What stands where a value would that may be a password.
const HIDDEN: &str = "(hidden)";

/// What stands where a value would.
fn absent(layer: &EnvLayer) -> String {
    match layer {
        EnvLayer::Inherited => "(not set)".to_owned(),
        EnvLayer::MissingFile => "(no such file)".to_owned(),
        EnvLayer::BrokenFile(reason) => format!("({reason})"),
        EnvLayer::EnvFile | EnvLayer::CommandLine => HIDDEN.to_owned(),
        EnvLayer::Script | EnvLayer::Declaration(..) => "(unset)".to_owned(),
    }
}
