//! Results that several threads look at before they are asked for.

use rush_plan::{Node, NodeState};

use super::workshop::{Workshop, cached, makes};
use crate::fixture::node;

/// So many that other threads look, too.
const TASKS: usize = 320;

fn label(number: usize) -> String {
    format!("t{number:03}")
}

/// Each copies a file of its own.
fn nodes(shop: &Workshop) -> Vec<Node> {
    let copy = |number: usize| {
        let (from, to) = (format!("in/{number}"), format!("out/{number}"));
        let task = makes(&[&from], &[&to], &format!("cp {from} {to}"));
        node(&label(number), cached(task, shop), &[])
    };
    (0..TASKS).map(copy).collect()
}

#[test]
fn what_changed_is_seen_wherever_it_is_among_many() {
    let shop = Workshop::new();
    for number in 0..TASKS {
        shop.write(&format!("in/{number}"), &format!("text {number}"));
    }
    shop.run(nodes(&shop));
    assert_eq!(shop.runs(), TASKS);
    shop.run(nodes(&shop));
    assert_eq!(shop.runs(), TASKS, "nothing changed");
    let changed = [0, 31, 150, TASKS - 1];
    for number in changed {
        shop.write(&format!("in/{number}"), &format!("other text {number}"));
    }
    std::fs::remove_file(shop.path("out/200")).unwrap();
    let ran = shop.run(nodes(&shop));
    assert_eq!(shop.runs(), TASKS + changed.len(), "what is missing comes from the cache");
    for number in 0..TASKS {
        let text = if changed.contains(&number) { "other text" } else { "text" };
        assert_eq!(shop.read(&format!("out/{number}")), format!("{text} {number}"));
        let is_cached = ran.node(&label(number)).state == NodeState::Cached;
        assert_eq!(is_cached, !changed.contains(&number), "{number}");
    }
}
