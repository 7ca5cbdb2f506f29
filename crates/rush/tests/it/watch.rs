//! `rush run --watch`: the right tasks run again when something changed, nothing else does, and it never loops.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "the whole file is a test, also the functions that tests share"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rush_test::Finished;

use crate::rush;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// How long nothing may happen for it to count as silence.
const SILENCE: Duration = Duration::from_secs(2);

/// After how much quiet in a run a change is a person's.
const LONG_QUIET: Duration = Duration::from_millis(10_500);

/// The program that watches, with what it has said.
struct Watching {
    rush: Child,
    said: PathBuf,
    /// How much of it was expected already.
    read: usize,
    work: Finished,
    _elsewhere: tempfile::TempDir,
}

impl Watching {
    fn new(files: &[(&str, &str)], words: &[&str]) -> Self {
        Self::prepared(files, |_| {}, words)
    }

    /// The same in a folder to which something was done before.
    fn prepared(files: &[(&str, &str)], prepare: impl FnOnce(&Path), words: &[&str]) -> Self {
        let files = files.iter().fold(rush(), |rush, (path, text)| rush.file(path, text));
        let work = files.args(["version"]).status(0).run();
        prepare(&work.work());
        let elsewhere = tempfile::tempdir().unwrap();
        let said = elsewhere.path().join("said");
        let file = File::create(&said).unwrap();
        let mut command = work.command(env!("CARGO_BIN_EXE_rush"));
        command.args(["run", "--watch"]).args(words).env("NO_COLOR", "1");
        command.env("XDG_CACHE_HOME", elsewhere.path().join("cache"));
        command.stdin(Stdio::null()).stderr(file.try_clone().unwrap()).stdout(file);
        let rush = command.spawn().unwrap();
        Self { rush, said, read: 0, work, _elsewhere: elsewhere }
    }

    fn new_words(&self) -> String {
        let said = fs::read(&self.said).unwrap();
        String::from_utf8_lossy(said.get(self.read..).unwrap_or_default()).into_owned()
    }

    /// Waits until this is said, and returns everything that was said up to then since this was last asked.
    fn expect(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let words = self.new_words();
            if let Some(at) = words.find(text) {
                let end = at + text.len();
                self.read += end;
                return words.get(..end).unwrap().to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "no {text:?} in {words:?}");
            assert!(self.rush.try_wait().unwrap().is_none(), "it ended: {words:?}");
            std::thread::yield_now();
        }
    }

    /// What is said until it waits again.
    fn until_idle(&mut self) -> String {
        self.expect("watching ")
    }

    /// Expects that nothing is run for this long.
    fn is_silent(&mut self, time: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < time {
            let words = self.new_words();
            assert!(!words.contains("running "), "{words:?}");
            std::thread::yield_now();
        }
    }

    fn put(&self, path: &str, text: &str) -> &Self {
        let path = self.work.work().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn ends(&mut self, signal: Signal, status: i32) {
        kill(Pid::from_raw(self.rush.id().cast_signed()), signal).unwrap();
        let begun = Instant::now();
        loop {
            if let Some(ended) = self.rush.try_wait().unwrap() {
                assert_eq!(ended.code(), Some(status), "{}", self.new_words());
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {}", self.new_words());
            std::thread::yield_now();
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.rush.kill();
        let _ = self.rush.wait();
    }
}

fn task(name: &str, fields: &str, script: &str) -> String {
    format!("task {name} {{\n{fields}  run: sh\"\"\"\n    {script}\n  \"\"\"\n}}\n")
}

const JOIN: &str = "  inputs: [\"src/**\"]\n  outputs: [\"out/all\"]\n";

/// Two tasks with inputs of their own, and one for both.
fn project() -> Vec<(&'static str, String)> {
    let tasks = [
        task("join", JOIN, "cat src/* > out/all; echo joined"),
        task("page", "  inputs: [\"web/*\"]\n", "echo paged"),
        "task all { needs: [join, page] }\n".to_owned(),
    ];
    vec![
        ("tasks.rush", tasks.concat()),
        ("src/a", "a\n".to_owned()),
        ("web/page", "1\n".to_owned()),
    ]
}

fn watching(files: &[(&str, String)], words: &[&str]) -> Watching {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, &**text)).collect();
    Watching::new(&files, words)
}

