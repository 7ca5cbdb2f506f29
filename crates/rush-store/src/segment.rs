//! The log of one run: all that its tasks wrote, in the order in which it was heard, byte for byte.
//!
//! A file that only grows. Whose bytes they are is not written in it: that is in the rows of the database, which name
//! nothing that was not written before. Without output there is no file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use rush_plan::RunId;

use crate::error::StoreError;
use crate::wake::Wake;

/// How much of what one run writes is kept: a task that never stops writing must not fill the disk.
pub(crate) const LOG_BYTES_MAX: u64 = 4 << 30;

/// How much the rows about the end of a run take up, with room to spare.
const ROOM_BYTES: u64 = 128 << 10;

/// Where the log of a run is.
pub(crate) fn path(directory: &Utf8Path, run: &RunId) -> Utf8PathBuf {
    directory.join("logs").join(format!("{run}.log"))
}

/// The writer of a log.
#[derive(Debug)]
pub(crate) struct SegmentWriter {
    path: Utf8PathBuf,
    file: Option<File>,
    /// Where the file stands.
    position: u64,
    wake: Wake,
}

impl SegmentWriter {
    pub(crate) fn new(directory: &Utf8Path, run: &RunId) -> Self {
        Self { path: path(directory, run), file: None, position: 0, wake: Wake::default() }
    }

    /// Writes bytes at their place: all of them or, as far as the system lets us take them back, none. What could
    /// not be written leaves a hole, and the next ones are at their place all the same.
    pub(crate) fn write(&mut self, start: u64, bytes: &[u8]) -> Result<(), StoreError> {
        if start.saturating_add(bytes.len() as u64) > LOG_BYTES_MAX {
            return Err(StoreError::LogLimit { path: self.path.clone() });
        }
        let written = self.try_write(start, bytes);
        if written.is_err() {
            self.take_back(start);
            self.file = None;
        }
        written.map_err(|error| StoreError::of_io(&self.path, &error))
    }

    /// Cuts off what was written from here on, which makes room on a disk that is full.
    pub(crate) fn take_back(&mut self, start: u64) {
        if let Some(file) = &self.file {
            // What can't be taken back is named by no row, and so is never read.
            let _ = file.set_len(start);
        }
    }

    /// Gives up the end of a log that nothing is appended to any more, as if the power had failed: room for the
    /// rows of its run.
    pub(crate) fn cut(&self) {
        let file = OpenOptions::new().write(true).open(&self.path);
        let length = |file: &File| file.metadata().map(|it| it.len());
        // Without a log there is nothing to give up.
        let _ = file.and_then(|file| file.set_len(length(&file)?.saturating_sub(ROOM_BYTES)));
    }

    fn try_write(&mut self, start: u64, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            empty => {
                if let Some(directory) = self.path.parent() {
                    fs::create_dir_all(directory)?;
                }
                let mut options = OpenOptions::new();
                let opened = options.create(true).truncate(false).write(true).open(&self.path)?;
                self.position = 0;
                empty.insert(opened)
            }
        };
        if self.position != start {
            file.seek(SeekFrom::Start(start))?;
        }
        file.write_all(bytes)?;
        self.position = start + bytes.len() as u64;
        self.wake.follow(file, self.position);
        Ok(())
    }
}

/// The reader of a log.
#[derive(Debug)]
pub(crate) struct SegmentReader {
    path: Utf8PathBuf,
    file: Option<File>,
}

impl SegmentReader {
    pub(crate) fn new(directory: &Utf8Path, run: &RunId) -> Self {
        Self { path: path(directory, run), file: None }
    }

    /// Reads the bytes from `start` on; fewer than asked for if the file ends before, after a power cut.
    pub(crate) fn read(&mut self, start: u64, length: usize) -> Result<Vec<u8>, StoreError> {
        self.try_read(start, length).map_err(|error| StoreError::of_io(&self.path, &error))
    }

    fn try_read(&mut self, start: u64, length: usize) -> io::Result<Vec<u8>> {
        let file = match &mut self.file {
            Some(file) => file,
            empty => match File::open(&self.path) {
                Ok(file) => empty.insert(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error),
            },
        };
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::with_capacity(length);
        file.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "the test looks at a real file")]
mod tests {
    use super::*;

    #[test]
    fn a_log_does_not_grow_for_ever() {
        let directory = tempfile::tempdir().unwrap();
        let directory = Utf8Path::from_path(directory.path()).unwrap();
        let run = RunId::new("run");
        let mut writer = SegmentWriter::new(directory, &run);
        writer.write(0, b"first").unwrap();
        let refused = writer.write(LOG_BYTES_MAX - 1, b"ab").unwrap_err();
        assert!(matches!(refused, StoreError::LogLimit { .. }));
        assert_eq!(fs::metadata(path(directory, &run)).unwrap().len(), 5);
    }
}
