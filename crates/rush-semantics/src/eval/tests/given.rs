//! Tests of paths that tasks are given.

use super::{check_plan, run};

const TWO_PACKAGES: &str = "//- tasks.rush\nworkspace { members: [\"web\"] }\nuse \"web\" as web\n";

#[test]
fn a_path_that_is_handed_on_stays_the_place_it_was_for_who_got_it_first() {
    check_plan(
        &format!(
            "{TWO_PACKAGES}\
             task mid(p: path = \"gen/x\") {{ needs: [web.show(p), web.show(\"gen/x\")] }}\n\
             task all {{ needs: [mid(), mid(\"gen/x\"), mid(\"//gen/x\"), mid(\"gen//x\")] }}\n\
             //- web/tasks.rush\ntask show(p: path) {{ run: `show ${{p}}` }}\n"
        ),
        &run("all"),
        r#"
* //:all <-//:mid(p: {"path":"gen/x"})
  //:mid(p: {"path":"gen/x"}) <-//web:show(p: {"path":"gen/x"}) <-//web:show(p: {"path":"web/gen/x"})
  //web:show(p: {"path":"gen/x"})
      dir "web"
      run ["show", "../gen/x"]
  //web:show(p: {"path":"web/gen/x"})
      dir "web"
      run ["show", "gen/x"]
"#,
    );
}

#[test]
fn paths_in_texts_lists_records_and_commands_are_handed_on_like_paths() {
    check_plan(
        &format!(
            "{TWO_PACKAGES}\
             task mid(p: path) {{\n  needs: [web.text(\"-i${{p}}\"), web.globs([glob(\"${{p}}/*.c\"), \"!gen/y\"]), web.record({{ p: p }}), web.command(`cat ${{p}}`)]\n}}\n\
             task all {{ needs: [mid(\"gen\")] }}\n\
             //- web/tasks.rush\n\
             task text(it: string) {{ run: `t ${{it}}` }}\n\
             task globs(it: [glob]) {{\n  inputs: it\n  run: `cat`\n}}\n\
             task record(it: {{ p: path }} = {{ p: \"p\" }}) {{ run: `r ${{it.p}}` }}\n\
             task command(it: command = `true`) {{ run: it }}\n"
        ),
        &run("all"),
        r#"
* //:all <-//:mid(p: {"path":"gen"})
  //:mid(p: {"path":"gen"}) <-//web:text(it: {"expression":"\"-i${path(\"//gen\")}\""}) <-//web:globs(it: [{"glob":"gen/*.c"},{"glob":"!web/gen/y"}]) <-//web:record(it: {"record":{"p":{"path":"gen"}}}) <-//web:command(it: {"expression":"`cat ${path(\"//gen\")}`"})
  //web:command(it: {"expression":"`cat ${path(\"//gen\")}`"})
      dir "web"
      run ["cat", "../gen"]
  //web:globs(it: [{"glob":"gen/*.c"},{"glob":"!web/gen/y"}])
      inputs ["gen/*.c","!web/gen/y"]
      dir "web"
      run ["cat"]
      cache {"mode":"local"}
  //web:record(it: {"record":{"p":{"path":"gen"}}})
      dir "web"
      run ["r", "../gen"]
  //web:text(it: {"expression":"\"-i${path(\"//gen\")}\""})
      dir "web"
      run ["t", "-i../gen"]
"#,
    );
}

#[test]
fn a_task_reads_a_path_as_it_was_written_for_it() {
    check_plan(
        "//- tasks.rush\nworkspace { members: [\"web\"] }\n\
         //- web/tasks.rush\n\
         task go(p: path) {\n  dir: \"cmd\"\n  outputs: [\"out/${p}.o\"]\n  run: `go ${p} ${p.name()} ${p == \"//web/cmd/a\"} ${\"${p}/b\"}`\n}\n\
         task there(p: path) { run: `go ${p}` }\n\
         task all { needs: [go(\"cmd/a\"), there(\"./cmd/a\"), there(\"cmd/a\"), there(\"cmd/a/\"), there(\"../lib\"), there(\"//lib\")] }\n",
        &run("//web:all"),
        r#"
* //web:all <-//web:go(p: {"path":"web/cmd/a"}) <-//web:there(p: {"expression":"\"./cmd/a\""}) <-//web:there(p: {"path":"web/cmd/a"}) <-//web:there(p: {"expression":"\"cmd/a/\""}) <-//web:there(p: {"path":"lib"})
      dir "web"
  //web:go(p: {"path":"web/cmd/a"})
      outputs ["web/out/cmd/a.o"]
      dir "web/cmd"
      run ["go", "a", "a", "true", "a/b"]
  //web:there(p: {"expression":"\"./cmd/a\""})
      dir "web"
      run ["go", "./cmd/a"]
  //web:there(p: {"expression":"\"cmd/a/\""})
      dir "web"
      run ["go", "cmd/a/"]
  //web:there(p: {"path":"lib"})
      dir "web"
      run ["go", "../lib"]
  //web:there(p: {"path":"web/cmd/a"})
      dir "web"
      run ["go", "cmd/a"]
"#,
    );
}

