//! A conversation is written down, and said again to another server.

use std::io::Write;
use std::sync::{Arc, Mutex};

use rush_lsp::{Options, Recorder, replay};
use rush_system::{MemorySystem, System as _};
use serde_json::{Value, json};

use super::client::{Client, uri};

/// A file in memory.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        assert!(bytes.ends_with(b"\n"), "a line is written in one piece");
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn disk() -> MemorySystem {
    MemorySystem::from_files([("/w/tasks.rush", ""), ("/w/lib.rush", "let x = 1\n")])
}

/// What an editor and the server say to each other in a short session.
fn recorded() -> String {
    let page = Page::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut options = Options::new(Arc::new(disk()));
        options.record = Some(Recorder::new(page.clone()));
        let settings = json!({ "workspace": { "configuration": true } });
        let mut client = Client::start_options(options, &["/w"], settings).await;
        let asked = client.until(|it| it["method"] == "workspace/configuration").await;
        client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": [null] })).await;
        client
            .open("/w/tasks.rush", 1, "use \"./lib.rush\" as lib\nlet a = [lib.x,\n  1 + é]\n")
            .await;
        client.settles("/w/tasks.rush", |it| it.contains("RUSH")).await;
        let document = json!({ "textDocument": { "uri": "file:///w/tasks.rush" } });
        let id = client.request("textDocument/documentSymbol", document).await;
        client.answer(id).await;
        let id = client.format("/w/tasks.rush").await;
        client.answer(id).await;
        client.edit("/w/tasks.rush", 2, (2, 5, 2, 6), "2").await;
        client.diagnostics("/w/tasks.rush", 2).await;
        // What was said is written down before the next thing is said.
        let id = client.format("/w/tasks.rush").await;
        client.answer(id).await;
    });
    // The server may still be writing: what counts is that each piece it writes is a whole line.
    let bytes = page.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_was_said_is_answered_again() {
    let record = recorded();
    assert!(record.lines().all(|it| it.starts_with("{\"ms\":")), "{record}");
    let replayed = replay(Options::new(Arc::new(disk())), &record).unwrap();
    assert_eq!(replayed.differences, Vec::<String>::new());
    assert!(replayed.compared >= 4, "{}", replayed.compared);
}

const CIRCLE: &str =
    "task c {\n  needs: [b]\n  run: `x`\n}\n\ntask b {\n  needs: [c]\n  run: `x`\n}\n";

/// A session in which the last word comes from the rules about the whole workspace, after which the
/// editor leaves.
fn left() -> String {
    let page = Page::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut options = Options::new(Arc::new(disk()));
        options.record = Some(Recorder::new(page.clone()));
        let able = json!({ "textDocument": { "publishDiagnostics": { "versionSupport": true } } });
        let mut client = Client::start_options(options, &["/w"], able).await;
        client.open("/w/tasks.rush", 1, "").await;
        client.diagnostics("/w/tasks.rush", 1).await;
        client.replace("/w/tasks.rush", 2, CIRCLE).await;
        client.settles("/w/tasks.rush", |it| it.contains("RUSH0501")).await;
        let at = json!({ "textDocument": { "uri": uri("/w/tasks.rush") },
                         "position": { "line": 0, "character": 6 } });
        let id = client.request("textDocument/hover", at).await;
        client.answer(id).await;
        let id = client.request("shutdown", Value::Null).await;
        client.answer(id).await;
        client.exit().await;
    });
    let bytes = page.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_is_said_of_the_whole_workspace_is_waited_for_before_the_editor_leaves() {
    let record = left();
    assert!(record.contains("RUSH0501"), "{record}");
    let replayed = replay(Options::new(Arc::new(disk())), &record).unwrap();
    assert_eq!(replayed.differences, Vec::<String>::new());
    // `initialize`, hover, `shutdown`, and the diagnostics.
    assert_eq!(replayed.compared, 4);
    let forged = record.replace("RUSH0501", "RUSH0599");
    let replayed = replay(Options::new(Arc::new(disk())), &forged).unwrap();
    let [difference] = replayed.differences.as_slice() else { panic!("{replayed:?}") };
    assert!(difference.contains("the diagnostics of"), "{difference}");
}

#[test]
fn what_is_answered_otherwise_is_told() {
    let record = recorded();
    let changed = disk();
    changed.write("/w/lib.rush".into(), b"let y = 1\n").unwrap();
    let replayed = replay(
        Options::new(Arc::new(changed)),
        &record.replace("\"name\":\"a\"", "\"name\":\"b\""),
    );
    let differences = replayed.unwrap().differences.join("\n");
    assert!(differences.contains("`textDocument/documentSymbol` (request 2)"), "{differences}");
    assert!(
        differences.contains("the diagnostics of \"file:///w/tasks.rush\" differ"),
        "{differences}"
    );
}

#[test]
fn of_a_record_that_was_cut_off_the_whole_lines_are_said() {
    let record = recorded();
    let replayed = |record: &str| replay(Options::new(Arc::new(disk())), record).unwrap();
    assert!(!replayed(&record).is_cut && !replayed(record.trim_end()).is_cut);
    let answered = record.find("\"result\":[").unwrap();
    for end in [record.len() - 2, answered + 9, answered] {
        let found = replayed(&record[..end]);
        assert!(found.is_cut, "{end}");
        assert_eq!(found.differences, Vec::<String>::new(), "{end}");
        assert!(found.compared >= 1, "{end}: {}", found.compared);
    }
}

#[test]
fn what_is_no_record_is_refused() {
    let error =
        |record: &str| replay(Options::new(Arc::new(disk())), record).unwrap_err().to_string();
    assert!(error("\n{").starts_with("line 2 is no line of a record: "));
    assert_eq!(
        error("{\"from\":\"me\"}"),
        "line 1 is no line of a record: `from` is neither `editor` nor `server`"
    );
}
