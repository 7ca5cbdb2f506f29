//! Tasks whose files are not kept: their last success here counts, as long as nothing ran since.

use std::sync::Arc;

use rush_exec::{CacheAccess, Earlier, Force, LocalResults, Patience, Results as _};
use rush_plan::{CacheMode, Node, Task};

use super::workshop::{Workshop, cached, makes};
use crate::fixture::{node, plan, sh};

#[test]
fn a_stamp_holds_while_its_outputs_are_there_and_is_never_restored() {
    let shop = Workshop::new();
    shop.write("lock", "1");
    let nodes = || {
        let mut install =
            cached(makes(&["lock"], &["modules"], "mkdir -p modules; cp lock modules/x"), &shop);
        install.cache.mode = CacheMode::Stamp;
        vec![
            node("install", install, &[]),
            node("use", makes(&[], &["used"], "cp modules/x used"), &["install"]),
        ]
    };
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "install=cached use=cached -> 0");
    shop.write("modules/more", "by hand");
    assert_eq!(shop.run(nodes()).ends(), "install=cached use=cached -> 0");
    std::fs::remove_dir_all(shop.path("modules")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "install=succeeded use=cached -> 0");
    shop.write("lock", "2");
    assert_eq!(shop.run(nodes()).ends(), "install=succeeded use=succeeded -> 0");
    // Only the last success of this checkout counts.
    shop.write("lock", "1");
    assert_eq!(shop.run(nodes()).ends(), "install=succeeded use=cached -> 0");
}

#[test]
fn what_makes_no_files_runs_again_with_the_stamp_it_may_live_in() {
    let shop = Workshop::new();
    shop.write("settings", "1");
    shop.write("m.sql", "1");
    let nodes = || {
        let mut init = makes(&["settings"], &["db"], "mkdir -p db");
        init.cache.mode = CacheMode::Stamp;
        vec![
            node("init", init, &[]),
            node("server", rush_plan::Task::default(), &["init"]),
            node("migrate", makes(&["m.sql"], &[], "cp m.sql db"), &["server"]),
            node("seed", makes(&[], &[], "cp db/m.sql db/seeded"), &["migrate"]),
            node("types", makes(&["m.sql"], &["types"], "cp m.sql types"), &["init"]),
        ]
    };
    let ends = |migrate: &str, init: &str| {
        format!("init={init} migrate={migrate} seed={migrate} server=succeeded types=cached -> 0")
    };
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), ends("cached", "cached"));
    std::fs::remove_dir_all(shop.path("db")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), ends("succeeded", "succeeded"));
    assert_eq!(shop.read("db/seeded"), "1");
    assert_eq!(shop.run(nodes()).ends(), ends("cached", "cached"));
    assert_eq!(shop.reasons(nodes(), "migrate"), "cached");
}

/// Installs what `lock` says; an installation that fails leaves half of it.
fn install(shop: &Workshop, mode: CacheMode) -> Vec<Node> {
    let script =
        "rm -rf modules; mkdir modules; cp lock modules/x; test ! -e down; touch modules/done";
    let mut install = cached(makes(&["lock"], &["modules"], script), shop);
    install.cache.mode = mode;
    let user = makes(&["source"], &["used"], "cat source modules/x > used; test -e modules/done");
    vec![node("install", install, &[]), node("use", user, &["install"])]
}

/// An attempt that does not succeed takes the files of the last success with it, whatever the attempt was.
#[track_caller]
fn check_spent(spoil: impl Fn(&Workshop), repair: impl Fn(&Workshop)) {
    let shop = Workshop::new();
    let nodes = || install(&shop, CacheMode::Stamp);
    shop.write("lock", "A");
    shop.write("source", "1");
    assert_eq!(shop.run(nodes()).ends(), "install=succeeded use=succeeded -> 0");
    shop.write("down", "");
    spoil(&shop);
    std::fs::remove_file(shop.path("down")).unwrap();
    repair(&shop);
    shop.write("source", "2");
    assert_ne!(shop.reasons(nodes(), "install"), "cached");
    assert_eq!(shop.run(nodes()).ends(), "install=succeeded use=succeeded -> 0");
    assert_eq!(shop.read("used"), "2A");
    assert_eq!(shop.run(nodes()).ends(), "install=cached use=cached -> 0");
}

