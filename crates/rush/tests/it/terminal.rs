//! The program on a real terminal: who gets it, what is passed on, and that it is as before afterwards.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, Termios, tcgetattr};
use std::os::fd::AsFd as _;

use crate::rush;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program on a terminal of 33 lines and 77 columns.
struct Session {
    rush: Child,
    ours: File,
    theirs: OwnedFd,
    before: Termios,
    shown: String,
    work: rush_test::Finished,
}

impl Session {
    fn new(tasks: &str, words: &[&str]) -> Self {
        Self::of(tasks, env!("CARGO_BIN_EXE_rush"), words)
    }

    /// A shell on the terminal that runs this.
    fn through_shell(tasks: &str, text: &str) -> Self {
        Self::of(tasks, "sh", &["-c", text])
    }

    fn of(tasks: &str, program: &str, words: &[&str]) -> Self {
        let work = rush().file("tasks.rush", tasks).args(["list"]).status(0).run();
        let pair = openpty(Some(&size(33, 77)), None).unwrap();
        let end = || Stdio::from(pair.slave.try_clone().unwrap());
        let mut command = work.command(program);
        command.args(words).env("TERM", "xterm");
        command.stdin(end()).stdout(end()).stderr(end());
        // SAFETY: both calls are safe between fork and exec.
        unsafe {
            command.pre_exec(|| {
                libc::setsid();
                libc::ioctl(0, libc::TIOCSCTTY, 0);
                Ok(())
            });
        }
        let before = tcgetattr(&pair.slave).unwrap();
        let rush = command.spawn().unwrap();
        let (ours, theirs) = (pair.master.into(), pair.slave);
        Self { rush, ours, theirs, before, shown: String::new(), work }
    }

    fn read(&mut self) -> bool {
        let mut ready = [PollFd::new(self.ours.as_fd(), PollFlags::POLLIN)];
        if poll(&mut ready, PollTimeout::from(50_u8)) != Ok(1) {
            return false;
        }
        let mut bytes = [0; 4096];
        let count = self.ours.read(&mut bytes).unwrap_or(0);
        self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }

    /// Waits until this is shown.
    fn expect(&mut self, text: &str) -> &mut Self {
        let begun = Instant::now();
        while !self.shown.contains(text) {
            assert!(begun.elapsed() < PATIENCE, "no {text:?} in {:?}", self.shown);
            self.read();
        }
        self
    }

    /// Reads until nothing more comes for a while.
    fn settle(&mut self) -> &mut Self {
        let mut since = Instant::now();
        while since.elapsed() < Duration::from_millis(300) {
            if self.read() {
                since = Instant::now();
            }
        }
        self
    }

    fn types(&mut self, text: &str) -> &mut Self {
        self.ours.write_all(text.as_bytes()).unwrap();
        self
    }

