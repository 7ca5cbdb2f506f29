//! What is told of those that wait for another run, and what they keep from whom.

use super::MIXING;
use crate::proof::{Running, Said, Stage, wait_until};

/// A run that waits for its turn, and the one it waits for.
fn waiting(arguments: &[&str], check: impl FnOnce(&Stage, &str, Running)) {
    let stage = Stage::new(&MIXING.replace("MORE", ""));
    stage.write("source", "one\n");
    let first = stage.begin("mix");
    wait_until("the first writes", || stage.read("out/a") == "one\n");
    stage.write("source", "three\n");
    let process = first.0.id().to_string();
    check(&stage, &process, Running::start(stage.rush(arguments)));
    stage.write("go", "");
    stage.wait(first);
    stage.assert_alone();
}

#[test]
fn who_waits_for_another_run_says_so() {
    waiting(&["run", "mix"], |stage, process, second| {
        std::thread::sleep(std::time::Duration::from_millis(1500));
        stage.write("go", "");
        let said = stage.wait(second);
        let told = format!("mix: waits for another Rush (process {process})\n");
        assert!(said.stderr.starts_with(&told), "{said:#?}");
        assert_eq!(said.stderr.matches("waits for").count(), 1, "{said:#?}");
    });
    waiting(&["run", "mix", "-o", "json"], |stage, process, second| {
        std::thread::sleep(std::time::Duration::from_millis(1500));
        stage.write("go", "");
        let said = stage.wait(second);
        let states: Vec<String> = said
            .stdout
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .filter(|event| event["body"]["event"] == "node_changed")
            .map(|event| event["body"]["state"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(states, ["ready", "waiting", "ready", "running", "succeeded"], "{said:#?}");
        let reason = format!(r#""reason":{{"kind":"another","process":{process}}}"#);
        assert!(said.stdout.contains(&reason), "{said:#?}");
    });
    // Nobody is told of a moment.
    waiting(&["run", "mix"], |stage, _, second| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        stage.write("go", "");
        let said = stage.wait(second);
        assert!(!said.stderr.contains("waits for"), "{said:#?}");
    });
}

#[test]
fn a_failure_ends_who_waits_for_another_run() {
    let more = "task all { needs: [mix, slow_lint] }\n\
                task slow_lint { run: sh\"\"\"sleep 0.5; false\"\"\" }\n";
    let stage = Stage::new(&(MIXING.replace("MORE", "") + more));
    stage.write("source", "one\n");
    let first = stage.begin("mix");
    wait_until("the first writes", || stage.read("out/a") == "one\n");
    stage.write("source", "three\n");
    let said = stage.expect(1, &["run", "all", "-j2"]);
    assert!(said.stderr.contains("slow_lint"), "{said:#?}");
    stage.write("go", "");
    stage.wait(first);
}

/// What each task came to go through, and when, as a run with `-o json` tells it.
fn course(said: &Said) -> Vec<(String, String, u64)> {
    let events =
        said.stdout.lines().map(|it| serde_json::from_str::<serde_json::Value>(it).unwrap());
    let mut names = std::collections::BTreeMap::new();
    let mut course = Vec::new();
    for event in events {
        let (node, body) = (event["node"].to_string(), &event["body"]);
        if body["event"] == "node_added" {
            names.insert(node, body["label"].as_str().unwrap().replace("//:", ""));
        } else if body["event"] == "node_changed" {
            let state = body["state"].as_str().unwrap().to_owned();
            course.push((names[&node].clone(), state, event["monotonic_ns"].as_u64().unwrap()));
        }
    }
    course
}

fn states_of<'a>(course: &'a [(String, String, u64)], task: &str) -> Vec<&'a str> {
    course.iter().filter(|it| it.0 == task).map(|it| it.1.as_str()).collect()
}

#[test]
fn who_comes_back_keeps_only_those_waiting_who_want_the_same() {
    let more = r#"
task gen {
  inputs: ["source"]
  outputs: ["out"]
  limit { group: "few", max: 1 }
  run: sh"""mkdir -p out; touch out/gen"""
}
task use { needs: [gen], run: `true` }
task slow { run: sh"""while ! test -e done; do sleep 0.01; done""", limit { group: "few", max: 1 } }
task one { run: sh"""while ! test -e go; do sleep 0.01; done; sleep 0.5""" }
task two { needs: [one], run: `touch done` }
task all { needs: [gen, use, slow, two] }
"#;
    let stage = Stage::new(&(MIXING.replace("MORE", "") + more));
    stage.write("source", "one\n");
    let first = stage.begin("mix");
    wait_until("the first writes", || stage.read("out/a") == "one\n");
    stage.write("source", "three\n");
    let all = Running::start(stage.rush(&["run", "all", "-j4", "-o", "json"]));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    stage.write("go", "");
    let said = stage.wait(all);
    assert_eq!(said.status, Some(0), "{said:#?}");
    stage.wait(first);
}

#[test]
fn who_comes_back_when_something_has_failed_does_not_begin() {
    let more = "task all { needs: [mix, bad, next] }\n\
                task next { needs: [mix], run: `true` }\n\
                task bad { run: sh\"\"\"while ! test -e fail; do sleep 0.01; done; false\"\"\" }\n";
    let stage = Stage::new(&(MIXING.replace("MORE", "") + more));
    stage.write("source", "one\n");
    let first = stage.begin("mix");
    wait_until("the first writes", || stage.read("out/a") == "one\n");
    stage.write("source", "three\n");
    let all = Running::start(stage.rush(&["run", "all", "-j1", "-o", "json"]));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    stage.write("go", "");
    stage.wait(first);
    std::thread::sleep(std::time::Duration::from_millis(300));
    stage.write("fail", "");
    let said = stage.wait(all);
    let course = course(&said);
    assert_eq!(states_of(&course, "mix"), ["ready", "waiting", "ready", "skipped"], "{said:#?}");
}

/// More looks wait than may at a time; what is not looked for begins all the same.
#[test]
fn what_is_not_looked_for_does_not_wait_for_looks() {
    use std::fmt::Write as _;
    let mut tasks = MIXING.replace("MORE", "").replace("outputs: [\"out\"]", "outputs: [\"out*\"]");
    let mut needs = String::new();
    for number in 0..70 {
        let task = format!(
            "task t{number} {{ inputs: [\"source\"], outputs: [\"out{number}\"], run: `cp source out{number}` }}\n\
             task n{number} {{ needs: [t{number}], run: `true` }}\n"
        );
        tasks.push_str(&task);
        let _ = write!(needs, "n{number}, ");
    }
    tasks.push_str("task other { run: `touch other` }\n");
    let _ = writeln!(tasks, "task all {{ needs: [{needs}other] }}");
    let stage = Stage::new(&tasks);
    stage.write("source", "one\n");
    let first = stage.begin("mix");
    wait_until("the first writes", || stage.read("out/a") == "one\n");
    stage.write("source", "three\n");
    let all = Running::start(stage.rush(&["run", "all", "-j2"]));
    wait_until("the other one ran", || stage.path("other").exists());
    assert!(!stage.path("out0").exists() && !stage.path("go").exists());
    stage.write("go", "");
    let (first, all) = (stage.wait(first), stage.wait(all));
    assert_eq!((first.status, all.status), (Some(0), Some(0)), "{first:#?} {all:#?}");
}
