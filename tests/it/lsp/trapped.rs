//! A bug costs one piece of work: the server says so and goes on.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{DirEntry, Host, MemorySystem, Metadata, Result, System};

use super::client::Client;

/// A world in which reading one file is a bug.
#[derive(Debug)]
struct Trapped {
    below: MemorySystem,
    trap: &'static str,
}

impl System for Trapped {
    fn read(&self, path: &Utf8Path) -> Result<Vec<u8>> {
        assert!(path != self.trap, "this is the trap");
        self.below.read(path)
    }
    fn metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        self.below.metadata(path)
    }
    fn symlink_metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        self.below.symlink_metadata(path)
    }
    fn list_dir(&self, path: &Utf8Path) -> Result<Vec<DirEntry>> {
        self.below.list_dir(path)
    }
    fn canonicalize(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        self.below.canonicalize(path)
    }
    fn write(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.below.write(path, bytes)
    }
    fn create_dir_all(&self, path: &Utf8Path) -> Result<()> {
        self.below.create_dir_all(path)
    }
    fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        self.below.remove_file(path)
    }
    fn remove_dir_all(&self, path: &Utf8Path) -> Result<()> {
        self.below.remove_dir_all(path)
    }
    fn env_var(&self, name: &str) -> Result<Option<String>> {
        self.below.env_var(name)
    }
    fn env_vars(&self) -> BTreeMap<String, String> {
        self.below.env_vars()
    }
    fn current_dir(&self) -> Result<Utf8PathBuf> {
        self.below.current_dir()
    }
    fn now(&self) -> SystemTime {
        self.below.now()
    }
    fn monotonic(&self) -> Duration {
        self.below.monotonic()
    }
    fn host(&self) -> Host {
        self.below.host()
    }

    fn write_unsynced(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.below.write_unsynced(path, bytes)
    }

    fn is_writable(&self, path: &Utf8Path) -> bool {
        self.below.is_writable(path)
    }

    fn is_on_network(&self, path: &Utf8Path) -> bool {
        self.below.is_on_network(path)
    }

    fn device(&self, path: &Utf8Path) -> Option<u64> {
        self.below.device(path)
    }
}

async fn start() -> Client {
    let below = MemorySystem::from_files([
        ("/w/tasks.rush", "let a = 1\n"),
        ("/w/bad.rush", "let x = 1\n"),
    ]);
    Client::start(Trapped { below, trap: "/w/bad.rush" }, &["/w"]).await
}

#[tokio::test]
async fn a_bug_while_a_project_changes_is_reported_and_survived() {
    let mut client = start().await;
    client.open("/w/tasks.rush", 1, "let a = 1\n").await;
    assert_eq!(client.diagnostics("/w/tasks.rush", 1).await, "");
    client.replace("/w/tasks.rush", 2, "use \"./bad.rush\" as bad\n").await;
    let logged = client.until(|it| it["method"] == "window/logMessage").await;
    let line = logged["params"]["message"].as_str().unwrap();
    assert!(line.starts_with("RUSH0901: ") && line.ends_with("this is the trap"), "{line}");
    client.replace("/w/tasks.rush", 3, "let a = frobnicate\n").await;
    assert_eq!(
        client.diagnostics("/w/tasks.rush", 3).await,
        "0:8-0:18 RUSH0102 nothing is named `frobnicate` here\n"
    );
}

#[tokio::test]
async fn a_bug_while_a_project_is_opened_leaves_the_document_alone() {
    let mut client = start().await;
    client.open("/w/bad.rush", 1, "let a = frobnicate\n").await;
    let found = client.diagnostics("/w/bad.rush", 1).await;
    assert_eq!(found, "0:8-0:18 RUSH0102 nothing is named `frobnicate` here\n");
}
