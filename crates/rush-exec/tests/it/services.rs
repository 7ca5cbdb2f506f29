//! Services: ready by each probe, ended in order, restarted, and what happens when one dies.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

use rush_exec::{Control, KeptServices, KeptState, RunError};
use rush_plan::{
    Arguments, Backoff, EdgeReason, EventBody, Interpreter, Limit, Node, NodeState, Probe, Ready,
    Restart, Retry, Service, Stop, Task, Work,
};
use tokio::sync::watch;

use crate::fixture::{Bench, Ran, argv, id, node, plan, script, sh};

/// A service that runs this script.
fn service(text: &str) -> Service {
    Service {
        run: rush_plan::Command::Script(script(Interpreter::Sh, text)),
        dir: rush_plan::WorkspacePath::root(),
        env: BTreeMap::new(),
        env_files: Vec::new(),
        pass_env: Vec::new(),
        bin: Vec::new(),
        inputs: None,
        ready: None,
        stop: Stop { signal: "SIGTERM".to_owned(), grace_ms: 5_000 },
        restart: Restart::Never,
    }
}

fn ready(probe: Probe, service: Service) -> Service {
    Service { ready: Some(Ready { probe, every_ms: 20, timeout_ms: 20_000 }), ..service }
}

/// A service that is ready when this file of the workspace is there.
fn ready_by_file(file: &str, service: Service) -> Service {
    ready(Probe::Exec { run: argv(&["test", "-e", file]) }, service)
}

fn add(label: &str, service: Service, needs: &[&str]) -> Node {
    let work = Work::Service(Box::new(service));
    let mut node = Node::new(label, Arguments::new(), Arguments::new(), work);
    needs.iter().for_each(|it| node.add_edge(id(it), EdgeReason::Needs));
    node
}

/// A web server on a port that is free now, and that port.
fn web_server() -> (String, u16) {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    (format!("exec python3 -u -m http.server {port} --bind 127.0.0.1"), port)
}

fn connects(port: u16) -> Task {
    let text = format!("echo > /dev/tcp/127.0.0.1/{port}");
    let command = rush_plan::Command::Script(script(Interpreter::Bash, &text));
    Task { run: vec![command], ..Task::default() }
}

fn check(nodes: Vec<Node>, expect: &str) -> (Bench, Ran) {
    let bench = Bench::new();
    let ran = bench.run(plan(nodes));
    let problems: Vec<_> = ran.summary.nodes.iter().map(|it| (&it.label, &it.problem)).collect();
    assert_eq!(ran.ends(), expect, "{problems:?}");
    (bench, ran)
}

fn problem(ran: &Ran, label: &str) -> String {
    ran.node(label).problem.clone().unwrap_or_default()
}

#[test]
fn each_probe_holds_dependants_back_until_it_is_answered() {
    type MakeProbe = fn(u16) -> Probe;
    let probes: [MakeProbe; 4] = [
        |port| Probe::Tcp { port },
        |port| Probe::Http { url: format!("http://localhost:{port}/"), status: 200 },
        |port| Probe::Exec {
            run: argv(&["bash", "-c", &format!("echo > /dev/tcp/127.0.0.1/{port}")]),
        },
        |_| Probe::Log { pattern: "Serving HTTP on .* port [0-9]+".to_owned() },
    ];
    for probe in probes {
        let (text, port) = web_server();
        let server = ready(probe(port), service(&text));
        let nodes = vec![add("web", server, &[]), node("use", connects(port), &["web"])];
        check(nodes, "use=succeeded web=succeeded -> 0");
        TcpListener::bind(("127.0.0.1", port)).expect("the server is gone");
    }
}

#[test]
fn a_service_without_a_probe_counts_from_its_start() {
    let nodes = vec![add("s", service("exec sleep 600"), &[]), node("t", sh("true"), &["s"])];
    check(nodes, "s=succeeded t=succeeded -> 0");
}

