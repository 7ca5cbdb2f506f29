//! RUSH0503.

use super::{accepts, check};

const BOTH: &str = "task both { needs: [a, b] }\n";
const RACE: &str = "RUSH0503 b `\"out/x\"`: two tasks that may run at the same time write `out/x`";

fn both(rest: &str) -> String {
    format!("{rest}\n{BOTH}")
}

#[test]
fn two_needed_by_one_write_the_same() {
    check(
        &both(
            "task a { outputs: [\"out/x\"], run: `a` }\ntask b { outputs: [\"out/x\"], run: `b` }",
        ),
        &[RACE],
    );
}

#[test]
fn nobody_runs_both() {
    accepts("task a { outputs: [\"out/x\"], run: `a` }\ntask b { outputs: [\"out/x\"], run: `b` }");
}

#[test]
fn one_needs_the_other() {
    accepts(&both(
        "task a { outputs: [\"out/x\"], run: `a` }\ntask b { needs: [a], outputs: [\"out/x\"], run: `b` }",
    ));
}

#[test]
fn a_long_way_orders_them_too() {
    accepts(&both(
        "task a { outputs: [\"out/x\"], run: `a` }\ntask c { needs: [a] }\ntask d { steps: [c] }\ntask b { after: [d], outputs: [\"out/x\"], run: `b` }",
    ));
}

#[test]
fn steps_order_what_they_list() {
    accepts(
        "task a { outputs: [\"out/x\"], run: `a` }\ntask b { outputs: [\"out/x\"], run: `b` }\ntask both { steps: [a, b] }",
    );
}

#[test]
fn steps_order_what_they_bring_along() {
    let tasks = "task a { outputs: [\"out/x\"], run: `a` }\ntask b { outputs: [\"out/x\"], run: `b` }\n\
        task c { needs: [a] }\ntask d { needs: [b] }\n";
    accepts(&format!("{tasks}task all {{ steps: [c, d] }}"));
    accepts(&format!(
        "{tasks}task e {{ needs: [d] }}\ntask all {{ steps: [c, e] }}\ntask both {{ needs: [a, all] }}"
    ));
    check(&format!("{tasks}task all {{ needs: [c, d] }}"), &[RACE]);
}

#[test]
fn the_edge_of_a_condition_may_be_there() {
    accepts(&both(
        "task a { outputs: [\"out/x\"], run: `a` }\ntask b { needs: [if host.ci: a], outputs: [\"out/x\"], run: `b` }",
    ));
}

#[test]
fn who_is_needed_only_sometimes_is_left_to_the_plan() {
    accepts(
        "task a { outputs: [\"out/x\"], run: `a` }\ntask b { outputs: [\"out/x\"], run: `b` }\ntask both { needs: [if host.ci then a else b] }",
    );
}

#[test]
fn a_directory_holds_what_is_below_it() {
    check(
        &both("task a { outputs: [\"out\"], run: `a` }\ntask b { outputs: [\"out/x\"], run: `b` }"),
        &[RACE],
    );
    accepts(&both(
        "task a { outputs: [\"out\"], run: `a` }\ntask b { outputs: [\"output/x\"], run: `b` }",
    ));
}

#[test]
fn patterns_that_can_not_meet_are_not_accused() {
    accepts(&both(
        "task a { outputs: [\"out/*.o\"], run: `a` }\ntask b { outputs: [\"out/*.a\"], run: `b` }",
    ));
    accepts(&both(
        "task a { outputs: [\"out/*\", \"!out/x\"], run: `a` }\ntask b { outputs: [\"out/x\"], run: `b` }",
    ));
    check(
        &both(
            "task a { outputs: [\"out/x*\"], run: `a` }\ntask b { outputs: [\"out/?\"], run: `b` }",
        ),
        &["RUSH0503 b `\"out/?\"`: two tasks that may run at the same time write `out/x`"],
    );
}

#[test]
fn paths_belong_to_the_package_of_the_task() {
    let web = "//- web/tasks.rush\ntask b { outputs: [\"out/x\"], run: `b` }";
    accepts(&format!(
        "use \"web\" as web\ntask a {{ outputs: [\"out/x\"], run: `a` }}\ntask both {{ needs: [a, web.b] }}\n{web}"
    ));
    check(
        &format!(
            "use \"web\" as web\ntask a {{ outputs: [\"web/out/x\"], run: `a` }}\ntask both {{ needs: [a, web.b] }}\n{web}"
        ),
        &["RUSH0503 b `\"out/x\"`: two tasks that may run at the same time write `web/out/x`"],
    );
}

#[test]
fn templates_write_where_their_task_is() {
    check(
        "use \"//lib/t.rush\" as lib\ntask a extends lib.t { run: `a` }\ntask b extends lib.t { run: `b` }\ntask both { needs: [a, b] }\n//- lib/t.rush\ntemplate t { outputs: [\"x\"] }",
        &["RUSH0503 t `\"x\"`: two tasks that may run at the same time write `x`"],
    );
}

#[test]
fn arguments_of_templates_are_known() {
    let template = "template t(name: string) { outputs: [\"out/${name}\"] }\n";
    accepts(&format!(
        "{template}task a extends t(\"a\") {{ run: `a` }}\ntask b extends t(\"b\") {{ run: `b` }}\n{BOTH}"
    ));
    check(
        &format!(
            "{template}task a extends t(\"x\") {{ run: `a` }}\ntask b extends t(\"x\") {{ run: `b` }}\n{BOTH}"
        ),
        &["RUSH0503 t `\"out/${name}\"`: two tasks that may run at the same time write `out/x`"],
    );
}