#[test]
fn what_reads_a_file_runs_again_when_it_changes_and_nothing_loops() {
    let mut watch = watching(&project(), &["all"]);
    let said = watch.until_idle();
    assert!(said.contains("joined") && said.contains("paged"), "{said}");
    watch.put("src/a", "b\n");
    let said = watch.until_idle();
    assert!(said.contains("src/a changed; running all"), "{said}");
    assert!(said.contains("joined") && said.contains("1 cached"), "{said}");
    // A new directory, a file of it, and its end.
    watch.put("src/deep/new", "n\n");
    let said = watch.until_idle();
    assert!(said.contains("src/deep/new is new; running all"), "{said}");
    fs::remove_dir_all(watch.work.work().join("src/deep")).unwrap();
    assert!(watch.until_idle().contains("src/deep/new is gone; running all"));
    // The same content, what nobody reads, and what a task wrote are no changes.
    watch.put("src/a", "b\n").put("note", "x").put("out/all", "else");
    let is_long = std::env::var_os("RUSH_TEST_LONG").is_some();
    watch.is_silent(if is_long { Duration::from_mins(1) } else { SILENCE });
    watch.ends(Signal::SIGINT, 0);
}

#[test]
fn a_change_ends_what_runs_before_the_next_begins() {
    let script = "test ! -e lock || echo OVERLAP; touch lock; trap 'rm -f lock; exit 1' INT; \
                  echo begun $(cat src/a); test $(cat src/a) = last || { sleep 60 & wait; }; rm -f lock";
    let tasks = task("slow", "  inputs: [\"src/*\"]\n", script);
    let files = vec![("tasks.rush", tasks), ("src/a", "first".to_owned())];
    let mut watch = watching(&files, &["slow"]);
    watch.expect("begun first");
    watch.put("src/a", "second");
    watch.expect("src/a changed; stopping what runs");
    watch.expect("begun second");
    watch.put("src/a", "last");
    let said = watch.until_idle();
    assert!(said.contains("begun last") && said.contains("1 succeeded"), "{said}");
    let all = fs::read_to_string(&watch.said).unwrap();
    assert!(!all.contains("OVERLAP"), "{all}");
    watch.put("src/a", "again");
    watch.expect("begun again");
    watch.ends(Signal::SIGINT, 130);
}

#[test]
fn a_broken_task_file_is_shown_and_survived() {
    let mut watch = watching(&project(), &["all"]);
    watch.until_idle();
    let sound = fs::read_to_string(watch.work.work().join("tasks.rush")).unwrap();
    watch.put("tasks.rush", &sound.replace("needs: [join, page]", "needs: [join, pag]"));
    let said = watch.until_idle();
    assert!(said.contains("error[") && said.contains("pag"), "{said}");
    watch.put("tasks.rush", &sound.replace("echo paged", "echo paged anew"));
    let said = watch.until_idle();
    assert!(said.contains("paged anew"), "{said}");
    watch.put(
        "tasks.rush",
        &sound.replace("echo paged", "echo paged anew").replace("task all", "// more\ntask all"),
    );
    assert!(watch.until_idle().contains("tasks.rush changed; nothing to run"));
    watch.ends(Signal::SIGTERM, 143);
}

#[test]
fn who_saves_in_every_run_sees_the_last_state_run() {
    let script = "now=$(cat src/a); trap 'exit 1' INT; echo begun $now; \
                  while ! test -e go; do sleep 0.05; done; echo done $now";
    let tasks = task("slow", "  inputs: [\"src/*\"]\n", script);
    let files = vec![("tasks.rush", tasks), ("src/a", "0".to_owned())];
    let mut watch = watching(&files, &["slow"]);
    for save in 1..=4 {
        watch.expect(&format!("begun {}", save - 1));
        watch.put("src/a", &save.to_string());
        watch.expect("src/a changed; stopping what runs");
    }
    watch.expect("the next begins when it is quiet");
    watch.expect("begun 4");
    watch.put("src/a", "5");
    watch.expect("src/a changed; this run goes on until it is quiet");
    watch.put("go", "");
    let said = watch.until_idle();
    assert!(said.contains("done 4") && said.contains("done 5"), "{said}");
    watch.put("src/a", "6");
    assert!(watch.until_idle().contains("done 6"));
}

