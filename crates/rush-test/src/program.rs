//! The program as a user starts it: in a fresh directory, with a home of its own.

#![allow(
    clippy::disallowed_methods,
    reason = "a test prepares a real directory for a real process"
)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use regex::Regex;
use tempfile::TempDir;

use crate::fixture::Fixture;

/// A directory with files, and what is to be typed there.
///
/// ```no_run
/// use rush_test::Rush;
///
/// Rush::new("target/debug/rush")
///     .file("tasks.rush", "task hello {\n  run: `echo hello`\n}\n")
///     .args(["run", "hello"])
///     .status(0)
///     .stdout("hello\n")
///     .run();
/// ```
#[derive(Debug)]
pub struct Rush {
    program: PathBuf,
    directory: Arc<TempDir>,
    args: Vec<OsString>,
    env: Vec<(String, String)>,
    stdin: Vec<u8>,
    status: Option<i32>,
    stdout: Option<String>,
    stderr: Vec<String>,
}

/// What became of it.
#[derive(Debug)]
pub struct Finished {
    /// The exit status; 128 and the number of the signal if one ended it.
    pub status: i32,
    /// What it wrote as data.
    pub stdout: String,
    /// What it wrote for people.
    pub stderr: String,
    directory: Arc<TempDir>,
    program: PathBuf,
}

impl Rush {
    /// A fresh directory for this program.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let directory = tempfile::tempdir().expect("the temporary directory can be written");
        fs::create_dir(directory.path().join("work")).expect("the directory is fresh");
        fs::create_dir(directory.path().join("home")).expect("the directory is fresh");
        Self::within(program.into(), Arc::new(directory))
    }

    fn within(program: PathBuf, directory: Arc<TempDir>) -> Self {
        Self {
            program,
            directory,
            args: Vec::new(),
            env: Vec::new(),
            stdin: Vec::new(),
            status: None,
            stdout: None,
            stderr: Vec::new(),
        }
    }

    /// Puts a file into the directory.
    pub fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.work().join(path);
        let parent = path.parent().expect("the path lies in the directory");
        fs::create_dir_all(parent).expect("the directory can be written");
        fs::write(path, bytes).expect("the directory can be written");
        self
    }

    /// Puts the files of a fixture into the directory.
    pub fn fixture(self, text: &str) -> Self {
        let files = Fixture::parse(text).files;
        files.into_iter().fold(self, |rush, (path, text)| rush.file(&path, text))
    }

    /// Removes a file from the directory.
    pub fn without(self, path: &str) -> Self {
        fs::remove_file(self.work().join(path)).expect("the file was put there");
        self
    }

    /// What is typed after `rush`.
    pub fn args<T: Into<OsString>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What the program reads.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Expects this exit status.
    pub fn status(mut self, status: i32) -> Self {
        self.status = Some(status);
        self
    }

    /// Expects exactly this on standard output.
    pub fn stdout(mut self, text: &str) -> Self {
        self.stdout = Some(text.to_owned());
        self
    }

    /// Expects this somewhere on standard error; may be asked several times.
    pub fn stderr(mut self, text: &str) -> Self {
        self.stderr.push(text.to_owned());
        self
    }

    /// The directory the program is started in.
    pub fn work(&self) -> PathBuf {
        self.directory.path().join("work")
    }

    /// Runs it and holds it against what is expected.
    pub fn run(self) -> Finished {
        let mut child = self.command().spawn().expect("the program can be started");
        let mut stdin = child.stdin.take().expect("it is piped");
        // A program that does not read is none of the test's business.
        let _ = stdin.write_all(&self.stdin);
        drop(stdin);
        let output = child.wait_with_output().expect("the program can be waited for");
        let finished = Finished {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            directory: self.directory,
            program: self.program,
        };
        let shown = finished.snapshot();
        if let Some(status) = self.status {
            assert_eq!(finished.status, status, "{shown}");
        }
        if let Some(stdout) = &self.stdout {
            assert_eq!(finished.stdout, *stdout, "{shown}");
        }
        for text in &self.stderr {
            assert!(finished.stderr.contains(text), "expected {text:?} in\n{shown}");
        }
        finished
    }

    fn command(&self) -> Command {
        let mut command = alone(&self.program, self.directory.path());
        command.args(&self.args);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Finished {
    /// Goes on in the same directory.
    pub fn then(self) -> Rush {
        Rush::within(self.program, self.directory)
    }

    /// Starts something else in the same directory; this is still there to start more.
    pub fn again(&self) -> Rush {
        Rush::within(self.program.clone(), Arc::clone(&self.directory))
    }

    /// Some program in the same directory, for a test that has to talk with it while it runs. It inherits as little
    /// as what [`Rush::run`] starts, so that it is the same under make, under another Rush, and on a build machine.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        alone(program.as_ref(), self.directory.path())
    }

    /// The text of a file in the directory.
    pub fn read(&self, path: &str) -> String {
        let bytes = fs::read(self.work().join(path)).expect("the file is there");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The directory the program was started in.
    pub fn work(&self) -> PathBuf {
        self.directory.path().join("work")
    }

    /// Everything a user sees, with what differs from run to run replaced.
    pub fn snapshot(&self) -> String {
        let text = format!(
            "exit status: {}\n----- stdout -----\n{}----- stderr -----\n{}",
            self.status, self.stdout, self.stderr
        );
        filtered(&text, self.directory.path())
    }
}

/// A program that knows of the world around the test only where programs are.
fn alone(program: impl AsRef<OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    let home = directory.join("home");
    command.current_dir(directory.join("work")).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", &home).env("USERPROFILE", &home).env("LANG", "C.UTF-8");
    command
}

fn filtered(text: &str, directory: &Path) -> String {
    let real = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    let mut text = text.to_owned();
    for path in [real.as_path(), directory] {
        text = text.replace(&format!("{}/work", path.display()), "[WORK]");
        text = text.replace(&format!("{}/home", path.display()), "[HOME]");
        text = text.replace(&path.display().to_string(), "[TOP]");
    }
    let times = Regex::new(r"in \d+(\.\d+)? (ms|s|min)\b( \d\d s)?").expect("the pattern is sound");
    let text = times.replace_all(&text, "in [TIME]");
    let runs = Regex::new(r"rush (logs|retry) [0-9a-z]{4,12}\b").expect("the pattern is sound");
    let text = runs.replace_all(&text, "rush $1 [RUN]");
    let each =
        Regex::new(r"(?m)^ *\d+(\.\d+)? (ms|s|min)( \d\d s)?  ").expect("the pattern is sound");
    each.replace_all(&text, "    [TIME]  ").into_owned()
}
