//! Conversations of an editor and the server, written down in `transcripts/*.txt`.
//!
//! A transcript is files, then lines of what the editor does; the snapshot beside it has each line
//! with what the server answered. Lines are
//!
//! ```text
//! editor {"textDocument": ..}     what the editor can do; must come first
//! options {"lens": ..}            the initialization options; must come first
//! open PATH                       opens a file as it is on the disk
//! type PATH `old` => `new`        replaces the first such text
//! close PATH                      closes it
//! ask METHOD PATH [at `te|xt`] [from `text`] [{"more": "parameters"}]
//! ask METHOD {"all": "parameters"}
//! hear METHOD                     waits for a message of the server
//! diagnostics PATH                waits for the diagnostics of the text as it is
//! again METHOD                    asks with what the last answer holds first, as resolving does
//! ```
//!
//! A `"$"` stands for the `resultId` of the last answer.
//! A bar marks the place inside a quoted text; without one it is the start. Ranges are shown as
//! `line:column-line:column`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rush_system::MemorySystem;
use serde_json::{Map, Value, json};

use super::client::{Client, show, uri};

#[test]
#[allow(clippy::disallowed_methods, reason = "files of this repository")]
fn transcripts() {
    insta::glob!("transcripts/*.txt", |path| {
        let source = std::fs::read_to_string(path).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let heard = runtime.block_on(play(&source));
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(heard);
        });
    });
}

/// An editor with what it has open.
struct Editor {
    client: Client,
    documents: BTreeMap<String, (i32, String)>,
    disk: BTreeMap<String, String>,
    /// The answer that came last.
    last: Value,
}

/// Plays a transcript and returns it with the answers.
async fn play(source: &str) -> String {
    let (disk, script) = split(source);
    let mut lines = script.lines().filter(|it| !it.trim().is_empty()).peekable();
    let mut capabilities = able();
    let mut options = Value::Null;
    while let Some(line) =
        lines.next_if(|it| it.starts_with("editor ") || it.starts_with("options "))
    {
        let (word, value) = line.split_once(' ').unwrap();
        let value: Value = serde_json::from_str(value).unwrap();
        if word == "editor" { merge(&mut capabilities, value) } else { options = value }
    }
    let system =
        MemorySystem::from_files(disk.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let client = Client::start_as(system, &["/w"], capabilities, options).await;
    let mut editor = Editor { client, documents: BTreeMap::new(), disk, last: Value::Null };
    let mut heard = source.split_once("\n===\n").unwrap().0.to_owned() + "\n===\n";
    for line in lines {
        let answer = editor.play(line).await;
        writeln!(heard, "{line}").unwrap();
        for line in answer.lines() {
            writeln!(heard, "    {line}").unwrap();
        }
    }
    heard
}

/// The files, each under a line with its path, and the script below `===`.
fn split(source: &str) -> (BTreeMap<String, String>, &str) {
    let (files, script) = source.split_once("\n===\n").expect("a line `===`");
    let mut disk = BTreeMap::<String, String>::new();
    let mut path = String::new();
    for line in files.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("--- ") {
            name.trim().clone_into(&mut path);
            disk.insert(path.clone(), String::new());
        } else if let Some(text) = disk.get_mut(&path) {
            text.push_str(line);
        }
    }
    (disk, script)
}

/// What a modern editor can do.
fn able() -> Value {
    json!({
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true, "versionSupport": true,
                "dataSupport": true, "codeDescriptionSupport": true,
                "tagSupport": { "valueSet": [1, 2] } },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "definition": { "linkSupport": true },
            "hover": { "contentFormat": ["markdown", "plaintext"] },
            "completion": { "completionItem": { "snippetSupport": true, "labelDetailsSupport": true,
                "documentationFormat": ["markdown"] } },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } },
                "resolveSupport": { "properties": ["edit"] }, "dataSupport": true },
        },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    })
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

impl Editor {
    async fn play(&mut self, line: &str) -> String {
        let (word, rest) = line.split_once(' ').unwrap();
        match word {
            "open" => {
                let text = self.disk.get(rest).cloned().unwrap_or_default();
                self.client.open(rest, 1, &text).await;
                self.documents.insert(rest.to_owned(), (1, text));
                String::new()
            }
            "close" => {
                self.documents.remove(rest);
                self.client.tell("textDocument/didClose", rest).await;
                String::new()
            }
            "type" => self.retype(rest).await,
            "ask" => self.ask(rest).await,
            "again" => {
                let first = self.last.get(0).or(self.last.get("items").and_then(|it| it.get(0)));
                let params = first.cloned().unwrap();
                self.answer(rest, params).await
            }
            "hear" => {
                let message = self.client.until(|it| it["method"] == rest).await;
                render(&message["params"])
            }
            "diagnostics" => {
                let version = self.documents.get(rest).map(|it| it.0);
                show(&self.client.published(rest, version.map_or(Value::Null, Value::from)).await)
            }
            other => panic!("`{other}` is no word of transcripts"),
        }
    }

