//! What `rush check --fix` writes, and what it leaves to the author.

use serde_json::Value;

use crate::rush;

/// `told` is said of `source`, and `--fix` makes `expect` of it.
#[track_caller]
fn check(source: &str, told: &[&str], expect: &str) {
    let found = rush().file("tasks.rush", source).args(["check", "--color", "never"]).run();
    for told in told {
        assert!(found.stderr.contains(told), "{told} is missing in\n{}", found.stderr);
    }
    let fixed = found.then().args(["check", "--fix"]).run();
    assert_eq!(fixed.read("tasks.rush"), expect);
}

/// `told` is said, and `--fix` leaves it as it is.
#[track_caller]
fn offered(source: &str, told: &[&str]) {
    check(source, told, source);
}

/// The first fix of the first finding, carried out as `-o json` gives it, makes `expect` of `source`.
#[track_caller]
fn carried_out(source: &str, expect: &str) {
    let found = rush().file("tasks.rush", source).args(["check", "-o", "json"]).run();
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    let edits = found["diagnostics"][0]["fixes"][0]["edits"].as_array().unwrap();
    let mut text = source.to_owned();
    for edit in edits.iter().rev() {
        let at = |end: &str| edit["range"][end]["offset"].as_u64().unwrap() as usize;
        text.replace_range(at("start")..at("end"), edit["text"].as_str().unwrap());
    }
    assert_eq!(text, expect);
}

#[test]
fn arguments_are_added_where_they_belong() {
    let template = "template t(x: int, y: int) {\n  run: `echo ${x} ${y}`\n}\n";
    let add = |before: &str, after: &str| {
        carried_out(
            &format!("{template}task a {before} {{}}\n"),
            &format!("{template}task a {after} {{}}\n"),
        );
    };
    add("extends t", "extends t(x: 0, y: 0)");
    add("extends t()", "extends t(x: 0, y: 0)");
    add("extends t(1)", "extends t(1, y: 0)");
}

#[test]
fn what_may_be_a_subtraction_stays_one() {
    let told = ["`n-m` is a subtraction; names have no `-`", "try: write `n_m`"];
    for n in ["let n = 3", "let n: int = 3", "param n: duration = 3s", "let n = 1 + 2"] {
        offered(&format!("{n}\nlet n_m = 5\nlet x = n-m\n"), &told);
    }
    offered("let n_m = 5\nfn f(n: int) = n-m\n", &told);
    let task = |name: &str| {
        format!(
            "task test {{ run: `a` }}\ntask test_unit {{ run: `a` }}\ntask b {{ needs: [{name}] }}\n"
        )
    };
    check(&task("test-unit"), &[], &task("test_unit"));
    let text = |name: &str| format!("let n = \"a\"\nlet n_m = \"b\"\nlet x = {name}\n");
    check(&text("n-m"), &[], &text("n_m"));
    let alone = |name: &str| format!("let n_m = 5\nlet x = {name}\n");
    check(&alone("n-m"), &[], &alone("n_m"));
}

#[test]
fn among_equally_near_names_the_author_chooses() {
    offered(
        "type Target = \"prd2\" | \"prod\"\ntask deploy(to: Target) { run: `echo ${to}` }\n\
         task ship { needs: [deploy(\"prd\")] }\n",
        &["did you mean `prd2` or `prod`?", "try: change it to \"prd2\"", "change it to \"prod\""],
    );
    offered(
        "let build_a = 1\nlet build_b = 2\ntask t { run: `x ${build_c} ${build_a} ${build_b}` }\n",
        &["did you mean `build_a` or `build_b`?"],
    );
    offered(
        "task a(tag_1: int = 1, tag_2: int = 2) { run: `x ${tag_1} ${tag_2}` }\n\
         task b { needs: [a(tag_3: 1)] }\n",
        &["did you mean `tag_1` or `tag_2`?"],
    );
    check(
        "task build { run: `x` }\ntask b { needs: [biuld] }\n",
        &["did you mean `build`?"],
        "task build { run: `x` }\ntask b { needs: [build] }\n",
    );
}

#[test]
fn a_near_name_that_means_something_else_is_offered() {
    let record = |field: &str, written: &str| {
        format!(
            "type R = {{ {field}: string? }}\ntask a(r: R = {{ {written}: \"x\" }}) {{ run: `x ${{...r.{field}}}` }}\n"
        )
    };
    for (written, field) in [("size_min", "size_max"), ("exclude", "include"), ("key_1", "key_2")] {
        offered(&record(field, written), &[&format!("`{field}`"), "try: change it to"]);
    }
    let mended =
        |field: &str, written: &str| check(&record(field, written), &[], &record(field, field));
    mended("size_max", "size_mxa");
    mended("outputs", "ouptuts");
    mended("key_2", "kye_2");
}

