//! What a run came to: each failure with its reason, and one line that sums up.

use std::cell::LazyCell;
use std::fmt::Write as _;
use std::time::Duration;

use rush_diagnostics::HumanStyle;
use rush_engine::{NodeSummary, RunSummary, withheld_variables};
use rush_plan::{AttemptEnd, Command, NodeId, NodeState, Plan, RunCounts, RunOutcome};
use rush_system::System;

use crate::output::amount::duration;
use crate::output::names::Names;
use crate::output::paint::Paint;

/// How many withheld variables are named.
const NAMED_MAX: usize = 8;

/// Up to how many nodes each is listed with its time; of more, only the slowest.
const TIMES_MAX: usize = 12;

/// How many of the slowest are named.
const SLOWEST_MAX: usize = 3;

/// What is remembered of what failed nodes did and wrote.
pub(super) struct LastWords<'a> {
    /// The last lines, where they are to be shown again.
    pub(super) again: &'a dyn Fn(NodeId) -> Vec<String>,
    /// The command that was begun last.
    pub(super) command: &'a dyn Fn(NodeId) -> Option<&'a str>,
    /// What was written last.
    pub(super) wrote: &'a dyn Fn(NodeId) -> String,
}

/// Everything that is said at the end of a run.
pub(super) fn text(
    plan: &Plan,
    summary: &RunSummary,
    system: &dyn System,
    style: HumanStyle,
    words: &LastWords<'_>,
) -> String {
    let mut out = String::new();
    // Where all is well, nobody is named.
    let names = LazyCell::new(|| Names::of(plan).all());
    for node in &summary.nodes {
        let name = || names.get(&node.node).map_or(node.label.as_str(), String::as_str);
        for warning in &node.warnings {
            let word = Paint::Attention.on("warning:", style);
            let _ = writeln!(out, "{word} {}: {warning}", name());
        }
        if let Some(reason) = reason(plan, node) {
            let place = place(plan, node);
            let place = Paint::Dim.on(&place, style);
            let word = Paint::Bad.on("failed:", style);
            let again = (words.again)(node.node);
            let _ = writeln!(out, "{word} {}: {}{place}", name(), notes(node, reason));
            if let Some(command) = (words.command)(node.node) {
                let _ = writeln!(out, "  {}", Paint::Dim.on(&format!("$ {command}"), style));
            }
            // Where they are shown again anyway, they are not told twice.
            if again.is_empty() && !node.last_lines.is_empty() {
                let _ = writeln!(out, "  its last lines:");
                for line in &node.last_lines {
                    let _ = writeln!(out, "    {line}");
                }
            }
            for line in again {
                let _ = writeln!(out, "  {} {line}", Paint::Dim.on("|", style));
            }
            if let Some(missed) = missed(plan, node, system, words) {
                let _ = writeln!(out, "  {missed}");
            }
        }
    }
    for bug in &summary.bugs {
        let _ = writeln!(out, "{} {bug}", Paint::Bad.on("bug in Rush:", style));
    }
    out.push_str(&times(plan, summary, |node| names.get(&node).map_or("", String::as_str), style));
    let _ = writeln!(out, "{}", line(summary, style));
    out
}

/// How long each task took, where there are several, in the order in which they began.
fn times<'a>(
    plan: &Plan,
    summary: &RunSummary,
    name: impl Fn(NodeId) -> &'a str,
    style: HumanStyle,
) -> String {
    let ran = summary.nodes.iter().filter(|it| it.attempts > 0);
    // How long a service was up says nothing about it.
    let ran = ran.filter(|it| plan.node(it.node).is_some_and(|it| it.as_task().is_some()));
    let mut ran: Vec<&NodeSummary> = ran.collect();
    ran.sort_by_key(|it| it.started);
    let mut out = String::new();
    match ran.len() {
        0 | 1 => {}
        2..=TIMES_MAX => {
            for node in ran {
                let time = duration(node.duration);
                let time = Paint::Dim.on(&format!("{time:>10}"), style);
                let _ = writeln!(out, "{time}  {}", name(node.node));
            }
        }
        _ => {
            let mut slowest = ran;
            slowest.sort_by_key(|it| std::cmp::Reverse(it.duration));
            let slowest = slowest.iter().take(SLOWEST_MAX);
            let slowest = slowest.map(|it| format!("{} {}", name(it.node), duration(it.duration)));
            let slowest = slowest.collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "{}", Paint::Dim.on(&format!("slowest: {slowest}"), style));
        }
    }
    out
}

