//! Paths in texts: who sees them from where, and the names of calls with them.

use super::{call, check_plan, planned, run};

#[test]
fn a_path_in_a_text_is_what_the_reader_finds_it_by() {
    let declared = "let x = path(\"//gen/x\")\nlet flag = \"--out=${x}\"\n\
        let again = { all: [flag + \"/y\"] }\nsecret pw { from: env(\"PW\") }\n\
        fn of(it: path) -> string = \"-o${it}\"\n\
        template reads {\n  env { ONE: flag, PW: \"${pw}@${x}\" }\n  stdin: flag\n}\n\
        task echo(text: string = \"\", also: command = `true`) extends reads {\n  dir: \"a/b\"\n  \
        run: [`echo ${text}`, also]\n}\n";
    let task = "task t extends reads {\n  dir: \"sub\"\n  needs: [echo(\"-i${x}\", `cat ${x}`)]\n  \
        run: [`t ${flag} ${...again.all} ${of(x)}`, sh\"\"\"\n    t $flag\n  \"\"\"]\n}\n";
    let plan = planned(&format!("{declared}{task}"), &run("t"));
    for (label, path, times) in [("//:t", "../gen/x", 7), ("//:echo", "../../gen/x", 5)] {
        let node = plan.nodes().iter().find(|it| it.label() == label).unwrap();
        let shown = format!("{:?}", node.work);
        assert!(!shown.contains("//gen"), "{label}: {shown}");
        assert_eq!(shown.matches(path).count(), times, "{label}: {shown}");
    }
}

#[test]
fn who_looks_at_letters_of_a_text_sees_paths_as_written() {
    check_plan(
        "task obj(f: path) {\n  dir: \"build\"\n  \
         outputs: [\"obj/${\"${f}\".replace(\"src/\", \"\")}.o\", \"o2/${\"${f}\".replace(\"/\", \"_\")}\"]\n  \
         let s = \"--o=${f}\"\n  \
         run: `cc ${s} ${s.replace(\"${f}\", \"X\")} ${s.contains(\"${f}\")} ${s == \"--o=src/a.c\"}`\n}\n\
         task all { needs: [obj(\"src/a.c\")] }\n",
        &run("all"),
        r#"
* //:all <-//:obj(f: {"path":"src/a.c"})
  //:obj(f: {"path":"src/a.c"})
      outputs ["obj/a.c.o","o2/src_a.c"]
      dir "build"
      run ["cc", "--o=../src/a.c", "--o=X", "true", "true"]
"#,
    );
}

#[test]
fn a_call_is_named_by_its_texts_and_not_by_who_makes_them() {
    check_plan(
        "//- tasks.rush\nworkspace { members: [\"web\"] }\nuse \"web\" as web\n\
         let x = path(\"//gen/x\")\nlet shared = \"-i${x}\"\n\
         task mk(flag: string) {\n  dir: \"out\"\n  outputs: [\"o\"]\n  run: `mk ${flag}`\n}\n\
         task a {\n  dir: \"sub\"\n  needs: [mk(\"-i${x}\")]\n}\n\
         task b { needs: [mk(shared)] }\n\
         task all { needs: [a, b, web.c] }\n\
         //- web/tasks.rush\nuse \"//\" as top\n\
         fn of(it: path) -> string = \"-i${it}\"\n\
         task c { needs: [top.mk(of(\"//gen/x\"))] }\n",
        &run("all"),
        r#"
//:a <-//:mk(flag: {"expression":"\"-i${path(\"gen/x\")}\""})
      dir "sub"
* //:all <-//:a <-//:b <-//web:c
  //:b <-//:mk(flag: {"expression":"\"-i${path(\"gen/x\")}\""})
  //:mk(flag: {"expression":"\"-i${path(\"gen/x\")}\""})
      outputs ["o"]
      dir "out"
      run ["mk", "-i../gen/x"]
  //web:c <-//:mk(flag: {"expression":"\"-i${path(\"gen/x\")}\""})
      dir "web"
"#,
    );
}

#[test]
fn a_call_with_a_path_in_a_text_is_another_than_one_without() {
    check_plan(
        "task show(t: string) {\n  dir: \"sub\"\n  run: `echo ${t}`\n}\n\
         fn f(p: path) -> string = \"${p}\"\n\
         task all { needs: [show(f(\"gen/x\")), show(\"gen/x\"), show(f(\"gen/x\"))] }\n\
         task mid(t: string) {\n  needs: [show(t)]\n}\n\
         task also { needs: [mid(f(\"gen/x\")), mid(\"gen/x\")] }\n",
        &run("all also"),
        r#"
* //:all <-//:show(t: {"expression":"\"${path(\"gen/x\")}\""}) <-//:show(t: "gen/x")
* //:also <-//:mid(t: {"expression":"\"${path(\"gen/x\")}\""}) <-//:mid(t: "gen/x") <request //:all
  //:mid(t: "gen/x") <-//:show(t: "gen/x") <request //:all
  //:mid(t: {"expression":"\"${path(\"gen/x\")}\""}) <-//:show(t: {"expression":"\"${path(\"gen/x\")}\""}) <request //:all
  //:show(t: "gen/x")
      dir "sub"
      run ["echo", "gen/x"]
  //:show(t: {"expression":"\"${path(\"gen/x\")}\""})
      dir "sub"
      run ["echo", "../gen/x"]
"#,
    );
}

