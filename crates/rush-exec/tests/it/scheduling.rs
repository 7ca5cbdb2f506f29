//! What runs when at a place in memory, to the millisecond: urgency, weights, groups, the terminal, pauses, stops.

use std::collections::HashMap;
use std::time::Duration;

use rush_exec::{Control, FailurePolicy, RunOptions};
use rush_plan::{
    Backoff, EdgeReason, EventBody, Limit, Node, NodeState, Resources, Retry, Task, WaitingReason,
};

use crate::fixture::{Bench, id, node, plan};
use crate::memory::{Remembered, attempts, deaf, run_there, takes, task_of};

fn options(jobs: usize) -> RunOptions {
    RunOptions {
        jobs,
        on_failure: FailurePolicy::KeepGoing,
        limits: None,
        grace: Duration::from_millis(100),
        ..Bench::new().options()
    }
}

/// Runs the nodes and compares what happened: `10 +a` is the start of `a` after 10 ms, `20 -a 0` its end.
fn check(
    nodes: Vec<Node>,
    options: RunOptions,
    control: &[(u64, Control)],
    expect: &str,
) -> Remembered {
    let ran = run_there(plan(nodes), options, control);
    assert!(ran.broken.is_empty(), "{:#?}", ran.broken);
    assert_eq!(ran.history.join(", "), expect);
    ran
}

fn timed(label: &str, millis: u64, needs: &[&str]) -> Node {
    node(label, task_of(takes(millis, 0)), needs)
}

#[test]
fn the_longest_way_to_the_end_goes_first() {
    // By depth, `c` has two behind it; by what is known from earlier runs, `b` alone takes longer than all of them.
    let nodes = || {
        vec![
            timed("a", 1, &[]),
            timed("b", 9, &[]),
            timed("c", 1, &[]),
            timed("d", 1, &["c"]),
            timed("e", 1, &["d"]),
        ]
    };
    let order = |options: RunOptions| {
        let ran = run_there(plan(nodes()), options, &[]);
        let starts = ran.history.iter().filter_map(|it| it.split_once('+'));
        starts.map(|(_, label)| label.to_owned()).collect::<String>()
    };
    assert_eq!(order(options(1)), "cdabe");
    let expected = [("a", 1), ("b", 9), ("c", 1), ("d", 1), ("e", 1)];
    let known: HashMap<_, _> =
        expected.map(|(label, millis)| (id(label), Duration::from_millis(millis))).into();
    assert_eq!(order(RunOptions { expected: known.clone(), ..options(1) }), "bcdae");
    // One that never ran counts as the middle of those that did.
    let mut known = known;
    known.remove(&id("b"));
    assert_eq!(order(RunOptions { expected: known, ..options(1) }), "cdabe");
}

#[test]
fn the_diamond_takes_as_long_as_its_longest_way() {
    let nodes = vec![
        timed("a", 1000, &[]),
        timed("b", 2000, &["a"]),
        timed("c", 1000, &["a"]),
        timed("d", 0, &["b", "c"]),
    ];
    let expect = "0 +a, 1000 -a 0, 1000 +b, 1000 +c, 2000 -c 0, 3000 -b 0, 3000 +d, 3000 -d 0";
    let ran = check(nodes, options(2), &[], expect);
    assert_eq!(ran.took.as_millis(), 3000);
}

#[test]
fn of_two_reasons_to_wait_for_a_node_the_stronger_counts() {
    for reasons in [[EdgeReason::After, EdgeReason::Needs], [EdgeReason::Needs, EdgeReason::After]]
    {
        let mut later = timed("b", 1, &[]);
        reasons.into_iter().for_each(|reason| later.add_edge(id("a"), reason));
        let nodes = vec![node("a", task_of(takes(1, 1)), &[]), later];
        let ran = check(nodes, options(1), &[], "0 +a, 1 -a 1");
        assert!(matches!(ran.state("b"), NodeState::Skipped { .. }));
    }
}

fn with(label: &str, millis: u64, resources: Resources) -> Node {
    node(label, Task { resources, ..task_of(takes(millis, 0)) }, &[])
}

fn cpu(count: f64) -> Resources {
    Resources { cpu: Some(count), ..Resources::default() }
}

