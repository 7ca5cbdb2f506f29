//! One running command: its process group, its pipes and its end.
//!
//! Started through `posix_spawn` (the standard library takes that way as long as nothing has to run between fork
//! and exec), with a group of its own. Everything is non-blocking, so one thread drains any number of processes.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rush_plan::{AttemptEnd, LogStream};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::time::Instant;

use super::exit::Exit;
use super::open_files;
use super::sweeper::{LEFTOVER_GRACE, LEFTOVER_TICK, Sweeper, own_children};
use crate::local::{Input, Launch};
use crate::place::{Next, PlaceError, Process, ProcessEvent, Signal, Usage};

/// How much is read at once.
const CHUNK_BYTES_MAX: usize = 64 * 1024;

/// How long what a command started may go on by itself after the command has ended, such as a `tee` that has to
/// write its last lines.
const SETTLE: Duration = Duration::from_millis(100);

/// How long after the kill the pipes may stay open before they are given up.
const GIVE_UP: Duration = Duration::from_secs(1);

/// A running command.
pub(crate) struct LocalProcess {
    group: libc::pid_t,
    node: String,
    sweeper: Arc<Sweeper>,
    exit: Exit,
    input: Option<Pending>,
    output: Option<Receiver>,
    errors: Option<Receiver>,
    script: Option<PathBuf>,
    phase: Phase,
}

/// Input that is not written yet.
type Pending = (Sender, Vec<u8>);

/// How far a command is.
enum Phase {
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
    pub(crate) fn start(launch: Launch, sweeper: &Arc<Sweeper>) -> Result<Self, PlaceError> {
        let Launch { program, words, directory, environment, input, node, script } = launch;
        let name = words.first().cloned().unwrap_or_default();
        let refused = |error: io::Error| PlaceError::new(start_problem(&name, &error));
        let (output, output_end) = output_pipe().map_err(refused)?;
        let (errors, errors_end) = output_pipe().map_err(refused)?;
        let (stdin, input) = open_input(input).map_err(refused)?;
        let mut command = Command::new(program);
        command.arg0(&name).args(words.iter().skip(1)).current_dir(directory);
        command.env_clear().envs(environment).process_group(0);
        command.stdin(stdin).stdout(output_end).stderr(errors_end);
        let group = {
            let mut own_children = own_children();
            let child = command.spawn().map_err(refused)?;
            let group = child.id().cast_signed();
            own_children.insert(group);
            group
        };
        // Our copies of the child's ends of the pipes have to go, or we would wait for ourselves.
        drop(command);
        open_files::restore_for_child(group);
        let exit = Exit::of(group).map_err(|error| {
            end_at_once(group);
            refused(error)
        })?;
        sweeper.command_starts(&node);
        Ok(Self {
            group,
            node,
            sweeper: Arc::clone(sweeper),
            exit,
            input,
            output: Some(output),
            errors: Some(errors),
            script,
            phase: Phase::Running,
        })
    }

