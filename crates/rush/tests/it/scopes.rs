//! Looking at what there is: `describe` and `graph`.

use crate::rush;

const DESCRIPTION: &str = include_str!("../../../../docs/schemas/describe-1.json");

/// What a document says, which follows the published schema.
fn described(stdout: &str) -> serde_json::Value {
    let schema = serde_json::from_str(DESCRIPTION).expect("a schema is JSON");
    let schema = jsonschema::draft202012::new(&schema).expect("a valid schema");
    let document = serde_json::from_str(stdout).expect("one JSON document");
    let errors: Vec<String> =
        schema.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{document}\n{}", errors.join("\n"));
    document
}

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
    let shown = described(&rush.status(0).run().stdout);
    let schema = &shown["tasks"][0]["schema"];
    assert_eq!(schema["properties"]["crate"]["enum"], serde_json::json!(["core", "api"]));
    assert_eq!(schema["properties"]["crate"]["description"], "Which crate.");
    assert_eq!(schema["properties"]["crate"]["default"], "core");
}

#[test]
fn the_schema_of_the_parameters_accepts_their_defaults() {
    let tasks = "task a(d: duration = 5s, at: path = \"x\", ...rest: [string]) {\n  run: `echo ${d} ${at} ${...rest}`\n}\n";
    let rush = rush().file("tasks.rush", tasks).args(["describe", "a", "-o", "json"]).status(0);
    let shown = described(&rush.run().stdout);
    let schema = &shown["tasks"][0]["schema"];
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(schema).expect("a valid schema");
    let accepts = |it: serde_json::Value| validator.is_valid(&it);
    assert!(accepts(serde_json::json!({ "d": schema["properties"]["d"]["default"], "at": "x" })));
    assert!(accepts(serde_json::json!({ "rest": ["--all", "x"] })));
    assert!(
        !accepts(serde_json::json!({ "d": "PT5S" }))
            && !accepts(serde_json::json!({ "rest": "x" }))
    );
}

#[test]
fn the_schema_of_the_parameters_accepts_what_a_flag_may_have() {
    let rush = || {
        rush().file(
            "tasks.rush",
            "task a(d: duration = 1s, s: size = 1B, r: regex = r\"(?i)a\") {\n  \
             matrix { os: [\"x\", \"y\"], n: [1, 2] }\n  run: `echo ${d} ${s} ${r} ${matrix.os} ${matrix.n}`\n}\n",
        )
    };
    let shown = described(&rush().args(["describe", "a", "-o", "json"]).status(0).run().stdout);
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&shown["tasks"][0]["schema"]).expect("a valid schema");
    let check = |name: &str, value: serde_json::Value, is_valid: bool| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        rush()
            .args(["plan", "a", &format!("--{name}={text}")])
            .status(if is_valid { 0 } else { 2 })
            .run();
        let values = serde_json::json!({ name: value });
        assert_eq!(validator.is_valid(&values), is_valid, "{values}");
    };
    for (duration, is_valid) in [
        ("1h30m", true),
        ("1.5h", true),
        (".5s", true),
        ("-1.5h3s", true),
        (".5h", false),
        ("5", false),
    ] {
        check("d", duration.into(), is_valid);
    }
    for (size, is_valid) in
        [("1_000", true), ("1.5GB", true), ("2KiB", true), ("1.5", false), ("-1B", false)]
    {
        check("s", size.into(), is_valid);
    }
    check("r", "(?i)b".into(), true);
    check("os", "x".into(), true);
    check("os", "z".into(), false);
    check("n", 2.into(), true);
}

