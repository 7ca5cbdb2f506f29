//! Says to a new server what an editor said to another, and compares what they answer.
//!
//! The editor's messages are sent in their order, each after the answers that came before it were
//! heard, and the diagnostics too, or the server has nothing left to say. Answers are compared
//! whatever the order in them; of diagnostics the last of each document, before the editor leaves.
//! Files are those on the disk now. An answer that was withdrawn or overtaken says nothing, and what
//! ran since is no difference.

#![allow(clippy::indexing_slicing, reason = "an object of JSON has null where it has nothing")]

mod compare;

use std::collections::BTreeMap;
use std::time::Duration;

use ls_types::notification::Notification as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf};
use tokio::time::timeout;

use self::compare::{Said, essence, is_withdrawn, sorted};
use super::Side;
use crate::frames::{Frames, frame};
use crate::outbox::Settled;
use crate::server::{Options, runtime, serve};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it may be silent before the diagnostics that were said are the last ones.
const SILENCE: Duration = Duration::from_secs(2);

/// How many bytes may be under way to the server.
const PIPE_BYTES: usize = 1 << 20;

/// What a replay found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How many answers were compared.
    pub compared: usize,
    /// What differs, in words.
    pub differences: Vec<String>,
    /// Whether the record was cut off in its last line, which is left out.
    pub is_cut: bool,
}

/// Why a record can't be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A line is not one that [`Recorder`](super::Recorder) wrote.
    #[error("line {line} is no line of a record: {problem}")]
    NoRecord {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The server could not start.
    #[error("the language server could not start: {0}")]
    NoServer(#[from] std::io::Error),
}

/// Replays a record against a server of its own.
pub fn replay(options: Options, record: &str) -> Result<Replayed, ReplayError> {
    let (whole, is_cut) = whole_lines(record);
    let entries = read(whole)?;
    let runtime = runtime()?;
    let replayed = runtime.block_on(play(options, &entries));
    runtime.shutdown_background();
    Ok(Replayed { is_cut, ..replayed })
}

async fn play(options: Options, entries: &[Entry]) -> Replayed {
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    let (reader, writer) = tokio::io::split(theirs);
    let server = tokio::spawn(serve(reader, writer, options));
    let mut player = Player::new(ours, methods(entries));
    for entry in entries {
        match entry.side {
            Side::Editor => {
                player.catch_up(&entry.message).await;
                player.say(&entry.message).await;
            }
            Side::Server => player.expect(&entry.message).await,
        }
    }
    player.expect_diagnostics().await;
    server.abort();
    player.replayed
}

/// Something that was said.
struct Entry {
    side: Side,
    message: Value,
}

/// The lines of a record but for the last one if its end is missing, as where a disk was full or a machine
/// stopped; and whether it is. What has no whole line is no record.
fn whole_lines(record: &str) -> (&str, bool) {
    let is_cut = |it: &str| {
        !it.trim().is_empty() && serde_json::from_str::<Value>(it).is_err_and(|it| it.is_eof())
    };
    match record.rsplit_once('\n') {
        Some((whole, last)) if !whole.trim().is_empty() && is_cut(last) => (whole, true),
        _ => (record, false),
    }
}

fn read(record: &str) -> Result<Vec<Entry>, ReplayError> {
    let lines = record.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            entry(line).map_err(|problem| ReplayError::NoRecord { line: at + 1, problem })
        })
        .collect()
}

fn entry(line: &str) -> Result<Entry, String> {
    let mut fields: Value = serde_json::from_str(line).map_err(|it| it.to_string())?;
    let side = [Side::Editor, Side::Server];
    let side = side.into_iter().find(|it| fields["from"] == it.word());
    let side = side.ok_or("`from` is neither `editor` nor `server`")?;
    let message = fields["message"].take();
    if message.is_object() {
        Ok(Entry { side, message })
    } else {
        Err("there is no `message`".into())
    }
}

