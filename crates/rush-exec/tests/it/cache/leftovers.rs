//! What earlier attempts left in the outputs of a task, and directories by name: a result holds what a clean build
//! would make.

use std::collections::BTreeMap;
use std::path::Path;

use rush_plan::{Arguments, EdgeReason, Node, Work};

use super::workshop::{Workshop, cached, makes};
use crate::fixture::{Ran, edges, node};

const NOTHING: [String; 0] = [];

/// One file for each source; what is there and the same is left alone.
const BUILD: &str = "mkdir -p out; for f in src/*; do test -f $f || continue; \
    n=out/$(basename $f); cmp -s $f $n || cp $f $n; done; ! test -f src/bad";

fn build(shop: &Workshop) -> Vec<Node> {
    vec![node("build", cached(makes(&["src"], &["out"], BUILD), shop), &[])]
}

/// All files below some directories.
fn files(shop: &Workshop, directories: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for directory in directories {
        for entry in std::fs::read_dir(shop.path(directory)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = format!("{directory}/{}", path.file_name().unwrap().display());
            found.insert(name, std::fs::read_to_string(path).unwrap());
        }
    }
    found
}

fn names(shop: &Workshop) -> String {
    files(shop, &["out"]).into_keys().collect::<Vec<_>>().join(" ")
}

const INPUT: &str = "something that earlier attempts read is gone";
const COMMAND: &str = "what it runs, or what that is given, changed";

fn removed(why: &str, names: &str) -> String {
    format!("{why}, so what was made then is removed: {names}")
}

fn rename(shop: &Workshop, from: &str, to: &str) {
    std::fs::rename(shop.path(from), shop.path(to)).unwrap();
}

#[test]
fn what_was_made_from_a_renamed_file_goes_and_is_not_kept() {
    let shop = Workshop::new();
    shop.write("src/a", "a");
    shop.write("src/b", "b");
    shop.run(build(&shop));
    rename(&shop, "src/a", "src/c");
    let ran = shop.run(build(&shop));
    assert_eq!(
        (names(&shop).as_str(), &*ran.node("build").warnings),
        ("out/b out/c", &[removed(INPUT, "`out/a` and `out/b`")][..])
    );
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    assert_eq!(shop.run(build(&shop)).ends(), "build=cached -> 0");
    assert_eq!((names(&shop).as_str(), shop.runs()), ("out/b out/c", 2));
}

#[test]
fn a_tool_that_builds_on_what_is_there_finds_it_as_long_as_nothing_is_gone() {
    let shop = Workshop::new();
    shop.write("src/a", "a");
    shop.write("src/bad", "bad");
    assert_eq!(shop.run(build(&shop)).ends(), "build=failed -> 1");
    let inode = |name: &str| {
        use std::os::unix::fs::MetadataExt as _;
        shop.path(name).metadata().map(|it| (it.ino(), it.ctime_nsec())).unwrap()
    };
    let made = inode("out/a");
    // A file more, and what the failed attempt made stays.
    shop.write("src/b", "b");
    assert_eq!(shop.run(build(&shop)).ends(), "build=failed -> 1");
    assert_eq!((inode("out/a"), names(&shop).as_str()), (made, "out/a out/b out/bad"));
    // What it read is gone, and with it all that it made.
    std::fs::remove_file(shop.path("src/bad")).unwrap();
    let ran = shop.run(build(&shop));
    assert_eq!(
        (ran.ends().as_str(), names(&shop).as_str()),
        ("build=succeeded -> 0", "out/a out/b")
    );
    let made = inode("out/a");
    shop.write("src/b", "other");
    let ran = shop.run(build(&shop));
    assert_eq!((inode("out/a"), &*ran.node("build").warnings), (made, &NOTHING[..]));
    assert_eq!(shop.run(build(&shop)).ends(), "build=cached -> 0");
}

#[test]
fn a_file_that_nobody_is_known_to_have_made_is_told() {
    let shop = Workshop::new();
    shop.write("src/a", "a");
    shop.write("out/by hand", "?");
    let told = "`out/by hand` was among its outputs before and it did not write it, so its result is used but \
                not remembered; remove it, or leave it out with `!out/by hand` in `outputs`";
    for _ in 0..2 {
        let ran = shop.run(build(&shop));
        assert_eq!(
            (ran.ends().as_str(), &*ran.node("build").warnings),
            ("build=succeeded -> 0", &[told.to_owned()][..])
        );
    }
    std::fs::remove_file(shop.path("out/by hand")).unwrap();
    assert_eq!(shop.run(build(&shop)).ends(), "build=succeeded -> 0");
    assert_eq!(shop.run(build(&shop)).ends(), "build=cached -> 0");

    // A file that is named is what the task says it is.
    shop.write("named", "there");
    let keeps = || vec![node("keep", makes(&["src"], &["named"], "true"), &[])];
    assert_eq!(shop.run(keeps()).ends(), "keep=succeeded -> 0");
    assert_eq!(shop.run(keeps()).ends(), "keep=cached -> 0");
}

