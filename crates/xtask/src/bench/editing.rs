//! What an edit costs: in process, and an editor, from the change to the diagnostics for it.
//!
//! For an editor it speaks to `rush lsp` like an editor does, with one small change at a time. Each change makes or
//! removes a mistake, so that the answer can't be one that was there before.

use std::process::Command;

use anyhow::{Context as _, Result};

use super::editor::{Change, Editor};
use super::measure::{in_process, middle};
use super::{Bar, Figure, Figures, Setting};
use crate::generate;

const TASKS: usize = 10_000;

/// Edits of one body and of one `needs` in the middle of a large file.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let text = generate::one_file(TASKS);
    let path = setting.dir.join("tasks.rush");
    std::fs::write(&path, &text)?;
    let path = path.canonicalize()?;
    let uri = format!("file://{}", path.display());
    let root = format!("file://{}", setting.dir.canonicalize()?.display());
    let mut command = Command::new(&setting.rush);
    let mut editor = Editor::start(command.arg("lsp").current_dir(&setting.dir), &root)?;
    editor.open(&uri, "rush-tasks", &text)?;
    editor.diagnostics(&uri)?;
    let middle_task = format!("task t{}(", TASKS / 2);
    let body = find(&text, &Edit { after: &middle_task, old: "{level}", new: "{levle}" });
    let body = times(&mut editor, &uri, &body?, setting.runs)?;
    figures.push(told("a body", body, 5.0));
    let needs = find(&text, &Edit { after: &middle_task, old: "[t", new: "[u" });
    let needs = times(&mut editor, &uri, &needs?, setting.runs)?;
    figures.push(told("`needs`", needs, 60.0));
    editor.stop()?;
    for (name, milliseconds) in in_process("rush-semantics", "editing", &text)? {
        let bar = IN_PROCESS.iter().find(|(it, _)| *it == name);
        let bar = bar.map_or(Bar::Free, |it| Bar::AtMost(it.1));
        figures.push(Figure::new(format!("editing: {name}, in process"), milliseconds, "ms", bar));
    }
    Ok(())
}

/// The time until an editor is told what an edit means.
fn told(what: &str, milliseconds: f64, most: f64) -> Figure {
    let name = format!("editing: {what}, until an editor is told");
    Figure::new(name, milliseconds, "ms", Bar::AtMost(most))
}

/// What is measured in process, the graph's rules included, and its bar in milliseconds. A first
/// edit of an item costs more than those that follow.
const IN_PROCESS: [(&str, f64); 7] = [
    ("body", 5.0),
    ("body-first", 5.0),
    ("opened-first", 5.0),
    ("needs", 60.0),
    ("needs-first", 60.0),
    ("outputs", 60.0),
    ("outputs-first", 60.0),
];

/// The median time of a change, there and back.
fn times(editor: &mut Editor, uri: &str, change: &Change, runs: usize) -> Result<f64> {
    let mut taken = Vec::new();
    for _ in 0..runs.max(1) {
        taken.push(editor.change(uri, change, &change.new)?);
        taken.push(editor.change(uri, change, &change.old)?);
    }
    middle(&mut taken).context("there was no edit")
}

/// A replacement in the first line after a mark that has the old text.
pub(super) struct Edit<'a> {
    pub(super) after: &'a str,
    pub(super) old: &'a str,
    pub(super) new: &'a str,
}

/// Where an edit is in a text.
pub(super) fn find(text: &str, edit: &Edit<'_>) -> Result<Change> {
    let start = text.lines().position(|it| it.contains(edit.after)).context("no such task")?;
    let mut lines = text.lines().enumerate().skip(start + 1);
    let (line, column) = lines
        .find_map(|(line, it)| Some((line, it.find(edit.old)?)))
        .with_context(|| format!("nothing to edit after `{}`", edit.after))?;
    Ok(Change { line, column, old: edit.old.to_owned(), new: edit.new.to_owned() })
}
