//! One node of a run as the display knows it: how it is shown, and what is kept of what it does.
//!
//! Nothing is written here.

use std::io;

use rush_plan::{LogMode, LogStream, Node, NodeId, Plan};
use rustc_hash::FxHashMap;

use super::Shown;
use super::held::Held;
use super::tail::Tail;
use crate::output::names::Names;

/// How one node is shown, and what is kept of it.
pub(super) struct ShownNode {
    pub(super) name: String,
    pub(super) mode: LogMode,
    pub(super) is_interactive: bool,
    pub(super) is_service: bool,
    /// How many commands it has, without those of `finally`.
    commands: u32,
    /// Whether some command began. What a task wrote otherwise is what it wrote when it ran.
    has_begun: bool,
    /// What is kept while it may fail.
    kept: Option<Box<Kept>>,
}

/// What a node did, as long as somebody may ask.
#[derive(Default)]
struct Kept {
    /// What is held back until it ends.
    held: Option<Held>,
    /// What it wrote last.
    tail: Tail,
    /// The command that it began last, with its number.
    command: Option<(u32, String)>,
}

/// All nodes of a plan; `usual` is how a task is shown that does not say it.
pub(super) fn all(plan: &Plan, shown: Shown, usual: LogMode) -> FxHashMap<NodeId, ShownNode> {
    let names = Names::of(plan);
    let chosen = match shown {
        Shown::Output(mode) => mode,
        Shown::Events => None,
    };
    let shown = |node: &Node| {
        let task = node.as_task();
        let is_interactive = task.is_some_and(|it| it.interactive);
        let mode = chosen.or(task.and_then(|it| it.log)).unwrap_or(usual);
        let shown = ShownNode {
            name: names.name(node),
            // What a person talks with can't wait.
            mode: if is_interactive { LogMode::Stream } else { mode },
            is_interactive,
            is_service: task.is_none(),
            commands: task.map_or(1, |it| it.run.len() as u32),
            ..ShownNode::stranger()
        };
        (node.id(), shown)
    };
    plan.nodes().iter().map(shown).collect()
}

impl ShownNode {
    /// A node that the plan does not have.
    pub(super) const fn stranger() -> Self {
        Self {
            name: String::new(),
            mode: LogMode::Stream,
            is_interactive: false,
            is_service: true,
            commands: 1,
            has_begun: false,
            kept: None,
        }
    }

    /// The name in front of what it wrote. A service that other runs began writes what it writes now.
    pub(super) fn prefix(&self) -> String {
        if self.has_begun || self.is_service {
            self.name.clone()
        } else {
            format!("{} (cached)", self.name)
        }
    }

    /// Notes that a command began.
    pub(super) fn began(&mut self, number: u32, shown: &str) {
        self.has_begun = true;
        let own = self.commands;
        let command = &mut self.kept().command;
        // What cleans up after a failure is not what failed.
        if number < own || command.as_ref().is_none_or(|it| it.0 >= own) {
            *command = Some((number, shown.to_owned()));
        }
    }

    /// Notes what it wrote.
    pub(super) fn wrote(&mut self, bytes: &[u8]) {
        self.kept().tail.push(bytes);
    }

    /// Holds back what it wrote until it ends.
    pub(super) fn hold(&mut self, stream: LogStream, bytes: &[u8]) -> io::Result<()> {
        self.kept().held.get_or_insert_with(Held::new).push(stream, bytes)
    }

    /// What was held back.
    pub(super) fn take_held(&mut self) -> Option<Held> {
        self.kept.as_mut().and_then(|it| it.held.take())
    }

    /// The command that it began last.
    pub(super) fn command(&self) -> Option<&str> {
        self.kept.as_ref()?.command.as_ref().map(|it| it.1.as_str())
    }

    /// The last lines that it wrote.
    pub(super) fn last_lines(&self, count_max: usize) -> Vec<String> {
        self.kept.as_ref().map(|it| it.tail.lines(count_max)).unwrap_or_default()
    }

    /// Forgets the command, which is not why it fails if it does.
    pub(super) fn forget_command(&mut self) {
        self.kept().command = None;
    }

    /// Forgets what only matters of a failure.
    pub(super) fn forget(&mut self) {
        self.kept = None;
    }

    fn kept(&mut self) -> &mut Kept {
        self.kept.get_or_insert_default()
    }
}
