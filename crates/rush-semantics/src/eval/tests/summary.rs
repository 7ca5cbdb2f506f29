//! Plans and what went wrong as short texts.

use std::fmt::Write as _;

use rush_diagnostics::{Diagnostic, resolve};
use rush_plan::{Arguments, Command, EdgeReason, Node, Plan, Work};

use super::super::{PlanOutcome, Round};
use crate::RushDatabase;

/// One line for each node, with what is not a default.
pub(super) fn summary(db: &RushDatabase, round: &Round<PlanOutcome>) -> String {
    let mut out = String::new();
    match round {
        Round::Needs(keys) => {
            for key in keys {
                writeln!(out, "needs {key}").unwrap();
            }
        }
        Round::Done(outcome) => show_outcome(db, outcome, &mut out),
    }
    out
}

fn show_outcome(db: &RushDatabase, outcome: &PlanOutcome, out: &mut String) {
    match outcome {
        PlanOutcome::Usage(errors) => {
            for error in errors {
                write!(out, "usage: {}", error.message).unwrap();
                if let Some(at) = &error.at {
                    let (call, range) = (&at.call, &at.range);
                    write!(out, " at {}..{} of {call}", range.start, range.end).unwrap();
                }
                out.push('\n');
                if let Some(help) = &error.help {
                    writeln!(out, "  help: {help}").unwrap();
                }
            }
        }
        PlanOutcome::Failed(diagnostics) => {
            for diagnostic in diagnostics {
                show_diagnostic(db, diagnostic, out);
            }
        }
        PlanOutcome::Planned { plan, warnings } => {
            for diagnostic in warnings {
                show_diagnostic(db, diagnostic, out);
            }
            show_plan(plan, out);
        }
    }
}

fn show_diagnostic(db: &RushDatabase, diagnostic: &Diagnostic, out: &mut String) {
    let severity = diagnostic.severity.word();
    let source = resolve(diagnostic, db).map(|it| {
        let file = db.file(it.primary.file).unwrap();
        file.text(db)[std::ops::Range::<usize>::from(it.primary.range)].to_owned()
    });
    let source = source.unwrap_or_default();
    writeln!(out, "{severity} {}: {} @ {source:?}", diagnostic.code, diagnostic.message).unwrap();
    for note in &diagnostic.notes {
        writeln!(out, "  note: {note}").unwrap();
    }
}

fn show_plan(plan: &Plan, out: &mut String) {
    for (name, secret) in &plan.content().secrets {
        writeln!(out, "secret {name}: {}", serde_json::to_string(&secret.from).unwrap()).unwrap();
    }
    for node in plan.nodes() {
        let is_root = plan.content().roots.contains(&node.id());
        write!(out, "{}{}", if is_root { "* " } else { "  " }, title(node)).unwrap();
        for edge in &node.edges {
            let target = plan.node(edge.node).unwrap();
            write!(out, " {}{}", mark(edge.reason), title(target)).unwrap();
        }
        out.push('\n');
        show_work(&node.work, out);
    }
}

fn mark(reason: EdgeReason) -> &'static str {
    match reason {
        EdgeReason::Needs => "<-",
        EdgeReason::Step => "<step ",
        EdgeReason::Sequence => "<sequence ",
        EdgeReason::Outputs => "<outputs ",
        EdgeReason::After => "<after ",
        EdgeReason::Request => "<request ",
    }
}

fn title(node: &Node) -> String {
    let mut title = node.label().to_owned();
    if !node.arguments().is_empty() {
        write!(title, "({})", entries(node.arguments())).unwrap();
    }
    if !node.cell().is_empty() {
        write!(title, "[{}]", entries(node.cell())).unwrap();
    }
    title
}

fn entries(arguments: &Arguments) -> String {
    let entries = arguments
        .iter()
        .map(|(name, value)| format!("{name}: {}", serde_json::to_string(value).unwrap()));
    entries.collect::<Vec<_>>().join(", ")
}

fn show_work(work: &Work, out: &mut String) {
    let json = match work {
        Work::Task(task) => serde_json::to_value(task).unwrap(),
        Work::Service(service) => serde_json::to_value(service).unwrap(),
    };
    for (field, value) in json.as_object().unwrap() {
        let shown = match work {
            Work::Task(task) if field == "run" => commands(&task.run),
            Work::Task(task) if field == "finally" => commands(&task.finally),
            Work::Service(service) if field == "run" => {
                commands(std::slice::from_ref(&service.run))
            }
            _ => value.to_string(),
        };
        if field != "stop" {
            writeln!(out, "      {field} {shown}").unwrap();
        }
    }
}

fn commands(commands: &[Command]) -> String {
    let shown = commands.iter().map(|command| match command {
        Command::Argv { words } => format!("{words:?}"),
        Command::Script(script) => {
            let mut shown = format!("{} {:?}", script.interpreter.tag(), script.text);
            for (name, value) in &script.variables {
                write!(shown, " {name}={value:?}").unwrap();
            }
            if !script.arguments.is_empty() {
                write!(shown, " args {:?}", script.arguments).unwrap();
            }
            shown
        }
    });
    shown.collect::<Vec<_>>().join("; ")
}
