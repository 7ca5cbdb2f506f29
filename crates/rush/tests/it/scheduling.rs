//! `rush run`: what runs when, how often, and how the events tell it.

use std::path::Path;

use serde_json::Value as Json;

use crate::rush;

const SCHEMA: &str = include_str!("../../../../docs/schemas/run-event-1.json");

fn events(stdout: &str) -> Vec<Json> {
    stdout.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn the_events_of_a_run_follow_their_schema() {
    let text = "task a {\n  run: sh\"\"\"\n    echo out\n    printf '\\377' >&2\n    [ $RUSH_ATTEMPT = 2 ]\n  \"\"\"\n  \
                retry { attempts: 2, delay: fixed(1ms) }\n  finally: `echo done`\n}\n\
                task b {\n  outputs: [\"x/*\"]\n  run: `true`\n}\n\
                task c {\n  needs: [a]\n  when: false\n  run: `true`\n}\n\
                task d {\n  needs: [a, b, c]\n  run: `false`\n}\ntask e {\n  needs: [d]\n  run: `true`\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "e", "-o", "json"]).status(1).run();
    let schema: Json = serde_json::from_str(SCHEMA).expect("a schema is JSON");
    let schema = jsonschema::draft202012::new(&schema).expect("a valid schema");
    let events = events(&run.stdout);
    let mut last = 0;
    for (seq, event) in (0..).zip(&events) {
        let errors: Vec<String> =
            schema.iter_errors(event).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{event}\n{}", errors.join("\n"));
        assert_eq!(event["seq"], Json::from(seq), "numbers have no gaps");
        let now = event["monotonic_ns"].as_u64().expect("a time");
        assert!(now >= last, "{event}: time goes back");
        last = now;
    }
    let kinds = |name: &str| events.iter().filter(|it| it["body"]["event"] == name).count();
    assert_eq!((kinds("run_started"), kinds("run_ended"), kinds("node_added")), (1, 1, 5));
    assert_eq!((kinds("attempt_ended"), kinds("noted")), (4, 1));
    let texts = events.iter().filter_map(|it| it["body"]["text"].as_str());
    assert_eq!(texts.filter(|it| *it == "\u{fffd}").count(), 2);
}

#[test]
fn nodes_of_one_label_have_names_of_their_own() {
    let text = "task cell(n: int = 1) {\n  matrix { os: [\"l\", \"m\"] }\n  run: `true`\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "cell", "-o", "json"]).status(0).run();
    let events = events(&run.stdout);
    let added = events.iter().filter(|it| it["body"]["event"] == "node_added");
    let mut names: Vec<&str> = added.filter_map(|it| it["body"]["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["//:cell(n: 1, os: \"l\")", "//:cell(n: 1, os: \"m\")"]);
}

#[test]
fn a_task_that_fails_with_a_listed_code_has_as_many_attempts_as_it_may() {
    let text = |code: u8| {
        format!(
            "task a {{\n  run: sh\"\"\"\n    echo attempt $RUSH_ATTEMPT\n    [ $RUSH_ATTEMPT = 3 ] || exit {code}\n  \
             \"\"\"\n  retry {{ attempts: 3, delay: fixed(1ms), on_codes: [75] }}\n}}\n"
        )
    };
    let run = rush().file("tasks.rush", text(75)).args(["a"]).status(0);
    run.stdout("attempt 1\nattempt 2\nattempt 3\n").run();
    rush().file("tasks.rush", text(1)).args(["a"]).status(1).stdout("attempt 1\n").run();
}

#[test]
fn only_timeouts_have_a_status_of_their_own() {
    let text = "task slow {\n  timeout: 50ms\n  run: sh\"\"\"\n    echo begun\n    exec sleep 1000\n  \"\"\"\n}\n\
                task wrong { run: `false` }\n";
    rush().file("tasks.rush", text).args(["slow"]).status(124).stdout("begun\n").run();
    rush().file("tasks.rush", text).args(["run", "slow", "wrong", "--keep-going"]).status(1).run();
}

#[test]
fn labels_run_one_after_the_other_unless_parallel() {
    // Each waits for the other, so side by side is the only way to succeed.
    let wait = |own: &str, other: &str| {
        format!(
            "task {own} {{\n  timeout: 5s\n  run: sh\"\"\"\n    : > {own}.here\n    until [ -e {other}.here ]; do :; done\n  \"\"\"\n}}\n"
        )
    };
    let text = wait("a", "b") + &wait("b", "a");
    rush().file("tasks.rush", &text).args(["run", "a", "b", "--parallel", "-j2"]).status(0).run();
    let text = "task a { run: `test ! -e b` }\ntask b { run: `touch b` }\n";
    rush().file("tasks.rush", text).args(["run", "a", "b", "-j2"]).status(0).run();
}

#[test]
fn a_limit_holds_between_two_runs() {
    let place = tempfile::tempdir().expect("the temporary directory can be written");
    let text = |name: &str| {
        let group = format!("test-{}", std::process::id());
        let task = |index: usize| {
            format!(
                "task {name}{index} {{\n  limit {{ group: \"{group}\", max: 1 }}\n  run: sh\"\"\"\n    \
                 mkdir \"$PLACE/busy\"\n    i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done\n    \
                 rmdir \"$PLACE/busy\"\n  \"\"\"\n}}\n"
            )
        };
        (0..4).map(task).collect::<String>()
    };
    let run = |name: &'static str| {
        let place = place_variable(place.path());
        let labels = (0..4).map(|index| format!("{name}{index}"));
        let words =
            ["run".to_owned(), "--parallel".to_owned(), "-j4".to_owned(), "-e".to_owned(), place];
        let words: Vec<String> = words.into_iter().chain(labels).collect();
        std::thread::spawn(move || {
            rush().file("tasks.rush", text(name)).args(words).status(0).run()
        })
    };
    for running in [run("a"), run("b")] {
        running.join().expect("the run succeeds");
    }
}

fn place_variable(path: &Path) -> String {
    format!("PLACE={}", path.display())
}

#[test]
fn what_is_forced_has_to_be_part_of_the_run() {
    let text = "task a { run: `true` }\ntask b { run: `true` }\n";
    let force =
        |label: &str| rush().file("tasks.rush", text).args(["run", "a", "--force-task", label]);
    force("a").status(0).run();
    force("//:a").status(0).run();
    let run = force("b").status(2).run();
    insta::assert_snapshot!(run.snapshot());
}

#[test]
fn named_slots_are_given_by_number() {
    let text = "task a {\n  resources { slots: { gpu: 2 } }\n  run: `true`\n}\n";
    let slots = |value: &str| rush().file("tasks.rush", text).args(["run", "a", "--slots", value]);
    slots("gpu=4").status(0).run();
    slots("gpu=0").status(2).stderr("`0` is no number of 1 or more").run();
    slots("gpu").status(2).stderr("NAME=VALUE").run();
}
