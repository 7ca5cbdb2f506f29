//! Several Rush processes that make the same files of one workspace, each from another source: they take turns, and
//! nothing half-written or mixed is remembered.

use std::time::Instant;

use super::{Running, Said, Stage, rounds, wait_until};

mod away;

/// A task that writes slowly, and one that reads what it wrote, twice if `pause` is there.
const TASKS: &str = r#"
task slow {
  inputs: ["source"]
  outputs: ["out/a", "out/b"]
  run: sh"""
    mkdir -p out
    cat source > out/a
    sleep 0.3
    cat source > out/b
  """
}
task use {
  needs: [slow]
  inputs: ["asked"]
  run: sh"""
    a=$(cat out/a)
    if test -e pause; then
      touch reading
      while test -e pause; do sleep 0.01; done
    fi
    echo "use $a $(cat out/b)"
  """
}
"#;

/// A task that writes slowly what it read first, once `source` is not `two`.
const MIXING: &str = r#"
task mix {
  inputs: ["source"]
  outputs: ["out"]
  MORE
  run: sh"""
    s=$(cat source)
    mkdir -p out
    echo $s > out/a
    if test $s = one; then
      while ! test -e go; do sleep 0.01; done
    fi
    echo $s > out/b
    if test $s = two; then
      while ! test -e end; do sleep 0.01; done
    fi
  """
}
"#;

const FOREIGN: &str = "is not as Rush made it";

impl Stage {
    /// Starts a run of what reads.
    pub(super) fn begin(&self, task: &str) -> Running {
        Running::start(self.rush(&["run", task]))
    }

