//! What is forgotten is gone, with its log and its plan; the rest is as it was.

use rush_store::Retention;

use crate::fixture::{directory, find, open, plan, record_run};

const ALL: Retention = Retention { count_max: None, since: None, bytes_max: None };

#[test]
fn the_oldest_runs_go_first() {
    let (_keep, path) = directory();
    for (at, id) in ["000000000001", "000000000002", "000000000003"].iter().enumerate() {
        record_run(&path, id, &plan(at + 1));
    }
    let mut store = open(&path);
    let old = store.forgettable(&Retention { count_max: Some(1), ..ALL }, |_| true).unwrap();
    let ids: Vec<_> = old.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["000000000001", "000000000002"]);
    for run in &old {
        store.forget(run).unwrap();
    }
    assert_eq!(store.runs(9).unwrap().len(), 1);
    assert_eq!(std::fs::read_dir(path.join("logs")).unwrap().count(), 1);
    let left = find(&store, "last");
    assert_eq!(store.plan(&left).unwrap().nodes().len(), 3);
    assert_eq!(store.labels().unwrap().len(), 3);
    store.compact().unwrap();
    store.verify().unwrap();
}

#[test]
fn size_counts_from_the_latest_run_back() {
    let (_keep, path) = directory();
    for id in ["000000000001", "000000000002"] {
        record_run(&path, id, &plan(1));
    }
    let store = open(&path);
    let of = |bytes| Retention { bytes_max: Some(bytes), ..ALL };
    let one = rush_store::size_bytes(&find(&store, "last"));
    assert_eq!(store.forgettable(&of(one), |_| true).unwrap().len(), 1);
    assert_eq!(store.forgettable(&of(one * 2), |_| true).unwrap().len(), 0);
}