    async fn retype(&mut self, rest: &str) -> String {
        let (path, rest) = rest.split_once(' ').unwrap();
        let (old, new) = rest.split_once(" => ").unwrap();
        let (old, new) = (quoted(old), quoted(new));
        let (version, text) = self.documents.get_mut(path).unwrap();
        let start = text.find(&old).unwrap_or_else(|| panic!("no `{old}` in {path}"));
        let (from, to) = (position(text, start), position(text, start + old.len()));
        text.replace_range(start..start + old.len(), &new);
        *version += 1;
        let range = (from.0, from.1, to.0, to.1);
        self.client.edit(path, *version, range, &new).await;
        String::new()
    }

    async fn ask(&mut self, rest: &str) -> String {
        let (method, rest) = rest.split_once(' ').unwrap();
        if rest.starts_with('{') {
            return self.answer(method, serde_json::from_str(rest).unwrap()).await;
        }
        let (path, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut params = Map::new();
        params.insert("textDocument".into(), json!({ "uri": uri(path) }));
        let (words, more) = rest.find('{').map_or((rest, ""), |at| rest.split_at(at));
        let (words, more) =
            if words.matches('`').count() % 2 == 1 { (rest, "") } else { (words, more) };
        let text = self.documents.get(path).map(|it| it.1.clone());
        let text = text.or_else(|| self.disk.get(path).cloned()).unwrap_or_default();
        if let Some(at) = words.strip_prefix("at ") {
            let (line, character) = position(&text, place(&text, &quoted(at)));
            params.insert("position".into(), json!({ "line": line, "character": character }));
        } else if let Some(from) = words.strip_prefix("from ") {
            let wanted = quoted(from);
            let start = place(&text, &wanted);
            let (from, to) = (position(&text, start), position(&text, start + wanted.len()));
            let point = |it: (u32, u32)| json!({ "line": it.0, "character": it.1 });
            params.insert("range".into(), json!({ "start": point(from), "end": point(to) }));
        }
        if !more.is_empty() {
            let last = self.last["resultId"].as_str().unwrap_or_default();
            let more = more.replace("\"$\"", &format!("\"{last}\""));
            let more: Map<String, Value> = serde_json::from_str(&more).unwrap();
            params.extend(more);
        }
        self.answer(method, Value::Object(params)).await
    }

    async fn answer(&mut self, method: &str, params: Value) -> String {
        let id = self.client.request(method, params).await;
        let answer = self.client.answer(id).await;
        if let Some(error) = answer.get("error") {
            return format!("refused: {}", error["message"].as_str().unwrap_or_default());
        }
        self.last = answer["result"].clone();
        render(&answer["result"])
    }
}

/// The text between backticks, with `\n` for a new line.
fn quoted(text: &str) -> String {
    let text = text.trim();
    let inside = text.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
    inside.unwrap_or_else(|| panic!("{text} is not quoted")).replace("\\n", "\n")
}

/// Where a text with a bar in it lies; the bar is the place.
fn place(text: &str, wanted: &str) -> usize {
    let bar = wanted.find('|');
    let plain = wanted.replacen('|', "", 1);
    let found = text.find(&plain).unwrap_or_else(|| panic!("no `{plain}`"));
    found + bar.unwrap_or(0)
}

fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = &text[..offset];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() as u32, line.encode_utf16().count() as u32)
}

/// JSON as a person reads it: ranges as one word, small things in one line.
fn render(value: &Value) -> String {
    let mut text = String::new();
    write_value(&shorten(value), 0, &mut text);
    text
}

fn shorten(value: &Value) -> Value {
    match value {
        Value::Array(them) => Value::Array(them.iter().map(shorten).collect()),
        Value::Object(fields) => match point(value).or_else(|| range(value)) {
            Some(short) => short.into(),
            None => Value::Object(fields.iter().map(|(k, v)| (k.clone(), shorten(v))).collect()),
        },
        other => other.clone(),
    }
}

fn point(value: &Value) -> Option<String> {
    let fields = value.as_object().filter(|it| it.len() == 2)?;
    Some(format!("{}:{}", fields.get("line")?, fields.get("character")?))
}

fn range(value: &Value) -> Option<String> {
    let fields = value.as_object().filter(|it| it.len() == 2)?;
    Some(format!("{}-{}", point(fields.get("start")?)?, point(fields.get("end")?)?))
}

fn write_value(value: &Value, depth: usize, text: &mut String) {
    let flat = value.to_string();
    if flat.len() + 2 * depth <= 96 {
        text.push_str(&flat);
        return;
    }
    let inner = "  ".repeat(depth + 1);
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    match value {
        Value::Array(them) => {
            text.push(open);
            for it in them {
                write!(text, "\n{inner}").unwrap();
                write_value(it, depth + 1, text);
            }
        }
        Value::Object(fields) => {
            text.push(open);
            for (name, it) in fields {
                write!(text, "\n{inner}{name}: ").unwrap();
                write_value(it, depth + 1, text);
            }
        }
        other => {
            text.push_str(&other.to_string());
            return;
        }
    }
    write!(text, "\n{}{close}", "  ".repeat(depth)).unwrap();
}
