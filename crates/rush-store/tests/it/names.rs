//! How people name runs: prefixes, `last`, `last~1`.

use rush_store::Found;

use crate::fixture::{directory, find, open, plan, record_run};

#[test]
fn a_prefix_means_a_run_if_it_is_the_only_one() {
    let (_keep, path) = directory();
    let plan = plan(1);
    for id in ["7f3000000001", "7f3000000002", "7g0000000000"] {
        record_run(&path, id, &plan);
    }
    let store = open(&path);
    assert_eq!(find(&store, "7g").id.as_str(), "7g0000000000");
    assert_eq!(find(&store, "7F3OOOOOOOO1").id.as_str(), "7f3000000001");
    let Found::Several(runs) = store.find_run("7f3").unwrap() else { panic!("it is ambiguous") };
    let ids: Vec<_> = runs.iter().map(|it| it.id.as_str().to_owned()).collect();
    assert_eq!(ids, ["7f3000000002", "7f3000000001"]);
    assert_eq!(store.find_run("8").unwrap(), Found::Nothing);
    assert_eq!(store.find_run("not-a-run").unwrap(), Found::Nothing);
}

#[test]
fn the_last_run_and_those_before_it_have_words() {
    let (_keep, path) = directory();
    let plan = plan(1);
    for id in ["000000000001", "000000000002", "000000000003"] {
        record_run(&path, id, &plan);
    }
    let store = open(&path);
    for (word, id) in [("last", "3"), ("last~", "2"), ("last~1", "2"), ("last~2", "1")] {
        assert!(find(&store, word).id.as_str().ends_with(id), "{word}");
    }
    assert_eq!(store.find_run("last~3").unwrap(), Found::Nothing);
}

#[test]
fn the_short_name_is_long_enough() {
    let (_keep, path) = directory();
    let plan = plan(1);
    for id in ["7f3000000001", "7f3000000002", "7g0000000000"] {
        record_run(&path, id, &plan);
    }
    let store = open(&path);
    assert_eq!(store.short_id(&find(&store, "7g").id).unwrap(), "7g00000");
    assert_eq!(store.short_id(&find(&store, "7f3000000001").id).unwrap(), "7f3000000001");
}
