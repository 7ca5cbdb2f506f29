//! Messages act in the order of the wire, whatever else is going on.

use std::fmt::Write as _;

use rush_system::MemorySystem;
use serde_json::json;

use super::client::Client;

fn disk() -> MemorySystem {
    MemorySystem::from_files([("/w/tasks.rush", "")])
}

/// A text that takes a while to format.
fn large() -> String {
    let mut text = String::new();
    for number in 0..4_000 {
        writeln!(text, "task  t{number} {{\n run: `echo  {number}`\n}}\n").unwrap();
    }
    text
}

#[tokio::test]
async fn a_thousand_edits_are_applied_in_order() {
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/tasks.rush", 0, "let a = x\n").await;
    let mut name = "x".to_owned();
    for edit in 1..=1_000 {
        let column = 8 + name.len() as u32;
        let piece = (edit % 10).to_string();
        name.push_str(&piece);
        client.edit("/w/tasks.rush", edit, (0, column, 0, column), &piece).await;
    }
    let found = client.diagnostics("/w/tasks.rush", 1_000).await;
    assert!(found.contains(&format!("`{name}`")), "{found}");
    let versions: Vec<i64> = client
        .unclaimed()
        .filter(|it| it["method"] == "textDocument/publishDiagnostics")
        .filter_map(|it| it["params"]["version"].as_i64())
        .collect();
    assert!(versions.is_sorted(), "{versions:?}");
}

#[tokio::test]
async fn an_edit_does_not_wait_for_slow_requests() {
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/large.rush", 1, &large()).await;
    client.open("/w/tasks.rush", 1, "let a = 1\n").await;
    client.diagnostics("/w/tasks.rush", 1).await;
    let mut requests = Vec::new();
    for _ in 0..32 {
        requests.push(client.format("/w/large.rush").await);
    }
    client.edit("/w/tasks.rush", 2, (0, 8, 0, 9), "x").await;
    let found = client.diagnostics("/w/tasks.rush", 2).await;
    assert!(found.contains("RUSH0102"), "{found}");
    let answered = client.unclaimed().filter(|it| it.get("id").is_some()).count();
    assert!(answered < requests.len(), "all were answered before the edit");
    for id in requests {
        assert!(client.answer(id).await["result"].is_array());
    }
}

#[tokio::test]
async fn a_request_is_answered_for_the_text_it_was_made_on() {
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/tasks.rush", 1, "let  a = 1\n").await;
    client.edit("/w/tasks.rush", 2, (0, 4, 0, 5), "").await;
    let id = client.format("/w/tasks.rush").await;
    assert_eq!(client.answer(id).await["result"], json!([]));
}

#[tokio::test]
async fn changes_for_a_text_that_is_gone_are_not_sent() {
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/large.rush", 1, &large()).await;
    let id = client.format("/w/large.rush").await;
    client.edit("/w/large.rush", 2, (0, 0, 1, 0), "").await;
    assert_eq!(client.answer(id).await["error"]["code"], -32801);
}

#[tokio::test]
async fn a_cancelled_request_is_answered_at_once() {
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/large.rush", 1, &large()).await;
    let mut requests = Vec::new();
    for _ in 0..32 {
        requests.push(client.format("/w/large.rush").await);
    }
    let last = requests.pop().unwrap();
    client.notify("$/cancelRequest", json!({ "id": last })).await;
    assert_eq!(client.answer(last).await["error"]["code"], -32800);
    let answered = client.unclaimed().filter(|it| it.get("id").is_some()).count();
    assert!(answered < requests.len(), "all others were answered before it");
    for id in requests {
        assert!(client.answer(id).await["result"].is_array());
    }
}