#[test]
fn a_name_with_a_colon_is_not_taken_for_a_base() {
    offered(
        "task test:unit { run: `x` }\ntask unit { run: `y` }\n",
        &["names have no `:`; write `test_unit`"],
    );
    offered("task a: b { run: `x` }\ntask b { run: `y` }\n", &["after `extends`", "`needs`"]);
}

#[test]
fn a_pattern_is_mended_only_if_it_is_known_what_was_meant() {
    let task = |pattern: &str| format!("task a {{ inputs: [\"{pattern}\"], run: `make` }}\n");
    for (pattern, told) in [
        ("src/*.{c,h", "`{` is never closed"),
        ("src/[ab.c", "`[` is never closed"),
        ("src/a}.c", "no `{` is open"),
        ("/etc/hosts", "the root of the file system"),
        ("a/[z-a]", "comes after"),
    ] {
        offered(&task(pattern), &[told, "try: change it to"]);
    }
    check(&task("src/**.rs"), &["`**/*.rs`"], &task("src/**/*.rs"));
    check(&task("src//a"), &["two `/`"], &task("src/a"));
}

#[test]
fn a_synonym_is_not_written_beside_the_field_it_stands_for() {
    let text = "task a { run: `x` }\ntask b { run: `y` }\ntask c { needs: [a], deps: [b] }\n";
    offered(text, &["`needs` is written here already"]);
    offered("task a { run: `x`, runn: `y` }\n", &["`run` is written here already"]);
    offered("task a { shell: \"bash\", run: `x` }\n", &["the shell is named where the script is"]);
    check("task a { cmd: `x` }\n", &["written `run`"], "task a { run: `x` }\n");
}

#[test]
fn a_unit_is_carried_over_and_never_guessed() {
    let task = |field: &str| format!("task a {{\n  {field}\n  run: `x`\n}}\n");
    for (written, ours) in [
        ("timeout-minutes: 5", "timeout: 5m"),
        ("timeout_minutes: 5", "timeout: 5m"),
        ("timeoutMinutes: 0.5", "timeout: 0.5m"),
        ("timeout_in_seconds: 90", "timeout: 90s"),
        ("timeout_ms: 500", "timeout: 500ms"),
        ("max-time-minutes: 5m", "timeout: 5m"),
        ("resources { memory_mb: 512 }", "resources { memory: 512MB }"),
    ] {
        carried_out(&task(written), &task(ours));
        check(&task(written), &["1 error in 1 file"], &task(ours));
    }
    offered(&task("timeout: 5"), &["add a unit, as in `5s` or `5m` or `5h`", "try: write `5s`"]);
    offered(&task("timeout: \"5\""), &["add a unit, as in `5s`"]);
    offered(&task("resources { memory: 2 }"), &["add a unit, as in `2B` or `2MB` or `2GB`"]);
    check(&task("timeout: \"5 min\""), &[], &task("timeout: 5m"));
    let minutes = |field: &str| format!("let n = 5\n{}", task(field));
    offered(&minutes("timeout_minutes: n"), &["the unit stands at the value, as in `timeout: 5m`"]);
    offered(&task("timeout: 1m, timeout_ms: 5"), &["`timeout` is written here already"]);
}

#[test]
fn what_is_written_around_something_is_taken_away() {
    let task = |field: &str| format!("task a {{\n  {field}\n  run: `x ${{matrix.os}}`\n}}\n");
    check(
        &task("strategy { matrix { os: [\"linux\"] } }"),
        &["`matrix` is written without `strategy` around it", "fix: remove `strategy`"],
        &task("matrix { os: [\"linux\"] }"),
    );
    offered(
        &task("strategy { fail_fast: true, matrix { os: [\"linux\"] } }"),
        &["`matrix` is written without `strategy` around it"],
    );
    let hole = |hole: &str| format!("task a(v: string) {{ run: `echo {hole}` }}\n");
    check(&hole("${{ v }}"), &["with one pair of braces", "1 error in 1 file"], &hole("${v}"));
    offered(&hole("${{ github.sha }}"), &["a value is written `${github.sha}`"]);
}

#[test]
fn arguments_in_braces_are_offered_as_a_call() {
    let needs = |call: &str| {
        format!("task a(x: string) {{ run: `x ${{x}}` }}\ntask b {{ needs: [{call}] }}\n")
    };
    offered(
        &needs("a { x: \"1\" }"),
        &["arguments stand between parentheses: `a(x: \"1\")`", "1 error in 1 file"],
    );
    carried_out(&needs("a { x: \"1\" }"), &needs("a(x: \"1\")"));
}

