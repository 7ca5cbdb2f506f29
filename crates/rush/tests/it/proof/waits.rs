//! What happens while a task waits for something: for a service, for a worker, for another run with the same result.

use std::time::Duration;

use super::{Running, Said, Stage, wait_until};

/// What a person writes into the outputs of a task that waits for something else than another run.
const AWAITED: &str = r#"
service base {
  run: sh"""touch asked; while ! test -e up -o -e down; do sleep 0.01; done; test -e up && sleep 100"""
  ready { probe: exec(`test -e up`), every: 10ms }
}
task behind { needs: [base], inputs: ["source"], outputs: ["out"], run: sh"""mkdir -p out; cat source > out/a""" }
task beside { inputs: ["source"], outputs: ["out"], run: sh"""mkdir -p out; cat source > out/a; touch began; while ! test -e go; do sleep 0.01; done""" }
task slow { run: sh"""touch slow; while ! test -e done; do sleep 0.01; done""" }
task many { needs: [beside, slow] }
"#;

impl Stage {
    /// What nobody made stays, and is told of, though it came after the look.
    fn expect_notes(&self, said: &Said) {
        assert_eq!(said.status, Some(0), "{said:#?}");
        let told = "`out/notes` was among its outputs before and it did not write it";
        assert!(said.stderr.contains(told), "{said:#?}");
        self.write("tasks.rush", AWAITED.replace("out/a", "out/b"));
        self.expect(0, &["run", "behind"]);
        self.expect(0, &["run", "beside"]);
        assert_eq!(self.read("out/notes"), "mine");
    }
}

#[test]
fn what_comes_while_a_task_waits_for_a_service_is_not_its_own() {
    let stage = Stage::new(AWAITED);
    stage.write("source", "one");
    let run = stage.begin("behind");
    wait_until("the service is wanted", || stage.path("asked").exists());
    stage.write("out/notes", "mine");
    stage.write("up", "");
    stage.write("go", "");
    let said = stage.wait(run);
    stage.expect_notes(&said);
}

#[test]
fn what_comes_while_a_task_waits_for_a_worker_is_not_its_own() {
    let stage = Stage::new(AWAITED);
    stage.write("source", "one");
    let first = stage.begin("beside");
    wait_until("the first runs", || stage.path("began").exists());
    stage.write("source", "two");
    let second = Running::start(stage.rush(&["run", "-j1", "many"]));
    wait_until("the other task has the worker", || stage.path("slow").exists());
    stage.write("go", "");
    stage.wait(first);
    std::thread::sleep(Duration::from_millis(500));
    stage.write("out/notes", "mine");
    stage.write("done", "");
    stage.write("up", "");
    let said = stage.wait(second);
    stage.expect_notes(&said);
}

#[test]
fn an_edit_while_a_task_waits_for_a_service_is_what_it_runs_on() {
    let stage = Stage::new(AWAITED);
    stage.write("source", "one");
    let run = stage.begin("behind");
    wait_until("the service is wanted", || stage.path("asked").exists());
    stage.write("source", "two");
    stage.write("up", "");
    let said = stage.wait(run);
    assert!(!said.stderr.contains("changed while it ran"), "{said:#?}");
    let said = stage.expect(0, &["run", "behind"]);
    assert!(said.stderr.contains("1 cached"), "{said:#?}");
    assert_eq!(stage.read("out/a"), "two");
}

#[test]
fn what_a_task_made_is_not_removed_before_it_begins() {
    let stage = Stage::new(AWAITED);
    stage.write("source", "one");
    stage.write("up", "");
    stage.expect(0, &["run", "behind"]);
    stage.write("tasks.rush", AWAITED.replace("out/a", "out/b"));
    std::fs::remove_file(stage.path("up")).unwrap();
    stage.write("down", "");
    stage.expect(1, &["run", "behind"]);
    assert_eq!(stage.read("out/a"), "one");
}

/// Two checkouts of one content; what waits in the second for the key of the first has its input edited meanwhile.
#[test]
fn who_waited_for_a_key_looks_at_what_is_there_then() {
    let tasks = r#"
task gen {
  inputs: ["source"]
  outputs: ["out"]
  run: sh"""mkdir -p out; touch out/began; while ! test -e go -o $(cat source) = two; do sleep 0.01; done; cat source > out/a"""
}
task look { needs: [gen], inputs: ["source"], run: sh"""echo "look $(cat source) $(cat out/a)" """ }
"#;
    let stage = Stage::new(tasks);
    stage.write("source", "one");
    stage.write("../second/tasks.rush", tasks);
    stage.write("../second/source", "one");
    let first = stage.begin("gen");
    wait_until("the first runs", || stage.path("out/began").exists());
    let mut second = stage.rush(&["run", "look"]);
    second.current_dir(stage.path("../second"));
    let second = Running::start(second);
    std::thread::sleep(Duration::from_millis(500));
    stage.write("../second/source", "two");
    stage.write("go", "");
    let (first, second) = (stage.wait(first), stage.wait(second));
    assert_eq!((first.status, second.status), (Some(0), Some(0)), "{first:#?} {second:#?}");
    assert!(second.stdout.contains("look two two"), "{second:#?}");
    assert!(!second.stderr.contains("changed while it ran"), "{second:#?}");
}

