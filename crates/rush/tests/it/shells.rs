//! Real shells: Tab typed into a terminal as a person does, and scripts in each language.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rush_test::Finished;

use crate::rush;

const TASKS: &str = r#"
/// Build one crate.
task build(crate: "core" | "api" | "cli", release: bool = false) {
  run: `echo built ${crate}`
}
/// Run the tests.
task test(...args: [string]) {
  run: `echo tested ${...args}`
}
"#;

/// How long a shell may take to say something, on a machine that does much else.
const PATIENCE: Duration = Duration::from_mins(1);
const PROMPT: &str = "ready> ";

/// A shell that believes to have a person before it.
struct Terminal {
    shell: Child,
    keys: ChildStdin,
    shown: Receiver<Vec<u8>>,
    text: String,
    /// Where it stands, until it ends.
    _work: Finished,
}

/// Where the shells find `rush`.
fn program_directory() -> &'static str {
    let (directory, _) = env!("CARGO_BIN_EXE_rush").rsplit_once('/').expect("its path is absolute");
    directory
}

impl Terminal {
    /// Starts a shell in a directory with tasks, and waits until it asks for a command.
    fn start(command: &str) -> Self {
        let work = rush().file("tasks.rush", TASKS).args(["list"]).status(0).run();
        let command = format!("PATH='{}':\"$PATH\" exec {command}", program_directory());
        let mut shell = work
            .command("script")
            .args(["--quiet", "--return", "--command", &command, "/dev/null"])
            .env("HOME", work.work())
            .env("TERM", "dumb")
            .env("INPUTRC", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`script` makes a terminal");
        let keys = shell.stdin.take().expect("it is piped");
        let mut output = shell.stdout.take().expect("it is piped");
        let (sender, shown) = channel();
        // Ends with the shell, which `drop` ends.
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut chunk) {
                let heard = chunk.get(..count).unwrap_or_default().to_vec();
                if sender.send(heard).is_err() {
                    return;
                }
            }
        });
        let mut terminal = Self { shell, keys, shown, text: String::new(), _work: work };
        // Written so that its echo is no prompt.
        terminal.press("PS1=ready'> '\n");
        terminal.expect(PROMPT);
        terminal
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the shell reads");
        self.keys.flush().expect("the shell reads");
    }

    /// Waits until the shell has shown this after all that was expected before.
    fn expect(&mut self, text: &str) {
        self.expect_all(&[text]);
    }

    /// Waits until the shell has shown all of these, in any order.
    fn expect_all(&mut self, texts: &[&str]) {
        loop {
            let ends = texts.iter().map(|it| Some(self.text.find(it)? + it.len()));
            if let Some(ends) = ends.collect::<Option<Vec<usize>>>() {
                self.text.drain(..ends.into_iter().max().unwrap_or_default());
                return;
            }
            match self.shown.recv_timeout(PATIENCE) {
                Ok(heard) => self.text.push_str(&String::from_utf8_lossy(&heard)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("not all of {texts:?} in {:?}", self.text)
                }
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

#[test]
fn bash_completes_tasks_flags_and_values() {
    let mut bash = Terminal::start("bash --noprofile --norc -i");
    bash.press("source <(rush completions bash)\n");
    bash.expect(PROMPT);
    bash.press("rush run bu\t");
    bash.expect("rush run build");
    bash.press(" --crate \t\t");
    bash.expect_all(&["api", "cli", "core"]);
    bash.press("ap\t\n");
    bash.expect("built api");
    // Bash takes these for several words.
    bash.press("rush run --parallel //:bu\t");
    bash.expect("rush run --parallel //:build");
    bash.press("--crate=ap\t\n");
    bash.expect("built api");
    bash.press("rush run test -- -k x\n");
    bash.expect("tested -k x");
    // Files, where one is wanted.
    bash.press("rush check ta\t");
    bash.expect("rush check tasks.rush");
}

#[test]
fn zsh_completes_tasks_flags_and_values() {
    let mut zsh = Terminal::start("zsh --no-rcs --interactive");
    zsh.press("autoload -U compinit && compinit -u -D\n");
    zsh.expect(PROMPT);
    zsh.press("source <(rush completions zsh)\n");
    zsh.expect(PROMPT);
    zsh.press("rush run bu\t");
    zsh.expect("build");
    zsh.press(" --crate ap\t\n");
    zsh.expect("built api");
    zsh.press("rush run //:bu\t --crate=cl\t\n");
    zsh.expect("built cli");
    zsh.press("rush check ta\t");
    zsh.expect("tasks.rush");
}

#[test]
fn fish_completes_tasks_flags_and_values() {
    let work = rush().file("tasks.rush", TASKS).args(["list"]).status(0).run();
    let offered = |typed: &str| {
        let directory = program_directory();
        let asked = format!(
            "set -gx PATH '{directory}' $PATH; rush completions fish | source; \
             complete --do-complete '{typed}'",
        );
        let mut fish = work.command("fish");
        fish.args(["--no-config", "--command", &asked]);
        let output = fish.env("HOME", work.work()).output().expect("fish starts");
        let text = String::from_utf8(output.stdout).expect("it is text");
        // After a tab comes what it is about.
        let words = text.lines().map(|it| it.split('\t').next().unwrap_or_default().to_owned());
        words.collect::<Vec<_>>()
    };
    assert_eq!(offered("rush run bu"), ["build"]);
    assert_eq!(offered("rush run //:bu"), ["//:build"]);
    assert_eq!(offered("rush check ta"), ["tasks.rush"]);
    let mut members = offered("rush run build --crate ");
    members.sort();
    assert_eq!(members, ["api", "cli", "core"]);
}

/// Scripts that print the value `v` and their arguments, each in brackets.
const LANGUAGES: &str = r#"
task show(v: string, xs: [string]) {
  run: [
    sh"""
      printf '[%s]' "$v" "$@"
    """.args(xs)
    bash"""
      printf '[%s]' "$v" "$@"
    """.args(xs)
    zsh"""
      printf '[%s]' "$v" "$@"
    """.args(xs)
    fish"""
      printf '[%s]' $v $argv
    """.args(xs)
    python"""
      import os, sys
      print("".join("[%s]" % it for it in [os.environ["v"], *sys.argv[1:]]), end="")
    """.args(xs)
  ]
}
"#;

#[test]
fn values_reach_each_language_unchanged() {
    let (value, first, second) = ("it's $(touch PWNED) `x` * \n \u{fc} #{1}", "a b", "-n $v");
    let args = ["show", "--v", value, "--xs", first, "--xs", second];
    let shown = format!("[{value}][{first}][{second}]").repeat(5);
    let ran = rush().file("tasks.rush", LANGUAGES).args(args).status(0).stdout(&shown).run();
    assert!(!ran.work().join("PWNED").exists());
}
