//! Nothing is left behind: not by interruptions, not by nodes that end and leave processes.

use std::time::{Duration, Instant};

use rush_exec::{Control, Emitted};
use rush_plan::{AttemptEnd, EdgeReason, EventBody};

use crate::fixture::{Bench, Ran, node, plan, sh};

/// Starts a child in the background and one in a session of its own, both deaf to hang-ups and to Ctrl-C.
const BROOD: &str = "
trap '' HUP
sleep 600 >/dev/null 2>&1 &
setsid sh -c 'trap \"\" INT; sleep 600' >/dev/null 2>&1 </dev/null &
setsid setsid sleep 600 &
";

fn processes_of(run: &str) -> Vec<String> {
    let entry = format!("RUSH_RUN={run}");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let names = processes.map(|process| process.path());
    let ours = names.filter(|path| {
        std::fs::read(path.join("environ"))
            .is_ok_and(|bytes| bytes.split(|byte| *byte == 0).any(|it| it == entry.as_bytes()))
    });
    ours.map(|path| std::fs::read_to_string(path.join("cmdline")).unwrap_or_default()).collect()
}

/// Runs a script and sends the words as soon as it wrote a line.
fn run_and_say(text: &str, words: &[Control]) -> Ran {
    let mut bench = Bench::new();
    bench.grace = Duration::from_secs(30);
    let options = bench.options();
    let mut words = words.iter().copied();
    let plan = plan(vec![node("a", sh(text), &[]), node("b", sh("true\n"), &["a"])]);
    let says = |emitted: &Emitted| match emitted.event.body {
        EventBody::AttemptOutput { .. } => words.next(),
        _ => None,
    };
    bench.run_watched(plan, options, says).unwrap_or_else(|error| panic!("{error}"))
}

fn check(text: &str, words: &[Control], expect: &str) {
    let ran = run_and_say(text, words);
    assert_eq!(ran.ends(), expect);
    assert_eq!(processes_of(&ran.summary.run.0), [] as [String; 0]);
}

#[test]
fn an_interrupt_ends_background_and_setsid_grandchildren() {
    let text = format!("{BROOD}echo started\nwait\n");
    check(&text, &[Control::Interrupt], "a=cancelled b=cancelled -> 130");
    check(&text, &[Control::Terminate], "a=cancelled b=cancelled -> 143");
}

#[test]
fn a_second_interrupt_kills_what_ignores_the_first() {
    let text =
        format!("{BROOD}trap 'echo no' INT\necho started\nwhile :; do wait; sleep 0.01; done\n");
    let words = [Control::Interrupt, Control::Interrupt];
    check(&text, &words, "a=cancelled b=cancelled -> 130");
}

