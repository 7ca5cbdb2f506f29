//! Circles in the graph of nodes.

use rush_plan::NodeId;
use rustc_hash::FxHashSet;

use super::super::report;
use super::super::session::{Place, Session};
use super::Drafts;

/// Where a search stands in one node.
struct Step {
    id: NodeId,
    next_edge: usize,
}

/// Reports the first circle, found from the nodes in their order.
pub(super) fn report_circle(session: &mut Session<'_>, drafts: &Drafts, order: &[NodeId]) {
    let mut done = FxHashSet::default();
    for root in order {
        if let Some(circle) = find_circle(drafts, *root, &mut done) {
            report(session, drafts, &circle);
            return;
        }
    }
}

/// A depth-first search whose stack is on the heap: chains may be long.
fn find_circle(
    drafts: &Drafts,
    root: NodeId,
    done: &mut FxHashSet<NodeId>,
) -> Option<Vec<(NodeId, Place)>> {
    if done.contains(&root) {
        return None;
    }
    let mut open: FxHashSet<NodeId> = [root].into_iter().collect();
    let mut way = vec![Step { id: root, next_edge: 0 }];
    while let Some(step) = way.last_mut() {
        let edges = drafts.get(&step.id).map(|it| it.edges.as_slice()).unwrap_or_default();
        let Some((edge, _)) = edges.get(step.next_edge) else {
            open.remove(&step.id);
            done.insert(step.id);
            way.pop();
            continue;
        };
        step.next_edge += 1;
        if open.contains(&edge.node) {
            let start = way.iter().position(|it| it.id == edge.node).unwrap_or_default();
            return Some(way.iter().skip(start).filter_map(|it| taken(drafts, it)).collect());
        }
        if !done.contains(&edge.node) {
            open.insert(edge.node);
            way.push(Step { id: edge.node, next_edge: 0 });
        }
    }
    None
}

/// The node of a step, and where the edge is written by which it was left.
fn taken(drafts: &Drafts, step: &Step) -> Option<(NodeId, Place)> {
    let (_, place) = drafts.get(&step.id)?.edges.get(step.next_edge.checked_sub(1)?)?;
    Some((step.id, *place))
}

fn report(session: &mut Session<'_>, drafts: &Drafts, circle: &[(NodeId, Place)]) {
    let label = |id: &NodeId| drafts.get(id).map(|it| short(&it.cell.label)).unwrap_or_default();
    let mut labels: Vec<String> = circle.iter().map(|(id, _)| label(id)).collect();
    labels.extend(labels.first().cloned());
    let Some(((_, first), rest)) = circle.split_first() else { return };
    let waits = |at: usize| {
        let name = |at: usize| labels.get(at).map_or("?", String::as_str);
        format!("`{}` waits for `{}`", name(at), name(at + 1))
    };
    let span = first.span(session.db);
    let mut diagnostic = report::needs_cycle(span, &labels).label(waits(0));
    for (at, (_, place)) in rest.iter().enumerate() {
        diagnostic = diagnostic.because(place.span(session.db), waits(at + 1));
    }
    session.fail(diagnostic);
}

/// A label of the root package without its `//:`.
fn short(label: &str) -> String {
    label.strip_prefix("//:").unwrap_or(label).to_owned()
}
