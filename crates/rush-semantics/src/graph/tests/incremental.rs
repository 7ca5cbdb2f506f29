//! What runs again after an edit.

use std::sync::{Arc, Mutex};

use super::super::{findings, workspace_diagnostics};
use crate::db::{Db as _, RushDatabase};

const BEFORE: &str = "task a { outputs: [\"x\"], run: `a` }\n\
    task b { run: `b`, needs: [c], outputs: [\"x\"] }\n\
    task c { run: `c` }\n\
    task both { needs: [a, b] }\n";

fn executed_after(edit: (&str, &str)) -> Vec<String> {
    let executed = Arc::new(Mutex::new(Vec::<String>::new()));
    let log = executed.clone();
    let mut db = RushDatabase::new(Some(Box::new(move |event: salsa::Event| {
        if let salsa::EventKind::WillExecute { database_key } = event.kind {
            log.lock().expect("nobody panics").push(format!("{database_key:?}"));
        }
    })));
    // From its first edit on, an item counts as volatile; what that costs once is another matter.
    db.set_file("tasks.rush", &BEFORE.replace(" {", "  {"));
    db.set_file("tasks.rush", BEFORE);
    assert_eq!(workspace_diagnostics(&db).len(), 1);
    // An item is expected to change only from its first edit on, so the second edit is the usual one.
    for text in [BEFORE.replace("run: `", "run: `more "), BEFORE.to_owned()] {
        db.set_file("tasks.rush", &text);
        assert_eq!(workspace_diagnostics(&db).len(), 1);
    }
    let before = findings(&db, db.workspace()).clone();
    db.set_file("tasks.rush", &BEFORE.replace(edit.0, edit.1));
    executed.lock().expect("nobody panics").clear();
    workspace_diagnostics(&db);
    let names = executed.lock().expect("nobody panics").clone();
    assert_eq!(*findings(&db, db.workspace()), before);
    let name = |it: &String| it.split('(').next().unwrap_or_default().to_owned();
    names.iter().map(name).collect()
}

#[test]
fn editing_a_run_does_not_look_at_the_graph_again() {
    for edit in [("`b`", "`b --more ${1} \"x\"`"), ("`a`", "`aa`")] {
        let names = executed_after(edit);
        let graph = ["findings", "variant_facts", "sketch"];
        assert!(names.iter().all(|it| !graph.contains(&it.as_str())), "{names:?}");
        assert_eq!(names.iter().filter(|it| *it == "graph_facts").count(), 1, "{names:?}");
    }
}

#[test]
fn a_new_task_computes_the_facts_of_itself_only() {
    let names = executed_after(("task c", "task d { run: `d` }\ntask c"));
    assert_eq!(names.iter().filter(|it| *it == "graph_facts").count(), 1, "{names:?}");
}

#[test]
fn editing_a_value_nobody_waits_for_leaves_the_findings() {
    let names = executed_after(("[c]", "[\n    c // why\n  ]"));
    assert!(names.iter().all(|it| it != "findings"), "{names:?}");
}
