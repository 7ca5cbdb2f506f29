//! RUSH0502.

use super::{accepts, check};

#[test]
fn outputs_of_a_task_that_never_runs() {
    check(
        "task a { when: false, outputs: [\"x\"], run: `a` }\ntask b { inputs: a.outputs, run: `b` }",
        &["RUSH0502 b `a.outputs`: `b` reads the outputs of `a`, which `when` removes"],
    );
    check(
        "task a(on: bool = false) { when: on, outputs: [\"x\"], run: `a` }\ntask b { run: `b ${...a.outputs}` }\ntask c { run: `c ${...a(true).outputs}` }",
        &["RUSH0502 b `a.outputs`: `b` reads the outputs of `a`, which `when` removes"],
    );
}

#[test]
fn needing_it_or_reading_it_sometimes_is_fine() {
    accepts("task a { when: false, outputs: [\"x\"], run: `a` }\ntask b { needs: [a], run: `b` }");
    accepts(
        "task a { when: host.ci, outputs: [\"x\"], run: `a` }\ntask b { inputs: a.outputs, run: `b` }",
    );
    accepts(
        "task a { when: false, outputs: [\"x\"], run: `a` }\ntask b { inputs: [if host.ci: ...a.outputs], run: `b` }",
    );
    accepts(
        "task a { when: false, outputs: [\"x\"], run: `a` }\ntask b { when: false, inputs: a.outputs, run: `b` }",
    );
}
