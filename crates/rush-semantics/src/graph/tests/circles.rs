//! RUSH0501.

use super::{accepts, check};

#[test]
fn a_circle_of_needs_names_every_step() {
    check(
        "task a { needs: [b], run: `a` }\ntask b { needs: [c], run: `b` }\ntask c { needs: [a], run: `c` }",
        &["RUSH0501 a `b`: tasks need each other in a circle: a -> b -> c -> a"],
    );
}

#[test]
fn a_task_that_needs_itself_is_a_circle() {
    check("task a { needs: [a] }", &["RUSH0501 a `a`: tasks need each other in a circle: a -> a"]);
}

#[test]
fn two_circles_are_two_findings() {
    check(
        "task a { needs: [b] }\ntask b { needs: [a] }\ntask c { needs: [d] }\ntask d { needs: [c] }",
        &[
            "RUSH0501 a `b`: tasks need each other in a circle: a -> b -> a",
            "RUSH0501 c `d`: tasks need each other in a circle: c -> d -> c",
        ],
    );
}

#[test]
fn what_only_leads_to_a_circle_is_not_accused() {
    check(
        "task start { needs: [a] }\ntask a { needs: [b, leaf] }\ntask b { needs: [a] }\ntask leaf { run: `x` }",
        &["RUSH0501 a `b`: tasks need each other in a circle: a -> b -> a"],
    );
}

#[test]
fn a_diamond_is_no_circle() {
    accepts(
        "task a { needs: [b, c] }\ntask b { needs: [d] }\ntask c { needs: [d] }\ntask d { run: `d` }",
    );
}

#[test]
fn a_circle_through_templates_and_lets() {
    check(
        "let wanted = [b]\ntemplate t { needs: wanted }\ntask a extends t { run: `a` }\ntask b { steps: [a] }",
        &["RUSH0501 t `wanted`: tasks need each other in a circle: a -> b -> a"],
    );
}

#[test]
fn a_circle_through_outputs() {
    check(
        "task a { inputs: b.outputs, outputs: [\"x\"], run: `a` }\ntask b { inputs: a.outputs, outputs: [\"y\"], run: `b` }",
        &["RUSH0501 a `b.outputs`: tasks need each other in a circle: a -> b -> a"],
    );
}

#[test]
fn a_circle_across_files() {
    check(
        "use \"./web\" as web\ntask a { needs: [web.b] }\n//- web/tasks.rush\nuse \"..\" as root\ntask b { needs: [root.a] }",
        &["RUSH0501 a `web.b`: tasks need each other in a circle: a -> //web:b -> a"],
    );
}

#[test]
fn a_call_with_other_arguments_is_another_task() {
    accepts(
        "task a(n: int = 1) { needs: [if n == 1 then b else c] }\ntask b { needs: [a(2)] }\ntask c { run: `c` }",
    );
}

#[test]
fn a_call_with_the_default_is_the_same_task() {
    check(
        "task a(n: int = 1) { needs: [b] }\ntask b { needs: [a(1)] }",
        &["RUSH0501 a `b`: tasks need each other in a circle: a -> b -> a"],
    );
}

#[test]
fn computed_arguments_are_left_to_the_plan() {
    accepts("task a(n: int = 9) { needs: [a(n - 1)] }");
}

#[test]
fn a_parameter_handed_on_is_the_same_argument() {
    check(
        "task a(n: string) { needs: [b(n)] }\ntask b(m: string) { needs: [a(m)] }",
        &["RUSH0501 a `b(n)`: tasks need each other in a circle: a -> b(n) -> a"],
    );
}

#[test]
fn a_need_that_depends_on_a_condition_is_not_certain() {
    accepts("task a { needs: [if host.ci: b] }\ntask b { needs: [a] }");
}

#[test]
fn steps_come_one_after_the_other() {
    check(
        "task all_steps { steps: [a, b] }\ntask a { needs: [b] }\ntask b { run: `b` }",
        &["RUSH0501 a `b`: tasks need each other in a circle: a -> b -> a"],
    );
}

#[test]
fn after_is_a_circle_only_where_both_are_in_one_plan() {
    accepts("task a { after: [b], run: `a` }\ntask b { after: [a], run: `b` }");
    check(
        "task a { after: [b], run: `a` }\ntask b { after: [a], run: `b` }\ntask both { needs: [a, b] }",
        &["RUSH0501 a `b`: tasks need each other in a circle: a -> b -> a"],
    );
    check(
        "task a { needs: [b], run: `a` }\ntask b { after: [a], run: `b` }",
        &["RUSH0501 a `b`: tasks need each other in a circle: a -> b -> a"],
    );
}
