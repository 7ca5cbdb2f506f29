//! Which actions are offered where, and what they change.

mod comments;
mod inline;
mod kept;

use text_size::{TextRange, TextSize};

use super::{Action, ActionKind, EVERYTHING, changes, code_actions, resolve_action};
use crate::fixture::{Case, applied};

/// The selection: from `$0` to `$1`, or the empty one at `$0`.
fn case(input: &str) -> (Case, TextRange) {
    let end = input.find("$1");
    let case = Case::new(&input.replacen("$1", "", 1));
    let length = end.map_or(0, |end| {
        let start = input.find("$0").unwrap();
        end - start - 2
    });
    let range = TextRange::at(case.offset, TextSize::new(length as u32));
    (case, range)
}

/// Applies an action and expects the text of the file; where a name was made up, it stands in `‹›`.
fn check(id: &str, input: &str, expect: &str) {
    let (case, range) = case(input);
    let change = resolve_action(&case.db, case.file, range, id);
    let Some(change) = change else {
        let ids: Vec<String> = code_actions(&case.db, case.file, range, |_| true)
            .into_iter()
            .map(|it| it.id)
            .collect();
        panic!("{id} is not among {ids:?} in {input}");
    };
    let file = case.file.id(&case.db);
    let own: Vec<_> = change.edits.iter().filter(|it| it.at.file == file).cloned().collect();
    let mut text = applied(case.file.text(&case.db), &own);
    if let Some(name) = change.rename {
        text.insert(name.range.end().into(), '›');
        text.insert(name.range.start().into(), '‹');
    }
    assert_eq!(text, expect, "{id} in {input}");
}

/// Expects that an action is not offered.
fn check_none(id: &str, input: &str) {
    let (case, range) = case(input);
    let found = code_actions(&case.db, case.file, range, |_| true);
    assert!(found.iter().all(|it| it.id != id), "{id} in {input}");
}

/// The titles of what is offered.
fn titles(input: &str, expect: &[&str]) {
    let (case, range) = case(input);
    let found = code_actions(&case.db, case.file, range, |it| it != ActionKind::FixEverything);
    let shown: Vec<String> =
        found.iter().map(|it| format!("{}: {}", it.kind.name(), it.title)).collect();
    assert_eq!(shown, expect, "{input}");
}

#[test]
fn findings_are_mended_one_by_one_or_all() {
    let two = "task a {\n  dep$0s: [b]\n  run: `x`\n}\ntask b {\n  deps: []\n  run: `x`\n}\n";
    titles(
        two,
        &[
            "quickfix: change it to `needs`",
            "source.fixAll.rush: fix all 2 of `RUSH0201` in this file",
        ],
    );
    check("fix-all:RUSH0201", two, &two.replace("deps", "needs").replace("dep$0s", "needs"));
    // Once it has its name, it shows that it says nothing.
    check(EVERYTHING, two, &two.replace("  deps: []\n", "").replace("dep$0s", "needs"));
}

#[test]
fn syntax_is_mended_too() {
    titles("task a {\n  run $0= `x`\n}\n", &["quickfix: write `:`"]);
}

#[test]
fn all_that_is_missing_is_added_at_once() {
    let (case, range) = case("service s$0 {}\n");
    let found = code_actions(&case.db, case.file, range, |_| true);
    assert!(found.iter().any(|it| it.title.starts_with("add")), "{found:?}");
}

