//! The language server as an editor meets it: the release build, over real pipes.
//!
//! Each edit makes or removes a mistake, so an answer can't be one that was there before.

#![allow(clippy::indexing_slicing, reason = "of JSON, and below a remainder")]

mod corpus;
mod peers;
pub(super) mod soak;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::editing::{Edit, find};
use super::editor::{Change, Editor};
use super::measure::middle;
use super::{Bar, Figure, Figures, Setting};
use crate::generate;

/// How many tasks the largest file has.
const TASKS: usize = 10_000;
/// How many edits are sent without a pause.
const EDITS: usize = 5_000;
/// How many random edits the memory is measured after.
const RANDOM_EDITS: usize = 10_000;
/// How often a question is asked.
const QUESTIONS: usize = 200;

/// All figures.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let ours = long_file(setting, figures)?;
    workspace(setting, figures)?;
    second_wave(setting, figures)?;
    peers::compare(setting, ours, figures)
}

fn start(setting: &Setting, directory: &Path) -> Result<(Editor, String)> {
    let root = format!("file://{}", directory.canonicalize()?.display());
    let mut command = Command::new(&setting.rush);
    let editor = Editor::start(command.arg("lsp").current_dir(directory), &root)?;
    Ok((editor, root))
}

/// Keystrokes and questions in a file of 10,000 lines; what others are compared with.
fn long_file(setting: &Setting, figures: &mut Figures) -> Result<peers::Ours> {
    let directory = setting.dir.join("long");
    std::fs::create_dir_all(&directory)?;
    let text = corpus::long_file();
    std::fs::write(directory.join("tasks.rush"), &text)?;
    let (mut editor, root) = start(setting, &directory)?;
    let uri = format!("{root}/tasks.rush");
    editor.open(&uri, "rush-tasks", &text)?;
    editor.diagnostics(&uri)?;
    let change = find(&text, &Edit { after: "task t600(", old: "${level}", new: "${levle}" })?;
    let mut taken = Vec::new();
    for _ in 0..QUESTIONS / 2 {
        taken.push(editor.change(&uri, &change, &change.new)?);
        taken.push(editor.change(&uri, &change, &change.old)?);
    }
    let keystroke = percentile(&mut taken, 50)?;
    figures.push(at_most("lsp: keystroke to diagnostics, p50", keystroke, 5.0));
    figures.push(at_most("lsp: keystroke to diagnostics, p99", percentile(&mut taken, 99)?, 20.0));
    let nothing = unanswerable(&mut editor, &uri, figures)?;
    let completion = questions(&mut editor, &uri, &text, figures)?;
    let typed = completion_after_keystroke(&mut editor, &uri, (&text, &change), figures)?;
    let params = json!({ "textDocument": { "uri": uri } });
    let mut taken = Vec::new();
    for _ in 0..setting.runs.max(1) {
        taken.push(editor.ask("textDocument/semanticTokens/full", params.clone())?.0);
    }
    figures.push(at_most(
        "lsp: semantic tokens of 10,000 lines",
        percentile(&mut taken, 50)?,
        20.0,
    ));
    busy(&mut editor, &uri, &change, figures)?;
    in_order(&mut editor, &uri, &text, figures)?;
    editor.stop()?;
    Ok(peers::Ours { keystroke, completion, typed, nothing })
}

/// A question about a place where there is nothing to say: what pipes and threads take. No answer can
/// come sooner.
fn unanswerable(editor: &mut Editor, uri: &str, figures: &mut Figures) -> Result<f64> {
    let params = json!({ "textDocument": { "uri": uri },
                         "position": { "line": 0, "character": 0 } });
    let mut taken = Vec::new();
    for _ in 0..QUESTIONS {
        taken.push(editor.ask("textDocument/linkedEditingRange", params.clone())?.0);
    }
    let median = percentile(&mut taken, 50)?;
    figures.push(Figure::new("lsp: a question without an answer, p50", median, "ms", Bar::Free));
    Ok(median)
}

