//! What other tasks made is to stay as it is while a node that needs it runs.

use rush_plan::{CacheMode, EdgeReason, Node, Task};

use super::workshop::{Workshop, cached, makes};
use crate::fixture::{edges, id, node};

/// How the task that makes `out/made` is remembered.
#[derive(Clone, Copy, Debug)]
enum Maker {
    Remembered,
    /// Without `inputs`.
    Asked,
    Off,
}

const MAKERS: [Maker; 3] = [Maker::Remembered, Maker::Asked, Maker::Off];

fn maker(kind: Maker) -> Task {
    let task = makes(&["in"], &["out"], "mkdir -p out; cp in out/made; ln -sf made out/link");
    match kind {
        Maker::Remembered => task,
        Maker::Asked => Task { inputs: None, ..task },
        Maker::Off => {
            let mut task = task;
            task.cache.mode = CacheMode::Off;
            task
        }
    }
}

/// Runs what makes and what reads; `told` is what the reader says, and what says something is not remembered.
fn check(nodes: impl Fn(Maker) -> Vec<Node>, told: &[&str]) {
    for kind in MAKERS {
        let shop = Workshop::new();
        shop.write("in", "one");
        shop.write("asked", "");
        let told: Vec<String> = told.iter().map(|it| changed(it)).collect();
        let ran = shop.run(nodes(kind));
        assert_eq!(ran.node("read").warnings, told, "{kind:?}");
        assert_eq!(ran.node("read").refused.is_some(), !told.is_empty(), "{kind:?}");
    }
}

fn changed(path: &str) -> String {
    format!("`{path}` changed while it ran; its result is used but not remembered")
}

fn reads(outputs: &[&str], script: &str) -> impl Fn(Maker) -> Vec<Node> {
    let task = makes(&["asked"], outputs, script);
    move |kind| vec![node("make", maker(kind), &[]), node("read", task.clone(), &["make"])]
}

#[test]
fn what_is_needed_must_stay_as_it_is_while_it_is_read() {
    check(reads(&[], "cat out/made"), &[]);
    check(reads(&[], "echo more >> out/made"), &["out/made"]);
    check(reads(&[], "rm out/made"), &["out/made"]);
    // It is the same again.
    check(reads(&[], "cp out/made kept; echo other > out/made; cp kept out/made"), &["out/made"]);
    check(reads(&[], "mv out/made kept; cp kept out/made; rm kept"), &["out/made"]);
    check(reads(&[], "ln -sfn kept out/link; ln -sfn made out/link"), &["out/link"]);
}

#[test]
fn times_modes_and_names_of_what_is_needed_may_change() {
    check(reads(&[], "chmod 600 out/made"), &[]);
    check(reads(&["copy"], "ln -f out/made copy"), &[]);
    check(reads(&[], "mkdir -p out/.tool; date > out/.tool/log"), &[]);
}

#[test]
fn what_a_task_declares_itself_is_its_own_to_make_anew() {
    check(reads(&["out/made"], "echo more >> out/made"), &[]);
}

#[test]
fn what_is_needed_by_way_of_a_group_counts() {
    let group = || Task { inputs: None, run: Vec::new(), ..makes(&[], &[], "") };
    let read =
        || makes(&["asked"], &[], "cp out/made kept; echo other > out/made; cp kept out/made");
    let nodes = |kind| {
        vec![
            node("make", maker(kind), &[]),
            node("all", group(), &["make"]),
            node("read", read(), &["all"]),
        ]
    };
    check(nodes, &["out/made"]);
}

#[test]
fn what_comes_first_counts_where_a_wildcard_would_read_it() {
    let script = "cat out/made > .git; echo other > out/made; cat .git > out/made";
    let nodes = |kind| {
        let read = makes(&["**", "!in"], &[], script);
        vec![node("make", maker(kind), &[]), edges("read", read, &["make"], EdgeReason::After)]
    };
    check(nodes, &["out/made"]);
}

#[test]
fn what_one_task_made_another_may_make_anew_before_it_is_read() {
    let shop = Workshop::new();
    for name in ["in", "how", "asked"] {
        shop.write(name, name);
    }
    let nodes = || {
        vec![
            node("make", maker(Maker::Remembered), &[]),
            node("strip", makes(&["how"], &["out/made"], "echo stripped > out/made"), &["make"]),
            node("read", makes(&["asked"], &[], "cat out/made"), &["make", "strip"]),
        ]
    };
    let ran = shop.run(nodes());
    assert_eq!(ran.node("read").warnings, Vec::<String>::new());
    assert!(shop.run(nodes()).ends().contains("read=cached"));
}

/// `patch` writes over what `make` made; `read` needs that and only comes after `patch`.
fn patched(shop: &Workshop, group: bool) -> Vec<Node> {
    let make = makes(&["in"], &["out"], "mkdir -p out; cp in out/made; cp in out/kept");
    let patch = makes(&["patch"], &["out"], "mkdir -p out; cat patch >> out/made");
    let read = cached(makes(&["asked"], &[], "cat out/made"), shop);
    let mut read = node("read", read, &[if group { "all" } else { "make" }]);
    read.add_edge(id("patch"), EdgeReason::After);
    let mut patch = node("patch", patch, &[]);
    patch.add_edge(id("make"), EdgeReason::After);
    let all = Task { run: Vec::new(), inputs: None, outputs: Vec::new(), ..makes(&[], &[], "") };
    vec![node("make", make, &[]), patch, node("all", all, &["make"]), read]
}

#[test]
fn what_is_written_over_what_is_needed_counts() {
    for group in [false, true] {
        let shop = Workshop::new();
        for name in ["in", "patch", "asked"] {
            shop.write(name, name);
        }
        for (patch, runs) in [("one", 1), ("one", 1), ("two", 2), ("two", 2), ("one", 2)] {
            shop.write("patch", patch);
            let ran = shop.run(patched(&shop, group));
            assert_eq!(ran.node("read").warnings, Vec::<String>::new(), "{patch}");
            assert_eq!(shop.read("out/made"), format!("in{patch}"), "{}", ran.ends());
            assert_eq!(shop.runs(), runs, "{patch}: {}", ran.ends());
        }
    }
}
