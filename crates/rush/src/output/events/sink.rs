//! Where the words of tasks go: our own two streams, and what is known of what was written to them.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use rush_engine::Unread;
use rush_plan::LogStream;

/// Our own two streams.
pub(super) struct Sink {
    /// Told when the reader of standard output went away.
    unread: Unread,
    /// Why standard output lacks something, the first time that happened.
    lost: Option<String>,
    /// Whether what people see on a line of its own would begin in the middle of one.
    is_mid_line: bool,
    /// Whether both streams are shown on the same terminal, as far as can be told.
    is_shared: bool,
}

impl Sink {
    pub(super) fn new(unread: Unread) -> Self {
        let is_shared = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        Self { unread, lost: None, is_mid_line: false, is_shared }
    }

    /// Writes the bytes of a task. When the reader of standard output went away, the run ends in silence.
    pub(super) fn write(&mut self, stream: LogStream, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        match stream {
            LogStream::Stderr => {
                self.is_mid_line = *last != b'\n';
                // If nobody can read it, there is nobody to tell.
                let _ = std::io::stderr().lock().write_all(bytes);
            }
            LogStream::Stdout | LogStream::Unknown => {
                if self.is_shared {
                    self.is_mid_line = *last != b'\n';
                }
                let mut stdout = std::io::stdout().lock();
                let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
                match written {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => self.unread.tell(),
                    // The tasks go on: what they make is worth having without their words.
                    Err(error) => drop(self.lost.get_or_insert(error.to_string())),
                }
            }
        }
    }

    /// Says something for people, on a line of its own.
    pub(super) fn say(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let before = if std::mem::take(&mut self.is_mid_line) { "\n" } else { "" };
        crate::output::stderr(&format!("{before}{text}"));
    }

    /// Whether nobody reads standard output any more.
    pub(super) fn is_unread(&self) -> bool {
        self.unread.is_told()
    }

    /// Why standard output lacks something that was to be written, for example on a full disk.
    pub(super) fn lost(&self) -> Option<&str> {
        self.lost.as_deref()
    }
}
