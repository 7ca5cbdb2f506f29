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
fn a_service_runs_once_for_its_arguments() {
    check_plan(
        "service db(port: int(1..=65535) = 5432) {\n  run: `postgres -p ${port}`\n  ready { probe: tcp(port), every: 1s }\n}\n\
         task a {\n  needs: [db]\n  env { URL: \"localhost:${db.port}\" }\n  run: `a`\n}\n\
         task b {\n  needs: [db(6000)]\n  env { URL: \"localhost:${db.port}\" }\n  run: `b`\n}\n\
         task c {\n  needs: [db(port: 5432)]\n  run: `c`\n}\ntask all { needs: [a, b, c] }\n",
        &run("all"),
        r#"
//:a <-//:db(port: 5432)
      run ["a"]
      env {"URL":{"text":"localhost:5432"}}
* //:all <-//:a <-//:b <-//:c
  //:b <-//:db(port: 6000)
      run ["b"]
      env {"URL":{"text":"localhost:6000"}}
  //:c <-//:db(port: 5432)
      run ["c"]
  //:db(port: 5432)
      run ["postgres", "-p", "5432"]
      ready {"probe":{"tcp":{"port":5432}},"every_ms":1000,"timeout_ms":60000}
  //:db(port: 6000)
      run ["postgres", "-p", "6000"]
      ready {"probe":{"tcp":{"port":6000}},"every_ms":1000,"timeout_ms":60000}
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
fn a_service_is_read_as_the_task_at_work_needs_it() {
    check_plan(
        "service db(port: int) {\n  run: `db ${port}`\n}\n\
         let url = \"localhost:${db.port}\"\nlet urls = [url]\n\
         fn of(host: string) -> string = \"${host}:${db.port}\"\n\
         template reads {\n  env { URL: url }\n}\n\
         task a extends reads {\n  needs: [db(6)]\n  run: `a ${...urls} ${of(\"h\")}`\n}\n\
         task b(at: string = url) extends reads {\n  steps: [db(7)]\n  run: `b ${at}`\n}\n\
         task c {\n  needs: [db(8), b(of(\"x\"))]\n  run: `c`\n}\n",
        &run("a b c"),
        r#"
* //:a <-//:db(port: 6)
      run ["a", "localhost:6", "h:6"]
      env {"URL":{"text":"localhost:6"}}
* //:b(at: "localhost:7") <step //:db(port: 7) <request //:a
      run ["b", "localhost:7"]
      env {"URL":{"text":"localhost:7"}}
  //:b(at: "x:8") <step //:db(port: 7) <request //:b(at: "localhost:7")
      run ["b", "x:8"]
      env {"URL":{"text":"localhost:7"}}
* //:c <-//:db(port: 8) <-//:b(at: "x:8") <request //:b(at: "localhost:7")
      run ["c"]
  //:db(port: 6)
      run ["db", "6"]
  //:db(port: 7) <request //:a
      run ["db", "7"]
  //:db(port: 8) <request //:b(at: "localhost:7")
      run ["db", "8"]
"#,
    );
}

#[test]
fn a_service_is_found_however_the_list_of_needs_is_made() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\n\
         let url = \"u:${db.port}\"\nparam x: bool = true\ntask m(u: string) {\n  run: `m ${u}`\n}\n\
         task a {\n  needs: [if x: db(6), m(url)]\n  run: `a ${url}`\n}\n\
         task b {\n  needs: [...[db(6)], m(url)]\n  run: `b ${url}`\n}\n\
         task c {\n  let s = db(6)\n  needs: [s, m(url)]\n  run: `c ${url}`\n}\n\
         task d {\n  needs: [for p in [6]: db(p), m(url)]\n  run: `d ${url}`\n}\n\
         task e {\n  needs: [db(6)] + [m(url)]\n  run: `e ${url}`\n}\n\
         task g {\n  needs: [m(url), db(6)]\n  run: `g ${url}`\n}\n\
         task h {\n  needs: [db(db.port + 2)]\n  run: `h ${db.port}`\n}\n",
        &run("a b c d e g h"),
        r#"
* //:a <-//:db(port: 6) <-//:m(u: "u:6")
      run ["a", "u:6"]
* //:b <-//:db(port: 6) <-//:m(u: "u:6") <request //:a
      run ["b", "u:6"]
* //:c <-//:db(port: 6) <-//:m(u: "u:6") <request //:b
      run ["c", "u:6"]
* //:d <-//:db(port: 6) <-//:m(u: "u:6") <request //:c
      run ["d", "u:6"]
  //:db(port: 6)
      run ["db", "6"]
  //:db(port: 7) <request //:g
      run ["db", "7"]
* //:e <-//:db(port: 6) <-//:m(u: "u:6") <request //:d
      run ["e", "u:6"]
* //:g <-//:m(u: "u:5") <-//:db(port: 6) <request //:e
      run ["g", "u:6"]
* //:h <-//:db(port: 7) <request //:g
      run ["h", "7"]
  //:m(u: "u:5") <request //:e
      run ["m", "u:5"]
  //:m(u: "u:6")
      run ["m", "u:6"]
"#,
    );
}

#[test]
fn a_service_nobody_needs_is_told_where_it_is_read() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\nlet url = \"localhost:${db.port}\"\n\
         task a {\n  run: `a ${url}`\n}\n",
        &run("a"),
        r#"
warning RUSH0806: this reads a parameter of `db`, which is not in `needs` @ "db.port"
* //:a
      run ["a", "localhost:5"]
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
