//! A profile in the text format of Prometheus.

use std::fmt::Write as _;

use rush_engine::{PastTask, TaskProfile, status_word};

use super::Profiled;

/// A number of a task, if it is known.
type Value = fn(&TaskProfile) -> Option<f64>;

/// The profile of a run.
pub(crate) fn run(it: &Profiled<'_>) -> String {
    let mut out = String::new();
    head(&mut out, "rush_run_wall_seconds", "how long the run took");
    let _ = writeln!(
        out,
        "rush_run_wall_seconds{{run=\"{}\",asked=\"{}\"}} {}",
        it.earlier.run.id,
        escaped(&it.earlier.run.asked),
        it.profile.wall_ns as f64 / 1e9
    );
    let metrics: [(&str, &str, Value); 5] = [
        ("rush_task_wall_seconds", "how long the task took", |it| Some(it.wall_ns() as f64 / 1e9)),
        ("rush_task_waiting_seconds", "how long it could have run but did not", |it| {
            Some(it.waiting_ns() as f64 / 1e9)
        }),
        ("rush_task_cpu_seconds", "its processor time", |it| Some(it.used.cpu_us as f64 / 1e6)),
        ("rush_task_memory_peak_bytes", "its largest process", |it| {
            it.used.memory_bytes_peak.map(|it| it as f64)
        }),
        ("rush_task_attempts", "how often it was tried", |it| Some(f64::from(it.attempts))),
    ];
    for (metric, help, value) in metrics {
        head(&mut out, metric, help);
        let known = it.profile.tasks.iter().filter_map(|task| Some((task, value(task)?)));
        for (task, value) in known {
            let _ = writeln!(
                out,
                "{metric}{{run=\"{}\",task=\"{}\",status=\"{}\"}} {}",
                it.earlier.run.id,
                escaped(it.name(task.node)),
                status_word(&task.state),
                value
            );
        }
    }
    out
}

/// How tasks did in earlier runs.
pub(crate) fn past(tasks: &[(String, PastTask)]) -> String {
    let mut out = String::new();
    head(&mut out, "rush_task_wall_seconds", "how long the task usually takes");
    for (name, past) in tasks {
        for (quantile, ns) in [("0.5", past.wall_ns_p50), ("0.95", past.wall_ns_p95)] {
            let Some(ns) = ns else { continue };
            let _ = writeln!(
                out,
                "rush_task_wall_seconds{{task=\"{}\",quantile=\"{quantile}\"}} {}",
                escaped(name),
                ns as f64 / 1e9
            );
        }
    }
    for (metric, help, value) in [
        ("rush_task_runs", "how often it ran", (|it| it.runs) as fn(&PastTask) -> usize),
        ("rush_task_failures", "how often it did not succeed", |it| it.failures),
    ] {
        head(&mut out, metric, help);
        for (name, past) in tasks {
            let _ = writeln!(out, "{metric}{{task=\"{}\"}} {}", escaped(name), value(past));
        }
    }
    out
}

fn head(out: &mut String, metric: &str, help: &str) {
    let _ = writeln!(out, "# HELP {metric} {help}\n# TYPE {metric} gauge");
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
