//! What ends before a task for another reason than that it needs it itself: a step before, an earlier goal, `after`, and
//! what is needed by something that it needs.

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
        matches!(outlook(), Outlook::Depends(nodes) if nodes.contains(&id("gen"))),
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

/// `gen` <- `between` <- `compile`, where `between` makes the same whatever `gen` makes.
fn behind_another(shop: &Workshop, inputs: &[&str]) -> Vec<Node> {
    let mut nodes = project(shop, inputs, EdgeReason::Needs);
    let compile = nodes.pop().and_then(|it| it.as_task().cloned()).unwrap();
    let between = makes(&["b.in"], &["b.out"], "cp b.in b.out");
    nodes.push(node("between", between, &["gen"]));
    nodes.push(node("compile", compile, &["between"]));
    nodes
}

#[test]
fn what_a_wildcard_leaves_out_of_what_is_needed_behind_another_is_in_the_key() {
    let patterns: [&[&str]; 4] =
        [&["**/*.c"], &["gen", "main.c"], &["gen/parser.c", "main.c"], &["gen/*.c", "main.c"]];
    for inputs in patterns {
        check(|shop| {
            shop.write("b.in", "always the same");
            behind_another(shop, inputs)
        });
    }
}

#[test]
fn a_file_that_is_there_before_its_maker_ran_for_the_first_time_is_not_taken_for_what_that_makes() {
    for (inputs, is_there) in [("**/*.c", true), ("**/*.c", false), ("gen/*.c", true)] {
        let shop = workshop();
        shop.write("b.in", "always the same");
        if is_there {
            shop.write("gen/parser.c", "by hand");
        }
        let project = || behind_another(&shop, &[inputs, "main.c"]);
        shop.run(project());
        assert_eq!((shop.read("app").as_str(), shop.runs()), ("main one", 1));
        // Somebody spoils it: it is put back before anybody reads it.
        std::fs::remove_dir_all(shop.path("gen")).unwrap();
        shop.run(project());
        shop.write("gen/parser.c", "by hand");
        shop.run(project());
        assert_eq!((shop.read("app").as_str(), shop.runs()), ("main one", 1), "{inputs}");
        shop.write("g.y", "two, and longer");
        shop.run(project());
        assert_eq!((shop.read("app").as_str(), shop.runs()), ("main two, and longer", 2));
    }
}

#[test]
fn groups_hand_on_what_their_members_made_once() {
    let shop = workshop();
    let project = || {
        let mut nodes = project(&shop, &["**/*.c"], EdgeReason::Needs);
        let compile = nodes.pop().and_then(|it| it.as_task().cloned()).unwrap();
        nodes.push(node("inner", rush_plan::Task::default(), &["gen"]));
        nodes.push(node("outer", rush_plan::Task::default(), &["inner"]));
        nodes.push(node("compile", compile, &["outer"]));
        nodes
    };
    shop.run(project());
    shop.write("g.y", "two, and longer");
    let told = shop.why(project(), "compile").outlook;
    assert!(matches!(&told, Outlook::Depends(nodes) if nodes == &[id("gen")]), "{told:?}");
    shop.run(project());
    assert_eq!((shop.read("app").as_str(), shop.runs()), ("main two, and longer", 2));
    let last = shop.why(project(), "compile").last;
    assert_eq!(
        last.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["what `outer` made changed"]
    );
}

#[test]
fn the_outputs_of_a_task_whose_when_is_false_are_files_like_others() {
    let shop = workshop();
    let project = || {
        let mut nodes = project(&shop, &["**/*.c"], EdgeReason::Needs);
        let compile = nodes.pop().and_then(|it| it.as_task().cloned()).unwrap();
        let generate = nodes.pop().and_then(|it| it.as_task().cloned()).unwrap();
        let skipped = rush_plan::Task { skip: Some(rush_plan::Skip::When), ..generate };
        vec![node("gen", skipped, &[]), node("compile", compile, &["gen"])]
    };
    for (runs, text) in (1..).zip(["by hand", "by hand, another time"]) {
        shop.write("gen/parser.c", text);
        shop.run(project());
        assert_eq!((shop.read("app"), shop.runs()), (format!("main {text}"), runs));
        shop.run(project());
        assert_eq!(shop.runs(), runs);
    }
}

#[test]
fn what_an_ending_makes_of_a_task_behind_another_is_in_the_key() {
    check(|shop| {
        shop.write("b.in", "always the same");
        let mut nodes = behind_another(shop, &["**/*.c"]);
        let Some(generate) = nodes.first().and_then(Node::as_task).cloned() else { return nodes };
        let generate = rush_plan::Task {
            run: makes(&[], &[], "mkdir -p gen; touch gen/parser.c").run,
            finally: generate.run,
            ..generate
        };
        nodes.splice(..1, [node("gen", generate, &[])]);
        nodes
    });
}

