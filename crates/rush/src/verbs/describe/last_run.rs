//! How a task did when it last ran, as far as that is remembered.

use std::collections::BTreeMap;

use rush_diagnostics::HumanStyle;
use rush_engine::{
    Described, Earlier, NodeRecord, RunRecord, Store, Wanted, Workspace, last_run_of, open_history,
    status_word,
};
use serde_json::{Value, json};

use crate::context::Context;
use crate::output::amount::local_time;
use crate::output::paint::Paint;
use crate::verbs::runs::shown;

/// The last run in which a task did something.
pub(super) struct LastRun {
    run: RunRecord,
    /// As much of its name as it takes to type.
    short_id: String,
    /// The nodes of the task, several if it has a matrix or was called with several arguments.
    nodes: Vec<NodeRecord>,
}

/// The last run of each task. A memory that can't be read has none; `rush runs` says why.
pub(super) fn of_all(
    ctx: &Context,
    workspace: &Workspace,
    found: &[Described],
) -> Vec<Option<LastRun>> {
    let store = open_history(&*ctx.system, workspace.root()).ok();
    let mut search = Search { store, earlier: None };
    found.iter().map(|it| search.last(&it.description.label)).collect()
}

struct Search {
    store: Option<Store>,
    /// The run that was read last; tasks that are described together mostly ran together.
    earlier: Option<Earlier>,
}

impl Search {
    fn last(&mut self, label: &str) -> Option<LastRun> {
        let store = self.store.as_ref()?;
        let run = last_run_of(store, &Wanted::parse(label)).ok()??;
        let earlier = match self.earlier.take() {
            Some(earlier) if earlier.run.id == run.id => earlier,
            _ => Earlier::read(store, run).ok()?,
        };
        let its =
            earlier.plan.nodes().iter().zip(&earlier.nodes).filter(|it| it.0.label() == label);
        let nodes = its.map(|(_, record)| record.clone()).collect();
        let short_id = store.short_id(&earlier.run.id).ok()?;
        let run = earlier.run.clone();
        self.earlier = Some(earlier);
        Some(LastRun { run, short_id, nodes })
    }
}

impl LastRun {
    /// The same for people, in one line.
    pub(super) fn line(&self, style: HumanStyle) -> String {
        let id = Paint::Name.on(&self.short_id, style);
        let mut line = format!("{id}  {}  began {}", self.states(), local_time(self.run.started));
        if let Some(wall_ns) = self.wall_ns() {
            line.push_str(&format!(", took {}", shown::time(wall_ns)));
        }
        line
    }

    /// The same for programs.
    pub(super) fn json(&self) -> Value {
        let nodes = self.nodes.iter().map(|it| {
            json!({ "node": it.node, "status": status_word(&it.state), "wall_ns": it.wall_ns() })
        });
        json!({
            "run": self.run.id,
            "status": shown::Status::of(&self.run).word(),
            "started": self.run.started,
            "nodes": nodes.collect::<Vec<_>>(),
        })
    }

    /// How its nodes ended: `succeeded`, `2 succeeded, 1 failed`.
    fn states(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for node in &self.nodes {
            *counts.entry(status_word(&node.state)).or_default() += 1;
        }
        let words = counts.iter().map(|(word, count)| match self.nodes.len() {
            1 => (*word).to_owned(),
            _ => format!("{count} {word}"),
        });
        words.collect::<Vec<_>>().join(", ").replace('_', " ")
    }

    /// How long the slowest of its nodes took.
    fn wall_ns(&self) -> Option<u64> {
        self.nodes.iter().filter_map(NodeRecord::wall_ns).max()
    }
}
