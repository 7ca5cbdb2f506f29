//! Watches what a service writes: for the line that says it is ready, and for its last lines when it ends.
//!
//! It sees output with its secrets already masked, as people do.

use std::collections::VecDeque;

use regex::bytes::Regex;
use rush_plan::LogStream;

use crate::escapes::without_escapes;

/// How much of a line counts; the rest of a longer one is as if it were not there.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// How many lines are remembered.
const LAST_LINES_MAX: usize = 10;

/// How much of a remembered line is shown.
const SHOWN_BYTES_MAX: usize = 400;

/// The lines of both streams of one process.
pub(crate) struct LogWatch {
    wanted: Option<Regex>,
    has_matched: bool,
    output: Vec<u8>,
    errors: Vec<u8>,
    last: VecDeque<String>,
}

impl LogWatch {
    /// Watches for a line with this pattern, if there is one.
    pub(crate) fn new(wanted: Option<Regex>) -> Self {
        Self {
            wanted,
            has_matched: false,
            output: Vec::new(),
            errors: Vec::new(),
            last: VecDeque::new(),
        }
    }

    /// Takes output in, however it was cut into pieces.
    pub(crate) fn push(&mut self, stream: LogStream, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|it| *it == b'\n') {
            let line = match stream {
                LogStream::Stdout | LogStream::Unknown => &mut self.output,
                LogStream::Stderr => &mut self.errors,
            };
            let room = LINE_BYTES_MAX.saturating_sub(line.len());
            line.extend(piece.iter().take(room));
            // A prompt has no end of line, so the beginning of a line counts as well.
            if let Some(wanted) = self.wanted.as_ref().filter(|_| !self.has_matched) {
                self.has_matched = wanted.is_match(line.trim_ascii_end());
            }
            if piece.ends_with(b"\n") {
                let whole = std::mem::take(line);
                self.remember(&whole);
            }
        }
    }

    /// Whether the line that was waited for has come.
    pub(crate) fn has_matched(&self) -> bool {
        self.has_matched
    }

    /// The last lines, oldest first.
    pub(crate) fn last_lines(mut self) -> Vec<String> {
        for rest in [std::mem::take(&mut self.output), std::mem::take(&mut self.errors)] {
            self.remember(&rest);
        }
        self.last.into()
    }

    fn remember(&mut self, line: &[u8]) {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return;
        }
        if self.last.len() == LAST_LINES_MAX {
            self.last.pop_front();
        }
        let line = without_escapes(line);
        let shown = line.get(..SHOWN_BYTES_MAX).unwrap_or(&line);
        self.last.push_back(String::from_utf8_lossy(shown).into_owned());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::*;

    fn matches(pattern: &str, pieces: &[&str]) -> bool {
        let mut watch = LogWatch::new(Regex::new(pattern).ok());
        pieces.iter().for_each(|it| watch.push(LogStream::Stderr, it.as_bytes()));
        watch.has_matched()
    }

    #[test]
    fn a_line_is_found_across_pieces_and_a_prompt_without_its_end() {
        assert!(matches("ready to accept", &["LOG: re", "ady to ", "accept connections\n"]));
        assert!(matches("^> $|^>$", &["> "]));
        assert!(!matches("ab", &["a\n", "b\n"]));
    }

    #[test]
    fn the_last_lines_are_few_and_the_last_half_one_counts() {
        let mut watch = LogWatch::new(None);
        for number in 0..20 {
            watch.push(LogStream::Stdout, format!("line {number}\n\n").as_bytes());
        }
        watch.push(LogStream::Stderr, b"fatal");
        let lines = watch.last_lines();
        assert_eq!(lines.len(), LAST_LINES_MAX);
        assert_eq!(lines.last().map(String::as_str), Some("fatal"));
    }

    proptest! {
        #[test]
        fn how_output_is_cut_makes_no_difference(
            text in "[ab\n]{0,40}",
            cuts in proptest::collection::vec(0usize..40, 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|it| *it <= text.len()).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let mut cut = LogWatch::new(Regex::new("^ab+a").ok());
            for ends in cuts.windows(2) {
                cut.push(LogStream::Stdout, &text.as_bytes()[ends[0]..ends[1]]);
            }
            let whole = text.lines().any(|it| Regex::new("^ab+a").unwrap().is_match(it.as_bytes()));
            prop_assert_eq!(cut.has_matched(), whole);
            let mut lines: Vec<&str> = text.lines().filter(|it| !it.is_empty()).collect();
            lines.drain(..lines.len().saturating_sub(LAST_LINES_MAX));
            prop_assert_eq!(cut.last_lines(), lines);
        }
    }
}
