//! Random edits and questions: each question is answered once, and in the end the server says what
//! one says that was started on the final texts.

use rush_system::MemorySystem;
use rush_test::typist::{Act, TEXTS, Typist, all_inquiries};
use serde_json::{Value, json};

use super::client::{Client, uri};

/// How many questions are under way at most.
const ASKED_MAX: usize = 16;

/// A server on whose disk the files are empty, and an editor that has other texts of them open.
async fn start(texts: &[String]) -> Client {
    let paths = TEXTS.map(|(name, _)| path(name));
    let disk = paths.iter().map(|it| (it.as_str(), "")).chain([("/w/src/main.rs", "")]);
    let mut client = Client::start(MemorySystem::from_files(disk), &["/w"]).await;
    for (path, text) in paths.iter().zip(texts) {
        client.open(path, 0, text).await;
    }
    client
}

fn path(name: &str) -> String {
    format!("/w/{name}")
}

fn path_of(document: usize) -> String {
    path(TEXTS[document].0)
}

/// What is answered to everything.
async fn answers(client: &mut Client, texts: &[String]) -> Vec<Value> {
    let mut answers = Vec::new();
    for inquiry in all_inquiries(texts) {
        let params = inquiry.params(&uri(&path_of(inquiry.document)));
        let id = client.request(inquiry.method(), params).await;
        let mut answer = client.answer(id).await;
        if let Some(fields) = answer["result"].as_object_mut() {
            fields.remove("resultId");
        }
        answers.push(json!([format!("{inquiry:?}"), answer["result"], answer["error"]]));
    }
    answers
}

/// How many steps are made: many more when somebody has the time.
#[allow(clippy::disallowed_methods, reason = "a test asks whether it may take long")]
fn steps() -> i32 {
    if std::env::var_os("RUSH_TEST_LONG").is_some() { 100_000 } else { 1_000 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_edits_and_questions_ends_where_a_fresh_server_begins() {
    let mut typist = Typist::new(0x0dd_ba11_5eed_0001);
    let mut client = start(typist.texts()).await;
    let mut asked = Vec::new();
    for version in 1..=steps() {
        match typist.act() {
            Act::Edit { document, from, to, text } => {
                let range = (from.line, from.column, to.line, to.column);
                client.edit(&path_of(document), version, range, &text).await;
            }
            Act::Replace { document, text } => {
                client.replace(&path_of(document), version, &text).await;
            }
            Act::Ask(inquiry) => {
                let params = inquiry.params(&uri(&path_of(inquiry.document)));
                asked.push(client.request(inquiry.method(), params).await);
            }
        }
        if asked.len() == ASKED_MAX {
            for id in asked.drain(..) {
                client.answer(id).await;
            }
            client.forget_notifications();
        }
    }
    for id in asked {
        client.answer(id).await;
    }
    let found = answers(&mut client, typist.texts()).await;
    let twice = client.unclaimed().find(|it| it.get("id").is_some());
    assert_eq!(twice, None, "something was answered twice");
    let expect = answers(&mut start(typist.texts()).await, typist.texts()).await;
    for (found, expect) in found.iter().zip(&expect) {
        assert_eq!(found, expect, "{:?}", typist.texts());
    }
}
