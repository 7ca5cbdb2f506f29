//! What a plan may ask for that this build does not do; it is refused by name, never ignored.
//!
//! `cache`, `depfile` and `tools` are no reason: they only decide whether an earlier result may be used, and
//! running again is always right. `log` is for whoever shows the output.

use std::fmt;

use rush_plan::{NodeId, Plan, Work};

/// One thing a plan asks for in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The node that asks.
    pub node: NodeId,
    /// Its label.
    pub label: String,
    /// The field or kind, as written in a task file.
    pub feature: &'static str,
    /// The field's name for looking up where it was written.
    pub field: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` uses `{}`, which this Rush can't run yet", self.label, self.feature)
    }
}

/// Returns everything the plan asks for that can't be done, in the order of its nodes; empty if it can run.
pub fn unsupported(plan: &Plan) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for node in plan.nodes() {
        let mut refuse = |feature, field| {
            refusals.push(Refusal {
                node: node.id(),
                label: node.label().to_owned(),
                feature,
                field,
            });
        };
        match &node.work {
            Work::Service(_) => {}
            Work::Task(task) if task.skip.is_some() => {}
            Work::Task(task) => {
                if task.interactive {
                    refuse("interactive", "interactive");
                }
            }
        }
    }
    refusals
}