fn gpu(units: u64) -> Resources {
    Resources { slots: [("gpu".to_owned(), units)].into(), ..Resources::default() }
}

#[test]
fn weights_are_counted_and_the_large_are_not_passed_for_ever() {
    // `b` wants all: it waits until `a` is over, and the small ones behind it do not slip in.
    let nodes = vec![
        with("a", 10, cpu(1.0)),
        with("b", 10, cpu(2.0)),
        with("c", 10, cpu(1.0)),
        with("d", 10, cpu(1.0)),
    ];
    let expect = "0 +a, 10 -a 0, 10 +b, 20 -b 0, 20 +c, 20 +d, 30 -c 0, 30 -d 0";
    check(nodes, options(2), &[], expect);
    // Who wants more than there is gets everything.
    let nodes = vec![with("a", 10, cpu(64.0)), with("b", 10, cpu(1.0))];
    check(nodes, options(2), &[], "0 +a, 10 -a 0, 10 +b, 20 -b 0");
    // Half a processor each, but no more nodes than workers.
    let nodes = vec![with("a", 10, cpu(0.5)), with("b", 12, cpu(0.5)), with("c", 10, cpu(0.5))];
    check(nodes, options(2), &[], "0 +a, 0 +b, 10 -a 0, 10 +c, 12 -b 0, 20 -c 0");
}

#[test]
fn of_a_named_slot_there_is_one_unless_told_otherwise() {
    let nodes = || vec![with("a", 10, gpu(1)), with("b", 10, gpu(1)), with("c", 12, cpu(1.0))];
    let ran = check(nodes(), options(4), &[], "0 +a, 0 +c, 10 -a 0, 10 +b, 12 -c 0, 20 -b 0");
    let waits = |it: &&rush_exec::Emitted| {
        let reason = WaitingReason::Resources;
        it.event.body == EventBody::NodeChanged(NodeState::Waiting { reason })
    };
    let waiting: Vec<_> = ran.events.iter().filter(waits).map(|it| it.event.node).collect();
    assert_eq!(waiting, [Some(id("b"))]);
    let two = RunOptions { slots: [("gpu".to_owned(), 2)].into(), ..options(4) };
    check(nodes(), two, &[], "0 +a, 0 +b, 0 +c, 10 -a 0, 10 -b 0, 12 -c 0");
}

#[test]
fn a_limit_holds_in_its_group_only() {
    let limited = |label: &str| {
        let limit = Some(Limit { group: "db".to_owned(), max: 1 });
        node(label, Task { limit, ..task_of(takes(10, 0)) }, &[])
    };
    let nodes = vec![limited("a"), limited("b"), timed("c", 4, &[]), timed("d", 4, &[])];
    let expect = "0 +a, 0 +c, 4 -c 0, 4 +d, 8 -d 0, 10 -a 0, 10 +b, 20 -b 0";
    check(nodes, options(2), &[], expect);
}

#[test]
fn who_has_the_terminal_is_alone() {
    let interactive = Task { interactive: true, ..task_of(takes(10, 0)) };
    let nodes = vec![timed("a", 5, &[]), node("b", interactive, &[]), timed("c", 5, &[])];
    let ran = check(nodes, options(4), &[], "0 +a, 5 -a 0, 5 +b, 15 -b 0, 15 +c, 20 -c 0");
    let reason = WaitingReason::Terminal;
    let waiting = EventBody::NodeChanged(NodeState::Waiting { reason });
    assert!(ran.events.iter().any(|it| it.event.body == waiting && it.event.node == Some(id("c"))));
}

fn retried(retry: Retry, codes: &[i32]) -> Vec<Node> {
    vec![node("a", Task { retry: Some(Box::new(retry)), ..task_of(attempts(codes)) }, &[])]
}

fn rules(delay: Backoff, on_codes: Option<Vec<u8>>, on_pattern: Option<&str>) -> Retry {
    Retry {
        attempts: 3,
        delay,
        on_codes,
        on_pattern: on_pattern.map(str::to_owned),
        on_timeout: false,
    }
}

