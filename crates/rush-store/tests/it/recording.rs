//! What is read back is what was recorded: events, states, attempts, and every byte of output.

use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use proptest::test_runner::Config;
use rush_plan::{
    AttemptEnd, EventBody, LogStream, NodeState, NoteLevel, RunCounts, RunEvent, RunOutcome,
    SkipReason, Timestamp, UsageRecord, WaitingReason,
};
use rush_store::{LogQuery, Visit};

use crate::fixture::{Events, NOW, begin, directory, find, open, plan, record_run};

const NODES: usize = 5;

fn state() -> impl Strategy<Value = NodeState> {
    let waiting = |reason| NodeState::Waiting { reason };
    prop_oneof![
        any::<u32>().prop_map(move |remaining| waiting(WaitingReason::Needs { remaining })),
        Just(waiting(WaitingReason::Worker)),
        "[a-z]{1,5}".prop_map(move |group| waiting(WaitingReason::Limit { group })),
        Just(NodeState::Ready),
        any::<u32>().prop_map(|attempt| NodeState::Running { attempt }),
        (any::<u32>(), any::<u64>())
            .prop_map(|(attempt, delay_ms)| NodeState::BackingOff { attempt, delay_ms }),
        Just(NodeState::Succeeded),
        any::<bool>().prop_map(|allowed| NodeState::Failed { allowed }),
        Just(NodeState::TimedOut),
        Just(NodeState::Skipped { reason: SkipReason::RunFailed }),
        (0..NODES).prop_map(|at| {
            let node = plan(NODES).nodes()[at].id();
            NodeState::Skipped { reason: SkipReason::Needs { node } }
        }),
        Just(NodeState::Cancelled),
    ]
}

fn body() -> impl Strategy<Value = (EventBody, Vec<u8>)> {
    let silent = |body| (body, Vec::new());
    let usage = (any::<u64>(), any::<u64>(), prop::option::of(1..=u64::MAX)).prop_map(
        |(user_us, system_us, memory_bytes_peak)| UsageRecord {
            user_us,
            system_us,
            memory_bytes_peak,
        },
    );
    let end = prop_oneof![
        any::<i32>().prop_map(|code| AttemptEnd::Exited { code }),
        any::<i32>().prop_map(|signal| AttemptEnd::Signaled { signal }),
        Just(AttemptEnd::TimedOut),
        ".{0,8}".prop_map(|message| AttemptEnd::Lost { message }),
    ];
    let stream = prop_oneof![Just(LogStream::Stdout), Just(LogStream::Stderr)];
    prop_oneof![
        state().prop_map(move |state| silent(EventBody::NodeChanged(state))),
        (any::<u32>(), ".{0,8}")
            .prop_map(move |(command, shown)| silent(EventBody::AttemptStarted { command, shown })),
        (stream, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(stream, bytes)| {
            (EventBody::AttemptOutput { stream, text: String::new() }, bytes)
        }),
        (end, usage).prop_map(move |(end, usage)| silent(EventBody::AttemptEnded { end, usage })),
        ".{0,8}".prop_map(move |message| silent(EventBody::Noted {
            level: NoteLevel::Warning,
            message
        })),
    ]
}

/// An event of any node, at any time of day: clocks are set while tasks run.
fn event() -> impl Strategy<Value = (usize, u32, i64, u32, EventBody, Vec<u8>)> {
    (0..NODES, 0_u32..4, any::<i32>(), 0_u32..2_000_000, body()).prop_map(
        |(node, attempt, skew, step, (body, bytes))| {
            (node, attempt, i64::from(skew), step, body, bytes)
        },
    )
}