#[test]
fn calls_of_one_task_write_the_same() {
    check(
        "task a(name: string) { outputs: [\"out/x\"], run: `a ${name}` }\ntask both { needs: [a(\"one\"), a(\"two\")] }",
        &["RUSH0503 a `\"out/x\"`: two tasks that may run at the same time write `out/x`"],
    );
    accepts(
        "task a(name: string) { outputs: [\"out/${name}\"], run: `a` }\ntask both { needs: [a(\"one\"), a(\"two\")] }",
    );
    accepts(
        "task a(name: string) { outputs: [\"out/x\"], run: `a` }\ntask both { needs: [a(\"one\"), a(\"one\")] }",
    );
    accepts(
        "fn same(name: string) -> string = name\ntask a(name: string) { outputs: [\"out/x\"], run: `a` }\ntask both { needs: [a(\"one\"), a(same(\"one\"))] }",
    );
    accepts(
        "param who: string = \"one\"\ntask a(name: string) { outputs: [\"out/x\"], run: `a` }\ntask both { needs: [a(\"one\"), a(who)] }",
    );
}

#[test]
fn cells_of_one_task_write_the_same() {
    check(
        "task a { matrix { os: [\"l\", \"m\"] }, outputs: [\"out/x\"], run: `a` }",
        &["RUSH0503 a `\"out/x\"`: two cells of `a` that may run at the same time write `out/x`"],
    );
    accepts("task a { matrix { os: [\"l\", \"m\"] }, outputs: [\"out/${matrix.os}\"], run: `a` }");
    accepts("task a { matrix { os: [\"l\"] }, outputs: [\"out/x\"], run: `a` }");
    accepts(
        "task a { matrix { os: [\"l\", \"m\"] }, when: matrix.os == \"l\", outputs: [\"out/x\"], run: `a` }",
    );
    accepts(
        "task a { matrix { os: [\"l\", \"m\"] }\n let d = if matrix.os == \"l\" then \"x\" else \"y\"\n outputs: [\"out/${d}\"], run: `a` }",
    );
}

#[test]
fn a_hole_makes_a_warning() {
    check(
        &format!(
            "param p: string = \"x\"\ntask a {{ outputs: [\"out/${{p}}\"], run: `a` }}\ntask b {{ outputs: [\"out/x\"], run: `b` }}\n{BOTH}"
        ),
        &[&format!("warning {RACE}")],
    );
    accepts(&format!(
        "param p: string = \"x\"\ntask a {{ outputs: [\"out/${{p}}/a\"], run: `a` }}\ntask b {{ outputs: [\"out/${{p}}/b\"], run: `b` }}\n{BOTH}"
    ));
    accepts(&format!(
        "param p: \"u\" | \"v\" = \"u\"\ntask a {{ outputs: [\"out/${{p}}\"], run: `a` }}\ntask b {{ outputs: [\"out/x\"], run: `b` }}\n{BOTH}"
    ));
}

#[test]
fn unknown_lists_are_silent() {
    accepts(&both(
        "task a(more: [glob] = []) { outputs: [\"out/x\", ...more], run: `a` }\ntask b { outputs: [for f in files(\"src/*\"): f], run: `b` }",
    ));
}

#[test]
fn lists_are_followed_through_lets_functions_and_loops() {
    check(
        &format!(
            "let names = [\"v\", \"x\"]\nfn at(n: string) -> string = \"out/${{n}}\"\ntask a {{ outputs: [for n in names: glob(at(n))], run: `a` }}\ntask b {{ outputs: [\"out/x\"], run: `b` }}\n{BOTH}"
        ),
        &[RACE],
    );
}

#[test]
fn conditions_may_exclude_each_other() {
    accepts(&both(
        "task a { when: host.os == \"linux\", outputs: [\"out/x\"], run: `a` }\ntask b { when: host.os == \"macos\", outputs: [\"out/x\"], run: `b` }",
    ));
    accepts(&both(
        "task a { when: false, outputs: [\"out/x\"], run: `a` }\ntask b { outputs: [\"out/x\"], run: `b` }",
    ));
}

#[test]
fn all_selects_the_tasks_of_packages() {
    let race = "RUSH0503 build `\"//dist\"`: two tasks that may run at the same time write `dist`";
    let packages = "//- p/a/tasks.rush\ntask build { outputs: [\"//dist\"], run: `a` }\n//- p/b/tasks.rush\ntask build { outputs: [\"//dist\"], run: `b` }\n//- q/tasks.rush\ntask build { outputs: [\"//dist\"], run: `c` }";
    check(&format!("task every {{ needs: [...all(\"//p/*\", \"build\")] }}\n{packages}"), &[race]);
    accepts(&format!(
        "task every {{ needs: [...all(\"//q\", \"build\"), ...all(\"//p/*\", \"lint\")] }}\n{packages}"
    ));
}

/// Of three writers each pair races, and none of them is told of what it reads of the others besides.
#[test]
fn who_writes_what_it_reads_of_others_hears_of_the_writing_alone() {
    let race = |later: &str| {
        format!("RUSH0503 {later} `\"x\"`: two tasks that may run at the same time write `x`")
    };
    check(
        "task a { outputs: [\"x\"], run: `a` }\ntask b { outputs: [\"x\"], run: `b` }\n\
         task c { outputs: [\"x\"], inputs: [\"x\"], run: `c` }\ntask all { needs: [a, b, c] }\n",
        &[&race("b"), &race("c")],
    );
}
