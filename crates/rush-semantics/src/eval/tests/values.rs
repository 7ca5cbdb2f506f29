//! Values: operators, methods, texts, commands, scripts, secrets, checks, the outside world.

use std::fmt::Write as _;

use rush_plan::{ReadKey, ReadValue, WorkspacePath};

use super::{With as _, check_plan, planned, run};

/// Plans a task that prints the words.
#[track_caller]
fn check_words(items: &str, command: &str, expect: &str) {
    check_plan(&format!("{items}\ntask t {{\n  run: `echo {command}`\n}}\n"), &run("t"), expect);
}

#[test]
fn arithmetic_and_text_forms() {
    check_words(
        "let n = 7",
        "${n / 2} ${n % 4} ${-n} ${1.5 * 2} ${10m} ${500ms} ${2KB} ${1h / 2} ${2 * 30s} ${true} ${1s + 1ms} ${\"a\" + \"b\"}",
        r#"
* //:t
      run ["echo", "3", "3", "-7", "3", "600s", "0.5s", "2000", "1800s", "60s", "true", "1.001s", "ab"]
"#,
    );
}

#[test]
fn methods() {
    check_words(
        "let text = \" a-b \"\nlet p: path = \"src/main.test.c\"\nlet m = { x: 1, y: 2 }",
        "${text.trim().upper()} ${text.len()} ${\"a,b\".split(\",\").join(\"+\")} ${\"aXa\".replace(\"X\", \"-\")} \
         ${p.name()} ${p.stem()} ${p.ext() ?? \"\"} ${p.parent()} ${...m.keys()} ${[1, 2].contains(2)} ${(90s).seconds()} ${(2KB).bytes()}",
        r#"
* //:t
      run ["echo", "A-B", "5", "a+b", "a-a", "main.test.c", "main.test", "c", "src", "x", "y", "true", "90", "2000"]
"#,
    );
}

#[test]
fn lists_spread_loop_and_choose() {
    check_words(
        "let xs = [1, 2, 3]\nlet maybe: string? = none",
        "${...[for x in xs if x != 2: x * 10]} ${...[0, ...xs, if host.ci: 9, if !host.ci: 8]} ${...maybe} ${...flag(\"--x\", maybe)} ${...flag(\"--y\", \"v\")}",
        r#"
* //:t
      run ["echo", "10", "30", "0", "1", "2", "3", "8", "--y", "v"]
"#,
    );
}

#[test]
fn tables_are_indexed() {
    check_plan(
        "type Env = \"dev\" | \"prod\"\ntask t(e: Env) {\n  let n = { dev: 1, prod: 6 }[e]\n  run: `scale ${n} ${[10, 20][0]} ${...Env.values}`\n}\n",
        &run("t").flag("e", &["prod"]),
        r#"
* //:t(e: "prod")
      run ["scale", "6", "10", "dev", "prod"]
"#,
    );
}

#[test]
fn a_map_need_not_have_the_entry() {
    check_words(
        "let m: map(int) = { a: 1 }\n",
        "x ${m[\"a\"] ?? 7} ${m[\"b\"] ?? 7} ${m.a ?? 7} ${m.b ?? 7}",
        r#"
* //:t
      run ["echo", "x", "1", "7", "1", "7"]
"#,
    );
}

#[test]
fn an_index_out_of_range_and_a_division_by_zero_have_no_result() {
    check_plan(
        "task t(n: int) {\n  run: `echo ${[1, 2][n]} ${7 / (n - 3)}`\n}\n",
        &run("t").flag("n", &["3"]),
        r#"
error RUSH0404: there is no element 3 in a list of 2 @ "n"
  note: the first element has the index 0
"#,
    );
    check_plan(
        "task t(n: int) {\n  run: `echo ${7 / (n - 1)}`\n}\n",
        &run("t").flag("n", &["1"]),
        r#"
error RUSH0404: division by zero @ "7 / (n - 1)"
"#,
    );
}