#[test]
fn services_end_in_reverse_order_with_their_signal() {
    let text = |name: &str| {
        format!(
            "trap 'echo {name} >> order; exit 0' USR1; touch {name}.up; while :; do sleep 0.01; done"
        )
    };
    let with_signal = |name: &str| {
        let stop = Stop { signal: "SIGUSR1".to_owned(), grace_ms: 5_000 };
        ready_by_file(&format!("{name}.up"), Service { stop, ..service(&text(name)) })
    };
    let nodes = vec![
        add("db", with_signal("db"), &[]),
        add("api", with_signal("api"), &["db"]),
        node("migrate", sh("test -e db.up"), &["db"]),
        node(
            "test",
            sh("test -e api.up && test ! -e order && echo test > order"),
            &["api", "migrate"],
        ),
    ];
    let (bench, _) =
        check(nodes, "api=succeeded db=succeeded migrate=succeeded test=succeeded -> 0");
    let order = std::fs::read_to_string(bench.path("order")).unwrap();
    assert_eq!(order, "test\napi\ndb\n");
}

#[test]
fn a_service_that_dies_fails_what_needs_it_with_its_last_lines() {
    let dying = "echo starting; touch up; while [ ! -e used ]; do sleep 0.01; done\n\
                 echo 'fatal: out of cheese' >&2; exit 3";
    let nodes = vec![
        add("s", ready_by_file("up", service(dying)), &[]),
        node("t", sh("touch used; sleep 600"), &["s"]),
        node("u", sh("true"), &["t", "s"]),
    ];
    let (_, ran) = check(nodes, "s=failed t=failed u=skipped(needs) -> 1");
    for label in ["s", "t"] {
        let problem = problem(&ran, label);
        assert!(problem.contains("exit status 3"), "{problem}");
        let last_lines = &ran.node(label).last_lines;
        assert!(last_lines.iter().any(|it| it == "fatal: out of cheese"), "{last_lines:?}");
    }
    assert!(problem(&ran, "t").starts_with("the service `s`, which it needs, is gone"));
}

#[test]
fn a_service_that_is_not_ready_in_time_says_what_its_probe_answered() {
    let (_, port) = web_server();
    let slow = Service {
        ready: Some(Ready { probe: Probe::Tcp { port }, every_ms: 10, timeout_ms: 900 }),
        ..service("echo still loading; exec sleep 600")
    };
    let nodes = vec![add("s", slow, &[]), node("t", sh("true"), &["s"])];
    let (_, ran) = check(nodes, "s=failed t=skipped(needs) -> 1");
    let expect = format!("it was not ready within 900 ms: port {port}: connection refused");
    assert_eq!(problem(&ran, "s"), expect);
    assert_eq!(ran.node("s").last_lines, ["still loading"]);
}

#[test]
fn a_service_is_started_again_as_its_policy_wants() {
    let text = "echo x >> starts; [ $(wc -l < starts) -ge 3 ] || exit 1; touch up; exec sleep 600";
    let flaky = ready_by_file("up", Service { restart: Restart::OnFailure, ..service(text) });
    let nodes = vec![add("s", flaky, &[]), node("t", sh("wc -l < starts"), &["s"])];
    let (_, ran) = check(nodes, "s=succeeded t=succeeded -> 0");
    assert_eq!(ran.stdout("t").trim(), "3");
    assert_eq!(ran.node("s").attempts, 3);
    let nodes =
        vec![add("s", ready_by_file("up", service(text)), &[]), node("t", sh("true"), &["s"])];
    let (_, ran) = check(nodes, "s=failed t=skipped(needs) -> 1");
    assert_eq!(problem(&ran, "s"), "it ended before it was ready: exit status 1");
}

#[test]
fn nothing_that_needs_it_starts_while_a_service_is_away() {
    let text = "if [ -e again ]; then sleep 0.5; touch up; exec sleep 600; fi\n\
                touch again up; while [ ! -e die ]; do sleep 0.01; done; rm up; exit 1";
    let flaky = ready_by_file("up", Service { restart: Restart::OnFailure, ..service(text) });
    let nodes = vec![
        add("s", flaky, &[]),
        node("a", sh("touch die; while [ -e up ]; do sleep 0.01; done; sleep 0.2"), &["s"]),
        node("b", sh("test -e up"), &["a", "s"]),
    ];
    let (_, ran) = check(nodes, "a=succeeded b=succeeded s=succeeded -> 0");
    assert_eq!(ran.node("s").attempts, 2);
}

