//! Random plans at a place in memory: whatever the order, the rules hold and the ends are those of a run of one node
//! after the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use proptest::prelude::{ProptestConfig, Strategy, any, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};
use rush_exec::{Control, FailurePolicy, RunOptions, exit_status};
use rush_plan::{EdgeReason, EventBody, Limit, Node, NodeState, Resources, Task};

use crate::fixture::{Bench, edges, id, plan};
use crate::memory::{Remembered, deaf, run_there, takes};

/// A node by its code, how long it takes, what it wants, and edges to earlier nodes.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is drawn on its own")]
struct Model {
    code: i32,
    millis: u64,
    is_deaf: bool,
    is_interactive: bool,
    allowed: bool,
    has_finally: bool,
    wants: Wants,
    /// Earlier nodes, and whether they have to succeed.
    before: BTreeMap<usize, bool>,
}

/// What a node wants to have.
#[derive(Clone, Debug)]
struct Wants {
    cpu: Option<f64>,
    memory_bytes: Option<u64>,
    slot: Option<u64>,
    limit: Option<(&'static str, u64)>,
}

fn wants() -> impl Strategy<Value = Wants> {
    let cpu = prop::sample::select(vec![None, None, None, Some(0.5), Some(2.0), Some(100.0)]);
    let memory =
        prop::sample::select(vec![None, None, Some(1 << 30), Some(3 << 30), Some(1 << 40)]);
    let slot = prop::sample::select(vec![None, None, None, Some(1), Some(2), Some(9)]);
    let limit = prop::sample::select(vec![None, None, None, Some(("a", 1)), Some(("b", 2))]);
    (cpu, memory, slot, limit).prop_map(|(cpu, memory_bytes, slot, limit)| Wants {
        cpu,
        memory_bytes,
        slot,
        limit,
    })
}

fn models() -> impl Strategy<Value = Vec<Model>> {
    let rare = || prop::sample::select(vec![false, false, false, false, false, true]);
    let node = (
        (prop::sample::select(vec![0, 0, 0, 0, 1]), 0..50_u64, rare(), rare()),
        (any::<bool>(), rare(), wants()),
        prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..4),
    );
    prop::collection::vec(node, 1..30).prop_map(|nodes| {
        let nodes = nodes.into_iter().enumerate();
        let nodes =
            nodes.map(|(position, ((code, millis, is_deaf, is_interactive), more, before))| {
                let (allowed, has_finally, wants) = more;
                let before = before.into_iter().filter(|_| position > 0);
                let before = before.map(|(index, needs)| (index.index(position), needs)).collect();
                Model { code, millis, is_deaf, is_interactive, allowed, has_finally, wants, before }
            });
        nodes.collect()
    })
}

fn label(position: usize) -> String {
    format!("n{position}")
}

fn nodes(models: &[Model], may_be_deaf: bool) -> Vec<Node> {
    let nodes = models.iter().enumerate();
    let nodes = nodes.map(|(position, model)| {
        let run = match (model.is_deaf && may_be_deaf, model.code) {
            (true, 0) => deaf(model.millis),
            (_, code) => takes(model.millis, code),
        };
        let Wants { cpu, memory_bytes, slot, limit } = &model.wants;
        let slots = slot.iter().map(|units| ("gpu".to_owned(), *units)).collect();
        let task = Task {
            run: vec![run],
            finally: if model.has_finally { vec![takes(5, 0)] } else { Vec::new() },
            allow_failure: model.allowed,
            interactive: model.is_interactive,
            resources: Resources { cpu: *cpu, memory_bytes: *memory_bytes, slots },
            limit: limit.map(|(group, max)| Limit { group: group.to_owned(), max }),
            ..Task::default()
        };
        let mut node = edges(&label(position), task, &[], EdgeReason::Needs);
        for (before, needs) in &model.before {
            let reason = if *needs { EdgeReason::Needs } else { EdgeReason::After };
            node.add_edge(id(&label(*before)), reason);
        }
        node
    });
    nodes.collect()
}

fn options(jobs: usize, on_failure: FailurePolicy) -> RunOptions {
    RunOptions {
        jobs,
        on_failure,
        grace: Duration::from_millis(40),
        slots: [("gpu".to_owned(), 2)].into(),
        limits: None,
        ..Bench::new().options()
    }
}

/// How each node ends if they run one after the other.
fn sequential(models: &[Model]) -> Vec<&'static str> {
    let mut ends: Vec<&str> = Vec::new();
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
        NodeState::Cached => "cached",
        NodeState::Failed { allowed: true } => "allowed",
        NodeState::Failed { allowed: false } => "failed",
        NodeState::Skipped { .. } => "skipped",
        NodeState::Cancelled => "cancelled",
        _ => "other",
    }
}

fn ends(ran: &Remembered, models: &[Model]) -> Vec<&'static str> {
    (0..models.len()).map(|it| end_of(ran.state(&label(it)))).collect()
}

