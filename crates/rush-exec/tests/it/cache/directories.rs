//! What a task makes is seen by a task behind it, however the one names its outputs and the other its inputs, and
//! whatever puts the one before the other.

use rush_plan::{EdgeReason, Node};

use super::workshop::{Workshop, cached, makes};
use crate::fixture::{edges, node};

const OUTPUTS: [&str; 4] = ["dist/x.i", "dist", "dist/*", "dist/**"];
const INPUTS: [&str; 5] = ["dist/x.i", "dist", "dist/*", "dist/**", "**"];

/// What comes between the two, or the reason for which one comes first.
#[derive(Clone, Copy, Debug)]
enum Way {
    Directly(EdgeReason),
    /// The second one needs something that needs the first one.
    Through,
}

const WAYS: [Way; 5] = [
    Way::Directly(EdgeReason::Needs),
    Way::Directly(EdgeReason::Sequence),
    Way::Directly(EdgeReason::Request),
    Way::Directly(EdgeReason::After),
    Way::Through,
];

/// One that writes, and one for each way to name what it reads.
fn project(shop: &Workshop, output: &str, way: Way) -> Vec<Node> {
    let build = makes(&["src/a"], &[output], "mkdir -p dist; cp src/a dist/x.i");
    let mut nodes = vec![node("build", build, &[])];
    if let Way::Through = way {
        nodes.push(node("mid", makes(&["note"], &[], "true"), &["build"]));
    }
    let deploys = INPUTS.iter().enumerate().map(|(at, input)| {
        let (label, out) = (format!("deploy {at}"), format!("out/{at}"));
        let script = format!("mkdir -p out; cat dist/x.i > {out}");
        let task = cached(makes(&[input, "!src/**", "!note", "!out"], &[&out], &script), shop);
        match way {
            Way::Directly(reason) => edges(&label, task, &["build"], reason),
            Way::Through => node(&label, task, &["mid"]),
        }
    });
    nodes.extend(deploys);
    nodes
}

fn check(output: &str, way: Way) {
    let shop = Workshop::new();
    let expect = |text: &str, runs: usize| {
        let ran = shop.run(project(&shop, output, way));
        let seen: Vec<String> =
            (0..INPUTS.len()).map(|it| shop.read(&format!("out/{it}"))).collect();
        assert_eq!(seen, [text; INPUTS.len()], "{output} {way:?}: {}", ran.ends());
        assert_eq!(shop.runs(), runs * INPUTS.len(), "{output} {way:?}: {}", ran.ends());
    };
    shop.write("note", "note");
    shop.write("src/a", "one");
    expect("one", 1);
    shop.write("src/a", "two, and longer");
    expect("two, and longer", 2);
    shop.write("src/a", "one");
    expect("one", 2);
}

#[test]
fn what_is_made_is_seen_however_it_is_named() {
    for output in OUTPUTS {
        for way in WAYS {
            check(output, way);
        }
    }
}

/// What a task writes below `out`, and another one that comes after it, in the same directory.
fn neighbours(shop: &Workshop, reason: EdgeReason) -> Vec<Node> {
    // Like `make`, they leave alone what is right already.
    let writes = |name: &str, more: &str| {
        let script = format!("mkdir -p out/{name}; cp {name} out/{name}/x; {more}");
        cached(makes(&[name], &["out"], &script), shop)
    };
    let first = writes("a", "test ! -e both || cmp -s both out/both || cp both out/both");
    let second = writes("b", "test ! -e both || cp both out/both");
    vec![node("first", first, &[]), edges("second", second, &["first"], reason)]
}

#[test]
fn two_tasks_with_one_directory_are_both_remembered() {
    let shop = Workshop::new();
    let nodes = || neighbours(&shop, EdgeReason::Needs);
    let check = |ends: &str, files: &str| {
        let ran = shop.run(nodes());
        assert_eq!(ran.ends(), ends);
        for label in ["first", "second"] {
            assert_eq!(ran.node(label).warnings, Vec::<String>::new(), "{label}");
        }
        assert_eq!(format!("{} {}", shop.read("out/a/x"), shop.read("out/b/x")), files);
    };
    let (ran, cached) =
        ("first=succeeded second=succeeded -> 0", "first=cached second=cached -> 0");
    shop.write("a", "1");
    shop.write("b", "1");
    check(ran, "1 1");
    check(cached, "1 1");
    shop.write("a", "2");
    check(ran, "2 1");
    check(cached, "2 1");
    shop.write("b", "2");
    check("first=cached second=succeeded -> 0", "2 2");
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    check(cached, "2 2");
    shop.write("a", "1");
    shop.write("b", "1");
    check(cached, "1 1");
    assert_eq!(shop.runs(), 5);
    assert_eq!(shop.reasons(nodes(), "first"), "cached");
}

