//! Services: beside a run, kept up by `rush up`, shared, and gone when they should be.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the whole file is a test, also the functions that tests share"
)]

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rush_test::{Finished, Rush};
use serde_json::Value;

use crate::rush;

mod kept;
mod named;
mod remembered;

/// How long something may take that another process does.
const SOON: Duration = Duration::from_secs(20);

/// A web server, a task that asks it, and a count of how often the server was started.
fn tasks(port: u16) -> String {
    format!(
        r#"
service web(port: int(1..=65535) = {port}) {{
  env {{ GREETING: "hello" }}
  run: sh"""
    echo start >> starts
    exec python3 -u -m http.server "$port" --bind 127.0.0.1
  """
  ready {{ probe: http("http://localhost:${{port}}/") }}
}}

task ask {{
  needs: [web]
  env {{ PORT: "${{web.port}}" }}
  run: bash"""
    exec 3<> "/dev/tcp/127.0.0.1/$PORT"
    echo asked
  """
}}
"#
    )
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// A folder with services; they are ended whatever becomes of the test.
struct Up(Option<Finished>);

impl Up {
    fn new(text: &str) -> Self {
        Self(Some(rush().file("tasks.rush", text).args(["list"]).status(0).run()))
    }

    fn type_in(&mut self, args: &[&str]) -> &Finished {
        let next = self.0.take().unwrap().then().args(args.iter().copied());
        self.0.insert(next.run())
    }

    fn file(&mut self, path: &str, text: &str) {
        let rush: Rush = self.0.take().unwrap().then().file(path, text);
        self.0 = Some(rush.args(["version"]).run());
    }

    fn work(&self) -> std::path::PathBuf {
        self.0.as_ref().unwrap().work()
    }

    fn check(&mut self, args: &[&str], status: i32, expect: &str) {
        let ran = self.type_in(args);
        let shown = ran.snapshot();
        assert_eq!(ran.status, status, "rush {args:?}\n{shown}");
        assert!(shown.contains(expect), "expected {expect:?} of rush {args:?} in\n{shown}");
    }

    fn ps(&mut self) -> Vec<Value> {
        let ran = self.type_in(&["ps", "-o", "json"]);
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        document["services"].as_array().unwrap().clone()
    }

    fn starts(&self) -> usize {
        let text = std::fs::read_to_string(self.work().join("starts")).unwrap_or_default();
        text.lines().count()
    }

    /// Starts the program and leaves it running.
    fn start(&self, args: &[&str]) -> Running {
        let mut command = self.0.as_ref().unwrap().command(env!("CARGO_BIN_EXE_rush"));
        command.args(args).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        Running(child)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if self.0.is_some() {
            self.type_in(&["down"]);
        }
    }
}

struct Running(Child);

impl Running {
    /// Waits until it says this.
    fn until(&mut self, expect: &str) {
        let errors = self.0.stderr.take().unwrap();
        let mut lines = BufReader::new(errors).lines();
        let found = lines.by_ref().map_while(Result::ok).any(|line| line.contains(expect));
        assert!(found, "expected {expect:?}");
        // Read to the end, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
    }

    fn interrupt(&self) {
        signal("INT", self.0.id());
    }

    fn ends_with(&mut self, status: i32) {
        assert_eq!(self.0.wait().unwrap().code(), Some(status));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([format!("-{name}"), process.to_string()]).status();
    assert!(status.unwrap().success());
}

/// Looks again and again until something is so.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < SOON, "{what}");
        std::thread::yield_now();
    }
}

fn is_process(process: &Value) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

#[test]
fn a_run_starts_what_it_needs_and_leaves_nothing() {
    let port = free_port();
    let mut up = Up::new(&tasks(port));
    for _ in 0..2 {
        up.check(&["ask"], 0, "ask | asked");
        assert!(is_free(port));
    }
    assert_eq!(up.starts(), 2);
    up.check(&["ps"], 0, "no service is up");
}