#[test]
fn entries_below_a_name_are_a_record() {
    let task = |env: &str| format!("task a {{\n  {env}\n  run: `x`\n}}\n");
    let written = task("env:\n    FOO: bar\n    N: \"1\"");
    offered(&written, &["the entries of `env` stand between `{` and `}`", "1 error in 1 file"]);
    carried_out(&written, &task("env { FOO: \"bar\", N: \"1\" }"));
}

#[test]
fn a_help_says_what_was_asked_for() {
    let task = |field: &str| format!("task a {{\n  {field}\n  run: `x`\n}}\n");
    offered(&task("cache: true"), &["write it as `{ mode: \"local\" }`"]);
    offered(&task("cache: false"), &["write it as `{ mode: \"off\" }`"]);
    offered(&task("needs: [test]"), &["declare it as `task test { .. }`", "`package.test`"]);
    offered(
        &task("needs: [web/build]"),
        &["write `use \"//web\" as web`", "`web.build`", "1 error in 1 file"],
    );
}

#[test]
fn with_an_import_goes_nothing_but_the_import() {
    let lib = "let x = 1\n";
    let check = |source: &str, expect: &str| {
        let found = rush().file("tasks.rush", source).file("b.rush", lib);
        let fixed = found.args(["check", "--fix"]).run();
        assert_eq!(fixed.read("tasks.rush"), expect);
    };
    let task = "task a { run: `x` }\n";
    check(&format!("use \"./b.rush\" as b {task}"), task);
    check(&format!("use \"./b.rush\" as b; {task}"), task);
    let recipe = "use \"./b.rush\" as b\n  cc -c a.c\n  touch a\n";
    check(recipe, recipe);
    check(&format!("use \"./b.rush\" as b\n\n{task}"), task);
    // What stands above it and below it is not joined.
    check(
        &format!("// Licence.\nuse \"./b.rush\" as b\n\n// About a.\n{task}"),
        &format!("// Licence.\n\n// About a.\n{task}"),
    );
    check(
        &format!("// Licence.\n\nuse \"./b.rush\" as b\n\n// About a.\n{task}"),
        &format!("// Licence.\n\n// About a.\n{task}"),
    );
}

#[test]
fn words_behind_dashes_are_names_only_of_tasks() {
    let list = "inputs:\n    - src/**\n    - Makefile\n  run: `make`\n}\n";
    offered(&format!("task a {{\n  {list}"), &["try: write a list"]);
    carried_out(
        &format!("task a {{\n  {list}"),
        "task a {\n  inputs: [\"src/**\", \"Makefile\"]\n  run: `make`\n}\n",
    );
    check(
        "task lint { run: `x` }\ntask a {\n  needs:\n    - lint\n}\n",
        &["fix: write a list"],
        "task lint { run: `x` }\ntask a {\n  needs: [lint]\n}\n",
    );
}

#[test]
fn a_name_with_a_dash_that_nothing_has_is_unknown() {
    let task = |field: &str| format!("task a {{\n  {field}: 1\n  run: `make`\n}}\n");
    offered(&task("on-failure"), &["`task` has no field `on_failure`"]);
    offered(&task("cache-key"), &["`task` has no field `cache_key`"]);
    let retry = |field: &str| format!("task a {{\n  retry {{ {field}: 3 }}\n  run: `make`\n}}\n");
    check(&retry("max-attempts"), &["has no field `max-attempts`"], &retry("attempts"));
}

#[test]
fn what_just_sets_is_no_declaration() {
    offered(
        "alias b := build\nset shell := [\"bash\", \"-c\"]\ntask build { needs: [b], run: `x` }\n",
        &["Rush has no `alias`", "task b { needs: [..] }", "Rush has no `set`", "2 errors"],
    );
}

#[test]
fn a_default_has_an_equals_sign_alone() {
    check(
        "param q: string := \"x\"\nlet y: int := 3\ntask t(n: int := 4) { run: `x ${n}` }\n",
        &["a value gets its name by `=`, without `:`", "3 errors"],
        "param q: string = \"x\"\nlet y: int = 3\ntask t(n: int = 4) { run: `x ${n}` }\n",
    );
}

#[test]
fn what_may_be_left_out_has_a_default_or_may_be_none() {
    let task = |param: &str| format!("task t({param}) {{ run: `x ${{n}}` }}\n");
    carried_out(&task("n?: int"), &task("n: int? = none"));
    carried_out(&task("n?: int = 3"), &task("n: int = 3"));
}

