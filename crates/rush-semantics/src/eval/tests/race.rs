//! RUSH0503 and RUSH0508 in plans.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use rush_diagnostics::{Code, Diagnostic};
use rush_plan::{CallOrder, PlanRequest};

use super::super::{PlanOutcome, Round, plan};
use super::{check_plan, database, planned, run};

const BOTH: &str = "task both { needs: [a, b] }\n";

/// Plans `both`, which needs `a` and `b`.
#[track_caller]
fn accepts(tasks: &str) {
    planned(&format!("{tasks}\n{BOTH}"), &run("both"));
}

#[track_caller]
fn rejects(tasks: &str, expect: &str) {
    check_plan(&format!("{tasks}\n{BOTH}"), &run("both"), expect);
}

fn parallel(labels: &str) -> PlanRequest {
    let mut request = run(labels);
    request.goal.order = CallOrder::Parallel;
    request
}

fn found(fixture: &str, request: &PlanRequest) -> Vec<Diagnostic> {
    match plan(&database(fixture), request) {
        Round::Done(PlanOutcome::Failed(found)) => found,
        Round::Done(PlanOutcome::Planned { .. }) => Vec::new(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_tasks_write_the_same() {
    rejects(
        "task a { outputs: [\"out/x\"], run: `a` }\ntask b { outputs: [\"out/y\", \"out/x\"], run: `b` }",
        "error RUSH0503: two tasks that may run at the same time write `out/x` @ \"\\\"out/x\\\"\"",
    );
    rejects(
        "task a { outputs: [\"out\"], run: `a` }\ntask b { outputs: [\"out/*.o\"], run: `b` }",
        "error RUSH0503: two tasks that may run at the same time write `out/a.o` @ \"\\\"out/*.o\\\"\"",
    );
    accepts(
        "task a { outputs: [\"out\"], run: `a` }\ntask b { outputs: [\"output\", \"outp*/x\"], run: `b` }",
    );
}

#[test]
fn a_path_is_a_directory_only_for_what_begins_in_it() {
    accepts(
        "task a { outputs: [\"**/*.o\"], run: `a` }\ntask b { outputs: [\"site/index.html\"], run: `b` }",
    );
    rejects(
        "task a { outputs: [\"**/*.o\"], run: `a` }\ntask b { outputs: [\"lib/x.o\"], run: `b` }",
        "error RUSH0503: two tasks that may run at the same time write `lib/x.o` @ \"\\\"lib/x.o\\\"\"",
    );
    rejects(
        "task a { outputs: [\"site/img/*.png\"], run: `a` }\ntask b { outputs: [\"site\"], run: `b` }",
        "error RUSH0503: two tasks that may run at the same time write `site/img/a.png` @ \"\\\"site\\\"\"",
    );
}

#[test]
fn only_what_is_in_the_plan_counts() {
    let tasks = "task a { outputs: [\"x\"], run: `a` }\ntask b { outputs: [\"x\"], run: `b` }\n";
    planned(tasks, &run("a"));
    planned(tasks, &run("a b"));
    check_plan(
        tasks,
        &parallel("a b"),
        "error RUSH0503: two tasks that may run at the same time write `x` @ \"\\\"x\\\"\"",
    );
}

#[test]
fn both_places_are_named() {
    let found = found(
        "task a { outputs: [\"x\"], run: `a` }\ntask b(n: int = 1) { outputs: [\"x\"], run: `b` }\ntask both { needs: [b(2), a] }",
        &run("both"),
    );
    let [race] = found.as_slice() else { panic!("one race: {found:?}") };
    assert_eq!(race.primary.span.item.name(), "b");
    assert_eq!(race.primary.message, "`b(n: 2)` writes it");
    let other = &race.secondary[0];
    assert_eq!((other.span.item.name(), other.message.as_str()), ("a", "`a` writes it too"));
}

#[test]
fn calls_and_cells_of_one_task_write_the_same() {
    let message =
        "error RUSH0503: two tasks that may run at the same time write `x` @ \"\\\"x\\\"\"";
    let task = "task c(name: string) { outputs: [\"x\"], run: `c ${name}` }\n";
    check_plan(
        &format!("{task}task all {{ needs: [c(\"a\"), c(\"b\"), c(\"c\")] }}"),
        &run("all"),
        message,
    );
    planned(&format!("{task}task all {{ needs: [c(\"a\"), c(\"a\")] }}"), &run("all"));
    planned(
        "task c(name: string) { outputs: [\"${name}\"], run: `c` }\ntask all { needs: [c(\"a\"), c(\"b\")] }",
        &run("all"),
    );
    check_plan(
        "let os = [\"l\", \"m\"]\ntask c { matrix { os: [...os] }\n outputs: [\"x\"], run: `c` }",
        &run("c"),
        message,
    );
    planned("task c { matrix { os: [\"l\", \"m\"] }\n outputs: [matrix.os], run: `c` }", &run("c"));
}

#[test]
fn what_is_ordered_is_no_race() {
    let a = "task a { outputs: [\"x\"], run: `a` }";
    for way in ["needs: [a]", "needs: [c]", "steps: [c]", "after: [c]", "after: [a]"] {
        accepts(
            &format!(
                "{a}\ntask c {{ steps: [a] }}\ntask b {{ {way}, outputs: [\"x\"], run: `b` }}\n"
            )
            .replace("after: [c]", "needs: [c], after: [c]"),
        );
    }
    accepts(&format!("{a}\ntask b {{ inputs: a.outputs, outputs: [\"x\"], run: `b` }}"));
    planned(
        &format!("{a}\ntask b {{ outputs: [\"x\"], run: `b` }}\ntask all {{ steps: [a, b] }}"),
        &run("all"),
    );
}

#[test]
fn a_file_is_read_without_needing_its_writer() {
    rejects(
        "task a(n: string = \"g\") { outputs: [\"gen/${n}.c\"], run: `a` }\ntask b { inputs: [\"x\", \"gen/g.c\"], run: `b` }",
        "error RUSH0508: `b` reads `gen/g.c`, which `a(n: \"g\")` writes, without needing it @ \"\\\"gen/g.c\\\"\"",
    );
    rejects(
        "task a { outputs: [\"gen\"], run: `a` }\ntask b { inputs: [for n in [\"g\"]: glob(\"gen/${n}\")], run: `b` }",
        "error RUSH0508: `b` reads `gen/g`, which `a` writes, without needing it @ \"inputs: [for n in [\\\"g\\\"]: glob(\\\"gen/${n}\\\")]\"",
    );
    accepts(
        "task a { outputs: [\"x\"], run: `a` }\ntask b { needs: [a], inputs: [\"x\"], run: `b` }",
    );
    accepts(
        "task a { needs: [b], outputs: [\"x\"], run: `a` }\ntask b { inputs: [\"x\"], run: `b` }",
    );
    accepts(
        "task a { outputs: [\"x\"], run: `a` }\ntask b { inputs: [\"x/y\", \"!x/y\"], run: `b` }",
    );
}

#[test]
fn a_wildcard_leaves_the_outputs_of_others_out() {
    accepts(
        "task a { outputs: [\"src/gen/a.c\"], run: `a` }\ntask b { inputs: [\"src/**/*.c\", \"**\", \"src\"], run: `b` }",
    );
    rejects(
        "task a { outputs: [\"src/gen\"], run: `a` }\ntask b { inputs: [\"src/gen/*.c\"], run: `b` }",
        "error RUSH0508: `b` reads `src/gen/a.c`, which `a` writes, without needing it @ \"\\\"src/gen/*.c\\\"\"",
    );
    accepts(
        "task a { outputs: [\"gen/**\"], run: `a` }\ntask c { outputs: [\"gem/**\"], run: `c` }\ntask b { inputs: [...a.outputs, \"gem*/**\"], needs: [c], run: `b` }",
    );
}

#[test]
fn exclusions_count() {
    accepts(
        "task a { outputs: [\"out/*\", \"!out/x\"], run: `a` }\ntask b { outputs: [\"out/x\"], run: `b` }",
    );
    accepts(
        "task a { outputs: [\"gen\"], run: `a` }\ntask b { inputs: [\"gen/*\", \"!gen/*\"], run: `b` }",
    );
}

#[test]
fn who_is_skipped_touches_nothing() {
    accepts(
        "task a { when: host.os == \"macos\", outputs: [\"x\"], run: `a` }\ntask b { when: host.os == \"linux\", inputs: [\"x\"], outputs: [\"x\"], run: `b` }",
    );
}

#[test]
fn findings_have_a_limit() {
    let mut source = String::new();
    let mut names = Vec::new();
    for at in 0..20 {
        writeln!(source, "task t{at} {{ outputs: [\"x\"], run: `t` }}").unwrap();
        names.push(format!("t{at}"));
    }
    writeln!(source, "task all {{ needs: [{}] }}", names.join(", ")).unwrap();
    assert_eq!(found(&source, &run("all")).len(), super::super::race::FINDINGS_MAX);
}

const PATTERNS: [&str; 6] = ["o/a", "o/b", "o/*", "o", "!o/a", "**/b"];
/// Everything the patterns could mean.
const PATHS: [&str; 5] = ["o", "o/a", "o/b", "o/c", "o/a/b"];

#[derive(Clone, Debug)]
struct Task {
    needs: Vec<usize>,
    after: Vec<usize>,
    outputs: Vec<usize>,
    inputs: Vec<usize>,
}

fn tasks() -> impl Strategy<Value = Vec<Task>> {
    let some = |of: usize, most: usize| prop::collection::vec(0..of, 0..=most);
    (2_usize..7).prop_flat_map(move |count| {
        let touched = || some(PATTERNS.len(), 2);
        let task = (some(count, 2), some(count, 1), touched(), touched());
        let task =
            task.prop_map(|(needs, after, outputs, inputs)| Task { needs, after, outputs, inputs });
        prop::collection::vec(task, count)
    })
}

/// Without circles: each task waits for later ones only.
fn forwards(mut tasks: Vec<Task>) -> Vec<Task> {
    for (at, task) in tasks.iter_mut().enumerate() {
        task.needs.retain(|it| *it > at);
        task.after.retain(|it| *it > at);
    }
    tasks
}

fn source(tasks: &[Task]) -> String {
    let list = |them: &[usize], show: &dyn Fn(usize) -> String| {
        them.iter().map(|it| show(*it)).collect::<Vec<_>>().join(", ")
    };
    let (name, pattern) = (|at: usize| format!("t{at}"), |at: usize| format!("{:?}", PATTERNS[at]));
    let mut source = String::new();
    for (at, it) in tasks.iter().enumerate() {
        let (needs, after) = (list(&it.needs, &name), list(&it.after, &name));
        let (outputs, inputs) = (list(&it.outputs, &pattern), list(&it.inputs, &pattern));
        writeln!(
            source,
            "task t{at} {{ needs: [{needs}], after: [{after}], outputs: [{outputs}], inputs: [{inputs}], run: `t` }}"
        )
        .unwrap();
    }
    let all: Vec<usize> = (0..tasks.len()).collect();
    writeln!(source, "task all {{ needs: [{}] }}", list(&all, &name)).unwrap();
    source
}

fn waits(tasks: &[Task], from: usize, to: usize) -> bool {
    let mut before = tasks[from].needs.iter().chain(&tasks[from].after);
    before.any(|it| *it == to || waits(tasks, *it, to))
}

/// Whether a wildcard matches a path; `None` for a plain path.
fn is_matched(path: &str, pattern: &str) -> Option<bool> {
    match pattern {
        "o/*" => Some(path.strip_prefix("o/").is_some_and(|it| !it.contains('/'))),
        "**/b" => Some(path.ends_with("/b")),
        _ => None,
    }
}

fn is_at_or_below(path: &str, plain: &str) -> bool {
    path == plain || path.starts_with(&format!("{plain}/"))
}

/// The paths a list of outputs means: what is below a plain one as well.
fn written(patterns: &[usize]) -> BTreeSet<&'static str> {
    let is_meant = |path: &str, pattern: &str| {
        let plain = pattern.trim_start_matches('!');
        is_matched(path, plain).unwrap_or_else(|| is_at_or_below(path, plain))
    };
    touched(patterns, is_meant)
}

/// Whether two lists of outputs mean one path: what is below a plain one counts beside another, and
/// beside a wildcard that begins in there.
fn written_twice(first: &[usize], second: &[usize]) -> bool {
    let wanted = |them: &[usize]| {
        let texts = them.iter().map(|it| PATTERNS[*it]);
        texts.filter(|it| !it.starts_with('!')).collect::<Vec<_>>()
    };
    let is_excluded = |path: &str| {
        let excluded = first.iter().chain(second).filter_map(|it| PATTERNS[*it].strip_prefix('!'));
        excluded.into_iter().any(|it| is_at_or_below(path, it))
    };
    let means = |path: &str, output: &str, other: &str| {
        is_matched(path, output).unwrap_or_else(|| {
            let is_directory = is_matched(path, other).is_none() || (output, other) == ("o", "o/*");
            path == output || is_directory && is_at_or_below(path, output)
        })
    };
    let (first, second) = (wanted(first), wanted(second));
    first.iter().any(|one| {
        second.iter().any(|other| {
            let both = |path: &str| means(path, one, other) && means(path, other, one);
            PATHS.iter().any(|path| !is_excluded(path) && both(path))
        })
    })
}

/// The paths a list of inputs means: a path is itself.
fn read(patterns: &[usize]) -> BTreeSet<&'static str> {
    let is_meant = |path: &str, pattern: &str| {
        is_matched(path, pattern).unwrap_or_else(|| path == pattern.trim_start_matches('!'))
    };
    touched(patterns, is_meant)
}

fn touched(patterns: &[usize], is_meant: impl Fn(&str, &str) -> bool) -> BTreeSet<&'static str> {
    let any = |path: &str, negated: bool| {
        let them = patterns.iter().map(|it| PATTERNS[*it]);
        them.filter(|it| it.starts_with('!') == negated).any(|it| is_meant(path, it))
    };
    PATHS.into_iter().filter(|path| any(path, false) && !any(path, true)).collect()
}