/// Why a node did not succeed; nothing for nodes that did, or never ran.
fn reason(plan: &Plan, node: &NodeSummary) -> Option<String> {
    if !node.state.has_failed() {
        return None;
    }
    let end = node.end.as_ref().map(|end| match end {
        AttemptEnd::Exited { code } => format!("exit status {code}"),
        AttemptEnd::Signaled { signal } => format!("ended by signal {signal}"),
        AttemptEnd::TimedOut => {
            let task = plan.node(node.node).and_then(|it| it.as_task());
            let limit = task.and_then(|it| it.timeout_ms).map(Duration::from_millis);
            let limit = limit.map(|it| format!(" of {}", duration(it))).unwrap_or_default();
            format!("took longer than its `timeout`{limit}")
        }
        AttemptEnd::Lost { message } | AttemptEnd::Refused { message } => message.clone(),
        AttemptEnd::Unknown => "ended in an unknown way".to_owned(),
    });
    Some(node.problem.clone().or(end).unwrap_or_else(|| "did not succeed".to_owned()))
}

/// The same with what a service wrote last, for readers who see nothing else of it.
pub(crate) fn whole_reason(plan: &Plan, node: &NodeSummary) -> Option<String> {
    let mut reason = reason(plan, node)?;
    if !node.last_lines.is_empty() {
        reason.push_str("; its last lines:");
    }
    for line in &node.last_lines {
        let _ = write!(reason, "\n  {line}");
    }
    Some(reason)
}

fn notes(node: &NodeSummary, reason: String) -> String {
    let mut notes = vec![reason];
    if node.attempts > 1 {
        notes.push(format!("after {} attempts", node.attempts));
    }
    if matches!(node.state, NodeState::Failed { allowed: true }) {
        notes.push("which is allowed".to_owned());
    }
    notes.join(", ")
}

/// Where the commands of a node were written.
fn place(plan: &Plan, node: &NodeSummary) -> String {
    let at = plan.origin().field(node.node, "run").map(|it| plan.origin().show(it));
    at.map(|it| format!("  ({it})")).unwrap_or_default()
}

/// The variables that a task with `inputs` did not see and that may be why it failed: those that its commands or what
/// it wrote name. Where it wrote nothing, nothing else explains it, and all are told.
fn missed(
    plan: &Plan,
    node: &NodeSummary,
    system: &dyn System,
    words: &LastWords<'_>,
) -> Option<String> {
    let task = plan.node(node.node)?.as_task()?;
    let caller = system.env_vars();
    let names = withheld_variables(task, caller.keys().map(String::as_str));
    let wrote = (words.wrote)(node.node);
    let (named, others): (Vec<&str>, Vec<&str>) = names
        .into_iter()
        .partition(|name| has_word(&wrote, name) || task.run.iter().any(|it| mentions(it, name)));
    let others = others.into_iter().filter(|_| wrote.is_empty());
    let all: Vec<&str> = named.into_iter().chain(others).collect();
    let mut shown = all.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
    if shown.is_empty() {
        return None;
    }
    if all.len() > NAMED_MAX {
        let _ = write!(shown, ", and {} more", all.len() - NAMED_MAX);
    }
    Some(format!("it has `inputs`, so it did not see {shown}; list what it needs in `pass_env`"))
}

/// Whether a command names a variable.
fn mentions(command: &Command, name: &str) -> bool {
    match command {
        Command::Script(script) => has_word(&script.text, name),
        Command::Argv { words } => words.iter().any(|it| has_word(it, name)),
    }
}

/// Whether a text has a name as a word of its own.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(name).any(|(start, _)| {
        let before = text.get(..start).and_then(|it| it.chars().next_back());
        let after = text.get(start + name.len()..).and_then(|it| it.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

fn line(summary: &RunSummary, style: HumanStyle) -> String {
    let RunCounts { succeeded, cached, failed, timed_out, skipped, cancelled } = summary.counts;
    let parts = [
        (succeeded, "succeeded", Paint::Good),
        (cached, "cached", Paint::Good),
        (failed, "failed", Paint::Bad),
        (timed_out, "timed out", Paint::Bad),
        (skipped, "skipped", Paint::Dim),
        (cancelled, "cancelled", Paint::Attention),
    ];
    let parts = parts.into_iter().filter(|it| it.0 > 0);
    let parts: Vec<String> =
        parts.map(|(count, word, paint)| paint.on(&format!("{count} {word}"), style)).collect();
    let parts = if parts.is_empty() { "nothing to run".to_owned() } else { parts.join(", ") };
    let stopped = match summary.outcome {
        RunOutcome::Interrupted => "stopped: ",
        RunOutcome::Succeeded | RunOutcome::Failed | RunOutcome::Unknown => "",
    };
    format!("{stopped}{parts} in {}", duration(summary.duration))
}
