//! Single keys that a person types while Rush itself waits, read from the terminal as they come.
//!
//! The terminal passes each key on at once and does not show it; Ctrl-C and Ctrl-Z stay what they are. What it was
//! like is put back when the keys go, and while Rush is stopped.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::os::fd::{AsFd as _, OwnedFd};

use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use tokio::io::{Interest, unix::AsyncFd};

use super::terminal::Settings;

/// The keyboard of the person in front of Rush.
pub struct Keys {
    file: AsyncFd<OwnedFd>,
    _settings: Settings,
}

impl Keys {
    /// Listens to the keyboard; `None` without one, or if somebody else has the terminal just now.
    ///
    /// At most one can be open at a time, and none while an interactive command runs.
    pub fn open() -> io::Result<Option<Self>> {
        if !io::stdin().is_terminal() || !is_ours() {
            return Ok(None);
        }
        // Opened anew, since the state of not blocking is shared by all who inherited the old descriptor.
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let file = open("/dev/tty", flags, Mode::empty())?;
        // SAFETY: an `OwnedFd` names the same open descriptor for as long as it lives.
        let file = unsafe { AsyncFd::register_with_interest(file, Interest::READABLE)? };
        Ok(Some(Self { file, _settings: Settings::key_by_key()? }))
    }

    /// Waits for the next key; never returns once the terminal is gone.
    pub async fn next(&mut self) -> u8 {
        loop {
            let Ok(mut ready) = self.file.readable().await else {
                return std::future::pending().await;
            };
            let mut bytes = [0; 1];
            match nix::unistd::read(self.file.get_ref(), &mut bytes) {
                Ok(1) => return bytes.first().copied().unwrap_or_default(),
                Err(nix::errno::Errno::EAGAIN) => ready.clear_ready(),
                Err(nix::errno::Errno::EINTR) => {}
                Ok(_) | Err(_) => return std::future::pending().await,
            }
        }
    }
}

/// Reads a line that a person types, ended as usual; `None` if it is no longer wanted or there is nothing to read.
pub fn read_line_while(is_wanted: impl Fn() -> bool) -> io::Result<Option<String>> {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    /// How often it is asked whether the line is still wanted.
    const LOOK_PAUSE_MS: u8 = 50;
    let stdin = io::stdin();
    loop {
        let mut waited = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        match poll(&mut waited, PollTimeout::from(LOOK_PAUSE_MS)) {
            _ if !is_wanted() => return Ok(None),
            Ok(0) | Err(nix::errno::Errno::EINTR) => {}
            Ok(_) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let mut line = String::new();
    let count = stdin.lock().read_line(&mut line)?;
    Ok((count > 0).then_some(line))
}

/// Whether the terminal listens to our group; in the background its settings are none of our business.
fn is_ours() -> bool {
    nix::unistd::tcgetpgrp(io::stdin()).is_ok_and(|group| group == nix::unistd::getpgrp())
}
