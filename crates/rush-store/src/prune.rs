//! Forgets old runs: by how many there are, how old they are, and how much room they take.

use std::fs;

use rush_plan::{RunId, Timestamp};
use rusqlite::{TransactionBehavior, params};

use crate::error::StoreError;
use crate::record::RunRecord;
use crate::segment;
use crate::store::Store;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// At most so many runs.
    pub count_max: Option<u64>,
    /// Runs that began after this.
    pub since: Option<Timestamp>,
    /// The latest runs that take at most this together, logs and rows.
    pub bytes_max: Option<u64>,
}

/// A guess of what a node costs in the database: its rows and events, measured over runs of `true`.
const NODE_BYTES: u64 = 160;

/// How much room a run takes, about.
pub fn size_bytes(run: &RunRecord) -> u64 {
    let ran = u64::from(run.nodes.saturating_sub(run.counts.cached));
    run.log_bytes + ran * NODE_BYTES + 1024
}

impl Store {
    /// The runs that are not to be kept, the oldest first. Those that still go on are never among them.
    pub fn forgettable(
        &self,
        retention: &Retention,
        is_alive: impl Fn(&RunRecord) -> bool,
    ) -> Result<Vec<RunRecord>, StoreError> {
        let mut bytes = 0_u64;
        let mut old = Vec::new();
        for (count, run) in (0_u64..).zip(self.runs(usize::MAX >> 1)?) {
            bytes += size_bytes(&run);
            let is_kept = retention.count_max.is_none_or(|it| count < it)
                && retention.since.is_none_or(|it| run.started >= it)
                && retention.bytes_max.is_none_or(|it| bytes <= it);
            if is_kept || (run.outcome.is_none() && is_alive(&run)) {
                continue;
            }
            old.push(run);
        }
        old.reverse();
        Ok(old)
    }

    /// Forgets a run: its rows, its log, and its plan if no other run has it.
    pub fn forget(&mut self, run: &RunRecord) -> Result<(), StoreError> {
        let path = self.path.clone();
        let connection = &mut self.connection;
        let mut forget = || -> rusqlite::Result<()> {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for table in ["node", "attempt", "chunk", "event"] {
                transaction.execute(&format!("DELETE FROM {table} WHERE run = ?"), [run.key])?;
            }
            transaction.execute("DELETE FROM run WHERE key = ?", [run.key])?;
            let sql = "DELETE FROM plan WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM run WHERE plan = ?1)";
            if transaction.execute(sql, params![run.plan_key])? == 1 {
                transaction.execute("DELETE FROM place WHERE plan = ?", [run.plan_key])?;
            }
            transaction.commit()
        };
        forget().map_err(|error| StoreError::of_sqlite(path, &error))?;
        self.remove_log(&run.id)
    }

    fn remove_log(&self, run: &RunId) -> Result<(), StoreError> {
        let path = segment::path(&self.directory, run);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::of_io(path, &error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Gives room in the database that nothing uses back to the disk.
    pub fn compact(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("VACUUM").map_err(|error| self.failed(&error))
    }
}