#[test]
fn what_is_missing_is_added_from_anywhere_in_what_lacks_it() {
    for service in [
        "$0service s {\n\n}\n",
        "ser$0vice s {\n\n}\n",
        "service s $0{\n\n}\n",
        "service s {\n$0\n}\n",
        "service s {\n\n$0}\n",
    ] {
        let (case, range) = case(service);
        let found = code_actions(&case.db, case.file, range, |_| true);
        assert!(found.iter().any(|it| it.title == "add `run`"), "{service}: {found:?}");
    }
    titles("service s {}\n\n$0task t { run: `x` }\n", &[]);
    let call = "task a(n: int, e: \"p\" | \"q\") {}\ntask b {\n  run: `x`\n  needs: [a($0)]\n}\n";
    check("fix:RUSH0202:63:0", call, &call.replace("a($0)", "a(n: 0, e: \"p\")"));
    let elsewhere = call.replace("$0", "").replace("run: `x`", "run: `$0x`");
    check_none("fix:RUSH0202:63:0", &elsewhere);
    let record = "let r: { x: int, y: [int], z: int } = {\n  z: 1$0\n}\n";
    let filled = "let r: { x: int, y: [int], z: int } = {\n  z: 1\n  x: 0\n  y: []\n}\n";
    check("add-missing", record, filled);
}

#[test]
fn an_option_without_its_argument_is_left_out_too() {
    let text = |run: &str| format!("task t(k: string? = none) {{\n  run: `{run}`\n}}\n");
    titles(
        &text("pytest -x -k ${$0k} tests"),
        &[
            "quickfix: leave the argument out when it is none",
            "quickfix: leave `-k` and its argument out when it is none",
        ],
    );
    check(
        "fix:RUSH0208:48:1",
        &text("pytest -k ${$0k}"),
        &text("pytest ${...if k != none then [\"-k\", k] else []}"),
    );
    let alone = "quickfix: leave the argument out when it is none";
    for one in
        ["pytest k ${$0k}", "pytest \"-k\" ${$0k}", "pytest -1 ${$0k}", "pytest --k=1 ${$0k}"]
    {
        titles(&text(one), &[alone]);
    }
    for part in ["pytest -k${$0k}", "pytest --k=${$0k}", "sh -c \"x -k ${$0k} y\""] {
        titles(&text(part), &[]);
    }
}

#[test]
fn an_expression_becomes_a_let_of_the_file() {
    check("extract-let", "let x = 1 + $02 * 3$1\n", "let ‹value› = 2 * 3\n\nlet x = 1 + value\n");
    check(
        "extract-let",
        "/// Doc.\ntask a {\n  inputs: $0[\"a\", \"b\"]$1\n}\n",
        "let ‹inputs› = [\"a\", \"b\"]\n\n/// Doc.\ntask a {\n  inputs: inputs\n}\n",
    );
    check(
        "extract-let",
        "task a {\n  inputs: $0[\n    \"a\"\n    \"b\"\n  ]$1\n}\n",
        "let ‹inputs› = [\n  \"a\"\n  \"b\"\n]\n\ntask a {\n  inputs: inputs\n}\n",
    );
}

#[test]
fn an_expression_becomes_a_let_of_the_task() {
    check(
        "extract-let-here",
        "task a(x: string) {\n  run: `b ${$0x.upper()$1}`\n}\n",
        "task a(x: string) {\n  let ‹argument› = x.upper()\n  run: `b ${argument}`\n}\n",
    );
    check(
        "extract-let-here",
        "task a { timeout: $030s$1, run: `b` }\n",
        "task a { let ‹timeout› = 30s, timeout: timeout, run: `b` }\n",
    );
    check_none("extract-let", "task a(x: string) {\n  run: `b ${$0x.upper()$1}`\n}\n");
}

#[test]
fn a_part_of_a_text_becomes_a_let() {
    check(
        "extract-let",
        "task a { outputs: [\"out/$0app$1/main\"], run: `b` }\n",
        "let ‹output› = \"app\"\n\ntask a { outputs: [\"out/${output}/main\"], run: `b` }\n",
    );
    check(
        "extract-let-here",
        "task a {\n  run: `docker run img:$01.2$1 'x'`\n}\n",
        "task a {\n  let ‹argument› = \"1.2\"\n  run: `docker run img:${argument} 'x'`\n}\n",
    );
    check(
        "extract-let-here",
        "task a(n: int) {\n  description: \"a\"\n  env { X: \"$0it is$1 ${n}\" }\n  run: `b`\n}\n",
        "task a(n: int) {\n  description: \"a\"\n  let ‹x› = \"it is\"\n  env { X: \"${x} ${n}\" }\n  run: `b`\n}\n",
    );
    let none = |input: &str| {
        check_none("extract-let", input);
        check_none("extract-let-here", input);
    };
    // The program, letters between single quotes, more than one word, and signs of patterns.
    none("task a { run: `$0b$1 c` }\n");
    none("task a { run: `b 'c $0d$1'` }\n");
    none("task a { run: `b $0c d$1` }\n");
    none("task a { inputs: [\"$0a/*$1.c\"], run: `b` }\n");
    // A literal of a union, and a text without escapes or holes.
    none("task a(m: \"x-y\" = \"x-$0y$1\") { run: `b` }\n");
    none("task a { outputs: [r\"out/$0app$1/main\"], run: `b` }\n");
}

