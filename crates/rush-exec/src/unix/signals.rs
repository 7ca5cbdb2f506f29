//! Signals to Rush itself become words to the run.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::options::Control;

/// Turns INT, TERM and HUP into [`Control`]s and tells `heard` of each, until the run no longer listens.
///
/// INT and TERM are heard even if they were ignored when Rush started, as in background jobs of scripts; an
/// ignored HUP stays ignored, as `nohup` wants.
pub async fn forward_signals(
    control: mpsc::Sender<Control>,
    heard: impl Fn(Control) + Send,
) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = if is_hangup_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
    loop {
        let next = tokio::select! {
            Some(()) = interrupt.recv() => Control::Interrupt,
            Some(()) = terminate.recv() => Control::Terminate,
            Some(()) = optional(hangup.as_mut()) => Control::Terminate,
            () = control.closed() => return Ok(()),
        };
        heard(next);
        if control.send(next).await.is_err() {
            return Ok(());
        }
    }
}

async fn optional(signal: Option<&mut Signal>) -> Option<()> {
    match signal {
        Some(signal) => signal.recv().await,
        None => std::future::pending().await,
    }
}

fn is_hangup_ignored() -> bool {
    // SAFETY: `sigaction` with a null action only writes to `current`, which is large enough and valid as zeros.
    unsafe {
        let mut current: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGHUP, std::ptr::null(), &raw mut current) == 0
            && current.sa_sigaction == libc::SIG_IGN
    }
}
