//! `rush why`: why a task runs, or does not, and why it last did.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use rush_diagnostics::HumanStyle;
use rush_engine::{Ask, Force, RunOptions, Why, Workspace, new_run_id};
use rush_plan::{CallOrder, Goal, NodeId, Plan};
use serde_json::{Value, json};

use super::call::{CallVerb, Choice, Values, variable};
use super::plan;
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::names::Names;
use crate::output::paint::Paint;
use crate::output::{amount, outlook, stdout};

/// Say why a task runs again, or does not
///
/// Compares what decides the result of a task with what its last result was made from: the files it
/// reads, its variables, commands, programs, and what the tasks it needs made. Nothing is started.
#[derive(Args, Debug)]
#[command(
    override_usage = "rush why [FLAGS] LABEL [--PARAM VALUE]..",
    after_help = "\
Examples:
  rush why build                           what a run would do now, and what differed last time
  rush why build --crate api               a task with a flag of its own
  rush why build -o json | jq .tasks       for programs"
)]
pub(crate) struct WhyArgs {
    /// Labels and calls, each followed by its own flags
    #[arg(value_name = "LABEL")]
    calls: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    /// A variable as `rush run` would be given it
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// How it is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: WhyFormat,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum WhyFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

impl CallVerb for WhyArgs {
    const NAME: &'static str = "why";

    fn values(&self) -> &Values {
        &self.choice.values
    }

    fn order(&self) -> CallOrder {
        self.choice.order()
    }

    fn run(self, ctx: &Context, workspace: Option<Workspace>, goal: Goal) -> Result<Exit, Failure> {
        let Some(workspace) = &workspace else {
            return Err(Failure::usage("there is no task to ask about"));
        };
        let plan = match plan::make(ctx, workspace, goal)? {
            Ok(plan) => Arc::new(*plan),
            Err(exit) => return Ok(exit),
        };
        let options = RunOptions {
            variables: self.env.into_iter().collect(),
            force: Force::Nothing,
            ..RunOptions::new(
                new_run_id(&*ctx.system),
                workspace.root().to_owned(),
                Ask::Nobody,
                Arc::new(rush_engine::own_environment()),
            )
        };
        let nodes: Vec<NodeId> = plan.roots().map(rush_plan::Node::id).collect();
        let found = rush_engine::why(&plan, &nodes, &options, &*ctx.system);
        match self.format {
            WhyFormat::Json => stdout(&document(&plan, &found))?,
            WhyFormat::Text => {
                let style = ctx.style(Stream::Stdout);
                let names = Names::as_asked(&plan);
                for (node, why) in &found {
                    stdout(&text(ctx, &names, (*node, why), style))?;
                }
            }
        }
        Ok(Exit::DONE)
    }
}

fn text(
    ctx: &Context,
    names: &Names<'_>,
    (node, why): (NodeId, &Why),
    style: HumanStyle,
) -> String {
    let name = Paint::Name.on(&names.of_id(node), style);
    let mut out = format!("{name}  {}\n", outlook::line(names, &why.outlook));
    out.push_str(&outlook::more(&why.outlook));
    if let Some(recorded_ms) = why.recorded_ms {
        let now = ctx.system.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let age = (now.as_millis() as u64).saturating_sub(recorded_ms) / 1000;
        let when = Paint::Dim.on(&format!("  its last result is {} old", amount::age(age)), style);
        out.push_str(&when);
        out.push('\n');
        for difference in &why.last {
            out.push_str(&format!("    made because {difference}\n"));
            out.push_str(&outlook::changed_text(difference));
        }
    }
    out
}

fn document(plan: &Plan, found: &[(NodeId, Why)]) -> String {
    let tasks: Vec<Value> = found.iter().map(|(node, why)| task(plan, *node, why)).collect();
    format!("{:#}\n", json!({ "version": 1, "tasks": tasks }))
}

fn task(plan: &Plan, node: NodeId, why: &Why) -> Value {
    let mut task = outlook::json(plan, node, &why.outlook);
    let last = why.last.iter().map(outlook::difference);
    task.insert("last".to_owned(), last.map(Value::Object).collect());
    if let Some(recorded_ms) = why.recorded_ms {
        task.insert("recorded_ms".to_owned(), recorded_ms.into());
    }
    Value::Object(task)
}
