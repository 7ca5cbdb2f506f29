//! What ends before a task for another reason than that it is needed: a step before, an earlier goal, `after`.

use rush_exec::Outlook;
use rush_plan::{EdgeReason, Node};

use super::workshop::{Workshop, cached, makes};
use crate::fixture::{edges, id, node};

const REASONS: [EdgeReason; 3] = [EdgeReason::Sequence, EdgeReason::Request, EdgeReason::After];

/// A task that writes a source, and one behind it that reads sources.
fn project(shop: &Workshop, inputs: &[&str], reason: EdgeReason) -> Vec<Node> {
    let generate = makes(&["g.y"], &["gen/parser.c"], "mkdir -p gen; cp g.y gen/parser.c");
    let compile = makes(inputs, &["app"], "cat main.c gen/parser.c > app");
    vec![node("gen", generate, &[]), edges("compile", cached(compile, shop), &["gen"], reason)]
}

fn workshop() -> Workshop {
    let shop = Workshop::new();
    shop.write("g.y", "one");
    shop.write("main.c", "main ");
    shop
}

/// A change of what the first task reads makes the second run, and is told before; without one it is answered.
fn check(project: impl Fn(&Workshop) -> Vec<Node>) {
    let shop = workshop();
    shop.run(project(&shop));
    assert_eq!((shop.read("app").as_str(), shop.runs()), ("main one", 1));
    shop.run(project(&shop));
    assert_eq!(shop.runs(), 1);

    shop.write("g.y", "two, and longer");
    let outlook = || shop.why(project(&shop), "compile").outlook;
    assert!(
        matches!(outlook(), Outlook::Depends(nodes) if nodes == [id("gen")]),
        "{:?}",
        outlook()
    );
    shop.run(project(&shop));
    assert_eq!((shop.read("app").as_str(), shop.runs()), ("main two, and longer", 2));

    // What was there before is still known.
    shop.write("g.y", "one");
    shop.run(project(&shop));
    assert_eq!((shop.read("app").as_str(), shop.runs()), ("main one", 2));
}

#[test]
fn what_a_wildcard_leaves_out_of_an_earlier_task_is_in_the_key() {
    for reason in REASONS {
        check(|shop| project(shop, &["**/*.c"], reason));
        check(|shop| project(shop, &["gen", "main.c"], reason));
    }
}

#[test]
fn what_is_named_of_an_earlier_task_is_uncertain_until_that_has_ended() {
    for reason in REASONS {
        check(|shop| project(shop, &["gen/parser.c", "main.c"], reason));
        check(|shop| project(shop, &["gen/*.c", "main.c"], reason));
    }
}

#[test]
fn an_order_reaches_through_what_is_needed_and_what_comes_before() {
    // `gen` <- `between` <- `prepare`, which `compile` needs.
    for reason in REASONS {
        check(|shop| {
            let mut nodes = project(shop, &["**/*.c"], reason);
            let compile = nodes.pop().and_then(|it| it.as_task().cloned()).unwrap();
            let idle = || makes(&["main.c"], &[], "true");
            nodes.push(edges("between", idle(), &["gen"], EdgeReason::Needs));
            nodes.push(edges("prepare", idle(), &["between"], reason));
            nodes.push(node("compile", compile, &["prepare"]));
            nodes
        });
    }
}

#[test]
fn what_is_not_read_of_an_earlier_task_makes_no_difference() {
    for inputs in [&["main.c"][..], &["**/*.c", "!gen/**"], &["gen/*.h", "main.c"]] {
        let shop = workshop();
        let by_itself = || vec![node("compile", alone(&shop, inputs), &[])];
        shop.run(project(&shop, inputs, EdgeReason::Sequence));
        shop.write("g.y", "two");
        shop.run(project(&shop, inputs, EdgeReason::Sequence));
        assert_eq!(shop.runs(), 1, "{inputs:?}");
        assert_eq!(shop.reasons(by_itself(), "compile"), "cached", "{inputs:?}");
    }
    let shop = workshop();
    let inputs = &["gen/parser.c", "main.c"];
    shop.run(project(&shop, inputs, EdgeReason::Sequence));
    let by_itself = vec![node("compile", alone(&shop, inputs), &[])];
    assert_eq!(shop.reasons(by_itself, "compile"), "cached");
}

fn alone(shop: &Workshop, inputs: &[&str]) -> rush_plan::Task {
    let nodes = project(shop, inputs, EdgeReason::Sequence);
    nodes.last().and_then(Node::as_task).cloned().unwrap()
}
