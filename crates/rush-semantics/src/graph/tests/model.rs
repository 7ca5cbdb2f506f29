//! The rules against a model that tries everything, on small random graphs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use rush_diagnostics::Code;

use super::{database, workspace_diagnostics};

const PATHS: [&str; 3] = ["out/a", "out/b", "out/c"];

#[derive(Clone, Debug, Default)]
struct Task {
    needs: Vec<usize>,
    outputs: Vec<usize>,
    inputs: Vec<usize>,
}

fn task(tasks: usize) -> impl Strategy<Value = Task> {
    let some = |of: usize, most: usize| proptest::collection::vec(0..of, 0..=most);
    (some(tasks, 2), some(PATHS.len(), 1), some(PATHS.len(), 1))
        .prop_map(|(needs, outputs, inputs)| Task { needs, outputs, inputs })
}

fn graph() -> impl Strategy<Value = Vec<Task>> {
    (2_usize..8).prop_flat_map(|tasks| proptest::collection::vec(task(tasks), tasks))
}

/// Without circles: each task needs later ones only.
fn forwards(mut tasks: Vec<Task>) -> Vec<Task> {
    for (at, task) in tasks.iter_mut().enumerate() {
        task.needs.retain(|need| *need > at);
    }
    tasks
}

fn source(tasks: &[Task]) -> String {
    let mut source = String::new();
    for (at, task) in tasks.iter().enumerate() {
        let names: Vec<String> = task.needs.iter().map(|it| format!("t{it}")).collect();
        let paths = |them: &[usize]| {
            them.iter().map(|it| format!("\"{}\"", PATHS[*it])).collect::<Vec<_>>().join(", ")
        };
        writeln!(
            source,
            "task t{at} {{ needs: [{}], outputs: [{}], inputs: [{}], run: `x` }}",
            names.join(", "),
            paths(&task.outputs),
            paths(&task.inputs)
        )
        .expect("writing to a text never fails");
    }
    source
}

/// `reach[a][b]`: `a` waits for `b`, or is it.
fn closure(tasks: &[Task]) -> Vec<Vec<bool>> {
    let count = tasks.len();
    let mut reach = vec![vec![false; count]; count];
    for at in 0..count {
        reach[at][at] = true;
        for need in &tasks[at].needs {
            reach[at][*need] = true;
        }
    }
    for via in 0..count {
        for from in 0..count {
            for to in 0..count {
                reach[from][to] |= reach[from][via] && reach[via][to];
            }
        }
    }
    reach
}

/// The codes and the tasks they must be reported in.
fn expected(tasks: &[Task]) -> BTreeSet<(Code, String)> {
    let reach = closure(tasks);
    let count = tasks.len();
    let races = |one: usize, other: usize| {
        one != other
            && !reach[one][other]
            && !reach[other][one]
            && (0..count).any(|root| reach[root][one] && reach[root][other])
    };
    let share = |one: &[usize], other: &[usize]| one.iter().any(|it| other.contains(it));
    let mut expected = BTreeSet::new();
    for one in 0..count {
        for other in 0..count {
            if !races(one, other) {
                continue;
            }
            let (left, right) = (&tasks[one], &tasks[other]);
            let both_write = share(&left.outputs, &right.outputs);
            if both_write && one < other {
                expected.insert((Code::OutputRace, format!("t{other}")));
            }
            if share(&left.outputs, &right.inputs) && !both_write {
                expected.insert((Code::MissingNeed, format!("t{other}")));
            }
        }
    }
    expected
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_race_is_found_and_nothing_else(tasks in graph().prop_map(forwards)) {
        let db = database(&source(&tasks));
        let found: BTreeSet<(Code, String)> = workspace_diagnostics(&db)
            .iter()
            .map(|it| (it.code, it.primary.span.item.name().to_owned()))
            .collect();
        prop_assert_eq!(found, expected(&tasks), "{}", source(&tasks));
    }

    #[test]
    fn a_circle_is_found_where_there_is_one(tasks in graph()) {
        let db = database(&source(&tasks));
        let found = workspace_diagnostics(&db).iter().any(|it| it.code == Code::NeedsCycle);
        let reach = closure(&tasks);
        let is_circular = (0..tasks.len())
            .any(|at| tasks[at].needs.iter().any(|need| reach[*need][at]));
        prop_assert_eq!(found, is_circular, "{}", source(&tasks));
    }
}
