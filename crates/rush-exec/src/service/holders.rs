//! Which nodes keep which service up.
//!
//! A node holds every service it reaches through what it needs, until it has ended. A service that was named on the
//! command line is held by the person until it can be used, and then by the tasks that were named to run with it; where
//! there are none, by the person until the run is stopped. What others keep up stays up, so beside tasks the person holds
//! it no longer than that. Pure bookkeeping: it starts and stops nothing.

use std::collections::{HashMap, HashSet};

use rush_plan::{CallOrder, EdgeReason, NodeId, NodeKind, Plan};

use super::KeptServices;

/// The holds of one run. Nodes are meant by their positions in the plan.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    /// For each node, the services it holds.
    held: HashMap<usize, Vec<usize>>,
    /// For each service, all nodes that reach it, sorted. Those named beside it hold it without needing it.
    reaching: HashMap<usize, Vec<usize>>,
    /// For each service, who still holds it.
    holding: HashMap<usize, HashSet<usize>>,
    /// The services that are held by the person.
    kept: HashSet<usize>,
    /// Those of them that the person lets go of once they can be used.
    handed_on: HashSet<usize>,
}

impl Holders {
    /// The holds before anything began, beside what others keep up.
    pub(crate) fn new(plan: &Plan, others: &KeptServices) -> Self {
        let mut holders = Self::default();
        let nodes = plan.nodes();
        let services: Vec<usize> =
            (0..).zip(nodes).filter(|it| it.1.kind() == NodeKind::Service).map(|it| it.0).collect();
        if services.is_empty() {
            return holders;
        }
        let positions: HashMap<NodeId, usize> =
            nodes.iter().zip(0..).map(|(node, position)| (node.id(), position)).collect();
        let mut dependants: HashMap<usize, Vec<usize>> = HashMap::new();
        for (position, node) in (0..).zip(nodes) {
            for edge in node.edges.iter().filter(|it| reaches(it.reason)) {
                if let Some(needed) = positions.get(&edge.node) {
                    dependants.entry(*needed).or_default().push(position);
                }
            }
        }
        for service in services {
            let reaching = reaching(service, &dependants);
            holders.holding.insert(service, HashSet::new());
            reaching.iter().for_each(|holder| holders.hold(*holder, service));
            holders.reaching.insert(service, reaching);
        }
        let is_up =
            |service: usize| nodes.get(service).is_some_and(|it| others.contains_key(&it.id()));
        let roots = plan.roots().filter_map(|it| Some((it.kind(), *positions.get(&it.id())?)));
        holders.hold_roots(&roots.collect::<Vec<_>>(), plan.content().goal.order, is_up);
        holders
    }

    fn hold_roots(
        &mut self,
        roots: &[(NodeKind, usize)],
        order: CallOrder,
        is_up: impl Fn(usize) -> bool,
    ) {
        for (at, (_, service)) in of_kind(roots, NodeKind::Service) {
            self.kept.insert(*service);
            for (number, (_, task)) in of_kind(roots, NodeKind::Task) {
                let has_ended_before = order == CallOrder::Sequential && number < at;
                let is_holder =
                    !has_ended_before || self.reaching(*service).binary_search(task).is_ok();
                if is_holder {
                    self.hold(*task, *service);
                }
                if is_holder || is_up(*service) {
                    self.handed_on.insert(*service);
                }
            }
        }
    }

    fn hold(&mut self, holder: usize, service: usize) {
        if self.holding.entry(service).or_default().insert(holder) {
            self.held.entry(holder).or_default().push(service);
        }
    }

    /// The services that a node reaches, as long as it has not ended.
    pub(crate) fn needed_by(&self, node: usize) -> impl Iterator<Item = usize> {
        let held = self.held.get(&node).into_iter().flatten().copied();
        held.filter(move |service| self.reaching(*service).binary_search(&node).is_ok())
    }

    /// Notes the end of a node and returns the services that nobody holds any more.
    pub(crate) fn end(&mut self, node: usize) -> Vec<usize> {
        let held = self.held.remove(&node).unwrap_or_default();
        for service in &held {
            if let Some(holders) = self.holding.get_mut(service) {
                holders.remove(&node);
            }
        }
        held.into_iter().filter(|service| self.is_free(*service)).collect()
    }

    /// Lets the person's hands off this service and off those that reach it; returns those that nobody holds then.
    pub(crate) fn let_go(&mut self, service: usize) -> Vec<usize> {
        let mut concerned: Vec<usize> = self.reaching(service).to_vec();
        concerned.push(service);
        concerned.retain(|it| self.kept.remove(it));
        concerned.retain(|it| self.is_free(*it));
        concerned
    }

    /// Notes that a service can be used; returns whether that was all that the person wanted of it, and nobody holds it.
    pub(crate) fn hand_on(&mut self, service: usize) -> bool {
        self.handed_on.remove(&service) && self.kept.remove(&service) && self.is_free(service)
    }

    /// Lets the person's hands off everything; returns the services that nobody holds then.
    pub(crate) fn let_go_of_all(&mut self) -> Vec<usize> {
        let mut kept: Vec<usize> = self.kept.drain().collect();
        kept.sort_unstable();
        kept.retain(|it| self.is_free(*it));
        kept
    }

