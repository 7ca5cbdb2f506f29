//! The last lines of what a task wrote, for the end of a run and for reports.
//!
//! Both streams together, in the order in which they came. Only a limited number of bytes is ever kept.

/// How many bytes are kept for certain.
const KEPT_BYTES: usize = 16 * 1024;

/// The end of a task's output.
#[derive(Default)]
pub(super) struct Tail {
    bytes: Vec<u8>,
    /// Whether something was dropped before what is kept.
    is_cut: bool,
}

impl Tail {
    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if bytes.len() >= KEPT_BYTES {
            self.is_cut |= bytes.len() > KEPT_BYTES || !self.bytes.is_empty();
            self.bytes.clear();
            self.bytes.extend(bytes.get(bytes.len() - KEPT_BYTES..).unwrap_or_default());
            return;
        }
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > 2 * KEPT_BYTES {
            self.bytes.drain(..self.bytes.len() - KEPT_BYTES);
            self.is_cut = true;
        }
    }

    /// The last lines, at most this many, oldest first; what is not UTF-8 is replaced.
    pub(super) fn lines(&self, count_max: usize) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.bytes);
        let mut lines: Vec<&str> = text.lines().collect();
        if self.is_cut && lines.len() > 1 {
            // The first one lacks its beginning.
            lines.remove(0);
        }
        let from = lines.len().saturating_sub(count_max);
        let redrawn = |line: &str| line.rsplit('\r').next().unwrap_or_default().to_owned();
        lines.into_iter().skip(from).map(redrawn).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(writes: &[&str], count: usize, expect: &[&str]) {
        let mut tail = Tail::default();
        for write in writes {
            tail.push(write.as_bytes());
        }
        assert_eq!(tail.lines(count), expect);
    }

    #[test]
    fn the_last_lines_are_kept_whole() {
        check(&[], 3, &[]);
        check(&["a\nb", "c\nd"], 3, &["a", "bc", "d"]);
        check(&["a\nb\nc\n"], 2, &["b", "c"]);
        check(&["10%\r100%\n"], 2, &["100%"]);
    }

    #[test]
    fn little_is_kept_of_much() {
        let mut tail = Tail::default();
        for _ in 0..10_000 {
            tail.push(b"0123456789\n");
        }
        tail.push(&vec![b'y'; 3 * KEPT_BYTES]);
        tail.push(b"\nlast\n");
        assert!(tail.bytes.len() <= 2 * KEPT_BYTES);
        assert_eq!(tail.lines(1), ["last"]);
    }
}
