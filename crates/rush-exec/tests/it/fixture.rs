//! Plans out of a few words, run in a directory of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rush_exec::{Ask, Control, Emitted, FailurePolicy, RunError, RunOptions, RunSummary, run};
use rush_plan::{
    Arguments, Cause, Command, Content, EdgeReason, EventBody, Goal, Host, Interpreter, LogStream,
    Node, NodeId, NodeState, Origin, Plan, PlanDraft, RunId, Script, SecretDeclaration, Task, Work,
    WorkspaceId, WorkspaceSettings,
};
use rush_system::{MemorySystem, System};
use tokio::sync::mpsc;

static RUNS: AtomicUsize = AtomicUsize::new(0);

/// A directory, a world, and what was chosen for the run.
pub struct Bench {
    pub directory: tempfile::TempDir,
    pub world: Arc<dyn System>,
    pub jobs: usize,
    pub on_failure: FailurePolicy,
    pub variables: BTreeMap<String, String>,
    pub grace: Duration,
    pub inherited: Arc<rush_exec::Environment>,
}

/// What a run said and came to.
pub struct Ran {
    pub summary: RunSummary,
    pub events: Vec<Emitted>,
}

impl Bench {
    pub fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            world: Arc::new(MemorySystem::new()),
            jobs: 4,
            on_failure: FailurePolicy::StartNothing,
            variables: BTreeMap::new(),
            grace: Duration::from_secs(5),
            inherited: Arc::new(inherited()),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn options(&self) -> RunOptions {
        let number = RUNS.fetch_add(1, Ordering::Relaxed);
        let root = self.directory.path().canonicalize().unwrap();
        let run = RunId::new(format!("test-{}-{number}", std::process::id()));
        RunOptions {
            jobs: self.jobs,
            on_failure: self.on_failure,
            variables: self.variables.clone(),
            grace: self.grace,
            ..RunOptions::new(
                run,
                root.try_into().unwrap(),
                Ask::AlwaysYes,
                Arc::clone(&self.inherited),
            )
        }
    }

    pub fn try_run(&self, plan: Plan) -> Result<Ran, RunError> {
        self.run_watched(plan, self.options(), |_| None)
    }