#[test]
fn a_text_is_selected_with_or_without_its_quotes() {
    check(
        "extract-let",
        "task a { description: \"$0it is$1\", run: `b` }\n",
        "let ‹description› = \"it is\"\n\ntask a { description: description, run: `b` }\n",
    );
}

#[test]
fn a_text_over_several_lines_moves_with_its_indentation() {
    check(
        "extract-let",
        "task a {\n  env {\n    A: $0\"\"\"\n      b\n\n        c\n    \"\"\"$1\n  }\n  run: `b`\n}\n",
        "let ‹a_value› = \"\"\"\n  b\n\n    c\n\"\"\"\n\ntask a {\n  env {\n    A: a_value\n  }\n  run: `b`\n}\n",
    );
    check(
        "extract-let-here",
        "task t {\n  env {\n    A: $0\"\"\"\n      b\n    \"\"\"$1\n  }\n  run: `b`\n}\n",
        "task t {\n  let ‹a› = \"\"\"\n    b\n  \"\"\"\n  env {\n    A: a\n  }\n  run: `b`\n}\n",
    );
}

#[test]
fn marks_and_line_ends_stay() {
    check(
        "extract-let",
        "\u{feff}let x = $01 + 2$1\r\n",
        "\u{feff}let ‹value› = 1 + 2\r\n\r\nlet x = value\r\n",
    );
    check(
        "extract-let-here",
        "task a {\r\n  timeout: $01m$1\r\n  run: `b`\r\n}\r\n",
        "task a {\r\n  let ‹timeout› = 1m\r\n  timeout: timeout\r\n  run: `b`\r\n}\r\n",
    );
}

#[test]
fn what_has_its_meaning_from_its_place_stays() {
    let none = |input: &str| {
        check_none("extract-let", input);
        check_none("extract-let-here", input);
    };
    none("secret s { from: $0env(\"S\")$1 }\n");
    none("secret s { from: env($0\"S\"$1) }\n");
    none("task a { needs: [...all($0\"//*\"$1, \"b\")] }\n");
    none("task a { matrix { v: $0[\"a\"]$1 } }\n");
    none("task a { retry { attempts: 1, delay: $0fixed(1s)$1 } }\n");
    none("task a { env $0{ A: \"1\" }$1 }\n");
    none("task a(x: string) { inputs: [$0\"a/${x}\"$1] }\n");
    none("let l = [for v in [1]: $0v + 1$1]\n");
    none("let x = $0y$1\nlet y = 1\n");
    none("workspace { members: $0[\"a\"]$1 }\n");
    none("task a {\n  run: `b ${$01 + }`\n}\n");
    none("let x$0 = 1\n");
}

#[test]
fn guarded_expressions_stay() {
    check_none("extract-let-here", "task a(x: string?) { when: x != none && $0x.len() > 1$1 }\n");
}

