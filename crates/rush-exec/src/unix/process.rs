//! One running command: its process group, its streams and its end.
//!
//! Everything is non-blocking, so one thread drains any number of processes. It does not know how a process begins
//! (`spawn`), nor who listens to it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rush_plan::{AttemptEnd, LogStream};
use tokio::time::Instant;

use super::ends::Listening;
use super::exit::Exit;
use super::open_files;
use super::pipes::{Reader, Taken, Writer};
use super::spawn::{Block, Blueprint, Child, Stage, c_path, c_text, spawn};
use super::sweeper::{Kin, LEFTOVER_GRACE, LEFTOVER_TICK, Sweeper, own_children, reap_orphans};
use super::terminal::Person;
use super::wiring::{Ours, Wiring};
use crate::local::{Launch, no_directory};
use crate::place::{Next, PlaceError, Process, ProcessEvent, Signal, Usage};

/// How long what a command started may go on by itself after the command has ended, such as a `tee` that has to
/// write its last lines.
const SETTLE: Duration = Duration::from_millis(100);

/// How far asking has got.
enum Pressed {
    /// There is more time.
    Waits,
    /// For the first time; somebody has to know.
    Told(ProcessEvent),
    /// Nothing helps.
    GivenUp,
}

/// How long only the end of a command is waited for. Most end before, and what they wrote is in the pipes then; of
/// the others nobody notices that their first words come so much later.
const WATCH_DELAY: Duration = Duration::from_millis(4);

/// How long after the kill the pipes may stay open before they are given up.
const GIVE_UP: Duration = Duration::from_secs(1);

/// A running command.
pub(crate) struct LocalProcess {
    group: libc::pid_t,
    node: String,
    sweeper: Arc<Sweeper>,
    exit: Exit,
    ours: Ours,
    script: Option<PathBuf>,
    phase: Phase,
    /// From when on its end is not all that is watched.
    listening: Option<Listening>,
    /// Whether it was signalled: what goes on then is no surprise.
    was_asked: bool,
}

/// How far a command is.
enum Phase {
    /// The process has just begun, and only its end is watched.
    Starting { since: Instant },
    /// The process has not ended.
    Running,
    /// It has; something it started may go on.
    Leaving { end: AttemptEnd, usage: Usage, since: Instant, asked: Asked },
    /// The end was told.
    Over,
}

/// What was done about processes left behind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    Nothing,
    Terminate,
    Kill,
}

impl LocalProcess {
    pub(crate) fn start(launch: Launch<'_>, sweeper: &Arc<Sweeper>) -> Result<Self, PlaceError> {
        let name = launch.words.first().cloned().unwrap_or_default();
        let refused = |error: io::Error| PlaceError::new(start_problem(&name, &error));
        let wiring = Wiring::new(launch.input, launch.manner).map_err(refused)?;
        let blueprint = Blueprint {
            program: c_path(&launch.program).map_err(refused)?,
            words: launch.words.iter().map(c_text).collect::<io::Result<_>>().map_err(refused)?,
            environment: Block::of(&launch.environment),
            directory: Some(c_path(&launch.directory).map_err(refused)?),
            files: wiring.files(sweeper),
            belonging: wiring.belonging(),
            open_files: open_files::original(),
        };
        let child = begin(&blueprint).map_err(|(stage, error)| match stage {
            Stage::Directory => no_directory(&launch.directory),
            Stage::Program => refused(error),
        })?;
        let group = child.pid;
        let abandon = |error| {
            end_at_once(group);
            refused(error)
        };
        let exit = Exit::of(child).map_err(abandon)?;
        let ours = wiring.into_ours(group).map_err(abandon)?;
        let phase = match &ours.person {
            Some(_) => Phase::Running,
            None => Phase::Starting { since: Instant::now() },
        };
        sweeper.command_starts(&launch.node);
        Ok(Self {
            group,
            node: launch.node,
            sweeper: Arc::clone(sweeper),
            exit,
            ours,
            script: launch.script,
            listening: matches!(phase, Phase::Running).then(Listening::begin),
            phase,
            was_asked: false,
        })
    }

    async fn next_event(&mut self) -> ProcessEvent {
        loop {
            match &self.phase {
                Phase::Starting { since } => {
                    let watched = *since + WATCH_DELAY;
                    self.next_while_starting(watched).await;
                }
                Phase::Running => {
                    if let Some(event) = self.next_while_running().await {
                        return event;
                    }
                }
                Phase::Leaving { .. } => {
                    if let Some(event) = self.next_while_leaving().await {
                        return event;
                    }
                }
                Phase::Over => return std::future::pending().await,
            }
        }
    }

