//! Standard input and output, each for a thread that does nothing else than to serve it.
//!
//! The runtime reads and writes them on threads of its own and hands every piece over: twice for each
//! question, while somebody is typing. Here a stream is asked where it is needed, and blocks.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::File;
use std::io::{self, ErrorKind, Read, StdinLock, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[cfg(unix)]
use unix::unbuffered;
#[cfg(windows)]
use windows::unbuffered;

/// A stream that is always ready, because whoever asks it waits.
pub(crate) struct Blocking<S>(S);

/// What the editor says.
pub(crate) fn input() -> Blocking<StdinLock<'static>> {
    Blocking(io::stdin().lock())
}

/// What the editor hears. The standard library would write a message in two pieces, for it ends a
/// piece with the last line: the editor would be woken for the headers alone.
pub(crate) fn output() -> io::Result<Blocking<File>> {
    unbuffered().map(Blocking)
}

impl<S: Read + Unpin> AsyncRead for Blocking<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = &mut self.get_mut().0;
        Poll::Ready(uninterrupted(|| stream.read(buffer.initialize_unfilled())).map(|count| {
            buffer.advance(count);
        }))
    }
}

impl<S: Write + Unpin> AsyncWrite for Blocking<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stream = &mut self.get_mut().0;
        Poll::Ready(uninterrupted(|| stream.write(bytes)))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.get_mut().0.flush())
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

/// A signal is no error of the stream.
fn uninterrupted(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
