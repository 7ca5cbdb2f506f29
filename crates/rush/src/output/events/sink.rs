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
    /// Whether a task may just have that terminal to itself, so that a line end alone only moves down.
    may_be_raw: bool,
}

impl Sink {
    pub(super) fn new(unread: Unread, has_interactive: bool) -> Self {
        let is_shared = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        let may_be_raw = is_shared && has_interactive;
        Self { unread, lost: None, is_mid_line: false, is_shared, may_be_raw }
    }

    /// Writes lines that Rush has put together from what tasks wrote.
    pub(super) fn write_lines(&mut self, stream: LogStream, bytes: &[u8]) {
        if self.may_be_raw {
            let mut text = Vec::with_capacity(bytes.len() + 1);
            for line in bytes.split_inclusive(|it| *it == b'\n') {
                match line.strip_suffix(b"\n") {
                    Some(line) => text.extend([line, b"\r\n"].concat()),
                    None => text.extend(line),
                }
            }
            self.write(stream, &text);
        } else {
            self.write(stream, bytes);
        }
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
        let text = format!("{before}{text}");
        crate::output::stderr(&if self.may_be_raw { text.replace('\n', "\r\n") } else { text });
    }

    /// Whether what tasks write and what Rush says are on the same terminal.
    pub(super) const fn is_shared(&self) -> bool {
        self.is_shared
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
