//! `--dry-run`: what would run is told, for people and for programs, and nothing else happens.

use serde_json::Value as Json;

use crate::rush;

const SCHEMA: &str = include_str!("../../../../docs/schemas/outlook-1.json");

const TASKS: &str = r#"
task make(name: string = "a") {
  inputs: ["in.txt"]
  outputs: ["out.txt"]
  env { KEY: "value" }
  run: sh"""
    cp in.txt out.txt
  """
}
task show {
  needs: [make]
  dir: "sub"
  run: `false`
}
task all { needs: [show] }
"#;

/// The tasks of a document that follows the schema, by name.
fn tasks(stdout: &str) -> Vec<(String, Json)> {
    let schema: Json = serde_json::from_str(SCHEMA).expect("a schema is JSON");
    let schema = jsonschema::draft202012::new(&schema).expect("a valid schema");
    let document: Json = serde_json::from_str(stdout).expect("one JSON document");
    let errors: Vec<String> =
        schema.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{document}\n{}", errors.join("\n"));
    let tasks = document["tasks"].as_array().expect("a list").iter();
    tasks.map(|it| (it["name"].as_str().expect("a name").to_owned(), it.clone())).collect()
}

fn outlooks(stdout: &str) -> Vec<(String, String)> {
    let word = |(name, task): (String, Json)| (name, task["outlook"].as_str().unwrap().to_owned());
    tasks(stdout).into_iter().map(word).collect()
}

fn expect(found: &[(String, String)], expect: &[(&str, &str)]) {
    let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(found, expect);
}

const MAKE: &str = "make(name: \"a\")";

#[test]
fn programs_get_one_document_that_follows_its_schema() {
    let rush = rush().file("tasks.rush", TASKS).file("in.txt", "x").file("sub/x", "");
    let dry = rush.args(["run", "all", "--dry-run", "-o", "json"]).status(0).run();
    expect(&outlooks(&dry.stdout), &[(MAKE, "runs"), ("show", "runs"), ("all", "idle")]);
    let all = tasks(&dry.stdout);
    let (make, show) = (&all[0].1, &all[1].1);
    assert_eq!(make["reasons"][0]["reason"], "never");
    assert_eq!(make["env"], serde_json::json!(["KEY=value"]));
    assert_eq!(show["label"], "//:show");
    assert_eq!(show["dir"], "sub");
    assert_eq!(show["commands"], serde_json::json!(["false"]));
    assert_eq!(show["after"], serde_json::json!([make["node"]]));
    assert_eq!(dry.stderr, "", "nothing but the document");
}

#[test]
fn what_was_made_before_is_told_apart() {
    let rush = rush().file("tasks.rush", TASKS).file("in.txt", "x").file("sub/x", "");
    let ran = rush.args(["run", "all"]).status(1).run();
    let dry = ran.then().args(["run", "all", "--dry-run", "-o", "json"]).status(0).run();
    expect(&outlooks(&dry.stdout), &[(MAKE, "cached"), ("show", "runs"), ("all", "idle")]);
    let again = dry.then().args(["retry", "--dry-run", "-o", "json"]).status(0).run();
    expect(&outlooks(&again.stdout), &[(MAKE, "settled"), ("show", "runs"), ("all", "idle")]);
    let anew = again.then().args(["replay", "--dry-run", "-o", "json"]).status(0).run();
    expect(&outlooks(&anew.stdout), &[(MAKE, "cached"), ("show", "runs"), ("all", "idle")]);
    let why = anew.then().args(["why", "make", "-o", "json"]).status(0).run();
    expect(&outlooks(&why.stdout), &[(MAKE, "cached")]);
}

#[test]
fn a_service_that_waits_for_a_task_hides_nothing() {
    let text = |command: &str| {
        format!(
            "task migrate {{\n  inputs: [\"m.sql\"]\n  run: `echo {command}`\n}}\n\
             task image {{\n  inputs: [\"m.sql\"]\n  outputs: [\"image\"]\n  run: `cp m.sql image`\n}}\n\
             service db {{\n  needs: [migrate, image]\n  run: `sleep 1000`\n}}\n\
             task test {{\n  needs: [db]\n  inputs: [\"in\"]\n  run: `echo tested`\n}}\n"
        )
    };
    let first = rush().file("tasks.rush", text("one")).file("m.sql", "1").file("in", "1");
    let first = first.args(["run", "test"]).status(0).run();
    // What the migration makes is nothing either time.
    let other = first.again().file("tasks.rush", text("two"));
    let other = other.args(["why", "test"]).status(0).run();
    assert!(other.stdout.contains("cached"), "{}", other.snapshot());
    let image = first.again().file("m.sql", "2");
    let image = image.args(["why", "test"]).status(0).run();
    assert!(image.stdout.contains("will run if what `image` makes"), "{}", image.snapshot());
}

#[test]
fn a_report_of_what_does_not_run_is_refused() {
    for verb in [&["run", "all"][..], &["retry"], &["replay"]] {
        let rush = rush().file("tasks.rush", TASKS);
        let args = verb.iter().chain(&["--dry-run", "--report", "junit=r.xml"]).copied();
        rush.args(args).status(2).stdout("").stderr("--report").run();
    }
}
