//! From a name back to its value.

use super::{case, check, check_none};
use crate::actions::resolve_action;

#[test]
fn a_let_goes_into_its_uses() {
    check(
        "inline-all",
        "let x$0 = 1 + 2\nlet y = x * 3\nlet z = [x]\n",
        "let y = (1 + 2) * 3\nlet z = [1 + 2]\n",
    );
    check(
        "inline-here",
        "let x = \"a\"\nlet y = [x, x$0]\n",
        "let x = \"a\"\nlet y = [x, \"a\"]\n",
    );
    check(
        "inline-all",
        "task a {\n  let x = \"b\"\n  run: `c ${x$0}`\n}\n",
        "task a {\n  run: `c b`\n}\n",
    );
    check("inline-all", "fn f$0() = \"a\"\nlet y = [f(), f()]\n", "let y = [\"a\", \"a\"]\n");
}

#[test]
fn no_blank_line_is_left_at_the_end_of_the_file() {
    for end in ["", "\n", "\n\n"] {
        check(
            "inline-all",
            &format!("task t {{ run: `c ${{x}}` }}\n\n\n// why\nlet x$0 = \"b\"{end}"),
            "task t { run: `c b` }\n",
        );
    }
    check("inline-all", "let y = x\n\nlet x$0 = 1\n\n// The end.\n", "let y = 1\n\n// The end.\n");
    check("inline-all", "let y = x\r\n\r\nlet x$0 = 1\r\n", "let y = 1\r\n");
    // Where it was not formatted, too.
    check("inline-all", "let y  = x\n\n// why\nlet x$0 = 1", "let y  = 1\n");
    check("inline-all", "let y  = x\r\n\r\nlet x$0 = 1\r\n", "let y  = 1\r\n");
}

#[test]
fn a_choice_of_texts_goes_into_its_uses() {
    let dir = "let dir$0 = if host.ci then \"a\" else \"b\"\n";
    let value = "if host.ci then \"a\" else \"b\"";
    check(
        "inline-all",
        &format!("{dir}let y = dir.upper()\ntask t {{\n  inputs: [dir]\n  run: `c ${{dir}}`\n}}\n"),
        &format!(
            "let y = ({value}).upper()\ntask t {{\n  inputs: [{value}]\n  run: `c ${{{value}}}`\n}}\n"
        ),
    );
    check(
        "inline-all",
        &format!("{dir}let y = dir == \"a\"\n"),
        &format!("let y = ({value}) == \"a\"\n"),
    );
    check(
        "inline-all",
        "let x$0 = \"a\"\nlet y = if x == \"a\" then x else \"b\"\n",
        "let y = if \"a\" == \"a\" then \"a\" else \"b\"\n",
    );
    // Where a condition has answered already what the value asks, it would be always the same.
    check_none("inline-all", &format!("{dir}let y = if host.ci then dir else \"c\"\n"));
    check_none(
        "inline-all",
        "param mode: \"a\" | \"b\" = \"a\"\nlet is_a$0 = mode == \"a\"\ntask t { when: mode == \"b\" && is_a }\n",
    );
    // As little does it answer there what is asked behind it.
    let is_b = "param mode: \"a\" | \"b\" | \"c\" = \"a\"\nlet is_b$0 = mode == \"b\"\n";
    for body in [
        "when: is_b && mode == \"a\"",
        "when: !is_b || mode == \"a\"",
        "env { M: if is_b then \"1\" else if mode == \"b\" then \"2\" else \"3\" }",
        "tags: [if is_b: if mode == \"b\" then \"1\" else \"2\"]",
    ] {
        check_none("inline-all", &format!("{is_b}task t {{ {body} }}\n"));
    }
    check(
        "inline-all",
        &format!("{is_b}task t {{ when: is_b && host.ci }}\n"),
        "param mode: \"a\" | \"b\" | \"c\" = \"a\"\ntask t { when: (mode == \"b\") && host.ci }\n",
    );
    // What a condition tells of the name, it can't tell of the value.
    check_none("inline-all", &format!("{dir}let y = if dir == \"a\" then dir else \"c\"\n"));
    check_none(
        "inline-here",
        "let x = if host.ci then \"a\" else \"b\"\nlet y = if x$0 == \"a\" then x else \"c\"\n",
    );
    check_none("inline-all", "let x$0: \"a\" | \"b\" = \"a\"\nlet y = x == \"b\"\n");
}

