//! An editor without a person: speaks to a language server over its standard streams.
//!
//! A thread of its own reads what the server says and notes when it was there. So a server is not
//! held up by this program, and its time is not that which it takes here to read a megabyte.

#![allow(clippy::indexing_slicing, reason = "an object of JSON has null where it has nothing")]
#![allow(clippy::needless_pass_by_value, reason = "parameters are made where they are said")]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

/// No answer after so many other messages is no answer.
const MESSAGES_MAX: usize = 100_000;

/// A change of a text: what stands there, and what will.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) old: String,
    pub(super) new: String,
}

/// An editor with a server of its own.
pub(super) struct Editor {
    server: Child,
    to: ChildStdin,
    from: Receiver<Arrived>,
    last_id: u64,
    version: u64,
    /// Answers that came while another was waited for.
    heard: VecDeque<Heard>,
    /// When the message that was taken last was there, and how many bytes it has.
    last: (Instant, usize),
    /// When this program had written the last message down and began to send it.
    sent: Instant,
    /// What the server offers.
    pub(super) offered: Value,
}

/// A message, and when it was there.
type Arrived = (Instant, Vec<u8>);

/// A message that was read, when it was there, and how many bytes it has.
type Heard = (Value, (Instant, usize));

impl Editor {
    /// Starts a server, opens a folder, and waits until both have agreed. The editor pushes nothing
    /// and is pushed diagnostics.
    pub(super) fn start(command: &mut Command, root: &str) -> Result<Self> {
        let mut server = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("could not start {command:?}"))?;
        let to = server.stdin.take().context("the server has no input")?;
        let output = server.stdout.take().context("the server has no output")?;
        let (sender, from) = channel();
        // It ends with the output of the server, or with the editor.
        thread::spawn(move || listen(output, &sender));
        let (heard, offered) = (VecDeque::new(), Value::Null);
        let mut editor = Self {
            server,
            to,
            from,
            last_id: 0,
            version: 0,
            heard,
            last: (Instant::now(), 0),
            sent: Instant::now(),
            offered,
        };
        let folder = json!({ "uri": root, "name": "bench" });
        let (_, answer) = editor.ask(
            "initialize",
            json!({ "processId": null, "rootUri": root, "workspaceFolders": [folder],
                    "capabilities": {
                        "textDocument": { "publishDiagnostics": { "versionSupport": true } },
                        "workspace": { "workspaceEdit": { "documentChanges": true },
                                       "configuration": true } } }),
        )?;
        editor.offered = answer["capabilities"].clone();
        editor.tell("initialized", json!({}))?;
        Ok(editor)
    }

    /// The process of the server.
    pub(super) fn process(&self) -> u32 {
        self.server.id()
    }

    /// Opens a document.
    pub(super) fn open(&mut self, uri: &str, language: &str, text: &str) -> Result<()> {
        self.version += 1;
        let document = json!({ "uri": uri, "languageId": language, "version": self.version,
                               "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }))
    }

    /// Replaces the text at a place of a document.
    pub(super) fn replace(&mut self, uri: &str, change: &Change, text: &str) -> Result<()> {
        self.version += 1;
        let end =
            change.column + if text == change.new { change.old.len() } else { change.new.len() };
        let range = json!({ "start": { "line": change.line, "character": change.column },
                            "end": { "line": change.line, "character": end } });
        self.tell(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": self.version },
                    "contentChanges": [{ "range": range, "text": text }] }),
        )
    }

    /// Puts a text in place of a range `((line, column), (line, column))`, or of everything.
    pub(super) fn put(
        &mut self,
        uri: &str,
        range: Option<((u32, u32), (u32, u32))>,
        text: &str,
    ) -> Result<()> {
        self.version += 1;
        let point = |(line, character): (u32, u32)| json!({ "line": line, "character": character });
        let change = match range {
            Some((from, to)) => {
                json!({ "range": { "start": point(from), "end": point(to) }, "text": text })
            }
            None => json!({ "text": text }),
        };
        self.tell(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": self.version },
                    "contentChanges": [change] }),
        )
    }

    /// How many answers came that nobody waited for.
    pub(super) fn unclaimed(&self) -> usize {
        self.heard.iter().filter(|(it, _)| it.get("id").is_some()).count()
    }

    /// Replaces a text, and returns the milliseconds until the diagnostics for it.
    pub(super) fn change(&mut self, uri: &str, change: &Change, text: &str) -> Result<f64> {
        let start = Instant::now();
        self.replace(uri, change, text)?;
        self.diagnostics(uri)?;
        Ok(self.waited(start))
    }

    /// Waits for the diagnostics of the newest version of a document.
    pub(super) fn diagnostics(&mut self, uri: &str) -> Result<Value> {
        let version = self.version;
        let wanted = |it: &Value| {
            let answered = it["params"]["version"].as_u64();
            it["method"] == "textDocument/publishDiagnostics"
                && it["params"]["uri"] == uri
                && answered.is_none_or(|it| it >= version)
        };
        // What was said before says nothing about this version.
        self.heard.retain(|(it, _)| it.get("id").is_some());
        Ok(self.receive(wanted)?["params"]["diagnostics"].take())
    }

    /// Asks, and returns the milliseconds until the answer, and that.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Result<(f64, Value)> {
        let start = Instant::now();
        let id = self.send_request(method, params)?;
        let mut answer = self.answer(id)?;
        let taken = self.waited(start);
        if let Some(error) = answer.get("error") {
            bail!("`{method}` is refused: {error}");
        }
        Ok((taken, answer["result"].take()))
    }

    /// The milliseconds from a moment until the last message was there.
    pub(super) fn waited(&self, since: Instant) -> f64 {
        self.last.0.saturating_duration_since(since).as_secs_f64() * 1e3
    }

    /// When the last message began to be sent.
    pub(super) const fn sent(&self) -> Instant {
        self.sent
    }

    /// How many bytes the last answer has.
    pub(super) fn length(&self) -> usize {
        self.last.1
    }

    /// Asks, and returns the number of the question.
    pub(super) fn send_request(&mut self, method: &str, params: Value) -> Result<u64> {
        self.last_id += 1;
        self.send(json!({ "id": self.last_id, "method": method, "params": params }))?;
        Ok(self.last_id)
    }

    /// Waits for an answer.
    pub(super) fn answer(&mut self, id: u64) -> Result<Value> {
        self.receive(|it| it.get("method").is_none() && it["id"] == id)
    }

    /// Says something that needs no answer.
    pub(super) fn tell(&mut self, method: &str, params: Value) -> Result<()> {
        self.send(json!({ "method": method, "params": params }))
    }

    /// Leaves properly.
    pub(super) fn stop(mut self) -> Result<()> {
        self.ask("shutdown", Value::Null)?;
        self.tell("exit", Value::Null)?;
        self.server.wait()?;
        Ok(())
    }

    fn send(&mut self, mut message: Value) -> Result<()> {
        if let Some(fields) = message.as_object_mut() {
            fields.insert("jsonrpc".to_owned(), json!("2.0"));
        }
        let text = message.to_string();
        self.sent = Instant::now();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len())?;
        Ok(self.to.flush()?)
    }

    /// Reads up to the wanted message; the other answers are kept.
    pub(super) fn receive(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        if let Some(at) = self.heard.iter().position(|(it, _)| is_wanted(it)) {
            let (message, last) = self.heard.remove(at).context("it was just there")?;
            self.last = last;
            return Ok(message);
        }
        for _ in 0..MESSAGES_MAX {
            let message = self.read()?;
            if let (Some(_), Some(id)) = (message.get("method"), message.get("id")) {
                let items = message["params"]["items"].as_array().map_or(0, Vec::len);
                let nothing = if message["method"] == "workspace/configuration" {
                    Value::Array(vec![json!({}); items])
                } else {
                    Value::Null
                };
                self.send(json!({ "id": id, "result": nothing }))?;
            }
            if is_wanted(&message) {
                return Ok(message);
            }
            if message.get("method").is_none() {
                self.heard.push_back((message, self.last));
            }
        }
        bail!("the server does not answer")
    }

    fn read(&mut self) -> Result<Value> {
        let (arrived, bytes) = self.from.recv().context("the server has ended")?;
        self.last = (arrived, bytes.len());
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// Notes each message when it is there, until the server ends.
fn listen(output: ChildStdout, sender: &Sender<Arrived>) {
    let mut output = BufReader::with_capacity(1 << 20, output);
    while let Ok(bytes) = message(&mut output) {
        if sender.send((Instant::now(), bytes)).is_err() {
            break;
        }
    }
}

fn message(output: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line)? == 0 {
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
    output.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl Drop for Editor {
    fn drop(&mut self) {
        // After an error the server may still wait for a word.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
