//! What people see at a terminal.

use rush_diagnostics::{
    Code, Color, HumanStyle, Lines, ResolvedDiagnostic, Severity, render_human, summary,
};

use crate::finding::{Texts, finding, sample};

const PLAIN: HumanStyle = HumanStyle { color: Color::Never, lines: Lines::Unicode };

fn plain(texts: &Texts, diagnostics: &[ResolvedDiagnostic]) -> String {
    render_human(diagnostics, &texts.sources, PLAIN)
}

fn one(text: &str, needle: &str) -> String {
    let texts = Texts::new(&[("tasks.rush", text)]);
    let label = texts.label(0, needle, "look");
    plain(&texts, &[finding(Code::UnknownName, "a problem", label)])
}

#[test]
fn a_finding_shows_the_problem_the_code_the_reason_and_the_way_out() {
    let (texts, findings) = sample();
    insta::assert_snapshot!(plain(&texts, &findings), @r#"
    error[RUSH0201]: `task` has no field `deps`
       ╭─[ web/tasks.rush:4:3 ]
       │
     4 │   deps: [lint]
       │   ──┬─
       │     ╰─── not a field of `task`
    ───╯
      help: write `needs`, which means the same
       fix: rename to `needs`

    error[RUSH0206]: 80 is outside 1024..=65535
       ╭─[ web/tasks.rush:8:24 ]
       │
     8 │ let port: types.Port = 80
       │           ─────┬────   ─┬
       │                ╰─────────── expected because of this type
       │                         │
       │                         ╰── here
       │
       ├─[ lib/types.rush:2:17 ]
       │
     2 │ type Port = int(1024..=65535)
       │                 ──────┬─────
       │                       ╰─────── the range is declared here
    ───╯
       why: ports below 1024 need special rights
    "#);
}

#[test]
fn without_box_drawing_characters() {
    let (texts, findings) = sample();
    let style = HumanStyle { color: Color::Never, lines: Lines::Ascii };
    let text = render_human(&findings[..1], &texts.sources, style);
    insta::assert_snapshot!(text, @r#"
    error[RUSH0201]: `task` has no field `deps`
       ,-[ web/tasks.rush:4:3 ]
       |
     4 |   deps: [lint]
       |   ^^|^
       |     `--- not a field of `task`
    ---'
      help: write `needs`, which means the same
       fix: rename to `needs`
    "#);
}

#[test]
fn colors_change_no_letter() {
    let (texts, findings) = sample();
    let style = HumanStyle { color: Color::Always, lines: Lines::Unicode };
    let colored = render_human(&findings, &texts.sources, style);
    assert!(colored.contains("\x1b[31m"), "errors are red");
    let mut letters = String::new();
    let mut rest = colored.as_str();
    while let Some((before, escape)) = rest.split_once('\x1b') {
        letters.push_str(before);
        rest = escape.split_once('m').expect("an escape ends with m").1;
    }
    letters.push_str(rest);
    let trimmed: Vec<_> = letters.lines().map(str::trim_end).collect();
    assert_eq!(trimmed, plain(&texts, &findings).lines().collect::<Vec<_>>());
}

#[test]
fn a_long_line_is_cut_around_what_matters() {
    let line = format!("let x = [{}biuld, {}]\n", "\"aaaa\", ".repeat(99), "\"bbbb\", ".repeat(99));
    let text = format!("// first\n{line}// last\n");
    insta::assert_snapshot!(one(&text, "biuld"), @r#"
    error[RUSH0102]: a problem
       ╭─[ tasks.rush:2:802 ]
       │
     2 │ …"aaaa", "aaaa", "aaaa", "aaaa", "aaaa", biuld, "bbbb", "bbbb", "bbbb", "bbbb", "bbbb"…
       │                                          ──┬──
       │                                            ╰──── look
    ───╯
    "#);
}

#[test]
fn a_range_over_lines_is_drawn_in_the_margin() {
    insta::assert_snapshot!(one("let a = 1\ntask x {\n  run: `y`\n}\n", "task x {\n  run: `y`\n}"), @r#"
    error[RUSH0102]: a problem
       ╭─[ tasks.rush:2:1 ]
       │
     2 │ ╭─▶ task x {
       ┆ ┆
     4 │ ├─▶ }
       │ │
       │ ╰─────── look
    ───╯
    "#);
}

#[test]
fn tabs_wide_characters_and_control_characters_do_not_shift_the_marks() {
    insta::assert_snapshot!(one("\tlet 日本 = \x1b[31m\u{202e}é biuld\r\n", "biuld"), @r#"
    error[RUSH0102]: a problem
       ╭─[ tasks.rush:1:19 ]
       │
     1 │     let 日本 = ?[31m�é biuld
       │                        ──┬──
       │                          ╰──── look
    ───╯
    "#);
}

#[test]
fn the_end_of_the_file_can_be_shown() {
    let texts = Texts::new(&[("tasks.rush", "task x {\n")]);
    let mut label = texts.label(0, "{", "expected `}`");
    label.range = rush_diagnostics::TextRange::empty(9.into());
    let text = plain(&texts, &[finding(Code::UnclosedBracket, "a problem", label)]);
    insta::assert_snapshot!(text, @r#"
    error[RUSH0002]: a problem
       ╭─[ tasks.rush:1:9 ]
       │
     1 │ task x {
       │         ┬
       │         ╰── expected `}`
    ───╯
    "#);
}

#[test]
fn many_places_are_counted_and_not_drawn() {
    let texts = Texts::new(&[("tasks.rush", "needs: [a]\n")]);
    let mut it = finding(Code::NeedsCycle, "a circle", texts.label(0, "a", "step 1"));
    it.secondary = (2..=100).map(|step| texts.label(0, "a", &format!("step {step}"))).collect();
    let text = plain(&texts, &[it]);
    assert!(text.contains("step 9") && !text.contains("step 10"), "{text}");
    assert!(text.ends_with("   why: and 91 more places\n"), "{text}");
}

#[test]
fn a_file_without_a_source_still_has_its_message() {
    let (_, findings) = sample();
    insta::assert_snapshot!(plain(&Texts::new(&[]), &findings[1..]), @r#"
    error[RUSH0206]: 80 is outside 1024..=65535
       why: ports below 1024 need special rights
    "#);
}

#[test]
fn the_summary_counts() {
    let (_, mut findings) = sample();
    insta::assert_snapshot!(summary(&findings).expect("findings"), @"2 errors in 1 file; `rush check --fix` mends 1; `rush explain RUSH0201` tells more");
    findings[1].severity = Severity::Warning;
    findings.remove(0);
    insta::assert_snapshot!(summary(&findings).expect("findings"), @"1 warning in 1 file; `rush explain RUSH0206` tells more");
    assert_eq!(summary(&[]), None);
}