#[test]
fn who_saves_between_runs_is_no_task() {
    let script = "now=$(cat src/a); echo begun $now; while test -e busy; do sleep 0.05; done";
    let tasks = task("build", "  inputs: [\"src/*\"]\n", script);
    let files = vec![("tasks.rush", tasks), ("src/a", "0".to_owned()), ("busy", String::new())];
    let mut watch = watching(&files, &["build"]);
    let mut save = 0;
    for _ in 0..3 {
        for _ in 0..4 {
            watch.expect(&format!("begun {save}"));
            save += 1;
            watch.put("src/a", &save.to_string());
        }
        watch.expect("the next begins when it is quiet");
        save += 1;
        watch.put("src/a", &save.to_string());
    }
    watch.expect(&format!("begun {save}"));
    watch.ends(Signal::SIGTERM, 143);
}

#[test]
fn a_run_without_end_is_ended_by_every_save() {
    let tasks = task("serve", "  inputs: [\"src/*\"]\n", "echo begun $(cat src/a); exec sleep 600");
    let files = vec![("tasks.rush", tasks), ("src/a", "0".to_owned())];
    let mut watch = watching(&files, &["serve"]);
    for save in 1..=5 {
        watch.expect(&format!("begun {}", save - 1));
        watch.put("src/a", &save.to_string());
    }
    watch.expect("begun 5");
    watch.put("src/a", "6");
    watch.expect("src/a changed; this run goes on, since that happens in every run");
    std::thread::sleep(LONG_QUIET);
    watch.put("src/a", "7");
    watch.expect("begun 7");
    watch.put("src/a", "8");
    watch.expect("src/a changed; stopping what runs");
    watch.expect("begun 8");
    watch.ends(Signal::SIGTERM, 143);
}

#[test]
fn a_task_that_writes_what_it_reads_does_not_run_for_ever() {
    let tasks = task("loops", "  inputs: [\"src/*\"]\n", "date +%s%N > src/stamp");
    let files = vec![("tasks.rush", tasks), ("src/stamp", "0".to_owned())];
    let mut watch = watching(&files, &["loops"]);
    watch.expect("src/stamp changed in every run");
    watch.until_idle();
    watch.is_silent(SILENCE);
}

#[test]
fn neither_does_one_whose_files_have_another_name_each_time() {
    let script = "sleep 0.01; date > \"src/$(date +%s%N)\"";
    let tasks = task("loops", "  inputs: [\"src/*\"]\n", script);
    let files = vec![("tasks.rush", tasks), ("src/first", "0".to_owned())];
    let mut watch = watching(&files, &["loops"]);
    watch.expect("src/* changed in every run");
    watch.until_idle();
    watch.is_silent(SILENCE);
}

#[test]
fn settings_count_from_the_next_run_on() {
    let tasks = task("say", "  inputs: [\"src/*\"]\n", "echo said $(cat src/a)");
    let files = vec![("tasks.rush", tasks.clone()), ("src/a", "one".to_owned())];
    let mut watch = watching(&files, &["say"]);
    assert!(watch.until_idle().contains("said one"));
    watch.put(".rush-state/config.toml", "log_mode = \"quiet\"\n").put("src/a", "two");
    let said = watch.until_idle();
    assert!(!said.contains("said two") && said.contains("1 succeeded"), "{said}");
    // What is wrong with them is told, and the watch goes on.
    watch.put(".rush-state/config.toml", "log_mode = \"loud\"\n").put("src/a", "three");
    watch.expect("`loud` is no value for `log_mode`");
    // Whatever changed meanwhile is made up for.
    watch.put(".rush-state/config.toml", "").put("tasks.rush", &format!("// more\n{tasks}"));
    watch.expect("said three");
    watch.until_idle();
    watch.ends(Signal::SIGTERM, 143);
}

