//! Requests: labels, flags, call syntax, and what is wrong with them.

use super::super::{LabelError, PlanOutcome, Round, describe, find, plan};
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
    check_plan(
        BUILD,
        &request,
        r#"
* //:build(crate: "api", jobs: 8, only: ["x","y"], release: true, rest: ["-v","--z"])
      run ["build", "api", "true", "8", "x", "y", "-v", "--z"]
"#,
    );
}

#[test]
fn wrong_flags_are_type_errors() {
    check_plan(
        BUILD,
        &run("build").flag("crate", &["apii"]),
        r#"
usage: `--crate`: "apii" is not one of "core", "api", "cli"
  help: did you mean `api`?
"#,
    );
    check_plan(
        BUILD,
        &run("build").flag("crate", &["api"]).flag("jobs", &["99"]),
        r"
usage: `--jobs`: 99 is outside 1..=64
",
    );
    check_plan(
        BUILD,
        &run("build").flag("crate", &["api"]).flag("jobs", &["x"]),
        r#"
usage: `--jobs`: expected int(1..=64), found "x"
  help: write a whole number such as `8`
"#,
    );
    check_plan(
        BUILD,
        &run("build").flag("crate", &["api"]).flag("relaese", &["x"]),
        r"
usage: `build` takes no `--relaese`
  help: did you mean `release`?
",
    );
    check_plan(
        BUILD,
        &run("build"),
        r"
usage: `build` needs a value for `crate`
  help: add `--crate core|api|cli`
",
    );
    check_plan(
        BUILD,
        &run("build").profile("ci").set("x", "1"),
        r"
usage: no profile is named `ci`
usage: no `param` is named `x`
",
    );
}

#[test]
fn call_syntax_is_the_language() {
    check_plan(
        BUILD,
        &call("build", "crate: \"api\", release: true, jobs: 2 * 4"),
        r#"
* //:build(crate: "api", jobs: 8, only: [], release: true, rest: [])
      run ["build", "api", "true", "8"]
"#,
    );
    check_plan(
        BUILD,
        &call("build", "\"apii\""),
        r#"
usage: "apii" is not one of "core", "api", "cli" at 6..12 of build("apii")
  help: did you mean `api`?
"#,
    );
    check_plan(
        BUILD,
        &call("build", "crate: \"api\", nope: 1"),
        r#"
usage: `build` takes no argument `nope`; it takes `crate`, `release`, `jobs`, `only` and `rest` at 20..24 of build(crate: "api", nope: 1)
"#,
    );
    check_plan(
        BUILD,
        &call("build", ""),
        r"
usage: `build` needs a value for `crate`
  help: add `--crate core|api|cli`
",
    );
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
        r#"
* //:t(d: {"duration":5400000000000}, f: 3.0, o: -5, p: {"path":"a/b"}, s: {"size":2048})
      run ["t", "5400s", "2048", "3", "a/b", "-5"]
"#,
    );
}

#[test]
fn a_rest_needs_a_parameter_that_takes_it() {
    check_plan(
        "task t { run: `t` }\n",
        &run("t").rest(&["x"]),
        r"
usage: `t` takes nothing after `--`
  help: declare it: `task t(...args: [string])`
",
    );
}

#[test]
fn unknown_labels_suggest_known_ones() {
    check_plan(
        "task build { run: `t` }\n",
        &run("biuld"),
        r"
usage: no task is named `biuld`
  help: did you mean `build`?
",
    );
    check_plan(
        "task build { run: `t` }\n",
        &run("//web:build"),
        r"
usage: there is no package `//web`
",
    );
    check_plan(
        "task build { run: `t` }\n",
        &run(""),
        r"
usage: no task is named `default`
",
    );
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
        Err(LabelError::Unknown(error)) => {
            format!("{}; {:?}", error.message, error.did_you_mean.first())
        }
        Err(LabelError::Undeclared(items)) => panic!("{items:?}"),
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
    assert_eq!(
        found("packages/a", "_hidden"),
        "`_hidden` is private to its file: only other tasks can need it; None"
    );
    // What is meant is sought near the caller first.
    let near = |cwd: &str, meant: &str| {
        assert_eq!(
            found(cwd, "test_unti"),
            format!("no task is named `test_unti`; Some({meant:?})"),
            "{cwd}"
        );
    };
    near("", "test_unit");
    near("packages/b", "test_unit");
    near("lib", "test_unit");
    assert_eq!(found("packages/b", "only_rot"), "no task is named `only_rot`; Some(\"only_root\")");
}