    /// All nodes that reach a service through what they need, in the order of the plan.
    pub(crate) fn reaching(&self, service: usize) -> &[usize] {
        self.reaching.get(&service).map_or(&[], Vec::as_slice)
    }

    /// Whether the person holds a service.
    pub(crate) fn is_kept(&self, service: usize) -> bool {
        self.kept.contains(&service)
    }

    /// Whether nobody holds a service.
    pub(crate) fn is_free(&self, service: usize) -> bool {
        !self.kept.contains(&service) && self.holding.get(&service).is_none_or(HashSet::is_empty)
    }
}

/// Whether an edge makes the later node one of those the earlier is there for.
pub(crate) const fn reaches(reason: EdgeReason) -> bool {
    match reason {
        EdgeReason::Needs | EdgeReason::Step | EdgeReason::Outputs => true,
        EdgeReason::Sequence | EdgeReason::After | EdgeReason::Request => false,
    }
}

/// The roots of this kind, each with its number among all.
fn of_kind(
    roots: &[(NodeKind, usize)],
    kind: NodeKind,
) -> impl Iterator<Item = (usize, &(NodeKind, usize))> {
    roots.iter().enumerate().filter(move |(_, root)| root.0 == kind)
}

/// All nodes from which one gets to a service.
fn reaching(service: usize, dependants: &HashMap<usize, Vec<usize>>) -> Vec<usize> {
    let mut found = HashSet::new();
    let mut open = vec![service];
    while let Some(node) = open.pop() {
        for dependant in dependants.get(&node).into_iter().flatten() {
            if found.insert(*dependant) {
                open.push(*dependant);
            }
        }
    }
    let mut found: Vec<usize> = found.into_iter().collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::{any, prop_assert, proptest};
    use proptest::sample::Index;
    use rush_plan::{
        Arguments, Cause, Command, Content, Goal, Host, Node, Origin, PlanDraft, Restart, Service,
        Stop, Task, Work, WorkspaceId, WorkspacePath, WorkspaceSettings,
    };

    use super::*;

    fn service() -> Work {
        Work::Service(Box::new(Service {
            run: Command::Argv { words: vec!["true".to_owned()] },
            dir: WorkspacePath::root(),
            env: BTreeMap::new(),
            env_files: Vec::new(),
            pass_env: Vec::new(),
            bin: Vec::new(),
            inputs: None,
            ready: None,
            stop: Stop::default(),
            restart: Restart::Never,
        }))
    }

    /// Nodes with names in order, each needing some of those before it; those of `kinds` that are true are services.
    fn plan(kinds: &[bool], edges: &[(Index, Index)], roots: &[Index]) -> Plan {
        let name = |position: usize| format!("n{position:02}");
        let id =
            |position: usize| NodeId::of(&name(position), &Arguments::new(), &Arguments::new());
        let mut nodes: Vec<Node> = (0..)
            .zip(kinds)
            .map(|(position, is_service)| {
                let work = if *is_service { service() } else { Work::Task(Box::<Task>::default()) };
                Node::new(name(position), Arguments::new(), Arguments::new(), work)
            })
            .collect();
        for (a, b) in edges {
            let (a, b) = (a.index(kinds.len()), b.index(kinds.len()));
            if a != b {
                nodes[a.max(b)].add_edge(id(a.min(b)), EdgeReason::Needs);
            }
        }
        let host = Host {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            cpus: 1,
            memory_bytes: 1,
            ci: false,
        };
        let roots: BTreeSet<NodeId> = roots.iter().map(|it| id(it.index(kinds.len()))).collect();
        let content = Content {
            goal: Goal::default(),
            host,
            reads: Vec::new(),
            settings: WorkspaceSettings::default(),
            secrets: BTreeMap::new(),
            roots: roots.into_iter().collect(),
            nodes,
        };
        let (workspace, cause, origin) =
            (WorkspaceId(String::new()), Cause::user(), Origin::default());
        PlanDraft { workspace, cause, content, origin }.build().expect("edges only go back")
    }

    proptest! {
        #[test]
        fn a_service_is_free_exactly_when_all_that_reach_it_have_ended(
            kinds in proptest::collection::vec(any::<bool>(), 1..12),
            edges in proptest::collection::vec(any::<(Index, Index)>(), 0..24),
            roots in proptest::collection::vec(any::<Index>(), 1..3),
            order in proptest::collection::vec(any::<Index>(), 12),
        ) {
            let plan = plan(&kinds, &edges, &roots);
            let mut holders = Holders::new(&plan, &KeptServices::new());
            holders.let_go_of_all();
            let mut open: Vec<usize> = (0..kinds.len()).collect();
            let mut told = HashSet::new();
            for pick in order {
                if open.is_empty() {
                    break;
                }
                let node = open.remove(pick.index(open.len()));
                for service in holders.end(node) {
                    prop_assert!(told.insert(service), "a service is told once that it is free");
                    let is_held = holders.reaching(service).iter().any(|it| open.contains(it));
                    prop_assert!(!is_held && kinds[service]);
                }
                for (service, _) in kinds.iter().enumerate().filter(|it| *it.1) {
                    let is_needed = holders.reaching(service).iter().any(|it| open.contains(it));
                    prop_assert!(!(holders.is_free(service) && is_needed));
                }
            }
            prop_assert!((0..kinds.len()).filter(|it| kinds[*it]).all(|it| holders.is_free(it)));
        }
    }
}
