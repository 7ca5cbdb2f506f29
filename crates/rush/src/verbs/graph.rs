//! `rush graph`: which task waits for which.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use rush_diagnostics::HumanStyle;
use rush_engine::{Graph, GraphEdge, GraphReason};
use serde_json::{Map, Value, json};

use super::list::tell_broken;
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::paint::Paint;
use crate::output::stdout;

/// Draw which task waits for which
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush graph                       the whole workspace, as trees
  rush graph ci -o mermaid         what `ci` waits for, for a page
  rush graph -o dot | dot -Tsvg > graph.svg")]
pub(crate) struct GraphArgs {
    /// Only what this label waits for
    label: Option<String>,
    /// How the graph is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: GraphFormat,
}

/// How the graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    /// Trees, for people
    Text,
    /// For Graphviz
    Dot,
    /// For Mermaid
    Mermaid,
    /// One JSON document
    Json,
}

pub(crate) fn run(ctx: &Context, args: &GraphArgs) -> Result<Exit, Failure> {
    let project = ctx.project()?;
    let graph = rush_engine::graph(&project, args.label.as_deref())?;
    stdout(&match args.format {
        GraphFormat::Text => text(&graph, ctx.style(Stream::Stdout)),
        GraphFormat::Dot => dot(&graph),
        GraphFormat::Mermaid => mermaid(&graph),
        GraphFormat::Json => json(&graph),
    })?;
    tell_broken(graph.broken);
    Ok(Exit::DONE)
}

/// A tree for each node nobody waits for; what was drawn before is only named again.
fn text(graph: &Graph, style: HumanStyle) -> String {
    let waited_for: BTreeSet<usize> = graph.edges.iter().map(|it| it.to).collect();
    let mut tops: Vec<usize> =
        (0..graph.nodes.len()).filter(|it| !waited_for.contains(it)).collect();
    if tops.is_empty() {
        // A circle has no top; whoever draws it starts anywhere.
        tops.extend((!graph.nodes.is_empty()).then_some(0));
    }
    let mut drawn = BTreeSet::new();
    let mut out = String::new();
    for top in tops {
        tree(&mut out, graph, top, &mut drawn, style);
    }
    out
}

/// Draws one tree, with a stack of its own: chains may be long.
fn tree(
    out: &mut String,
    graph: &Graph,
    top: usize,
    drawn: &mut BTreeSet<usize>,
    style: HumanStyle,
) {
    let mut open: Vec<(usize, usize, Option<&GraphEdge>)> = vec![(top, 0, None)];
    while let Some((node, depth, edge)) = open.pop() {
        let name = graph.nodes.get(node).map_or("", |it| it.name.as_str());
        let mut notes = Vec::new();
        if let Some(edge) = edge {
            notes.extend(note(edge.reason));
            if edge.is_conditional {
                notes.push("sometimes".to_owned());
            }
        }
        let below = graph.edges_of(node);
        let is_new = drawn.insert(node);
        if !is_new && !below.is_empty() {
            notes.push("see above".to_owned());
        }
        let notes =
            if notes.is_empty() { String::new() } else { format!("  ({})", notes.join(", ")) };
        let _ = writeln!(
            out,
            "{}{}{}",
            "  ".repeat(depth),
            Paint::Name.on(name, style),
            Paint::Dim.on(&notes, style)
        );
        if is_new {
            open.extend(below.iter().rev().map(|edge| (edge.to, depth + 1, Some(edge))));
        }
    }
}

/// What is said of an edge; nothing of the usual ones.
fn note(reason: GraphReason) -> Option<String> {
    match reason {
        GraphReason::Needs => None,
        GraphReason::Step(number) => Some(format!("step {number}")),
        GraphReason::After | GraphReason::Outputs => Some(reason.word().to_owned()),
    }
}

fn dot(graph: &Graph) -> String {
    let mut out = String::from("digraph rush {\n  rankdir=LR\n  node [shape=box]\n");
    for node in &graph.nodes {
        let shape = if node.kind == "service" { " [shape=ellipse]" } else { "" };
        let _ = writeln!(out, "  {}{shape}", quoted(&node.name));
    }
    for edge in &graph.edges {
        let name = |at: usize| quoted(graph.nodes.get(at).map_or("", |it| it.name.as_str()));
        let mut attributes = Vec::new();
        attributes.extend(note(edge.reason).map(|it| format!("label={}", quoted(&it))));
        if edge.is_conditional {
            attributes.push("style=dashed".to_owned());
        }
        let attributes = if attributes.is_empty() {
            String::new()
        } else {
            format!(" [{}]", attributes.join(", "))
        };
        let _ = writeln!(out, "  {} -> {}{attributes}", name(edge.from), name(edge.to));
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for (at, node) in graph.nodes.iter().enumerate() {
        let name = node.name.replace('"', "#quot;");
        let _ = match node.kind.as_str() {
            "service" => writeln!(out, "  n{at}([\"{name}\"])"),
            _ => writeln!(out, "  n{at}[\"{name}\"]"),
        };
    }
    for edge in &graph.edges {
        let arrow = if edge.is_conditional { "-.->" } else { "-->" };
        let label = note(edge.reason).map_or_else(String::new, |it| format!("|{it}|"));
        let _ = writeln!(out, "  n{} {arrow}{label} n{}", edge.from, edge.to);
    }
    out
}

fn json(graph: &Graph) -> String {
    let nodes: Vec<_> = graph
        .nodes
        .iter()
        .map(|it| json!({ "name": it.name, "label": it.label, "kind": it.kind }))
        .collect();
    let edges: Vec<_> = graph
        .edges
        .iter()
        .map(|it| {
            let label = |at: usize| graph.nodes.get(at).map(|it| it.label.clone());
            let mut edge = Map::from_iter([
                ("from".to_owned(), json!(label(it.from))),
                ("to".to_owned(), json!(label(it.to))),
                ("reason".to_owned(), it.reason.word().into()),
                ("conditional".to_owned(), it.is_conditional.into()),
            ]);
            if let GraphReason::Step(number) = it.reason {
                edge.insert("step".to_owned(), number.into());
            }
            Value::Object(edge)
        })
        .collect();
    let document = json!({ "version": 1, "nodes": nodes, "edges": edges, "broken": graph.broken });
    format!("{document:#}\n")
}
