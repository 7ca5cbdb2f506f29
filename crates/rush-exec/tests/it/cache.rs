//! Remembered results: what is answered, what runs again, and that nobody can tell the difference.

mod ahead;
mod damage;
mod directories;
mod forecast;
mod inside;
mod keys;
mod leftovers;
mod listing;
mod orders;
mod outputs;
mod people;
mod relied;
mod rivals;
mod stamps;
mod steps;
mod workshop;

use workshop::{Workshop, cached, copy, makes};

use rush_plan::{Backoff, Command, Interpreter, Retry, Stdin, Task};

use crate::fixture::{node, script, sh};

#[test]
fn the_second_run_is_cached_and_says_the_same_again() {
    let shop = Workshop::new();
    shop.write("in", "hello");
    let task = || makes(&["in"], &["out"], "echo to out; echo to err >&2; cat in > out; echo done");
    let first = shop.run(vec![node("a", task(), &[])]);
    assert_eq!(first.ends(), "a=succeeded -> 0");
    let second = shop.run(vec![node("a", task(), &[])]);
    assert_eq!(second.ends(), "a=cached -> 0");
    assert_eq!(second.stdout("a"), "to out\ndone\n");
    assert_eq!(second.bytes("a", rush_plan::LogStream::Stderr), b"to err\n");
}

#[test]
fn a_long_log_is_said_again_byte_for_byte() {
    let shop = Workshop::new();
    let script = "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; printf '\\377\\376 no newline'";
    let task = || makes(&[], &[], script);
    let first = shop.run(vec![node("a", task(), &[])]);
    let second = shop.run(vec![node("a", task(), &[])]);
    assert_eq!(second.ends(), "a=cached -> 0");
    let stdout = |ran: &crate::fixture::Ran| ran.bytes("a", rush_plan::LogStream::Stdout);
    assert_eq!(stdout(&first), stdout(&second));
    assert!(stdout(&second).ends_with(b"\xff\xfe no newline"));
}

#[test]
fn an_unchanged_output_stops_the_wave() {
    let shop = Workshop::new();
    shop.write("a.txt", "x # one comment");
    let nodes = || {
        vec![
            node("strip", makes(&["a.txt"], &["b.txt"], "sed 's/ #.*//' a.txt > b.txt"), &[]),
            node("use", makes(&["b.txt"], &["c.txt"], "cp b.txt c.txt"), &["strip"]),
            node("check", makes(&[], &[], "test -f c.txt"), &["use"]),
        ]
    };
    shop.run(nodes());
    shop.write("a.txt", "x # another comment");
    assert_eq!(shop.run(nodes()).ends(), "check=cached strip=succeeded use=cached -> 0");
    shop.write("a.txt", "y # another comment");
    assert_eq!(shop.run(nodes()).ends(), "check=succeeded strip=succeeded use=succeeded -> 0");
}

#[test]
fn what_was_there_before_is_put_back_without_running() {
    let shop = Workshop::new();
    let nodes = || vec![node("a", copy(&shop), &[])];
    for text in ["one", "two"] {
        shop.write("in", text);
        assert_eq!(shop.run(nodes()).ends(), "a=succeeded -> 0");
    }
    for text in ["one", "two"] {
        shop.write("in", text);
        assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
        assert_eq!(shop.read("out"), text);
    }
    assert_eq!(shop.runs(), 2);
}

#[test]
fn failures_are_not_remembered_and_tasks_without_inputs_always_run() {
    let shop = Workshop::new();
    shop.write("in", "");
    let fails = || makes(&["in"], &[], "exit 3");
    for _ in 0..2 {
        assert_eq!(shop.run(vec![node("a", fails(), &[])]).ends(), "a=failed -> 1");
        assert_eq!(shop.run(vec![node("b", sh("true"), &[])]).ends(), "b=succeeded -> 0");
    }
    let mut off = copy(&shop);
    off.cache.mode = rush_plan::CacheMode::Off;
    for _ in 0..2 {
        assert_eq!(shop.run(vec![node("c", off.clone(), &[])]).ends(), "c=succeeded -> 0");
    }
}

#[test]
fn an_input_that_changes_while_the_task_runs_is_told_and_not_remembered() {
    let shop = Workshop::new();
    shop.write("in", "1");
    let task = || makes(&["in"], &["out"], "cp in out; echo more >> in");
    let ran = shop.run(vec![node("a", task(), &[])]);
    assert_eq!(ran.ends(), "a=succeeded -> 0");
    let told = "`in` changed while it ran; its result is used but not remembered";
    assert_eq!(ran.node("a").warnings, [told]);
    assert_eq!(shop.run(vec![node("a", task(), &[])]).ends(), "a=succeeded -> 0");
}

