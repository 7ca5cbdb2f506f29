//! Which diagnostics an editor is shown, of which version, and when they go.

use rush_system::{MemorySystem, System as _};
use serde_json::{Value, json};

use super::client::{Client, uri};

const SOUND: &str = "task build {\n  run: `true`\n}\n";
const WRONG: &str = "task build {\n  run: `true`\n  needs: [frobnicate]\n}\n";
const FOUND: &str = "2:10-2:20 RUSH0102 nothing is named `frobnicate` here\n";

fn disk() -> MemorySystem {
    MemorySystem::from_files([("/w/tasks.rush", SOUND)])
}

#[tokio::test]
async fn mistakes_are_shown_while_they_are_typed() {
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/tasks.rush", 1, SOUND).await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 1).await, "");
    client.edit("/w/tasks.rush", 2, (2, 0, 2, 0), "  needs: [frobnicate]\n").await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 2).await, FOUND);
    client.edit("/w/tasks.rush", 3, (2, 0, 3, 0), "").await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 3).await, "");
}

#[tokio::test]
async fn a_diagnostic_says_what_rush_check_says() {
    let text = "task build(release: bool) {\n  run: `true`\n}\ntask all {\n  \
                needs: [build(release: 1)]\n}\n";
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/tasks.rush", 1, text).await;
    let found = client.published("/w/tasks.rush", 1).await;
    let first = &found[0];
    assert_eq!(first["source"], "rush");
    assert_eq!(first["severity"], 1);
    assert_eq!(
        first["data"]["explain"],
        format!("rush explain {}", first["code"].as_str().unwrap())
    );
    assert!(first.get("codeDescription").is_none(), "there is no page on the web");
    for related in first["relatedInformation"].as_array().into_iter().flatten() {
        assert_eq!(related["location"]["uri"], uri("/w/tasks.rush"));
    }
}

#[tokio::test]
async fn a_file_says_that_it_hangs_on_a_mistake_in_another() {
    let lib = "type Mode = \"a\" \"b\"\ntask sound(m: string) { run: `x ${m}` }\n";
    let text = "use \"./lib.rush\" as lib\n\ntask a(m: lib.Mode) { run: `x ${m}` }\n\n\
                task b(m: lib.Mode) { run: `x ${m}` }\n\ntask c { needs: [lib.sound(\"x\")] }\n";
    let system = MemorySystem::from_files([("/w/tasks.rush", SOUND), ("/w/lib.rush", lib)]);
    let mut client = Client::start(system, &["/w"]).await;
    client.open("/w/tasks.rush", 1, text).await;
    let found = client.published("/w/tasks.rush", 1).await;
    let hint = &found[0];
    assert_eq!(
        hint["message"],
        "this is not checked in full: it needs what is wrong in `lib.rush`; neither is another \
         declaration"
    );
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(hint["range"]["start"], json!({ "line": 2, "character": 5 }));
    assert_eq!(hint["severity"], 3);
    assert_eq!(hint["relatedInformation"][0]["location"]["uri"], uri("/w/lib.rush"));
    client.open("/w/lib.rush", 1, &lib.replace("\"a\" ", "\"a\" | ")).await;
    assert_eq!(client.settles("/w/tasks.rush", str::is_empty).await, "");
}

#[tokio::test]
async fn an_editor_gets_only_what_it_can_show() {
    let mut client = Client::start_with(disk(), &["/w"], json!({})).await;
    client.open("/w/tasks.rush", 1, WRONG).await;
    let found = client.published("/w/tasks.rush", 1).await;
    for field in ["relatedInformation", "tags", "data"] {
        assert!(found[0].get(field).is_none(), "{field}");
    }
}

