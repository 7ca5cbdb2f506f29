//! Our ends of what a process reads and writes; they never block.
//!
//! Reading is tried before it is waited for: of a process that has ended, everything is there already.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};

use tokio::io::{Interest, unix::AsyncFd};

/// How much is read at once.
const CHUNK_BYTES_MAX: usize = 64 * 1024;

/// How much is read at once from a writer that fills its pipe.
const BUSY_CHUNK_BYTES: usize = 128 * 1024;

/// How much a pipe may hold once its writer turned out to write a lot.
#[cfg(target_os = "linux")]
const BUSY_PIPE_BYTES: i32 = 512 * 1024;

thread_local! {
    /// Where most reads go first, so that what is kept has the size of what was read.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The end of a stream that we read.
pub(super) struct Reader {
    file: Watched,
    flow: Flow,
}

/// How much a writer writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// No read was full yet.
    Usual,
    /// It filled its pipe, which was widened since; the last read was not full.
    Wide,
    /// The last read was full.
    Flood,
}

/// Whether the event loop knows a descriptor. It is told late, since most commands end before they are waited for
/// in any other way than by their end.
enum Watched {
    NotYet(OwnedFd),
    Yes(AsyncFd<OwnedFd>),
    /// The loop takes no more; that ends the stream.
    Lost,
}

/// What a read gave.
pub(super) enum Taken {
    Bytes(Vec<u8>),
    /// Nothing yet.
    Nothing,
    /// Nobody writes any more.
    End,
}

impl Reader {
    /// Takes a descriptor that does not block.
    pub(super) const fn new(file: OwnedFd) -> Self {
        Self { file: Watched::NotYet(file), flow: Flow::Usual }
    }

    /// Takes what is there, without waiting.
    pub(super) fn take(&mut self) -> Taken {
        let flow = self.flow;
        let taken = self.file.get().map_or(Taken::End, |file| take(file, flow));
        self.note(&taken);
        taken
    }

    /// Waits until there is something to take; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        self.file.watch();
        loop {
            let Watched::Yes(file) = &self.file else { return None };
            let mut ready = file.readable().await.ok()?;
            let taken = take(file.get_ref(), self.flow);
            if matches!(taken, Taken::Nothing) {
                ready.clear_ready();
                continue;
            }
            self.note(&taken);
            return match taken {
                Taken::Bytes(bytes) => Some(bytes),
                Taken::Nothing | Taken::End => None,
            };
        }
    }

    /// Whoever fills a pipe once will do so again.
    fn note(&mut self, taken: &Taken) {
        let Taken::Bytes(bytes) = taken else { return };
        if bytes.len() < CHUNK_BYTES_MAX {
            if self.flow == Flow::Flood {
                self.flow = Flow::Wide;
            }
            return;
        }
        if self.flow == Flow::Usual {
            self.file.get().inspect(|file| widen(file));
        }
        self.flow = Flow::Flood;
    }
}

impl Watched {
    fn get(&self) -> Option<&OwnedFd> {
        match self {
            Self::NotYet(file) => Some(file),
            Self::Yes(file) => Some(file.get_ref()),
            Self::Lost => None,
        }
    }

    fn watch(&mut self) {
        *self = match std::mem::replace(self, Self::Lost) {
            Self::NotYet(file) => {
                // SAFETY: an `OwnedFd` names the same open descriptor for as long as it lives.
                let watched = unsafe { AsyncFd::register_with_interest(file, Interest::READABLE) };
                watched.map_or(Self::Lost, Self::Yes)
            }
            known => known,
        };
    }
}

/// What a process has still to read.
pub(super) struct Writer {
    file: AsyncFd<OwnedFd>,
    bytes: Vec<u8>,
    written: usize,
}

impl Writer {
    /// Takes a descriptor that does not block, and all that is to be written.
    pub(super) fn new(file: OwnedFd, bytes: Vec<u8>) -> io::Result<Self> {
        // SAFETY: an `OwnedFd` names the same open descriptor for as long as it lives.
        let file = unsafe { AsyncFd::register_with_interest(file, Interest::WRITABLE)? };
        Ok(Self { file, bytes, written: 0 })
    }

    /// Writes until all is written or nobody reads any more.
    pub(super) async fn write_all(&mut self) {
        while let Some(rest) = self.bytes.get(self.written..).filter(|it| !it.is_empty()) {
            let Ok(mut ready) = self.file.writable().await else { return };
            match nix::unistd::write(self.file.get_ref(), rest).map_err(io::Error::from) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => ready.clear_ready(),
                Err(error) if is_temporary(&error) => {}
                Err(_) => return,
            }
        }
    }
}

/// Which end of a pipe does not block, being ours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Read,
    Write,
}

/// Makes a pipe that no child inherits by accident: the end to read, the end to write.
pub(super) fn pipe(ours: End) -> io::Result<(OwnedFd, OwnedFd)> {
    let (read_end, write_end) = closed_on_exec()?;
    let end = if ours == End::Read { &read_end } else { &write_end };
    // SAFETY: the descriptor is open; its only flag besides the access mode is the one that is set.
    if unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok((read_end, write_end))
}

#[cfg(target_os = "linux")]
fn closed_on_exec() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?)
}

/// The standard library knows how each system does it.
#[cfg(not(target_os = "linux"))]
fn closed_on_exec() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read_end, write_end) = io::pipe()?;
    Ok((read_end.into(), write_end.into()))
}

fn take(file: &OwnedFd, flow: Flow) -> Taken {
    let bytes = if flow == Flow::Flood { read_in_place(file) } else { read(file) };
    match bytes {
        Ok(bytes) if bytes.is_empty() => Taken::End,
        Ok(bytes) => Taken::Bytes(bytes),
        Err(error) if is_temporary(&error) => Taken::Nothing,
        // A terminal whose last user went away answers with an error.
        Err(_) => Taken::End,
    }
}

fn read(file: &OwnedFd) -> io::Result<Vec<u8>> {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.resize(CHUNK_BYTES_MAX, 0);
        let count = nix::unistd::read(file.as_fd(), scratch)?;
        Ok(scratch.get(..count).unwrap_or_default().to_vec())
    })
}

/// Reads to where the bytes will stay, without a copy.
fn read_in_place(file: &OwnedFd) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::<u8>::with_capacity(BUSY_CHUNK_BYTES);
    // SAFETY: the room that is named is there, and nobody else has it.
    let count =
        unsafe { libc::read(file.as_raw_fd(), bytes.as_mut_ptr().cast(), BUSY_CHUNK_BYTES) };
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    // SAFETY: the system wrote this many bytes into the room.
    unsafe { bytes.set_len(count) };
    if count < BUSY_CHUNK_BYTES / 2 {
        bytes.shrink_to_fit();
    }
    Ok(bytes)
}

/// Lets a pipe hold more, so that its writer is not stopped so often; where that is refused, it stays as it is.
#[cfg(target_os = "linux")]
fn widen(file: &OwnedFd) {
    // SAFETY: the call takes numbers.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETPIPE_SZ, BUSY_PIPE_BYTES) };
}

#[cfg(not(target_os = "linux"))]
fn widen(_file: &OwnedFd) {}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Opens the file that is always empty.
pub(super) fn open_nothing() -> io::Result<OwnedFd> {
    let flags = nix::fcntl::OFlag::O_RDWR | nix::fcntl::OFlag::O_CLOEXEC;
    Ok(nix::fcntl::open("/dev/null", flags, nix::sys::stat::Mode::empty())?)
}