#[test]
fn what_was_made_beside_another_task_is_not_the_result_without_it() {
    let shop = Workshop::new();
    let both = || neighbours(&shop, EdgeReason::After);
    let one = |at: usize| vec![both().swap_remove(at)];
    for name in ["a", "b", "both"] {
        shop.write(name, name);
    }
    let second = || vec![node("second", one(1).remove(0).as_task().unwrap().clone(), &[])];
    assert_eq!(shop.run(second()).ends(), "second=succeeded -> 0");
    // It finds a file right that it would have made.
    assert_eq!(shop.run(both()).ends(), "first=succeeded second=cached -> 0");
    assert_eq!(shop.run(both()).ends(), "first=cached second=cached -> 0");
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    let reason = "its result was made beside `second`, which writes to the same place and is not asked for now";
    assert_eq!(shop.reasons(one(0), "first"), reason);
    assert_eq!(shop.run(one(0)).ends(), "first=succeeded -> 0");
    assert_eq!(shop.read("out/both"), "both");
}

/// `compile` has `out/shared` only if it is made from `both`; `assets` comes after it and makes what is not there.
fn gaps(shop: &Workshop) -> Vec<Node> {
    let compile = "mkdir -p out; cp source out/c; rm -f out/shared; \
                   if grep -q both source; then cp source out/shared; fi";
    let assets = "mkdir -p out; cp asked out/a; test -e out/shared || echo gap > out/shared";
    let compile = cached(makes(&["source"], &["out"], compile), shop);
    let assets = cached(makes(&["asked"], &["out"], assets), shop);
    vec![node("compile", compile, &[]), edges("assets", assets, &["compile"], EdgeReason::After)]
}

#[test]
fn what_a_neighbour_has_in_the_same_directory_is_what_it_was() {
    let shop = Workshop::new();
    shop.write("asked", "");
    // Each source twice from nothing: what is answered then is what would be made.
    for source in ["both 1", "alone", "both 2", "both 1", "alone", "both 2"] {
        shop.write("source", source);
        let _ = std::fs::remove_dir_all(shop.path("out"));
        let ran = shop.run(gaps(&shop));
        let shared = if source == "alone" { "gap\n" } else { source };
        assert_eq!(shop.read("out/shared"), shared, "{source}: {}", ran.ends());
        assert_eq!(ran.node("assets").warnings, Vec::<String>::new(), "{source}");
        let again = shop.run(gaps(&shop));
        assert_eq!(again.ends(), "assets=cached compile=cached -> 0", "{source}");
    }
}

#[test]
fn what_a_task_writes_over_what_another_made_is_put_back() {
    let shop = Workshop::new();
    let nodes = || {
        let compile =
            cached(makes(&["source"], &["out"], "mkdir -p out; cp source out/app"), &shop);
        let strip = cached(makes(&["how"], &["out"], "cat how >> out/app"), &shop);
        vec![node("compile", compile, &[]), node("strip", strip, &["compile"])]
    };
    shop.write("how", "stripped");
    for (source, runs) in [("one ", 2), ("two ", 4), ("one ", 4)] {
        shop.write("source", source);
        for _ in 0..2 {
            let ran = shop.run(nodes());
            assert_eq!(shop.read("out/app"), format!("{source}stripped"), "{}", ran.ends());
            assert_eq!(shop.runs(), runs, "{}", ran.ends());
        }
        std::fs::remove_dir_all(shop.path("out")).unwrap();
    }
}

#[test]
fn what_another_task_declares_is_made_where_that_is_not_asked_for() {
    let shop = Workshop::new();
    let copy = "mkdir -p out; cp a out/a; cp a out/b";
    let first = || node("first", cached(makes(&["a"], &["out"], copy), &shop), &[]);
    let second = || node("second", makes(&["b"], &["out/b"], "cp b out/b"), &["first"]);
    shop.write("a", "a");
    shop.write("b", "b");
    let both = || vec![first(), second()];
    assert_eq!(shop.run(both()).ends(), "first=succeeded second=succeeded -> 0");
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    // Put back, the first one would not make what the second one may read.
    assert_eq!(shop.run(both()).ends(), "first=succeeded second=cached -> 0");
    assert_eq!((shop.read("out/a"), shop.read("out/b")), ("a".to_owned(), "b".to_owned()));
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    assert_eq!(shop.run(vec![first()]).ends(), "first=succeeded -> 0");
    assert_eq!(shop.read("out/b"), "a");
    // A result that holds it all is good in both while it is there.
    assert_eq!(shop.run(both()).ends(), "first=cached second=cached -> 0");
    assert_eq!(shop.run(both()).ends(), "first=succeeded second=cached -> 0");
    assert_eq!((shop.read("out/b"), shop.runs()), ("b".to_owned(), 4));
}
