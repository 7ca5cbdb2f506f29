//! The terminal of the person, as far as a command gets it.
//!
//! An interactive command whose three streams are all the terminal gets one of its own, and what is typed, shown and
//! resized is passed on, so that its output is stored and masked like any other. If Rush's own output goes
//! elsewhere, the command gets the terminal itself, as a shell gives it to its jobs. However it ends, the settings
//! that the terminal had before are put back.

use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::sync::{Mutex, PoisonError};

use nix::fcntl::{OFlag, open};
use nix::pty::{Winsize, openpty};
use nix::sys::stat::Mode;
use nix::sys::termios::{
    LocalFlags, OutputFlags, SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr,
};
use tokio::io::{Interest, unix::AsyncFd};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::signals;

/// How much of what is typed is read at once.
const TYPED_BYTES_MAX: usize = 4096;

/// How a terminal is to be while Rush passes on what is typed, and how it was before. At most one command is
/// interactive at a time.
static CHANGED: Mutex<Option<Changed>> = Mutex::new(None);

struct Changed {
    before: Termios,
    now: Option<Termios>,
}

/// What a command has of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seat {
    /// Nothing.
    None,
    /// Its output is one; nobody types.
    Watched,
    /// The person's own, for input.
    Handed,
    /// One of its own that stands for the person's.
    Whole,
}

impl Seat {
    /// What an interactive command can have.
    pub(super) fn of_person() -> Self {
        match (io::stdin().is_terminal(), io::stdout().is_terminal() && io::stderr().is_terminal())
        {
            (true, true) => Self::Whole,
            (true, false) => Self::Handed,
            (false, _) => Self::None,
        }
    }
}

/// The person's side of a command that has a terminal.
pub(super) enum Person {
    /// What is typed and how the window changes is passed on.
    Passing(Passing),
    /// The command has the terminal itself.
    Handed(Handed),
}

impl Person {
    /// Sits down; `output` is our end of the command's terminal.
    pub(super) fn new(
        seat: Seat,
        output: &OwnedFd,
        group: libc::pid_t,
    ) -> io::Result<Option<Self>> {
        Ok(match seat {
            Seat::None => None,
            Seat::Watched => Some(Self::Passing(Passing::new(output, None)?)),
            Seat::Whole => Some(Self::Passing(Passing::new(output, Some(Keyboard::new()?))?)),
            Seat::Handed => Some(Self::Handed(Handed::new(group)?)),
        })
    }

    /// Whether Ctrl-C goes to the command and not to Rush.
    pub(super) const fn takes_keys(&self) -> bool {
        match self {
            Self::Passing(passing) => passing.keyboard.is_some(),
            Self::Handed(_) => true,
        }
    }

    /// Does what there is to do, for ever; dropping the future loses nothing.
    pub(super) async fn attend(&mut self) {
        match self {
            Self::Passing(passing) => passing.attend().await,
            Self::Handed(handed) => handed.attend().await,
        }
    }
}

/// Makes a terminal that leaves the bytes of its output as they are: ours, the command's.
pub(super) fn open_plain() -> io::Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) = open_whole()?;
    let mut settings = tcgetattr(&theirs)?;
    settings.output_flags.remove(OutputFlags::OPOST);
    tcsetattr(&theirs, SetArg::TCSANOW, &settings)?;
    Ok((ours, theirs))
}

/// Makes a terminal like that of the person: ours, which does not block, and the command's.
pub(super) fn open_whole() -> io::Result<(OwnedFd, OwnedFd)> {
    let settings = tcgetattr(io::stdout()).ok();
    let pair = openpty(window_size().as_ref(), settings.as_ref())?;
    for end in [&pair.master, &pair.slave] {
        // SAFETY: the call takes an open descriptor and numbers.
        if unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) } == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    // SAFETY: as above.
    if unsafe { libc::fcntl(pair.master.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok((pair.master, pair.slave))
}

fn window_size() -> Option<Winsize> {
    let mut size = Winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the pointer is to a valid structure of the type that this request writes.
    let result = unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &raw mut size) };
    (result == 0).then_some(size)
}

/// Passes on between the person's terminal and that of a command.
pub(super) struct Passing {
    terminal: AsyncFd<OwnedFd>,
    keyboard: Option<Keyboard>,
    resized: Signal,
}

/// What a person types, until the command has read it.
struct Keyboard {
    file: AsyncFd<OwnedFd>,
    typed: Vec<u8>,
    _settings: Settings,
}

impl Passing {
    fn new(output: &OwnedFd, keyboard: Option<Keyboard>) -> io::Result<Self> {
        let interest = if keyboard.is_some() { Interest::WRITABLE } else { Interest::READABLE };
        // SAFETY: an `OwnedFd` names the same open descriptor for as long as it lives.
        let terminal = unsafe { AsyncFd::register_with_interest(output.try_clone()?, interest)? };
        let resized = signal(SignalKind::window_change())?;
        let passing = Self { terminal, keyboard, resized };
        passing.resize();
        Ok(passing)
    }

    async fn attend(&mut self) {
        loop {
            let Some(keyboard) = &mut self.keyboard else {
                self.resized.recv().await;
                self.resize();
                continue;
            };
            tokio::select! {
                biased;
                _ = self.resized.recv() => self.resize(),
                is_open = keyboard.pass_on(&self.terminal) => {
                    if !is_open {
                        self.keyboard = None;
                    }
                }
            }
        }
    }

    fn resize(&self) {
        if let Some(size) = window_size() {
            let file = self.terminal.as_raw_fd();
            // SAFETY: the pointer is to a valid structure of the type that this request reads.
            unsafe { libc::ioctl(file, libc::TIOCSWINSZ, &raw const size) };
        }
    }
}

