//! What recording costs: little enough that no run waits for it. The bounds are generous, for slow machines and
//! builds without optimisation; `RUSH_TEST_LONG` prints what was measured.

use std::time::{Duration, Instant};

use rush_plan::{EventBody, NodeKind, NodeState, Plan};

use crate::fixture::{Events, begin, directory, find, open, plan};

const NODES: usize = 10_000;

/// Records events of all nodes of a large plan, and holds the time of hearing and of committing against a bound.
fn check(
    what: &str,
    bound: Duration,
    each: impl Fn(&mut Events, &Plan, &mut dyn FnMut(&rush_plan::RunEvent, &[u8])),
) {
    let (_keep, path) = directory();
    let plan = plan(NODES);
    // A run before, so that the plan is known.
    let before = begin(&path, "000000000000", &plan);
    before.hear(&Events::of("000000000000").end(), &[]);
    before.finish();
    let recorder = begin(&path, "000000000001", &plan);
    let mut events = Events::of("000000000001");
    let start = Instant::now();
    each(&mut events, &plan, &mut |event, bytes| recorder.hear(event, bytes));
    recorder.hear(&events.end(), &[]);
    let heard = start.elapsed();
    recorder.finish();
    let committed = start.elapsed();
    if std::env::var_os("RUSH_TEST_LONG").is_some() {
        println!("{what}: heard in {heard:?}, committed in {committed:?}");
    }
    let store = open(&path);
    let run = find(&store, "last");
    let counts = run.counts;
    assert_eq!(counts.succeeded + counts.cached, NODES as u32);
    assert!(committed < bound, "{what}: {committed:?}");
}

#[test]
fn ten_thousand_cached_nodes_are_one_row() {
    check("10,000 cached", Duration::from_secs(2), |events, plan, hear| {
        for node in plan.nodes() {
            let body = EventBody::NodeAdded {
                label: node.label().to_owned(),
                name: node.to_string(),
                kind: NodeKind::Task,
            };
            hear(&events.next(Some((node.id(), 0)), body), &[]);
        }
        for node in plan.nodes() {
            let body = EventBody::NodeChanged(NodeState::Cached);
            hear(&events.next(Some((node.id(), 0)), body), &[]);
        }
    });
}

#[test]
fn ten_thousand_attempts_cost_less_than_starting_them() {
    check("10,000 attempts", Duration::from_secs(5), |events, plan, hear| {
        for node in plan.nodes() {
            for (event, bytes) in events.whole_node(node.id(), b"a line of output\n") {
                hear(&event, &bytes);
            }
        }
    });
}
