//! Plans for the other tests: one in which every field of every type is written, and random ones.
//!
//! The full plan uses struct literals without `..`, so a new field fails to build until it is added here, and
//! then the schema test fails until the schema has it too.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rush_plan::{
    Arguments, Backoff, Cache, CacheMode, Call, CallOrder, Cause, Command, Content, EdgeReason,
    EnvValue, Given, Goal, Host, Interpreter, Limit, LogMode, Node, NodeOrigin, Origin, PlanDraft,
    Position, Probe, ReadKey, ReadValue, Ready, RecordedRead, Resources, Restart, Retry, Script,
    SecretDeclaration, SecretMount, SecretSource, Service, Skip, Stdin, Stop, Task, TextPart,
    Texts, Value, Work, WorkspaceId, WorkspacePath, WorkspaceSettings,
};

pub fn path(text: &str) -> WorkspacePath {
    WorkspacePath::new(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub fn map<T, M: FromIterator<(String, T)>>(
    entries: impl IntoIterator<Item = (&'static str, T)>,
) -> M {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

pub fn argv(words: &[&str]) -> Command {
    Command::Argv { words: texts(words) }
}

/// A task without edges that runs `true`.
pub fn task(label: &str) -> Node {
    let work = Task { run: vec![argv(&["true"])], ..Task::default() };
    Node::new(label, Arguments::new(), Arguments::new(), Work::Task(Box::new(work)))
}

/// A draft of these nodes, all of them roots.
pub fn draft(nodes: Vec<Node>) -> PlanDraft {
    PlanDraft {
        workspace: WorkspaceId("acme".to_owned()),
        cause: Cause::user(),
        content: Content {
            goal: Goal::default(),
            host: host(),
            reads: Vec::new(),
            settings: WorkspaceSettings::default(),
            secrets: BTreeMap::new(),
            roots: nodes.iter().map(Node::id).collect(),
            nodes,
        },
        origin: Origin::default(),
    }
}

fn host() -> Host {
    Host {
        os: "linux".to_owned(),
        arch: "x86_64".to_owned(),
        cpus: 8,
        memory_bytes: 16 << 30,
        ci: false,
    }
}

/// A plan in which every field of every type is written, and every variant occurs.
pub fn full() -> PlanDraft {
    let mut nodes = vec![full_task(), full_service()];
    nodes.extend(other_services());
    nodes.extend(other_tasks());
    let (reasons, targets) = (edge_reasons(), nodes.iter().map(Node::id).collect::<Vec<_>>());
    for (reason, target) in reasons.into_iter().zip(targets.iter().skip(1).cycle()) {
        nodes[0].add_edge(*target, reason);
    }
    let mut origin = Origin::default();
    let file = origin.file(&path("tasks.rush"));
    let at = |line| Position { file, line, column: 1 };
    for node in &nodes {
        origin.insert(
            node.id(),
            NodeOrigin {
                at: at(3),
                fields: [("run", at(4)), ("env.X", at(5))].into_iter().collect(),
            },
        );
    }
    let content = Content {
        goal: full_goal(),
        host: host(),
        reads: full_reads(),
        settings: WorkspaceSettings {
            cache_dir: Some(path("cache")),
            cache_size_bytes_max: 1 << 30,
            cache_ttl_ms: 1,
        },
        secrets: map([
            (
                "token",
                SecretDeclaration {
                    from: SecretSource::Env("TOKEN".to_owned()),
                    mount: SecretMount::File,
                },
            ),
            (
                "key",
                SecretDeclaration {
                    from: SecretSource::File(path("key.pem")),
                    mount: SecretMount::Env,
                },
            ),
        ]),
        roots: vec![nodes[0].id()],
        nodes,
    };
    let cause = Cause { kind: "ci".to_owned(), actor: Some("build 7".to_owned()) };
    PlanDraft { workspace: WorkspaceId("acme".to_owned()), cause, content, origin }
}

fn edge_reasons() -> [EdgeReason; 6] {
    [
        EdgeReason::Needs,
        EdgeReason::Step,
        EdgeReason::Sequence,
        EdgeReason::Outputs,
        EdgeReason::After,
        EdgeReason::Request,
    ]
}

fn full_goal() -> Goal {
    Goal {
        calls: vec![
            Call {
                params: BTreeMap::from([
                    ("minify".to_owned(), Given::Switch(true)),
                    ("target".to_owned(), Given::Texts(vec!["es2022".to_owned()])),
                ]),
                ..Call::new("//web:build")
            },
            Call::new("test(crate: \"api\")"),
        ],
        order: CallOrder::Parallel,
        params: map([("release", Given::Switch(true)), ("crate", Given::Texts(texts(&["api"])))]),
        rest: texts(&["-k", "x"]),
        profile: Some("ci".to_owned()),
        set: map([("registry", "ghcr.io/acme".into()), ("tags", twice("a", "b"))]),
    }
}

fn full_reads() -> Vec<RecordedRead> {
    let read = |key, value: &ReadValue| RecordedRead { key, digest: value.digest() };
    vec![
        read(ReadKey::Env("HOME".to_owned()), &ReadValue::Text("x".to_owned())),
        read(ReadKey::File(path("VERSION")), &ReadValue::Absent),
        read(ReadKey::Files("src/*.c".to_owned()), &ReadValue::Names(vec![path("src/a.c")])),
    ]
}

fn full_arguments() -> Arguments {
    let fields = || map([("x-a", Value::Int(1))]);
    map([
        ("none", Value::None),
        ("bool", Value::Bool(true)),
        ("int", Value::Int(-3)),
        ("float", Value::Float(0.1)),
        ("text", Value::Text("it's \"ä\"\n".to_owned())),
        ("duration", Value::Duration(-1_500_000_000)),
        ("size", Value::Size(u64::MAX)),
        ("path", Value::Path(path("src/a.c"))),
        ("glob", Value::Glob("!src/**".to_owned())),
        ("regex", Value::Regex("^a$".to_owned())),
        ("cron", Value::Cron("0 4 * * *".to_owned())),
        ("command", Value::Command(Box::new(argv(&["true"])))),
        ("expression", Value::Expression("\"-o${path(\"//x\")}\"".to_owned())),
        ("reference", Value::Reference("//:build".to_owned())),
        ("list", Value::List(vec![Value::Int(1), Value::List(Vec::new())])),
        ("record", Value::Record(fields())),
        ("tag", Value::Tag { name: "fixed".to_owned(), fields: fields() }),
    ])
}

fn full_env() -> BTreeMap<String, EnvValue> {
    let parts =
        vec![TextPart::Text("postgres://app:".to_owned()), TextPart::Secret("key".to_owned())];
    map([
        ("A", EnvValue::Text("1".to_owned())),
        ("B", EnvValue::Secret("token".to_owned())),
        ("C", EnvValue::Parts(parts)),
        ("D", EnvValue::Path(path("target"))),
        ("E", EnvValue::Unset),
    ])
}

fn full_task() -> Node {
    let script = Script {
        interpreter: Interpreter::Bash,
        text: "echo \"$x\" | tr a b\n".to_owned(),
        variables: map([("x", Some("1".to_owned())), ("y", None)]),
        arguments: texts(&["-n", ""]),
    };
    let task = Task {
        skip: Some(Skip::When),
        inputs: Some(texts(&["**/*.rs", "!gen/**"])),
        outputs: texts(&["target/api"]),
        depfile: Some(path("target/api.d")),
        dir: path("packages/api"),
        run: vec![argv(&["cargo", "build"]), Command::Script(script)],
        finally: vec![argv(&["rm", "-f", "lock"])],
        env: full_env(),
        env_files: vec![path(".env")],
        pass_env: texts(&["SSH_AUTH_SOCK"]),
        tools: texts(&["tr"]),
        bin: vec![path("node_modules/.bin")],
        stdin: Some(Stdin::Path(path("input.txt"))),
        confirm: Some("Really?".to_owned()),
        timeout_ms: Some(900_000),
        retry: Some(Box::new(Retry {
            attempts: 3,
            delay: Backoff::Exponential {
                first_ms: 1000,
                factor: 2.0,
                max_ms: 30_000,
                jitter: true,
            },
            on_codes: Some(vec![101]),
            on_pattern: Some("reset|refused".to_owned()),
            on_timeout: true,
        })),
        resources: Resources {
            cpu: Some(0.5),
            memory_bytes: Some(2 << 30),
            slots: map([("gpu", 1)]),
        },
        limit: Some(Limit { group: "deploy-prod".to_owned(), max: 1 }),
        cache: Cache { mode: CacheMode::Local, ttl_ms: Some(1), key: texts(&["v2"]) },
        allow_failure: true,
        interactive: true,
        log: Some(LogMode::Grouped),
    };
    let cell = map([("features", Value::Text("full".to_owned()))]);
    let mut node =
        Node::new("//packages/api:build", full_arguments(), cell, Work::Task(Box::new(task)));
    node.package = path("packages/api");
    node
}

fn full_service() -> Node {
    let service = Service {
        run: argv(&["postgres", "-p", "5432"]),
        dir: path("db"),
        env: full_env(),
        env_files: vec![path(".env")],
        pass_env: texts(&["PGPASSWORD"]),
        bin: vec![path("db/bin")],
        inputs: Some(texts(&["db/*.conf"])),
        ready: Some(Ready { probe: Probe::Tcp { port: 5432 }, every_ms: 200, timeout_ms: 30_000 }),
        stop: Stop { signal: "SIGINT".to_owned(), grace_ms: 5_000 },
        restart: Restart::OnFailure,
    };
    Node::new("//:postgres", Arguments::new(), Arguments::new(), Work::Service(Box::new(service)))
}

/// The variants that do not fit into the one service with every field.
fn other_services() -> Vec<Node> {
    let probes = [
        Probe::Http { url: "http://localhost/".to_owned(), status: 204 },
        Probe::Exec { run: argv(&["pg_isready"]) },
        Probe::Log { pattern: "ready".to_owned() },
    ];
    let restarts = [Restart::Never, Restart::Always, Restart::OnFailure];
    let services =
        probes.into_iter().zip(restarts).enumerate().map(|(number, (probe, restart))| {
            let service = Service {
                run: argv(&["serve"]),
                dir: WorkspacePath::root(),
                env: BTreeMap::new(),
                env_files: Vec::new(),
                pass_env: Vec::new(),
                bin: Vec::new(),
                inputs: None,
                ready: Some(Ready { probe, every_ms: 1, timeout_ms: 2 }),
                stop: Stop::default(),
                restart,
            };
            let label = format!("//:service{number}");
            Node::new(label, Arguments::new(), Arguments::new(), Work::Service(Box::new(service)))
        });
    services.collect()
}

/// The variants that do not fit into the one task with every field.
fn other_tasks() -> Vec<Node> {
    let part = || vec![TextPart::Text("pw: ".to_owned()), TextPart::Secret("key".to_owned())];
    let stdins =
        [Stdin::Text("a\0b".to_owned()), Stdin::Secret("key".to_owned()), Stdin::Parts(part())];
    let logs = [LogMode::Stream, LogMode::Quiet, LogMode::Grouped];
    let modes = [CacheMode::Stamp, CacheMode::Off, CacheMode::Local];
    let tasks = stdins.into_iter().zip(logs).zip(modes).enumerate().map(
        |(number, ((stdin, log), mode))| {
            let retry = Retry {
                attempts: 20,
                delay: Backoff::Fixed { delay_ms: 0 },
                on_codes: None,
                on_pattern: None,
                on_timeout: false,
            };
            let cache = Cache { mode, ttl_ms: None, key: texts(&["x"]) };
            let (stdin, log, retry) = (Some(stdin), Some(log), Some(Box::new(retry)));
            let work = Task { stdin, log, cache, retry, run: scripts(), ..Task::default() };
            let label = format!("//:task{number}");
            Node::new(label, Arguments::new(), Arguments::new(), Work::Task(Box::new(work)))
        },
    );
    tasks.collect()
}

fn scripts() -> Vec<Command> {
    let script = |interpreter| Script {
        interpreter,
        text: "exit".to_owned(),
        variables: BTreeMap::new(),
        arguments: Vec::new(),
    };
    Interpreter::ALL.into_iter().map(|interpreter| Command::Script(script(interpreter))).collect()
}

/// Random plans: a few nodes with arguments, edges to earlier ones only.
pub fn drafts() -> impl Strategy<Value = PlanDraft> {
    let node = (
        "[a-c]{1,2}",
        any::<i64>(),
        any::<f64>(),
        "\\PC{0,6}",
        prop::collection::vec(any::<usize>(), 0..4),
    );
    prop::collection::vec(node, 1..12).prop_map(|rows| {
        let mut nodes: Vec<Node> = Vec::new();
        for (name, int, float, text, edges) in rows {
            let float = if float.is_finite() { float } else { 0.0 };
            let arguments = map([
                ("i", Value::Int(int)),
                ("f", Value::Float(float)),
                ("t", Value::Text(text.clone())),
            ]);
            let work = Task { run: vec![argv(&["echo", &text])], ..Task::default() };
            let mut node = Node::new(
                format!("//:{name}"),
                arguments,
                Arguments::new(),
                Work::Task(Box::new(work)),
            );
            if nodes.iter().any(|known| known.id() == node.id()) {
                continue;
            }
            for edge in edges {
                if !nodes.is_empty() {
                    node.add_edge(nodes[edge % nodes.len()].id(), edge_reasons()[edge % 6]);
                }
            }
            nodes.push(node);
        }
        draft(nodes)
    })
}

fn twice(first: &str, second: &str) -> Texts {
    let mut texts = Texts::from(first);
    texts.push(second);
    texts
}
