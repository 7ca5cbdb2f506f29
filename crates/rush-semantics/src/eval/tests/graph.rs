//! Nodes and edges: identity, needs, steps, after, matrix, when, services, circles.

use rush_plan::CallOrder;

use super::{With as _, call, check_plan, run};

#[test]
fn a_call_is_one_node_however_often_it_is_made() {
    check_plan(
        "task build(crate: string, release: bool = false) {\n  run: `cargo build -p ${crate}`\n}\n\
         task all {\n  needs: [build(\"api\"), build(crate: \"api\", release: false), build(\"cli\")]\n}\n",
        &run("all"),
        r#"
* //:all <-//:build(crate: "api", release: false) <-//:build(crate: "cli", release: false)
  //:build(crate: "api", release: false)
      run ["cargo", "build", "-p", "api"]
  //:build(crate: "cli", release: false)
      run ["cargo", "build", "-p", "cli"]
"#,
    );
}

#[test]
fn a_bare_name_is_a_call_with_defaults() {
    check_plan(
        "task build(mode: string = \"debug\") {\n  run: `make ${mode}`\n}\ntask all {\n  needs: [build]\n}\n",
        &run("all"),
        r#"
* //:all <-//:build(mode: "debug")
  //:build(mode: "debug")
      run ["make", "debug"]
"#,
    );
}

#[test]
fn steps_start_one_after_the_other() {
    check_plan(
        "task a { run: `a` }\ntask b { run: `b` }\ntask c { run: `c` }\ntask all {\n  steps: [a, b, c]\n}\n",
        &run("all"),
        r#"
//:a
      run ["a"]
* //:all <step //:a <step //:b <step //:c
  //:b <sequence //:a
      run ["b"]
  //:c <sequence //:b
      run ["c"]
"#,
    );
}

#[test]
fn what_a_step_needs_starts_behind_the_step_before() {
    let source = "task clean { run: `clean` }\ntask tool { run: `tool` }\n\
         task gen { needs: [tool], run: `gen` }\ntask lib { needs: [gen], run: `lib` }\n\
         task app { needs: [lib, gen], run: `app` }\ntask prepare { needs: [clean, tool] }\n\
         task again { steps: [prepare, app] }\n";
    // What the step before needs, too, stays where it is.
    check_plan(
        source,
        &run("again"),
        r#"
* //:again <step //:prepare <step //:app
  //:app <-//:lib <-//:gen <sequence //:prepare
      run ["app"]
  //:clean
      run ["clean"]
  //:gen <-//:tool <sequence //:prepare
      run ["gen"]
  //:lib <-//:gen
      run ["lib"]
  //:prepare <-//:clean <-//:tool
  //:tool
      run ["tool"]
"#,
    );
    check_plan(
        source,
        &run("clean lib"),
        r#"
* //:clean
      run ["clean"]
  //:gen <-//:tool
      run ["gen"]
* //:lib <-//:gen <request //:clean
      run ["lib"]
  //:tool <request //:clean
      run ["tool"]
"#,
    );
}

#[test]
fn orders_that_contradict_each_other_close_no_circle() {
    check_plan(
        "task a { run: `a` }\ntask b { run: `b` }\ntask x { needs: [a] }\ntask y { needs: [b] }\n\
         task one { steps: [y, x] }\ntask two { steps: [a, y] }\ntask all { needs: [one, two] }\n",
        &run("all x"),
        r#"
//:a
      run ["a"]
* //:all <-//:one <-//:two
  //:b <sequence //:a
      run ["b"]
  //:one <step //:y <step //:x
  //:two <step //:a <step //:y
* //:x <-//:a <sequence //:y
  //:y <-//:b <sequence //:a
"#,
    );
}

#[test]
fn a_call_behind_what_an_earlier_one_needs_closes_no_circle() {
    check_plan(
        "task a { needs: [b], run: `a` }\ntask b { run: `b` }\ntask c { run: `c` }\n",
        &run("a c b"),
        r#"
* //:a <-//:b
      run ["a"]
* //:b
      run ["b"]
* //:c <request //:a
      run ["c"]
"#,
    );
}

