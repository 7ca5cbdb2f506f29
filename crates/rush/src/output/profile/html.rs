//! A run as a page with a timeline: one file, no scripts, nothing to load.

use std::fmt::Write as _;
use std::time::Duration;

use rush_engine::{TaskProfile, has_status, status_word};

use super::Profiled;
use crate::output::amount::{duration, local_time, size};

const STYLE: &str = include_str!("timeline.css");

/// How many tasks have a row; of more, those that took longest.
const ROWS_MAX: usize = 500;

/// Behind this part of the scale, in percent, a mark has no room on its right.
const MARK_LAST: f64 = 92.0;

/// How many marks the scale has, about.
const MARKS: u64 = 8;

/// The page of a run.
pub(crate) fn run(it: &Profiled<'_>) -> String {
    let (run, profile) = (&it.earlier.run, it.profile);
    let mut tasks: Vec<&TaskProfile> = profile.tasks.iter().collect();
    tasks.sort_by_key(|it| std::cmp::Reverse(it.wall_ns()));
    let left_out = tasks.len().saturating_sub(ROWS_MAX);
    tasks.truncate(ROWS_MAX);
    tasks.sort_by_key(|it| (it.started_ns, it.ended_ns));
    let end = tasks.iter().map(|it| it.ended_ns).max().unwrap_or(0).max(profile.wall_ns).max(1);
    let mut out = String::new();
    let title = format!("{} - run {}", run.asked, run.id);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
        escaped(&title),
        escaped(&run.asked)
    );
    let _ = writeln!(
        out,
        "<p class=\"sum\">run <code>{}</code>, began {}: wall <b>{}</b>, processor <b>{}</b>, largest process \
         <b>{}</b>, {} tasks ran, {} cached</p>",
        run.id,
        local_time(run.started),
        time(profile.wall_ns),
        duration(Duration::from_micros(profile.cpu_us())),
        known(profile.memory_bytes_peak(), size),
        profile.tasks.len(),
        it.earlier.nodes.iter().filter(|node| has_status(node, "cached")).count()
    );
    out.push_str(
        "<p class=\"key\"><i class=\"waiting\"></i> ready, waiting <i class=\"good\"></i> succeeded \
         <i class=\"bad\"></i> failed <i class=\"other\"></i> other \
         <i class=\"good critical\"></i> decided how long the run took</p>\n<div class=\"chart\">\n",
    );
    scale(&mut out, end);
    for task in &tasks {
        row(&mut out, it, task, end);
    }
    out.push_str("</div>\n");
    if left_out > 0 {
        let _ = writeln!(out, "<p>{left_out} shorter tasks are left out</p>");
    }
    table(&mut out, it, &tasks);
    out.push_str("</body>\n</html>\n");
    out
}

fn percent(ns: u64, end: u64) -> f64 {
    ns as f64 * 100.0 / end as f64
}

/// Round marks, about as many as fit.
fn scale(out: &mut String, end: u64) {
    let mut step: u64 = 1000;
    while end / step > MARKS {
        let leading = step.to_string().starts_with('2');
        step = if leading { step / 2 * 5 } else { step * 2 };
    }
    out.push_str("<div class=\"row scale\"><span class=\"name\"></span><span class=\"bars\">");
    for at in (0..=end).step_by(step as usize) {
        let left = percent(at, end);
        // The words of the last marks stand before their line, where there is room.
        let (class, place) = if left > MARK_LAST {
            (" class=\"last\"", format!("right:{:.3}%", 100.0 - left))
        } else {
            ("", format!("left:{left:.3}%"))
        };
        let _ = write!(out, "<em{class} style=\"{place}\">{}</em>", mark(at));
    }
    out.push_str("</span></div>\n");
}

fn mark(ns: u64) -> String {
    match ns {
        0 => "0".to_owned(),
        1..1_000_000 => format!("{} us", ns / 1000),
        1_000_000..1_000_000_000 => format!("{} ms", ns / 1_000_000),
        _ => format!("{} s", ns as f64 / 1e9),
    }
}

fn time(ns: u64) -> String {
    duration(Duration::from_nanos(ns))
}

fn class(it: &Profiled<'_>, task: &TaskProfile) -> String {
    let class = match status_word(&task.state) {
        "succeeded" | "cached" => "good",
        "failed" | "timed_out" => "bad",
        _ => "other",
    };
    if it.is_critical(task) { format!("{class} critical") } else { class.to_owned() }
}

fn row(out: &mut String, it: &Profiled<'_>, task: &TaskProfile, end: u64) {
    let name = escaped(it.name(task.node));
    let after = task.blocker.map(|node| format!(", after {}", escaped(it.name(node))));
    let tip = format!(
        "{name}: {} in {}, from {} to {}{}",
        status_word(&task.state),
        time(task.wall_ns()),
        time(task.started_ns),
        time(task.ended_ns),
        after.unwrap_or_default()
    );
    let _ = write!(
        out,
        "<div class=\"row\" title=\"{tip}\"><span class=\"name\">{name}</span><span class=\"bars\">"
    );
    // Where a word before the bar would end.
    let mut before = percent(task.started_ns, end);
    if task.waiting_ns() > 0 {
        before = percent(task.ready_ns, end);
        let (left, width) = (percent(task.ready_ns, end), percent(task.waiting_ns(), end));
        let _ =
            write!(out, "<i class=\"waiting\" style=\"left:{left:.3}%;width:{width:.3}%\"></i>");
    }
    let (left, width) = (percent(task.started_ns, end), percent(task.wall_ns(), end));
    let class = class(it, task);
    let _ = write!(out, "<i class=\"{class}\" style=\"left:{left:.3}%;width:{width:.3}%\"></i>");
    // The time stands behind the bar, else before it, else in it.
    let (class, place) = if left + width < 85.0 {
        ("", format!("left:{:.3}%", left + width))
    } else if before > 15.0 {
        ("", format!("right:{:.3}%", 100.0 - before))
    } else {
        (" class=\"in\"", format!("right:{:.3}%", (100.0 - left - width).max(0.0)))
    };
    let _ = writeln!(out, "<b{class} style=\"{place}\">{}</b></span></div>", time(task.wall_ns()));
}

fn table(out: &mut String, it: &Profiled<'_>, tasks: &[&TaskProfile]) {
    out.push_str(
        "<table>\n<tr><th>task<th>status<th>attempts<th>wall<th>usual<th>p95<th>processor<th>memory\
         <th>waited<th>after</tr>\n",
    );
    for task in tasks {
        let past = task.past.as_ref();
        let _ = writeln!(
            out,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}</tr>",
            escaped(it.name(task.node)),
            status_word(&task.state).replace('_', " "),
            task.attempts,
            time(task.wall_ns()),
            known(past.and_then(|it| it.wall_ns_p50), time),
            known(past.and_then(|it| it.wall_ns_p95), time),
            duration(Duration::from_micros(task.used.cpu_us)),
            known(task.used.memory_bytes_peak, size),
            time(task.waiting_ns()),
            escaped(task.blocker.map_or("", |node| it.name(node))),
        );
    }
    out.push_str("</table>\n");
}

/// A figure, or that there is none.
fn known(figure: Option<u64>, shown: fn(u64) -> String) -> String {
    figure.map_or("-".to_owned(), shown)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