#[test]
fn a_call_that_is_not_written_to_its_end_is_no_unknown_task() {
    let db = database("task build(a: \"x\") { run: `t` }\n");
    let broken = |text: &str, message: &str, at: std::ops::Range<usize>| {
        let Err(LabelError::Unknown(error)) = find(&db, "", text) else { panic!("{text}") };
        assert_eq!((error.message.as_str(), error.at), (message, Some(at)), "{text}");
        assert_eq!(error.candidates, [""; 0], "{text}");
    };
    broken("build(*", "expected `)` at the end of the call", 7..7);
    broken("build*)", "this bracket is closed, but was not opened", 6..7);
    broken("build(*)x", "expected nothing after the call", 8..9);
    broken("(*)", "expected the name of a task before the brackets", 0..1);
    broken("", "expected the name of a task", 0..0);
}

#[test]
fn an_example_is_a_value_that_is_allowed() {
    let help = |ty: &str| {
        let text = format!("task build(n: {ty}) {{ run: `t` }}\n");
        let planned = plan(&database(&text), &run("build").flag("n", &["?"]));
        let Round::Done(PlanOutcome::Usage(errors)) = planned else { panic!("{ty}: {planned:?}") };
        errors.first().and_then(|it| it.help.clone()).unwrap_or_default()
    };
    assert_eq!(help("int"), "write a whole number such as `8`");
    assert_eq!(help("int(1..=5)"), "write a whole number such as `5`");
    assert_eq!(help("int(10..)"), "write a whole number such as `10`");
    assert_eq!(help("float(0.0..=0.25)"), "write a number such as `0.25`");
    assert_eq!(help("duration(1m..)"), "write a duration such as `1m`");
    assert_eq!(help("size"), "write a size such as `64KB`");
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
        .map(|it| format!("{}: {} = {:?} {}", it.name, it.ty, it.default, it.schema))
        .collect();
    let expected = [
        r#"crate: Crate = None {"enum":["core","api","cli"]}"#,
        r#"release: bool = Some("false") {"type":"boolean","default":false}"#,
        r#"jobs: int(1..=64) = Some("4") {"type":"integer","minimum":1,"maximum":64,"default":4}"#,
        r#"only: [string] = Some("[]") {"type":"array","items":{"type":"string"},"default":[]}"#,
        r#"rest: [string] = None {"type":"array","items":{"type":"string"}}"#,
    ];
    assert_eq!(params, expected);
}

#[test]
fn settings_are_read_whatever_else_is_wrong() {
    use super::super::workspace_settings;
    let check = |text: &str, expect: &str| {
        let db = database(text);
        let found = match workspace_settings(&db, &run("")) {
            Round::Done(Ok(it)) => {
                let dir = it.cache_dir.map(|it| it.to_string());
                format!("{} {}", dir.unwrap_or_default(), it.cache_size_bytes_max)
            }
            Round::Done(Err(found)) => found[0].message.clone(),
            Round::Needs(keys) => format!("{keys:?}"),
        };
        assert_eq!(found, expect, "{text}");
    };
    let cache = "workspace {\n  cache { dir: \"kept\", max_size: 1KB }\n}\n";
    check("", " 10737418240");
    check("task a {\n  run: `true`\n}\n", " 10737418240");
    check(cache, "kept 1000");
    check(&format!("{cache}task a(n: int) {{\n  run: 1\n}}\ntask b {{\n"), "kept 1000");
    check("workspace {\n  cache { dir: nowhere }\n}\n", "nothing is named `nowhere` here");
    check(
        "workspac {\n  cache { dir: \"kept\" }\n}\n",
        "unknown kind `workspac`; did you mean `workspace`?",
    );
}

#[test]
fn a_pattern_that_is_none_is_told_with_the_reason() {
    let source = "task t(g: glob = \"a\", r: regex? = none) { run: `echo ${g} ${...r}` }\n";
    let refused = |name: &str, text: &str, expect: &str| {
        check_plan(source, &run("t").flag(name, &[text]), expect);
    };
    refused(
        "g",
        "a[",
        r"
usage: `--g`: bad glob `a[`: `[` is never closed; write `\[` for the character itself
",
    );
    refused(
        "g",
        "/x",
        r"
usage: `--g`: bad glob `/x`: a pattern can't start at the root of the file system; `//` is the workspace
",
    );
    refused(
        "r",
        "a(",
        r"
usage: `--r`: bad regular expression `a(`: unclosed group
",
    );
}