/// Runs a script that makes `out` from `src`.
fn make(shop: &Workshop, script: &str) -> Ran {
    shop.run(vec![node("make", makes(&["src"], &["out"], script), &[])])
}

const BOTH: &str = "mkdir -p out; cp src/a out/a; cp src/a out/b";
const ONE: &str = "mkdir -p out; cp src/a out/a";

#[test]
fn what_another_command_made_goes_and_is_not_kept() {
    let shop = Workshop::new();
    shop.write("src/a", "a");
    make(&shop, BOTH);
    let ran = make(&shop, ONE);
    assert_eq!(ran.node("make").warnings, [removed(COMMAND, "`out/a` and `out/b`")]);
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    assert_eq!((make(&shop, ONE).ends().as_str(), &*names(&shop)), ("make=cached -> 0", "out/a"));

    // The same of a failed attempt, whose script is corrected.
    shop.write("src/a", "other");
    assert_eq!(make(&shop, "mkdir -p out; touch out/typo; false").ends(), "make=failed -> 1");
    let ran = make(&shop, ONE);
    assert_eq!(ran.node("make").warnings, [removed(COMMAND, "`out/typo`")]);
    assert_eq!(names(&shop), "out/a");
    assert_eq!(make(&shop, ONE).ends(), "make=cached -> 0");
}

#[test]
fn what_a_failed_attempt_of_the_same_command_made_is_removed_once() {
    let shop = Workshop::new();
    shop.write("src/a", "a");
    make(&shop, BOTH);
    let fails = "test -f out/kept && false; mkdir -p out; touch out/kept; false";
    assert_eq!(make(&shop, fails).node("make").warnings, [removed(COMMAND, "`out/a` and `out/b`")]);
    for _ in 0..2 {
        assert_eq!(make(&shop, fails).node("make").warnings, NOTHING);
        assert_eq!(names(&shop), "out/kept");
    }
    // One that made nothing is noted as well, and no note is left behind by a success.
    assert_eq!(make(&shop, "false").node("make").warnings, [removed(COMMAND, "`out/kept`")]);
    assert_eq!(make(&shop, "false").node("make").warnings, NOTHING);
    assert_eq!(notes(&shop), 1);
    assert_eq!(make(&shop, ONE).ends(), "make=succeeded -> 0");
    assert_eq!(notes(&shop), 0);
}

fn notes(shop: &Workshop) -> usize {
    std::fs::read_dir(shop.table().with_extension("left")).map_or(0, Iterator::count)
}

#[test]
fn what_somebody_changed_since_is_never_removed() {
    let shop = Workshop::new();
    shop.write("src/a", "a");
    make(&shop, BOTH);
    shop.write("out/b", "by hand");
    let told = "`out/b` was among its outputs before and it did not write it, so its result is used but not \
                remembered; remove it, or leave it out with `!out/b` in `outputs`";
    assert_eq!(
        make(&shop, ONE).node("make").warnings,
        [removed(COMMAND, "`out/a`"), told.to_owned()]
    );
    assert_eq!(shop.read("out/b"), "by hand");

    // Nor what was there before a failed attempt wrote it.
    let shop = Workshop::new();
    shop.write("src/a", "a");
    shop.write("out/mine", "mine");
    make(&shop, "echo more >> out/mine; false");
    make(&shop, ONE);
    assert_eq!(shop.read("out/mine"), "minemore\n");
}

#[test]
fn a_file_that_keeps_a_directory_in_a_repository_is_left_alone() {
    let shop = Workshop::new();
    shop.write("src/a", "a");
    shop.write("out/.gitkeep", "");
    assert_eq!(make(&shop, BOTH).node("make").warnings, NOTHING);
    assert_eq!(make(&shop, BOTH).ends(), "make=cached -> 0");
    make(&shop, ONE);
    assert_eq!(names(&shop), "out/.gitkeep out/a");
    // Put back beside it, and found beside it.
    assert_eq!(make(&shop, BOTH).ends(), "make=cached -> 0");
    assert_eq!(names(&shop), "out/.gitkeep out/a out/b");
    assert_eq!(make(&shop, BOTH).ends(), "make=cached -> 0");
}

