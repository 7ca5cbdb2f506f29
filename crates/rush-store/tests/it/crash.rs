//! A process that is killed while it records: what it was told is committed is there, and the run can go on.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use camino::Utf8Path;
use rush_plan::{EventBody, LogStream, NodeState};
use rush_store::{GoneOn, LogQuery, ProcessMark, Recorded, Visit};

use crate::fixture::{Events, directory, find, open, plan, start};

/// Names the directory to the process that is to be killed.
const DIRECTORY: &str = "RUSH_STORE_TEST_DIRECTORY";

const NODES: usize = 400;

/// Not a test by itself: the process that [`what_was_committed_survives`] kills.
#[test]
fn records_until_it_is_killed() {
    let Ok(path) = std::env::var(DIRECTORY) else { return };
    let plan = plan(NODES);
    let recorder = open(Utf8Path::new(&path))
        .begin(start("000000000001", &plan), |told| match told {
            Recorded::UpTo(seq) => println!("\ncommitted {seq}"),
            other => panic!("{other:?}"),
        })
        .unwrap();
    let mut events = Events::of("000000000001");
    for node in plan.nodes().iter().cycle() {
        for (event, bytes) in events.whole_node(node.id(), b"out\n") {
            recorder.hear(&event, &bytes);
        }
        std::thread::sleep(Duration::from_micros(50));
    }
}

#[test]
fn what_was_committed_survives() {
    let rounds = if std::env::var_os("RUSH_TEST_LONG").is_some() { 60 } else { 4 };
    for round in 0..rounds {
        let (_keep, path) = directory();
        let committed = kill_after(&path, Duration::from_micros(1000 + 7919 * round % 90_000));
        let Some(committed) = committed else { continue };
        let plan = plan(NODES);
        let store = open(&path);
        store.verify().unwrap();
        let run = find(&store, "last");
        assert!(run.next_seq > committed, "{} events, {committed} were promised", run.next_seq);
        assert_eq!(run.outcome, None);
        let events = store.events(&run, &plan, 0).unwrap();
        assert_eq!(events.len() as u64, run.next_seq);
        let mut log = Vec::new();
        let end = store.log(&run, &LogQuery::default(), |it| {
            assert_eq!(it.missing, 0);
            log.extend(it.bytes);
            Visit::Next
        });
        assert_eq!(end.unwrap(), run.log_bytes);
        assert!(log.chunks(4).all(|it| it == b"out\n"));
        assert_goes_on(&path);
    }
}

/// Starts a recording process, lets it live for a while after its first commit, and kills it; returns the last event
/// that it was told is committed.
fn kill_after(path: &Utf8Path, life: Duration) -> Option<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::records_until_it_is_killed", "--exact", "--nocapture"])
        .env(DIRECTORY, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let committed = |line: String| line.strip_prefix("committed ")?.parse().ok();
    let mut last: Option<u64> = lines.by_ref().map_while(Result::ok).find_map(committed);
    std::thread::sleep(life);
    child.kill().unwrap();
    child.wait().unwrap();
    last = lines.map_while(Result::ok).filter_map(committed).last().or(last);
    last
}

/// The run is taken over once, and ends with one final state a node.
fn assert_goes_on(path: &Utf8Path) {
    let plan = plan(NODES);
    let (store, rival) = (open(path), open(path));
    let run = find(&store, "last");
    let nodes = store.nodes(&run, &plan).unwrap();
    let me = ProcessMark { pid: 9, started: 9, machine: "m".into() };
    let taken = store.go_on((&run, &plan, &nodes), &me, |_| {}).unwrap();
    let GoneOn::Taken(recorder) = taken else { panic!("nobody else wants it") };
    let late = rival.go_on((&run, &plan, &nodes), &me, |_| {}).unwrap();
    assert!(matches!(late, GoneOn::TooLate));
    let mut events = Events::of("000000000001");
    events.seq = run.next_seq;
    for node in plan.nodes() {
        let output = EventBody::AttemptOutput { stream: LogStream::Stdout, text: String::new() };
        recorder.hear(&events.next(Some((node.id(), 2)), output), b"new\n");
        let body = EventBody::NodeChanged(NodeState::Failed { allowed: false });
        recorder.hear(&events.next(Some((node.id(), 0)), body), &[]);
    }
    recorder.hear(&events.end(), &[]);
    recorder.finish();
    let store = open(path);
    let after = find(&store, "last");
    let done = nodes.iter().filter(|it| it.state == NodeState::Succeeded).count();
    assert_eq!((after.counts.succeeded, after.counts.failed), (done as u32, (NODES - done) as u32));
    let attempts = store.attempts(&after).unwrap();
    assert!(attempts.iter().all(|it| it.number == 2 || it.ended_ns.is_some()));
}