#[test]
fn a_call_with_a_path_in_a_command_is_named_by_what_is_written() {
    check_plan(
        "let x = path(\"//gen/x\")\n\
         task echo(it: command = `true`) {\n  dir: \"sub\"\n  run: it\n}\n\
         fn show(file: string) -> command = sh\"\"\"\n  cat $file\n\"\"\".args([x])\n\
         task all { needs: [echo(`cat ${x} \"a b\" -i${x}`), echo(show(\"${x}\")), echo(sh(raw: \"cat ${x}\"))] }\n",
        &run("all"),
        r#"
* //:all <-//:echo(it: {"expression":"`cat ${path(\"gen/x\")} \"a b\" ${\"-i${path(\"gen/x\")}\"}`"}) <-//:echo(it: {"tag":{"name":"sh","fields":{"arguments":[{"expression":"\"${path(\"gen/x\")}\""}],"raw":"cat $file\n","variables":{"record":{"file":{"expression":"\"${path(\"gen/x\")}\""}}}}}}) <-//:echo(it: {"tag":{"name":"sh","fields":{"raw":{"expression":"\"cat ${path(\"gen/x\")}\""}}}})
  //:echo(it: {"expression":"`cat ${path(\"gen/x\")} \"a b\" ${\"-i${path(\"gen/x\")}\"}`"})
      dir "sub"
      run ["cat", "../gen/x", "a b", "-i../gen/x"]
  //:echo(it: {"tag":{"name":"sh","fields":{"arguments":[{"expression":"\"${path(\"gen/x\")}\""}],"raw":"cat $file\n","variables":{"record":{"file":{"expression":"\"${path(\"gen/x\")}\""}}}}}})
      dir "sub"
      run sh "cat $file\n" file=Some("../gen/x") args ["../gen/x"]
  //:echo(it: {"tag":{"name":"sh","fields":{"raw":{"expression":"\"cat ${path(\"gen/x\")}\""}}}})
      dir "sub"
      run sh "cat ../gen/x"
"#,
    );
}

#[test]
fn a_text_from_the_root_is_the_same_file_for_fields_and_processes() {
    check_plan(
        "//- tasks.rush\nworkspace { members: [\"a/b\"] }\n\
         //- a/b/tasks.rush\ntask t(dist: path = \"//a/dist\") {\n  dir: \"sub\"\n  \
         let base = \"${dist}\"\n  let o = path(\"${base}/o\")\n  \
         inputs: [glob(base + \"/i\"), \"${base}\"]\n  outputs: [\"${base}/x\", o, path(base.replace(\"dist\", \"d2\"))]\n  \
         run: `cc ${base}/x ${o}`\n}\n",
        &run("//a/b:t"),
        r#"
* //a/b:t(dist: {"path":"a/dist"})
      inputs ["a/dist/i","a/dist"]
      outputs ["a/dist/x","a/dist/o","a/d2"]
      dir "a/b/sub"
      run ["cc", "../../dist/x", "../../dist/o"]
      cache {"mode":"local"}
"#,
    );
}

#[test]
fn who_looks_at_letters_sees_a_path_from_the_root_from_its_package() {
    let declared = "type Known = \"gen/x\" | \"gen/y\"\nlet x = path(\"//gen/x\")\nlet s = \"${x}\"\n\
        let table: map(int) = { \"gen/x\": 2 }\n";
    check_plan(
        &format!(
            "{declared}task t(name: string = s.upper()) {{\n  \
             matrix {{ d: [\"a\", \"b\"], file: [s] }}\n  \
             let is_gen = s.contains(\"gen\")\n  \
             outputs: if is_gen then [\"${{matrix.d}}.o\"] else []\n  \
             dir: if is_gen then matrix.d else \"no\"\n  \
             run: `t ${{s}} ${{name}} ${{s == \"gen/x\"}} ${{s == \"${{x}}\"}} ${{[s].contains(\"gen/x\")}} ${{s in [\"gen/x\"]}} ${{s < \"h\"}} ${{Known(s)}} ${{table[s] ?? 0}}`\n}}\n"
        ),
        &call("t", "file: \"gen/x\", d: \"b\""),
        r#"
* //:t(name: "GEN/X")[d: "b", file: {"expression":"\"${path(\"gen/x\")}\""}]
      outputs ["b.o"]
      dir "b"
      run ["t", "../gen/x", "GEN/X", "true", "true", "true", "true", "true", "gen/x", "2"]
"#,
    );
}

#[test]
fn a_script_that_is_computed_keeps_its_paths() {
    check_plan(
        "let x = path(\"//gen/x\")\nlet cmd = sh(raw: \"cat ${x}\")\n\
         fn flags(f: string) -> command = `x ${...flag(f, \"v\")}`\n\
         task t(p: path = \"gen/y\") {\n  dir: \"sub\"\n  run: [cmd, sh(raw: \"cat ${p}\"), flags(\"--o=${p}\")]\n}\n",
        &run("t"),
        r#"
* //:t(p: {"path":"gen/y"})
      dir "sub"
      run sh "cat ../gen/x"; sh "cat ../gen/y"; ["x", "--o=../gen/y", "v"]
"#,
    );
}

#[test]
fn a_shared_text_is_the_same_for_all() {
    check_plan(
        "task g {\n  outputs: [\"gen/x\"]\n  run: `g`\n}\nlet header = g.outputs.join(\":\")\n\
         task t {\n  dir: \"sub\"\n  inputs: [glob(header)]\n  run: `t`\n}\n",
        &run("t"),
        r#"
//:g
      outputs ["gen/x"]
      run ["g"]
* //:t <outputs //:g
      inputs ["gen/x"]
      dir "sub"
      run ["t"]
      cache {"mode":"local"}
"#,
    );
}