#[tokio::test]
async fn columns_and_lines_are_those_of_the_editor() {
    let text = "let a = \"🦀é\" + x\r\nlet b = y\r\n";
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/tasks.rush", 1, text).await;
    let found = client.diagnostics("/w/tasks.rush", 1).await;
    assert!(found.contains("0:16-0:17 RUSH0102"), "{found}");
    assert!(found.contains("1:8-1:9 RUSH0102"), "{found}");
    // Half of a surrogate pair is its start; the crab and the accent go.
    client.edit("/w/tasks.rush", 2, (0, 10, 0, 12), "").await;
    let found = client.diagnostics("/w/tasks.rush", 2).await;
    assert!(found.contains("0:13-0:14 RUSH0102"), "{found}");
    client.edit("/w/tasks.rush", 3, (0, 99, 1, 0), "\r\n\r\n").await;
    let found = client.diagnostics("/w/tasks.rush", 3).await;
    assert!(found.contains("2:8-2:9 RUSH0102"), "{found}");
}

#[tokio::test]
async fn a_closed_document_is_what_is_on_the_disk() {
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/tasks.rush", 1, WRONG).await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 1).await, FOUND);
    client.tell("textDocument/didClose", "/w/tasks.rush").await;
    assert_eq!(client.settles("/w/tasks.rush", str::is_empty).await, "");
    client.open("/w/tasks.rush", 1, SOUND).await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 1).await, "");
}

#[tokio::test]
async fn the_whole_workspace_follows_when_nothing_is_typed() {
    let system = MemorySystem::from_files([
        ("/w/tasks.rush", "workspace {\n  members: [\"a\"]\n}\n"),
        ("/w/a/tasks.rush", WRONG),
    ]);
    let mut client = Client::start(system.clone(), &["/w"]).await;
    assert_eq!(client.diagnostics("/w/a/tasks.rush", Value::Null).await, FOUND);
    system.write("/w/a/tasks.rush".into(), SOUND.as_bytes()).unwrap();
    client.watched(&["/w/a/tasks.rush"]).await;
    assert_eq!(client.diagnostics("/w/a/tasks.rush", Value::Null).await, "");
}

#[tokio::test]
async fn files_go_with_their_directory() {
    let system = MemorySystem::from_files([
        ("/w/tasks.rush", "workspace {\n  members: [\"a\"]\n}\n"),
        ("/w/a/tasks.rush", WRONG),
    ]);
    let mut client = Client::start(system.clone(), &["/w"]).await;
    assert_eq!(client.diagnostics("/w/a/tasks.rush", Value::Null).await, FOUND);
    system.remove_dir_all("/w/a".into()).unwrap();
    client.gone(&["/w/a"]).await;
    assert_eq!(client.diagnostics("/w/a/tasks.rush", Value::Null).await, "");
}

#[tokio::test]
async fn rules_about_the_graph_come_second() {
    let text = "task a {\n  needs: [b]\n}\ntask b {\n  run: `true`\n}\n";
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/tasks.rush", 1, text).await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 1).await, "");
    client.edit("/w/tasks.rush", 2, (4, 0, 4, 0), "  needs: [a]\n").await;
    let found = client.settles("/w/tasks.rush", |it| it.contains("RUSH0501")).await;
    assert_eq!(found.lines().count(), 1, "{found}");
    // What was found stays while something else is typed, and moves with its line.
    client.edit("/w/tasks.rush", 3, (0, 0, 0, 0), "\n").await;
    let moved = client.diagnostics("/w/tasks.rush", 3).await;
    assert!(moved.contains("RUSH0501"), "{moved}");
    client.edit("/w/tasks.rush", 4, (5, 0, 6, 0), "").await;
    client.settles("/w/tasks.rush", str::is_empty).await;
}

