//! `rush check`: what it finds, mends and refuses.

use crate::rush;

#[test]
fn a_part_that_hangs_on_a_mistake_outside_is_not_sound() {
    let task = "use \"//lib.rush\" as lib\ntask t { run: `echo ${lib.version}` }\n";
    let stage = rush()
        .file("tasks.rush", "workspace { members: [\"sub\"] }\n")
        .file("lib.rush", "version = \"1\"\n");
    let run = stage.file("sub/tasks.rush", task).args(["check", "sub"]).status(1);
    run.stderr("RUSH0004").run();
}

#[test]
fn a_synonym_is_explained_and_mended() {
    let text = "task install {\n  run: `npm ci`\n}\n\ntask build {\n  depends_on: [install] // first\n  \
                run: `npm run build`\n}\n";
    let found = rush().file("tasks.rush", text).args(["check", "--color", "never"]).status(1).run();
    insta::assert_snapshot!(found.snapshot(), @r"
    exit status: 1
    ----- stdout -----
    ----- stderr -----
    error[RUSH0201]: `task` has no field `depends_on`
       ╭─[ tasks.rush:6:3 ]
       │
     6 │   depends_on: [install] // first
       │   ─────┬────
       │        ╰────── here
    ───╯
      help: dependencies are written `needs`
       fix: change it to `needs`

    1 error in 1 file; `rush check --fix` mends 1; `rush explain RUSH0201` tells more
    ");
    let fixed = found.then().args(["check", "--fix"]).status(0).stderr("fixed tasks.rush").run();
    assert_eq!(fixed.read("tasks.rush"), text.replace("depends_on", "needs"));
    fixed.then().args(["check"]).status(0).run();
}

#[test]
fn five_mistakes_in_five_items_are_five_findings_and_the_sixth_item_runs() {
    let text = "\
task a {
  timeout: \"10m\"
  run: `true`
}
task b {
  run: `cat x | wc`
}
task c {
  needs: [biuld]
}
let d = if 1 then 2 else 3
task e {
  depends_on: []
  run: `true`
}
task sound {
  run: `echo sound`
}
";
    let found = rush().file("tasks.rush", text).args(["check", "-o", "json"]).status(1).run();
    let report: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    let codes: Vec<_> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["RUSH0204", "RUSH0301", "RUSH0102", "RUSH0204", "RUSH0201"]);
    let listed = found.then().args(["list", "-o", "names"]).status(0).stdout("sound\n").run();
    let run = listed.then().args(["run", "sound"]).status(0).stdout("sound\n");
    run.stderr("5 items that are not needed here have errors").run();
}

#[test]
fn warnings_fail_only_when_denied() {
    let rush = rush().file("tasks.rush", "task nothing {}\n").args(["check"]).status(0);
    let found = rush.stderr("RUSH0805").run();
    found.then().args(["check", "--deny", "warnings"]).status(1).run();
}

#[test]
fn github_annotations_have_file_line_and_column() {
    let found = rush().file("tasks.rush", "task a {\n  nedes: []\n}\n");
    let found = found.args(["check", "-o", "github"]).status(1).run();
    assert!(
        found.stdout.starts_with("::error file=tasks.rush,line=2,endLine=2,col=3,"),
        "{}",
        found.stdout
    );
}

#[test]
fn sarif_is_data_on_standard_output() {
    let found = rush().file("tasks.rush", "task a {\n  nedes: []\n}\n");
    let found = found.args(["check", "-o", "sarif"]).status(1).run();
    let log: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "RUSH0201");
}

#[test]
fn a_file_that_is_not_utf8_is_one_finding() {
    let rush = rush().file("tasks.rush", b"task a {\n  // \xff\n  nedes: []\n}\n").args(["check"]);
    rush.status(1).stderr("RUSH0011").run();
}

#[test]
fn paths_narrow_the_report() {
    let text = r#"
//- tasks.rush
workspace { members: ["*"] }
//- a/tasks.rush
task x {
  nedes: []
}
//- b/tasks.rush
task x {
  run: `true`
}
"#
    .trim_start();
    let found = rush().fixture(text).args(["check", "b"]).status(0).run();
    let found = found.then().args(["check", "a/tasks.rush"]).status(1).run();
    let found =
        found.then().args(["check", "nowhere"]).status(3).stderr("`nowhere` does not exist");
    let found = found.run().then().args(["-C", "a", "check", "../x"]).status(3);
    let found = found.stderr("`x` does not exist").run();
    let alone = found.then().file("lone.rush", "").args(["check", "lone.rush"]).status(3);
    alone.stderr("`lone.rush` is not part of the workspace: no task file imports it").run();
}