proptest! {
    #![proptest_config(Config { cases: 64, max_shrink_iters: 100, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_is_read_back_is_what_was_recorded(happened in prop::collection::vec(event(), 1..60)) {
        let (_keep, path) = directory();
        let plan = plan(NODES);
        let recorder = begin(&path, "000000000001", &plan);
        let mut events = Events::of("000000000001");
        let (mut expected, mut monotonic_ns): (Vec<(RunEvent, Vec<u8>)>, u64) = (Vec::new(), 0);
        for (node, attempt, skew, step, body, bytes) in happened {
            monotonic_ns += u64::from(step);
            let mut event = events.next(Some((plan.nodes()[node].id(), attempt)), body);
            event.monotonic_ns = monotonic_ns;
            event.time = Timestamp(NOW.0 + skew);
            recorder.hear(&event, &bytes);
            expected.push((event, bytes));
        }
        recorder.finish();

        let store = open(&path);
        let run = find(&store, "last");
        let read = store.events(&run, &plan, 0).unwrap();
        let read_events: Vec<_> = read.iter().map(|it| it.event.clone()).collect();
        let told: Vec<_> = expected.iter().map(|it| it.0.clone()).collect();
        assert_eq!(read_events, told);
        let mut log: Vec<(u32, u32, LogStream, u8)> = Vec::new();
        store.log(&run, &LogQuery::default(), |piece| {
            assert_eq!(piece.missing, 0);
            let of = |byte: &u8| (piece.position, piece.attempt, piece.stream, *byte);
            log.extend(piece.bytes.iter().map(of));
            Visit::Next
        }).unwrap();
        let written = expected.iter().flat_map(|(event, bytes)| {
            let position = plan.nodes().iter().position(|it| Some(it.id()) == event.node).unwrap();
            let EventBody::AttemptOutput { stream, .. } = event.body else { return Vec::new() };
            let attempt = event.attempt.unwrap_or(0);
            bytes.iter().map(|byte| (position as u32, attempt, stream, *byte)).collect()
        });
        assert_eq!(log, written.collect::<Vec<_>>());
        assert_eq!(run.next_seq, expected.len() as u64);
        assert_eq!(run.elapsed_ns, monotonic_ns);
    }
}

#[test]
fn a_node_is_told_by_its_last_state_and_each_attempt_by_its_end() {
    let (_keep, path) = directory();
    let plan = plan(2);
    record_run(&path, "000000000001", &plan);
    let store = open(&path);
    let run = find(&store, "last");
    assert_eq!(run.outcome, Some(RunOutcome::Succeeded));
    assert_eq!(run.counts, RunCounts { succeeded: 2, ..RunCounts::default() });
    let nodes = store.nodes(&run, &plan).unwrap();
    assert_eq!(nodes[1].state, NodeState::Succeeded);
    assert_eq!(nodes[1].wall_ns(), Some(4000));
    let attempts = store.attempts(&run).unwrap();
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[1].end, Some(AttemptEnd::Exited { code: 0 }));
    assert_eq!(attempts[1].usage.memory_bytes_peak, Some(7));
    assert_eq!(attempts[1].log, Some((2, 4)));
}

#[test]
fn a_cached_node_is_a_bit_and_no_row() {
    let (_keep, path) = directory();
    let plan = plan(20);
    let recorder = begin(&path, "000000000001", &plan);
    let mut events = Events::of("000000000001");
    for node in plan.nodes().iter().take(9) {
        let body = EventBody::NodeChanged(NodeState::Cached);
        recorder.hear(&events.next(Some((node.id(), 0)), body), &[]);
    }
    recorder.hear(&events.end(), &[]);
    recorder.finish();
    let store = open(&path);
    let run = find(&store, "last");
    assert_eq!(run.counts.cached, 9);
    let nodes = store.nodes(&run, &plan).unwrap();
    assert_eq!(nodes.iter().filter(|it| it.state == NodeState::Cached).count(), 9);
    assert!(nodes[9..].iter().all(|it| matches!(it.state, NodeState::Waiting { .. })));
    assert_eq!(store.events(&run, &plan, 0).unwrap().len(), 1);
}

#[test]
fn a_log_that_cannot_be_written_leaves_a_hole_and_the_rest_is_whole() {
    let (_keep, path) = directory();
    let plan = plan(1);
    // A file where the directory of the logs has to be: every write fails until it is gone.
    std::fs::write(path.join("logs"), "").unwrap();
    let (sender, told) = std::sync::mpsc::channel();
    let recorder = open(&path)
        .begin(crate::fixture::start("000000000001", &plan), move |it| {
            let _ = sender.send(it);
        })
        .unwrap();
    let mut events = Events::of("000000000001");
    let node = plan.nodes()[0].id();
    let output = EventBody::AttemptOutput { stream: LogStream::Stdout, text: String::new() };
    recorder.hear(&events.next(Some((node, 1)), output.clone()), b"lost");
    while !matches!(told.recv().unwrap(), rush_store::Recorded::UpTo(0)) {}
    std::fs::remove_file(path.join("logs")).unwrap();
    recorder.hear(&events.next(Some((node, 1)), output), b"kept");
    recorder.finish();
    let store = open(&path);
    let mut log = Vec::new();
    let run = find(&store, "last");
    store
        .log(&run, &LogQuery::default(), |piece| {
            log.push((piece.bytes, piece.missing));
            Visit::Next
        })
        .unwrap();
    assert_eq!(log, [(Vec::new(), 4), (b"kept".to_vec(), 0)]);
}

#[test]
fn a_run_that_is_refused_before_its_first_event_leaves_nothing() {
    let (_keep, path) = directory();
    begin(&path, "000000000001", &plan(1)).finish();
    assert!(open(&path).runs(9).unwrap().is_empty());
}