/// What the inputs mean next to these outputs: a wildcard counts only below one of them.
fn read_beside(inputs: &[usize], outputs: &[usize]) -> bool {
    outputs.iter().filter(|it| !PATTERNS[**it].starts_with('!')).any(|output| {
        let is_inside = matches!(PATTERNS[*output], "o" | "o/*");
        let excluded = |it: &&usize| PATTERNS[**it].starts_with('!');
        let mut one: Vec<usize> = outputs.iter().filter(excluded).copied().collect();
        one.push(*output);
        let counts = |it: &&usize| match PATTERNS[**it] {
            "o/*" => is_inside,
            "**/b" => false,
            _ => true,
        };
        let inputs: Vec<usize> = inputs.iter().filter(counts).copied().collect();
        !written(&one).is_disjoint(&read(&inputs))
    })
}

/// The codes, and the two tasks of each.
fn expected(tasks: &[Task]) -> BTreeSet<(Code, String, String)> {
    let mut expected = BTreeSet::new();
    for (one, first) in tasks.iter().enumerate() {
        for (other, second) in tasks.iter().enumerate() {
            if one == other || waits(tasks, one, other) || waits(tasks, other, one) {
                continue;
            }
            let names = (format!("t{one}"), format!("t{other}"));
            if written_twice(&first.outputs, &second.outputs) {
                if one < other {
                    expected.insert((Code::OutputRace, names.0, names.1));
                }
            } else if read_beside(&second.inputs, &first.outputs) {
                expected.insert((Code::MissingNeed, names.0, names.1));
            }
        }
    }
    expected
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_race_is_found_and_nothing_else(tasks in tasks().prop_map(forwards)) {
        let source = source(&tasks);
        let found: BTreeSet<(Code, String, String)> = found(&source, &run("all"))
            .iter()
            .map(|it| {
                let name = |span: &rush_diagnostics::Span| span.item.name().to_owned();
                (it.code, name(&it.secondary[0].span), name(&it.primary.span))
            })
            .collect();
        prop_assert_eq!(found, expected(&tasks), "{}", source);
    }
}