#[test]
fn services_that_are_up_are_used_shown_and_ended() {
    let port = free_port();
    let mut up = Up::new(&tasks(port));
    up.check(&["up", "--detach"], 0, &format!("`web(port: {port})` is up on port {port}"));
    up.check(&["ask"], 0, "asked");
    up.check(&["ask"], 0, &format!("using `web(port: {port})`, which is up"));
    let again = up.type_in(&["up", "-d", "web", "-o", "json"]);
    let document: Value = serde_json::from_str(&again.stdout).unwrap();
    assert!(is_process(&document["services"][0]["process"]), "{document}");
    assert_eq!(up.starts(), 1);
    let services = up.ps();
    let [web] = services.as_slice() else { panic!("{services:?}") };
    assert_eq!((&web["label"], &web["state"]), (&Value::from("//:web"), &Value::from("up")));
    assert_eq!((&web["port"], &web["restarts"]), (&Value::from(port), &Value::from(0)));
    assert!(is_process(&web["process"]) && is_process(&web["supervisor"]));
    assert!(web["memory_bytes"].as_u64().unwrap() > 1_000_000);
    let log = std::fs::read_to_string(web["log"].as_str().unwrap()).unwrap();
    assert!(log.contains("Serving HTTP"), "{log}");
    // What the runs in between only used wrote nothing there.
    up.check(&["logs", "web"], 0, "Serving HTTP");
    up.check(&["ps"], 0, "web(port");
    up.check(&["down", "nothing"], 2, "no service is named `nothing`");
    up.check(&["down", "wev"], 2, "did you mean `web`?");
    up.check(&["down", &format!("web({port})")], 0, "has ended");
    assert!(is_free(port));
    eventually("the supervisor ends with its last service", || !is_process(&web["supervisor"]));
    up.check(&["ps"], 0, "no service is up");
    up.check(&["down"], 0, "no service is up");
    up.check(&["down", "web"], 0, "`web` is not up");
    up.check(&["down", "wev"], 2, "did you mean `web`?");
}

#[test]
fn a_service_that_served_until_it_was_ended_is_not_run_again() {
    let mut up = Up::new(&tasks(free_port()));
    up.check(&["up", "-d"], 0, "is up");
    up.check(&["down"], 0, "has ended");
    up.check(&["retry"], 0, "there is nothing to run again");
    up.check(&["ps"], 0, "no service is up");
}

#[test]
fn a_service_that_was_started_differently_is_not_used() {
    let port = free_port();
    let mut up = Up::new(&tasks(port));
    up.check(&["up", "-d"], 0, "is up");
    up.file("tasks.rush", &tasks(port).replace("\"hello\"", "\"good morning\""));
    up.check(&["ask"], 3, "was started differently: the variable `GREETING` changed since");
    up.check(&["up", "-d"], 3, "rush down //:web");
    up.check(&["down"], 0, "has ended");
    up.check(&["ask"], 0, "asked");
}