#[test]
fn an_input_that_changes_and_changes_back_is_told_and_not_remembered() {
    let told = "`in` changed while it ran; its result is used but not remembered";
    let check = |script: &str, warnings: &[&str]| {
        let shop = Workshop::new();
        shop.write("in", "AAA");
        let task = || vec![node("a", makes(&["in"], &["out"], script), &[])];
        let ran = shop.run(task());
        assert_eq!(ran.ends(), "a=succeeded -> 0", "{script}");
        assert_eq!(ran.node("a").warnings, warnings, "{script}");
        let again = if warnings.is_empty() { "a=cached -> 0" } else { "a=succeeded -> 0" };
        assert_eq!(shop.run(task()).ends(), again, "{script}");
    };
    check("printf BBB > in; cp in out; printf AAA > in", &[told]);
    check("mv in aside; printf BBB > in; cp in out; mv aside in", &[told]);
    check(
        "touch -r in then; printf BBB > in; cp in out; printf AAA > in; touch -r then in",
        &[told],
    );
    // Another name is no other content.
    check("ln -f in out", &[]);
}

#[test]
fn what_commands_read_beside_inputs_may_not_change_while_they_run_either() {
    let path = |text: &str| rush_plan::WorkspacePath::new(text).unwrap();
    let given = || Task {
        env_files: vec![path("given.env")],
        stdin: Some(Stdin::Path(path("given"))),
        tools: vec!["./tool".to_owned()],
        ..makes(&["in"], &["out"], "")
    };
    let command = |text: &str| Command::Script(script(Interpreter::Sh, text));
    let check = |change: &str, told: &str| {
        let shop = Workshop::new();
        shop.write("in", "");
        shop.write("given.env", "V=old");
        shop.write("given", "old");
        shop.write("tool", "#!/bin/sh\necho old\n");
        let set = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(shop.path("tool"), set).unwrap();
        let makes = "cat - given.env > out; ./tool >> out";
        let task =
            || vec![node("a", Task { run: vec![command(change), command(makes)], ..given() }, &[])];
        let ran = shop.run(task());
        assert_eq!(
            (ran.ends().as_str(), ran.node("a").warnings.join(";")),
            ("a=succeeded -> 0", told.to_owned()),
            "{change}"
        );
        let again = if told.is_empty() { "a=cached -> 0" } else { "a=succeeded -> 0" };
        assert_eq!(shop.run(task()).ends(), again, "{change}");
    };
    check("true", "");
    let not_kept = |what: &str| format!("{what}; its result is used but not remembered");
    check("echo V=new > given.env", &not_kept("the variable `V` changed since it began"));
    check("echo W=new > given.env", &not_kept("the variable `V` is gone since it began"));
    check("echo new > given", &not_kept("the standard input changed since it began"));
    check("echo '#!/bin/sh' > tool", &not_kept("the program `./tool` changed since it began"));
    let back = |name: &str| not_kept(&format!("`{name}` changed while it ran"));
    check("cp given old; echo new > given; cat old > given", &back("given"));
    check("cp tool old; echo '#!/bin/sh' > tool; cat old > tool", &back("./tool"));
    check("cp given.env old; echo > given.env; cat old > given.env", &back("given.env"));
}

#[test]
fn a_depfile_that_names_what_is_not_there_is_told() {
    let shop = Workshop::new();
    shop.write("sub/a.c", "a");
    let task = || {
        let mut task = makes(&[], &["out"], "cd sub; cp a.c ../out; echo out: a.c > ../a.d");
        task.depfile = Some(rush_plan::WorkspacePath::new("a.d").unwrap());
        vec![node("a", task, &[])]
    };
    let told = "its depfile `a.d` names `a.c`, and there is no such file, so its result is not remembered; \
                names in it count from `dir`";
    for _ in 0..2 {
        let ran = shop.run(task());
        assert_eq!(
            (ran.ends().as_str(), &*ran.node("a").warnings),
            ("a=succeeded -> 0", &[told.to_owned()][..])
        );
    }
}

