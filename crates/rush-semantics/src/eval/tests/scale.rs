//! Large inputs on small stacks, budgets, and plans that do not depend on the order of files.

use std::fmt::Write as _;

use super::super::{PlanOutcome, Round, plan};
use super::{With as _, check_plan, database, planned, run};
use crate::RushDatabase;

const STACK_BYTES: usize = 1 << 20;

/// Whether the tests take their time.
#[allow(clippy::disallowed_methods, reason = "a switch of the tests, not of Rush")]
fn is_long() -> bool {
    std::env::var_os("RUSH_TEST_LONG").is_some()
}

/// How many links a chain has.
fn links() -> usize {
    if is_long() { 100_000 } else { 20_000 }
}

/// Runs `test` on a thread with a stack of 1 MB.
fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(test).unwrap().join().unwrap();
}

#[test]
fn a_long_chain_of_lets_needs_no_stack() {
    on_small_stack(|| {
        let mut source = String::from("let v0 = 0\n");
        let last = links() - 1;
        for at in 1..=last {
            writeln!(source, "let v{at} = v{} + 1", at - 1).unwrap();
        }
        writeln!(source, "task t {{ run: `echo ${{v{last}}}` }}").unwrap();
        let plan = planned(&source, &run("t"));
        assert!(format!("{:?}", plan.nodes()).contains(&last.to_string()));
    });
}

#[test]
fn a_long_chain_of_needs_needs_no_stack() {
    on_small_stack(|| {
        let mut source = String::from("task t0 { run: `t` }\n");
        let links = links();
        for at in 1..links {
            writeln!(source, "task t{at} {{ needs: [t{}] }}", at - 1).unwrap();
        }
        let plan = planned(&source, &run(&format!("t{}", links - 1)));
        assert_eq!(plan.nodes().len(), links);
    });
}

#[test]
fn long_and_many_steps_take_an_edge_for_each_node() {
    on_small_stack(|| {
        let count = links() / 10;
        let mut source = String::from("task clean { run: `c` }\ntask t0 { run: `t` }\n");
        let mut all = Vec::new();
        for at in 1..count {
            writeln!(source, "task t{at} {{ needs: [t{}] }}", at - 1).unwrap();
            writeln!(source, "task s{at} {{ steps: [clean, t{at}] }}").unwrap();
            all.push(format!("s{at}"));
        }
        writeln!(source, "task all {{ needs: [{}] }}", all.join(", ")).unwrap();
        let plan = planned(&source, &run("all"));
        let edges: usize = plan.nodes().iter().map(|it| it.edges.len()).sum();
        assert!(edges < 6 * count, "{edges} edges of {count} tasks");
    });
}

#[test]
fn deep_expressions_and_calls_need_no_stack() {
    on_small_stack(|| {
        let sum = vec!["1"; 120].join(" + ");
        let plan = planned(&format!("let n = {sum}\ntask t {{ run: `echo ${{n}}` }}\n"), &run("t"));
        assert!(format!("{:?}", plan.nodes()).contains("\"120\""));
        let mut source = String::from("fn f0(n: int) -> int = n\n");
        for at in 1..400 {
            writeln!(source, "fn f{at}(n: int) -> int = f{}(n) + 1", at - 1).unwrap();
        }
        source.push_str("task t { run: `echo ${f399(1)}` }\n");
        let db = database(&source);
        let PlanOutcome::Failed(found) = plan_of(&db) else { panic!("it is too deep") };
        assert_eq!(found[0].code, rush_diagnostics::Code::BudgetExceeded);
    });
}

fn plan_of(db: &RushDatabase) -> PlanOutcome {
    match plan(db, &run("t")) {
        Round::Done(outcome) => outcome,
        Round::Needs(keys) => panic!("nothing is read, and {keys:?} are asked for"),
    }
}

#[test]
fn an_explosion_ends() {
    check_plan(
        "let a = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n\
         let b = [for x in a: for y in a: for z in a: x + y + z]\n\
         let c = [for x in b: for y in b: x + y]\ntask t { run: `echo ${c.len()}` }\n",
        &run("t"),
        r#"
error RUSH0402: this needs more than 1,000,000 steps @ "b"
"#,
    );
}