/// A service that ends when somebody writes `die`, and comes back after a while.
const FLAKY: &str = "if [ -e again ]; then sleep 0.7; touch up; exec sleep 600; fi\n\
                     touch again up; while [ ! -e die ]; do sleep 0.01; done; rm up; exit 1";

#[test]
fn no_attempt_begins_while_a_service_is_away() {
    let flaky = || ready_by_file("up", Service { restart: Restart::OnFailure, ..service(FLAKY) });
    let kills = "touch die; while [ -e up ]; do sleep 0.01; done";
    // After a pause between two attempts.
    let twice = format!("[ -e second ] && exec test -e up; touch second; {kills}; exit 1");
    let nodes = vec![add("s", flaky(), &[]), node("t", retried(50, sh(&twice)), &["s"])];
    let (_, ran) = check(nodes, "s=succeeded t=succeeded -> 0");
    assert_eq!((ran.node("s").attempts, ran.node("t").attempts), (2, 2));
    // After a wait for what another task had.
    let limit = || Some(Limit { group: format!("services {}", std::process::id()), max: 1 });
    let kills = Task { limit: limit(), ..sh(&format!("{kills}; sleep 0.2")) };
    let waits = Task { limit: limit(), ..sh("test -e up") };
    let nodes = vec![
        add("s", flaky(), &[]),
        node("a", kills, &["s"]),
        node("b", waits, &["s"]),
        node("c", sh("while [ ! -e die ]; do sleep 0.01; done"), &["s"]),
    ];
    check(nodes, "a=succeeded b=succeeded c=succeeded s=succeeded -> 0");
}

#[test]
fn who_loses_its_service_between_two_attempts_has_failed() {
    let text = "touch up; while [ ! -e die ]; do sleep 0.01; done; exit 3";
    let nodes = vec![
        add("s", ready_by_file("up", service(text)), &[]),
        node("t", retried(20_000, sh("touch die; exit 1")), &["s"]),
        node("u", sh("true"), &["t"]),
    ];
    let (_, ran) = check(nodes, "s=failed t=failed u=skipped(needs) -> 1");
    let problem = problem(&ran, "t");
    assert!(problem.starts_with("the service `s`, which it needs, is gone"), "{problem}");
}

/// Two attempts with a pause between them.
fn retried(delay_ms: u64, task: Task) -> Task {
    let retry = Retry {
        attempts: 2,
        delay: Backoff::Fixed { delay_ms },
        on_codes: None,
        on_pattern: None,
        on_timeout: false,
    };
    Task { retry: Some(Box::new(retry)), ..task }
}

#[test]
fn a_busy_port_names_its_holder_and_starts_nothing() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = ready(Probe::Tcp { port }, service("touch started; exec sleep 600"));
    let nodes = vec![add("s", server, &[]), node("t", sh("true"), &["s"])];
    let (bench, ran) = check(nodes, "s=failed t=skipped(needs) -> 1");
    let end = format!("{:?}", ran.node("s").end);
    let holder = format!("port {port} is already in use by process {}", std::process::id());
    assert!(end.contains(&holder), "{end}");
    assert!(!bench.path("started").exists());
}

#[test]
fn what_ignores_its_signal_is_killed_after_its_grace_with_a_warning() {
    let stubborn = Service {
        stop: Stop { signal: "SIGTERM".to_owned(), grace_ms: 50 },
        ..service("trap '' TERM; touch up; while :; do sleep 0.01; done")
    };
    let nodes = vec![add("s", ready_by_file("up", stubborn), &[]), node("t", sh("true"), &["s"])];
    let (_, ran) = check(nodes, "s=succeeded t=succeeded -> 0");
    let warning = "it did not end within its `stop.grace` of 50 ms and was killed";
    assert_eq!(ran.node("s").warnings, [warning]);
}