#[test]
fn attempts_follow_each_other_after_their_pauses() {
    let fixed = Backoff::Fixed { delay_ms: 50 };
    let nodes = retried(rules(fixed.clone(), Some(vec![75]), None), &[75, 75, 0]);
    let ran = check(nodes, options(1), &[], "0 +a, 10 -a 75, 60 +a, 70 -a 75, 120 +a, 130 -a 0");
    // Each attempt has its own log.
    let outputs = ran.events.iter().filter(|it| !it.bytes.is_empty());
    let logs: Vec<_> = outputs.map(|it| (it.event.attempt, it.bytes.as_slice())).collect();
    assert_eq!(logs, [(Some(1), &b"a 1\n"[..]), (Some(2), b"a 2\n"), (Some(3), b"a 3\n")]);
    assert_eq!(ran.summary.nodes[0].attempts, 3);
    // A code that is not listed is final.
    let nodes = retried(rules(fixed.clone(), Some(vec![75]), None), &[75, 1, 0]);
    check(nodes, options(1), &[], "0 +a, 10 -a 75, 60 +a, 70 -a 1");
    let growing = Backoff::Exponential { first_ms: 100, factor: 3.0, max_ms: 250, jitter: false };
    let nodes = retried(rules(growing, None, None), &[1, 1, 1]);
    check(nodes, options(1), &[], "0 +a, 10 -a 1, 110 +a, 120 -a 1, 370 +a, 380 -a 1");
    let nodes = retried(rules(fixed, None, Some("^a 1$")), &[1, 1, 1]);
    check(nodes, options(1), &[], "0 +a, 10 -a 1");
}

#[test]
fn who_makes_a_pause_leaves_its_worker_to_others_and_comes_back_before_new_ones() {
    let fixed = || rules(Backoff::Fixed { delay_ms: 50 }, None, None);
    let mut nodes = retried(fixed(), &[1, 0]);
    nodes.extend([timed("b", 20, &[]), timed("c", 45, &[]), timed("d", 10, &[])]);
    let expect = "0 +a, 10 -a 1, 10 +b, 30 -b 0, 30 +c, 75 -c 0, 75 +a, 85 -a 0, 85 +d, 95 -d 0";
    check(nodes, options(1), &[], expect);
    // What it asked for besides is free, too.
    let slots = |label: &str, task: Task| {
        node(label, Task { resources: gpu(1), retry: Some(Box::new(fixed())), ..task }, &[])
    };
    let nodes = vec![slots("a", task_of(attempts(&[1, 0]))), slots("b", task_of(takes(20, 0)))];
    check(nodes, options(2), &[], "0 +a, 10 -a 1, 10 +b, 30 -b 0, 60 +a, 70 -a 0");
    // A failure elsewhere lets it finish, and nothing new start.
    let mut nodes = retried(fixed(), &[1, 0]);
    nodes.extend([node("b", task_of(takes(10, 1)), &[]), timed("c", 10, &[])]);
    let options = RunOptions { on_failure: FailurePolicy::StartNothing, ..options(1) };
    check(nodes, options, &[], "0 +a, 10 -a 1, 10 +b, 20 -b 1, 60 +a, 70 -a 0");
}

#[test]
fn a_pause_ends_when_the_run_is_stopped() {
    let nodes = retried(rules(Backoff::Fixed { delay_ms: 1000 }, None, None), &[1, 0]);
    let ran = check(nodes, options(1), &[(20, Control::Interrupt)], "0 +a, 10 -a 1");
    assert_eq!((ran.took.as_millis(), ran.state("a")), (20, &NodeState::Cancelled));
}

#[test]
fn a_timeout_asks_and_then_kills() {
    let task = |run| Task { timeout_ms: Some(30), ..task_of(run) };
    check(vec![node("a", task(takes(50, 0)), &[])], options(1), &[], "0 +a, 30 -a signal 15");
    let ran =
        check(vec![node("a", task(deaf(500)), &[])], options(1), &[], "0 +a, 130 -a signal 9");
    assert_eq!(ran.state("a"), &NodeState::TimedOut);
    // Each attempt has the whole time.
    let retry = Retry { on_timeout: true, ..rules(Backoff::Fixed { delay_ms: 5 }, None, None) };
    let task = Task { retry: Some(Box::new(retry)), ..task(takes(50, 0)) };
    let expect = "0 +a, 30 -a signal 15, 35 +a, 65 -a signal 15, 70 +a, 100 -a signal 15";
    check(vec![node("a", task, &[])], options(1), &[], expect);
}

