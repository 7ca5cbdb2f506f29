//! Large graphs: deep ones need no stack, wide ones no time.

use std::fmt::Write as _;

use super::super::workspace_diagnostics;
use crate::db::RushDatabase;

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run);
    thread.expect("a thread starts").join().expect("the stack is enough");
}

#[test]
fn a_long_chain_needs_no_stack() {
    on_a_small_stack(|| {
        let tasks = 10_000;
        let mut source = String::from("task first { inputs: [\"x\"], needs: [t0], run: `f` }\n");
        for at in 0..tasks {
            let next = (at + 1) % tasks;
            writeln!(source, "task t{at} {{ needs: [t{next}] }}").expect("never fails");
        }
        let mut db = RushDatabase::default();
        db.set_file("tasks.rush", &source);
        assert_eq!(workspace_diagnostics(&db).len(), 1);
    });
}

#[test]
fn a_long_chain_of_lets_is_given_up() {
    on_a_small_stack(|| {
        let mut source = String::from(
            "task a { outputs: l0, run: `a` }\ntask b { outputs: [\"x\"], run: `b` }\ntask both { needs: [a, b] }\nlet l500 = [\"x\"]\n",
        );
        for at in 0..500 {
            writeln!(source, "let l{at}: [string] = l{}", at + 1).expect("never fails");
        }
        let mut db = RushDatabase::default();
        db.set_file("tasks.rush", &source);
        assert_eq!(workspace_diagnostics(&db).len(), 0);
    });
}

#[test]
fn a_list_that_is_doubled_again_and_again_is_given_up() {
    for (double, start) in [
        ("l: [string]) -> [string] = [...l, ...l]", "[\"x\"]"),
        ("s: string) -> string = s + s", "\"x\""),
    ] {
        let call = format!("{}{start}{}", "d(".repeat(17), ")".repeat(17));
        let outputs = if start.starts_with('[') { call } else { format!("[{call}]") };
        super::accepts(&format!(
            "fn d({double}\ntask a {{ outputs: {outputs}, run: `a` }}\n\
             task b {{ outputs: {outputs}, run: `b` }}\ntask both {{ needs: [a, b] }}\n"
        ));
    }
}

#[test]
fn the_end_of_the_search_for_races_is_told() {
    let mut source = String::new();
    for at in 0..1_000 {
        writeln!(source, "task t{at} {{ outputs: [\"{{a,b}}/**/{at}\"], run: `t` }}")
            .expect("never fails");
    }
    let mut db = RushDatabase::default();
    db.set_file("tasks.rush", &source);
    let found: Vec<String> =
        workspace_diagnostics(&db).iter().map(|it| super::show(&db, it)).collect();
    let told = "from here on no races were looked for: too many patterns may meet";
    assert!(
        matches!(found.as_slice(), [one] if one.starts_with("info RUSH0402 t") && one.ends_with(told)),
        "{found:?}"
    );
}

#[test]
fn an_explosion_is_given_up() {
    let mut source = String::from("task a { outputs: l0, run: `a` }\nlet l40 = [glob(\"x\")]\n");
    for at in 0..40 {
        let next = at + 1;
        writeln!(source, "let l{at}: [glob] = [...l{next}, ...l{next}]").expect("never fails");
    }
    let mut db = RushDatabase::default();
    db.set_file("tasks.rush", &source);
    assert_eq!(workspace_diagnostics(&db).len(), 0);
}