#[test]
fn what_a_look_finds_before_and_after_a_wait_is_told_once() {
    let tasks = r#"
task gen {
  inputs: ["source"]
  outputs: ["out"]
  run: sh"""mkdir -p out; touch began; while test -e pause; do sleep 0.01; done; cat source > out/a"""
}
"#;
    let stage = Stage::new(tasks);
    stage.write("source", "one");
    stage.write("../second/tasks.rush", tasks);
    stage.write("../second/source", "one");
    stage.write("../second/pause", "");
    stage.expect(0, &["run", "gen"]);
    std::fs::remove_dir_all(stage.path("out")).unwrap();
    stage.write("out/a", "mine");
    let mut first = stage.rush(&["run", "gen", "--force"]);
    first.current_dir(stage.path("../second"));
    let first = Running::start(first);
    wait_until("the first runs", || stage.path("../second/began").exists());
    let second = stage.begin("gen");
    std::thread::sleep(Duration::from_millis(500));
    std::fs::remove_file(stage.path("../second/pause")).unwrap();
    let (first, second) = (stage.wait(first), stage.wait(second));
    assert_eq!((first.status, second.status), (Some(0), Some(0)), "{first:#?} {second:#?}");
    assert_eq!(second.stderr.matches("is not put in place").count(), 1, "{second:#?}");
}

/// What waits for a service is not waited for: neither for its turn nor for its key. It looks again when that is up.
#[test]
fn who_waits_for_a_service_keeps_nobody() {
    let stage = Stage::new(AWAITED);
    stage.write("source", "one");
    let first = stage.begin("behind");
    wait_until("the service is wanted", || stage.path("asked").exists());
    // The same outputs, and the same key in another checkout.
    stage.write("go", "");
    stage.expect(0, &["run", "beside"]);
    std::fs::remove_dir_all(stage.path("out")).unwrap();
    stage.write("../second/tasks.rush", AWAITED);
    stage.write("../second/source", "one");
    stage.write("../second/up", "");
    let mut second = stage.rush(&["run", "behind"]);
    second.current_dir(stage.path("../second"));
    let second = stage.wait(Running::start(second));
    assert_eq!(second.status, Some(0), "{second:#?}");
    stage.write("up", "");
    let first = stage.wait(first);
    assert_eq!(first.status, Some(0), "{first:#?}");
    assert!(first.stderr.contains("1 cached"), "{first:#?}");
    assert_eq!(stage.read("out/a"), "one");
    stage.assert_sound();
}

/// A service that dies once somebody writes `die`, and what waits for the turn of another run while it needs that.
const DYING: &str = r#"
service base {
  restart: "RESTART"
  run: sh"""
    if test -e die; then while ! test -e again; do sleep 0.01; done; touch up; sleep 100; fi
    touch up; while ! test -e die; do sleep 0.01; done; rm up; exit 3
  """
  ready { probe: exec(`test -e up`), every: 10ms }
}
task beside { inputs: ["source"], outputs: ["out"], run: sh"""mkdir -p out; touch began; while ! test -e go; do sleep 0.01; done""" }
task first { run: sh"""while ! test -e up; do sleep 0.01; done""" }
task behind { needs: [base, first], inputs: ["other"], outputs: ["out"], run: sh"""test -e up; mkdir -p out""" }
task last { needs: [behind], run: `true` }
task user { needs: [base], run: sh"""while ! test -e done; do sleep 0.01; done""" }
"#;

/// Begins a run in which `behind` waits for the turn of the first, and lets its service die.
fn dying(restart: &str, words: &[&str]) -> (Stage, Running, Running) {
    let stage = Stage::new(&DYING.replace("RESTART", restart));
    stage.write("source", "one");
    stage.write("other", "one");
    let first = stage.begin("beside");
    wait_until("the first runs", || stage.path("began").exists());
    let second = Running::start(stage.rush(&[&["run", "--parallel"], words].concat()));
    wait_until("the service is up", || stage.path("up").exists());
    std::thread::sleep(Duration::from_secs(1));
    stage.write("die", "");
    wait_until("the service has ended", || !stage.path("up").exists());
    (stage, first, second)
}

#[test]
fn no_attempt_begins_while_its_service_starts_again() {
    let (stage, first, second) = dying("on_failure", &["user", "behind"]);
    stage.write("go", "");
    assert_eq!(stage.wait(first).status, Some(0));
    std::thread::sleep(Duration::from_millis(500));
    stage.write("again", "");
    wait_until("the service is up again", || stage.path("up").exists());
    stage.write("done", "");
    let said = stage.wait(second);
    assert_eq!(said.status, Some(0), "{said:#?}");
}

#[test]
fn who_never_ran_and_lost_its_service_is_skipped() {
    let (stage, first, second) = dying("never", &["--keep-going", "user", "last"]);
    let said = stage.wait(second);
    assert!(said.stderr.contains("2 skipped"), "{said:#?}");
    assert!(!said.stderr.contains("cancelled"), "{said:#?}");
    stage.write("go", "");
    stage.wait(first);
}