#[test]
fn fields_become_a_template() {
    check(
        "extract-template",
        "task a$0(x: int) {\n  /// Doc.\n  inputs: [\"a\"]\n  env { A: \"1\" }\n  timeout: 1m * x\n  run: `b`\n}\n",
        "template ‹a_base› {\n  /// Doc.\n  inputs: [\"a\"]\n  env { A: \"1\" }\n}\n\ntask a(x: int) extends a_base {\n  timeout: 1m * x\n  run: `b`\n}\n",
    );
    check(
        "extract-template",
        "task a {\n  inputs: [\"a\"]\n$0  timeout: 1m$1\n  run: `b`\n}\n",
        "template ‹a_base› {\n  timeout: 1m\n}\n\ntask a extends a_base {\n  inputs: [\"a\"]\n  run: `b`\n}\n",
    );
    check_none("extract-template", "template t {}\ntask a$0 extends t { timeout: 1m }\n");
    check_none("extract-template", "task a$0 { run: `b` }\n");
    check_none("extract-template", "service a$0 { run: `b`, env { A: \"1\" } }\n");
}

#[test]
fn a_command_becomes_a_script() {
    check(
        "command-to-script",
        "task a(x: string) {\n  run: `b$0 --c ${x} 'd e'`\n}\n",
        "task a(x: string) {\n  run: sh\"\"\"\n    b --c \"${x}\" 'd e'\n  \"\"\"\n}\n",
    );
    check_none("command-to-script", "task a(x: [string]) { run: `b$0 ${...x}` }\n");
    check_none("command-to-script", "task a(x: string?) { run: `b$0 ${...x}` }\n");
}

#[test]
fn a_plain_script_becomes_a_command() {
    check(
        "script-to-command",
        "task a(x: string) {\n  run: sh\"\"\"\n    b$0 --c \"$x\" 'd e' \"f-${x}\"\n  \"\"\"\n}\n",
        "task a(x: string) {\n  run: `b --c \"${x}\" 'd e' \"f-${x}\"`\n}\n",
    );
    let none = |line: &str| {
        check_none(
            "script-to-command",
            &format!("task a(x: string) {{\n  run: sh\"\"\"\n    {line}$0\n  \"\"\"\n}}\n"),
        );
    };
    none("b | c");
    none("b $x");
    none("cd x");
    none("A=1 b");
    none("b \"$HOME\"");
    none("b *.c");
    none("b ~/x");
    none("b\n    c");
    none("b \"\\n\"");
}

#[test]
fn quotes_change_without_changing_the_text() {
    check("text-to-raw", "let x = \"a\\\\d$0\"\n", "let x = r\"a\\d\"\n");
    check("text-to-plain", "let x = r\"a\\d$0\"\n", "let x = \"a\\\\d\"\n");
    check(
        "text-to-block",
        "let x = \"a$0\\n b ${y}\"\n",
        "let x = \"\"\"\n  a\n   b ${y}\n\"\"\"\n",
    );
    check(
        "text-to-plain",
        "let x = \"\"\"\n  a$0\n   b ${y}\n\"\"\"\n",
        "let x = \"a\\n b ${y}\"\n",
    );
    check_none("text-to-raw", "let x = \"a\\\"b$0\"\n");
    check_none("text-to-raw", "let x = \"a\\n$0\"\n");
    check_none("text-to-raw", "let x = \"a\\\\${y}$0\"\n");
    check_none("text-to-block", "let x = \"a$0\"\n");
}

#[test]
fn imports_are_organised() {
    titles(
        "//- tasks.rush\n$0\nuse \"b.rush\" as b\nuse \"a.rush\" as a\nlet x = [a.y, b.y]\n//- a.rush\nlet y = 1\n//- b.rush\nlet y = 1\n",
        &["source.organizeImports: sort the imports and remove unused ones"],
    );
}

#[test]
fn actions_are_found_again_and_broken_files_are_none() {
    let (case, range) = case("let x = $01 + 2$1\n");
    let found = code_actions(&case.db, case.file, range, |_| true);
    let resolve = |it: Action| {
        let change = resolve_action(&case.db, case.file, range, &it.id);
        (it, change.unwrap())
    };
    let resolved: Vec<_> = found.into_iter().map(resolve).collect();
    assert_eq!(changes(&case.db, case.file, range, |_| true), resolved);
    let is_rewrite = |it| it == ActionKind::Rewrite;
    assert!(changes(&case.db, case.file, range, is_rewrite).iter().all(|it| is_rewrite(it.0.kind)));
    assert_eq!(resolve_action(&case.db, case.file, range, "nothing"), None);
    titles("$0", &[]);
    titles("$%$0&(\n", &[]);
}

