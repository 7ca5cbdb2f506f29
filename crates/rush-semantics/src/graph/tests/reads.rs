//! RUSH0508.

use super::{accepts, check, check_fix, database, workspace_diagnostics};

fn pair(outputs: &str, inputs: &str) -> String {
    format!(
        "task gen {{ outputs: [{outputs}], run: `g` }}\ntask cc {{ inputs: [{inputs}], run: `c` }}\ntask both {{ needs: [gen, cc] }}\n"
    )
}

#[test]
fn a_written_file_is_read_without_needing_it() {
    check(
        &pair("\"gen/a.c\"", "\"gen/a.c\""),
        &[
            "RUSH0508 cc `\"gen/a.c\"`: `cc` reads `gen/a.c`, which `gen` writes, without needing it",
        ],
    );
}

#[test]
fn another_file_is_read() {
    accepts(&pair("\"gen/a.c\"", "\"gen/b.c\""));
    accepts(&pair("\"gen/*.c\"", "\"gen/*.h\""));
}

#[test]
fn a_wildcard_leaves_outputs_of_others_out() {
    accepts(&pair("\"src/gen/a.c\"", "\"src/**/*.c\""));
    accepts(&pair("\"src/gen\"", "\"**/*.c\", \"src\""));
}

#[test]
fn a_wildcard_below_an_output_means_it() {
    check(
        &pair("\"src/gen\"", "\"src/gen/**/*.c\""),
        &[
            "RUSH0508 cc `\"src/gen/**/*.c\"`: `cc` reads `src/gen/a.c`, which `gen` writes, without needing it",
        ],
    );
}

#[test]
fn exclusions_count() {
    accepts(&pair("\"gen\"", "\"gen/*.c\", \"!gen/*\""));
    accepts(&pair("\"gen/**\", \"!gen/a.c\"", "\"gen/a.c\""));
}

#[test]
fn a_path_in_either_direction_orders_them() {
    accepts(
        "task gen { outputs: [\"a\"], run: `g` }\ntask cc { needs: [gen], inputs: [\"a\"], run: `c` }\ntask both { needs: [gen, cc] }",
    );
    accepts(
        "task gen { needs: [cc], outputs: [\"a\"], run: `g` }\ntask cc { inputs: [\"a\"], run: `c` }\ntask both { needs: [gen, cc] }",
    );
}

#[test]
fn outputs_are_an_edge() {
    accepts(
        "task gen { outputs: [\"a\"], run: `g` }\ntask cc { inputs: [...gen.outputs, \"a\"], run: `c` }\ntask both { needs: [gen, cc] }",
    );
    accepts(
        "task gen { outputs: [\"a\"], run: `g` }\ntask cc { inputs: [\"a\"], run: `c ${...gen.outputs}` }\ntask both { needs: [gen, cc] }",
    );
    accepts(
        "task gen { outputs: [\"a\"], run: `g` }\nlet made = gen.outputs\ntask cc { inputs: [\"a\"], run: `c ${...made}` }\ntask both { needs: [gen, cc] }",
    );
}

#[test]
fn the_edge_of_a_template_counts() {
    accepts(
        "task gen { outputs: [\"a\"], run: `g` }\ntemplate t { needs: [gen] }\ntask cc extends t { inputs: [\"a\"], run: `c` }\ntask both { needs: [gen, cc] }",
    );
    check(
        "task gen { outputs: [\"a\"], run: `g` }\ntemplate t { needs: [gen] }\ntask cc extends t { needs: [], inputs: [\"a\"], run: `c` }\ntask both { needs: [gen, cc] }",
        &["RUSH0508 cc `\"a\"`: `cc` reads `a`, which `gen` writes, without needing it"],
    );
    accepts(
        "task gen { outputs: [\"a\"], run: `g` }\ntemplate t { needs: [gen] }\ntask cc extends t { needs: [...base.needs], inputs: [\"a\"], run: `c` }\ntask both { needs: [gen, cc] }",
    );
}

#[test]
fn services_and_tasks_without_a_common_task_are_silent() {
    accepts("task gen { outputs: [\"a\"], run: `g` }\ntask cc { inputs: [\"a\"], run: `c` }");
    accepts(
        "task gen { outputs: [\"a\"], run: `g` }\nservice s { inputs: [\"a\"], run: `c`, ready { probe: tcp(1) } }\ntask both { needs: [gen, s] }",
    );
}

#[test]
fn arguments_are_followed() {
    let tasks = "task gen(n: string) { outputs: [\"gen/${n}.c\"], run: `g` }\ntask cc { inputs: [\"gen/a.c\"], run: `c` }\n";
    check(
        &format!("{tasks}task both {{ needs: [gen(\"a\"), cc] }}"),
        &[
            "RUSH0508 cc `\"gen/a.c\"`: `cc` reads `gen/a.c`, which `gen(\"a\")` writes, without needing it",
        ],
    );
    accepts(&format!("{tasks}task both {{ needs: [gen(\"b\"), cc] }}"));
}

#[test]
fn the_fix_adds_the_need() {
    let rest = "task both { needs: [gen, cc] }\n";
    let gen_task = "task gen { outputs: [\"a\"], run: `g` }\n";
    check_fix(
        &format!("{gen_task}task cc {{ inputs: [\"a\"], run: `c` }}\n{rest}"),
        &format!("{gen_task}task cc {{ needs: [gen], inputs: [\"a\"], run: `c` }}\n{rest}"),
    );
    check_fix(
        &format!(
            "{gen_task}task x {{ run: `x` }}\ntask cc {{\n  needs: [x]\n  inputs: [\"a\"]\n  run: `c`\n}}\n{rest}"
        ),
        &format!(
            "{gen_task}task x {{ run: `x` }}\ntask cc {{\n  needs: [x, gen]\n  inputs: [\"a\"]\n  run: `c`\n}}\n{rest}"
        ),
    );
    check_fix(
        &format!(
            "{gen_task}task x {{ run: `x` }}\ntask cc {{\n  needs: [\n    x\n  ]\n  inputs: [\"a\"]\n  run: `c`\n}}\n{rest}"
        ),
        &format!(
            "{gen_task}task x {{ run: `x` }}\ntask cc {{\n  needs: [\n    x\n    gen\n  ]\n  inputs: [\"a\"]\n  run: `c`\n}}\n{rest}"
        ),
    );
    check_fix(
        &format!("{gen_task}task cc {{\n  inputs: [\"a\"]\n  run: `c`\n}}\n{rest}"),
        &format!("{gen_task}task cc {{\n  needs: [gen]\n  inputs: [\"a\"]\n  run: `c`\n}}\n{rest}"),
    );
}

#[test]
fn what_each_call_would_need_is_not_known() {
    let text = "type N = \"a\" | \"b\"\ntask gen(n: N) { outputs: [\"o/${n}.c\"], run: `g` }\ntask cc(n: N) { inputs: [\"o/${n}.c\"], run: `c` }\ntask all { needs: [for n in N.values: gen(n), for n in N.values: cc(n)] }\n";
    let found = workspace_diagnostics(&database(text)).to_vec();
    let [finding] = found.as_slice() else { panic!("expected one finding: {found:?}") };
    assert_eq!(finding.code, rush_diagnostics::Code::MissingNeed);
    assert!(finding.fixes.is_empty(), "{:?}", finding.fixes);
}