/// What is asked by each of the editor's requests.
fn methods(entries: &[Entry]) -> BTreeMap<String, String> {
    let asked = entries.iter().filter(|it| it.side == Side::Editor);
    asked
        .filter_map(|it| Some((id(&it.message)?, it.message.get("method")?.as_str()?.to_owned())))
        .collect()
}

fn id(message: &Value) -> Option<String> {
    message.get("id").filter(|it| !it.is_null()).map(Value::to_string)
}

/// An editor that says what it is told to.
struct Player {
    to: WriteHalf<DuplexStream>,
    from: ReadHalf<DuplexStream>,
    frames: Frames,
    methods: BTreeMap<String, String>,
    /// Answers that nobody asked about yet.
    answers: BTreeMap<String, Value>,
    /// Requests of the server, by what they ask.
    requests: BTreeMap<String, Vec<Value>>,
    /// For a request of the recorded server the same one of this server.
    same: BTreeMap<String, Value>,
    /// The last diagnostics of each document in the record so far, until they are compared.
    recorded: BTreeMap<String, Value>,
    published: BTreeMap<String, Said>,
    /// How often the server was asked to say when nothing is left, less how often it did.
    unsettled: usize,
    stage: Stage,
    replayed: Replayed,
}

/// How far the record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The server has said all that was recorded, as far as it ever will.
    CaughtUp,
    /// Diagnostics were recorded since the editor spoke.
    Behind,
    /// The editor leaves: nothing that is said now counts.
    Over,
}

impl Player {
    fn new(stream: DuplexStream, methods: BTreeMap<String, String>) -> Self {
        let (from, to) = tokio::io::split(stream);
        Self {
            to,
            from,
            frames: Frames::default(),
            methods,
            answers: BTreeMap::new(),
            requests: BTreeMap::new(),
            same: BTreeMap::new(),
            recorded: BTreeMap::new(),
            published: BTreeMap::new(),
            unsettled: 0,
            stage: Stage::CaughtUp,
            replayed: Replayed::default(),
        }
    }

    /// Waits for what the recorded server had said before the editor said this.
    async fn catch_up(&mut self, message: &Value) {
        let Some(method) = message.get("method").and_then(Value::as_str) else { return };
        if matches!(method, "shutdown" | "exit") {
            self.expect_diagnostics().await;
        } else if self.stage == Stage::Behind {
            self.settle().await;
            self.stage = Stage::CaughtUp;
        }
        if method.starts_with("textDocument/did") {
            self.published.values_mut().for_each(Said::turn);
        }
    }

    /// Waits until the diagnostics are as recorded, or the server has nothing left to say.
    async fn settle(&mut self) {
        if self.is_as_recorded() {
            return;
        }
        self.send(&json!({ "jsonrpc": "2.0", "method": Settled::METHOD })).await;
        self.unsettled += 1;
        while self.unsettled > 0 && !self.is_as_recorded() && self.hear(PATIENCE).await {}
    }

    fn is_as_recorded(&self) -> bool {
        self.recorded.iter().all(|(uri, wanted)| {
            let wanted = sorted(wanted);
            self.found(uri, &wanted) == wanted
        })
    }

    fn found(&self, uri: &str, wanted: &Value) -> Value {
        let said = self.published.get(uri);
        said.and_then(|it| it.found(wanted)).unwrap_or_else(|| json!([]))
    }

    /// Says what the editor said.
    async fn say(&mut self, message: &Value) {
        let mut message = message.clone();
        if message.get("method").is_none() {
            // The answer to a question of the server, which this server asks under another number.
            let Some(same) = id(&message).and_then(|it| self.same.get(&it)) else { return };
            message["id"] = same.clone();
        }
        self.send(&message).await;
    }

    async fn send(&mut self, message: &Value) {
        let sent = self.to.write_all(&frame(&[&message.to_string()])).await;
        if let Err(error) = sent {
            self.replayed.differences.push(format!("the server has hung up: {error}"));
        }
    }