#[test]
fn a_program_that_can_not_be_executed_any_more_does_not_answer() {
    use std::os::unix::fs::PermissionsExt as _;
    let shop = Workshop::new();
    shop.write("tool", "#!/bin/sh\ntrue\n");
    let set_mode = |mode| {
        std::fs::set_permissions(shop.path("tool"), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let nodes = || {
        let run = vec![crate::fixture::argv(&["./tool"])];
        vec![node("a", rush_plan::Task { run, ..makes(&[], &[], "") }, &[])]
    };
    set_mode(0o755);
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
    set_mode(0o644);
    assert_eq!(shop.run(nodes()).ends(), "a=failed -> 1");
}

#[test]
fn forced_tasks_run_and_a_task_that_is_not_a_function_of_its_inputs_is_told() {
    let shop = Workshop::new();
    shop.write("in", "");
    let task = || makes(&["in"], &["out"], &format!("wc -c < {} > out", shop.counter().display()));
    let nodes = || vec![node("a", cached(task(), &shop), &[])];
    shop.run(nodes());
    let ran = shop.run_forced(nodes());
    assert_eq!(ran.ends(), "a=succeeded -> 0");
    let told = "the same inputs gave another result before: `out` differs";
    assert_eq!(ran.node("a").warnings, [told]);
}

#[test]
fn results_are_shared_by_checkouts_unless_they_name_theirs() {
    let one = Workshop::new();
    let two = one.checkout();
    let nodes = |shop: &Workshop| {
        vec![
            node("plain", copy(shop), &[]),
            node("bound", makes(&["in"], &["where"], "pwd > where"), &["plain"]),
        ]
    };
    for shop in [&one, &two] {
        shop.write("in", "same");
    }
    one.run(nodes(&one));
    assert_eq!(two.run(nodes(&one)).ends(), "bound=succeeded plain=cached -> 0");
    assert_eq!(two.read("where").trim(), two.root().to_str().unwrap());
    for shop in [&one, &two] {
        std::fs::remove_file(shop.path("where")).unwrap();
        assert_eq!(shop.run(nodes(&one)).ends(), "bound=cached plain=cached -> 0");
        assert_eq!(shop.read("where").trim(), shop.root().to_str().unwrap());
    }
}

#[test]
fn of_two_that_want_the_same_one_runs_and_the_other_waits() {
    let one = Workshop::new();
    let two = one.checkout();
    let task = || cached(makes(&["in"], &["out"], "sleep 0.3; cp in out"), &one);
    for shop in [&one, &two] {
        shop.write("in", "same");
    }
    std::thread::scope(|scope| {
        for shop in [&one, &two] {
            scope.spawn(move || shop.run(vec![node("a", task(), &[])]));
        }
    });
    assert_eq!(one.runs(), 1);
    assert_eq!((one.read("out"), two.read("out")), ("same".to_owned(), "same".to_owned()));
}

#[test]
fn an_old_result_does_not_count_if_the_task_says_so() {
    let shop = Workshop::new();
    shop.write("in", "");
    let task = |ttl_ms| {
        let mut task = copy(&shop);
        task.cache.ttl_ms = Some(ttl_ms);
        vec![node("a", task, &[])]
    };
    shop.run(task(60_000));
    assert_eq!(shop.run(task(60_000)).ends(), "a=cached -> 0");
    assert_eq!(shop.run(task(0)).ends(), "a=succeeded -> 0");
}

#[test]
fn a_group_hands_on_what_its_members_made() {
    let shop = Workshop::new();
    shop.write("in", "1");
    let nodes = || {
        vec![
            node("group", rush_plan::Task::default(), &["member"]),
            node("member", copy(&shop), &[]),
            node("user", makes(&[], &["used"], "cp out used"), &["group"]),
        ]
    };
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "group=succeeded member=cached user=cached -> 0");
    shop.write("in", "2");
    assert_eq!(shop.run(nodes()).ends(), "group=succeeded member=succeeded user=succeeded -> 0");
    assert_eq!(shop.read("used"), "2");
}

#[test]
fn two_tasks_of_one_key_never_wait_for_each_other() {
    let mut shop = Workshop::new();
    shop.bench.jobs = 1;
    shop.write("in", "1");
    let again = || {
        let delay = Backoff::Fixed { delay_ms: 100 };
        let (on_codes, on_pattern) = (None, None);
        let retry = Retry { attempts: 2, delay, on_codes, on_pattern, on_timeout: false };
        let task = makes(&["in"], &[], "test -e ok || { touch ok; exit 1; }");
        Task { retry: Some(Box::new(retry)), ..task }
    };
    let ran = shop.run(vec![node("a", again(), &[]), node("b", again(), &[])]);
    assert_eq!(ran.ends(), "a=succeeded b=cached -> 0");
}