    async fn next_while_starting(&mut self, watched: Instant) {
        tokio::select! {
            biased;
            (end, usage) = self.exit.wait() => self.leave(end, usage),
            () = write(&mut self.ours.input) => self.ours.input = None,
            () = tokio::time::sleep_until(watched) => self.watch_all(),
        }
    }

    fn watch_all(&mut self) {
        self.phase = Phase::Running;
        self.listening = Some(Listening::begin());
        reap_orphans();
    }

    fn leave(&mut self, end: AttemptEnd, usage: Usage) {
        own_children().remove(&self.group);
        self.listening = None;
        self.ours.input = None;
        let since = Instant::now();
        self.phase = Phase::Leaving { end, usage, since, asked: Asked::Nothing };
    }

    async fn next_while_running(&mut self) -> Option<ProcessEvent> {
        let Ours { input, output, errors, person } = &mut self.ours;
        tokio::select! {
            biased;
            bytes = next(output) => {
                return bytes.map(|bytes| ProcessEvent::Output(LogStream::Stdout, bytes));
            }
            bytes = next(errors) => {
                return bytes.map(|bytes| ProcessEvent::Output(LogStream::Stderr, bytes));
            }
            () = write(input) => *input = None,
            () = attend(person) => {}
            () = self.sweeper.reap_as_they_end() => {}
            (end, usage) = self.exit.wait() => {
                let was_interrupted = matches!(end, AttemptEnd::Signaled { signal: libc::SIGINT });
                self.leave(end, usage);
                let person = self.ours.person.take();
                if was_interrupted && person.is_some_and(|it| it.takes_keys()) {
                    interrupt_ourselves().await;
                }
            }
        }
        None
    }

    /// Reads what is still in the pipes and ends what was left behind.
    async fn next_while_leaving(&mut self) -> Option<ProcessEvent> {
        let Ours { output, errors, .. } = &mut self.ours;
        if let Some(bytes) = take(output) {
            return Some(ProcessEvent::Output(LogStream::Stdout, bytes));
        }
        if let Some(bytes) = take(errors) {
            return Some(ProcessEvent::Output(LogStream::Stderr, bytes));
        }
        let is_drained = output.is_none() && errors.is_none();
        if is_drained && !self.has_leftovers() {
            return Some(self.finish());
        }
        match self.press() {
            Pressed::Waits => {}
            Pressed::Told(event) => return Some(event),
            Pressed::GivenUp => return Some(self.finish()),
        }
        let Ours { output, errors, .. } = &mut self.ours;
        tokio::select! {
            biased;
            bytes = next(output) => {
                bytes.map(|bytes| ProcessEvent::Output(LogStream::Stdout, bytes))
            }
            bytes = next(errors) => {
                bytes.map(|bytes| ProcessEvent::Output(LogStream::Stderr, bytes))
            }
            () = tokio::time::sleep(LEFTOVER_TICK) => None,
        }
    }

    /// Asks what was left behind to end, more firmly as time goes by.
    fn press(&mut self) -> Pressed {
        let Phase::Leaving { since, asked, .. } = &mut self.phase else { return Pressed::GivenUp };
        let waited = since.elapsed();
        let due = match waited {
            early if early < SETTLE => Asked::Nothing,
            later if later < SETTLE + LEFTOVER_GRACE => Asked::Terminate,
            _ => Asked::Kill,
        };
        let was = std::mem::replace(asked, due.max(*asked));
        let is_news = due > was;
        let left = if is_news && was == Asked::Nothing {
            self.sweeper.leftovers(&self.node, self.group)
        } else {
            Vec::new()
        };
        // What is killed leaves to us what it started itself, and that was sent nothing yet.
        if is_news || due == Asked::Kill {
            let signal = if due == Asked::Kill { libc::SIGKILL } else { libc::SIGTERM };
            self.signal_group(signal);
            self.sweeper.signal_node(&self.node, signal);
        }
        if !self.was_asked && !left.is_empty() {
            return Pressed::Told(ProcessEvent::LeftBehind(left));
        }
        if waited > SETTLE + LEFTOVER_GRACE + GIVE_UP { Pressed::GivenUp } else { Pressed::Waits }
    }

