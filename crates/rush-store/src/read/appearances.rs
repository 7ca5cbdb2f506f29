//! Which nodes a label had in which runs, found by the places of labels in plans: no plan is read.

use rush_plan::NodeState;
use rusqlite::Row;

use super::Visit;
use crate::codec::{Positions, decode_state};
use crate::error::StoreError;
use crate::record::RunRecord;
use crate::store::Store;

/// A node in a run, as far as it is known without the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appearance {
    /// The number of the run in the store.
    run: i64,
    /// The position of the node in the plan of the run.
    pub position: u32,
    /// Whether it ran, or had what it wrote before repeated.
    pub has_spoken: bool,
    /// Whether nothing more comes of it: its run has an end, or it is a service that another run keeps up.
    pub is_over: bool,
}

impl Store {
    /// Hands out the nodes of a label, those of the latest run first.
    pub fn appearances(
        &self,
        label: &str,
        mut each: impl FnMut(Appearance) -> Visit,
    ) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let mut select = self.connection.prepare_cached(
                "SELECT run.key, place.position, run.outcome IS NOT NULL, node.attempts, node.state,
                    COALESCE(substr(run.cached, place.position / 8 + 1, 1), x''),
                    EXISTS (SELECT 1 FROM attempt
                        WHERE attempt.run = run.key AND attempt.position = place.position)
                 FROM place JOIN run ON run.plan = place.plan
                    LEFT JOIN node ON node.run = run.key AND node.position = place.position
                 WHERE place.label = ? ORDER BY started_us DESC, run.key DESC, place.position",
            )?;
            let mut rows = select.query([label])?;
            while let Some(row) = rows.next()? {
                if each(appearance(row)?) == Visit::Stop {
                    break;
                }
            }
            Ok(())
        };
        read().map_err(|error| self.failed(&error))
    }

    /// The run in which a node appeared; `None` if it was forgotten since.
    pub fn run_of(&self, appearance: Appearance) -> Result<Option<RunRecord>, StoreError> {
        Ok(self.select_runs("run.key = ?", [appearance.run])?.into_iter().next())
    }
}

fn appearance(row: &Row<'_>) -> rusqlite::Result<Appearance> {
    let position: u32 = row.get(1)?;
    let attempts: Option<u32> = row.get(3)?;
    let state: Option<Vec<u8>> = row.get(4)?;
    let bits: Vec<u8> = row.get(5)?;
    let is_cached = |state: &Vec<u8>| {
        // Only states that name other nodes need to know them.
        decode_state(state, &Positions::default()) == Some(NodeState::Cached)
    };
    let has_bit = bits.first().is_some_and(|it| it & (1 << (position % 8)) != 0);
    // What counts as started and has no attempt is a service that was up before.
    let (has_started, has_attempt) = (attempts.is_some_and(|it| it > 0), row.get(6)?);
    Ok(Appearance {
        run: row.get(0)?,
        position,
        has_spoken: has_attempt || state.as_ref().map_or(has_bit, is_cached),
        is_over: row.get(2)? || has_started && !has_attempt,
    })
}