#[test]
fn names_that_are_made_up_tell_what_is_named() {
    check(
        "extract-let-here",
        "task a {\n  inputs: [$0\"x\"$1, \"y\"]\n}\n",
        "task a {\n  let ‹input› = \"x\"\n  inputs: [input, \"y\"]\n}\n",
    );
    check(
        "extract-let-here",
        "task a {\n  run: $0`b`$1\n}\n",
        "task a {\n  let ‹command› = `b`\n  run: command\n}\n",
    );
    // What another task or a script calls so would mean something else.
    check(
        "extract-let",
        "task a {\n  timeout: $030s$1\n}\ntask b(timeout: duration) { run: `b` }\n",
        "let ‹a_timeout› = 30s\n\ntask a {\n  timeout: a_timeout\n}\ntask b(timeout: duration) { run: `b` }\n",
    );
    check(
        "extract-let",
        "task a {\n  timeout: $030s$1\n}\ntask b { run: sh\"\"\"\n  echo ${timeout:-1}\n\"\"\" }\n",
        "let ‹a_timeout› = 30s\n\ntask a {\n  timeout: a_timeout\n}\ntask b { run: sh\"\"\"\n  echo ${timeout:-1}\n\"\"\" }\n",
    );
}

#[test]
fn what_is_said_of_a_field_moves_with_it() {
    check(
        "extract-template",
        "task $0a {\n  // Sources only.\n  // No docs.\n  inputs: [\"x\"]\n\n  // Runs.\n  run: `b`\n}\n",
        "template ‹a_base› {\n  // Sources only.\n  // No docs.\n  inputs: [\"x\"]\n}\n\n\
         task a extends a_base {\n  // Runs.\n  run: `b`\n}\n",
    );
}

#[test]
fn a_rewriting_that_mends_is_offered_once() {
    let case = Case::new("task a {\n  run: `b $0| c`\n}\n");
    let at = TextRange::empty(case.offset);
    let found = code_actions(&case.db, case.file, at, |_| true);
    let shells = found.iter().filter(|it| it.title.contains("sh\"\"\""));
    assert_eq!(shells.count(), 1, "{found:?}");
}

#[test]
fn lines_that_parentheses_hold_together_keep_some() {
    check(
        "extract-let",
        "task a {\n  when: $0(\n    1\n    == 1\n  )$1\n}\n",
        "let ‹when› = (\n  1\n  == 1\n)\n\ntask a {\n  when: when\n}\n",
    );
    check(
        "extract-let-here",
        "task a {\n  when: !(\n    $01\n      == 1$1\n  )\n}\n",
        "task a {\n  let ‹when› = (\n    1\n      == 1\n  )\n  when: !when\n}\n",
    );
    check("extract-let", "let x = ($01 + 2$1) * 3\n", "let ‹value› = 1 + 2\n\nlet x = value * 3\n");
    check(
        "extract-let",
        "let x = \"a\".split(($0\"b\"$1))\n",
        "let ‹value› = \"b\"\n\nlet x = \"a\".split(value)\n",
    );
}

#[test]
fn a_let_is_found_whatever_its_name_has() {
    check(
        "extract-let-here",
        "task a {\n  let letters = $0\"a\" + \"b\"$1\n}\n",
        "task a {\n  let ‹value› = \"a\" + \"b\"\n  let letters = value\n}\n",
    );
    check(
        "extract-let-here",
        "task a(check_all: int) {\n  check check_all > $01 + 1$1, \"let it\"\n}\n",
        "task a(check_all: int) {\n  let ‹value› = 1 + 1\n  check check_all > value, \"let it\"\n}\n",
    );
    check(
        "inline-all",
        "task a {\n  let letters$0 = (\n    [1]\n  )\n  let b = letters\n}\n",
        "task a {\n  let b = [1]\n}\n",
    );
}

