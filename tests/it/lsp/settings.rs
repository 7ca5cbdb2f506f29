//! Settings that an editor is asked for, when they change: what each of them turns off or on.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use camino::Utf8Path;
use rush_lsp::{LastResult, LastRun, Options, TaskHistory};
use rush_system::MemorySystem;
use serde_json::{Value, json};

use super::client::{Client, uri};
use super::linted::Dislike;

/// A history in which everything ran, once.
#[derive(Debug)]
struct Once;

impl TaskHistory for Once {
    fn last(&self, _: &Utf8Path, _: &str) -> Option<LastRun> {
        Some(LastRun {
            run: "r1".to_owned(),
            result: LastResult::Succeeded,
            took: Some(Duration::from_secs(2)),
            began: UNIX_EPOCH,
        })
    }
}

const PATH: &str = "/w/tasks.rush";
const TEXT: &str = "workspace {\n  defaults: { timeout: 5m }\n}\n\n\
     task a {\n  matrix: { os: [\"x\", \"y\"] }\n  inputs: [\"src/**\"]\n  needs: [b]\n  \
     run: bash\"\"\"\n    echo bad\n  \"\"\"\n}\n\ntask b {\n  needs: [a]\n  run: `true`\n}\n";

async fn start() -> Client {
    let system = MemorySystem::from_files([(PATH, TEXT), ("/w/src/main.c", "")]);
    let mut options = Options::new(Arc::new(system));
    options.linter = Arc::new(Dislike);
    options.history = Arc::new(Once);
    let able = json!({ "workspace": { "configuration": true, "codeLens": { "refreshSupport": true },
                                      "inlayHint": { "refreshSupport": true } } });
    let mut client = Client::start_options(options, &["/w"], able).await;
    let asked = client.asked("workspace/configuration", json!([null])).await;
    assert_eq!(asked["items"], json!([{ "section": "rush" }]));
    client.open(PATH, 1, TEXT).await;
    client
}

/// Changes the settings, and waits until they hold.
async fn set(client: &mut Client, settings: Value) {
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null })).await;
    client.asked("workspace/configuration", json!([settings])).await;
    client.asked("workspace/inlayHint/refresh", Value::Null).await;
    client.asked("workspace/codeLens/refresh", Value::Null).await;
}

/// The labels of all hints and the titles of all lenses.
async fn shown(client: &mut Client) -> Vec<String> {
    let range = json!({ "start": { "line": 0, "character": 0 },
                        "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri(PATH) }, "range": range });
    let id = client.request("textDocument/inlayHint", params).await;
    let hints = client.answer(id).await["result"].take();
    let lenses = client.ask("textDocument/codeLens", PATH).await;
    let hints = hints.as_array().into_iter().flatten().map(|it| it["label"].clone());
    let lenses = lenses.as_array().into_iter().flatten().map(|it| it["command"]["title"].clone());
    hints.chain(lenses).map(|it| label(&it)).collect()
}

/// A label, which may come in parts.
fn label(it: &Value) -> String {
    let parts = it.as_array().into_iter().flatten().map(|it| &it["value"]);
    parts.chain([it]).filter_map(Value::as_str).collect()
}

/// Expects that a setting takes away what holds a word, and nothing else; and that it comes back.
async fn check(client: &mut Client, settings: Value, gone: &[&str]) {
    let all = shown(client).await;
    let is_gone = |it: &String| gone.iter().any(|word| it.contains(word));
    assert!(all.iter().any(is_gone), "{gone:?} is not in {all:?}");
    set(client, settings).await;
    let rest: Vec<String> = all.iter().filter(|it| !is_gone(it)).cloned().collect();
    assert_eq!(shown(client).await, rest, "without {gone:?}");
    set(client, Value::Null).await;
    assert_eq!(shown(client).await, all);
}

#[tokio::test]
async fn hints_and_lenses_can_be_turned_off_one_by_one() {
    let client = &mut start().await;
    check(client, json!({ "inlayHints": { "files": false } }), &["file"]).await;
    check(client, json!({ "inlayHints": { "matrix": false } }), &["cells"]).await;
    check(client, json!({ "inlayHints": { "defaults": false } }), &["timeout"]).await;
    check(client, json!({ "lens": { "history": false } }), &["succeeded"]).await;
    check(client, json!({ "lens": { "run": false } }), &["run"]).await;
}

#[tokio::test]
async fn the_rules_about_the_graph_can_be_turned_off() {
    let mut client = start().await;
    client.settles(PATH, |it| it.contains("RUSH0501")).await;
    set(&mut client, json!({ "check": { "graph": false } })).await;
    client.settles(PATH, str::is_empty).await;
    set(&mut client, Value::Null).await;
    client.settles(PATH, |it| it.contains("RUSH0501")).await;
}

#[tokio::test]
async fn scripts_are_checked_once_that_is_set() {
    let mut client = start().await;
    set(&mut client, json!({ "shellcheck": "onSave" })).await;
    client.tell("textDocument/didSave", PATH).await;
    client.settles(PATH, |it| it.contains("SC0001 that is bad")).await;
}

#[tokio::test]
async fn what_is_not_understood_is_told() {
    let mut client = start().await;
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null })).await;
    let wrong = json!([{ "lens": { "run": "never" } }]);
    client.asked("workspace/configuration", wrong).await;
    let told = client.until(|it| it["method"] == "window/logMessage").await;
    let message = told["params"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("the setting `rush.lens.run` takes `true` or `false`"),
        "{message}"
    );
}
