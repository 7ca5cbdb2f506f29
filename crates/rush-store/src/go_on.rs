//! Continues a run whose process is gone, under its own name.

use std::sync::Arc;

use rush_plan::Plan;

use crate::draft::{Draft, NodeDraft};
use crate::error::StoreError;
use crate::read::{frame, positions};
use crate::record::{NodeRecord, ProcessMark, RunRecord};
use crate::recorder::{Recorded, Recorder};
use crate::store::Store;
use crate::write::Writer;

/// What became of the wish to continue a run.
#[derive(Debug)]
pub enum GoneOn {
    /// It is this process's now.
    Taken(Recorder),
    /// It has ended, or another process took it.
    TooLate,
}

impl Store {
    /// Takes over a run that has no process any more. Its unfinished attempts are marked as lost; what comes is
    /// recorded behind what is there, so the events of the new process are numbered from `run.next_seq` on.
    pub fn go_on(
        mut self,
        (run, plan, nodes): (&RunRecord, &Plan, &[NodeRecord]),
        process: &ProcessMark,
        told: impl FnMut(Recorded) + Send + 'static,
    ) -> Result<GoneOn, StoreError> {
        let reason = "Rush ended while it ran";
        if !self.take_over((run.key, &run.process), process, reason)? {
            return Ok(GoneOn::TooLate);
        }
        let (frame, positions) = (frame(run), Arc::new(positions(plan)));
        let mut draft = Draft::new(frame.clone(), Arc::clone(&positions));
        draft.go_on(nodes.iter().map(NodeDraft::of).collect(), run.log_bytes);
        let writer = Writer::go_on(self, run.key, &frame, positions);
        Recorder::spawn(writer, draft, told).map(GoneOn::Taken)
    }
}
