//! Reads what was remembered, also of runs that still go on.

mod appearances;
mod log;
mod rows;

use camino::Utf8Path;
use rush_plan::{Digest, NodeState, Plan, RunCounts, RunId};
use rusqlite::{OptionalExtension as _, params};

use crate::codec::{Frame, Positions, RecordedEvent, decode};
use crate::error::StoreError;
use crate::record::{AttemptRecord, NodeRecord, RunRecord};
use crate::run_id::{LENGTH, SHOWN_MIN, normalised};
use crate::store::Store;

pub use appearances::Appearance;
pub use log::{LogPiece, LogQuery, Visit};

/// What a person's word for a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Exactly one.
    Run(Box<RunRecord>),
    /// These and maybe more begin so, the latest first.
    Several(Vec<RunRecord>),
    /// None.
    Nothing,
}

/// How many runs of an ambiguous prefix are listed.
const CANDIDATES_MAX: usize = 8;

impl Store {
    /// The runs, the latest first.
    pub fn runs(&self, count_max: usize) -> Result<Vec<RunRecord>, StoreError> {
        self.select_runs("1 ORDER BY started_us DESC, run.key DESC LIMIT ?", [count_max as i64])
    }

    /// The runs that have a node of this label, the latest first.
    pub fn runs_of_label(
        &self,
        label: &str,
        count_max: usize,
    ) -> Result<Vec<RunRecord>, StoreError> {
        self.select_runs(
            "run.plan IN (SELECT plan FROM place WHERE label = ?) ORDER BY started_us DESC, run.key DESC LIMIT ?",
            params![label, count_max as i64],
        )
    }

    /// The runs that come from this one.
    pub fn children(&self, run: &RunId) -> Result<Vec<RunRecord>, StoreError> {
        self.select_runs("parent = ? ORDER BY started_us, run.key", [run.as_str()])
    }