#[test]
fn what_a_failed_attempt_left_is_not_the_last_success() {
    let other_lock = |shop: &Workshop| {
        shop.write("lock", "B");
        shop.run(install(shop, CacheMode::Stamp));
        let reason = "the file `lock` changed";
        assert_eq!(shop.reasons(install(shop, CacheMode::Stamp), "install"), reason);
    };
    check_spent(other_lock, |shop| shop.write("lock", "A"));
    let forced = |shop: &Workshop| {
        shop.run_plan(plan(install(shop, CacheMode::Stamp)), Force::All);
        let reason = "its last attempt did not succeed";
        assert_eq!(shop.reasons(install(shop, CacheMode::Stamp), "install"), reason);
    };
    check_spent(forced, |_| {});
    let unremembered = |shop: &Workshop| drop(shop.run(install(shop, CacheMode::Off)));
    check_spent(unremembered, |_| {});
    // Also where nothing of the run is remembered.
    let alone = |shop: &Workshop| {
        let mut nodes = install(shop, CacheMode::Off);
        nodes.truncate(1);
        shop.run(nodes);
    };
    check_spent(alone, |_| {});
}

#[test]
fn a_stamp_holds_until_an_attempt_begins() {
    let mut shop = Workshop::new();
    shop.bench.jobs = 1;
    let nodes = |fails: bool| {
        let end = if fails { "sleep 0.3; false" } else { "true" };
        let mut nodes = install(&shop, CacheMode::Stamp);
        nodes.truncate(1);
        // What others need comes first.
        nodes.extend([node("first", sh(end), &[]), node("then", sh("true"), &["first"])]);
        nodes
    };
    shop.write("lock", "A");
    let all = "first=succeeded install=succeeded then=succeeded -> 0";
    assert_eq!(shop.run(nodes(false)).ends(), all);
    // It was looked at and waits for room when the run ends.
    shop.write("lock", "B");
    let ends = "first=failed install=skipped(run failed) then=skipped(needs) -> 1";
    assert_eq!(shop.run(nodes(true)).ends(), ends);
    shop.write("lock", "A");
    assert_eq!(shop.reasons(nodes(false), "install"), "cached");
}

#[test]
fn where_the_end_of_a_stamp_can_not_be_written_nothing_begins() {
    let shop = Workshop::new();
    let nodes = || {
        let mut nodes = install(&shop, CacheMode::Stamp);
        nodes.truncate(1);
        nodes
    };
    shop.write("lock", "A");
    assert_eq!(shop.run(nodes()).ends(), "install=succeeded -> 0");
    // A directory where its lock belongs is what a full disk is: nothing can be written.
    let lock = shop.table().with_extension("lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    shop.write("lock", "B");
    let ran = shop.run(nodes());
    assert_eq!((ran.ends().as_str(), shop.runs()), ("install=failed -> 1", 1));
    let said = format!("{:?}", ran.node("install"));
    assert!(
        said.contains("its last result does not hold once it runs, and that can't be noted"),
        "{said}"
    );
    std::fs::remove_dir(&lock).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "install=succeeded -> 0");
}

#[test]
fn a_success_that_is_not_remembered_is_not_the_last_one_that_was() {
    let shop = Workshop::new();
    let nodes = |script: &str| {
        let mut install = cached(makes(&["lock"], &["modules"], script), &shop);
        install.cache.mode = CacheMode::Stamp;
        vec![node("install", install, &[])]
    };
    let quiet = "mkdir -p modules; cp lock modules/x";
    shop.write("lock", "A");
    shop.run(nodes(quiet));
    // It changes its own input, so nobody knows what it was made from.
    shop.run(nodes("echo B > lock; cp lock modules/x"));
    shop.write("lock", "A");
    assert_eq!(shop.reasons(nodes(quiet), "install"), "its last attempt did not succeed");
    assert_eq!(shop.run(nodes(quiet)).ends(), "install=succeeded -> 0");
    assert_eq!(shop.read("modules/x"), "A");
}