/// From a keystroke to the completion that is asked for at once, as it is while somebody types.
fn completion_after_keystroke(
    editor: &mut Editor,
    uri: &str,
    (text, change): (&str, &Change),
    figures: &mut Figures,
) -> Result<f64> {
    let after = text.lines().skip(change.line).position(|it| it.contains("  timeout"));
    let line = change.line + after.context("a task follows")?;
    let params = json!({ "textDocument": { "uri": uri },
                         "position": { "line": line, "character": "  timeout".len() } });
    let mut taken = Vec::new();
    for text in [&change.new, &change.old].into_iter().cycle().take(QUESTIONS) {
        let began = Instant::now();
        editor.replace(uri, change, text)?;
        editor.ask("textDocument/completion", params.clone())?;
        taken.push(editor.waited(began));
    }
    let median = percentile(&mut taken, 50)?;
    let name = "lsp: completion after a keystroke, p50";
    figures.push(Figure::new(name, median, "ms", Bar::Free));
    let name = "lsp: completion after a keystroke, p99";
    figures.push(at_most(name, percentile(&mut taken, 99)?, 10.0));
    Ok(median)
}

/// Questions about names all over the file; the median of the completions.
fn questions(editor: &mut Editor, uri: &str, text: &str, figures: &mut Figures) -> Result<f64> {
    let mut medians = Vec::new();
    for (name, method, word) in [
        ("completion", "textDocument/completion", "timeout"),
        ("hover", "textDocument/hover", "needs: [t"),
        ("definition", "textDocument/definition", "needs: [t"),
    ] {
        let lines: Vec<_> = text.lines().enumerate().filter(|(_, it)| it.contains(word)).collect();
        let mut taken = Vec::new();
        for number in 0..QUESTIONS {
            let (line, found) = lines[number * 7919 % lines.len()];
            let column = found.find(word).context("the word was just there")? + word.len();
            let params = json!({ "textDocument": { "uri": uri },
                                 "position": { "line": line, "character": column } });
            let (ms, answer) = editor.ask(method, params)?;
            anyhow::ensure!(!answer.is_null(), "`{method}` knows nothing at line {line}");
            taken.push(ms);
        }
        let median = percentile(&mut taken, 50)?;
        medians.push(median);
        figures.push(Figure::new(format!("lsp: {name}, p50"), median, "ms", Bar::Free));
        if name == "completion" {
            let bytes = editor.length() as f64;
            figures.push(Figure::new("lsp: a completion has", bytes, "bytes", Bar::Free));
        }
        let name = format!("lsp: {name}, p99");
        figures.push(at_most(name, percentile(&mut taken, 99)?, 10.0));
    }
    medians.first().copied().context("completion was measured")
}

/// An edit, and a question that is withdrawn, while eight slow ones are answered.
fn busy(editor: &mut Editor, uri: &str, change: &Change, figures: &mut Figures) -> Result<()> {
    let (mut edits, mut withdrawals) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let slow = ask_slowly(editor, uri)?;
        let began = Instant::now();
        editor.replace(uri, change, &change.new)?;
        // The edit is applied when the questions about the old text are refused.
        for id in slow {
            let answer = editor.answer(id)?;
            if answer["error"]["code"] == -32_801 {
                edits.push(editor.waited(began));
            }
        }
        editor.change(uri, change, &change.old)?;
        let slow = ask_slowly(editor, uri)?;
        let last = *slow.last().context("there are eight")?;
        let began = Instant::now();
        editor.tell("$/cancelRequest", json!({ "id": last }))?;
        editor.answer(last)?;
        withdrawals.push(editor.waited(began));
        for id in slow.into_iter().filter(|it| *it != last) {
            editor.answer(id)?;
        }
    }
    let edit = percentile(&mut edits, 50)?;
    figures.push(at_most("lsp: an edit while eight questions are answered", edit, 5.0));
    let withdrawal = percentile(&mut withdrawals, 50)?;
    figures.push(at_most("lsp: `$/cancelRequest` among eight questions", withdrawal, 5.0));
    Ok(())
}

