//! Output that is shown later: of a task in a group, or of one that is only shown if it fails.
//!
//! A little stays in memory and the rest goes to a nameless temporary file, so no task can fill the memory.
//! It does not know how anything is shown.

use std::io::{self, BufReader, Read as _, Seek as _, Write as _};

use rush_plan::LogStream;
use tempfile::SpooledTempFile;

/// How much of one task's output stays in memory.
const MEMORY_BYTES_MAX: usize = 256 * 1024;

/// How much is read back at once.
const PIECE_BYTES_MAX: usize = 64 * 1024;

/// The output of one task, in the order in which it came.
pub(super) struct Held {
    bytes: SpooledTempFile,
    /// Runs of bytes of one stream.
    runs: Vec<(LogStream, usize)>,
}

impl Held {
    pub(super) fn new() -> Self {
        Self { bytes: SpooledTempFile::new(MEMORY_BYTES_MAX), runs: Vec::new() }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, stream: LogStream, bytes: &[u8]) -> io::Result<()> {
        self.bytes.write_all(bytes)?;
        match self.runs.last_mut() {
            Some((last, length)) if *last == stream => *length += bytes.len(),
            _ => self.runs.push((stream, bytes.len())),
        }
        Ok(())
    }

    /// Gives everything back, piece by piece.
    pub(super) fn replay(mut self, mut show: impl FnMut(LogStream, &[u8])) -> io::Result<()> {
        self.bytes.rewind()?;
        let mut reader = BufReader::new(self.bytes);
        let mut piece = vec![0; PIECE_BYTES_MAX];
        for (stream, length) in self.runs {
            let mut left = length;
            while left > 0 {
                let size = left.min(PIECE_BYTES_MAX);
                let Some(part) = piece.get_mut(..size) else { break };
                reader.read_exact(part)?;
                show(stream, part);
                left -= size;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_in_comes_out_in_order_also_beyond_the_memory() {
        let mut held = Held::new();
        let large = vec![b'x'; MEMORY_BYTES_MAX + 7];
        let mut expect = Vec::new();
        for (stream, bytes) in [
            (LogStream::Stdout, b"one\n".as_slice()),
            (LogStream::Stdout, b"two"),
            (LogStream::Stderr, &large),
            (LogStream::Stdout, b"\xff\n"),
        ] {
            held.push(stream, bytes).unwrap();
            expect.extend(bytes.iter().map(|byte| (stream, *byte)));
        }
        let mut shown = Vec::new();
        held.replay(|stream, bytes| shown.extend(bytes.iter().map(|byte| (stream, *byte))))
            .unwrap();
        assert!(shown == expect);
    }
}
