//! In which runs a task did something, told without any plan.

use rush_plan::{EventBody, NodeState, SkipReason};

use crate::fixture::{Events, appearances, begin, directory, open, plan};

/// Records a run in which each node of a plan got one state and nothing else.
fn record_states(directory: &camino::Utf8Path, id: &str, states: &[NodeState]) {
    let plan = plan(states.len());
    let recorder = begin(directory, id, &plan);
    let mut events = Events::of(id);
    for (node, state) in plan.nodes().iter().zip(states) {
        let body = EventBody::NodeChanged(state.clone());
        recorder.hear(&events.next(Some((node.id(), 0)), body), &[]);
    }
    recorder.hear(&events.end(), &[]);
    recorder.finish();
}

#[test]
fn a_node_has_spoken_if_it_ran_or_its_result_was_there() {
    let (_keep, path) = directory();
    let skipped = NodeState::Skipped { reason: SkipReason::RunFailed };
    let mut states = vec![NodeState::Cached; 10];
    states.push(skipped);
    record_states(&path, "000000000001", &states);
    let ran = plan(1);
    let recorder = begin(&path, "000000000002", &ran);
    let mut events = Events::of("000000000002");
    for (event, bytes) in events.whole_node(ran.nodes().first().unwrap().id(), b"x\n") {
        recorder.hear(&event, &bytes);
    }
    recorder.finish();
    let store = open(&path);
    let check = |label: &str, expect: &[(&str, bool, bool)]| {
        let found = appearances(&store, label).into_iter().map(|it| {
            let run = store.run_of(it).unwrap().unwrap();
            (run.id.to_string(), it.has_spoken, it.is_over)
        });
        let expect = expect.iter().map(|(id, spoke, over)| ((*id).to_owned(), *spoke, *over));
        assert_eq!(found.collect::<Vec<_>>(), expect.collect::<Vec<_>>(), "{label}");
    };
    check("//:t00000", &[("000000000002", true, false), ("000000000001", true, true)]);
    check("//:t00009", &[("000000000001", true, true)]);
    check("//:t00010", &[("000000000001", false, true)]);
    check("//:t", &[]);
}