#[test]
fn after_orders_but_never_adds() {
    let source = "task a { run: `a` }\ntask b {\n  after: [a]\n  run: `b`\n}\ntask both {\n  needs: [b, a]\n}\n";
    check_plan(
        source,
        &run("b"),
        r#"
* //:b
      run ["b"]
"#,
    );
    check_plan(
        source,
        &run("both"),
        r#"
//:a
      run ["a"]
  //:b <after //:a
      run ["b"]
* //:both <-//:b <-//:a
"#,
    );
}

#[test]
fn labels_wait_for_the_one_before() {
    let source = "task a { run: `a` }\ntask b { run: `b` }\n";
    check_plan(
        source,
        &run("a b"),
        r#"
* //:a
      run ["a"]
* //:b <request //:a
      run ["b"]
"#,
    );
    let mut parallel = run("a b");
    parallel.goal.order = CallOrder::Parallel;
    check_plan(
        source,
        &parallel,
        r#"
* //:a
      run ["a"]
* //:b
      run ["b"]
"#,
    );
}

#[test]
fn a_label_that_is_needed_by_the_one_before_does_not_wait_for_it() {
    check_plan(
        "task test {\n  needs: [build]\n  run: `test`\n}\ntask build { run: `build` }\n",
        &run("test build"),
        r#"
* //:build
      run ["build"]
* //:test <-//:build
      run ["test"]
"#,
    );
}

#[test]
fn reading_outputs_adds_the_edge() {
    check_plan(
        "task gen(name: string) {\n  outputs: [\"gen/${name}.c\"]\n  run: `gen ${name}`\n}\n\
         task build {\n  inputs: [\"src/*.c\", ...gen(\"a\").outputs]\n  run: `cc ${...gen(\"a\").outputs}`\n}\n",
        &run("build"),
        r#"
* //:build <outputs //:gen(name: "a")
      inputs ["src/*.c","gen/a.c"]
      run ["cc", "gen/a.c"]
      cache {"mode":"local"}
  //:gen(name: "a")
      outputs ["gen/a.c"]
      run ["gen", "a"]
"#,
    );
}

#[test]
fn outputs_read_through_a_let_add_the_edge_too() {
    check_plan(
        "task gen { outputs: [\"a.c\"], run: `gen` }\nlet sources = gen.outputs\n\
         task build {\n  inputs: sources\n  run: `cc`\n}\n",
        &run("build"),
        r#"
* //:build <outputs //:gen
      inputs ["a.c"]
      run ["cc"]
      cache {"mode":"local"}
  //:gen
      outputs ["a.c"]
      run ["gen"]
"#,
    );
}

#[test]
fn joined_outputs_are_seen_from_here() {
    check_plan(
        "//- web/tasks.rush\ntask bundle { outputs: [\"dist/a.js\", \"img/*\"], run: `vite` }\n\
         //- api/tasks.rush\nuse \"../web\" as web\n\
         task image {\n  needs: [web.bundle]\n  let files = web.bundle.outputs.join(\" \")\n  \
         run: [`pack ${web.bundle.outputs.join(\",\")}`, sh\"\"\"\n    pack $files\n  \"\"\"]\n}\n\
         //- tasks.rush\nworkspace { members: [\"*\"] }\n",
        &run("//api:image"),
        r#"
warning RUSH0301: the program gets the pattern `web/img/*` itself, not the names of files @ "web.bundle.outputs.join(\",\")"
  note: only a shell replaces a pattern by names, and this command runs without one
* //api:image <-//web:bundle <outputs //web:bundle
      dir "api"
      run ["pack", "../web/dist/a.js,../web/img/*"]; sh "pack $files\n" files=Some("../web/dist/a.js ../web/img/*")
  //web:bundle
      outputs ["web/dist/a.js","web/img/*"]
      dir "web"
      run ["vite"]
"#,
    );
}