/// Runs until a node serves, then says a word.
fn controlled(nodes: Vec<Node>, label: &str, control: Control) -> Ran {
    let bench = Bench::new();
    let label = id(label);
    bench
        .run_watched(plan(nodes), bench.options(), |emitted| {
            let is_serving =
                matches!(emitted.event.body, EventBody::NodeChanged(NodeState::Serving { .. }));
            (is_serving && emitted.event.node == Some(label)).then_some(control)
        })
        .unwrap()
}

#[test]
fn services_alone_run_until_they_are_stopped() {
    let nodes = || {
        vec![
            add("a", service("exec sleep 600"), &[]),
            add("b", ready_by_file("up", service("touch up; exec sleep 600")), &["a"]),
        ]
    };
    let ran = controlled(nodes(), "b", Control::Interrupt);
    assert_eq!(ran.ends(), "a=succeeded b=succeeded -> 130");
    // Ending what the other needs ends both, the other first, and then there is nothing left to do.
    let mut kept = nodes();
    kept[1].edges.clear();
    kept[1].add_edge(id("a"), EdgeReason::Needs);
    let ran = controlled(kept, "b", Control::EndService(id("a")));
    assert_eq!(ran.ends(), "a=succeeded b=succeeded -> 0");
    let final_states = ran.events.iter().filter_map(|it| match &it.event.body {
        EventBody::NodeChanged(NodeState::Succeeded) => it.event.node,
        _ => None,
    });
    assert_eq!(final_states.collect::<Vec<_>>(), [id("b"), id("a")]);
}

#[test]
fn an_interrupt_ends_tasks_first_and_then_the_services() {
    let text = "trap 'test -e task_ended && touch in_order; exit 0' TERM; touch up\n\
                while :; do sleep 0.01; done";
    let task = "trap 'touch task_ended; exit 1' INT; touch busy; while :; do sleep 0.01; done";
    let nodes = vec![
        add("s", ready_by_file("up", service(text)), &[]),
        node("t", sh(task), &["s"]),
        node("later", sh("true"), &["t"]),
    ];
    let bench = Bench::new();
    let busy = bench.path("busy");
    let mut is_told = false;
    // The sign of life comes by the file; each event gives a chance to see it.
    let probe = add("u", ready_by_file("busy", service("exec sleep 600")), &[]);
    let user = node("v", sh("true"), &["u"]);
    let nodes = nodes.into_iter().chain([probe, user]).collect();
    let ran = bench.run_watched(plan(nodes), bench.options(), |_| {
        let is_time = !is_told && busy.exists();
        is_told |= is_time;
        is_time.then_some(Control::Interrupt)
    });
    let ran = ran.unwrap();
    assert!(ran.ends().ends_with("-> 130"), "{}", ran.ends());
    assert!(bench.path("in_order").exists(), "{}", ran.ends());
    assert_eq!(ran.node("s").state, NodeState::Succeeded);
    assert_eq!(ran.node("later").state, NodeState::Cancelled);
}

#[test]
fn with_keep_going_what_does_not_need_a_dead_service_goes_on() {
    let mut bench = Bench::new();
    bench.on_failure = rush_exec::FailurePolicy::KeepGoing;
    let nodes = vec![
        add("bad", service("exit 4"), &[]),
        node("b", sh("sleep 600"), &["bad"]),
        add("good", ready_by_file("up", service("touch up; exec sleep 600")), &[]),
        node("g", sh("true"), &["good"]),
    ];
    let ran = bench.run(plan(nodes));
    let ends = ran.ends();
    assert!(ends.contains("bad=failed") && ends.contains("g=succeeded good=succeeded"), "{ends}");
}

