//! What must hold whatever happens to Rush: tried at random, or under bad conditions, through the program itself.
//!
//! One file a promise. The short form is part of every test run; with `RUSH_TEST_LONG` the same is done with the
//! full numbers. Whatever is random comes from a fixed seed, so that a failure can be looked at again. That a
//! remembered plan equals a fresh one is shown in `rush-engine`, that a small mistake in Rush is noticed by
//! `cargo xtask mutants`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test asks the real world, and fails where it refuses"
)]

mod bounds;
mod crashes;
mod crowd;
mod dice;
mod edits;
mod full;
mod graph;
mod guarded;
mod plans;
mod stops;
mod times;
mod turns;
mod waits;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take that has to happen sometime.
const PATIENCE: Duration = Duration::from_mins(1);

/// This many in the short form, that many in the long one.
fn rounds(short: u64, long: u64) -> u64 {
    if std::env::var_os("RUSH_TEST_LONG").is_some() { long } else { short }
}

/// A workspace, and a home with its own cache.
struct Stage {
    top: PathBuf,
    _keep: Option<TempDir>,
}

/// What a program came to.
#[derive(Debug)]
struct Said {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Stage {
    fn new(tasks: &str) -> Self {
        let keep = tempfile::tempdir().unwrap();
        let top = keep.path().canonicalize().unwrap();
        fs::create_dir(top.join("home")).unwrap();
        let stage = Self { top, _keep: Some(keep) };
        stage.write("tasks.rush", tasks);
        stage
    }

    fn work(&self) -> PathBuf {
        self.top.join("work")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.work().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file; empty if there is none.
    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// The program, in the workspace and with nothing of the caller's environment.
    fn rush(&self, args: &[&str]) -> Command {
        self.within(env!("CARGO_BIN_EXE_rush"), args)
    }

    fn within(&self, program: impl AsRef<OsStr>, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.work()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.top.join("home")).env("LANG", "C.UTF-8");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Said {
        Said::of(self.rush(args))
    }

    /// Runs it and expects this status.
    fn expect(&self, status: i32, args: &[&str]) -> Said {
        let said = self.run(args);
        assert_eq!(said.status, Some(status), "{args:?}: {said:#?}");
        said
    }

    /// The last run as the store has it: the state of the run, and of each task by name.
    fn remembered(&self) -> Option<(String, BTreeMap<String, String>)> {
        let said = self.run(&["runs", "show", "-o", "json"]);
        if said.status == Some(2) && said.stderr.contains("no run is remembered") {
            return None;
        }
        assert_eq!(said.status, Some(0), "{said:#?}");
        let shown: Value = serde_json::from_str(&said.stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tasks = shown["tasks"].as_array().unwrap().iter();
        let tasks = tasks.map(|it| (text(&it["name"]), text(&it["status"]))).collect();
        Some((text(&shown["run"]["status"]), tasks))
    }

    /// The processes that belong to this workspace, by what they were started as.
    fn processes(&self) -> Vec<String> {
        let mark = format!("RUSH_WORKSPACE={}", self.work().display()).into_bytes();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            // Those that end while one looks at them have no environment any more.
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            if environment.split(|it| *it == 0).any(|it| it == mark) {
                let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                let words = String::from_utf8_lossy(&words).replace('\0', " ");
                found.push(format!("{} {words}", entry.file_name().display()));
            }
        }
        found
    }

    fn assert_alone(&self) {
        let left = self.processes();
        assert!(left.is_empty(), "these are left: {left:#?}");
    }

    /// The store opens and what the cache has is in order.
    fn assert_sound(&self) {
        self.expect(0, &["runs", "-o", "json"]);
        self.expect(0, &["cache", "verify"]);
    }
}

impl Said {
    fn of(mut command: Command) -> Self {
        let output = command.output().unwrap();
        Self {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The last state that each task was told to have, by name; lines that were cut off are left out.
    fn states(&self) -> BTreeMap<String, String> {
        states(&self.stdout)
    }

    fn assert_says(&self, status: i32, words: &[&str]) {
        assert_eq!(self.status, Some(status), "{self:#?}");
        for word in words {
            assert!(self.stderr.contains(word), "expected {word:?} in {self:#?}");
        }
        assert!(!self.stderr.contains("panicked") && !self.stderr.contains("bug"), "{self:#?}");
    }
}

fn states(events: &str) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut states = BTreeMap::new();
    for line in events.lines() {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (node, body) = (text(&event["node"]), &event["body"]);
        match body["event"].as_str() {
            Some("node_added") => {
                let label = text(&body["label"]);
                names.insert(node, label.trim_start_matches("//:").to_owned());
            }
            Some("node_changed") => {
                let name = names.get(&node).cloned().unwrap_or(node);
                states.insert(name, text(&body["state"]));
            }
            _ => {}
        }
    }
    states
}

/// Whether a node that has this state will have no other.
fn is_final(state: &str) -> bool {
    matches!(state, "succeeded" | "cached" | "failed" | "timed_out" | "skipped" | "cancelled")
}

/// A process that does not outlive the test, whatever becomes of it.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Self {
        Self(command.spawn().unwrap())
    }

    fn id(&self) -> u32 {
        self.0.id()
    }

    fn send(&self, signal: nix::sys::signal::Signal) {
        let process = nix::unistd::Pid::from_raw(i32::try_from(self.id()).unwrap());
        // It may be gone already.
        let _ = nix::sys::signal::kill(process, signal);
    }

    /// Waits for the end, but not for ever.
    fn end(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the program ends", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks again and again, until it is so or nobody can believe it any more.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "in vain was waited until {what}");
        pause(Duration::from_millis(2));
    }
}

fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Every file below a directory with its contents; links as where they lead.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}
