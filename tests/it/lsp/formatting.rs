//! Formatting through the protocol.

use rush_system::MemorySystem;
use serde_json::{Value, json};

use super::client::Client;

/// Opens a text, formats it, and expects these changes.
async fn check(text: &str, expect: Value) {
    let mut client =
        Client::start(MemorySystem::from_files([("/w/tasks.rush", "")]), &["/w"]).await;
    client.open("/w/tasks.rush", 1, text).await;
    let id = client.format("/w/tasks.rush").await;
    assert_eq!(client.answer(id).await["result"], expect, "{text}");
}

fn change(at: (u32, u32, u32, u32), text: &str) -> Value {
    json!({ "newText": text, "range": { "start": { "line": at.0, "character": at.1 },
                                        "end": { "line": at.2, "character": at.3 } } })
}

#[tokio::test]
async fn only_what_changes_is_sent() {
    check("let a = 1\n", json!([])).await;
    check("let a = \"🦀\"  +  b\nlet b = 1\n", json!([change((0, 13, 0, 16), "+")])).await;
}

#[tokio::test]
async fn a_broken_item_stays_and_the_others_are_formatted() {
    check("let  a = 1\n\nlet b = = 1\n", json!([change((0, 4, 0, 5), "")])).await;
}

#[tokio::test]
async fn line_ends_of_windows_stay() {
    check("let  a = 1\r\nlet b = 2\r\n", json!([change((0, 4, 0, 5), "")])).await;
}
