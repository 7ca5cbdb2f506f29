//! A run as a trace for chrome://tracing and Perfetto: each task a bar, each row a worker.

use rush_engine::status_word;
use serde_json::{Value, json};

use super::Profiled;

/// The thread of a worker. Perfetto takes the thread 0 for the idle one of the system, and loses what runs on it.
const fn thread(lane: usize) -> usize {
    lane + 1
}

/// The trace of a run.
pub(crate) fn run(it: &Profiled<'_>) -> String {
    let lanes = it.lanes();
    let mut events = vec![json!({
        "name": "process_name", "ph": "M", "pid": 1, "tid": thread(0),
        "args": { "name": format!("rush {} ({})", it.earlier.run.asked, it.earlier.run.id) },
    })];
    for lane in 0..lanes.iter().max().map_or(0, |it| it + 1) {
        events.push(json!({
            "name": "thread_name", "ph": "M", "pid": 1, "tid": thread(lane),
            "args": { "name": format!("worker {}", lane + 1) },
        }));
    }
    for (task, lane) in it.profile.tasks.iter().zip(&lanes) {
        let arguments: Value = json!({
            "status": status_word(&task.state),
            "attempts": task.attempts,
            "after": task.blocker.map(|node| it.name(node)),
            "waited_ms": task.waiting_ns() as f64 / 1e6,
            "waited_for": task.waited,
            "cpu_ms": task.used.cpu_us as f64 / 1e3,
            "memory_mb": task.used.memory_bytes_peak.map(|it| it as f64 / 1e6),
        });
        events.push(json!({
            "name": it.name(task.node),
            "cat": if it.is_critical(task) { "critical" } else { "task" },
            "ph": "X",
            "ts": task.started_ns as f64 / 1e3,
            "dur": task.wall_ns() as f64 / 1e3,
            "pid": 1,
            "tid": thread(*lane),
            "args": arguments,
        }));
    }
    format!("{}\n", json!({ "displayTimeUnit": "ms", "traceEvents": events }))
}
