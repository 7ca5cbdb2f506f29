//! Requests: labels, flags, call syntax, and what is wrong with them.

use super::super::{describe, find};
use super::{With as _, call, check_plan, database, run};
use crate::names::label;

const BUILD: &str = "type Crate = \"core\" | \"api\" | \"cli\"\n\
                     /// Builds.\n\
                     task build(crate: Crate, release: bool = false, jobs: int(1..=64) = 4, only: [string] = [], ...rest: [string]) {\n  \
                     run: `build ${crate} ${release} ${jobs} ${...only} ${...rest}`\n}\n";

#[test]
fn flags_have_the_types_of_parameters() {
    let request = run("build").flag("crate", &["api"]).switch("release").flag("jobs", &["8"]);
    let request = request.flag("only", &["x", "y"]).rest(&["-v", "--z"]);
    check_plan(BUILD, &request, r#"AUTO"#);
}

#[test]
fn wrong_flags_are_type_errors() {
    check_plan(BUILD, &run("build").flag("crate", &["apii"]), r#"AUTO"#);
    check_plan(BUILD, &run("build").flag("crate", &["api"]).flag("jobs", &["99"]), r#"AUTO"#);
    check_plan(BUILD, &run("build").flag("crate", &["api"]).flag("jobs", &["x"]), r#"AUTO"#);
    check_plan(BUILD, &run("build").flag("crate", &["api"]).flag("relaese", &["x"]), r#"AUTO"#);
    check_plan(BUILD, &run("build"), r#"AUTO"#);
    check_plan(BUILD, &run("build").profile("ci").set("x", "1"), r#"AUTO"#);
}

#[test]
fn call_syntax_is_the_language() {
    check_plan(BUILD, &call("build", "crate: \"api\", release: true, jobs: 2 * 4"), r#"AUTO"#);
    check_plan(BUILD, &call("build", "\"apii\""), r#"AUTO"#);
    check_plan(BUILD, &call("build", "crate: \"api\", nope: 1"), r#"AUTO"#);
    check_plan(BUILD, &call("build", ""), r#"AUTO"#);
}

#[test]
fn texts_become_values_of_every_scalar_type() {
    check_plan(
        "task t(d: duration, s: size, f: float, p: path, o: int?) {\n  run: `t ${d} ${s} ${f} ${p} ${o ?? 0}`\n}\n",
        &run("t")
            .flag("d", &["1h30m"])
            .flag("s", &["2KiB"])
            .flag("f", &["3"])
            .flag("p", &["a/b"])
            .flag("o", &["-5"]),
        r#"AUTO"#,
    );
}

#[test]
fn a_rest_needs_a_parameter_that_takes_it() {
    check_plan("task t { run: `t` }\n", &run("t").rest(&["x"]), r#"AUTO"#);
}

#[test]
fn unknown_labels_suggest_known_ones() {
    check_plan("task build { run: `t` }\n", &run("biuld"), r#"AUTO"#);
    check_plan("task build { run: `t` }\n", &run("//web:build"), r#"AUTO"#);
    check_plan("task build { run: `t` }\n", &run(""), r#"AUTO"#);
}

#[test]
fn labels_find_tasks() {
    let db = database(
        "workspace { members: [\"**\"] }\ntask test_unit { run: `t` }\ntask only_root { run: `t` }\n\
         //- lib/rust.rush\ntask clippy { run: `t` }\n\
         //- packages/a/tasks.rush\ntask test_unit { run: `t` }\ntask _hidden { run: `t` }\n\
         //- packages/b/tasks.rush\ntask test_unit { run: `t` }\ntask other { run: `t` }\n",
    );
    let found = |cwd: &str, text: &str| match find(&db, cwd, text) {
        Ok(items) => items.into_iter().map(|it| label(&db, it)).collect::<Vec<_>>().join(" "),
        Err(error) => format!("{}; {:?}", error.message, error.did_you_mean),
    };
    assert_eq!(found("", "test-unit"), "//:test_unit");
    assert_eq!(found("packages/a/src", "test_unit"), "//packages/a:test_unit");
    assert_eq!(found("packages/a/src", "only_root"), "//:only_root");
    assert_eq!(found("packages/a", "//:test_unit"), "//:test_unit");
    assert_eq!(found("", "//packages/b:test-unit"), "//packages/b:test_unit");
    assert_eq!(
        found("", "//packages/...:test_unit"),
        "//packages/a:test_unit //packages/b:test_unit"
    );
    assert_eq!(
        found("", "//...:test_unit"),
        "//:test_unit //packages/a:test_unit //packages/b:test_unit"
    );
    assert_eq!(found("", "lib.rust.clippy"), "//:lib.rust.clippy");
    assert_eq!(found("", "other"), "no task is named `other`; Some(\"//packages/b:other\")");
    assert_eq!(found("packages/a", "_hidden"), "no task is named `_hidden`; None");
}

#[test]
fn descriptions_tell_what_can_be_given() {
    let db = database(BUILD);
    let item = find(&db, "", "build").unwrap().remove(0);
    let description = describe(&db, item);
    assert_eq!(description.doc.as_deref(), Some("Builds."));
    let params: Vec<String> = description
        .params
        .iter()
        .map(|it| format!("{}: {} = {:?} {:?} {}", it.name, it.ty, it.default, it.choices, it.schema))
        .collect();
    assert_eq!(params, Vec::<String>::new());
}