#[test]
fn a_named_refinement_is_a_check() {
    let source = "type Port = int(1024..=65535)\nfn next(n: int) -> Port = Port(n + 1)\ntask t(n: int) {\n  run: `serve ${next(n)}`\n}\n";
    check_plan(
        source,
        &run("t").flag("n", &["8080"]),
        r#"
* //:t(n: 8080)
      run ["serve", "8081"]
"#,
    );
    check_plan(
        source,
        &run("t").flag("n", &["80"]),
        r#"
error RUSH0206: 81 is outside 1024..=65535 @ "n + 1"
"#,
    );
}

#[test]
fn scripts_get_the_values_they_use() {
    check_plan(
        "param registry: string = \"localhost\"\ntask t(name: string = \"it's\", other: int = 1, none_here: string? = none) {\n  \
         let count = 3\n  run: sh\"\"\"\n    echo \"$name $count $registry ${none_here:-}\"\n  \"\"\"\n}\n",
        &run("t"),
        r#"
* //:t(name: "it's", none_here: null, other: 1)
      run sh "echo \"$name $count $registry ${none_here:-}\"\n" count=Some("3") name=Some("it's") none_here=None registry=Some("localhost")
"#,
    );
}

#[test]
fn scripts_take_arguments() {
    check_plan(
        "let files = [\"a b\", \"c\"]\ntask t {\n  run: bash\"\"\"\n    ls \"$@\"\n  \"\"\".args(files)\n}\n",
        &run("t"),
        r#"
* //:t
      run bash "ls \"$@\"\n" args ["a b", "c"]
"#,
    );
}

#[test]
fn a_path_is_what_the_task_finds_it_by() {
    let declared = "task g {\n  outputs: [\"gen/x\"]\n  run: `g`\n}\n\
        let words = `w ${...g.outputs} ${g.outputs.join(\":\")}`\n\
        let again = { all: [words] }\n\
        fn f(of: [glob]) -> command = sh\"\"\"\n  f\n\"\"\".args(of)\n";
    let tasks = "task t {\n  dir: \"sub\"\n  run: [...again.all, f(g.outputs)]\n}\n\
        task u {\n  run: [...again.all, f(g.outputs)]\n}\n";
    let plan = planned(&format!("{declared}{tasks}"), &run("t u"));
    for (label, path) in [("//:t", "../gen/x"), ("//:u", "gen/x")] {
        let node = plan.nodes().iter().find(|it| it.label() == label).unwrap();
        let rush_plan::Work::Task(task) = &node.work else { panic!("it is a task") };
        let shown = format!("{:?}", task.run);
        assert!(!shown.contains("//gen"), "{label}: {shown}");
        assert_eq!(shown.matches(&format!("\"{path}\"")).count(), 3, "{label}: {shown}");
    }
}

#[test]
fn who_is_called_twice_lends_its_needs_to_nobody() {
    check_plan(
        "service db(port: int = 1) { run: `db` }\n\
         task a(url: string = \"u${db.port}\") {\n  needs: [db(2)]\n  run: `a ${url}`\n}\n\
         task b(n: int = 1) {\n  run: `b ${n}`\n}\n\
         task all { needs: [a, a, b] }\n",
        &run("all"),
        r#"
//:a(url: "u2") <-//:db(port: 2)
      run ["a", "u2"]
* //:all <-//:a(url: "u2") <-//:b(n: 1)
  //:b(n: 1)
      run ["b", "1"]
  //:db(port: 2)
      run ["db"]
"#,
    );
}

#[test]
fn globs_take_holes_literally() {
    check_plan(
        "task t(name: string) {\n  inputs: [\"src/${name}/*.c\"]\n  outputs: [\"out/${name}.o\"]\n  run: `cc`\n}\n",
        &run("t").flag("name", &["a*b"]),
        r#"
* //:t(name: "a*b")
      inputs ["src/a\\*b/*.c"]
      outputs ["out/a\\*b.o"]
      run ["cc"]
      cache {"mode":"local"}
"#,
    );
}

