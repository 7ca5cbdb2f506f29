//! A profile for people: the sum, the chain that decided, and the tasks that took longest.

use std::fmt::Write as _;
use std::time::Duration;

use rush_diagnostics::HumanStyle;
use rush_engine::{PastTask, TaskProfile};

use super::Profiled;
use crate::output::amount::{duration, size};
use crate::output::paint::Paint;
use crate::output::table::{self, Cell};

/// How many tasks are listed.
const LISTED_MAX: usize = 20;

/// Waiting shorter than this is noise.
const WAITING_NS_MIN: u64 = 1_000_000;

fn time(ns: u64) -> String {
    duration(Duration::from_nanos(ns))
}

fn cpu(us: u64) -> String {
    duration(Duration::from_micros(us))
}

fn memory(bytes: Option<u64>) -> String {
    known(bytes, size)
}

/// A figure, or nothing where there is none.
fn known(figure: Option<u64>, shown: fn(u64) -> String) -> String {
    figure.map(shown).unwrap_or_default()
}

/// The profile of a run.
pub(crate) fn run(it: &Profiled<'_>, style: HumanStyle) -> String {
    let (run, profile) = (&it.earlier.run, it.profile);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "run {}  {}: wall {}, processor {}, largest process {}",
        Paint::Name.on(run.id.as_str(), style),
        run.asked,
        time(profile.wall_ns),
        cpu(profile.cpu_us()),
        profile.memory_bytes_peak().map_or("-".to_owned(), size),
    );
    if profile.tasks.is_empty() {
        out.push_str("nothing ran\n");
        return out;
    }
    let _ = writeln!(out, "\n{}", Paint::Heading.on("what decided how long it took", style));
    let path = profile.critical.iter().filter_map(|node| {
        profile.tasks.iter().find(|task| task.node == *node).map(|task| {
            let note = waited(task).map(|it| Cell::painted(it, Paint::Dim));
            [
                Some(Cell::plain(time(task.wall_ns()))),
                Some(Cell::painted(it.name(*node), Paint::Name)),
                note,
            ]
            .into_iter()
            .flatten()
            .collect()
        })
    });
    out.push_str(&table::render(&path.collect::<Vec<Vec<Cell>>>(), style));
    let _ = writeln!(out, "\n{}", Paint::Heading.on("what took longest", style));
    let mut tasks: Vec<_> = profile.tasks.iter().filter(|it| !it.is_service).collect();
    tasks.sort_by_key(|it| std::cmp::Reverse(it.wall_ns()));
    let heads = ["wall", "cpu", "memory", "usual", "p95", "task", "waited for"];
    let mut rows = vec![heads.map(|it| Cell::painted(it, Paint::Dim)).into()];
    rows.extend(tasks.iter().take(LISTED_MAX).map(|task| row(it, task)));
    out.push_str(&table::render(&rows, style));
    if tasks.len() > LISTED_MAX {
        let _ = writeln!(out, "and {} more; `-o csv` has them all", tasks.len() - LISTED_MAX);
    }
    out
}

fn row(it: &Profiled<'_>, task: &TaskProfile) -> Vec<Cell> {
    let past = task.past.as_ref();
    let paint = if it.is_critical(task) { Paint::Attention } else { Paint::Name };
    let blocker = task.blocker.map(|node| it.name(node).to_owned());
    let reasons: Vec<String> = blocker.into_iter().chain(waited(task)).collect();
    vec![
        Cell::plain(time(task.wall_ns())),
        Cell::plain(cpu(task.used.cpu_us)),
        Cell::plain(memory(task.used.memory_bytes_peak)),
        Cell::plain(known(past.and_then(|it| it.wall_ns_p50), time)),
        Cell::plain(known(past.and_then(|it| it.wall_ns_p95), time)),
        Cell::painted(it.name(task.node), paint),
        Cell::painted(reasons.join(", "), Paint::Dim),
    ]
}

/// What a task waited for when it could have run.
fn waited(task: &TaskProfile) -> Option<String> {
    let waiting = task.waiting_ns();
    let reason = task.waited.as_deref().unwrap_or("worker");
    let words = match reason {
        "worker" => "a free worker".to_owned(),
        "terminal" => "the terminal".to_owned(),
        "another" => "another Rush".to_owned(),
        other => match other.strip_prefix("limit ") {
            Some(group) => format!("the limit of `{group}`"),
            None => other.to_owned(),
        },
    };
    (waiting >= WAITING_NS_MIN).then(|| format!("{} for {words}", time(waiting)))
}

/// How tasks did in earlier runs.
pub(crate) fn past(tasks: &[(String, PastTask)], style: HumanStyle) -> String {
    let heads = ["runs", "failed", "usual", "p95", "cpu", "memory", "task"];
    let mut rows: Vec<Vec<Cell>> = vec![heads.map(|it| Cell::painted(it, Paint::Dim)).into()];
    rows.extend(tasks.iter().map(|(name, past)| {
        vec![
            Cell::plain(past.runs.to_string()),
            Cell::plain(past.failures.to_string()),
            Cell::plain(known(past.wall_ns_p50, time)),
            Cell::plain(known(past.wall_ns_p95, time)),
            Cell::plain(known(past.cpu_us_p50, cpu)),
            Cell::plain(memory(past.memory_bytes_peak)),
            Cell::painted(name.strip_prefix("//:").unwrap_or(name), Paint::Name),
        ]
    }));
    table::render(&rows, style)
}