fn ask_slowly(editor: &mut Editor, uri: &str) -> Result<Vec<u64>> {
    let mut asked = Vec::new();
    for _ in 0..4 {
        let document = json!({ "uri": uri });
        let tokens = json!({ "textDocument": document });
        asked.push(editor.send_request("textDocument/semanticTokens/full", tokens)?);
        let params = json!({ "textDocument": document, "position": { "line": 3, "character": 6 },
                             "context": { "includeDeclaration": true } });
        asked.push(editor.send_request("textDocument/references", params)?);
    }
    Ok(asked)
}

/// Thousands of edits that write a name letter by letter: the name tells how many were misplaced.
fn in_order(editor: &mut Editor, uri: &str, text: &str, figures: &mut Figures) -> Result<()> {
    let line = text.lines().count();
    let last = Change { line, column: 0, old: String::new(), new: "let x".to_owned() };
    editor.replace(uri, &last, "let x")?;
    let mut name = "x".to_owned();
    for number in 0..EDITS {
        let letter = char::from(b'a' + (number % 26) as u8).to_string();
        let column = "let ".len() + name.len();
        let change = Change { line, column, old: String::new(), new: letter.clone() };
        editor.replace(uri, &change, &letter)?;
        name.push_str(&letter);
    }
    let params = json!({ "textDocument": { "uri": uri } });
    let (_, symbols) = editor.ask("textDocument/documentSymbol", params)?;
    let found = symbols.as_array().and_then(|it| it.last()).context("there are no symbols")?;
    let found = found["name"].as_str().unwrap_or_default();
    let misplaced = found.bytes().zip(name.bytes()).filter(|(a, b)| a != b).count()
        + found.len().abs_diff(name.len());
    let name = format!("lsp: of {EDITS} edits out of order");
    figures.push(Figure::new(name, misplaced as f64, "", Bar::AtMost(0.0)));
    Ok(())
}

/// A workspace of 1,000 files: opened, searched, renamed in, and edited at random.
fn workspace(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let directory = setting.dir.join("workspace");
    corpus::write_workspace(&directory)?;
    // The last package has a mistake: its diagnostics come when all are complete.
    let marked = directory.join(format!("p{}/tasks.rush", corpus::FILES - 1));
    std::fs::write(&marked, corpus::package_text() + "let mistake = nothing\n")?;
    let mut opened = Vec::new();
    for _ in 0..setting.runs.clamp(1, 5) {
        let began = Instant::now();
        let (mut editor, root) = start(setting, &directory)?;
        let marked = format!("{root}/p{}/tasks.rush", corpus::FILES - 1);
        editor.diagnostics(&marked)?;
        opened.push(editor.waited(began));
        editor.stop()?;
    }
    figures.push(at_most("lsp: cold open of 1,000 files", percentile(&mut opened, 50)?, 500.0));
    let (mut editor, root) = start(setting, &directory)?;
    let uri = format!("{root}/lib/tasks.rush");
    editor.open(&uri, "rush-tasks", corpus::library())?;
    editor.diagnostics(&uri)?;
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 1, "character": 6 },
                     "context": { "includeDeclaration": true }, "newName": "edition" });
    for (name, method) in
        [("references", "textDocument/references"), ("rename", "textDocument/rename")]
    {
        let mut taken = Vec::new();
        for _ in 0..setting.runs.max(1) {
            let (ms, answer) = editor.ask(method, at.clone())?;
            taken.push(ms);
            anyhow::ensure!(
                places(&answer) >= corpus::FILES,
                "{name} are missing: {}",
                places(&answer)
            );
        }
        let name = format!("lsp: {name} over 1,000 files");
        figures.push(at_most(name, percentile(&mut taken, 50)?, 60.0));
    }
    memory(&mut editor, &root, figures)?;
    editor.stop()
}

fn places(answer: &Value) -> usize {
    let all = answer.as_array().or_else(|| answer["documentChanges"].as_array());
    all.map_or(0, Vec::len)
}

