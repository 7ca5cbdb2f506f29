//! What a flood of output leaves in the memory of the system: as little as possible.
//!
//! Whatever is written to a file stays in memory as well, in case somebody reads it. Of the log of a task that writes
//! hundreds of megabytes nobody will; but to find memory for it costs more than to copy it there, above all on
//! virtual machines, and pushes out what others will read. So what lies some way behind the end is let go, and what
//! comes next goes to the memory that it had.

use std::fs::File;
use std::time::{Duration, Instant};

use crate::os;

/// The beginning of a log stays: most logs are shorter, and may be read soon.
const KEPT_BYTES: u64 = 4 << 20;

/// How much is told at once.
const STEP_BYTES: u64 = 1 << 20;

/// How far behind the end memory is let go. The disk has the time until then to take what is in it.
const LAG_BYTES: u64 = 2 << 20;

/// How much is asked about again with each step: a disk may be late.
const AGAIN_BYTES: u64 = 32 << 20;

/// A step that takes longer waits for the disk. One that is slower than its writer is not to slow it down.
const STEP_TIME_MAX: Duration = Duration::from_millis(50);

/// What lies behind the end of one log.
#[derive(Debug)]
pub(crate) struct Wake {
    /// Up to here it is on its way to the disk.
    told: u64,
    is_of_use: bool,
}

impl Default for Wake {
    fn default() -> Self {
        Self { told: KEPT_BYTES, is_of_use: true }
    }
}

impl Wake {
    /// Notes that the file was written up to here.
    pub(crate) fn follow(&mut self, file: &File, end: u64) {
        if !self.is_of_use || end < self.told.saturating_add(STEP_BYTES) {
            return;
        }
        let began = Instant::now();
        os::let_go(file, self.told, end);
        // What is on the disk by now goes; what is not stays until it is asked about again.
        let behind = self.told.saturating_sub(LAG_BYTES).max(KEPT_BYTES);
        let far_behind = behind.saturating_sub(AGAIN_BYTES).max(KEPT_BYTES);
        if behind > far_behind {
            os::let_go(file, far_behind, behind);
        }
        self.told = end;
        self.is_of_use = began.elapsed() < STEP_TIME_MAX;
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "the test writes a real file")]
mod tests {
    use std::io::{Read as _, Seek as _, Write as _};

    use super::*;

    #[test]
    fn what_is_let_go_is_still_in_the_file() {
        let mut file = tempfile::tempfile().unwrap();
        let mut wake = Wake::default();
        let mut written = Vec::new();
        for number in 0..40_u8 {
            let piece = vec![number; 700_000];
            file.write_all(&piece).unwrap();
            written.extend(piece);
            wake.follow(&file, written.len() as u64);
        }
        assert!(wake.told > KEPT_BYTES + LAG_BYTES || !wake.is_of_use);
        let mut read = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut read).unwrap();
        assert!(read == written);
    }
}