#[test]
fn a_second_argument_of_a_read_is_its_fallback() {
    let told = ["the value for where nothing is set stands behind `??`"];
    for (read, mended) in [
        ("param a: string = env(\"A\", \"x\")", "param a: string = env(\"A\") ?? \"x\""),
        (
            "param a: string = file(\"a\") ?? env(\"A\", \"x\")",
            "param a: string = file(\"a\") ?? env(\"A\") ?? \"x\"",
        ),
        (
            "param a: string = env(\"A\", \"x\").upper()",
            "param a: string = (env(\"A\") ?? \"x\").upper()",
        ),
        (
            "param a: bool = env(\"A\", \"x\") == \"y\"",
            "param a: bool = (env(\"A\") ?? \"x\") == \"y\"",
        ),
        (
            "param a: string = env(\"A\", \"v\" + \"1\")",
            "param a: string = env(\"A\") ?? (\"v\" + \"1\")",
        ),
        (
            "param a: bool = env(\"A\", if true then false else true)",
            "param a: bool = env(\"A\") ?? (if true then false else true)",
        ),
        (
            "param a: string = if true then env(\"A\", \"x\") else \"y\"",
            "param a: string = if true then env(\"A\") ?? \"x\" else \"y\"",
        ),
        ("param a: [string] = [env(\"A\", \"x\")]", "param a: [string] = [env(\"A\") ?? \"x\"]"),
        ("let a = env(\"A\" , \"x\")", "param a: string = env(\"A\") ?? \"x\""),
    ] {
        check(&format!("{read}\n"), &told, &format!("{mended}\n"));
    }
    offered("param a: string = env(\"A\", // usually\n  \"x\")\n", &told);
    let three = "param a: string? = env(\"A\", \"x\", \"y\")\n";
    offered(three, &["`env` takes only one argument"]);
}

#[test]
fn a_hole_of_a_ci_service_becomes_a_value() {
    let task = |members: &str, hole: &str| {
        let members = format!("  matrix {{ os: [\"x\"] }}\n{members}");
        format!("task a {{\n{members}  run: sh\"\"\"\n    echo {hole}\n  \"\"\"\n}}\n")
    };
    let named = "  let os = matrix.os\n";
    carried_out(&task("", "${{ matrix.os }}"), &task(named, "\"${os}\""));
    let version = "  let version = \"1\"\n";
    carried_out(&task(version, "${{ version }}"), &task(version, "\"${version}\""));
    for unknown in ["${{ version }}", "${{ }}"] {
        let found = rush().file("tasks.rush", task("", unknown)).args(["check"]).run();
        assert!(
            !found.stderr.contains("help") && !found.stderr.contains("try"),
            "{}",
            found.stderr
        );
    }
}

#[test]
fn a_for_of_another_language_becomes_one() {
    let mended =
        "task a(n: int) {\n  run: `a ${n}`\n}\n\ntask b {\n  needs: [for n in [1, 2]: a(n)]\n}\n";
    for written in [
        "for n in [1, 2] { a(n) }",
        "for n in [1, 2] => a(n)",
        "for n in [1, 2] -> a(n)",
        "for n in [1, 2] do a(n)",
        "for n in [1, 2] a(n)",
        "for n of [1, 2]: a(n)",
        "a(n) for n in [1, 2]",
    ] {
        let source = mended.replace("for n in [1, 2]: a(n)", written);
        let fixed = rush().file("tasks.rush", &source).args(["check", "--fix"]).run();
        assert_eq!(fixed.then().args(["fmt"]).run().read("tasks.rush"), mended, "{written}");
    }
    let mended = mended.replace("2]:", "2] if n > 1:");
    let told = ["`where` is written `if`"];
    check(&mended.replace(" if n", " where n"), &told, &mended);
    for braces in ["{ n, 5 }", "{\n  n\n  5\n}", "{ }"] {
        let several = format!("let a = [for n in [1, 2] {braces}]\n");
        offered(&several, &["a `:` stands between a `for` and its element"]);
    }
    for (written, mended) in [
        ("{\n  n\n  // why\n  }\n]\n", ":\n  n\n  // why\n]\n"),
        ("{\n  n // why\n  }\n]\n", ":\n  n // why\n]\n"),
        ("{\n  n // why\n  } // so\n]\n", ":\n  n // why\n  // so\n]\n"),
        ("{\n  n // why\n  } ]\n", ":\n  n // why\n  ]\n"),
        ("{n} // so\n]\n", ":n // so\n]\n"),
    ] {
        let list = |rest: &str| format!("let a = [for n in [1, 2]{rest}");
        carried_out(&list(&format!(" {written}")), &list(mended));
    }
    offered("let a = [if true then 1]\n", &["try: write `:`"]);
    carried_out("let a = [if true then 1]\n", "let a = [if true: 1]\n");
}