#[test]
fn secrets_are_names() {
    check_plan(
        "secret token { from: env(\"TOKEN\") }\nsecret pw { from: file(\"secrets/pw\"), mount: \"file\" }\n\
         task t {\n  env { A: token, B: \"x:${pw}@y\", C: none, D: \"plain\" }\n  stdin: \"login ${token}\"\n  run: `t`\n}\n",
        &run("t"),
        r#"
secret pw: {"file":"secrets/pw"}
secret token: {"env":"TOKEN"}
* //:t
      run ["t"]
      env {"A":{"secret":"token"},"B":{"parts":[{"text":"x:"},{"secret":"pw"},{"text":"@y"}]},"C":"unset","D":{"text":"plain"}}
      stdin {"parts":[{"text":"login "},{"secret":"token"}]}
"#,
    );
}

#[test]
fn checks_show_the_operands() {
    let source = "type Env = \"dev\" | \"prod\"\ntask deploy(target: Env) {\n  check profile.name == \"ci\" || target != \"prod\", \"deploy to prod needs --profile ci\"\n  run: `d`\n}\nprofile ci {}\n";
    check_plan(
        source,
        &run("deploy").flag("target", &["prod"]),
        r#"
error RUSH0601: check failed: deploy to prod needs --profile ci @ "profile.name == \"ci\" || target != \"prod\""
  note: `profile.name` is none
  note: `target` is "prod"
"#,
    );
    check_plan(
        source,
        &run("deploy").flag("target", &["prod"]).profile("ci"),
        r#"
* //:deploy(target: "prod")
      run ["d"]
"#,
    );
}

#[test]
fn checks_of_a_file_and_of_a_template_count() {
    check_plan(
        "let n = 3\ncheck n < 3, \"too many\"\ntemplate base(m: int) {\n  check m > 0, \"m must be positive\"\n}\ntask t extends base(n - 3) { run: `t` }\n",
        &run("t"),
        r#"
error RUSH0601: check failed: m must be positive @ "m > 0"
  note: `m` is 0
error RUSH0601: check failed: too many @ "n < 3"
  note: `n` is 3
"#,
    );
}

#[test]
fn reads_are_asked_for_and_recorded() {
    let source = "param port: int = env(\"PORT\") ?? 80\nparam tag: string? = file(\"VERSION\")\ntask t {\n  run: `serve ${port} ${...tag} ${...files(\"src/*.c\")}`\n}\n";
    check_plan(
        source,
        &run("t"),
        r#"
needs `env("PORT")`
"#,
    );
    let answered = |port: &str| {
        run("t")
            .read(ReadKey::Env("PORT".into()), ReadValue::Text(port.into()))
            .read(
                ReadKey::File(WorkspacePath::new("VERSION").unwrap()),
                ReadValue::Text("1.2\n".into()),
            )
            .read(
                ReadKey::Files("src/*.c".into()),
                ReadValue::Names(vec![WorkspacePath::new("src/a.c").unwrap()]),
            )
    };
    check_plan(
        source,
        &answered("8080"),
        r#"
* //:t
      run ["serve", "8080", "1.2", "src/a.c"]
"#,
    );
    check_plan(
        source,
        &answered("many"),
        r#"
error RUSH0204: `env("PORT")`: expected int, found "many" @ "env(\"PORT\")"
"#,
    );
}

#[test]
fn set_wins_over_the_profile_and_the_profile_over_the_default() {
    let source = "param a: string = \"default\"\nprofile ci { a: \"profile\" }\ntask t { run: `echo ${a}` }\n";
    check_plan(
        source,
        &run("t"),
        r#"
* //:t
      run ["echo", "default"]
"#,
    );
    check_plan(
        source,
        &run("t").profile("ci"),
        r#"
* //:t
      run ["echo", "profile"]
"#,
    );
    check_plan(
        source,
        &run("t").profile("ci").set("a", "set"),
        r#"
* //:t
      run ["echo", "set"]
"#,
    );
    check_plan(
        source,
        &run("t").flag("a", &["flag"]),
        r#"
* //:t
      run ["echo", "flag"]
"#,
    );
}

