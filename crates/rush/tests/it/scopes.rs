//! Looking at what there is: `describe` and `graph`.

use crate::rush;

const TASKS: &str = r#"
secret token { from: env("TOKEN") }
task gen { run: `true` }
/// Compile.
task build(
  /// Which crate.
  crate: "core" | "api" = "core"
) {
  needs: [gen]
  env { MODE: "fast", TOKEN: token }
  run: `true`
}
task ci { steps: [gen, build] }
"#;

#[test]
fn a_description_has_a_schema_of_the_parameters() {
    let rush = rush().file("tasks.rush", TASKS).args(["describe", "build", "-o", "json"]);
    let shown: serde_json::Value = serde_json::from_str(&rush.status(0).run().stdout).unwrap();
    let schema = &shown["tasks"][0]["schema"];
    assert_eq!(schema["properties"]["crate"]["enum"], serde_json::json!(["core", "api"]));
    assert_eq!(schema["properties"]["crate"]["description"], "Which crate.");
}

#[test]
fn each_variable_has_an_origin_and_secrets_stay_secret() {
    let rush = rush().file("tasks.rush", TASKS).env("TOKEN", "hunter2");
    let shown = rush.args(["describe", "build", "--env"]).status(0).run();
    assert!(shown.stdout.contains("MODE") && shown.stdout.contains("tasks.rush:10"));
    assert!(!shown.stdout.contains("hunter2"), "{}", shown.stdout);
}

#[test]
fn the_graph_has_four_forms() {
    let text = rush().file("tasks.rush", TASKS).args(["graph", "ci"]).status(0).run();
    insta::assert_snapshot!(text.stdout, @r#"
    ci
      build  (steps)
        gen
      gen  (steps)
    "#);
    let dot = text.then().args(["graph", "-o", "dot"]).status(0).run();
    assert!(dot.stdout.contains("\"build\" -> \"gen\""), "{}", dot.stdout);
    let mermaid = dot.then().args(["graph", "-o", "mermaid"]).status(0).run();
    assert!(mermaid.stdout.starts_with("flowchart LR"), "{}", mermaid.stdout);
    let json = mermaid.then().args(["graph", "-o", "json"]).status(0).run();
    let graph: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(graph["nodes"].as_array().unwrap().len(), 3);
}