#[test]
fn a_call_with_a_task_is_named_by_what_that_is_called_with() {
    check_plan(
        "task show(p: path, n: int = 1) { run: `show ${p} ${n}` }\n\
         task relay(it: task = show(\"a\")) { needs: [it] }\n\
         task all { needs: [relay(show(\"a\")), relay(show(\"//a\")), relay(show(\"b\", n: 2))] }\n",
        &run("all"),
        r#"
* //:all <-//:relay(it: {"reference":"//:show(p: \"a\")"}) <-//:relay(it: {"reference":"//:show(p: \"b\", n: 2)"})
  //:relay(it: {"reference":"//:show(p: \"a\")"}) <-//:show(n: 1, p: {"path":"a"})
  //:relay(it: {"reference":"//:show(p: \"b\", n: 2)"}) <-//:show(n: 2, p: {"path":"b"})
  //:show(n: 1, p: {"path":"a"})
      run ["show", "a", "1"]
  //:show(n: 2, p: {"path":"b"})
      run ["show", "b", "2"]
"#,
    );
}

#[test]
fn cells_of_a_matrix_that_read_the_same_are_one() {
    check_plan(
        &format!(
            "{TWO_PACKAGES}\
             task t {{\n  matrix {{ f: [path(\"gen/x\"), path(\"//gen/x\")], include: [{{ f: path(\"gen//x\") }}] }}\n  needs: [web.show(matrix.f)]\n}}\n\
             task u {{\n  matrix {{ f: [\"gen/x\", \"${{path(\"//gen/x\")}}\"] }}\n  run: `u ${{matrix.f}}`\n}}\n\
             //- web/tasks.rush\ntask show(p: path) {{ run: `show ${{p}}` }}\n"
        ),
        &run("t u"),
        r#"
* //:t[f: {"path":"gen/x"}] <-//web:show(p: {"path":"gen/x"})
* //:u[f: "gen/x"] <request //:t[f: {"path":"gen/x"}]
      run ["u", "gen/x"]
  //web:show(p: {"path":"gen/x"})
      dir "web"
      run ["show", "../gen/x"]
"#,
    );
}

#[test]
fn a_name_with_a_command_can_be_typed() {
    let tasks = "let x = path(\"//gen/x\")\n\
         task echo(it: command = `true`) { run: it }\n\
         task all { needs: [echo(`cat ${x} ${...[1]}`), echo(`cat ${x} 1`), echo(`cat ${x} ${\"a`b\\n\"}`)] }\n";
    check_plan(
        tasks,
        &run("all"),
        r#"
* //:all <-//:echo(it: {"expression":"`cat ${path(\"gen/x\")} 1`"}) <-//:echo(it: {"expression":"`cat ${path(\"gen/x\")} ${\"a\\u{60}b\\n\"}`"})
  //:echo(it: {"expression":"`cat ${path(\"gen/x\")} ${\"a\\u{60}b\\n\"}`"})
      run ["cat", "gen/x", "a`b\n"]
  //:echo(it: {"expression":"`cat ${path(\"gen/x\")} 1`"})
      run ["cat", "gen/x", "1"]
"#,
    );
}

#[test]
fn more_can_stand_behind_the_root() {
    check_plan(
        "//- tasks.rush\nworkspace { members: [\"web\"] }\n\
         //- web/tasks.rush\n\
         task clean(base: path = \"..\", one: path = \"s/\") {\n  outputs: [\"${base}/out\"]\n  run: `rm ${path(\"${base}/build\")} ${base} ${one}`\n}\n",
        &run("//web:clean"),
        r#"
* //web:clean(base: {"path":"."}, one: {"expression":"\"s/\""})
      outputs ["out"]
      dir "web"
      run ["rm", "../build", "..", "s/"]
"#,
    );
}
