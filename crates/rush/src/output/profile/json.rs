//! A profile as one JSON document.

use rush_engine::{PastTask, TaskProfile, status_word};
use serde_json::{Value, json};

use super::Profiled;

/// The profile of a run.
pub(crate) fn run(it: &Profiled<'_>) -> String {
    let tasks: Vec<Value> = it.profile.tasks.iter().map(|task| task_json(it, task)).collect();
    let critical: Vec<&str> = it.profile.critical.iter().map(|node| it.name(*node)).collect();
    let document = json!({
        "version": 1,
        "run": it.earlier.run.id,
        "asked": it.earlier.run.asked,
        "started": it.earlier.run.started,
        "wall_ns": it.profile.wall_ns,
        "cpu_us": it.profile.cpu_us(),
        "memory_bytes_peak": it.profile.memory_bytes_peak(),
        "critical_path": critical,
        "tasks": tasks,
    });
    format!("{document:#}\n")
}

fn task_json(it: &Profiled<'_>, task: &TaskProfile) -> Value {
    json!({
        "node": task.node,
        "name": it.name(task.node),
        "status": status_word(&task.state),
        "attempts": task.attempts,
        "ready_ns": task.ready_ns,
        "started_ns": task.started_ns,
        "ended_ns": task.ended_ns,
        "wall_ns": task.wall_ns(),
        "waiting_ns": task.waiting_ns(),
        "waited_for": task.waited,
        "after": task.blocker.map(|node| it.name(node)),
        "cpu_us": task.used.cpu_us,
        "memory_bytes_peak": task.used.memory_bytes_peak,
        "is_critical": it.is_critical(task),
        "past": task.past.as_ref().map(past_json),
    })
}

fn past_json(past: &PastTask) -> Value {
    json!({
        "runs": past.runs,
        "failures": past.failures,
        "wall_ns_p50": past.wall_ns_p50,
        "wall_ns_p95": past.wall_ns_p95,
        "cpu_us_p50": past.cpu_us_p50,
        "memory_bytes_peak": past.memory_bytes_peak,
    })
}

/// How tasks did in earlier runs.
pub(crate) fn past(tasks: &[(String, PastTask)]) -> String {
    let tasks: Vec<Value> =
        tasks.iter().map(|(name, past)| json!({ "name": name, "past": past_json(past) })).collect();
    format!("{:#}\n", json!({ "version": 1, "tasks": tasks }))
}