/// The test runs again in a process of its own, where no other run makes the orphan's origin uncertain.
#[test]
fn a_run_alone_in_its_process_also_ends_what_cleared_its_environment() {
    const ALONE: &str = "RUSH_TEST_ALONE";
    const NAME: &str =
        "leftovers::a_run_alone_in_its_process_also_ends_what_cleared_its_environment";
    if std::env::var_os(ALONE).is_none() {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        let output = again.args(["--exact", NAME]).env(ALONE, "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let bench = Bench::new();
    let text = "setsid env -i sh -c 'echo $$ > pid; exec sleep 600' >/dev/null 2>&1 &\nuntil [ -s pid ]; do :; done\n";
    let ran = bench.run(plan(vec![node("a", sh(text), &[])]));
    assert_eq!(ran.ends(), "a=succeeded -> 0");
    let pid = std::fs::read_to_string(bench.path("pid")).unwrap();
    assert!(!std::path::Path::new("/proc").join(pid.trim()).exists(), "{pid} lives on");
    let told = "`sleep 600` still ran when the command had ended, and was stopped";
    assert_eq!(ran.node("a").warnings, [told]);
    let bench = Bench::new();
    // Which of the two it was nobody knows, so it is told once both have ended.
    let first = format!("until [ -e b ]; do sleep 0.01; done\necho $$ > a\n{text}");
    let last =
        "touch b\nuntil [ -s a ] && ! kill -0 \"$(cat a)\" 2>/dev/null; do sleep 0.01; done\n";
    let ran = bench.run(plan(vec![node("a", sh(&first), &[]), node("b", sh(last), &[])]));
    assert_eq!(ran.ends(), "a=succeeded b=succeeded -> 0");
    let told = ran.events.iter().filter_map(|it| match &it.event.body {
        EventBody::Noted { message, .. } if it.event.node.is_none() => Some(message.as_str()),
        _ => None,
    });
    let told: Vec<&str> = told.collect();
    assert_eq!(told, ["`sleep 600` still ran when the run had ended, and was stopped"]);
}

#[test]
fn a_node_that_ends_takes_its_descendants_along() {
    check(BROOD, &[], "a=succeeded b=succeeded -> 0");
}

/// Each falls to Rush only when the one before it is killed, and none of them hears a request.
#[test]
fn a_node_that_ends_takes_along_what_is_deaf_generation_by_generation() {
    let text = "
cat > deaf.sh <<'END'
trap '' TERM
if [ $1 = 0 ]; then echo $$ > deepest; sleep 600; else setsid sh deaf.sh $(($1 - 1)); fi
:
END
setsid sh deaf.sh 4 >/dev/null 2>&1 &
until [ -s deepest ]; do sleep 0.01; done
";
    let gone = "! kill -0 \"$(cat deepest)\" 2>/dev/null\n";
    let ran = Bench::new().run(plan(vec![node("a", sh(text), &[]), node("b", sh(gone), &["a"])]));
    assert_eq!(ran.ends(), "a=succeeded b=succeeded -> 0");
}

/// What falls to Rush and ends is gone for everybody, also while the task that started it goes on.
#[test]
fn what_ends_by_itself_is_gone_while_its_task_runs() {
    let text = "
orphan=$(setsid sh -c 'sleep 0.02 >/dev/null & echo $!')
while test -e /proc/$orphan; do sleep 0.01; done
";
    let task = || rush_plan::Task { timeout_ms: Some(60_000), ..sh(text) };
    let mut bench = Bench::new();
    bench.jobs = 3;
    let ran = bench.run(plan(vec![
        node("a", task(), &[]),
        node("b", task(), &[]),
        node("c", task(), &[]),
        node("d", task(), &["a"]),
    ]));
    assert_eq!(ran.ends(), "a=succeeded b=succeeded c=succeeded d=succeeded -> 0");
}

/// Whoever reaps orphans must not take the end of a command for that of one.
#[test]
fn the_ends_of_commands_are_their_own_while_orphans_end() {
    let mut bench = Bench::new();
    bench.on_failure = rush_exec::FailurePolicy::KeepGoing;
    let text = "until [ -e done ]; do (sleep 0.001 &) >/dev/null 2>&1; sleep 0.002; done\n";
    let mut nodes = vec![node("busy", sh(text), &[])];
    for code in 0..60 {
        let text =
            format!("(sleep 0.001 >/dev/null 2>&1 &)\nsleep 0.00{}\nexit {code}\n", code % 8);
        nodes.push(node(&format!("n{code}"), sh(&text), &[]));
    }
    let labels: Vec<String> = (0..60).map(|code| format!("n{code}")).collect();
    let before: Vec<&str> = labels.iter().map(String::as_str).collect();
    let last = crate::fixture::edges("last", sh(": > done\n"), &before, EdgeReason::After);
    nodes.push(last);
    let ran = bench.run(plan(nodes));
    for (code, label) in (0..60).zip(&labels) {
        assert_eq!(ran.node(label).end, Some(AttemptEnd::Exited { code }), "{label}");
    }
    assert_eq!(ran.node("busy").state, rush_plan::NodeState::Succeeded);
}

/// A program that stands in for the guard tells when it was let do its work.
#[test]
fn a_panic_leaves_what_still_runs_to_the_guard() {
    for panics in [false, true] {
        let bench = Bench::new();
        let served = bench.path("served");
        let text = format!("cat\n: > {}\n", served.display());
        let mut options = bench.options();
        options.guard = Some(rush_exec::GuardProgram {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), text.into()],
        });
        let text =
            if panics { "echo\nuntil test -e served; do sleep 0.01; done\n" } else { "echo" };
        let plan = plan(vec![node("a", sh(text), &[])]);
        let says = |emitted: &Emitted| match emitted.event.body {
            EventBody::AttemptOutput { .. } if panics => panic!("a bug"),
            _ => None,
        };
        let run = std::panic::AssertUnwindSafe(|| bench.run_watched(plan, options, says).is_ok());
        assert_eq!(std::panic::catch_unwind(run).is_ok(), !panics);
        let begun = Instant::now();
        while panics && !served.exists() {
            assert!(begun.elapsed() < Duration::from_mins(1), "the guard was killed");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(panics || !served.exists(), "the guard ended what had ended");
    }
}

#[test]
fn the_grace_time_ends_what_ignores_an_interrupt() {
    let mut bench = Bench::new();
    bench.grace = Duration::from_millis(50);
    let options = bench.options();
    let text = "trap '' INT TERM\necho started\nwhile :; do sleep 0.05; done\n";
    let says = |emitted: &Emitted| match emitted.event.body {
        EventBody::AttemptOutput { .. } => Some(Control::Interrupt),
        _ => None,
    };
    let ran = bench.run_watched(plan(vec![node("a", sh(text), &[])]), options, says);
    assert_eq!(ran.unwrap_or_else(|error| panic!("{error}")).ends(), "a=cancelled -> 130");
}

#[test]
fn a_last_filter_may_finish_what_it_writes() {
    let bench = Bench::new();
    let script = crate::fixture::script(
        rush_plan::Interpreter::Bash,
        "exec > >(sleep 0.03; cat)\necho late\n",
    );
    let run = vec![rush_plan::Command::Script(script)];
    let task = rush_plan::Task { run, ..rush_plan::Task::default() };
    let ran = bench.run(plan(vec![node("a", task, &[])]));
    assert_eq!((ran.stdout("a").as_str(), ran.ends().as_str()), ("late\n", "a=succeeded -> 0"));
}

#[test]
fn finally_runs_after_an_interrupt() {
    let mut bench = Bench::new();
    bench.grace = Duration::from_secs(30);
    let options = bench.options();
    let mut task = sh("echo started\nwhile :; do sleep 0.05; done\n");
    let cleanup =
        crate::fixture::script(rush_plan::Interpreter::Sh, "echo $RUSH_STATUS > cleaned\n");
    task.finally = vec![rush_plan::Command::Script(cleanup)];
    let says = |emitted: &Emitted| match emitted.event.body {
        EventBody::AttemptOutput { .. } => Some(Control::Interrupt),
        _ => None,
    };
    let ran = bench.run_watched(plan(vec![node("a", task, &[])]), options, says);
    assert_eq!(ran.unwrap_or_else(|error| panic!("{error}")).ends(), "a=cancelled -> 130");
    assert_eq!(std::fs::read_to_string(bench.path("cleaned")).unwrap(), "130\n");
}

#[test]
fn signals_to_rush_become_words_to_the_run() {
    use nix::sys::signal::{Signal, raise};
    use tokio::sync::mpsc;

    crate::fixture::runtime().block_on(async {
        let (control, mut heard) = mpsc::channel(4);
        let forwarding = rush_exec::forward_signals(control, |_| {});
        let listening = async {
            // The forwarder has installed its handlers once it was polled.
            tokio::task::yield_now().await;
            for (signal, expect) in
                [(Signal::SIGINT, Control::Interrupt), (Signal::SIGTERM, Control::Terminate)]
            {
                raise(signal).unwrap();
                assert_eq!(heard.recv().await, Some(expect));
            }
            drop(heard);
        };
        tokio::join!(async { forwarding.await.unwrap() }, listening);
    });
}