/// The memory of the server after it opened the workspace, and after many random edits.
fn memory(editor: &mut Editor, root: &str, figures: &mut Figures) -> Result<()> {
    let Some(before) = resident_megabytes(editor.process()) else { return Ok(()) };
    figures.push(Figure::new("lsp: memory after opening", before, "MB", Bar::AtMost(120.0)));
    let text = corpus::package_text();
    let files: Vec<String> = (0..20).map(|it| format!("{root}/p{it}/tasks.rush")).collect();
    for uri in &files {
        editor.open(uri, "rush-tasks", &text)?;
    }
    let lines = text.lines().count();
    let mut seed = 0x5eed_u64;
    for _ in 0..RANDOM_EDITS / 2 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uri = &files[(seed >> 33) as usize % files.len()];
        let line = (seed >> 40) as usize % lines;
        let piece = ["x", "{", "\"", "needs: ", "`", "}", "🦀"][(seed >> 50) as usize % 7];
        let change = Change { line, column: 0, old: String::new(), new: piece.to_owned() };
        editor.replace(uri, &change, piece)?;
        // And away again, so that the text stays as long as it is.
        let width = piece.encode_utf16().count();
        let change = Change { line, column: 0, old: String::new(), new: "x".repeat(width) };
        editor.replace(uri, &change, "")?;
    }
    let uri = files.last().context("there are files")?;
    editor.replace(
        uri,
        &Change { line: 0, column: 0, old: String::new(), new: "?".into() },
        "?",
    )?;
    editor.diagnostics(uri)?;
    std::thread::sleep(Duration::from_millis(500));
    let after = resident_megabytes(editor.process()).context("the server has ended")?;
    figures.push(Figure::new("lsp: memory after 10,000 edits", after, "MB", Bar::Free));
    let ratio = after / before;
    figures.push(Figure::new("lsp: memory after / before edits", ratio, "x", Bar::AtMost(1.2)));
    Ok(())
}

/// The memory a process holds now, where the system tells it.
fn resident_megabytes(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|it| it.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// A circle of `needs` in a file of 10,000 tasks, told by the second wave; its pause is not counted.
fn second_wave(setting: &Setting, figures: &mut Figures) -> Result<()> {
    const QUIET_MS: f64 = 50.0;
    let directory = setting.dir.join("wave");
    std::fs::create_dir_all(&directory)?;
    let text = generate::one_file(TASKS);
    std::fs::write(directory.join("tasks.rush"), &text)?;
    let (mut editor, root) = start(setting, &directory)?;
    let uri = format!("{root}/tasks.rush");
    editor.open(&uri, "rush-tasks", &text)?;
    editor.diagnostics(&uri)?;
    let task = TASKS / 2;
    // A task that needs itself.
    let after = format!("task t{task}(");
    let change = find(&text, &Edit { after: &after, old: "needs: [", new: "" })?;
    let column = change.column + "needs: [".len();
    let new = format!("t{task}, ");
    let change = Change { line: change.line, column, old: String::new(), new: new.clone() };
    let mut taken = Vec::new();
    for _ in 0..setting.runs.max(1) {
        let began = Instant::now();
        editor.replace(&uri, &change, &new)?;
        editor.receive(tells_circle)?;
        taken.push(editor.waited(began) - QUIET_MS);
        editor.replace(&uri, &change, "")?;
        editor.diagnostics(&uri)?;
        std::thread::sleep(Duration::from_millis(300));
    }
    figures.push(at_most("lsp: second wave at 10,000 tasks", percentile(&mut taken, 50)?, 60.0));
    editor.stop()
}

fn tells_circle(message: &Value) -> bool {
    let all = message["params"]["diagnostics"].as_array();
    all.is_some_and(|it| it.iter().any(|it| it["code"] == "RUSH0501"))
}

fn at_most(name: impl Into<String>, value: f64, bar: f64) -> Figure {
    Figure::new(name, value, "ms", Bar::AtMost(bar))
}

/// The value that so many percent do not exceed.
fn percentile(numbers: &mut [f64], percent: usize) -> Result<f64> {
    if percent == 50 {
        return middle(numbers).context("nothing was measured");
    }
    numbers.sort_by(f64::total_cmp);
    let rank = (numbers.len() * percent).div_ceil(100);
    numbers.get(rank.saturating_sub(1)).copied().context("nothing was measured")
}