#[test]
fn outputs_of_another_package_are_seen_from_here() {
    check_plan(
        "//- web/tasks.rush\ntask bundle { outputs: [\"dist/**\"], run: `vite` }\n\
         //- api/tasks.rush\nuse \"../web\" as web\ntask image {\n  inputs: web.bundle.outputs\n  run: `pack ${...web.bundle.outputs}`\n}\n\
         //- tasks.rush\nworkspace { members: [\"*\"] }\n",
        &run("//api:image"),
        r#"
warning RUSH0301: the program gets the pattern `web/dist/**` itself, not the names of files @ "web.bundle.outputs"
  note: only a shell replaces a pattern by names, and this command runs without one
* //api:image <outputs //web:bundle
      inputs ["web/dist/**"]
      dir "api"
      run ["pack", "../web/dist/**"]
      cache {"mode":"local"}
  //web:bundle
      outputs ["web/dist/**"]
      dir "web"
      run ["vite"]
"#,
    );
}

#[test]
fn a_matrix_makes_a_node_for_each_cell() {
    let source = "task test {\n  matrix {\n    features: [\"default\", \"full\"]\n    backend: [\"sqlite\", \"postgres\"]\n    \
                  exclude: [{ features: \"default\", backend: \"postgres\" }]\n  }\n  \
                  outputs: [\"out/${matrix.features}-${matrix.backend}\"]\n  run: `test ${matrix.features} ${matrix.backend}`\n}\n\
                  task full { needs: [test(features: \"full\")] }\n\
                  task collect {\n  inputs: test.outputs\n  run: `collect`\n}\n";
    check_plan(
        source,
        &run("test"),
        r#"
* //:test[backend: "postgres", features: "full"]
      outputs ["out/full-postgres"]
      run ["test", "full", "postgres"]
* //:test[backend: "sqlite", features: "default"]
      outputs ["out/default-sqlite"]
      run ["test", "default", "sqlite"]
* //:test[backend: "sqlite", features: "full"]
      outputs ["out/full-sqlite"]
      run ["test", "full", "sqlite"]
"#,
    );
    check_plan(
        source,
        &run("full"),
        r#"
* //:full <-//:test[backend: "sqlite", features: "full"] <-//:test[backend: "postgres", features: "full"]
  //:test[backend: "postgres", features: "full"]
      outputs ["out/full-postgres"]
      run ["test", "full", "postgres"]
  //:test[backend: "sqlite", features: "full"]
      outputs ["out/full-sqlite"]
      run ["test", "full", "sqlite"]
"#,
    );
    check_plan(
        source,
        &run("test").flag("backend", &["postgres"]),
        r#"
* //:test[backend: "postgres", features: "full"]
      outputs ["out/full-postgres"]
      run ["test", "full", "postgres"]
"#,
    );
    check_plan(
        source,
        &run("collect"),
        r#"
* //:collect <outputs //:test[backend: "sqlite", features: "default"] <outputs //:test[backend: "sqlite", features: "full"] <outputs //:test[backend: "postgres", features: "full"]
      inputs ["out/default-sqlite","out/full-sqlite","out/full-postgres"]
      run ["collect"]
      cache {"mode":"local"}
  //:test[backend: "postgres", features: "full"]
      outputs ["out/full-postgres"]
      run ["test", "full", "postgres"]
  //:test[backend: "sqlite", features: "default"]
      outputs ["out/default-sqlite"]
      run ["test", "default", "sqlite"]
  //:test[backend: "sqlite", features: "full"]
      outputs ["out/full-sqlite"]
      run ["test", "full", "sqlite"]
"#,
    );
}

