//! What is a word, what is a problem, and which fix is offered.

use rush_diagnostics::{Anchor, Code, Diagnostic, FileId, ItemId};
use rush_syntax::ast::{ExprId, Part};
use text_size::{TextRange, TextSize};

use super::{Piece, Problem, is_plain, reports, split};
use crate::shell::{FieldSite, Site};

fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
}

/// Cuts text into parts as the parser does: `${..}` is a hole unless a `\` precedes it.
fn parts(text: &str, from: usize, to: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = from;
    let mut at = from;
    while at < to {
        let rest = &text[at..to];
        if let Some(escaped) = rest.strip_prefix('\\') {
            at += 1 + escaped.chars().next().map_or(0, char::len_utf8);
            continue;
        }
        let hole = rest.starts_with("${").then(|| rest.find('}')).flatten();
        let Some(length) = hole else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        push_text(&mut parts, text, start, at);
        let is_spread = rest.starts_with("${...");
        let value = ExprId(parts.len() as u32);
        parts.push(Part::Hole { value, is_spread, range: range(at, at + length + 1) });
        at += length + 1;
        start = at;
    }
    push_text(&mut parts, text, start, to);
    parts
}

fn push_text(parts: &mut Vec<Part>, text: &str, start: usize, end: usize) {
    if start < end {
        let value = text[start..end].into();
        parts.push(Part::Text { value, range: range(start, end), is_escape: false });
    }
}

/// `[program][argument]`, then `!problem`s; a hole shows its source.
fn render(command: &str) -> String {
    let argv = split(&parts(command, 0, command.len()), command);
    let mut shown = String::new();
    for word in &argv.words {
        shown.push('[');
        for piece in &word.pieces {
            match piece {
                Piece::Text { value, .. } => shown.push_str(value),
                Piece::Hole { range, .. } | Piece::Spread { range, .. } => {
                    let source = &command[std::ops::Range::<usize>::from(*range)];
                    shown.extend(["<", source, ">"]);
                }
            }
        }
        shown.push(']');
    }
    for problem in &argv.problems {
        let problem = match problem {
            Problem::Operator { text, .. } => format!(" !shell {text}"),
            Problem::Dollar { name, .. } => format!(" !dollar {name}"),
            Problem::Assignments { assignments, .. } => {
                let names: Vec<&str> = assignments.iter().map(|it| it.name.as_str()).collect();
                format!(" !assign {}", names.join(","))
            }
            Problem::Tilde { .. } => " !tilde".to_owned(),
            Problem::Escape { escaped, .. } => format!(" !escape {escaped:?}"),
            Problem::UnclosedQuote { quote, .. } => format!(" !unclosed {quote}"),
            Problem::SpreadInWord { .. } => " !spread".to_owned(),
            Problem::Empty => " !empty".to_owned(),
        };
        shown.push_str(&problem);
    }
    shown
}

#[track_caller]
fn check(command: &str, expect: &str) {
    assert_eq!(render(command), expect, "for the command {command}");
}

#[test]
fn blanks_end_words_and_quotes_keep_them() {
    check("cargo build", "[cargo][build]");
    check("  a\t b  ", "[a][b]");
    check("a 'b c' \"d e\"", "[a][b c][d e]");
    check("a '' \"\"", "[a][][]");
    check("a x'y'\"z\"", "[a][xyz]");
    check("a\n  b\n  c", "[a][b][c]");
    check("echo ünï 'cödé'", "[echo][ünï][cödé]");
}

#[test]
fn single_quotes_are_literal_even_for_holes_and_backslashes() {
    check(r"echo 'a\b ${x} $y | *'", r"[echo][a\b ${x} $y | *]");
    check("awk '{print $1}' f", "[awk][{print $1}][f]");
    check("echo '${...list}'", "[echo][${...list}]");
}