#[test]
fn a_service_is_what_it_was_when_it_began() {
    let tasks = "\
task make { outputs: [\"site/page\"], run: [`mkdir -p site`, `cp tasks.rush site/page`] }
service web { needs: [make], inputs: [\"site/**\"], run: `sleep 600` }
task page { needs: [web], run: `echo asked` }
";
    let mut up = Up::new(tasks);
    // What it reads was not there when it was asked for.
    up.check(&["up", "-d"], 0, "is up");
    up.check(&["page"], 0, "asked");
    up.file("site/page", "edited\n");
    up.check(&["page"], 3, "was started differently: the file `site/page` changed since");
    up.check(&["down"], 0, "has ended");
}

#[test]
fn what_a_service_is_decides_the_results_of_those_that_need_it() {
    let tasks = |version: &str, timeout: &str| {
        format!(
            "service s {{\n  run: sh\"\"\"\n    echo up\n    exec sleep {version}\n  \"\"\"\n  ready {{ probe: log(\"up\"), timeout: {timeout} }}\n}}\n\
             task t {{\n  needs: [s]\n  inputs: []\n  run: sh\"\"\"\n    echo x >> ran\n  \"\"\"\n}}\n"
        )
    };
    let mut up = Up::new(&tasks("601", "5s"));
    let ran = |up: &Up| std::fs::read_to_string(up.work().join("ran")).unwrap().lines().count();
    up.check(&["t"], 0, "2 succeeded");
    up.check(&["t"], 0, "1 cached");
    up.file("tasks.rush", &tasks("601", "6s"));
    up.check(&["t"], 0, "1 cached");
    assert_eq!(ran(&up), 1);
    up.file("tasks.rush", &tasks("602", "6s"));
    up.check(&["t"], 0, "2 succeeded");
    assert_eq!(ran(&up), 2);
}

#[test]
fn a_busy_port_names_its_holder() {
    let holder = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = holder.local_addr().unwrap().port();
    let mut up = Up::new(&tasks(port));
    let expect = format!("port {port} is already in use by process {}", std::process::id());
    up.check(&["ask"], 1, &expect);
    up.check(&["up", "--detach"], 1, &expect);
    assert_eq!(up.starts(), 0);
}

#[test]
fn a_killed_supervisor_leaves_no_service_and_does_not_stand_in_the_way() {
    let port = free_port();
    let mut up = Up::new(&tasks(port));
    up.check(&["up", "-d"], 0, "is up");
    let supervisor = up.ps()[0]["supervisor"].as_u64().unwrap();
    signal("KILL", supervisor.try_into().unwrap());
    eventually("the service ends with its supervisor", || is_free(port));
    up.check(&["ps"], 0, "no service is up");
    up.check(&["up", "-d"], 0, "is up");
    up.check(&["down"], 0, "has ended");
}

#[test]
fn in_the_foreground_services_end_with_an_interrupt_or_from_elsewhere() {
    let port = free_port();
    let mut up = Up::new(&tasks(port));
    let mut foreground = up.start(&["up"]);
    foreground.until("is up");
    up.check(&["ask"], 0, "asked");
    up.check(&["up"], 3, "another Rush (process");
    up.check(&["up", "--detach", "web", "--port", &free_port().to_string()], 0, "is up");
    assert_eq!(up.ps().len(), 2);
    foreground.interrupt();
    foreground.ends_with(130);
    assert!(is_free(port));
    let mut foreground = up.start(&["up", "web"]);
    foreground.until("is up");
    up.check(&["down"], 0, "has ended");
    foreground.ends_with(0);
    assert_eq!(up.starts(), 3);
}

#[test]
fn one_supervisor_keeps_what_several_ask_for_and_ends_what_needs_another_first() {
    let text = r#"
service base {
  run: sh"""
    trap 'echo base >> order; exit 0' TERM
    touch base.up
    while :; do sleep 0.01; done
  """
  ready { probe: exec(`test -e base.up`) }
}
task prepare { needs: [base], run: `touch prepared` }
service api {
  needs: [prepare]
  run: sh"""
    test -e prepared
    trap 'echo api >> order; exit 0' TERM
    touch api.up
    while :; do sleep 0.01; done
  """
  ready { probe: exec(`test -e api.up`) }
}
service alone { run: `sleep 600` }
service broken {
  run: sh"""
    echo 'no such table' >&2
    exit 3
  """
  ready { probe: exec(`false`) }
}
"#;
    let mut up = Up::new(text);
    up.check(&["up", "-d", "alone"], 0, "`alone` is up");
    up.check(&["up", "-d", "api"], 0, "`api` is up");
    up.check(&["up", "-d", "broken"], 1, "no such table");
    let names = |services: &[Value]| -> Vec<String> {
        let shown = services.iter().map(|it| format!("{} {}", it["label"], it["state"]));
        shown.map(|it| it.replace('"', "")).collect()
    };
    let services = up.ps();
    let expect = ["//:alone up", "//:api up", "//:base up", "//:broken failed"];
    assert_eq!(names(&services), expect);
    assert_eq!(services[0]["supervisor"], services[1]["supervisor"]);
    up.check(&["down", "base"], 0, "`base` has ended");
    assert_eq!(std::fs::read_to_string(up.work().join("order")).unwrap(), "api\nbase\n");
    assert_eq!(names(&up.ps())[0], "//:alone up");
    up.check(&["down"], 0, "`alone` has ended");
}

#[test]
fn a_service_of_another_package_is_ended_by_its_label_and_not_by_its_bare_name() {
    let mut up = Up::new("workspace { members: [\"*\"] }\ntask build { run: `true` }\n");
    up.file("my-app/tasks.rush", "service dev_server { run: `sleep 1000` }\n");
    let label = "//my-app:dev-server";
    let is_up = |up: &mut Up| up.ps().len() == 1;
    up.check(&["up", "-d", label], 0, "is up");
    for elsewhere in ["dev-server", "dev_server"] {
        up.check(&["down", elsewhere], 2, "up are `//my-app:dev_server`");
        assert!(is_up(&mut up), "{elsewhere}");
    }
    up.check(&["down", label], 0, "has ended");
    assert!(!is_up(&mut up));
    up.check(&["down", label], 0, "is not up");
    up.check(&["up", "-d", label], 0, "is up");
    up.check(&["-C", "my-app", "down", "dev-server"], 0, "has ended");
    assert!(!is_up(&mut up));
}

#[test]
fn what_is_wrong_with_a_service_is_said_before_anything_starts() {
    let mut up = Up::new(
        "service s {\n  run: `touch started`\n  ready { probe: http(\"https://localhost/\") }\n}\n\
         task t { run: `true` }\n",
    );
    up.check(&["run", "s"], 2, "`https`");
    up.check(&["up", "-d"], 2, "`https`");
    up.check(&["up", "t"], 2, "`t` is a task");
    assert!(!up.work().join("started").exists());
}

/// A real database: its service, a migration and a test, twice, and then with its port taken.
#[test]
fn a_database_with_a_migration_and_a_test_is_green_twice() {
    let bin = postgres_bin();
    let port = free_port();
    let data = tempfile::Builder::new().prefix("rush-pg-").tempdir_in("/tmp").unwrap();
    let data = data.path().display();
    // It refuses to run as root, so root becomes the user that its package made.
    let as_user = if is_root() {
        let owned = Command::new("chown").args(["postgres", &data.to_string()]).status();
        assert!(owned.unwrap().success());
        "setpriv --reuid=postgres --regid=postgres --init-groups "
    } else {
        ""
    };
    let tasks = |probe: &str| {
        format!(
            r#"
task cluster {{
  run: sh"""
    test -e {data}/db/PG_VERSION || {as_user}{bin}/initdb -D {data}/db -U app -A trust --no-sync >&2
  """
}}

service postgres(port: int(1..=65535) = {port}) {{
  needs: [cluster]
  run: `{as_user}{bin}/postgres -D {data}/db -p ${{port}} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`
  ready {{ probe: {probe}, every: 50ms }}
  stop {{ signal: "SIGINT" }}
}}

task migrate {{
  needs: [postgres]
  env {{ PGHOST: "127.0.0.1", PGPORT: "${{postgres.port}}", PGUSER: "app", PGDATABASE: "postgres" }}
  run: `psql -q -c 'create table if not exists fact (n int)' -c 'insert into fact values (1)'`
}}

task verify {{
  needs: [migrate]
  env {{ PGHOST: "127.0.0.1", PGPORT: "{port}", PGUSER: "app", PGDATABASE: "postgres" }}
  run: `psql -At -c 'select count(*) from fact'`
}}
"#
        )
    };
    let text = tasks(&format!("exec(`{bin}/pg_isready -q -h 127.0.0.1 -p ${{port}}`)"));
    let mut up = Up::new(&text);
    up.check(&["verify"], 0, "verify   | 1\n");
    assert!(is_free(port));
    up.check(&["verify"], 0, "verify   | 2\n");
    assert!(is_free(port));
    let holder = TcpListener::bind(("127.0.0.1", port)).unwrap();
    up.file("tasks.rush", &tasks("tcp(port)"));
    let expect = format!("port {port} is already in use by process {}", std::process::id());
    up.check(&["verify"], 1, &expect);
    drop(holder);
    up.file("tasks.rush", &text);
    up.check(&["verify"], 0, "verify   | 3\n");
}

/// Where PostgreSQL's programs are; Debian keeps those of each version apart.
fn postgres_bin() -> String {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|it| it.path().join("bin")).find(|it| it.join("postgres").exists());
    let found = found.unwrap_or_else(|| {
        panic!("this test needs PostgreSQL; install the package `postgresql`, as `cargo xtask test` does")
    });
    found.display().to_string()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

#[test]
fn only_services_are_meant_by_up() {
    let text = "service postgres { run: `sleep 100` }\ntask post { run: `true` }\n";
    let rush = || rush().file("tasks.rush", text);
    let near = rush().args(["up", "postgre"]).status(2);
    near.stderr("no service is named `postgre`").stderr("did you mean `postgres`?").run();
    let ran = rush().args(["up", "nope"]).status(2).stderr("possible: `postgres`").run();
    assert!(!ran.stderr.contains("`post`"), "{}", ran.stderr);
}

/// As in `rush up | head`.
#[test]
fn services_end_when_nobody_reads_any_more() {
    let up = Up::new("service it { run: `sh -c \"while :; do echo x; sleep 0.01; done\"` }\n");
    let mut command = up.0.as_ref().unwrap().command(env!("CARGO_BIN_EXE_rush"));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.args(["up"]).stdin(Stdio::null()).stdout(writer).stderr(Stdio::null());
    let mut running = Running(command.spawn().unwrap());
    drop(command);
    let begun = Instant::now();
    while running.0.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < SOON, "it does not end");
        std::thread::yield_now();
    }
}