    async fn next_event(&mut self) -> ProcessEvent {
        loop {
            match &self.phase {
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

    async fn next_while_running(&mut self) -> Option<ProcessEvent> {
        tokio::select! {
            biased;
            bytes = read(&mut self.output) => {
                return bytes.map(|bytes| ProcessEvent::Output(LogStream::Stdout, bytes));
            }
            bytes = read(&mut self.errors) => {
                return bytes.map(|bytes| ProcessEvent::Output(LogStream::Stderr, bytes));
            }
            () = write(&mut self.input) => {}
            (end, usage) = self.exit.wait() => {
                own_children().remove(&self.group);
                self.input = None;
                let since = Instant::now();
                self.phase = Phase::Leaving { end, usage, since, asked: Asked::Nothing };
            }
        }
        None
    }

    /// Reads what is still in the pipes and ends what was left behind.
    async fn next_while_leaving(&mut self) -> Option<ProcessEvent> {
        let is_drained = self.output.is_none() && self.errors.is_none();
        if is_drained && !self.has_group() || self.press() {
            return Some(self.finish());
        }
        tokio::select! {
            biased;
            bytes = read(&mut self.output) => {
                bytes.map(|bytes| ProcessEvent::Output(LogStream::Stdout, bytes))
            }
            bytes = read(&mut self.errors) => {
                bytes.map(|bytes| ProcessEvent::Output(LogStream::Stderr, bytes))
            }
            () = tokio::time::sleep(LEFTOVER_TICK) => None,
        }
    }

    /// Asks what was left behind to end, more firmly as time goes by; returns whether it is given up.
    fn press(&mut self) -> bool {
        let Phase::Leaving { since, asked, .. } = &mut self.phase else { return false };
        let waited = since.elapsed();
        let due = match waited {
            early if early < SETTLE => Asked::Nothing,
            later if later < SETTLE + LEFTOVER_GRACE => Asked::Terminate,
            _ => Asked::Kill,
        };
        if due > *asked {
            *asked = due;
            let signal = if due == Asked::Kill { libc::SIGKILL } else { libc::SIGTERM };
            self.signal_group(signal);
            self.sweeper.signal_node(&self.node, signal);
        }
        waited > SETTLE + LEFTOVER_GRACE + GIVE_UP
    }

    fn finish(&mut self) -> ProcessEvent {
        self.sweeper.command_ends(&self.node);
        if let Some(script) = self.script.take() {
            // It lies in a directory that goes with the run, so a failure leaves nothing for good.
            let _ = std::fs::remove_file(script);
        }
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Leaving { end, usage, .. } => ProcessEvent::Ended(end, usage),
            Phase::Running | Phase::Over => {
                let message = "the process was asked for its end twice".to_owned();
                ProcessEvent::Ended(AttemptEnd::Lost { message }, Usage::default())
            }
        }
    }

    fn has_group(&self) -> bool {
        self.signal_group(0)
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
        match &self.phase {
            Phase::Running => {
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
            Phase::Running => {
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

/// Our end, which never blocks, and the child's, which does.
fn output_pipe() -> io::Result<(Receiver, io::PipeWriter)> {
    let (read_end, write_end) = io::pipe()?;
    Ok((Receiver::from_owned_fd(OwnedFd::from(read_end))?, write_end))
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

fn open_input(input: Input) -> io::Result<(Stdio, Option<Pending>)> {
    Ok(match input {
        Input::Nothing => (Stdio::null(), None),
        Input::File(path) => (Stdio::from(File::open(path)?), None),
        Input::Bytes(bytes) => {
            let (read_end, write_end) = io::pipe()?;
            let sender = Sender::from_owned_fd(OwnedFd::from(write_end))?;
            (Stdio::from(read_end), Some((sender, bytes)))
        }
    })
}

/// The next bytes; `None` and no pipe any more at the end.
async fn read(pipe: &mut Option<Receiver>) -> Option<Vec<u8>> {
    loop {
        let Some(receiver) = pipe else { return std::future::pending().await };
        if receiver.readable().await.is_err() {
            *pipe = None;
            return None;
        }
        let mut bytes = Vec::new();
        match read_chunk(receiver, &mut bytes) {
            Ok(0) => {
                *pipe = None;
                return None;
            }
            Ok(_) => return Some(bytes),
            Err(error) if is_temporary(&error) => {}
            Err(_) => {
                *pipe = None;
                return None;
            }
        }
    }
}

fn read_chunk(receiver: &Receiver, bytes: &mut Vec<u8>) -> io::Result<usize> {
    bytes.reserve_exact(CHUNK_BYTES_MAX);
    let count = receiver.try_read_buf(bytes)?;
    bytes.shrink_to_fit();
    Ok(count)
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Writes a piece of the input; closes the pipe when all is written or nobody reads any more.
async fn write(input: &mut Option<Pending>) {
    let Some((sender, bytes)) = input else { return std::future::pending().await };
    if sender.writable().await.is_err() {
        *input = None;
        return;
    }
    match sender.try_write(bytes) {
        Ok(count) => {
            bytes.drain(..count);
            if bytes.is_empty() {
                *input = None;
            }
        }
        Err(error) if is_temporary(&error) => {}
        Err(_) => *input = None,
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