#[test]
fn a_service_that_is_up_elsewhere_is_used_and_not_ended() {
    let plan_of = || {
        let server = service("touch started; exec sleep 600");
        plan(vec![add("s", server, &[]), node("t", sh("touch used; sleep 0.05"), &["s"])])
    };
    let bench = Bench::new();
    let (_up, kept) = watch::channel(KeptState::Up(None));
    let mut options = bench.options();
    options.kept = KeptServices::from([(id("s"), kept)]);
    let ran = bench.run_watched(plan_of(), options, |_| None).unwrap();
    assert_eq!(ran.ends(), "s=succeeded t=succeeded -> 0");
    assert!(bench.path("used").exists() && !bench.path("started").exists());

    let (gone, kept) = watch::channel(KeptState::Starting);
    gone.send_replace(KeptState::Gone("it was ended".to_owned()));
    let mut options = bench.options();
    options.kept = KeptServices::from([(id("s"), kept)]);
    let ran = bench.run_watched(plan_of(), options, |_| None).unwrap();
    assert_eq!(ran.ends(), "s=failed t=skipped(needs) -> 1");
    assert!(problem(&ran, "s").contains("it was ended"));
}

#[test]
fn what_can_t_be_carried_out_is_refused_before_anything_starts() {
    let secure = Probe::Http { url: "https://localhost/".to_owned(), status: 200 };
    let stop = Stop { signal: "SIGFOO".to_owned(), grace_ms: 0 };
    let cases = [
        (ready(secure, service("touch started")), "`https`"),
        (Service { stop, ..service("touch started") }, "`SIGFOO`"),
    ];
    for (service, expect) in cases {
        let bench = Bench::new();
        let refused = bench.try_run(plan(vec![add("s", service, &[])])).err().unwrap();
        assert!(matches!(refused, RunError::Services(_)), "{refused}");
        assert_eq!(refused.exit_status(), 2);
        assert!(refused.to_string().contains(expect), "{refused}");
        assert!(!bench.path("started").exists());
    }
}

#[test]
fn a_service_takes_no_worker() {
    let mut bench = Bench::new();
    bench.jobs = 1;
    let names = ["a", "b", "c"];
    let services = names.map(|it| add(it, service("exec sleep 600"), &[]));
    let nodes = services.into_iter().chain([node("t", sh("true"), &names)]).collect();
    let begun = std::time::Instant::now();
    assert!(bench.run(plan(nodes)).ends().ends_with("t=succeeded -> 0"));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

/// Services that start while this probe succeeds already, and what becomes of them.
fn check_answered(probe: Probe, files: &[&str], expect: &str) -> (Bench, Ran) {
    let server = ready(probe, service("touch started; exec sleep 600"));
    let nodes = vec![add("s", server, &[]), node("t", sh("true"), &["s"])];
    let bench = Bench::new();
    files.iter().for_each(|it| std::fs::write(bench.path(it), "").unwrap());
    let ran = bench.run(plan(nodes));
    assert_eq!(ran.ends(), expect);
    // One that is ready at once may be ended before its first word.
    assert!(expect.ends_with("-> 0") || !bench.path("started").exists());
    (bench, ran)
}

#[test]
fn a_stranger_that_answers_an_exec_probe_is_named_and_nothing_starts() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let probe =
        Probe::Exec { run: argv(&["bash", "-c", &format!(": > /dev/tcp/127.0.0.1/{port}")]) };
    let (_, ran) = check_answered(probe, &[], "s=failed t=skipped(needs) -> 1");
    let end = format!("{:?}", ran.node("s").end);
    let holder = format!("port {port} is in use by process {}", std::process::id());
    assert!(end.contains("succeeds before it is started") && end.contains(&holder), "{end}");
}

#[test]
fn a_stranger_that_answers_at_no_known_port_stops_the_start_too() {
    let probe = Probe::Exec { run: argv(&["true"]) };
    let (_, ran) = check_answered(probe, &["up"], "s=failed t=skipped(needs) -> 1");
    let end = format!("{:?}", ran.node("s").end);
    assert!(
        end.contains("its probe `true` succeeds before it is started, so something else"),
        "{end}"
    );
}

