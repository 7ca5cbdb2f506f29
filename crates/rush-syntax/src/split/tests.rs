//! Where files are cut.

use super::split;

const KINDS: [&str; 4] = ["task", "service", "workspace", "template"];

/// Each slice as `kind name: first line / last line`.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str, &str)]) {
    let slices = split(text, &KINDS);
    let tiles: String = slices.iter().map(|it| &text[it.range]).collect();
    assert_eq!(tiles, text);
    let found: Vec<_> =
        slices.iter().map(|it| (it.kind.as_str(), it.name.as_str(), &text[it.range])).collect();
    assert_eq!(found, expected);
}

#[test]
fn items_start_at_column_zero() {
    check(
        "//! Doc.\n\nuse \"//x.rush\" as x\nlet a = 1\ntask b {\n  run: `x`\n}\n",
        &[
            ("", "", "//! Doc.\n\n"),
            ("use", "x", "use \"//x.rush\" as x\n"),
            ("let", "a", "let a = 1\n"),
            ("task", "b", "task b {\n  run: `x`\n}\n"),
        ],
    );
}

#[test]
fn docs_and_comments_directly_above_belong_to_the_item() {
    check(
        "task a {\n}\n// far\n\n// near\n/// Doc.\n\ntask b {}\n// c\nlet x = 1\n",
        &[
            ("task", "a", "task a {\n}\n// far\n\n"),
            ("task", "b", "// near\n/// Doc.\n\ntask b {}\n"),
            ("let", "x", "// c\nlet x = 1\n"),
        ],
    );
}

#[test]
fn other_words_at_column_zero_stay_in_the_open_item() {
    check(
        "task a {\nrun: `x`\nfoo.bar\nworkspace: 1\n}\nworkspace {\n}\ntsk b {\n}\n",
        &[
            ("task", "a", "task a {\nrun: `x`\nfoo.bar\nworkspace: 1\n}\n"),
            ("workspace", "", "workspace {\n}\n"),
            ("tsk", "b", "tsk b {\n}\n"),
        ],
    );
}

#[test]
fn a_declaration_without_its_first_word_is_no_part_of_the_item_above() {
    let sound = "task a {\n  run: `x`\n}\n";
    for stray in [" b(x: int) {\n  run: `x`\n}\n", " b extends t {}\n", " b {\n}\n"] {
        let text = format!("{sound}\n{stray}\n{sound}");
        let (first, stray) = (format!("{sound}\n"), format!("{stray}\n"));
        check(&text, &[("task", "a", &first), ("", "", &stray), ("task", "a", sound)]);
    }
    // What goes on is inside, however it is laid out.
    for whole in [
        "task a(\n  x: { y: int\n}\n  z: f(a: int)\n) {\n}\n",
        "let a = [\n{ x: 1\n}\n  f(2)\n]\n",
        "let a =\n  f(2)\n",
        "let a = b ||\n  f(2)\n",
        "let a = if b then c\n  else f(2)\n",
        "type A = {\n  x: int\n}\n  | fixed(delay: duration)\n",
        "task a {\n  retry {\n  }\n}\n",
    ] {
        assert_eq!(split(whole, &KINDS).len(), 1, "{whole}");
    }
}

#[test]
fn a_body_without_its_brace_belongs_to_its_head() {
    let heads = ["task a", "task a(x: int)", "task a(\n  x: int\n)", "task a extends b"];
    for head in heads {
        for member in ["let y = 1", "check y, \"z\"", "retry { attempts: 2 }"] {
            let broken = format!("{head}\n  {member}\n  run: `x`\n}}\n");
            check(
                &format!("{broken}task c {{}}\n"),
                &[("task", "a", &broken), ("task", "c", "task c {}\n")],
            );
        }
        // An item that is indented is one nevertheless.
        let (first, second) = (format!("{head}\n"), "  task b {\n  }\n");
        check(&format!("{first}{second}"), &[("task", "a", &first), ("task", "b", second)]);
    }
    check(
        "let a = b\n  let c = 1\n",
        &[("let", "a", "let a = b\n"), ("let", "c", "  let c = 1\n")],
    );
}

#[test]
fn unknown_kinds_inside_an_open_text_are_its_body() {
    check(
        "task a {\n  run: sh\"\"\"\necho hi\ndocker ps\n  \"\"\"\n}\ntask b {}\n",
        &[
            ("task", "a", "task a {\n  run: sh\"\"\"\necho hi\ndocker ps\n  \"\"\"\n}\n"),
            ("task", "b", "task b {}\n"),
        ],
    );
}

#[test]
fn an_item_may_be_named_extends() {
    check(
        "let extends = 6\ntask extends {}\ntask extends(a: int) {}\ntask extends b {}\n",
        &[
            ("let", "extends", "let extends = 6\n"),
            ("task", "extends", "task extends {}\n"),
            ("task", "extends", "task extends(a: int) {}\n"),
            ("task", "", "task extends b {}\n"),
        ],
    );
}

#[test]
fn an_indented_item_behind_a_complete_one_begins_anew() {
    check(
        "task a { run: `x` }\n  /// Doc.\n  // Why.\n  task b-c {\n    let y = 1\n  }\n\n  let größe = 1\ntask d {}\n",
        &[
            ("task", "a", "task a { run: `x` }\n"),
            ("task", "b_c", "  /// Doc.\n  // Why.\n  task b-c {\n    let y = 1\n  }\n\n"),
            ("let", "größe", "  let größe = 1\n"),
            ("task", "d", "task d {}\n"),
        ],
    );
    check("// c\n\n  task a {\n  }\n", &[("", "", "// c\n\n"), ("task", "a", "  task a {\n  }\n")]);
    check("/// Doc.\n  task a {}\n", &[("task", "a", "/// Doc.\n  task a {}\n")]);
    check("rubbish\n  task a {}\n", &[("", "", "rubbish\n  task a {}\n")]);
    // Inside what is open it is part of that, and a field is no item.
    for whole in [
        "task a {\n  let x = 1\n  check y, \"z\"\n}\n",
        "task a {\n  run: sh\"\"\"\n    x\n  task b {\n  \"\"\"\n}\n",
        "let a = \"\"\"\n  task b {\n\"\"\"\n",
        "task a {\n}\n  task: 1\n",
        "let a =\n  task\n",
        "let a = b\n  || type\n",
    ] {
        assert_eq!(split(whole, &KINDS).len(), 1, "{whole}");
    }
}

#[test]
fn a_base_below_its_extends_is_no_item() {
    let text = "template a(b: string) extends // c\n  base {\n  }\n";
    check(text, &[("template", "a", text)]);
}