#[test]
fn what_goes_when_a_result_is_put_back_was_made_here() {
    let shop = Workshop::new();
    shop.write("src/a", "a");
    make(&shop, ONE);
    make(&shop, BOTH);
    assert_eq!(make(&shop, ONE).node("make").warnings, NOTHING);
    assert_eq!(names(&shop), "out/a");
    shop.write("out/mine", "mine");
    let told = [
        "its cached result is not put in place, since `out/mine` is there and is not as Rush made it; remove that if \
         nobody needs it",
        &removed(COMMAND, "`out/a`"),
        "`out/mine` was among its outputs before and it did not write it, so its result is used but not \
         remembered; remove it, or leave it out with `!out/mine` in `outputs`",
    ];
    assert_eq!(make(&shop, BOTH).node("make").warnings, told);
    assert_eq!((names(&shop).as_str(), &*shop.read("out/mine")), ("out/a out/b out/mine", "mine"));
}

#[test]
fn what_was_put_back_after_attempts_that_failed_is_known_to_be_made() {
    let shop = Workshop::new();
    let build = |more: &str| {
        let script = format!("{more} {BUILD}");
        shop.run(vec![node("build", makes(&["src"], &["out"], &script), &[])])
    };
    shop.write("src/a", "a");
    shop.write("src/b", "b");
    assert_eq!(build("true;").ends(), "build=succeeded -> 0");
    shop.write("src/bad", "bad");
    for _ in 0..2 {
        assert_eq!(build("").ends(), "build=failed -> 1");
    }
    std::fs::remove_file(shop.path("src/bad")).unwrap();
    assert_eq!(build("true;").ends(), "build=cached -> 0");
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    assert_eq!(build("true;").ends(), "build=cached -> 0");
    // What was made from a file that is gone goes, and the rest is made again.
    std::fs::rename(shop.path("src/b"), shop.path("src/c")).unwrap();
    let ran = build("true;");
    assert_eq!(
        (ran.ends().as_str(), &*ran.node("build").warnings),
        ("build=succeeded -> 0", &[removed(INPUT, "`out/a` and `out/b`")][..])
    );
    assert_eq!(names(&shop), "out/a out/c");
    assert_eq!(build("true;").ends(), "build=cached -> 0");
}

/// Tasks that clean nothing, and that see what the others make as directories by name.
fn project(reason: EdgeReason, has_more: bool) -> Vec<Node> {
    let more = if has_more { "mkdir -p out; echo more > out/more; " } else { "" };
    let build = format!("{more}{BUILD}");
    let strip = "mkdir -p lean; for f in out/*; do cp $f lean/$(basename $f).t; done";
    vec![
        node("build", makes(&["src"], &["out"], &build), &[]),
        edges("strip", makes(&["out"], &["lean/*.t"], strip), &["build"], reason),
        node("mid", makes(&["note"], &[], "true"), &["strip"]),
        node(
            "list",
            makes(&["lean"], &["res"], "mkdir -p res; tail -n +1 lean/* > res/list"),
            &["mid"],
        ),
    ]
}

const MADE: [&str; 3] = ["out", "lean", "res"];

/// One edit, removal, renaming, failure or loss; from numbers that are the same each time.
fn step(shop: &Workshop, pick: &mut impl FnMut(usize) -> usize) -> String {
    let [from, to] = ["a", "b", "c", "d"].map(|it| format!("src/{it}")).into_iter().fold(
        [String::new(), String::new()],
        |[from, to], it| if pick(2) == 0 { [it, to] } else { [from, it] },
    );
    let (from, to) = (if from.is_empty() { "src/a".to_owned() } else { from }, to);
    match pick(9) {
        0..=2 => shop.write(&from, &pick(3).to_string()),
        3 => drop(std::fs::remove_file(shop.path(&from))),
        4 | 5 if !to.is_empty() => drop(std::fs::rename(shop.path(&from), shop.path(&to))),
        6 => shop.write("src/bad", "bad"),
        7 => {
            let made = MADE[pick(3)];
            let _ = std::fs::remove_dir_all(shop.path(made));
            return format!("lose {made}");
        }
        _ => drop(std::fs::remove_file(shop.path("src/bad"))),
    }
    format!("{from} {to}: {:?}", files(shop, &["src"]))
}

