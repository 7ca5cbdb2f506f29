//! A run as people see it while it goes, and what it came to.
//!
//! One task alone writes as if it had been started by hand. As soon as there are several, each line
//! begins with its task. What tasks write keeps its stream; what Rush says is on standard error.

mod github;
mod held;
mod node;
mod outcome;
mod progress;
mod sink;
mod tail;

use std::collections::HashMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rush_diagnostics::{Color, HumanStyle};
use rush_engine::{Emitted, LineMerger, Prefix, RunSummary};
use rush_plan::{
    EventBody, LogMode, LogStream, Node, NodeId, NodeState, Plan, Timestamp, WaitingReason,
};
use rush_system::System;
use rustc_hash::FxHashMap;
use unicode_width::UnicodeWidthStr as _;

use super::amount;
use super::repository::from_root;
use crate::context::{Context, Stream};
use held::Held;
use node::ShownNode;
use outcome::LastWords;
pub(crate) use outcome::whole_reason;
use progress::Progress;
use sink::Sink;

/// The widest that names are padded to, so that one long name does not push all lines away.
const WIDTH_MAX: usize = 24;

/// How many of its last lines a failed task shows again at the end.
const LINES_AGAIN_MAX: usize = 20;

/// How many lines of a failed task a report holds.
const LINES_REPORTED_MAX: usize = 200;

/// What of a run is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The output of tasks, in this mode or in that of each task.
    Output(Option<LogMode>),
    /// The events, one JSON object a line.
    Events,
}

/// What is known of a run before it starts, for the line that says how far it is.
pub(crate) struct Outlook<'a> {
    /// How many tasks run at once.
    pub(crate) jobs: usize,
    /// How long tasks took before.
    pub(crate) expected: &'a HashMap<NodeId, Duration>,
    /// Where the workspace is.
    pub(crate) root: &'a Utf8Path,
}

/// Shows a run.
pub(crate) struct Display {
    shown: Shown,
    style: HumanStyle,
    groups: Groups,
    root: Utf8PathBuf,
    nodes: FxHashMap<NodeId, ShownNode>,
    merger: LineMerger<(NodeId, bool)>,
    prefix: Prefix,
    /// Whose output is the last thing that was shown, and how many lines of it in a row.
    streak: Option<(NodeId, usize)>,
    progress: Option<Progress>,
    started: Timestamp,
    sink: Sink,
}

/// How the output of a task that is shown as a whole is set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Groups {
    /// By the names in front of its lines.
    Names,
    /// By commands that the log viewer of GitHub Actions folds.
    GitHub,
}

impl Display {
    /// A display of a run of this plan, fit for where its output goes.
    pub(crate) fn new(ctx: &Context, plan: &Plan, shown: Shown, outlook: &Outlook<'_>) -> Self {
        let is_set =
            |name| ctx.system.env_var(name).ok().flatten().is_some_and(|it| !it.is_empty());
        let groups = if is_set("GITHUB_ACTIONS") { Groups::GitHub } else { Groups::Names };
        let style = ctx.style(Stream::Stderr);
        let is_alone = plan.nodes().iter().filter(|it| writes(it)).count() <= 1;
        // A log that is read afterwards is easier to read task by task.
        let usual = if is_set("CI") && !is_alone { LogMode::Grouped } else { LogMode::Stream };
        let nodes = node::all(plan, shown, usual);
        let has_interactive = nodes.values().any(|it| it.is_interactive);
        let prefix = match style.color {
            _ if is_alone => Prefix::Raw,
            Color::Always => Prefix::Coloured,
            Color::Never => Prefix::Plain,
        };
        let writers = plan.nodes().iter().filter(|it| writes(it));
        let names = writers.filter_map(|it| nodes.get(&it.id()));
        let width = names.map(|it| it.name.width()).max().unwrap_or_default();
        let is_dumb = ctx.system.env_var("TERM").ok().flatten().is_some_and(|it| it == "dumb");
        let has_line = !is_alone
            && shown != Shown::Events
            && Stream::Stderr.is_terminal()
            && !is_dumb
            && !is_set("CI");
        Self {
            shown,
            style,
            groups,
            root: outlook.root.to_owned(),
            nodes,
            merger: LineMerger::new(prefix, width.min(WIDTH_MAX)),
            prefix,
            streak: None,
            progress: has_line.then(|| Progress::new(plan, outlook.jobs, outlook.expected)),
            started: Timestamp::default(),
            sink: Sink::new(ctx.unread.clone(), has_interactive),
        }
    }

