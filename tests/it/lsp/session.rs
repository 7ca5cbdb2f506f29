//! How a conversation begins and ends, and what is promised at its start.

use rush_lsp::Ended;
use rush_system::MemorySystem;
use serde_json::{Value, json};

use super::client::Client;

#[tokio::test]
async fn only_what_works_is_promised() {
    let client = Client::start(MemorySystem::new(), &[]).await;
    insta::with_settings!({ sort_maps => true, prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!(client.capabilities);
    });
}

#[tokio::test]
async fn bytes_are_counted_if_the_editor_can() {
    let encodings = json!({ "general": { "positionEncodings": ["utf-16", "utf-8"] } });
    let mut client = Client::start_with(MemorySystem::new(), &[], encodings).await;
    assert_eq!(client.capabilities["positionEncoding"], "utf-8");
    client.open("/w/tasks.rush", 1, "let 🦀 = 1\nlet b = \"🦀é\" + x\n").await;
    let found = client.diagnostics("/w/tasks.rush", 1).await;
    assert!(found.contains("1:19-1:20 RUSH"), "{found}");
}

#[tokio::test]
async fn what_completions_replace_is_said_once_if_the_editor_can() {
    let shared = json!({ "textDocument": { "completion": {
        "completionList": { "itemDefaults": ["commitCharacters", "editRange"] } } } });
    let at = json!({ "textDocument": { "uri": "file:///w/tasks.rush" },
                     "position": { "line": 1, "character": 6 } });
    let word = json!({ "start": { "line": 1, "character": 2 },
                       "end": { "line": 1, "character": 6 } });
    for (able, is_shared) in [(shared, true), (json!({}), false)] {
        let mut client = Client::start_with(MemorySystem::new(), &[], able).await;
        client.open("/w/tasks.rush", 1, "task a {\n  time: 1m\n}\n").await;
        let id = client.request("textDocument/completion", at.clone()).await;
        let list = client.answer(id).await["result"].take();
        let found = list["items"].as_array().unwrap();
        let timeout = found.iter().find(|it| it["label"] == "timeout").unwrap();
        assert_eq!(list.get("itemDefaults").map(|it| &it["editRange"]), is_shared.then_some(&word));
        assert_eq!(timeout.get("textEdit").map(|it| &it["range"]), (!is_shared).then_some(&word));
    }
}

#[tokio::test]
async fn leaving_is_announced_or_it_is_an_error() {
    let mut client = Client::start(MemorySystem::new(), &[]).await;
    let id = client.request("shutdown", Value::Null).await;
    assert!(client.answer(id).await.get("error").is_none());
    assert_eq!(client.exit().await, Ended::Properly);

    let client = Client::start(MemorySystem::new(), &[]).await;
    assert_eq!(client.exit().await, Ended::Abruptly);
    let client = Client::start(MemorySystem::new(), &[]).await;
    assert_eq!(client.hang_up().await, Ended::Abruptly);
    assert_eq!((Ended::Properly.exit_status(), Ended::Abruptly.exit_status()), (0, 1));
}

#[tokio::test]
async fn nothing_is_answered_before_the_start_or_after_the_end() {
    let mut client = Client::connect(MemorySystem::new());
    let id = client.format("/w/tasks.rush").await;
    assert_eq!(client.answer(id).await["error"]["code"], -32002);

    let mut client = Client::start(MemorySystem::new(), &[]).await;
    let id = client.request("shutdown", Value::Null).await;
    client.answer(id).await;
    let id = client.format("/w/tasks.rush").await;
    assert_eq!(client.answer(id).await["error"]["code"], -32600);
}

#[tokio::test]
async fn what_is_not_offered_is_refused_and_the_rest_goes_on() {
    let mut client = Client::start(MemorySystem::new(), &[]).await;
    let id = client.request("rush/unheardOf", json!({})).await;
    assert_eq!(client.answer(id).await["error"]["code"], -32601);
    client.notify("$/unheardOf", json!({})).await;
    let id = client.request("textDocument/formatting", json!({ "nonsense": true })).await;
    assert_eq!(client.answer(id).await["error"]["code"], -32602);
    let id = client.format("/not/open.rush").await;
    assert_eq!(client.answer(id).await["error"]["message"], "`file:///not/open.rush` is not open");
}

#[tokio::test]
async fn files_are_watched_if_the_editor_can() {
    let watching = json!({ "workspace": { "didChangeWatchedFiles": {
        "dynamicRegistration": true } } });
    let mut client = Client::start_with(MemorySystem::new(), &[], watching).await;
    let asked = client.until(|it| it["method"] == "client/registerCapability").await;
    let registration = &asked["params"]["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    assert_eq!(registration["registerOptions"]["watchers"][0]["globPattern"], "**/*.rush");
    // The server goes on without the answer.
    let id = client.request("shutdown", Value::Null).await;
    assert!(client.answer(id).await.get("error").is_none());
}

#[tokio::test]
async fn nothing_is_asked_before_the_editor_is_ready() {
    let system = MemorySystem::from_files([("/w/tasks.rush", "let x = nothing\n")]);
    let mut client = Client::connect(system);
    let folder = json!({ "uri": "file:///w", "name": "w" });
    let able =
        json!({ "window": { "workDoneProgress": true }, "workspace": { "configuration": true } });
    let params = json!({ "processId": null, "workspaceFolders": [folder], "capabilities": able });
    let id = client.request("initialize", params).await;
    client.answer(id).await;
    // By the second answer whatever the first began has had its time.
    for _ in 0..2 {
        let id = client.request("workspace/symbol", json!({ "query": "x" })).await;
        assert_eq!(client.answer(id).await["result"][0]["name"], "x");
    }
    assert_eq!(client.unclaimed().next(), None);
    client.notify("initialized", json!({})).await;
    client.asked("workspace/configuration", json!([null])).await;
    client.asked("window/workDoneProgress/create", Value::Null).await;
    client.diagnostics("/w/tasks.rush", Value::Null).await;
}