/// What is made counts, not only how often: each of these takes a few dozen calls.
#[test]
fn what_grows_by_doubling_ends() {
    let double = |call: &str, times: usize, start: &str| {
        format!("{}{start}{}", format!("{call}(").repeat(times), ")".repeat(times))
    };
    let lets = |first: &str, step: &dyn Fn(usize) -> String| {
        let more = (1..40).map(|at| format!("let v{at} = {}\n", step(at - 1)));
        format!("let v0 = {first}\n{}", more.collect::<String>())
    };
    let list = "fn d(l: [int]) -> [int] = [...l, ...l]\n";
    let text = "fn d(s: string) -> string = s + s\n";
    let long = double("d", 12, "\"xx\"");
    for (items, value) in [
        (list.to_owned(), format!("{}.len()", double("d", 24, "[1]"))),
        (
            "fn d(l: [int]) -> [int] = l + l\n".to_owned(),
            format!("{}.len()", double("d", 24, "[1]")),
        ),
        (text.to_owned(), format!("{}.len()", double("d", 28, "\"x\""))),
        ("fn d(s: string) -> string = \"${s}${s}\"\n".to_owned(), double("d", 28, "\"x\"")),
        (text.to_owned(), format!("{long}.replace(\"x\", {long} + {long} + {long}).len()")),
        (text.to_owned(), format!("{long}.split(\"\").join({long} + {long} + {long}).len()")),
        (
            format!("{text}let p = \"${{path(\"x\")}}\" + {long}\n"),
            format!("{long}.replace(\"x\", {}).len()", double("d", 4, "p")),
        ),
        (lets("\"xxxxxxxx\"", &|at| format!("v{at} + v{at}")), "v39.len()".to_owned()),
        (lets("[1]", &|at| format!("[v{at}, v{at}]")), "v39 == v39".to_owned()),
        (lets("[1]", &|at| format!("[v{at}, v{at}]")), "[v39].contains(v39)".to_owned()),
    ] {
        let db = database(&format!("{items}task t {{ run: `echo ${{{value}}}` }}\n"));
        assert_eq!(crate::graph::workspace_diagnostics(&db), &[], "{items}{value}");
        let PlanOutcome::Failed(found) = plan_of(&db) else { panic!("{items}{value}") };
        assert_eq!(found[0].code, rush_diagnostics::Code::BudgetExceeded, "{items}{value}");
    }
}

/// A list of headers that every source needs: each task copies it once and converts it once.
#[test]
fn many_tasks_may_share_a_long_list() {
    let sizes: &[_] = if is_long() { &[(10_000, 100), (2_000, 800)] } else { &[(1_000, 20)] };
    for &(names, tasks) in sizes {
        let mut source = String::from("let headers = files(\"include/**/*.h\")\n");
        let mut all = Vec::new();
        for at in 0..tasks {
            writeln!(source, "task t{at} {{ inputs: [\"src/{at}.c\", ...headers], run: `cc` }}")
                .unwrap();
            all.push(format!("t{at}"));
        }
        writeln!(source, "task all {{ needs: [{}] }}", all.join(", ")).unwrap();
        let plan = planned(&source, &with_headers(run("all"), names));
        assert_eq!(plan.nodes().len(), tasks + 1, "{names} names");
    }
}

/// As often as a hundred tasks with such `inputs`, but without the nodes, which take their time.
#[test]
fn a_long_list_may_be_copied_and_converted_often() {
    let tasks = vec!["1"; 100].join(", ");
    let source = format!(
        "let headers = files(\"include/**/*.h\")\nfn f(it: [glob]) -> int = it.len()\n\
         fn g(it: [glob]) -> int = f(it)\n\
         let all = [for it in [{tasks}]: g([\"a.c\", ...headers]) + it]\n\
         task t {{ run: `echo ${{all[99]}}` }}\n"
    );
    let plan = planned(&source, &with_headers(run("t"), 10_000));
    assert!(format!("{:?}", plan.nodes()).contains("10002"));
}

fn with_headers(request: rush_plan::PlanRequest, count: usize) -> rush_plan::PlanRequest {
    let names = (0..count).map(|at| format!("include/module_{}/header_{at}.h", at % 40));
    let names = names.map(|it| rush_plan::WorkspacePath::new(&it).unwrap()).collect();
    let key = rush_plan::ReadKey::Files("include/**/*.h".to_owned());
    request.read(key, rush_plan::ReadValue::Names(names))
}

/// A conversion makes each place of a list of its own, also where one list was there many times.
#[test]
fn what_grows_by_conversion_ends() {
    let mut source = String::from("type T0 = [float]\nlet v0 = [1, 2]\n");
    for at in 1..40 {
        writeln!(source, "type T{at} = [T{0}]\nlet v{at} = [v{0}, v{0}]", at - 1).unwrap();
    }
    source.push_str("fn f(it: T39) -> int = it.len()\ntask t { run: `echo ${f(v39)}` }\n");
    let db = database(&source);
    let PlanOutcome::Failed(found) = plan_of(&db) else { panic!("it is too large") };
    assert_eq!(found[0].code, rush_diagnostics::Code::BudgetExceeded);
}

#[test]
fn the_same_texts_make_the_same_bytes() {
    let files = [
        (
            "tasks.rush",
            "workspace { members: [\"p/*\"] }\nuse \"//lib/x.rush\" as x\ntask everything {\n  needs: [...all(\"//p/*\", \"build\"), x.t]\n}\n",
        ),
        (
            "lib/x.rush",
            "task t(n: int = 1) {\n  matrix { a: [2, 1], b: [\"x\", \"y\"] }\n  env { B: \"1\", A: \"2\" }\n  run: `t`\n}\n",
        ),
        ("p/a/tasks.rush", "task build { outputs: [\"o\"], run: `a` }\n"),
        (
            "p/b/tasks.rush",
            "use \"../a\" as a\ntask build {\n  inputs: a.build.outputs\n  run: `b`\n}\n",
        ),
    ];
    let bytes = |order: &[usize]| {
        let mut db = RushDatabase::default();
        for at in order {
            let (path, text) = files[*at];
            db.set_file(path, text);
        }
        match plan(&db, &run("everything")) {
            Round::Done(PlanOutcome::Planned { plan, .. }) => plan.to_json(),
            other => panic!("{}", super::summary::summary(&db, &other)),
        }
    };
    let first = bytes(&[0, 1, 2, 3]);
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        assert_eq!(first, bytes(&order));
    }
}
