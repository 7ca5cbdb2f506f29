//! A profile as comma-separated values, one task a line.

use std::fmt::Write as _;

use rush_engine::{PastTask, status_word};

use super::Profiled;

/// The profile of a run.
pub(crate) fn run(it: &Profiled<'_>) -> String {
    let mut out =
        "task,status,attempts,ready_s,started_s,ended_s,wall_s,waiting_s,waited_for,after,cpu_s,\
                   memory_bytes_peak,is_critical\n"
            .to_owned();
    for task in &it.profile.tasks {
        let _ = writeln!(
            out,
            "{},{},{},{},{},{},{},{},{},{},{},{},{}",
            field(it.name(task.node)),
            status_word(&task.state),
            task.attempts,
            seconds(task.ready_ns),
            seconds(task.started_ns),
            seconds(task.ended_ns),
            seconds(task.wall_ns()),
            seconds(task.waiting_ns()),
            field(task.waited.as_deref().unwrap_or_default()),
            field(task.blocker.map_or("", |node| it.name(node))),
            seconds(task.used.cpu_us * 1000),
            known(task.used.memory_bytes_peak),
            it.is_critical(task),
        );
    }
    out
}

/// How tasks did in earlier runs.
pub(crate) fn past(tasks: &[(String, PastTask)]) -> String {
    let mut out =
        "task,runs,failures,wall_s_p50,wall_s_p95,cpu_s_p50,memory_bytes_peak\n".to_owned();
    for (name, past) in tasks {
        let _ = writeln!(
            out,
            "{},{},{},{},{},{},{}",
            field(name),
            past.runs,
            past.failures,
            known(past.wall_ns_p50.map(seconds)),
            known(past.wall_ns_p95.map(seconds)),
            known(past.cpu_us_p50.map(|it| seconds(it * 1000))),
            known(past.memory_bytes_peak),
        );
    }
    out
}

/// A number, or nothing where there is none.
fn known(number: Option<impl ToString>) -> String {
    number.map(|it| it.to_string()).unwrap_or_default()
}

fn seconds(ns: u64) -> String {
    format!("{}.{:06}", ns / 1_000_000_000, ns / 1000 % 1_000_000)
}

/// A field as RFC 4180 wants it.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
