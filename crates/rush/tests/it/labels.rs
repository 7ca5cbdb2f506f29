//! How tasks are named from different places.

use crate::rush;

const WORKSPACE: &str = r#"
//- tasks.rush
workspace { members: ["packages/*", "web"] }
task build { run: `echo root` }
task test_unit { run: `echo unit` }
//- packages/a/tasks.rush
task test { run: `echo a` }
//- web/tasks.rush
task build { run: `echo web` }
task test { run: `echo web-test` }
task _private { run: `true` }
"#;

fn check(directory: &str, label: &str, stdout: &str) {
    let rush = rush().fixture(WORKSPACE.trim_start()).args(["-C", directory, "run", label]);
    rush.status(0).stdout(stdout).run();
}

#[test]
fn the_nearest_package_wins_and_the_root_is_next() {
    check(".", "build", "root\n");
    check("web", "build", "web\n");
    check("web", "//:build", "root\n");
    check("packages/a", "build", "root\n");
    check(".", "//web:build", "web\n");
}

#[test]
fn a_dash_finds_an_underscore() {
    check(".", "test-unit", "unit\n");
}

#[test]
fn a_pattern_runs_the_task_of_each_package() {
    let rush = rush().fixture(WORKSPACE.trim_start()).args(["run", "//...:test", "-j1"]).status(0);
    let run = rush.run();
    assert!(run.stdout.contains("| a\n") && run.stdout.contains("| web-test\n"), "{}", run.stdout);
}

#[test]
fn private_tasks_can_not_be_run() {
    let rush = rush().fixture(WORKSPACE.trim_start()).args(["-C", "web", "run", "_private"]);
    rush.status(2).stderr("_private").run();
}

#[test]
fn a_label_that_names_nothing_is_suggested() {
    let rush = rush().fixture(WORKSPACE.trim_start()).args(["run", "biuld"]);
    rush.status(2).stderr("did you mean `build`?").run();
}

#[test]
fn a_label_that_lacks_something_is_told_so() {
    let check = |label: &str, stderr: &str| {
        let rush = rush().fixture(WORKSPACE.trim_start()).args(["-C", "web", "run", label]);
        rush.status(2).stderr(stderr).run();
    };
    check("_private", "`_private` is private to its file");
    check("packages/a:test", "did you mean `//packages/a:test`?");
    check("web:build", "did you mean `//web:build`?");
}

#[test]
fn a_package_that_is_no_member_is_told_so() {
    let task = "task build { run: `true` }\n";
    let check = |root: &str, label: &str, stderr: &str| {
        let rush = rush().file("tasks.rush", root).file("web/tasks.rush", task);
        rush.args(["run", label]).status(2).stderr(stderr).run();
    };
    check(
        task,
        "//web:build",
        "`//web` is no member of this workspace, though `web/tasks.rush` is there",
    );
    check(task, "//web:build", "write `workspace { members: [\"web\"] }` into `tasks.rush`");
    check(
        "workspace { members: [\"api\"] }\n",
        "//web",
        "add `\"web\"` to `members` of the `workspace`",
    );
    check(task, "//wbe:build", "there is no package `//wbe`");
}

#[test]
fn which_of_many_tasks_lacks_a_value_is_told() {
    let rush = rush().file("tasks.rush", "workspace { members: [\"*\"] }\n");
    let rush = rush.file("a/tasks.rush", "task build { run: `true` }\n");
    let rush = rush.file("b/tasks.rush", "task build(v: string) { run: `echo ${v}` }\n");
    rush.args(["run", "//...:build"]).status(2).stderr("`//b:build` needs a value for `v`").run();
}

#[test]
fn an_item_that_is_broken_in_its_head_says_so() {
    let tasks =
        "tsk near {\n  run: `true`\n}\n\ntask good { run: `true` }\n\nbuild:\n  run: `true`\n";
    let check = |label: &str, stderr: &str| {
        let rush = rush().file("tasks.rush", tasks).args(["run", label]);
        rush.status(2).stderr(stderr).run();
    };
    check("near", "unknown kind `tsk`; did you mean `task`?");
    check("//:near", "unknown kind `tsk`");
    check("build", "`build:` begins no item");
    check("other", "2 items have errors; `rush check` shows them");
    check("goood", "did you mean `good`?");
}

#[test]
fn a_broken_item_is_not_passed_over() {
    let workspace = r#"
//- tasks.rush
workspace { members: ["web", "api"] }
task deploy { run: `echo root` }
task build { run: `echo root` }
task go_on { run: `echo root` }
tsk near { run: `true` }
//- web/tasks.rush
tsk deploy { run: `true` }
build:
  run: `true`
tsk go_on { run: `true` }
//- api/tasks.rush
task deploy { run: `echo api` }
"#;
    let check = |directory: &str, label: &str, stderr: &str| {
        let rush = rush().fixture(workspace.trim_start()).args(["-C", directory, "run", label]);
        let run = rush.status(2).stderr(stderr).run();
        assert!(!run.stdout.contains("root"), "{}", run.stdout);
    };
    check("web", "deploy", "unknown kind `tsk`; did you mean `task`?");
    check("web", "build", "`build:` begins no item");
    check("web", "go-on", "unknown kind `tsk`");
    check(".", "//...:deploy", "unknown kind `tsk`");
    check("web", "near", "unknown kind `tsk`");
    // `:x` means this package only.
    check("web", ":near", "no task is named `:near`");
}

#[test]
fn a_broken_item_says_so_whatever_is_asked_of_it() {
    let tasks =
        "tsk near(x: int) {\n  run: `true`\n}\n\ntask near2 { run: `true` }\n\ntsk default {}\n";
    let check = |words: &[&str]| {
        let rush = rush().file("tasks.rush", tasks).args(words);
        let run = rush.status(2).stderr("unknown kind `tsk`; did you mean `task`?").run();
        assert!(!run.stderr.contains("near2"), "{}", run.stderr);
    };
    check(&["run", "near", "--x", "1"]);
    check(&["run", "near", "--help"]);
    check(&["run", "near(1)"]);
    check(&["run"]);
    check(&["plan", "near", "--x", "1"]);
    check(&["describe", "near"]);
    check(&["describe", "near", "--env"]);
    check(&["graph", "near"]);
    check(&["up", "near"]);
}