    /// The labels that runs had, sorted.
    pub fn labels(&self) -> Result<Vec<String>, StoreError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut select =
                self.connection.prepare("SELECT DISTINCT label FROM place ORDER BY 1")?;
            select.query_map([], |row| row.get(0))?.collect()
        };
        read().map_err(|error| self.failed(&error))
    }

    /// Finds the run that a word means: a prefix of its name, `last`, or `last~1` for the one before.
    pub fn find_run(&self, word: &str) -> Result<Found, StoreError> {
        if let Some(back) = steps_back(word) {
            let runs = self.select_runs(
                "1 ORDER BY started_us DESC, run.key DESC LIMIT 1 OFFSET ?",
                [i64::from(back)],
            )?;
            return Ok(one_of(runs));
        }
        let Some(prefix) = normalised(word) else { return Ok(Found::Nothing) };
        let mut end = prefix.clone();
        end.push('~');
        let runs = self.select_runs(
            "id >= ? AND id < ? ORDER BY id DESC LIMIT ?",
            params![prefix, end, CANDIDATES_MAX as i64],
        )?;
        Ok(one_of(runs))
    }

    /// As much of a run's name as tells it from all others.
    pub fn short_id(&self, run: &RunId) -> Result<String, StoreError> {
        let neighbour = |sql: &str| -> rusqlite::Result<Option<String>> {
            self.connection.query_row(sql, [run.as_str()], |row| row.get(0)).optional()
        };
        let read = || -> rusqlite::Result<usize> {
            let before = neighbour("SELECT id FROM run WHERE id < ? ORDER BY id DESC LIMIT 1")?;
            let after = neighbour("SELECT id FROM run WHERE id > ? ORDER BY id LIMIT 1")?;
            let shared = |other: Option<String>| {
                other.map_or(0, |it| {
                    it.bytes().zip(run.as_str().bytes()).take_while(|(a, b)| a == b).count() + 1
                })
            };
            Ok(shared(before).max(shared(after)))
        };
        let length = read().map_err(|error| self.failed(&error))?.clamp(SHOWN_MIN, LENGTH);
        Ok(run.as_str().chars().take(length).collect())
    }

    /// The plan of a run.
    pub fn plan(&self, run: &RunRecord) -> Result<Plan, StoreError> {
        let json: Vec<u8> = self
            .connection
            .query_row("SELECT json FROM plan WHERE key = ?", [run.plan_key], |row| row.get(0))
            .map_err(|error| self.failed(&error))?;
        Plan::from_json(&json).map_err(|error| StoreError::Damaged {
            path: self.path.clone(),
            reason: format!("the plan of run {}: {error}", run.id),
        })
    }

    /// All nodes of a run, in the order of its plan.
    pub fn nodes(&self, run: &RunRecord, plan: &Plan) -> Result<Vec<NodeRecord>, StoreError> {
        let positions = positions(plan);
        let read = || -> rusqlite::Result<Vec<NodeRecord>> {
            let cached: Vec<u8> = self.connection.query_row(
                "SELECT cached FROM run WHERE key = ?",
                [run.key],
                |row| row.get(0),
            )?;
            let mut nodes = rows::without_rows(&positions, &cached);
            let mut select = self.connection.prepare_cached(
                "SELECT position, state, attempts, ready_ns, started_ns, ended_ns, waited
                 FROM node WHERE run = ? ORDER BY position",
            )?;
            let mut found = select.query([run.key])?;
            while let Some(row) = found.next()? {
                let Some(record) = rows::node(row, &positions)? else { continue };
                if let Some(slot) = nodes.get_mut(record.position as usize) {
                    *slot = record;
                }
            }
            Ok(nodes)
        };
        read().map_err(|error| self.failed(&error))
    }

    /// All attempts of a run, by node and number.
    pub fn attempts(&self, run: &RunRecord) -> Result<Vec<AttemptRecord>, StoreError> {
        let read = || -> rusqlite::Result<Vec<AttemptRecord>> {
            let mut select = self.connection.prepare_cached(
                "SELECT position, number, started_ns, ended_ns, end, code, user_us, system_us, memory_bytes_peak,
                    log_start, log_end
                 FROM attempt WHERE run = ? ORDER BY position, number",
            )?;
            select.query_map([run.key], rows::attempt)?.collect()
        };
        read().map_err(|error| self.failed(&error))
    }

    /// The events of a run from a number on, in order. What each node is and that its result was there already is
    /// no event here; that is in the plan and in [`Self::nodes`].
    pub fn events(
        &self,
        run: &RunRecord,
        plan: &Plan,
        from: u64,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let (positions, frame) = (positions(plan), frame(run));
        let blocks = || -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
            // The block before the first that starts later may reach beyond the number.
            let mut select = self.connection.prepare_cached(
                "SELECT seq, bytes FROM event WHERE run = ?1 AND seq >= COALESCE(
                    (SELECT MAX(seq) FROM event WHERE run = ?1 AND seq <= ?2), 0) ORDER BY seq",
            )?;
            let rows = select
                .query_map(params![run.key, from as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let mut events = Vec::new();
        for (seq, bytes) in blocks().map_err(|error| self.failed(&error))? {
            let block = decode(&frame, &positions, seq as u64, &bytes).ok_or_else(|| {
                let reason = format!("the events of run {} from {seq} on", run.id);
                StoreError::Damaged { path: self.path.clone(), reason }
            })?;
            events.extend(block.into_iter().filter(|it| it.event.seq >= from));
        }
        Ok(events)
    }

    /// How long nodes took when they last succeeded, by the hexadecimal form of their id; short ones are left out.
    pub fn durations(&self) -> Result<Vec<(rush_plan::NodeId, std::time::Duration)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            let mut select = self.connection.prepare("SELECT node, wall_ns FROM duration")?;
            let mut rows = select.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (id, wall): (Vec<u8>, i64) = (row.get(0)?, row.get(1)?);
                let id = std::str::from_utf8(&id).ok().and_then(rush_plan::NodeId::parse);
                let wall = std::time::Duration::from_nanos(wall as u64);
                found.extend(id.map(|id| (id, wall)));
            }
            Ok(found)
        };
        read().map_err(|error| self.failed(&error))
    }

    /// How often each run was replaced by another commit; changes whenever anybody wrote.
    pub fn generation(&self) -> Result<i64, StoreError> {
        self.connection
            .query_row("PRAGMA data_version", [], |row| row.get(0))
            .map_err(|error| self.failed(&error))
    }

    /// One run again, as it is by now.
    pub fn refreshed(&self, run: &RunRecord) -> Result<Option<RunRecord>, StoreError> {
        Ok(self.select_runs("run.key = ?", [run.key])?.into_iter().next())
    }

    fn select_runs(
        &self,
        condition: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<RunRecord>, StoreError> {
        let sql = format!(
            "SELECT run.key, run.plan, id, started_us, elapsed_ns, seq, outcome, counts, nodes, asked, cause, actor,
                verb, parent, choices, program, pid, pid_started, machine, log_bytes, plan.digest
             FROM run JOIN plan ON plan.key = run.plan WHERE {condition}"
        );
        let read = || -> rusqlite::Result<Vec<RunRecord>> {
            self.connection.prepare_cached(&sql)?.query_map(values, rows::run)?.collect()
        };
        read().map_err(|error| self.failed(&error))
    }

    pub(crate) fn log_directory(&self) -> &Utf8Path {
        &self.directory
    }
}

pub(crate) fn positions(plan: &Plan) -> Positions {
    Positions::of(plan.nodes().iter().map(rush_plan::Node::id))
}

pub(crate) fn frame(run: &RunRecord) -> Frame {
    Frame { run: run.id.clone(), started: run.started }
}

/// Adds a state to the counts, if it is final.
pub(crate) fn count(counts: &mut RunCounts, state: &NodeState) {
    match state {
        NodeState::Succeeded => counts.succeeded += 1,
        NodeState::Cached => counts.cached += 1,
        NodeState::Failed { .. } => counts.failed += 1,
        NodeState::TimedOut => counts.timed_out += 1,
        NodeState::Skipped { .. } => counts.skipped += 1,
        NodeState::Cancelled => counts.cancelled += 1,
        _ => {}
    }
}

/// How many runs before the last one a word means.
fn steps_back(word: &str) -> Option<u32> {
    match word.strip_prefix("last")? {
        "" => Some(0),
        "~" => Some(1),
        rest => rest.strip_prefix('~')?.parse().ok(),
    }
}

fn one_of(mut runs: Vec<RunRecord>) -> Found {
    match (runs.pop(), runs.is_empty()) {
        (None, _) => Found::Nothing,
        (Some(run), true) => Found::Run(Box::new(run)),
        (Some(run), false) => {
            runs.push(run);
            Found::Several(runs)
        }
    }
}

pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(bytes.first_chunk::<32>().copied().unwrap_or([0; 32]))
}