#[test]
fn what_a_condition_tells_of_a_name_stays_told() {
    let none = |input: &str| {
        check_none("extract-let", input);
        check_none("extract-let-here", input);
    };
    let points = "let points: map(int) = { k: 1 }\n";
    none(&format!("{points}let y = if $0points[\"k\"]$1 != none then points[\"k\"] else 0\n"));
    none(&format!("{points}let y = if points[$0\"k\"$1] != none then points[\"k\"] else 0\n"));
    let task = "task a(e: \"x\" | \"y\") { when: ";
    none(&format!("{task}if $0e == \"x\"$1 then e == \"x\" else false }}\n"));
    none(&format!("{task}$0e == \"x\"$1 || e == \"y\" }}\n"));
    check(
        "extract-let-here",
        &format!("{task}if $0e == \"x\"$1 then true else false }}\n"),
        "task a(e: \"x\" | \"y\") { let ‹when› = e == \"x\", when: if when then true else false }\n",
    );
}

#[test]
fn a_variable_is_not_hidden_by_another_one() {
    let list = "let twice$0 = [for it in [1, 2]: it * 2]\n";
    check_none("inline-all", &format!("{list}let x = [for it in twice: it]\n"));
    check(
        "inline-all",
        &format!("{list}let x = [for other in twice: other]\n"),
        "let x = [for other in [for it in [1, 2]: it * 2]: other]\n",
    );
    check_none(
        "inline-all",
        "task t {\n  let a$0 = [for it in [1]: it]\n  let b = [for it in a: it]\n}\n",
    );
}

#[test]
fn what_is_missing_is_added_with_a_value() {
    check("fix:RUSH0215:8:0", "service s$0 {}\n", "service s { run: `true` }\n");
    check(
        "fix:RUSH0213:52:0",
        "type E = \"a-b\" | \"c\" | \"d\"\ntask t(e: E) {\n  let n = $0{ d: 7 }[e]\n}\n",
        "type E = \"a-b\" | \"c\" | \"d\"\ntask t(e: E) {\n  let n = { d: 7, \"a-b\": 7, c: 7 }[e]\n}\n",
    );
    let task =
        "task a(n: int(1..=9), e: \"p\" | \"q\", d: duration, r: { x: [int], y: path }) {}\n";
    check(
        "fix:RUSH0202:95:0",
        &format!("{task}task b {{ needs: [$0a] }}\n"),
        &format!(
            "{task}task b {{ needs: [a(n: 1, e: \"p\", d: 1s, r: {{ x: [], y: \".\" }})] }}\n"
        ),
    );
}

#[test]
fn a_fix_that_does_harm_is_not_offered() {
    // What `times` means is not known; once it is, both tasks are wrong.
    let text = "let numbers = [1]\nlet times = nubm$0ers\n\
                task a { timeout: times, run: `a` }\ntask b { timeout: times, run: `b` }\n";
    titles(text, &[]);
    check_none(EVERYTHING, text);
    titles("let numbers = [1]\nlet times = nubm$0ers\n", &["quickfix: change it to `numbers`"]);
}

#[test]
fn a_fix_that_harms_a_file_that_imports_this_one_is_not_offered() {
    let with = |task: &str| {
        format!(
            "//- lib.rush\nlet numbers = [1]\nlet times = nubm$0ers\n\
             //- tasks.rush\nuse \"lib.rush\" as lib\n{task}"
        )
    };
    titles(&with("task a { timeout: lib.times, run: `a` }\n"), &[]);
    let mend = "quickfix: change it to `numbers`";
    titles(&with("task a { env { N: \"${lib.times.len()}\" }, run: `a` }\n"), &[mend]);
}

#[test]
fn a_name_that_is_declared_twice_is_not_inlined() {
    let text = "let venv = \".venv\"\n\ntask venv {}\n\ntask t {\n  needs: [$0venv]\n}\n";
    check_none("inline-here", text);
    check_none("inline-all", text);
}