#[test]
fn all_fields_reach_the_plan() {
    check_plan(
        "task t {\n  inputs: []\n  depfile: \"x.d\"\n  dir: \"sub\"\n  run: [`a`, `b`]\n  finally: `c`\n  env_files: [\".env\"]\n  \
         pass_env: [\"X\"]\n  tools: [\"cc\"]\n  bin: [\"bin\"]\n  stdin: \"hi\"\n  confirm: \"sure?\"\n  timeout: 90s\n  \
         retry { attempts: 3, delay: fixed(2s), on_codes: [1], on_pattern: r\"x+\", on_timeout: true }\n  \
         resources { cpu: 1.5, memory: 1GiB, slots: { gpu: 1 } }\n  limit { group: \"g\", max: 2 }\n  \
         cache { mode: \"stamp\", ttl: 1h, key: [\"v1\"] }\n  allow_failure: true\n  interactive: true\n  log: \"quiet\"\n}\n",
        &run("t"),
        r#"
* //:t
      inputs []
      depfile "x.d"
      dir "sub"
      run ["a"]; ["b"]
      finally ["c"]
      env_files [".env"]
      pass_env ["X"]
      tools ["cc"]
      bin ["bin"]
      stdin {"text":"hi"}
      confirm "sure?"
      timeout_ms 90000
      retry {"attempts":3,"delay":{"fixed":{"delay_ms":2000}},"on_codes":[1],"on_pattern":"x+","on_timeout":true}
      resources {"cpu":1.5,"memory_bytes":1073741824,"slots":{"gpu":1}}
      limit {"group":"g","max":2}
      cache {"mode":"stamp","ttl_ms":3600000,"key":["v1"]}
      allow_failure true
      interactive true
      log "quiet"
"#,
    );
}

#[test]
fn a_service_has_its_fields() {
    check_plan(
        "task init { run: `i` }\nservice s {\n  needs: [init]\n  run: `serve`\n  dir: \"srv\"\n  env { A: \"1\" }\n  inputs: [\"conf/**\"]\n  \
         ready { probe: exec(`check`), timeout: 5s }\n  stop { signal: \"SIGINT\" }\n  restart: \"always\"\n}\n",
        &run("s"),
        r#"
//:init
      run ["i"]
* //:s <-//:init
      run ["serve"]
      dir "srv"
      env {"A":{"text":"1"}}
      inputs ["conf/**"]
      ready {"probe":{"exec":{"run":{"argv":{"words":["check"]}}}},"every_ms":200,"timeout_ms":5000}
      restart "always"
"#,
    );
}

#[test]
fn a_shared_list_of_commands_is_worked_out_once_a_directory() {
    let commands = vec!["`w ${...g.outputs}`"; 200].join("\n  ");
    let mut text = format!(
        "task g {{\n  outputs: [\"gen/x\"]\n  run: `g`\n}}\nlet all = [\n  {commands}\n]\n"
    );
    for at in 0..400 {
        writeln!(text, "task t{at} {{\n  dir: \"d{}\"\n  run: `t ${{all.len()}}`\n}}", at % 3)
            .unwrap();
    }
    let names: Vec<String> = (0..400).map(|at| format!("t{at}")).collect();
    assert_eq!(planned(&text, &run(&names.join(" "))).nodes().len(), 401);
}

#[test]
fn names_of_files_are_those_of_the_file_that_asks() {
    let shared = "task g {\n  outputs: [\"gen/x\"]\n  run: `g`\n}\nlet both = [`w ${...g.outputs}`, `v ${...files(\"*.c\")}`]\n";
    let text = format!(
        "workspace {{\n  members: [\"app\"]\n}}\n{shared}//- app/tasks.rush\nuse \"..\" as root\ntask t {{\n  run: root.both\n}}\n"
    );
    check_plan(
        &text,
        &run("//app:t").read(
            ReadKey::Files("*.c".to_owned()),
            ReadValue::Names(vec![WorkspacePath::new("a.c").unwrap()]),
        ),
        r#"
//:g
      outputs ["gen/x"]
      run ["g"]
* //app:t <outputs //:g
      dir "app"
      run ["w", "../gen/x"]; ["v", "../a.c"]
"#,
    );
}