#[test]
fn a_schema_has_the_defaults_that_are_written_out() {
    let tasks = "let where = \"x\"\ntask a(n: int = -3, far: bool = false, d: duration = 1h30m, f: float = 0.5, \
                 s: string? = none, l: [string] = [\"x\", \"\"], c: string = \"${where}y\", r: string) {\n  \
                 run: `echo ${n} ${far} ${d} ${f} ${...s} ${...l} ${c} ${r}`\n}\n";
    let shown = rush().file("tasks.rush", tasks).args(["describe", "a", "-o", "json"]).status(0);
    let shown: serde_json::Value = serde_json::from_str(&shown.run().stdout).unwrap();
    let properties = shown["tasks"][0]["schema"]["properties"].as_object().unwrap();
    let defaults: serde_json::Map<_, _> = properties
        .iter()
        .filter_map(|(name, it)| Some((name.clone(), it.get("default")?.clone())))
        .collect();
    assert_eq!(
        serde_json::Value::from(defaults),
        serde_json::json!({
            "n": -3, "far": false, "d": "1h30m", "f": 0.5, "s": null, "l": ["x", ""]
        })
    );
}

const WRITTEN: &str = r#"
template base {
  timeout: 10m
  env { LOG: "warn", A: "base" }
}
/// Compile it.
task build(crate: "core" | "api" = "core") extends base {
  needs: [gen]
  inputs: [
    "src/**"
    "Cargo.toml"
  ]
  outputs: ["out/${crate}"]
  env { A: "own" }
  retry { attempts: 2 }
  run: [`cc ${crate}`, sh"""
    echo "$crate"
  """]
}
task gen(name: string) { dir: "sub", run: `gen ${name}` }
task both { matrix { os: ["a", "b"] }, run: if host.ci then `ci` else `hand ${matrix.os}` }
service db(port: int = 5432) {
  run: `db --port ${port}`
  ready { probe: tcp(5432) }
}
task ok { run: `true` }
"#;