/// `gen` with these outputs, behind `between` that makes the same whatever `gen` makes.
fn writing(shop: &Workshop, outputs: &[&str], script: &str) -> Vec<Node> {
    shop.write("b.in", "always the same");
    let mut nodes = behind_another(shop, &["**/*.c"]);
    nodes.splice(..1, [node("gen", makes(&["g.y"], outputs, script), &[])]);
    nodes
}

#[test]
fn a_directory_that_is_spelled_out_is_known_for_one_when_it_is_there() {
    check(|shop| writing(shop, &["gen"], "mkdir -p gen; cp g.y gen/parser.c"));
    check(|shop| writing(shop, &["gen*"], "mkdir -p gen; cp g.y gen/parser.c"));
    // Where it is not there any more, it is put back before anybody asks.
    let shop = workshop();
    let project = || writing(&shop, &["gen"], "mkdir -p gen; cp g.y gen/parser.c");
    shop.run(project());
    for _ in 0..2 {
        std::fs::remove_dir_all(shop.path("gen")).unwrap();
        assert_eq!(shop.reasons(project(), "compile"), "cached");
        shop.run(project());
        assert_eq!((shop.read("app").as_str(), shop.runs()), ("main one", 1));
    }
}

#[test]
fn a_file_that_no_wildcard_matches_makes_no_difference_though_it_could_have_been_a_directory() {
    for output in ["gen/parser.bin", "gen/*.bin"] {
        let shop = workshop();
        shop.write("gen/parser.c", "as it was");
        let project = || writing(&shop, &[output], "cp g.y gen/parser.bin");
        shop.run(project());
        shop.write("g.y", "two, and longer");
        assert!(matches!(shop.why(project(), "compile").outlook, Outlook::Depends(_)));
        let ran = shop.run(project());
        assert_eq!(ran.ends(), "between=succeeded compile=cached gen=succeeded -> 0", "{output}");
        assert_eq!(shop.runs(), 1);
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

#[test]
fn what_a_task_makes_counts_though_it_is_ignored() {
    let cases: [(&str, &str, &[&str]); 6] = [
        ("gen/*\n!gen/.gitkeep", "gen", &["gen"]),
        ("gen/**", "gen", &["gen/**"]),
        ("*.c\n!main.c", "gen", &["gen/*"]),
        ("*.c\n!main.c", "gen/*.c", &["gen/*.c", "main.c"]),
        ("gen/*", "gen/**", &["gen"]),
        ("gen/*", "gen/*.c", &["gen/**"]),
    ];
    for ((ignored, output, inputs), reason) in cases.into_iter().zip(REASONS.into_iter().cycle()) {
        check(|shop| {
            shop.write(".gitignore", ignored);
            let mut nodes = project(shop, inputs, reason);
            let generate = makes(&["g.y"], &[output], "mkdir -p gen; cp g.y gen/parser.c");
            nodes.splice(..1, [node("gen", generate, &[])]);
            nodes
        });
    }
}

#[test]
fn what_is_ignored_where_no_task_writes_does_not_count() {
    for inputs in [&["src"][..], &["src/**"], &["**/*.c"]] {
        let shop = workshop();
        shop.write(".gitignore", "src/*.tmp.c");
        shop.write("src/a.c", "a");
        let outputs = ["gen", "src/*.o"];
        let generate = || makes(&["g.y"], &outputs, "mkdir -p gen; cp g.y gen/parser.c");
        let compile = || cached(makes(inputs, &["app"], "cat src/*.c > app"), &shop);
        let project = || vec![node("gen", generate(), &[]), node("compile", compile(), &["gen"])];
        shop.run(project());
        shop.write("src/b.tmp.c", "b");
        shop.run(project());
        assert_eq!(shop.runs(), 1, "{inputs:?}");
    }
}

#[test]
fn who_needs_a_task_whose_when_is_false_reads_what_is_there() {
    let shop = workshop();
    let project = |skip: Option<rush_plan::Skip>| {
        let generate = makes(&["g.y"], &["g"], "cp g.y g");
        let generate = rush_plan::Task { skip, ..generate };
        let script = "cat g > app 2>/dev/null || echo none > app";
        let compile = cached(makes(&["main.c"], &["app"], script), &shop);
        vec![node("gen", generate, &[]), node("compile", compile, &["gen"])]
    };
    let skipped = || project(Some(rush_plan::Skip::When));
    let check = |nodes: Vec<Node>, text: &str, runs: usize| {
        shop.run(nodes);
        assert_eq!((shop.read("app").as_str(), shop.runs()), (text, runs));
    };
    check(project(None), "one", 1);
    // It makes no difference who made the same.
    check(skipped(), "one", 1);
    std::fs::remove_file(shop.path("g")).unwrap();
    assert_eq!(shop.reasons(skipped(), "compile"), "what `gen` made changed");
    check(skipped(), "none\n", 2);
    shop.write("g.y", "two");
    check(project(None), "two", 3);
    check(skipped(), "two", 3);
    check(skipped(), "two", 3);
}
