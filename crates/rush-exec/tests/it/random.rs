//! Random graphs at a place in memory: what the scheduler does equals a run of one node after the other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};
use rush_exec::{
    FailurePolicy, Fetched, Next, Place, PlaceError, Process, ProcessEvent, Signal, Start, Usage,
    run_in,
};
use rush_plan::{AttemptEnd, Command, EdgeReason, EventBody, Node, NodeState, PlaceName, Task};
use rush_system::MemorySystem;
use tokio::sync::mpsc;

use crate::fixture::{Bench, argv, id, plan, runtime};

/// A place whose commands are `exit CODE YIELDS`: they let others go first some times, and end with a code.
#[derive(Default)]
struct MemoryPlace {
    running: Arc<Mutex<usize>>,
    most: Arc<Mutex<usize>>,
}

struct MemoryProcess {
    code: i32,
    yields: usize,
    running: Arc<Mutex<usize>>,
}

impl Place for MemoryPlace {
    fn name(&self) -> PlaceName {
        PlaceName("memory".to_owned())
    }

    fn prepare(&self, _task: &Task) -> Result<(), PlaceError> {
        Ok(())
    }

    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, PlaceError> {
        let Command::Argv { words } = start.command else {
            return Err(PlaceError::new("there are no scripts in memory"));
        };
        let mut running = self.running.lock().unwrap();
        *running += 1;
        let mut most = self.most.lock().unwrap();
        *most = (*most).max(*running);
        Ok(Box::new(MemoryProcess {
            code: words[1].parse().unwrap(),
            yields: words[2].parse().unwrap(),
            running: Arc::clone(&self.running),
        }))
    }

    fn fetch(&self, _task: &Task) -> Result<Fetched, PlaceError> {
        Ok(Fetched::default())
    }
}

impl Process for MemoryProcess {
    fn next(&mut self) -> Next<'_> {
        Box::pin(async {
            while self.yields > 0 {
                self.yields -= 1;
                tokio::task::yield_now().await;
            }
            *self.running.lock().unwrap() -= 1;
            ProcessEvent::Ended(AttemptEnd::Exited { code: self.code }, Usage::default())
        })
    }

    fn signal(&mut self, _signal: Signal) {}
}

/// A node by its code, how long it takes, whether failing is allowed, and edges to earlier nodes.
#[derive(Clone, Debug)]
struct Model {
    code: i32,
    yields: usize,
    allowed: bool,
    before: BTreeMap<usize, bool>,
}

fn models() -> impl Strategy<Value = Vec<Model>> {
    let node = (
        prop::sample::select(vec![0, 0, 0, 0, 1]),
        0..20_usize,
        any::<bool>(),
        prop::collection::btree_map(
            any::<prop::sample::Index>().prop_map(IndexKey),
            any::<bool>(),
            0..4,
        ),
    );
    (Just(()), prop::collection::vec(node, 1..30)).prop_map(|((), nodes)| {
        let nodes = nodes.into_iter().enumerate();
        let nodes = nodes.map(|(position, (code, yields, allowed, before))| {
            let before = before.into_iter().filter(|_| position > 0);
            let before = before.map(|(key, needs)| (key.0.index(position), needs)).collect();
            Model { code, yields, allowed, before }
        });
        nodes.collect()
    })
}

/// An index that can be a key.
#[derive(Clone, Copy, Debug)]
struct IndexKey(prop::sample::Index);

impl IndexKey {
    fn order(self) -> usize {
        self.0.index(1 << 20)
    }
}

impl PartialEq for IndexKey {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for IndexKey {}

impl PartialOrd for IndexKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for IndexKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

fn label(position: usize) -> String {
    format!("n{position:03}")
}

fn nodes(models: &[Model]) -> Vec<Node> {
    let node = |(position, model): (usize, &Model)| {
        let (code, yields) = (model.code.to_string(), model.yields.to_string());
        let run = vec![argv(&["exit", &code, &yields])];
        let task = Task { run, allow_failure: model.allowed, ..Task::default() };
        let mut node = crate::fixture::node(&label(position), task, &[]);
        for (before, needs) in &model.before {
            let reason = if *needs { EdgeReason::Needs } else { EdgeReason::After };
            node.add_edge(id(&label(*before)), reason);
        }
        node
    };
    models.iter().enumerate().map(node).collect()
}

/// Which nodes succeed, fail and are skipped if one runs after the other and every failure is survived.
fn sequential(models: &[Model]) -> Vec<&'static str> {
    let mut ends: Vec<&'static str> = Vec::new();
    for model in models {
        let is_broken = model
            .before
            .iter()
            .any(|(before, needs)| *needs && !matches!(ends[*before], "succeeded" | "allowed"));
        ends.push(match (is_broken, model.code, model.allowed) {
            (true, ..) => "skipped",
            (false, 0, _) => "succeeded",
            (false, _, true) => "allowed",
            (false, _, false) => "failed",
        });
    }
    ends
}

fn end_of(state: &NodeState) -> &'static str {
    match state {
        NodeState::Succeeded => "succeeded",
        NodeState::Failed { allowed: true } => "allowed",
        NodeState::Failed { allowed: false } => "failed",
        NodeState::Skipped { .. } => "skipped",
        _ => "other",
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_graph_ends_as_if_run_one_after_the_other(models in models(), jobs in 1..6_usize) {
        let mut bench = Bench::new();
        bench.jobs = jobs;
        bench.on_failure = FailurePolicy::KeepGoing;
        let place = Arc::new(MemoryPlace::default());
        let most = Arc::clone(&place.most);
        let (sink, mut receiver) = mpsc::channel(1 << 16);
        let (_control, control) = mpsc::channel(1);
        let world = Arc::new(MemorySystem::new());
        let plan = Arc::new(plan(nodes(&models)));
        let running = run_in(place, plan, bench.options(), world, (sink, control));
        let summary = runtime().block_on(running).unwrap();
        let ends: Vec<&str> = summary.nodes.iter().map(|node| end_of(&node.state)).collect();
        prop_assert_eq!(ends, sequential(&models));
        prop_assert!(*most.lock().unwrap() <= jobs);

        let mut over = Vec::new();
        while let Ok(emitted) = receiver.try_recv() {
            let EventBody::NodeChanged(state) = &emitted.event.body else { continue };
            let position = (0..models.len()).find(|it| Some(id(&label(*it))) == emitted.event.node);
            let position = position.unwrap();
            if matches!(state, NodeState::Running { .. }) {
                let is_early = models[position].before.keys().any(|before| !over.contains(before));
                prop_assert!(!is_early, "{} started before what it waits for", position);
            }
            if state.is_final() {
                prop_assert!(!over.contains(&position), "{} ended twice", position);
                over.push(position);
            }
        }
        prop_assert_eq!(over.len(), models.len());
    }
}
