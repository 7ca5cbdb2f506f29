//! Whether a failed attempt is followed by another, and after which pause.
//!
//! Interruptions never come here. It starts nothing and keeps no time.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use regex::bytes::Regex;
use rush_plan::{AttemptEnd, Backoff, LogStream, Retry};

use crate::outcome::Outcome;

/// How long a text can be that `on_pattern` finds wherever it stands, also across two writes.
const MATCH_BYTES_MAX: usize = 64 * 1024;

/// Looks for `on_pattern` in the output of an attempt while it comes; keeps nothing if no pattern asks for it.
pub(crate) struct Tail {
    pattern: Option<Regex>,
    is_found: bool,
    output: Window,
    errors: Window,
}

/// The part of a stream that was not searched for good.
#[derive(Default)]
struct Window {
    bytes: Vec<u8>,
    /// How many of the first bytes are context only: a match can't begin there any more.
    context: usize,
}

impl Tail {
    /// A tail for these rules; the pattern was checked when the plan was made.
    pub(crate) fn new(retry: Option<&Retry>) -> Self {
        let pattern = retry.and_then(|retry| retry.on_pattern.as_deref());
        Self {
            pattern: pattern.and_then(|it| Regex::new(it).ok()),
            is_found: false,
            output: Window::default(),
            errors: Window::default(),
        }
    }

    pub(crate) fn push(&mut self, stream: LogStream, bytes: &[u8]) {
        let Some(pattern) = self.pattern.as_ref().filter(|_| !self.is_found) else { return };
        let window = match stream {
            LogStream::Stderr => &mut self.errors,
            LogStream::Stdout | LogStream::Unknown => &mut self.output,
        };
        self.is_found = window.push(pattern, bytes);
    }

    fn matches(&self) -> bool {
        let found_in = |window: &Window, pattern: &Regex| window.find(pattern).is_some();
        self.is_found
            || self
                .pattern
                .as_ref()
                .is_some_and(|it| found_in(&self.output, it) || found_in(&self.errors, it))
    }
}

impl Window {
    /// Takes more of the stream. Returns whether there is a match that what follows can't change.
    fn push(&mut self, pattern: &Regex, bytes: &[u8]) -> bool {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() < 4 * MATCH_BYTES_MAX {
            return false;
        }
        // One that touches the end may be longer, or none at all: `$` stands only where the output ends.
        if self.find(pattern).is_some_and(|end| end < self.bytes.len()) {
            return true;
        }
        // One byte more than may match stays, so that `^` and `\b` see what is before.
        self.bytes.drain(..self.bytes.len() - MATCH_BYTES_MAX - 1);
        self.context = 1;
        false
    }

    /// The end of the first match.
    fn find(&self, pattern: &Regex) -> Option<usize> {
        pattern.find_at(&self.bytes, self.context.min(self.bytes.len())).map(|it| it.end())
    }
}

/// Returns the pause before the next attempt, or `None` if this end is final.
pub(crate) fn pause(
    retry: &Retry,
    attempt: u32,
    outcome: &Outcome,
    tail: &Tail,
) -> Option<Duration> {
    let is_wanted = attempt < u32::from(retry.attempts) && applies(retry, outcome, tail);
    is_wanted.then(|| delay(&retry.delay, attempt))
}

fn applies(retry: &Retry, outcome: &Outcome, tail: &Tail) -> bool {
    let is_any = retry.on_codes.is_none() && retry.on_pattern.is_none() && !retry.on_timeout;
    let is_listed = |code: i32| {
        let mut codes = retry.on_codes.iter().flatten();
        codes.any(|listed| i32::from(*listed) == code)
    };
    match outcome {
        Outcome::Ended(AttemptEnd::TimedOut) => retry.on_timeout,
        Outcome::Ended(
            AttemptEnd::Exited { code: 0 } | AttemptEnd::Unknown | AttemptEnd::Refused { .. },
        ) => false,
        Outcome::Ended(AttemptEnd::Exited { code }) => is_any || is_listed(*code) || tail.matches(),
        Outcome::Ended(AttemptEnd::Signaled { .. } | AttemptEnd::Lost { .. })
        | Outcome::Lacking(_) => is_any || tail.matches(),
    }
}

fn delay(backoff: &Backoff, attempt: u32) -> Duration {
    match *backoff {
        Backoff::Fixed { delay_ms } => Duration::from_millis(delay_ms),
        Backoff::Exponential { first_ms, factor, max_ms, jitter } => {
            let grown = first_ms as f64 * factor.powf(f64::from(attempt) - 1.0);
            let millis = grown.clamp(0.0, max_ms as f64);
            let part = if jitter { 1.0 - random_part() / 2.0 } else { 1.0 };
            Duration::from_millis((millis * part) as u64)
        }
    }
}