#[test]
fn services_stay_up_between_runs_and_start_anew_when_their_files_change() {
    let service = "service server {\n  inputs: [\"web/*\"]\n  run: sh\"\"\"\n    \
                   echo started $(cat web/page) | tee -a starts; exec sleep 1000\n  \"\"\"\n}\n";
    let asks = task("ask", "  needs: [server]\n  inputs: [\"src/*\"]\n", "echo asked");
    let mut files = project();
    if let Some(tasks) = files.first_mut() {
        tasks.1 = format!("{service}{asks}");
    }
    let mut watch = watching(&files, &["ask"]);
    watch.until_idle();
    watch.put("src/a", "b\n");
    assert!(watch.until_idle().contains("asked"));
    let starts = |watch: &Watching| watch.work.read("starts");
    assert_eq!(starts(&watch), "started 1\n");
    watch.put("web/page", "2\n");
    let said = watch.until_idle();
    assert!(said.contains("web/page changed; running ask"), "{said}");
    assert_eq!(starts(&watch), "started 1\nstarted 2\n");
    watch.ends(Signal::SIGINT, 0);
    watch.work.again().args(["ps"]).status(0).stdout("").run();
}

/// A run that goes on for a service that stays up anyway would be ended by every save.
#[test]
fn a_run_with_a_service_that_is_named_last_ends() {
    let mut files = project();
    if let Some(tasks) = files.first_mut() {
        tasks.1.push_str("service server { run: `sleep 1000` }\n");
    }
    let mut watch = watching(&files, &["page", "server"]);
    watch.until_idle();
    watch.put("web/page", "2\n");
    let said = watch.until_idle();
    assert!(said.contains("paged") && !said.contains("stopp"), "{said}");
    watch.ends(Signal::SIGINT, 0);
}

#[test]
fn what_a_service_that_stays_up_needs_runs_again_when_it_changed() {
    let text = |last: &str| {
        format!(
            "service db {{\n  run: `sleep 1000`\n}}\n\
             task migrate {{\n  needs: [db]\n  inputs: [\"m.sql\"]\n  run: sh\"\"\"\n    \
             cat m.sql >> applied{last}\n  \"\"\"\n}}\n\
             service server {{\n  needs: [db, migrate]\n  run: sh\"\"\"\n    \
             echo started >> starts; exec sleep 1000\n  \"\"\"\n}}\n\
             task ask {{\n  needs: [server]\n  inputs: [\"m.sql\"]\n  run: `tail -n1 applied`\n}}\n"
        )
    };
    let files = [("tasks.rush", text("")), ("m.sql", "one\n".to_owned())];
    let mut watch = watching(&files, &["ask"]);
    assert!(watch.until_idle().contains("one"));
    watch.put("m.sql", "two\n");
    let said = watch.until_idle();
    assert!(said.contains("m.sql changed; running ask") && said.contains("two"), "{said}");
    // Its command counts as well.
    watch.put("tasks.rush", &text("; echo three >> applied"));
    watch.until_idle();
    assert_eq!(watch.work.read("applied"), "one\ntwo\ntwo\nthree\n");
    assert_eq!(watch.work.read("starts"), "started\n");
    watch.ends(Signal::SIGINT, 0);
}

