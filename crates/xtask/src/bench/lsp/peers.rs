//! The language servers beside: that for YAML, with a schema and a file of the same length; and that
//! of Nickel, when it is installed.

#![allow(clippy::indexing_slicing, reason = "an object of JSON has null where it has nothing")]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{corpus, percentile};
use crate::bench::editing::{Edit, find};
use crate::bench::editor::{Change, Editor};
use crate::bench::{Bar, Figure, Figures, Setting};
use crate::{can_run, install};

/// The server for YAML, and its version.
const YAML: &str = "yaml-language-server@2.0.0";
/// The server of Nickel.
const NICKEL: &str = "nls";
/// What a server says that wants a text whole at each change.
const SYNC_WHOLE: u64 = 1;
/// How often each is measured: they take their time.
const RUNS: usize = 5;

/// The milliseconds of Rush.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ours {
    /// From a keystroke to the diagnostics.
    pub(super) keystroke: f64,
    /// A completion in a text that nobody changes.
    pub(super) completion: f64,
    /// From a keystroke to the completion that is asked for at once.
    pub(super) typed: f64,
    /// A question without an answer.
    pub(super) nothing: f64,
}

/// How many times faster Rush has to be.
const TIMES_FASTER: f64 = 5.0;

/// Another server, and a file for it.
struct Peer {
    /// What it is for.
    name: &'static str,
    command: Command,
    /// What editors call its language.
    language: &'static str,
    /// The name of the file, and its text, which has a mistake after `change` and none before.
    file: &'static str,
    text: String,
    change: Change,
    /// How long it waits before it checks; not counted.
    pause_ms: f64,
}

/// Measures the other servers, and how much faster Rush is.
pub(super) fn compare(setting: &Setting, ours: Ours, figures: &mut Figures) -> Result<()> {
    let directory = setting.dir.join("peers");
    std::fs::create_dir_all(&directory)?;
    yaml(&directory)?.measure(&directory, ours, figures)?;
    if can_run(NICKEL, &["--version"]) {
        nickel()?.measure(&directory, ours, figures)?;
    } else {
        eprintln!("lsp: there is no `{NICKEL}` to compare with; `cargo install nickel-lang-lsp`");
    }
    Ok(())
}

fn yaml(directory: &Path) -> Result<Peer> {
    let modules = install::npm_modules(&[YAML])?;
    let schema = directory.join("schema.json");
    std::fs::write(&schema, corpus::schema().to_string())?;
    let mark = format!("# yaml-language-server: $schema={}\n", schema.display());
    let text = mark + &corpus::yaml();
    let mut command = Command::new("node");
    command.arg(modules.join("yaml-language-server/bin/yaml-language-server")).arg("--stdio");
    let change = find(&text, &Edit { after: "t600:", old: "level: 1", new: "level: 9" })?;
    let (name, language, file) = ("YAML", "yaml", "tasks.yaml");
    Ok(Peer { name, command, language, file, text, change, pause_ms: 200.0 })
}

fn nickel() -> Result<Peer> {
    let text = corpus::nickel();
    let edit =
        Edit { after: "t600 | Task", old: "level : Number = 1", new: "level : Number = \"\"" };
    let change = find(&text, &edit)?;
    let (name, language, file) = ("Nickel", "nickel", "tasks.ncl");
    Ok(Peer { name, command: Command::new(NICKEL), language, file, text, change, pause_ms: 0.0 })
}