    /// Waits for what the recorded server said, as far as others wait for it.
    async fn expect(&mut self, message: &Value) {
        match (message.get("method").and_then(Value::as_str), id(message)) {
            (Some(method), Some(theirs)) => self.expect_request(method, theirs).await,
            (None, Some(id)) => self.expect_answer(&id, message).await,
            (Some("textDocument/publishDiagnostics"), None) => {
                let params = &message["params"];
                self.recorded.insert(params["uri"].to_string(), params["diagnostics"].clone());
                if self.stage == Stage::CaughtUp {
                    self.stage = Stage::Behind;
                }
            }
            (_, None) => {}
        }
    }

    async fn expect_request(&mut self, method: &str, theirs: String) {
        let is_there = |it: &Self| it.requests.get(method).is_some_and(|it| !it.is_empty());
        // Something may have run then and not now.
        while !is_there(self) && method != "workspace/codeLens/refresh" {
            if !self.hear(PATIENCE).await {
                self.replayed.differences.push(format!("the server does not ask `{method}`"));
                return;
            }
        }
        let first = self.requests.get_mut(method).filter(|it| !it.is_empty());
        let first = first.map(|it| it.remove(0));
        self.same.extend(first.map(|it| (theirs, it)));
    }

    async fn expect_answer(&mut self, id: &str, recorded: &Value) {
        let method = self.methods.get(id).cloned().unwrap_or_default();
        while !self.answers.contains_key(id) {
            if !self.hear(PATIENCE).await {
                let difference = format!("`{method}` (request {id}) has no answer");
                self.replayed.differences.push(difference);
                return;
            }
        }
        let Some(answer) = self.answers.remove(id) else { return };
        if is_withdrawn(recorded) || is_withdrawn(&answer) {
            return;
        }
        self.replayed.compared += 1;
        let (recorded, answer) = (essence(&method, recorded), essence(&method, &answer));
        if recorded != answer {
            let difference = format!(
                "`{method}` (request {id}) is answered otherwise\n  then: {recorded}\n  now:  {answer}"
            );
            self.replayed.differences.push(difference);
        }
    }

    /// Waits until the diagnostics of each document are the last ones recorded, and compares them.
    async fn expect_diagnostics(&mut self) {
        if self.stage == Stage::Over {
            return;
        }
        self.stage = Stage::Over;
        self.settle().await;
        // What is said of scripts comes from another program, on which nobody waits.
        while !self.is_as_recorded() && self.hear(SILENCE).await {}
        for (uri, diagnostics) in std::mem::take(&mut self.recorded) {
            self.replayed.compared += 1;
            let wanted = sorted(&diagnostics);
            let found = self.found(&uri, &wanted);
            if found != wanted {
                let difference =
                    format!("the diagnostics of {uri} differ\n  then: {wanted}\n  now:  {found}");
                self.replayed.differences.push(difference);
            }
        }
    }

    /// Takes in what the server says next; whether it says anything.
    async fn hear(&mut self, patience: Duration) -> bool {
        let mut bytes = vec![0; 1 << 16];
        loop {
            if let Some(message) = self.frames.next() {
                if let Ok(message) = serde_json::from_slice(&message) {
                    self.take_in(message);
                }
                return true;
            }
            match timeout(patience, self.from.read(&mut bytes)).await {
                Ok(Ok(count)) if count > 0 => {
                    self.frames.feed(bytes.get(..count).unwrap_or_default());
                }
                _ => return false,
            }
        }
    }

    fn take_in(&mut self, message: Value) {
        let method = message.get("method").and_then(Value::as_str);
        match (method, id(&message)) {
            (Some(method), Some(_)) => {
                let number = message["id"].clone();
                self.requests.entry(method.to_owned()).or_default().push(number);
            }
            (None, Some(id)) => {
                self.answers.insert(id, message);
            }
            (Some("textDocument/publishDiagnostics"), None) => {
                let params = &message["params"];
                let said = self.published.entry(params["uri"].to_string()).or_default();
                said.now.push(params["diagnostics"].clone());
            }
            (Some(Settled::METHOD), None) => self.unsettled = self.unsettled.saturating_sub(1),
            (_, None) => {}
        }
    }
}