fn with_finally(run: rush_plan::Command, code: i32) -> Task {
    Task { finally: vec![takes(5, code)], ..task_of(run) }
}

#[test]
fn finally_runs_once_after_the_last_attempt_whatever_its_end() {
    let one = |task: Task| vec![node("a", task, &[])];
    let run =
        |task: Task, expect: &str| check(one(task), options(1), &[], expect).state("a").clone();
    let failed = NodeState::Failed { allowed: false };
    let expect = "0 +a, 10 -a 0, 10 +a finally 0, 15 -a 0";
    assert_eq!(run(with_finally(takes(10, 0), 0), expect), NodeState::Succeeded);
    let expect = "0 +a, 10 -a 0, 10 +a finally 0, 15 -a 1";
    assert_eq!(run(with_finally(takes(10, 0), 1), expect), failed);
    let expect = "0 +a, 10 -a 4, 10 +a finally 4, 15 -a 0";
    assert_eq!(run(with_finally(takes(10, 4), 0), expect), failed);
    let retry = Some(Box::new(rules(Backoff::Fixed { delay_ms: 5 }, None, None)));
    let expect = "0 +a, 10 -a 1, 15 +a, 25 -a 0, 25 +a finally 0, 30 -a 0";
    assert_eq!(
        run(Task { retry, ..with_finally(attempts(&[1, 0]), 0) }, expect),
        NodeState::Succeeded
    );
    let expect = "0 +a, 30 -a signal 15, 30 +a finally 124, 35 -a 0";
    assert_eq!(
        run(Task { timeout_ms: Some(30), ..with_finally(takes(50, 0), 0) }, expect),
        NodeState::TimedOut
    );
}

#[test]
fn finally_runs_after_an_interrupt_within_the_grace() {
    let one = |task: Task| vec![node("a", task, &[])];
    let stop = [(20, Control::Interrupt)];
    let expect = "0 +a, 20 -a signal 2, 20 +a finally 130, 25 -a 0";
    let ran = check(one(with_finally(takes(50, 0), 0)), options(1), &stop, expect);
    assert_eq!(ran.state("a"), &NodeState::Cancelled);
    // One that takes too long is killed with the rest.
    let slow = Task { finally: vec![takes(500, 0)], ..task_of(takes(50, 0)) };
    let expect = "0 +a, 20 -a signal 2, 20 +a finally 130, 120 -a signal 9";
    check(one(slow), options(1), &stop, expect);
    // What did not begin has nothing to clean up.
    let nodes = vec![timed("a", 50, &[]), node("b", with_finally(takes(1, 0), 0), &["a"])];
    check(nodes, options(1), &stop, "0 +a, 20 -a signal 2");
}

#[test]
fn what_does_not_hear_is_asked_more_firmly_and_then_killed() {
    let nodes = || vec![node("a", task_of(deaf(1000)), &[])];
    check(nodes(), options(1), &[(20, Control::Interrupt)], "0 +a, 120 -a signal 9");
    let twice = [(20, Control::Interrupt), (30, Control::Interrupt)];
    check(nodes(), options(1), &twice, "0 +a, 30 -a signal 9");
}

#[test]
fn an_end_known_from_an_earlier_run_has_its_consequences() {
    let nodes = || vec![timed("a", 1, &[]), timed("b", 1, &["a"]), timed("c", 1, &["b"])];
    let mut settled = options(1);
    settled.settled.insert(id("a"), NodeState::Succeeded);
    let ran = check(nodes(), settled, &[], "0 +b, 1 -b 0, 1 +c, 2 -c 0");
    assert_eq!(ran.state("a"), &NodeState::Cached);
    let mut settled = options(1);
    settled.settled.insert(id("b"), NodeState::Failed { allowed: false });
    let ran = check(nodes(), settled, &[], "0 +a, 1 -a 0");
    assert!(matches!(ran.state("c"), NodeState::Skipped { .. }));
}
