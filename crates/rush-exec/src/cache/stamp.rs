//! What the file system says about a path without reading it, and whether that is enough to know the contents.

use std::time::{SystemTime, UNIX_EPOCH};

/// How long after its last change a file may still change without its times telling: several ticks of the clock
/// that file systems use.
const TICK_NS: i64 = 20_000_000;
/// The same where times are kept in whole seconds, two of them at worst.
const COARSE_TICK_NS: i64 = 2_100_000_000;
/// What a time in whole seconds is a multiple of.
const SECOND_NS: i64 = 1_000_000_000;

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Nothing.
    Absent = 0,
    /// An ordinary file.
    File = 1,
    /// A directory.
    Directory = 2,
    /// A symbolic link.
    Link = 3,
    /// A pipe, a socket, a device.
    Other = 4,
    /// Something that may not be asked about.
    Unreadable = 5,
}

/// What tells two states of a file apart without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) kind: Kind,
    pub(crate) mode: u32,
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) size: u64,
    pub(crate) modified_ns: i64,
    pub(crate) changed_ns: i64,
}

impl Kind {
    pub(crate) const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Absent,
            1 => Self::File,
            2 => Self::Directory,
            3 => Self::Link,
            4 => Self::Other,
            5 => Self::Unreadable,
            _ => return None,
        })
    }
}

impl Stamp {
    /// Of a path where nothing is.
    pub(crate) const ABSENT: Self = Self::without_file(Kind::Absent);
    /// Of a path that may not be asked about.
    pub(crate) const UNREADABLE: Self = Self::without_file(Kind::Unreadable);

    const fn without_file(kind: Kind) -> Self {
        Self { kind, mode: 0, device: 0, inode: 0, size: 0, modified_ns: 0, changed_ns: 0 }
    }

    /// Whether the contents are those that were seen with this stamp: nothing changed, as far as anybody can tell.
    pub(crate) fn still_holds(&self, now: &Self) -> bool {
        self == now && self.kind != Kind::Unreadable
    }

    /// Whether a later change of the file is sure to change its stamp, given that the file was read after `read_ns`.
    ///
    /// A file written within one tick of the clock before it was read may be written again within that tick.
    /// Times in the future, after the clock went back, are never settled.
    pub(crate) const fn is_settled(&self, read_ns: i64) -> bool {
        if matches!(self.kind, Kind::Absent) {
            return true;
        }
        let is_coarse = self.modified_ns % SECOND_NS == 0 && self.changed_ns % SECOND_NS == 0;
        let tick = if is_coarse { COARSE_TICK_NS } else { TICK_NS };
        // The time of modification can be set at will; together with the other it only makes this stricter.
        let last =
            if self.modified_ns > self.changed_ns { self.modified_ns } else { self.changed_ns };
        last.saturating_add(tick) < read_ns
    }

    /// Whether a file may be executed.
    pub(crate) const fn is_executable(&self) -> bool {
        matches!(self.kind, Kind::File) && self.mode & 0o111 != 0
    }
}

/// The time of day in nanoseconds, as file systems count it.
pub(crate) fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(modified_ns: i64, changed_ns: i64) -> Stamp {
        Stamp { modified_ns, changed_ns, ..Stamp::without_file(Kind::File) }
    }

    #[test]
    fn a_file_that_was_written_just_before_it_was_read_is_not_settled() {
        let read = 1_000_000_000_007;
        assert!(file(3, 3).is_settled(read));
        assert!(!file(3, read - 5_000_000).is_settled(read));
        assert!(!file(read - 5_000_000, 3).is_settled(read));
        assert!(!file(read + 60 * SECOND_NS, 3).is_settled(read), "a clock that went back");
        assert!(!file(read - read % SECOND_NS, 0).is_settled(read), "times in whole seconds");
    }

    #[test]
    fn what_can_not_be_asked_about_never_holds() {
        assert!(Stamp::ABSENT.still_holds(&Stamp::ABSENT));
        assert!(!Stamp::UNREADABLE.still_holds(&Stamp::UNREADABLE));
    }
}
