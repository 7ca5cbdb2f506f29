//! Signals to Rush itself become words to the run.

use std::io;
use std::sync::OnceLock;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::sweeper::{Kin, own_children};
use super::terminal::with_original_settings;
use crate::options::Control;
use crate::pause;

/// Turns INT, TERM and HUP into [`Control`]s, lets TSTP stop all commands, and tells `heard` of each, until the run no longer listens.
///
/// INT and TERM are heard even if they were ignored when Rush started, as in background jobs of scripts; an
/// ignored HUP stays ignored, as `nohup` wants.
///
/// They are heard from the call on, not only once the future is asked: what comes between would end Rush and leave
/// the commands that it had started by then.
pub fn forward_signals(
    control: mpsc::Sender<Control>,
    heard: impl Fn(Control) + Send,
) -> impl Future<Output = io::Result<()>> + Send {
    let ears = Ears::open();
    async move { ears?.forward(control, heard).await }
}

/// The signals that are heard.
struct Ears {
    interrupt: Signal,
    terminate: Signal,
    stop: Option<Signal>,
    hangup: Option<Signal>,
}

impl Ears {
    fn open() -> io::Result<Self> {
        let unless_ignored = |number, kind| {
            if is_ignored(number) { Ok(None) } else { signal(kind).map(Some) }
        };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            stop: unless_ignored(libc::SIGTSTP, SignalKind::from_raw(libc::SIGTSTP))?,
            hangup: unless_ignored(libc::SIGHUP, SignalKind::hangup())?,
        })
    }

    async fn forward(
        self,
        control: mpsc::Sender<Control>,
        heard: impl Fn(Control) + Send,
    ) -> io::Result<()> {
        let Self { mut interrupt, mut terminate, mut stop, mut hangup } = self;
        loop {
            let next = tokio::select! {
                Some(()) = interrupt.recv() => Control::Interrupt,
                Some(()) = terminate.recv() => Control::Terminate,
                Some(()) = optional(hangup.as_mut()) => Control::Terminate,
                Some(()) = optional(stop.as_mut()) => {
                    suspend();
                    continue;
                }
                () = control.closed() => return Ok(()),
            };
            heard(next);
            if control.send(next).await.is_err() {
                return Ok(());
            }
        }
    }
}

async fn optional(signal: Option<&mut Signal>) -> Option<()> {
    match signal {
        Some(signal) => signal.recv().await,
        None => std::future::pending().await,
    }
}

/// Stops all commands and then Rush itself, as Ctrl-Z asks for; returns when somebody let Rush go on, and the
/// commands with it.
///
/// The stop is that of the operating system, which refuses where nobody could undo it.
pub(super) fn suspend() {
    let groups: Vec<libc::pid_t> = own_children()
        .iter()
        .filter(|(_, kin)| **kin == Kin::Command)
        .map(|(group, _)| *group)
        .collect();
    let tell = |signal| {
        for group in &groups {
            // SAFETY: the call takes numbers, and the leader of the group is our unreaped child.
            unsafe { libc::killpg(*group, signal) };
        }
    };
    tell(libc::SIGSTOP);
    pause::during(|| with_original_settings(stop_as_by_default));
    tell(libc::SIGCONT);
}

fn stop_as_by_default() {
    // SAFETY: zeros are a valid action, namely that by default; the old one is put back.
    unsafe {
        let plain: libc::sigaction = std::mem::zeroed();
        let mut handled: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGTSTP, &raw const plain, &raw mut handled);
        libc::raise(libc::SIGTSTP);
        libc::sigaction(libc::SIGTSTP, &raw const handled, std::ptr::null_mut());
    }
}

/// What a child does when its terminal goes away: as Rush was told to, so that `nohup` reaches it.
pub(super) fn inherited_hangup() -> libc::sighandler_t {
    static INHERITED: OnceLock<libc::sighandler_t> = OnceLock::new();
    let ask = || if is_ignored(libc::SIGHUP) { libc::SIG_IGN } else { libc::SIG_DFL };
    *INHERITED.get_or_init(ask)
}

fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: `sigaction` with a null action only writes to `current`, which is large enough and valid as zeros.
    unsafe {
        let mut current: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut current) == 0
            && current.sa_sigaction == libc::SIG_IGN
    }
}