#[test]
fn a_file_of_an_earlier_run_accuses_nobody_and_is_told() {
    let probe = Probe::Exec { run: argv(&["test", "-e", "up"]) };
    let (_, ran) = check_answered(probe, &["up"], "s=succeeded t=succeeded -> 0");
    let expect = "its probe `test -e up` succeeds before it is started: `up` was there already, so the probe does \
                  not tell when it can be used";
    assert_eq!(ran.node("s").warnings, [expect]);
    let probe = Probe::Exec { run: argv(&["test", "-d", "."]) };
    check_answered(probe, &["up"], "s=failed t=skipped(needs) -> 1");
}

#[test]
fn a_directory_of_an_earlier_run_accuses_nobody_either() {
    let bench = Bench::new();
    let server = || {
        let probe = Probe::Exec { run: argv(&["test", "-d", "public"]) };
        let server = ready(probe, service("mkdir -p public; exec sleep 600"));
        plan(vec![add("s", server, &[]), node("t", sh("true"), &["s"])])
    };
    for _ in 0..2 {
        assert_eq!(bench.run(server()).ends(), "s=succeeded t=succeeded -> 0");
    }
}

#[test]
fn a_socket_on_which_somebody_listens_is_no_file_of_an_earlier_run() {
    let bench = Bench::new();
    let path = bench.path("sock");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let server = || {
        let probe = Probe::Exec { run: argv(&["test", "-S", "sock"]) };
        let server = ready(probe, service("exec sleep 600"));
        plan(vec![add("s", server, &[]), node("t", sh("true"), &["s"])])
    };
    assert_eq!(bench.run(server()).ends(), "s=failed t=skipped(needs) -> 1");
    drop(listener);
    assert_eq!(bench.run(server()).ends(), "s=succeeded t=succeeded -> 0");
}

#[test]
fn a_service_that_does_not_come_up_says_who_has_the_port_it_was_given() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let silent = ready(Probe::Exec { run: argv(&["false"]) }, service("exit 98"));
    let arguments: Arguments = [("port", rush_plan::Value::Int(port.into()))].into_iter().collect();
    let work = Work::Service(Box::new(silent));
    let nodes = vec![Node::new("s", arguments, Arguments::new(), work)];
    let (_, ran) = check(nodes, "s=failed -> 1");
    let holder = std::process::id();
    let expect = format!(
        "it ended before it was ready: exit status 98; port {port} is already in use by process {holder}"
    );
    assert!(problem(&ran, "s").starts_with(&expect), "{}", problem(&ran, "s"));
}

#[test]
fn a_service_starts_again_once_those_that_it_needs_are_back() {
    let first = "if test -e again; then sleep 0.8; touch up1; exec sleep 60; fi; touch again up1; \
        until test -e die; do sleep 0.01; done; rm up1; exit 1";
    let second = "rm -f up2; printf x >> starts; test -e up1 || exit 1; touch up2; \
        while test -e up1; do sleep 0.01; done; rm up2; exit 1";
    let restarts = |text| Service { restart: Restart::OnFailure, ..service(text) };
    let nodes = vec![
        add("first", ready_by_file("up1", restarts(first)), &[]),
        add("second", ready_by_file("up2", restarts(second)), &["first"]),
        node(
            "use",
            sh("touch die; sleep 0.3; until test -e up1 && test -e up2; do sleep 0.01; done"),
            &["second"],
        ),
    ];
    let (bench, _) = check(nodes, "first=succeeded second=succeeded use=succeeded -> 0");
    assert_eq!(std::fs::read_to_string(bench.path("starts")).unwrap(), "xx");
}

#[test]
fn a_service_that_nobody_needs_in_its_pause_ends_well() {
    let text = "touch up; until test -e die; do sleep 0.01; done; rm up; exit 1";
    let flaky = ready_by_file("up", Service { restart: Restart::OnFailure, ..service(text) });
    let task = sh("touch die; while test -e up; do sleep 0.01; done; sleep 0.05");
    let nodes = vec![add("flaky", flaky, &[]), node("use", task, &["flaky"])];
    check(nodes, "flaky=succeeded use=succeeded -> 0");
}
