//! Folders that are opened and closed in the editor.

use rush_system::MemorySystem;
use serde_json::{Value, json};

use super::client::{Client, uri};

const WRONG: &str = "let x = nothing\n";
const FOUND: &str = "0:8-0:15 RUSH0102 nothing is named `nothing` here\n";

async fn start(folders: &[&str]) -> Client {
    let files = [("/a/tasks.rush", WRONG), ("/b/tasks.rush", WRONG)];
    Client::start(MemorySystem::from_files(files), folders).await
}

/// Says that folders were opened and closed.
async fn change(client: &mut Client, added: &[&str], removed: &[&str]) {
    let folders = |paths: &[&str]| -> Vec<Value> {
        paths.iter().map(|it| json!({ "uri": uri(it), "name": it })).collect()
    };
    let event = json!({ "added": folders(added), "removed": folders(removed) });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event })).await;
}

#[tokio::test]
async fn what_is_closed_is_no_longer_spoken_of() {
    let mut client = start(&["/a", "/b"]).await;
    assert_eq!(client.diagnostics("/a/tasks.rush", Value::Null).await, FOUND);
    assert_eq!(client.diagnostics("/b/tasks.rush", Value::Null).await, FOUND);
    change(&mut client, &[], &["/b"]).await;
    assert_eq!(client.diagnostics("/b/tasks.rush", Value::Null).await, "");
    change(&mut client, &["/b"], &["/a"]).await;
    assert_eq!(client.diagnostics("/a/tasks.rush", Value::Null).await, "");
    assert_eq!(client.diagnostics("/b/tasks.rush", Value::Null).await, FOUND);
}

#[tokio::test]
async fn an_open_document_keeps_its_workspace() {
    let mut client = start(&["/a"]).await;
    assert_eq!(client.diagnostics("/a/tasks.rush", Value::Null).await, FOUND);
    client.open("/a/tasks.rush", 1, WRONG).await;
    assert_eq!(client.diagnostics("/a/tasks.rush", 1).await, FOUND);
    change(&mut client, &[], &["/a"]).await;
    client.edit("/a/tasks.rush", 2, (0, 8, 0, 15), "absent").await;
    let found = client.diagnostics("/a/tasks.rush", 2).await;
    assert_eq!(found, "0:8-0:14 RUSH0102 nothing is named `absent` here\n");
    client.tell("textDocument/didClose", "/a/tasks.rush").await;
    assert_eq!(client.diagnostics("/a/tasks.rush", Value::Null).await, "");
}

#[tokio::test]
async fn symbols_come_from_all_folders() {
    let files = [("/a/tasks.rush", "let common = 1\n"), ("/b/tasks.rush", "let common = 2\n")];
    let mut client = Client::start(MemorySystem::from_files(files), &["/a", "/b"]).await;
    let names = |answer: &Value| {
        let all = answer["result"].as_array().unwrap();
        let mut uris: Vec<String> =
            all.iter().map(|it| it["location"]["uri"].as_str().unwrap().to_owned()).collect();
        uris.sort();
        uris
    };
    let id = client.request("workspace/symbol", json!({ "query": "common" })).await;
    let found = client.answer(id).await;
    assert_eq!(names(&found), ["file:///a/tasks.rush", "file:///b/tasks.rush"]);
    change(&mut client, &[], &["/a"]).await;
    let id = client.request("workspace/symbol", json!({ "query": "common" })).await;
    let found = client.answer(id).await;
    assert_eq!(names(&found), ["file:///b/tasks.rush"]);
}