    /// Waits for a run that was started.
    pub(super) fn wait(&self, mut run: Running) -> Said {
        let child = std::mem::replace(&mut run.0, self.within("true", &[]).spawn().unwrap());
        let output = child.wait_with_output().unwrap();
        Said {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn expect_use(&self, source: &str) {
        self.write("source", source);
        let said = self.expect(0, &["run", "use"]);
        assert!(said.stdout.contains(&format!("use {source} {source}")), "{said:#?}");
        assert!(!said.stderr.contains(FOREIGN), "{said:#?}");
    }
}

#[test]
fn of_two_that_write_the_same_files_the_second_waits() {
    let stage = Stage::new(TASKS);
    stage.write("asked", "");
    stage.expect_use("one");
    for _ in 0..rounds(2, 20) {
        stage.write("source", "two");
        let first = stage.begin("use");
        wait_until("the first writes", || stage.read("out/a") == "two");
        stage.write("source", "one");
        let second = stage.wait(stage.begin("use"));
        let first = stage.wait(first);
        assert_eq!((first.status, second.status), (Some(0), Some(0)), "{first:#?} {second:#?}");
        assert!(second.stdout.contains("use one one"), "{second:#?}");
        for said in [&first, &second] {
            assert!(!said.stderr.contains(FOREIGN), "{said:#?}");
        }
        stage.expect_use("two");
        stage.expect_use("one");
    }
    stage.assert_sound();
}

#[test]
fn what_another_makes_anew_while_it_is_read_is_not_remembered() {
    let stage = Stage::new(TASKS);
    stage.write("asked", "");
    stage.write("source", "one");
    stage.write("pause", "");
    let reader = stage.begin("use");
    wait_until("it reads", || stage.path("reading").exists());
    stage.write("source", "two");
    stage.expect(0, &["run", "slow"]);
    std::fs::remove_file(stage.path("pause")).unwrap();
    let said = stage.wait(reader);
    assert!(said.stdout.contains("use one two"), "{said:#?}");
    let told = "changed while it ran; its result is used but not remembered";
    assert!(said.stderr.contains(told), "{said:#?}");
    stage.expect_use("one");
    stage.expect_use("two");
}

/// A task that reads what another one makes, while another run makes that anew and then as it was.
fn what_is_made_anew_and_put_back_is_noticed(maker: &str, made: &str, told: &str) {
    let tasks = r#"
task gen {
  MAKER
  outputs: ["out"]
  run: sh"""
    mkdir -p out
    MADE
  """
}
task logs { inputs: ["asked"], outputs: ["outer.log", "**/*.o"], run: sh"""touch outer.log a.o""" }
task read {
  needs: [gen, logs]
  inputs: ["asked"]
  run: sh"""
    touch reading
    while test -e pause; do sleep 0.01; done
    echo "read" out/*
    touch was-read
    while ! test -e go; do sleep 0.01; done
  """
}
"#;
    let stage = Stage::new(&tasks.replace("MAKER", maker).replace("MADE", made));
    for name in ["asked", "pause"] {
        stage.write(name, "");
    }
    stage.write("source", "one");
    let reader = stage.begin("read");
    wait_until("it reads", || stage.path("reading").exists());
    stage.write("source", "two");
    stage.expect(0, &["run", "gen"]);
    std::fs::remove_file(stage.path("pause")).unwrap();
    wait_until("it has read", || stage.path("was-read").exists());
    stage.write("source", "one");
    stage.expect(0, &["run", "gen"]);
    stage.write("go", "");
    let said = stage.wait(reader);
    let sentence = format!("`{told}` changed while it ran; its result is used but not remembered");
    assert!(said.stderr.contains(&sentence), "{maker}: {said:#?}");
    let said = stage.expect(0, &["run", "read"]);
    assert!(!said.stdout.contains("cached"), "{maker}: {said:#?}");
    stage.assert_alone();
}

#[test]
fn what_is_made_anew_and_put_back_while_it_is_read_is_not_remembered() {
    for maker in ["inputs: [\"source\"]", "", "inputs: [\"source\"]\n  cache { mode: \"off\" }"] {
        what_is_made_anew_and_put_back_is_noticed(maker, "cp source out/a", "out/a");
        // A file more, and none at the end.
        let more =
            "test -e out/a || touch out/a; rm -f out/b; if grep two source; then touch out/b; fi";
        what_is_made_anew_and_put_back_is_noticed(maker, more, "out");
    }
}

#[test]
fn eight_at_once_with_edits_between_leave_nothing_wrong() {
    let stage = Stage::new(TASKS);
    stage.write("asked", "");
    let sources: Vec<String> = (0..8).map(|it| format!("v{it}")).collect();
    for _ in 0..rounds(1, 10) {
        let mut running = Vec::new();
        for source in &sources {
            stage.write("source", source);
            let before = stage.read("out/a");
            running.push(stage.begin("use"));
            // Now and then one comes while another writes.
            let begun = Instant::now();
            while stage.read("out/a") == before && begun.elapsed().as_millis() < 100 {
                std::thread::yield_now();
            }
        }
        for run in running {
            let said = stage.wait(run);
            assert_eq!(said.status, Some(0), "{said:#?}");
            assert!(!said.stderr.contains(FOREIGN), "{said:#?}");
        }
        sources.iter().for_each(|it| stage.expect_use(it));
    }
    stage.assert_sound();
    stage.assert_alone();
}

/// Whether a run of `second` waits for one of `first`, which are remembered and write to these.
fn waits(first: &str, second: &str) -> bool {
    let task = |name: &str, outputs: &str| {
        format!(
            r#"
task {name} {{
  inputs: ["source"]
  outputs: {outputs}
  run: sh"""
    mkdir -p out log; touch {name}-began
    cat source > out/a; cat source > out/b
    while ! test -e go; do sleep 0.01; done
  """
}}
"#
        )
    };
    let stage = Stage::new(&task("first", first));
    stage.write("source", "one");
    let run = stage.begin("first");
    wait_until("the first runs", || stage.path("first-began").exists());
    stage.write("tasks.rush", task("second", second));
    let other = stage.begin("second");
    let begun = Instant::now();
    let is_waiting = || !stage.path("second-began").exists();
    while is_waiting() && begun.elapsed().as_millis() < 1500 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let waits = is_waiting();
    stage.write("go", "");
    for run in [run, other] {
        let said = stage.wait(run);
        assert_eq!(said.status, Some(0), "{said:#?}");
        assert!(!said.stderr.contains("at the same time"), "{said:#?}");
    }
    stage.assert_alone();
    waits
}

#[test]
fn outputs_that_overlap_take_turns_however_they_are_written() {
    for (first, second, expected) in [
        ("[\"out\"]", "[\"out\", \"log\"]", true),
        ("[\"out/*\", \"log\"]", "[\"out/b\"]", true),
        ("[\"**/b\"]", "[\"out/**\"]", true),
        ("[\"out/a\"]", "[\"out/b\"]", false),
        ("[\"out/a*\"]", "[\"out/b*\", \"log\"]", false),
    ] {
        assert_eq!(waits(first, second), expected, "{first} {second}");
    }
}

#[test]
fn the_mark_of_one_who_was_killed_is_no_mark() {
    let stage = Stage::new(&MIXING.replace("MORE", ""));
    stage.write("source", "one\n");
    let mut first = stage.begin("mix");
    wait_until("the first writes", || stage.read("out/a") == "one\n");
    stage.write("source", "two\n");
    let mut second = stage.rush(&["run", "mix"]);
    second.env("RUSH_RUN", "another");
    let second = Running::start(second);
    wait_until("the second writes", || stage.read("out/b") == "two\n");
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    stage.write("go", "");
    stage.write("end", "");
    stage.wait(second);
    stage.write("source", "three\n");
    let said = stage.expect(0, &["run", "mix"]);
    assert!(!said.stderr.contains("at the same time"), "{said:#?}");
}

/// Two write at once because neither may wait: nobody remembers what they made.
fn nothing_mixed_is_remembered(tasks: &str, variables: &[(&str, &str)]) {
    let stage = Stage::new(tasks);
    let begin = || {
        let mut command = stage.rush(&["run", "mix"]);
        command.envs(variables.iter().copied());
        Running::start(command)
    };
    stage.write("source", "one\n");
    let first = begin();
    wait_until("the first writes", || stage.read("out/a") == "one\n");
    stage.write("source", "two\n");
    let second = begin();
    wait_until("the second writes", || stage.read("out/b") == "two\n");
    stage.write("go", "");
    let first = stage.wait(first);
    assert_eq!(first.status, Some(0), "{first:#?}");
    assert_eq!(stage.read("out/b"), "one\n");
    stage.write("end", "");
    let second = stage.wait(second);
    assert_eq!(second.status, Some(0), "{second:#?}");
    let told =
        "another Rush made the same files at the same time; its result is used but not remembered";
    assert!(second.stderr.contains(told), "{second:#?}");
    std::fs::remove_dir_all(stage.path("out")).unwrap();
    stage.expect(0, &["run", "mix"]);
    assert_eq!((stage.read("out/a"), stage.read("out/b")), ("two\n".into(), "two\n".into()));
    stage.assert_sound();
}

#[test]
fn who_waits_for_the_same_result_has_no_place_of_a_group() {
    let stage = Stage::new(
        r#"
task test {
  inputs: ["source"]
  outputs: ["out"]
  limit { group: "g", max: 4 }
  run: sh"""
    echo ran >> ran; mkdir -p out; touch out/began
    while ! test -e go; do sleep 0.01; done
  """
}
"#,
    );
    stage.write("source", "one");
    let first = stage.begin("test");
    wait_until("the first runs", || stage.path("out/began").exists());
    let second = stage.begin("test");
    std::thread::sleep(std::time::Duration::from_millis(200));
    stage.write("go", "");
    let (first, second) = (stage.wait(first), stage.wait(second));
    assert_eq!((first.status, second.status), (Some(0), Some(0)), "{first:#?} {second:#?}");
    assert!(second.stderr.contains("1 cached"), "{second:#?}");
    assert_eq!(stage.read("ran"), "ran\n");
}

/// Two tasks that are tried again, of which each of two runs begins with another one.
#[test]
fn who_makes_a_pause_is_not_kept_from_going_on_by_who_waits_for_it() {
    for outputs in ["", "outputs: [\"out\"]"] {
        let tasks = r#"
task x {
  inputs: ["source"]
  retry { attempts: 9, delay: fixed(1s) }
  run: sh"""touch x-began; test -e ok"""
}
task y {
  inputs: ["source"]
  OUTPUTS
  retry { attempts: 9, delay: fixed(1s) }
  run: sh"""mkdir -p out; touch y-began out/y; test -e ok"""
}
task before_y { needs: [x], inputs: ["source"], run: `true` }
task before_x { needs: [y], inputs: ["source"], run: `true` }
task first { needs: [before_y, y] }
task second { needs: [before_x, x] }
"#;
        let stage = Stage::new(&tasks.replace("OUTPUTS", outputs));
        stage.write("source", "one");
        let begin = |task: &str| Running::start(stage.rush(&["run", "-j1", task]));
        let (first, second) = (begin("first"), begin("second"));
        wait_until("both tried", || {
            stage.path("x-began").exists() && stage.path("y-began").exists()
        });
        stage.write("ok", "");
        let (first, second) = (stage.wait(first), stage.wait(second));
        assert_eq!((first.status, second.status), (Some(0), Some(0)), "{first:#?} {second:#?}");
        stage.assert_sound();
    }
}

#[test]
fn a_run_that_a_task_started_does_not_wait_for_a_key_of_that() {
    let stage = Stage::new(
        r#"
task check { inputs: ["source"], run: sh"""echo ran >> ran; while ! test -e go; do sleep 0.01; done""" }
"#,
    );
    stage.write("source", "one");
    let outer = stage.begin("check");
    wait_until("the outer one runs", || stage.read("ran") == "ran\n");
    let mut inner = stage.rush(&["run", "check"]);
    inner.env("RUSH_RUN", "another");
    let inner = Running::start(inner);
    wait_until("the inner one runs", || stage.read("ran") == "ran\nran\n");
    stage.write("go", "");
    assert_eq!((stage.wait(outer).status, stage.wait(inner).status), (Some(0), Some(0)));
}

/// A `stamp` that another run makes anew, or fails to, while a run waits that had found it.
#[test]
fn a_stamp_is_what_whoever_ran_it_last_left() {
    for is_bad in [false, true] {
        let stage = Stage::new(
            r#"
task first { run: sh"""touch began; while ! test -e go; do sleep 0.01; done""" }
task install {
  after: [first]
  inputs: ["lock"]
  outputs: ["mods"]
  cache { mode: "stamp" }
  run: sh"""rm -rf mods; mkdir mods; cp lock mods/a; test ! -e bad; cp lock mods/b"""
}
task bundle { needs: [install], inputs: ["asked"], outputs: ["made"], run: sh"""cat mods/* > made""" }
"#,
        );
        stage.write("asked", "");
        stage.write("lock", "one\n");
        stage.expect(0, &["run", "install"]);
        let run = Running::start(stage.rush(&["run", "first", "bundle"]));
        wait_until("it began", || stage.path("began").exists());
        if is_bad {
            stage.write("bad", "");
            stage.expect(1, &["run", "--force", "install"]);
            std::fs::remove_file(stage.path("bad")).unwrap();
        } else {
            stage.write("lock", "two\n");
            stage.expect(0, &["run", "install"]);
            stage.write("lock", "one\n");
        }
        stage.write("go", "");
        let said = stage.wait(run);
        assert_eq!(said.status, Some(0), "{said:#?}");
        for _ in 0..2 {
            assert_eq!(stage.read("made"), "one\none\n", "{is_bad}: {said:#?}");
            std::fs::remove_file(stage.path("made")).unwrap();
            stage.expect(0, &["run", "bundle"]);
        }
        stage.assert_sound();
    }
}

#[test]
fn of_two_that_want_the_same_stamp_one_runs() {
    let stage = Stage::new(
        r#"
task install {
  inputs: ["source"]
  outputs: ["mods"]
  cache { mode: "stamp" }
  run: sh"""echo ran >> ran; mkdir -p mods; while ! test -e go; do sleep 0.01; done"""
}
"#,
    );
    stage.write("source", "one");
    let first = stage.begin("install");
    wait_until("the first runs", || stage.path("mods").exists());
    let second = stage.begin("install");
    std::thread::sleep(std::time::Duration::from_millis(200));
    stage.write("go", "");
    assert_eq!((stage.wait(first).status, stage.wait(second).status), (Some(0), Some(0)));
    assert_eq!(stage.read("ran"), "ran\n");
}

#[test]
fn a_run_that_a_task_started_does_not_wait_for_a_turn() {
    nothing_mixed_is_remembered(&MIXING.replace("MORE", ""), &[("RUSH_RUN", "another")]);
}

#[test]
fn a_task_that_needs_a_service_waits_for_its_turn() {
    let service = "service db { run: `sleep 1000` }\n";
    let stage = Stage::new(&(MIXING.replace("MORE", "needs: [db]") + service));
    stage.write("end", "");
    stage.write("source", "one\n");
    let first = stage.begin("mix");
    wait_until("the first writes", || stage.read("out/a") == "one\n");
    stage.write("source", "two\n");
    let second = stage.begin("mix");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(stage.read("out/a"), "one\n");
    stage.write("go", "");
    let (first, second) = (stage.wait(first), stage.wait(second));
    assert_eq!((first.status, second.status), (Some(0), Some(0)), "{first:#?} {second:#?}");
    assert!(!first.stderr.contains("at the same time"), "{first:#?}");
    assert!(!second.stderr.contains("not remembered"), "{second:#?}");
    let said = stage.expect(0, &["run", "mix"]);
    assert!(said.stderr.contains("1 cached"), "{said:#?}");
    assert_eq!(stage.read("out/b"), "two\n");
    stage.assert_sound();
}

#[test]
fn a_pause_between_attempts_keeps_nobody_for_ever() {
    let stage = Stage::new(
        r#"
task again {
  inputs: ["source"]
  outputs: ["out"]
  limit { group: "g" }
  retry { attempts: 3, delay: fixed(1s) }
  run: sh"""
    mkdir -p out; cp source out/a; touch tried
    test -e ok
  """
}
"#,
    );
    stage.write("source", "one");
    let first = stage.begin("again");
    wait_until("the first tried", || stage.path("tried").exists());
    stage.write("ok", "");
    let second = stage.wait(stage.begin("again"));
    let first = stage.wait(first);
    assert_eq!((first.status, second.status), (Some(0), Some(0)), "{first:#?} {second:#?}");
    stage.assert_sound();
}

#[test]
fn a_run_leaves_nothing_by_which_the_next_takes_it_for_another() {
    let stage = Stage::new(TASKS);
    stage.write("asked", "");
    stage.expect_use("one");
    let state = stage.path(".rush-state");
    let left = |name: &str| std::fs::read_dir(state.join(name)).into_iter().flatten().count();
    assert!(state.join("results.runs").is_dir());
    assert_eq!((left("results.runs"), left("results.turns")), (0, 0));
}
