//! Large graphs: deep ones need no stack, wide ones no time.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use salsa::Database as _;

use super::super::{workspace_diagnostics, workspace_diagnostics_for};
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

/// How often the asker is given way to while a scratch database of ordered writers is searched.
fn looks_of_asker(writers: usize) -> usize {
    let mut source = String::new();
    for at in 0..writers {
        let need = if at == 0 { String::new() } else { format!("needs: [t{}], ", at - 1) };
        writeln!(source, "task t{at} {{ {need}outputs: [\"out/**\"], run: `a` }}")
            .expect("never fails");
    }
    let mut scratch = RushDatabase::default();
    scratch.set_file("tasks.rush", &source);
    let looks = Arc::new(AtomicUsize::new(0));
    let count = looks.clone();
    let asker = RushDatabase::new(Some(Box::new(move |event: salsa::Event| {
        if matches!(event.kind, salsa::EventKind::WillCheckCancellation) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    })));
    assert_eq!(workspace_diagnostics_for(&asker, &scratch), []);
    looks.load(Ordering::Relaxed)
}

#[test]
fn between_any_two_pairs_a_search_gives_way_to_who_asked() {
    let (few, many) = (looks_of_asker(20), looks_of_asker(60));
    // All pairs of them are compared.
    assert!(few >= 20 * 19 / 2 && many >= 60 * 59 / 2, "{few} and {many}");
}

#[test]
fn a_search_ends_when_the_asker_is_to_be_written() {
    let mut scratch = RushDatabase::default();
    scratch.set_file("tasks.rush", "task a { outputs: [\"x\"], run: `a` }\n");
    let asker = RushDatabase::default();
    let search = || drop(workspace_diagnostics_for(&asker, &scratch));
    assert!(salsa::Cancelled::catch(search).is_ok());
    asker.cancellation_token().cancel();
    assert!(salsa::Cancelled::catch(search).is_err());
}
