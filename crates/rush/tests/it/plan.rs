//! `rush plan`: what is written to a file can be shown, compared, verified and run without the source.

use crate::rush;

const TASKS: &str = r#"
task build { run: `echo build` }
/// Roll out.
task deploy(target: "dev" | "prod") {
  needs: [build]
  env { WHERE: target }
  run: `echo deploy ${target}`
}
"#;

#[test]
fn a_plan_runs_without_its_source() {
    let rush = rush().file("tasks.rush", TASKS);
    let shown = rush.args(["plan", "deploy", "--target", "prod"]).status(0).run();
    let commands = shown.stdout.clone();
    assert!(commands.contains("$ echo deploy prod"), "{commands}");
    let args = ["plan", "deploy", "--target", "prod", "--out", "p.json"];
    let written = shown.then().args(args).status(0).run();
    let dry = written.then().without("tasks.rush").args(["run", "--plan", "p.json", "--dry-run"]);
    let dry = dry.status(0).run();
    // A dry run shows what a plan shows, and why each task would run.
    let is_command = |it: &&str| !it.starts_with("  will run because ");
    let same: Vec<_> = dry.stdout.lines().filter(is_command).collect();
    assert_eq!(same, commands.lines().collect::<Vec<_>>());
    dry.then().args(["run", "--plan", "p.json", "-j1"]).status(0).run();
}

#[test]
fn one_changed_byte_fails_the_verification() {
    let written = rush().file("tasks.rush", TASKS).args(["plan", "build", "--out", "p.json"]);
    let written = written.status(0).run();
    let text = written.read("p.json");
    let good = written.then().args(["plan", "verify", "p.json"]).status(0).run();
    let bad = text.replacen("echo", "Echo", 1);
    let rush = good.then().file("p.json", bad).args(["plan", "verify", "p.json"]).status(1);
    let rush =
        rush.stderr("was changed after it was written").stderr("it is not to be edited").run();
    let newer = text.replacen("\"rush_plan\": 1", "\"rush_plan\": 7", 1);
    let newer = rush.then().file("p.json", newer).args(["run", "--plan", "p.json"]).status(2);
    newer.stderr("the plan has version 7").stderr("most likely a newer one").run();
}

#[test]
fn a_comment_does_not_change_the_content() {
    let digest = |text: &str| {
        let rush = rush().file("tasks.rush", text).args(["plan", "build", "--out", "p.json"]);
        rush.status(0).run().then().args(["plan", "verify", "p.json"]).status(0).run().stdout
    };
    assert_eq!(digest(TASKS), digest(&format!("// a comment\n{TASKS}")));
    assert_ne!(digest(TASKS), digest(&TASKS.replace("echo build", "echo bauen")));
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    let rush = rush().file("tasks.rush", TASKS);
    let first = rush.args(["plan", "deploy", "--target", "dev", "-o", "json"]).status(0).run();
    let bytes = first.stdout.clone();
    assert!(!bytes.contains(&first.work().display().to_string()), "an absolute path");
    first.then().args(["plan", "deploy", "--target", "dev", "-o", "json"]).stdout(&bytes).run();
}

#[test]
fn what_differs_between_plans_is_shown() {
    let rush = rush().file("tasks.rush", TASKS).args(["plan", "build", "--out", "a.json"]);
    let rush = rush.run().then().args(["plan", "deploy", "--target", "dev", "--out", "b.json"]);
    let diff = rush.run().then().args(["plan", "diff", "a.json", "b.json"]).status(1).run();
    assert!(diff.stdout.contains("+ deploy(target: \"dev\")"), "{}", diff.stdout);
    let json = diff.then().args(["plan", "diff", "a.json", "b.json", "-o", "json"]).status(1).run();
    assert!(json.stdout.starts_with("{\n  \"version\": 1,"), "{}", json.stdout);
    json.then().args(["plan", "diff", "a.json", "a.json"]).status(0).stdout("").run();
}

#[test]
fn a_script_is_shown_with_what_it_is_given() {
    let tasks =
        "task zoo(zoo: string = \"new york\") {\n  run: sh\"\"\"\n    echo \"$zoo\"\n  \"\"\"\n}\n";
    let plan = rush().file("tasks.rush", tasks).args(["plan", "zoo"]).status(0).run();
    assert_eq!(plan.stdout, "zoo\n  $ zoo='new york' sh\n      echo \"$zoo\"\n");
}