#[test]
fn a_stamp_that_another_rush_takes_stays_taken() {
    let shop = Workshop::new();
    let nodes = || install(&shop, CacheMode::Stamp);
    shop.write("lock", "A");
    shop.write("source", "1");
    assert_eq!(shop.run(nodes()).ends(), "install=succeeded use=succeeded -> 0");
    // A run answers from it, and before that one ends another Rush begins an attempt that fails.
    let plan = Arc::new(plan(nodes()));
    let install = plan.nodes().iter().position(|it| it.label() == "install").unwrap();
    let options = shop.options(Force::Nothing, CacheAccess::Writing);
    let results = LocalResults::open(plan, options).unwrap();
    assert!(matches!(results.look(install, &Patience::new().0), Earlier::Hit(_)));
    shop.write("lock", "B");
    shop.write("down", "");
    assert_eq!(shop.run(nodes()).ends(), "install=failed use=skipped(needs) -> 1");
    assert_eq!(results.finish(), Vec::<String>::new());
    shop.write("lock", "A");
    assert_eq!(shop.reasons(nodes(), "install"), "its last attempt did not succeed");
}

fn stamp(inputs: &[&str], outputs: &[&str], command: &str) -> Task {
    let mut task = makes(inputs, outputs, command);
    task.cache.mode = CacheMode::Stamp;
    task
}

#[test]
fn a_new_input_of_a_stamp_is_seen_whatever_ran_before_it() {
    let shop = Workshop::new();
    shop.write("gen/1", "1");
    let nodes = || {
        let setup = stamp(&["gen/*"], &["x"], "cat gen/* > x");
        vec![node("first", sh("true"), &[]), node("setup", setup, &["first"])]
    };
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "first=succeeded setup=cached -> 0");
    shop.write("gen/2", "2");
    assert_eq!(shop.run(nodes()).ends(), "first=succeeded setup=succeeded -> 0");
    assert_eq!(shop.read("x"), "12");
}

#[test]
fn who_reads_the_directory_of_a_stamp_sees_what_is_new_in_it() {
    let shop = Workshop::new();
    shop.write("lock", "1");
    let nodes = || {
        let setup = stamp(&["lock"], &["mods"], "mkdir -p mods; cp lock mods/a");
        let reader = makes(&["mods/**"], &["u"], "cat mods/* > u");
        vec![node("setup", setup, &[]), node("use", reader, &["setup"])]
    };
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "setup=cached use=cached -> 0");
    shop.write("mods/new", "2");
    assert_eq!(shop.run(nodes()).ends(), "setup=cached use=succeeded -> 0");
    assert_eq!(shop.read("u"), "12");
}

#[test]
fn what_names_the_root_is_made_again_where_the_workspace_has_moved_to() {
    let shop = Workshop::new();
    shop.write("in", "1");
    let nodes = || {
        let place = stamp(&["in"], &["venv"], "pwd > venv");
        vec![
            node("copy", makes(&["in"], &["out"], "cp in out"), &[]),
            node("named", makes(&["in"], &["o"], "pwd > o"), &[]),
            node("stamp", place, &[]),
        ]
    };
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "copy=cached named=cached stamp=cached -> 0");
    let shop = shop.moved();
    assert_eq!(shop.run(nodes()).ends(), "copy=cached named=succeeded stamp=succeeded -> 0");
    let root = format!("{}\n", shop.root().display());
    assert_eq!((shop.read("o"), shop.read("venv")), (root.clone(), root));
    assert_eq!(shop.run(nodes()).ends(), "copy=cached named=cached stamp=cached -> 0");
}