#[test]
fn include_adds_cells() {
    check_plan(
        "task test {\n  matrix {\n    os: [\"a\", \"b\"]\n    level: [1]\n    include: [{ os: \"a\", level: 9 }]\n  }\n  run: `test ${matrix.os} ${matrix.level}`\n}\n",
        &run("test"),
        r#"
* //:test[level: 1, os: "a"]
      run ["test", "a", "1"]
* //:test[level: 1, os: "b"]
      run ["test", "b", "1"]
* //:test[level: 9, os: "a"]
      run ["test", "a", "9"]
"#,
    );
}

#[test]
fn an_exclude_without_a_cell_is_a_warning() {
    check_plan(
        "task test {\n  matrix {\n    os: [\"a\", \"b\"]\n    level: [1, 2]\n    exclude: [{ os: \"a\", level: 1 }, { os: \"a\", level: 1 }]\n  }\n  run: `test`\n}\n",
        &run("test"),
        r#"
warning RUSH0506: `exclude` names no cell: { os: "a", level: 1 } @ "{ os: \"a\", level: 1 }"
* //:test[level: 1, os: "b"]
      run ["test"]
* //:test[level: 2, os: "a"]
      run ["test"]
* //:test[level: 2, os: "b"]
      run ["test"]
"#,
    );
}

#[test]
fn a_matrix_has_a_limit() {
    check_plan(
        "let n = [1, 2, 3, 4, 5, 6, 7, 8]\ntask test {\n  matrix { a: n, b: n, c: n, d: n }\n  run: `test`\n}\n",
        &run("test"),
        r#"
error RUSH0505: `matrix` makes 4,096 nodes; the limit is 256 @ "matrix { a: n, b: n, c: n, d: n }"
"#,
    );
}

#[test]
fn a_task_whose_when_is_false_is_skipped_with_what_it_needs() {
    check_plan(
        "task windows {\n  when: host.os == \"windows\"\n  needs: [setup]\n  run: `w`\n}\ntask setup { run: `s` }\n\
         task all { needs: [windows] }\n",
        &run("all"),
        r#"
* //:all <-//:windows
  //:windows
      skip "when"
"#,
    );
}

#[test]
fn outputs_of_a_skipped_task_can_not_be_read() {
    check_plan(
        "task gen {\n  when: host.ci\n  outputs: [\"x\"]\n  run: `gen`\n}\ntask use_it {\n  inputs: gen.outputs\n  run: `cat`\n}\n",
        &run("use_it"),
        r#"
error RUSH0502: `//:use_it` reads the outputs of `//:gen`, which `when` removes @ "gen.outputs"
"#,
    );
}

#[test]
fn a_circle_names_each_step() {
    check_plan(
        "task build { needs: [image], run: `b` }\ntask image { needs: [test], run: `i` }\ntask test { steps: [build], run: `t` }\n",
        &run("test"),
        r#"
error RUSH0501: tasks need each other in a circle: test -> build -> image -> test @ "steps: [build]"
"#,
    );
}

#[test]
fn all_selects_a_task_of_each_package() {
    check_plan(
        "workspace { members: [\"packages/*\"] }\ntask lint {\n  needs: [...all(\"//packages/*\", \"lint\")]\n  run: `l`\n}\n\
         //- packages/a/tasks.rush\ntask lint { run: `a` }\n\
         //- packages/b/tasks.rush\ntask other { run: `b` }\n\
         //- packages/c/tasks.rush\ntask lint { run: `c` }\n",
        &run("lint"),
        r#"
* //:lint <-//packages/a:lint <-//packages/c:lint
      run ["l"]
  //packages/a:lint
      dir "packages/a"
      run ["a"]
  //packages/c:lint
      dir "packages/c"
      run ["c"]
"#,
    );
}

#[test]
fn every_member_of_a_choice_can_be_asked_for() {
    check_plan(
        "type Crate = \"core\" | \"api\"\ntask build(crate: Crate, release: bool = false) {\n  run: `b ${crate}`\n}\n",
        &call("build", "*"),
        r#"
* //:build(crate: "api", release: false)
      run ["b", "api"]
* //:build(crate: "core", release: false)
      run ["b", "core"]
"#,
    );
}
