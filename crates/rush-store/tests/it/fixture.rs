//! Plans, runs and events for the tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rush_plan::{
    Arguments, AttemptEnd, Cause, Content, EventBody, Goal, Host, LogStream, Node, NodeId,
    NodeState, Origin, Plan, PlanDraft, RunCounts, RunEvent, RunId, RunOutcome, Timestamp,
    UsageRecord, Work, WorkspaceId,
};
use rush_store::{
    Appearance, Found, Lineage, ProcessMark, Recorder, RunRecord, RunStart, Store, Visit,
};

pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

/// A directory that goes with the test.
pub(crate) fn directory() -> (tempfile::TempDir, Utf8PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let path = Utf8PathBuf::from_path_buf(directory.path().to_owned()).expect("its path is UTF-8");
    (directory, path)
}

pub(crate) fn open(directory: &Utf8Path) -> Store {
    Store::open(directory).expect("the store opens")
}

/// A plan of tasks without needs; their names say their positions.
pub(crate) fn plan(nodes: usize) -> Arc<Plan> {
    let node = |at: usize| {
        Node::new(
            format!("//:t{at:05}"),
            Arguments::new(),
            Arguments::new(),
            Work::Task(Box::default()),
        )
    };
    let nodes: Vec<Node> = (0..nodes).map(node).collect();
    let host =
        Host { os: "linux".into(), arch: "x86_64".into(), cpus: 2, memory_bytes: 1, ci: false };
    let content = Content {
        goal: Goal::default(),
        host,
        reads: Vec::new(),
        settings: rush_plan::WorkspaceSettings::default(),
        secrets: BTreeMap::new(),
        roots: nodes.iter().map(Node::id).collect(),
        nodes,
    };
    let draft = PlanDraft {
        workspace: WorkspaceId("w".into()),
        cause: Cause::user(),
        content,
        origin: Origin::default(),
    };
    Arc::new(draft.build().expect("the plan is valid"))
}

pub(crate) fn start(id: &str, plan: &Arc<Plan>) -> RunStart {
    RunStart {
        id: RunId::new(id),
        plan: Arc::clone(plan),
        asked: "t".into(),
        lineage: Lineage::Run,
        choices: "{}".into(),
        program: "0.1.0".into(),
        process: ProcessMark { pid: 7, started: 8, machine: "m".into() },
        now: NOW,
    }
}

/// Makes events as the executor would, each a microsecond after the one before.
pub(crate) struct Events {
    pub(crate) run: RunId,
    pub(crate) seq: u64,
}

impl Events {
    pub(crate) fn of(id: &str) -> Self {
        Self { run: RunId::new(id), seq: 0 }
    }

    pub(crate) fn next(&mut self, subject: Option<(NodeId, u32)>, body: EventBody) -> RunEvent {
        let seq = self.seq;
        self.seq += 1;
        RunEvent {
            version: RunEvent::VERSION,
            run: self.run.clone(),
            seq,
            time: Timestamp(NOW.0 + seq.cast_signed()),
            monotonic_ns: seq * 1000,
            node: subject.map(|it| it.0),
            attempt: subject.map(|it| it.1).filter(|it| *it > 0),
            place: None,
            cause: None,
            body,
        }
    }

    /// One node from its start to its success, with output.
    pub(crate) fn whole_node(&mut self, node: NodeId, output: &[u8]) -> Vec<(RunEvent, Vec<u8>)> {
        let text = String::new();
        let bodies = [
            (0, EventBody::NodeChanged(NodeState::Ready)),
            (0, EventBody::NodeChanged(NodeState::Running { attempt: 1 })),
            (1, EventBody::AttemptStarted { command: 0, shown: "true".into() }),
            (1, EventBody::AttemptOutput { stream: LogStream::Stdout, text }),
            (
                1,
                EventBody::AttemptEnded {
                    end: AttemptEnd::Exited { code: 0 },
                    usage: UsageRecord { user_us: 5, system_us: 6, memory_bytes_peak: Some(7) },
                },
            ),
            (0, EventBody::NodeChanged(NodeState::Succeeded)),
        ];
        let events = bodies.into_iter().map(|(attempt, body)| {
            let is_output = matches!(body, EventBody::AttemptOutput { .. });
            let bytes = if is_output { output.to_vec() } else { Vec::new() };
            (self.next(Some((node, attempt)), body), bytes)
        });
        events.collect()
    }

    pub(crate) fn end(&mut self) -> RunEvent {
        let outcome = RunOutcome::Succeeded;
        self.next(None, EventBody::RunEnded { outcome, counts: RunCounts::default() })
    }
}

/// Records a run of all nodes of a plan, each of which writes its position.
pub(crate) fn record_run(directory: &Utf8Path, id: &str, plan: &Arc<Plan>) {
    let recorder = begin(directory, id, plan);
    let mut events = Events::of(id);
    for (at, node) in plan.nodes().iter().enumerate() {
        for (event, bytes) in events.whole_node(node.id(), format!("{at}\n").as_bytes()) {
            recorder.hear(&event, &bytes);
        }
    }
    recorder.hear(&events.end(), &[]);
    recorder.finish();
}

pub(crate) fn begin(directory: &Utf8Path, id: &str, plan: &Arc<Plan>) -> Recorder {
    open(directory).begin(start(id, plan), |_| {}).expect("the recorder starts")
}

pub(crate) fn find(store: &Store, word: &str) -> RunRecord {
    match store.find_run(word).expect("the store can be read") {
        Found::Run(run) => *run,
        other => panic!("`{word}` is {other:?}"),
    }
}

/// The nodes of a label in all runs, those of the latest first.
pub(crate) fn appearances(store: &Store, label: &str) -> Vec<Appearance> {
    let mut found = Vec::new();
    let each = |appearance| {
        found.push(appearance);
        Visit::Next
    };
    store.appearances(label, each).expect("the store can be read");
    found
}
