//! A disk that is full: a task that fails says so, a run that can't be remembered goes on, and all is well once there
//! is room again.

use std::process::Command;

use super::{Said, Stage};
use crate::rush;

const TASKS: &str = r#"
task small {
  inputs: ["in"]
  outputs: ["out/small"]
  run: `cp in out/small`
}
task large {
  needs: [small]
  inputs: ["in"]
  outputs: ["out/large"]
  run: `head -c 3000000 /dev/urandom --output`
}
"#;

fn tasks() -> String {
    TASKS.replace(
        "`head -c 3000000 /dev/urandom --output`",
        "sh\"\"\"\n    head -c 3000000 /dev/zero > out/large\n  \"\"\"",
    )
}

/// Whether this user may mount; in a namespace of its own, so that nothing is left of it.
fn can_mount() -> bool {
    let mount = ["--mount", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"];
    Command::new("unshare").args(mount).output().is_ok_and(|it| it.status.success())
}

/// Runs Rush with these directories, each on a disk of this size; then frees nothing but runs `after` there too.
fn on_small_disk(stage: &Stage, directory: &str, script: &str) -> Said {
    let directory = stage.top.join(directory);
    std::fs::create_dir_all(&directory).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=1m none {} || exit 99\ncd .\n{}",
        directory.display(),
        script.replace("RUSH", env!("CARGO_BIN_EXE_rush"))
    );
    Said::of(stage.within("unshare", &["--mount", "sh", "-c", &script]))
}

#[test]
fn the_disk_of_the_cache_is_full() {
    if !can_mount() {
        return;
    }
    let stage = Stage::new(&tasks());
    stage.write("in", "1");
    let script = "RUSH run large || exit\nRUSH cache verify || exit\nRUSH run large";
    let said = on_small_disk(&stage, "home/.cache", script);
    said.assert_says(0, &["warning", "No space left on device"]);
    assert_eq!(stage.read("out/small"), "1");
    assert_eq!(stage.read("out/large").len(), 3_000_000);
    stage.expect(0, &["run", "large"]);
    stage.assert_sound();
}

#[test]
fn the_disk_of_the_memory_is_full() {
    if !can_mount() {
        return;
    }
    // More is said than there is room for; nobody waits for the end of it.
    let loud = "task loud {\n  run: sh\"\"\"\n    head -c 3000000 /dev/zero | tr '\\0' x\n    \
                sleep 600\n  \"\"\"\n}\n";
    let stage = Stage::new(&format!("{loud}task quiet {{ run: `echo quiet` }}\n"));
    let script = "RUSH run loud > told; echo $?\nRUSH runs -o json > first\nRUSH run quiet && RUSH runs -o json";
    let said = on_small_disk(&stage, "work/.rush-state", script);
    // The task whose log has no place has failed, which is remembered, and there is room for the next.
    let told = ["a part of the log is missing", "make room", "no space is left on the disk"];
    said.assert_says(0, &told);
    assert!(said.stdout.starts_with("1\nquiet\n"), "{said:#?}");
    assert!(stage.read("first").contains("\"status\": \"failed\""), "{}", stage.read("first"));
    assert!(said.stdout.contains("\"asked\": \"quiet\""), "{said:#?}");
}

#[test]
fn the_disk_of_the_workspace_is_full() {
    if !can_mount() {
        return;
    }
    let stage = Stage::new("");
    let tasks = tasks();
    let script = format!(
        "cd {0}\ncat > tasks.rush <<'END'\n{tasks}END\necho 1 > in\nRUSH run large; echo $?\n\
         rm out/large; sed -i s/3000000/3000/ tasks.rush; RUSH run large && RUSH runs && RUSH cache verify",
        stage.work().display()
    );
    let said = on_small_disk(&stage, "work", &script);
    assert!(said.stdout.starts_with("1\n"), "{said:#?}");
    said.assert_says(0, &["No space left on device"]);
}

/// A limit on the size of files is met in the middle of a write, too.
#[test]
fn no_file_may_grow() {
    let stage = Stage::new(&tasks());
    stage.write("in", "1");
    let script =
        format!("trap '' XFSZ\nulimit -f 400\nexec {} run small", env!("CARGO_BIN_EXE_rush"));
    for _ in 0..3 {
        let said = Said::of(stage.within("sh", &["-c", &script]));
        said.assert_says(0, &[]);
        assert_eq!(stage.read("out/small"), "1");
    }
    stage.expect(0, &["run", "large"]);
    stage.assert_sound();
}

#[test]
fn output_that_could_not_be_written_is_no_success() {
    for args in [&["run", "a"][..], &["run", "a", "b"], &["run", "a", "-o", "json"]] {
        let text = "task a { run: `echo out` }\ntask b { run: `echo more` }\n";
        let rush = rush().file("tasks.rush", text).args(["list"]).run();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let mut command = rush.command(env!("CARGO_BIN_EXE_rush"));
        let run = command.args(args).stdout(full).output().expect("it starts");
        let told = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(3), "{args:?}: {told}");
        assert!(told.contains("could not write to standard output"), "{args:?}: {told}");
    }
}
