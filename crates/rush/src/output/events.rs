//! A run as people see it while it goes, and what it came to.
//!
//! One task alone writes as if it had been started by hand. As soon as there are several, each line
//! begins with its task. What tasks write keeps its stream; what Rush says is on standard error.

mod outcome;

use std::collections::BTreeMap;
use std::io::Write as _;

use rush_diagnostics::{Color, HumanStyle};
use rush_engine::{Emitted, LineMerger, Prefix, RunSummary};
use rush_plan::{EventBody, LogMode, LogStream, NodeId, NodeState, Plan};
use rush_system::System;

use super::plan::short_names;

/// The widest that names are padded to, so that one long name does not push all lines away.
const WIDTH_MAX: usize = 24;

/// What of a run is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The output of tasks, in this mode or in that of each task.
    Output(Option<LogMode>),
    /// The events, one JSON object a line.
    Events,
}

/// Shows a run.
pub(crate) struct Display {
    shown: Shown,
    style: HumanStyle,
    nodes: BTreeMap<NodeId, Shape>,
    merger: LineMerger<(NodeId, bool)>,
    /// What is held back until a task ends.
    held: BTreeMap<NodeId, Vec<(LogStream, Vec<u8>)>>,
}

/// How one node is shown.
struct Shape {
    name: String,
    mode: LogMode,
}

impl Display {
    pub(crate) fn new(plan: &Plan, shown: Shown, style: HumanStyle) -> Self {
        let mut names = short_names(plan);
        let nodes: BTreeMap<NodeId, Shape> = plan
            .nodes()
            .iter()
            .map(|node| {
                let chosen = match shown {
                    Shown::Output(mode) => mode,
                    Shown::Events => None,
                };
                let own = node.as_task().and_then(|it| it.log);
                let mode = chosen.or(own).unwrap_or(LogMode::Stream);
                let name = names.remove(&node.id()).unwrap_or_default();
                (node.id(), Shape { name, mode })
            })
            .collect();
        let runs = |it: &&rush_plan::Node| {
            it.as_service().is_some()
                || it.as_task().is_some_and(|it| it.skip.is_none() && !it.run.is_empty())
        };
        let prefix = match (plan.nodes().iter().filter(runs).count(), style.color) {
            (0 | 1, _) => Prefix::Raw,
            (_, Color::Always) => Prefix::Coloured,
            (_, Color::Never) => Prefix::Plain,
        };
        let width = nodes.values().map(|it| it.name.chars().count()).max().unwrap_or_default();
        let merger = LineMerger::new(prefix, width.min(WIDTH_MAX));
        Self { shown, style, nodes, merger, held: BTreeMap::new() }
    }

    /// Takes in one event.
    pub(crate) fn hear(&mut self, emitted: &Emitted) {
        if self.shown == Shown::Events {
            write(LogStream::Stdout, format!("{}\n", emitted.to_line()).as_bytes());
            return;
        }
        let Some(node) = emitted.event.node else { return };
        match &emitted.event.body {
            EventBody::AttemptOutput { stream, .. } => self.output(node, *stream, &emitted.bytes),
            EventBody::NodeChanged(state) if state.is_final() => self.ended(node, state),
            EventBody::RunStarted { .. }
            | EventBody::RunEnded { .. }
            | EventBody::NodeAdded { .. }
            | EventBody::NodeChanged(_)
            | EventBody::AttemptStarted { .. }
            | EventBody::AttemptEnded { .. }
            | EventBody::Noted { .. }
            | EventBody::Unknown => {}
        }
    }

    fn output(&mut self, node: NodeId, stream: LogStream, bytes: &[u8]) {
        match self.nodes.get(&node).map(|it| it.mode) {
            Some(LogMode::Stream) | None => self.show(node, stream, bytes),
            Some(LogMode::Grouped | LogMode::Quiet) => {
                self.held.entry(node).or_default().push((stream, bytes.to_vec()));
            }
        }
    }

    fn ended(&mut self, node: NodeId, state: &NodeState) {
        let mode = self.nodes.get(&node).map(|it| it.mode);
        let held = self.held.remove(&node).unwrap_or_default();
        let is_hidden = mode == Some(LogMode::Quiet)
            && matches!(
                state,
                NodeState::Succeeded | NodeState::Cached | NodeState::Skipped { .. }
            );
        if !is_hidden {
            for (stream, bytes) in held {
                self.show(node, stream, &bytes);
            }
        }
        for stream in [LogStream::Stdout, LogStream::Stderr] {
            let mut shown = Vec::new();
            self.merger.finish(&(node, stream == LogStream::Stderr), &mut shown);
            write(stream, &shown);
        }
    }

    fn show(&mut self, node: NodeId, stream: LogStream, bytes: &[u8]) {
        let name = self.nodes.get(&node).map_or("", |it| it.name.as_str());
        let mut shown = Vec::new();
        self.merger.push(&(node, stream == LogStream::Stderr), name, bytes, &mut shown);
        write(stream, &shown);
    }

    /// Says what the run came to.
    pub(crate) fn finish(self, plan: &Plan, summary: &RunSummary, system: &dyn System) {
        if self.shown == Shown::Events {
            return;
        }
        super::stderr(&outcome::text(plan, summary, system, self.style));
    }
}

/// Writes the bytes of a task. A reader that went away does not end the run.
fn write(stream: LogStream, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let _ = match stream {
        LogStream::Stderr => std::io::stderr().lock().write_all(bytes),
        LogStream::Stdout | LogStream::Unknown => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(bytes).and_then(|()| stdout.flush())
        }
    };
}