impl Peer {
    fn measure(mut self, directory: &Path, ours: Ours, figures: &mut Figures) -> Result<()> {
        std::fs::write(directory.join(self.file), &self.text)?;
        let root = format!("file://{}", directory.canonicalize()?.display());
        let uri = format!("{root}/{}", self.file);
        let mut editor = Editor::start(self.command.current_dir(directory), &root)?;
        editor.open(&uri, self.language, &self.text)?;
        editor.diagnostics(&uri)?;
        let keystroke = self.keystroke(&mut editor, &uri)?;
        let completion = self.completion(&mut editor, &uri, &[])?;
        let name = self.name;
        let mut compare = |what: &str, theirs: f64, ours_ms: f64| {
            let time = format!("lsp: {what} of {name}, p50");
            figures.push(Figure::new(time, theirs, "ms", Bar::Free));
            let ratio = format!("lsp: {what}, {name} / rush");
            // Who needs less than that for everything can't be beaten so far by any answer.
            let is_possible = theirs >= TIMES_FASTER * ours.nothing;
            let bar = if is_possible { Bar::AtLeast(TIMES_FASTER) } else { Bar::Free };
            figures.push(Figure::new(ratio, theirs / ours_ms, "x", bar));
        };
        compare("diagnostics", keystroke, ours.keystroke);
        let Some(completion) = completion else {
            eprintln!("lsp: the server for {name} completes nothing there to compare");
            return Ok(());
        };
        compare("completion", completion, ours.completion);
        let typed = [self.change.new.clone(), self.change.old.clone()];
        if let Some(typed) = self.completion(&mut editor, &uri, &typed)? {
            compare("completion after a keystroke", typed, ours.typed);
        }
        let bytes = editor.length() as f64;
        let length = format!("lsp: a completion of {name} has");
        figures.push(Figure::new(length, bytes, "bytes", Bar::Free));
        // It may not say goodbye in time; dropped, it is ended.
        drop(editor);
        Ok(())
    }

    fn keystroke(&self, editor: &mut Editor, uri: &str) -> Result<f64> {
        let mut taken = Vec::new();
        for text in [&self.change.new, &self.change.old].into_iter().cycle().take(RUNS) {
            self.type_in(editor, uri, text)?;
            let began = editor.sent();
            // Not every server says which version its diagnostics are for.
            let is_wrong = *text == self.change.new;
            editor.receive(|it| {
                let found = it["params"]["diagnostics"].as_array();
                it["params"]["uri"] == uri && found.is_some_and(|it| it.is_empty() != is_wrong)
            })?;
            taken.push(editor.waited(began) - self.pause_ms);
        }
        percentile(&mut taken, 50)
    }

    /// Says what changed, or all of the text to a server that wants all of it.
    fn type_in(&self, editor: &mut Editor, uri: &str, text: &str) -> Result<()> {
        let sync = &editor.offered["textDocumentSync"];
        if *sync != SYNC_WHOLE && sync["change"] != SYNC_WHOLE {
            return editor.replace(uri, &self.change, text);
        }
        let change = &self.change;
        let line = |(at, line): (usize, &str)| {
            if at != change.line || text == change.old {
                return line.to_owned();
            }
            let (before, after) = line.split_at(change.column);
            before.to_owned() + &after.replacen(&change.old, text, 1)
        };
        let whole: Vec<String> = self.text.split('\n').enumerate().map(line).collect();
        editor.put(uri, None, &whole.join("\n"))
    }

    /// Completes a field, next to the one that is changed, each time after one of `texts` was typed;
    /// `None` when nothing is offered.
    fn completion(&self, editor: &mut Editor, uri: &str, texts: &[String]) -> Result<Option<f64>> {
        let line = self.text.lines().position(|it| it.contains("t600")).context("no such task")?;
        let mut taken = Vec::new();
        for run in 0..RUNS {
            let mut began = Instant::now();
            if let Some(text) = texts.get(run % texts.len().max(1)) {
                self.type_in(editor, uri, text)?;
                began = editor.sent();
            }
            let params = json!({ "textDocument": { "uri": uri },
                                 "position": { "line": line + 1, "character": 5 } });
            let (_, answer) = editor.ask("textDocument/completion", params)?;
            let time = editor.waited(began);
            let items = answer.as_array().or_else(|| answer["items"].as_array());
            if items.is_none_or(Vec::is_empty) {
                return Ok(None);
            }
            taken.push(time);
        }
        percentile(&mut taken, 50).map(Some)
    }
}
