//! Times and sizes, written as in task files: `30d`, `1h30m`, `500MB`, `2GiB`.

use std::time::Duration;

use rush_semantics::ty;

/// Reads a time such as `30d`.
pub fn age(text: &str) -> Option<Duration> {
    let nanoseconds = ty::read_duration(text.trim())?;
    u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
}

/// Reads a size such as `500MB`.
pub fn bytes(text: &str) -> Option<u64> {
    u64::try_from(ty::read_size(text.trim())?).ok()
}

/// Writes a time so that it can be read again.
pub(super) fn show_age(age: Duration) -> String {
    ty::duration(i64::try_from(age.as_nanos()).unwrap_or(i64::MAX))
}

/// Writes a size so that it can be read again.
pub(super) fn show_bytes(bytes: u64) -> String {
    ty::size(i64::try_from(bytes).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_again() {
        for text in ["30d", "12h", "1h30m", "90s", "5m", "500ms"] {
            let shown = show_age(age(text).unwrap());
            assert_eq!(age(&shown), age(text), "{text} {shown}");
        }
        for text in ["1GB", "500MB", "2GiB", "12B", "0B"] {
            assert_eq!(show_bytes(bytes(text).unwrap()), text);
        }
        for text in ["", "d", "-1d", "30", "30 days", "2w", "5min", "99999999999999999d"] {
            assert_eq!(age(text), None, "{text}");
        }
        for text in ["", "5", "5 MB", "1mb", "-1GB"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