/// Goes through the events: nothing starts early, each node ends once, and numbers have no gaps.
fn check_events(ran: &Remembered, models: &[Model]) -> Result<(), String> {
    let mut over = BTreeSet::new();
    for (seq, emitted) in (0..).zip(&ran.events) {
        if emitted.event.seq != seq {
            return Err(format!("event {seq} has number {}", emitted.event.seq));
        }
        let EventBody::NodeChanged(state) = &emitted.event.body else { continue };
        let position = (0..models.len()).find(|it| Some(id(&label(*it))) == emitted.event.node);
        let position = position.unwrap();
        if over.contains(&position) {
            return Err(format!("{position} goes on after its end"));
        }
        let is_early = models[position].before.keys().any(|before| !over.contains(before));
        if matches!(state, NodeState::Running { .. }) && is_early {
            return Err(format!("{position} started before what it waits for"));
        }
        if state.is_final() {
            over.insert(position);
        }
    }
    if over.len() == models.len() { Ok(()) } else { Err(format!("only {over:?} ended")) }
}

/// How often each label was started, `finally` apart.
fn starts(ran: &Remembered, ending: &str) -> HashMap<String, usize> {
    let mut starts = HashMap::new();
    for line in &ran.history {
        let Some((_, what)) = line.split_once(" +") else { continue };
        let (name, rest) = what.split_once(' ').unwrap_or((what, ""));
        if rest.starts_with(ending) && rest.is_empty() == ending.is_empty() {
            *starts.entry(name.to_owned()).or_default() += 1;
        }
    }
    starts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_graph_ends_as_if_run_one_after_the_other(models in models(), jobs in 1..6_usize) {
        let plan = plan(nodes(&models, false));
        let ran = run_there(plan, options(jobs, FailurePolicy::KeepGoing), &[]);
        prop_assert_eq!(ends(&ran, &models), sequential(&models));
        prop_assert!(ran.broken.is_empty(), "{:#?}", ran.broken);
        prop_assert_eq!(check_events(&ran, &models), Ok(()));
    }

    #[test]
    fn a_run_stopped_at_any_moment_leaves_one_end_for_each_node(
        models in models(),
        jobs in 1..6_usize,
        moment in 0..200_u64,
        second in prop::option::of(0..100_u64),
        word in prop::sample::select(vec![Control::Interrupt, Control::Terminate]),
    ) {
        let mut told = vec![(moment, word)];
        told.extend(second.map(|later| (moment + later, word)));
        let plan = plan(nodes(&models, true));
        let ran = run_there(plan, options(jobs, FailurePolicy::KeepGoing), &told);
        prop_assert!(ran.broken.is_empty(), "{:#?}", ran.broken);
        prop_assert_eq!(check_events(&ran, &models), Ok(()));
        if ran.summary.interruption.is_none() {
            return Ok(());
        }
        let status = if word == Control::Interrupt { 130 } else { 143 };
        prop_assert_eq!(exit_status(&ran.summary), status);
        // The grace, for what is killed nothing more, and the precision of timers.
        prop_assert!(ran.took <= Duration::from_millis(moment + 42), "{:?}", ran.took);
        prop_assert!(!ends(&ran, &models).contains(&"other"));
        if second.is_none() {
            let (started, finals) = (starts(&ran, ""), starts(&ran, "finally"));
            for (position, _) in models.iter().enumerate().filter(|it| it.1.has_finally && !it.1.is_deaf) {
                prop_assert_eq!(started.get(&label(position)), finals.get(&label(position)));
            }
        }
    }

    #[test]
    fn after_a_failure_nothing_new_starts(
        models in models(),
        jobs in 1..6_usize,
        policy in prop::sample::select(vec![FailurePolicy::StartNothing, FailurePolicy::FailFast]),
    ) {
        let ran = run_there(plan(nodes(&models, true)), options(jobs, policy), &[]);
        prop_assert!(ran.broken.is_empty(), "{:#?}", ran.broken);
        prop_assert_eq!(check_events(&ran, &models), Ok(()));
        let mut has_failed = false;
        for emitted in &ran.events {
            let EventBody::NodeChanged(state) = &emitted.event.body else { continue };
            let is_start = matches!(state, NodeState::Running { .. });
            prop_assert!(!has_failed || !is_start, "something started after a failure");
            has_failed |= matches!(state, NodeState::Failed { allowed: false });
        }
        prop_assert_eq!(exit_status(&ran.summary), u8::from(has_failed));
    }

    #[test]
    fn what_is_settled_never_runs(
        models in models(),
        settled in prop::collection::vec(prop::option::of(any::<bool>()), 30),
    ) {
        let mut options = options(3, FailurePolicy::KeepGoing);
        let mut changed = models.clone();
        for (position, settled) in settled.iter().enumerate().take(models.len()) {
            let Some(is_good) = settled else { continue };
            let state = if *is_good { NodeState::Succeeded } else { NodeState::TimedOut };
            options.settled.insert(id(&label(position)), state);
            // In the model it is a node that ends so, whatever it waits for.
            changed[position].before.clear();
            changed[position].code = i32::from(!is_good);
            changed[position].allowed = false;
        }
        let ran = run_there(plan(nodes(&models, false)), options, &[]);
        prop_assert!(ran.broken.is_empty(), "{:#?}", ran.broken);
        let started = starts(&ran, "");
        for (position, end) in sequential(&changed).into_iter().enumerate() {
            let state = ran.state(&label(position));
            match settled[position] {
                Some(true) => prop_assert_eq!(state, &NodeState::Cached),
                Some(false) => prop_assert_eq!(state, &NodeState::TimedOut),
                None => prop_assert_eq!(end_of(state), end),
            }
            prop_assert!(settled[position].is_none() || !started.contains_key(&label(position)));
        }
    }
}