#[test]
fn beside_a_service_that_starts_anew_what_is_behind_others_runs_and_its_failure_is_told() {
    let text = |version: u32, prepare: &str| {
        format!(
            "task first {{\n  run: `sh -c 'echo first >> firsts'`\n}}\n\
             task prepare {{\n  inputs: [\"m.sql\"]\n  run: sh\"\"\"\n    {prepare}\n  \"\"\"\n}}\n\
             service db {{\n  needs: [prepare]\n  run: `sleep 1000`\n}}\n\
             service server {{\n  needs: [db]\n  ready {{ probe: log(\"begun\") }}\n  run: sh\"\"\"\n    \
             echo {version} >> starts; echo begun; exec sleep 1000\n  \"\"\"\n}}\n\
             task ask {{\n  needs: [server]\n  run: `tail -n1 starts`\n}}\n"
        )
    };
    let files = [("tasks.rush", text(1, "echo one >> ready")), ("m.sql", "m\n".to_owned())];
    let mut watch = watching(&files, &["first", "ask"]);
    watch.until_idle();
    // What ran before the services is not run once more behind them.
    assert_eq!(watch.work.read("firsts"), "first\n");
    assert_eq!(watch.work.read("ready"), "one\n");

    watch.put("tasks.rush", &text(2, "echo broken >&2; exit 3"));
    let said = watch.until_idle();
    assert!(said.contains("prepare") && said.contains("broken"), "{said}");

    watch.put("tasks.rush", &text(3, "echo three >> ready"));
    watch.until_idle();
    assert_eq!(watch.work.read("starts"), "1\n2\n3\n");
    assert_eq!(watch.work.read("ready"), "one\nthree\n");
    watch.ends(Signal::SIGINT, 0);
}

/// Expects that `server` starts anew where `build` made something else, and only there: it serves the file `served`.
fn serves_what_is_built(build: &str, server: &str) {
    let tasks = [
        build,
        server,
        &task("other", "  inputs: [\"web/*\"]\n", "echo other"),
        &task("ask", "  needs: [server, other]\n", "echo served $(cat served)"),
    ];
    let mut files = project();
    if let Some(text) = files.first_mut() {
        text.1 = tasks.concat();
    }
    let mut watch = watching(&files, &["ask"]);
    assert!(watch.until_idle().contains("served a"));
    watch.put("src/a", "b\n");
    let said = watch.until_idle();
    assert!(said.contains("served b") && said.contains("started anew"), "{said}");
    // What it does not read does not end it.
    watch.put("web/page", "2\n");
    let said = watch.until_idle();
    assert!(said.contains("served b") && !said.contains("started anew"), "{said}");
    watch.ends(Signal::SIGINT, 0);
}

#[test]
fn a_service_whose_inputs_a_task_makes_begins_behind_that_task_in_the_same_round() {
    serves_what_is_built(
        &task("build", JOIN, "mkdir -p out; cat src/* > out/all"),
        "service server {\n  needs: [build]\n  inputs: [\"out/**\"]\n  ready { probe: log(\"begun\") }\n  \
         run: sh\"\"\"\n    cp out/all served; echo begun; exec sleep 1000\n  \"\"\"\n}\n",
    );
}

#[test]
fn a_service_begins_anew_behind_a_task_that_makes_what_it_runs() {
    serves_what_is_built(
        &task(
            "build",
            "  inputs: [\"src/**\"]\n  outputs: [\"app\"]\n",
            "echo \"echo $(cat src/a) > served; echo begun; exec sleep 1000\" > app",
        ),
        "service server {\n  needs: [build]\n  ready { probe: log(\"begun\") }\n  run: `sh app`\n}\n",
    );
}

#[test]
fn a_program_its_standard_input_and_a_mode_start_a_round() {
    use std::os::unix::fs::PermissionsExt as _;
    let tasks = "task ask {\n  inputs: [\"src/a\"]\n  stdin: path(\"words\")\n  run: `./tool`\n}\n";
    let tool = |says: &str| format!("#!/bin/sh\necho {says} $(cat)\n");
    let files = [("tasks.rush", tasks), ("src/a", "a"), ("words", "one"), ("tool", &tool("says"))];
    let executable = |path: &Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let mut watch = Watching::prepared(&files, |work| executable(&work.join("tool")), &["ask"]);
    assert!(watch.until_idle().contains("says one"));
    watch.put("words", "two");
    assert!(watch.until_idle().contains("says two"));
    watch.put("tool", &tool("tells"));
    assert!(watch.until_idle().contains("tells two"));
    executable(&watch.work.work().join("src/a"));
    let said = watch.until_idle();
    assert!(said.contains("src/a changed; running ask"), "{said}");
    watch.ends(Signal::SIGINT, 0);
}