#[test]
fn a_backslash_takes_the_meaning_from_six_signs_only() {
    check(r#"a \\ \" \' \$x \ b"#, r#"[a][\]["]['][$x][ b]"#);
    check(r#"a "\"\$\\\' ""#, r#"[a]["$\' ]"#);
    check(r"a \$", "[a][$]");
    check(r"a \${x}", "[a][${x}]");
    check(r"a \n", "[a][n] !escape Some('n')");
    check(r"a \", "[a][] !escape None");
    check("a \\\n b", "[a][b] !escape Some('\\n')");
}

#[test]
fn holes_are_text_inside_one_argument() {
    check("a ${x} -p=${y}z", "[a][<${x}>][-p=<${y}>z]");
    check("a \"${x} y\"", "[a][<${x}> y]");
    check("${tool} ${a}${b}", "[<${tool}>][<${a}><${b}>]");
}

#[test]
fn a_spread_is_a_whole_unquoted_word() {
    check("a ${...f} b", "[a][<${...f}>][b]");
    check("${...f}", "[<${...f}>]");
    check("a x${...f}", "[a][x<${...f}>] !spread");
    check("a ${...f}x", "[a][<${...f}>x] !spread");
    check("a ${...f}${y}", "[a][<${...f}><${y}>] !spread");
    check("a \"${...f}\"", "[a][<${...f}>] !spread");
}

#[test]
fn what_only_a_shell_understands_is_reported_once() {
    check("a | b | c", "[a][|][b][|][c] !shell |");
    check("a && b; c", "[a][&&][b;][c] !shell &&");
    check("a 2>&1", "[a][2>&1] !shell >&");
    check("a *.c", "[a][*.c] !shell *");
    check("a $(date)", "[a][$(date)] !shell $(");
    check("a \"$(date)\"", "[a][$(date)] !shell $(");
    check("(a)", "[(a)] !shell (");
    check("a '|' \"a & b; <c>\"", "[a][|][a & b; <c>]");
    check("X=1 a ~/b $c | d", "[a][~/b][$c][|][d] !shell |");
    check("docker ps --format {{.Names}}", "[docker][ps][--format][{{.Names}}]");
}

#[test]
fn names_with_a_dollar_are_reported() {
    check("echo $name ${x}", "[echo][$name][<${x}>] !dollar name");
    check("echo \"$HOME/x\"", "[echo][$HOME/x] !dollar HOME");
    check("echo $1 $@", "[echo][$1][$@] !dollar 1 !dollar @");
    check("grep ^a$ f", "[grep][^a$][f]");
    check("echo 5$ $", "[echo][5$][$]");
}

#[test]
fn assignments_before_the_program_are_reported() {
    check("FOO=1 make", "[make] !assign FOO");
    check("A=1 B='x y' make C=3", "[make][C=3] !assign A,B");
    check("A=${x} make", "[make] !assign A");
    check("A=1", " !assign A");
    check("make A=1", "[make][A=1]");
    check("'A'=1 make", "[A=1][make]");
    check("1=2 x", "[1=2][x]");
}

#[test]
fn a_leading_tilde_is_reported() {
    check("ls ~", "[ls][~] !tilde");
    check("ls ~/x ~me", "[ls][~/x][~me] !tilde !tilde");
    check("git diff HEAD~1 ~1 '~/x'", "[git][diff][HEAD~1][~1][~/x]");
}

#[test]
fn broken_commands_have_words_all_the_same() {
    check("", " !empty");
    check("  ", " !empty");
    check("echo it's", "[echo][its] !unclosed '");
    check("echo \"a b", "[echo][a b] !unclosed \"");
}

/// Diagnostics of the one command between backticks (or `argv"""`) in an item.
fn diagnostics(item: &str) -> (ItemId, Vec<Diagnostic>) {
    let id = ItemId::new(FileId(0), "task", "t", 0);
    let (open, from, to, close) = if let Some(open) = item.find("argv\"\"\"") {
        let close = item.rfind("\"\"\"").unwrap();
        (open, open + 7, close, close + 3)
    } else {
        let (open, close) = (item.find('`').unwrap(), item.rfind('`').unwrap());
        (open, open + 1, close, close + 1)
    };
    let parts = parts(item, from, to);
    let site = Site {
        item: &id,
        text: item,
        literal: range(open, close),
        member: item.find("run:").map(|at| TextSize::new(at as u32)),
        env: item.find("env {").map_or(FieldSite::Absent, |at| {
            let close = item[at..].find('}').unwrap() + at + 1;
            FieldSite::Written(range(at + 4, close))
        }),
        pass_env: FieldSite::Absent,
        args: None,
        is_taken: &|name| matches!(name, "x" | "taken"),
    };
    let found = reports(&split(&parts, item), &parts, &site);
    (id, found)
}

/// The item after the `number`-th fix of its first diagnostic.
fn fixed(item: &str, number: usize) -> String {
    let (_, found) = diagnostics(item);
    let fix = &found[0].fixes[number];
    let mut edits: Vec<(TextRange, &str)> = fix
        .edits
        .iter()
        .map(|edit| match &edit.at {
            Anchor::Range(span) => (span.range, edit.text.as_str()),
            other => panic!("unexpected anchor {other:?}"),
        })
        .collect();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start()));
    let mut text = item.to_owned();
    for (range, new) in edits {
        text.replace_range(std::ops::Range::<usize>::from(range), new);
    }
    text
}

#[track_caller]
fn check_fix(item: &str, number: usize, expect: &str) {
    assert_eq!(fixed(item, number), expect);
}

#[test]
fn the_fix_into_a_script_keeps_holes_one_argument_each() {
    check_fix(
        "task t {\n  run: `cat ${x} | grep -e ${a.b} \"${taken} it\\'s\" '${lit}' *.c`\n}",
        0,
        "task t {\n  let b = a.b\n  run: sh\"\"\"\n    cat \"${x}\" | grep -e \"${b}\" \"${taken} it's\" '${lit}' *.c\n  \"\"\"\n}",
    );
    check_fix(
        "task t {\n  run: `a ${f(1)} ${f(1)} ${m.x} ${path} ${m.path} > y`\n}",
        0,
        "task t {\n  let f_value = f(1)\n  let x_value = m.x\n  let path_value = path\n  let path_2 = m.path\n  run: sh\"\"\"\n    a \"${f_value}\" \"${f_value}\" \"${x_value}\" \"${path_value}\" \"${path_2}\" > y\n  \"\"\"\n}",
    );
}

#[test]
fn the_fix_into_a_script_keeps_a_declaration_on_its_line() {
    check_fix(
        "task t { run: `q ${n.upper()} ${n.lower()} | cat` }",
        0,
        "task t { let n_upper = n.upper(), let n_lower = n.lower(), run: sh\"\"\"\n  q \"${n_upper}\" \"${n_lower}\" | cat\n\"\"\" }",
    );
}

#[test]
fn the_fix_into_a_script_joins_the_lines_of_a_long_command() {
    check_fix(
        "task t {\n  run: argv\"\"\"\n    a | b\n    c #d\n  \"\"\"\n}",
        0,
        "task t {\n  run: sh\"\"\"\n    a | b \\\n      c \\#d\n  \"\"\"\n}",
    );
}

#[test]
fn a_list_has_no_automatic_way_into_a_script() {
    let (_, found) = diagnostics("task t {\n  run: `a ${...l} | b`\n}");
    assert!(found[0].fixes.iter().all(|fix| !fix.title.contains("shell")));
    assert!(found[0].help.as_deref().unwrap().contains(".args"));
}

#[test]
fn other_fixes_are_offered() {
    check_fix("t {\n  run: `a *.c`\n}", 1, "t {\n  run: `a '*'.c`\n}");
    check_fix("t {\n  run: `a $x`\n}", 0, "t {\n  run: `a ${x}`\n}");
    check_fix("t {\n  run: `a $y`\n}", 0, "t {\n  run: `a \\$y`\n}");
    check_fix("t {\n  run: `a it's`\n}", 0, "t {\n  run: `a it\\'s`\n}");
    check_fix(
        "t {\n  run: `A=1 B=${x}y make`\n}",
        0,
        "t {\n  env { A: \"1\", B: \"${x}y\" }\n  run: `make`\n}",
    );
    check_fix(
        "t {\n  env { C: \"2\" }\n  run: `A=1 make`\n}",
        0,
        "t {\n  env { A: \"1\", C: \"2\" }\n  run: `make`\n}",
    );
    check_fix("t { run: `A=1 make` }", 0, "t { env { A: \"1\" }, run: `make` }");
}

#[test]
fn each_problem_has_its_code() {
    let code = |item: &str| diagnostics(item).1.iter().map(|it| it.code).collect::<Vec<_>>();
    assert_eq!(code("run: `a | b`"), [Code::ShellSyntax]);
    assert_eq!(code("run: `a $b`"), [Code::DollarName]);
    assert_eq!(code("run: `A=1 b`"), [Code::LeadingAssignment]);
    assert_eq!(code("run: `ls ~`"), [Code::LeadingTilde]);
    assert_eq!(code("run: `a ' b`"), [Code::UnclosedText]);
    assert_eq!(code("run: `a x${...b}`"), [Code::ListInArgument]);
    assert_eq!(code("run: ``"), [Code::ExpectedSyntax]);
}

proptest::proptest! {
    #[test]
    fn what_is_plain_at_first_sight_has_no_problem(command in "[ ab\n\\\\'\"~=|*&-]{0,8}") {
        let parts = parts(&command, 0, command.len());
        let argv = split(&parts, &command);
        assert!(!is_plain(&parts) || argv.problems.is_empty());
        let has_signs = command.contains(['\\', '\'', '"', '~', '=', '|', '*', '&']);
        assert_eq!(is_plain(&parts), !has_signs && !argv.words.is_empty());
    }

    #[test]
    fn any_text_splits_into_ranges_inside_the_command(command in "[ -~\n\\\\'\"$`{}é|]{0,60}") {
        let parts = parts(&command, 0, command.len());
        let argv = split(&parts, &command);
        let whole = range(0, command.len());
        for word in &argv.words {
            assert!(whole.contains_range(word.range));
            for piece in &word.pieces {
                assert!(word.range.contains_range(piece.range()));
            }
        }
    }
}
