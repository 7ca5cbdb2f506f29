//! What only Unix has: signals to the program, pipes that close, devices; whatever a task started ends with it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use crate::rush;

/// Starts one process in the background and one in a session of its own, and tells their numbers.
const TASKS: &str = r#"
task leave {
  run: sh"""
    sleep 600 &
    echo $!
    setsid sh -c 'echo $$; exec sleep 600' &
    wait
  """
}
"#;

/// Sends the signal while the task runs: the status is as expected, and no process is left.
fn check(signal: &str, status: i32) {
    let work = rush().file("tasks.rush", TASKS).args(["list"]).status(0).run();
    let mut running = work
        .command(env!("CARGO_BIN_EXE_rush"))
        .args(["run", "leave"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let mut told = BufReader::new(running.stdout.take().expect("it is piped")).lines();
    let processes: Vec<String> = told.by_ref().take(2).map(|it| it.expect("it is text")).collect();
    assert!(processes.iter().all(|it| is_alive(it)), "{processes:?}");
    send(signal, &running.id().to_string());
    assert_eq!(running.wait().expect("it was started").code(), Some(status));
    assert!(!processes.iter().any(|it| is_alive(it)), "{processes:?} are still there");
}

/// Asks the process table; signal 0 is none.
fn is_alive(process: &str) -> bool {
    send("0", process)
}

fn send(signal: &str, process: &str) -> bool {
    let kill = format!("kill -{signal} {process}");
    Command::new("sh")
        .args(["-c", &kill])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}

#[test]
fn ctrl_c_leaves_no_process_behind() {
    check("INT", 130);
}

#[test]
fn a_termination_leaves_no_process_behind() {
    check("TERM", 143);
}

/// A pipe that is closed after this many bytes ends the program without a word.
fn check_closed_pipe(args: &[&str], bytes: u64) {
    let task = |at| format!("task t{at} {{ run: `echo {at}` }}\n");
    let many: String = (0..20_000).map(task).collect();
    let work = rush().file("tasks.rush", many).args(["list", "-o", "names"]).status(0).run();
    let mut writing = work
        .command(env!("CARGO_BIN_EXE_rush"))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut read = writing.stdout.take().expect("it is piped").take(bytes);
    let count = std::io::copy(&mut read, &mut std::io::sink()).expect("it can be read");
    drop(read);
    assert_eq!(count, bytes);
    let ended = writing.wait_with_output().expect("it was started");
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{args:?}");
    assert_eq!(ended.status.code(), Some(0), "{args:?}");
}

#[test]
fn a_pipe_that_is_closed_early_is_silence() {
    check_closed_pipe(&["list"], 10);
    check_closed_pipe(&["list", "-o", "json"], 1);
    check_closed_pipe(&["graph"], 10);
}

#[test]
#[cfg(target_os = "linux")]
fn what_could_not_be_written_is_told() {
    let work = rush().file("tasks.rush", "task a { run: `a` }\n").args(["list"]).status(0).run();
    let asked = "--help|--version|version|help run|run --help|list --help|a --help|explain task|list|completions bash";
    for words in asked.split('|') {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("linux has it");
        let ended = work
            .command(env!("CARGO_BIN_EXE_rush"))
            .args(words.split(' '))
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .expect("the program can be started");
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(told.contains("could not write to standard output"), "{words}: {told}");
        assert_eq!(ended.status.code(), Some(3), "{words}");
    }
}

#[test]
fn a_run_that_nobody_reads_ends() {
    let work = rush().file("tasks.rush", "task a { run: `yes` }\n").args(["list"]).status(0).run();
    let mut running = work
        .command(env!("CARGO_BIN_EXE_rush"))
        .arg("a")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut read = running.stdout.take().expect("it is piped").take(2);
    std::io::copy(&mut read, &mut std::io::sink()).expect("it can be read");
    drop(read);
    let ended = running.wait_with_output().expect("it was started");
    assert_eq!(ended.status.code(), Some(143), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_value_too_large_for_a_process_is_named_before_anything_runs() {
    let piece = "x".repeat(40_000);
    let source = format!(
        "let piece = \"{piece}\"\nlet large = piece + piece + piece + piece\n\
         task first {{ run: `echo first` }}\n\
         task argument(text: string = large) {{ needs: [first], run: `echo ${{text}}` }}\n\
         task script(text: string = large) {{ run: sh\"\"\"\n  echo \"$text\"\n\"\"\" }}\n\
         task variable {{ env {{ BIG: large }}, run: `true` }}\n\
         task input {{ stdin: large, run: `wc -c` }}\n"
    );
    let run = |task: &str| rush().file("tasks.rush", &source).args(["run", task]);
    let refused = |task: &str, what: &str| {
        let refused = run(task).status(3).stdout("").stderr(what).stderr("has 157 KiB").run();
        assert!(refused.stderr.contains("by `stdin` or in a file"), "{}", refused.stderr);
    };
    refused(
        "argument",
        "`//:argument` can't be started: argument 1, the value of the parameter `text`",
    );
    refused("script", "`//:script` can't be started: the variable `text`");
    refused("variable", "`//:variable` can't be started: the variable `BIG`");
    run("input").status(0).stdout("160000\n").run();
}

#[test]
fn a_plan_can_be_written_to_standard_output() {
    let work = rush().file("tasks.rush", "task a { run: `echo a` }\n");
    let shown = work.args(["plan", "a", "-o", "json"]).status(0).run();
    let json = shown.stdout.clone();
    shown.then().args(["plan", "a", "--out", "/dev/stdout"]).status(0).stdout(&json).run();
}

/// A process that was killed can't clean up; its guard does.
#[test]
fn a_kill_of_the_program_itself_leaves_no_process_behind() {
    let text = r#"
task leave {
  run: sh"""
    sleep 600 &
    echo $!
    setsid sh -c 'echo $$; exec sleep 600' &
    setsid setsid sh -c '(sh -c "echo \$\$; exec sleep 600" &)' &
    echo $$
    wait
  """
}
"#;
    let mut running = Running::new(text, "leave", &[]);
    let processes = running.lines(4);
    running.send("KILL");
    running.rush.wait().expect("it was started");
    wait_until("they are gone", || !processes.iter().any(|it| is_alive(it)));
}

/// The file of a secret goes with a program that was killed, whether it was there before the guard or not.
#[test]
fn a_kill_of_the_program_itself_leaves_no_secret_behind() {
    let text = r#"
secret token { from: env("TOKEN"), mount: "file" }
task early {
  env { T: token }
  run: sh"""
    echo $T
    sleep 600
  """
}
task first { run: `true` }
task late {
  needs: [first]
  env { T: token }
  run: sh"""
    echo $T
    sleep 600
  """
}
"#;
    for task in ["early", "late"] {
        let mut running = Running::new(text, task, &["export TOKEN=hunter2-secret"]);
        let line = running.lines(1).remove(0);
        let file = line.rsplit(' ').next().expect("there is a word").to_owned();
        assert!(std::path::Path::new(&file).exists(), "{file}");
        let directory = std::path::Path::new(&file).parent().expect("it has one").to_owned();
        running.send("KILL");
        running.rush.wait().expect("it was started");
        wait_until("it is gone", || !directory.exists());
    }
}

#[test]
fn what_a_task_leaves_running_is_named_and_ended() {
    let text = r#"
task leave {
  run: sh"""
    sleep 600.1 >/dev/null 2>&1 &
    setsid sleep 600.2 >/dev/null 2>&1 &
  """
}
"#;
    let run = rush().file("tasks.rush", text).args(["run", "leave"]).status(0).run();
    assert!(run.stderr.contains("`sleep 600.1`"), "{}", run.stderr);
    assert!(run.stderr.contains("still ran when the command had ended"), "{}", run.stderr);
}

/// A shell starts what it puts in the background with INT ignored, and `nohup` ignores HUP.
#[test]
fn an_inherited_ignored_interrupt_is_heard_and_an_ignored_hangup_is_not() {
    let text = "task leave {\n  run: sh\"\"\"\n    echo $$\n    exec sleep 600\n  \"\"\"\n}\n";
    let mut running = Running::new(text, "leave", &["trap '' INT HUP"]);
    let processes = running.lines(1);
    running.send("HUP");
    assert!(is_alive(&processes[0]));
    running.send("INT");
    assert_eq!(running.rush.wait().expect("it was started").code(), Some(130));
    assert!(!is_alive(&processes[0]));
    let mut running = Running::new(text, "leave", &[]);
    let processes = running.lines(1);
    running.send("HUP");
    assert_eq!(running.rush.wait().expect("it was started").code(), Some(143));
    assert!(!is_alive(&processes[0]));
}

#[test]
fn ctrl_z_stops_the_tasks_and_their_time_limits_until_they_go_on() {
    let text = "task wait {\n  timeout: 3s\n  run: sh\"\"\"\n    echo $$\n    until test -e go; do sleep 0.05; done\n  \"\"\"\n}\n";
    // Only in a group that a shell looks after can Ctrl-Z stop anything.
    let mut running = Running::new(text, "wait", &["set -m"]);
    let task = running.lines(1).remove(0);
    let rush = running.process();
    send("TSTP", &rush);
    wait_until("both are stopped", || state(&rush) == 'T' && state(&task) == 'T');
    // Longer than the time limit: that it does not count while all is stopped can only be seen by waiting.
    std::thread::sleep(std::time::Duration::from_secs(4));
    send("CONT", &rush);
    wait_until("both go on", || state(&rush) != 'T' && state(&task) != 'T');
    std::fs::write(running.work.work().join("go"), "").expect("the directory is there");
    assert_eq!(running.rush.wait().expect("it was started").code(), Some(0));
}

/// The program, started by a shell that may do something before.
struct Running {
    rush: std::process::Child,
    told: std::io::Lines<BufReader<std::process::ChildStdout>>,
    work: rush_test::Finished,
    own_group: bool,
}

impl Running {
    fn new(tasks: &str, label: &str, before: &[&str]) -> Self {
        let work = rush().file("tasks.rush", tasks).args(["list"]).status(0).run();
        let own_group = before.contains(&"set -m");
        let start = if own_group { "\"$0\" \"$@\" & wait $!" } else { "exec \"$0\" \"$@\"" };
        let mut rush = work
            .command("sh")
            .args(["-c", &[before, &[start]].concat().join("\n")])
            .args([env!("CARGO_BIN_EXE_rush"), "run", label])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell can be started");
        let told = BufReader::new(rush.stdout.take().expect("it is piped")).lines();
        Self { rush, told, work, own_group }
    }

    fn lines(&mut self, count: usize) -> Vec<String> {
        self.told.by_ref().take(count).map(|it| it.expect("it is text")).collect()
    }

    /// The number of the program itself.
    fn process(&self) -> String {
        let shell = self.rush.id().to_string();
        if !self.own_group {
            return shell;
        }
        let children = format!("ps -o pid= --ppid {shell}");
        let output = Command::new("sh").args(["-c", &children]).output().expect("ps is there");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn send(&self, signal: &str) {
        assert!(send(signal, &self.process()));
    }
}

/// The state of a process as the kernel writes it.
fn state(process: &str) -> char {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let rest = text.rsplit(") ").next().unwrap_or_default();
    rest.chars().next().unwrap_or('?')
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "never: {what}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_link_is_formatted_where_it_leads_to() {
    let work = rush().file("d/tasks.rush", "task a{run:`x`}\n").file("out.rush", "let  a=1\n");
    let work = work.args(["version"]).run();
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, work.work().join(name)).unwrap();
    };
    link("../out.rush", "d/link.rush");
    link("nowhere", "d/dangling.rush");
    let run = work.then().args(["fmt", "d"]).status(0).run();
    assert_eq!(run.read("out.rush"), "let  a=1\n");
    assert_ne!(run.read("d/tasks.rush"), "task a{run:`x`}\n");
}

/// The program with the main thread limited to 1 MB of stack.
fn on_a_small_stack(work: &rush_test::Finished, args: &[&str]) -> std::process::Output {
    let limited = "ulimit -s 1024; exec \"$0\" \"$@\"";
    let mut command = work.command("sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_rush")]).args(args);
    command.output().expect("the program can be started")
}

#[track_caller]
fn survives(files: &[(String, String)], calls: &[(&[&str], i32)]) {
    let stage = files.iter().fold(rush(), |stage, (path, text)| stage.file(path, text));
    let work = stage.args(["version"]).status(0).run();
    for (args, status) in calls {
        let ended = on_a_small_stack(&work, args);
        let told = String::from_utf8_lossy(&ended.stderr);
        let told: String = told.chars().take(400).collect();
        assert_eq!(ended.status.code(), Some(*status), "{args:?}: {told}");
    }
}

/// How large the input is; `cargo xtask test --long` takes all of it.
fn many(short: usize, long: usize) -> usize {
    if std::env::var_os("RUSH_TEST_LONG").is_some() { long } else { short }
}

#[test]
fn large_input_needs_little_stack() {
    let one = |text: String| vec![("tasks.rush".to_owned(), text)];
    for unit in ["[", "!", "\"", "a."] {
        let text = unit.repeat(many(300_000, 10_000_000) / unit.len());
        let calls: &[(&[&str], i32)] = &[(&["check"], 1), (&["fmt", "--check"], 1)];
        survives(&one(format!("let x = {text}\n")), calls);
    }
    let count = many(10_000, 100_000);
    let item = |at: usize| format!("task t{at} {{\n  run: `a`\n}}\n");
    let items: String = (0..count).map(item).collect();
    survives(&one(items), &[(&["check"], 0), (&["fmt", "--check"], 0)]);
    let need = |at: usize| format!("task t{at} {{\n  needs: [t{}]\n}}\n", at - 1);
    let needs: String = (1..count).map(need).collect();
    let last = format!("t{}", count - 1);
    let calls: &[(&[&str], i32)] = &[(&["check"], 0), (&["plan", &last, "-o", "json"], 0)];
    survives(&one(format!("task t0 {{\n  run: `a`\n}}\n{needs}")), calls);
}

#[test]
fn a_long_chain_of_imports_needs_little_stack() {
    let count = many(1_000, 10_000);
    let file = |at: usize| {
        let text = format!("use \"./f{0}.rush\" as f{0}\nlet a = f{0}.a\n", at - 1);
        (format!("f{at}.rush"), text)
    };
    let task = "task show {\n  run: `echo ${last.a}`\n}\n";
    let mut files: Vec<_> = (1..count).map(file).collect();
    files.push(("f0.rush".to_owned(), "let a = 1\n".to_owned()));
    files.push(("tasks.rush".to_owned(), format!("use \"./f{}.rush\" as last\n{task}", count - 1)));
    survives(&files, &[(&["check"], 0), (&["run", "show"], 0)]);
}

/// Where `/proc` is that of another namespace, what has the number of a child there is none.
#[test]
fn processes_of_another_namespace_are_not_stopped() {
    let work =
        rush().file("tasks.rush", "task a { run: `true` }\ntask b { needs: [a], run: `true` }\n");
    let finished = work.args(["run", "b"]).status(0).run();
    let mut within = finished.command("unshare");
    within.args(["-pf", "--kill-child", env!("CARGO_BIN_EXE_rush"), "run", "b"]);
    let output = within.output();
    // Only root may do that, and not everywhere.
    let Some(output) = output.ok().filter(|it| it.status.success()) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("2 succeeded") && !said.contains("was stopped"), "{said}");
}
