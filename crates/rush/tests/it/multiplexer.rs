//! `rush run --watch` as people use it: in one pane of tmux, with an editor in the other.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "the whole file is a test, also the functions that tests share"
)]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rush_test::Finished;

use crate::rush;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

const TASKS: &str = "task join {\n  inputs: [\"src/*\"]\n  outputs: [\"out/all\"]\n  run: sh\"\"\"\n    \
                     echo run >> ../joins; cat src/* > out/all\n  \"\"\"\n}\n\
                     task page {\n  inputs: [\"web/*\"]\n  run: sh\"\"\"\n    echo run >> ../pages\n  \
                     \"\"\"\n}\ntask all { needs: [join, page] }\n";

/// A server of tmux with two panes, gone with the test.
struct Panes {
    socket: PathBuf,
    work: Finished,
}

impl Panes {
    /// `None` where there is no tmux.
    fn open() -> Option<Self> {
        Command::new("tmux").arg("-V").output().ok()?;
        let work = rush().file("tasks.rush", TASKS).file("src/a", "a\n").file("web/page", "1\n");
        let work = work.args(["version"]).status(0).run();
        let panes = Self { socket: work.work().join("../tmux"), work };
        panes.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "50", "sh"]);
        panes.tmux(&["split-window", "-d", "sh"]);
        Some(panes)
    }

    fn tmux(&self, words: &[&str]) -> Output {
        // The server and all that runs in it begins with what its first client had.
        let mut command = self.work.command("tmux");
        let output = command.arg("-S").arg(&self.socket).args(words).output().unwrap();
        assert!(output.status.success(), "tmux {words:?}: {output:?}");
        output
    }

    /// Types a line into a pane.
    fn type_in(&self, pane: &str, line: &str) {
        self.tmux(&["send-keys", "-t", pane, "-l", line]);
        self.tmux(&["send-keys", "-t", pane, "Enter"]);
    }

    fn screen(&self, pane: &str) -> String {
        let output = self.tmux(&["capture-pane", "-p", "-S", "-", "-t", pane]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// How often the two tasks ran.
    fn runs(&self) -> (usize, usize) {
        let lines = |name: &str| {
            let path = self.work.work().join("..").join(name);
            std::fs::read_to_string(path).unwrap_or_default().lines().count()
        };
        (lines("joins"), lines("pages"))
    }

    fn wait_for_runs(&self, expect: (usize, usize)) {
        let begun = Instant::now();
        while self.runs() != expect {
            let screen = || self.screen("0.0");
            assert!(
                begun.elapsed() < PATIENCE,
                "{:?} is not {expect:?}:\n{}",
                self.runs(),
                screen()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the watch has said this so often.
    fn wait_for(&self, text: &str, times: usize) {
        let begun = Instant::now();
        while self.screen("0.0").matches(text).count() < times {
            assert!(begun.elapsed() < PATIENCE, "no {text:?}:\n{}", self.screen("0.0"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Panes {
    fn drop(&mut self) {
        let _ = Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}

#[test]
fn edits_in_one_pane_run_the_right_tasks_in_the_other_and_nothing_loops() {
    let Some(panes) = Panes::open() else { return };
    panes.type_in("0.0", &format!("{} run all --watch", env!("CARGO_BIN_EXE_rush")));
    panes.wait_for_runs((1, 1));
    panes.wait_for("watching", 1);
    panes.type_in("0.1", "echo b > src/a");
    panes.wait_for_runs((2, 1));
    panes.wait_for("watching", 2);
    panes.type_in("0.1", "echo 2 > web/page");
    panes.wait_for_runs((2, 2));
    panes.wait_for("watching", 3);
    // Nothing is written any more, so nothing runs any more.
    let is_long = std::env::var_os("RUSH_TEST_LONG").is_some();
    std::thread::sleep(Duration::from_secs(if is_long { 60 } else { 2 }));
    assert_eq!(panes.runs(), (2, 2), "{}", panes.screen("0.0"));
    // A key runs everything again, another ends it.
    panes.tmux(&["send-keys", "-t", "0.0", "-l", "r"]);
    panes.wait_for("watching", 4);
    panes.tmux(&["send-keys", "-t", "0.0", "-l", "q"]);
    panes.type_in("0.0", "echo status=$?");
    panes.wait_for("status=0", 1);
    assert!(!panes.screen("0.0").contains("error"), "{}", panes.screen("0.0"));
}