    fn resize(&mut self, rows: u16, columns: u16) -> &mut Self {
        let size = size(rows, columns);
        // SAFETY: the pointer is to what this request reads.
        unsafe { libc::ioctl(self.ours.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
        self
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.theirs).unwrap().local_flags.contains(LocalFlags::ECHO)
    }

    /// Waits for the end: the status, and a terminal as it was.
    fn ends(&mut self, status: i32) -> String {
        let begun = Instant::now();
        let ended = loop {
            self.read();
            if let Some(ended) = self.rush.try_wait().unwrap() {
                break ended;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {:?}", self.shown);
        };
        while self.read() {}
        assert_eq!(ended.code(), Some(status), "{:?}", self.shown);
        assert_eq!(tcgetattr(&self.theirs).unwrap(), self.before, "{:?}", self.shown);
        self.shown.clone()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.rush.kill();
        let _ = self.rush.wait();
    }
}

fn size(rows: u16, columns: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

fn task(kind: &str, fields: &str, body: &[&str]) -> String {
    let lines: String = body.iter().map(|line| format!("    {line}\n")).collect();
    format!("task it {{\n{fields}  run: {kind}\"\"\"\n{lines}  \"\"\"\n}}\n")
}

fn interactive(kind: &str, body: &[&str]) -> String {
    task(kind, "  interactive: true\n", body)
}

#[test]
fn the_output_of_a_task_alone_is_a_terminal_and_its_input_is_not() {
    let body =
        ["test -t 0 || echo no input", "test -t 1 && test -t 2 && stty size <&1", "tty || true"];
    let shown = Session::new(&task("sh", "", &body), &["run", "it"]).ends(0);
    assert!(shown.starts_with("no input\r\n33 77\r\nnot a tty\r\n"), "{shown:?}");
}

#[test]
fn of_several_tasks_none_has_a_terminal() {
    let tasks = format!(
        "{}task b {{ needs: [it] }}\ntask c {{\n  needs: [it]\n  run: `true`\n}}\n",
        task("sh", "", &["test -t 1 || echo piped"])
    );
    let shown = Session::new(&tasks, &["run", "c"]).ends(0);
    assert!(shown.contains("| \u{1b}[0mpiped") || shown.contains("piped"), "{shown:?}");
}

#[test]
fn an_interactive_task_asks_for_a_password_without_showing_it() {
    let body = [
        "tty >&2 || echo no terminal",
        "stty size",
        "stty -echo",
        "printf 'Password: '",
        "read -r word",
        "stty echo",
        "printf '\\\\ngot %s.\\\\n' \"$word\"",
    ];
    let mut session = Session::new(&interactive("sh", &body), &["run", "it"]);
    session.expect("Password: ");
    assert!(!session.echoes());
    session.types("hunter2\r").expect("got hunter2.");
    let shown = session.ends(0);
    assert!(shown.contains("/dev/pts/") && shown.contains("33 77"), "{shown:?}");
    assert_eq!(shown.matches("hunter2").count(), 1, "{shown:?}");
}

#[test]
fn a_full_screen_program_reads_single_keys_even_ctrl_c() {
    let body = [
        "import os, tty",
        "tty.setraw(0)",
        "os.write(1, b'key?')",
        "key = os.read(0, 1)",
        "os.write(1, b'key %d.' % key[0])",
    ];
    let mut session = Session::new(&interactive("python", &body), &["run", "it"]);
    session.expect("key?").types("\u{3}").expect("key 3.");
    session.ends(0);
}

#[test]
fn ctrl_c_in_an_interactive_task_goes_to_it_and_ends_the_run() {
    // One process: a shell that hears Ctrl-C just before it starts another waits for that to the end.
    let body = ["import time", "print('ready', flush=True)", "time.sleep(600)"];
    let mut session = Session::new(&interactive("python", &body), &["run", "it"]);
    session.expect("ready").types("\u{3}");
    session.ends(130);
    let body = ["trap 'echo heard; exit 0' INT", "echo ready", "while :; do sleep 0.05; done"];
    let mut session = Session::new(&interactive("sh", &body), &["run", "it"]);
    session.expect("ready").types("\u{3}").expect("heard");
    session.ends(0);
}

#[test]
fn ctrl_c_ends_a_task_that_is_not_interactive() {
    let mut session = Session::new(&task("sh", "", &["echo ready", "sleep 600"]), &["run", "it"]);
    session.expect("ready").types("\u{3}");
    let shown = session.ends(130);
    assert_eq!(shown.matches("stopping").count(), 1, "{shown:?}");
}

#[test]
fn a_new_window_size_reaches_the_task() {
    let body = ["trap 'stty size; exit 0' WINCH", "echo ready", "while :; do sleep 0.05; done"];
    for fields in ["", "  interactive: true\n"] {
        let body = if fields.is_empty() {
            [
                "trap 'stty size <&1; exit 0' WINCH",
                body[1],
                "for i in $(seq 600); do stty size <&1; sleep 0.05; done",
            ]
        } else {
            body
        };
        let mut session = Session::new(&task("bash", fields, &body), &["run", "it"]);
        session.expect("ready").resize(11, 22).expect("11 22");
        if fields.is_empty() {
            session.types("\u{3}");
            session.ends(130);
        } else {
            session.ends(0);
        }
    }
}

#[test]
fn with_its_output_elsewhere_an_interactive_task_has_the_terminal_itself() {
    let body = ["echo question >/dev/tty", "read -r word", "echo \"got $word\""];
    let command = format!("{} run it > out; echo status $?", env!("CARGO_BIN_EXE_rush"));
    let tasks = interactive("sh", &body);
    let mut session = Session::through_shell(&tasks, &command);
    session.expect("question").types("hunter2\r").expect("status 0");
    session.ends(0);
    assert_eq!(session.work.read("out"), "got hunter2\n");
}

#[test]
fn keys_steer_a_watch_and_the_terminal_is_as_before() {
    let tasks = task("sh", "", &["echo ran", "test ! -e slow || sleep 60"]);
    let mut session = Session::new(&tasks, &["run", "it", "--watch"]);
    session.expect("r runs again, q quits");
    assert!(!session.echoes());
    session.shown.clear();
    session.types("xr").expect("running it").expect("ran").expect("r runs again");
    session.types("q");
    session.ends(0);

    // Who wants it again wants to see it run, not what it said before.
    let known = task("sh", "  inputs: [\"src\"]\n", &["echo ran"]) + "task all { needs: [it] }\n";
    let mut session = Session::new(&known, &["run", "all", "--watch"]);
    session.expect("2 succeeded").expect("r runs again");
    session.shown.clear();
    session.types("r").expect("2 succeeded").expect("r runs again");
    session.types("q");
    session.ends(0);

    let mut session = Session::new(&tasks, &["run", "it", "--watch"]);
    session.expect("r runs again");
    std::fs::write(session.work.work().join("slow"), "").unwrap();
    session.expect("slow is new; running it");
    session.types("q").expect("stopping");
    session.ends(130);
}

const ASKING: &str = "task it {\n  confirm: \"Sure?\"\n  run: `touch STARTED`\n}\n";

#[test]
fn a_question_is_answered_or_left_by_every_usual_way() {
    for (typed, status) in [("y\r", 0), ("\r", 130), ("\u{4}", 130), ("\u{3}", 130)] {
        let mut session = Session::new(ASKING, &["run", "it"]);
        session.expect("it: Sure? [y/N]").types(typed);
        let shown = session.ends(status);
        assert_eq!(session.work.work().join("STARTED").exists(), status == 0, "{shown:?}");
        assert!(!shown.contains("once more to kill"), "{shown:?}");
    }
    for (signal, status) in [("TERM", 143), ("HUP", 143)] {
        let mut session = Session::new(ASKING, &["run", "it"]);
        session.expect("it: Sure? [y/N]");
        let process = session.rush.id().to_string();
        let sent = std::process::Command::new("kill").args(["-s", signal, &process]).status();
        assert!(sent.unwrap().success());
        session.ends(status);
        assert!(!session.work.work().join("STARTED").exists());
    }
}

#[test]
fn a_watch_asks_and_can_be_left_at_the_question() {
    let mut session = Session::new(ASKING, &["run", "it", "--watch"]);
    session.expect("it: Sure? [y/N]").types("\u{3}");
    session.ends(130);
    let mut session = Session::new(ASKING, &["run", "it", "--watch"]);
    session.expect("it: Sure? [y/N]").types("y\r").expect("q quits").types("q");
    session.ends(0);
    assert!(session.work.work().join("STARTED").exists());
}

#[test]
fn what_ends_without_a_line_end_keeps_its_line() {
    let shown = Session::new("task it { run: `printf half` }\n", &["run", "it"]).ends(0);
    assert!(shown.starts_with("half\r\n") && shown.contains("1 succeeded"), "{shown:?}");
}

#[test]
fn a_question_is_seen_before_a_run_of_several_tasks() {
    let tasks = "task check { run: `true` }\n\
                 task publish {\n  needs: [check]\n  confirm: \"Publish?\"\n  run: `echo out`\n}\n";
    let mut session = Session::new(tasks, &["run", "publish"]);
    session.expect("publish: Publish? [y/N] ");
    // Long enough for a line that says how far the run is.
    session.settle();
    assert!(session.shown.ends_with("publish: Publish? [y/N] "), "{:?}", session.shown);
    session.types("y\n").ends(0);
}

#[test]
fn an_interactive_task_writes_as_it_is_though_others_run_before_it() {
    let tasks = format!(
        "{}task before {{ run: `echo first` }}\n",
        interactive("bash", &["read -r -p 'name? ' name", "echo \"hi $name\""])
            .replace("task it {", "task it {\n  needs: [before]")
    );
    let mut session = Session::new(&tasks, &["run", "it"]);
    session.expect("name? ").types("me\n");
    let shown = session.ends(0);
    // Its own lines are not touched, and those of others begin at the left whoever has the terminal.
    let shown = shown.replace("\r\r", "\r");
    assert!(shown.contains(" first\r\n"), "{shown:?}");
    assert!(shown.contains("Kname? me\r\nhi me\r\n"), "{shown:?}");
}
