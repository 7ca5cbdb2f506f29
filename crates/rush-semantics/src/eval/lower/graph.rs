//! The graph of nodes: the order of the request, and circles.

use rush_plan::{CallOrder, Edge, EdgeReason, NodeId};
use rustc_hash::FxHashSet;

use super::super::report;
use super::super::session::{Place, Session};
use super::Drafts;

/// Lets each call of the request wait for the one before, unless that one needs it.
pub(super) fn order_requests(drafts: &mut Drafts, order: CallOrder, roots: &[Vec<NodeId>]) {
    if order == CallOrder::Parallel {
        return;
    }
    for (earlier, later) in roots.iter().zip(roots.iter().skip(1)) {
        let needed = reachable(drafts, earlier);
        for node in later.iter().filter(|it| !needed.contains(it)) {
            let Some(draft) = drafts.get_mut(node) else { continue };
            let place =
                Place { item: draft.cell.item, range: rush_diagnostics::TextRange::default() };
            let edges = earlier.iter().map(|it| Edge { node: *it, reason: EdgeReason::Request });
            draft.edges.extend(edges.map(|edge| (edge, place)));
        }
    }
}

/// The nodes themselves and all they wait for.
fn reachable(drafts: &Drafts, from: &[NodeId]) -> FxHashSet<NodeId> {
    let mut seen: FxHashSet<NodeId> = from.iter().copied().collect();
    let mut waiting = from.to_vec();
    while let Some(id) = waiting.pop() {
        for (edge, _) in drafts.get(&id).map(|it| it.edges.as_slice()).unwrap_or_default() {
            if seen.insert(edge.node) {
                waiting.push(edge.node);
            }
        }
    }
    seen
}

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