#[test]
fn what_a_service_needs_asks_before_it_is_started() {
    let text = "task ready {\n  confirm: \"Sure?\"\n  run: `touch STARTED`\n}\n\
        service it {\n  needs: [ready]\n  run: `sleep 600`\n}\n";
    let mut up = Up::new(text);
    for args in [&["up"][..], &["up", "--detach"]] {
        up.check(args, 2, "with `--yes` every question is answered with yes");
        assert!(!up.work().join("STARTED").exists());
    }
    up.check(&["up", "--detach", "--yes"], 0, "is up");
    assert!(up.work().join("STARTED").exists());
}

#[test]
fn a_service_that_ends_again_and_again_is_not_ready_in_time() {
    let port = free_port();
    let text = format!(
        "service it {{\n  run: `true`\n  restart: \"always\"\n  ready {{ probe: tcp({port}), timeout: 1s }}\n}}\n"
    );
    Up::new(&text).check(&["up"], 1, "and was not ready within");
}

#[test]
fn a_run_that_finds_a_service_of_another_says_how_to_share_it() {
    let port = free_port();
    let mut up = Up::new(&tasks(port));
    let text = format!(
        "{}task hold {{\n  needs: [web]\n  run: sh\"\"\"\n    : > held\n    sleep 600\n  \"\"\"\n}}\n",
        tasks(port)
    );
    up.file("tasks.rush", &text);
    let _first = up.start(&["hold"]);
    let held = up.work().join("held");
    eventually("the first has it", || held.exists());
    up.check(&["ask"], 1, "`rush up --detach web` keeps one up for all runs");
}
