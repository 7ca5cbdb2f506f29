//! An editor in memory: frames messages, remembers what the server says, and waits for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rush_lsp::{Ended, Options, serve};
use rush_system::System;
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::task::JoinHandle;

/// When the server counts as silent. Never waited for unless something is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// An editor, connected to a server of its own.
pub(super) struct Client {
    to: Box<dyn AsyncWrite + Send + Unpin>,
    from: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    server: JoinHandle<Ended>,
    last_id: u64,
    /// What came and was not asked for yet.
    heard: VecDeque<Value>,
    /// What the server said it can do.
    pub(super) capabilities: Value,
}

impl Client {
    /// Connects, with the workspace folders given and what a modern editor can do.
    pub(super) async fn start(system: impl System + 'static, folders: &[&str]) -> Self {
        let capabilities = json!({ "textDocument": { "publishDiagnostics": {
            "relatedInformation": true, "versionSupport": true, "dataSupport": true,
            "tagSupport": { "valueSet": [1, 2] } } } });
        Self::start_with(system, folders, capabilities).await
    }

    /// Connects as an editor with these capabilities.
    pub(super) async fn start_with(
        system: impl System + 'static,
        folders: &[&str],
        capabilities: Value,
    ) -> Self {
        Self::start_as(system, folders, capabilities, Value::Null).await
    }

    /// Connects as an editor with these capabilities and options.
    pub(super) async fn start_as(
        system: impl System + 'static,
        folders: &[&str],
        capabilities: Value,
        options: Value,
    ) -> Self {
        let client = Self::connect(system);
        client.begin(folders, capabilities, options).await
    }

    /// Connects to a server with options of its own, as an editor with these capabilities.
    pub(super) async fn start_options(
        options: Options,
        folders: &[&str],
        capabilities: Value,
    ) -> Self {
        Self::connect_to(options).begin(folders, capabilities, Value::Null).await
    }

    pub(super) async fn begin(
        mut self,
        folders: &[&str],
        capabilities: Value,
        options: Value,
    ) -> Self {
        let client = &mut self;
        let folders: Vec<_> = folders
            .iter()
            .map(|path| json!({ "uri": format!("file://{path}"), "name": path }))
            .collect();
        let id = client
            .request(
                "initialize",
                json!({ "processId": null, "rootUri": null, "workspaceFolders": folders,
                        "capabilities": capabilities, "initializationOptions": options }),
            )
            .await;
        client.capabilities = client.answer(id).await["result"]["capabilities"].take();
        client.notify("initialized", json!({})).await;
        self
    }

    /// Connects and says nothing yet.
    pub(super) fn connect(system: impl System + 'static) -> Self {
        Self::connect_to(Options::new(Arc::new(system)))
    }