impl Keyboard {
    /// Opens the terminal anew, since the state of not blocking is shared by all who inherited the old descriptor.
    fn new() -> io::Result<Self> {
        let flags = OFlag::O_RDWR | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let file = open("/dev/tty", flags, Mode::empty())?;
        let settings = Settings::raw()?;
        // SAFETY: an `OwnedFd` names the same open descriptor for as long as it lives.
        let file = unsafe { AsyncFd::register_with_interest(file, Interest::READABLE)? };
        Ok(Self { file, typed: Vec::new(), _settings: settings })
    }

    /// Takes what was typed, or delivers it; returns whether more may come.
    async fn pass_on(&mut self, terminal: &AsyncFd<OwnedFd>) -> bool {
        if !self.typed.is_empty() {
            deliver(terminal, &mut self.typed).await;
            return true;
        }
        let Ok(mut ready) = self.file.readable().await else { return false };
        let mut bytes = [0; TYPED_BYTES_MAX];
        match nix::unistd::read(self.file.get_ref(), &mut bytes) {
            Ok(0) => return false,
            Ok(count) => self.typed.extend_from_slice(bytes.get(..count).unwrap_or_default()),
            Err(nix::errno::Errno::EAGAIN) => ready.clear_ready(),
            Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return false,
        }
        true
    }
}

async fn deliver(terminal: &AsyncFd<OwnedFd>, typed: &mut Vec<u8>) {
    let Ok(mut ready) = terminal.writable().await else { return typed.clear() };
    match nix::unistd::write(terminal.get_ref(), typed) {
        Ok(count) => drop(typed.drain(..count)),
        Err(nix::errno::Errno::EAGAIN) => ready.clear_ready(),
        Err(nix::errno::Errno::EINTR) => {}
        Err(_) => typed.clear(),
    }
}

/// A command that has the person's terminal, until it ends.
pub(super) struct Handed {
    group: libc::pid_t,
    changed: Signal,
    _settings: Settings,
}

impl Handed {
    fn new(group: libc::pid_t) -> io::Result<Self> {
        let settings = Settings::kept()?;
        Ok(Self { group, changed: signal(SignalKind::child())?, _settings: settings })
    }

    /// Ctrl-Z stops the command only; then we stop too, and both go on together.
    async fn attend(&mut self) {
        loop {
            self.changed.recv().await;
            if is_stopped(self.group) {
                give_terminal_to(nix::unistd::getpgrp().as_raw());
                signals::suspend();
                give_terminal_to(self.group);
                // SAFETY: the call takes numbers.
                unsafe { libc::killpg(self.group, libc::SIGCONT) };
            }
        }
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        give_terminal_to(nix::unistd::getpgrp().as_raw());
    }
}

/// Whether a child was stopped since this was last asked.
fn is_stopped(pid: libc::pid_t) -> bool {
    // SAFETY: zeros are a valid `siginfo_t`, and the call writes only there.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let options = libc::WSTOPPED | libc::WNOHANG;
        libc::waitid(libc::P_PID, pid as libc::id_t, &raw mut info, options) == 0
            && info.si_signo == libc::SIGCHLD
    }
}

/// Makes a group the one that the terminal listens to. We may be in the background when we take it back.
fn give_terminal_to(group: libc::pid_t) {
    // SAFETY: the calls take numbers; what the signal did before is put back.
    unsafe {
        let before = libc::signal(libc::SIGTTOU, libc::SIG_IGN);
        libc::tcsetpgrp(libc::STDIN_FILENO, group);
        libc::signal(libc::SIGTTOU, before);
    }
}

/// Settings of the person's terminal, put back when this goes.
pub(super) struct Settings;

impl Settings {
    /// Leaves them to the command.
    fn kept() -> io::Result<Self> {
        Self::change(|_| None)
    }

    /// Lets every key through as it is.
    fn raw() -> io::Result<Self> {
        Self::change(|before| {
            let mut now = before.clone();
            cfmakeraw(&mut now);
            Some(now)
        })
    }

    /// Hands on each key at once and does not show it; the keys that send signals still do.
    pub(super) fn key_by_key() -> io::Result<Self> {
        Self::change(|before| {
            let mut now = before.clone();
            now.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
            Some(now)
        })
    }

    fn change(make: impl FnOnce(&Termios) -> Option<Termios>) -> io::Result<Self> {
        let before = tcgetattr(io::stdin().as_fd())?;
        let now = make(&before);
        if let Some(now) = &now {
            set(now);
        }
        *CHANGED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Changed { before, now });
        Ok(Self)
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        if let Some(changed) = CHANGED.lock().unwrap_or_else(PoisonError::into_inner).take() {
            set(&changed.before);
        }
    }
}

/// Does something while the terminal is as it was before the command.
pub(super) fn with_original_settings(act: impl FnOnce()) {
    let changed = CHANGED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(changed) = &*changed {
        set(&changed.before);
    }
    act();
    if let Some(now) = changed.as_ref().and_then(|it| it.now.as_ref()) {
        set(now);
    }
}

/// Without a terminal any more there is nothing to set.
fn set(settings: &Termios) {
    // SAFETY: the calls take numbers; a group in the background would otherwise be stopped by this.
    unsafe {
        let before = libc::signal(libc::SIGTTOU, libc::SIG_IGN);
        let _ = tcsetattr(io::stdin().as_fd(), SetArg::TCSADRAIN, settings);
        libc::signal(libc::SIGTTOU, before);
    }
}
