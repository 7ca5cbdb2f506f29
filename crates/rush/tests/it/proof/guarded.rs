//! What may not be read or written: a clear error, or a run that does without.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::{Said, Stage};

const NOBODY: &str = "65534";

const TASKS: &str = r#"
task made {
  inputs: ["in"]
  outputs: ["out/made"]
  run: `cp in out/made`
}
task said {
  inputs: ["in"]
  run: `cat in`
}
"#;

/// A workspace that belongs to somebody for whom modes count.
struct Guarded(Stage);

impl Guarded {
    fn new() -> Option<Self> {
        let stage = Stage::new(TASKS);
        stage.write("in", "text\n");
        let guarded = Self(stage);
        guarded.owned_by_nobody().then_some(guarded)
    }

    fn is_root() -> bool {
        nix::unistd::Uid::effective().is_root()
    }

    fn owned_by_nobody(&self) -> bool {
        let owner = format!("{NOBODY}:{NOBODY}");
        let top = self.0.top.display().to_string();
        !Self::is_root()
            || Command::new("chown").args(["-R", &owner, &top]).status().is_ok_and(|it| it.success())
                // The program itself has to be within reach.
                && self.command(&["version"]).output().is_ok_and(|it| it.status.success())
    }

    fn command(&self, args: &[&str]) -> Command {
        if !Self::is_root() {
            return self.0.rush(args);
        }
        let user = [&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}")];
        let mut words = vec![user[0].as_str(), user[1].as_str(), "--clear-groups"];
        words.push(env!("CARGO_BIN_EXE_rush"));
        words.extend(args);
        self.0.within("setpriv", &words)
    }

    fn run(&self, args: &[&str]) -> Said {
        Said::of(self.command(args))
    }

    fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.0.top.join(path), Permissions::from_mode(mode)).unwrap();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        for path in ["work", "home"] {
            self.set_mode(path, 0o755);
        }
    }
}

#[test]
fn a_cache_that_is_read_only_is_read() {
    let Some(guarded) = Guarded::new() else { return };
    guarded.run(&["run", "made"]).assert_says(0, &[]);
    let lock = Command::new("chmod").args(["-R", "a-w"]).arg(guarded.0.top.join("home")).status();
    assert!(lock.unwrap().success());
    fs::remove_dir_all(guarded.0.path("out")).unwrap();
    let said = guarded.run(&["run", "made", "-o", "json"]);
    said.assert_says(0, &[]);
    assert_eq!(said.states().get("made").map(String::as_str), Some("cached"), "{said:#?}");
    assert_eq!(guarded.0.read("out/made"), "text\n");
    guarded.0.write("in", "other\n");
    guarded.run(&["run", "made"]).assert_says(0, &["warning", "ermission denied"]);
    assert_eq!(guarded.0.read("out/made"), "other\n");
    assert!(
        Command::new("chmod")
            .args(["-R", "u+w"])
            .arg(guarded.0.top.join("home"))
            .status()
            .unwrap()
            .success()
    );
    guarded.run(&["cache", "verify"]).assert_says(0, &[]);
}

#[test]
fn a_checkout_that_is_read_only_is_remembered_elsewhere() {
    let Some(guarded) = Guarded::new() else { return };
    guarded.set_mode("work", 0o555);
    let said = guarded.run(&["run", "said"]);
    said.assert_says(0, &[]);
    assert_eq!(said.stdout, "text\n");
    assert!(!guarded.0.path(".rush-state").exists());
    let said = guarded.run(&["run", "said", "-o", "json"]);
    assert_eq!(said.states().get("said").map(String::as_str), Some("cached"), "{said:#?}");
    let runs = guarded.run(&["runs", "-o", "json"]);
    assert_eq!(runs.stdout.matches("\"id\"").count(), 2, "{runs:#?}");
    guarded.run(&["run", "made"]).assert_says(1, &["`out`", "ermission denied"]);
}

#[test]
fn nothing_may_be_written_anywhere() {
    let Some(guarded) = Guarded::new() else { return };
    guarded.set_mode("work", 0o555);
    guarded.set_mode("home", 0o555);
    let said = guarded.run(&["run", "said"]);
    said.assert_says(0, &["is not remembered"]);
    assert_eq!(said.stdout, "text\n");
}

#[test]
fn what_may_not_be_read_is_named() {
    let Some(guarded) = Guarded::new() else { return };
    guarded.set_mode("work/in", 0o000);
    guarded.run(&["run", "said"]).assert_says(1, &["`in`", "ermission denied"]);
    guarded.set_mode("work/in", 0o644);
    guarded.run(&["run", "said"]).assert_says(0, &[]);
    guarded.set_mode("work/tasks.rush", 0o000);
    guarded.run(&["run", "said"]).assert_says(3, &["tasks.rush", "no permission to read"]);
}

#[test]
fn a_program_that_may_not_be_run_is_named() {
    let Some(guarded) = Guarded::new() else { return };
    guarded.0.write("tasks.rush", "task a { run: `./tool` }\n");
    guarded.0.write("tool", "#!/bin/sh\n");
    guarded.run(&["run", "a"]).assert_says(1, &["`./tool`", "no permission to execute"]);
}