    fn connect_to(options: Options) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (reader, writer) = tokio::io::split(theirs);
        Self::over(ours, tokio::spawn(serve(reader, writer, options)))
    }

    /// Speaks over a stream at whose other end there is a server.
    pub(super) fn over(
        stream: impl AsyncRead + AsyncWrite + Send + 'static,
        server: JoinHandle<Ended>,
    ) -> Self {
        let (from, to) = tokio::io::split(stream);
        let from = BufReader::new(Box::new(from) as Box<dyn AsyncRead + Send + Unpin>);
        let to = Box::new(to);
        let (heard, capabilities) = (VecDeque::new(), Value::Null);
        Self { to, from, server, last_id: 0, heard, capabilities }
    }

    pub(super) async fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
    }

    /// Sends a request and returns its number.
    pub(super) async fn request(&mut self, method: &str, params: Value) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(&message).await;
        id
    }

    pub(super) async fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        self.to.write_all(frame.as_bytes()).await.unwrap();
    }

    /// Waits for the answer to a request.
    pub(super) async fn answer(&mut self, id: u64) -> Value {
        self.until(|it| it["id"] == id && it.get("method").is_none()).await
    }

    /// Waits until the server asks something, answers, and returns what was asked.
    pub(super) async fn asked(&mut self, method: &str, answer: Value) -> Value {
        let mut question = self.until(|it| it["method"] == method && it.get("id").is_some()).await;
        let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer });
        self.send(&answer).await;
        question["params"].take()
    }

    /// Asks about a document for which its name is enough, and returns the answer.
    pub(super) async fn ask(&mut self, method: &str, path: &str) -> Value {
        let params = json!({ "textDocument": { "uri": uri(path) } });
        let id = self.request(method, params).await;
        let mut answer = self.answer(id).await;
        assert_eq!(answer.get("error"), None, "`{method}` is refused");
        answer["result"].take()
    }

    /// Waits for diagnostics of a version of a document, and shows them one a line.
    pub(super) async fn diagnostics(&mut self, path: &str, version: impl Into<Value>) -> String {
        show(&self.published(path, version).await)
    }

    /// Waits for diagnostics of a version of a document.
    pub(super) async fn published(&mut self, path: &str, version: impl Into<Value>) -> Value {
        let (uri, version) = (uri(path), version.into());
        let mut found = self
            .until(|it| {
                it["method"] == "textDocument/publishDiagnostics"
                    && it["params"]["uri"] == uri
                    && it["params"]["version"] == version
            })
            .await;
        found["params"]["diagnostics"].take()
    }

    /// Waits until the diagnostics of a document are as expected; the server may speak in between.
    pub(super) async fn settles(&mut self, path: &str, expect: impl Fn(&str) -> bool) -> String {
        let uri = uri(path);
        loop {
            let found = self
                .until(|it| {
                    it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == uri
                })
                .await;
            let shown = show(&found["params"]["diagnostics"]);
            if expect(&shown) {
                return shown;
            }
        }
    }

    /// Waits until the diagnostics of a version of a document are these.
    pub(super) async fn settles_at(&mut self, path: &str, version: i32, expect: &str) {
        let mut last = self.diagnostics(path, version).await;
        while last != expect {
            let next = tokio::time::timeout(PATIENCE, self.diagnostics(path, version)).await;
            last = next.unwrap_or_else(|_| panic!("{path}:\n{last}is not\n{expect}"));
        }
    }

    /// Waits for a message, and leaves the others for later.
    pub(super) async fn until(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.heard.iter().position(&is_wanted) {
            return self.heard.remove(at).unwrap();
        }
        loop {
            let message = tokio::time::timeout(PATIENCE, self.receive())
                .await
                .unwrap_or_else(|_| panic!("the server is silent; it said {:#?}", self.heard));
            if is_wanted(&message) {
                return message;
            }
            self.heard.push_back(message);
        }
    }

    /// The messages that came and were not asked for, oldest first.
    pub(super) fn unclaimed(&self) -> impl Iterator<Item = &Value> {
        self.heard.iter()
    }

    /// Forgets what the server said without being asked.
    pub(super) fn forget_notifications(&mut self) {
        self.heard.retain(|it| it.get("id").is_some());
    }

    async fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).await.unwrap() > 0, "the server has ended");
            if line.trim().is_empty() {
                break;
            }
            if let Some(number) = line.strip_prefix("Content-Length:") {
                length = number.trim().parse().unwrap();
            }
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    pub(super) async fn open(&mut self, path: &str, version: i32, text: &str) {
        let document =
            json!({ "uri": uri(path), "languageId": "rush", "version": version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document })).await;
    }

    /// Replaces a range `(line, column, line, column)` by a text.
    pub(super) async fn edit(
        &mut self,
        path: &str,
        version: i32,
        range: (u32, u32, u32, u32),
        text: &str,
    ) {
        let range = json!({ "start": { "line": range.0, "character": range.1 },
                            "end": { "line": range.2, "character": range.3 } });
        self.change(path, version, json!([{ "range": range, "text": text }])).await;
    }

    /// Replaces the whole text.
    pub(super) async fn replace(&mut self, path: &str, version: i32, text: &str) {
        self.change(path, version, json!([{ "text": text }])).await;
    }

    async fn change(&mut self, path: &str, version: i32, changes: Value) {
        let document = json!({ "uri": uri(path), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params).await;
    }

    /// Says something about a document for which its name is enough.
    pub(super) async fn tell(&mut self, method: &str, path: &str) {
        self.notify(method, json!({ "textDocument": { "uri": uri(path) } })).await;
    }

    /// Says that files on the disk changed.
    pub(super) async fn watched(&mut self, paths: &[&str]) {
        let changes: Vec<_> = paths.iter().map(|it| json!({ "uri": uri(it), "type": 2 })).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes })).await;
    }

    /// Says that files or directories went from the disk.
    pub(super) async fn gone(&mut self, paths: &[&str]) {
        let changes: Vec<_> = paths.iter().map(|it| json!({ "uri": uri(it), "type": 3 })).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes })).await;
    }

    /// Asks for the changes that format a document.
    pub(super) async fn format(&mut self, path: &str) -> u64 {
        let options = json!({ "tabSize": 8, "insertSpaces": false });
        let params = json!({ "textDocument": { "uri": uri(path) }, "options": options });
        self.request("textDocument/formatting", params).await
    }

    /// Says nothing more with its streams open, and returns how the server ended.
    pub(super) async fn ended(self) -> Ended {
        tokio::time::timeout(PATIENCE, self.server).await.unwrap().unwrap()
    }

    /// Says `exit`, and returns how the server ended.
    pub(super) async fn exit(mut self) -> Ended {
        self.notify("exit", Value::Null).await;
        tokio::time::timeout(PATIENCE, self.server).await.unwrap().unwrap()
    }

    /// Hangs up without a word.
    pub(super) async fn hang_up(self) -> Ended {
        let Self { to, from, server, .. } = self;
        drop((to, from));
        tokio::time::timeout(PATIENCE, server).await.unwrap().unwrap()
    }
}

/// The name of a document; a path stands for the file there.
pub(super) fn uri(path: &str) -> String {
    if path.starts_with('/') { format!("file://{path}") } else { path.to_owned() }
}

/// One line for each diagnostic: where, which code, and the first line of the message.
pub(super) fn show(diagnostics: &Value) -> String {
    let line = |it: &Value| {
        let at = |end: &str| {
            let at = &it["range"][end];
            format!("{}:{}", at["line"], at["character"])
        };
        let message = it["message"].as_str().unwrap_or_default();
        let message = message.lines().next().unwrap_or_default();
        let code = it["code"].as_str().unwrap_or_default();
        format!("{}-{} {code} {message}\n", at("start"), at("end"))
    };
    diagnostics.as_array().map(|it| it.iter().map(line).collect()).unwrap_or_default()
}
