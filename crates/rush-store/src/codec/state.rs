//! States of nodes as a tag and what belongs to it.

use rush_plan::{NodeState, SkipReason, WaitingReason};

use super::Positions;
use super::bytes::{Reader, put_bytes, put_number};

/// A state as its JSON form.
const JSON: u8 = 0;
const READY: u8 = 1;
const RUNNING: u8 = 2;
const BACKING_OFF: u8 = 3;
const SUCCEEDED: u8 = 4;
const CACHED: u8 = 5;
const FAILED: u8 = 6;
const FAILED_ALLOWED: u8 = 7;
const TIMED_OUT: u8 = 8;
const SKIPPED_WHEN: u8 = 9;
const SKIPPED_NEEDS: u8 = 10;
const SKIPPED_RUN_FAILED: u8 = 11;
const CANCELLED: u8 = 12;
const WAITING_NEEDS: u8 = 13;
const WAITING_WORKER: u8 = 14;
const WAITING_RESOURCES: u8 = 15;

/// Adds a state.
pub(crate) fn encode_state(out: &mut Vec<u8>, positions: &Positions, state: &NodeState) {
    let (tag, numbers): (u8, &[u64]) = match state {
        NodeState::Ready => (READY, &[]),
        NodeState::Running { attempt } => (RUNNING, &[u64::from(*attempt)]),
        NodeState::BackingOff { attempt, delay_ms } => {
            (BACKING_OFF, &[u64::from(*attempt), *delay_ms])
        }
        NodeState::Succeeded => (SUCCEEDED, &[]),
        NodeState::Cached => (CACHED, &[]),
        NodeState::Failed { allowed: false } => (FAILED, &[]),
        NodeState::Failed { allowed: true } => (FAILED_ALLOWED, &[]),
        NodeState::TimedOut => (TIMED_OUT, &[]),
        NodeState::Skipped { reason: SkipReason::When } => (SKIPPED_WHEN, &[]),
        NodeState::Skipped { reason: SkipReason::RunFailed } => (SKIPPED_RUN_FAILED, &[]),
        NodeState::Cancelled => (CANCELLED, &[]),
        NodeState::Waiting { reason: WaitingReason::Needs { remaining } } => {
            (WAITING_NEEDS, &[u64::from(*remaining)])
        }
        NodeState::Waiting { reason: WaitingReason::Worker } => (WAITING_WORKER, &[]),
        NodeState::Waiting { reason: WaitingReason::Resources } => (WAITING_RESOURCES, &[]),
        NodeState::Skipped { reason: SkipReason::Needs { node } } => {
            match positions.position(*node) {
                Some(position) => (SKIPPED_NEEDS, &[u64::from(position)]),
                None => return json(out, state),
            }
        }
        // Rare states, and those of later versions.
        _ => return json(out, state),
    };
    out.push(tag);
    numbers.iter().for_each(|it| put_number(out, *it));
}

fn json(out: &mut Vec<u8>, state: &NodeState) {
    let text =
        serde_json::to_vec(state).expect("states have string keys, so they always serialise");
    out.push(JSON);
    put_bytes(out, &text);
}

/// Reads a state that stands alone.
pub(crate) fn decode_state(bytes: &[u8], positions: &Positions) -> Option<NodeState> {
    read(&mut Reader(bytes), positions)
}

pub(super) fn read(reader: &mut Reader<'_>, positions: &Positions) -> Option<NodeState> {
    let waiting = |reason| NodeState::Waiting { reason };
    let skipped = |reason| NodeState::Skipped { reason };
    Some(match reader.byte()? {
        JSON => serde_json::from_slice(reader.slice()?).unwrap_or(NodeState::Unknown),
        READY => NodeState::Ready,
        RUNNING => NodeState::Running { attempt: reader.number()? as u32 },
        BACKING_OFF => {
            NodeState::BackingOff { attempt: reader.number()? as u32, delay_ms: reader.number()? }
        }
        SUCCEEDED => NodeState::Succeeded,
        CACHED => NodeState::Cached,
        FAILED => NodeState::Failed { allowed: false },
        FAILED_ALLOWED => NodeState::Failed { allowed: true },
        TIMED_OUT => NodeState::TimedOut,
        SKIPPED_WHEN => skipped(SkipReason::When),
        SKIPPED_NEEDS => {
            let node = positions.id(reader.number()? as u32)?;
            skipped(SkipReason::Needs { node })
        }
        SKIPPED_RUN_FAILED => skipped(SkipReason::RunFailed),
        CANCELLED => NodeState::Cancelled,
        WAITING_NEEDS => waiting(WaitingReason::Needs { remaining: reader.number()? as u32 }),
        WAITING_WORKER => waiting(WaitingReason::Worker),
        WAITING_RESOURCES => waiting(WaitingReason::Resources),
        _ => return None,
    })
}
