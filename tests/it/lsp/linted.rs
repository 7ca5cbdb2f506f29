//! The scripts of a saved document are handed to a checker, and what that says is shown with the rest.

use std::sync::Arc;

use rush_lsp::{Options, ScriptLinter, ScriptRemark, ScriptSeverity};
use rush_system::MemorySystem;
use serde_json::json;

use super::client::Client;

/// A checker that dislikes the word `bad`.
#[derive(Debug)]
pub(super) struct Dislike;

impl ScriptLinter for Dislike {
    fn lint(&self, shell: &str, script: &str) -> Option<Vec<ScriptRemark>> {
        assert_eq!(shell, "bash");
        let remarks = script.lines().zip(1..).filter_map(|(text, line)| {
            let column = text[..text.find("bad")?].chars().count() + 1;
            Some(ScriptRemark {
                start: (line, column),
                end: (line, column + 3),
                severity: ScriptSeverity::Warning,
                code: "SC0001".to_owned(),
                message: "that is bad".to_owned(),
            })
        });
        Some(remarks.collect())
    }
}

/// Says of each variable that it is not quoted.
#[derive(Debug)]
struct Unquoted;

impl ScriptLinter for Unquoted {
    fn lint(&self, _: &str, script: &str) -> Option<Vec<ScriptRemark>> {
        let remarks = script.lines().zip(1..).flat_map(|(text, line)| {
            text.match_indices('$').map(move |(at, _)| ScriptRemark {
                start: (line, at + 1),
                end: (line, at + 3),
                severity: ScriptSeverity::Information,
                code: "SC2086".to_owned(),
                message: "quote this".to_owned(),
            })
        });
        Some(remarks.collect())
    }
}

#[tokio::test]
async fn what_rush_says_itself_is_not_said_again() {
    let text = "task a(x: string) {\n  run: bash\"\"\"\n    echo $x $y\n  \"\"\"\n}\n";
    let mut options = Options::new(Arc::new(MemorySystem::from_files([("/w/tasks.rush", text)])));
    options.linter = Arc::new(Unquoted);
    let mut client = Client::start_options(options, &["/w"], json!({})).await;
    let settings = json!({ "settings": { "rush": { "shellcheck": "onSave" } } });
    client.notify("workspace/didChangeConfiguration", settings).await;
    client.open("/w/tasks.rush", 1, text).await;
    assert!(client.diagnostics("/w/tasks.rush", 1).await.contains("RUSH0304"));
    client.tell("textDocument/didSave", "/w/tasks.rush").await;
    let found = client.settles("/w/tasks.rush", |it| it.contains("SC2086")).await;
    assert_eq!(found.matches("SC2086").count(), 1, "{found}");
    assert!(found.contains("2:12-2:14 SC2086"), "{found}");
}

const TEXT: &str = "task a {\n  run: bash\"\"\"\n    echo é🦀 bad\n  \"\"\"\n}\n";

async fn start(shellcheck: &str) -> Client {
    let mut options = Options::new(Arc::new(MemorySystem::from_files([("/w/tasks.rush", TEXT)])));
    options.linter = Arc::new(Dislike);
    let mut client = Client::start_options(options, &["/w"], json!({})).await;
    let settings = json!({ "settings": { "rush": { "shellcheck": shellcheck } } });
    client.notify("workspace/didChangeConfiguration", settings).await;
    client.open("/w/tasks.rush", 1, TEXT).await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 1).await, "");
    client.tell("textDocument/didSave", "/w/tasks.rush").await;
    client
}

#[tokio::test]
async fn remarks_lie_where_the_script_is_and_go_with_an_edit() {
    let mut client = start("onSave").await;
    let found = client.settles("/w/tasks.rush", |it| !it.is_empty()).await;
    assert_eq!(found, "2:13-2:16 SC0001 that is bad\n");
    client.edit("/w/tasks.rush", 2, (0, 5, 0, 6), "b").await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 2).await, "");
}

#[tokio::test]
async fn nothing_is_checked_that_nobody_asked_for() {
    let mut client = start("off").await;
    client.edit("/w/tasks.rush", 2, (0, 5, 0, 6), "b").await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 2).await, "");
    let told = client.unclaimed().any(|it| it.to_string().contains("SC0001"));
    assert!(!told);
}
