//! What was formatted stays formatted.

use super::check;

#[test]
fn a_script_in_a_declaration_on_one_line_gets_lines() {
    check(
        "command-to-script",
        "task a { run: `e$0cho x` }\n",
        "task a {\n  run: sh\"\"\"\n    echo x\n  \"\"\"\n}\n",
    );
    // Who writes it otherwise keeps what they wrote.
    check(
        "command-to-script",
        "task a {run: `e$0cho x`}\n",
        "task a {run: sh\"\"\"\n  echo x\n\"\"\"}\n",
    );
}

#[test]
fn a_declaration_on_one_line_stays_one_where_it_fits() {
    let long = "a".repeat(40);
    check(
        "extract-let",
        &format!("task a {{ run: `x {long}`, env {{ A: $0\"{long}\"$1 }} }}\n"),
        &format!(
            "let ‹a_value› = \"{long}\"\n\ntask a {{ run: `x {long}`, env {{ A: a_value }} }}\n"
        ),
    );
}

#[test]
fn what_mends_a_file_formats_it() {
    check(
        "fix-everything",
        "task a {\n  deps$0: [b]\n  run: `x`\n}\n\ntask b { cmd: `y | z` }\n",
        "task a {\n  needs: [b]\n  run: `x`\n}\n\ntask b {\n  run: sh\"\"\"\n    y | z\n  \"\"\"\n}\n",
    );
}