    pub fn run(&self, plan: Plan) -> Ran {
        self.try_run(plan).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs a plan; `watch` sees each event and may answer with a word to the run.
    pub fn run_watched(
        &self,
        plan: Plan,
        options: RunOptions,
        mut watch: impl FnMut(&Emitted) -> Option<Control>,
    ) -> Result<Ran, RunError> {
        runtime().block_on(async {
            let (sink, mut events) = mpsc::channel(16);
            let (control_sender, control) = mpsc::channel(8);
            let world = Arc::clone(&self.world);
            let running = run(Arc::new(plan), options, world, sink, control);
            let reading = async {
                let mut seen = Vec::new();
                while let Some(event) = events.recv().await {
                    if let Some(control) = watch(&event) {
                        let _ = control_sender.send(control).await;
                    }
                    seen.push(event);
                }
                seen
            };
            let (summary, events) = tokio::join!(running, reading);
            Ok(Ran { summary: summary?, events })
        })
    }
}

/// Our environment without what a program around the tests says to those below it: the budget that it shares with
/// them, and who it is itself.
fn inherited() -> BTreeMap<OsString, OsString> {
    let is_ours = |name: &OsString| {
        let name = name.to_string_lossy();
        !["MAKEFLAGS", "CARGO_MAKEFLAGS"].contains(&&*name) && !name.starts_with("RUSH_")
    };
    std::env::vars_os().filter(|(name, _)| is_ours(name)).collect()
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

impl Ran {
    /// Everything a node wrote to standard output.
    pub fn stdout(&self, label: &str) -> String {
        String::from_utf8_lossy(&self.bytes(label, LogStream::Stdout)).into_owned()
    }

    pub fn bytes(&self, label: &str, wanted: LogStream) -> Vec<u8> {
        let mut bytes = Vec::new();
        for emitted in &self.events {
            if emitted.event.node != Some(id(label)) {
                continue;
            }
            if let EventBody::AttemptOutput { stream, .. } = &emitted.event.body
                && *stream == wanted
            {
                bytes.extend_from_slice(&emitted.bytes);
            }
        }
        bytes
    }

    pub fn node(&self, label: &str) -> &rush_exec::NodeSummary {
        self.summary.nodes.iter().find(|node| node.label == label).unwrap()
    }

    /// The end of a node in one word, and the exit status of Rush.
    pub fn ends(&self) -> String {
        let nodes = self.summary.nodes.iter().map(|node| {
            let state = match &node.state {
                NodeState::Skipped { reason } => format!("skipped({})", skip(reason)),
                NodeState::Failed { allowed: true } => "allowed".to_owned(),
                other => format!("{other:?}").split([' ', '{']).next().unwrap().to_lowercase(),
            };
            format!("{}={state}", node.label)
        });
        let ends: Vec<String> = nodes.collect();
        format!("{} -> {}", ends.join(" "), rush_exec::exit_status(&self.summary))
    }
}

fn skip(reason: &rush_plan::SkipReason) -> &'static str {
    match reason {
        rush_plan::SkipReason::When => "when",
        rush_plan::SkipReason::Needs { .. } => "needs",
        rush_plan::SkipReason::RunFailed => "run failed",
        rush_plan::SkipReason::NotNeeded => "not needed",
        rush_plan::SkipReason::Unknown => "unknown",
    }
}

pub fn id(label: &str) -> NodeId {
    NodeId::of(label, &Arguments::new(), &Arguments::new())
}

/// A node that needs others.
pub fn node(label: &str, task: Task, needs: &[&str]) -> Node {
    edges(label, task, needs, EdgeReason::Needs)
}

pub fn edges(label: &str, task: Task, before: &[&str], reason: EdgeReason) -> Node {
    let mut node = Node::new(label, Arguments::new(), Arguments::new(), Work::Task(Box::new(task)));
    for earlier in before {
        node.add_edge(id(earlier), reason);
    }
    node
}

pub fn plan(nodes: Vec<Node>) -> Plan {
    plan_with(nodes, BTreeMap::new())
}

pub fn plan_with(nodes: Vec<Node>, secrets: BTreeMap<String, SecretDeclaration>) -> Plan {
    // What somebody needs was hardly named.
    let needed: BTreeSet<NodeId> =
        nodes.iter().flat_map(|it| it.edges.iter().map(|edge| edge.node)).collect();
    let roots = nodes.iter().map(Node::id).filter(|it| !needed.contains(it)).collect();
    let host = Host {
        os: "linux".to_owned(),
        arch: "x86_64".to_owned(),
        cpus: 2,
        memory_bytes: 4 << 30,
        ci: false,
    };
    let content = Content {
        goal: Goal::default(),
        host,
        reads: Vec::new(),
        settings: WorkspaceSettings::default(),
        secrets,
        roots,
        nodes,
    };
    let draft = PlanDraft {
        workspace: WorkspaceId("test".to_owned()),
        cause: Cause::user(),
        content,
        origin: Origin::default(),
    };
    draft.build().unwrap_or_else(|error| panic!("the plan of the test is not valid: {error}"))
}

pub fn argv(words: &[&str]) -> Command {
    Command::Argv { words: words.iter().map(|&word| word.to_owned()).collect() }
}

pub fn script(interpreter: Interpreter, text: &str) -> Script {
    Script { interpreter, text: text.to_owned(), variables: BTreeMap::new(), arguments: Vec::new() }
}

pub fn sh(text: &str) -> Task {
    Task { run: vec![Command::Script(script(Interpreter::Sh, text))], ..Task::default() }
}

pub fn task(words: &[&str]) -> Task {
    Task { run: vec![argv(words)], ..Task::default() }
}
