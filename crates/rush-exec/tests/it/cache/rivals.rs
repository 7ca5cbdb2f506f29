//! Whoever reads what several tasks write has read what lies there, whichever of them declares it more exactly and
//! whatever is remembered.

use rush_plan::{CacheMode, EdgeReason, Node, Task};

use super::workshop::{Workshop, makes};
use crate::fixture::{id, node};

/// When `patch` writes over what `gen` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Needs,
    After,
    /// It is `gen` that writes over it.
    Before,
}

/// How `patch` is remembered.
#[derive(Clone, Copy, Debug)]
enum Memory {
    Remembered,
    Asked,
    Off,
}

/// A run, by what `gen` and `patch` write, and whether `patch` has a part in it.
const RUNS: [(&str, &str, bool); 9] = [
    ("g1", "p1", true),
    ("g1", "p1", true),
    ("g1", "p2", true),
    ("g2", "p2", true),
    ("g2", "p2", false),
    ("g2", "p1", true),
    ("g1", "p1", false),
    ("g1", "p1", true),
    ("g1", "p2", true),
];

fn patch(outputs: &[&str], memory: Memory) -> Task {
    let mut task = makes(&["p"], outputs, "mkdir -p out; cat p > out/a");
    match memory {
        Memory::Remembered => {}
        Memory::Asked => task.inputs = None,
        Memory::Off => task.cache.mode = CacheMode::Off,
    }
    task
}

fn nodes(
    (gen_outputs, patch_outputs): (&[&str], &[&str]),
    (order, memory): (Order, Memory),
    has_patch: bool,
) -> Vec<Node> {
    let make = makes(&["src"], gen_outputs, "mkdir -p out; cat src > out/a; cat src > out/b");
    let mut make = node("gen", make, &[]);
    let mut patch = node("patch", patch(patch_outputs, memory), &[]);
    match order {
        Order::Needs => patch.add_edge(id("gen"), EdgeReason::Needs),
        Order::After => patch.add_edge(id("gen"), EdgeReason::After),
        Order::Before if has_patch => make.add_edge(id("patch"), EdgeReason::After),
        Order::Before => {}
    }
    let mut test = node("test", makes(&["t"], &["seen"], "cat out/a > seen"), &["gen"]);
    if !has_patch {
        return vec![make, test];
    }
    test.add_edge(id("patch"), EdgeReason::After);
    vec![make, patch, test]
}

fn check(outputs: (&[&str], &[&str]), how: (Order, Memory)) {
    let shop = Workshop::new();
    shop.write("t", "t");
    for (number, (make, patch, has_patch)) in RUNS.into_iter().enumerate() {
        shop.write("src", make);
        shop.write("p", patch);
        let ran = shop.run(nodes(outputs, how, has_patch));
        let at = format!("{outputs:?} {how:?}, run {number}: {}", ran.ends());
        let expected = if has_patch && how.0 != Order::Before { patch } else { make };
        assert_eq!(shop.read("seen"), shop.read("out/a"), "{at}");
        assert_eq!(shop.read("out/a"), expected, "{at}");
    }
}

const GENS: [&[&str]; 3] = [&["out"], &["out/{a,b}"], &["out/a", "out/b"]];
const PATCHES: [&[&str]; 4] = [&["out"], &["out/*"], &["out/a"], &["**/a"]];

#[test]
fn what_is_read_is_what_lies_there() {
    for make in GENS {
        for patch in PATCHES {
            for order in [Order::Needs, Order::Before] {
                check((make, patch), (order, Memory::Remembered));
            }
        }
    }
}

#[test]
fn so_it_is_where_nothing_is_remembered_of_who_writes_over_it() {
    for (make, patch) in [("out", "out"), ("out", "out/a"), ("out/a", "out"), ("out/a", "**/a")] {
        for memory in [Memory::Asked, Memory::Off] {
            for order in [Order::After, Order::Before] {
                check((&[make], &[patch]), (order, memory));
            }
        }
    }
}
