//! Merging: task, template, profile, workspace; paths; imports.

use super::{With as _, check_plan, run};

#[test]
fn a_field_written_again_replaces_and_env_merges() {
    check_plan(
        "template base {\n  inputs: [\"a\", \"b\"]\n  env { A: \"1\", B: \"1\", C: \"1\" }\n  resources { cpu: 2, memory: 2GiB }\n  timeout: 1m\n}\n\
         task t extends base {\n  inputs: [...base.inputs, \"c\"]\n  env { B: \"2\", C: none }\n  resources { cpu: 4 }\n  run: `t`\n}\n",
        &run("t"),
        r#"
* //:t
      inputs ["a","b","c"]
      run ["t"]
      env {"A":{"text":"1"},"B":{"text":"2"},"C":"unset"}
      timeout_ms 60000
      resources {"cpu":4.0,"memory_bytes":2147483648}
      cache {"mode":"local"}
"#,
    );
}

#[test]
fn templates_have_parameters_and_private_lets() {
    check_plan(
        "template cargo(verb: string, level: int = 1) {\n  let word = \"cargo-${verb}\"\n  env { WORD: word }\n  run: `cargo ${verb} ${level}`\n}\n\
         template strict(verb: string) extends cargo(verb, level: 2) {\n  timeout: 5m\n}\n\
         task t(name: string = \"x\") extends strict(\"test-${name}\") {}\n",
        &run("t"),
        r#"
* //:t(name: "x")
      run ["cargo", "test-x", "2"]
      env {"WORD":{"text":"cargo-test-x"}}
      timeout_ms 300000
"#,
    );
}

#[test]
fn a_task_may_extend_a_task() {
    check_plan(
        "task build { outputs: [\"out\"], run: `make` }\ntask build_fast extends build {\n  run: `make -j`\n}\n",
        &run("build_fast"),
        r#"
* //:build_fast
      outputs ["out"]
      run ["make", "-j"]
"#,
    );
}

#[test]
fn defaults_of_workspace_and_profile_come_last() {
    let source = "workspace {\n  defaults { timeout: 20m, log: \"stream\", env { A: \"w\", B: \"w\" }, bin: [\"//tools\"] }\n}\n\
                  profile ci {\n  defaults { log: \"grouped\", env { A: \"p\" } }\n}\n\
                  task t {\n  env { C: \"t\" }\n  bin: [\"bin\"]\n  run: `t`\n}\ntask own {\n  timeout: 1s\n  log: \"quiet\"\n  env { B: none }\n  run: `t`\n}\n";
    check_plan(
        source,
        &run("t"),
        r#"
* //:t
      run ["t"]
      env {"A":{"text":"w"},"B":{"text":"w"},"C":{"text":"t"}}
      bin ["bin","tools"]
      timeout_ms 1200000
      log "stream"
"#,
    );
    check_plan(
        source,
        &run("t own").profile("ci"),
        r#"
* //:own <request //:t
      run ["t"]
      env {"A":{"text":"p"},"B":"unset"}
      bin ["tools"]
      timeout_ms 1000
      log "quiet"
* //:t
      run ["t"]
      env {"A":{"text":"p"},"B":{"text":"w"},"C":{"text":"t"}}
      bin ["bin","tools"]
      timeout_ms 1200000
      log "grouped"
"#,
    );
}

#[test]
fn a_service_takes_of_the_defaults_what_it_has() {
    check_plan(
        "workspace {\n  defaults { timeout: 20m, log: \"quiet\", env { A: \"w\", B: \"w\" }, env_files: [\".env\"], pass_env: [\"X\"], bin: [\"//tools\"] }\n}\n\
         service s {\n  env { B: none, C: \"s\" }\n  bin: [\".venv/bin\"]\n  run: `s`\n}\ntask t {\n  needs: [s]\n  env { A: none, B: none }\n  env_files: []\n  pass_env: []\n  log: \"stream\"\n  timeout: 1m\n  run: `t`\n}\n",
        &run("t"),
        r#"
//:s
      run ["s"]
      env {"A":{"text":"w"},"B":"unset","C":{"text":"s"}}
      env_files [".env"]
      pass_env ["X"]
      bin [".venv/bin","tools"]
* //:t <-//:s
      run ["t"]
      env {"A":"unset","B":"unset"}
      bin ["tools"]
      timeout_ms 60000
      log "stream"
"#,
    );
}