#[test]
fn a_file_that_is_missing_is_told_with_the_task_that_writes_it() {
    let source = "fn object(s: path) -> path = \"build/obj/${s.stem()}.o\"\n\
                  task compile(s: path) {\n  inputs: [s]\n  outputs: [object(s)]\n  run: `true`\n}\n\
                  task archive {\n  inputs: [for s in files(\"src/*.c\"): object(s)]\n  run: `true`\n}\n\
                  task pack {\n  inputs: [\"build/**\"]\n  run: `true`\n}\n\
                  task other {\n  inputs: [\"nothing.c\"]\n  run: `true`\n}\n";
    let rush = rush().file("tasks.rush", source).file("src/m00.c", "");
    let rush = rush.args(["plan", "archive", "pack", "other", "--preflight", "--color", "never"]);
    let said = rush.status(0).run().stderr;
    let is_telling = |it: &&str| it.starts_with("warning") || it.starts_with("  help");
    insta::assert_snapshot!(said.lines().filter(is_telling).collect::<Vec<_>>().join("\n"), @r"
    warning[RUSH0504]: `inputs` of `archive` names `build/obj/m00.o`, and there is no such file
      help: `compile` writes that and is not in `needs`: add `compile(s)` there, or read `compile(s).outputs`
    warning[RUSH0504]: `inputs` of `pack` matches no file
      help: `compile` writes that and is not in `needs`: add `compile(s)` there, or read `compile(s).outputs`
    warning[RUSH0504]: `inputs` of `other` names `nothing.c`, and there is no such file
      help: patterns are relative to the package of the task; `//x` starts at the root
    ");
}

#[test]
fn what_this_machine_lacks_is_shown_in_the_source() {
    let source = "template linted {\n  inputs: [\"nothing/**\"]\n}\n\
                  task lint(level: int = 1) extends linted { run: `echo ${level}` }\n\
                  task all {\n  needs: [lint(2), lint(3)]\n  \
                  run: [\n    `echo`\n    `no-such-program x`\n  ]\n}\n";
    let rush = rush().file("tasks.rush", source);
    let planned = rush.args(["plan", "all", "--preflight", "--color", "never"]).status(0).run();
    insta::assert_snapshot!(planned.stderr, @r#"
    warning[RUSH0504]: `inputs` of `lint` matches no file
       ╭─[ tasks.rush:2:3 ]
       │
     2 │   inputs: ["nothing/**"]
       │   ───────────┬──────────
       │              ╰──────────── here
    ───╯
      help: patterns are relative to the package of the task; `//x` starts at the root

    warning[RUSH0308]: program `no-such-program` of `all` was not found
       ╭─[ tasks.rush:9:6 ]
       │
     9 │     `no-such-program x`
       │      ───────┬───────
       │             ╰───────── here
    ───╯
      help: install it, or name the directory it is in with `bin`

    2 warnings in 1 file; `rush explain RUSH0504` tells more
    3 tasks
    "#);
}

#[test]
fn what_shapes_a_plan_is_refused_beside_one() {
    let written = rush().file("tasks.rush", TASKS).args(["plan", "build", "--out", "p.json"]);
    let written = written.status(0).run();
    for (extra, told) in [
        (&["--profile", "ci"][..], "`--profile` comes too late"),
        (&["--set", "a=b"], "`--set` comes too late"),
        (&["--parallel"], "`--parallel` comes too late"),
        (&["--", "x"], "nothing can follow `--`"),
        (&["deploy", "--target", "dev"], "`deploy` can't be added"),
        (&["--watch"], "--watch"),
    ] {
        let args = ["run", "--plan", "p.json"].iter().chain(extra).copied();
        written.again().args(args).status(2).stdout("").stderr(told).run();
    }
}

#[test]
fn how_a_plan_is_carried_out_can_be_chosen() {
    let written = rush().file("tasks.rush", TASKS).args(["plan", "build", "--out", "p.json"]);
    let written = written.status(0).run();
    for extra in [
        &["-j2", "--keep-going"][..],
        &["--fail-fast", "-e", "A=b", "--slots", "gpu=2", "--yes"],
        &["--force", "--log", "grouped"],
        &["--force-task", "build", "--report", "junit=r.xml"],
    ] {
        let args = ["run", "--plan", "p.json"].iter().chain(extra).copied();
        written.again().args(args).status(0).stdout("build\n").run();
    }
    let help = written.then().args(["run", "--plan", "p.json", "--help"]).status(0).run();
    assert!(help.stdout.starts_with("Run tasks\n"), "{}", help.stdout);
}

#[test]
fn a_plan_that_can_not_be_used_has_a_status_of_its_own() {
    let written = rush().file("tasks.rush", TASKS).args(["plan", "build", "--out", "p.json"]);
    let written = written.status(0).run();
    let tampered = written.read("p.json").replacen("echo", "Echo", 1);
    let ready = written.then().file("broken.json", "{}").file("tampered.json", tampered);
    let ready = ready.args(["plan", "show", "p.json"]).status(0).run();
    for (verb, unusable) in
        [(&["run", "--plan"][..], 2), (&["plan", "show"], 2), (&["plan", "verify"], 1)]
    {
        let check = |file: &str, status: i32| {
            let args = verb.iter().copied().chain([file]);
            ready.again().args(args).status(status).stdout("").stderr(file).run();
        };
        check("missing.json", 3);
        check("broken.json", unusable);
        check("tampered.json", unusable);
    }
    // The status 1 says that plans differ.
    ready.again().args(["plan", "diff", "p.json", "broken.json"]).status(2).run();
}

#[test]
fn the_text_for_people_is_no_plan_file() {
    let rush = rush().file("tasks.rush", TASKS);
    let refused = rush.args(["plan", "build", "--out", "p.json", "-o", "text"]).status(2);
    let refused = refused.stderr("`-o text`").run();
    refused.then().args(["plan", "build", "--out", "p.json", "-o", "json"]).status(0).run();
}

#[test]
fn people_read_the_arguments_that_differ_or_were_given() {
    let tasks = r#"
task build(crate: "api" | "web" = "api", jobs_n: int = 2, mem: size? = none, wait: duration = 90s) {
  run: `build ${crate} ${jobs_n}`
}
task test { matrix { os: ["a", "b"] }, needs: [build, build(crate: "web")], run: `test ${matrix.os}` }
task all(...rest: [string]) { needs: [test], run: `all ${...rest}` }
"#;
    let plan = |args: &[&str]| {
        let words = std::iter::once("plan").chain(args.iter().copied());
        rush().file("tasks.rush", tasks).args(words).status(0).run().stdout
    };
    insta::assert_snapshot!(plan(&["all", "--", "x"]), @r#"
    build(crate: "api")
      $ build api 2
    build(crate: "web")
      $ build web 2
    test(os: "a")  after build(crate: "api"), build(crate: "web")
      $ test a
    test(os: "b")  after build(crate: "api"), build(crate: "web")
      $ test b
    all(rest: ["x"])  after test(os: "a"), test(os: "b")
      $ all x
    "#);
    assert!(plan(&["build"]).starts_with("build\n"));
    assert!(plan(&["build", "--jobs-n", "3"]).starts_with("build(jobs_n: 3)\n"));
    assert!(plan(&["build(\"web\", 4)"]).starts_with("build(crate: \"web\", jobs_n: 4)\n"));
    let json = plan(&["build", "-o", "json"]);
    assert!(json.contains("\"wait\""), "programs read all of them: {json}");
}

#[test]
fn a_verification_answers_programs() {
    let written = rush().file("tasks.rush", TASKS).args(["plan", "build", "--out", "p.json"]);
    let written = written.status(0).run();
    let text = written.read("p.json");
    let answer = |stdout: &str| serde_json::from_str::<serde_json::Value>(stdout).unwrap();
    let verify = ["plan", "verify", "p.json", "-o", "json"];
    let good = written.then().args(verify).status(0).run();
    let found = answer(&good.stdout);
    assert_eq!((&found["version"], &found["valid"]), (&1.into(), &true.into()));
    assert_eq!(found["nodes"], 1);
    assert!(text.contains(found["content"].as_str().unwrap()));
    let bad = text.replacen("echo", "Echo", 1);
    let bad = good.then().file("p.json", bad).args(verify).status(1).run();
    let found = answer(&bad.stdout);
    assert_eq!((&found["version"], &found["valid"]), (&1.into(), &false.into()));
    assert!(found["problem"].as_str().unwrap().contains("was changed after it was written"));
}
