//! Questions about a plan: order, dependants, counts, differences.

use rush_plan::{EdgeReason, Node, Plan, PlanDiff, Skip, Task, Value, Work};

use crate::sample::{argv, draft, full, map, task};

/// `a` needs `b` and `c`; both need `d`; `e` stands alone.
fn diamond() -> Plan {
    let mut nodes = ["//:a", "//:b", "//:c", "//:d", "//:e"].map(task);
    let ids = nodes.each_ref().map(Node::id);
    for (from, to) in [(0, 2), (0, 1), (1, 3), (2, 3)] {
        nodes[from].add_edge(ids[to], EdgeReason::Needs);
    }
    let mut draft = draft(nodes.into());
    draft.content.roots = vec![ids[4], ids[0]];
    draft.build().expect("a plan")
}

fn labels<'a>(nodes: impl Iterator<Item = &'a Node>) -> String {
    nodes.map(|node| node.label().trim_start_matches("//:")).collect::<Vec<_>>().join(" ")
}

#[test]
fn topological_order_puts_needs_first_and_is_the_same_each_time() {
    assert_eq!(labels(diamond().topological()), "d b c a e");
    assert_eq!(labels(diamond().roots()), "e a");
    assert_eq!(labels(diamond().nodes().iter()), "a b c d e");
}

#[test]
fn dependants_are_the_edges_turned_round() {
    let plan = diamond();
    let dependants = plan.dependants();
    let of = |label: &str| {
        let node = plan.nodes().iter().find(|node| node.label() == label).expect("a node");
        let edges = dependants.get(&node.id()).map_or(&[][..], Vec::as_slice);
        labels(edges.iter().filter_map(|edge| plan.node(edge.node)))
    };
    assert_eq!((of("//:d").as_str(), of("//:b").as_str(), of("//:a").as_str()), ("b c", "a", ""));
}

#[test]
fn the_summary_counts() {
    let summary = diamond().summary();
    assert_eq!((summary.tasks, summary.edges, summary.depth, summary.skipped), (5, 4, 3, 0));
    let summary = full().build().expect("a plan").summary();
    assert_eq!((summary.tasks, summary.services, summary.skipped), (3, 4, 1));
}

#[test]
fn equal_plans_do_not_differ() {
    assert_eq!(diamond().diff(&diamond()), PlanDiff::default());
    assert!(full().build().expect("a plan").diff(&full().build().expect("a plan")).is_empty());
}

#[test]
fn differences_are_named_field_by_field() {
    let before = diamond();
    let mut draft = diamond().into_draft();
    let [a, b, ..] = &mut draft.content.nodes[..] else { panic!("five nodes") };
    let changed = Task { run: vec![argv(&["false"])], timeout_ms: Some(5), ..Task::default() };
    a.work = Work::Task(Box::new(changed));
    let skipped = Task { run: vec![argv(&["true"])], skip: Some(Skip::When), ..Task::default() };
    b.work = Work::Task(Box::new(skipped));
    let removed = draft.content.nodes.pop().expect("five nodes").id();
    let added = Node::new("//:e", map([("n", Value::Int(1))]), map([]), Work::Task(Box::default()));
    let added_id = added.id();
    draft.content.nodes.push(added);
    draft.content.roots[0] = added_id;
    draft.content.host.cpus = 2;
    let diff = before.diff(&draft.build().expect("a plan"));
    assert_eq!((diff.added.as_slice(), diff.removed.as_slice()), (&[added_id][..], &[removed][..]));
    assert_eq!(diff.content.keys().collect::<Vec<_>>(), ["host.cpus", "roots"]);
    let fields: Vec<(&str, Vec<&String>)> = diff
        .changed
        .iter()
        .map(|change| {
            (before.node(change.node).expect("a node").label(), change.fields.keys().collect())
        })
        .collect();
    assert_eq!(fields.len(), 2);
    assert_eq!(
        fields[0],
        ("//:a", vec![&"work.task.run".to_owned(), &"work.task.timeout_ms".to_owned()])
    );
    assert_eq!(fields[1], ("//:b", vec![&"work.task.skip".to_owned()]));
    let timeout = &diff.changed[0].fields["work.task.timeout_ms"];
    assert_eq!(
        (timeout.before.as_ref(), timeout.after.as_ref()),
        (None, Some(&serde_json::json!(5)))
    );
}

#[test]
fn origins_fall_back_to_what_encloses_a_field() {
    let plan = full().build().expect("a plan");
    let node = plan.content().roots[0];
    let show =
        |field| plan.origin().field(node, field).map(|position| plan.origin().show(position));
    assert_eq!(show("env.X").as_deref(), Some("tasks.rush:5:1"));
    assert_eq!(show("run.1").as_deref(), Some("tasks.rush:4:1"));
    assert_eq!(show("outputs").as_deref(), Some("tasks.rush:3:1"));
}
