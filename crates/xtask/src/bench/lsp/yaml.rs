//! The language server for YAML, with a schema and a file of the same length; and that of Nickel,
//! when it is installed.

#![allow(clippy::indexing_slicing, reason = "an object of JSON has null where it has nothing")]

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{corpus, percentile};
use crate::bench::editing::{Edit, find};
use crate::bench::editor::Editor;
use crate::bench::{Bar, Figure, Setting};
use crate::install;

/// The server, and its version.
const SERVER: &str = "yaml-language-server@2.0.0";
/// How long the server waits before it checks; not counted.
const PAUSE_MS: f64 = 200.0;
/// How often each is measured: it takes its time.
const RUNS: usize = 5;

/// Measures the other server, and how much faster Rush is: `rush` has the milliseconds of a
/// keystroke and of a completion.
pub(super) fn compare(
    setting: &Setting,
    rush: (f64, f64),
    figures: &mut Vec<Figure>,
) -> Result<()> {
    let modules = install::npm_modules(&[SERVER])?;
    let directory = setting.dir.join("yaml");
    std::fs::create_dir_all(&directory)?;
    let schema = directory.join("schema.json");
    std::fs::write(&schema, corpus::schema().to_string())?;
    let mark = format!("# yaml-language-server: $schema={}\n", schema.display());
    let text = mark + &corpus::yaml();
    std::fs::write(directory.join("tasks.yaml"), &text)?;
    let root = format!("file://{}", directory.canonicalize()?.display());
    let uri = format!("{root}/tasks.yaml");
    let program = modules.join("yaml-language-server/bin/yaml-language-server");
    let mut command = Command::new("node");
    command.arg(program).arg("--stdio").current_dir(&directory);
    let mut editor = Editor::start(&mut command, &root)?;
    editor.open(&uri, "yaml", &text)?;
    editor.diagnostics(&uri)?;
    let change = find(&text, &Edit { after: "t600:", old: "level: 1", new: "level: 9" })?;
    let mut taken = Vec::new();
    for text in [&change.new, &change.old].into_iter().cycle().take(RUNS) {
        let began = Instant::now();
        editor.replace(&uri, &change, text)?;
        // It does not say which version they are for.
        let is_wrong = *text == change.new;
        editor.receive(|it| {
            let found = it["params"]["diagnostics"].as_array();
            it["params"]["uri"] == uri && found.is_some_and(|it| it.is_empty() != is_wrong)
        })?;
        taken.push(editor.waited(began) - PAUSE_MS);
    }
    let keystroke = percentile(&mut taken, 50)?;
    let mut taken = Vec::new();
    let line = text.lines().position(|it| it.contains("t600:")).context("no such task")? + 1;
    for _ in 0..RUNS {
        let params = json!({ "textDocument": { "uri": uri },
                             "position": { "line": line, "character": 5 } });
        taken.push(editor.ask("textDocument/completion", params)?.0);
    }
    let completion = percentile(&mut taken, 50)?;
    for (name, theirs, ours) in
        [("diagnostics", keystroke, rush.0), ("completion", completion, rush.1)]
    {
        figures.push(Figure::new(format!("lsp: {name} of YAML, p50"), theirs, "ms", Bar::Free));
        let name = format!("lsp: {name}, YAML / rush");
        figures.push(Figure::new(name, theirs / ours, "x", Bar::AtLeast(5.0)));
    }
    // It may not say goodbye in time; dropped, it is ended.
    drop(editor);
    Ok(())
}