#[test]
fn a_description_tells_what_a_task_does() {
    let shown = rush()
        .file("tasks.rush", WRITTEN.replace("needs: [gen]", "needs: [gen(\"x\")]").as_str())
        .args(["describe", "build", "gen", "both", "db"])
        .status(0)
        .run();
    insta::assert_snapshot!(shown.stdout, @r#"
    task build  tasks.rush:7

    Compile it.

    Parameters
      --crate  "core" | "api"  = "core"

    Runs
      $ cc core
      $ sh
          echo "$crate"

    Fields
      needs    [gen("x")]
      inputs   [
                 "src/**"
                 "Cargo.toml"
               ]
      outputs  ["out/${crate}"]
      env      A
      env      LOG, A            from `base`, tasks.rush:2
      timeout  10m               from `base`, tasks.rush:2
      retry    { attempts: 2 }

    task gen  tasks.rush:20

    Parameters
      --name  string  required

    Runs, as it is written
      $ gen ${name}

    Fields
      dir  "sub"

    task both  tasks.rush:21

    Parameters
      --os  "a" | "b"  all  axis of the matrix

    Runs, as it is written
      if host.ci then `ci` else `hand ${matrix.os}`

    Fields
      matrix  { os: ["a", "b"] }

    service db  tasks.rush:22

    Parameters
      --port  int  = 5432

    Runs
      $ db --port 5432

    Fields
      ready  { probe: tcp(5432) }
    "#);
}

#[test]
fn a_description_ends_with_the_last_run() {
    let rush = rush().file("tasks.rush", "task ok { run: `true` }\ntask no { run: `false` }\n");
    let ran = rush.args(["run", "ok"]).status(0).run();
    let ran = ran.then().args(["run", "no"]).status(1).run();
    let shown = ran.then().args(["describe", "ok", "no"]).status(0).run();
    let last: Vec<&str> = shown.stdout.lines().filter(|it| it.contains("  began ")).collect();
    assert!(last[0].contains("  succeeded  began ") && last[0].contains(", took "), "{last:?}");
    assert!(last[1].contains("  failed  began "), "{last:?}");
    let json =
        described(&shown.then().args(["describe", "no", "-o", "json"]).status(0).run().stdout);
    let last = &json["tasks"][0]["last_run"];
    assert_eq!(
        (&last["status"], &last["nodes"][0]["status"]),
        (&"failed".into(), &"failed".into())
    );
}

#[test]
fn an_environment_without_variables_says_what_is_inherited() {
    let tasks = "task a { run: `true` }\ntask b { inputs: [], run: `true` }\n";
    let shown =
        rush().file("tasks.rush", tasks).args(["describe", "--env", "a", "b"]).status(0).run();
    insta::assert_snapshot!(shown.stdout, @r#"
    //:a
      no variable is declared; the whole environment of the caller is inherited
    //:b
      no variable is declared; a task with `inputs` inherits only the base set (`PATH`, `HOME`, ..)
    "#);
}

#[test]
fn each_variable_has_an_origin_and_secrets_stay_secret() {
    let rush = rush().file("tasks.rush", TASKS).env("TOKEN", "hunter2");
    let shown = rush.args(["describe", "build", "--env"]).status(0).run();
    assert!(shown.stdout.contains("MODE") && shown.stdout.contains("tasks.rush:10"));
    assert!(!shown.stdout.contains("hunter2"), "{}", shown.stdout);
}

#[test]
fn an_environment_is_that_of_a_call_with_flags() {
    let tasks = "param where: string = \"here\"\ntask a(target: \"dev\" | \"prod\", ...rest: [string]) {\n  \
                 env { TARGET: target, WHERE: where, REST: rest.join(\"-\") }\n  run: `true`\n}\n";
    let at = |args: &[&str], status: i32| {
        rush().file("tasks.rush", tasks).args(args.iter().copied()).status(status)
    };
    // What is advised works.
    at(&["describe", "a", "--env"], 2).stderr("add `--target dev|prod`").run();
    let args = ["describe", "a", "--target", "prod", "--where", "there", "--env", "--", "x", "y"];
    let shown = at(&args, 0).run();
    insta::assert_snapshot!(shown.stdout, @r#"
    //:a(rest: ["x", "y"], target: "prod")
      REST    x-y    task a  tasks.rush:3:39
      TARGET  prod   task a  tasks.rush:3:9
      WHERE   there  task a  tasks.rush:3:25
      everything else is inherited
    "#);
    // Without `--env` there is no call.
    at(&["describe", "a", "--target", "prod"], 2).stdout("").stderr("add `--env`").run();
    at(&["describe", "a(target: \"prod\")"], 2).stdout("").stderr("add `--env`").run();
    at(&["describe", "a", "--set", "where=x"], 2).stdout("").stderr("add `--env`").run();
    at(&["describe"], 2).stdout("").stderr("name a task").run();
    let both = at(&["describe", "a", "a", "-o", "json"], 0).run();
    let both: serde_json::Value = serde_json::from_str(&both.stdout).unwrap();
    assert_eq!(both["tasks"].as_array().unwrap().len(), 2);
}

const LAYERS: &str = r#"
workspace {
  members: []
  defaults { env { LOG: "warn", A: "workspace", Z: "workspace" } }
}
profile ci { defaults { env { A: "profile" } } }
template base { env { B: "base", C: "base" } }
let more = { D: "more" }
task build(crate: string = "api") extends base {
  env { ...more, C: "task", Z: none }
  env_files: [".env", "no.env"]
  pass_env: ["PASSED_*", "NOPE"]
  inputs: ["src/**"]
  run: sh"""
    echo "$crate"
  """
}
"#;

#[test]
fn each_variable_has_its_layer() {
    let rush = rush().file("tasks.rush", LAYERS).env("PASSED_ON", "1");
    let rush = rush.file(".env", "# a\nexport LOG=file\nF=file\nG=file\n");
    let args = ["describe", "build", "--env", "--profile", "ci", "-e", "F=given"];
    let shown = rush.args(args).status(0).run();
    // What may be a password is shown to nobody who looks over a shoulder.
    for line in [
        "F          (hidden)        -e\n",
        "G          (hidden)        env_files",
        "  `--show-values` shows what is hidden\n",
    ] {
        assert!(shown.stdout.contains(line), "{}", shown.stdout);
    }
    let shown = shown.then().env("PASSED_ON", "1").args(args.into_iter().chain(["--show-values"]));
    let shown = shown.status(0).run();
    insta::assert_snapshot!(shown.stdout, @r#"
    //:build(crate: "api")
      A          profile         profile ci, defaults     tasks.rush:6:31
      B          base            template base            tasks.rush:7:23
      C          task            task build               tasks.rush:10:18
      D          more            task build               tasks.rush:10:3
      F          given           -e
      G          file            env_files                .env:4
      LOG        warn            workspace, defaults      tasks.rush:4:20
      NOPE       (not set)       inherited by `pass_env`  tasks.rush:12:3
      PASSED_ON  1               inherited by `pass_env`  tasks.rush:12:3
      Z          (unset)         task build               tasks.rush:10:29
      crate      api             read by a script         tasks.rush:14:3
      no.env     (no such file)  env_files
      a task with `inputs` inherits only the base set (`PATH`, `HOME`, ..) besides
    "#);
    let args = ["describe", "build", "--env", "-o", "json"];
    let json = shown.then().args(args).status(0).run();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let variable = json["nodes"][0]["variables"].as_array().unwrap().first().unwrap().clone();
    let expected = serde_json::json!({
        "name": "A", "value": "workspace", "hidden": false, "layer": "workspace", "declaration": null,
        "place": "tasks.rush:4:33",
    });
    assert_eq!(variable, expected);
}

#[test]
fn services_have_an_environment_and_broken_files_are_told() {
    let tasks = "service db {\n  env { A: \"a\" }\n  env_files: [\".env\", \"bad.env\"]\n  \
                 run: `db`\n  ready { probe: tcp(1) }\n}\n";
    let rush = rush().file("tasks.rush", tasks).file(".env", "A=file\nB=\"two\nlines\"\nC=1\n");
    let rush = rush.file("bad.env", "A=1\nnonsense\n");
    let shown = rush.args(["describe", "db", "--env", "--show-values"]).status(0).run();
    insta::assert_snapshot!(shown.stdout, @r"
    //:db
      A        a           service db  tasks.rush:2:9
      B        two\nlines  env_files   .env:2
      C        1           env_files   .env:4
      bad.env  (line 2: expected `NAME=value`, found `nonsense`)  env_files
      everything else is inherited
    ");
}

#[test]
fn the_graph_has_four_forms() {
    let text = rush().file("tasks.rush", TASKS).args(["graph", "ci"]).status(0).run();
    insta::assert_snapshot!(text.stdout, @r#"
    ci
      gen  (step 1)
      build  (step 2)
        gen
    "#);
    let dot = text.then().args(["graph", "-o", "dot"]).status(0).run();
    assert!(dot.stdout.contains("\"build\" -> \"gen\"\n"), "{}", dot.stdout);
    assert!(dot.stdout.contains("\"ci\" -> \"gen\" [label=\"step 1\"]\n"), "{}", dot.stdout);
    let mermaid = dot.then().args(["graph", "-o", "mermaid"]).status(0).run();
    assert!(mermaid.stdout.starts_with("flowchart LR"), "{}", mermaid.stdout);
    assert!(mermaid.stdout.contains("-->|step 1| "), "{}", mermaid.stdout);
    assert!(mermaid.stdout.contains("-->|step 2| "), "{}", mermaid.stdout);
    let json = mermaid.then().args(["graph", "-o", "json"]).status(0).run();
    let graph: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(graph["nodes"].as_array().unwrap().len(), 3);
    let edges = graph["edges"].as_array().unwrap().iter();
    let steps: Vec<_> = edges.filter_map(|it| Some((it["step"].as_u64()?, &it["to"]))).collect();
    assert_eq!(steps, [(1, &"//:gen".into()), (2, &"//:build".into())]);
}

#[test]
fn the_graph_has_steps_in_their_order() {
    let tasks = "task a { run: `a` }\ntask b { run: `b` }\ntask c { run: `c` }\ntask d { run: `d` }\n\
                 task all(fast: bool) { needs: [a], steps: [c, if fast then a else b, d] }\n";
    let shown = rush().file("tasks.rush", tasks).args(["graph", "all"]).status(0).run();
    insta::assert_snapshot!(shown.stdout, @r"
    all
      a
      c  (step 1)
      a  (step 2, sometimes)
      b  (step 2, sometimes)
      d  (step 3)
    ");
}
