//! Rows of the database as records.

use rush_plan::{
    AttemptEnd, Cause, NodeState, RunCounts, RunId, RunOutcome, Timestamp, UsageRecord,
    WaitingReason,
};
use rusqlite::Row;

use super::digest;
use crate::codec::{Positions, decode_state};
use crate::record::{AttemptRecord, Lineage, NodeRecord, ProcessMark, RunRecord};

/// A run; the columns are in the order of the one statement that reads runs.
pub(super) fn run(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let outcome: Option<String> = row.get(6)?;
    let counts: Vec<u8> = row.get_ref(7)?.as_bytes()?.to_vec();
    let verb: String = row.get(12)?;
    let plan: Vec<u8> = row.get(20)?;
    Ok(RunRecord {
        key: row.get(0)?,
        plan_key: row.get(1)?,
        id: RunId::new(row.get::<_, String>(2)?),
        started: Timestamp(row.get(3)?),
        elapsed_ns: unsigned(row, 4)?,
        next_seq: unsigned(row, 5)?,
        outcome: outcome.map(|it| outcome_of(&it)),
        counts: serde_json::from_slice::<RunCounts>(&counts).unwrap_or_default(),
        nodes: row.get(8)?,
        asked: row.get(9)?,
        cause: Cause { kind: row.get(10)?, actor: row.get(11)? },
        lineage: Lineage::of(&verb, row.get(13)?),
        choices: row.get(14)?,
        program: row.get(15)?,
        process: ProcessMark {
            pid: row.get(16)?,
            started: unsigned(row, 17)?,
            machine: row.get(18)?,
        },
        log_bytes: unsigned(row, 19)?,
        plan: digest(&plan),
    })
}

fn outcome_of(word: &str) -> RunOutcome {
    match word {
        "succeeded" => RunOutcome::Succeeded,
        "failed" => RunOutcome::Failed,
        "interrupted" => RunOutcome::Interrupted,
        _ => RunOutcome::Unknown,
    }
}

/// The nodes as they are without rows of their own.
pub(super) fn without_rows(positions: &Positions, cached: &[u8]) -> Vec<NodeRecord> {
    let is_cached =
        |at: u32| cached.get(at as usize / 8).is_some_and(|byte| byte & (1 << (at % 8)) != 0);
    let nodes = (0..positions.len() as u32).filter_map(|at| Some((at, positions.id(at)?)));
    let nodes = nodes.map(|(position, node)| NodeRecord {
        position,
        node,
        state: if is_cached(position) {
            NodeState::Cached
        } else {
            NodeState::Waiting { reason: WaitingReason::Needs { remaining: 0 } }
        },
        attempts: 0,
        ready_ns: None,
        started_ns: None,
        ended_ns: None,
        waited: None,
    });
    nodes.collect()
}

/// A node; `None` if the plan has none at this position.
pub(super) fn node(row: &Row<'_>, positions: &Positions) -> rusqlite::Result<Option<NodeRecord>> {
    let position: u32 = row.get(0)?;
    let Some(node) = positions.id(position) else { return Ok(None) };
    let state = decode_state(row.get_ref(1)?.as_bytes()?, positions);
    Ok(Some(NodeRecord {
        position,
        node,
        state: state.unwrap_or(NodeState::Unknown),
        attempts: row.get(2)?,
        ready_ns: opt_unsigned(row, 3)?,
        started_ns: opt_unsigned(row, 4)?,
        ended_ns: opt_unsigned(row, 5)?,
        waited: row.get(6)?,
    }))
}

/// An attempt; the columns are in the order of the one statement that reads attempts.
pub(super) fn attempt(row: &Row<'_>) -> rusqlite::Result<AttemptRecord> {
    let (end, code): (Option<String>, Option<i32>) = (row.get(4)?, row.get(5)?);
    let end = end
        .map(|it| serde_json::from_str(&it).unwrap_or(AttemptEnd::Unknown))
        .or(code.map(|code| AttemptEnd::Exited { code }));
    Ok(AttemptRecord {
        position: row.get(0)?,
        number: row.get(1)?,
        started_ns: unsigned(row, 2)?,
        ended_ns: opt_unsigned(row, 3)?,
        end,
        usage: UsageRecord {
            user_us: unsigned(row, 6)?,
            system_us: unsigned(row, 7)?,
            memory_bytes_peak: Some(unsigned(row, 8)?).filter(|it| *it > 0),
        },
        log: opt_unsigned(row, 9)?.zip(opt_unsigned(row, 10)?),
    })
}

/// SQLite has no unsigned numbers; ours never reach the sign.
fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|it| it as u64)
}

fn opt_unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    row.get::<_, Option<i64>>(column).map(|it| it.map(|it| it as u64))
}