    fn finish(&mut self) -> ProcessEvent {
        self.sweeper.command_ends(&self.node);
        if let Some(script) = self.script.take() {
            // It lies in a directory that goes with the run, so a failure leaves nothing for good.
            let _ = std::fs::remove_file(script);
        }
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Leaving { end, usage, .. } => ProcessEvent::Ended(end, usage),
            Phase::Starting { .. } | Phase::Running | Phase::Over => {
                let message = "the process was asked for its end twice".to_owned();
                ProcessEvent::Ended(AttemptEnd::Lost { message }, Usage::default())
            }
        }
    }

    fn has_leftovers(&self) -> bool {
        let has_orphans = match self.phase {
            Phase::Leaving { asked: Asked::Nothing, .. } => self.sweeper.has_orphans(&self.node),
            // What ended because it was asked to is in its group until it is reaped.
            _ => self.sweeper.still_has_orphans(&self.node),
        };
        has_orphans || self.signal_group(0)
    }

    /// Signals the group and returns whether there is one.
    fn signal_group(&self, signal: i32) -> bool {
        // SAFETY: `killpg` takes two numbers.
        unsafe { libc::killpg(self.group, signal) == 0 }
    }
}

impl Process for LocalProcess {
    fn next(&mut self) -> Next<'_> {
        Box::pin(self.next_event())
    }

    fn signal(&mut self, signal: Signal) {
        let number = match signal {
            Signal::Interrupt => libc::SIGINT,
            Signal::Terminate => libc::SIGTERM,
            Signal::Hangup => libc::SIGHUP,
            Signal::Quit => libc::SIGQUIT,
            Signal::User1 => libc::SIGUSR1,
            Signal::User2 => libc::SIGUSR2,
            Signal::Kill => libc::SIGKILL,
        };
        self.was_asked = true;
        match &self.phase {
            Phase::Starting { .. } | Phase::Running => {
                self.signal_group(number);
            }
            Phase::Leaving { .. } => {
                self.signal_group(number);
                self.sweeper.signal_node(&self.node, number);
            }
            Phase::Over => {}
        }
    }
}

impl Drop for LocalProcess {
    /// A process that nobody waits for any more must not go on.
    fn drop(&mut self) {
        match self.phase {
            Phase::Starting { .. } | Phase::Running => {
                self.signal_group(libc::SIGKILL);
                own_children().remove(&self.group);
            }
            Phase::Leaving { .. } => {
                self.signal_group(libc::SIGKILL);
            }
            Phase::Over => {}
        }
    }
}

/// Starts the child and notes whose it is, in one step for whoever looks for orphans.
fn begin(blueprint: &Blueprint<'_>) -> Result<Child, (Stage, io::Error)> {
    let mut own_children = own_children();
    let child = spawn(blueprint)?;
    own_children.insert(child.pid, Kin::Command);
    Ok(child)
}

/// Ends a child that can't be waited for in the ordinary way.
fn end_at_once(group: libc::pid_t) {
    // SAFETY: both calls take numbers, and the null pointer means that the status is not wanted.
    unsafe {
        libc::killpg(group, libc::SIGKILL);
        libc::waitpid(group, std::ptr::null_mut(), 0);
    }
    own_children().remove(&group);
}

/// The next bytes; `None` and no stream any more at the end.
async fn next(stream: &mut Option<Reader>) -> Option<Vec<u8>> {
    let Some(reader) = stream else { return std::future::pending().await };
    let bytes = reader.next().await;
    if bytes.is_none() {
        *stream = None;
    }
    bytes
}

/// The bytes that are there already; no stream any more at the end.
fn take(stream: &mut Option<Reader>) -> Option<Vec<u8>> {
    match stream.as_mut()?.take() {
        Taken::Bytes(bytes) => return Some(bytes),
        Taken::Nothing => {}
        Taken::End => *stream = None,
    }
    None
}

async fn write(input: &mut Option<Writer>) {
    match input {
        Some(writer) => writer.write_all().await,
        None => std::future::pending().await,
    }
}

async fn attend(person: &mut Option<Person>) {
    match person {
        Some(person) => person.attend().await,
        None => std::future::pending().await,
    }
}

/// A person who ends an interactive program with Ctrl-C ends the run, as in a shell.
async fn interrupt_ourselves() {
    let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGINT);
    // The word has to be heard before the end of the program is.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

fn start_problem(name: &str, error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::ENOENT) => {
            format!(
                "`{name}` can't be started: its file, or the interpreter of its first line, does not exist"
            )
        }
        Some(libc::ENOEXEC) => {
            format!("`{name}` can't be started: it is no program and has no `#!` line")
        }
        Some(libc::EACCES) => format!("`{name}` can't be started: no permission to execute it"),
        Some(libc::E2BIG) => {
            format!(
                "`{name}` can't be started: its arguments and variables are too large for the operating system"
            )
        }
        _ => format!("`{name}` can't be started: {error}"),
    }
}