    /// Takes in one event.
    pub(crate) fn hear(&mut self, emitted: &Emitted) {
        if self.shown == Shown::Events {
            self.sink.write(LogStream::Stdout, format!("{}\n", emitted.to_line()).as_bytes());
        }
        if matches!(emitted.event.body, EventBody::RunStarted { .. }) {
            self.started = emitted.event.time;
            self.progress.iter_mut().for_each(Progress::begin);
        }
        let Some(node) = emitted.event.node else {
            if let (EventBody::Noted { message, .. }, false) =
                (&emitted.event.body, self.shown == Shown::Events)
            {
                self.say(&format!("warning: {message}\n"));
            }
            return;
        };
        match &emitted.event.body {
            EventBody::AttemptOutput { stream, .. } => self.output(node, *stream, &emitted.bytes),
            EventBody::NodeChanged(state) => self.changed(node, state),
            EventBody::AttemptStarted { command, shown } => {
                self.node_mut(node).began(*command, shown);
            }
            // Whatever makes it fail after that, the command is not it.
            EventBody::AttemptEnded { end, .. } if end.is_success() => {
                self.node_mut(node).forget_command();
            }
            EventBody::RunStarted { .. }
            | EventBody::RunEnded { .. }
            | EventBody::NodeAdded { .. }
            | EventBody::AttemptEnded { .. }
            | EventBody::Noted { .. }
            | EventBody::Unknown => {}
        }
        self.draw();
    }

    /// Takes in the output of a node that is not a part of the run; events of others are not shown.
    pub(crate) fn hear_output(&mut self, emitted: &Emitted) {
        if let (EventBody::AttemptOutput { stream, .. }, Some(node)) =
            (&emitted.event.body, emitted.event.node)
        {
            self.output(node, *stream, &emitted.bytes);
        }
    }

    /// Lets time pass: the line that counts seconds goes on.
    pub(crate) fn tick(&mut self) {
        self.draw();
    }

    /// Says something for people beside the run.
    pub(crate) fn say(&mut self, text: &str) {
        self.erase();
        self.sink.say(text);
    }

    /// Says what the run came to.
    pub(crate) fn finish(&mut self, plan: &Plan, summary: &RunSummary, system: &dyn System) {
        self.erase();
        if self.shown == Shown::Events || self.sink.is_unread() {
            return;
        }
        let words = LastWords {
            again: &|node| self.lines_again(node),
            command: &|node| self.nodes.get(&node).and_then(ShownNode::command),
            wrote: &|node| self.last_words(node),
        };
        let text = outcome::text(plan, summary, system, self.style, &words);
        self.sink.say(&text);
        if self.groups == Groups::GitHub {
            for node in &summary.nodes {
                if let Some(reason) = outcome::whole_reason(plan, node)
                    && let Some(at) = plan.node(node.node)
                {
                    let name = self.name(node.node);
                    let from_root = |path: &str| from_root(system, &self.root, path);
                    let failure = github::FailedNode { name, reason: &reason };
                    let error = github::error(plan, at, &failure, from_root);
                    self.sink.write(LogStream::Stdout, error.as_bytes());
                }
            }
        }
    }

    /// Why standard output lacks something that was to be written.
    pub(crate) fn lost_output(&self) -> Option<&str> {
        self.sink.lost()
    }

    /// When the run began.
    pub(crate) const fn started(&self) -> Timestamp {
        self.started
    }

    /// What a failed node wrote last.
    pub(crate) fn last_words(&self, node: NodeId) -> String {
        self.last_lines(node, LINES_REPORTED_MAX).join("\n")
    }

    /// The last lines of a failed task, unless they are on the screen just above.
    fn lines_again(&self, node: NodeId) -> Vec<String> {
        if self.prefix == Prefix::Raw {
            return Vec::new();
        }
        let lines = self.last_lines(node, LINES_AGAIN_MAX);
        let is_above = |(last, count)| last == node && count >= lines.len();
        if self.sink.is_shared() && self.streak.is_some_and(is_above) { Vec::new() } else { lines }
    }

    fn last_lines(&self, node: NodeId, count_max: usize) -> Vec<String> {
        self.nodes.get(&node).map(|it| it.last_lines(count_max)).unwrap_or_default()
    }

    fn output(&mut self, node: NodeId, stream: LogStream, bytes: &[u8]) {
        let is_shown = self.shown != Shown::Events;
        let its = self.node_mut(node);
        its.wrote(bytes);
        // Where there is no room to wait with it, it is shown now.
        if is_shown && (its.mode == LogMode::Stream || its.hold(stream, bytes).is_err()) {
            self.show(node, stream, bytes);
        }
    }

    /// A node of the plan; one that is not in it is shown as it comes.
    fn node_mut(&mut self, node: NodeId) -> &mut ShownNode {
        self.nodes.entry(node).or_insert_with(ShownNode::stranger)
    }

    fn name(&self, node: NodeId) -> &str {
        self.nodes.get(&node).map_or("", |it| it.name.as_str())
    }

