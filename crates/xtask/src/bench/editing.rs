//! What an edit costs: in process, and an editor, from the change to the diagnostics for it.
//!
//! For an editor it speaks to `rush lsp` like an editor does, with one small change at a time. Each change makes or
//! removes a mistake, so that the answer can't be one that was there before.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::measure::{in_process, middle};
use super::{Bar, Figure, Setting};
use crate::generate;

const TASKS: usize = 10_000;

/// No answer after so many other messages is no answer.
const MESSAGES_MAX: usize = 10_000;

/// Edits of one body and of one `needs` in the middle of a large file.
pub(super) fn measure(setting: &Setting) -> Result<Vec<Figure>> {
    let text = generate::one_file(TASKS);
    let path = setting.dir.join("tasks.rush");
    std::fs::write(&path, &text)?;
    let path = path.canonicalize()?;
    let mut editor = Editor::start(setting, &format!("file://{}", path.display()))?;
    editor.open(&text)?;
    let middle_task = format!("task t{}(", TASKS / 2);
    let body = editor.edit(&text, &Edit { after: &middle_task, old: "{level}", new: "{levle}" });
    let body = times(&mut editor, &body?, setting.runs)?;
    let needs = editor.edit(&text, &Edit { after: &middle_task, old: "[t", new: "[u" });
    let needs = times(&mut editor, &needs?, setting.runs)?;
    editor.stop()?;
    let mut figures = vec![
        Figure::new("editing: a body, until an editor is told", body, "ms", Bar::AtMost(5.0)),
        Figure::new("editing: `needs`, until an editor is told", needs, "ms", Bar::AtMost(60.0)),
    ];
    for (name, milliseconds) in in_process("rush-semantics", "editing", &text)? {
        let bar = IN_PROCESS.iter().find(|(it, _)| *it == name);
        let bar = bar.map_or(Bar::Free, |it| Bar::AtMost(it.1));
        figures.push(Figure::new(format!("editing: {name}, in process"), milliseconds, "ms", bar));
    }
    Ok(figures)
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
fn times(editor: &mut Editor, change: &Change, runs: usize) -> Result<f64> {
    let mut taken = Vec::new();
    for _ in 0..runs.max(1) {
        taken.push(editor.change(change, &change.new)?);
        taken.push(editor.change(change, &change.old)?);
    }
    middle(&mut taken).context("there was no edit")
}

/// A replacement in the first line after a mark that has the old text.
struct Edit<'a> {
    after: &'a str,
    old: &'a str,
    new: &'a str,
}

/// An edit at its place; both texts are equally long.
struct Change {
    line: usize,
    column: usize,
    old: String,
    new: String,
}

struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    uri: String,
    version: u64,
}

impl Editor {
    fn start(setting: &Setting, uri: &str) -> Result<Self> {
        let mut server = Command::new(&setting.rush)
            .arg("lsp")
            .current_dir(&setting.dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("could not start `rush lsp`")?;
        let to = server.stdin.take().context("the server has no input")?;
        let from = BufReader::new(server.stdout.take().context("the server has no output")?);
        let mut editor = Self { server, to, from, uri: uri.to_owned(), version: 0 };
        let root = format!("file://{}", setting.dir.canonicalize()?.display());
        editor.send(&json!({
            "id": 1, "method": "initialize",
            "params": { "processId": null, "rootUri": root, "capabilities": {
                "textDocument": { "publishDiagnostics": { "versionSupport": true } } } },
        }))?;
        editor.receive(|it| it["id"] == 1)?;
        editor.send(&json!({ "method": "initialized", "params": {} }))?;
        Ok(editor)
    }

    fn open(&mut self, text: &str) -> Result<()> {
        self.send(&json!({ "method": "textDocument/didOpen", "params": { "textDocument": {
            "uri": self.uri, "languageId": "rush", "version": 0, "text": text } } }))?;
        self.diagnostics()
    }

    fn edit(&self, text: &str, edit: &Edit<'_>) -> Result<Change> {
        let start = text.lines().position(|it| it.contains(edit.after)).context("no such task")?;
        let mut lines = text.lines().enumerate().skip(start + 1);
        let (line, column) = lines
            .find_map(|(line, it)| Some((line, it.find(edit.old)?)))
            .with_context(|| format!("nothing to edit in `{}`", self.uri))?;
        Ok(Change { line, column, old: edit.old.to_owned(), new: edit.new.to_owned() })
    }

    /// Replaces the text at the place of a change, and returns the milliseconds until the answer.
    fn change(&mut self, change: &Change, text: &str) -> Result<f64> {
        self.version += 1;
        let start = Instant::now();
        self.send(&json!({ "method": "textDocument/didChange", "params": {
            "textDocument": { "uri": self.uri, "version": self.version },
            "contentChanges": [{ "text": text, "range": {
                "start": { "line": change.line, "character": change.column },
                "end": { "line": change.line, "character": change.column + text.len() } } }],
        } }))?;
        self.diagnostics()?;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    }

    /// Waits for the diagnostics of the newest version.
    fn diagnostics(&mut self) -> Result<()> {
        let (uri, version) = (self.uri.clone(), self.version);
        self.receive(|it| {
            let is_ours = it.pointer("/params/uri").and_then(Value::as_str) == Some(&uri);
            let answered = it.pointer("/params/version").and_then(Value::as_u64);
            it.get("method").and_then(Value::as_str) == Some("textDocument/publishDiagnostics")
                && is_ours
                && answered.is_none_or(|it| it >= version)
        })
    }

    fn stop(mut self) -> Result<()> {
        self.send(&json!({ "id": 2, "method": "shutdown" }))?;
        self.receive(|it| answers(it, 2))?;
        self.send(&json!({ "method": "exit" }))?;
        drop(self.to);
        self.server.wait()?;
        Ok(())
    }

    fn send(&mut self, message: &Value) -> Result<()> {
        let mut message = message.clone();
        if let Some(fields) = message.as_object_mut() {
            fields.insert("jsonrpc".to_owned(), json!("2.0"));
        }
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len())?;
        Ok(self.to.flush()?)
    }

    /// Reads messages up to the wanted one; requests of the server are answered with nothing.
    fn receive(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Result<()> {
        for _ in 0..MESSAGES_MAX {
            let message = self.read()?;
            if is_wanted(&message) {
                return Ok(());
            }
            if let (Some(_), Some(id)) = (message.get("method"), message.get("id")) {
                self.send(&json!({ "id": id, "result": null }))?;
            }
        }
        bail!("the server does not answer")
    }

    fn read(&mut self) -> Result<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.from.read_line(&mut line)? == 0 {
                bail!("the server has ended");
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some(number) = line.strip_prefix("Content-Length:") {
                length = number.trim().parse()?;
            }
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes)?;
        Ok(serde_json::from_slice(&bytes)?)
    }
}

fn answers(message: &Value, id: u64) -> bool {
    message.get("method").is_none() && message.get("id").and_then(Value::as_u64) == Some(id)
}