/// A random number from 0 to 1, good enough to keep retries of several machines apart.
fn random_part() -> f64 {
    f64::from(RandomState::new().hash_one(0) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(codes: Option<Vec<u8>>, pattern: Option<&str>, on_timeout: bool) -> Retry {
        Retry {
            attempts: 3,
            delay: Backoff::Exponential { first_ms: 100, factor: 3.0, max_ms: 250, jitter: false },
            on_codes: codes,
            on_pattern: pattern.map(str::to_owned),
            on_timeout,
        }
    }

    fn check(retry: &Retry, attempt: u32, end: &AttemptEnd, output: &str, expect: Option<u64>) {
        let mut tail = Tail::new(Some(retry));
        tail.push(LogStream::Stdout, output.as_bytes());
        let pause = pause(retry, attempt, &Outcome::Ended(end.clone()), &tail);
        assert_eq!(pause, expect.map(Duration::from_millis), "{retry:?} {attempt} {end:?}");
    }

    #[test]
    fn a_missing_output_is_a_failure_without_a_status() {
        let check = |retry: &Retry, expect: bool| {
            let lack = Outcome::Lacking("it is not there".to_owned());
            let again = pause(retry, 1, &lack, &Tail::new(Some(retry)));
            assert_eq!(again.is_some(), expect, "{retry:?}");
        };
        check(&rules(None, None, false), true);
        check(&rules(Some(vec![0, 1]), None, false), false);
        check(&rules(None, None, true), false);
    }

    #[test]
    fn any_listed_condition_is_enough() {
        const ONE: AttemptEnd = AttemptEnd::Exited { code: 1 };
        let any = rules(None, None, false);
        check(&any, 1, &ONE, "", Some(100));
        check(&any, 2, &ONE, "", Some(250));
        check(&any, 3, &ONE, "", None);
        check(&any, 1, &AttemptEnd::TimedOut, "", None);
        check(&any, 1, &AttemptEnd::Signaled { signal: 11 }, "", Some(100));
        let some = rules(Some(vec![7]), Some("reset|refused"), false);
        check(&some, 1, &ONE, "connection lost", None);
        check(&some, 1, &ONE, "connection reset", Some(100));
        check(&some, 1, &AttemptEnd::Exited { code: 7 }, "", Some(100));
        check(&rules(None, None, true), 1, &AttemptEnd::TimedOut, "", Some(100));
        check(&rules(None, None, true), 1, &ONE, "", None);
    }

    fn check_pattern(pattern: &str, chunks: &[&[u8]], expect: bool) {
        let retry = rules(None, Some(pattern), false);
        let mut tail = Tail::new(Some(&retry));
        for chunk in chunks {
            tail.push(LogStream::Stderr, chunk);
        }
        assert_eq!(tail.matches(), expect, "{pattern}");
    }

    #[test]
    fn a_pattern_is_found_wherever_it_stands() {
        let much = vec![b'.'; 5 * MATCH_BYTES_MAX];
        let split: [&[u8]; 2] = [b"connection re", b"set by peer"];
        check_pattern("reset", &split, true);
        check_pattern("reset", &[b"reset", &much, &much], true);
        check_pattern("reset", &[&much, b"res", b"et", &much], true);
        check_pattern("reset", &[&much, b"res", &much, b"et"], false);
        check_pattern("^reset", &[&much, b"reset"], false);
        check_pattern("reset$", &[b"reset", &much], false);
        check_pattern("reset$", &[&much, b"reset"], true);
        check_pattern("(?m)^reset$", &[&much, b"\nreset\n", &much], true);
        check_pattern("a.b", &[b"a", b".", b"c", b"a.b"], true);
    }

    #[test]
    fn streams_are_searched_apart_and_little_is_kept() {
        let retry = rules(None, Some("reset"), false);
        let mut tail = Tail::new(Some(&retry));
        for _ in 0..1000 {
            tail.push(LogStream::Stdout, &[b'r'; 4096]);
            tail.push(LogStream::Stderr, b"eset");
        }
        assert!(!tail.matches());
        assert!(tail.output.bytes.capacity() <= 16 * MATCH_BYTES_MAX);
    }

    #[test]
    fn pauses_grow_to_their_limit_and_jitter_only_shortens_them() {
        let backoff =
            |jitter| Backoff::Exponential { first_ms: 100, factor: 2.0, max_ms: 350, jitter };
        let plain = [1, 2, 3, 4].map(|it| delay(&backoff(false), it).as_millis());
        assert_eq!(plain, [100, 200, 350, 350]);
        let fixed = Backoff::Fixed { delay_ms: 30 };
        assert_eq!([1, 5].map(|it| delay(&fixed, it).as_millis()), [30, 30]);
        for _ in 0..100 {
            let millis = delay(&backoff(true), 2).as_millis();
            assert!((100..=200).contains(&millis), "{millis}");
        }
    }
}