#[test]
fn an_edit_behind_a_link_of_the_workspace_starts_a_round() {
    let bundle = task("bundle", "  inputs: [\"app/**\"]\n", "cat app/modules/lib/index");
    let files = [
        ("tasks.rush", &*bundle),
        ("packages/lib/index", "one\n"),
        ("packages/other", "x\n"),
        ("packages/single", "old\n"),
    ];
    let link = |work: &Path| {
        fs::create_dir_all(work.join("app/modules")).unwrap();
        std::os::unix::fs::symlink("../../packages/lib", work.join("app/modules/lib")).unwrap();
        std::os::unix::fs::symlink("../packages/single", work.join("app/single")).unwrap();
        fs::write(work.join("app/main"), "main\n").unwrap();
    };
    let mut watch = Watching::prepared(&files, link, &["bundle"]);
    assert!(watch.until_idle().contains("one"));
    watch.put("packages/lib/index", "two\n");
    let said = watch.until_idle();
    assert!(said.contains("packages/lib/index changed; running bundle"), "{said}");
    assert!(said.contains("two"), "{said}");
    watch.put("packages/single", "new\n");
    let said = watch.until_idle();
    assert!(said.contains("packages/single changed; running bundle"), "{said}");
    watch.put("packages/other", "y\n");
    watch.put("app/main", "more\n");
    let said = watch.until_idle();
    assert!(said.contains("app/main changed") && !said.contains("other"), "{said}");
    watch.ends(Signal::SIGINT, 0);
}

#[test]
fn what_makes_no_sense_with_it_is_refused() {
    let files = rush().file("tasks.rush", &project()[0].1);
    let work = files.args(["run", "all", "--watch", "--dry-run"]).status(2).run();
    work.again().args(["run", "--watch", "--plan", "p.json"]).status(2).run();
    work.again().args(["run", "all", "--poll"]).status(2).run();
    work.again().args(["run", "nothing", "--watch"]).status(2).run();
}

#[test]
fn changes_are_found_by_looking_too() {
    let mut watch = watching(&project(), &["all", "--poll"]);
    watch.until_idle();
    watch.put("src/a", "b\n");
    assert!(watch.until_idle().contains("src/a changed; running all"));
}

#[test]
fn what_nobody_can_answer_is_refused_at_once() {
    let asking = "task it {\n  confirm: \"Sure?\"\n  run: `true`\n}\n";
    let run = rush().file("tasks.rush", asking).args(["run", "it", "--watch"]).status(2).run();
    assert!(run.stderr.contains("there is no terminal to answer on"), "{}", run.stderr);
}

/// As in `rush run --watch | head`.
#[test]
fn it_ends_when_nobody_reads_any_more() {
    let files = rush().file("tasks.rush", task("it", "", "echo one; sleep 600"));
    let work = files.args(["version"]).status(0).run();
    let mut command = work.command(env!("CARGO_BIN_EXE_rush"));
    command.args(["run", "it", "--watch"]).stdin(Stdio::null());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut rush = command.stdout(writer).stderr(Stdio::null()).spawn().unwrap();
    drop(command);
    let begun = Instant::now();
    while rush.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            rush.kill().unwrap();
            panic!("it does not end");
        }
        std::thread::yield_now();
    }
    assert_eq!(rush.wait().unwrap().code(), Some(143));
}

#[test]
fn an_error_that_is_in_nobodys_way_is_told_once() {
    let mut files = project();
    files[0].1.push_str("task broken { run: 1 }\n");
    let mut watch = watching(&files, &["all"]);
    let said = watch.until_idle();
    assert!(said.contains("1 item that is not needed here has an error"), "{said}");
    watch.put("src/a", "b\n");
    let said = watch.until_idle();
    assert!(!said.contains("has an error"), "{said}");
}
