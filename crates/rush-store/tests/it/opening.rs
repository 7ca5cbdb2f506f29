//! Stores that can't be used are refused with a reason, and left as they are.

use rush_store::{Store, StoreError};

use crate::fixture::{appearances, directory, open, plan, record_run};

#[test]
fn a_newer_store_is_refused_and_not_touched() {
    let (_keep, path) = directory();
    record_run(&path, "000000000001", &plan(1));
    let file = path.join("runs.db");
    // Bytes 60 to 63 of a database are its version.
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA user_version = 99")
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_damaged_store_says_so() {
    let (_keep, path) = directory();
    std::fs::write(path.join("runs.db"), "this is no database, whatever it is called".repeat(99))
        .unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.help().contains("move"), "{}", error.help());
}

#[test]
fn looking_for_a_store_makes_none() {
    let (_keep, path) = directory();
    assert!(Store::find(&path).unwrap().is_none());
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
    drop(open(&path));
    assert!(Store::find(&path).unwrap().is_some());
}

#[test]
fn a_store_of_an_earlier_version_keeps_what_it_knows() {
    let (_keep, path) = directory();
    let ids = ["000000000001", "000000000002"];
    for id in ids {
        record_run(&path, id, &plan(3));
    }
    let expect = appearances(&open(&path), "//:t00001");
    assert_eq!(expect.len(), 2);
    // What the second step changed is put back.
    rusqlite::Connection::open(path.join("runs.db"))
        .unwrap()
        .execute_batch(
            "CREATE TABLE label (label TEXT NOT NULL, plan INTEGER NOT NULL, PRIMARY KEY (label, plan)) WITHOUT ROWID;
             INSERT INTO label SELECT DISTINCT label, plan FROM place;
             DROP TABLE place;
             PRAGMA user_version = 1",
        )
        .unwrap();
    let store = open(&path);
    assert_eq!(appearances(&store, "//:t00001"), expect);
    assert_eq!(store.labels().unwrap(), ["//:t00000", "//:t00001", "//:t00002"]);
    let runs = store.runs_of_label("//:t00002", 9).unwrap();
    assert_eq!(
        runs.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(),
        ["000000000002", "000000000001"]
    );
}
