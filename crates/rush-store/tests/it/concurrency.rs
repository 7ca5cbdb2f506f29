//! Many writers at once, while others read.

use crate::fixture::{directory, find, open, plan, record_run};

#[test]
fn sixteen_writers_and_a_reader_are_all_served() {
    let (_keep, path) = directory();
    let plan = plan(30);
    std::thread::scope(|scope| {
        for at in 0..16 {
            let (path, plan) = (&path, &plan);
            scope.spawn(move || record_run(path, &format!("0000000000{at:02}"), plan));
        }
        scope.spawn(|| {
            for _ in 0..20 {
                for run in open(&path).runs(99).unwrap() {
                    assert_eq!(run.nodes, 30);
                }
            }
        });
    });
    let store = open(&path);
    let runs = store.runs(99).unwrap();
    assert_eq!(runs.len(), 16);
    assert!(runs.iter().all(|it| it.counts.succeeded == 30));
    assert_eq!(find(&store, "000000000015").log_bytes, 80);
    store.verify().unwrap();
}