#[test]
fn a_text_or_number_fills_its_holes() {
    check(
        "inline-all",
        "let out$0 = \"out/app\"\nlet p = 80\ntask a {\n  outputs: [\"${out}/x*\"]\n  run: `b \"${out}\" -p ${p}`\n}\n",
        "let p = 80\ntask a {\n  outputs: [\"out/app/x*\"]\n  run: `b \"out/app\" -p ${p}`\n}\n",
    );
    check("inline-all", "let p$0 = 80\nlet a = \"localhost:${p}\"\n", "let a = \"localhost:80\"\n");
    // What has a meaning of its own there stays a value.
    check(
        "inline-all",
        "let x$0 = \"a b\"\ntask t { run: `c ${x}` }\n",
        "task t { run: `c ${\"a b\"}` }\n",
    );
    check(
        "inline-all",
        "let x$0 = \"*\"\ntask t { inputs: [\"a/${x}\"] }\n",
        "task t { inputs: [\"a/${\"*\"}\"] }\n",
    );
    check(
        "inline-all",
        "let x$0 = \"A=1\"\ntask t { run: `${x} c` }\n",
        "task t { run: `${\"A=1\"} c` }\n",
    );
}

#[test]
fn a_list_over_several_lines_moves_with_its_indentation() {
    let list = "let l$0 = [\n  \"a\"\n\n  \"b\"\n]\n";
    check(
        "inline-all",
        &format!("{list}task t {{\n  inputs: l\n}}\n"),
        "task t {\n  inputs: [\n    \"a\"\n\n    \"b\"\n  ]\n}\n",
    );
    check_none("inline-all", &format!("{list}task t {{ run: `c ${{...l}}` }}\n"));
    check_none("inline-all", "let l$0 = [\n  \"a\" // why\n]\nlet m = l\n");
}

#[test]
fn uses_in_other_files_get_the_value() {
    let (case, range) = case(
        "//- tasks.rush\nuse \"lib.rush\" as lib\nlet y = lib.x\n//- lib.rush\nlet $0x = \"a\"\n",
    );
    let change = resolve_action(&case.db, case.file, range, "inline-all").unwrap();
    let shown: Vec<String> =
        change.edits.iter().map(|it| format!("{} -> {}", case.show(it.at), it.text)).collect();
    assert_eq!(
        shown,
        [
            "tasks.rush:2:9 \"lib.x\" -> \"a\"",
            "tasks.rush:1:1 \"use \\\"lib.rush\\\" as lib\\n\" -> ",
            "lib.rush:1:1 \"let x = \\\"a\\\"\\n\" -> "
        ]
    );
}

#[test]
fn names_that_can_not_be_replaced_stay() {
    check_none(
        "inline-all",
        "let x$0 = \"a\"\ntask b {\n  run: sh\"\"\"\n    echo \"$x\"\n  \"\"\"\n}\n",
    );
    check_none("inline-all", "let x$0: path = \"a\"\nlet y = x\n");
    check_none("inline-all", "let x$0 = 1\n");
    check_none("inline-all", "param x$0: int = 1\nlet y = x\n");
    check_none("inline-all", "let x$0 = y\nlet y = \nlet z = x\n");
    check_none(
        "inline-all",
        "//- tasks.rush\nuse \"lib.rush\" as lib\nlet z = lib.x\n//- lib.rush\nlet $0x = y + 1\nlet y = 2\n",
    );
}