#[test]
fn fixes_keep_line_ends_and_the_byte_order_mark() {
    let text = "\u{feff}task a {\r\n  command: `true`\r\n}\r\n";
    let fixed = rush().file("tasks.rush", text).args(["check", "--fix"]).run();
    assert_eq!(fixed.read("tasks.rush"), text.replace("command", "run"));
}

#[test]
fn fixes_that_are_told_keep_line_ends() {
    let check = |text: &str, expect: &str| {
        let rush = rush().file("tasks.rush", text);
        let found = rush.args(["check", "-o", "json"]).status(1).run();
        let report: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
        assert_eq!(report["diagnostics"][0]["fixes"][0]["edits"][0]["text"], expect);
        let found = found.then().args(["check", "-o", "sarif"]).status(1).run();
        let log: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
        let change = &log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["replacements"][0]["insertedContent"]["text"], expect);
    };
    let text = "task a {\n  run: `x | y`\n}\n";
    let expect = "sh\"\"\"\n    x | y\n  \"\"\"";
    check(text, expect);
    check(&text.replace('\n', "\r\n"), &expect.replace('\n', "\r\n"));
    // Where a file has both, nobody knows which is meant.
    check(&text.replacen('\n', "\r\n", 1), expect);
}

#[test]
fn a_wrong_text_is_also_shown_where_it_is_written() {
    let check = |source: &str, frame: &str| {
        let lib = "let outs = [\"../../x\"]\n";
        let rush = rush().file("tasks.rush", source).file("lib.rush", lib);
        rush.args(["check"]).status(1).stderr(frame).run();
    };
    check(
        "let src = [\"a\", \"src/**.rs\"]\nlet all = [...src]\n\
         task t {\n  inputs: all\n  run: `t`\n}\n",
        " 1 │ let src = [\"a\", \"src/**.rs\"]\n   │                      ─┬\n",
    );
    check(
        "task t {\n  let re = \"a(b\"\n  retry { attempts: 2, on_pattern: re }\n  run: `t`\n}\n",
        " 2 │   let re = \"a(b\"\n   │              ┬\n",
    );
    check(
        "use \"lib.rush\" as lib\ntask t {\n  outputs: lib.outs\n  run: `t`\n}\n",
        "├─[ lib.rush:1:13 ]",
    );
}

#[test]
fn annotations_name_files_from_the_root_of_the_repository() {
    let mistaken = "task a { runn: `true` }\n";
    let work =
        rush().file(".git/HEAD", "").file("web/tasks.rush", mistaken).args(["version"]).run();
    for (form, expect) in
        [("github", "file=web/tasks.rush,"), ("sarif", "\"uri\": \"web/tasks.rush\"")]
    {
        let mut check = work.command(env!("CARGO_BIN_EXE_rush"));
        check.current_dir(work.work().join("web")).args(["check", "-o", form]);
        let said = String::from_utf8(check.output().unwrap().stdout).unwrap();
        assert!(said.contains(expect), "{said}");
        let mut check = work.command(env!("CARGO_BIN_EXE_rush"));
        check.current_dir("/").args(["-C", work.work().join("web").to_str().unwrap()]);
        let said = String::from_utf8(check.args(["check", "-o", form]).output().unwrap().stdout);
        assert!(said.as_ref().unwrap().contains(expect), "{said:?}");
    }
}

#[test]
fn a_fix_above_a_declaration_nobody_knows_leaves_it_alone() {
    let text = "# note\n\ntk extends base { run: `x` }\n";
    let run = rush().file("tasks.rush", text).args(["check", "--fix"]).status(1).run();
    assert_eq!(run.read("tasks.rush"), text.replace("# note", "// note"));
}

#[test]
fn standard_input_is_for_fmt() {
    rush().stdin("task a {}\n").args(["check", "-"]).status(2).stderr("`rush fmt -").run();
}
