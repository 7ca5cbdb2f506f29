//! The program itself, with what only it has: the history of real runs, and a real shellcheck.
#![allow(clippy::disallowed_methods, reason = "files of its own, and a program that is started")]

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use rush_lsp::Ended;
use serde_json::{Value, json};

use super::client::Client;
use super::editor::{program, rush};

/// Starts the program as an editor does, and says what an editor says first.
async fn start(folder: &Path) -> Client {
    let able = json!({ "workspace": { "codeLens": { "refreshSupport": true } } });
    spawn(folder).begin(&[folder.to_str().unwrap()], able, Value::Null).await
}

/// Starts the program; its streams are the two directions of a socket.
fn spawn(folder: &Path) -> Client {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let input = Stdio::from(OwnedFd::from(theirs.try_clone().unwrap()));
    let mut command = program(folder);
    command.arg("lsp").stdin(input).stdout(OwnedFd::from(theirs));
    let mut server = command.spawn().unwrap();
    drop(command);
    ours.set_nonblocking(true).unwrap();
    let stream = tokio::net::UnixStream::from_std(ours).unwrap();
    let ended = tokio::task::spawn_blocking(move || {
        if server.wait().unwrap().success() { Ended::Properly } else { Ended::Abruptly }
    });
    Client::over(stream, ended)
}

/// The lenses as `task: title`, but for those that run something.
async fn results(client: &mut Client, path: &str) -> Vec<(String, String)> {
    let lenses = client.ask("textDocument/codeLens", path).await;
    let all = lenses.as_array().unwrap().iter().map(|it| &it["command"]);
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    all.filter(|it| it["command"] == "rush.showRun")
        .map(|it| (text(&it["arguments"][0]["label"]), text(&it["title"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lens_tells_how_a_task_ran_last() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let text = "task good {\n  run: `true`\n}\n\ntask bad {\n  run: `false`\n}\n\n\
                task never {\n  run: `true`\n}\n";
    let file = root.join("tasks.rush");
    fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let mut client = start(&root).await;
    client.open(path, 1, text).await;
    assert_eq!(results(&mut client, path).await, []);

    assert!(rush(&root, &["run", "good"]).status.success());
    assert!(!rush(&root, &["run", "bad"]).status.success());
    client.asked("workspace/codeLens/refresh", Value::Null).await;
    let found = results(&mut client, path).await;
    let [(good, succeeded), (bad, failed)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((good.as_str(), bad.as_str()), ("//:good", "//:bad"));
    // How long it took is the machine's affair; that it is told is ours.
    let time = succeeded.strip_prefix("✓ succeeded in ").unwrap();
    assert!(time.ends_with(" ms") || time.ends_with(" s"), "{time}");
    assert!(failed.starts_with("✗ failed in "), "{failed}");
    let id = client.request("shutdown", Value::Null).await;
    client.answer(id).await;
    assert_eq!(client.exit().await, Ended::Properly);
}

/// Waits until the lens of the only task that ran is as expected, asking when the server says so only.
async fn becomes(client: &mut Client, path: &str, expect: &str) {
    loop {
        client.asked("workspace/codeLens/refresh", Value::Null).await;
        let found = results(client, path).await;
        if matches!(found.as_slice(), [(_, title)] if title.starts_with(expect)) {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_lenses_is_told_when_a_run_begins_and_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let text =
        "task slow {\n  run: sh\"\"\"\n    while [ ! -e go ]; do sleep 0.02; done\n  \"\"\"\n}\n";
    let file = root.join("tasks.rush");
    fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let mut client = start(&root).await;
    client.open(path, 1, text).await;
    assert_eq!(results(&mut client, path).await, []);
    for ends in ["goes", "is killed"] {
        let _ = fs::remove_file(root.join("go"));
        let mut run = program(&root).args(["run", "slow"]).stdout(Stdio::null()).spawn().unwrap();
        becomes(&mut client, path, "runs").await;
        if ends == "goes" {
            fs::write(root.join("go"), "").unwrap();
            assert!(run.wait().unwrap().success());
            becomes(&mut client, path, "✓ succeeded in ").await;
        } else {
            // Nobody is left to write down how it ended.
            run.kill().unwrap();
            run.wait().unwrap();
            becomes(&mut client, path, "was stopped").await;
        }
    }
    // The script of the run that was killed ends, if it has not by itself.
    fs::write(root.join("go"), "").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_ends_with_its_editor_though_its_streams_stay_open() {
    let folder = tempfile::tempdir().unwrap();
    let start = async |leaves: bool| {
        let mut editor = Command::new("sleep").arg("600").spawn().unwrap();
        let mut client = spawn(folder.path());
        let start = json!({ "processId": editor.id(), "rootUri": null, "capabilities": {} });
        let id = client.request("initialize", start).await;
        client.answer(id).await;
        if leaves {
            let id = client.request("shutdown", Value::Null).await;
            client.answer(id).await;
        }
        editor.kill().unwrap();
        editor.wait().unwrap();
        client.ended().await
    };
    assert_eq!(tokio::join!(start(false), start(true)), (Ended::Abruptly, Ended::Properly));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_on_the_disk_are_seen_if_the_editor_does_not_watch() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let text = "workspace { members: [\"*\"] }\nuse \"./lib.rush\" as lib\nlet x = [lib.a]\n";
    fs::write(root.join("lib.rush"), "let a = 1\n").unwrap();
    let file = root.join("tasks.rush");
    fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let mut client = start(&root).await;
    client.open(path, 1, text).await;
    client.settles(path, str::is_empty).await;
    fs::write(root.join("lib.rush"), "let b = 1\n").unwrap();
    client.settles(path, |it| it.contains("RUSH0104")).await;
    fs::remove_file(root.join("lib.rush")).unwrap();
    client.settles(path, |it| it.contains("RUSH0107")).await;
    fs::write(root.join("lib.rush"), "let a = 1\n").unwrap();
    client.settles(path, str::is_empty).await;
    fs::create_dir(root.join("web")).unwrap();
    let member = root.join("web/tasks.rush");
    fs::write(&member, "task t { nedes: [] }\n").unwrap();
    client.settles(member.to_str().unwrap(), |it| it.contains("RUSH0201")).await;
}

#[test]
fn who_is_no_editor_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let typed = folder.path().join("typed");
    for text in ["", "hello\n", "Content-Length: 5\r\n\r\nhello"] {
        fs::write(&typed, text).unwrap();
        let mut server = program(folder.path());
        let output = server.arg("lsp").stdin(fs::File::open(&typed).unwrap()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{text:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        let expect = "nothing that came is a message of the language server protocol";
        assert!(told.contains(expect), "{text:?}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shellcheck_speaks_of_the_right_place_of_a_saved_script() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let text = "task a(name: string = \"🦀\") {\n  run: sh\"\"\"\n    echo \"é🦀\" $1\n    \
                echo ok\n  \"\"\"\n}\n";
    let file = root.join("tasks.rush");
    fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let mut client = start(&root).await;
    let settings = json!({ "settings": { "rush": { "shellcheck": "onSave" } } });
    client.notify("workspace/didChangeConfiguration", settings).await;
    client.open(path, 1, text).await;
    client.tell("textDocument/didSave", path).await;
    let found = client.settles(path, |it| it.contains("SC2086")).await;
    // The crab is two code units.
    assert_eq!(
        found, "2:15-2:17 SC2086 Double quote to prevent globbing and word splitting.\n",
        "`cargo xtask test` installs shellcheck"
    );
}