/// Whatever steps were taken, what is there is what a clean build makes; nothing is told, and much is answered.
fn check(seed: u64, reason: EdgeReason, steps: usize) {
    let mut seed = seed;
    let mut pick = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let shop = Workshop::new();
    shop.write("note", "note");
    shop.write("src/z", "always there");
    let mut done = Vec::new();
    let mut has_more = false;
    for _ in 0..steps {
        if pick(6) == 0 {
            has_more = !has_more;
            done.push(format!("more: {has_more}"));
        }
        done.push(step(&shop, &mut pick));
        let ran = shop.run(project(reason, has_more));
        let clean = Workshop::new();
        copy(&shop.path("src"), &clean.path("src"));
        clean.write("note", "note");
        let expected = clean.run(project(reason, has_more));
        let is_success = |ran: &Ran| ran.ends().ends_with("-> 0");
        assert_eq!(is_success(&ran), is_success(&expected), "{reason:?} {done:#?}");
        for label in ["build", "strip", "list"] {
            let warnings = &ran.node(label).warnings;
            let mut others = warnings.iter().filter(|it| !it.contains("what was made then"));
            assert_eq!(others.next(), None, "{label} {reason:?} {done:#?}");
        }
        if is_success(&ran) {
            assert_eq!(files(&shop, &MADE), files(&clean, &MADE), "{reason:?} {done:#?}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn renames_failures_and_losses_end_in_what_a_clean_build_makes() {
    let steps = if std::env::var_os("RUSH_TEST_LONG").is_some() { 250 } else { 12 };
    check(0x5eed_0003, EdgeReason::Needs, steps);
    check(0x5eed_0001, EdgeReason::Sequence, steps);
}

/// `gen` makes a file for each word of a list and changes one of its inputs each time; `use` builds on what it made
/// before as long as nothing that it was made from is gone.
#[test]
fn what_was_lost_once_is_no_loss_in_each_run_of_a_task_that_is_never_remembered() {
    let shop = Workshop::new();
    shop.write("list", "a b");
    shop.write("churn", "");
    shop.write("x", "1");
    let generate = "rm -rf gen; mkdir gen; for n in $(cat list); do echo $n > gen/$n; done; \
        test ! -s churn || echo $(cat x) >> churn";
    let build = "test -e obj/made && echo on > mode || echo anew > mode; mkdir -p obj; \
        cat x gen/* > obj/made";
    let nodes = || {
        let mut build = makes(&["x"], &["obj/**"], build);
        build.outputs.push("!mode".to_owned());
        vec![
            node("gen", makes(&["list", "churn"], &["gen/**"], generate), &[]),
            node("use", build, &["gen"]),
        ]
    };
    let check = |expect: &str| {
        let ran = shop.run(nodes());
        assert_eq!(ran.ends(), "gen=succeeded use=succeeded -> 0");
        assert_eq!(shop.read("mode"), expect);
    };
    check("anew\n");
    shop.write("list", "a");
    shop.write("churn", "on");
    check("anew\n");
    for text in ["2", "3"] {
        shop.write("x", text);
        check("on\n");
    }
}

#[test]
fn what_a_cell_that_is_gone_made_is_told_to_whoever_reads_it() {
    let shop = Workshop::new();
    shop.write("in", "text");
    let nodes = |cells: &[&str]| {
        let cell = |x: &str| {
            let task = makes(&["in"], &[&format!("m/{x}")], &format!("mkdir -p m; cp in m/{x}"));
            let mut axis = Arguments::new();
            axis.insert("x".to_owned(), rush_plan::Value::Text(x.to_owned()));
            Node::new("cell", Arguments::new(), axis, Work::Task(Box::new(task)))
        };
        let mut nodes: Vec<Node> = cells.iter().map(|it| cell(it)).collect();
        let mut pack = node("pack", makes(&["m/**"], &["pack"], "ls m > pack"), &[]);
        nodes.iter().for_each(|it| pack.add_edge(it.id(), EdgeReason::Needs));
        nodes.push(pack);
        nodes
    };
    shop.run(nodes(&["p", "q"]));
    let ran = shop.run(nodes(&["p"]));
    let told = "it reads `m/q`, which `cell(x: \"q\")` made, and that is not asked for now; remove it if nobody needs it";
    assert_eq!(ran.node("pack").warnings, [told]);
    std::fs::remove_file(shop.path("m/q")).unwrap();
    shop.run(nodes(&["p"]));
    assert_eq!(shop.read("pack"), "p\n");
    assert_eq!(shop.run(nodes(&["p", "q"])).node("pack").warnings, NOTHING);
    // What it names it means.
    let named =
        || vec![nodes(&["p"]).swap_remove(0), node("use", makes(&["m/q"], &[], "true"), &[])];
    assert_eq!(shop.run(named()).node("use").warnings, NOTHING);
}
