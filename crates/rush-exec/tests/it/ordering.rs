//! What runs when: edges, gating after failures, workers and limits.

use rush_exec::FailurePolicy;
use rush_plan::{
    EdgeReason, EventBody, EventLine, Limit, Node, NodeState, Resources, RunEvent, Skip, Task,
};

use crate::fixture::{Bench, edges, node, plan, sh, task};

const GATED: FailurePolicy = FailurePolicy::StartNothing;

fn check(on_failure: FailurePolicy, nodes: Vec<Node>, expect: &str) {
    let mut bench = Bench::new();
    bench.jobs = 1;
    bench.on_failure = on_failure;
    assert_eq!(bench.run(plan(nodes)).ends(), expect);
}

fn ok() -> Task {
    task(&["true"])
}

fn failing() -> Task {
    sh("exit 7\n")
}

#[test]
fn what_needs_a_failed_node_is_skipped_and_nothing_new_starts() {
    let nodes = || {
        vec![
            node("a", failing(), &[]),
            node("b", ok(), &["a"]),
            node("c", ok(), &["b"]),
            node("z", ok(), &[]),
        ]
    };
    check(GATED, nodes(), "a=failed b=skipped(needs) c=skipped(needs) z=skipped(run failed) -> 1");
    let kept = "a=failed b=skipped(needs) c=skipped(needs) z=succeeded -> 1";
    check(FailurePolicy::KeepGoing, nodes(), kept);
}

#[test]
fn an_allowed_failure_and_a_false_when_count_as_satisfied() {
    let allowed = Task { allow_failure: true, ..failing() };
    check(
        GATED,
        vec![node("a", allowed, &[]), node("b", ok(), &["a"])],
        "a=allowed b=succeeded -> 0",
    );
    let skipped = Task { skip: Some(Skip::When), ..failing() };
    check(
        GATED,
        vec![node("a", skipped, &[]), node("b", ok(), &["a"])],
        "a=skipped(when) b=succeeded -> 0",
    );
}

#[test]
fn order_alone_does_not_require_success() {
    let nodes = vec![node("a", failing(), &[]), edges("b", ok(), &["a"], EdgeReason::After)];
    check(FailurePolicy::KeepGoing, nodes, "a=failed b=succeeded -> 1");
}

#[test]
fn a_node_without_commands_stands_for_what_it_needs() {
    let all = || node("all", Task::default(), &["a"]);
    check(GATED, vec![node("a", ok(), &[]), all()], "a=succeeded all=succeeded -> 0");
    check(GATED, vec![node("a", failing(), &[]), all()], "a=failed all=skipped(needs) -> 1");
}

#[test]
fn failing_fast_ends_what_runs() {
    let mut bench = Bench::new();
    bench.on_failure = FailurePolicy::FailFast;
    let nodes = vec![node("a", failing(), &[]), node("slow", task(&["sleep", "600"]), &[])];
    assert_eq!(bench.run(plan(nodes)).ends(), "a=failed slow=cancelled -> 1");
}

#[test]
fn failing_lets_running_nodes_finish() {
    let bench = Bench::new();
    // `a` fails only once `slow` runs, and `slow` ends only once `a` has failed.
    let nodes = vec![
        node("a", sh("until [ -e running ]; do :; done; : > failed; exit 1\n"), &[]),
        node("slow", sh(": > running; until [ -e failed ]; do :; done\n"), &[]),
    ];
    assert_eq!(bench.run(plan(nodes)).ends(), "a=failed slow=succeeded -> 1");
}

/// The largest number of nodes that ran at once.
fn most_at_once(bench: &Bench, nodes: Vec<Node>) -> usize {
    let ran = bench.run(plan(nodes));
    assert_eq!(rush_exec::exit_status(&ran.summary), 0, "{}", ran.ends());
    let (mut now, mut most) = (0, 0);
    for emitted in &ran.events {
        match &emitted.event.body {
            EventBody::NodeChanged(NodeState::Running { .. }) => now += 1,
            EventBody::NodeChanged(state) if state.is_final() => now -= 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

fn many(task: impl Fn() -> Task) -> Vec<Node> {
    (0..12).map(|index| node(&format!("n{index}"), task(), &[])).collect()
}

#[test]
fn never_more_than_the_workers_and_the_limits_allow() {
    let mut bench = Bench::new();
    for jobs in [1, 2, 5] {
        bench.jobs = jobs;
        assert_eq!(most_at_once(&bench, many(ok)), jobs);
    }
    let limit = Some(Limit { group: "g".to_owned(), max: 2 });
    assert_eq!(most_at_once(&bench, many(|| Task { limit: limit.clone(), ..ok() })), 2);
    let resources = |cpu| Resources { cpu: Some(cpu), ..Resources::default() };
    assert_eq!(most_at_once(&bench, many(|| Task { resources: resources(2.0), ..ok() })), 2);
    assert_eq!(most_at_once(&bench, many(|| Task { resources: resources(99.0), ..ok() })), 1);
    let memory = Resources { memory_bytes: Some(2 << 30), ..Resources::default() };
    assert_eq!(most_at_once(&bench, many(|| Task { resources: memory.clone(), ..ok() })), 2);
}

#[test]
fn events_are_numbered_without_gaps_and_end_with_the_end() {
    let bench = Bench::new();
    let ran = bench.run(plan(vec![node("a", sh("echo a; echo b >&2\n"), &[])]));
    for (index, emitted) in ran.events.iter().enumerate() {
        assert_eq!(emitted.event.seq, index as u64);
        let read = RunEvent::from_line(&emitted.event.to_line()).unwrap();
        assert_eq!(read, EventLine::Event(Box::new(emitted.event.clone())));
    }
    let last = &ran.events.last().unwrap().event.body;
    assert!(matches!(last, EventBody::RunEnded { .. }));
}
