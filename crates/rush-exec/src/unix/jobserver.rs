//! Where the tokens of a job server lie: in a pipe, one byte each.
//!
//! Programs set the shared ends of the pipe to blocking or not as they like. So Rush opens them once more for
//! itself, where the system allows it.

use std::fmt;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};
use std::path::PathBuf;

use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::stat::{Mode, SFlag, fstat};
use tokio::io::{Interest, unix::AsyncFd};

use crate::jobserver::JobserverForm;

/// What a token looks like that is ours.
const TOKEN: u8 = b'+';

/// Where the tokens of a budget are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// Two inherited descriptors, to read and to write.
    Pipe(RawFd, RawFd),
    /// A named pipe.
    Fifo(PathBuf),
}

/// Tokens for everybody who knows the address.
pub(crate) struct Pool {
    address: Address,
    /// Our own way to the tokens, which does not block.
    read_end: OwnedFd,
    write_end: OwnedFd,
    _shared: Shared,
}

/// What has to stay open, or there, for the children.
enum Shared {
    /// It belongs to who started Rush.
    Theirs,
    /// Both ends; on purpose, every child inherits them.
    Pipe {
        _read_end: OwnedFd,
        _write_end: OwnedFd,
    },
    Fifo {
        _directory: tempfile::TempDir,
    },
}

impl Pool {
    /// Makes a pool with so many tokens.
    pub(crate) fn create(tokens: usize, form: JobserverForm) -> io::Result<Self> {
        let pool = match form {
            JobserverForm::Pipe => Self::create_pipe()?,
            JobserverForm::Fifo => Self::create_fifo()?,
        };
        for _ in 0..tokens {
            pool.give(TOKEN);
        }
        Ok(pool)
    }

    fn create_pipe() -> io::Result<Self> {
        let (read_end, write_end) = inheritable_pipe()?;
        let address = Address::Pipe(read_end.as_raw_fd(), write_end.as_raw_fd());
        let (ours, our_write_end) = (
            reopen(read_end.as_fd(), OFlag::O_RDONLY)?,
            reopen(write_end.as_fd(), OFlag::O_WRONLY)?,
        );
        let shared = Shared::Pipe { _read_end: read_end, _write_end: write_end };
        Ok(Self { address, read_end: ours, write_end: our_write_end, _shared: shared })
    }

    fn create_fifo() -> io::Result<Self> {
        let directory = super::private_directory()?;
        let path = directory.path().join("jobserver");
        nix::unistd::mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR)?;
        let read_end = open_fifo(&path)?;
        let write_end = read_end.try_clone()?;
        let shared = Shared::Fifo { _directory: directory };
        Ok(Self { address: Address::Fifo(path), read_end, write_end, _shared: shared })
    }

    /// Joins a pool that exists; nothing if the address leads nowhere.
    pub(crate) fn join(address: &Address) -> Option<Self> {
        let (read_end, write_end) = match address {
            Address::Fifo(path) => {
                let end = open_fifo(path).ok().filter(is_pipe)?;
                (end.try_clone().ok()?, end)
            }
            Address::Pipe(read_end, write_end) => {
                let (read_end, write_end) = (inherited(*read_end)?, inherited(*write_end)?);
                let ours = reopen(read_end, OFlag::O_RDONLY).ok().filter(is_pipe)?;
                (ours, reopen(write_end, OFlag::O_WRONLY).ok().filter(is_pipe)?)
            }
        };
        Some(Self { address: address.clone(), read_end, write_end, _shared: Shared::Theirs })
    }

    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// Takes a token if there is one.
    pub(crate) fn take(&self) -> Option<u8> {
        let mut token = [0];
        loop {
            if !cfg!(target_os = "linux") && self.count() == 0 {
                return None;
            }
            match nix::unistd::read(&self.read_end, &mut token) {
                Ok(1) => return token.first().copied(),
                Err(nix::errno::Errno::EINTR) => {}
                Ok(_) | Err(_) => return None,
            }
        }
    }

    /// Gives a token back.
    pub(crate) fn give(&self, token: u8) {
        // A pipe holds far more tokens than anybody makes; and a budget that is gone needs none back.
        while nix::unistd::write(&self.write_end, &[token]) == Err(nix::errno::Errno::EINTR) {}
    }

    /// Makes it so many tokens again; for when nobody holds any.
    pub(crate) fn settle(&self, total: usize) {
        let mut count = self.count();
        while count < total {
            self.give(TOKEN);
            count += 1;
        }
        while count > total && self.take().is_some() {
            count -= 1;
        }
    }

    fn count(&self) -> usize {
        let mut bytes: libc::c_int = 0;
        // SAFETY: the pointer is to a number of the type that this request writes.
        let result =
            unsafe { libc::ioctl(self.read_end.as_raw_fd(), libc::FIONREAD, &raw mut bytes) };
        if result == 0 { bytes as usize } else { 0 }
    }

    /// Waits until there is a token for somebody.
    pub(crate) async fn wait(&self) {
        let file = self.read_end.as_raw_fd();
        // SAFETY: the descriptor stays open, since `self` is borrowed for as long as this lives.
        let ready = unsafe { AsyncFd::register_with_interest(file, Interest::READABLE) };
        match ready {
            // Dropped together with the registration, the guard has nothing to tell.
            Ok(ready) => drop(ready.readable().await),
            // Without descriptors to wait with there is nothing better than to ask again.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipe(read_end, write_end) => write!(f, "{read_end},{write_end}"),
            Self::Fifo(path) => write!(f, "fifo:{}", path.display()),
        }
    }
}

/// The one pipe that children are to inherit.
fn inheritable_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read_end, write_end) = nix::unistd::pipe()?;
    Ok((above_standard(read_end)?, above_standard(write_end)?))
}

/// Children get other files in the place of the first three.
fn above_standard(file: OwnedFd) -> io::Result<OwnedFd> {
    if file.as_raw_fd() > libc::STDERR_FILENO {
        return Ok(file);
    }
    let number = fcntl(&file, FcntlArg::F_DUPFD(libc::STDERR_FILENO + 1))?;
    // SAFETY: the call has just made it, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// A descriptor that whoever started us left open.
fn inherited<'a>(number: RawFd) -> Option<BorrowedFd<'a>> {
    if number < 0 {
        return None;
    }
    // SAFETY: only asked whether it is open, and used only if it is; nothing in this program closes what it did
    // not open.
    let file = unsafe { BorrowedFd::borrow_raw(number) };
    fcntl(file, FcntlArg::F_GETFD).ok().map(|_| file)
}

fn is_pipe(file: &OwnedFd) -> bool {
    fstat(file)
        .is_ok_and(|it| SFlag::from_bits_truncate(it.st_mode) & SFlag::S_IFMT == SFlag::S_IFIFO)
}

/// Another way to the same pipe, with a state of its own about blocking.
fn reopen(file: BorrowedFd<'_>, access: OFlag) -> io::Result<OwnedFd> {
    if cfg!(target_os = "linux") {
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        return Ok(open(
            path.as_str(),
            access | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC,
            Mode::empty(),
        )?);
    }
    file.try_clone_to_owned()
}

fn open_fifo(path: &std::path::Path) -> io::Result<OwnedFd> {
    Ok(open(path, OFlag::O_RDWR | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC, Mode::empty())?)
}
