//! Writes down what editor and server say to each other.
//!
//! A record is lines of JSON: when something was said, in milliseconds since the start, by whom, and
//! what. It is made of the streams as they are, so it has also what the server did not understand.

mod replay;

use std::fmt;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::frames::Frames;

pub use replay::{ReplayError, Replayed, replay};

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The editor.
    Editor,
    /// The server.
    Server,
}

impl Side {
    /// The word for it in a record.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Editor => "editor",
            Self::Server => "server",
        }
    }
}

/// Where a conversation is written down.
#[derive(Clone)]
pub struct Recorder(Arc<Mutex<Sink>>);

struct Sink {
    to: Box<dyn Write + Send>,
    began: Instant,
    is_broken: bool,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

impl Recorder {
    /// Writes to `to`, a line at a time. When that fails, the rest is not written.
    pub fn new(to: impl Write + Send + 'static) -> Self {
        let sink = Sink { to: Box::new(to), began: Instant::now(), is_broken: false };
        Self(Arc::new(Mutex::new(sink)))
    }

    fn write(&self, side: Side, message: &[u8]) {
        let message: Value = serde_json::from_slice(message)
            .unwrap_or_else(|_| json!({ "broken": String::from_utf8_lossy(message) }));
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sink.is_broken {
            return;
        }
        let ms = sink.began.elapsed().as_millis() as u64;
        let line = json!({ "ms": ms, "from": side.word(), "message": message });
        // In one piece: who reads along, or finds what a killed server left, sees whole lines.
        let line = format!("{line}\n");
        let written = sink.to.write_all(line.as_bytes()).and_then(|()| sink.to.flush());
        if let Err(error) = written {
            tracing::error!("the conversation is no longer written down: {error}");
            sink.is_broken = true;
        }
    }
}

/// A stream whose messages are written down, if anybody wants that.
pub(crate) struct Tap<S> {
    stream: S,
    side: Side,
    recorder: Option<Recorder>,
    frames: Frames,
}

impl<S> Tap<S> {
    pub(crate) fn new(stream: S, side: Side, recorder: Option<Recorder>) -> Self {
        Self { stream, side, recorder, frames: Frames::default() }
    }

    fn note(&mut self, bytes: &[u8]) {
        let Some(recorder) = &self.recorder else { return };
        self.frames.feed(bytes);
        while let Some(message) = self.frames.next() {
            recorder.write(self.side, &message);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let tap = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut tap.stream).poll_read(context, buffer);
        tap.note(buffer.filled().get(before..).unwrap_or_default());
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let tap = self.get_mut();
        let written = Pin::new(&mut tap.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = written {
            tap.note(bytes.get(..count).unwrap_or_default());
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