    fn changed(&mut self, node: NodeId, state: &NodeState) {
        if let Some(progress) = &mut self.progress {
            let owns_terminal = self.nodes.get(&node).is_some_and(|it| it.is_interactive);
            progress.note(node, state, owns_terminal);
            if owns_terminal {
                self.erase();
            }
        }
        if let NodeState::BackingOff { attempt, delay_ms } = state
            && self.shown != Shown::Events
        {
            let name = self.name(node);
            let pause = amount::duration(Duration::from_millis(*delay_ms));
            let text = if self.nodes.get(&node).is_some_and(|it| it.is_service) {
                format!("`{name}` ended and starts again in {pause}\n")
            } else {
                format!("{name}: failed, attempt {attempt} follows in {pause}\n")
            };
            self.say(&text);
        }
        if let NodeState::Waiting { reason: WaitingReason::Another { process } } = state
            && self.shown != Shown::Events
        {
            self.say(&format!("{}: waits for {}\n", self.name(node), another(*process)));
        }
        if !state.is_final() {
            return;
        }
        if self.shown != Shown::Events {
            self.ended(node, state);
        }
        if !state.has_failed() {
            self.node_mut(node).forget();
        }
    }

    fn ended(&mut self, node: NodeId, state: &NodeState) {
        let its = self.node_mut(node);
        let held = its.take_held();
        let is_hidden = its.mode == LogMode::Quiet
            && matches!(
                state,
                NodeState::Succeeded | NodeState::Cached | NodeState::Skipped { .. }
            );
        if let Some(held) = held.filter(|_| !is_hidden) {
            self.show_held(node, held);
        }
        for stream in [LogStream::Stdout, LogStream::Stderr] {
            let mut shown = Vec::new();
            self.merger.finish(&(node, stream == LogStream::Stderr), &mut shown);
            self.write_lines(stream, &shown);
        }
    }

    fn show_held(&mut self, node: NodeId, held: Held) {
        let is_group = self.groups == Groups::GitHub && self.prefix != Prefix::Raw;
        if is_group {
            let open = github::open(&self.shown_name(node));
            self.write(LogStream::Stdout, open.as_bytes());
        }
        let mut ends_line = true;
        let replayed = held.replay(|stream, bytes| {
            if is_group {
                // One stream, or the lines could fall out of their group.
                self.write(LogStream::Stdout, bytes);
                ends_line = bytes.ends_with(b"\n");
            } else {
                self.show(node, stream, bytes);
            }
        });
        if let Err(error) = replayed {
            self.say(&format!("output that was held back can't be read again: {error}\n"));
        }
        if is_group {
            let close =
                if ends_line { github::CLOSE.to_owned() } else { format!("\n{}", github::CLOSE) };
            self.write(LogStream::Stdout, close.as_bytes());
        }
    }

    fn show(&mut self, node: NodeId, stream: LogStream, bytes: &[u8]) {
        let before = self.streak.filter(|it| it.0 == node).map_or(0, |it| it.1);
        // More than will be said again need not be counted.
        let ends = bytes.split(|it| *it == b'\n').skip(1);
        self.streak = Some((node, before + ends.take(LINES_AGAIN_MAX - before).count()));
        let shape = self.nodes.get(&node);
        // What a person talks with prompts in the middle of a line, and moves the cursor.
        if self.prefix == Prefix::Raw || shape.is_some_and(|it| it.is_interactive) {
            self.write(stream, bytes);
            return;
        }
        let name = self.shown_name(node);
        let mut shown = Vec::new();
        self.merger.push(&(node, stream == LogStream::Stderr), &name, bytes, &mut shown);
        self.write_lines(stream, &shown);
    }

    /// The name in front of what a node wrote.
    fn shown_name(&self, node: NodeId) -> String {
        self.nodes.get(&node).map(ShownNode::prefix).unwrap_or_default()
    }

    fn write(&mut self, stream: LogStream, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.erase();
            self.sink.write(stream, bytes);
        }
    }

    fn write_lines(&mut self, stream: LogStream, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.erase();
            self.sink.write_lines(stream, bytes);
        }
    }

    fn erase(&mut self) {
        let erase = self.progress.as_mut().map_or("", Progress::erase);
        if !erase.is_empty() {
            super::stderr(erase);
        }
    }

    fn draw(&mut self) {
        let Some(progress) = &mut self.progress else { return };
        let nodes = &self.nodes;
        let name = |node| nodes.get(&node).map(|it| it.name.clone()).unwrap_or_default();
        if let Some(line) = progress.draw(name, || Stream::Stderr.columns()) {
            super::stderr(&line);
        }
    }
}

/// Another Rush, as the middle of a sentence.
pub(crate) fn another(process: Option<u32>) -> String {
    process.map_or_else(|| "another Rush".to_owned(), |it| format!("another Rush (process {it})"))
}

/// Whether a node has processes that may write.
fn writes(node: &Node) -> bool {
    node.as_service().is_some()
        || node
            .as_task()
            .is_some_and(|it| it.skip.is_none() && !(it.run.is_empty() && it.finally.is_empty()))
}