#[tokio::test]
async fn a_file_sees_what_another_holds_unsaved() {
    let system = MemorySystem::from_files([
        ("/w/tasks.rush", "use \"./lib.rush\" as lib\nlet a = lib.x\n"),
        ("/w/lib.rush", "let x = 1\n"),
    ]);
    let mut client = Client::start(system, &["/w"]).await;
    client.open("/w/tasks.rush", 1, "use \"./lib.rush\" as lib\nlet a = lib.x\n").await;
    client.settles("/w/tasks.rush", str::is_empty).await;
    client.open("/w/lib.rush", 1, "let y = 1\n").await;
    client.settles("/w/tasks.rush", |it| it.starts_with("1:")).await;
    client.edit("/w/lib.rush", 2, (0, 4, 0, 5), "x").await;
    client.settles("/w/tasks.rush", str::is_empty).await;
    client.edit("/w/lib.rush", 3, (0, 4, 0, 5), "z").await;
    client.settles("/w/tasks.rush", |it| it.starts_with("1:")).await;
    // On the disk there is still an `x`.
    client.tell("textDocument/didClose", "/w/lib.rush").await;
    client.settles("/w/tasks.rush", str::is_empty).await;
}

#[tokio::test]
async fn a_file_that_is_not_saved_yet_can_be_used() {
    let mut client = Client::start(disk(), &["/w"]).await;
    client.open("/w/tasks.rush", 1, "use \"./new.rush\" as new\nlet a = new.x\n").await;
    client.settles("/w/tasks.rush", |it| !it.is_empty()).await;
    client.open("/w/new.rush", 1, "let x = 1\n").await;
    client.settles("/w/tasks.rush", str::is_empty).await;
}

#[tokio::test]
async fn a_file_outside_any_workspace_is_checked_alone() {
    let system = MemorySystem::from_files([("/lone/other.rush", "let x = 1\n")]);
    let mut client = Client::start(system, &[]).await;
    for path in ["/lone/file.rush", "/not/there/tasks.rush", "untitled:Untitled-1"] {
        client.open(path, 1, WRONG).await;
        assert_eq!(client.diagnostics(path, 1).await, FOUND, "{path}");
        client.replace(path, 2, SOUND).await;
        assert_eq!(client.diagnostics(path, 2).await, "", "{path}");
    }
    client.replace("/lone/file.rush", 3, "use \"./other.rush\" as o\nlet a = o.x\n").await;
    assert_eq!(client.diagnostics("/lone/file.rush", 3).await, "");
}

#[tokio::test]
async fn folders_have_workspaces_of_their_own() {
    let system = MemorySystem::from_files([
        ("/one/.git/HEAD", ""),
        ("/one/tasks.rush", WRONG),
        ("/two/.git/HEAD", ""),
        ("/two/tasks.rush", WRONG),
        ("/empty/.git/HEAD", ""),
    ]);
    let mut client = Client::start(system, &["/one", "/empty"]).await;
    assert_eq!(client.diagnostics("/one/tasks.rush", Value::Null).await, FOUND);
    let folder = |path: &str| json!([{ "uri": uri(path), "name": path }]);
    let event = json!({ "event": { "added": folder("/two"), "removed": folder("/one") } });
    client.notify("workspace/didChangeWorkspaceFolders", event).await;
    assert_eq!(client.diagnostics("/two/tasks.rush", Value::Null).await, FOUND);
    assert_eq!(client.diagnostics("/one/tasks.rush", Value::Null).await, "");
}

#[tokio::test]
async fn a_workspace_may_appear_around_a_package() {
    let system = MemorySystem::from_files([
        ("/w/.git/HEAD", ""),
        ("/w/a/tasks.rush", "use \"//b\" as b\nlet x = b.y\n"),
        ("/w/b/tasks.rush", "let y = 1\n"),
    ]);
    let mut client = Client::start(system, &["/w/a"]).await;
    client.open("/w/a/tasks.rush", 1, "use \"//b\" as b\nlet x = b.y\n").await;
    client.settles("/w/a/tasks.rush", |it| !it.is_empty()).await;
    client.open("/w/tasks.rush", 1, "workspace {\n  members: [\"a\", \"b\"]\n}\n").await;
    client.settles("/w/a/tasks.rush", str::is_empty).await;
}