#[test]
fn later_members_win_over_an_earlier_spread() {
    check_plan(
        "let common = { A: \"1\", B: \"1\" }\ntask t {\n  env { ...common, B: \"2\" }\n  run: `t`\n}\n",
        &run("t"),
        r#"
* //:t
      run ["t"]
      env {"A":{"text":"1"},"B":{"text":"2"}}
"#,
    );
}

#[test]
fn a_path_of_the_command_line_may_not_leave_the_workspace() {
    let source = "task t(p: path = \".\", l: [glob] = [], ...rest: [path]) {\n  run: `t ${p} ${...l} ${...rest}`\n}\n";
    check_plan(
        source,
        &run("t").flag("p", &["../x"]).flag("l", &["a", "!../*"]).rest(&["b", "/c"]),
        r"
usage: `--p`: the path leaves the workspace: `../x`
  help: paths are relative to the package; a leading `//` means the workspace root
usage: `--l`: the path leaves the workspace: `!../*`
  help: paths are relative to the package; a leading `//` means the workspace root
usage: `--`: the path is absolute: `/c`
  help: a file of the system is a text and no `path`; a leading `//` means the workspace root
",
    );
}

#[test]
fn paths_belong_to_the_package_of_the_task() {
    check_plan(
        "workspace { members: [\"web\"] }\n\
         //- lib/js.rush\ntemplate js {\n  inputs: [\"src/**\", \"!src/gen/**\", \"//shared/*.ts\"]\n  dir: \"app\"\n}\nlet out: path = \"dist/app.js\"\n\
         //- web/tasks.rush\nuse \"//lib/js.rush\" as js\ntask bundle extends js.js {\n  outputs: [js.out]\n  env { OUT: js.out }\n  run: `vite --out ${js.out}`\n}\n",
        &run("//web:bundle"),
        r#"
* //web:bundle
      inputs ["web/src/**","!web/src/gen/**","shared/*.ts"]
      outputs ["web/dist/app.js"]
      dir "web/app"
      run ["vite", "--out", "../dist/app.js"]
      env {"OUT":{"path":"web/dist/app.js"}}
      cache {"mode":"local"}
"#,
    );
}

#[test]
fn a_path_may_not_leave_the_workspace() {
    check_plan(
        "//- web/tasks.rush\nfn up(n: int) -> path = if n > 1 then \"../../x\" else \"../x\"\ntask a(n: int) {\n  outputs: [up(n)]\n  run: `a`\n}\n//- tasks.rush\nworkspace {}\ntask all { needs: [] }\n",
        &run("//web:a").flag("n", &["2"]),
        r#"
error RUSH0507: `../../x` lies outside the workspace @ "\"../../x\""
"#,
    );
}

#[test]
fn a_task_of_another_file_belongs_to_its_package() {
    check_plan(
        "use \"./lib/rust.rush\" as rust\ntask lint { needs: [rust.clippy] }\n\
         //- lib/rust.rush\ntask clippy {\n  inputs: [\"src/**\"]\n  run: `cargo clippy`\n}\n",
        &run("lint"),
        r#"
//:lib.rust.clippy
      inputs ["src/**"]
      run ["cargo", "clippy"]
      cache {"mode":"local"}
* //:lint <-//:lib.rust.clippy
"#,
    );
    check_plan(
        "use \"./lib/rust.rush\" as rust\n//- lib/rust.rush\ntask clippy { run: `cargo clippy` }\n",
        &run("lib.rust.clippy"),
        r#"
* //:lib.rust.clippy
      run ["cargo", "clippy"]
"#,
    );
}

#[test]
fn mistakes_nobody_reaches_are_in_nobodys_way() {
    let source = "task good { run: `true` }\ntask bad { run: `echo ${nothing}` }\n";
    check_plan(
        source,
        &run("good"),
        r#"
* //:good
      run ["true"]
"#,
    );
    check_plan(
        source,
        &run("bad"),
        r#"
error RUSH0102: nothing is named `nothing` here @ "nothing"
"#,
    );
}

#[test]
fn what_is_only_named_in_after_is_in_nobodys_way() {
    let source = "task bad(n: int = nothing) { run: `echo ${n}` }\n\
                  task cells {\n  matrix { a: [1 / 0] }\n  run: `echo ${matrix.a}`\n}\n\
                  task good {\n  after: [bad, cells]\n  run: `true`\n}\n";
    check_plan(
        source,
        &run("good"),
        r#"
* //:good
      run ["true"]
"#,
    );
    check_plan(
        source,
        &run("good bad cells"),
        r#"
error RUSH0102: nothing is named `nothing` here @ "nothing"
error RUSH0404: division by zero @ "1 / 0"
"#,
    );
}
